"""Layers that slide a window over the last axes of (batch, channels, ...)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.nn.initializers import Initializer, fan_in_uniform
from cnengine.nn.leaf import is_floating
from cnengine.nn.module import Module
from cnengine.nn.seed import keys_of
from cnengine.tensor.array import integers_of

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

Array = ct.Array
Extents = int | Sequence[int]


def extents(value: Extents, rank: int, what: str) -> tuple[int, ...]:
    """One number for each of the sliding axes, from one for all of them too."""
    out = tuple(integers_of(value)) * (rank if isinstance(value, Integral) else 1)
    if len(out) != rank:
        raise ArgumentError(f"{what}: expected a number or {rank} numbers, got {value!r}")
    return out


def margins_of(
    padding: Extents | str, kernel: Sequence[int], dilation: Sequence[int], what: str
) -> list[tuple[int, int]]:
    """Zeros before and behind each sliding axis."""
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding == "same":
        total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return [(each // 2, each - each // 2) for each in total]
    if isinstance(padding, str):
        raise ArgumentError(f'{what}: expected numbers, "valid" or "same", got {padding!r}')
    return [(each, each) for each in extents(padding, len(kernel), what)]


class _Convolution(Module):
    """What convolutions share: options, the weight and its first values."""

    rank: ClassVar[int]
    is_transposed: ClassVar[bool] = False

    def _setup(
        self,
        channels: tuple[int, int],
        kernel_size: Extents,
        stride: Extents,
        padding: Extents | str,
        dilation: Extents,
        groups: int,
        bias: bool,
        inits: tuple[Initializer | None, Initializer | None],
        dtype: ct.DType,
        key: Array | None,
    ) -> None:
        name = type(self).__name__
        self.in_channels, self.out_channels = channels
        if groups < 1 or channels[0] % groups or channels[1] % groups:
            raise ArgumentError(
                f"{name}: expected channels in {groups} equal groups, got {channels}"
            )
        self.kernel_size = extents(kernel_size, self.rank, name)
        self.stride = extents(stride, self.rank, name)
        self.dilation = extents(dilation, self.rank, name)
        self.groups = groups
        if isinstance(padding, str):
            if padding not in ("same", "valid") or (padding == "same" and max(self.stride) > 1):
                raise ArgumentError(
                    f'{name}: expected numbers, "valid", or "same" with stride 1, got {padding!r}'
                )
            self.padding: tuple[int, ...] | str = padding
        else:
            self.padding = extents(padding, self.rank, name)
        first, second = channels if self.is_transposed else channels[::-1]
        shape = (first, second // groups, *self.kernel_size)
        default = fan_in_uniform(math.prod(shape[1:]))
        keys = keys_of(key, 2)
        self.weight = (inits[0] or default)(keys[0], shape, dtype)
        self.bias = (inits[1] or default)(keys[1], (channels[1],), dtype) if bias else None

    def _check(self, x: Array) -> Array:
        """x with an axis of the batch."""
        if x.ndim not in (self.rank + 1, self.rank + 2) or x.shape[-self.rank - 1] != (
            self.in_channels
        ):
            raise ShapeError(
                f"{type(self).__name__}: expected (batch, {self.in_channels}, ...) with "
                f"{self.rank} more axes, got {x.shape}"
            )
        if not is_floating(x):
            raise TypeError(
                f"{type(self).__name__}: expected floats, got {x.dtype.name}; cast, and divide by "
                "255 where these are bytes of pictures"
            )
        return x if x.ndim == self.rank + 2 else ct.expand_dims(x, axis=0)

    def _finish(self, out: Array, x: Array) -> Array:
        if self.bias is not None:
            out = out + ct.reshape(self.bias, (-1,) + (1,) * self.rank)
        return out if x.ndim == self.rank + 2 else ct.squeeze(out, 0)


class _Forward(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extents,
        stride: Extents = 1,
        padding: Extents | str = 0,
        dilation: Extents = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        self._setup(
            (in_channels, out_channels), kernel_size, stride, padding, dilation, groups, bias,
            (weight_init, bias_init), dtype, key,
        )  # fmt: skip

    def forward(self, x: Array) -> Array:
        """x is (batch, in_channels, ...) or without batch, the result has out_channels."""
        out = ct.conv(
            self._check(x),
            self.weight,
            stride=self.stride,
            padding=margins_of(self.padding, self.kernel_size, self.dilation, type(self).__name__),
            dilation=self.dilation,
            groups=self.groups,
        )
        return self._finish(out, x)


class Conv1d(_Forward):
    """Products of a weight (out, in / groups, kernel) with windows of (batch, in, length).

    Parameters
    ----------
    stride, dilation
        Steps from window to window, and within a window.
    padding
        Zeros at both ends; ``"same"``: as many as keep the length; ``"valid"``: none.
    groups
        Channels are divided into so many parts, which do not see each other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Conv1d(2, 3, kernel_size=3)(ct.ones((1, 2, 10))).shape
    (1, 3, 8)
    """

    rank: ClassVar = 1


class Conv2d(_Forward):
    """As `Conv1d`, of (batch, in, height, width); options are one number or one for each axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Conv2d(2, 3, 3, stride=2, padding=1)(ct.ones((1, 2, 8, 8))).shape
    (1, 3, 4, 4)
    """

    rank: ClassVar = 2


class Conv3d(_Forward):
    """As `Conv1d`, of (batch, in, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Conv3d(1, 2, 2)(ct.ones((1, 1, 3, 3, 3))).shape
    (1, 2, 2, 2, 2)
    """

    rank: ClassVar = 3


class _Transposed(_Convolution):
    is_transposed: ClassVar = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Extents,
        stride: Extents = 1,
        padding: Extents = 0,
        output_padding: Extents = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Extents = 1,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        self._setup(
            (in_channels, out_channels), kernel_size, stride, padding, dilation, groups, bias,
            (weight_init, bias_init), dtype, key,
        )  # fmt: skip
        name = type(self).__name__
        self.output_padding = extents(output_padding, self.rank, name)
        if any(
            extra >= max(s, d)
            for extra, s, d in zip(self.output_padding, self.stride, self.dilation, strict=True)
        ):
            raise ArgumentError(
                f"{name}: expected an output_padding below stride or dilation, got {output_padding}"
            )

    def forward(self, x: Array) -> Array:
        """x is (batch, in_channels, ...) or without batch, the result has out_channels."""
        out = ct.conv_transpose(
            self._check(x),
            self.weight,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
            groups=self.groups,
        )
        return self._finish(out, x)


class ConvTranspose1d(_Transposed):
    """What the derivative of `Conv1d` by its input computes: each element adds a window.

    The weight is (in, out / groups, kernel); the length becomes (length - 1) * stride - 2 * padding
    + dilation * (kernel - 1) + output_padding + 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.ConvTranspose1d(2, 3, 4, stride=2, padding=1)(ct.ones((1, 2, 5))).shape
    (1, 3, 10)
    """

    rank: ClassVar = 1


class ConvTranspose2d(_Transposed):
    """As `ConvTranspose1d`, of (batch, in, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.ConvTranspose2d(2, 3, 2, stride=2)(ct.ones((1, 2, 4, 4))).shape
    (1, 3, 8, 8)
    """

    rank: ClassVar = 2


class ConvTranspose3d(_Transposed):
    """As `ConvTranspose1d`, of (batch, in, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.ConvTranspose3d(1, 1, 2)(ct.ones((1, 1, 2, 2, 2))).shape
    (1, 1, 3, 3, 3)
    """

    rank: ClassVar = 3
