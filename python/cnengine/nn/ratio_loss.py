"""Losses of ratios: of errors to what is right, of what both mark to what either does."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.losses import check_same, reduced
from cnengine.nn.regression_loss import hinge_loss

__all__ = ["dice_loss", "mape_loss", "msle_loss", "squared_hinge_loss", "tversky_loss"]

Array = ct.Array
_EPS = 1e-7  # Keras'


def mape_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """100 |target - prediction| / |target|, of targets nearer to 0 than 1e-7 over that.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.mape_loss(ct.asarray([3.0]), ct.asarray([4.0])))
    25.0
    """
    check_same(prediction, target, "mape_loss")
    target = ct.astype(target, prediction.dtype, copy=False)
    losses = ct.abs(target - prediction) / ct.maximum(ct.abs(target), _EPS) * 100.0
    return reduced(losses, reduction, "mape_loss", weight)


def msle_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """(log(1 + target) - log(1 + prediction))^2, both at least 1e-7.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.msle_loss(ct.asarray([3.0]), ct.asarray([3.0])))
    0.0
    """
    check_same(prediction, target, "msle_loss")
    target = ct.astype(target, prediction.dtype, copy=False)
    gap = ct.log1p(ct.maximum(target, _EPS)) - ct.log1p(ct.maximum(prediction, _EPS))
    return reduced(gap * gap, reduction, "msle_loss", weight)


def squared_hinge_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """max(0, 1 - target * prediction)^2, targets being -1 or 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.squared_hinge_loss(ct.asarray([0.5]), ct.asarray([1.0])))
    0.25
    """
    losses = hinge_loss(prediction, target, reduction="none")
    return reduced(losses * losses, reduction, "squared_hinge_loss", weight)


def tversky_loss(
    prediction: Array, target: Array, *, alpha: float = 0.5, beta: float = 0.5, eps: float = _EPS
) -> Array:
    """1 - hits / (hits + alpha * false positives + beta * misses), of all elements together.

    Predictions are probabilities, targets 0 or 1; `eps` is added to both sides of the fraction.
    Salehi et al. 2017, arXiv:1706.05721.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x, y = ct.asarray([1.0, 1.0, 0.0]), ct.asarray([1.0, 0.0, 0.0])
    >>> round(float(nn.tversky_loss(x, y, alpha=1.0)), 4)
    0.5
    """
    check_same(prediction, target, "tversky_loss")
    if alpha < 0 or beta < 0:
        raise ArgumentError(f"tversky_loss: expected shares of at least 0, got {alpha}, {beta}")
    target = ct.astype(target, prediction.dtype, copy=False)
    hits = ct.sum(prediction * target)
    false, missed = ct.sum((1.0 - target) * prediction), ct.sum(target * (1.0 - prediction))
    return 1.0 - (hits + eps) / (hits + false * alpha + missed * beta + eps)


def dice_loss(prediction: Array, target: Array, *, eps: float = _EPS) -> Array:
    """1 - 2 hits / (sum of predictions + sum of targets), of all elements together.

    Predictions are probabilities, targets 0 or 1; `eps` is added to both sides of the fraction.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x, y = ct.asarray([1.0, 1.0, 0.0]), ct.asarray([1.0, 0.0, 0.0])
    >>> round(float(nn.dice_loss(x, y)), 4)
    0.3333
    """
    check_same(prediction, target, "dice_loss")
    target = ct.astype(target, prediction.dtype, copy=False)
    both = ct.sum(prediction) + ct.sum(target)
    return 1.0 - (ct.sum(prediction * target) * 2.0 + eps) / (both + eps)
