"""Losses of margins between classes, and of labels that hold side by side."""

from __future__ import annotations

import cnengine.tensor as ct
from cnengine.errors import ShapeError
from cnengine.nn.activations import log_sigmoid, softplus
from cnengine.nn.losses import check_same, reduced

__all__ = ["multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss",
           "soft_margin_loss"]  # fmt: skip

Array = ct.Array


def soft_margin_loss(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """log(1 + exp(-target * prediction)), with targets of 1 and -1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.soft_margin_loss(ct.asarray([0.0]), ct.asarray([1.0]))), 4)
    0.6931
    """
    check_same(prediction, target, "soft_margin_loss")
    target = ct.astype(target, prediction.dtype, copy=False)
    return reduced(softplus(-(prediction * target)), reduction, "soft_margin_loss")


def multilabel_soft_margin_loss(
    prediction: Array, target: Array, weight: Array | None = None, *, reduction: str = "mean"
) -> Array:
    """The mean over classes of binary cross-entropies of logits; targets are 0 or 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x, y = ct.asarray([[0.0, 0.0]]), ct.asarray([[1.0, 0.0]])
    >>> round(float(nn.multilabel_soft_margin_loss(x, y)), 4)
    0.6931
    """
    check_same(prediction, target, "multilabel_soft_margin_loss")
    target = ct.astype(target, prediction.dtype, copy=False)
    losses = -(target * log_sigmoid(prediction) + (1.0 - target) * log_sigmoid(-prediction))
    if weight is not None:
        losses = losses * weight
    return reduced(ct.mean(losses, axis=-1), reduction, "multilabel_soft_margin_loss")


def _rows(prediction: Array, target: Array, axes: int, what: str) -> tuple[Array, Array]:
    """Predictions (batch, classes), and targets with a batch as well."""
    if prediction.ndim not in (1, 2) or target.ndim != prediction.ndim + axes - 2:
        raise ShapeError(
            f"{what}: expected (batch, classes) and labels, got {prediction.shape} and "
            f"{target.shape}"
        )
    if prediction.ndim == 1:
        prediction, target = ct.expand_dims(prediction, axis=0), ct.expand_dims(target, axis=0)
    if target.shape[0] != prediction.shape[0]:
        raise ShapeError(f"{what}: expected {prediction.shape[0]} rows, got {target.shape}")
    return prediction, target


def multi_margin_loss(
    prediction: Array,
    target: Array,
    p: int = 1,
    margin: float = 1.0,
    weight: Array | None = None,
    *,
    reduction: str = "mean",
) -> Array:
    """sum over other classes j of max(0, margin - x_y + x_j)^p / classes.

    prediction is (batch, classes), target the class y of each row; `weight` that of the class y.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.multi_margin_loss(ct.asarray([[1.0, 0.5]]), ct.asarray([0])))
    0.25
    """
    single = prediction.ndim == 1
    x, y = _rows(prediction, target, 1, "multi_margin_loss")
    classes = x.shape[1]
    hit = ct.expand_dims(y, axis=1) == ct.arange(classes, dtype=y.dtype)
    own = ct.sum(ct.where(hit, x, 0.0), axis=1, keepdims=True)
    gap = margin - own + x
    gap = ct.where(hit | (gap <= 0), 0.0, gap)
    losses = gap if p == 1 else gap**p
    if weight is not None:
        losses = losses * ct.sum(ct.where(hit, weight, 0.0), axis=1, keepdims=True)
    losses = ct.sum(losses, axis=1) / classes
    return reduced(losses[0] if single else losses, reduction, "multi_margin_loss")


def multilabel_margin_loss(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """sum over labels y and other classes j of max(0, 1 - x_y + x_j) / classes.

    prediction is (batch, classes), each row of target has labels up to the first -1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x, y = ct.asarray([[1.0, 0.5]]), ct.asarray([[0, -1]])
    >>> float(nn.multilabel_margin_loss(x, y))
    0.25
    """
    check_same(prediction, target, "multilabel_margin_loss")
    single = prediction.ndim == 1
    x, y = _rows(prediction, target, 2, "multilabel_margin_loss")
    classes = x.shape[1]
    valid = ct.cumulative_sum(ct.astype(y < 0, ct.int64), axis=1) == 0
    hit = ct.expand_dims(y, axis=2) == ct.arange(classes, dtype=y.dtype)
    hit = hit & ct.expand_dims(valid, axis=2)  # (batch, labels, classes)
    is_label = ct.expand_dims(ct.any(hit, axis=1), axis=1)
    own = ct.sum(ct.where(hit, ct.expand_dims(x, axis=1), 0.0), axis=2)
    gap = 1.0 - ct.expand_dims(own, axis=2) + ct.expand_dims(x, axis=1)
    counts = ct.expand_dims(valid, axis=2) & ~is_label & (gap > 0)
    losses = ct.sum(ct.where(counts, gap, 0.0), axis=(1, 2)) / classes
    return reduced(losses[0] if single else losses, reduction, "multilabel_margin_loss")
