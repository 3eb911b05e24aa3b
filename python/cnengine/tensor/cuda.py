"""CUDA source as machine code, by NVIDIA's compiler at run time (NVRTC), which needs no GPU."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

from cnengine._core import tensor as _tensor

__all__ = ["compile_source", "compiler_version"]


@functools.cache
def find_compiler() -> None:
    """Has the native half look into the nvidia-cuda-nvrtc wheels that are installed."""
    spec = importlib.util.find_spec("nvidia")
    roots = list(spec.submodule_search_locations or ()) if spec else []
    folders = [
        str(found.parent)
        for root in roots
        for found in sorted(Path(root).glob("*/lib/libnvrtc.so.*"))
    ]
    _tensor.set_nvrtc_folders(folders)


def compiler_version() -> str | None:
    """The version of NVRTC, as "13.0"; None where there is none.

    It is opened once, from the wheel `nvidia-cuda-nvrtc`, else as the system finds it.
    """
    find_compiler()
    return _tensor.nvrtc_version() or None


def compile_source(
    source: str, architecture: str = "sm_90", *, cache: str | Path | None = None
) -> bytes:
    """A cubin of what `jit(f).cuda_source(...)` gives, for an architecture as "sm_80".

    Machine code is kept on disk by source, architecture and version: in `cache`, else in
    $CNENGINE_CACHE, $XDG_CACHE_HOME/cnengine or ~/.cache/cnengine. Raises UnsupportedError without
    NVRTC, ArgumentError with its log for a source or an architecture that it refuses.
    """
    find_compiler()
    text = f"{_tensor.cuda_prelude()}\nusing namespace cne::tensor;\n\n{source}"
    return _tensor.nvrtc_compile_cached(text, architecture, str(cache or ""))
