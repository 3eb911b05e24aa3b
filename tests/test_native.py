"""Runs the C++ tests, one pytest entry a test case."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def binary() -> Path | None:
    if path := os.environ.get("CNENGINE_NATIVE_TESTS"):
        return Path(path)
    built = ROOT.glob("build/*/tests/cne_tests")
    built = [p for p in built if p.parts[-3] not in {"address", "thread", "asan", "tsan"}]
    return max(built, key=lambda p: p.stat().st_mtime, default=None)


def names() -> list[str]:
    if not (path := binary()):
        return []
    environment = {**os.environ, "LD_PRELOAD": ""}
    out = subprocess.run([path, "--list-test-cases", "--no-intro", "--no-version"], env=environment,
                         capture_output=True, text=True, check=True).stdout  # fmt: skip
    return [line for line in out.splitlines() if line and not line.startswith(("[", "="))]


@pytest.mark.skipif(not binary(), reason="the C++ tests are not built (is doctest-dev installed?)")
@pytest.mark.parametrize("name", names())
def test_native(name):
    environment = {**os.environ, "LD_PRELOAD": ""}
    pattern = name.replace("\\", "\\\\").replace(",", "\\,")
    done = subprocess.run([binary(), "--no-intro", f"--test-case={pattern}"], env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
