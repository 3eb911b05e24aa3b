"""``x[key] = v`` writes where nobody else holds the bytes, and never where somebody does."""

from __future__ import annotations

import concurrent.futures
import copy
import pickle

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest

N = 24


def address(x):
    """Where the first element lies; what shows it is gone when this returns."""
    return np.asarray(x).ctypes.data


def fresh(dtype=ct.float32):
    return ct.astype(ct.arange(N), dtype)


KEYS = {
    "a place": 3,
    "from the end": -1,
    "a slice": slice(2, 9),
    "steps": slice(1, 20, 3),
    "backwards": slice(20, 1, -3),
    "everything": slice(None),
    "an ellipsis": ...,
    "a list": [3, 1, 3],
    "an array": np.array([5, 2]),
    "a mask": np.arange(N) % 3 == 0,
    "nothing": slice(4, 4),
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("dtype", [ct.bool, ct.int8, ct.float16, ct.float32, ct.complex128])
def test_it_writes_where_nobody_else_holds_the_bytes(name, dtype):
    x, key = fresh(dtype), KEYS[name]
    expected, before = np.array(x), address(x)
    x[key if not isinstance(key, np.ndarray) else ct.asarray(key)] = True
    expected[key] = True
    np.testing.assert_array_equal(np.asarray(x), expected)
    assert address(x) == before


@pytest.mark.parametrize("layout", ["rows", "across", "backwards", "a part"])
def test_in_every_layout(layout):
    x = fresh()
    x = {
        "rows": lambda: ct.reshape(x, (4, 6)),
        "across": lambda: ct.permute_dims(ct.reshape(x, (6, 4)), (1, 0)),
        "backwards": lambda: ct.reshape(x, (4, 6))[::-1, ::-1],
        "a part": lambda: ct.reshape(x, (4, 6))[1:, 1::2],
    }[layout]()
    expected, before = np.array(x), address(x)
    for key, value in (((1, 2), 5), ((slice(None), 1), 6), (([0, 2], [1, 0]), 7), ((-1,), [8] * 3)):
        if key == (-1,):
            value = value[:1] * x.shape[1]
        x[key] = ct.asarray(value) if isinstance(value, list) else value
        expected[key] = value
        np.testing.assert_array_equal(np.asarray(x), expected)
    assert address(x) == before


def test_an_array_whose_indices_share_places_is_copied():
    x = ct.broadcast_to(ct.asarray([1.0]) * 1, (3,))
    x[0] = 5
    np.testing.assert_array_equal(np.asarray(x), [5, 1, 1])
    y = ct.broadcast_to(ct.asarray([[1.0, 2.0]]) * 1, (3, 2))
    y[1] = ct.asarray([7.0, 8.0])
    np.testing.assert_array_equal(np.asarray(y), [[1, 2], [7, 8], [1, 2]])


def _tape(x):
    """A residual of a derivative that is under way."""
    _, pullback = ct.vjp(lambda a: ct.sum(a * a), x)
    return lambda: pullback(ct.asarray(1.0))[0] / 2


def _program(x):
    """A constant of a traced program."""
    f = cn.jit(lambda a: a + ct.reshape(x, (N,)))
    f(ct.zeros(N))
    return lambda: f(ct.zeros(N))


def _flat(x):
    return ct.reshape(x, (N,))


def _turned(x):
    return ct.permute_dims(ct.reshape(x, (4, 6)), (1, 0))


#: Ways to hold the bytes: what holds them, and how to see them through it.
HOLDERS = {
    "another handle": (lambda x: +x, None),
    "a copy": (copy.copy, None),
    "a deep copy": (lambda x: copy.deepcopy({"w": [x]}), lambda held: held["w"][0]),
    "a view": (lambda x: ct.reshape(x, (4, 6)), _flat),
    "a part": (lambda x: x[1:], lambda held: ct.concat([ct.zeros(1), held])),
    "a transposed view": (_turned, lambda held: _flat(ct.permute_dims(held, (1, 0)))),
    "NumPy": (np.asarray, None),
    "NumPy's view": (lambda x: np.asarray(x)[::-1], lambda held: held[::-1]),
    "DLPack": (np.from_dlpack, None),
    "a memory view": (lambda x: memoryview(np.asarray(x)), np.asarray),
    "another library and back": (lambda x: ct.asarray(np.asarray(x)), None),
    "a tree of copies": (lambda x: ct.tree_map(lambda a: +a, [x]), lambda held: held[0]),
    "a cast that does not copy": (lambda x: +ct.astype(x, ct.float32, copy=False), None),
    "a column": (ct.to_column, lambda held: np.asarray(ct.from_column(held))),
    "a tape": (_tape, lambda held: held()),
    "a program": (_program, lambda held: held()),
    "a result of jit": (
        lambda x: cn.jit(_turned)(x),
        lambda held: _flat(ct.permute_dims(held, (1, 0))),
    ),
    "an aux of grad": (lambda x: ct.grad(lambda a: (ct.sum(a), a), has_aux=True)(x)[1], None),
    "a pickle": (lambda x: pickle.loads(pickle.dumps(x)), None),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_who_else_holds_the_bytes_sees_no_change(holder):
    hold, look = HOLDERS[holder]
    for key in (3, slice(None), [1, 2], slice(2, 20, 3)):
        x = fresh()
        held = hold(x)
        x[key] = 99
        seen = np.asarray(held if look is None else look(held))
        np.testing.assert_array_equal(seen, np.arange(N))
        assert np.all(np.asarray(x)[key] == 99)


def test_the_update_may_be_of_the_same_bytes():
    x = fresh()
    x[1:] = x[:-1]
    np.testing.assert_array_equal(np.asarray(x), [0, *range(N - 1)])
    x = fresh()
    x[...] = x[::-1]
    np.testing.assert_array_equal(np.asarray(x), np.arange(N)[::-1])
    x = fresh(ct.int32)
    x[x[:3]] = x[3:6]
    np.testing.assert_array_equal(np.asarray(x)[:3], [3, 4, 5])
    x[:] = x
    np.testing.assert_array_equal(np.asarray(x)[:3], [3, 4, 5])


def test_memory_of_others_is_never_written():
    source = np.zeros(N, np.float32)
    x = ct.asarray(source)
    del source
    before = address(x)
    x[0] = 1
    assert address(x) != before  # a copy, which is its own from here on
    before = address(x)
    x[1] = 1
    assert address(x) == before


def test_a_write_that_is_wrong_changes_nothing():
    x = fresh()
    for key, value in (([0, N], 9), ((0, 0), 9), (slice(0, 3), [1.0, 2.0]), (0, "a"), (N, 9)):
        with pytest.raises((IndexError, ValueError, TypeError)):
            x[key] = value
        np.testing.assert_array_equal(np.asarray(x), np.arange(N))


def test_inside_transformations():
    def written(x):
        y = x * 1
        y[1] = 5 * x[0]
        y[[2, 3]] = x[4]
        return ct.sum(y * y)

    x = fresh()
    plain = np.array(x)
    plain[[2, 3]] = plain[4]
    plain[1] = 5 * plain[0]
    expected = np.sum(plain**2)
    np.testing.assert_allclose(float(written(x)), expected, rtol=1e-6)
    np.testing.assert_allclose(float(cn.jit(written)(x)), expected, rtol=1e-6)
    slopes = 2 * plain
    slopes[[1, 2, 3]] = 0
    slopes[0] += 10 * plain[1]
    slopes[4] += 4 * plain[4]
    for gradient in (ct.grad(written)(x), cn.jit(ct.grad(written))(x)):
        np.testing.assert_allclose(np.asarray(gradient), slopes, rtol=1e-6)
    rows = ct.vmap(written)(ct.reshape(ct.concat([x, x]), (2, N)))
    np.testing.assert_allclose(np.asarray(rows), [expected] * 2, rtol=1e-6)
    np.testing.assert_array_equal(np.asarray(x), np.arange(N))


def test_an_operator_with_assignment_binds_another_array():
    """As for NumPy's scalars: who holds the old one sees no change."""
    x = fresh()
    same = x
    x += 1
    np.testing.assert_array_equal(np.asarray(same), np.arange(N))
    np.testing.assert_array_equal(np.asarray(x), np.arange(N) + 1)
    x[2] += 5
    assert float(x[2]) == 8


def test_many_single_writes_copy_nothing():
    x = ct.zeros(1_000_000)
    before = address(x)
    for i in range(100_000):
        x[i] = i
        if i % 10_000 == 0:
            assert address(x) == before
    assert address(x) == before
    np.testing.assert_array_equal(np.asarray(x)[:100_000], np.arange(100_000))
    assert not np.any(np.asarray(x)[100_000:])


def test_threads_that_hold_and_let_go():
    """A reader's copy of the handle is whole, whatever is written meanwhile."""
    x = ct.zeros(200_000)

    def read():
        for _ in range(50):
            held = +x
            once = np.asarray(held).copy()
            np.testing.assert_array_equal(once, np.asarray(held))

    def write():
        for i in range(500):
            x[:100] = i
            x[i] = -1

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for each in [pool.submit(read), pool.submit(write), pool.submit(read)]:
            each.result()
    assert float(x[499]) == -1
