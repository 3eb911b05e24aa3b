"""Losses of classes and of truth."""

from __future__ import annotations

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.nn.activations import log_softmax
from cnengine.nn.losses import check_same, is_float, reduced
from cnengine.tensor.composite import composite

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
           "focal_loss", "kl_div", "nll_loss"]  # fmt: skip

Array = ct.Array


def _class_numbers(target: Array, what: str) -> Array:
    """Labels in a type that holds all classes and -100. Raises TypeError for floats."""
    if is_float(target):
        raise TypeError(f"{what}: expected whole numbers of classes, got {target.dtype.name}")
    return target if target.dtype.name in ("int32", "int64") else ct.astype(target, ct.int64)


def _classes_last(prediction: Array, axis: int) -> Array:
    axis %= prediction.ndim
    if axis == prediction.ndim - 1:
        return prediction
    order = [each for each in range(prediction.ndim) if each != axis]
    return ct.permute_dims(prediction, (*order, axis))


def _axis_meant(prediction: Array, target: Array, axis: int) -> str:
    """What a message says of the axis of classes, and of another one that would fit."""
    if prediction.ndim < 3:
        return ""
    shape = tuple(prediction.shape)
    told = f"; classes are along axis {axis} of {shape}"
    fitting = [each for each in (-1, 1) if each % len(shape) != axis % len(shape)]
    for each in fitting:
        at = each % len(shape)
        if (*shape[:at], *shape[at + 1 :]) == tuple(target.shape):
            return f"{told}: did you mean axis={each}?"
    return told


@composite
def cross_entropy(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
    axis: int = 1,
) -> Array:
    """-sum_c target_c * log softmax(prediction)_c.

    Parameters
    ----------
    prediction
        Logits, with the classes along `axis` ((batch, classes, ...) as in torch; -1 for sequences
        (batch, length, classes)).
    target
        Whole numbers of classes, in the shape of `prediction` without that axis, or probabilities
        in the shape of `prediction`. The loss of a number that is no class is 0; `Model` refuses
        such labels.
    weight
        Of each class. The mean over numbers of classes is then weighted; over probabilities not.
    ignore_index
        Targets of this number count for nothing.
    label_smoothing
        The share of the target that is spread evenly over all classes.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.cross_entropy(ct.asarray([[0.0, 0.0]]), ct.asarray([1]))), 4)
    0.6931
    """
    if not 0.0 <= label_smoothing <= 1.0:
        raise ArgumentError(f"cross_entropy: expected a smoothing of 0 to 1, got {label_smoothing}")
    logits = _classes_last(prediction, axis if prediction.ndim > 1 else 0)
    classes = logits.shape[-1]
    if is_float(target):
        logp = log_softmax(logits)
        check_same(prediction, target, "cross_entropy")
        target = _classes_last(target, axis if prediction.ndim > 1 else 0)
        if label_smoothing:
            target = target * (1.0 - label_smoothing) + label_smoothing / classes
        if weight is not None:
            target = target * weight
        losses = -ct.sum(target * logp, axis=-1)
        if reduction == "mean":
            return ct.sum(losses) / max(losses.size, 1)
        return reduced(losses, reduction, "cross_entropy")
    target = _class_numbers(target, "cross_entropy")
    if tuple(target.shape) != tuple(logits.shape[:-1]):
        raise ShapeError(
            f"cross_entropy: expected labels of the shape {logits.shape[:-1]}, got {target.shape}"
            f"{_axis_meant(prediction, target, axis)}"
        )
    if label_smoothing:
        logp = log_softmax(logits)
        return _of_labels(logp, target, weight, ignore_index, label_smoothing, reduction)
    losses = ct.softmax_cross_entropy(logits, target)
    counts = ct.astype(target != ignore_index, losses.dtype)
    if weight is not None:
        # Of what is no class 0, as its loss is.
        weights = ct.take(ct.astype(weight, losses.dtype, copy=False), target, mode="skip")
        losses, counts = losses * weights, counts * weights
    losses = ct.where(target == ignore_index, 0.0, losses)
    if reduction == "mean":
        return ct.sum(losses) / ct.sum(counts)
    return reduced(losses, reduction, "cross_entropy")


def _of_labels(
    logp: Array,
    target: Array,
    weight: Array | None,
    ignore_index: int,
    smoothing: float,
    reduction: str,
) -> Array:
    if tuple(target.shape) != tuple(logp.shape[:-1]):
        raise ShapeError(
            f"cross_entropy: expected labels of the shape {logp.shape[:-1]}, got {target.shape}"
        )
    classes = logp.shape[-1]
    counts = ct.astype(target != ignore_index, logp.dtype)
    # A sum over classes instead of a choice: one pass with the softmax, forwards and backwards.
    hit = ct.one_hot(target, classes, dtype=logp.dtype)
    if weight is not None:
        weight = ct.astype(weight, logp.dtype, copy=False)
        counts = counts * ct.sum(hit * weight, axis=-1)
        hit = hit * weight
    losses = -ct.sum(hit * logp, axis=-1)
    if smoothing:
        spread = -ct.sum(logp if weight is None else logp * weight, axis=-1) / classes
        kept = ct.astype(target != ignore_index, logp.dtype)
        losses = losses * (1.0 - smoothing) + spread * kept * smoothing
    # What is ignored hits no class unless its number is one.
    losses = ct.where(target == ignore_index, 0.0, losses)
    if reduction == "mean":
        return ct.sum(losses) / ct.sum(counts)
    return reduced(losses, reduction, "cross_entropy")


