"""Products of matrices."""

from __future__ import annotations

from cnengine._core import tensor as _tensor
from cnengine.tensor.array import Array

__all__ = ["matmul", "matrix_transpose"]


def matmul(x1: Array, x2: Array, /) -> Array:
    """The matrix product of the last two axes, broadcast over those before.

    An array of one axis is a row on the left and a column on the right. Raises ShapeError where
    the extents do not match.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.matmul(ct.asarray([[1.0, 2.0]]), ct.asarray([3.0, 4.0]))
    Array([11.], dtype=float32)
    """
    return _tensor.matmul(x1, x2)


def matrix_transpose(x: Array, /) -> Array:
    """The last two axes exchanged.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.matrix_transpose(ct.zeros((2, 3, 4))).shape
    (2, 4, 3)
    """
    return _tensor.move_axis(x, x.ndim - 1, x.ndim - 2)
