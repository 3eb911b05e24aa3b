"""Running sums, products and extremes against NumPy's; the kernels have C++ tests."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from samples import FLOATS, INTS, sample

NUMPY = {"cumulative_sum": np.add, "cumulative_prod": np.multiply, "cumulative_max": np.maximum,
         "cumulative_min": np.minimum, "cumulative_logsumexp": np.logaddexp}  # fmt: skip


@pytest.mark.parametrize("name", NUMPY)
def test_values(name):
    x = np.random.default_rng(0).uniform(0.5, 1.5, (3, 40, 5))
    for axis in (0, 1, 2):
        got = np.asarray(getattr(ct, name)(ct.asarray(x), axis=axis))
        np.testing.assert_allclose(got, NUMPY[name].accumulate(x, axis), rtol=1e-12)
        got = np.asarray(getattr(ct, name)(ct.asarray(x), axis=axis, reverse=True))
        expected = np.flip(NUMPY[name].accumulate(np.flip(x, axis), axis), axis)
        np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", INTS + FLOATS)
def test_types_of_sums(dtype):
    x = sample("int8", (50,)).astype(dtype)
    got = ct.cumulative_sum(ct.asarray(x))
    if dtype in INTS:
        expected = np.cumulative_sum(x)
        assert got.dtype.name == expected.dtype.name
        np.testing.assert_array_equal(np.asarray(got), expected)
    else:
        assert got.dtype.name == dtype
        np.testing.assert_array_equal(np.asarray(got), np.cumsum(x, dtype=np.float64).astype(dtype))
    wide = ct.cumulative_sum(ct.asarray(x), dtype=ct.float64, include_initial=True)
    np.testing.assert_array_equal(
        np.asarray(wide), np.concatenate([[0], np.cumsum(x.astype(np.float64))])
    )


def test_an_initial_element():
    x = ct.asarray([[2, 3], [4, 5]])
    got = ct.cumulative_prod(x, axis=1, include_initial=True)
    np.testing.assert_array_equal(np.asarray(got), [[1, 2, 6], [1, 4, 20]])
    got = ct.cumulative_sum(x, axis=0, include_initial=True, reverse=True)
    np.testing.assert_array_equal(np.asarray(got), [[6, 8], [4, 5], [0, 0]])


def test_recurrences():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4, 30))
    expected = np.zeros((4, 30))
    for i in range(30):
        expected[:, i] = a[:, i] * (expected[:, i - 1] if i else 0) + b[:, i]
    got = ct.linear_recurrence(ct.asarray(a), ct.asarray(b))
    np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-12)
    rows = cn.vmap(ct.linear_recurrence)(ct.asarray(a), ct.asarray(b))
    np.testing.assert_array_equal(np.asarray(rows), np.asarray(got))


def test_differences():
    x = sample("int64", (4, 9)) // 9
    a = ct.asarray(x)
    for axis in (0, -1):
        for n in (0, 1, 2, 3):
            np.testing.assert_array_equal(
                np.asarray(ct.diff(a, axis=axis, n=n)), np.diff(x, n, axis)
            )
    got = ct.diff(a, axis=0, prepend=a[:1], append=a[:2])
    np.testing.assert_array_equal(np.asarray(got), np.diff(x, axis=0, prepend=x[:1], append=x[:2]))
    np.testing.assert_array_equal(
        np.asarray(ct.diff(ct.asarray([True, True, False]))), [False, True]
    )


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: ct.cumulative_sum(ct.ones((2, 2))), cnengine.errors.ArgumentError, "an axis"),
    (lambda: ct.cumulative_max(ct.asarray([1j])), cnengine.errors.TypeError, "complex64"),
    (lambda: ct.linear_recurrence(ct.ones(2), ct.ones(3)), cnengine.errors.ShapeError, "one type"),
    (lambda: ct.diff(ct.ones(2), n=-1), cnengine.errors.ArgumentError, "at least 0"),
])  # fmt: skip
def test_wrong_use(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("scale", [0.1, 5.0, 300.0])
@pytest.mark.parametrize("special", [None, np.inf, -np.inf, np.nan])
def test_logarithms_of_any_size(scale, special):
    x = np.random.default_rng(1).normal(size=(2, 1500)) * scale
    if special is not None:
        x[0, [0, 1, 700]] = special
    got = np.asarray(ct.cumulative_logsumexp(ct.asarray(x), axis=1))
    np.testing.assert_allclose(got, np.logaddexp.accumulate(x, 1), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
def test_extremes_of_long_lines(dtype):
    x = np.random.default_rng(2).normal(size=3001) * 1e3
    x[:40] = np.arange(40) % 2 * -0.0
    x = x.astype(dtype)
    for row in (x, -x, np.sort(x), np.sort(x)[::-1].copy()):
        for ours, numpy in (("max", np.maximum), ("min", np.minimum)):
            got = np.asarray(getattr(ct, f"cumulative_{ours}")(ct.asarray(row)))
            np.testing.assert_array_equal(got, numpy.accumulate(row))
            if dtype.startswith("float"):
                broken = np.where(np.arange(3001) == 1300, np.nan, row).astype(dtype)
                got = np.asarray(getattr(ct, f"cumulative_{ours}")(ct.asarray(broken)))
                np.testing.assert_array_equal(got, numpy.accumulate(broken))
