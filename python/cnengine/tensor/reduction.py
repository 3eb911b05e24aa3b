"""Numbers of many elements: sums, extremes, means."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType, axis_of, float32, integers_of
from cnengine.tensor.composite import composite

__all__ = ["all", "any", "argmax", "argmin", "max", "mean", "min", "prod", "std", "sum", "var"]

Axes = int | Sequence[int] | None

_NARROW = ("float16", "bfloat16")
_FLOATS = (*_NARROW, "float32", "float64")


def _reduce(name: str, x: Array, axis: Axes, keepdims: bool) -> Array:
    axes = None if axis is None else integers_of(axis)
    if isinstance(keepdims, (np.bool_, Integral)):
        keepdims = bool(keepdims)
    return _tensor.reduce(name, x, axes, keepdims)


def _check_axes(x: Array, axis: Axes, function: str) -> None:
    """Names the function that is asked for, of those that are made of others."""
    if axis is not None:
        for each in integers_of(axis):
            axis_of(each, x.ndim, function)


def _typed_reduce(name: str, x: Array, axis: Axes, dtype: DType | None, keepdims: bool) -> Array:
    """Small integers become int64 or uint64 on their own: the type that is asked for again."""
    x = x if isinstance(x, Array) else Array(x)
    if x.dtype == _tensor.bool:
        x = _tensor.cast(x, _tensor.int64)
    if dtype is None:
        return _reduce(name, x, axis, keepdims)
    out = _reduce(name, _tensor.cast(x, dtype), axis, keepdims)
    return out if out.dtype == dtype else _tensor.cast(out, dtype)


def sum(  # noqa: A001
    x: Array, /, *, axis: Axes = None, dtype: DType | None = None, keepdims: bool = False
) -> Array:
    """The sum along axes; None: of all elements.

    Integers are added as int64 or uint64, floats in pieces whose sums are added in float64. No
    elements: 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.sum(ct.asarray([[1, 2], [3, 4]]), axis=0)
    Array([4, 6], dtype=int64)
    """
    return _typed_reduce("sum", x, axis, dtype, keepdims)


def prod(
    x: Array, /, *, axis: Axes = None, dtype: DType | None = None, keepdims: bool = False
) -> Array:
    """The product along axes; as `sum`. No elements: 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.prod(ct.asarray([2, 3, 7])))
    42
    """
    return _typed_reduce("prod", x, axis, dtype, keepdims)


def max(x: Array, /, *, axis: Axes = None, keepdims: bool = False) -> Array:  # noqa: A001
    """The largest element along axes; NaN if there is one. Raises ShapeError without elements.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.max(ct.asarray([3, 7, 5])))
    7
    """
    return _reduce("max", x, axis, keepdims)


def min(x: Array, /, *, axis: Axes = None, keepdims: bool = False) -> Array:  # noqa: A001
    """The smallest element along axes; as `max`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.min(ct.asarray([3, 7, 5])))
    3
    """
    return _reduce("min", x, axis, keepdims)


def any(x: Array, /, *, axis: Axes = None, keepdims: bool = False) -> Array:  # noqa: A001
    """Whether one element along axes is not zero.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.any(ct.asarray([0, 2])))
    True
    """
    return _reduce("any", x, axis, keepdims)


def all(x: Array, /, *, axis: Axes = None, keepdims: bool = False) -> Array:  # noqa: A001
    """Whether no element along axes is zero.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.all(ct.asarray([0, 2])))
    False
    """
    return _reduce("all", x, axis, keepdims)


def argmax(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The place of the first largest element along an axis; None: among all, row by row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.argmax(ct.asarray([3, 7, 7])))
    1
    """
    return _reduce("argmax", x, axis, keepdims)


def argmin(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The place of the first smallest element; as `argmax`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.argmin(ct.asarray([3, 7, 3])))
    0
    """
    return _reduce("argmin", x, axis, keepdims)


def mean(x: Array, /, *, axis: Axes = None, keepdims: bool = False) -> Array:
    """The mean along axes; NaN without elements. Integers become float32.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.mean(ct.asarray([1.0, 2.0])))
    1.5
    """
    x = x if isinstance(x, Array) else Array(x)
    if x.dtype.name not in _FLOATS and not x.dtype.name.startswith("complex"):
        x = _tensor.cast(x, float32)
    if x.dtype.name in _NARROW:  # sums of which may be beyond its range
        wide = mean(_tensor.cast(x, float32), axis=axis, keepdims=keepdims)
        return _tensor.cast(wide, x.dtype)
    _check_axes(x, axis, "mean")
    total = sum(x, axis=axis, keepdims=keepdims)
    return total / (x.size / total.size if total.size else 1.0)


@composite
def var(
    x: Array, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """The variance along axes: the sum of (x - mean)^2 over the count less `correction`.

    Raises TypeError for others than floats.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.var(ct.asarray([1.0, 3.0])))
    1.0
    """
    return _variance(x, axis, correction, keepdims, "var")


def _variance(x: Array, axis: Axes, correction: float, keepdims: bool, function: str) -> Array:
    x = x if isinstance(x, Array) else Array(x)
    if x.dtype.name not in _FLOATS:
        raise TypeError(f"{function}: expected floats, got {x.dtype.name}")
    if x.dtype.name in _NARROW:
        wide = _variance(_tensor.cast(x, float32), axis, correction, keepdims, function)
        return _tensor.cast(wide, x.dtype)
    _check_axes(x, axis, function)
    deviation = x - mean(x, axis=axis, keepdims=True)
    total = sum(deviation * deviation, axis=axis, keepdims=keepdims)
    count = x.size / total.size if total.size else 0.0
    return total / (count - correction if count > correction else 0.0)


def root_of(x: Array, power: float = 2) -> Array:
    """x^(1 / power) of sums that are not negative; its slope at 0, which is infinite, is 0 here."""
    if power == 2 and not x._trace:
        return _tensor.unary("sqrt", x)
    is_zero = _tensor.binary("equal", x, 0)
    safe = _tensor.where(is_zero, 1, x)
    root = _tensor.unary("sqrt", safe) if power == 2 else safe ** (1 / power)
    return _tensor.where(is_zero, 0 if power > 0 else float("inf"), root)


@composite
def std(
    x: Array, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """The square root of `var`. Where that is 0, so is the derivative, as torch has it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.std(ct.asarray([1.0, 5.0])))
    2.0
    """
    return root_of(_variance(x, axis, correction, keepdims, "std"))
