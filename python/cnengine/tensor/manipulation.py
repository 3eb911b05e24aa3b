"""Other ways to see the elements of an array; views where they can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, integers_of

__all__ = ["broadcast_to", "expand_dims", "flip", "permute_dims", "reshape", "squeeze"]

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
