"""Other ways to see the elements of an array; views where they can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, axis_of, integers_of
from cnengine.tensor.creation import asarray

__all__ = [
    "broadcast_to", "expand_dims", "flip", "fliplr", "flipud", "permute_dims", "reshape", "rot90",
    "squeeze", "swapaxes",
]  # fmt: skip

Axes = int | Sequence[int]


def reshape(x: Array, /, shape: Axes, *, copy: bool | None = None) -> Array:
    """The elements row by row in another shape, of which one extent may be -1.

    Values never change, so `copy` makes no difference but for False: then elements that do not lie
    in order raise ArgumentError.

    Raises ShapeError when it has another number of elements.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.reshape(ct.asarray([1, 2, 3, 4]), (2, -1))
    Array([[1, 2],
           [3, 4]], dtype=int64)
    """
    out = _tensor.reshape(x, integers_of(shape))
    if copy is not False or x.size == 0 or x._trace is not None:
        return out
    if not np.may_share_memory(np.asarray(x), np.asarray(out)):
        raise ArgumentError(f"reshape: {x.shape} does not become {out.shape} without a copy")
    return out


def permute_dims(x: Array, /, axes: Sequence[int]) -> Array:
    """The axes in another order.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.permute_dims(ct.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return _tensor.permute_dims(x, list(axes))


def expand_dims(x: Array, /, axis: Axes = 0) -> Array:
    """With axes of the extent 1 at these places of the result.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.expand_dims(ct.zeros((2, 3)), axis=(0, -1)).shape
    (1, 2, 3, 1)
    """
    return _tensor.expand_dims(x, integers_of(axis))


def squeeze(x: Array, /, axis: Axes | None = None) -> Array:
    """Without these axes, whose extent has to be 1; None: without all whose is.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.squeeze(ct.zeros((2, 1)), axis=1).shape
    (2,)
    """
    if axis is None:
        return _tensor.squeeze(x, [i for i, extent in enumerate(x.shape) if extent == 1])
    return _tensor.squeeze(x, integers_of(axis))


def broadcast_to(x: Array, /, shape: Axes) -> Array:
    """The elements again and again along axes of the extent 1, without a copy.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.broadcast_to(ct.asarray([1, 2]), (2, 2))
    Array([[1, 2],
           [1, 2]], dtype=int64)
    """
    return _tensor.broadcast_to(x, integers_of(shape))


def flip(x: Array, /, *, axis: Axes | None = None) -> Array:
    """The elements of these axes from the last to the first; None: of all.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.flip(ct.asarray([1, 2, 3]))
    Array([3, 2, 1], dtype=int64)
    """
    return _tensor.flip(x, list(range(x.ndim)) if axis is None else integers_of(axis))


def _turned(x: Array, axis: int, function: str) -> Array:
    x = asarray(x)
    if x.ndim <= axis:
        raise ShapeError(f"{function}: expected {axis + 1} axes or more, got the shape {x.shape}")
    return _tensor.flip(x, [axis])


def flipud(x: Array, /) -> Array:
    """The rows, along the first axis, from the last to the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.flipud(ct.asarray([[1, 2], [3, 4]]))
    Array([[3, 4],
           [1, 2]], dtype=int64)
    """
    return _turned(x, 0, "flipud")


def fliplr(x: Array, /) -> Array:
    """The columns, along the second axis, from the last to the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fliplr(ct.asarray([[1, 2], [3, 4]]))
    Array([[2, 1],
           [4, 3]], dtype=int64)
    """
    return _turned(x, 1, "fliplr")


def rot90(x: Array, /, k: int = 1, axes: Sequence[int] = (0, 1)) -> Array:
    """Turned by `k` right angles, from the first of two axes towards the second.

    Raises AxisError for axes that there are not, ArgumentError where they are not two.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.rot90(ct.asarray([[1, 2], [3, 4]]))
    Array([[2, 4],
           [1, 3]], dtype=int64)
    """
    x = asarray(x)
    one, two = (axis_of(axis, x.ndim, "rot90") for axis in _two(axes))
    if one == two:
        raise ArgumentError(f"rot90: expected two axes, got {tuple(axes)}")
    if k % 4 == 2:
        return _tensor.flip(x, [one, two])
    if k % 4 == 1:
        return swapaxes(_tensor.flip(x, [two]), one, two)
    return _tensor.flip(swapaxes(x, one, two), [two]) if k % 4 else x


def _two(axes: Sequence[int]) -> list[int]:
    if len(axes) != 2:
        raise ArgumentError(f"rot90: expected two axes, got {tuple(axes)}")
    return integers_of(axes)


def swapaxes(x: Array, axis1: int, axis2: int, /) -> Array:
    """Two axes in the place of each other; the rest stays.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.swapaxes(ct.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    x = asarray(x)
    order = list(range(x.ndim))
    one, two = (axis_of(axis, x.ndim, "swapaxes") for axis in (axis1, axis2))
    order[one], order[two] = two, one
    return _tensor.permute_dims(x, order)
