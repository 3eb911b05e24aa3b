"""Numbers of Python under transformations: types and bits are those without."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest

FLOATS = [ct.float16, ct.bfloat16, ct.float32, ct.float64]
INTEGERS = [ct.int8, ct.uint8, ct.int32, ct.int64, ct.uint16]


@cn.custom_vjp
def scaled(x, factor):
    return x * factor


scaled.defvjp(lambda x, factor: (x * factor, factor), lambda factor, g: (g * factor, None))


@cn.custom_jvp
def shifted(x, amount):
    return x + amount


shifted.defjvp(lambda args, changes: (args[0] + args[1], changes[0] + changes[1]))

ANY = {
    "product": lambda x, s: x * s,
    "reflected": lambda x, s: s - x,
    "of numbers": lambda x, s: x * (s * 2 + 1),
    "negative": lambda x, s: x + -s,
    "absolute": lambda x, s: x + abs(s - 1),
    "of itself": lambda x, s: x + s * s,
    "maximum": lambda x, s: ct.maximum(x, s),
    "first of two": lambda x, s: ct.minimum(s, x),
    "where": lambda x, s: ct.where(x > s, x, s),
    "where first": lambda x, s: ct.where(x > s, s, x),
    "compared": lambda x, s: (x < s) | (x == s),
    "like": lambda x, s: ct.full_like(x, s),
    "as array": lambda x, s: ct.asarray(s) + ct.asarray([1, 2]),
    "nested": lambda x, s: cn.jit(lambda a, b: a * (b + 1))(x, s),
    "checkpoint": lambda x, s: cn.checkpoint(lambda a, b: a * b)(x, s),
    "chosen": lambda x, s: cn.cond(ct.any(x > 0), lambda a, b: a * b, lambda a, b: a + b, x, s),
}
OF_FLOATS = {
    "quotient": lambda x, s: x / s,
    "reflected quotient": lambda x, s: s / x,
    "inverse": lambda x, s: x * (1 / s),
    "power": lambda x, s: x**s,
    "square": lambda x, s: x * s**2,
    "base": lambda x, s: s**x,
    "decay": lambda x, s: x * (s * 0.9**s),
    "clip": lambda x, s: ct.clip(x, -s, s),
    "cast": lambda x, s: ct.asarray(s, dtype=x.dtype) + x,
    "function": lambda x, s: ct.sin(ct.asarray(s)) * x,
}


def written(x, s):
    x[1] = s
    return x


OF_FLOATS["written"] = lambda x, s: written(ct.copy(x) if hasattr(ct, "copy") else x + 0, s)


def check(f, x, number):
    expected, got = f(x, number), cn.jit(f)(x, number)
    assert got.dtype == expected.dtype
    bits = [np.asarray(ct.astype(each, ct.float64)) if each.dtype == ct.bfloat16
            else np.asarray(each) for each in (expected, got)]  # fmt: skip
    np.testing.assert_array_equal(*bits)


@pytest.mark.parametrize("number", [0.1, 3, 1e-30, True], ids=str)
@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.name)
@pytest.mark.parametrize("name", [*ANY, *OF_FLOATS])
def test_floats(name, dtype, number):
    x = ct.astype(ct.asarray([0.5, -1.25, 3.0, 1.0]), dtype)
    check({**ANY, **OF_FLOATS}[name], x, number)


# Integers hold no fractions, unsigned ones no negative numbers (traced ones wrap around).
OF_INTEGERS = [
    (name, dtype, number)
    for name in ANY
    for dtype in INTEGERS
    for number in (0.1, 3)
    if (name, number) != ("like", 0.1)
    and (name, number, dtype.kind) != ("negative", 3, "uint")
]  # fmt: skip


@pytest.mark.parametrize(("name", "dtype", "number"), OF_INTEGERS, ids=str)
def test_integers(name, dtype, number):
    check(ANY[name], ct.asarray([5, 1, 3, 100], dtype=dtype), number)


@pytest.mark.parametrize("call", [lambda f: f, cn.jit], ids=["eager", "jit"])
def test_fractions_do_not_go_into_integers(call):
    with pytest.raises(cn.errors.TypeError, match="full"):
        call(ct.full_like)(ct.asarray([1, 2]), 0.1)


@pytest.mark.parametrize("dtype", [ct.float32, ct.float64, ct.complex64, ct.complex128],
                         ids=lambda each: each.name)  # fmt: skip
def test_complex(dtype):
    x = ct.astype(ct.asarray([0.5, -1.25]), dtype)
    for f in (lambda x, s: x * s, lambda x, s: x + (s * 2 - 1), lambda x, s: s / x):
        check(f, x, 0.1 + 0.7j)


def test_of_numbers_alone():
    """Without an array they settle for the types that numbers have by default."""
    f = cn.jit(lambda a, b: (a + b, a / b, a > b, a**2))
    assert [each.dtype.name for each in f(1, 2)] == ["int64", "float32", "bool", "int64"]
    assert [each.dtype.name for each in f(1.0, 2)] == ["float32", "float32", "bool", "float32"]
    assert float(f(1, 2)[1]) == 0.5
    assert float(cn.jit(lambda a: a**-2)(4)) == 0.0625
    assert int(cn.jit(lambda a: -a)(True)) == -1


def test_the_whole_number_is_used():
    x = ct.asarray([1.0], dtype=ct.float64)
    assert float(cn.jit(lambda x, s: x * s)(x, 0.1)[0]) == 0.1
    assert float(cn.jit(lambda x, s: x * (s + 0.2))(x, 0.1)[0]) == 0.1 + 0.2
    assert int(cn.jit(lambda x, s: x + s)(ct.asarray(0), 2**60 + 1)) == 2**60 + 1


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda each: each.name)
def test_derivatives(dtype):
    x = ct.astype(ct.asarray([0.5, -1.25, 3.0]), dtype)
    for f in (
        lambda x, s: ct.sum(x * s),
        lambda x, s: ct.sum(scaled(x, 0.1) * s),
        lambda x, s: ct.sum(shifted(x, 0.1) * s),
        lambda x, s: ct.sum(cn.checkpoint(lambda a, b: a * b * b)(x, s)),
    ):
        check(cn.grad(f), x, 0.1)
        assert cn.grad(f)(x, 0.1).dtype == dtype
        assert f(x, 0.1).dtype == cn.value_and_grad(f)(x, 0.1)[0].dtype == dtype
    assert float(cn.jvp(lambda a: ct.sum(shifted(a, 0.1)), (x,), (ct.ones_like(x),))[1]) == 3


def test_numbers_of_custom_functions_stay_numbers():
    @cn.custom_vjp
    def power(x, n):
        for _ in range(n - 1):
            x = x * x
        return x

    power.defvjp(lambda x, n: (power(x, n), (x, n)), lambda kept, g: (g * kept[1], None))
    assert float(cn.grad(lambda x: power(x, 3))(ct.asarray(2.0))) == 3.0


def test_kinds_of_numbers_are_programs_of_their_own():
    f = cn.jit(lambda x, s: x * s)
    x = ct.asarray([2])
    assert [f(x, s).dtype.name for s in (True, 3, 0.5)] == ["int64", "int64", "float32"]
    assert (
        ct.eval_shape(lambda x, s: x * s, ct.ShapeDtypeStruct((2,), ct.float16), 0.1).dtype
        == ct.float16
    )


@pytest.mark.parametrize("f", [
    lambda x, n: ct.reshape(x, (n, -1)),
    lambda x, n: ct.zeros((n, 2)),
    lambda x, n: ct.broadcast_to(x, (n, 6)),
    lambda x, n: ct.full(n, 1.0),
])  # fmt: skip
def test_shapes_are_known_before(f):
    """A number that the program is given tells no shape: the error says what to do."""
    x = ct.zeros(6)
    with pytest.raises(cn.errors.TracedError, match="mark the argument as static"):
        cn.jit(f)(x, 2)
    assert cn.jit(f, static_argnums=1)(x, 2).size in (2, 4, 6, 12)


@cn.custom_vjp
def squared_times(s, x):
    return x * s * s


squared_times.defvjp(
    lambda s, x: (x * s * s, (s, 2 * s, x)),
    lambda kept, g: (ct.sum(g * kept[1] * kept[2]), g * kept[0] * kept[0]),
)


@cn.custom_jvp
def squared_times_jvp(s, x):
    return x * s * s


squared_times_jvp.defjvp(
    lambda args, changes: (
        squared_times_jvp(*args),
        2 * args[0] * changes[0] * args[1] + args[0] * args[0] * changes[1],
    )
)

# Of a number s and an array x: the function and its derivative by s, which NumPy computes too.
BY_NUMBER = {
    "product": (lambda s, x: ct.sum(x * s), lambda s, x: np.sum(x)),
    "reflected": (lambda s, x: ct.sum(s * x - s / x), lambda s, x: np.sum(x - 1 / x)),
    "power": (lambda s, x: ct.sum(x * s**2 + 2**s),
              lambda s, x: np.sum(2 * s * x + np.log(2) * 2**s)),
    "floor": (lambda s, x: ct.sum(x * (s // 0.03) + x * s), lambda s, x: np.sum(x)),
    "branch": (lambda s, x: ct.sum(x * (s * s if s < 0.5 else 1.0)),
               lambda s, x: np.sum(2 * s * x)),
    "float": (lambda s, x: ct.sum(x * s) * float(s), lambda s, x: np.sum(x) * s),
    "where": (lambda s, x: ct.sum(ct.where(x > s, x * s, s)),
              lambda s, x: np.sum(np.where(x > s, x, 1))),
    "clip": (lambda s, x: ct.sum(ct.clip(x, -s, s)), lambda s, x: np.sum(np.sign(x))),
    "cast": (lambda s, x: ct.sum(ct.asarray(s, dtype=x.dtype) * x), lambda s, x: np.sum(x)),
    "sine": (lambda s, x: ct.sum(ct.sin(s * x)), lambda s, x: np.sum(x * np.cos(s * x))),
    "batch": (lambda s, x: ct.sum(cn.vmap(lambda v: v * s)(x)), lambda s, x: np.sum(x)),
    "checkpoint": (lambda s, x: ct.sum(cn.checkpoint(lambda a, b: a * a * b)(s, x)),
                   lambda s, x: np.sum(2 * s * x)),
    "captured": (lambda s, x: ct.sum(cn.checkpoint(lambda b: s * s * b)(x)),
                 lambda s, x: np.sum(2 * s * x)),
    "jit": (lambda s, x: cn.jit(lambda a, b: ct.sum(b * a * a))(s, x),
            lambda s, x: np.sum(2 * s * x)),
    "scan": (lambda s, x: cn.scan(lambda c, v: (c + v * s * s, None), ct.sum(x * 0), x)[0],
             lambda s, x: np.sum(2 * s * x)),
    "custom_vjp": (lambda s, x: ct.sum(squared_times(s, x)), lambda s, x: np.sum(2 * s * x)),
    "custom_jvp": (lambda s, x: ct.sum(squared_times_jvp(s, x)), lambda s, x: np.sum(2 * s * x)),
}  # fmt: skip
WAYS = {
    "value_and_grad": lambda f, s, x: cn.value_and_grad(f)(s, x),
    "nested": lambda f, s, x: [
        next(iter(each.values())) if isinstance(each, dict) else each
        for each in cn.value_and_grad(lambda t: f(t["s"], x))({"s": s})
    ],
    "both": lambda f, s, x: (cn.value_and_grad(f, argnums=(1, 0))(s, x)[0],
                             cn.grad(f, argnums=(1, 0))(s, x)[1]),
    "vjp": lambda f, s, x: (lambda value, pull: (value, pull(ct.ones_like(value))[0]))(
        *cn.vjp(lambda a: f(a, x), s)),
    "jvp": lambda f, s, x: cn.jvp(lambda a: f(a, x), (s,), (1.0,)),
    "linearize": lambda f, s, x: (lambda value, change: (value, change(1.0)))(
        *ct.linearize(lambda a: f(a, x), s)),
    "jacfwd": lambda f, s, x: (f(s, x), cn.jacfwd(f)(s, x)),
    "jacrev": lambda f, s, x: (f(s, x), cn.jacrev(f)(s, x)),
    "vmap": lambda f, s, x: [
        each[1] for each in cn.vmap(cn.value_and_grad(f), in_axes=(None, 0))(s, ct.stack([x, x]))
    ],
    "jit": lambda f, s, x: cn.jit(cn.value_and_grad(f))(s, x),
}  # fmt: skip
# A number that goes through float() is no value inside jit; rules for reverse mode are no others.
LACKING = {("float", "jit"), ("branch", "jit"),
           *(("custom_vjp", way) for way in ("jvp", "linearize", "jacfwd"))}  # fmt: skip


@pytest.mark.parametrize("dtype", [ct.bfloat16, ct.float32, ct.float64], ids=lambda d: d.name)
@pytest.mark.parametrize("way", WAYS)
def test_derivatives_by_numbers(way, dtype):
    """Values have the bits of f(s, x), derivatives the digits of x though they are float32."""
    exact = np.asarray([0.5, -1.25, 3.0, 0.75])
    if dtype == ct.float64:
        exact = exact + 1e-9  # which float32 does not hold
    x = ct.astype(ct.asarray(exact), dtype)
    for name, (f, slope) in BY_NUMBER.items():
        if (name, way) in LACKING:
            continue
        value, got = WAYS[way](f, 0.1, x)
        assert value.dtype == f(0.1, x).dtype == dtype, name
        assert float(value) == float(f(0.1, x)), name
        assert got.dtype == (value.dtype if way in ("jvp", "linearize", "jacfwd") else ct.float32)
        tolerance = 0.1 if dtype == ct.bfloat16 else 1e-6 if dtype == ct.float32 else 2e-7
        np.testing.assert_allclose(float(got), slope(0.1, exact), rtol=tolerance, err_msg=name)


@pytest.mark.parametrize("call", [lambda f: f, cn.jit], ids=["eager", "jit"])
def test_second_derivatives_by_numbers(call):
    exact = np.asarray([0.5, -1.25, 3.0]) + 1e-9
    x = ct.asarray(exact)
    expected = -np.sum(exact**2 * np.sin(0.1 * exact))
    for f in (cn.hessian, lambda f: cn.grad(cn.grad(f)), lambda f: cn.jacrev(cn.jacfwd(f))):
        got = call(f(lambda s, x: ct.sum(ct.sin(x * s))))(0.1, x)
        np.testing.assert_allclose(float(got), expected, rtol=2e-7)
    got = call(lambda s: ct.hvp(lambda s: ct.sum(ct.sin(x * s)), (s,), (2.0,)))(0.1)[0]
    np.testing.assert_allclose(float(got), 2 * expected, rtol=2e-7)


def test_complex_numbers_are_derived_by():
    x = np.asarray([0.5, -1.25, 3.0]) + 1e-9
    z = 0.1 + 0.7j
    for array in (ct.asarray(x), ct.asarray(x, dtype=ct.float32)):
        value, slope = cn.value_and_grad(lambda z, x: ct.sum(ct.real(x * z * z)))(z, array)
        assert (value.dtype, slope.dtype) == (array.dtype, ct.complex64)
        np.testing.assert_allclose(complex(slope), np.conj(np.sum(2 * x * z)), rtol=3e-7)


@pytest.mark.parametrize("number", [3, True])
def test_integers_are_not_derived_by(number):
    x = ct.asarray([1.0])
    with pytest.raises(cn.errors.TypeError, match="grad: expected floats to derive by"):
        cn.grad(lambda s, x: ct.sum(x * s))(number, x)
    with pytest.raises(cn.errors.TypeError, match="jvp: expected floats to derive by"):
        cn.jvp(lambda s: ct.sum(x * s), (number,), (1.0,))
