"""Norms of each example by itself: over the places of a channel, or over channels that are near."""

from __future__ import annotations

import math
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.module import Module
from cnengine.nn.normalization import BatchNorm, affine_of, normalized, wide_of

__all__ = ["InstanceNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d",
           "LocalResponseNorm"]  # fmt: skip

Array = ct.Array


class InstanceNorm(BatchNorm):
    """(x - mean) / sqrt(variance + eps) over the places of each channel of each example.

    By default without weights. With `track_running_stats` means of these statistics are kept as by
    `BatchNorm`, and used in evaluation. Ulyanov et al. 2016, arXiv:1607.08022.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.InstanceNorm(4)(ct.ones((3, 4, 5))).shape
    (3, 4, 5)
    """

    #: Axes behind the channel that it takes.
    places: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: ct.DType = ct.float32,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, bias=bias, dtype=dtype
        )

    def forward(self, x: Array) -> Array:
        """x is (batch, num_features, ...), as is the result; of one kind only also without batch.

        Raises ShapeError, also for one place only while training.
        """
        single = len(self.places) == 1 and x.ndim == self.places[0] + 1
        rows = ct.expand_dims(x, axis=0) if single else x
        if rows.ndim - 2 not in self.places or rows.shape[1] != self.num_features:
            raise ShapeError(
                f"{type(self).__name__}: expected (batch, {self.num_features}, ...) with "
                f"{self.places} more axes, got {x.shape}"
            )
        by_channel = (self.num_features, *(1,) * (rows.ndim - 2))
        axes = tuple(range(2, rows.ndim))
        wide, count = wide_of(rows), math.prod(rows.shape[2:])
        if self.training or self.running_mean is None:
            if self.training and count < 2:
                raise ShapeError(
                    f"{type(self).__name__}: expected 2 places a channel, got {x.shape}"
                )
            out = normalized(wide, axes, self.eps)
            if self.running_mean is not None:
                mean = ct.mean(wide, axis=axes, keepdims=True)
                var = ct.mean((wide - mean) ** 2, axis=axes)
                batches = self.num_batches_tracked
                self._track(ct.mean(ct.reshape(mean, rows.shape[:2]), axis=0),
                            ct.mean(var, axis=0), count)  # fmt: skip
                if self.momentum is not None:  # counted where it is needed only, as in torch
                    self.num_batches_tracked = batches
        else:
            scale = ct.rsqrt(wide_of(self.running_var) + self.eps)
            out = (wide - ct.reshape(self.running_mean, by_channel)) * ct.reshape(scale, by_channel)
        out = ct.astype(affine_of(out, self.weight, self.bias, by_channel), x.dtype, copy=False)
        return out[0] if single else out


class InstanceNorm1d(InstanceNorm):
    """`InstanceNorm` of (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.InstanceNorm1d(3)(ct.zeros((2, 3, 4))).shape
    (2, 3, 4)
    """

    places: ClassVar = (1,)


class InstanceNorm2d(InstanceNorm):
    """`InstanceNorm` of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.InstanceNorm2d(3)(ct.zeros((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    places: ClassVar = (2,)


class InstanceNorm3d(InstanceNorm):
    """`InstanceNorm` of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.InstanceNorm3d(3)(ct.zeros((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    places: ClassVar = (3,)


class LocalResponseNorm(Module):
    """x / (k + alpha / size * sum of x^2 over the `size` channels around)^beta.

    Krizhevsky et al. 2012.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.LocalResponseNorm(2)(ct.ones((2, 3, 4))).shape
    (2, 3, 4)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        if size < 1:
            raise ArgumentError(f"LocalResponseNorm: expected at least one channel, got {size}")
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...), as is the result. Raises ShapeError."""
        if x.ndim < 3:
            raise ShapeError(f"LocalResponseNorm: expected (batch, channels, ...), got {x.shape}")
        margins = [(0, 0)] * x.ndim
        margins[1] = (self.size // 2, (self.size - 1) // 2)
        squares, channels = ct.pad(x * x, margins), x.shape[1]
        total = squares[:, :channels]
        for at in range(1, self.size):
            total = total + squares[:, at : at + channels]
        return x / (total * (self.alpha / self.size) + self.k) ** self.beta
