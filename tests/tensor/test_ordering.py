"""Sorting, searching and different elements against NumPy's; the kernels have C++ tests."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from samples import FLOATS, INTS, sample


@pytest.mark.parametrize("dtype", INTS + FLOATS + ["bool"])
def test_sort(dtype):
    x = (
        sample("int8", (3, 40, 5)).astype(dtype)
        if dtype != "bool"
        else sample("int8", (3, 40, 5)) > 0
    )
    a = ct.asarray(x)
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(np.asarray(ct.sort(a, axis=axis)), np.sort(x, axis))
        order = np.argsort(x, axis, kind="stable")
        np.testing.assert_array_equal(np.asarray(ct.argsort(a, axis=axis)), order)
        backwards = ct.sort(a, axis=axis, descending=True)
        np.testing.assert_array_equal(np.asarray(backwards), np.flip(np.sort(x, axis), axis))
        together = ct.sort_together(
            a, ct.asarray(np.broadcast_to(np.arange(5), x.shape)), axis=axis
        )
        np.testing.assert_array_equal(
            np.asarray(together[1]),
            np.take_along_axis(np.broadcast_to(np.arange(5), x.shape), order, axis),
        )


def test_sort_takes_as_many_rows_as_there_are_in_a_batch():
    x = sample("float32", (4, 30))
    got = cn.vmap(lambda v: ct.argsort(v, axis=-1))(ct.asarray(x))
    np.testing.assert_array_equal(np.asarray(got), np.argsort(x, -1, kind="stable"))
    got = cn.jit(cn.vmap(lambda v: ct.top_k(v, 3).indices))(ct.asarray(x))
    np.testing.assert_array_equal(np.asarray(got), np.argsort(-x, -1, kind="stable")[:, :3])


def test_top_k():
    x = sample("float64", (3, 100))
    best = ct.top_k(ct.asarray(x), 4)
    np.testing.assert_array_equal(np.asarray(best.values), -np.sort(-x, -1)[:, :4])
    least = ct.top_k(ct.asarray(x), 2, axis=0, largest=False)
    np.testing.assert_array_equal(np.asarray(least.values), np.sort(x, 0)[:2])


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(side):
    row = np.sort(sample("int16", (50,)))
    values = np.concatenate([row[::3], row[::5] + 1]).reshape(3, -1)
    for dtype in ("int16", "float32", "float64", "float16"):
        got = ct.searchsorted(
            ct.asarray(row.astype(dtype)), ct.asarray(values.astype(dtype)), side=side
        )
        expected = np.searchsorted(row.astype(dtype), values.astype(dtype), side=side)
        np.testing.assert_array_equal(np.asarray(got), expected)
    mixed = np.random.default_rng(0).permutation(row)
    got = ct.searchsorted(
        ct.asarray(mixed), ct.asarray(values), side=side, sorter=ct.argsort(ct.asarray(mixed))
    )
    np.testing.assert_array_equal(np.asarray(got), np.searchsorted(row, values, side=side))
    rows = np.sort(sample("float32", (4, 9)), -1)
    wanted = sample("float32", (4, 5), 1)
    expected = np.stack(
        [np.searchsorted(r, w, side=side) for r, w in zip(rows, wanted, strict=True)]
    )
    find = lambda r, w: ct.searchsorted(r, w, side=side)  # noqa: E731
    np.testing.assert_array_equal(np.asarray(find(ct.asarray(rows), ct.asarray(wanted))), expected)
    np.testing.assert_array_equal(
        np.asarray(cn.vmap(find)(ct.asarray(rows), ct.asarray(wanted))), expected
    )
    first = np.stack([np.searchsorted(r, wanted[0], side=side) for r in rows])
    got = cn.vmap(find, in_axes=(0, None))(ct.asarray(rows), ct.asarray(wanted[0]))
    np.testing.assert_array_equal(np.asarray(got), first)
    got = cn.vmap(find, in_axes=(None, 0))(ct.asarray(rows[0]), ct.asarray(wanted))
    np.testing.assert_array_equal(
        np.asarray(got), np.searchsorted(rows[0], wanted.ravel(), side=side).reshape(wanted.shape)
    )


def test_unique():
    for x in (sample("int8", (300,)), np.array([[1.5, np.nan, -0.0], [0.0, np.nan, 1.5]]),
              sample("int8", (40,)) + 1j * sample("int8", (40,), 1), np.zeros((0, 2))):  # fmt: skip
        expected = np.unique_all(x)
        got = ct.unique_all(ct.asarray(x))
        for ours, theirs in zip(got, expected, strict=True):
            np.testing.assert_array_equal(np.asarray(ours), theirs)
        np.testing.assert_array_equal(np.asarray(ct.unique_values(ct.asarray(x))), expected.values)
        np.testing.assert_array_equal(
            np.asarray(ct.unique_counts(ct.asarray(x)).counts), expected.counts
        )
        inverse = ct.unique_inverse(ct.asarray(x)).inverse_indices
        np.testing.assert_array_equal(np.asarray(inverse), expected.inverse_indices)


def test_nonzero():
    x = sample("int8", (6, 7)) % 3
    for a in (x, x.T[::-1], x.astype(bool), x * 1j):
        for ours, theirs in zip(ct.nonzero(ct.asarray(a)), np.nonzero(a), strict=True):
            np.testing.assert_array_equal(np.asarray(ours), theirs)
        for axis in (None, 0, (0, 1)):
            got = ct.count_nonzero(ct.asarray(a), axis=axis)
            np.testing.assert_array_equal(np.asarray(got), np.count_nonzero(a, axis))
        kept = ct.count_nonzero(ct.asarray(a), axis=1, keepdims=True)
        assert kept.shape == (a.shape[0], 1)


@pytest.mark.parametrize("shape", [(70_001,), (3, 30_000), (200, 7, 31), (5000, 1), (0, 3), (3, 0)])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.6, 1.0])
def test_nonzero_over_tiles(shape, share):
    x = np.random.default_rng(0).uniform(size=shape) < share
    for ours, theirs in zip(ct.nonzero(ct.asarray(x)), np.nonzero(x), strict=True):
        np.testing.assert_array_equal(np.asarray(ours), theirs)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: ct.nonzero(ct.asarray(1)), cnengine.errors.ArgumentError, "axes"),
    (lambda: ct.sort(ct.ones(2), axis=1), cnengine.errors.ArgumentError, "sort: expected an axis"),
    (lambda: ct.top_k(ct.ones(2), 3), cnengine.errors.ArgumentError, "top_k: expected a number"),
    (lambda: ct.searchsorted(ct.ones(2), ct.ones(2), side="up"), cnengine.errors.ArgumentError, "side"),
    (lambda: ct.sort_together(ct.ones(2), ct.ones(3)), cnengine.errors.ShapeError, "one shape"),
])  # fmt: skip
def test_wrong_use(call, error, message):
    with pytest.raises(error, match=message):
        call()
