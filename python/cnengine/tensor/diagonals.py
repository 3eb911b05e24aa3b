"""Diagonals of any two axes, as NumPy has them; `linalg` has those of the last two."""

from __future__ import annotations

from cnengine.errors import ArgumentError
from cnengine.tensor.arrangement import moveaxis
from cnengine.tensor.array import Array, DType, axis_of
from cnengine.tensor.band import diagonal as _last_diagonal
from cnengine.tensor.creation import asarray
from cnengine.tensor.reduction import sum as _sum

__all__ = ["diagonal", "trace"]


def diagonal(x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonals of two axes, `offset` above the main one or below it, along a last axis.

    Raises AxisError for axes that there are not, ArgumentError where both are one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.diagonal(ct.asarray([[1, 2], [3, 4]]))
    Array([1, 4], dtype=int64)
    """
    x = asarray(x)
    places = [axis_of(each, x.ndim, "diagonal") for each in (axis1, axis2)]
    if places[0] == places[1]:
        raise ArgumentError(f"diagonal: expected two axes, got {axis1} and {axis2}")
    return _last_diagonal(moveaxis(x, places, (-2, -1)), offset=offset)


def trace(
    x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DType | None = None
) -> Array:
    """The sums of the diagonals of two axes; as `diagonal` and `sum`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.trace(ct.asarray([[1, 2], [3, 4]])))
    5
    """
    return _sum(diagonal(x, offset, axis1, axis2), axis=-1, dtype=dtype)
