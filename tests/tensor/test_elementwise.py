"""Functions of single elements against NumPy's, in float64 where it matters."""

import itertools
import math

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import COMPLEX, FLOATS, INTS, sample

NUMPY = {"acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh",
         "atan": "arctan", "atanh": "arctanh", "atan2": "arctan2", "pow": "power",
         "bitwise_left_shift": "left_shift", "bitwise_right_shift": "right_shift",
         "bitwise_invert": "invert"}  # fmt: skip
# Units in the last place that two libraries may differ by.
ULPS = {"float16": 1, "float32": 4, "float64": 4, "complex64": 16, "complex128": 16}
MATH = ["acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "expm1", "log",
        "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh"]  # fmt: skip


def numpy_of(name):
    return getattr(np, NUMPY.get(name, name))


def close(got, expected, ulps):
    assert got.dtype == expected.dtype
    np.testing.assert_array_max_ulp(np.real(got), np.real(expected), ulps)
    np.testing.assert_array_max_ulp(np.imag(got), np.imag(expected), ulps)


@pytest.mark.parametrize("dtype", FLOATS + COMPLEX)
@pytest.mark.parametrize("name", MATH)
def test_transcendental_functions(name, dtype):
    x = sample(dtype, 5000)
    if name in ("acos", "asin", "atanh") and dtype in FLOATS:
        x = np.clip(x / 10, -1, 1).astype(dtype)
    if name in ("sqrt", "log", "log2", "log10", "log1p") and dtype in FLOATS:
        x = np.abs(x)
    if name == "acosh" and dtype in FLOATS:
        x = (np.abs(x) + 1).astype(dtype)
    wide = {"float16": np.float32, "float32": np.float64, "complex64": np.complex128}.get(dtype)
    expected = numpy_of(name)(x.astype(wide) if wide else x).astype(dtype)
    got = np.asarray(getattr(ct, name)(ct.asarray(x)))
    assert got.dtype == expected.dtype
    if dtype in FLOATS:
        close(got, expected, ULPS[dtype])
    else:  # parts near zero lose digits: close as numbers of the plane
        eps = np.finfo(dtype).eps
        assert np.all(np.abs(got - expected) <= 64 * eps * np.maximum(np.abs(expected), 1))


@pytest.mark.parametrize(("name", "formula"), [
    ("erf", math.erf), ("erfc", math.erfc), ("lgamma", math.lgamma),
    ("rsqrt", lambda x: 1 / math.sqrt(x)), ("sigmoid", lambda x: 1 / (1 + math.exp(-x)))])  # fmt: skip
@pytest.mark.parametrize("dtype", FLOATS)
def test_functions_that_numpy_lacks(name, formula, dtype):
    x = np.abs(sample(dtype, 3000)) + np.asarray(0.1, dtype)
    expected = np.array([formula(float(each)) for each in x])
    got = np.asarray(getattr(ct, name)(ct.asarray(x))).astype(np.float64)
    eps = float(np.finfo(dtype).eps)
    # The zeros of lgamma lie near numbers, where it has fewer digits.
    atol = 16 * eps if name == "lgamma" else eps
    np.testing.assert_allclose(got, expected, rtol=4 * eps, atol=atol)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 8])
def test_polygamma(order):
    """SciPy's, of both signs; 16 units of the last place beside what cancels near zeros."""
    special = pytest.importorskip("scipy.special")
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.uniform(0.01, 30, 500), 10 ** rng.uniform(-3, 5, 300), -rng.uniform(0, 20, 500)])  # fmt: skip
    expected = special.polygamma(order, x)
    got = np.asarray(ct.polygamma(order, ct.asarray(x)))
    rtol = 5e-15 if order else 5e-14  # SciPy's digamma loses digits of a large tangent
    np.testing.assert_allclose(got, expected, rtol=rtol * (1 + order), atol=rtol)
    narrow = ct.polygamma(order, ct.asarray(x[:800].astype(np.float32)))
    exact = special.polygamma(order, x[:800].astype(np.float32).astype(np.float64))
    np.testing.assert_allclose(np.asarray(narrow), exact, rtol=2e-7, atol=1e-6)


