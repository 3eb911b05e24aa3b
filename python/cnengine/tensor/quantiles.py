"""Values below which a share of the elements lies, with NaNs or without them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Literal

from cnengine.errors import ArgumentError
from cnengine.tensor.arrangement import moveaxis
from cnengine.tensor.array import Array, axis_of, float64, int64, integers_of
from cnengine.tensor.composite import composite
from cnengine.tensor.creation import asarray, astype, full_like
from cnengine.tensor.data_types import floating
from cnengine.tensor.elementwise import ceil, floor, isfinite, isnan, maximum, minimum, where
from cnengine.tensor.elementwise import round as _round
from cnengine.tensor.indexing import take_along_axis
from cnengine.tensor.manipulation import broadcast_to, reshape
from cnengine.tensor.ordering import sort
from cnengine.tensor.reduction import any as _any
from cnengine.tensor.reduction import sum as _sum

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

Axes = int | Sequence[int] | None
Method = Literal["linear", "lower", "higher", "nearest", "midpoint"]
_METHODS = ("linear", "lower", "higher", "nearest", "midpoint")


def _as_lines(x: Array, axis: Axes, function: str) -> tuple[Array, list[int]]:
    """The elements of all axes that are left out as one last axis; the extents with 1 for these."""
    if axis is None:
        return reshape(x, (-1,)), [1] * x.ndim
    if isinstance(axis, int) and axis in (-1, x.ndim - 1) and x.ndim > 0:
        return x, [*x.shape[:-1], 1]
    gone = sorted(axis_of(each, x.ndim, function) for each in integers_of(axis))
    if len(set(gone)) < len(gone):
        raise ArgumentError(f"{function}: expected different axes, got {axis}")
    kept = [n for i, n in enumerate(x.shape) if i not in gone]
    length = math.prod(x.shape[i] for i in gone)
    turned = moveaxis(x, gone, list(range(-len(gone), 0)))
    shape = [1 if i in gone else n for i, n in enumerate(x.shape)]
    return reshape(turned, (*kept, length)), shape


def _between(low: Array, high: Array, share: Array) -> Array:
    """By a straight line; an infinite step that nothing is gone of is none."""
    step = high - low
    step = where((low == high) | ((share == 0) & ~isfinite(step)), 0, step)
    return low + step * share


def _at(lines: Array, count: Array, shares: Array, method: Method) -> Array:
    """The values at shares (q) of the way along the first `count` (..., 1) of sorted lines."""
    at = shares * maximum(count - 1, 0)
    index = {"lower": floor, "higher": ceil, "nearest": _round}.get(method)
    shape = (*lines.shape[:-1], shares.size)
    if index is not None:
        return take_along_axis(lines, astype(broadcast_to(index(at), shape), int64))
    first = floor(at)
    last = minimum(first + 1, maximum(count - 1, 0))
    low, high = (take_along_axis(lines, astype(broadcast_to(each, shape), int64))
                 for each in (first, last))  # fmt: skip
    share = astype(at - first, lines.dtype)
    return _between(low, high, where(share > 0, 0.5, share) if method == "midpoint" else share)


@composite
def _at_one(lines: Array, share: float) -> Array:
    """As `_at` by a straight line, for one share; NaN for lines that end with it."""
    at = share * (lines.shape[-1] - 1)
    first = math.floor(at)
    out, top = lines[..., first], lines[..., -1]
    if at > first:
        high = lines[..., first + 1]
        out = out + where(out == high, 0, high - out) * (at - first)
    return where(isnan(top), top, out)


def _quantile(
    x: Array,
    q: float | Array,
    axis: Axes,
    method: Method,
    keepdims: bool,
    function: str,
    skips: bool = False,
) -> Array:
    if method not in _METHODS:
        raise ArgumentError(
            f"{function}: expected a method of {', '.join(_METHODS)}, got {method!r}"
        )
    x = floating(x)
    lines, whole = _as_lines(x, axis, function)
    if lines.shape[-1] == 0:
        raise ArgumentError(f"{function}: expected elements, got none")
    kept = whole if keepdims else lines.shape[:-1]
    if isinstance(q, Real) and method == "linear" and not skips:
        out = _at_one(sort(lines), float(q))
        return reshape(out, kept) if keepdims else out
    shares = asarray(q, dtype=float64, device=None if isinstance(q, Array) else x.device)
    is_nan = isnan(lines)
    if skips:
        count = _sum(astype(~is_nan, int64), axis=-1, keepdims=True)
        is_nan = count == 0
    else:
        count = asarray(lines.shape[-1])
        is_nan = _any(is_nan, axis=-1, keepdims=True)
    out = _at(sort(lines), astype(count, float64), reshape(shares, (-1,)), method)
    out = where(is_nan, full_like(out, math.nan), out)
    return reshape(moveaxis(out, -1, 0), (*shares.shape, *kept))


def quantile(
    x: Array,
    q: float | Array,
    /,
    axis: Axes = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
) -> Array:
    """Values below which a share `q` of the elements lies, along axes; None: of all elements.

    The axes of `q` are in front. NaN where there is one. Integers become float32.

    Parameters
    ----------
    q
        From 0 to 1.
    method
        Between two elements: "linear": a straight line; "lower", "higher" and "nearest" take one
        of them (of two that are as near the even place), "midpoint" their mean.

    Raises ArgumentError without elements. The derivative is that of the elements that are taken.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.quantile(ct.asarray([1.0, 2.0, 4.0]), ct.asarray([0.0, 0.75]))
    Array([1., 3.], dtype=float32)
    """
    return _quantile(x, q, axis, method, keepdims, "quantile")


def percentile(
    x: Array,
    q: float | Array,
    /,
    axis: Axes = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
) -> Array:
    """`quantile` of `q` hundredths.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.percentile(ct.asarray([1.0, 2.0, 4.0]), 75))
    3.0
    """
    return _quantile(x, _hundredths(q), axis, method, keepdims, "percentile")


def _hundredths(q: float | Array) -> float | Array:
    return q / 100 if isinstance(q, Real) else asarray(q, dtype=float64) / 100


def median(x: Array, /, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """The value in the middle, or half way between the two there; NaN where there is one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.median(ct.asarray([7.0, 1.0, 3.0])))
    3.0
    """
    return _quantile(x, 0.5, axis, "linear", keepdims, "median")


def nanquantile(
    x: Array,
    q: float | Array,
    /,
    axis: Axes = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
) -> Array:
    """`quantile` of the elements that are not NaN; NaN where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanquantile(ct.asarray([1.0, ct.nan, 2.0]), 0.5))
    1.5
    """
    return _quantile(x, q, axis, method, keepdims, "nanquantile", skips=True)


def nanpercentile(
    x: Array,
    q: float | Array,
    /,
    axis: Axes = None,
    *,
    method: Method = "linear",
    keepdims: bool = False,
) -> Array:
    """`nanquantile` of `q` hundredths.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanpercentile(ct.asarray([1.0, ct.nan, 2.0]), 50))
    1.5
    """
    return _quantile(x, _hundredths(q), axis, method, keepdims, "nanpercentile", skips=True)


def nanmedian(x: Array, /, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """`median` of the elements that are not NaN; NaN where all are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.nanmedian(ct.asarray([7.0, ct.nan, 1.0, 3.0])))
    3.0
    """
    return _quantile(x, 0.5, axis, "linear", keepdims, "nanmedian", skips=True)
