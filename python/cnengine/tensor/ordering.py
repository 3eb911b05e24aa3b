"""Order: sorting, places in sorted arrays, different elements, and places of what is not zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, result_type
from cnengine.tensor.creation import zeros_like
from cnengine.tensor.reduction import sum as _sum

__all__ = [
    "argsort",
    "count_nonzero",
    "isin",
    "lexsort",
    "nonzero",
    "searchsorted",
    "sort",
    "sort_together",
    "top_k",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """Sorted along an axis, NaNs at the end. It is always stable.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.sort(ct.asarray([3, 1, 2]), descending=True)
    Array([3, 2, 1], dtype=int64)
    """
    return _tensor.sort(x, axis, descending)


def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The indices along an axis that sort it; as `sort`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.argsort(ct.asarray([30, 10, 20]))
    Array([1, 2, 0], dtype=int64)
    """
    return _tensor.argsort(x, axis, descending)


def lexsort(keys: Sequence[Array] | Array, /, axis: int = -1) -> Array:
    """The indices along an axis that sort by the last key, where it is equal by the one before.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.lexsort([ct.asarray([9, 3, 5]), ct.asarray([1, 1, 0])])
    Array([2, 1, 0], dtype=int64)
    """
    lines = list(keys)
    if not lines:
        raise ArgumentError("lexsort: expected at least one key")
    order = _tensor.argsort(lines[0], axis, False)
    for each in lines[1:]:  # each sort leaves what is equal as it was
        by = _tensor.argsort(_tensor.take_along(each, order, axis, "checked"), axis, False)
        order = _tensor.take_along(order, by, axis, "checked")
    return order


def sort_together(
    keys: Array, /, *others: Array, axis: int = -1, descending: bool = False
) -> list[Array]:
    """Arrays of one shape, all in the order of the first one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.sort_together(ct.asarray([2, 1]), ct.asarray([5.0, 6.0]))[1]
    Array([6., 5.], dtype=float32)
    """
    return _tensor.sort_together([keys, *others], axis, descending)


class TopK(NamedTuple):
    """The best elements and their places."""

    values: Array
    indices: Array


def top_k(x: Array, k: int, /, *, axis: int = -1, largest: bool = True) -> TopK:
    """The `k` largest (or smallest) elements along an axis, the first one first.

    Of equal ones those that come first are taken; NaNs are behind all numbers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.top_k(ct.asarray([3, 7, 5]), 2).indices
    Array([1, 2], dtype=int64)
    """
    return TopK(*_tensor.top_k(x, k, axis, largest))


def searchsorted(
    x1: Array, x2: Array, /, *, side: str = "left", sorter: Array | None = None
) -> Array:
    """Where values go in sorted ones so that these stay sorted.

    Parameters
    ----------
    x1
        Sorted; rows along the last axis, if it has more than one, with as many in `x2`.
    x2
        The values.
    side
        "left": before equal ones; "right": behind them.
    sorter
        Indices that sort an `x1` of one axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.searchsorted(ct.asarray([1, 3, 5]), ct.asarray([3, 4]))
    Array([1, 2], dtype=int64)
    """
    if side not in ("left", "right"):
        raise ArgumentError(f'searchsorted: expected the side "left" or "right", got "{side}"')
    if sorter is not None:
        x1 = _tensor.take(x1, sorter, 0, "checked")
    common = result_type(x1, x2)
    return _tensor.search_sorted(
        _tensor.cast(x1, common), _tensor.cast(x2, common), side == "right"
    )


def isin(x1: Array, x2: Array, /, *, invert: bool = False) -> Array:
    """For each element of `x1` whether `x2` has it; `invert`: whether not.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.isin(ct.asarray([1, 2, 3]), ct.asarray([3, 1]))
    Array([ True, False,  True], dtype=bool)
    """
    common = result_type(x1, x2)
    x1 = _tensor.cast(x1, common)
    row = _tensor.sort(_tensor.reshape(_tensor.cast(x2, common), [x2.size]), 0, False)
    if x2.size == 0:
        found = zeros_like(x1, dtype=_tensor.bool)
    else:
        places = _tensor.search_sorted(row, x1, False)
        found = _tensor.binary("equal", _tensor.take(row, places, 0, "clip"), x1)
    return _tensor.unary("invert", found) if invert else found


class UniqueAll(NamedTuple):
    """The different elements, where each is first, which one each is, and how often."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCounts(NamedTuple):
    """The different elements, and how often each is there."""

    values: Array
    counts: Array


class UniqueInverse(NamedTuple):
    """The different elements, and which one each element is."""

    values: Array
    inverse_indices: Array


def unique_all(x: Array, /) -> UniqueAll:
    """The different elements, sorted, with all that is known of them.

    Every NaN is another element. How many there are depends on the elements: raises TracedError
    inside `jit` and `vmap`, as the others of its kind and `nonzero`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unique_all(ct.asarray([3, 1, 3])).inverse_indices
    Array([1, 0, 1], dtype=int64)
    """
    return UniqueAll(*_tensor.unique(x))


def unique_counts(x: Array, /) -> UniqueCounts:
    """The different elements, and how often each is there; as `unique_all`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unique_counts(ct.asarray([3, 1, 3])).counts
    Array([1, 2], dtype=int64)
    """
    values, _, _, counts = _tensor.unique(x)
    return UniqueCounts(values, counts)


def unique_inverse(x: Array, /) -> UniqueInverse:
    """The different elements, and which one each element is; as `unique_all`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unique_inverse(ct.asarray([3, 1, 3])).values
    Array([1, 3], dtype=int64)
    """
    values, _, inverse, _ = _tensor.unique(x)
    return UniqueInverse(values, inverse)


def unique_values(x: Array, /) -> Array:
    """The different elements, sorted; as `unique_all`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unique_values(ct.asarray([3, 1, 3]))
    Array([1, 3], dtype=int64)
    """
    return _tensor.unique_values(x)


def nonzero(x: Array, /) -> tuple[Array, ...]:
    """The indices of elements that are not zero, an array for each axis.

    Raises TracedError inside `jit` and `vmap`: how many there are depends on the elements.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.nonzero(ct.asarray([0, 5, 6]))
    (Array([1, 2], dtype=int64),)
    """
    if x.ndim == 0:
        raise ArgumentError("nonzero: expected an array with axes")
    return tuple(_tensor.nonzero(x))


def count_nonzero(
    x: Array, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Array:
    """How many elements along axes are not zero.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.count_nonzero(ct.asarray([0, 5, 6])))
    2
    """
    x = x if isinstance(x, Array) else Array(x)
    truth = x if x.dtype == _tensor.bool else _tensor.cast(x, _tensor.bool)
    return _sum(_tensor.cast(truth, _tensor.int8), axis=axis, keepdims=keepdims)
