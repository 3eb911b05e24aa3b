"""vmap against a loop over the examples."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

RNG = np.random.default_rng(0)


def array(*shape):
    return ct.asarray(RNG.normal(size=shape))


def loop(f, *args):
    return np.stack([np.asarray(f(*row)) for row in zip(*args, strict=True)])


@pytest.mark.parametrize("f", [
    lambda x, y: x + y[0], lambda x, y: ct.sum(x) * y, lambda x, y: ct.max(x, axis=0) - y,
    lambda x, y: ct.reshape(x, (2, 6)) * y[1], lambda x, y: ct.permute_dims(x, (1, 0)),
    lambda x, y: ct.broadcast_to(y, (2, 3, 4)), lambda x, y: x[1, ::-1] * y,
    lambda x, y: ct.where(x > 0, x, y), lambda x, y: ct.argmax(x), lambda x, y: ct.argmax(x, axis=1),
    lambda x, y: ct.any(x > y, axis=0), lambda x, y: ct.flip(x), lambda x, y: ct.astype(x, ct.int32),
    lambda x, y: ct.prod(x, axis=(0, 1), keepdims=True), lambda x, y: x[None] - x[:, None],
])  # fmt: skip
def test_equals_a_loop(f):
    x, y = array(5, 3, 4), array(5, 4)
    expected = loop(f, x, y)
    for way in (lambda g: g, cn.jit):
        got = np.asarray(way(cn.vmap(f))(x, y))
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_axes_of_arguments_and_results():
    x, y = array(3, 5), array(5)
    got = cn.vmap(lambda a, b: (a * b, a), in_axes=(1, 0), out_axes=(1, 0))(x, y)
    np.testing.assert_allclose(np.asarray(got[0]), np.asarray(x) * np.asarray(y))
    np.testing.assert_allclose(np.asarray(got[1]), np.asarray(x).T)
    got = cn.vmap(lambda t: t["a"] + t["b"], in_axes=({"a": 0, "b": None},))(
        {"a": array(4, 2), "b": ct.zeros(2, dtype=ct.float64)}
    )
    assert got.shape == (4, 2)
    assert cn.vmap(lambda a, b: b, in_axes=(0, None), out_axes=None)(x, y).shape == (5,)
    assert cn.vmap(lambda a, b: b, in_axes=(0, None))(x, y).shape == (3, 5)


def test_nested():
    x, y = array(3, 4), array(5, 4)
    got = cn.vmap(cn.vmap(lambda a, b: ct.sum(a * b), (None, 0)), (0, None))(x, y)
    np.testing.assert_allclose(np.asarray(got), np.asarray(x) @ np.asarray(y).T)


def test_per_example_gradients():
    x, w = array(6, 3), array(3)
    got = cn.jit(cn.vmap(cn.grad(lambda w, x: ct.sum(w * x) ** 2), in_axes=(None, 0)))(w, x)
    expected = 2 * (np.asarray(x) @ np.asarray(w))[:, None] * np.asarray(x)
    np.testing.assert_allclose(np.asarray(got), expected)


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: cn.vmap(lambda a, b: a)(ct.ones(2), ct.ones(3)), cnengine.errors.ShapeError, "number"),
    (lambda: cn.vmap(lambda a: a)(ct.asarray(1.0)), cnengine.errors.ArgumentError, "axis"),
    (lambda: cn.vmap(lambda a: a, in_axes=2)(ct.ones(2)), cnengine.errors.ArgumentError, "axis"),
    (lambda: cn.vmap(lambda a: a, out_axes=None)(ct.ones(2)), cnengine.errors.ArgumentError, "None"),
    (lambda: cn.vmap(lambda a: a, in_axes=(0, 0))(ct.ones(2)), cnengine.errors.ArgumentError, "fit"),
    (lambda: cn.vmap(lambda a: float(a))(ct.ones(2)), cnengine.errors.TracedError, "vmap"),
])  # fmt: skip
def test_wrong_use(call, error, text):
    with pytest.raises(error, match=text):
        call()
