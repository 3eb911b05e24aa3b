"""Derivatives by both modes against differences in float64, alone, under vmap and under jit."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

F64 = {"dtype": ct.float64}


def smooth(name, low=-2.0, high=2.0):
    return pytest.param(name, low, high, id=name)


ONE = [smooth(each) for each in (
    "negative", "square", "exp", "expm1", "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh",
    "sigmoid", "erf", "erfc")] + [
    smooth("abs", 0.3, 2), smooth("sqrt", 0.3, 3), smooth("rsqrt", 0.3, 3), smooth("log", 0.3, 3),
    smooth("log1p", 0.3, 3), smooth("log2", 0.3, 3), smooth("log10", 0.3, 3),
    smooth("tan", -1, 1), smooth("asin", -0.8, 0.8), smooth("acos", -0.8, 0.8),
    smooth("acosh", 1.5, 3), smooth("atanh", -0.8, 0.8), smooth("erfinv", -0.8, 0.8), smooth("lgamma", 0.5, 4),
    smooth("digamma", 0.5, 4)]  # fmt: skip
TWO = ["add", "subtract", "multiply", "divide", "pow", "atan2", "hypot", "maximum", "minimum",
       "logaddexp", "remainder", "copysign"]  # fmt: skip


def difference(f, x, direction, step=1e-6):
    """The derivative of f in a direction by a central difference."""
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


def check(f, x, rtol=2e-6, atol=2e-7):
    """f of one float64 array to one: both modes, their transposition, jit, vmap."""
    rng = np.random.default_rng(1)
    direction = rng.normal(size=x.shape)

    def through_numpy(value):
        return np.asarray(f(ct.asarray(value)))

    expected = difference(through_numpy, x, direction)
    value, change = cn.jvp(f, (ct.asarray(x),), (ct.asarray(direction),))
    np.testing.assert_allclose(np.asarray(value), through_numpy(x), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(change), expected, rtol=rtol, atol=atol)
    weights = rng.normal(size=np.shape(expected))
    _, pull = cn.vjp(f, ct.asarray(x))
    (slope,) = pull(ct.asarray(weights))
    assert slope.shape == x.shape
    np.testing.assert_allclose(
        np.sum(np.asarray(slope) * direction), np.sum(weights * np.asarray(change)), rtol=1e-9
    )
    pulled = cn.jit(lambda v, w: cn.vjp(f, v)[1](w)[0])(ct.asarray(x), ct.asarray(weights))
    np.testing.assert_allclose(np.asarray(pulled), np.asarray(slope), rtol=1e-12, atol=1e-14)
    batch = np.stack([x, x * 0.9])
    each = np.stack([np.asarray(cn.vjp(f, ct.asarray(row))[1](ct.asarray(weights))[0])
                     for row in batch])  # fmt: skip
    by_row = cn.vmap(lambda v: cn.vjp(f, v)[1](ct.asarray(weights))[0])(ct.asarray(batch))
    np.testing.assert_allclose(np.asarray(by_row), each, rtol=1e-12, atol=1e-14)
    pushed = cn.vmap(lambda v: cn.jvp(f, (v,), (ct.asarray(direction),))[1])(ct.asarray(batch))
    rows = np.stack([np.asarray(cn.jvp(f, (ct.asarray(row),), (ct.asarray(direction),))[1])
                     for row in batch])  # fmt: skip
    np.testing.assert_allclose(np.asarray(pushed), rows, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("name", "low", "high"), ONE)
def test_functions_of_one(name, low, high):
    check(getattr(ct, name), np.random.default_rng(0).uniform(low, high, 7))


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("shapes", [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (5,))])
def test_functions_of_two(name, shapes):
    rng = np.random.default_rng(2)
    a, b = (rng.uniform(0.5, 2, shape) for shape in shapes)
    function = getattr(ct, name)
    check(lambda x: function(x, ct.asarray(b)), a)
    if name not in ("remainder", "copysign"):
        check(lambda x: function(ct.asarray(a), x), b)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2)])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean", "var", "std"])
def test_reductions(name, axis):
    x = np.random.default_rng(3).uniform(0.5, 2, (2, 3, 4))
    check(lambda v: getattr(ct, name)(v, axis=axis), x)
    check(lambda v: getattr(ct, name)(v, axis=axis, keepdims=True), x)


def test_the_product_of_zeros():
    x = ct.asarray([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]], **F64)
    slopes = np.asarray(cn.grad(lambda v: ct.sum(ct.prod(v, axis=1)))(x))
    np.testing.assert_array_equal(slopes, [[6, 0, 0], [0, 0, 0], [6, 3, 2]])


def test_extremes_share_among_equals():
    slopes = np.asarray(cn.grad(lambda v: ct.max(v))(ct.asarray([1.0, 3.0, 3.0])))
    np.testing.assert_array_equal(slopes, [0, 0.5, 0.5])


@pytest.mark.parametrize("f", [
    lambda x: ct.softmax_cross_entropy(x, ct.asarray([[0, 3, 9], [2, -1, 1]])),
    lambda x: ct.attention(x, x * x, ct.sin(x)), lambda x: ct.attention(x, x, x, is_causal=True),
    lambda x: ct.attention(x, x[:1, :2] * 2.0, x[1:, 1:], mask=ct.asarray([[True, False]])),
    lambda x: cn.grad(lambda y: ct.sum(ct.attention(y, ct.sin(y), y, is_causal=True) ** 2.0))(x),
])  # fmt: skip
def test_what_neural_networks_compute(f):
    check(f, np.random.default_rng(6).normal(size=(2, 3, 4)))


@pytest.mark.parametrize("f", [
    lambda x: ct.reshape(x, (4, 6)), lambda x: ct.permute_dims(x, (2, 0, 1)),
    lambda x: ct.flip(x, axis=1), lambda x: x[1], lambda x: x[:, 1:, ::2], lambda x: x[::-1, 0],
    lambda x: x[..., 3:0:-2], lambda x: ct.expand_dims(x, axis=1) * x[0],
    lambda x: ct.squeeze(x[:, :1], axis=1), lambda x: ct.broadcast_to(x[0], (5, 3, 4)),
    lambda x: x[0:0], lambda x: ct.astype(ct.astype(x, ct.complex128), ct.complex128).dtype and x,
])  # fmt: skip
def test_moves(f):
    check(lambda x: f(x) * 3.0, np.random.default_rng(4).normal(size=(2, 3, 4)))


PLACES = np.array([[1, 0], [2, 1]])
ONCE = np.array([2, 0])


@pytest.mark.parametrize("f", [
    lambda x: ct.take(x, PLACES, axis=1), lambda x: x[ct.asarray(PLACES)[0] % 2, :, PLACES[1]],
    lambda x: ct.take_along_axis(x, ct.argsort(x, axis=2), axis=2), lambda x: x[:, ONCE] * x[:, :2],
    lambda x: ct.take(x, ct.asarray([0, 9, -5]), axis=2, mode="skip"),
    lambda x: ct.dynamic_slice(x, [1, ct.asarray(5), 0], (1, 2, 4)),
    lambda x: ct.dynamic_update_slice(x * x, x[:1, :2], [0, 1, ct.asarray(0)]),
    lambda x: (x * x).at[0, 1:].set(x[1, 1:] * 3.0), lambda x: (x * 2.0).at[:, 1, ::-2].add(x[:, 0, ::2]),
    lambda x: (x * x).at[:, ONCE].set(x[:, :2] * 3.0), lambda x: (x * x).at[:, PLACES].set(x[:, :2, None] * 3.0),
    lambda x: (x * x).at[:, PLACES].add(x[:, :2, None]), lambda x: (x * x).at[:, PLACES].multiply(x[:, :2, None]),
    lambda x: (x * 0.5).at[:, PLACES].max(x[:, :2, None]), lambda x: (x * 0.5).at[:, PLACES].min(x[:, :2, None]),
    lambda x: x.at[0, 0].multiply(x[1, 1]), lambda x: x[np.arange(24).reshape(2, 3, 4) % 3 == 1],
])  # fmt: skip
def test_indices(f):
    check(lambda x: f(x) * 2.0, np.random.default_rng(4).normal(size=(2, 3, 4)))


def test_products_with_zeros_that_are_put_together():
    def f(x, y):
        return ct.sum(x.at[ct.asarray([0, 0, 1, 1])].multiply(y))

    x, y = ct.asarray([2.0, 3.0], **F64), ct.asarray([0.0, 5.0, 0.0, 0.0], **F64)
    slopes = cn.grad(f, argnums=(0, 1))(x, y)
    np.testing.assert_array_equal(np.asarray(slopes[0]), [0, 0])
    np.testing.assert_array_equal(np.asarray(slopes[1]), [10, 0, 0, 0])


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("f", [
    lambda x, axis: ct.sort(x, axis=axis), lambda x, axis: ct.sort(x, axis=axis, descending=True),
    lambda x, axis: ct.sort_together(x, x * x, axis=axis)[1], lambda x, axis: ct.top_k(x, 2, axis=axis).values,
    lambda x, axis: ct.cumulative_sum(x, axis=axis), lambda x, axis: ct.cumulative_sum(x, axis=axis, reverse=True),
    lambda x, axis: ct.cumulative_prod(x, axis=axis), lambda x, axis: ct.cumulative_max(x, axis=axis),
    lambda x, axis: ct.cumulative_min(x, axis=axis, reverse=True),
    lambda x, axis: ct.cumulative_prod(x, axis=axis, reverse=True, include_initial=True),
    lambda x, axis: ct.cumulative_logsumexp(x, axis=axis), lambda x, axis: ct.diff(x * x, axis=axis),
    lambda x, axis: ct.linear_recurrence(x, x * x, axis=axis),
    lambda x, axis: ct.linear_recurrence(x * x, x, axis=axis, reverse=True),
    lambda x, axis: ct.roll(x, 1, axis=axis), lambda x, axis: ct.repeat(x, 2, axis=axis),
    lambda x, axis: ct.stack([x, x * x], axis=axis), lambda x, axis: ct.tile(x, (2,) * (axis + 1)),
])  # fmt: skip
def test_along_an_axis(f, axis):
    check(lambda x: f(x, axis) * 2.0, np.random.default_rng(4).normal(size=(2, 3, 4)))


def test_a_product_through_zero():
    x = ct.asarray([2.0, 0.0, 3.0], **F64)
    slopes = np.asarray(cn.jacrev(ct.cumulative_prod)(x))
    np.testing.assert_array_equal(slopes, [[1, 0, 0], [0, 2, 0], [0, 6, 0]])
    np.testing.assert_array_equal(np.asarray(cn.jacfwd(ct.cumulative_prod)(x)), slopes)


def test_the_complex_derivative_of_what_goes_along():
    """Against that of the same sums and products of single elements."""
    x = ct.asarray([1 + 2j, -3j, 0.5 + 1j], dtype=ct.complex128)

    def by_element(v):
        total, product = v[0], v[0]
        out = ct.real(total * product)
        for i in (1, 2):
            total, product = total * v[i] + v[i], product * v[i]
            out = out + ct.real(total * product)
        return out

    def along(v):
        total = ct.linear_recurrence(v.at[0].set(0), v)
        return ct.sum(ct.real(total * ct.cumulative_prod(v)))

    np.testing.assert_allclose(np.asarray(along(x)), np.asarray(by_element(x)), rtol=1e-12)
    np.testing.assert_allclose(
        np.asarray(cn.grad(along)(x)), np.asarray(cn.grad(by_element)(x)), rtol=1e-12
    )


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)),
                                    ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 4)),
                                    ((0, 3), (3, 2)), ((5, 2, 3), (3,))])  # fmt: skip
def test_matmul(shapes):
    rng = np.random.default_rng(5)
    a, b = (rng.normal(size=shape) for shape in shapes)
    check(lambda x: x @ ct.asarray(b), a)
    check(lambda x: ct.matmul(ct.asarray(a), x), b)
    got = np.asarray(ct.asarray(a) @ ct.asarray(b))
    np.testing.assert_allclose(got, a @ b, rtol=1e-12, atol=1e-14)


def test_second_and_third_derivatives():
    third = cn.grad(cn.grad(cn.grad(lambda x: ct.sin(x) * x)))
    x = 0.7
    np.testing.assert_allclose(
        float(third(ct.asarray(x, **F64))), -3 * np.sin(x) - x * np.cos(x), rtol=1e-12
    )
    forward = cn.jacfwd(cn.jacfwd(ct.exp))
    np.testing.assert_allclose(float(forward(ct.asarray(x, **F64))), np.exp(x), rtol=1e-12)


def test_hessian_of_the_rosenbrock_function():
    def f(x):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    x, y = 0.5, 0.8
    expected = [[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200]]
    for make in (cn.hessian, lambda g: cn.jacrev(cn.jacrev(g)), lambda g: cn.jacrev(cn.jacfwd(g)),
                 lambda g: cn.jit(cn.hessian(g))):  # fmt: skip
        got = np.asarray(make(f)(ct.asarray([x, y], **F64)))
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_jacobians_of_trees():
    def f(tree):
        return {"sum": ct.sum(tree["a"]) * tree["b"], "square": tree["a"] ** 2}

    args = {"a": ct.asarray([1.0, 2.0], **F64), "b": ct.asarray(3.0, **F64)}
    for make in (cn.jacrev, cn.jacfwd):
        got = make(f)(args)
        np.testing.assert_allclose(np.asarray(got["sum"]["a"]), [3, 3])
        np.testing.assert_allclose(np.asarray(got["sum"]["b"]), 3)
        np.testing.assert_allclose(np.asarray(got["square"]["a"]), [[2, 0], [0, 4]])
        np.testing.assert_allclose(np.asarray(got["square"]["b"]), [0, 0])


def test_complex_derivatives_descend():
    """That of |z|^2 is 2z, as in torch: a step against it makes it smaller."""
    z = ct.asarray([1 + 2j, -3j], dtype=ct.complex128)
    slope = cn.grad(lambda v: ct.sum(ct.real(v * ct.conj(v))))(z)
    np.testing.assert_allclose(np.asarray(slope), 2 * np.asarray(z))
    slope = cn.grad(lambda v: ct.sum(ct.abs(v)))(z)
    np.testing.assert_allclose(np.asarray(slope), np.asarray(z) / np.abs(np.asarray(z)))
    slope = cn.grad(lambda v: ct.sum(ct.imag(v * v)))(z)
    np.testing.assert_allclose(np.asarray(slope), np.conj(2 * np.asarray(z) * -1j))


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_narrow_floats_keep_their_type(name):
    dtype = getattr(ct, name)
    x = ct.asarray([0.5, 1.5], dtype=dtype)
    slope = cn.grad(lambda v: ct.sum(ct.exp(v) * v))(x)
    assert slope.dtype == dtype
    expected = np.exp([0.5, 1.5]) * (1 + np.array([0.5, 1.5]))
    np.testing.assert_allclose(np.asarray(slope, dtype=np.float64), expected, rtol=2e-2)


def test_values_branch_as_python_does():
    def f(x):
        return x * x if x > 1 else -x

    assert float(cn.grad(f)(ct.asarray(2.0))) == 4
    assert float(cn.grad(f)(ct.asarray(0.5))) == -1
    total = cn.grad(lambda x: sum((x for _ in range(int(x))), start=x))(ct.asarray(3.0))
    assert float(total) == 4


def test_arguments_that_are_trees_and_aux():
    def f(tree, scale, *, shift):
        out = ct.sum(tree[0]["w"] * scale) + shift
        return out, {"out": out, "text": "kept"}

    tree = ({"w": ct.asarray([1.0, 2.0])}, None)
    (value, aux), slopes = cn.value_and_grad(f, argnums=(0, 1), has_aux=True)(
        tree, ct.asarray(3.0), shift=1.0
    )
    assert float(value) == 10
    assert float(aux["out"]) == 10
    assert aux["text"] == "kept"
    assert slopes[0][1] is None
    np.testing.assert_array_equal(np.asarray(slopes[0][0]["w"]), [3, 3])
    assert float(slopes[1]) == 3
    slope, _ = cn.grad(f, has_aux=True)(tree, 3.0, shift=1.0)
    np.testing.assert_array_equal(np.asarray(slope[0]["w"]), [3, 3])


def test_what_does_not_depend_is_zero():
    slopes = cn.grad(lambda a, b: ct.sum(a), argnums=(0, 1))(ct.ones(2), ct.ones((2, 3)))
    np.testing.assert_array_equal(np.asarray(slopes[1]), np.zeros((2, 3)))
    assert float(cn.grad(lambda x: ct.floor(x) * 2.0)(ct.asarray(1.5))) == 0
    assert float(cn.jvp(lambda x: ct.asarray(3.0), (1.0,), (1.0,))[1]) == 0


def test_a_pull_may_be_called_again():
    _, pull = cn.vjp(lambda x: x * x, ct.asarray([1.0, 2.0]))
    for weight in (1.0, 2.0):
        (slope,) = pull(ct.full(2, weight))
        np.testing.assert_array_equal(np.asarray(slope), [2 * weight, 4 * weight])


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: cn.grad(lambda x: x)(ct.ones(2)), cnengine.errors.ShapeError, "one number"),
    (lambda: cn.grad(lambda x: x)(ct.asarray(1)), cnengine.errors.TypeError, "floats"),
    (lambda: cn.grad(lambda x: x > 0)(ct.asarray(1.0)), cnengine.errors.TypeError, "float"),
    (lambda: cn.grad(lambda x: x, argnums=1)(ct.asarray(1.0)), cnengine.errors.ArgumentError,
     "argnums"),
    (lambda: cn.jvp(lambda x: x, (ct.ones(2),), (ct.ones(3),)), cnengine.errors.TypeError,
     "tangent"),
    (lambda: cn.vjp(lambda x: x, ct.ones(2))[1](ct.ones(3)), cnengine.errors.ShapeError,
     "cotangent"),
])  # fmt: skip
def test_wrong_use(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_values_that_outlive_their_transformation():
    kept = []
    cn.grad(lambda x: kept.append(x) or x)(ct.asarray(1.0))
    with pytest.raises(cnengine.errors.StateError, match="is over"):
        kept[0] + 1.0
    with pytest.raises(cnengine.errors.TracedError, match="other libraries"):
        cn.grad(lambda x: ct.asarray(np.asarray(x).sum()))(ct.asarray(1.0))


def test_long_programs_do_not_use_the_stack():
    def f(x):
        for _ in range(50_000):
            x = x + 1.0
        return x

    assert float(cn.grad(f)(ct.asarray(1.0))) == 1
