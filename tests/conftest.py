"""Fixtures that all tests share."""

import os

import pytest
from cnengine import _core


def gpu_reason() -> str | None:
    """Why GPU tests cannot run here, or None when they can."""
    if not _core.core.with_cuda():
        return "this build has no CUDA (nvcc was not found)"
    if _core.core.gpu_count() == 0:
        return "no CUDA device"
    return None


@pytest.fixture(params=["cpu", "gpu"])
def on(request) -> str:
    """Runs a test on the CPU, and on the GPU where there is one."""
    if request.param == "gpu" and (reason := gpu_reason()):
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="session")
def no_gpu() -> str | None:
    """Why GPU tests cannot run here, or None when they can."""
    return gpu_reason()


def pytest_configure(config):
    # Crash tests start processes; they must find the package that is tested here.
    os.environ.setdefault("PYTHONHASHSEED", "0")
