"""Products of matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, result_type

__all__ = ["matmul", "matrix_transpose", "tensordot", "vecdot"]


def matmul(x1: Array, x2: Array, /) -> Array:
    """The matrix product of the last two axes, broadcast over those before.

    An array of one axis is a row on the left and a column on the right. Raises ShapeError where
    the extents do not match.

    On processors with AVX-512 a row of a product of float32 or float64 has the same bits whatever
    rows are beside it, none or many (but for the product of two vectors of more than 2,048
    elements): a model answers for one row as it did in a batch.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.matmul(ct.asarray([[1.0, 2.0]]), ct.asarray([3.0, 4.0]))
    Array([11.], dtype=float32)
    """
    return _tensor.matmul(x1, x2)


def matrix_transpose(x: Array, /) -> Array:
    """The last two axes exchanged; `x.mT` too.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.matrix_transpose(ct.zeros((2, 3, 4))).shape
    (2, 4, 3)
    """
    if x.ndim < 2:
        raise ShapeError(f"matrix_transpose: expected matrices, got the shape {x.shape}")
    return _tensor.move_axis(x, x.ndim - 1, x.ndim - 2)


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The sum of conj(x1) * x2 along an axis, broadcast over the others.

    Raises ShapeError where the extents of the axis differ.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.vecdot(ct.asarray([1.0, 2.0]), ct.asarray([3.0, 4.0])))
    11.0
    """
    if not -min(x1.ndim, x2.ndim) <= axis < 0:
        raise ArgumentError(f"vecdot: expected a negative axis of both arrays, got {axis}")
    if x1.shape[axis] != x2.shape[axis]:
        raise ShapeError(f"vecdot: the extents {x1.shape[axis]} and {x2.shape[axis]} differ")
    common = result_type(x1, x2)
    rows, columns = (
        _tensor.move_axis(_tensor.cast(x, common), x.ndim + axis, x.ndim - 1) for x in (x1, x2)
    )
    if common.kind == "complex":
        rows = _tensor.unary("conj", rows)
    out = _tensor.matmul(
        _tensor.expand_dims(rows, [rows.ndim - 1]), _tensor.expand_dims(columns, [columns.ndim])
    )
    return _tensor.squeeze(out, [-2, -1])


def tensordot(
    x1: Array, x2: Array, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2
) -> Array:
    """The sum of products over axes of both; those that are left, of `x1` and then of `x2`.

    Parameters
    ----------
    axes
        How many, the last ones of `x1` and the first ones of `x2`; or those of each.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.tensordot(ct.ones((2, 3)), ct.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    if isinstance(axes, Integral):
        if not 0 <= axes <= min(x1.ndim, x2.ndim):
            raise ArgumentError(f"tensordot: expected a number of axes of both, got {axes}")
        axes = (range(x1.ndim - axes, x1.ndim), range(axes))
    for of, x in zip(axes, (x1, x2), strict=True):
        if len({axis % max(x.ndim, 1) for axis in of if -x.ndim <= axis < x.ndim}) != len(of):
            raise ArgumentError(f"tensordot: expected different axes of {x.ndim}, got {tuple(of)}")
    first = [axis % x1.ndim for axis in axes[0]]
    second = [axis % x2.ndim for axis in axes[1]]
    if [x1.shape[axis] for axis in first] != [x2.shape[axis] for axis in second]:
        raise ShapeError(
            f"tensordot: axes {first} of {x1.shape} do not go with {second} of {x2.shape}"
        )
    left = [axis for axis in range(x1.ndim) if axis not in first]
    right = [axis for axis in range(x2.ndim) if axis not in second]
    shape = [x1.shape[axis] for axis in left] + [x2.shape[axis] for axis in right]
    summed = math.prod(x1.shape[axis] for axis in first)
    rows = _tensor.reshape(
        _tensor.permute_dims(x1, left + first), [math.prod(shape[: len(left)]), summed]
    )
    columns = _tensor.reshape(
        _tensor.permute_dims(x2, second + right), [summed, math.prod(shape[len(left) :])]
    )
    return _tensor.reshape(_tensor.matmul(rows, columns), shape)
