"""Layers that put windows of (batch, channels, ...) together: their maximum or mean."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.nn.convolution import Extents, extents
from cnengine.nn.module import Module

__all__ = ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
           "AvgPool1d", "AvgPool2d", "GlobalAvgPool1d", "GlobalAvgPool2d", "GlobalMaxPool1d",
           "GlobalMaxPool2d", "MaxPool1d", "MaxPool2d"]  # fmt: skip

Array = ct.Array


def _later_if_larger(first: Array, second: Array) -> Array:
    """The larger of two, of equal ones the first; a NaN stays. So one place gets the derivative."""
    return ct.where((second > first) | (second != second), second, first)


class _Pool(Module):
    """What pools share: a window of `kernel_size` at every `stride`."""

    rank: ClassVar[int]

    def _setup(
        self,
        kernel_size: Extents,
        stride: Extents | None,
        padding: Extents,
        ceil_mode: bool,
        dilation: Extents = 1,
    ) -> None:
        name = type(self).__name__
        self.kernel_size = extents(kernel_size, self.rank, name)
        self.stride = extents(kernel_size if stride is None else stride, self.rank, name)
        self.padding = extents(padding, self.rank, name)
        self.ceil_mode = ceil_mode
        self.dilation = extents(dilation, self.rank, name)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ArgumentError(
                f"{name}: expected a padding of at most half the kernel {self.kernel_size}, "
                f"got {self.padding}"
            )

    def _spans(self) -> list[int]:
        """How far a window reaches along each sliding axis."""
        return [d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True)]

    def _counts(self, shape: Sequence[int]) -> list[int]:
        """Windows along each sliding axis."""
        out = []
        for extent, kernel, stride, pad in zip(
            shape, self._spans(), self.stride, self.padding, strict=True
        ):
            span = extent + 2 * pad - kernel
            if span < 0:
                raise ShapeError(
                    f"{type(self).__name__}: the window {kernel} is larger than {shape}"
                )
            count = (-(-span // stride) if self.ceil_mode else span // stride) + 1
            # A window of ceil_mode must begin within the input or the margin before it.
            if self.ceil_mode and (count - 1) * stride >= extent + pad:
                count -= 1
            out.append(count)
        return out

    def _combine(
        self, x: Array, fill: complex, combine: Callable[[Array, Array], Array]
    ) -> tuple[Array, list[int]]:
        """One strided view for each place of the window, put together."""
        check_rank(self, x)
        counts = self._counts(x.shape[-self.rank :])
        margins = [(0, 0)] * (x.ndim - self.rank)
        for extent, kernel, stride, pad, count in zip(
            x.shape[-self.rank :], self._spans(), self.stride, self.padding, counts, strict=True
        ):
            margins.append((pad, max((count - 1) * stride + kernel - extent - pad, 0)))
        if any(each != (0, 0) for each in margins):
            x = ct.pad(x, margins, value=fill)
        out = None
        for places in itertools.product(*(range(k) for k in self.kernel_size)):
            window = tuple(
                slice(at * apart, at * apart + (count - 1) * stride + 1, stride)
                for at, apart, count, stride in zip(
                    places, self.dilation, counts, self.stride, strict=True
                )
            )
            part = x[(..., *window)]
            out = part if out is None else combine(out, part)
        assert out is not None  # a kernel has at least one place
        return out, counts


def check_rank(module: Module, x: Array) -> None:
    """Raises ShapeError unless x is (batch, channels, ...) or (channels, ...)."""
    if x.ndim not in (module.rank + 1, module.rank + 2):
        raise ShapeError(
            f"{type(module).__name__}: expected (batch, channels, ...) with {module.rank} more "
            f"axes, got {x.shape}"
        )


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: Extents,
        stride: Extents | None = None,
        padding: Extents = 0,
        ceil_mode: bool = False,
        *,
        dilation: Extents = 1,
    ) -> None:
        self._setup(kernel_size, stride, padding, ceil_mode, dilation)

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...), the result has fewer places."""
        if ct.isdtype(x.dtype, "integral"):
            return self._combine(x, ct.iinfo(x.dtype).min, _later_if_larger)[0]
        return self._combine(x, -math.inf, _later_if_larger)[0]


