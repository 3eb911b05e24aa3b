"""The area under a curve of hits, from counts of scores by their order."""

from __future__ import annotations

import math
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.metrics import Metric, State, elementwise, quotient, weights_like

__all__ = ["AUC"]

Array = ct.Array
_MOST_LOGIT = 104.0  # that of the smallest float32
_OCTAVES = 64.0


class AUC(Metric):
    """The area under the curve of hits by false alarms, or of precision by recall.

    Scores are any numbers, of which the order counts. They are counted in `num_thresholds` bins: a
    half is for those from 0 to 1, by their logit, so that small ones and those near 1 are told
    apart; a quarter each for negative ones and those above 1, by the logarithm. Scores in one bin
    are taken as equal: 0.03 % of a score in the middle, 1.5 % of one near an end.

    Parameters
    ----------
    curve
        ``"ROC"`` or ``"PR"``.
    from_logits
        Whether scores are logits: a finer count of those than without it.

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
        num_thresholds: int = 16_384,
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
        """The state before the first batch: weights of what is true and what is not, by bin."""
        return {name: ct.zeros((self.num_thresholds,)) for name in ("yes", "no")}

    def update(
        self, state: State, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> State:
        """The state after one more batch; scores that are NaN make the area NaN."""
        truth = ct.reshape(elementwise(y_true, y_pred, "AUC"), (-1,))
        score = ct.astype(ct.reshape(y_pred, (-1,)), ct.float32, copy=False)
        weight: Any = 1.0
        if sample_weight is not None:
            weight = ct.reshape(
                ct.broadcast_to(weights_like(y_pred, sample_weight), y_pred.shape), (-1,)
            )
        unknown = ct.isnan(score)
        weight = ct.where(unknown, math.nan, weight)
        at = self._bins_of(ct.where(unknown, 0.0, score))
        return {
            "yes": state["yes"].at[at].add(truth * weight),
            "no": state["no"].at[at].add((1.0 - truth) * weight),
        }

    def _bins_of(self, score: Array) -> Array:
        """Whole numbers that grow with the scores, from 0 to num_thresholds - 1."""
        outer = 0 if self.from_logits else self.num_thresholds // 4
        inner = self.num_thresholds - 2 * outer
        if self.from_logits:
            return _scaled(_of_logit(score), inner)
        inside = ct.minimum(ct.maximum(score, 0.0), 1.0)
        at = outer + _scaled(_of_logit(ct.log(inside) - ct.log1p(-inside)), inner)
        octaves = ct.log2(ct.where(inside == score, 1.0, ct.abs(score)))
        below = outer - 1 - _scaled((octaves + _OCTAVES) / (2.0 * _OCTAVES), outer)
        above = outer + inner + _scaled(octaves / _OCTAVES, outer)
        return ct.where(score < 0.0, below, ct.where(score > 1.0, above, at))

    def value(self, state: State) -> Array:
        """What the state says."""
        end = ct.zeros((1,))
        tp, fp = (
            ct.concat([ct.flip(ct.cumulative_sum(ct.flip(state[name]))), end])
            for name in ("yes", "no")
        )
        if self.curve == "ROC":
            x, y = quotient(fp, fp[0]), quotient(tp, tp[0])
            return ct.sum((x[:-1] - x[1:]) * (y[:-1] + y[1:])) * 0.5 + 0.0 * (fp[0] + tp[0])
        # Davis and Goadrich 2006: true hits are joined by lines, precision is not.
        d_tp = tp[:-1] - tp[1:]
        p = tp + fp
        slope = quotient(d_tp, ct.maximum(p[:-1] - p[1:], 0.0))
        intercept = tp[1:] - slope * p[1:]
        both = (p[:-1] > 0) & (p[1:] > 0)
        ratio = ct.where(both, ct.where(both, p[:-1], 1.0) / ct.where(both, p[1:], 1.0), 1.0)
        gain = slope * (d_tp + intercept * ct.log(ratio))
        return quotient(ct.sum(gain), tp[0]) + 0.0 * p[0]


def _of_logit(logit: Array) -> Array:
    """From 0 to 1, finest where the logit is 0."""
    most = math.asinh(_MOST_LOGIT)
    return ct.asinh(ct.clip(logit, -_MOST_LOGIT, _MOST_LOGIT)) / (2.0 * most) + 0.5


def _scaled(share: Array, bins: int) -> Array:
    """Shares from 0 to 1 as numbers of bins."""
    at = ct.astype(ct.floor(ct.clip(share, 0.0, 1.0) * bins), ct.int32)
    return ct.minimum(at, max(bins - 1, 0))
