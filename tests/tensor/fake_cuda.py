"""CUDA devices on the CPU, for tests (fake_cuda.cpp): the whole way of an array there and back without a GPU."""

import contextlib
import ctypes
import os
import subprocess
from pathlib import Path

import host_kernels
from cnengine._core import tensor as core
from cnengine.tensor import cuda

HERE = Path(__file__).parent
COUNTS = ["launches", "allocations", "waits", "compilations", "choices", "products", "graphs",
          "recordings"]  # fmt: skip
_built = None  # the library of the whole process
INCLUDES = f"-I{HERE.parents[1] / 'cpp'}"
# What a kernel takes, and its call with addresses of that, as cuLaunchKernel has it.
ARGUMENTS = """
#include <type_traits>
#include "core/host_block.h"

// A block of cpp/core/kernel.h is one of the host's.
namespace cne::gpu {
template <typename Kernel>
void run_block(const Kernel& kernel, int64_t across) {
  static std::vector<uint64_t> shared;
  shared.assign(kernel.shared_bytes() / 8 + 1, 0xa5a5a5a5a5a5a5a5);
  cne::HostBlock block(blockIdx.x % across, blockIdx.x / across, Kernel::kThreads,
                       reinterpret_cast<uint8_t*>(shared.data()));
  kernel.run(block);
}
}
namespace host_kernels {
struct Argument { size_t bytes; bool is_address; };
template <typename... Arguments>
struct Described {
  static constexpr Argument all[] = {{sizeof(Arguments), std::is_pointer_v<Arguments>}..., {0, false}};
};
template <typename... Arguments>
const Argument* describe(void (*)(Arguments...)) { return Described<Arguments...>::all; }
template <typename... Arguments, size_t... kAt>
void call_with(void (*kernel)(Arguments...), void** at, std::index_sequence<kAt...>) {
  kernel(*static_cast<Arguments*>(at[kAt])...);
}
template <typename... Arguments>
void launch_with(void (*kernel)(Arguments...), void** at, unsigned blocks, int count) {
  run_blocks([=] { call_with(kernel, at, std::index_sequence_for<Arguments...>()); }, blocks, count);
}
// A kernel of such blocks: one call does all threads of one.
template <typename... Arguments>
void launch_blocks(void (*kernel)(Arguments...), void** at, unsigned blocks, int) {
  for (blockIdx.x = blocks; blockIdx.x-- > 0;)
    call_with(kernel, at, std::index_sequence_for<Arguments...>());
}
}
"""


class FakeCuda:
    """What the driver was asked for since `reset`."""

    def __init__(self, library):
        self.folder = library.parent
        self.library = ctypes.CDLL(str(library))
        self.library.fake_count.restype = self.library.fake_alive.restype = ctypes.c_long
        self.reset()

    def _counts(self):
        return [self.library.fake_count(i) for i in range(len(COUNTS))]

    def reset(self):
        self.before = self._counts()

    def __getattr__(self, name):
        at = COUNTS.index(name)
        return self._counts()[at] - self.before[at]


def build(folder):
    """The library, beside what kernels are compiled with."""
    compiler = host_kernels.compiler()
    options = " ".join([*host_kernels.OPTIONS, INCLUDES])
    head = folder / "prelude.h"
    parts = [f'#include "{HERE / "host_kernels.h"}"\n#undef std\n', ARGUMENTS]
    head.write_text(
        "".join(parts) + "#define std device_std\n" + core.cuda_prelude() + core.cuda_fragments()
    )
    common = [each for each in host_kernels.OPTIONS if each != "-shared"]
    library = folder / "libnvrtc.so.13"
    for command in (
        [compiler, *common, INCLUDES, "-x", "c++-header", str(head), "-o", f"{head}.gch"],
        [compiler, *host_kernels.OPTIONS, f'-DFAKE_FOLDER="{folder}"', "-ldl", "-o", str(library),
         f'-DFAKE_COMPILE="{compiler} {options}"', f"-I{HERE.parents[1] / 'cpp'}",
         *(str(HERE / each) for each in ("fake_cuda.cpp", "fake_cublas.cpp"))],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[:4000]
    (folder / "libcublasLt.so.13").symlink_to(library)  # the same library: one memory, one queue
    return library


def built():
    """The library that this process has, beside the sources of all kernels; None before the first test."""
    return _built


@contextlib.contextmanager
def installed(folder):
    """The fake in place of the driver, of NVRTC and of cuBLASLt."""
    global _built
    library = _built = _built or build(folder)
    folder = library.parent
    cuda.find_libraries()
    cache = os.environ.get("CNENGINE_CACHE")
    os.environ["CNENGINE_CACHE"] = str(folder / "cache")
    core.set_nvrtc_folders([str(folder)])
    core.set_cublas_folders([str(folder)])
    core.set_cuda_driver(str(library))
    try:
        yield FakeCuda(library)
    finally:
        core.set_cuda_driver("")
        cuda.find_libraries.cache_clear()
        cuda.find_libraries()
        os.environ.pop("CNENGINE_CACHE")
        if cache is not None:
            os.environ["CNENGINE_CACHE"] = cache
