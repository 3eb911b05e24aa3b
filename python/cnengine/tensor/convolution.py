"""Convolutions over one or more spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, integers_of

__all__ = ["conv", "conv_transpose"]

Numbers = int | Sequence[int]
Padding = str | int | Sequence[int | tuple[int, int]]


def _each(value: Numbers, axes: int) -> list[int]:
    out = integers_of(value)
    return out * axes if isinstance(value, Integral) else out


def _same(extent: int, reach: int, stride: int) -> tuple[int, int]:
    """Zeros with which an axis gives ceil(extent / stride) places."""
    total = max((-(-extent // stride) - 1) * stride + reach - extent, 0)
    return total // 2, total - total // 2


def _paddings(padding: Padding, extents: Sequence[int], reaches: list[int], strides: list[int],
              name: str) -> list[tuple[int, int]]:  # fmt: skip
    axes = len(extents)
    if padding == "valid":
        return [(0, 0)] * axes
    if padding == "same":
        return [_same(*each) for each in zip(extents, reaches, strides, strict=True)]
    if isinstance(padding, str):
        raise ArgumentError(f'{name}: expected a padding of "same" or "valid", got "{padding}"')
    pads = [padding] * axes if isinstance(padding, Integral) else list(padding)
    return [(each, each) if isinstance(each, Integral) else tuple(each) for each in pads]


def conv(
    x: Array,
    weight: Array,
    /,
    *,
    stride: Numbers = 1,
    padding: Padding = 0,
    dilation: Numbers = 1,
    input_dilation: Numbers = 1,
    groups: int = 1,
) -> Array:
    """Sums of products of a window that moves over the spatial axes.

    Parameters
    ----------
    x
        The input: (n, channels, spatial...), with one to six spatial axes.
    weight
        (outputs, channels / groups, kernel...), of the type of `x`.
    stride
        How far the window moves along each spatial axis.
    padding
        Zeros around the input: a number, one for each spatial axis, pairs of those before and
        behind (negative ones cut off), "valid" for none, or "same" for as many places as the
        input has, divided by the stride and rounded up.
    dilation
        The distance of neighbours of the kernel.
    input_dilation
        The distance of neighbours of the input, with zeros between them.
    groups
        Groups of channels that see each other alone.

    Returns
    -------
    (n, outputs, spatial...), where an axis has floor((dilated input + padding - dilated kernel)
    / stride) + 1 places.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.asarray([[[1.0, 2.0, 3.0, 4.0]]])
    >>> ct.conv(x, ct.asarray([[[1.0, 0.0, -1.0]]]))
    Array([[[-2., -2.]]], dtype=float32)
    """
    axes = max(x.ndim - 2, 0)
    strides, dilations = _each(stride, axes), _each(dilation, axes)
    reaches = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilations, strict=False)]
    spread = _each(input_dilation, axes)
    extents = [(n - 1) * d + 1 for n, d in zip(x.shape[2:], spread, strict=False)]
    pads = _paddings(padding, extents, reaches, strides, "conv")
    return _tensor.conv(
        x, weight, strides, [p[0] for p in pads], [p[1] for p in pads], dilations, spread, groups
    )


def conv_transpose(
    x: Array,
    weight: Array,
    /,
    *,
    stride: Numbers = 1,
    padding: Numbers = 0,
    output_padding: Numbers = 0,
    dilation: Numbers = 1,
    groups: int = 1,
) -> Array:
    """The transpose of `conv`: what a gradient of its result gives to its input.

    `x` is (n, channels, spatial...) and `weight` (channels, outputs / groups, kernel...). An axis
    of the result has (n - 1) stride - 2 padding + dilated kernel + output_padding places.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.asarray([[[1.0, 2.0]]])
    >>> ct.conv_transpose(x, ct.asarray([[[1.0, 10.0]]]), stride=2)
    Array([[[ 1., 10.,  2., 20.]]], dtype=float32)
    """
    axes = max(x.ndim - 2, 0)
    strides, dilations, pads = _each(stride, axes), _each(dilation, axes), _each(padding, axes)
    more = _each(output_padding, axes)
    spatial = [
        (n - 1) * s - 2 * p + (k - 1) * d + 1 + o
        for n, s, p, k, d, o in zip(
            x.shape[2:], strides, pads, weight.shape[2:], dilations, more, strict=False
        )
    ]
    if any(o < 0 or o >= s for o, s in zip(more, strides, strict=False)):
        raise ArgumentError(
            f"conv_transpose: expected output_padding from 0 to less than stride, got {more}"
        )
    outputs = weight.shape[1] * groups if weight.ndim > 1 else 0
    return _tensor.conv_input_gradient(
        x, weight, [x.shape[0] if x.ndim else 0, outputs, *spatial], strides, pads, pads,
        dilations, [1] * axes, groups,
    )  # fmt: skip
