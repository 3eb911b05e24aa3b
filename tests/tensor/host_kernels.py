"""Runs generated CUDA source on the CPU: compiled by the C++ compiler behind host_kernels.h."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from cnengine._core import tensor as core

HERE = Path(__file__).parent
OPTIONS = ["-std=c++20", "-O1", "-w", "-shared", "-fPIC", "-ffp-contract=off", "-march=native"]
LAUNCHER = """
extern "C" void launch_{name}(void** with, unsigned blocks, int threads) {{
  host_kernels::launch(&{name}, with, blocks, threads);
}}
"""


def compiler():
    return os.environ.get("CXX") or shutil.which("g++") or shutil.which("c++")


class HostKernels:
    """The units of several programs, compiled together."""

    def __init__(self, units, folder):
        self.units = units
        source = folder / "kernels.cpp"
        parts = [f'#include "{HERE / "host_kernels.h"}"\n', core.cuda_prelude()]
        for i, unit in enumerate(units):
            parts.append(f"\nnamespace unit_{i} {{\nusing namespace cne::tensor;\n")
            text = unit.kernels
            for name, _, _ in reversed(unit.launches):
                text = text.replace(f"{name}(", f"{name}_of_{i}(")
            parts.append(text.replace('extern "C" ', "static "))
            parts += [LAUNCHER.format(name=f"{name}_of_{i}") for name, _, _ in unit.launches]
            parts.append("}\n")
        source.write_text("".join(parts))
        library = folder / "kernels.so"
        command = [compiler(), *OPTIONS, str(source), "-o", str(library)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[:4000]
        self.library = ctypes.CDLL(str(library))

    def run(self, at):
        """The bytes of the outputs of a unit."""
        unit = self.units[at]
        sizes = [each.size * each.dtype.itemsize for each in unit.outputs]
        # Memory of NumPy is aligned to 16 bytes, as that of a device is.
        outputs = [ctypes.create_string_buffer(b"\xa5" * (size + 64)) for size in sizes]
        starts = [(ctypes.addressof(each) + 63) // 64 * 64 for each in outputs]
        scratch = ctypes.create_string_buffer(unit.scratch_bytes + 64)
        with_ = [*unit.addresses, *starts, (ctypes.addressof(scratch) + 63) // 64 * 64]
        arguments = (ctypes.c_void_p * len(with_))(*with_)
        for name, blocks, threads in unit.launches:
            launch = self.library[f"launch_{name}_of_{at}"]
            launch(arguments, ctypes.c_uint(blocks), ctypes.c_int(threads))
        return [ctypes.string_at(start, size) for start, size in zip(starts, sizes, strict=True)]
