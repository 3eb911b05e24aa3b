"""The log's tests sync thousands of times: in memory where the system has such a directory."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for log_batches.py


@pytest.fixture(scope="session")
def memory(tmp_path_factory):
    """A directory for temporary ones; also for property tests, which want no fixture per test."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path_factory.mktemp("log")
    with tempfile.TemporaryDirectory(dir=parent) as path:
        yield Path(path)


@pytest.fixture
def tmp_path(memory):
    with tempfile.TemporaryDirectory(dir=memory) as path:
        yield Path(path)
