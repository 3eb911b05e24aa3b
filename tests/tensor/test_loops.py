"""fori_loop, map, switch, associative_scan, eval_shape, linearize and hvp, under transformations."""

from __future__ import annotations

import threading

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, TypeError  # noqa: A004

WAYS = {"eager": lambda f: f, "jit": cn.jit}
X = np.array([0.5, -1.25, 2.0, 0.75])


def slope(f, x, step=1e-6):
    """Central differences in float64."""
    out = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        change = np.zeros_like(x)
        change[at] = step
        out[at] = (float(f(ct.asarray(x + change))) - float(f(ct.asarray(x - change)))) / (2 * step)
    return out


def by_fori(x):
    return ct.sum(ct.fori_loop(1, 4, lambda i, v: v * ct.sin(x) + i, x))


def by_map(x):
    return ct.sum(ct.map(lambda row: {"y": ct.exp(row) * row}, x)["y"])


def by_switch(x):
    parts = [ct.switch(at, [ct.sin, ct.cos, lambda v: v * v], x) for at in (-1, 0, 1, 2, 7)]
    return ct.sum(ct.stack(parts))


def by_scan(x):
    pair = ct.associative_scan(
        lambda a, b: (a[0] * b[0], a[1] * b[0] + b[1]), (ct.sin(x), ct.cos(x)), reverse=True
    )
    return ct.sum(pair[1] * pair[0])


PROGRAMS = [by_fori, by_map, by_switch, by_scan]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives_of_both_modes(f, way):
    """Against central differences in float64, to 1e-6."""
    x, v = ct.asarray(X), ct.asarray(X[::-1].copy())
    expected = slope(f, X)
    run = WAYS[way]
    np.testing.assert_allclose(np.asarray(run(ct.grad(f))(x)), expected, rtol=1e-6, atol=1e-6)
    change = run(lambda a, b: ct.jvp(f, (a,), (b,))[1])(x, v)
    np.testing.assert_allclose(float(change), expected @ X[::-1], rtol=1e-6)
    rows = run(ct.vmap(f))(ct.stack([x, v]))
    np.testing.assert_allclose(np.asarray(rows), [float(f(x)), float(f(v))], rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("lower", "upper"), [(0, 0), (3, 1), (0, 1), (-2, 3), (2, 7)])
def test_fori_loop(way, lower, upper):
    def f(x):
        return ct.fori_loop(lower, upper, lambda i, s: (s[0] + i, s[1] * 2), (x, ct.asarray(1)))

    total, power = WAYS[way](f)(ct.asarray(10))
    count = max(0, upper - lower)
    assert (int(total), int(power)) == (10 + sum(range(lower, upper)), 2**count)
    bounds = WAYS[way](lambda a, b: ct.fori_loop(a, b, lambda i, s: s + i, ct.asarray(0)))
    assert int(bounds(ct.asarray(lower), ct.asarray(upper))) == sum(range(lower, upper))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_switch(way, count):
    branches = [lambda x, at=at: x + 10 * at for at in range(count)]
    f = WAYS[way](lambda i, x: ct.switch(i, branches, x))
    indices = np.arange(-2, count + 2)
    expected = [1 + 10 * min(max(at, 0), count - 1) for at in indices]
    assert [int(f(ct.asarray(at), ct.asarray(1))) for at in indices] == expected
    rows = ct.vmap(f, in_axes=(0, None))(ct.asarray(indices), ct.asarray(1))
    np.testing.assert_array_equal(np.asarray(rows), expected)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("extent", [0, 1, 2, 3, 4, 7, 16, 33])
def test_associative_scan(way, extent, reverse):
    """Products of matrices, which do not commute, against a loop."""
    m = np.random.default_rng(extent).normal(size=(3, extent, 2, 2))
    got = WAYS[way](
        lambda x: ct.associative_scan(ct.matmul, x, axis=1, reverse=reverse)
    )(ct.asarray(m))  # fmt: skip
    expected = m.copy()
    order = range(extent - 2, -1, -1) if reverse else range(1, extent)
    for at in order:
        before = expected[:, at + 1] if reverse else expected[:, at - 1]
        expected[:, at] = before @ m[:, at]
    np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-9, atol=1e-12)


