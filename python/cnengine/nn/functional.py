"""Layers as functions of their arrays, by the names of `torch.nn.functional`.

`from cnengine.nn import functional as F`. What draws takes a key, axes are called `axis`, and
nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn import dropout as _dropout
from cnengine.nn import noise, normalization, padding, pooling, pooling3d, resizing
from cnengine.nn.activations import (
    celu,
    elu,
    gelu,
    glu,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softsign,
    swiglu,
    tanh,
    tanhshrink,
    threshold,
)
from cnengine.nn.attention import scaled_dot_product_attention
from cnengine.nn.classification_loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    nll_loss,
)
from cnengine.nn.convolution import Extents, extents, margins_of
from cnengine.nn.ctc import ctc_loss
from cnengine.nn.distance import (
    normalize,
    pairwise_distance,
    pdist,
    triplet_margin_with_distance_loss,
)
from cnengine.nn.grid import affine_grid, grid_sample
from cnengine.nn.instance_norm import LocalResponseNorm
from cnengine.nn.interpolation import interpolate
from cnengine.nn.linear import bilinear, linear
from cnengine.nn.margin_loss import (
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from cnengine.nn.module import Module
from cnengine.nn.regression_loss import (
    cosine_embedding_loss,
    cosine_similarity,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    mae_loss,
    margin_ranking_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    triplet_margin_loss,
)
from cnengine.nn.shrinkage import hard_shrink, soft_shrink
from cnengine.tensor import one_hot, random

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "affine_grid", "alpha_dropout", "avg_pool1d",
    "avg_pool2d", "avg_pool3d", "batch_norm", "bilinear", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "celu", "channel_shuffle", "conv1d", "conv2d", "conv3d",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cosine_embedding_loss",
    "cosine_similarity", "cross_entropy", "ctc_loss", "dropout", "elu", "embedding", "fold",
    "gaussian_nll_loss", "gelu", "glu", "grid_sample", "group_norm", "gumbel_softmax",
    "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "huber_loss",
    "instance_norm", "interpolate", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear",
    "local_response_norm", "log_softmax", "logsigmoid", "lp_pool1d", "lp_pool2d", "lp_pool3d",
    "margin_ranking_loss", "max_pool1d", "max_pool2d", "max_pool3d", "mish", "mse_loss",
    "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss",
    "normalize", "one_hot", "pad", "pairwise_distance", "pdist", "pixel_shuffle",
    "pixel_unshuffle", "poisson_nll_loss", "prelu", "relu", "relu6", "rms_norm",
    "scaled_dot_product_attention", "selu", "sigmoid", "silu", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink", "softsign", "swiglu",
    "tanh", "tanhshrink", "threshold", "triplet_margin_loss", "triplet_margin_with_distance_loss",
    "unfold",
]  # fmt: skip

Array = ct.Array

hardshrink, softshrink = hard_shrink, soft_shrink
hardsigmoid, hardswish, hardtanh = hard_sigmoid, hard_swish, hard_tanh
logsigmoid = log_sigmoid
l1_loss = mae_loss


def _of_layer(name: str, layer: type[Module]) -> Callable[..., Array]:
    def function(x: Array, *args: Any, **options: Any) -> Array:
        return layer(*args, **options)(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`cnengine.nn.{layer.__name__}` of its options, applied to x."
    return function


adaptive_avg_pool1d = _of_layer("adaptive_avg_pool1d", pooling.AdaptiveAvgPool1d)
adaptive_avg_pool2d = _of_layer("adaptive_avg_pool2d", pooling.AdaptiveAvgPool2d)
adaptive_avg_pool3d = _of_layer("adaptive_avg_pool3d", pooling3d.AdaptiveAvgPool3d)
adaptive_max_pool1d = _of_layer("adaptive_max_pool1d", pooling.AdaptiveMaxPool1d)
adaptive_max_pool2d = _of_layer("adaptive_max_pool2d", pooling.AdaptiveMaxPool2d)
adaptive_max_pool3d = _of_layer("adaptive_max_pool3d", pooling3d.AdaptiveMaxPool3d)
avg_pool1d = _of_layer("avg_pool1d", pooling.AvgPool1d)
avg_pool2d = _of_layer("avg_pool2d", pooling.AvgPool2d)
avg_pool3d = _of_layer("avg_pool3d", pooling3d.AvgPool3d)
channel_shuffle = _of_layer("channel_shuffle", resizing.ChannelShuffle)
lp_pool1d = _of_layer("lp_pool1d", pooling3d.LPPool1d)
lp_pool2d = _of_layer("lp_pool2d", pooling3d.LPPool2d)
lp_pool3d = _of_layer("lp_pool3d", pooling3d.LPPool3d)
local_response_norm = _of_layer("local_response_norm", LocalResponseNorm)
max_pool1d = _of_layer("max_pool1d", pooling.MaxPool1d)
max_pool2d = _of_layer("max_pool2d", pooling.MaxPool2d)
max_pool3d = _of_layer("max_pool3d", pooling3d.MaxPool3d)
pixel_shuffle = _of_layer("pixel_shuffle", resizing.PixelShuffle)
pixel_unshuffle = _of_layer("pixel_unshuffle", resizing.PixelUnshuffle)
unfold = _of_layer("unfold", resizing.Unfold)
fold = _of_layer("fold", resizing.Fold)


def _convolution(rank: int, name: str) -> Callable[..., Array]:
    def function(
        x: Array,
        weight: Array,
        bias: Array | None = None,
        stride: Extents = 1,
        padding: Extents | str = 0,
        dilation: Extents = 1,
        groups: int = 1,
    ) -> Array:
        apart = extents(dilation, rank, name)
        margins = margins_of(padding, tuple(weight.shape[2:]), apart, name)
        out = ct.conv(_with_batch(x, rank, name), weight, stride=extents(stride, rank, name),
                      padding=margins, dilation=apart, groups=groups)  # fmt: skip
        return _finished(out, bias, x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"What `cnengine.nn.Conv{name[-2:]}` computes with a weight and a bias."
    return function


def _transposed(rank: int, name: str) -> Callable[..., Array]:
    def function(
        x: Array,
        weight: Array,
        bias: Array | None = None,
        stride: Extents = 1,
        padding: Extents = 0,
        output_padding: Extents = 0,
        groups: int = 1,
        dilation: Extents = 1,
    ) -> Array:
        out = ct.conv_transpose(
            _with_batch(x, rank, name),
            weight,
            stride=extents(stride, rank, name),
            padding=extents(padding, rank, name),
            output_padding=extents(output_padding, rank, name),
            dilation=extents(dilation, rank, name),
            groups=groups,
        )
        return _finished(out, bias, x)

    layer = f"ConvTranspose{name[-2:]}"
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"What `cnengine.nn.{layer}` computes with a weight and a bias."
    return function


def _with_batch(x: Array, rank: int, name: str) -> Array:
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"{name}: expected (batch, channels, ...) with {rank} more axes, got {x.shape}"
        )
    return x if x.ndim == rank + 2 else ct.expand_dims(x, axis=0)


def _finished(out: Array, bias: Array | None, x: Array) -> Array:
    if bias is not None:
        out = out + ct.reshape(bias, (-1,) + (1,) * (out.ndim - 2))
    return out if x.ndim == out.ndim else ct.squeeze(out, axis=0)


conv1d, conv2d, conv3d = (_convolution(rank, f"conv{rank}d") for rank in (1, 2, 3))
conv_transpose1d, conv_transpose2d, conv_transpose3d = (
    _transposed(rank, f"conv_transpose{rank}d") for rank in (1, 2, 3)
)


def layer_norm(
    x: Array,
    normalized_shape: int | Sequence[int],
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> Array:
    """What `cnengine.nn.LayerNorm` computes with a weight and a bias.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.layer_norm(ct.asarray([[1.0, 3.0]]), 2, eps=0.0)
    Array([[-1.,  1.]], dtype=float32)
    """
    return normalization.layer_norm(x, weight, bias, normalized_shape, eps)


def rms_norm(
    x: Array,
    normalized_shape: int | Sequence[int],
    weight: Array | None = None,
    eps: float | None = None,
) -> Array:
    """What `cnengine.nn.RMSNorm` computes with a weight.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.rms_norm(ct.asarray([3.0, -3.0]), 2)
    Array([ 1., -1.], dtype=float32)
    """
    return normalization.rms_norm(x, weight, normalized_shape, eps)


def group_norm(
    x: Array,
    num_groups: int,
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> Array:
    """What `cnengine.nn.GroupNorm` computes with a weight and a bias.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.group_norm(ct.asarray([[[1.0, 3.0]]]), 1, eps=0.0)
    Array([[[-1.,  1.]]], dtype=float32)
    """
    layer = normalization.GroupNorm(num_groups, x.shape[1], eps, affine=False)
    layer.weight, layer.bias = weight, bias
    return layer(x)


def instance_norm(
    x: Array, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
) -> Array:
    """Each channel of each example over its places, as `cnengine.nn.InstanceNorm` has it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.instance_norm(ct.asarray([[[1.0, 3.0]]]), eps=0.0)
    Array([[[-1.,  1.]]], dtype=float32)
    """
    return group_norm(x, x.shape[1], weight, bias, eps)


def batch_norm(
    x: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    eps: float = 1e-5,
) -> Array:
    """Each channel by given statistics, in training by those of the batch, which are not kept.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.batch_norm(ct.asarray([[5.0]]), ct.asarray([3.0]), ct.asarray([4.0]), eps=0.0)
    Array([[1.]], dtype=float32)
    """
    layer = normalization.BatchNorm(x.shape[1], eps, affine=False, track_running_stats=False)
    layer.weight, layer.bias = weight, bias
    if not training and (running_mean is None or running_var is None):
        raise ArgumentError("batch_norm: expected statistics, or training")
    if not training:
        layer.running_mean, layer.running_var = running_mean, running_var
    return layer.train(training)(x)


def embedding(ids: Array, weight: Array) -> Array:
    """The rows of a weight by whole numbers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.embedding(ct.asarray([1, 1]), ct.eye(2))
    Array([[0., 1.],
           [0., 1.]], dtype=float32)
    """
    return ct.take(weight, ids, axis=0)


def pad(x: Array, widths: Sequence[int], mode: str = "constant", value: float = 0.0) -> Array:
    """Elements before and behind the last axes: two numbers for each, those of the last one first.

    `mode` is ``"constant"``, ``"reflect"``, ``"replicate"`` or ``"circular"``;
    `cnengine.tensor.pad` takes widths by axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.pad(ct.asarray([1.0, 2.0]), (1, 2))
    Array([0., 1., 2., 0., 0.], dtype=float32)
    """
    if len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise ArgumentError(f"pad: expected pairs for at most {x.ndim} axes, got {widths}")
    pairs = [(widths[at], widths[at + 1]) for at in range(0, len(widths), 2)]
    if mode == "constant":
        return ct.pad(x, [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1], value=value)
    return padding.padded(x, pairs, mode)


def dropout(x: Array, p: float = 0.5, training: bool = True, *, key: Array) -> Array:
    """While training 0 with the probability p, else x / (1 - p); drawn from a key.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> float(ct.max(F.dropout(ct.ones(100), 0.5, key=ct.random.key(0))))
    2.0
    """
    return _dropout.dropout(x, _share(p, "dropout"), key) if training and p else x


def alpha_dropout(x: Array, p: float = 0.5, training: bool = True, *, key: Array) -> Array:
    """What `cnengine.nn.AlphaDropout` computes, drawn from a key.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> F.alpha_dropout(ct.ones(100), 0.5, key=ct.random.key(0)).shape
    (100,)
    """
    return noise.alpha_dropout(x, _share(p, "alpha_dropout"), key) if training and p else x


def _share(p: float, what: str) -> float:
    if not 0.0 <= p < 1.0:
        raise ArgumentError(f"{what}: expected 0 <= p < 1, got {p}")
    return p


def gumbel_softmax(
    logits: Array, tau: float = 1.0, hard: bool = False, axis: int = -1, *, key: Array
) -> Array:
    """softmax((logits + g) / tau) with g of Gumbel's distribution: classes that are drawn.

    `hard`: the largest as 1, the rest 0, with the derivative of the soft ones. Jang et al. 2017,
    arXiv:1611.01144.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.nn import functional as F
    >>> y = F.gumbel_softmax(ct.zeros((5, 3)), hard=True, key=ct.random.key(0))
    >>> [float(each) for each in ct.sum(y, axis=1)]
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    if tau <= 0:
        raise ArgumentError(f"gumbel_softmax: expected a positive tau, got {tau}")
    drawn = random.gumbel(key, logits.shape, dtype=logits.dtype)
    soft = softmax((logits + drawn) / tau, axis)
    if not hard:
        return soft
    index = ct.argmax(soft, axis=axis, keepdims=True)
    places = ct.reshape(ct.arange(soft.shape[axis]), [
        -1 if each == axis % soft.ndim else 1 for each in range(soft.ndim)])  # fmt: skip
    chosen = ct.astype(places == index, soft.dtype)
    return chosen - ct.stop_gradient(soft) + soft
