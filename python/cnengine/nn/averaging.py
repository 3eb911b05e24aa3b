"""Parameters averaged over steps, and derivatives over batches."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.facts import line_of
from cnengine.nn.optimizer import checked_optimizer

__all__ = ["EMA", "Accumulate"]


class EMA:
    """A running mean of parameters: a = decay * a + (1 - decay) * p.

    ``state = init(params)``, ``state = update(state, params)`` after each step, ``value(state)``
    gives the mean. It begins as the first parameters; with `debias` as zeros whose share is taken
    out again. `warmup` lowers the decay to (1 + step) / (10 + step) at first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> ema = nn.EMA(0.5)
    >>> state = ema.update(ema.init([ct.asarray(1.0)]), [ct.asarray(3.0)])
    >>> ema.value(state)
    [Array(2., dtype=float32)]
    """

    def __init__(self, decay: float = 0.999, *, debias: bool = False, warmup: bool = False) -> None:
        if not 0.0 <= decay < 1.0:
            raise ArgumentError(f"EMA: expected 0 <= decay < 1, got {decay}")
        self.decay, self.debias, self.warmup = decay, debias, warmup

    def init(self, params: Any) -> dict[str, Any]:
        """The state before the first step; means of halves are float32."""

        def first(p: Any) -> ct.Array:
            wide = ct.astype(p, ct.float32) if p.dtype.itemsize < 4 else ct.asarray(p)
            return ct.zeros(wide.shape, dtype=wide.dtype) if self.debias else wide

        left = ct.ones((), dtype=ct.float32) if self.debias else ct.zeros((), dtype=ct.float32)
        return {"average": ct.tree_map(first, params), "left": left,
                "step": ct.zeros((), dtype=ct.int32)}  # fmt: skip

    def update(self, state: dict[str, Any], params: Any) -> dict[str, Any]:
        """The state with the parameters after one more step."""
        decay: Any = self.decay
        if self.warmup:
            step = ct.astype(state["step"], ct.float32)
            decay = ct.minimum((step + 1.0) / (step + 10.0), self.decay)

        def follow(a: ct.Array, p: ct.Array) -> ct.Array:
            new = ct.astype(p, a.dtype, copy=False)
            share = ct.astype(1.0 - decay, a.dtype) if self.warmup else 1.0 - decay
            return a + (new - a) * share

        return {
            "average": ct.tree_map(follow, state["average"], params),
            "left": state["left"] * decay,
            "step": state["step"] + 1,
        }

    def value(self, state: dict[str, Any]) -> Any:
        """The mean, a tree like the parameters."""
        if not self.debias:
            return state["average"]
        return ct.tree_map(lambda a: a / ct.astype(1.0 - state["left"], a.dtype), state["average"])

    def __repr__(self) -> str:
        return line_of(self)


class Accumulate:
    """An optimiser that steps once in `every` calls, along the mean of their derivatives.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Accumulate(nn.SGD(1.0), every=2)
    >>> params = [ct.asarray(0.0)]
    >>> state = optimizer.init(params)
    >>> for slope in (1.0, 3.0):
    ...     params, state = optimizer.update([ct.asarray(slope)], state, params)
    >>> params
    [Array(-2., dtype=float32)]
    """

    def __init__(self, optimizer: Any, every: int) -> None:
        if every < 1:
            raise ArgumentError(f"Accumulate: expected at least one call, got {every}")
        self.optimizer, self.every = checked_optimizer("Accumulate", optimizer), every

    def init(self, params: Any) -> dict[str, Any]:
        """The state before the first call."""
        zeros = ct.tree_map(
            lambda p: ct.zeros(p.shape, dtype=ct.float32 if p.dtype.itemsize < 4 else p.dtype),
            params,
        )
        return {"inner": self.optimizer.init(params), "sum": zeros,
                "calls": ct.zeros((), dtype=ct.int32)}  # fmt: skip

    def update(self, grads: Any, state: dict[str, Any], params: Any) -> tuple[Any, dict[str, Any]]:
        """As `Optimizer.update`; parameters change in every `every`th call."""
        total = ct.tree_map(lambda s, g: s + ct.astype(g, s.dtype, copy=False), state["sum"], grads)

        def step(total: Any, inner: Any, params: Any) -> Any:
            mean = ct.tree_map(lambda s: s * (1.0 / self.every), total)
            params, inner = self.optimizer.update(mean, inner, params)
            return params, inner, ct.tree_map(lambda s: s * 0.0, total)

        def wait(total: Any, inner: Any, params: Any) -> Any:
            return params, inner, total

        calls = state["calls"] + 1
        is_due = calls == self.every
        params, inner, total = ct.cond(is_due, step, wait, total, state["inner"], params)
        calls = ct.where(is_due, ct.zeros((), dtype=ct.int32), calls)
        return params, {"inner": inner, "sum": total, "calls": calls}

    def __repr__(self) -> str:
        return f"Accumulate({self.optimizer!r}, every={self.every})"

    def rate(self, state: dict[str, Any]) -> ct.Array:
        """The learning rate of the next step."""
        return self.optimizer.rate(state["inner"])
