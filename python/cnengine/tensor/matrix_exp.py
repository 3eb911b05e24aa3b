"""The exponential of matrices."""

from __future__ import annotations

from cnengine._core import tensor as _tensor
from cnengine.errors import ShapeError
from cnengine.tensor.arrangement import concat
from cnengine.tensor.array import Array, int64
from cnengine.tensor.band import eye
from cnengine.tensor.control import custom_vjp, while_loop
from cnengine.tensor.creation import asarray, astype, zeros
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import ceil, isfinite, log2, maximum, where
from cnengine.tensor.factors import adjoint, inexact
from cnengine.tensor.linear_algebra import matmul
from cnengine.tensor.manipulation import expand_dims
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import sum as _sum

__all__ = ["matrix_exp"]

# Coefficients of Pade's approximants of degree 7 and 13, and up to which norm of a matrix these are
# exact to the rounding of float32 and of float64 (Higham 2005, sections 2 and 3).
_SEVENTH = (17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1)
_THIRTEENTH = (64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800,
               129060195264000, 10559470521600, 670442572800, 33522128640, 1323241920, 40840800,
               960960, 16380, 182, 1)  # fmt: skip
_LIMITS = {8: 3.925724783138660, 14: 5.371920351148152}


def _parts(a: Array, c: tuple[int, ...]) -> tuple[Array, Array]:
    """The odd and the even powers of the polynomial with these coefficients."""
    unit = eye(a.shape[-1], dtype=a.dtype, device=a.device)
    a2 = matmul(a, a)
    a4 = matmul(a2, a2)
    a6 = matmul(a2, a4)
    odd = c[7] * a6 + c[5] * a4 + c[3] * a2 + c[1] * unit
    even = c[6] * a6 + c[4] * a4 + c[2] * a2 + c[0] * unit
    if len(c) > 8:
        odd = odd + matmul(a6, c[13] * a6 + c[11] * a4 + c[9] * a2)
        even = even + matmul(a6, c[12] * a6 + c[10] * a4 + c[8] * a2)
    return matmul(a, odd), even


def _scaled_and_squared(a: Array) -> Array:
    """exp(a / 2^s)^(2^s), with s of each matrix such that the approximant is exact."""
    if a.size == 0:
        return a
    is_double = a.dtype.name in ("float64", "complex128")
    c = _THIRTEENTH if is_double else _SEVENTH
    norm = _max(_sum(_abs(a), axis=-2), axis=-1, keepdims=True)
    steps = ceil(log2(maximum(norm, 1e-30) / _LIMITS[len(c)]))
    steps = expand_dims(where(isfinite(steps), maximum(steps, 0.0), 0.0), axis=-1)
    odd, even = _parts(a * astype(0.5**steps, a.dtype), c)
    out = _tensor.solve(even - odd, even + odd)
    count = astype(steps, int64)

    def squared(state: tuple[Array, Array]) -> tuple[Array, Array]:
        i, x = state
        return i + 1, where(i < count, matmul(x, x), x)

    return while_loop(lambda state: state[0] < _max(count), squared, (asarray(0), out))[1]


_exp = custom_vjp(_scaled_and_squared)


def _changed(a: Array, by: Array) -> Array:
    """The derivative at a in the direction `by`: a block of exp([[a, by], [0, a]])."""
    n = a.shape[-1]
    shape = (*a.shape[:-2], n, n)
    rows = [
        concat([a, by], axis=-1),
        concat([zeros(shape, dtype=a.dtype, device=a.device), a], axis=-1),
    ]
    return _exp(concat(rows, axis=-2))[..., :n, n:]


_exp.defvjp(
    lambda a: (_exp(a), a),
    lambda a, cotangent: (_changed(adjoint(a), cotangent),),
    lambda args, changes: (_exp(*args), _changed(args[0], changes[0])),
)


def matrix_exp(x: Array, /) -> Array:
    """The sums of x^k / k! of square matrices, by Pade's approximants, scaling and squaring.

    Raises ShapeError for others than square matrices. Derivatives are exponentials of matrices of
    twice the size. Higham 2005, SIAM J. Matrix Anal. Appl. 26(4); Van Loan 1978 for derivatives.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.matrix_exp(ct.asarray([[0.0, 1.0], [0.0, 0.0]]))
    Array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    x = asarray(x)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"matrix_exp: expected square matrices, got the shape {x.shape}")
    own = x.dtype
    out = _exp(inexact(x))
    return _tensor.cast(out, own) if own.kind == "float" else out
