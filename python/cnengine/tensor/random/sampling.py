"""Numbers that take several tries: gamma and its kin, counts.

Each number takes the first of its tries that is accepted, so it is the same in any batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnengine.errors import ShapeError, UnsupportedError
from cnengine.tensor.array import Array, DType, float32, float64, int64, integers_of
from cnengine.tensor.control import custom_vjp, while_loop
from cnengine.tensor.creation import asarray, astype, full, zeros
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import exp, floor, lgamma, log, maximum, sqrt, where
from cnengine.tensor.manipulation import broadcast_to
from cnengine.tensor.random.draws import Shape, fold_in, normal, split, uniform
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import sum as _sum

__all__ = ["beta", "dirichlet", "gamma", "poisson"]

_ROUNDS = 200  # of tries, of which less than one in ten fails


def check_shape(common: Sequence[int], wanted: Sequence[int], name: str) -> None:
    """Raises ShapeError unless one shape can be broadcast to the other."""
    fits = len(common) <= len(wanted) and all(
        extent in (1, other) for extent, other in zip(common[::-1], wanted[::-1], strict=False)
    )
    if not fits:
        raise ShapeError(f"{name}: expected a shape that {common} goes into, got {wanted}")


def spread(values: tuple[Any, ...], shape: Shape | None, dtype: DType, name: str) -> list[Array]:
    """Parameters as arrays of the shape that is asked for."""
    arrays = [astype(asarray(value), dtype) for value in values]
    common = list(np.broadcast_shapes(*(each.shape for each in arrays)))
    wanted = common if shape is None else integers_of(shape)
    check_shape(common, wanted, name)
    return [broadcast_to(each, wanted) for each in arrays]


def first_accepted(key: Array, shape: tuple[int, ...], attempt: Callable[[Array], Any]) -> Array:
    """Of the tries of each element (values, whether they are accepted) the first accepted one."""

    def goes_on(state: Any) -> Array:
        number, _, missing = state
        return (number < _ROUNDS) & (_max(astype(missing, int64)) > 0)

    def another(state: Any) -> Any:
        number, values, missing = state
        tried, is_good = attempt(fold_in(key, number))
        return number + 1, where(missing & is_good, tried, values), missing & ~is_good

    if math.prod(shape) == 0:
        return zeros(shape, dtype=float64)
    start = (asarray(0), zeros(shape, dtype=float64), full(shape, True))
    return while_loop(goes_on, another, start)[1]


def _log_gamma_of(key: Array, concentration: Array) -> Array:
    """log of gamma numbers: Marsaglia and Tsang 2000; below 1 by a power of a uniform one."""
    shape = concentration.shape
    raised = where(concentration < 1, concentration + 1, concentration)
    d = raised - 1 / 3
    c = 1 / sqrt(9 * d)
    keys = split(key, 2)

    def attempt(key: Array) -> tuple[Array, Array]:
        both = split(key, 2)
        x = normal(both[0], shape, float64)
        v = maximum(1 + c * x, 0.0) ** 3
        log_v = log(maximum(v, 1e-300))
        u = uniform(both[1], shape, float64)
        is_good = (v > 0) & (log(1 - u) < 0.5 * x * x + d - d * v + d * log_v)
        return log(d) + log_v, is_good

    boost = log(1 - uniform(keys[1], shape, float64)) / concentration
    return first_accepted(keys[0], shape, attempt) + where(concentration < 1, boost, 0.0)


def _without_derivative(function: Callable[..., Array], message: str) -> Callable[..., Array]:
    out = custom_vjp(function)

    def backward(_: Any, __: Array) -> Any:
        raise UnsupportedError(message)

    out.defvjp(lambda *args: (function(*args), None), backward)
    return out


log_gamma = _without_derivative(_log_gamma_of, "gamma: numbers have no derivative by parameters")


def gamma(
    key: Array, a: float | Array, shape: Shape | None = None, dtype: DType = float32
) -> Array:
    """Numbers of the density x^(a - 1) exp(-x) / gamma(a), a > 0; no derivative by `a`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.gamma(ct.random.key(0), 2.0) > 0)
    True
    """
    (concentration,) = spread((a,), shape, float64, "gamma")
    return astype(exp(log_gamma(key, concentration)), dtype)


def beta(
    key: Array,
    a: float | Array,
    b: float | Array,
    shape: Shape | None = None,
    dtype: DType = float32,
) -> Array:
    """Numbers of the density x^(a - 1) (1 - x)^(b - 1) / B(a, b), a and b > 0."""
    first, second = spread((a, b), shape, float64, "beta")
    keys = split(key, 2)
    # Of logarithms, so that two numbers that are too small to be told from 0 have a quotient.
    difference = log_gamma(keys[1], second) - log_gamma(keys[0], first)
    return astype(1 / (1 + exp(difference)), dtype)


def dirichlet(
    key: Array, alpha: Array, shape: Shape | None = None, dtype: DType = float32
) -> Array:
    """Rows of shares with sum 1: gamma numbers of `alpha` (..., n), each by their sum.

    `shape` is that of the axes before the last.
    """
    alpha = asarray(alpha)
    if alpha.ndim == 0 or alpha.shape[-1] == 0:
        raise ShapeError(f"dirichlet: expected rows of parameters, got the shape {alpha.shape}")
    whole = None if shape is None else [*integers_of(shape), alpha.shape[-1]]
    (concentration,) = spread((alpha,), whole, float64, "dirichlet")
    logs = log_gamma(key, concentration)
    shares = exp(logs - _max(logs, axis=-1, keepdims=True))
    return astype(shares / _sum(shares, axis=-1, keepdims=True), dtype)


def _small_counts(key: Array, rate: Array) -> Array:
    """By the distribution function, term by term, for rates below 10."""
    u = uniform(key, rate.shape, float64)
    term = exp(-rate)

    def goes_on(state: Any) -> Array:
        count, _, total = state
        return (count < _ROUNDS) & (_max(astype(u >= total, int64)) > 0)

    def another(state: Any) -> Any:
        count, term, total = state
        term = term * rate / (count + 1)
        return count + 1, term, total + term

    # Each counts how many sums it is not below.
    def counted(state: Any) -> Any:
        counts, inner = state
        return counts + astype(u >= inner[2], float64), another(inner)

    start = (zeros(rate.shape, dtype=float64), (asarray(0.0, dtype=float64), term, term))
    return while_loop(lambda state: goes_on(state[1]), counted, start)[0]


def _large_counts(key: Array, rate: Array) -> Array:
    """Transformed rejection (PTRS of Hoermann 1993), for rates from 10 on."""
    b = 0.931 + 2.53 * sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    sure = 0.9277 - 3.6224 / (b - 2)

    def attempt(key: Array) -> tuple[Array, Array]:
        both = split(key, 2)
        u = uniform(both[0], rate.shape, float64) - 0.5
        v = 1 - uniform(both[1], rate.shape, float64)
        us = 0.5 - _abs(u)
        k = floor((2 * a / us + b) * u + rate + 0.43)
        likely = log(v * inverse / (a / (us * us) + b)) <= (
            k * log(rate) - rate - lgamma(maximum(k, 0.0) + 1)
        )
        is_sure = (us >= 0.07) & (v <= sure)
        is_out = (k < 0) | ((us < 0.013) & (v > us))
        return k, is_sure | (~is_out & likely)

    return first_accepted(key, rate.shape, attempt)


def poisson(
    key: Array, lam: float | Array, shape: Shape | None = None, dtype: DType = int64
) -> Array:
    """Counts of events that come `lam` at a time on average, lam >= 0."""
    (rate,) = spread((lam,), shape, float64, "poisson")
    keys = split(key, 2)
    if math.prod(rate.shape) == 0:
        return zeros(rate.shape, dtype=dtype)
    small = _small_counts(keys[0], where(rate < 10, rate, 0.0))
    large = _large_counts(keys[1], maximum(rate, 10.0))
    return astype(where(rate < 10, small, large), dtype)
