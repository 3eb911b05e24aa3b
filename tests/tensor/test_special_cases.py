"""Special cases in the text of the Array API standard 2024.12, and the symmetries that it demands.

test_standard.py compares with array-api-strict, which is NumPy and leaves some of these out.
"""

import itertools
import math

import cnengine.tensor as ct
import numpy as np
import pytest

INF, NAN = math.inf, math.nan
EDGES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -3.0, 1e-3, INF, -INF, NAN]
COMPLEX = ["complex64", "complex128"]


def grid(dtype):
    """Each pair of edges as a complex number; arithmetic would turn parts into NaN."""
    pairs = np.array(list(itertools.product(EDGES, EDGES)))
    out = np.empty(len(pairs), dtype)
    out.real, out.imag = pairs[:, 0], pairs[:, 1]
    return out


def ours(name, *arguments):
    return np.asarray(getattr(ct, name)(*(ct.asarray(x) for x in arguments)))


def same(got, expected):
    """Equal, with the sign of 0."""
    np.testing.assert_array_equal(got, expected)
    zero = np.asarray(expected) == 0
    np.testing.assert_array_equal(
        np.signbit(got)[zero], np.signbit(np.asarray(expected, got.dtype))[zero]
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("a", "b", "expected"), [
    (INF, 2.0, INF), (INF, -2.0, -INF), (-INF, 0.5, -INF), (-INF, -0.5, INF),
    (2.0, INF, 0.0), (2.0, -INF, -0.0), (-2.0, INF, -0.0), (-2.0, -INF, 0.0),
    (0.0, -INF, -0.0), (-0.0, INF, -0.0), (INF, INF, NAN), (INF, -INF, NAN), (0.0, -0.0, NAN),
    (1.0, -0.0, -INF), (NAN, INF, NAN), (INF, NAN, NAN), (-0.0, 3.0, -0.0), (-1.0, 3.0, -1.0),
])  # fmt: skip
def test_floor_divide(dtype, a, b, expected):
    """Infinities and 0 where the standard has them; -1 and NaN, as Python has, are its second."""
    for size in (1, 40):
        x, y = np.full(size, a, dtype), np.full(size, b, dtype)
        same(ours("floor_divide", x, y), np.full(size, expected, dtype))
        same(np.asarray(ct.asarray(x) // ct.asarray(y)), np.full(size, expected, dtype))


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize(("name", "at", "expected"), [
    ("tanh", (INF, 3.0), (1.0, 0.0)), ("tanh", (-INF, 3.0), (-1.0, 0.0)),
    ("tanh", (INF, -3.0), (1.0, -0.0)), ("tan", (3.0, INF), (0.0, 1.0)),
    ("tan", (-3.0, -INF), (-0.0, -1.0)), ("expm1", (-0.0, 0.0), (0.0, 0.0)),
    ("expm1", (-0.0, -0.0), (0.0, -0.0)), ("sign", (-0.0, -0.0), (0.0, 0.0)),
    ("sign", (0.0, -0.0), (0.0, 0.0)), ("atanh", (1.0, 0.0), (INF, 0.0)),
    ("atanh", (0.0, NAN), (0.0, NAN)), ("atanh", (INF, NAN), (0.0, NAN)),
    ("expm1", (-INF, INF), (-1.0, 0.0)), ("sqrt", (NAN, INF), (INF, INF)),
    ("exp", (-INF, NAN), (0.0, 0.0)), ("log", (-0.0, 0.0), (-INF, math.pi)),
])  # fmt: skip
def test_complex_numbers(dtype, name, at, expected):
    x = np.empty(3, dtype)
    x.real, x.imag = at
    got = ours(name, x)
    same(got.real, np.full(3, expected[0], got.real.dtype))
    same(got.imag, np.full(3, expected[1], got.imag.dtype))


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("name", ["acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh",
                                  "exp", "log", "log1p", "sin", "sinh", "sqrt", "tan", "tanh"])  # fmt: skip
def test_of_the_conjugate_is_the_conjugate(dtype, name):
    """To the last bit; signs beside a NaN are unspecified."""
    x = grid(dtype)
    got, mirrored = ours(name, x), ours(name, x.conj()).conj()
    plain = ~np.isnan(got)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(mirrored))
    same(got.real[plain], mirrored.real[plain])
    same(got.imag[plain], mirrored.imag[plain])


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("name", ["asin", "asinh", "atan", "atanh", "sin", "sinh", "tan", "tanh"])
def test_odd_functions(dtype, name):
    x = grid(dtype)
    x = x[~np.isnan(x)]
    got, mirrored = ours(name, x), -ours(name, -x)
    plain = ~np.isnan(got)
    same(got.real[plain], mirrored.real[plain])
    same(got.imag[plain], mirrored.imag[plain])


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize(("name", "other"), [("asin", "asinh"), ("atan", "atanh"), ("sin", "sinh"), ("tan", "tanh")])  # fmt: skip
def test_by_way_of_the_hyperbolic_function(dtype, name, other):
    """f(x) is g(x i) / i, by which the standard gives the special cases of these."""
    x = grid(dtype)
    x = x[~np.isnan(ours(name, x))]  # signs beside a NaN are unspecified
    turned = np.empty_like(x)
    turned.real, turned.imag = -x.imag, x.real
    got, hyperbolic = ours(name, x), ours(other, turned)
    tolerance = {"rtol": 1e-5 if dtype == "complex64" else 1e-13}
    np.testing.assert_allclose(got.real, hyperbolic.imag, **tolerance)
    np.testing.assert_allclose(got.imag, -hyperbolic.real, **tolerance)
