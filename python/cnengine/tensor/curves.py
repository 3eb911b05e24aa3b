"""Samples of functions: between them, their slopes, steps and areas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.arrangement import concat
from cnengine.tensor.array import Array, axis_of, integers_of, result_type
from cnengine.tensor.creation import asarray, astype
from cnengine.tensor.data_types import floating
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import isfinite, remainder, where
from cnengine.tensor.indexing import take
from cnengine.tensor.manipulation import reshape
from cnengine.tensor.ordering import searchsorted
from cnengine.tensor.reduction import sum as _sum
from cnengine.tensor.running import cumulative_sum, diff

__all__ = ["ediff1d", "gradient", "interp", "trapezoid", "unwrap"]


def _part(x: Array, axis: int, low: int | None, high: int | None) -> Array:
    return x[(slice(None),) * axis + (slice(low, high),)]


def ediff1d(x: Array, /, to_end: Any = None, to_begin: Any = None) -> Array:
    """The differences of neighbours among all elements, row by row.

    Parameters
    ----------
    to_end, to_begin
        What is put behind and in front of them.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ediff1d(ct.asarray([1, 4, 9]), to_begin=0)
    Array([0, 3, 5], dtype=int64)
    """
    x = reshape(asarray(x), (-1,))
    parts = [to_begin, diff(x), to_end]
    flat = [reshape(asarray(each, dtype=x.dtype), (-1,)) for each in parts if each is not None]
    return concat(flat) if len(flat) > 1 else flat[0]


def interp(
    x: Array | float,
    xp: Array,
    fp: Array,
    /,
    left: float | Array | None = None,
    right: float | Array | None = None,
    period: float | None = None,
) -> Array:
    """Between points (xp, fp) by straight lines, `xp` ascending; differentiable by all three.

    Parameters
    ----------
    left, right
        Values below the first and above the last point; None: those of these points.
    period
        Of `x` and `xp`, which then need not be in order.

    Raises ShapeError for others than vectors of one length with elements.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.interp(ct.asarray([0.5, 9.0]), ct.asarray([0.0, 1.0]), ct.asarray([10.0, 20.0]))
    Array([15., 20.], dtype=float32)
    """
    common = result_type(*(floating(each) for each in (x, xp)))
    x, xp, fp = astype(floating(x), common), astype(floating(xp), common), floating(fp)
    if xp.ndim != 1 or fp.shape != xp.shape or xp.size == 0:
        raise ShapeError(f"interp: expected points of two vectors with elements, got the shapes "
                         f"{xp.shape} and {fp.shape}")  # fmt: skip
    if period is not None:
        if period == 0:
            raise ArgumentError("interp: expected a period that is not 0")
        by = abs(period)
        x, xp = remainder(x, by), remainder(xp, by)
        order = _tensor.argsort(xp, 0, False)
        xp, fp = take(xp, order), take(fp, order)
        xp, fp = concat([xp[-1:] - by, xp, xp[:1] + by]), concat([fp[-1:], fp, fp[:1]])
        left = right = None
    last = xp.shape[0] - 1
    at = searchsorted(xp, x, side="right") - 1
    low = where(at < 0, 0, where(at >= last, max(last - 1, 0), at))
    high = where(low < last, low + 1, low)
    x0, x1, y0, y1 = (take(line, place) for line in (xp, fp) for place in (low, high))
    width, rise = x1 - x0, y1 - y0
    # An infinite step that nothing is gone of is none.
    is_none = (width == 0) | ((x == x0) & ~isfinite(rise))
    out = y0 + (x - x0) / where(width == 0, 1, width) * where(is_none, 0, rise)
    out = where(x == x1, y1, out)
    ends = ((x < xp[0], fp[0] if left is None else left),
            (x > xp[-1], fp[-1] if right is None else right))  # fmt: skip
    for is_outside, value in ends:
        out = where(is_outside, value, out)
    return out


def trapezoid(
    y: Array, /, x: Array | None = None, dx: float | Array = 1.0, axis: int = -1
) -> Array:
    """The integral along an axis by the trapezoidal rule: sum((y[i] + y[i + 1]) / 2 step[i]).

    Parameters
    ----------
    x
        Where the values are: along the axis alone, or in the shape of `y`.
    dx
        How far apart they are where `x` is not given.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.trapezoid(ct.asarray([1.0, 2.0, 3.0])))
    4.0
    """
    y = floating(y)
    place = axis_of(axis, y.ndim, "trapezoid")
    if x is None:
        steps = dx
    else:
        x = asarray(x)
        if x.ndim == 1:
            x = reshape(x, [-1 if i == place else 1 for i in range(y.ndim)])
        steps = diff(x, axis=place - y.ndim)
    return _sum((_part(y, place, 1, None) + _part(y, place, None, -1)) / 2 * steps, axis=place)


def gradient(
    f: Array,
    /,
    *spacing: float | Array,
    axis: int | Sequence[int] | None = None,
    edge_order: int = 1,
) -> Array | list[Array]:
    """The slopes at samples, by differences of second order inside and one-sided ones at the ends.

    Parameters
    ----------
    spacing
        How far samples are apart: a number for all axes, or for each axis a number or the
        coordinates along it.
    axis
        None: of all axes, a list if there are several.
    edge_order
        The order of the differences at the ends, 1 or 2.

    Raises ShapeError for axes with less than edge_order + 1 samples. Quarteroni, Sacco and Saleri
    2007 for samples that are not evenly spaced, as NumPy.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.gradient(ct.asarray([1.0, 4.0, 9.0]))
    Array([3., 4., 5.], dtype=float32)
    """
    f = floating(f)
    axes = list(range(f.ndim)) if axis is None else integers_of(axis)
    steps = list(spacing) or [1.0]
    steps = steps * len(axes) if len(steps) == 1 and asarray(steps[0]).ndim == 0 else steps
    if len(steps) != len(axes):
        raise ArgumentError(f"gradient: expected a spacing of {len(axes)} axes, got {len(steps)}")
    if edge_order not in (1, 2):
        raise ArgumentError(f"gradient: expected an edge_order of 1 or 2, got {edge_order}")
    places = [axis_of(each, f.ndim, "gradient") for each in axes]
    out = [_slopes(f, place, step, edge_order)
           for place, step in zip(places, steps, strict=True)]  # fmt: skip
    return out if len(out) != 1 else out[0]


def _slopes(f: Array, axis: int, spacing: float | Array, edge_order: int) -> Array:
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ShapeError(f"gradient: expected {edge_order + 1} samples or more, got {f.shape}")
    given = asarray(spacing, dtype=f.dtype, device=f.device)
    steps = diff(given) if given.ndim else _tensor.broadcast_to(given, [n - 1])
    if steps.shape != (n - 1,):
        raise ShapeError(f"gradient: expected {n} coordinates, got the shape {given.shape}")
    steps = reshape(steps, [-1 if i == axis else 1 for i in range(f.ndim)])
    rise = diff(f, axis=axis) / steps
    first, last = _part(rise, axis, None, 1), _part(rise, axis, -1, None)
    if n == 2:
        return concat([first, last], axis=axis)
    before, behind = _part(steps, axis, None, -1), _part(steps, axis, 1, None)
    left, right = _part(rise, axis, None, -1), _part(rise, axis, 1, None)
    if given.ndim:
        inside = (behind * left + before * right) / (before + behind)
    else:  # without the sample itself, which may be a NaN
        inside = (_part(f, axis, 2, None) - _part(f, axis, None, -2)) / (2 * given)
    if edge_order == 2:  # parabolas through three samples
        curve = (right - left) / (before + behind)
        first = first - _part(curve, axis, None, 1) * _part(steps, axis, None, 1)
        last = last + _part(curve, axis, -1, None) * _part(steps, axis, -1, None)
    return concat([first, inside, last], axis=axis)


def unwrap(
    p: Array, /, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi
) -> Array:
    """Angles along an axis without jumps: whole periods are added where one is above half of it.

    Parameters
    ----------
    discont
        Jumps up to it stay; None: half of the period, which is the smallest one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unwrap(ct.asarray([0.0, 3.0, -3.0]))
    Array([0.       , 3.       , 3.2831855], dtype=float32)
    """
    p = floating(p)
    place = axis_of(axis, p.ndim, "unwrap")
    jumps, half = diff(p, axis=place), period / 2
    short = remainder(jumps + half, period) - half
    short = where((short == -half) & (jumps > 0), half, short)
    more = where(_abs(jumps) < (half if discont is None else discont), 0, short - jumps)
    behind = _part(p, place, 1, None) + cumulative_sum(more, axis=place)
    return concat([_part(p, place, None, 1), behind], axis=place)
