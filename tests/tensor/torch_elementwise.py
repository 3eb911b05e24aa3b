"""Ours by the names of torch's table of operators: elements, sums, products, linear algebra."""

import cnengine.tensor as ct
from torch_adapters import Other, absent, axis_of, listed

# Ours by torch's names, where they are the same.
SAME = ["abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign",
        "cos", "cosh", "digamma", "erf", "erfc", "erfinv", "exp", "expm1", "floor", "hypot",
        "imag", "isfinite", "isinf", "isnan", "lgamma", "log", "log10", "log1p", "log2",
        "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum",
        "minimum", "nextafter", "positive", "pow", "real", "reciprocal", "remainder", "round",
        "rsqrt", "sigmoid", "sign", "signbit", "sin", "sinh", "sqrt", "square", "tan", "tanh",
        "trunc", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift",
        "bitwise_right_shift", "matmul", "conj", "floor_divide"]  # fmt: skip


def reduced(function):
    """A reduction of torch: (x, dim, keepdim)."""

    def call(x, dim=None, keepdim=False, **options):
        absent(options)
        return function(x, axis=axis_of(x, dim), keepdims=keepdim)

    return call


def spread(function):
    """var and std: Bessel's correction is torch's default."""

    def call(x, dim=None, unbiased=True, keepdim=False, correction=None):
        if isinstance(dim, bool):  # (x, unbiased)
            dim, unbiased = None, dim
        correction = int(unbiased) if correction is None else correction
        return function(x, axis=axis_of(x, dim), correction=correction, keepdims=keepdim)

    return call


def scaled(function):
    return lambda a, b, alpha=1: function(a, b * alpha if alpha != 1 else b)


def swapped(function):
    return lambda a, b: function(b, a)


def rounded(x, decimals=0):
    return ct.round(x, decimals)


def divided(a, b, rounding_mode=None):
    out = ct.divide(a, b)
    return {None: lambda x: x, "floor": ct.floor, "trunc": ct.trunc}[rounding_mode](out)


def clamped(x, low=None, high=None, **options):
    return ct.clip(x, options.get("min", low), options.get("max", high))


def filled(x, nan=0.0, posinf=None, neginf=None):
    return ct.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


def greatest(whole, places):
    """max and min: of everything, or values and places along an axis."""

    def call(x, dim=None, keepdim=False):
        if dim is None:
            return whole(x)
        axis = axis_of(x, dim)
        return [whole(x, axis=axis, keepdims=keepdim), places(x, axis=axis, keepdims=keepdim)]

    return call


def place_of(function):
    def call(x, dim=None, keepdim=False):
        return function(x, axis=axis_of(x, dim), keepdims=keepdim)

    return call


def quantile(x, q, dim=None, keepdim=False, interpolation="linear"):
    return ct.quantile(x, q, axis_of(x, dim), method=interpolation, keepdims=keepdim)


def logsumexp(x, dim, keepdim=False):
    if x.size == 0:
        raise Other("of nothing")
    return ct.logsumexp(x, axis=axis_of(x, dim), keepdims=keepdim)


def vector_norm(x, ord=2, dim=None, keepdim=False, **options):  # noqa: A002
    absent(options)
    if x.ndim == 0:
        return ct.linalg.vector_norm(ct.reshape(x, (1,)), ord=ord)
    return ct.linalg.vector_norm(x, ord=ord, axis=axis_of(x, dim), keepdims=keepdim)


def matrix_norm(x, ord="fro", dim=(-2, -1), keepdim=False, **options):  # noqa: A002
    absent(options)
    if tuple(axis % x.ndim for axis in dim) != (x.ndim - 2, x.ndim - 1):
        raise Other("other axes")
    return ct.linalg.matrix_norm(x, ord=ord, keepdims=keepdim)


def plain(function):
    """Options of torch that the standard has not."""

    def call(*args, **options):
        absent(options)
        return function(*args)

    return call


def dotted(x, y, dim=-1, **options):
    absent(options)
    return ct.vecdot(x, y, axis=dim if dim < 0 else dim - x.ndim)


