"""cond, while_loop, scan, checkpoint, custom derivatives: alone and inside transformations."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

WAYS = {"plain": lambda f: f, "jit": cn.jit}


@pytest.fixture(params=sorted(WAYS))
def way(request):
    return WAYS[request.param]


def close(got, expected, rtol=1e-6):
    np.testing.assert_allclose(np.asarray(got), expected, rtol=rtol, atol=1e-7)


def absolute(x):
    return cn.cond(x < 0, lambda v: {"y": -v * v}, lambda v: {"y": v * v * v}, x)["y"]


@pytest.mark.parametrize("x", [-2.0, 3.0])
def test_cond(way, x):
    close(way(absolute)(ct.asarray(x)), -x * x if x < 0 else x**3)
    close(way(cn.grad(absolute))(ct.asarray(x)), -2 * x if x < 0 else 3 * x * x)
    close(cn.grad(way(absolute))(ct.asarray(x)), -2 * x if x < 0 else 3 * x * x)
    close(way(lambda v: cn.jvp(absolute, (v,), (1.0,))[1])(ct.asarray(x)),
          -2 * x if x < 0 else 3 * x * x)  # fmt: skip
    close(way(cn.grad(cn.grad(absolute)))(ct.asarray(x)), -2 if x < 0 else 6 * x)


def test_cond_by_example(way):
    x = np.array([-2.0, 3.0, 0.5], np.float32)
    expected = np.where(x < 0, -x * x, x**3)
    close(way(cn.vmap(absolute))(ct.asarray(x)), expected)
    slopes = np.where(x < 0, -2 * x, 3 * x * x)
    close(way(cn.vmap(cn.grad(absolute)))(ct.asarray(x)), slopes)


def test_cond_uses_outer_values(way):
    def f(w, flag):
        return cn.cond(flag, lambda: w * 2.0, lambda: w * w)

    close(way(cn.grad(f))(ct.asarray(3.0), ct.asarray(True)), 2)
    close(way(cn.grad(f))(ct.asarray(3.0), ct.asarray(False)), 6)


def test_cond_with_different_results():
    with pytest.raises(cnengine.errors.TypeError, match="cond"):
        cn.jit(lambda x: cn.cond(x > 0, lambda: x, lambda: (x, x)))(ct.asarray(1.0))
    with pytest.raises(cnengine.errors.TypeError, match="same types"):
        cn.jit(lambda x: cn.cond(x > 0, lambda: x, lambda: ct.ones(2)))(ct.asarray(1.0))


def collatz(n):
    """Rounds until 1."""
    state = cn.while_loop(
        lambda s: s[0] != 1,
        lambda s: (ct.where(s[0] % 2 == 0, s[0] // 2, 3 * s[0] + 1), s[1] + 1),
        (n, ct.asarray(0)),
    )
    return state[1]


def test_while_loop(way):
    assert int(way(collatz)(ct.asarray(27))) == 111
    np.testing.assert_array_equal(np.asarray(way(cn.vmap(collatz))(ct.asarray([1, 7, 27]))),
                                  [0, 16, 111])  # fmt: skip


def test_while_loop_forward(way):
    def power(x):
        return cn.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * x),
                             (ct.asarray(0), ct.asarray(1.0)))[1]  # fmt: skip

    value, change = way(lambda x: cn.jvp(power, (x,), (1.0,)))(ct.asarray(2.0))
    close(value, 8)
    close(change, 12)


def test_while_loop_has_no_reverse_mode_under_jit():
    def f(x):
        return cn.while_loop(lambda v: v < 10, lambda v: v * 2, x)

    close(cn.grad(f)(ct.asarray(1.0)), 16)
    with pytest.raises(cnengine.errors.UnsupportedError, match="scan"):
        cn.jit(cn.grad(f))(ct.asarray(1.0))


def recurrence(w, xs):
    """h = tanh(w h + x), summed; and all h."""

    def step(h, x):
        h = ct.tanh(w * h + x)
        return h, {"h": h, "square": h * h}

    last, all_ = cn.scan(step, ct.asarray(0.0, dtype=ct.float64), xs)
    return ct.sum(all_["square"]) + last


def reference(w, xs):
    h = total = 0.0
    for x in xs:
        h = np.tanh(w * h + x)
        total += h * h
    return total + h


def test_scan(way):
    xs = np.random.default_rng(0).normal(size=6)
    w = 0.7
    step = 1e-6
    close(way(recurrence)(ct.asarray(w, dtype=ct.float64), ct.asarray(xs)), reference(w, xs))
    slopes = way(cn.grad(recurrence, argnums=(0, 1)))(ct.asarray(w, dtype=ct.float64),
                                                      ct.asarray(xs))  # fmt: skip
    expected = (reference(w + step, xs) - reference(w - step, xs)) / (2 * step)
    close(slopes[0], expected)
    by_x = [(reference(w, xs + step * e) - reference(w, xs - step * e)) / (2 * step)
            for e in np.eye(6)]  # fmt: skip
    close(slopes[1], by_x, rtol=1e-5)
    change = way(lambda v: cn.jvp(lambda u: recurrence(u, ct.asarray(xs)), (v,), (1.0,))[1])
    close(change(ct.asarray(w, dtype=ct.float64)), expected)
    second = way(cn.grad(cn.grad(recurrence)))(ct.asarray(w, dtype=ct.float64), ct.asarray(xs))
    forward = cn.jvp(lambda v: cn.grad(recurrence)(v, ct.asarray(xs)),
                     (ct.asarray(w, dtype=ct.float64),), (1.0,))[1]  # fmt: skip
    close(second, np.asarray(forward))


def test_scan_by_example(way):
    rng = np.random.default_rng(1)
    xs = rng.normal(size=(3, 6))
    ws = rng.normal(size=3)
    expected = [reference(w, x) for w, x in zip(ws, xs, strict=True)]
    close(way(cn.vmap(recurrence))(ct.asarray(ws), ct.asarray(xs)), expected)
    got = way(cn.vmap(recurrence, in_axes=(None, 1)))(ct.asarray(ws[0]), ct.asarray(xs.T.copy()))
    close(got, [reference(ws[0], x) for x in xs])
    slopes = way(cn.vmap(cn.grad(recurrence)))(ct.asarray(ws), ct.asarray(xs))
    each = [float(cn.grad(recurrence)(ct.asarray(w), ct.asarray(x)))
            for w, x in zip(ws, xs, strict=True)]  # fmt: skip
    close(slopes, each)


def test_scan_backwards_and_without_rows(way):
    def suffix_sums(xs):
        return cn.scan(lambda s, x: (s + x, s + x), ct.asarray(0.0), xs, reverse=True)[1]

    close(way(suffix_sums)(ct.asarray([1.0, 2.0, 3.0])), [6, 5, 3])
    close(way(cn.grad(lambda x: suffix_sums(x)[0] + suffix_sums(x)[2]))(
        ct.asarray([1.0, 2.0, 3.0])), [1, 1, 2])  # fmt: skip
    powers = way(lambda x: cn.scan(lambda s, _: (s * x, s), ct.asarray(1.0), length=4)[1])
    close(powers(ct.asarray(2.0)), [1, 2, 4, 8])


def test_scan_wrong_use():
    xs = ct.asarray([1.0, 2.0])
    with pytest.raises(cnengine.errors.ArgumentError, match="rows"):
        cn.scan(lambda s, x: (s, x), 0.0, (xs, ct.ones(3)))
    with pytest.raises(cnengine.errors.TypeError, match=r"scan: .*got int64\[\] and float32\[\]"):
        cn.scan(lambda s, x: (s + x, s), 0, xs)
    with pytest.raises(cnengine.errors.TypeError, match="scan"):
        cn.jit(lambda x: cn.scan(lambda s, r: (ct.ones(2), r), ct.asarray(0.0), x))(xs)


def test_checkpoint_computes_again(way):
    calls = []

    def f(x):
        calls.append(1)
        return ct.sum(ct.sin(x) * ct.exp(x))

    x = ct.asarray([0.3, 0.7], dtype=ct.float64)
    expected = np.asarray(cn.grad(f)(x))
    close(way(cn.grad(cn.checkpoint(f)))(x), expected)
    close(way(cn.vmap(cn.grad(cn.checkpoint(f))))(ct.expand_dims(x, axis=0)), [expected])
    close(way(cn.jacfwd(cn.checkpoint(f)))(x), expected)

    def through_outer(w):
        return cn.checkpoint(lambda x: ct.sum(x * w * w))(ct.asarray(2.0, dtype=ct.float64))

    close(way(cn.grad(through_outer))(ct.asarray(3.0, dtype=ct.float64)), 12)


@cn.custom_vjp
def doubled(x, y):
    return x * y


doubled.defvjp(lambda x, y: (x * y, {"y": y}), lambda kept, g: (2.0 * g * kept["y"], None))


def test_custom_vjp(way):
    x, y = ct.asarray(3.0), ct.asarray(5.0)
    close(way(doubled)(x, y), 15)
    close(way(cn.grad(doubled, argnums=(0, 1)))(x, y)[0], 10)
    close(way(cn.grad(doubled, argnums=(0, 1)))(x, y)[1], 0)
    close(cn.grad(way(doubled))(x, y), 10)
    xs = ct.asarray([1.0, 2.0])
    close(way(cn.vmap(cn.grad(doubled), in_axes=(0, None)))(xs, y), [10, 10])
    close(way(cn.grad(lambda y: ct.sum(cn.vmap(doubled, in_axes=(0, None))(xs, y))))(y), 0)
    close(way(cn.grad(lambda x: ct.sum(cn.vmap(doubled, in_axes=(None, 0))(x, xs))))(x), 6)
    with pytest.raises(cnengine.errors.UnsupportedError, match="forward mode"):
        cn.jvp(doubled, (x, y), (1.0, 1.0))


@cn.custom_jvp
def halved(x):
    return x * x


halved.defjvp(lambda args, changes: (halved(*args), 0.5 * changes[0] * args[0]))


def test_custom_jvp(way):
    x = ct.asarray(3.0)
    close(way(lambda v: cn.jvp(halved, (v,), (2.0,))[1])(x), 3)
    close(way(cn.grad(halved))(x), 1.5)
    close(cn.grad(way(halved))(x), 1.5)
    close(way(cn.grad(cn.grad(halved)))(x), 0.5)
    close(way(cn.vmap(cn.grad(halved)))(ct.asarray([1.0, 2.0])), [0.5, 1])


def test_custom_without_rules():
    with pytest.raises(cnengine.errors.ArgumentError, match="defvjp"):
        cn.custom_vjp(lambda x: x)(1.0)
    with pytest.raises(cnengine.errors.ArgumentError, match="defjvp"):
        cn.custom_jvp(lambda x: x)(1.0)
