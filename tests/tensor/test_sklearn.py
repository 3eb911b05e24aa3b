"""scikit-learn computes with arrays of ours by the standard (array_api_dispatch)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sklearn", minversion="1.8")


def test_estimators_and_scores():
    """In a process of its own: SciPy looks at the variable when it is loaded."""
    program = Path(__file__).with_name("sklearn_program.py")
    ran = subprocess.run(
        [sys.executable, program],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