def test_polygamma_where_powers_and_factorials_leave_the_range():
    # n! zeta(n + 1, x) by mpmath with 400 digits
    for order, x, expected in ((1, 1e200, 1e-200), (100, 2000.0, -7.5477428357949731e-175),
                               (200, 45.0, -4.04063674123986e42), (1000, 17.5, -np.inf)):  # fmt: skip
        got = float(ct.polygamma(order, ct.asarray(x, dtype=ct.float64)))
        np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_polygamma_at_its_edges():
    inf, nan = math.inf, math.nan
    x = ct.asarray(np.array([0.0, -1.0, inf, -inf, nan, 1e-300, -1e-9, -(2.0**60)]))
    got = np.asarray(ct.polygamma(1, x))
    np.testing.assert_allclose(got, [inf, inf, 0, nan, nan, inf, 1e18, inf])
    np.testing.assert_array_equal(np.asarray(ct.polygamma(2, x))[:5], [-inf, -inf, 0, nan, nan])
    orders = ct.asarray([-1.0, 0.5, 1001.0, nan, 0.0])
    got = np.asarray(ct.polygamma(orders, 1.0))
    np.testing.assert_allclose(got, [nan, nan, nan, nan, -0.57721566], rtol=1e-6)


def test_derivatives_of_digamma_of_every_order():
    x = ct.asarray(np.array([0.3, 2.5, -1.3]))
    f = ct.lgamma
    for order in range(5):
        f = (lambda g: cn.grad(lambda v: ct.sum(g(v))))(f)
        np.testing.assert_allclose(np.asarray(f(x)), np.asarray(ct.polygamma(order, x)), rtol=1e-12)


@pytest.mark.parametrize("dtype", INTS + FLOATS + COMPLEX)
@pytest.mark.parametrize("name", ["abs", "negative", "sign", "square", "round", "conj", "real",
                                  "isnan", "isinf", "isfinite"])  # fmt: skip
def test_exact_functions_of_one(name, dtype):
    x = sample(dtype, 3001)
    with np.errstate(over="ignore"):
        expected = numpy_of(name)(x)
    got = np.asarray(getattr(ct, name)(ct.asarray(x)))
    if name in ("abs", "sign") and dtype in COMPLEX:
        close(got, expected, 4)
    elif name == "square" and dtype in COMPLEX:
        np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)
    else:
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "signbit", "sign", "abs",
                                  "negative", "isnan", "isinf", "isfinite"])  # fmt: skip
def test_special_numbers(name, dtype):
    x = np.array([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, np.inf, -np.inf, np.nan, 1e-8, 3.7], dtype)
    expected = numpy_of(name)(x)
    got = np.asarray(getattr(ct, name)(ct.asarray(x)))
    np.testing.assert_array_equal(got, expected)
    if got.dtype.kind == "f":
        kept = ~np.isnan(got)
        np.testing.assert_array_equal(np.signbit(got)[kept], np.signbit(expected)[kept])


@pytest.mark.parametrize("dtype", INTS + FLOATS + COMPLEX)
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "equal", "not_equal"])
def test_arithmetic(name, dtype):
    x, y = sample(dtype, (40, 50), 1), sample(dtype, (40, 50), 2)
    y[::3] = x[::3]
    with np.errstate(over="ignore"):
        expected = numpy_of(name)(x, y)
    got = np.asarray(getattr(ct, name)(ct.asarray(x), ct.asarray(y)))
    assert got.dtype == expected.dtype
    if name == "multiply" and dtype in COMPLEX:
        np.testing.assert_allclose(got, expected, rtol=8 * np.finfo(dtype).eps)
    else:
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("dtype", INTS + FLOATS)
@pytest.mark.parametrize("name", ["floor_divide", "remainder", "maximum", "minimum", "less",
                                  "less_equal", "greater", "greater_equal"])  # fmt: skip