def contracted(x, y, dims=2, out=None):
    if isinstance(dims, int):
        return ct.tensordot(x, y, axes=dims)
    if [x.shape[axis] for axis in dims[0]] != [y.shape[axis] for axis in dims[1]]:
        raise Other("axes that are summed and broadcast")
    return ct.tensordot(x, y, axes=tuple(map(tuple, dims)))


def triangular(a, b, *, upper, left=True, unitriangular=False):
    if not left:
        raise Other("unknowns on the left")
    return ct.linalg.solve_triangular(a, b, upper=upper, unit_diagonal=unitriangular)


def solved(a, b, *, left=True):
    """Torch takes a batch of vectors where the shapes say so."""
    vectors = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    if not left or (vectors and b.ndim > 1):
        raise Other("batches of vectors, unknowns on the left")
    return ct.linalg.solve(a, b)


def lower(x, triangle):
    return ct.conj(ct.matrix_transpose(x)) if triangle == "U" else x


def least_squares(a, b, *, driver=None):
    return ct.linalg.lstsq(a, b).solution


def crossed(x, y, dim=None):
    if dim is None:
        dim = next(i for i, extent in enumerate(x.shape) if extent == 3)
    return ct.linalg.cross(x, y, axis=dim - x.ndim if dim >= 0 else dim)


def logdet(x):
    sign, value = ct.linalg.slogdet(x)
    return value + ct.log(sign)


def last_diagonal(x, offset=0, dim1=-2, dim2=-1):
    return ct.linalg.diagonal(ct.moveaxis(x, (dim1, dim2), (-2, -1)), offset=offset)


def product_of_four(function):
    """beta x + alpha f(a, b); of beta 0 even NaN is left out."""

    def call(x, a, b, beta=1, alpha=1):
        out = function(a, b) * alpha
        return out + (x * beta if beta else 0)

    return call


