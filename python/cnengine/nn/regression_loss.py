"""Losses of numbers, of distances and of order."""

from __future__ import annotations

import math
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.losses import check_same, reduced
from cnengine.tensor.composite import composite

__all__ = ["cosine_embedding_loss", "cosine_similarity", "gaussian_nll_loss",
           "hinge_embedding_loss", "hinge_loss", "huber_loss", "log_cosh_loss", "mae_loss",
           "margin_ranking_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss",
           "triplet_margin_loss"]  # fmt: skip

Array = ct.Array


@composite
def mse_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """(prediction - target)^2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.mse_loss(ct.asarray([1.0, 3.0]), ct.asarray([1.0, 1.0])))
    2.0
    """
    check_same(prediction, target, "mse_loss")
    difference = prediction - target
    return reduced(difference * difference, reduction, "mse_loss", weight)


@composite
def mae_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """|prediction - target|; torch's l1_loss.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.mae_loss(ct.asarray([1.0, 3.0]), ct.asarray([1.0, 1.0])))
    1.0
    """
    check_same(prediction, target, "mae_loss")
    return reduced(ct.abs(prediction - target), reduction, "mae_loss", weight)


@composite
def huber_loss(
    prediction: Array,
    target: Array,
    *,
    delta: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
) -> Array:
    """d^2 / 2 of differences d up to `delta`, beyond delta (|d| - delta / 2).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.huber_loss(ct.asarray([0.5, 3.0]), ct.zeros((2,)), reduction="none")
    Array([0.125, 2.5  ], dtype=float32)
    """
    check_same(prediction, target, "huber_loss")
    if delta <= 0:
        raise ArgumentError(f"huber_loss: expected a positive delta, got {delta}")
    d = ct.abs(prediction - target)
    losses = ct.where(d <= delta, d * d * 0.5, (d - 0.5 * delta) * delta)
    return reduced(losses, reduction, "huber_loss", weight)


@composite
def smooth_l1_loss(
    prediction: Array,
    target: Array,
    *,
    beta: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
) -> Array:
    """d^2 / (2 beta) of differences d below `beta`, beyond |d| - beta / 2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.smooth_l1_loss(ct.asarray([1.0, 3.0]), ct.zeros((2,)), beta=2.0, reduction="none")
    Array([0.25, 2.  ], dtype=float32)
    """
    check_same(prediction, target, "smooth_l1_loss")
    d = ct.abs(prediction - target)
    losses = ct.where(d < beta, d * d * (0.5 / beta), d - 0.5 * beta) if beta > 0 else d
    return reduced(losses, reduction, "smooth_l1_loss", weight)


@composite
def log_cosh_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """log(cosh(prediction - target)), without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.log_cosh_loss(ct.asarray([2.0]), ct.asarray([2.0])))
    0.0
    """
    check_same(prediction, target, "log_cosh_loss")
    d = prediction - target
    return reduced(ct.logaddexp(d, -d) - math.log(2.0), reduction, "log_cosh_loss", weight)


