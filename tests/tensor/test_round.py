"""Loops over small arrays, whose rounds are bound to their memory once: bits as round by round."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest

LENGTH = 5


def draw(*shape, dtype=ct.float32, seed=0):
    values = np.random.default_rng(seed).normal(size=shape) * 2
    return ct.astype(ct.asarray(values), dtype)


W = draw(4, 12, seed=1)
LONG = draw(2, 3000, seed=2)

# The state before, rows or None, and what a round does.
CASES = {
    "sum": (lambda: draw(), lambda: draw(LENGTH), lambda s, x: (s * 0.9 + x, s)),
    "vector": (lambda: draw(8), lambda: draw(LENGTH, 8), lambda s, x: (ct.tanh(s * 0.9 + x), s)),
    "swapped": (lambda: (draw(3), draw(3, seed=1)), lambda: None,
                lambda s, _: ((s[1], s[0]), s[0])),
    "fibonacci": (lambda: (ct.asarray(0), ct.asarray(1)), lambda: None,
                  lambda s, _: ((s[1], s[0] + s[1]), s[1])),
    "unchanged": (lambda: (draw(3), draw()), lambda: draw(LENGTH),
                  lambda s, x: ((s[0], s[1] + x), s[0] * s[1])),
    "turned": (lambda: draw(3, 3), lambda: None, lambda s, _: (s.T, s[0])),
    "reshaped": (lambda: draw(3, 4), lambda: draw(LENGTH, 2),
                 lambda s, x: (ct.reshape(s.T, (3, 4)) / 2, ct.concat([ct.reshape(s.T, (12,)), x]))),
    "padded": (lambda: draw(2, 3), lambda: draw(LENGTH),
               lambda s, x: (ct.pad(s, ((1, 0), (0, 2)))[1:, :3] + s[:, ::-1] / 2,
                             ct.pad(s * x, ((1, 1), (0, 1))))),
    "reversed state": (lambda: draw(5), lambda: draw(LENGTH), lambda s, x: (s[::-1] * x, s[::2])),
    "shifted": (lambda: draw(6), lambda: draw(LENGTH),
                lambda s, x: (ct.concat([s[1:], ct.reshape(x, (1,))]), ct.sum(s))),
    "row alone": (lambda: draw(), lambda: draw(LENGTH, 2, 3), lambda s, x: (s, (x, x.T))),
    "constant result": (lambda: draw(), lambda: draw(LENGTH), lambda s, x: (s + x, ct.sum(W))),
    "hoisted": (lambda: draw(1, 4), lambda: draw(LENGTH, 1, 4),
                lambda s, x: (ct.tanh((s + x) @ (ct.exp(W) @ W.T * 0.01)), s)),
    "gates": (lambda: draw(1, 4), lambda: draw(LENGTH, 4),
              lambda s, x: (ct.sigmoid((s @ W)[:, 4:8]) * s + ct.tanh((x[None] @ W)[:, :4]), s[0])),
    "broadcast": (lambda: draw(3, 4), lambda: draw(LENGTH, 4),
                  lambda s, x: (s * 0.5 + x, ct.max(s, axis=1))),
    "softmax": (lambda: draw(3, 4), lambda: draw(LENGTH, 1, 4),
                lambda s, x: (ct.exp(s + x) / ct.sum(ct.exp(s + x), axis=1, keepdims=True), None)),
    "means": (lambda: draw(2, 3000), lambda: draw(LENGTH),
              lambda s, x: (s - ct.mean(s, axis=1, keepdims=True) * x + LONG, ct.sum(s))),
    "beyond": (lambda: draw(300, 300), lambda: draw(LENGTH), lambda s, x: (s * 0.5 + x, s[0, 0])),
    "half": (lambda: draw(7, dtype=ct.bfloat16), lambda: draw(LENGTH, 7, dtype=ct.bfloat16),
             lambda s, x: (s * 0.5 + x, ct.astype(s, ct.float32))),
    "float16": (lambda: draw(3, 3, dtype=ct.float16), lambda: None,
                lambda s, _: (s @ s * 0.1 + s, s)),
    "float64": (lambda: draw(3, dtype=ct.float64), lambda: draw(LENGTH, 3, dtype=ct.float64),
                lambda s, x: (ct.sin(s) * x, s)),
    "complex": (lambda: draw(3, dtype=ct.complex64), lambda: draw(LENGTH, 3),
                lambda s, x: (s * (0.5 + 0.5j) + x, ct.abs(s))),
    "bools": (lambda: draw(3) > 0, lambda: draw(LENGTH, 3), lambda s, x: (s ^ (x > 0), s)),
    "integers": (lambda: ct.asarray([1, 2], dtype=ct.int8), lambda: ct.arange(LENGTH),
                 lambda s, x: (s * 7 + ct.astype(x, ct.int8), s // 3)),
    "empty": (lambda: draw(0, 3), lambda: draw(LENGTH, 3), lambda s, x: (s + x, s @ x)),
    "choice": (lambda: draw(), lambda: draw(LENGTH),
               lambda s, x: (cn.cond(s > 0, lambda a: a - 1, lambda a: a + x, s), s)),
    "place": (lambda: draw(5), lambda: ct.asarray([4, 0, 3, 3, 1]),
              lambda s, i: (s.at[i].set(s[i] * 2 + 1), s[i])),
    "nested": (lambda: draw(3), lambda: draw(LENGTH, 4, 3),
               lambda s, x: cn.scan(lambda a, b: (a * 0.5 + b, a * b), s, x)),
    "inner while": (lambda: draw(), lambda: draw(LENGTH),
                    lambda s, x: (cn.while_loop(lambda a: a < 3, lambda a: a + 1, s + x) * 0.5, s)),
    "batched products": (lambda: draw(2, 3, 3), lambda: draw(LENGTH),
                         lambda s, x: (s @ s * 0.1 + x, s)),
    "order": (lambda: draw(6), lambda: draw(LENGTH, 6),
              lambda s, x: (ct.sort(s + x), ct.argsort(x))),
}  # fmt: skip


def same(got, expected):
    got, expected = ct.tree_leaves(got), ct.tree_leaves(expected)
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype == ct.bfloat16:
            a, b = ct.astype(a, ct.float32), ct.astype(b, ct.float32)
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("name", CASES)
def test_scan(name, reverse):
    """The eager loop is Python's: one operation after the other, an array for each result."""
    state, rows, f = CASES[name]
    state, rows = state(), rows()

    def loop(state, rows):
        return cn.scan(f, state, rows, LENGTH, reverse=reverse)

    expected = loop(state, rows)
    jitted = cn.jit(loop)
    same(jitted(state, rows), expected)
    same(jitted(state, rows), expected)  # nothing of the first call is left
    with cn.debug_nans():
        same(cn.jit(lambda *args: loop(*args))(state, rows), expected)


