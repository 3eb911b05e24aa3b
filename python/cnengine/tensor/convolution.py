"""Convolutions over one or more spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Literal

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, bool_, integers_of, result_type
from cnengine.tensor.creation import asarray

__all__ = ["conv", "conv_transpose", "convolve", "correlate"]

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


Mode = Literal["full", "same", "valid"]


def _two_lines(a: Any, v: Any, mode: str, function: str) -> tuple[Array, Array]:
    lines = [asarray(each) for each in (a, v)]
    lines = [_tensor.reshape(x, [1]) if x.ndim == 0 else x for x in lines]
    if any(x.ndim != 1 or x.size == 0 for x in lines):
        raise ShapeError(f"{function}: expected vectors with elements, got the shapes "
                         f"{lines[0].shape} and {lines[1].shape}")  # fmt: skip
    if mode not in ("full", "same", "valid"):
        raise ArgumentError(f"{function}: expected a mode of full, same, valid, got {mode!r}")
    common = result_type(*lines)
    common = _tensor.int64 if common == bool_ else common
    return tuple(_tensor.cast(x, common) for x in lines)


def _slid(long: Array, short: Array, mode: str) -> Array:
    """Sums of products of the short one along the long one, both as they are."""
    reach = short.shape[0] - 1
    padding = {"full": (reach, reach), "same": (reach - reach // 2, reach // 2), "valid": (0, 0)}
    return conv(long[None, None], short[None, None], padding=[padding[mode]])[0, 0]


def convolve(a: Array, v: Array, /, mode: Mode = "full") -> Array:
    """out[k] = sum over i of a[i] v[k - i], of two vectors.

    Parameters
    ----------
    mode
        "full": wherever both meet, a.size + v.size - 1 places; "same": as many as the longer one
        has, in the middle; "valid": where they overlap as a whole.

    Raises ShapeError for others than vectors with elements. It takes a.size v.size steps; of two
    long vectors products of Fourier transforms (`fft`) take less.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.convolve(ct.asarray([1, 2, 3]), ct.asarray([1, 10]))
    Array([ 1, 12, 23, 30], dtype=int64)
    """
    a, v = _two_lines(a, v, mode, "convolve")
    long, short = (a, v) if a.shape[0] >= v.shape[0] else (v, a)
    return _slid(long, _tensor.flip(short, [0]), mode)


def correlate(a: Array, v: Array, /, mode: Mode = "valid") -> Array:
    """out[k] = sum over i of a[i + k] conj(v[i]), of two vectors; as `convolve`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.correlate(ct.asarray([1, 2, 3]), ct.asarray([1, 10]))
    Array([21, 32], dtype=int64)
    """
    a, v = _two_lines(a, v, mode, "correlate")
    v = _tensor.unary("conj", v) if v.dtype.kind == "complex" else v
    if a.shape[0] >= v.shape[0]:
        return _slid(a, v, mode)
    return _tensor.flip(_slid(v, a, mode), [0])