@composite
def poisson_nll_loss(
    prediction: Array,
    target: Array,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Array:
    """-log of the Poisson distribution of the mean e^prediction, without log(target!).

    `log_input` False: the prediction is the mean.

    `full` adds Stirling's approximation of log(target!) where targets are above 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.poisson_nll_loss(ct.asarray([0.0]), ct.asarray([3.0])))
    1.0
    """
    check_same(prediction, target, "poisson_nll_loss")
    mean = ct.exp(prediction) if log_input else prediction
    losses = mean - target * (prediction if log_input else ct.log(prediction + eps))
    if full:
        large = target > 1
        t = ct.where(large, target, 1.0)
        stirling = t * ct.log(t) - t + ct.log(t * (2.0 * math.pi)) * 0.5
        losses = losses + ct.where(large, stirling, 0.0)
    return reduced(losses, reduction, "poisson_nll_loss")


@composite
def gaussian_nll_loss(
    prediction: Array,
    target: Array,
    var: Array,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Array:
    """-log of the normal distribution of the mean `prediction`, the variance `var` (>= eps).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.gaussian_nll_loss(ct.zeros((1,)), ct.asarray([2.0]), ct.ones((1,))))
    2.0
    """
    check_same(prediction, target, "gaussian_nll_loss")
    # The bound is a constant for derivatives, as in torch.
    var = var + ct.stop_gradient(ct.maximum(var, eps) - var)
    d = prediction - target
    losses = (ct.log(var) + d * d / var) * 0.5
    if full:
        losses = losses + 0.5 * math.log(2.0 * math.pi)
    return reduced(losses, reduction, "gaussian_nll_loss")


@composite
def hinge_loss(
    prediction: Array, target: Array, *, weight: Any = None, reduction: str = "mean"
) -> Array:
    """max(0, 1 - target * prediction), targets being -1 or 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.hinge_loss(ct.asarray([0.5, 2.0]), ct.asarray([1.0, 1.0]), reduction="none")
    Array([0.5, 0. ], dtype=float32)
    """
    check_same(prediction, target, "hinge_loss")
    return reduced(_positive(1.0 - target * prediction), reduction, "hinge_loss", weight)


def _positive(x: Array) -> Array:
    """max(0, x), with the derivative 1 at 0 as torch's; NaN stays."""
    return ct.where(x < 0, 0.0, x)


@composite
def hinge_embedding_loss(
    prediction: Array, target: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> Array:
    """prediction where the target is 1, max(0, margin - prediction) where it is -1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x, y = ct.asarray([0.5, 0.25]), ct.asarray([1.0, -1.0])
    >>> nn.hinge_embedding_loss(x, y, reduction="none")
    Array([0.5 , 0.75], dtype=float32)
    """
    check_same(prediction, target, "hinge_embedding_loss")
    similar = ct.where(target == -1, 0.0, prediction)  # of other labels both, as torch
    losses = similar + ct.where(target == 1, 0.0, _positive(margin - prediction))
    return reduced(losses, reduction, "hinge_embedding_loss")


@composite
def margin_ranking_loss(
    input1: Array, input2: Array, target: Array, *, margin: float = 0.0, reduction: str = "mean"
) -> Array:
    """max(0, margin - target * (input1 - input2)): target 1 wants the first to be larger.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> one = ct.ones((1,))
    >>> float(nn.margin_ranking_loss(one, one * 3.0, one))
    2.0
    """
    check_same(input1, input2, "margin_ranking_loss")
    target = ct.astype(target, input1.dtype, copy=False)
    losses = _positive(margin - target * (input1 - input2))
    return reduced(losses, reduction, "margin_ranking_loss")


@composite
def cosine_similarity(x1: Array, x2: Array, axis: int = -1, eps: float = 1e-8) -> Array:
    """x1 . x2 / (|x1| |x2|) along an axis, each length at least eps.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.cosine_similarity(ct.asarray([3.0, 4.0]), ct.asarray([6.0, 8.0])))
    1.0
    """
    x1, x2 = ct.broadcast_arrays(x1, x2)
    product = ct.sum(x1 * x2, axis=axis)
    squares = (ct.sum(x1 * x1, axis=axis), ct.sum(x2 * x2, axis=axis))
    return (
        product
        * ct.rsqrt(ct.maximum(squares[0], eps * eps))
        * ct.rsqrt(ct.maximum(squares[1], eps * eps))
    )


@composite
def cosine_embedding_loss(
    input1: Array, input2: Array, target: Array, *, margin: float = 0.0, reduction: str = "mean"
) -> Array:
    """1 - cosine where the target is 1, max(0, cosine - margin) where it is -1.

    Inputs are (batch, features), targets (batch,).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x = ct.asarray([[3.0, 4.0]])
    >>> float(nn.cosine_embedding_loss(x, x, ct.asarray([-1.0]), margin=0.5))
    0.5
    """
    check_same(input1, input2, "cosine_embedding_loss")
    cosine = cosine_similarity(input1, input2, eps=1e-6)  # torch's, of squares
    check_same(cosine, target, "cosine_embedding_loss")
    losses = ct.where(target == 1, 1.0 - cosine, _positive(cosine - margin))
    return reduced(losses, reduction, "cosine_embedding_loss")


def triplet_margin_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Array:
    """max(0, |anchor - positive| - |anchor - negative| + margin), by the p-norm of rows.

    `swap`: the negative's distance is that to the nearer of anchor and positive.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> a = ct.zeros((1, 2))
    >>> round(float(nn.triplet_margin_loss(a, a, a + 3.0, margin=5.0)), 3)
    0.757
    """
    check_same(anchor, positive, "triplet_margin_loss")
    check_same(anchor, negative, "triplet_margin_loss")

    def distance(a: Array, b: Array) -> Array:
        return ct.linalg.vector_norm(a - b + eps, axis=-1, ord=p)

    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        other = distance(positive, negative)
        far = ct.minimum(far, other)
    return reduced(_positive(near - far + margin), reduction, "triplet_margin_loss")
