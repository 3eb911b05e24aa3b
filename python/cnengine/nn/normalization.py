"""Layers that bring their input to mean 0 and variance 1, over different axes.

Statistics of float16 and bfloat16 are computed in float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.module import Module
from cnengine.tensor.array import integers_of
from cnengine.tensor.composite import composite

__all__ = ["BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "LayerNorm",
           "RMSNorm"]  # fmt: skip

Array = ct.Array


def wide_of(x: Array) -> Array:
    return ct.astype(x, ct.float32) if x.dtype.itemsize < 4 else x


@composite
def normalized(x: Array, axes: Sequence[int], eps: float) -> Array:
    """(x - mean) / sqrt(variance + eps) over axes."""
    count = math.prod(x.shape[axis] for axis in axes)
    scale = 1.0 / max(count, 1)
    deviation = x - ct.sum(x, axis=axes, keepdims=True) * scale
    variance = ct.sum(deviation * deviation, axis=axes, keepdims=True) * scale
    return deviation * ct.rsqrt(variance + eps)


def affine_of(x: Array, weight: Array | None, bias: Array | None, shape: Sequence[int]) -> Array:
    if weight is not None:
        x = x * ct.reshape(weight, shape)
    return x if bias is None else x + ct.reshape(bias, shape)


@composite
def _layer_norm(
    x: Array, weight: Array | None, bias: Array | None, shape: tuple[int, ...], eps: float
) -> Array:
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    out = affine_of(normalized(wide_of(x), axes, eps), weight, bias, shape)
    return ct.astype(out, x.dtype, copy=False)


@composite
def _rms_norm(x: Array, weight: Array | None, shape: tuple[int, ...], eps: float) -> Array:
    wide = wide_of(x)
    scale = 1.0 / max(math.prod(shape), 1)
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    mean = ct.sum(wide * wide, axis=axes, keepdims=True) * scale
    out = affine_of(wide * ct.rsqrt(mean + eps), weight, None, shape)
    return ct.astype(out, x.dtype, copy=False)


@composite
def _group_norm(
    x: Array, weight: Array | None, bias: Array | None, groups: int, eps: float
) -> Array:
    size = x.shape[1] // groups * math.prod(x.shape[2:])
    rows = ct.reshape(wide_of(x), (x.shape[0], groups, size))
    out = ct.reshape(normalized(rows, (2,), eps), x.shape)
    by_channel = (x.shape[1], *(1,) * (x.ndim - 2))
    return ct.astype(affine_of(out, weight, bias, by_channel), x.dtype, copy=False)


@composite
def _mean_square(x: Array, mean: Array, axes: tuple[int, ...], scale: float) -> Array:
    deviation = wide_of(x) - mean
    return ct.sum(deviation * deviation, axis=axes, keepdims=True) * scale


def _statistics(x: Array, axes: tuple[int, ...], count: int) -> tuple[Array, Array]:
    """Mean and variance over axes, whose extents become 1."""
    scale = 1.0 / max(count, 1)
    mean = ct.sum(wide_of(x), axis=axes, keepdims=True) * scale
    return mean, _mean_square(x, mean, axes, scale)


@composite
def _batch_norm(
    x: Array, mean: Array, var: Array, weight: Array | None, bias: Array | None, eps: float
) -> Array:
    by_channel = (x.shape[1], *(1,) * (x.ndim - 2))
    scale = ct.rsqrt(wide_of(var) + eps)
    if weight is not None:  # one product for each element instead of two
        scale = scale * ct.reshape(weight, by_channel)
    out = affine_of((wide_of(x) - wide_of(mean)) * scale, None, bias, by_channel)
    return ct.astype(out, x.dtype, copy=False)


def _shape_of(shape: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(integers_of(shape))


def _check_last(x: Array, wanted: tuple[int, ...], what: str) -> None:
    if tuple(x.shape[max(x.ndim - len(wanted), 0) :]) != wanted:
        raise ShapeError(f"{what}: expected (..., {wanted}), got {x.shape}")


def layer_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    shape: int | Sequence[int],
    eps: float,
    what: str = "layer_norm",
) -> Array:
    """Over the last axes, which have this shape; raises ShapeError naming `what`."""
    wanted = _shape_of(shape)
    _check_last(x, wanted, what)
    return _layer_norm(x, weight, bias, wanted, eps)


def rms_norm(
    x: Array,
    weight: Array | None,
    shape: int | Sequence[int],
    eps: float | None,
    what: str = "rms_norm",
) -> Array:
    """Over the last axes, which have this shape; raises ShapeError naming `what`."""
    wanted = _shape_of(shape)
    _check_last(x, wanted, what)
    if eps is None:
        eps = _EPSILON.get(x.dtype.name, _EPSILON["float32"])
    return _rms_norm(x, weight, wanted, eps)


class LayerNorm(Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last axes.

    Ba et al. 2016, arXiv:1607.06450.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.LayerNorm(2, eps=0.0)(ct.asarray([[1.0, 3.0]]))
    Array([[-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: ct.DType = ct.float32,
    ) -> None:
        self.normalized_shape = _shape_of(normalized_shape)
        self.eps = eps
        self.weight = ct.ones(self.normalized_shape, dtype=dtype) if elementwise_affine else None
        has_bias = elementwise_affine and bias
        self.bias = ct.zeros(self.normalized_shape, dtype=dtype) if has_bias else None

    def forward(self, x: Array) -> Array:
        """x is (..., *normalized_shape), as is the result."""
        return layer_norm(
            x, self.weight, self.bias, self.normalized_shape, self.eps, type(self).__name__
        )


class RMSNorm(Module):
    """x / sqrt(mean of x^2 + eps) * weight over the last axes.

    `eps` None: the distance from 1 to the next number of the type, as torch does it. Zhang and
    Sennrich 2019, arXiv:1910.07467.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.RMSNorm(2)(ct.asarray([3.0, -3.0]))
    Array([ 1., -1.], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: ct.DType = ct.float32,
    ) -> None:
        self.normalized_shape = _shape_of(normalized_shape)
        self.eps = eps
        self.weight = ct.ones(self.normalized_shape, dtype=dtype) if elementwise_affine else None

    def forward(self, x: Array) -> Array:
        """x is (..., *normalized_shape), as is the result."""
        return rms_norm(x, self.weight, self.normalized_shape, self.eps, type(self).__name__)


_EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}


class GroupNorm(Module):
    """`LayerNorm` over groups of channels of (batch, channels, ...), weights by channel.

    Wu and He 2018, arXiv:1803.08494.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.GroupNorm(2, 4)(ct.ones((3, 4, 5))).shape
    (3, 4, 5)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: ct.DType = ct.float32,
    ) -> None:
        if num_groups < 1 or num_channels % num_groups:
            raise ArgumentError(
                f"GroupNorm: expected channels in equal groups, got {num_channels} in {num_groups}"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.weight = ct.ones((num_channels,), dtype=dtype) if affine else None
        self.bias = ct.zeros((num_channels,), dtype=dtype) if affine and bias else None

    def forward(self, x: Array) -> Array:
        """x is (batch, num_channels, ...), as is the result."""
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(
                f"{type(self).__name__}: expected (batch, {self.num_channels}, ...), got {x.shape}"
            )
        return _group_norm(x, self.weight, self.bias, self.num_groups, self.eps)


class BatchNorm(Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias for each channel (axis 1).

    In training with the statistics of the batch, which `running_mean` and `running_var` follow:
    running = (1 - momentum) * running + momentum * of the batch, of the variance that over n - 1.
    Else with those. `momentum` None: the mean of all batches. Ioffe and Szegedy 2015,
    arXiv:1502.03167.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> norm = nn.BatchNorm(1)
    >>> _ = norm(ct.asarray([[0.0], [10.0]]))
    >>> norm.running_mean
    Array([0.5], dtype=float32)
    """

    state_names: ClassVar = ("running_mean", "running_var", "num_batches_tracked")
    #: Numbers of axes that it takes.
    ranks: ClassVar[tuple[int, ...]] = (2, 3, 4, 5)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: ct.DType = ct.float32,
    ) -> None:
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = ct.ones((num_features,), dtype=dtype) if affine else None
        self.bias = ct.zeros((num_features,), dtype=dtype) if affine and bias else None
        tracks = track_running_stats
        self.running_mean = ct.zeros((num_features,), dtype=dtype) if tracks else None
        self.running_var = ct.ones((num_features,), dtype=dtype) if tracks else None
        self.num_batches_tracked = ct.zeros((), dtype=ct.int64) if tracks else None

    def forward(self, x: Array) -> Array:
        """x is (batch, num_features, ...), as is the result."""
        if x.ndim not in self.ranks or x.shape[1] != self.num_features:
            raise ShapeError(
                f"{type(self).__name__}: expected (batch, {self.num_features}, ...) of "
                f"{' or '.join(map(str, self.ranks))} axes, got {x.shape}"
            )
        by_channel = (self.num_features, *(1,) * (x.ndim - 2))
        if self.training or self.running_mean is None:
            axes = (0, *range(2, x.ndim))
            count = x.size // max(self.num_features, 1)
            if self.training and count < 2:
                raise ShapeError(
                    f"{type(self).__name__}: expected 2 values a channel, got {x.shape}"
                )
            mean, var = _statistics(x, axes, count)
            self._track(ct.reshape(mean, (-1,)), ct.reshape(var, (-1,)), count)
        else:
            mean = ct.reshape(self.running_mean, by_channel)
            var = ct.reshape(self.running_var, by_channel)
        return _batch_norm(x, mean, var, self.weight, self.bias, self.eps)

    def _track(self, mean: Array, var: Array, count: int) -> None:
        if self.running_mean is None or not self.training:
            return
        self.num_batches_tracked = self.num_batches_tracked + 1
        follow = self.momentum
        if follow is None:
            follow = 1.0 / ct.astype(self.num_batches_tracked, mean.dtype)
        unbiased = var * (count / max(count - 1, 1))
        for name, new in (("running_mean", mean), ("running_var", unbiased)):
            old = getattr(self, name)
            # Statistics are no way for derivatives. A large old one leaves no error behind.
            moved = old * (1.0 - follow) + ct.stop_gradient(new) * follow
            setattr(self, name, ct.astype(moved, old.dtype, copy=False))


class BatchNorm1d(BatchNorm):
    """`BatchNorm` of (batch, channels) and (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.BatchNorm1d(3)(ct.zeros((2, 3))).shape
    (2, 3)
    """

    ranks: ClassVar = (2, 3)


class BatchNorm2d(BatchNorm):
    """`BatchNorm` of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.BatchNorm2d(3)(ct.zeros((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    ranks: ClassVar = (4,)


class BatchNorm3d(BatchNorm):
    """`BatchNorm` of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.BatchNorm3d(3)(ct.zeros((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    ranks: ClassVar = (5,)
