"""Donated arguments: results take their memory, and who uses them afterwards is told."""

from __future__ import annotations

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.errors import ArgumentError, StateError


def address(x):
    return np.asarray(x).ctypes.data


def fresh(shape=(300, 400), seed=0):
    return ct.asarray(np.random.default_rng(seed).normal(size=shape).astype(np.float32)) * 1


def adam(p, m, v, g):
    m = m + (g - m) * 0.1
    v = v * 0.9 + g * g * 0.1
    return p - m / (ct.sqrt(v) + 1e-8) * 0.01, m, v


SHAPES = [(), (1,), (0, 4), (7,), (300, 400), (3, 1, 5), (2, 100_003)]


@pytest.mark.parametrize("shape", SHAPES)
def test_results_take_the_memory_and_have_the_same_bits(shape):
    arrays = [fresh(shape, seed) for seed in range(4)]
    arrays[2] = arrays[2] * arrays[2]
    expected = [np.array(each) for each in cn.jit(adam)(*arrays)]
    before = sorted(address(each) for each in arrays[:3])
    got = cn.jit(adam, donate_argnums=(0, 1, 2))(*arrays)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(one), other)
    if arrays[3].size > 1:
        assert sorted(address(each) for each in got) == before


PROGRAMS = {
    "softmax": lambda x: (
        ct.exp(x - ct.max(x, axis=-1, keepdims=True))
        / ct.sum(ct.exp(x - ct.max(x, axis=-1, keepdims=True)), axis=-1, keepdims=True)
    ),
    "transposed": lambda x: x * 2 + ct.permute_dims(x, (1, 0)),
    "shifted": lambda x: ct.flip(x, axis=0) * 2 + x,
    "row": lambda x: x * 2 + x[0],
    "read twice": lambda x: (x * 2 + 1, x * 3 + 1, ct.sum(x * x)),
    "given back": lambda x: (x, x * 2 + 1),
    "a view and more": lambda x: (ct.reshape(x, (-1,)), ct.sin(x) * 2),
    "product": lambda x: ct.sin(ct.matmul(x, x)) * x + 1,
    "sum": lambda x: ct.sum(ct.sin(x) * x),
    "steps": lambda x: ct.matmul(ct.sin(x) + 1, ct.cos(x) * 2) * ct.sin(x),
}


@pytest.mark.parametrize("extent", [1, 5, 64, 1100])
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_the_same_bits(name, extent):
    f = PROGRAMS[name]
    x = fresh((extent, extent))
    expected = [np.array(each) for each in ct.tree_leaves(cn.jit(f)(x))]
    held = np.array(x)
    np.testing.assert_array_equal(np.asarray(x), held)
    got = ct.tree_leaves(cn.jit(f, donate_argnums=0)(x))
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(one), other)


def test_what_others_hold_is_not_written():
    step = cn.jit(lambda x, y: x * 2 + y, donate_argnums=0)
    for hold in (lambda x: +x, np.asarray, lambda x: x[::-1], lambda x: ct.reshape(x, (-1,))):
        x, y = fresh(), fresh(seed=1)
        plain, held = np.array(x), hold(x)
        seen = np.array(held)
        np.testing.assert_array_equal(np.asarray(step(x, y)), plain * 2 + np.asarray(y))
        np.testing.assert_array_equal(np.asarray(held), seen)
    outside = np.ones((3, 4), np.float32)
    step(ct.asarray(outside), ct.ones((3, 4)))
    assert (outside == 1).all()


def test_uses_afterwards_are_told():
    def step(state, x):
        return {"w": state["w"] + x}

    x = ct.ones(3)
    state = {"w": ct.ones(3) * 1}
    out = cn.jit(step, donate_argnums=0)(state, x)
    gone = state["w"]
    assert gone.shape == (3,)
    assert "donated" in repr(gone)
    uses = [
        lambda: gone + 1,
        lambda: ct.sin(gone),
        lambda: np.asarray(gone),
        lambda: float(ct.sum(gone)),
        lambda: cn.jit(ct.sin)(gone),
        lambda: ct.grad(lambda v: ct.sum(v * v))(gone),
        lambda: ct.vmap(ct.sin)(gone),
        lambda: gone[0],
        lambda: gone.__setitem__(0, 1.0),
        lambda: bool(gone[0] > 0),
        lambda: ct.reshape(gone, (1, 3)),
    ]
    for use in uses:
        with pytest.raises(StateError, match="donated as argument 0 of step was used"):
            use()
    np.testing.assert_array_equal(np.asarray(out["w"]), [2, 2, 2])


