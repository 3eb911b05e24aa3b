"""Steps by curvature that is learned from the last gradients: L-BFGS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.wolfe_search import Point, wolfe_search

__all__ = ["LBFGS"]

Array = ct.Array


class LBFGS:
    """Steps of L-BFGS: ``value, params, state = step(f, state, params)``, `max_iter` in each call.

    f(params) is a number, of all data, since each step looks at it several times; it is jitted. So
    it is not an optimiser for `Model`, which has one batch a step. Liu and Nocedal 1989, as torch
    computes it.

    Parameters
    ----------
    learning_rate
        The length of steps, with a line search the first that is tried.
    max_iter, max_eval
        Most steps and evaluations in a call; None: 1.25 `max_iter`.
    tolerance_grad, tolerance_change
        It ends where no derivative, or no change, is larger.
    history_size
        Steps that are kept.
    line_search_fn
        None or ``"strong_wolfe"``.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.LBFGS(line_search_fn="strong_wolfe")
    >>> params = {"w": ct.asarray([3.0, -2.0])}
    >>> loss = lambda p: ct.sum((p["w"] - 1.0) ** 2)
    >>> value, params, state = optimizer.step(loss, optimizer.init(params), params)
    >>> float(value), float(loss(params)) < 1e-6
    (13.0, True)
    """

    def __init__(
        self,
        learning_rate: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if line_search_fn not in (None, "strong_wolfe"):
            raise ArgumentError(f"LBFGS: expected None or strong_wolfe, got {line_search_fn!r}")
        if learning_rate <= 0 or max_iter < 1 or history_size < 1:
            raise ArgumentError("LBFGS: expected learning_rate > 0, max_iter and history_size >= 1")
        self.learning_rate, self.max_iter = learning_rate, max_iter
        self.max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        self.tolerance_grad, self.tolerance_change = tolerance_grad, tolerance_change
        self.history_size, self.line_search_fn = history_size, line_search_fn

    def init(self, params: Any) -> dict[str, Any]:
        """The state before the first step: steps so far, and what is kept of them."""
        return {"step": 0, "direction": None, "t": 0.0, "before": None, "scale": 1.0, "kept": ()}

    def step(
        self, f: Callable[[Any], Any], state: dict[str, Any], params: Any
    ) -> tuple[Array, Any, dict[str, Any]]:
        """f before the steps, and parameters and state after them."""
        leaves, structure = ct.tree_flatten(params)
        leaves = [ct.asarray(each) for each in leaves]

        def of_vector(x: Array) -> Array:
            parts, at = [], 0
            for leaf in leaves:
                parts.append(ct.reshape(x[at : at + leaf.size], leaf.shape))
                at += leaf.size
            return f(ct.tree_unflatten(structure, parts))

        derive = ct.jit(ct.value_and_grad(of_vector))
        x = ct.concat([ct.reshape(each, (-1,)) for each in leaves])
        first, gradient = derive(x)
        state = dict(state)
        x = self._steps(derive, state, x, float(first), gradient)
        parts, at = [], 0
        for leaf in leaves:
            parts.append(ct.reshape(x[at : at + leaf.size], leaf.shape))
            at += leaf.size
        return first, ct.tree_unflatten(structure, parts), state

    def _steps(self, derive: Any, state: dict[str, Any], x: Array, value: float, g: Array) -> Array:
        evaluations = 1
        for turn in range(1, self.max_iter + 1):
            if _largest(g) <= self.tolerance_grad:
                break
            state["step"] += 1
            d = state["direction"] = self._direction(state, g)
            state["before"], before = g, value
            t = self.learning_rate
            if state["step"] == 1:
                t *= min(1.0, 1.0 / float(ct.sum(ct.abs(g))))
            state["t"] = t
            slope = _dot(g, d)
            if slope > -self.tolerance_change:
                break
            if self.line_search_fn is not None:

                def at(t: float, x: Array = x, d: Array = d) -> Point:
                    value, gradient = derive(x + d * t)
                    return Point(t, float(value), gradient, _dot(gradient, d))

                start = Point(0.0, value, g, slope)
                (t, value, g, _), count = wolfe_search(at, start, t, _largest(d))
                state["t"], x = t, x + d * t
                evaluations += count
            else:
                x = x + d * t
                if turn < self.max_iter:
                    found, g = derive(x)
                    value = float(found)
                    evaluations += 1
            is_still = _largest(d) * abs(t) <= self.tolerance_change
            if evaluations >= self.max_eval or is_still:
                break
            if turn < self.max_iter and abs(value - before) < self.tolerance_change:
                break
        return x

    def _direction(self, state: dict[str, Any], g: Array) -> Array:
        """-H g, H the inverse of the curvature as the kept steps have it."""
        if state["step"] == 1:
            return -g
        y, s = g - state["before"], state["direction"] * state["t"]
        ys = _dot(y, s)
        if ys > 1e-10:
            state["kept"] = (*state["kept"], (y, s, 1.0 / ys))[-self.history_size :]
            state["scale"] = ys / _dot(y, y)
        q, shares = -g, []
        for y, s, rho in reversed(state["kept"]):
            shares.append(_dot(s, q) * rho)
            q = q - y * shares[-1]
        r = q * state["scale"]
        for (y, s, rho), share in zip(state["kept"], reversed(shares), strict=True):
            r = r + s * (share - _dot(y, r) * rho)
        return r

    def __repr__(self) -> str:
        return f"LBFGS({', '.join(f'{name}={value}' for name, value in vars(self).items())})"


def _dot(a: Array, b: Array) -> float:
    return float(ct.sum(a * b))


def _largest(a: Array) -> float:
    return float(ct.max(ct.abs(a))) if a.size else 0.0