FLOATS = ["sum", "vector", "gates", "hoisted", "broadcast", "softmax", "shifted", "turned", "nested",
          "fibonacci of floats", "batched products", "reversed state", "reshaped", "padded"]  # fmt: skip


@pytest.mark.parametrize("name", FLOATS)
def test_transformed(name):
    """Derivatives by state and rows, and batches, as the eager loop has them."""
    if name == "fibonacci of floats":
        state, rows, f = (draw(), draw(seed=3)), None, CASES["fibonacci"][2]
    else:
        state, rows, f = CASES[name]
        state, rows = state(), rows()

    def total(state, rows):
        last, out = cn.scan(f, state, rows, LENGTH)
        return sum(ct.sum(ct.sin(each)) for each in ct.tree_leaves((last, out)))

    def close(got, expected):
        for a, b in zip(ct.tree_leaves(got), ct.tree_leaves(expected), strict=True):
            np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=2e-4, atol=2e-5)

    argnums = 0 if rows is None else (0, 1)
    slopes = cn.grad(total, argnums=argnums)
    close(cn.jit(slopes)(state, rows), slopes(state, rows))
    both = ct.tree_map(lambda x: ct.stack([x, x + 1]), (state, rows))
    batch = cn.vmap(slopes)
    close(cn.jit(batch)(*both), [
        ct.stack(pair) for pair in zip(*(ct.tree_leaves(slopes(*ct.tree_map(lambda x, i=i: x[i], both)))
                                         for i in range(2)), strict=True)])  # fmt: skip


def test_rows_that_lie_across():
    rows = draw(8, LENGTH)
    for xs in (rows.T, ct.broadcast_to(draw(8), (LENGTH, 8)), draw(2 * LENGTH, 8)[::-2]):
        f = lambda xs: cn.scan(lambda s, x: (s * 0.9 + x, s), ct.zeros(8), xs)  # noqa: E731
        same(cn.jit(f)(xs), f(xs))


def test_arguments_are_not_written():
    state, rows = draw(3), draw(LENGTH, 3)
    before = np.asarray(state).copy(), np.asarray(rows).copy()
    f = cn.jit(lambda s, xs: cn.scan(lambda a, x: (a + x, a), s, xs), donate_argnums=())
    first = f(state, rows)
    kept = np.asarray(first[0]).copy()
    f(first[0], rows)
    for got, expected in zip((state, rows, first[0]), (*before, kept), strict=True):
        np.testing.assert_array_equal(np.asarray(got), expected)


def test_while():
    f = cn.jit(lambda n, s, w: cn.while_loop(
        lambda t: t[0] < n, lambda t: (t[0] + 1, (t[1] @ w) * 0.5, t[1]), (0, s, s)))  # fmt: skip
    s, w = draw(1, 4), draw(4, 4, seed=1)
    for n in (0, 1, 7):
        expected, before = s, s
        for _ in range(n):
            expected, before = (expected @ w) * 0.5, expected
        same(f(n, s, w), (ct.asarray(n), expected, before))


@pytest.mark.parametrize("length", [0, 1, 2])
def test_lengths(length):
    f = cn.jit(lambda xs: cn.scan(lambda s, x: (s + x, s * x), ct.asarray(1.0), xs))
    last, out = f(ct.ones(length))
    assert float(last) == 1 + length
    np.testing.assert_array_equal(np.asarray(out), np.arange(length) + 1.0)


def test_more_rows_than_memory_can_be():
    f = cn.jit(lambda s: cn.scan(lambda a, _: (a, a), s, None, length=2**61))
    with pytest.raises(cn.errors.ShapeError, match=r"scan: .* is larger than memory can be"):
        f(ct.ones(2))
