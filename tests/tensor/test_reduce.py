"""Sums and the like against NumPy's in float64."""

import math

import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import COMPLEX, FLOATS, INTS, sample

SHAPES = [
    (7,),
    (1, 1),
    (3, 257),
    (2, 5, 1030),
    (1500, 3),
    (70_000,),
    (3, 90_000),
    (200_000, 2),
    (4, 3, 5, 6),
]


def check(name, x, axis, tolerance=0.0, **options):
    got = np.asarray(getattr(ct, name)(ct.asarray(x), axis=axis, **options))
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x, axis=axis, **options)
    assert got.shape == expected.shape
    if tolerance:
        scale = np.sum(np.abs(x.astype(np.complex128)), axis=axis, **options) + 1
        assert np.all(np.abs(got - expected) <= tolerance * scale)
    else:
        np.testing.assert_array_equal(got, expected)
    return got


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float32", "float64", "complex64"])
def test_sums(shape, dtype):
    x = sample(dtype, shape)
    if dtype in INTS:
        x = x // 3
    for axis in (None, 0, -1, tuple(range(len(shape)))[:2]):
        expected = x.astype(np.complex128) if dtype in COMPLEX else x
        tolerance = np.finfo(dtype).eps * 4 if dtype not in INTS else 0
        if dtype in ("float32", "complex64"):
            wide = np.complex128 if dtype in COMPLEX else np.float64
            got = np.asarray(ct.sum(ct.asarray(x), axis=axis))
            expected = np.sum(x.astype(wide), axis=axis)
            scale = np.sum(np.abs(x.astype(wide)), axis=axis) + 1
            assert got.dtype == x.dtype
            assert np.all(np.abs(got - expected) <= tolerance * scale)
        else:
            check("sum", x, axis, tolerance)
    for view in (x[::-1], x.T, x[..., ::2]):
        got = np.asarray(ct.sum(ct.asarray(view), axis=0))
        wide = view.astype(
            np.complex128 if dtype in COMPLEX else np.float64 if dtype in FLOATS else x.dtype
        )
        np.testing.assert_allclose(
            got,
            wide.sum(axis=0),
            rtol=1e-3 if dtype in FLOATS + COMPLEX else 0,
            atol=1e-4 * len(view) if dtype in FLOATS + COMPLEX else 0,
        )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float32", "float64"])
def test_extremes(shape, dtype):
    x = sample(dtype, shape)
    for axis in (None, 0, -1):
        for name in ("max", "min", "argmax", "argmin"):
            check(name, x, axis)
        check("any", x > 1, axis)
        check("all", x > 1, axis)
        check("all", x, axis)
    check("max", x.T[::-1], 0)
    check("argmin", x.T[::-1], 0)
    check("max", x, 0, keepdims=True)


def test_products():
    x = np.array([[1.5, 2.0, -3.0], [0.5, 4.0, 2.0]])
    check("prod", x, 0)
    check("prod", x, 1)
    check("prod", x, None)
    check("prod", np.arange(1, 60), None)  # wraps around
    check("prod", (x + 1j * x), 0, 1e-15)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_axes_of_any_strides(data):
    shape = data.draw(st.lists(st.integers(0, 6), max_size=4))
    x = np.asarray(sample("int32", [2 * n for n in shape]))[
        tuple(slice(None, None, 2) for _ in shape)
    ]
    x = x.transpose(data.draw(st.permutations(range(x.ndim))))
    axes = tuple(i for i in range(x.ndim) if data.draw(st.booleans()))
    keep = data.draw(st.booleans())
    for name in ("sum", "prod", "any", "all"):
        got = np.asarray(getattr(ct, name)(ct.asarray(x), axis=axes, keepdims=keep))
        expected = getattr(np, name)(x.astype(np.int64), axis=axes, keepdims=keep)
        assert got.shape == expected.shape
        np.testing.assert_array_equal(got, expected)
    if x.size:
        for name in ("max", "min"):
            got = np.asarray(getattr(ct, name)(ct.asarray(x), axis=axes, keepdims=keep))
            np.testing.assert_array_equal(got, getattr(np, name)(x, axis=axes, keepdims=keep))


def test_nan_wins():
    x = np.array([[1.0, np.nan, 5.0, np.nan], [3.0, 2.0, -1.0, 0.0]], np.float32)
    a = ct.asarray(x)
    for axis in (0, 1, None):
        for name in ("max", "min", "argmax", "argmin"):
            np.testing.assert_array_equal(
                np.asarray(getattr(ct, name)(a, axis=axis)), getattr(np, name)(x, axis=axis)
            )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_long_sums_lose_few_digits(dtype):
    """A sum of n float64s goes through a lane of 64, 64 tiles and n / 65,536 pieces."""
    x = np.full(3_000_001, 0.1, dtype)
    exact = float(x[0].astype(np.longdouble) * len(x))
    for shape in ((len(x),), (len(x), 1), (1, len(x))):
        got = np.asarray(ct.sum(ct.asarray(x.reshape(shape)))).astype(np.float64)
        ulps = 8 if dtype == "float32" else 64 + 64 + len(x) // 65536
        assert abs(got - exact) <= ulps * np.finfo(dtype).eps * exact


