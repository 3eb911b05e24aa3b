"""Diagonals, and matrices of ones and of others' elements on one side of them."""

from __future__ import annotations

import operator
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ShapeError
from cnengine.tensor.array import Array, DType, bool_, float32, int64
from cnengine.tensor.creation import asarray, placing
from cnengine.tensor.factors import check_matrices

__all__ = ["diag", "diagflat", "eye", "tri", "tril", "triu"]

_FAR = 2**62  # from a diagonal, outside of every matrix


def _band(x: Array, low: Any, high: Any, function: str) -> Array:
    """Matrices with zeros outside of `low <= column - row <= high`; None: no bound."""
    if x.ndim < 2:
        raise ShapeError(f"{function}: expected matrices, got the shape {x.shape}")
    rows, columns = x.shape[-2:]
    if isinstance(low, Array) or isinstance(high, Array):  # which jit may trace
        above = _tensor.iota([rows, columns], 1, int64) - _tensor.iota([rows, columns], 0, int64)
        inside = above <= high if low is None else above >= low
    else:
        inside = _tensor.band(rows, columns, *_bounds(low, high), bool_)
    inside = _tensor.to_device(inside, x.device, function)
    return _tensor.where(inside, x, _tensor.full([], 0, x.dtype))


def _bounds(low: int | None, high: int | None) -> tuple[int, int]:
    """As numbers that int64 has."""
    first = -_FAR if low is None else operator.index(low)
    last = _FAR if high is None else operator.index(high)
    return min(max(first, -_FAR), _FAR), min(max(last, -_FAR), _FAR)


@placing
def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DType | None = None,
    device: Any = None,
) -> Array:
    """A matrix with ones on a diagonal, `k` places above the first, and zeros elsewhere.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.eye(2, 3, k=1)
    Array([[0., 1., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    columns = n_rows if n_cols is None else n_cols
    return _tensor.band(n_rows, columns, *_bounds(k, k), dtype or float32)


@placing
def tri(
    n_rows: int,
    n_cols: int | None = None,
    /,
    k: int = 0,
    dtype: DType | None = None,
    *,
    device: Any = None,
) -> Array:
    """A matrix with ones on and below a diagonal, `k` places above the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.tri(2, 3)
    Array([[1., 0., 0.],
           [1., 1., 0.]], dtype=float32)
    """
    columns = n_rows if n_cols is None else n_cols
    return _tensor.band(n_rows, columns, *_bounds(None, k), dtype or float32)


def tril(x: Array, /, *, k: int = 0) -> Array:
    """Matrices with zeros above the diagonal that is `k` places above the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.tril(ct.ones((2, 2)))
    Array([[1., 0.],
           [1., 1.]], dtype=float32)
    """
    return _band(x, None, k, "tril")


def triu(x: Array, /, *, k: int = 0) -> Array:
    """Matrices with zeros below the diagonal that is `k` places above the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.triu(ct.ones((2, 2)))
    Array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    return _band(x, k, None, "triu")


def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """The diagonals of matrices, `offset` above the main one, or below it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.diagonal(ct.asarray([[1, 2], [3, 4]]))
    Array([1, 4], dtype=int64)
    """
    check_matrices(x, "diagonal")
    *batch, m, n = x.shape
    count = max(min(m, n - offset) if offset >= 0 else min(m + offset, n), 0)
    first = offset if offset >= 0 else -offset * n
    rows = _tensor.reshape(x, [*batch, m * n])
    if count == 0:
        return rows[..., :0]
    return rows[..., first : first + (count - 1) * (n + 1) + 1 : n + 1]


def diag(x: Array, /, *, k: int = 0) -> Array:
    """A matrix with a vector on a diagonal, `k` places above the first, or that of a matrix.

    As NumPy's; `linalg.diagonal` takes batches.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.diag(ct.asarray([1, 2]))
    Array([[1, 0],
           [0, 2]], dtype=int64)
    >>> ct.diag(ct.asarray([[1, 2], [3, 4]]))
    Array([1, 4], dtype=int64)
    """
    x = asarray(x)
    if x.ndim not in (1, 2):
        raise ShapeError(f"diag: expected a vector or a matrix, got the shape {x.shape}")
    if x.ndim == 2:
        return diagonal(x, offset=k)
    zero = _tensor.full([], 0, x.dtype)
    size = x.shape[0] + abs(k)
    # Above the first diagonal elements are at their own rows, below it at their own columns.
    spread = _tensor.reshape(
        _tensor.pad(x, zero, [0], [abs(k)], [0]), [-1, 1] if k >= 0 else [1, -1]
    )
    inside = _tensor.to_device(_tensor.band(size, size, k, k, bool_), x.device, "diag")
    return _tensor.where(inside, spread, zero)


def diagflat(x: Array, /, k: int = 0) -> Array:
    """A matrix with all elements, row by row, on a diagonal; as `diag`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.diagflat(ct.asarray([[1, 2]]))
    Array([[1, 0],
           [0, 2]], dtype=int64)
    """
    x = asarray(x)
    return diag(_tensor.reshape(x, [x.size]), k=k)
