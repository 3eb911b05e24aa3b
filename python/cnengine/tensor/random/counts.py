"""Counts of what comes with a probability: binomial numbers, and trials until the first success."""

from __future__ import annotations

import math

from cnengine.errors import ShapeError
from cnengine.tensor.arrangement import concat, moveaxis
from cnengine.tensor.array import Array, DType, float64, int64
from cnengine.tensor.control import scan, while_loop
from cnengine.tensor.creation import asarray, astype, zeros
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import ceil, clip, floor, lgamma, log, log1p, maximum, sqrt, where
from cnengine.tensor.manipulation import expand_dims
from cnengine.tensor.random.draws import Shape, fold_in, split, uniform
from cnengine.tensor.random.sampling import first_accepted, spread
from cnengine.tensor.reduction import any as _any
from cnengine.tensor.running import cumulative_sum

__all__ = ["binomial", "geometric", "multinomial"]


def geometric(
    key: Array, p: float | Array, shape: Shape | None = None, dtype: DType = int64
) -> Array:
    """How many trials of the probability `p`, 0 < p <= 1, there are up to the first success.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.geometric(ct.random.key(0), 1.0, (3,))
    Array([1, 1, 1], dtype=int64)
    """
    (chance,) = spread((p,), shape, float64, "geometric")
    return astype(_trials(key, chance), dtype)


def _trials(key: Array, chance: Array) -> Array:
    u = 1 - uniform(key, chance.shape, float64)
    return maximum(ceil(log(u) / log1p(-clip(chance, 1e-300, 1.0))), 1.0)


def _few(key: Array, n: Array, p: Array) -> Array:
    """Successes among n trials: how often the trials up to the next one are within."""

    def another(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        number, used, count = state
        used = used + _trials(fold_in(key, number), p)
        return number + 1, used, count + astype(used <= n, float64)

    start = (asarray(0), where(p > 0, 0.0, n + 1), zeros(n.shape, dtype=float64))
    return while_loop(lambda state: _any(state[1] <= n), another, start)[2]


def _many(key: Array, n: Array, p: Array) -> Array:
    """Transformed rejection (BTRS of Hoermann 1993), for n p from 10 on and p up to 0.5."""
    q = 1 - p
    deviation = sqrt(n * p * q)
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    sure = 0.92 - 4.2 / b
    scale = (2.83 + 5.1 / b) * deviation
    mode = floor((n + 1) * p)

    def weight(k: Array) -> Array:
        return lgamma(k + 1) + lgamma(n - k + 1)

    def attempt(key: Array) -> tuple[Array, Array]:
        both = split(key, 2)
        u = uniform(both[0], n.shape, float64) - 0.5
        v = 1 - uniform(both[1], n.shape, float64)
        us = 0.5 - _abs(u)
        k = floor((2 * a / us + b) * u + n * p + 0.5)
        is_within = (k >= 0) & (k <= n)
        safe = where(is_within, k, mode)
        chance = weight(mode) - weight(safe) + (safe - mode) * log(p / q)
        is_likely = log(v * scale / (a / (us * us) + b)) <= chance
        return safe, is_within & (((us >= 0.07) & (v <= sure)) | is_likely)

    return first_accepted(key, n.shape, attempt)


def binomial(
    key: Array,
    n: float | Array,
    p: float | Array,
    shape: Shape | None = None,
    dtype: DType = int64,
) -> Array:
    """How many of `n` trials of the probability `p` succeed; NaN of floats where p is no share.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.binomial(ct.random.key(0), 7, 1.0, (2,))
    Array([7, 7], dtype=int64)
    """
    count, chance = spread((n, p), shape, float64, "binomial")
    out = _binomial(key, count, chance)
    if dtype.kind == "float":
        out = where((chance >= 0) & (chance <= 1) & (count >= 0), out, math.nan)
    return astype(out, dtype)


def _binomial(key: Array, n: Array, p: Array) -> Array:
    if math.prod(n.shape) == 0:
        return zeros(n.shape, dtype=float64)
    keys = split(key, 2)
    n, p = floor(maximum(n, 0.0)), clip(p, 0.0, 1.0)
    less = where(p > 0.5, 1 - p, p)
    is_few = n * less < 10
    few = _few(keys[0], where(is_few, n, 0.0), where(is_few, less, 0.0))
    many = _many(keys[1], where(is_few, 40.0, n), where(is_few, 0.5, less))
    out = where(is_few, few, many)
    return where(p > 0.5, n - out, out)


def multinomial(
    key: Array,
    n: float | Array,
    p: Array,
    shape: Shape | None = None,
    dtype: DType = int64,
) -> Array:
    """How many of `n` draws fall on each class with the probabilities `p` (..., classes).

    Parameters
    ----------
    p
        Its last axis is divided by its sum.
    shape
        That of the result, which ends with the classes; None: that which `n` and `p` are broadcast
        to.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.multinomial(ct.random.key(0), 5, ct.asarray([0.0, 1.0]))
    Array([0, 5], dtype=int64)
    """
    p = astype(asarray(p), float64)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise ShapeError(f"multinomial: expected probabilities of classes, got {p.shape}")
    trials = expand_dims(asarray(n), axis=-1)
    both = spread((trials, p), shape, float64, "multinomial")
    left, chances = both[0][..., 0], moveaxis(both[1], -1, 0)
    # Of what is left each class gets its share of the classes that are left.
    rest = cumulative_sum(chances, axis=0, reverse=True)
    shares = where(rest > 0, chances / where(rest > 0, rest, 1.0), 1.0)

    def one(left: Array, each: tuple[Array, Array]) -> tuple[Array, Array]:
        count = _binomial(each[0], left, each[1])
        return left - count, count

    last, counts = scan(one, left, (split(key, shares.shape[0] - 1), shares[:-1]))
    whole = concat([counts, expand_dims(last, axis=0)])
    return astype(moveaxis(whole, 0, -1), dtype)
