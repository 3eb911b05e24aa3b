"""Functions that run as one operation: the same numbers as operation by operation."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import errors, nn
from cnengine.tensor.composite import composite

N = 16_384  # from here on a program stands for the function


def _array(*shape, dtype="float32", seed=0):
    return ct.asarray(np.random.default_rng(seed).normal(size=shape).astype(dtype))


FUNCTIONS = [
    nn.celu, nn.elu, nn.gelu, nn.glu, nn.hard_sigmoid, nn.hard_swish, nn.hard_tanh, nn.leaky_relu,
    nn.log_sigmoid, nn.log_softmax, nn.mish, nn.relu, nn.selu, nn.silu, nn.softmax, nn.softmin,
    nn.softplus, nn.softsign, nn.swiglu, nn.tanhshrink, nn.hard_shrink, nn.soft_shrink,
    ct.logsumexp, ct.var, ct.std, ct.linalg.vector_norm, ct.nan_to_num,
    ct.cbrt, ct.nanmean, ct.nanstd, ct.nanvar, ct.sinc,
]  # fmt: skip


def _inner(f):
    """The function under `composite`, which other wrappers are around."""
    while hasattr(f, "__wrapped__"):
        f = f.__wrapped__
    return f


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(64, 258), (2, 3, 4, 1030), (N,)])
def test_same_bits_as_one_by_one(f, dtype, shape):
    # Long sums are in another order: a few units of the last place of float32.
    exact = f.__name__ not in ("softmax", "softmin", "log_softmax", "logsumexp", "var", "std",
                               "nanmean", "nanstd", "nanvar", "vector_norm")  # fmt: skip
    x = _array(*shape, dtype=dtype)
    got, want = np.asarray(f(x)), np.asarray(_inner(f)(x))
    if exact:
        np.testing.assert_array_equal(got, want)
    else:
        np.testing.assert_allclose(got, want, rtol=2e-6 if dtype == "float32" else 1e-14)

    def loss(f):
        return lambda x: ct.sum(f(x) * ct.cos(f(x)))

    got, want = np.asarray(cn.grad(loss(f))(x)), np.asarray(cn.grad(loss(_inner(f)))(x))
    scale = np.abs(want).max()
    np.testing.assert_allclose(
        got, want, rtol=0, atol=scale * (1e-5 if dtype == "float32" else 1e-13)
    )
    np.testing.assert_allclose(np.asarray(cn.jit(cn.grad(loss(f)))(x)), got, rtol=0,
                               atol=scale * (2e-6 if dtype == "float32" else 1e-14))  # fmt: skip


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_small_arrays_give_the_same_bits_however_often_they_come(f, dtype):
    for shape in [(8,), (32, 10), (3, 5, 126), (2, 4094)]:
        x = _array(*shape, dtype=dtype)
        want = np.asarray(_inner(f)(x))
        for _ in range(10):  # at first one by one, then as a program
            np.testing.assert_array_equal(np.asarray(f(x)), want)


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
def test_small_arrays_along_other_axes(axis):
    x = _array(30, 40)
    for f in (nn.softmax, ct.logsumexp, ct.var) if axis != (0, 1) else (ct.logsumexp, ct.var):
        want = np.asarray(_inner(f)(x, axis=axis))
        for _ in range(10):
            np.testing.assert_array_equal(np.asarray(f(x, axis=axis)), want)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype):
    x = ct.astype(_array(32, 1024), getattr(ct, dtype))
    for f in (nn.gelu, nn.softmax):
        got = f(x)
        assert got.dtype == x.dtype
        np.testing.assert_allclose(
            np.asarray(ct.astype(got, ct.float32)),
            np.asarray(ct.astype(_inner(f)(x), ct.float32)), atol=1e-2,
        )  # fmt: skip


def test_strided_inputs_and_odd_extents():
    whole = _array(131, 2 * 257)
    for x in (whole[:, ::2], whole[::-1, 1:], ct.permute_dims(whole, (1, 0)),
              ct.broadcast_to(whole[0], (40, 514))):  # fmt: skip
        for f in (nn.gelu, nn.softmax):
            np.testing.assert_allclose(np.asarray(f(x)), np.asarray(_inner(f)(x)), rtol=2e-6)


def test_nested_transformations():
    x = _array(3, N)

    def f(x):
        return ct.sum(nn.gelu(x) ** 2)

    def plain(x):
        return ct.sum(_inner(nn.gelu)(x) ** 2)

    for transform in (
        lambda f: cn.vmap(cn.grad(f)),
        lambda f: cn.jit(cn.vmap(cn.grad(f))),
        lambda f: cn.vmap(lambda x: cn.grad(lambda y: ct.sum(cn.grad(f)(y) ** 2))(x)),
        lambda f: cn.vmap(lambda x: cn.jvp(f, (x,), (ct.ones_like(x),))[1]),
        lambda f: lambda x: cn.jvp(cn.grad(f), (x,), (ct.ones_like(x),))[1],
        lambda f: cn.grad(cn.jit(f)),
        lambda f: cn.grad(cn.checkpoint(f)),
    ):
        got, want = np.asarray(transform(f)(x)), np.asarray(transform(plain)(x))
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)
    assert " = composite" not in repr(ct.make_graph(f)(x))
    assert " = erf" in repr(ct.make_graph(f)(x))


def test_options_are_told_apart():
    calls = []

    @composite
    def f(x, option=1, *, other=None):
        calls.append((option, other))
        return x * float(option) if not isinstance(option, (str, tuple)) else x

    x = ct.ones(N)
    given = [1, 1.0, True, 0.0, -0.0, "1", (1,), (1.0,)]
    for option in given:
        f(x, option)
        f(x, option)
    f(x, other=2)
    f(x, other=(2, "a"))
    assert len(calls) == len(given) + 2
    assert float(f(x, 2)[0]) == 2.0
    # Arrays by keyword, lists and small arrays: the function itself.
    count = len(calls)
    for _ in range(2):
        f(x, other=[1])
        f(x, other=x)
        f(x[:5])
    assert len(calls) == count + 6


def test_errors_are_those_of_the_function():
    with pytest.raises(errors.ArgumentError, match="gelu: expected approximate"):
        nn.gelu(ct.ones(N), "other")
    with pytest.raises(errors.ShapeError, match="glu: expected an even extent"):
        nn.glu(ct.ones((N, 3)))
    with pytest.raises(errors.ShapeError, match="mse_loss: expected a target"):
        nn.mse_loss(ct.ones(N), ct.ones(N + 1))


def test_debug_nans_names_the_operation():
    x = ct.full((N,), float("inf"))
    assert bool(ct.all(ct.isnan(nn.softsign(x))))
    with ct.debug_nans(), pytest.raises(FloatingPointError, match="divide"):
        nn.softsign(x)


def test_programs_of_many_shapes():
    for n in range(N, N + 300):
        assert nn.silu(ct.ones(n)).shape == (n,)


def test_by_threads():
    from concurrent.futures import ThreadPoolExecutor

    x = _array(64, 256)
    want = np.asarray(nn.softmax(x))
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(lambda i: np.asarray(nn.softmax(x[: 64 - i % 2])), range(64)):
            np.testing.assert_array_equal(got, want[: len(got)])


@pytest.mark.parametrize("norm", [nn.LayerNorm(258), nn.RMSNorm(258), nn.GroupNorm(3, 6)])
def test_norms_have_the_derivatives_of_their_formulas(norm):
    x = _array(16, 6, 258, dtype="float64")
    rows = x if not isinstance(norm, nn.GroupNorm) else ct.reshape(x, (16, 3, -1))

    def formula(rows):
        mean = ct.mean(rows, axis=-1, keepdims=True) if not isinstance(norm, nn.RMSNorm) else 0.0
        eps = 2.0**-52 if isinstance(norm, nn.RMSNorm) else norm.eps
        square = ct.mean((rows - mean) ** 2, axis=-1, keepdims=True)
        return ct.sum(ct.sin((rows - mean) / ct.sqrt(square + eps)))

    want = np.asarray(cn.grad(formula)(rows)).reshape(x.shape)
    got = np.asarray(cn.grad(lambda x: ct.sum(ct.sin(norm(x))))(x))
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-10)
