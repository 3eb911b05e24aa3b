"""Elements by index, read and written.

``x[key]`` takes what NumPy takes: integers, slices, None, an ellipsis, arrays of integers and of
bools. ``x[key] = value`` writes into the array's own bytes where nobody else holds them, and gives
the name other bytes else; other arrays never change by it. ``x.at[key]`` has what is written as a
new array, and can be differentiated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray

__all__ = [
    "dynamic_slice",
    "dynamic_update_slice",
    "put_along_axis",
    "take",
    "take_along_axis",
]


def take(x: Array, indices: Array, /, *, axis: int | None = None, mode: str = "checked") -> Array:
    """The elements along an axis that indices name.

    Parameters
    ----------
    indices
        Integers of any shape, which takes the place of the axis.
    axis
        None: of an array with one axis.
    mode
        Of indices out of bounds: "checked" raises ArgumentError, and lets negative ones count from
        the end; "clip" takes the nearest element; "skip" reads 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.take(ct.asarray([5, 6, 7]), ct.asarray([2, 0, -1]))
    Array([7, 5, 7], dtype=int64)
    """
    if axis is None:
        if x.ndim != 1:
            raise ArgumentError(f"take: expected an axis of an array with {x.ndim}")
        axis = 0
    return _tensor.take(x, asarray(indices), axis, mode)


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1, mode: str = "checked") -> Array:
    """For each index the element of its own line along an axis; as `take`.

    Both have the same axes, and extents that can be broadcast along all others.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.asarray([[3, 1, 2], [4, 6, 5]])
    >>> ct.take_along_axis(x, ct.argsort(x), axis=1)
    Array([[1, 2, 3],
           [4, 5, 6]], dtype=int64)
    """
    return _tensor.take_along(x, indices, axis, mode)


def put_along_axis(
    x: Array,
    indices: Array,
    values: Any,
    /,
    *,
    axis: int = -1,
    op: str = "set",
    mode: str = "checked",
) -> Array:
    """A copy with values put where `take_along_axis` would read.

    Parameters
    ----------
    op
        "set", "add", "multiply", "max" or "min": what becomes of the element that is there and the
        value. Values for one place come in their order.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.put_along_axis(ct.zeros(3), ct.asarray([2, 2]), ct.asarray([1.0, 5.0]), op="add")
    Array([0., 0., 6.], dtype=float32)
    """
    return _tensor.put_along(op, x, indices, values, axis, mode)


def dynamic_slice(x: Array, starts: Sequence[Array | int], sizes: Sequence[int], /) -> Array:
    """A block of known extents whose place may be known only when it runs.

    A block that would reach beyond the array begins earlier.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.dynamic_slice(ct.asarray([1, 2, 3, 4]), [3], [2])
    Array([3, 4], dtype=int64)
    """
    return _tensor.dynamic_slice(x, [asarray(start) for start in starts], list(sizes))


def dynamic_update_slice(x: Array, update: Array, starts: Sequence[Array | int], /) -> Array:
    """A copy with `update` in place of such a block.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.dynamic_update_slice(ct.zeros(4), ct.ones(2), [1])
    Array([0., 1., 1., 0.], dtype=float32)
    """
    return _tensor.dynamic_update_slice(x, update, [asarray(start) for start in starts])


class _Places:
    """What ``x.at[key]`` is: places of an array, of which copies are made."""

    __slots__ = ("_array", "_key", "_mode")

    def __init__(self, array: Array, key: Any, mode: str) -> None:
        self._array, self._key, self._mode = array, key, mode

    def get(self) -> Array:
        """What is there; with the mode "skip" 0 where indices are out of bounds."""
        return _tensor.get(self._array, self._key, self._mode)

    def set(self, value: Any) -> Array:
        """With other values there. Of several for one place the last one stays."""
        return self._put("set", value)

    def add(self, value: Any) -> Array:
        """With values added there, each one of several for one place."""
        return self._put("add", value)

    def multiply(self, value: Any) -> Array:
        """With the elements there multiplied."""
        return self._put("multiply", value)

    def max(self, value: Any) -> Array:
        """With the larger of the element and the value."""
        return self._put("max", value)

    def min(self, value: Any) -> Array:
        """With the smaller of the element and the value."""
        return self._put("min", value)

    def _put(self, op: str, value: Any) -> Array:
        return _tensor.put(op, self._array, self._key, value, self._mode)


class _At:
    """``x.at``: asks for a key, and what happens to indices out of bounds."""

    __slots__ = ("_array", "_mode")

    def __init__(self, array: Array, mode: str = "checked") -> None:
        self._array, self._mode = array, mode

    def __getitem__(self, key: Any) -> _Places:
        return _Places(self._array, key, self._mode)

    def __call__(self, *, mode: str) -> _At:
        """The same with another mode; see `take`."""
        return _At(self._array, mode)


Array.at = property(_At, doc="Copies with other elements: ``x.at[key].set(value)``, ``add``, ...")