def test_ordered_arithmetic(name, dtype):
    x, y = sample(dtype, 4001, 3), sample(dtype, 4001, 4)
    if dtype in INTS:
        y[::5] = np.iinfo(dtype).max // 3 + 1
        y[y == 0] = 1
        if np.iinfo(dtype).min < 0:
            x[0], y[0] = np.iinfo(dtype).min, -1
    with np.errstate(all="ignore"):
        expected = numpy_of(name)(x, y)
    got = np.asarray(getattr(ct, name)(ct.asarray(x), ct.asarray(y)))
    assert got.dtype == expected.dtype
    if dtype == "float16" and name in ("floor_divide", "remainder"):
        np.testing.assert_allclose(got, expected, rtol=2e-3, atol=1e-3)
    else:
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", ["divide", "pow", "atan2", "hypot", "logaddexp", "copysign"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arithmetic_of_floats(name, dtype):
    x, y = sample(dtype, 3000, 5), sample(dtype, 3000, 6)
    if name == "pow":
        x = np.abs(x)
    wide = np.float64 if dtype == "float32" else np.longdouble
    expected = numpy_of(name)(x.astype(wide), y.astype(wide)).astype(dtype)
    if name == "logaddexp":  # a sum that may be near 0
        got = np.asarray(ct.logaddexp(ct.asarray(x), ct.asarray(y)))
        size = np.maximum(np.abs(x), np.abs(y)) + 1
        assert np.all(np.abs(got - expected) <= 2 * np.finfo(dtype).eps * size)
        return
    close(np.asarray(getattr(ct, name)(ct.asarray(x), ct.asarray(y))), expected, 2)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "minimum",
                                  "remainder", "pow", "atan2", "hypot", "logaddexp",
                                  "nextafter", "copysign"])  # fmt: skip
def test_special_pairs(name):
    x, y = (each.ravel() for each in np.meshgrid(SPECIAL, SPECIAL))
    with np.errstate(all="ignore"):
        expected = numpy_of(name)(x, y)
    got = np.asarray(getattr(ct, name)(ct.asarray(x), ct.asarray(y)))
    np.testing.assert_allclose(got, expected, rtol=1e-15)
    if name not in ("maximum", "minimum"):  # NumPy takes either zero
        zero = expected == 0
        np.testing.assert_array_equal(np.signbit(got)[zero], np.signbit(expected)[zero])


def test_bits():
    for dtype in INTS:
        x, y = sample(dtype, 999, 7), sample(dtype, 999, 8)
        by = (y.astype(np.int64) % (8 * x.itemsize)).astype(dtype)
        a, b, c = ct.asarray(x), ct.asarray(y), ct.asarray(by)
        for got, expected in ((a & b, x & y), (a | b, x | y), (a ^ b, x ^ y), (~a, ~x),
                              (a << c, x << by), (a >> c, x >> by)):  # fmt: skip
            np.testing.assert_array_equal(np.asarray(got), expected)
        far = ct.full(999, 100, dtype=getattr(ct, dtype))
        np.testing.assert_array_equal(np.asarray(a << far), 0)
        np.testing.assert_array_equal(np.asarray(a >> far), np.where(x < 0, -1, 0))
    p, q = np.array([True, True, False, False]), np.array([True, False, True, False])
    a, b = ct.asarray(p), ct.asarray(q)
    for name in ("logical_and", "logical_or", "logical_xor"):
        expected = numpy_of(name)(p, q)
        np.testing.assert_array_equal(np.asarray(getattr(ct, name)(a, b)), expected)
    np.testing.assert_array_equal(np.asarray(ct.logical_not(a)), ~p)


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "float64", "complex64"])
def test_truth_of_numbers(dtype):
    """All but 0, of both signs, are true: NaN too."""
    values = [0, 1, 2, 4, 0] if dtype in ("int8", "uint64") else [0.0, 1, np.nan, 0.25, -0.0]
    x, y = np.array(values, dtype), np.array([0, 2, 0, 1, 3], "int16")
    a, b = ct.asarray(x), ct.asarray(y)
    for name in ("logical_and", "logical_or", "logical_xor"):
        ours, theirs = getattr(ct, name), getattr(np, name)
        for got, expected in ((ours(a, b), theirs(x, y)), (ours(a, y > 0), theirs(x, y > 0)),
                              (ours(a, 2), theirs(x, 2)), (ours(False, a), theirs(False, x)),
                              (cn.jit(ours)(a, b), theirs(x, y))):  # fmt: skip
            assert got.dtype == ct.bool
            np.testing.assert_array_equal(np.asarray(got), expected)
    np.testing.assert_array_equal(np.asarray(ct.logical_not(a)), np.logical_not(x))


