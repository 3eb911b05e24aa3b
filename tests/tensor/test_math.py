"""Functions of floats against long double (float32: against float64), in units of the last place.

float64 is compared with the C library's long double, which has 11 bits more; where it has none
(long double is double) float32 alone is looked at.
"""

import math

import cnengine.tensor as ct
import numpy as np
import pytest

WIDE = {"float32": np.float64, "float64": np.longdouble}
LIBRARY = {"acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh",
           "atan": "arctan", "atanh": "arctanh", "atan2": "arctan2", "pow": "power"}  # fmt: skip
ONE = ["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh",
       "asin", "acos", "atan", "asinh", "acosh", "atanh", "sigmoid"]  # fmt: skip

needs_long_double = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant <= 52, reason="long double is double here"
)
DTYPES = ["float32", pytest.param("float64", marks=needs_long_double)]


def wide(name, *arguments):
    with np.errstate(all="ignore"):
        if name == "sigmoid":
            (x,) = arguments
            return np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))
        return getattr(np, LIBRARY.get(name, name))(*arguments)


def ours(name, *arguments):
    return np.asarray(getattr(ct, name)(*(ct.asarray(x) for x in arguments)))


def ulps(got, expected):
    """How far each is from the exact result, in units of its last place; NaN must be NaN."""
    info = np.finfo(got.dtype)
    with np.errstate(all="ignore"):
        rounded = expected.astype(got.dtype)
        exponent = np.frexp(expected)[1] - info.nmant - 1
        smallest = int(np.log2(float(info.tiny))) - info.nmant
        unit = np.ldexp(expected.dtype.type(1), np.maximum(exponent, smallest))
        off = np.abs(got.astype(expected.dtype) - expected) / unit
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    return np.where(same, 0, np.where(np.isnan(off) | ~np.isfinite(rounded), np.inf, off))


def special(dtype):
    info = np.finfo(dtype)
    tiny = info.smallest_subnormal
    at = [0, 0.5, 1, 1.5, 2, 3, 10, 80, 87.3, 88.7, 88.8, 103, 104, 700, 708.5, 709.7, 709.8, 710.4,
          745, 746, 1e-3, 1e-5, 1e-10, 1e-30, 1e30, math.pi, math.pi / 2, 1e5, 131072, 131073, 1e9,
          2**30, 2**31, tiny, 5 * tiny, info.tiny, info.max, np.inf]  # fmt: skip
    with np.errstate(over="ignore"):
        at = np.array(at).astype(dtype)
    return np.concatenate([at, -at, [dtype(np.nan)]])


