"""Arrays put together of pieces, cut into them, and with pieces taken out or put in."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from cnengine.errors import ArgumentError, AxisError, ShapeError
from cnengine.tensor.arrangement import concat, moveaxis
from cnengine.tensor.array import Array, axis_of
from cnengine.tensor.creation import asarray, astype
from cnengine.tensor.indexing import take
from cnengine.tensor.manipulation import broadcast_to, expand_dims, reshape
from cnengine.tensor.padding import pad

__all__ = [
    "array_split", "atleast_1d", "atleast_2d", "atleast_3d", "block", "block_diag", "column_stack",
    "delete", "dsplit", "dstack", "hsplit", "hstack", "insert", "split", "vsplit", "vstack",
]  # fmt: skip

Cuts = int | Sequence[int]


def _all_or_one(arrays: list[Array]) -> Array | list[Array]:
    return arrays[0] if len(arrays) == 1 else arrays


def atleast_1d(*arrays: Array) -> Array | list[Array]:
    """Arrays with at least one axis; of several a list.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.atleast_1d(5)
    Array([5], dtype=int64)
    """
    each = [asarray(x) for x in arrays]
    return _all_or_one([reshape(x, (1,)) if x.ndim == 0 else x for x in each])


def atleast_2d(*arrays: Array) -> Array | list[Array]:
    """Arrays with at least two axes, new ones in front: a vector becomes a row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.atleast_2d(ct.asarray([1, 2])).shape
    (1, 2)
    """
    each = [asarray(x) for x in arrays]
    return _all_or_one([x if x.ndim >= 2 else reshape(x, (1, x.size)) for x in each])


def atleast_3d(*arrays: Array) -> Array | list[Array]:
    """Arrays with at least three axes: vectors (1, n, 1), matrices (m, n, 1).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.atleast_3d(ct.asarray([1, 2])).shape
    (1, 2, 1)
    """
    each = [atleast_2d(x) for x in arrays]
    return _all_or_one([expand_dims(x, axis=-1) if x.ndim == 2 else x for x in each])


def _stacked(function: Any, arrays: Sequence[Array], axis: int, name: str) -> Array:
    if not isinstance(arrays, (list, tuple)):
        arrays = list(arrays)  # rows of an array
    if not arrays:
        raise ArgumentError(f"{name}: expected at least one array")
    return concat([function(x) for x in arrays], axis=axis)


def vstack(arrays: Sequence[Array], /) -> Array:
    """Arrays below each other: along the first axis, vectors as rows.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.vstack([ct.asarray([1, 2]), ct.asarray([3, 4])]).shape
    (2, 2)
    """
    return _stacked(atleast_2d, arrays, 0, "vstack")


def hstack(arrays: Sequence[Array], /) -> Array:
    """Arrays behind each other: along the second axis, vectors along their only one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.hstack([ct.asarray([1, 2]), ct.asarray([3])])
    Array([1, 2, 3], dtype=int64)
    """
    parts = [atleast_1d(x) for x in arrays]
    return _stacked(asarray, parts, 0 if parts and parts[0].ndim == 1 else 1, "hstack")


def dstack(arrays: Sequence[Array], /) -> Array:
    """Arrays along the third axis, as `atleast_3d` has them.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.dstack([ct.asarray([1, 2]), ct.asarray([3, 4])]).shape
    (1, 2, 2)
    """
    return _stacked(atleast_3d, arrays, 2, "dstack")


def column_stack(arrays: Sequence[Array], /) -> Array:
    """Vectors as columns, and matrices, next to each other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.column_stack([ct.asarray([1, 2]), ct.asarray([3, 4])])
    Array([[1, 3],
           [2, 4]], dtype=int64)
    """

    def column(x: Array) -> Array:
        x = asarray(x)
        return x if x.ndim >= 2 else reshape(x, (-1, 1))

    return _stacked(column, arrays, 1, "column_stack")


def block(arrays: Any, /) -> Array:
    """An array of nested lists of blocks: the innermost ones along the last axis, and so on.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.block([[ct.ones((1, 1)), ct.zeros((1, 2))], [ct.zeros((1, 3))]])
    Array([[1., 0., 0.],
           [0., 0., 0.]], dtype=float32)
    """

    def depth(value: Any) -> int:
        if not isinstance(value, (list, tuple)):
            return 0
        if not value:
            raise ArgumentError("block: expected blocks in every list")
        depths = {depth(each) for each in value}
        if len(depths) > 1:
            raise ArgumentError("block: expected lists of one depth, got several")
        return depths.pop() + 1

    levels = depth(arrays)

    def joined(value: Any, level: int) -> Array:
        if level == 0:
            x = asarray(value)
            return reshape(x, (1,) * (ndim - x.ndim) + x.shape)
        return concat([joined(each, level - 1) for each in value], axis=-level)

    def most(value: Any, level: int) -> int:
        return asarray(value).ndim if level == 0 else max(most(each, level - 1) for each in value)

    ndim = max(levels, most(arrays, levels))
    return joined(arrays, levels)


def block_diag(*arrays: Array) -> Array:
    """A matrix with matrices on its diagonal and zeros elsewhere; vectors are rows of one.

    Raises ShapeError for more than two axes. As SciPy's and torch's.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.block_diag(ct.asarray([[1, 2]]), ct.asarray([[3]]))
    Array([[1, 2, 0],
           [0, 0, 3]], dtype=int64)
    """
    parts = [atleast_2d(x) for x in arrays]
    if not parts or any(x.ndim > 2 for x in parts):
        shapes = ", ".join(str(x.shape) for x in parts) or "none"
        raise ShapeError(f"block_diag: expected matrices, got the shapes {shapes}")
    before, columns, rows = 0, sum(x.shape[1] for x in parts), []
    for x in parts:
        rows.append(pad(x, ((0, 0), (before, columns - before - x.shape[1]))))
        before += x.shape[1]
    return concat(rows)


def _cut(x: Array, cuts: Sequence[int], axis: int) -> list[Array]:
    extent = x.shape[axis]
    inside = [min(max(cut + extent if cut < 0 else cut, 0), extent)
              for cut in map(operator.index, cuts)]  # fmt: skip
    before = (slice(None),) * axis
    ends = itertools.pairwise([0, *inside, extent])
    return [x[(*before, slice(low, max(low, high)))] for low, high in ends]


def split(x: Array, parts: Cuts, /, axis: int = 0) -> list[Array]:
    """Pieces along an axis: so many of one size, or cut before the places given.

    Raises ArgumentError where the extent is not divided by the number; `array_split` does.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [each.shape for each in ct.split(ct.zeros((7, 2)), [2, 3])]
    [(2, 2), (1, 2), (4, 2)]
    """
    x = asarray(x)
    place = axis_of(axis, x.ndim, "split")
    if not isinstance(parts, Integral):
        return _cut(x, parts, place)
    count, extent = operator.index(parts), x.shape[place]
    if count <= 0 or extent % count:
        raise ArgumentError(f"split: {extent} is not divided by {count}")
    return array_split(x, count, axis)


def array_split(x: Array, parts: Cuts, /, axis: int = 0) -> list[Array]:
    """As `split`; of a number that does not divide the extent the first pieces have one more.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [each.shape for each in ct.array_split(ct.zeros(7), 3)]
    [(3,), (2,), (2,)]
    """
    x = asarray(x)
    place = axis_of(axis, x.ndim, "array_split")
    if not isinstance(parts, Integral):
        return _cut(x, parts, place)
    count = operator.index(parts)
    if count <= 0:
        raise ArgumentError(f"array_split: expected a number of at least 1, got {count}")
    size, more = divmod(x.shape[place], count)
    return _cut(x, [i * size + min(i, more) for i in range(1, count)], place)


def _split_along(x: Array, parts: Cuts, axes: int, function: str) -> list[Array]:
    """Along the axis of so many, or the only one where one is enough."""
    x = asarray(x)
    if x.ndim < axes and x.ndim * axes != 2:
        raise ShapeError(f"{function}: expected {axes} axes or more, got the shape {x.shape}")
    return split(x, parts, min(axes, x.ndim) - 1)


def hsplit(x: Array, parts: Cuts, /) -> list[Array]:
    """`split` along the second axis, or the only one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [each.shape for each in ct.hsplit(ct.zeros((2, 4)), 2)]
    [(2, 2), (2, 2)]
    """
    return _split_along(x, parts, 2, "hsplit")


def vsplit(x: Array, parts: Cuts, /) -> list[Array]:
    """`split` along the first of two axes or more.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [each.shape for each in ct.vsplit(ct.zeros((4, 2)), 2)]
    [(2, 2), (2, 2)]
    """
    if asarray(x).ndim < 2:
        raise ShapeError(f"vsplit: expected 2 axes or more, got the shape {asarray(x).shape}")
    return split(x, parts, 0)


def dsplit(x: Array, parts: Cuts, /) -> list[Array]:
    """`split` along the third axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [each.shape for each in ct.dsplit(ct.zeros((1, 2, 4)), 2)]
    [(1, 2, 2), (1, 2, 2)]
    """
    return _split_along(x, parts, 3, "dsplit")


def _line(x: Array, axis: int | None, function: str) -> tuple[Array, int]:
    x = asarray(x)
    return (reshape(x, (-1,)), 0) if axis is None else (x, axis_of(axis, x.ndim, function))


def _static(places: Any) -> Any:
    """Indices that are known: how many there are is part of the shape of the result."""
    return np.asarray(places) if isinstance(places, Array) else places


def _checked(name: str, function: Any, *args: Any) -> Any:
    """What NumPy makes of places; raises AxisError for those beyond the axis."""
    try:
        return function(*args)
    except IndexError as error:
        raise AxisError(f"{name}: expected places of the axis, {error}") from error


def delete(x: Array, places: Any, /, axis: int | None = None) -> Array:
    """Without what is at these places of an axis; None: of all elements in a row.

    Parameters
    ----------
    places
        A number, numbers, a slice, or a bool for each place. They have to be known: raises
        TracedError for those that `jit` or `vmap` trace.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.delete(ct.asarray([5, 6, 7]), 1)
    Array([5, 7], dtype=int64)
    """
    x, along = _line(x, axis, "delete")
    kept = _checked("delete", np.delete, np.arange(x.shape[along]), _static(places))
    return take(x, asarray(kept, device=x.device), axis=along)


def insert(x: Array, places: Any, values: Any, /, axis: int | None = None) -> Array:
    """With values in front of these places of an axis; None: of all elements in a row.

    Parameters
    ----------
    places
        As in `delete`. Of one number there may be several values, one behind the other.
    values
        Broadcast to as many as there are places, as the type of `x`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.insert(ct.asarray([5, 6]), [0, 2], 9)
    Array([9, 5, 6, 9], dtype=int64)
    """
    x, along = _line(x, axis, "insert")
    known = _static(places)
    count = x.shape[along]
    new = (
        asarray(values)
        if isinstance(values, Array)
        else asarray(values, dtype=x.dtype, device=x.device)
    )
    new = reshape(new, (1,) * (x.ndim - new.ndim) + new.shape)
    if np.ndim(known) == 0 and not isinstance(known, slice):
        new = moveaxis(new, 0, along)
    # Where each element comes from, of those of x and the new ones behind them.
    # The n-th new one is marked by -n - 1, as places need not be in order.
    before = _checked("insert", np.insert, np.arange(count), known, 0)
    single = np.size(known) == 1 and not isinstance(known, slice)
    marks = -1 - np.arange(new.shape[along] if single else len(before) - count)
    order = np.insert(np.arange(count), known, marks)
    more = len(order) - count
    order[order < 0] = count - 1 - order[order < 0]
    shape = (*x.shape[:along], more, *x.shape[along + 1 :])
    both = concat([x, broadcast_to(astype(new, x.dtype), shape)], axis=along)
    return take(both, asarray(order, device=x.device), axis=along)