def test_rules():
    x = ct.ones(3) * 1
    step = cn.jit(lambda a, b: a + b * 2, donate_argnums=(0, 1))
    with pytest.raises(ArgumentError, match="is given twice"):
        step(x, x)
    assert float(x[0]) == 1  # nothing was taken
    out = step(x, 2.0)
    np.testing.assert_array_equal(np.asarray(out), [5, 5, 5])
    y = ct.ones(3)
    np.testing.assert_array_equal(np.asarray(ct.grad(lambda v: ct.sum(step(v, 1.0)))(y)), [1, 1, 1])
    assert float(y[0]) == 1  # inside another transformation nothing is donated
    for options in ({"donate_argnums": -1}, {"donate_argnums": 0, "static_argnums": 0}):
        with pytest.raises(ArgumentError, match="donate_argnums"):
            cn.jit(lambda a: a, **options)
    static = cn.jit(lambda n, a: a * n + 1, static_argnums=0, donate_argnums=1)
    z = ct.ones(3) * 1
    np.testing.assert_array_equal(np.asarray(static(3, z)), [4, 4, 4])
    with pytest.raises(StateError, match="argument 1"):
        z + 1


def test_nested_calls_and_transformations_donate_nothing():
    inner = cn.jit(lambda a: a * 2 + 1, donate_argnums=0)
    x, w = ct.ones(5) * 1, ct.ones(5) * 3
    np.testing.assert_array_equal(np.asarray(cn.jit(lambda v: inner(v) + v)(x)), [4] * 5)
    # What a traced function closes over is part of the program, not of one call.
    outer = cn.jit(lambda v: inner(w) + v)
    for _ in range(2):
        np.testing.assert_array_equal(np.asarray(outer(x)), [8] * 5)
    np.testing.assert_array_equal(np.asarray(ct.vmap(inner)(x)), [3] * 5)
    np.testing.assert_array_equal(np.asarray(ct.grad(lambda v: ct.sum(inner(v)))(x)), [2] * 5)

    def body(carry, each):
        return inner(carry) + inner(w), each

    scanned = cn.jit(lambda v: ct.scan(body, v, ct.ones(2))[0])
    np.testing.assert_array_equal(np.asarray(scanned(x)), [28] * 5)
    np.testing.assert_array_equal(np.asarray(x + w), [4] * 5)


def test_what_a_tape_holds_is_not_written():
    inner = cn.jit(lambda a: a * 2 + 1, donate_argnums=0)

    def loss(v):
        scale = ct.ones(1000) * 3
        y = ct.sum(v * scale)  # its derivative reads `scale` later
        return y + ct.sum(inner(scale))

    np.testing.assert_array_equal(np.asarray(ct.grad(loss)(ct.ones(1000))), [3] * 1000)


STEPS = [
    lambda a, b, c: a + b,
    lambda a, b, c: a * 2 - b,
    lambda a, b, c: ct.where(a > b, c, a),
    lambda a, b, c: ct.maximum(a, b) + c,
    lambda a, b, c: a + ct.permute_dims(b, (1, 0)),
    lambda a, b, c: ct.flip(a, axis=0) - b,
    lambda a, b, c: a + b[:1],
    lambda a, b, c: a - b[:, :1],
    lambda a, b, c: a + ct.sum(b, axis=1, keepdims=True),
    lambda a, b, c: a - ct.max(b, axis=0, keepdims=True) + c,
    lambda a, b, c: a + ct.roll(b, 1, axis=1),
    lambda a, b, c: a * b[0, 0] + ct.sum(c),
]


def random_program(rng, count):
    """Steps over a pool of arrays, of integers so small that every order of sums is exact."""
    steps = [(int(rng.integers(len(STEPS))), *rng.integers(1 << 20, size=3)) for _ in range(count)]
    results = rng.integers(1 << 20, size=4)

    def f(*inputs):
        pool = list(inputs)
        for op, i, j, k in steps:
            a, b, c = pool[i % len(pool)], pool[-1 - j % len(pool)], pool[k % len(pool)]
            pool.append(ct.clip(STEPS[op](a, b, c), -20, 20))
        return [pool[each % len(pool)] for each in results] + [ct.sum(pool[-1]), pool[-2] + 1]

    return f


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_give_the_same_bits(seed):
    rng = np.random.default_rng(seed)
    extent = int(rng.choice([1, 2, 7, 33, 130, 600]))
    f = random_program(rng, int(rng.integers(2, 14)))
    kind = [np.float32, np.float64, np.int32, np.int64][int(rng.integers(4))]
    plain = [rng.integers(-9, 9, size=(extent, extent)).astype(kind) for _ in range(4)]

    def arrays():
        return [ct.asarray(each) * 1 for each in plain]

    expected = [np.array(each) for each in f(*arrays())]
    donate = tuple(int(each) for each in np.flatnonzero(rng.integers(2, size=4)))
    step = cn.jit(f, donate_argnums=donate)
    for _ in range(2):
        given = arrays()
        held = [(each[::-1], np.array(each)[::-1]) for each in given if rng.integers(3) == 0]
        out = step(*given)
        for one, other in zip(out, expected, strict=True):
            np.testing.assert_array_equal(np.asarray(one), other)
        for one, other in zip(cn.jit(f)(*arrays()), expected, strict=True):
            np.testing.assert_array_equal(np.asarray(one), other)
        for view, other in held:
            np.testing.assert_array_equal(np.asarray(view), other)
        for at in range(4):
            if at not in donate:
                np.testing.assert_array_equal(np.asarray(given[at]), plain[at])