def nll_loss(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    axis: int = 1,
) -> Array:
    """-prediction[class], of logarithms of probabilities; as `cross_entropy` without its softmax.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.nll_loss(ct.asarray([[-1.0, -2.0]]), ct.asarray([1])))
    2.0
    """
    logp = _classes_last(prediction, axis if prediction.ndim > 1 else 0)
    target = _class_numbers(target, "nll_loss")
    return _of_labels(logp, target, weight, ignore_index, 0.0, reduction)


def _bounded_logs(p: Array) -> tuple[Array, Array]:
    return ct.maximum(ct.log(p), -100.0), ct.maximum(ct.log1p(-p), -100.0)


@ct.custom_jvp
def _of_truth(p: Array, t: Array) -> Array:
    yes, no = _bounded_logs(p)
    return -(t * yes + (1.0 - t) * no)


def _of_truth_change(
    args: tuple[Array, Array], changes: tuple[Array, Array]
) -> tuple[Array, Array]:
    p, t = args
    yes, no = _bounded_logs(p)
    least = 1e-4 if p.dtype == ct.float16 else 1e-12  # whose inverse the type holds
    by_p = (p - t) / ct.maximum(p * (1.0 - p), least)
    return _of_truth(p, t), by_p * changes[0] + (no - yes) * changes[1]


_of_truth.defjvp(_of_truth_change)


@composite
def binary_cross_entropy(
    prediction: Array, target: Array, weight: Array | None = None, *, reduction: str = "mean"
) -> Array:
    """-(t log p + (1 - t) log(1 - p)) of probabilities p; logarithms are at least -100.

    Its derivative, (p - t) / (p (1 - p)), divides by at least 1e-12 (1e-4 in float16), as in torch:
    it is finite at 0 and 1 as well. NaN of what is no probability.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.binary_cross_entropy(ct.asarray([0.5]), ct.asarray([1.0]))), 4)
    0.6931
    """
    check_same(prediction, target, "binary_cross_entropy")
    target = ct.astype(target, prediction.dtype, copy=False)
    return reduced(_of_truth(prediction, target), reduction, "binary_cross_entropy", weight)


@composite
def binary_cross_entropy_with_logits(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    *,
    pos_weight: Array | float | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Array:
    """`binary_cross_entropy` of sigmoid(prediction), without overflow.

    `pos_weight` multiplies the loss of what is true, by class (the last axis).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> loss = nn.binary_cross_entropy_with_logits(ct.asarray([100.0]), ct.asarray([0.0]))
    >>> float(loss)
    100.0
    """
    check_same(prediction, target, "binary_cross_entropy_with_logits")
    target = ct.astype(target, prediction.dtype, copy=False)
    if label_smoothing:
        target = target * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if pos_weight is None:
        losses = ct.logaddexp(prediction, 0.0) - prediction * target
    else:
        factor = (pos_weight - 1.0) * target + 1.0
        losses = (1.0 - target) * prediction + factor * ct.logaddexp(-prediction, 0.0)
    return reduced(losses, reduction, "binary_cross_entropy_with_logits", weight)


@composite
def focal_loss(
    prediction: Array,
    target: Array,
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: str = "mean",
) -> Array:
    """`binary_cross_entropy_with_logits` times (1 - p)^gamma, p the probability of the truth.

    `alpha` weighs what is true, 1 - alpha the rest. Lin et al. 2017, arXiv:1708.02002.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.focal_loss(ct.asarray([0.0]), ct.asarray([1.0]))), 4)
    0.0433
    """
    losses = binary_cross_entropy_with_logits(prediction, target, reduction="none")
    p = ct.sigmoid(prediction)
    missed = 1.0 - (p * target + (1.0 - p) * (1.0 - target))
    losses = losses * missed**gamma
    weight = None if alpha is None else alpha * target + (1.0 - alpha) * (1.0 - target)
    return reduced(losses, reduction, "focal_loss", weight)


@composite
def kl_div(
    prediction: Array, target: Array, *, reduction: str = "mean", log_target: bool = False
) -> Array:
    """target * (log target - prediction), `prediction` being logarithms; 0 where the target is 0.

    ``"batchmean"`` divides the sum by the first extent, which is the divergence of distributions.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> p = ct.asarray([[0.5, 0.5]])
    >>> float(nn.kl_div(ct.log(p), p, reduction="batchmean"))
    0.0
    """
    check_same(prediction, target, "kl_div")
    if log_target:
        losses = ct.exp(target) * (target - prediction)
    else:
        positive = target > 0
        safe = ct.where(positive, target, 1.0)
        losses = ct.where(positive, safe * ct.log(safe), 0.0) - target * prediction
    if reduction == "batchmean":
        return ct.sum(losses) / max(prediction.shape[0] if prediction.ndim else 1, 1)
    return reduced(losses, reduction, "kl_div")
