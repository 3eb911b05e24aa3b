"""Arrays put together, apart and repeated against NumPy's."""

import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

X = np.arange(24).reshape(2, 3, 4)
A = ct.asarray(X)


def same(got, expected):
    assert got.shape == expected.shape
    np.testing.assert_array_equal(np.asarray(got), expected)


def test_concat_and_stack():
    for axis in (0, 1, -1, None):
        same(ct.concat([A, A[:1] if axis == 0 else A, A], axis=axis),
             np.concatenate([X, X[:1] if axis == 0 else X, X], axis))  # fmt: skip
    for axis in (0, 2, -1):
        same(ct.stack([A, A * 2], axis=axis), np.stack([X, X * 2], axis))
    mixed = ct.concat([ct.asarray([1], dtype=ct.int8), ct.asarray([2], dtype=ct.int32)])
    assert mixed.dtype == ct.int32
    for axis in (0, 1, -1):
        for ours, theirs in zip(ct.unstack(A, axis=axis), np.unstack(X, axis=axis), strict=True):
            same(ours, theirs)


def test_axes():
    for source, target in ((0, -1), (2, 0), ((0, 1), (1, 2)), ((2, 0), (0, 2))):
        same(ct.moveaxis(A, source, target), np.moveaxis(X, source, target))
    for ours, theirs in zip(ct.broadcast_arrays(A, A[:, :1], ct.asarray(1)),
                            np.broadcast_arrays(X, X[:, :1], np.array(1)), strict=True):  # fmt: skip
        same(ours, theirs)
    assert ct.broadcast_shapes((3, 1), (4,), (1, 1, 1)) == (1, 3, 4)
    same(A[0].T, X[0].T)
    same(A.mT, np.swapaxes(X, -1, -2))
    assert len(A) == 2


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_repeat(axis):
    same(ct.repeat(A, 3, axis=axis), np.repeat(X, 3, axis))
    same(ct.repeat(A, 0, axis=axis), np.repeat(X, 0, axis))
    count = X.size if axis is None else X.shape[axis]
    numbers = np.arange(count) % 3
    same(ct.repeat(A, ct.asarray(numbers), axis=axis), np.repeat(X, numbers, axis))
    same(ct.repeat(A, ct.asarray([2]), axis=axis), np.repeat(X, 2, axis))


def test_axes_that_are_not_there():
    """IndexError by the standard, ValueError as other wrong arguments: both, as NumPy has it."""
    x = ct.ones((2, 3))
    for call in (lambda: ct.expand_dims(x, axis=4), lambda: ct.flip(x, axis=-3), lambda: ct.sum(x, axis=2),
                 lambda: ct.roll(x, 1, axis=2), lambda: ct.stack([x], axis=3), lambda: ct.sort(x, axis=2)):  # fmt: skip
        with pytest.raises(cnengine.errors.AxisError, match="expected an axis of -") as caught:
            call()
        assert isinstance(caught.value, IndexError)
        assert isinstance(caught.value, ValueError)


def test_tile_and_roll():
    for counts in ((2,), (1, 2), (2, 1, 3), (2, 1, 1, 2), (0,), ()):
        same(ct.tile(A, counts), np.tile(X, counts))
    for shift, axis in (
        (1, None),
        (-5, None),
        (2, 1),
        (100, 2),
        ((1, -2), (0, 2)),
        (1, (0, 1)),
        (0, 0),
    ):
        same(ct.roll(A, shift, axis=axis), np.roll(X, shift, axis))
    same(ct.roll(ct.zeros((0, 2)), 1, axis=0), np.zeros((0, 2)))


def test_pad():
    widths = [(1, 2), (0, 1), (3, 0)]
    same(ct.pad(A, widths, value=7), np.pad(X, widths, constant_values=7))
    same(ct.pad(A, [(-1, 0), (0, -1), (1, -2)]), np.pad(X[1:, :-1, :-2], [(0, 0), (0, 0), (1, 0)]))
    spread = ct.pad(ct.asarray([1, 2, 3]), [(1, 0, 2)])
    same(spread, np.array([0, 1, 0, 0, 2, 0, 0, 3]))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: ct.concat([]), "at least one"), (lambda: ct.stack([A, A[0]]), "one shape"),
    (lambda: ct.moveaxis(A, 0, 3), "expected an axis"), (lambda: ct.moveaxis(A, (0, 1), 0), "as many"),
    (lambda: ct.repeat(A, -1), "at least 0"), (lambda: ct.repeat(A, ct.asarray([1, 2]), axis=1), "3 numbers"),
    (lambda: ct.broadcast_shapes((2,), (3,)), "cannot be broadcast"), (lambda: A.T, "matrix"),
    (lambda: A[0, 0].mT, "matrix_transpose: expected matrices"), (lambda: ct.matrix_transpose(ct.ones(2)), "got the shape"),
    (lambda: ct.roll(A, (1, 2), axis=0), "expected 1 numbers"), (lambda: ct.pad(A, [(0, 0)] * 2), "3 axes"),
])  # fmt: skip
def test_wrong_use(call, message):
    with pytest.raises(cnengine.errors.ArgumentError, match=message):
        call()
    with pytest.raises(TypeError, match="repeat: expected integers, got float32"):
        ct.repeat(A, ct.asarray([1.0, 2.0]), axis=0)


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3)])
def test_stack_of_many_as_numpy_does(shape):
    parts = [np.full(shape, i, np.float32) for i in range(70)]
    for axis in range(-len(shape) - 1, len(shape) + 1):
        got = ct.stack([ct.asarray(each) for each in parts], axis=axis)
        np.testing.assert_array_equal(np.asarray(got), np.stack(parts, axis=axis))
    mixed = ct.stack([ct.ones(2, dtype=ct.int32), ct.ones(2, dtype=ct.float64)])
    assert mixed.dtype == ct.float64


def test_many_small_arrays_are_put_together():
    rng = np.random.default_rng(5)
    for shape in [(), (3,), (2, 3), (2, 0), (4, 1, 5)]:
        for dtype in ("float32", "float64", "bool"):
            parts = [rng.normal(size=shape).astype(dtype) for _ in range(7)]
            ours = [ct.asarray(each) for each in parts]
            turned = [ct.permute_dims(x, tuple(range(x.ndim))[::-1]) for x in ours]
            for axis in range(-len(shape) - 1, len(shape) + 1):
                want = np.stack(parts, axis)
                np.testing.assert_array_equal(np.asarray(ct.stack(ours, axis=axis)), want)
                np.testing.assert_array_equal(np.asarray(ct.stack(tuple(ours), axis=axis)), want)
                np.testing.assert_array_equal(
                    np.asarray(ct.stack(turned, axis=axis)), np.stack([x.T for x in parts], axis)
                )
            for axis in range(-len(shape), len(shape)):
                want = np.concatenate(parts, axis)
                np.testing.assert_array_equal(np.asarray(ct.concat(ours, axis=axis)), want)
    mixed = [ct.ones(2), ct.ones(2, dtype=ct.int64)]
    assert ct.stack(mixed).dtype == ct.concat(mixed).dtype == ct.float32
