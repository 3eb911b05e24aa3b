"""Values and derivatives beside torch's own table of operators with sample inputs (`op_db`).

The table needs the package expecttest, which is among the test requirements with torch.
"""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
torch.set_num_threads(1)  # two libraries with threads starve each other
methods = pytest.importorskip(
    "torch.testing._internal.common_methods_invocations", reason="expecttest is not installed"
)

# Of the first samples of an operator; each is traced twice. Values are compared of all.
MOST_DERIVATIVES = 8
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


def vector_norm(x, ord=2, dim=None, keepdim=False, **options):  # noqa: A002
    if options or x.ndim == 0:
        raise NotImplementedError(str(options))
    axis = tuple(dim) if isinstance(dim, (list, tuple)) else dim
    return ct.linalg.vector_norm(x, ord=ord, axis=None if axis == () else axis, keepdims=keepdim)


def matrix_norm(x, ord="fro", dim=(-2, -1), keepdim=False, **options):  # noqa: A002
    if options or tuple(axis % x.ndim for axis in dim) != (x.ndim - 2, x.ndim - 1):
        raise NotImplementedError("other axes")
    return ct.linalg.matrix_norm(x, ord=ord, keepdims=keepdim)


def without_options(function):
    """Options of torch that the standard has not."""

    def call(*args, **options):
        if any(value is not None and value is not False for value in options.values()):
            raise NotImplementedError(str(options))
        return function(*args)

    return call


def dotted(x, y, dim=-1, **options):
    return ct.vecdot(x, y, axis=dim if dim < 0 else dim - x.ndim)


def spelled(text, *arrays):
    return ct.einsum(text, *(arrays[0] if isinstance(arrays[0], (list, tuple)) else arrays))


def contracted(x, y, dims=2, out=None):
    if isinstance(dims, int):
        return ct.tensordot(x, y, axes=dims)
    if [x.shape[axis] for axis in dims[0]] != [y.shape[axis] for axis in dims[1]]:
        raise NotImplementedError("axes that are summed and broadcast")
    return ct.tensordot(x, y, axes=tuple(map(tuple, dims)))


def triangular(a, b, *, upper, left=True, unitriangular=False):
    if not left:
        raise NotImplementedError("left")
    return ct.linalg.solve_triangular(a, b, upper=upper, unit_diagonal=unitriangular)


def solved(a, b, *, left=True):
    """Torch takes a batch of vectors where the shapes say so."""
    vectors = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    if not left or (vectors and b.ndim > 1):
        raise NotImplementedError("batches of vectors")
    return ct.linalg.solve(a, b)


def lower(x, triangle):
    return ct.conj(ct.matrix_transpose(x)) if triangle == "U" else x


# Which of several results is compared: what signs and phases leave as it is.
PARTS = {"linalg.slogdet": 1, "linalg.eigh": 0, "linalg.svd": 1, "linalg.qr": 1}
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
    "linalg.cholesky": lambda x, upper=False: ct.linalg.cholesky(x, upper=upper),
    "linalg.det": ct.linalg.det, "linalg.slogdet": lambda x: ct.linalg.slogdet(x)[1], "linalg.inv": ct.linalg.inv,
    "linalg.solve": solved, "linalg.solve_triangular": triangular, "linalg.svdvals": ct.linalg.svdvals,
    "linalg.eigh": lambda x, UPLO="L": ct.linalg.eigh(lower(x, UPLO))[0],
    "linalg.eigvals": lambda x: ct.linalg.eigvals(x) + 0j,
    "linalg.eigvalsh": lambda x, UPLO="L": ct.linalg.eigvalsh(lower(x, UPLO)),
    "linalg.qr": lambda x, mode="reduced": ct.linalg.qr(x, mode=mode)[1],
    "linalg.svd": lambda x, full_matrices=True: ct.linalg.svd(x, full_matrices=full_matrices)[1],
    "linalg.pinv": without_options(ct.linalg.pinv), "linalg.matrix_norm": matrix_norm,
    "linalg.vector_norm": vector_norm, "linalg.matrix_power": ct.linalg.matrix_power,
    "linalg.matrix_rank": without_options(ct.linalg.matrix_rank),
    "linalg.cross": lambda x, y, dim=-1: ct.linalg.cross(x, y, axis=dim),
    "linalg.vecdot": dotted, "outer": ct.linalg.outer, "trace": ct.linalg.trace, "tensordot": contracted,
    "linalg.diagonal": lambda x, offset=0: ct.linalg.diagonal(x, offset=offset), "einsum": spelled,
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
        values = list(sample.args) if name == "einsum" else [sample.input, *sample.args]
        if name == "einsum":
            values = [*sample.args, *sample.input]
        expected = op.op(sample.input, *sample.args, **sample.kwargs)
        expected = expected[PARTS[name]] if name in PARTS else expected
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
            or tried > MOST_DERIVATIVES
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
        if name == "linalg.cholesky":  # torch's is not Hermitian for complex matrices
            want = (want + want.mH) / 2
        close(each, want, dtype)
        close(other, want, dtype)
