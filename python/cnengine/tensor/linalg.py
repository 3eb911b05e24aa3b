"""Linear algebra, as `linalg` of the Python Array API standard has it.

Matrices are the last two axes; those before are a batch. LAPACK computes in float32, float64,
complex64 and complex128; integers, bools and half precision become float32. Where an operation
cannot be done (a singular matrix, one that is not positive definite, NaN where LAPACK takes none),
ArgumentError names the function and the first such matrix of the batch: under `vmap` as well, and
under `jit` when the program runs. Derivatives are those of torch.
Factors and solutions of arrays on a CUDA device are computed on the CPU: these are copied there and
back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, DType, int64, result_type
from cnengine.tensor.band import diagonal, eye
from cnengine.tensor.control import custom_jvp
from cnengine.tensor.creation import asarray
from cnengine.tensor.data_types import finfo
from cnengine.tensor.elementwise import where
from cnengine.tensor.factors import (
    adjoint,
    check_matrices,
    cholesky,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    inexact,
    qr,
    svd,
    svdvals,
)
from cnengine.tensor.linear_algebra import matmul, matrix_transpose, tensordot, vecdot
from cnengine.tensor.lu import lu
from cnengine.tensor.manipulation import broadcast_to
from cnengine.tensor.matrix_exp import matrix_exp
from cnengine.tensor.multi_dot import multi_dot
from cnengine.tensor.norm import cond, matrix_norm, norm, vector_norm
from cnengine.tensor.peer_names import LINALG_NAMES, absent
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import sum as _sum
from cnengine.tensor.tensor_solve import tensorinv, tensorsolve

__all__ = [
    "cholesky", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv",
    "lstsq", "lu", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank",
    "matrix_transpose", "multi_dot", "norm", "outer", "pinv", "qr", "slogdet", "solve",
    "solve_triangular", "svd", "svdvals", "tensordot", "tensorinv", "tensorsolve", "trace",
    "vecdot", "vector_norm",
]  # fmt: skip


class SlogdetResult(NamedTuple):
    """The sign of a determinant and the logarithm of its absolute value."""

    sign: Array
    logabsdet: Array


class LstsqResult(NamedTuple):
    """A solution, the squared lengths of what it leaves, the rank, and singular values."""

    solution: Array
    residuals: Array
    rank: Array
    singular_values: Array


def _alike(x1: Array, x2: Array) -> tuple[Array, Array]:
    common = result_type(x1, x2)
    one, two = (x if x.dtype == common else _tensor.cast(x, common) for x in (x1, x2))
    return inexact(one), inexact(two)


def _square(x: Array, function: str) -> None:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{function}: expected square matrices, got the shape {x.shape}")


def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The cross products of vectors of three elements along an axis, broadcast over the others.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.cross(ct.asarray([1, 0, 0]), ct.asarray([0, 1, 0]))
    Array([0, 0, 1], dtype=int64)
    """
    x1, x2 = asarray(x1), asarray(x2)
    if axis >= 0 and x1.ndim == x2.ndim:
        axis -= x1.ndim
    if not -min(x1.ndim, x2.ndim) <= axis < 0:
        raise ArgumentError(f"cross: expected a negative axis of both arrays, got {axis}")
    if (x1.shape[axis], x2.shape[axis]) != (3, 3):
        raise ShapeError(f"cross: expected an extent of 3 along the axis {axis}, got the shapes "
                         f"{x1.shape} and {x2.shape}")  # fmt: skip
    a, b = ([_tensor.take_one(x, x.ndim + axis, i) for i in range(3)] for x in (x1, x2))
    parts = [a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)]
    at = parts[0].ndim + 1 + axis
    return _tensor.concat([_tensor.expand_dims(part, [at]) for part in parts], at)


def det(x: Array, /) -> Array:
    """The determinants of square matrices.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.det(ct.asarray([[2.0, 0.0], [1.0, 3.0]])))
    6.0
    """
    return _tensor.det(inexact(x))


