"""Layers that change the extents of images: between channels and places, by interpolation, and
by patches as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.module import Module

__all__ = ["Fold", "PixelShuffle", "PixelUnshuffle", "Unfold", "Upsample"]

Array = ct.Array
# Axes of places by mode.
_AXES = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}
_CUBIC = np.float32(-0.75)  # the slope of the cubic kernel, as torch has it


def _pair(value: int | Sequence[int], what: str, least: int) -> tuple[int, int]:
    out = (value, value) if isinstance(value, int) else tuple(value)
    if len(out) != 2 or any(not isinstance(each, int) or each < least for each in out):
        raise ArgumentError(
            f"{what}: expected one or two integers of at least {least}, got {value}"
        )
    return out


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


class Upsample(Module):
    """(batch, channels, ...) with other extents, by nearest places, linearly or cubically.

    Parameters
    ----------
    size, scale_factor
        The extents, or factors of them, one for all axes or one each; just one of the two.
    mode
        ``"nearest"``, ``"linear"``, ``"bilinear"``, ``"trilinear"`` or ``"bicubic"`` (Keys 1981,
        with the slope -0.75).
    align_corners
        Whether the first and last places of both lie on each other, else the borders do.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Upsample(scale_factor=2)(ct.asarray([[[1.0, 2.0]]]))
    Array([[[1., 1., 2., 2.]]], dtype=float32)
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool = False,
    ) -> None:
        if (size is None) == (scale_factor is None):
            raise ArgumentError("Upsample: expected either size or scale_factor")
        if mode != "nearest" and mode not in _AXES:
            raise ArgumentError(
                f"Upsample: expected one of {['nearest', *_AXES]} as mode, got {mode!r}"
            )
        self.size, self.scale_factor = size, scale_factor
        self.mode, self.align_corners = mode, bool(align_corners)

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...). Raises ShapeError for another number of axes."""
        rank = x.ndim - 2
        wanted = _AXES.get(self.mode, rank)
        if rank < 1 or rank != wanted or 0 in x.shape[2:]:
            raise ShapeError(
                f"Upsample: expected (batch, channels, ...) with {max(wanted, 1)} axes of places, "
                f"none empty, got {x.shape}"
            )
        given: Any = self.size if self.scale_factor is None else self.scale_factor
        each = (given,) * rank if isinstance(given, (int, float)) else tuple(given)
        if len(each) != rank:
            raise ShapeError(f"Upsample: expected {rank} extents or factors, got {given}")
        for at, one in enumerate(each):
            extent = x.shape[2 + at]
            count = int(one) if self.scale_factor is None else math.floor(extent * one)
            if count < 1:
                raise ShapeError(f"Upsample: expected extents of at least 1, got {count}")
            step = extent / count if self.scale_factor is None else 1.0 / one
            x = self._along(x, 2 + at, count, step)
        return x

    def _along(self, x: Array, axis: int, count: int, step: float) -> Array:
        extent = x.shape[axis]
        places = np.arange(count, dtype=np.float32)
        if self.mode == "nearest":
            near = np.minimum(np.floor(places * np.float32(step)), extent - 1)
            return ct.take(x, ct.asarray(near.astype(np.int64)), axis=axis)
        if self.align_corners:
            at = places * np.float32((extent - 1) / (count - 1) if count > 1 else 0.0)
        else:
            at = (places + np.float32(0.5)) * np.float32(step) - np.float32(0.5)
        if self.mode == "bicubic":
            return _cubic(x, axis, at)
        at = np.maximum(at, 0)
        low = np.minimum(np.floor(at).astype(np.int64), extent - 1)
        high = np.minimum(low + 1, extent - 1)
        share = (at - low).reshape(-1, *(1,) * (x.ndim - 1 - axis))
        part = ct.astype(ct.asarray(share), x.dtype)
        first = ct.take(x, ct.asarray(low), axis=axis)
        return first * (1.0 - part) + ct.take(x, ct.asarray(high), axis=axis) * part


def _cubic(x: Array, axis: int, at: Any) -> Array:
    """Values at places along an axis, of the four elements around each; ends are repeated."""
    low = np.floor(at)
    t, a = (at - low).astype(np.float32), _CUBIC

    def near(d: Any) -> Any:  # the kernel at distances up to 1
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:  # up to 2
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    total: Any = 0.0
    for shift, weight in zip((-1, 0, 1, 2), (far(1 + t), near(t), near(1 - t), far(2 - t)),
                             strict=True):  # fmt: skip
        index = np.clip(low.astype(np.int64) + shift, 0, x.shape[axis] - 1)
        factor = ct.astype(ct.asarray(weight.reshape(-1, *(1,) * (x.ndim - 1 - axis))), x.dtype)
        total = total + ct.take(x, ct.asarray(index), axis=axis) * factor
    return total


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
