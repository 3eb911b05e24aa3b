"""The kernels that tests of devices had compiled for the host, as machine code for GPUs: one of each kind and
type, by NVRTC, which needs no GPU."""

import collections
import re

import fake_cuda
import pytest
from cnengine._core import tensor as core
from cnengine.tensor import cuda

MARK = "\nusing namespace cne::tensor;\n\n"
NAME = re.compile(r"__launch_bounds__\(\d+\) (\w+)\(")


def programs(folder):
    """Sources whose kernels need the same functions, put together."""
    found = collections.defaultdict(dict)
    for path in folder.glob("kernel*.cu"):
        head, _, kernels = path.read_text().rpartition(MARK)
        if "run_block(" in kernels:
            common, _, kernels = kernels.rpartition("\nextern ")
            head += MARK + common
            kernels = f"\nextern {kernels}"
        name = NAME.search(kernels)[1]
        if not name.startswith("fused"):  # test_fused_source has those
            found[head][kernels.partition(") {")[0]] = kernels
    for head, kernels in found.items():
        renamed = [NAME.sub(lambda name, i=i: f"{name[0][:-1]}_{i}(", text)
                   for i, text in enumerate(kernels.values())]  # fmt: skip
        yield head + MARK + "".join(renamed)


@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_sources_compile(architecture, tmp_path):
    if cuda.compiler_version() is None:
        pytest.skip("NVRTC is not there: pip install nvidia-cuda-nvrtc")
    if fake_cuda.built() is None:
        pytest.skip("no other test of a device ran before")
    for source in programs(fake_cuda.built().parent):
        cubin = core.nvrtc_compile_cached(source, architecture, str(tmp_path))
        assert cubin[:4] == b"\x7fELF"
