"""Triangles whose product is a matrix with its rows exchanged."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnengine._core import tensor as _tensor
from cnengine.tensor.arrangement import concat
from cnengine.tensor.array import Array, int64
from cnengine.tensor.band import eye, tril, triu
from cnengine.tensor.control import custom_jvp
from cnengine.tensor.creation import arange, asarray, astype, zeros_like
from cnengine.tensor.factors import check_matrices, inexact
from cnengine.tensor.indexing import take_along_axis
from cnengine.tensor.linear_algebra import matmul, matrix_transpose
from cnengine.tensor.manipulation import expand_dims

__all__ = ["lu"]


class LUResult(NamedTuple):
    """A permutation, a lower triangle with ones on its diagonal, and an upper triangle."""

    P: Array
    L: Array
    U: Array


@custom_jvp
def _triangles(x: Array) -> tuple[Array, Array, Array]:
    """L and U, and the order in which the rows of x are their product."""
    packed, rows = _tensor.lu(x)
    m, n = x.shape[-2:]
    least = min(m, n)
    lower = tril(packed[..., :least], k=-1) + eye(m, least, dtype=x.dtype, device=x.device)
    return lower, triu(packed[..., :least, :]), rows


def _triangles_changed(args: tuple[Array], changes: tuple[Array]) -> tuple[Any, Any]:
    """Of the square part x1 = L1 U1: dL1 = L1 lower(F), dU1 = upper(F) U1, F = L1^-1 dx1 U1^-1.

    What is left of U is L1^-1 (dx - dL1 U), what is left of L is (dx - L dU1) U1^-1.
    """
    lower, upper, rows = out = _triangles(args[0])
    k = lower.shape[-1]
    change = take_along_axis(changes[0], expand_dims(rows, axis=-1), axis=-2)
    low, up = lower[..., :k, :], upper[..., :k]
    part = _divided(_tensor.triangular_solve(low, change[..., :k, :k], True, False, True), up)
    dl, du = matmul(low, tril(part, k=-1)), matmul(triu(part), up)
    if upper.shape[-1] > k:
        rest = change[..., :k, k:] - matmul(dl, upper[..., k:])
        more = _tensor.triangular_solve(low, rest, True, False, True)
        du = concat([du, more], axis=-1)
    if lower.shape[-2] > k:
        rest = change[..., k:, :k] - matmul(lower[..., k:, :], du[..., :k])
        dl = concat([dl, _divided(rest, up)], axis=-2)
    return out, (dl, du, zeros_like(rows))


def _divided(x: Array, upper: Array) -> Array:
    """x upper^-1."""
    turned = matrix_transpose(x)
    return matrix_transpose(
        _tensor.triangular_solve(matrix_transpose(upper), turned, True, False, False)
    )


_triangles.defjvp(_triangles_changed)


def lu(x: Array, /) -> LUResult:
    """P, L and U of x = P L U, by partial pivoting: matrices (m, n), k = min(m, n).

    P (m, m) exchanges rows, L (m, k) is a lower triangle with ones on its diagonal, U (k, n) an
    upper one; as SciPy's `lu` and torch's. Derivatives are those of matrices whose first k rows,
    exchanged, and columns are independent.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.lu(ct.asarray([[1.0, 2.0], [4.0, 4.0]])).U
    Array([[4., 4.],
           [0., 1.]], dtype=float32)
    """
    x = asarray(x)
    check_matrices(x, "lu")
    lower, upper, rows = _triangles(inexact(x))
    place = expand_dims(arange(x.shape[-2], dtype=int64, device=x.device), axis=-1)
    return LUResult(astype(place == expand_dims(rows, axis=-2), lower.dtype), lower, upper)
