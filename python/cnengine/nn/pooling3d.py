"""Pools of volumes (batch, channels, depth, height, width), and by powers."""

from __future__ import annotations

import math
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.nn.convolution import Extents
from cnengine.nn.pooling import _AdaptiveAvg, _AdaptiveMax, _AvgPool, _MaxPool, _Pool

__all__ = ["AdaptiveAvgPool3d", "AdaptiveMaxPool3d", "AvgPool3d", "LPPool1d", "LPPool2d",
           "LPPool3d", "MaxPool3d"]  # fmt: skip

Array = ct.Array


class MaxPool3d(_MaxPool):
    """As `MaxPool1d`, of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.MaxPool3d(2)(ct.ones((1, 3, 4, 6, 8))).shape
    (1, 3, 2, 3, 4)
    """

    rank: ClassVar = 3


class AvgPool3d(_AvgPool):
    """As `AvgPool1d`, of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AvgPool3d((1, 2, 2))(ct.ones((1, 3, 4, 6, 8))).shape
    (1, 3, 4, 3, 4)
    """

    rank: ClassVar = 3


class AdaptiveAvgPool3d(_AdaptiveAvg):
    """As `AdaptiveAvgPool1d`, of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AdaptiveAvgPool3d(2)(ct.ones((1, 3, 4, 5, 6))).shape
    (1, 3, 2, 2, 2)
    """

    rank: ClassVar = 3


class AdaptiveMaxPool3d(_AdaptiveMax):
    """As `AdaptiveMaxPool1d`, of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AdaptiveMaxPool3d(2)(ct.ones((1, 3, 4, 5, 6))).shape
    (1, 3, 2, 2, 2)
    """

    rank: ClassVar = 3


class _LPPool(_Pool):
    def __init__(
        self,
        norm_type: float,
        kernel_size: Extents,
        stride: Extents | None = None,
        ceil_mode: bool = False,
    ) -> None:
        self._setup(kernel_size, stride, 0, ceil_mode)
        self.norm_type = norm_type

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...), the result has fewer places."""
        total, counts = self._combine(x**self.norm_type, 0.0, lambda a, b: a + b)
        # Of windows that reach beyond the input torch takes the mean of what is there, times size.
        for axis, (extent, kernel, stride, count) in enumerate(
            zip(x.shape[-self.rank :], self.kernel_size, self.stride, counts, strict=True)
        ):
            inside = [min(kernel, extent - at * stride) for at in range(count)]
            if any(each != kernel for each in inside):
                shape = [1] * self.rank
                shape[axis] = count
                scale = ct.asarray([kernel / each for each in inside], dtype=total.dtype)
                total = total * ct.reshape(scale, shape)
        # The root has no derivative at 0: it is 0 there.
        positive = ct.where(total > 0, total, 1.0)
        root = ct.exp(ct.log(positive) / self.norm_type)
        return ct.where(total > 0, root, ct.where(total == 0, 0.0, math.nan))


class LPPool1d(_LPPool):
    """The root of sums of powers: (sum of x^p over a window)^(1/p), of (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.LPPool1d(2, 2)(ct.asarray([[[3.0, 4.0]]]))[0, 0, 0]), 4)
    5.0
    """

    rank: ClassVar = 1


class LPPool2d(_LPPool):
    """As `LPPool1d`, of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.LPPool2d(2, 2)(ct.ones((1, 3, 4, 6))).shape
    (1, 3, 2, 3)
    """

    rank: ClassVar = 2


class LPPool3d(_LPPool):
    """As `LPPool1d`, of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.LPPool3d(2, 2)(ct.ones((1, 3, 4, 6, 8))).shape
    (1, 3, 2, 3, 4)
    """

    rank: ClassVar = 3