def inv(x: Array, /) -> Array:
    """The inverses of square matrices. Raises ArgumentError where one is singular.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.inv(ct.asarray([[2.0, 0.0], [0.0, 4.0]]))
    Array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    return _tensor.inv(inexact(x))


def matrix_power(x: Array, n: int, /) -> Array:
    """The product of n times the matrix; of its inverse where n is negative.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.matrix_power(ct.asarray([[1, 1], [1, 0]]), 5)
    Array([[8, 5],
           [5, 3]], dtype=int64)
    """
    _square(x, "matrix_power")
    if n < 0:
        x, n = inv(x), -n
    out = None
    while n:
        if n & 1:
            out = x if out is None else matmul(out, x)
        n >>= 1
        x = matmul(x, x) if n else x
    return (
        broadcast_to(eye(x.shape[-1], dtype=x.dtype, device=x.device), x.shape)
        if out is None
        else out
    )


def _cut(values: Array, x: Array, rtol: float | Array | None) -> Array:
    """Up to which singular values count as 0, for each matrix, with an axis of 1 behind."""
    if values.shape[-1] == 0:
        return values
    if rtol is None:
        rtol = max(x.shape[-2:]) * finfo(x.dtype).eps
    if isinstance(rtol, Array):
        rtol = _tensor.expand_dims(_tensor.cast(rtol, values.dtype), [rtol.ndim])
    return _max(values, axis=-1, keepdims=True) * rtol


def matrix_rank(x: Array, /, *, rtol: float | Array | None = None) -> Array:
    """How many singular values are larger than `rtol` times the largest one.

    Parameters
    ----------
    rtol
        None: the longer side of a matrix times `eps` of the type.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.linalg.matrix_rank(ct.ones((3, 3))))
    1
    """
    check_matrices(x, "matrix_rank")
    x = inexact(x)
    values = _tensor.svdvals(x)
    return _sum(_tensor.cast(values > _cut(values, x, rtol), int64), axis=-1)


def outer(x1: Array, x2: Array, /) -> Array:
    """The products of each element of one vector with each of the other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.outer(ct.asarray([1, 2]), ct.asarray([3, 4]))
    Array([[3, 4],
           [6, 8]], dtype=int64)
    """
    if (x1.ndim, x2.ndim) != (1, 1):
        raise ShapeError(f"outer: expected vectors, got the shapes {x1.shape} and {x2.shape}")
    return _tensor.expand_dims(x1, [1]) * _tensor.expand_dims(x2, [0])


def _inverted(values: Array, x: Array, rtol: float | Array | None) -> Array:
    counts = values > _cut(values, x, rtol)
    return where(counts, 1 / where(counts, values, 1), 0)


def _pinv(x: Array, rtol: float | Array | None) -> Array:
    u, s, vh = _tensor.svd(x, False)
    return matmul(adjoint(vh) * _tensor.expand_dims(_inverted(s, x, rtol), [s.ndim - 1]),
                  adjoint(u))  # fmt: skip


def pinv(x: Array, /, *, rtol: float | Array | None = None) -> Array:
    """The pseudo-inverses (Moore and Penrose) of matrices of any shape.

    Singular values up to `rtol` times the largest one count as 0. The derivative is that of
    matrices of the same rank (Golub and Pereyra 1973).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.pinv(ct.asarray([[2.0], [0.0]]))
    Array([[0.5, 0. ]], dtype=float32)
    """
    check_matrices(x, "pinv")
    x = inexact(x)
    if not x._trace:
        return _pinv(x, rtol)

    @custom_jvp
    def inverse(x: Array, *cut: Array) -> Array:
        return _pinv(x, cut[0] if cut else rtol)

    def tangent(args: tuple[Array, ...], changes: tuple[Array, ...]) -> tuple[Array, Array]:
        x, change = args[0], adjoint(changes[0])
        p = inverse(*args)
        left, right = matmul(p, adjoint(p)), matmul(adjoint(p), p)
        out = matmul(left, change - matmul(matmul(change, x), p))
        out = out + matmul(change - matmul(p, matmul(x, change)), right)
        return p, out - matmul(matmul(p, changes[0]), p)

    inverse.defjvp(tangent)
    return inverse(x, rtol) if isinstance(rtol, Array) else inverse(x)


def slogdet(x: Array, /) -> SlogdetResult:
    """The sign of a determinant and the logarithm of its absolute value, without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.slogdet(-ct.eye(3)).sign)
    -1.0
    """
    return SlogdetResult(*_tensor.slogdet(inexact(x)))


def solve(x1: Array, x2: Array, /) -> Array:
    """The solution of x1 @ out = x2; the axes before the matrices are broadcast.

    `x2` of one axis is a vector, else matrices. Raises ArgumentError where a matrix is singular.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.solve(ct.asarray([[2.0, 0.0], [0.0, 4.0]]), ct.asarray([2.0, 2.0]))
    Array([1. , 0.5], dtype=float32)
    """
    x1, x2 = _alike(x1, x2)
    if x2.ndim != 1:
        return _tensor.solve(x1, x2)
    return _tensor.squeeze(_tensor.solve(x1, _tensor.expand_dims(x2, [1])), [-1])


def solve_triangular(
    x1: Array,
    x2: Array,
    /,
    *,
    upper: bool = False,
    adjoint: bool = False,
    unit_diagonal: bool = False,
) -> Array:
    """The solution of x1 @ out = x2 for triangular matrices, of which one triangle is read.

    A 0 on a diagonal gives infinities.

    Parameters
    ----------
    upper
        Whether the upper triangle is read.
    adjoint
        Whether the conjugate of the transpose is taken in place of `x1`.
    unit_diagonal
        Whether the diagonal is taken as ones.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.solve_triangular(ct.asarray([[2.0, 0.0], [1.0, 1.0]]), ct.asarray([2.0, 3.0]))
    Array([1., 2.], dtype=float32)
    """
    x1, x2 = _alike(x1, x2)
    if x2.ndim != 1:
        return _tensor.triangular_solve(x1, x2, not upper, adjoint, unit_diagonal)
    column = _tensor.expand_dims(x2, [1])
    out = _tensor.triangular_solve(x1, column, not upper, adjoint, unit_diagonal)
    return _tensor.squeeze(out, [-1])


def lstsq(x1: Array, x2: Array, /, *, rtol: float | Array | None = None) -> LstsqResult:
    """The shortest `solution` that makes x1 @ solution - x2 as short as can be.

    Singular values up to `rtol` times the largest one count as 0 (see `matrix_rank`). `residuals`
    are the squared lengths of the columns of x1 @ solution - x2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> a = ct.asarray([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> ct.linalg.lstsq(a, ct.asarray([1.0, 3.0, 5.0])).rank
    Array(2, dtype=int64)
    """
    check_matrices(x1, "lstsq")
    x1, x2 = _alike(x1, x2)
    sides = _tensor.expand_dims(x2, [1]) if x2.ndim == 1 else x2
    out = matmul(pinv(x1, rtol=rtol), sides)
    left = vector_norm(matmul(x1, out) - sides, axis=-2) ** 2
    values = _tensor.svdvals(x1)
    rank = _sum(_tensor.cast(values > _cut(values, x1, rtol), int64), axis=-1)
    if x2.ndim == 1:
        out, left = _tensor.squeeze(out, [-1]), _tensor.squeeze(left, [-1])
    return LstsqResult(out, left, rank, values)


def trace(x: Array, /, *, offset: int = 0, dtype: DType | None = None) -> Array:
    """The sums of the diagonals of matrices; as `sum` and `diagonal`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.linalg.trace(ct.asarray([[1, 2], [3, 4]])))
    5
    """
    check_matrices(x, "trace")
    return _sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def __getattr__(name: str) -> Any:
    raise absent("cnengine.tensor.linalg", name, LINALG_NAMES)
