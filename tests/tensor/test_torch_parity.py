"""Values and derivatives beside torch's own table of operators with sample inputs (`op_db`).

Torch is not among the test requirements: `pip install torch==2.13.0 expecttest` runs this file.
"""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
methods = pytest.importorskip(
    "torch.testing._internal.common_methods_invocations", reason="expecttest is not installed"
)

VARIANTS = ("", "no_rounding_mode")
OPERATORS = {op.name: op for op in reversed(methods.op_db) if op.variant_test_name in VARIANTS}
# Ours by torch's names, where they differ.
SAME = ["abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign",
        "cos", "cosh", "digamma", "erf", "erfc", "exp", "expm1", "floor", "hypot", "isfinite",
        "isinf", "isnan", "lgamma", "log", "log10", "log1p", "log2", "logaddexp", "logical_and",
        "logical_not", "logical_or", "logical_xor", "matmul", "maximum", "minimum", "nextafter",
        "pow", "real", "remainder", "round", "rsqrt", "sigmoid", "sign", "signbit", "sin", "sinh",
        "sqrt", "square", "tan", "tanh", "trunc", "where", "bitwise_and", "bitwise_or",
        "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift"]  # fmt: skip


def with_axis(function):
    """A reduction of torch: (x, dim, keepdim)."""

    def call(x, dim=None, keepdim=False, **options):
        if options:
            raise NotImplementedError(str(options))
        if x.ndim == 0:
            dim = None  # torch takes its axis 0
        return function(x, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)

    return call


def scaled(function):
    def call(a, b, alpha=1):
        return function(a, b * alpha if alpha != 1 else b)

    return call


def rounded(x, decimals=0):
    if decimals:
        raise NotImplementedError("decimals")
    return ct.round(x)


def permuted(x, *dims):
    return ct.permute_dims(x, dims[0] if isinstance(dims[0], (tuple, list)) else dims)


def reshaped(x, *shape):
    return ct.reshape(x, shape[0] if isinstance(shape[0], (tuple, list)) else shape)


def divided(a, b, rounding_mode=None):
    out = ct.divide(a, b)
    return {None: lambda x: x, "floor": ct.floor, "trunc": ct.trunc}[rounding_mode](out)


OURS = {name: getattr(ct, name) for name in SAME}
OURS |= {
    "add": scaled(ct.add), "sub": scaled(ct.subtract), "mul": ct.multiply, "div": divided,
    "true_divide": ct.divide, "where": lambda x, condition, y: ct.where(condition, x, y),
    "neg": ct.negative, "eq": ct.equal, "ne": ct.not_equal,
    "lt": ct.less, "le": ct.less_equal, "gt": ct.greater, "ge": ct.greater_equal,
    "max": None, "sum": with_axis(ct.sum), "amax": with_axis(ct.max), "amin": with_axis(ct.min),
    "mean": with_axis(ct.mean), "all": with_axis(ct.all), "any": with_axis(ct.any),
    "prod": with_axis(ct.prod), "floor_divide": ct.floor_divide, "bitwise_not": ct.bitwise_invert,
    "imag": ct.imag, "conj": ct.conj, "mm": ct.matmul, "bmm": ct.matmul, "mv": ct.matmul,
    "permute": permuted, "reshape": reshaped, "broadcast_to": ct.broadcast_to,
    "unsqueeze": lambda x, dim: ct.expand_dims(x, axis=dim), "round": rounded,
    "flip": lambda x, dims: ct.flip(x, axis=dims if isinstance(dims, int) else tuple(dims)),
}  # fmt: skip
OURS.pop("max")
DTYPES = {"float64": torch.float64, "float32": torch.float32, "complex128": torch.complex128,
          "int64": torch.int64, "bool": torch.bool}  # fmt: skip
# Tolerances relative to the largest element, and the reason where they are not rounding alone.
RTOL = {"float64": 1e-10, "float32": 2e-5, "complex128": 1e-10}
# Derivatives that differ on purpose, with the reason.
OTHER_DERIVATIVES = {
    "nextafter": "that of a step to the next number is 0 here, 1 in torch",
    "digamma": "has none here",
}


def ours_of(value):
    if isinstance(value, torch.Tensor):
        return ct.asarray(value.detach().resolve_conj().resolve_neg().cpu().numpy())
    return value


def tree(value, f):
    if isinstance(value, (list, tuple)):
        return type(value)(tree(each, f) for each in value)
    return f(value)


def close(got, expected, dtype):
    got = np.asarray(got)
    expected = expected.detach().resolve_conj().resolve_neg().cpu().numpy()
    assert got.shape == expected.shape
    if got.dtype.kind in "biu":
        np.testing.assert_array_equal(got, expected)
        return
    scale = np.nanmax(np.abs(expected[np.isfinite(expected)]), initial=1.0)
    rtol = RTOL.get(dtype, 1e-5)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("name", sorted(OURS))
def test_values_and_derivatives(name, dtype):
    op = OPERATORS[name]
    kind = DTYPES[dtype]
    if kind not in op.supported_dtypes("cpu"):
        pytest.skip("torch has no such operation")
    derives = dtype in ("float64", "complex128") and op.supports_autograd
    tried = 0
    for sample in op.sample_inputs("cpu", kind, requires_grad=derives):
        values = [sample.input, *sample.args]
        expected = op.op(sample.input, *sample.args, **sample.kwargs)
        if not isinstance(expected, torch.Tensor):
            continue
        inputs = [tree(each, ours_of) for each in values]
        options = {key: ours_of(value) for key, value in sample.kwargs.items()}
        try:
            got = OURS[name](*inputs, **options)
        except (cnengine.errors.TypeError, NotImplementedError, TypeError):
            continue  # types that the standard keeps apart, options that are torch's own
        if got.dtype.name != str(expected.dtype).removeprefix("torch."):
            continue
        close(got, expected, dtype)
        tried += 1
        if (
            not derives
            or name in OTHER_DERIVATIVES
            or expected.grad_fn is None
            or expected.numel() == 0
        ):
            continue
        check_derivative(name, dtype, values, inputs, options, expected)
    if tried == 0:
        pytest.skip("types that the standard keeps apart")


def check_derivative(name, dtype, values, inputs, options, expected):
    places = [i for i, each in enumerate(values)
              if isinstance(each, torch.Tensor) and each.requires_grad]  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(expected.shape, dtype=expected.dtype, generator=generator)
    wanted = torch.autograd.grad(expected, [values[i] for i in places], weights, allow_unused=True)

    def f(*some):
        arguments = list(inputs)
        for i, each in zip(places, some, strict=True):
            arguments[i] = each
        return OURS[name](*arguments, **options)

    _, pull = cn.vjp(f, *(inputs[i] for i in places))
    got = pull(ours_of(weights))
    jitted = cn.jit(lambda w, *some: cn.vjp(f, *some)[1](w))
    again = jitted(ours_of(weights), *(inputs[i] for i in places))
    for each, other, want in zip(got, again, wanted, strict=True):
        if want is None:
            want = torch.zeros(each.shape, dtype=expected.dtype)
        close(each, want, dtype)
        close(other, want, dtype)
