"""Measures of predicted classes and of scores of what is true."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.losses import is_float
from cnengine.nn.metrics import MeanMetric, Metric, State, elementwise, quotient, weights_like

__all__ = ["AUC", "Accuracy", "F1Score", "Precision", "Recall", "TopKAccuracy"]

Array = ct.Array


class Accuracy(MeanMetric):
    """The share of predictions that are right.

    Labels are classes ((batch, ...) for scores (batch, ..., classes)), rows of probabilities, or 0
    and 1 for scores of one class, which count as 1 above `threshold` (0 for logits).

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.Accuracy()
    >>> metric.update_state([1, 0], [[0.1, 0.9], [0.3, 0.7]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, threshold: float = 0.5, *, axis: int = -1, name: str | None = None) -> None:
        self.threshold, self.axis = threshold, axis
        super().__init__(self._hits, name or "accuracy")

    def _hits(self, y_true: Array, y_pred: Array) -> Array:
        if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[self.axis] > 1:
            return ct.argmax(y_pred, axis=self.axis) == ct.astype(y_true, ct.int64, copy=False)
        if y_true.ndim == y_pred.ndim and y_pred.ndim > 1 and y_pred.shape[self.axis] > 1:
            if is_float(y_true):
                return ct.argmax(y_pred, axis=self.axis) == ct.argmax(y_true, axis=self.axis)
            raise ArgumentError(f"Accuracy: expected classes or probabilities, got {y_true.shape}")
        truth = elementwise(y_true, y_pred, "Accuracy") > 0.5
        return truth == (y_pred > self.threshold)


class TopKAccuracy(MeanMetric):
    """The share of examples whose class is among the `k` with the largest scores.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.TopKAccuracy(k=2)
    >>> metric.update_state([1, 0], [[0.1, 0.3, 0.6], [0.1, 0.3, 0.6]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, k: int = 5, *, name: str | None = None) -> None:
        if k < 1:
            raise ArgumentError(f"TopKAccuracy: expected k of at least 1, got {k}")
        self.k = k
        super().__init__(self._hits, name or f"top_{k}_accuracy")

    def _hits(self, y_true: Array, y_pred: Array) -> Array:
        classes = y_pred.shape[-1]
        if y_true.ndim == y_pred.ndim:
            y_true = ct.argmax(y_true, axis=-1)
        at = ct.expand_dims(y_true, axis=-1) == ct.arange(classes, dtype=y_true.dtype)
        of_class = ct.sum(ct.where(at, y_pred, 0.0), axis=-1, keepdims=True)
        # Among equal scores the smaller class is first, as in an ordering that is stable.
        before = (y_pred > of_class) | (
            (y_pred == of_class)
            & (ct.arange(classes, dtype=y_true.dtype) < ct.expand_dims(y_true, axis=-1))
        )
        return ct.sum(ct.astype(before, ct.int32), axis=-1) < self.k


class _Confusion(Metric):
    """Counts of what is true and what is predicted."""

    def __init__(self, threshold: float = 0.5, *, name: str | None = None) -> None:
        super().__init__(name)
        self.threshold = threshold

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


class AUC(Metric):
    """The area under the curve of hits by false alarms, or of precision by recall.

    Scores are counted at `num_thresholds` thresholds from 0 to 1 and joined by lines, as in Keras:
    the area is exact up to about 1 / num_thresholds.

    Parameters
    ----------
    curve
        ``"ROC"`` or ``"PR"``.
    from_logits
        Whether scores go through a sigmoid first.

    Examples
    --------
    >>> from cnengine import nn
    >>> metric = nn.AUC()
    >>> metric.update_state([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    >>> round(float(metric.result()), 4)
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        *,
        from_logits: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(name or "auc")
        if num_thresholds < 2 or curve not in ("ROC", "PR"):
            raise ArgumentError(
                f"AUC: expected two thresholds or more and ROC or PR, got {num_thresholds}, "
                f"{curve!r}"
            )
        self.num_thresholds, self.curve, self.from_logits = num_thresholds, curve, from_logits

    def init(self) -> State:
        """The state before the first batch."""
        shape = (self.num_thresholds,)
        return {
            "tp": ct.zeros(shape),
            "fp": ct.zeros(shape),
            "yes": ct.zeros(()),
            "no": ct.zeros(()),
        }

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The state after one more batch."""
        truth = ct.reshape(elementwise(y_true, y_pred, "AUC"), (-1,))
        score = ct.astype(ct.reshape(y_pred, (-1,)), ct.float32, copy=False)
        if self.from_logits:
            score = ct.sigmoid(score)
        weight: Any = 1.0
        if sample_weight is not None:
            weight = ct.reshape(
                ct.broadcast_to(weights_like(y_pred, sample_weight), y_pred.shape), (-1,)
            )
        last = self.num_thresholds - 1
        inner = [at / last for at in range(1, last)]
        thresholds = ct.asarray([-1e-7, *inner, 1.0 + 1e-7], dtype=ct.float32)
        above = ct.astype(
            ct.expand_dims(score, axis=0) > ct.expand_dims(thresholds, axis=1), ct.float32
        )
        yes, no = truth * weight, (1.0 - truth) * weight
        return {
            "tp": state["tp"] + ct.matmul(above, yes),
            "fp": state["fp"] + ct.matmul(above, no),
            "yes": state["yes"] + ct.sum(yes),
            "no": state["no"] + ct.sum(no),
        }

    def value(self, state: State) -> Array:
        """What the state says."""
        tp, fp = state["tp"], state["fp"]
        if self.curve == "ROC":
            x, y = quotient(fp, state["no"]), quotient(tp, state["yes"])
            return ct.sum((x[:-1] - x[1:]) * (y[:-1] + y[1:])) * 0.5
        # Davis and Goadrich 2006: true hits are joined by lines, precision is not.
        d_tp = tp[:-1] - tp[1:]
        p = tp + fp
        slope = quotient(d_tp, ct.maximum(p[:-1] - p[1:], 0.0))
        intercept = tp[1:] - slope * p[1:]
        both = (p[:-1] > 0) & (p[1:] > 0)
        ratio = ct.where(both, ct.where(both, p[:-1], 1.0) / ct.where(both, p[1:], 1.0), 1.0)
        gain = slope * (d_tp + intercept * ct.log(ratio))
        return quotient(ct.sum(gain), state["yes"])
