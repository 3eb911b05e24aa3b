"""Layers that change the extents of images: between channels and places, and patches as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.module import Module

__all__ = ["ChannelShuffle", "Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]

Array = ct.Array


def _pair(value: int | Sequence[int], what: str, least: int) -> tuple[int, int]:
    out = (value, value) if isinstance(value, Integral) else tuple(value)
    if len(out) != 2 or any(not isinstance(each, Integral) or each < least for each in out):
        raise ArgumentError(
            f"{what}: expected one or two integers of at least {least}, got {value}"
        )
    return out


class ChannelShuffle(Module):
    """(batch, groups * n, ...) with the channels of groups one after the other in turn.

    Zhang et al. 2018, arXiv:1707.01083.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.ChannelShuffle(2)(ct.reshape(ct.arange(4), (1, 4, 1)))[0, :, 0]
    Array([0, 2, 1, 3], dtype=int64)
    """

    def __init__(self, groups: int) -> None:
        if groups < 1:
            raise ArgumentError(f"ChannelShuffle: expected at least one group, got {groups}")
        self.groups = groups

    def forward(self, x: Array) -> Array:
        """Raises ShapeError where channels are no multiple of the groups."""
        if x.ndim < 3 or x.shape[1] % self.groups:
            raise ShapeError(
                f"ChannelShuffle: expected (batch, n * {self.groups}, ...), got {x.shape}"
            )
        batch, channels, *rest = x.shape
        parts = ct.reshape(x, (batch, self.groups, channels // self.groups, *rest))
        return ct.reshape(ct.moveaxis(parts, 1, 2), x.shape)


class PixelShuffle(Module):
    """(..., channels * r^2, height, width) to (..., channels, height * r, width * r).

    Shi et al. 2016, arXiv:1609.05158.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.PixelShuffle(2)(ct.ones((1, 12, 3, 4))).shape
    (1, 3, 6, 8)
    """

    def __init__(self, upscale_factor: int) -> None:
        if upscale_factor < 1:
            raise ArgumentError(f"PixelShuffle: expected at least 1, got {upscale_factor}")
        self.upscale_factor = upscale_factor

    def forward(self, x: Array) -> Array:
        """Raises ShapeError where channels are no multiple of r^2."""
        r = self.upscale_factor
        if x.ndim < 3 or x.shape[-3] % (r * r):
            raise ShapeError(f"PixelShuffle: expected (..., n * {r * r}, h, w), got {x.shape}")
        *front, channels, height, width = x.shape
        n = len(front)
        x = ct.reshape(x, (*front, channels // (r * r), r, r, height, width))
        x = ct.permute_dims(x, (*range(n), n, n + 3, n + 1, n + 4, n + 2))
        return ct.reshape(x, (*front, channels // (r * r), height * r, width * r))


class PixelUnshuffle(Module):
    """The other way round of `PixelShuffle`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.PixelUnshuffle(2)(ct.ones((1, 3, 6, 8))).shape
    (1, 12, 3, 4)
    """

    def __init__(self, downscale_factor: int) -> None:
        if downscale_factor < 1:
            raise ArgumentError(f"PixelUnshuffle: expected at least 1, got {downscale_factor}")
        self.downscale_factor = downscale_factor

    def forward(self, x: Array) -> Array:
        """Raises ShapeError where height or width is no multiple of r."""
        r = self.downscale_factor
        if x.ndim < 3 or x.shape[-2] % r or x.shape[-1] % r:
            raise ShapeError(f"PixelUnshuffle: expected (..., n * {r}, m * {r}), got {x.shape}")
        *front, channels, height, width = x.shape
        n = len(front)
        x = ct.reshape(x, (*front, channels, height // r, r, width // r, r))
        x = ct.permute_dims(x, (*range(n), n, n + 2, n + 4, n + 1, n + 3))
        return ct.reshape(x, (*front, channels * r * r, height // r, width // r))


class _Patches(Module):
    def __init__(
        self,
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
    ) -> None:
        name = type(self).__name__
        self.kernel_size = _pair(kernel_size, f"{name}: kernel_size", 1)
        self.dilation = _pair(dilation, f"{name}: dilation", 1)
        self.padding = _pair(padding, f"{name}: padding", 0)
        self.stride = _pair(stride, f"{name}: stride", 1)

    def _places(self, size: Sequence[int]) -> tuple[Any, tuple[int, int]]:
        """Where (kernel, windows) of both axes lie in the padded image, and how many windows."""
        found, counts = [], []
        for at in range(2):
            reach = self.dilation[at] * (self.kernel_size[at] - 1) + 1
            count = (size[at] + 2 * self.padding[at] - reach) // self.stride[at] + 1
            if count < 1:
                raise ShapeError(
                    f"{type(self).__name__}: windows of {reach} do not fit into {tuple(size)}"
                )
            inside = np.arange(self.kernel_size[at])[:, None] * self.dilation[at]
            found.append(inside + np.arange(count) * self.stride[at])
            counts.append(count)
        rows = ct.asarray(found[0][:, None, :, None])
        columns = ct.asarray(found[1][None, :, None, :])
        return (slice(None), slice(None), rows, columns), (counts[0], counts[1])


class Unfold(_Patches):
    """(batch, channels, height, width) to (batch, channels * kernel, windows).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Unfold((2, 3))(ct.ones((2, 5, 3, 4))).shape
    (2, 30, 4)
    """

    def forward(self, x: Array) -> Array:
        """Raises ShapeError for other numbers of axes, and windows that do not fit."""
        if x.ndim != 4:
            raise ShapeError(f"Unfold: expected (batch, channels, height, width), got {x.shape}")
        key, counts = self._places(x.shape[2:])
        high, wide = self.padding
        x = ct.pad(x, ((0, 0), (0, 0), (high, high), (wide, wide)))
        kernel = math.prod(self.kernel_size)
        return ct.reshape(x[key], (x.shape[0], x.shape[1] * kernel, math.prod(counts)))


class Fold(_Patches):
    """(batch, channels * kernel, windows) to (batch, channels, *output_size): sums of windows.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Fold((3, 4), (2, 3))(ct.ones((2, 30, 4))).shape
    (2, 5, 3, 4)
    """

    def __init__(self, output_size: int | Sequence[int], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.output_size = _pair(output_size, "Fold: output_size", 1)

    def forward(self, x: Array) -> Array:
        """Raises ShapeError where channels or windows are not those of the output."""
        key, counts = self._places(self.output_size)
        kernel, windows = math.prod(self.kernel_size), math.prod(counts)
        if x.ndim != 3 or x.shape[1] % kernel or x.shape[2] != windows:
            raise ShapeError(f"Fold: expected (batch, n * {kernel}, {windows}), got {x.shape}")
        batch, channels = x.shape[0], x.shape[1] // kernel
        (height, width), (high, wide) = self.output_size, self.padding
        image = ct.zeros((batch, channels, height + 2 * high, width + 2 * wide), dtype=x.dtype)
        image = image.at[key].add(ct.reshape(x, (batch, channels, *self.kernel_size, *counts)))
        return image[:, :, high : high + height, wide : wide + width]