def test_map_of_trees():
    xs = {"a": ct.asarray(X), "b": ct.asarray(np.arange(8).reshape(4, 2))}
    got = ct.map(lambda row: (row["a"], ct.sum(row["b"])), xs)
    np.testing.assert_array_equal(np.asarray(got[1]), [1, 5, 9, 13])


def test_eval_shape():
    def f(a, b, *, scale):
        return {"y": ct.matmul(a, b) * scale, "n": (ct.argmax(a), b.shape[0])}

    huge = ct.ShapeDtypeStruct((10**6, 10**7), ct.float16)
    out = ct.eval_shape(f, huge, ct.ShapeDtypeStruct((10**7, 3), "float16"), scale=2.0)
    assert out["y"] == ct.ShapeDtypeStruct((10**6, 3), ct.float16)
    assert out["n"][0].shape == ()
    assert (out["y"].ndim, out["y"].size) == (2, 3 * 10**6)
    real = f(ct.ones((2, 3)), ct.ones((3, 4)), scale=1.0)
    told = ct.eval_shape(f, ct.ones((2, 3)), ct.ones((3, 4)), scale=1.0)
    assert (real["y"].shape, real["y"].dtype) == (told["y"].shape, told["y"].dtype)


@pytest.mark.parametrize("way", WAYS)
def test_linearize_and_hvp(way):
    def f(a, b):
        return ct.sum(ct.sin(a) * b["w"] * b["w"])

    a, b = ct.asarray(X), {"w": ct.asarray(X[::-1].copy())}
    changes = (ct.asarray(np.arange(4.0)), {"w": ct.asarray(np.ones(4))})
    value, change = ct.linearize(f, a, b)
    expected = ct.jvp(f, (a, b), changes)
    np.testing.assert_allclose(float(value), float(expected[0]), rtol=1e-14)
    for _ in range(2):
        np.testing.assert_allclose(float(change(*changes)), float(expected[1]), rtol=1e-12)
    with pytest.raises(ArgumentError, match="linearize"):
        change(a)
    first, second = WAYS[way](lambda *p: ct.hvp(f, p[:2], p[2:]))(a, b, *changes)
    x, w, u, v = X, X[::-1], np.arange(4.0), np.ones(4)
    np.testing.assert_allclose(
        np.asarray(first), -np.sin(x) * w * w * u + 2 * np.cos(x) * w * v, rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(
        np.asarray(second["w"]), 2 * np.cos(x) * w * u + 2 * np.sin(x) * v, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ct.fori_loop(0.5, 2, lambda i, v: v, 0), TypeError, "fori_loop: expected integers"),
        (lambda: ct.fori_loop(0, 2, None, 0), TypeError, "fori_loop: expected a function"),
        (lambda: ct.map(ct.sin, []), ArgumentError, "map: expected arrays"),
        (lambda: ct.switch(0, []), ArgumentError, "switch: expected at least one"),
        (lambda: ct.switch(0.5, [ct.sin], 1.0), TypeError, "switch: expected an integer"),
        (lambda: ct.switch(0, "ab", 1.0), TypeError, "switch: expected a sequence of functions"),
        (lambda: ct.associative_scan(ct.add, ct.asarray(1.0)), ArgumentError, "axis 0"),
        (lambda: ct.associative_scan(ct.add, []), ArgumentError, "one extent"),
        (lambda: ct.associative_scan(lambda a, b: (a,), ct.ones(3)), TypeError, "like"),
        (lambda: ct.eval_shape(3), TypeError, "eval_shape: expected a function"),
    ],
)  # fmt: skip
def test_wrong_use(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_contexts_of_debug_nans_may_end_in_any_order():
    entered, ended = threading.Event(), threading.Event()

    def other():
        with cn.debug_nans():
            entered.set()
            ended.wait()

    with cn.debug_nans():
        thread = threading.Thread(target=other)
        thread.start()
        entered.wait()
    assert _tensor.set_debug_nans(True)  # the other thread is still inside
    ended.set()
    thread.join()
    assert not _tensor.set_debug_nans(False)
    with cn.debug_nans(), cn.debug_nans(False):
        assert not _tensor.set_debug_nans(False)
