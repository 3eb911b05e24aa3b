"""Triangular factors beside SciPy's, and their derivatives."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from against_numpy import derivative, same
from scipy import linalg

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (3, 5), (5, 3), (2, 3, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_beside_scipy(shape, dtype):
    a = RNG.normal(size=shape)
    a = (a + 1j * RNG.normal(size=shape) if dtype == "complex128" else a).astype(dtype)
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    for got in (ct.linalg.lu(ct.asarray(a)), cn.jit(ct.linalg.lu)(ct.asarray(a))):
        same(list(got), list(linalg.lu(a)), tolerance, tolerance)
        assert got.P.dtype == got.L.dtype == got.U.dtype == ct.DType(dtype)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 0, 0)])
def test_of_nothing(shape):
    p, lower, upper = ct.linalg.lu(ct.zeros(shape))
    assert (p @ lower @ upper).shape == shape


def test_singular_and_integers():
    p, lower, upper = ct.linalg.lu(ct.asarray([[1, 2], [2, 4]]))
    np.testing.assert_array_equal(np.asarray(p @ lower @ upper), [[1, 2], [2, 4]])
    assert float(upper[1, 1]) == 0


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (3, 5), (5, 3)])
def test_derivatives(shape):
    a = RNG.normal(size=shape)
    derivative(lambda x: ct.linalg.lu(x)[1:], a)
    # Those of second order: of a gradient.
    loss = lambda x: ct.sum(ct.sin(ct.linalg.lu(x).U)) + ct.sum(ct.linalg.lu(x).L ** 2)  # noqa: E731
    derivative(cn.grad(loss), a)


def test_vmap():
    a = RNG.normal(size=(3, 4, 4))
    same(cn.vmap(lambda x: ct.linalg.lu(x).U)(ct.asarray(a)), linalg.lu(a)[2])


def test_wrong_use():
    with pytest.raises(ValueError, match="lu: expected at least two axes"):
        ct.linalg.lu(ct.ones(3))
