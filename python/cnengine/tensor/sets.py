"""Arrays as sets: what is in both, in one of them, or in any, sorted and each once.

How many there are depends on the elements: TracedError inside `jit` and `vmap`, as `unique_values`.
"""

from __future__ import annotations

from cnengine.tensor.arrangement import concat
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray
from cnengine.tensor.ordering import isin, unique_counts, unique_values

__all__ = ["intersect1d", "setdiff1d", "setxor1d", "union1d"]


def intersect1d(x1: Array, x2: Array, /) -> Array:
    """What both have.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.intersect1d(ct.asarray([3, 1, 1]), ct.asarray([1, 4]))
    Array([1], dtype=int64)
    """
    values, counts = unique_counts(_both(x1, x2))
    return values[counts == 2]


def _both(x1: Array, x2: Array) -> Array:
    """The different elements of each."""
    return concat([unique_values(asarray(each)) for each in (x1, x2)])


def setdiff1d(x1: Array, x2: Array, /) -> Array:
    """What `x1` has and `x2` has not.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.setdiff1d(ct.asarray([3, 1, 1]), ct.asarray([1, 4]))
    Array([3], dtype=int64)
    """
    values = unique_values(asarray(x1))
    return values[isin(values, asarray(x2), invert=True)]


def setxor1d(x1: Array, x2: Array, /) -> Array:
    """What just one of them has.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.setxor1d(ct.asarray([3, 1, 1]), ct.asarray([1, 4]))
    Array([3, 4], dtype=int64)
    """
    values, counts = unique_counts(_both(x1, x2))
    return values[counts == 1]


def union1d(x1: Array, x2: Array, /) -> Array:
    """What one of them has.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.union1d(ct.asarray([3, 1, 1]), ct.asarray([1, 4]))
    Array([1, 3, 4], dtype=int64)
    """
    return unique_values(_both(x1, x2))
