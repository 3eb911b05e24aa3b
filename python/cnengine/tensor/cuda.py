"""NVIDIA's libraries: CUDA source as machine code (NVRTC needs no GPU), and products (cuBLASLt)."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

from cnengine._core import tensor as _tensor

__all__ = ["allow_graphs", "allow_tf32", "compile_source", "compiler_version", "matmul_version"]


@functools.cache
def find_libraries() -> None:
    """Has the native half look into the nvidia-cuda-nvrtc and nvidia-cublas wheels there are."""
    spec = importlib.util.find_spec("nvidia")
    roots = list(spec.submodule_search_locations or ()) if spec else []

    def folders(name: str) -> list[str]:
        return [
            str(found.parent)
            for root in roots
            for found in sorted(Path(root).glob(f"*/lib/{name}.so.*"))
        ]

    _tensor.set_nvrtc_folders(folders("libnvrtc"))
    _tensor.set_cublas_folders(folders("libcublasLt"))


def compiler_version() -> str | None:
    """The version of NVRTC, as "13.0"; None where there is none.

    It is opened once, from the wheel `nvidia-cuda-nvrtc`, else as the system finds it.
    """
    find_libraries()
    return _tensor.nvrtc_version() or None


def compile_source(
    source: str, architecture: str = "sm_90", *, cache: str | Path | None = None
) -> bytes:
    """A cubin of what `jit(f).cuda_source(...)` gives, for an architecture as "sm_80".

    Machine code is kept on disk by source, architecture and version: in `cache`, else in
    $CNENGINE_CACHE, $XDG_CACHE_HOME/cnengine or ~/.cache/cnengine. Raises UnsupportedError without
    NVRTC, ArgumentError with its log for a source or an architecture that it refuses.
    """
    find_libraries()
    text = f"{_tensor.cuda_prelude()}\nusing namespace cne::tensor;\n\n{source}"
    return _tensor.nvrtc_compile_cached(text, architecture, str(cache or ""))


def matmul_version() -> str | None:
    """The version of cuBLASLt, by which matrices are multiplied on a device, as "13.1.1"; None
    where there is none, and a kernel without its tiles does it.

    It is opened once, from the wheel `nvidia-cublas`, else as the system finds it.
    """
    find_libraries()
    return _tensor.cublas_version() or None


def allow_graphs(on: bool) -> bool:
    """Lets programs of `jit` run as CUDA graphs: from the third call on one call of the driver.

    It is on unless asked otherwise, and holds for the whole process. A program keeps the memory of
    its intermediate values and results between its calls then; when this is off it gives them back
    at its next call. Gives what it was.
    """
    return bool(_tensor.set_cuda_graphs(on))


def allow_tf32(on: bool) -> bool:
    """Lets products of float32 and complex64 on a device round what they multiply to TF32.

    That keeps 10 of 23 bits behind the point, relative errors of 5e-4, and is several times as fast
    on devices from sm_80 on. It is off unless asked for, and holds for the whole process; no other
    operation is touched. Gives what it was.
    """
    return bool(_tensor.set_tf32(on))
