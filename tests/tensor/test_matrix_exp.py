"""The exponential of matrices beside SciPy's, and its derivatives."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from against_numpy import check, derivative
from scipy import linalg

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("size", [1e-9, 0.01, 1.0, 4.0, 100.0])
@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (2, 3, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_beside_scipy(size, shape, dtype):
    a = RNG.normal(size=shape) * size
    a = (a + 1j * RNG.normal(size=shape) * size if dtype == "complex128" else a).astype(dtype)
    wide = a.astype("complex128" if dtype == "complex128" else "float64")
    if dtype == "float32" and size == 100:
        return  # beyond the range
    expected = linalg.expm(wide)
    scale = np.abs(expected).max()
    error = max(1, np.abs(a).max()) * (2e-5 if dtype == "float32" else 1e-13)  # of the condition
    for f in (ct.linalg.matrix_exp, cn.jit(ct.linalg.matrix_exp)):
        got = np.asarray(f(ct.asarray(a)))
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=0, atol=scale * error)


def test_derivatives_and_batches():
    a = RNG.normal(size=(2, 3, 3)) * np.array([0.1, 6.0])[:, None, None]
    check(ct.linalg.matrix_exp, linalg.expm, a[0], rtol=1e-10)
    check(ct.linalg.matrix_exp, linalg.expm, a / 3, rtol=1e-10)
    weights = ct.asarray(RNG.normal(size=(3, 3)))
    derivative(cn.grad(lambda x: ct.sum(ct.linalg.matrix_exp(x) * weights)), a[0])


def test_edges():
    for shape in ((2, 0, 0), (0, 2, 2)):
        assert ct.linalg.matrix_exp(ct.zeros(shape)).shape == shape
    np.testing.assert_array_equal(np.asarray(ct.linalg.matrix_exp(ct.zeros((3, 3)))), np.eye(3))
    assert ct.linalg.matrix_exp(ct.zeros((2, 2), dtype=ct.float16)).dtype == ct.float16
    assert ct.linalg.matrix_exp(ct.asarray([[1]])).dtype == ct.float32
    assert np.isnan(np.asarray(ct.linalg.matrix_exp(ct.asarray([[np.nan, 0], [0, 1]])))).any()
    with pytest.raises(ValueError, match="matrix_exp: expected square matrices"):
        ct.linalg.matrix_exp(ct.ones((2, 3)))
    with pytest.raises(AttributeError, match="called matrix_exp here"):
        _ = ct.linalg.expm
