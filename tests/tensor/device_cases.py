"""What tests of arrays on CUDA devices share: a real device where there is one, one that the CPU plays
(fake_cuda.cpp), and comparisons of what both devices give."""

import collections
import os
import re

import cnengine.tensor as ct
import fake_cuda
import host_kernels
import numpy as np
import pytest
from cnengine._core import tensor as core
from cnengine.tensor import cuda

MARK = "\nusing namespace cne::tensor;\n\n"
NAME = re.compile(r"__launch_bounds__\(\d+\) (\w+)\(")
_seen = set()  # files of sources that were compiled already


@pytest.fixture(scope="module", params=["fake", "cuda"])
def device(request, tmp_path_factory):
    """What plays the device, or None on a real one."""
    if request.param == "cuda":
        if core.cuda_device_count() == 0:
            pytest.skip(f"no CUDA device: {core.cuda_missing() or 'the driver counts none'}")
        yield None
        return
    if not host_kernels.compiler() or "CNENGINE_SANITIZE" in os.environ:
        pytest.skip("there is no C++ compiler to play a device, or its stacks are watched")
    with fake_cuda.installed(tmp_path_factory.mktemp("cuda")) as fake:
        yield fake
    check_sources(tmp_path_factory.mktemp("cubins"))


def array(*shape, dtype=ct.float32, seed=0):
    drawn = np.random.default_rng([seed, *shape]).uniform(-2, 2, shape)
    return ct.astype(ct.asarray(drawn), dtype)


def to_numpy(x):
    x = x.to_device("cpu")
    return np.asarray(ct.astype(x, ct.float32) if x.dtype == ct.bfloat16 else x)


def on_gpu(tree):
    return ct.tree_map(lambda x: x.to_device("cuda"), tree)


def check(f, *args, rtol=0.0):
    """The same on both devices."""
    got, expected = f(*on_gpu(args)), f(*args)
    got, expected = ct.tree_leaves(got), ct.tree_leaves(expected)
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        assert (g.device, g.dtype, g.shape) == ("cuda:0", e.dtype, e.shape)
        g, e = to_numpy(g), to_numpy(e)
        np.testing.assert_allclose(g, e, rtol=rtol, atol=rtol * np.abs(e).max(initial=0))
        if rtol == 0:
            np.testing.assert_array_equal(np.signbit(g.real), np.signbit(e.real))


def _programs(paths):
    """Sources whose kernels need the same functions, put together."""
    found = collections.defaultdict(dict)
    for path in paths:
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


def check_sources(folder):
    """What tests of this process had compiled for the host, as machine code for GPUs: a kernel of
    each kind and type, by NVRTC, which needs no GPU."""
    if cuda.compiler_version() is None:
        return
    paths = set(fake_cuda.built().parent.glob("kernel*.cu")) - _seen
    for source in _programs(sorted(paths)):
        for architecture in ("sm_80", "sm_90"):
            cubin = core.nvrtc_compile_cached(source, architecture, str(folder))
            assert cubin[:4] == b"\x7fELF"
    _seen.update(paths)
