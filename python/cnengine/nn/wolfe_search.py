"""A step length along a direction that meets the strong Wolfe conditions, as torch finds it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

_SUFFICIENT, _CURVATURE, _LEAST_CHANGE, _MOST = 1e-4, 0.9, 1e-9, 25


class Point(NamedTuple):
    """A step length, the value there, the gradient, and its product with the direction."""

    t: float
    value: float
    gradient: Any
    slope: float


def _cubic_minimum(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through both is least, within bounds. Nocedal and Wright, equation 3.59."""
    if a.t > b.t:
        a, b = b, a
    low, high = bounds or (a.t, b.t)
    first = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
    square = first**2 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    root = math.sqrt(square)
    scale = b.slope - a.slope + 2 * root
    if scale == 0:
        return (low + high) / 2.0
    return min(max(b.t - (b.t - a.t) * ((b.slope + root - first) / scale), low), high)


def wolfe_search(
    at: Callable[[float], Point], start: Point, t: float, extent: float
) -> tuple[Point, int]:
    """The point found from `start` (t = 0) on, and how many were looked at.

    `extent` is the largest element of the direction. Nocedal and Wright, algorithms 3.5 and 3.6.
    """

    def rises(point: Point) -> bool:
        return not point.value <= start.value + _SUFFICIENT * point.t * start.slope

    def is_flat(point: Point) -> bool:
        return abs(point.slope) <= -_CURVATURE * start.slope

    before, new, count = start, at(t), 1
    bracket = None
    for turn in range(_MOST):
        if rises(new) or (turn > 1 and new.value >= before.value):
            bracket = [before, new]
            break
        if is_flat(new):
            return new, count
        if new.slope >= 0:
            bracket = [before, new]
            break
        least = new.t + 0.01 * (new.t - before.t)
        t = _cubic_minimum(before, new, (least, new.t * 10))
        before, new, count = new, at(t), count + 1
    if bracket is None:
        return (start if start.value <= new.value else new), count
    return _zoom(at, bracket, rises, is_flat, count, extent)


def _zoom(at: Any, bracket: list[Point], rises: Any, is_flat: Any, count: int,
          extent: float) -> tuple[Point, int]:  # fmt: skip
    """The best of a bracket that is made smaller; `low` is its end with the smaller value."""
    low, high = (0, 1) if bracket[0].value <= bracket[1].value else (1, 0)
    was_near = False
    while count <= _MOST and abs(bracket[1].t - bracket[0].t) * extent >= _LEAST_CHANGE:
        t = _cubic_minimum(*bracket)
        least, most = sorted(each.t for each in bracket)
        margin = 0.1 * (most - least)
        # Twice near to an end in turn: it is not near enough to where it should be.
        is_near = min(most - t, t - least) < margin
        if is_near and (was_near or t >= most or t <= least):
            t = most - margin if abs(t - most) < abs(t - least) else least + margin
            is_near = False
        was_near = is_near
        new, count = at(t), count + 1
        if rises(new) or new.value >= bracket[low].value:
            bracket[high] = new
            low, high = (0, 1) if bracket[0].value <= bracket[1].value else (1, 0)
            continue
        if is_flat(new):
            return new, count
        if new.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
    return bracket[low], count
