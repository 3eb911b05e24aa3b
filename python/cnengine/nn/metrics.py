"""Measures of predictions, summed up over batches."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.facts import line_of

__all__ = ["Mean", "MeanAbsoluteError", "MeanMetric", "MeanSquaredError", "Metric",
           "R2Score", "RootMeanSquaredError"]  # fmt: skip

Array = ct.Array
State = dict[str, Array]


class Metric:
    """A measure as pure functions of a state, and as an object that keeps one.

    ``state = init()``; ``state = update(state, y_true, y_pred, sample_weight)`` for each batch;
    ``result(state)``. Or as in Keras: `update_state`, `result()` and `reset_state`.

    Examples
    --------
    >>> from cnengine import nn
    >>> isinstance(nn.Accuracy(), nn.Metric)
    True
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or _snake(type(self).__name__)
        self._kept: State | None = None

    def init(self) -> State:
        """The state before the first batch."""
        return {"total": ct.zeros((), dtype=ct.float32), "count": ct.zeros((), dtype=ct.float32)}

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The state after one more batch."""
        raise NotImplementedError

    def value(self, state: State) -> Array:
        """What the state says."""
        return quotient(state["total"], state["count"])

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes one more batch into the state that is kept."""
        weight = None if sample_weight is None else ct.asarray(sample_weight)
        state = self.init() if self._kept is None else self._kept
        self._kept = self.update(state, ct.asarray(y_true), ct.asarray(y_pred), weight)

    def result(self, state: State | None = None) -> Array:
        """What a state says, or the one that is kept."""
        if state is None:
            state = self.init() if self._kept is None else self._kept
        return self.value(state)

    def reset_state(self) -> None:
        """Forgets what is kept."""
        self._kept = None

    def __repr__(self) -> str:
        return line_of(self, [name for name in vars(self) if name != "f"])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def quotient(a: Array, b: Array) -> Array:
    """a / b, 0 where b is 0."""
    return ct.where(b > 0, a / ct.where(b > 0, b, 1.0), 0.0)


def weights_like(values: Array, sample_weight: Array | None) -> Array | float:
    if sample_weight is None:
        return 1.0
    shape = (*sample_weight.shape, *(1,) * (values.ndim - sample_weight.ndim))
    return ct.reshape(ct.astype(sample_weight, ct.float32, copy=False), shape)


class MeanMetric(Metric):
    """The weighted mean of f(y_true, y_pred), one number for each example or element.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> metric = nn.MeanMetric(lambda t, p: ct.abs(t - p), "error")
    >>> metric.update_state([1.0, 2.0], [1.0, 4.0])
    >>> float(metric.result())
    1.0
    """

    def __init__(self, f: Callable[[Array, Array], Array], name: str | None = None) -> None:
        super().__init__(name or getattr(f, "__name__", None))
        self.f = f

    def counted(self, y_true: Array, values: Array) -> Array | None:
        """Which values count; None: all."""
        return None

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The state after one more batch."""
        values = ct.astype(self.f(y_true, y_pred), ct.float32, copy=False)
        weight = weights_like(values, sample_weight)
        ones = ct.ones(values.shape, dtype=ct.float32)
        count = float(values.size) if sample_weight is None else ct.sum(ones * weight)
        if (counted := self.counted(y_true, values)) is not None:
            weight = ct.where(counted, weight, 0.0)
            count = ct.sum(ones * weight)
        total = ct.sum(values * weight)
        return {"total": state["total"] + total, "count": state["count"] + count}


class Mean(Metric):
    """The mean of numbers, as of losses.

    Examples
    --------
    >>> from cnengine import nn
    >>> mean = nn.Mean()
    >>> mean.add(2.0); mean.add(4.0)
    >>> float(mean.result())
    3.0
    """

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The mean of predictions."""
        return self.include(state, ct.mean(y_pred), y_pred.size)

    def include(self, state: State, value: Array, count: float = 1.0) -> State:
        """The state with a mean of so many numbers more."""
        value = ct.astype(value, ct.float32, copy=False)
        return {"total": state["total"] + value * count, "count": state["count"] + count}

    def add(self, value: Any, count: float = 1.0) -> None:
        """Takes a mean of so many numbers into the state that is kept."""
        state = self.init() if self._kept is None else self._kept
        self._kept = self.include(state, ct.asarray(value), count)


def elementwise(y_true: Array, y_pred: Array, what: str) -> Array:
    """y_true in the shape of y_pred: (batch,) fits (batch, 1)."""
    if tuple(y_true.shape) != tuple(y_pred.shape):
        if y_true.size != y_pred.size:
            raise ArgumentError(f"{what}: expected labels like {y_pred.shape}, got {y_true.shape}")
        y_true = ct.reshape(y_true, y_pred.shape)
    return ct.astype(y_true, ct.float32, copy=False)


class MeanSquaredError(MeanMetric):
    """The mean of (y_pred - y_true)^2.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.MeanSquaredError()
    >>> metric.update_state([1.0, 2.0], [1.0, 4.0])
    >>> float(metric.result())
    2.0
    """

    def __init__(self, name: str | None = None) -> None:
        def square(t: Array, p: Array) -> Array:
            d = p - elementwise(t, p, "MeanSquaredError")
            return d * d

        super().__init__(square, name or _snake(type(self).__name__))


class RootMeanSquaredError(MeanSquaredError):
    """The root of the mean of (y_pred - y_true)^2.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.RootMeanSquaredError()
    >>> metric.update_state([0.0, 0.0], [3.0, 3.0])
    >>> float(metric.result())
    3.0
    """

    def value(self, state: State) -> Array:
        """What the state says."""
        return ct.sqrt(super().value(state))


class MeanAbsoluteError(MeanMetric):
    """The mean of |y_pred - y_true|.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.MeanAbsoluteError()
    >>> metric.update_state([1.0, 2.0], [1.0, 4.0])
    >>> float(metric.result())
    1.0
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(
            lambda t, p: ct.abs(p - elementwise(t, p, "MeanAbsoluteError")),
            name or "mean_absolute_error",
        )


class R2Score(Metric):
    """1 - sum of (y_pred - y_true)^2 / sum of (y_true - mean)^2, over all elements.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.R2Score()
    >>> metric.update_state([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name or "r2")

    def init(self) -> State:
        """The state before the first batch: sums, and the labels' mean and spread."""
        zero = ct.zeros((), dtype=ct.float32)
        return {"count": zero, "error": zero, "mean": zero, "spread": zero}

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The state after one more batch; spreads are put together, not squares."""
        y_pred = ct.astype(y_pred, ct.float32, copy=False)
        t = elementwise(y_true, y_pred, "R2Score")
        weight = ct.ones(t.shape, dtype=ct.float32) * weights_like(t, sample_weight)
        count = ct.sum(weight)
        mean = quotient(ct.sum(t * weight), count)
        total, gap = state["count"] + count, mean - state["mean"]
        share = quotient(count, total)
        spread = ct.sum((t - mean) ** 2 * weight)
        return {
            "count": total,
            "error": state["error"] + ct.sum((y_pred - t) ** 2 * weight),
            "mean": state["mean"] + gap * share,
            "spread": state["spread"] + spread + gap * gap * state["count"] * share,
        }

    def value(self, state: State) -> Array:
        """What the state says; 0 where all labels are one number."""
        varies = state["spread"] > 0
        return ct.where(varies, 1.0 - state["error"] / ct.where(varies, state["spread"], 1.0), 0.0)
