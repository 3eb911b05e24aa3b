"""The thread pool's settings and the time that the import takes."""

import os
import statistics
import subprocess
import sys

import cnengine as cn
import pytest
from cnengine import _core


@pytest.fixture
def threads():
    before = _core.core.num_threads()
    yield
    cn.set_num_threads(before)


def test_set_num_threads(threads):
    cn.set_num_threads(3)
    assert cn.num_threads() == 3
    for wrong in (0, -1, 5000):
        with pytest.raises(cn.errors.ArgumentError, match="set_num_threads: expected a number"):
            cn.set_num_threads(wrong)


@pytest.mark.parametrize(("text", "expected"), [("1", 1), ("7", 7)])
def test_environment(text, expected):
    done = subprocess.run(
        [sys.executable, "-c", "import cnengine; print(cnengine.num_threads())"],
        env={**os.environ, "CNENGINE_NUM_THREADS": text},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == expected


def test_import_time():
    """Under 150 ms beyond the interpreter's own start; the median of five."""
    code = "import time; s = time.perf_counter(); import cnengine; print(time.perf_counter() - s)"
    seconds = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                             check=True).stdout)
        for _ in range(5)
    ]  # fmt: skip
    limit = 1.5 if os.environ.get("CNENGINE_SANITIZE") else 0.15
    assert statistics.median(seconds) < limit