def dense(dtype, count=60_000, seed=0):
    """Numbers of all sizes, near zero, near one, and any bits at all."""
    generator = np.random.default_rng(seed)
    near = generator.uniform(-1, 1, count)
    bits = generator.integers(0, 2 ** (8 * np.dtype(dtype).itemsize), count, dtype=np.uint64)
    some = bits.astype(f"uint{8 * np.dtype(dtype).itemsize}").view(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = [near, near * 10, near * 100, near * 700, 1 + near * np.exp2(-20 * np.abs(near)),
                 near * np.exp2(-30 * np.abs(near)), some]  # fmt: skip
        return np.concatenate([np.asarray(part).astype(dtype) for part in [*parts, special(dtype)]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_two_units_of_the_last_place(name, dtype):
    x = dense(np.dtype(dtype).type)
    got = ours(name, x)
    off = ulps(got, wide(name, x.astype(WIDE[dtype])))
    worst = int(np.argmax(off))
    assert off[worst] <= 2, (x[worst], got[worst])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ONE)
def test_the_same_alone_as_in_a_block(name, dtype):
    """Blocks with special numbers go other ways; the others' results may not change by it."""
    x = dense(np.dtype(dtype).type, 300, seed=1)
    x = x[np.abs(x) < 50]
    got = ours(name, x)
    alone = np.concatenate([ours(name, x[i : i + 1]) for i in range(len(x))])
    beside = ours(name, np.concatenate([x, [np.inf, np.nan, 1e30]]).astype(dtype))[: len(x)]
    np.testing.assert_array_equal(got, alone)
    np.testing.assert_array_equal(got, beside)


def test_tangents_near_poles():
    """The floats that lie nearest to multiples of pi/2, up to where other ways are gone."""
    n = np.arange(1, 83_443, dtype=np.float64)
    near = (n * (np.pi / 2)).astype(np.float32)
    near = np.concatenate([near, np.nextafter(near, np.float32(0)), -near])
    off = ulps(ours("tan", near), np.tan(near.astype(np.float64)))
    assert off.max() <= 2, near[int(np.argmax(off))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_zeros_keep_their_sign(dtype):
    zeros = np.array([0.0, -0.0], dtype)
    for name in ("sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "expm1", "log1p"):
        got = ours(name, zeros)
        assert got.tolist() == [0, 0]
        assert np.signbit(got).tolist() == [False, True], name
    for name in ("cos", "cosh", "exp"):
        assert ours(name, zeros).tolist() == [1, 1]
    assert ours("erf", zeros).tolist() == [0, 0]
    assert ours("erfc", zeros).tolist() == [1, 1]
    assert ours("sigmoid", zeros).tolist() == [0.5, 0.5]


def test_exact_logarithms():
    for dtype in ("float32", "float64"):
        info = np.finfo(dtype)
        k = np.arange(info.minexp - info.nmant, info.maxexp)
        np.testing.assert_array_equal(ours("log2", np.ldexp(np.ones((), dtype), k)), k)
    np.testing.assert_array_equal(ours("log10", 10.0 ** np.arange(23)), np.arange(23))


@pytest.mark.parametrize(("dtype", "erfc_ulps"), [("float32", 2), ("float64", 4)])
def test_error_function(dtype, erfc_ulps):
    x = np.concatenate([dense(np.dtype(dtype).type, 3000), np.linspace(-7, 27.5, 9001)])
    x = x.astype(dtype)
    for name, formula, limit in (("erf", math.erf, 2), ("erfc", math.erfc, erfc_ulps)):
        expected = np.array([formula(float(each)) for each in x])
        # The formula itself has float64's digits: half a unit more of float64.
        off = ulps(ours(name, x), expected)
        assert off.max() <= limit + (0.5 if dtype == "float64" else 0), x[int(np.argmax(off))]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "limit"), [("pow", 2), ("atan2", 2), ("hypot", 2)])
def test_functions_of_two(name, limit, dtype):
    kind = np.dtype(dtype).type
    x, y = dense(kind, 40_000, 2), dense(kind, 40_000, 3)
    y = y[np.random.default_rng(4).permutation(len(y))]
    edge = special(kind)
    x = np.concatenate([np.abs(x), x, np.repeat(edge, len(edge))])
    y = np.concatenate([y, np.rint(y), np.tile(edge, len(edge))])
    with np.errstate(all="ignore"):
        expected = wide(name, x.astype(WIDE[dtype]), y.astype(WIDE[dtype]))
    got = ours(name, x, y)
    off = ulps(got, expected)
    worst = int(np.argmax(off))
    assert off[worst] <= limit, (x[worst], y[worst], got[worst], expected[worst])
    zero = (got == 0) & (expected == 0)
    np.testing.assert_array_equal(np.signbit(got[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["remainder", "floor_divide"])
def test_division_with_a_rest(name, dtype):
    """Python's own: exact rest, floor of the exact quotient."""
    kind = np.dtype(dtype).type
    generator = np.random.default_rng(5)
    x = (generator.normal(size=20_000) * np.exp2(generator.integers(-10, 30, 20_000))).astype(kind)
    y = (generator.normal(size=20_000) * np.exp2(generator.integers(-10, 10, 20_000))).astype(kind)
    x[::7] = np.rint(x[::7])
    y[::3] = np.rint(y[::3]) + 1
    x[1::11] = y[1::11] * np.rint(x[1::11] % 7)
    y[y == 0] = 1
    edge = special(kind)
    x = np.concatenate([x, np.repeat(edge, len(edge))])
    y = np.concatenate([y, np.tile(edge, len(edge))])
    with np.errstate(all="ignore"):
        kept = np.isfinite(x) & (np.abs(x / y) < 2**22)  # NumPy rounds its way to larger ones
        if name == "floor_divide":
            kept &= np.isfinite(y)  # test_special_cases.py
        # Quotients of float32 are rounded once, which NumPy does in float64 alone.
        wide = np.float64 if name == "floor_divide" else kind
        expected = getattr(np, name)(x.astype(wide), y.astype(wide)).astype(kind)
    np.testing.assert_array_equal(ours(name, x, y)[kept], expected[kept])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_number_beside_an_array(dtype):
    x = dense(np.dtype(dtype).type, 3000, 6)
    number = x.dtype.type(1.25)
    for name in ("add", "subtract", "multiply", "divide", "maximum", "less", "greater_equal", "pow",
                 "atan2", "copysign"):  # fmt: skip
        function = getattr(ct, name)
        full = ct.asarray(np.full_like(x, number))
        array, one = ct.asarray(x), ct.asarray(number)
        for got, expected in ((function(array, one), function(array, full)),
                              (function(one, array), function(full, array))):  # fmt: skip
            np.testing.assert_array_equal(np.asarray(got), np.asarray(expected))
