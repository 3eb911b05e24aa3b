"""What arrays of a CUDA device are copied to the CPU for: Fourier transforms, factors of matrices, solutions.

Results have to be the CPU's bit for bit; those of rules, which products are in, within some units of the largest.
"""

import cnengine as cn
import cnengine.tensor as ct
import pytest
from cnengine._core import tensor as core
from cnengine.errors import ArgumentError
from device_cases import array, check, on_gpu

linalg, fft = ct.linalg, ct.fft
TYPES = ["float32", "float64", "complex64", "complex128"]


def numbers(*shape, name="float32", seed=0):
    dtype = getattr(ct, name)
    real = ct.astype(array(*shape, seed=seed), dtype)
    return real + ct.astype(array(*shape, seed=seed + 1), dtype) * 1j if "complex" in name else real


def positive(*shape, name="float32"):
    x = numbers(*shape, name=name)
    return x @ ct.conj(x.mT) + ct.eye(shape[-1], dtype=x.dtype) * 4


SQUARE = {
    "cholesky": linalg.cholesky, "det": linalg.det, "slogdet": linalg.slogdet, "inv": linalg.inv,
    "eigh": linalg.eigh, "eigvalsh": linalg.eigvalsh, "eig": linalg.eig, "eigvals": linalg.eigvals,
    "solve": lambda x: linalg.solve(x, x[..., :1]),
    "triangular": lambda x: linalg.solve_triangular(x, x.mT, upper=True, adjoint=True),
    "power 0": lambda x: linalg.matrix_power(x, 0),
}  # fmt: skip
ANY = {
    "qr": linalg.qr, "qr complete": lambda x: linalg.qr(x, mode="complete"), "svd": linalg.svd,
    "svd thin": lambda x: linalg.svd(x, full_matrices=False), "svdvals": linalg.svdvals,
}  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_factors(device, name):
    for shape in ((4, 4), (2, 3, 3), (1, 1), (0, 0), (0, 2, 2)):
        x = positive(*shape, name=name)
        for f in SQUARE.values():
            check(f, x)
    for shape in ((5, 3), (2, 3, 5), (0, 3), (3, 0), (1, 4)):
        x = numbers(*shape, name=name)
        for f in ANY.values():
            check(f, x)


def test_views(device):
    x = positive(2, 4, 4)
    views = [
        lambda x: x[0].T, lambda x: x[:, ::-1, ::-1], lambda x: ct.permute_dims(x, (0, 2, 1))[::-1],
        lambda x: ct.broadcast_to(x[1], (3, 4, 4)),
    ]  # fmt: skip
    for view in views:
        check(lambda x, view=view: (linalg.det(view(x)), linalg.inv(view(x))), x)
        check(lambda x, view=view: (fft.fft(view(x), axis=0), fft.rfft(view(x))), x)
    # A number of the CPU goes with all.
    side = ct.broadcast_to(ct.asarray(2.0), (4, 1))
    check(lambda x: linalg.solve(x, side), x)
    with pytest.raises(ArgumentError, match="solve: expected arrays on one device"):
        linalg.solve(on_gpu(x), x)


def test_what_is_made_of_them(device):
    a, b = array(5, 3), array(5, seed=1)
    check(lambda a, b: linalg.lstsq(a, b)[0], a, b, rtol=2e-6)
    check(linalg.matrix_rank, a)
    check(linalg.lu, a[:, :2])
    check(lambda a: linalg.matrix_norm(a, ord="nuc"), a, rtol=1e-6)


def test_elements_that_do_not_fit(device):
    """As it waits anyway, errors are told at once."""
    with pytest.raises(ArgumentError, match="inv: expected invertible matrices, but matrix 0"):
        linalg.inv(on_gpu(ct.zeros((2, 2))))
    with pytest.raises(ArgumentError, match="cholesky: expected positive definite"):
        cn.jit(lambda x: linalg.cholesky(x * 2.0))(on_gpu(-ct.eye(3)))


@pytest.mark.parametrize("name", ["cholesky", "inv", "det", "eigh", "svd", "qr", "eig"])
def test_derivatives(device, name):
    f = getattr(linalg, name)

    def loss(x):
        out = ct.tree_leaves(f(x @ ct.conj(x.T) + ct.eye(3, device=x.device) * 4.0))
        return sum(ct.sum(ct.abs(each)) for each in out)

    check(cn.jit(cn.grad(loss)), array(3, 3), rtol=2e-4)


def test_batches_and_programs(device):
    x, y = positive(2, 3, 3), array(2, 3)
    check(cn.vmap(linalg.cholesky), x)
    check(cn.vmap(linalg.solve, in_axes=(None, 0)), x[0], y)
    check(cn.jit(cn.vmap(lambda x, y: linalg.solve(x * 2.0, y) + 1.0)), x, y)
    check(lambda x: cn.jvp(linalg.inv, (x,), (ct.ones_like(x),)), x[0], rtol=2e-6)
    check(cn.vmap(lambda x: ct.real(fft.fft(x, axis=0))), y)


def test_programs_are_no_graphs(device):
    """A step of the host has no place in a graph: the program is run kernel by kernel, for good."""

    def f(x):
        y = ct.sin(x @ x) @ x @ x
        return linalg.inv(y @ y.T + ct.eye(4, device=x.device)) @ y + x

    g = cn.jit(f)
    before = device.graphs if device is not None else 0
    for seed in range(5):
        check(g, array(4, 4, seed=seed), rtol=2e-4)
    assert device is None or device.graphs == before


FOURIER = {
    "fft": [{}, {"n": 9, "axis": 0}, {"n": 2, "norm": "ortho"}], "ifft": [{"axis": 0}],
    "rfft": [{}, {"n": 7, "axis": 0}], "irfft": [{}, {"n": 5, "axis": 0}],
    "hfft": [{"n": 6}], "ihfft": [{"norm": "forward"}],
    "irfft2": [{}], "fftn": [{"s": (3, 8), "axes": (0, 1)}], "rfftn": [{}],
}  # fmt: skip


@pytest.mark.parametrize("name", FOURIER)
def test_transforms(device, name):
    for options in FOURIER[name]:
        for dtype in ("float32", "float64"):
            if name not in ("rfft", "ihfft", "rfftn"):
                dtype = dtype.replace("float32", "complex64").replace("float64", "complex128")
            f = lambda x, o=options: getattr(fft, name)(x, **o)  # noqa: E731
            check(f, numbers(4, 6, name=dtype))


def test_derivatives_of_transforms(device):
    x = array(4, 6)
    check(cn.jit(cn.grad(lambda x: ct.sum(ct.abs(fft.rfft(x)) ** 2))), x, rtol=2e-6)
    check(cn.grad(lambda x: ct.sum(fft.irfft(fft.fft(x)) ** 2)), x, rtol=2e-6)
    check(cn.jit(lambda x: fft.ifft(fft.fft(x * 2.0)) + 1.0), x, rtol=2e-6)


def test_debug_nans(device):
    before = core.set_debug_nans(True)
    try:
        check(lambda x: (fft.rfft(x), linalg.det(x)), array(4, 4))
    finally:
        core.set_debug_nans(before)
