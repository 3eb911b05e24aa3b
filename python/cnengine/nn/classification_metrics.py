"""Measures of predicted classes and of scores of what is true."""

from __future__ import annotations

import math
from collections.abc import Callable

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.losses import is_float
from cnengine.nn.metrics import MeanMetric, Metric, State, elementwise, quotient, weights_like

__all__ = ["Accuracy", "F1Score", "Precision", "Recall", "TopKAccuracy"]

Array = ct.Array


def _threshold(threshold: float | None, from_logits: bool, what: str) -> float:
    """Above which scores are true: 0.5, of logits 0, or what was given."""
    if threshold is None:
        return 0.0 if from_logits else 0.5
    if not from_logits:
        return threshold
    if not 0.0 < threshold < 1.0:
        raise ArgumentError(f"{what}: expected a threshold between 0 and 1, got {threshold}")
    return math.log(threshold) - math.log1p(-threshold)


class _OfClasses(MeanMetric):
    """A mean over labels that leaves out those that are `ignore_index`, as `cross_entropy` does."""

    def __init__(self, f: Callable[[Array, Array], Array], name: str, ignore_index: int) -> None:
        self.ignore_index = ignore_index
        super().__init__(f, name)

    def counted(self, y_true: Array, values: Array) -> Array | None:
        """Which values count; None: all."""
        if is_float(y_true) or tuple(y_true.shape) != tuple(values.shape):
            return None
        return ct.astype(y_true, ct.int64, copy=False) != self.ignore_index


class Accuracy(_OfClasses):
    """The share of predictions that are right.

    Labels are classes ((batch, ...) for scores (batch, ..., classes)), rows of probabilities, or 0
    and 1 for scores of one class, which count as 1 where their probability is above `threshold`;
    None: 0.5. Labels that are `ignore_index` count for nothing.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.Accuracy()
    >>> metric.update_state([1, 0], [[0.1, 0.9], [0.3, 0.7]])
    >>> float(metric.result())
    0.5
    """

    def __init__(
        self,
        threshold: float | None = None,
        *,
        axis: int = -1,
        from_logits: bool = False,
        ignore_index: int = -100,
        name: str | None = None,
    ) -> None:
        self.threshold, self.axis = _threshold(threshold, from_logits, "Accuracy"), axis
        super().__init__(self._hits, name or "accuracy", ignore_index)

    def _hits(self, y_true: Array, y_pred: Array) -> Array:
        if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[self.axis] > 1:
            return ct.argmax(y_pred, axis=self.axis) == ct.astype(y_true, ct.int64, copy=False)
        if y_true.ndim == y_pred.ndim and y_pred.ndim > 1 and y_pred.shape[self.axis] > 1:
            if is_float(y_true):
                return ct.argmax(y_pred, axis=self.axis) == ct.argmax(y_true, axis=self.axis)
            raise ArgumentError(f"Accuracy: expected classes or probabilities, got {y_true.shape}")
        truth = elementwise(y_true, y_pred, "Accuracy") > 0.5
        return truth == (y_pred > self.threshold)


class TopKAccuracy(_OfClasses):
    """The share of examples whose class is among the `k` with the largest scores.

    NaN is larger than all, and no hit. Labels that are `ignore_index` count for nothing.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.TopKAccuracy(k=2)
    >>> metric.update_state([1, 0], [[0.1, 0.3, 0.6], [0.1, 0.3, 0.6]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, k: int = 5, *, ignore_index: int = -100, name: str | None = None) -> None:
        if k < 1:
            raise ArgumentError(f"TopKAccuracy: expected k of at least 1, got {k}")
        self.k = k
        super().__init__(self._hits, name or f"top_{k}_accuracy", ignore_index)

    def _hits(self, y_true: Array, y_pred: Array) -> Array:
        classes = y_pred.shape[-1]
        if y_true.ndim == y_pred.ndim:
            y_true = ct.argmax(y_true, axis=-1)
        y_true = ct.expand_dims(ct.astype(y_true, ct.int64, copy=False), axis=-1)
        each = ct.arange(classes, dtype=ct.int64)
        at = y_true == each
        of_class = ct.sum(ct.where(at, y_pred, 0.0), axis=-1, keepdims=True)
        # Among equal scores the smaller class is first, as in an ordering that is stable.
        before = (y_pred > of_class) | ((y_pred == of_class) & (each < y_true)) | ct.isnan(y_pred)
        is_hit = ct.any(at & ~ct.isnan(y_pred), axis=-1)
        return is_hit & (ct.sum(ct.astype(before, ct.int32), axis=-1) < self.k)


class _Confusion(Metric):
    """Counts of what is true and what is predicted."""

    def __init__(
        self,
        threshold: float | None = None,
        *,
        from_logits: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.threshold = _threshold(threshold, from_logits, type(self).__name__)

    def init(self) -> State:
        """The state before the first batch."""
        return {name: ct.zeros((), dtype=ct.float32) for name in ("tp", "fp", "fn")}

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The state after one more batch."""
        truth = elementwise(y_true, y_pred, type(self).__name__)
        said = ct.astype(y_pred > self.threshold, ct.float32)
        weight = weights_like(said, sample_weight)
        counts = {"tp": truth * said, "fp": (1.0 - truth) * said, "fn": truth * (1.0 - said)}
        return {name: state[name] + ct.sum(each * weight) for name, each in counts.items()}


class Precision(_Confusion):
    """The share of what is predicted as true that is true.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.Precision()
    >>> metric.update_state([1, 0, 1], [0.9, 0.8, 0.2])
    >>> float(metric.result())
    0.5
    """

    def value(self, state: State) -> Array:
        """What the state says."""
        return quotient(state["tp"], state["tp"] + state["fp"])


class Recall(_Confusion):
    """The share of what is true that is predicted as true.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.Recall()
    >>> metric.update_state([1, 0, 1], [0.9, 0.8, 0.2])
    >>> float(metric.result())
    0.5
    """

    def value(self, state: State) -> Array:
        """What the state says."""
        return quotient(state["tp"], state["tp"] + state["fn"])


class F1Score(_Confusion):
    """2 / (1 / precision + 1 / recall).

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.F1Score()
    >>> metric.update_state([1, 0, 1], [0.9, 0.8, 0.2])
    >>> float(metric.result())
    0.5
    """

    def value(self, state: State) -> Array:
        """What the state says."""
        return quotient(2.0 * state["tp"], 2.0 * state["tp"] + state["fp"] + state["fn"])