ELEMENTWISE = {name: getattr(ct, name) for name in SAME}
ELEMENTWISE |= {
    "add": scaled(ct.add), "sub": scaled(ct.subtract),
    "rsub": lambda a, b, alpha=1: b - (a * alpha if alpha != 1 else a),
    "mul": ct.multiply, "div|no_rounding_mode": divided,
    "div|floor_rounding": divided, "div|trunc_rounding": divided, "true_divide": ct.divide,
    "where": lambda x, condition, y: ct.where(condition, x, y), "neg": ct.negative,
    "bitwise_not": ct.bitwise_invert, "round": rounded, "clamp": clamped,
    "clamp_max": lambda x, high: ct.clip(x, max=high), "sgn": ct.sign,
    "clamp_min": lambda x, low: ct.clip(x, min=low), "nan_to_num": filled,
    **{f"polygamma|polygamma_n_{n}": lambda x, n: ct.polygamma(n, x) for n in range(5)},
    "special.polygamma|special_polygamma_n_0": lambda x, n: ct.polygamma(n, x),
    "isclose": ct.isclose,
    "allclose": ct.allclose, "conj_physical": ct.conj,
    "eq": ct.equal, "ne": ct.not_equal, "lt": ct.less, "le": ct.less_equal, "gt": ct.greater,
    "ge": ct.greater_equal, "max|binary": ct.maximum, "min|binary": ct.minimum,
    "masked_fill": lambda x, mask, value: ct.where(mask, value, x),
    "__radd__": swapped(lambda a, b: a + b), "__rand__": swapped(lambda a, b: a & b),
    "__rdiv__": swapped(lambda a, b: a / b), "__rmatmul__": swapped(lambda a, b: a @ b),
    "__rmod__": swapped(lambda a, b: a % b), "__rmul__": swapped(lambda a, b: a * b),
    "__ror__": swapped(lambda a, b: a | b), "__rpow__": swapped(lambda a, b: a**b),
    "__rsub__": swapped(lambda a, b: a - b), "__rxor__": swapped(lambda a, b: a ^ b),
}  # fmt: skip
REDUCTIONS = {
    "sum": reduced(ct.sum), "amax": reduced(ct.max), "amin": reduced(ct.min),
    "mean": reduced(ct.mean), "all": reduced(ct.all), "any": reduced(ct.any),
    "prod": reduced(ct.prod), "var": spread(ct.var), "std": spread(ct.std),
    "var|unbiased": spread(ct.var), "std|unbiased": spread(ct.std),
    "max|reduction_no_dim": greatest(ct.max, ct.argmax),
    "max|reduction_with_dim": greatest(ct.max, ct.argmax),
    "min|reduction_no_dim": greatest(ct.min, ct.argmin),
    "min|reduction_with_dim": greatest(ct.min, ct.argmin), "argmax": place_of(ct.argmax),
    "aminmax": lambda x, *, dim=None, keepdim=False: [
        ct.min(x, axis=axis_of(x, dim), keepdims=keepdim),
        ct.max(x, axis=axis_of(x, dim), keepdims=keepdim)],
    "argmin": place_of(ct.argmin), "count_nonzero": reduced(ct.count_nonzero),
    "logsumexp": logsumexp, "quantile": quantile, "linalg.vector_norm": vector_norm,
    "trace": ct.linalg.trace,
}  # fmt: skip
LINEAR = {
    "mm": ct.matmul, "bmm": ct.matmul, "mv": ct.matmul, "dot": lambda x, y: ct.sum(x * y), "vdot": ct.vecdot,
    "inner": lambda x, y: ct.tensordot(x, y, axes=([-1], [-1])) if x.ndim and y.ndim else x * y,
    "outer": ct.outer, "tensordot": contracted, "einsum": lambda text, *x: ct.einsum(text, *listed(x)),
    "linalg.cholesky": lambda x, upper=False: ct.linalg.cholesky(x, upper=upper),
    "cholesky": lambda x, upper=False: ct.linalg.cholesky(x, upper=upper),
    "linalg.cholesky_ex": lambda x, upper=False, check_errors=False: ct.linalg.cholesky(x, upper=upper),
    "linalg.det": ct.linalg.det, "linalg.slogdet": ct.linalg.slogdet,
    "logdet": logdet, "linalg.inv": ct.linalg.inv,
    "linalg.solve": solved, "linalg.solve_triangular": triangular,
    "linalg.svdvals": ct.linalg.svdvals, "linalg.lstsq": least_squares,
    "linalg.lstsq|grad_oriented": least_squares,
    "linalg.eig": ct.linalg.eig, "linalg.eigh": lambda x, UPLO="L": ct.linalg.eigh(lower(x, UPLO)),
    "linalg.eigvals": lambda x: ct.linalg.eigvals(x) + 0j,
    "linalg.eigvalsh": lambda x, UPLO="L": ct.linalg.eigvalsh(lower(x, UPLO)),
    "linalg.qr": lambda x, mode="reduced": ct.linalg.qr(x, mode=mode),
    "linalg.svd": lambda x, full_matrices=True: ct.linalg.svd(x, full_matrices=full_matrices),
    "svd": lambda x, some=True: ct.linalg.svd(x, full_matrices=not some),
    "linalg.pinv": plain(ct.linalg.pinv), "pinverse": ct.linalg.pinv,
    "linalg.matrix_norm": matrix_norm, "linalg.matrix_power": ct.linalg.matrix_power,
    "linalg.matrix_rank": plain(ct.linalg.matrix_rank),
    "linalg.cross": lambda x, y, dim=-1: ct.linalg.cross(x, y, axis=dim), "cross": crossed,
    "linalg.vecdot": dotted,
    "linalg.diagonal": last_diagonal,
    "addmm": product_of_four(ct.matmul), "baddbmm": product_of_four(ct.matmul),
    "addmv": product_of_four(ct.matmul), "addr": product_of_four(ct.outer),
    "addbmm": product_of_four(lambda a, b: ct.sum(ct.matmul(a, b), axis=0)),
}  # fmt: skip
