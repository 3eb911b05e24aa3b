"""Views of arrays against NumPy's."""

import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

X = np.arange(120, dtype=np.int32).reshape(2, 3, 4, 5)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_indices(data):
    """Integers, slices, new axes and an ellipsis."""
    keys = []
    for extent in X.shape[: data.draw(st.integers(0, 4))]:
        bound = st.none() | st.integers(-7, 7)
        keys.append(
            data.draw(
                st.integers(-extent, extent - 1)
                | st.builds(slice, bound, bound, bound.filter(lambda step: step != 0))
            )
        )
    for _ in range(data.draw(st.integers(0, 2))):
        keys.insert(data.draw(st.integers(0, len(keys))), None)
    if data.draw(st.booleans()):
        keys.insert(data.draw(st.integers(0, len(keys))), ...)
    key = tuple(keys)
    got = np.asarray(ct.asarray(X)[key])
    assert got.shape == X[key].shape
    np.testing.assert_array_equal(got, X[key])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_reshapes_of_any_strides(data):
    x = X[tuple(slice(None, None, data.draw(st.sampled_from([1, 2, -1]))) for _ in range(4))]
    x = x.transpose(data.draw(st.permutations(range(4))))
    left, shape = x.size, []
    while left > 1 and len(shape) < 6:
        factor = data.draw(st.sampled_from([n for n in range(1, left + 1) if left % n == 0]))
        shape.append(factor)
        left //= factor
    shape.append(left)
    if data.draw(st.booleans()):
        shape[data.draw(st.integers(0, len(shape) - 1))] = -1
    got = np.asarray(ct.reshape(ct.asarray(x), shape))
    np.testing.assert_array_equal(got, x.reshape(shape))


def test_what_can_be_a_view_is_one():
    for x, shape in ((X, (6, 20)), (X[:, :, ::2], (6, 2, 5)), (X[..., ::-1], (24, 5)),
                     (X[:1].transpose(1, 0, 2, 3), (3, 20))):  # fmt: skip
        assert np.shares_memory(np.asarray(ct.reshape(ct.asarray(x), shape)), X)
    assert not np.shares_memory(np.asarray(ct.reshape(ct.asarray(X.T), (120,))), X)


def test_axes():
    a = ct.asarray(X)
    np.testing.assert_array_equal(
        np.asarray(ct.permute_dims(a, (3, 1, 0, 2))), X.transpose(3, 1, 0, 2)
    )
    np.testing.assert_array_equal(
        np.asarray(ct.permute_dims(a, (-1, 0, 1, 2))), X.transpose(3, 0, 1, 2)
    )
    np.testing.assert_array_equal(np.asarray(ct.flip(a)), np.flip(X))
    np.testing.assert_array_equal(np.asarray(ct.flip(a, axis=(1, -1))), np.flip(X, (1, 3)))
    np.testing.assert_array_equal(np.asarray(ct.flip(a[:0])), X[:0])
    assert ct.expand_dims(a, axis=(0, -1)).shape == (1, 2, 3, 4, 5, 1)
    assert ct.squeeze(ct.zeros((1, 2, 1)), (0, -1)).shape == (2,)
    np.testing.assert_array_equal(
        np.asarray(ct.broadcast_to(a[:, :1], (7, 2, 3, 4, 5))),
        np.broadcast_to(X[:, :1], (7, 2, 3, 4, 5)),
    )
    assert ct.reshape(ct.zeros((0, 3)), (3, 0, 2)).shape == (3, 0, 2)
    assert ct.reshape(ct.zeros(1), ()).shape == ()


@pytest.mark.parametrize(("call", "message"), [
    (lambda a: ct.reshape(a, (7, -1)), r"reshape: the shape \(7, -1\) does not hold the 120 elements"),
    (lambda a: ct.reshape(a, (-1, -1)), "at most one -1"),
    (lambda a: ct.reshape(a, (0, -1)), "does not hold"),
    (lambda a: ct.reshape(a, (2**40, 2**40)), "expected extents"),
    (lambda a: ct.reshape(a, [1] * 17), "at most 16 axes"),
    (lambda a: ct.permute_dims(a, (0, 1)), "expected 4 axes"),
    (lambda a: ct.permute_dims(a, (0, 1, 2, 2)), "axis 2 is named twice"),
    (lambda a: ct.permute_dims(a, (0, 1, 2, 4)), "expected an axis of -4 to 3, got 4"),
    (lambda a: ct.squeeze(a, 1), "to have the extent 1"),
    (lambda a: ct.broadcast_to(a, (3, 4, 5)), "cannot be broadcast"),
    (lambda a: ct.broadcast_to(a, (2, 3, 4, 6)), "cannot be broadcast"),
    (lambda a: ct.flip(a, axis=4), "expected an axis"),
    (lambda a: ct.expand_dims(a, axis=6), "expected an axis"),
])  # fmt: skip
def test_wrong_use(call, message):
    with pytest.raises(cnengine.errors.ArgumentError, match=message):
        call(ct.asarray(X))


@pytest.mark.parametrize(("key", "message"), [
    (2, "expected an index of axis 0 of -2 to 1, got 2"), ((0, 0, 0, 0, 0), "at most 4 indices"),
    ((..., ...), "at most one ellipsis"), ("x", "expected integers"), (1.0, "expected integers"),
])  # fmt: skip
def test_wrong_indices(key, message):
    with pytest.raises(IndexError, match=message):
        ct.asarray(X)[key]