def test_moments():
    x = sample("float64", (30, 40))
    a = ct.asarray(x)
    for axis in (None, 0, (0, 1)):
        np.testing.assert_allclose(
            np.asarray(ct.mean(a, axis=axis)), x.mean(axis), rtol=1e-12, atol=1e-15
        )
        np.testing.assert_allclose(
            np.asarray(ct.var(a, axis=axis, correction=1)), x.var(axis, ddof=1), rtol=1e-12
        )
        np.testing.assert_allclose(np.asarray(ct.std(a, axis=axis)), x.std(axis), rtol=1e-12)
    assert float(ct.mean(ct.asarray([1, 2]))) == 1.5
    assert np.isnan(float(ct.mean(ct.zeros(0))))
    assert ct.mean(ct.zeros((2, 3)), axis=1, keepdims=True).shape == (2, 1)


def test_types_and_wrong_use():
    assert ct.sum(ct.zeros(2, dtype=ct.int8)).dtype == ct.int64
    assert ct.sum(ct.zeros(2, dtype=ct.uint8)).dtype == ct.uint64
    assert ct.sum(ct.zeros(2, dtype=ct.bfloat16)).dtype == ct.bfloat16
    assert ct.sum(ct.zeros(2, dtype=ct.float32), dtype=ct.float64).dtype == ct.float64
    assert ct.sum(ct.zeros(2, dtype=ct.int8), dtype=ct.int8).dtype == ct.int8
    assert ct.prod(ct.zeros(2, dtype=ct.uint8), dtype=ct.uint16).dtype == ct.uint16
    assert ct.argmax(ct.zeros(2)).dtype == ct.int64
    assert ct.sum(ct.asarray([True, True])).dtype == ct.int64
    with pytest.raises(cnengine.errors.TypeError, match="max: arrays of complex64"):
        ct.max(ct.asarray([1j]))
    with pytest.raises(cnengine.errors.ShapeError, match=r"max: expected elements .* \(0, 3\)"):
        ct.max(ct.zeros((0, 3)), axis=0)
    with pytest.raises(cnengine.errors.ArgumentError, match="sum: expected an axis of -1 to 0"):
        ct.sum(ct.zeros(2), axis=1)
    with pytest.raises(cnengine.errors.ArgumentError, match="sum: axis 0 is named twice"):
        ct.sum(ct.zeros((2, 2)), axis=(0, -2))
    with pytest.raises(cnengine.errors.TypeError, match="var: expected floats"):
        ct.var(ct.asarray([1, 2]))
    assert ct.max(ct.zeros((0, 3)), axis=1).shape == (0,)


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float32", "float64"])
def test_places_of_extremes(dtype):
    """The first of several, wherever tiles end; NaN before all, zeros of both signs are equal."""
    rng = np.random.default_rng(0)
    for length in (1, 63, 64, 65, 1024, 1025, 5000):
        x = rng.integers(0, 100, (6, length)).astype(dtype)
        x[1] = 7
        if dtype not in INTS:
            x[2, length // 2 :] = np.nan
            x[3] = np.where(np.arange(length) % 2 == 0, -0.0, 0.0)
            x[4] = -np.inf
        for view in (x, x[:, ::-1], np.asfortranarray(x), x.T):
            for axis in (0, 1):
                check("argmax", view, axis)
                check("argmin", view, axis)


def test_complex_products_at_the_end_of_the_range():
    """What is finite and what is not is NumPy's; infinite parts are those of C99's product."""
    rng = np.random.default_rng(0)
    for n in (2, 3, 15, 16, 17, 40):
        for _ in range(100):
            angle = rng.choice([0, np.pi / 2, np.pi, 0.7], n)
            x = np.exp2(rng.uniform(-600, 900, n)) * np.exp(1j * angle)
            x[rng.uniform(size=n) < 0.05] = 0
            with np.errstate(all="ignore"):
                expected = np.prod(x)
            got = np.asarray(ct.prod(ct.asarray(x)))
            assert np.isfinite(got) == np.isfinite(expected)
            if np.isfinite(expected):
                np.testing.assert_allclose(got, expected, rtol=1e-13)
    assert complex(ct.prod(ct.asarray([1e200 + 0j, 1e200 + 0j], dtype=ct.complex128))) == math.inf


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64", "float32", "complex64"])
def test_truth_over_blocks(dtype):
    for length in (1, 63, 64, 65, 200, 3000):
        for place in {0, length // 2, length - 1}:
            x = np.zeros(length, dtype)
            x[place] = 1
            for values in (x, (x == 0).astype(dtype), x * 0):
                check("any", values, 0)
                check("all", values, 0)
    nan = np.full(100, np.nan, np.float32)
    assert check("any", nan, 0)
    assert check("all", nan, 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_of_short_rows(dtype):
    """Added in float64, in their order, and rounded once, whatever the number of rows."""
    rng = np.random.default_rng(0)
    for length in (1, 2, 3, 15, 16, 17):
        x = rng.normal(size=(70_001, length)).astype(dtype) * 10.0 ** rng.integers(
            0, 6, (70_001, 1)
        )
        x = x.astype(dtype)
        exact = np.zeros(len(x))
        for column in x.T:
            exact = exact + column
        got = np.asarray(ct.sum(ct.asarray(x), axis=1))
        if length <= 16:
            np.testing.assert_array_equal(got, exact.astype(dtype))
        np.testing.assert_array_equal(got[:5], np.asarray(ct.sum(ct.asarray(x[:5]), axis=1)))
        for view in (x[::2], x[:, ::-1], np.asfortranarray(x)):
            bound = length * np.finfo(dtype).eps * (np.abs(view).sum(axis=1) + 1)
            off = np.asarray(ct.sum(ct.asarray(view), axis=1)) - view.sum(axis=1, dtype=np.float64)
            assert np.all(np.abs(off) <= bound)
    assert (
        np.asarray(ct.sum(ct.asarray(np.full((3, 2), -np.inf, dtype)), axis=1)).tolist()
        == [-np.inf] * 3
    )
