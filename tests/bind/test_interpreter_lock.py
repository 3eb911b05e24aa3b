"""The end of the interpreter while daemon threads are inside of native calls, or of Python code that these call."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "daemon_threads.py"
KINDS = ["broker", "callable_source", "collect", "elementwise", "fit", "fit_with_callbacks", "matmul", "poll", "prefetch",
         "produce", "program", "write_features"]  # fmt: skip


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_daemon_threads_are_left_where_they_are(tmp_path, times):
    done = subprocess.run([sys.executable, PROGRAM, str(times), tmp_path, *KINDS], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