def test_powers_of_integers():
    x, y = np.arange(-5, 6), np.array([0, 1, 2, 3, 10, 62])
    got = np.asarray(ct.asarray(x[:, None]) ** ct.asarray(y))
    np.testing.assert_array_equal(got, x[:, None] ** y)
    got = np.asarray(ct.asarray([2, 1, -1, -1, 0]) ** ct.asarray([-1, -5, -2, -3, -1]))
    assert got.tolist() == [0, 1, 1, -1, 0]
    assert np.asarray(ct.asarray([7, -7, 0]) // 0).tolist() == [0, 0, 0]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broadcasting_of_any_strides(data):
    rank = data.draw(st.integers(0, 4))
    shape = [data.draw(st.integers(0, 5)) for _ in range(rank)]

    def view(seed):
        """An array that can be broadcast to the shape, with strides of any sign."""
        kept = data.draw(st.integers(0, rank))
        own = [data.draw(st.sampled_from([1, n])) for n in shape[rank - kept :]]
        steps = [data.draw(st.sampled_from([1, 2, -1, -2])) for _ in own]
        base = sample("int32", [max(n * abs(s), 1) for n, s in zip(own, steps, strict=True)], seed)
        out = np.asarray(base)[tuple(slice(None, None, s) for s in steps)]
        out = out[tuple(slice(0, n) for n in own)]
        axes = data.draw(st.permutations(range(len(own))))
        if own and data.draw(st.booleans()):
            out = np.ascontiguousarray(out.transpose(axes)).transpose(np.argsort(axes))
        return out

    x, y = view(1), view(2)
    got = np.asarray(ct.asarray(x) + ct.asarray(y))
    with np.errstate(over="ignore"):
        expected = x + y
    assert got.shape == expected.shape
    np.testing.assert_array_equal(got, expected)


def test_large_arrays_go_over_threads():
    x = sample("float32", 1_000_003)
    y = sample("float32", (1_000_003,), 1)
    np.testing.assert_array_equal(np.asarray(ct.asarray(x) * ct.asarray(y)), x * y)
    turned = np.asfortranarray(sample("float64", (700, 900)))
    row = sample("float64", 900)
    got = np.asarray(ct.asarray(turned) + ct.asarray(row))
    np.testing.assert_array_equal(got, turned + row)


def test_numbers_of_python():
    a = ct.asarray([1, 2])
    assert (a + 1).dtype == ct.int64
    assert (1 - a).dtype == ct.int64
    assert np.asarray(1 - a).tolist() == [0, -1]
    assert (a * 0.5).dtype == ct.float32
    assert (a + 2j).dtype == ct.complex64
    assert (ct.zeros(2) + 1).dtype == ct.float32
    assert (ct.zeros(2, dtype=ct.float64) * 2.5).dtype == ct.float64
    assert (ct.zeros(2, dtype=ct.bfloat16) + 1.5).dtype == ct.bfloat16
    assert np.asarray(ct.maximum(0.5, ct.asarray([0.0, 1.0]))).tolist() == [0.5, 1.0]
    with pytest.raises(OverflowError, match="300 is out of range for int8"):
        ct.zeros(2, dtype=ct.int8) + 300
    for bad in ("x", None, [1]):
        with pytest.raises(TypeError):
            a + bad


def test_types_that_do_not_go_together():
    with pytest.raises(cnengine.errors.TypeError, match="add: int64 and uint64 have no common"):
        ct.asarray([1]) + ct.asarray([1], dtype=ct.uint64)
    with pytest.raises(cnengine.errors.TypeError, match="negative: arrays of bool have no such"):
        -ct.asarray([True])
    with pytest.raises(cnengine.errors.TypeError, match="and: arrays of float32"):
        ct.asarray([1.0]) & ct.asarray([1.0])
    message = r"add: the shapes \(2, 3\) and \(4,\) cannot be broadcast: axis -1 has 4 and 3"
    with pytest.raises(cnengine.errors.ShapeError, match=message):
        ct.zeros((2, 3)) + ct.zeros(4)
    assert (ct.zeros(2, dtype=ct.int8) + ct.zeros(2, dtype=ct.uint8)).dtype == ct.int16
    assert (ct.zeros(2) + ct.zeros(2, dtype=ct.float64)).dtype == ct.float64


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_powers_by_3_and_a_half_are_those_of_mixed_exponents(dtype):
    edges = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 1e30, 5e-324, -1.0, 2.0]
    x = np.concatenate([edges, np.random.default_rng(0).normal(size=2000) * 10]).astype(dtype)
    for exponent in (3.0, 0.5):
        uniform = np.asarray(ct.asarray(x) ** exponent)
        y = np.full(x.shape, exponent, dtype)
        y[-1] = 2.5  # not all alike
        mixed = np.asarray(ct.pow(ct.asarray(x), ct.asarray(y)))
        np.testing.assert_array_equal(uniform[:-1], mixed[:-1])
        np.testing.assert_array_equal(np.signbit(uniform[:-1]), np.signbit(mixed[:-1]))
        # NumPy takes a root at -infinity; an exponent beside another one is a power.
        with np.errstate(all="ignore"):
            want = np.power(np.float64(x), np.float64(y)).astype(dtype)
            want[-1] = np.float64(x[-1]) ** exponent
        # Two units of the last place; -infinity to the half is infinity.
        np.testing.assert_allclose(uniform, want, rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32", "float64", "complex128"])
@pytest.mark.parametrize(
    "shape", [(70, 90), (4, 5000), (5000, 4), (3, 5000), (7, 33, 65), (2, 64, 64)]
)
def test_operands_that_lie_across(dtype, shape):
    x = (np.arange(np.prod(shape)) % 113).reshape(shape).astype(dtype)
    a = ct.asarray(x)
    for axes in itertools.permutations(range(len(shape))):
        p, want = ct.permute_dims(a, axes), x.transpose(axes)
        np.testing.assert_array_equal(np.asarray(p + p), want + want)
        np.testing.assert_array_equal(np.asarray(p + ct.asarray(want.copy())), want + want)
        np.testing.assert_array_equal(np.asarray(-p[::-1]), -want[::-1])
        np.testing.assert_array_equal(np.asarray(ct.astype(p, ct.complex128)), want.astype("c16"))
        np.testing.assert_array_equal(np.asarray(ct.astype(p, p.dtype)), want)
        np.testing.assert_array_equal(np.asarray(p * p[:1]), want * want[:1])


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0)])
def test_results_lie_as_their_operands(axes):
    """A result has the order of operands that lie in one order, and is not turned for nothing."""
    x = sample("float32", (3, 40, 50)).transpose(axes)
    ours, other = ct.asarray(x), ct.asarray(sample("float32", x.shape))
    for got, expected in (
        (ours + 1.5, x + np.float32(1.5)),
        (2.0 - ours, 2 - x),
        (ours * ours, x * x),
        (-ours, -x),
        (ours < 0, x < 0),
        (ct.sum(ours + 1.0, axis=0), np.sum(x + np.float32(1), axis=0, dtype=np.float64)),
    ):
        np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-6, atol=1e-6)
    assert np.asarray(ours + 1.5).strides == x.strides
    assert np.asarray(ours * ours).strides == x.strides
    assert np.asarray(ours + other).flags.c_contiguous
    np.testing.assert_array_equal(np.asarray(ours + other), x + np.asarray(other))
    for view in (x[:, ::-1], x[::2], x[:1], np.broadcast_to(x[0], x.shape), x[:0]):
        np.testing.assert_array_equal(np.asarray(ct.asarray(view) + 1.5), view + np.float32(1.5))
        np.testing.assert_array_equal(np.asarray(ct.asarray(view) + ct.asarray(view)), view + view)
