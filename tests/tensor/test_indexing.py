"""Elements by index against NumPy's, read and written, alone and inside transformations."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

X = np.arange(120, dtype=np.int32).reshape(2, 3, 4, 5)

KEYS = {
    "an array": (np.array([1, 0, -1]),),
    "a matrix": (np.array([[1, 0], [0, 1]]),),
    "a list": ([1, 0, 1],),
    "an empty list": ([],),
    "two arrays": (np.array([1, 0]), np.array([2, -3])),
    "two that are broadcast": (np.array([[1], [0]]), np.array([2, 0, 1])),
    "neighbours behind a slice": (slice(None), np.array([1, 0]), np.array([2, 3])),
    "neighbours with an integer": (slice(None), 1, np.array([2, 3])),
    "apart": (np.array([1, 0]), slice(None), np.array([2, 3])),
    "an integer apart": (1, slice(None), np.array([2, 3])),
    "behind an ellipsis": (..., np.array([4, 0, 2])),
    "around an ellipsis": (np.array([1, 0]), ..., np.array([4, 2])),
    "with a new axis": (None, np.array([1, 0]), None),
    "apart by a new axis": (np.array([1, 0]), None, np.array([2, 1])),
    "of a slice": (slice(None, None, -1), slice(2, 0, -1), np.array([3, 0])),
    "all": (np.array([1, 0]), np.array([2, 1]), np.array([3, 0]), np.array([4, 4])),
    "without axes": (np.array(1), np.array([2, 0])),
    "int8": (np.array([1, 0], np.int8),),
    "uint64": (np.array([1, 0], np.uint64), np.array([2, 0], np.int32)),
    "a mask": (X % 3 == 0,),
    "a mask of the first axis": (np.array([True, False]),),
    "a mask of two axes": (X[:, :, 0, 0] % 2 == 0,),
    "a mask behind": (..., np.array([True, False, True, True, False])),
    "a mask and an array": (np.array([True, True]), slice(None), np.array([3, 1])),
    "two masks": (np.array([True, True]), np.array([False, True, True])),
    "nothing": (np.zeros(X.shape, bool),),
    "bools without extent": (np.zeros((0, 3), bool),),
    "bools without a last extent": (..., np.zeros((X.shape[2], 0), bool)),
    "true": (True,),
    "false": (False,),
    "a list of bools": ([True, False],),
}
BASIC = {
    "everything": (...,), "an integer": (1,), "integers": (1, -1, 0, 3), "slices": (0, slice(1, None), slice(None, None, -2)),
    "a new axis": (slice(None), None, 1), "none of it": (slice(0, 0),), "an empty tuple": (),
}  # fmt: skip
ALL = {**BASIC, **KEYS}


def ours(key):
    return tuple(ct.asarray(k) if isinstance(k, np.ndarray) else k for k in key)


@pytest.mark.parametrize("name", ALL)
def test_reading(name):
    key = ALL[name]
    x = ct.asarray(X)
    expected = X[key]
    for got in (x[ours(key)], x[key], x.at[ours(key)].get()):
        assert got.shape == expected.shape
        np.testing.assert_array_equal(np.asarray(got), expected)
    strided = np.asarray(X.transpose(3, 1, 2, 0)[::-1])
    back = ct.asarray(strided)
    key = (*key[:1],) if name in ("an array", "a matrix", "a list", "a slice") else (...,)
    np.testing.assert_array_equal(np.asarray(back[ours(key)]), strided[key])


@pytest.mark.parametrize("name", ALL)
def test_writing(name):
    key = ALL[name]
    shape = X[key].shape
    values = np.random.default_rng(0).integers(0, 9, shape).astype(np.int32)
    for value in (values, 7, values[..., :1] if shape and shape[-1] else values):
        expected = X.copy()
        expected[key] = value
        given_value = ct.asarray(value) if isinstance(value, np.ndarray) else value
        x = ct.asarray(X) * 1
        kept = x * 1
        x[ours(key)] = given_value
        np.testing.assert_array_equal(np.asarray(x), expected)
        got = kept.at[ours(key)].set(given_value)
        np.testing.assert_array_equal(np.asarray(got), expected)
        np.testing.assert_array_equal(np.asarray(kept), X)


@pytest.mark.parametrize("name", ALL)
def test_putting_together(name):
    key = ALL[name]
    values = np.random.default_rng(0).integers(1, 4, X[key].shape).astype(np.int32)
    start = X % 50
    for op, at in (("add", np.add.at), ("multiply", np.multiply.at), ("max", np.maximum.at),
                   ("min", np.minimum.at)):  # fmt: skip
        expected = start.copy()
        at(expected, key, values)
        got = getattr(ct.asarray(start).at[ours(key)], op)(ct.asarray(values))
        np.testing.assert_array_equal(np.asarray(got), expected)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_key(data):
    """Integers, slices, arrays, masks, new axes and an ellipsis in any order."""
    key, axis, shape = [], 0, data.draw(st.sampled_from([(), (3,), (2, 1), (1, 3)]))
    while axis < X.ndim and data.draw(st.booleans()):
        extent = X.shape[axis]
        kind = data.draw(st.sampled_from(["integer", "slice", "array", "mask"]))
        if kind == "integer":
            key.append(data.draw(st.integers(-extent, extent - 1)))
        elif kind == "slice":
            bound = st.none() | st.integers(-7, 7)
            step = bound.filter(lambda number: number != 0)
            key.append(slice(data.draw(bound), data.draw(bound), data.draw(step)))
        elif kind == "array":
            seed = data.draw(st.integers(0, 99))
            key.append(np.random.default_rng(seed).integers(-extent, extent, shape))
        else:
            # As many true ones as there are others to be broadcast with.
            count = shape[-1] if shape and shape[-1] <= extent else 1
            key.append(np.arange(extent) < count)
        axis += 1
    for _ in range(data.draw(st.integers(0, 2))):
        key.insert(data.draw(st.integers(0, len(key))), None)
    if data.draw(st.booleans()):
        # What is behind it indexes other axes than it was drawn for.
        behind = data.draw(st.integers(0, len(key)))
        key.insert(behind, ...)
    key = tuple(key)
    x = ct.asarray(X)
    try:
        expected = X[key]
    except IndexError:  # a mask of another length
        with pytest.raises(IndexError):
            x[ours(key)]
        return
    got = x[ours(key)]
    assert got.shape == expected.shape
    np.testing.assert_array_equal(np.asarray(got), expected)
    changed = X.copy()
    np.add.at(changed, key, 1)
    np.testing.assert_array_equal(np.asarray(x.at[ours(key)].add(1)), changed)


def test_modes():
    x = ct.asarray([1.0, 2.0, 3.0])
    far = ct.asarray([0, 5, -1, -7])
    np.testing.assert_array_equal(np.asarray(ct.take(x, far, mode="clip")), [1, 3, 1, 1])
    np.testing.assert_array_equal(np.asarray(ct.take(x, far, mode="skip")), [1, 0, 0, 0])
    np.testing.assert_array_equal(np.asarray(x.at(mode="skip")[far].set(9)), [9, 2, 3])
    np.testing.assert_array_equal(np.asarray(x.at(mode="clip")[far].add(1)), [4, 2, 4])
    with pytest.raises(cnengine.errors.ArgumentError, match="mode"):
        ct.take(x, far, mode="wrap")


def test_of_several_values_for_one_place_the_last_stays():
    places = ct.asarray([1, 1, 0])
    got = ct.zeros(2).at[places].set(ct.asarray([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(np.asarray(got), [3, 2])


def test_bytes_that_somebody_else_holds_are_not_written():
    x = ct.zeros(4)
    alias, view, outside = ct.reshape(x, (2, 2)), x[1:], np.asarray(x)
    x[0:2] = 1
    x[ct.asarray([3])] = 5
    np.testing.assert_array_equal(np.asarray(x), [1, 1, 0, 5])
    for other in (alias, view, outside):
        assert not np.any(np.asarray(other))
    source = np.zeros(3)
    x = ct.asarray(source)
    x[0] = 1
    assert not source.any()
    x = ct.asarray([1, 2, 3, 4])
    x[1:] = x[:-1]
    np.testing.assert_array_equal(np.asarray(x), [1, 1, 2, 3])
    same = x
    same[0] = 9
    assert int(x[0]) == 9


def test_types_of_what_is_written():
    x = ct.zeros(3)
    x[0] = 1
    x[1] = True
    x[2:] = [2]
    np.testing.assert_array_equal(np.asarray(x), [1, 1, 2])
    x[0] = ct.asarray(3, dtype=ct.float16)
    whole = ct.zeros(2, dtype=ct.int8)
    for value in (1.5, ct.asarray(1.0), ct.asarray(1), [1.5], 1j):
        with pytest.raises(cnengine.errors.TypeError, match="does not go into"):
            whole[0] = value
    with pytest.raises(OverflowError):
        whole[0] = 300


def test_take():
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    for axis in (0, 1, -1):
        for indices in (np.array([2, 0, -1]), np.array([[1, 0], [2, 2]]), np.array(1)):
            np.testing.assert_array_equal(
                np.asarray(ct.take(ct.asarray(x), ct.asarray(indices), axis=axis)),
                np.take(x, indices, axis),
            )
        order = np.argsort(x, axis)
        a = ct.asarray(x)
        np.testing.assert_array_equal(
            np.asarray(ct.take_along_axis(a, ct.asarray(order), axis=axis)),
            np.take_along_axis(x, order, axis),
        )
        shape = [1, 1, 1]
        shape[axis] = 2
        few = np.array([1, 0]).reshape(shape)
        np.testing.assert_array_equal(
            np.asarray(ct.take_along_axis(a, ct.asarray(few), axis=axis)),
            np.take_along_axis(x, few, axis),
        )
        expected = x.copy()
        np.put_along_axis(expected, few, 7.0, axis)
        got = ct.put_along_axis(a, ct.asarray(few), 7.0, axis=axis)
        np.testing.assert_array_equal(np.asarray(got), expected)


def test_blocks_at_places_that_are_arrays():
    x = np.arange(24).reshape(4, 6)
    for start in (-3, 0, 2, 9):
        first = min(max(start, 0), 2)
        block = ct.dynamic_slice(ct.asarray(x), [ct.asarray(start), 1], (2, 3))
        np.testing.assert_array_equal(np.asarray(block), x[first : first + 2, 1:4])
        changed = x.copy()
        changed[first : first + 2, 1:4] = 0
        got = ct.dynamic_update_slice(ct.asarray(x), ct.asarray(0 * x[:2, :3]), [start, 1])
        np.testing.assert_array_equal(np.asarray(got), changed)


def test_loops_write_inside_jit():
    @cn.jit
    def squares(n):
        out = ct.zeros(5)
        for i in range(5):
            out[i] = n * i
        out[ct.asarray([0, -1])] = -1
        return out

    np.testing.assert_array_equal(np.asarray(squares(ct.asarray(2.0))), [-1, 2, 4, 6, -1])


def test_a_cache_that_grows_by_a_place_that_is_an_array():
    @cn.jit
    def step(cache, position, row):
        return ct.dynamic_update_slice(cache, ct.expand_dims(row), [position, 0])

    cache = ct.zeros((4, 2))
    for i in range(3):
        cache = step(cache, ct.asarray(i), ct.full(2, float(i + 1)))
    np.testing.assert_array_equal(np.asarray(cache), [[1, 1], [2, 2], [3, 3], [0, 0]])
    caches = ct.zeros((3, 4, 2))
    rows = ct.asarray(np.arange(6.0, dtype=np.float32).reshape(3, 2))
    got = cn.vmap(step)(caches, ct.asarray([2, 0, 9]), rows)
    expected = np.zeros((3, 4, 2))
    for i, place in enumerate((2, 0, 3)):
        expected[i, place] = np.asarray(rows)[i]
    np.testing.assert_array_equal(np.asarray(got), expected)


@pytest.mark.parametrize(("x_axis", "index_axis"), [(0, None), (None, 0), (0, 0), (1, 1), (2, 0)])
def test_every_kind_of_batch(x_axis, index_axis):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 4, 5))
    indices = rng.integers(-2, 2, (3, 4))
    values = rng.normal(size=(4, 5))

    def examples(f, *arrays):
        """One by one."""
        size = 4 if 1 in (x_axis, index_axis) else 5 if x_axis == 2 else 3
        a = [x if x_axis is None else np.take(x, i, x_axis) for i in range(size)]
        b = [indices if index_axis is None else np.take(indices, i % indices.shape[index_axis], index_axis)
             for i in range(size)]  # fmt: skip
        return np.stack(
            [np.asarray(f(ct.asarray(u), ct.asarray(v))) for u, v in zip(a, b, strict=True)]
        )

    if x_axis == 2:
        indices = rng.integers(-2, 2, (5, 4))
    for f in (
        lambda a, i: ct.take(a, i, axis=0),
        lambda a, i: ct.take(a, i, axis=1),
        lambda a, i: a[i, :1] if i.ndim == 1 else a[i],
        lambda a, i: a[i, i % 2],
        lambda a, i: a.at[i].add(1.0),
        lambda a, i: a.at[i].set(ct.asarray(values[0, 0])),
        lambda a, i: a.at[i, i % 2].multiply(2.0),
    ):
        got = cn.vmap(f, in_axes=(x_axis, index_axis))(ct.asarray(x), ct.asarray(indices))
        np.testing.assert_allclose(np.asarray(got), examples(f), rtol=1e-12)


@pytest.mark.parametrize(("key", "error", "message"), [
    (np.array([2]), IndexError, "expected indices from -2 to 1, got 2"),
    (np.array([0.5]), IndexError, "arrays of integers or bool"),
    (np.array([True, False, True]), IndexError, "expected bools of the extent 2"),
    ((np.array([0, 1]), np.array([0, 1, 2])), IndexError, "broadcast"),
    ((0, 0, 0, 0, np.array([0])), IndexError, "at most 4 indices"),
    ((..., np.array([0]), ...), IndexError, "one ellipsis"),
    ("x", IndexError, "expected integers"),
])  # fmt: skip
def test_wrong_keys(key, error, message):
    x = ct.asarray(X)
    with pytest.raises(error, match=message):
        x[key]


def test_what_depends_on_elements_says_so():
    x = ct.asarray([1.0, 2.0])
    for f in (lambda v: v[v > 1], ct.nonzero, ct.unique_values, lambda v: ct.repeat(v, ct.asarray([1, 2]) + ct.astype(v, ct.int64))):  # fmt: skip
        with pytest.raises(cnengine.errors.TracedError, match="not known"):
            cn.jit(f)(x)
    total = cn.grad(lambda v: ct.sum(v[v > 1] ** 2))(x)
    np.testing.assert_array_equal(np.asarray(total), [0, 4])
