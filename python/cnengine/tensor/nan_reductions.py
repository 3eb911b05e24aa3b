"""Sums, extremes and means of the elements that are not NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnengine._core import tensor as _tensor
from cnengine.errors import TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType, int64
from cnengine.tensor.composite import composite
from cnengine.tensor.creation import asarray, full_like
from cnengine.tensor.data_types import floating
from cnengine.tensor.elementwise import isnan, where
from cnengine.tensor.manipulation import broadcast_to, reshape
from cnengine.tensor.reduction import all as _all
from cnengine.tensor.reduction import argmax, argmin, prod, root_of
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import min as _min
from cnengine.tensor.reduction import sum as _sum
from cnengine.tensor.running import cumulative_prod, cumulative_sum

__all__ = [
    "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod",
    "nanstd", "nansum", "nanvar",
]  # fmt: skip

Axes = int | Sequence[int] | None


def _filled(x: Array, value: float) -> Array:
    """With a number in place of NaNs."""
    x = asarray(x)
    return where(isnan(x), value, x) if x.dtype.kind in ("float", "complex") else x


def nansum(
    x: Array, /, axis: Axes = None, *, dtype: DType | None = None, keepdims: bool = False
) -> Array:
    """`sum` of the elements that are not NaN; 0 where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nansum(ct.asarray([1.0, ct.nan, 2.0])))
    3.0
    """
    return _sum(_filled(x, 0), axis=axis, dtype=dtype, keepdims=keepdims)


def nanprod(
    x: Array, /, axis: Axes = None, *, dtype: DType | None = None, keepdims: bool = False
) -> Array:
    """`prod` of the elements that are not NaN; 1 where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanprod(ct.asarray([3.0, ct.nan, 2.0])))
    6.0
    """
    return prod(_filled(x, 1), axis=axis, dtype=dtype, keepdims=keepdims)


def nancumsum(x: Array, /, axis: int | None = None, *, dtype: DType | None = None) -> Array:
    """`cumulative_sum` with NaNs as 0; None: of all elements in a row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.nancumsum(ct.asarray([1.0, ct.nan, 2.0]))
    Array([1., 1., 3.], dtype=float32)
    """
    x = _filled(x, 0)
    return cumulative_sum(reshape(x, (-1,)) if axis is None else x, axis=axis or 0, dtype=dtype)


def nancumprod(x: Array, /, axis: int | None = None, *, dtype: DType | None = None) -> Array:
    """`cumulative_prod` with NaNs as 1; None: of all elements in a row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.nancumprod(ct.asarray([3.0, ct.nan, 2.0]))
    Array([3., 3., 6.], dtype=float32)
    """
    x = _filled(x, 1)
    return cumulative_prod(reshape(x, (-1,)) if axis is None else x, axis=axis or 0, dtype=dtype)


def _extreme(x: Array, axis: Axes, keepdims: bool, is_max: bool) -> Array:
    x = asarray(x)
    reduced = _max if is_max else _min
    if x.dtype.kind != "float":
        return reduced(x, axis=axis, keepdims=keepdims)
    out = reduced(_filled(x, -math.inf if is_max else math.inf), axis=axis, keepdims=keepdims)
    is_nan = _all(isnan(x), axis=axis, keepdims=keepdims)
    return where(is_nan, full_like(out, math.nan), out)


def nanmax(x: Array, /, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """`max` of the elements that are not NaN; NaN where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanmax(ct.asarray([1.0, ct.nan, 2.0])))
    2.0
    """
    return _extreme(x, axis, keepdims, is_max=True)


def nanmin(x: Array, /, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """`min` of the elements that are not NaN; NaN where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanmin(ct.asarray([1.0, ct.nan, 2.0])))
    1.0
    """
    return _extreme(x, axis, keepdims, is_max=False)


def _place(x: Array, axis: int | None, keepdims: bool, is_max: bool) -> Array:
    x = asarray(x)
    filled = _filled(x, -math.inf if is_max else math.inf)
    out = (argmax if is_max else argmin)(filled, axis=axis, keepdims=keepdims)
    if x.dtype.kind != "float":
        return out
    return where(_all(isnan(x), axis=axis, keepdims=keepdims), -1, out)


def nanargmax(x: Array, /, axis: int | None = None, *, keepdims: bool = False) -> Array:
    """`argmax` of the elements that are not NaN; -1 where all are, as in JAX.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.nanargmax(ct.asarray([1.0, ct.nan, 2.0])))
    2
    """
    return _place(x, axis, keepdims, is_max=True)


def nanargmin(x: Array, /, axis: int | None = None, *, keepdims: bool = False) -> Array:
    """`argmin` of the elements that are not NaN; -1 where all are, as in JAX.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.nanargmin(ct.asarray([ct.nan, 5.0, 2.0])))
    2
    """
    return _place(x, axis, keepdims, is_max=False)


def _count(x: Array, axis: Axes, keepdims: bool) -> Array:
    return _sum(_tensor.cast(~isnan(x), int64), axis=axis, keepdims=keepdims)


def _by_count(total: Array, count: Array) -> Array:
    """NaN of none, with a derivative of 0."""
    some = _tensor.cast(where(count > 0, count, 1), total.dtype)
    return where(count > 0, total / some, full_like(total, math.nan))


@composite
def nanmean(x: Array, /, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """`mean` of the elements that are not NaN; NaN where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanmean(ct.asarray([1.0, ct.nan, 2.0])))
    1.5
    """
    x = floating(x)
    if x.dtype.itemsize == 2:  # sums of which may be beyond its range
        wide = nanmean(_tensor.cast(x, _tensor.float32), axis, keepdims=keepdims)
        return _tensor.cast(wide, x.dtype)
    return _by_count(nansum(x, axis, keepdims=keepdims), _count(x, axis, keepdims))


@composite
def nanvar(
    x: Array, /, axis: Axes = None, *, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """`var` of the elements that are not NaN; NaN where there are not more than `correction`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanvar(ct.asarray([1.0, ct.nan, 3.0])))
    1.0
    """
    x = floating(x)
    if x.dtype.kind != "float":
        raise TypeError(f"nanvar: expected floats, got {x.dtype.name}")
    if x.dtype.itemsize == 2:
        x, own = _tensor.cast(x, _tensor.float32), x.dtype
        return _tensor.cast(nanvar(x, axis, correction=correction, keepdims=keepdims), own)
    center = where(_count(x, axis, keepdims=True) == 0, 0, nanmean(x, axis, keepdims=True))
    off = where(isnan(x), 0, _filled(x, 0) - broadcast_to(center, x.shape))
    total = _sum(off * off, axis=axis, keepdims=keepdims)
    return _by_count(total, _count(x, axis, keepdims) - correction)


@composite
def nanstd(
    x: Array, /, axis: Axes = None, *, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """The square root of `nanvar`; as `std`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanstd(ct.asarray([1.0, ct.nan, 5.0])))
    2.0
    """
    return root_of(nanvar(x, axis, correction=correction, keepdims=keepdims))
