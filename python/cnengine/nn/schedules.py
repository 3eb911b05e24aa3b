"""Learning rates by step: functions of the step (from 0, a number or an array)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError

__all__ = ["constant", "cosine", "cosine_restarts", "cyclic", "exponential", "inverse_time",
           "join", "linear", "one_cycle", "piecewise", "polynomial", "step", "warmup",
           "warmup_cosine"]  # fmt: skip

Schedule = Callable[[Any], ct.Array]


def _at(step: Any) -> ct.Array:
    return ct.astype(ct.asarray(step), ct.float32, copy=False)


def constant(rate: float) -> Schedule:
    """The same rate always.

    Examples
    --------
    >>> from cnengine import nn
    >>> float(nn.schedules.constant(0.5)(7))
    0.5
    """
    return lambda step: _at(step) * 0.0 + rate


def step(rate: float, step_size: int, gamma: float = 0.1) -> Schedule:
    """rate * gamma^floor(step / step_size).

    Examples
    --------
    >>> from cnengine import nn
    >>> [float(nn.schedules.step(1.0, 10, 0.5)(s)) for s in (0, 9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """
    return lambda at: gamma ** ct.floor((_at(at) + 0.5) / step_size) * rate


def exponential(rate: float, gamma: float, steps: int = 1, *, staircase: bool = False) -> Schedule:
    """rate * gamma^(step / steps); with `staircase` the exponent is rounded down.

    Examples
    --------
    >>> from cnengine import nn
    >>> float(nn.schedules.exponential(1.0, 0.5, 10)(20))
    0.25
    """
    _check(steps, "exponential")

    def schedule(at: Any) -> ct.Array:
        if staircase:
            return step(rate, steps, gamma)(at)
        return gamma ** (_at(at) / steps) * rate

    return schedule


def linear(start: float, end: float, steps: int) -> Schedule:
    """From `start` to `end` over `steps`, then `end`.

    Examples
    --------
    >>> from cnengine import nn
    >>> [float(nn.schedules.linear(0.0, 1.0, 4)(s)) for s in (0, 1, 4, 9)]
    [0.0, 0.25, 1.0, 1.0]
    """
    return polynomial(start, end, steps, power=1.0)


def polynomial(start: float, end: float, steps: int, power: float = 1.0) -> Schedule:
    """(start - end) * (1 - step / steps)^power + end, then `end`.

    Examples
    --------
    >>> from cnengine import nn
    >>> float(nn.schedules.polynomial(1.0, 0.0, 10, power=2.0)(5))
    0.25
    """
    _check(steps, "polynomial")

    def schedule(step: Any) -> ct.Array:
        left = 1.0 - ct.minimum(_at(step) / steps, 1.0)
        return (left if power == 1.0 else left**power) * (start - end) + end

    return schedule


def cosine(rate: float, steps: int, end: float = 0.0) -> Schedule:
    """From `rate` to `end` along half a cosine over `steps`, then `end`. arXiv:1608.03983.

    Examples
    --------
    >>> from cnengine import nn
    >>> [round(float(nn.schedules.cosine(1.0, 10)(s)), 4) for s in (0, 5, 10, 99)]
    [1.0, 0.5, 0.0, 0.0]
    """
    _check(steps, "cosine")

    def schedule(step: Any) -> ct.Array:
        part = ct.minimum(_at(step) / steps, 1.0)
        return (ct.cos(part * math.pi) + 1.0) * (0.5 * (rate - end)) + end

    return schedule


def cosine_restarts(rate: float, steps: int, factor: int = 1, end: float = 0.0) -> Schedule:
    """`cosine` again and again, each time over `factor` times as many steps as the time before.

    arXiv:1608.03983, as torch's CosineAnnealingWarmRestarts.

    Examples
    --------
    >>> from cnengine import nn
    >>> rate = nn.schedules.cosine_restarts(1.0, 2, factor=2)
    >>> [round(float(rate(s)), 4) for s in (0, 1, 2, 4, 6)]
    [1.0, 0.5, 1.0, 0.5, 1.0]
    """
    _check(steps, "cosine_restarts")
    if factor < 1:
        raise ArgumentError(f"cosine_restarts: expected a factor of at least 1, got {factor}")
    lengths = [steps]
    while factor > 1 and sum(lengths) < 2**31:
        lengths.append(lengths[-1] * factor)
    begins = [sum(lengths[:at]) for at in range(len(lengths))]

    def schedule(step: Any) -> ct.Array:
        at = _at(step)
        begin, length = at * 0.0, at * 0.0 + steps
        for first, count in zip(begins[1:], lengths[1:], strict=True):
            begin = ct.where(at >= first, float(first), begin)
            length = ct.where(at >= first, float(count), length)
        part = (at - begin) / length
        part = part - ct.floor(part) if factor == 1 else part
        return (ct.cos(part * math.pi) + 1.0) * (0.5 * (rate - end)) + end

    return schedule


def warmup(schedule: float | Schedule, steps: int, start: float = 0.0) -> Schedule:
    """From `start` to the schedule's first rate over `steps`, then the schedule from its step 0.

    Examples
    --------
    >>> from cnengine import nn
    >>> [float(nn.schedules.warmup(1.0, 4)(s)) for s in (0, 2, 4, 9)]
    [0.0, 0.5, 1.0, 1.0]
    """
    after = schedule if callable(schedule) else constant(schedule)
    first = float(after(0))
    return join([linear(start, first, steps), after], [steps])


def warmup_cosine(rate: float, warmup_steps: int, steps: int, end: float = 0.0) -> Schedule:
    """`warmup` to `rate`, then `cosine` to `end` at `steps` in all.

    Examples
    --------
    >>> from cnengine import nn
    >>> [round(float(nn.schedules.warmup_cosine(1.0, 4, 12)(s)), 4) for s in (0, 4, 8, 12)]
    [0.0, 1.0, 0.5, 0.0]
    """
    return warmup(cosine(rate, steps - warmup_steps, end), warmup_steps)


def join(schedules: Sequence[Schedule], boundaries: Sequence[int]) -> Schedule:
    """One schedule after the other: the next begins, with its step 0, at each boundary.

    Examples
    --------
    >>> from cnengine import nn
    >>> both = nn.schedules.join([nn.schedules.constant(1.0), nn.schedules.step(0.5, 2, 0.5)], [3])
    >>> [float(both(s)) for s in (0, 2, 3, 5)]
    [1.0, 1.0, 0.5, 0.25]
    """
    if len(schedules) != len(boundaries) + 1 or sorted(boundaries) != list(boundaries):
        raise ArgumentError(
            f"join: expected one boundary less than schedules, in order, got {len(schedules)} and "
            f"{list(boundaries)}"
        )

    def schedule(step: Any) -> ct.Array:
        at = _at(step)
        out = schedules[0](at)
        for each, boundary in zip(schedules[1:], boundaries, strict=True):
            out = ct.where(at >= boundary, each(ct.maximum(at - boundary, 0.0)), out)
        return out

    return schedule


def piecewise(boundaries: Sequence[int], rates: Sequence[float]) -> Schedule:
    """rates[i] up to and with the step boundaries[i], then the last, as in Keras.

    Examples
    --------
    >>> from cnengine import nn
    >>> [float(nn.schedules.piecewise([10, 20], [1.0, 0.5, 0.25])(s)) for s in (10, 11, 21)]
    [1.0, 0.5, 0.25]
    """
    return join([constant(rate) for rate in rates], [each + 1 for each in boundaries])


def cyclic(
    low: float, high: float, steps_up: int, steps_down: int | None = None, *, gamma: float = 1.0
) -> Schedule:
    """Up from `low` to `high` over `steps_up`, down over `steps_down` (None: as many), and so on.

    The height of step s is times gamma^s. As torch's CyclicLR; Smith 2017, arXiv:1506.01186.

    Examples
    --------
    >>> from cnengine import nn
    >>> [float(nn.schedules.cyclic(0.0, 1.0, 2)(s)) for s in range(6)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]
    """
    down = steps_up if steps_down is None else steps_down
    _check(min(steps_up, down), "cyclic")
    whole = steps_up + down

    def schedule(step: Any) -> ct.Array:
        at = _at(step)
        place = at - ct.floor(at / whole) * whole
        share = ct.where(place <= steps_up, place / steps_up, (whole - place) / down)
        return share * (high - low) * gamma**at + low

    return schedule


def inverse_time(rate: float, decay: float, steps: int = 1, *, staircase: bool = False) -> Schedule:
    """rate / (1 + decay * step / steps), as in Keras; with `staircase` whole steps / steps.

    Examples
    --------
    >>> from cnengine import nn
    >>> float(nn.schedules.inverse_time(1.0, 0.5, 10)(20))
    0.5
    """
    _check(steps, "inverse_time")

    def schedule(step: Any) -> ct.Array:
        at = _at(step) / steps
        return rate / ((ct.floor(at) if staircase else at) * decay + 1.0)

    return schedule


def one_cycle(
    max_rate: float,
    steps: int,
    *,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    is_linear: bool = False,
) -> Schedule:
    """Up from max_rate / div_factor to max_rate, then down to that start / final_div_factor.

    Up over the share `pct_start` of the steps, along half a cosine or a line, as torch's
    OneCycleLR. Smith and Topin 2018, arXiv:1708.07120.

    Examples
    --------
    >>> from cnengine import nn
    >>> rate = nn.schedules.one_cycle(1.0, 101)
    >>> round(float(rate(0)), 4), round(float(rate(29.3)), 2), float(rate(100)) < 1e-5
    (0.04, 1.0, True)
    """
    _check(steps, "one_cycle")
    start = max_rate / div_factor
    last = start / final_div_factor
    top = pct_start * steps - 1.0
    if not 0.0 < top < steps - 1.0:
        raise ArgumentError(f"one_cycle: expected a part of the {steps} steps up, got {pct_start}")

    def between(a: float, b: float, part: ct.Array) -> ct.Array:
        part = ct.minimum(ct.maximum(part, 0.0), 1.0)
        if is_linear:
            return part * (b - a) + a
        return (ct.cos(part * math.pi) + 1.0) * (0.5 * (a - b)) + b

    def schedule(step: Any) -> ct.Array:
        at = _at(step)
        down = between(max_rate, last, (at - top) / (steps - 1.0 - top))
        return ct.where(at <= top, between(start, max_rate, at / top), down)

    return schedule


def _check(steps: int, what: str) -> None:
    if steps < 1:
        raise ArgumentError(f"{what}: expected at least one step, got {steps}")