class _AvgPool(_Pool):
    def __init__(
        self,
        kernel_size: Extents,
        stride: Extents | None = None,
        padding: Extents = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self._setup(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...), the result has fewer places."""
        if not ct.isdtype(x.dtype, ("real floating", "complex floating")):
            raise TypeError(f"{type(self).__name__}: expected floats, got {x.dtype.name}")
        total, counts = self._combine(x, 0.0, lambda a, b: a + b)
        if self.divisor_override is not None:
            return total * (1.0 / self.divisor_override)
        size = math.prod(self.kernel_size)
        sizes: list[list[int]] = []
        for extent, kernel, stride, pad, count in zip(
            x.shape[-self.rank :], self.kernel_size, self.stride, self.padding, counts, strict=True
        ):
            # What the window has of the input, and of the margins where these count.
            low, high = (-pad, extent + pad) if self.count_include_pad else (0, extent)
            starts = [at * stride - pad for at in range(count)]
            sizes.append([min(s + kernel, high) - max(s, low) for s in starts])
        if all(set(each) == {k} for each, k in zip(sizes, self.kernel_size, strict=True)):
            return total * (1.0 / size)
        scale = ct.ones((1,) * self.rank, dtype=total.dtype)
        for axis, each in enumerate(sizes):
            shape = [1] * self.rank
            shape[axis] = len(each)
            part = ct.asarray([1.0 / max(n, 1) for n in each], dtype=total.dtype)
            scale = scale * ct.reshape(part, shape)
        return total * scale


class MaxPool1d(_MaxPool):
    """The largest element of each window of (batch, channels, length).

    `stride` None: `kernel_size`, so that windows lie side by side. Margins of `padding` never win.
    Of equal elements the first gets the derivative, as in torch.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.MaxPool1d(2)(ct.asarray([[[1.0, 3.0, 2.0, 0.0]]]))
    Array([[[3., 2.]]], dtype=float32)
    """

    rank: ClassVar = 1


class MaxPool2d(_MaxPool):
    """As `MaxPool1d`, of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.MaxPool2d(2)(ct.ones((1, 3, 4, 6))).shape
    (1, 3, 2, 3)
    """

    rank: ClassVar = 2


class AvgPool1d(_AvgPool):
    """The mean of each window of (batch, channels, length); margins count as zeros, or not at all.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AvgPool1d(2)(ct.asarray([[[1.0, 3.0, 2.0, 0.0]]]))
    Array([[[2., 1.]]], dtype=float32)
    """

    rank: ClassVar = 1


class AvgPool2d(_AvgPool):
    """As `AvgPool1d`, of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AvgPool2d(2)(ct.ones((1, 3, 4, 6))).shape
    (1, 3, 2, 3)
    """

    rank: ClassVar = 2


class _Adaptive(Module):
    """Pools to an `output_size`: window i goes from floor(i n / m) to ceil((i + 1) n / m)."""

    rank: ClassVar[int]

    def __init__(self, output_size: int | Sequence[int | None]) -> None:
        self.output_size = (
            (int(output_size),) * self.rank
            if isinstance(output_size, Integral)
            else tuple(output_size)
        )
        if len(self.output_size) != self.rank:
            raise ArgumentError(
                f"{type(self).__name__}: expected {self.rank} extents, got {output_size}"
            )

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...), the result has `output_size`; None keeps an extent."""
        check_rank(self, x)
        # From the last axis on, so that of equal maxima the first one in order counts.
        for at, wanted in reversed(list(enumerate(self.output_size))):
            axis = x.ndim - self.rank + at
            if wanted is not None and wanted != x.shape[axis]:
                x = self._along(x, axis, wanted)
        return x

    def _along(self, x: Array, axis: int, wanted: int) -> Array:
        extent = x.shape[axis]
        if extent % wanted == 0:  # windows of one size, side by side
            shape = (*x.shape[:axis], wanted, extent // wanted, *x.shape[axis + 1 :])
            return self._reduce(ct.reshape(x, shape), axis + 1)
        parts = []
        for at in range(wanted):
            window = slice(at * extent // wanted, -(-(at + 1) * extent // wanted))
            parts.append(self._reduce(x[(slice(None),) * axis + (window,)], axis))
        return ct.stack(parts, axis=axis)

    def _reduce(self, x: Array, axis: int) -> Array:
        raise NotImplementedError


class _AdaptiveAvg(_Adaptive):
    def _reduce(self, x: Array, axis: int) -> Array:
        return ct.mean(x, axis=axis)


class _AdaptiveMax(_Adaptive):
    def _reduce(self, x: Array, axis: int) -> Array:
        # By places and not by `max`, which shares a derivative among equal elements.
        first = ct.argmax(x, axis=axis, keepdims=True)
        return ct.squeeze(ct.take_along_axis(x, first, axis=axis), axis=axis)


class AdaptiveAvgPool1d(_AdaptiveAvg):
    """The means of `output_size` windows that cover (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AdaptiveAvgPool1d(2)(ct.asarray([[[1.0, 3.0, 2.0]]]))
    Array([[[2. , 2.5]]], dtype=float32)
    """

    rank: ClassVar = 1


class AdaptiveAvgPool2d(_AdaptiveAvg):
    """As `AdaptiveAvgPool1d`, of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AdaptiveAvgPool2d((2, None))(ct.ones((1, 3, 5, 7))).shape
    (1, 3, 2, 7)
    """

    rank: ClassVar = 2


class AdaptiveMaxPool1d(_AdaptiveMax):
    """The maxima of `output_size` windows that cover (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AdaptiveMaxPool1d(2)(ct.asarray([[[1.0, 3.0, 2.0]]]))
    Array([[[3., 3.]]], dtype=float32)
    """

    rank: ClassVar = 1


class AdaptiveMaxPool2d(_AdaptiveMax):
    """As `AdaptiveMaxPool1d`, of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.AdaptiveMaxPool2d(2)(ct.ones((1, 3, 5, 7))).shape
    (1, 3, 2, 2)
    """

    rank: ClassVar = 2


class _Global(Module):
    """Pools all places: (batch, channels, ...) to (batch, channels), as in Keras."""

    rank: ClassVar[int]
    is_max: ClassVar[bool]

    def __init__(self, keepdims: bool = False) -> None:
        self.keepdims = keepdims

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...), the result (batch, channels), axes of 1 with `keepdims`."""
        check_rank(self, x)
        axes = tuple(range(x.ndim - self.rank, x.ndim))
        return (ct.max if self.is_max else ct.mean)(x, axis=axes, keepdims=self.keepdims)


class GlobalAvgPool1d(_Global):
    """The mean over the length of (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.GlobalAvgPool1d()(ct.asarray([[[1.0, 3.0]]]))
    Array([[2.]], dtype=float32)
    """

    rank: ClassVar = 1
    is_max: ClassVar = False


class GlobalAvgPool2d(_Global):
    """The mean over the places of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.GlobalAvgPool2d()(ct.ones((2, 3, 4, 4))).shape
    (2, 3)
    """

    rank: ClassVar = 2
    is_max: ClassVar = False


class GlobalMaxPool1d(_Global):
    """The maximum over the length of (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.GlobalMaxPool1d()(ct.asarray([[[1.0, 3.0]]]))
    Array([[3.]], dtype=float32)
    """

    rank: ClassVar = 1
    is_max: ClassVar = True


class GlobalMaxPool2d(_Global):
    """The maximum over the places of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.GlobalMaxPool2d()(ct.ones((2, 3, 4, 4))).shape
    (2, 3)
    """

    rank: ClassVar = 2
    is_max: ClassVar = True
