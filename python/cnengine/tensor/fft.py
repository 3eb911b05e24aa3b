"""Discrete Fourier transforms, as `fft` of the Python Array API standard has them.

Axes of any length; float32 and complex64 stay as they are, float64 and complex128 too. Integers,
bools and half precision become float32. `norm` says which way is divided: "backward" the inverse by
n, "forward" the transform, "ortho" both by the root of n. Arrays on a CUDA device are copied to the
CPU, transformed there and copied back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType, complex64, complex128, float32, float64, integers_of
from cnengine.tensor.creation import asarray, astype, zeros
from cnengine.tensor.elementwise import conj

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift",
    "ihfft", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip


def _axis(x: Array, axis: int, function: str) -> int:
    if not -x.ndim <= axis < x.ndim:
        raise ArgumentError(f"{function}: no axis {axis} in an array of the shape {x.shape}")
    return axis % x.ndim


def _scale(n: int, norm: str, is_inverse: bool, function: str) -> float:
    if norm == "ortho":
        return 1 / math.sqrt(n)
    if norm not in ("backward", "forward"):
        raise ArgumentError(f'{function}: expected "backward", "ortho" or "forward", got {norm!r}')
    return 1 / n if (norm == "backward") == is_inverse else 1.0


def _resized(x: Array, axis: int, n: int, function: str) -> Array:
    """Cut off, or zeros put behind."""
    if n < 1:
        raise ShapeError(f"{function}: expected a length of at least 1, got {n}")
    have = x.shape[axis]
    if n < have:
        return x[(slice(None),) * axis + (slice(0, n),)]
    if n == have:
        return x
    shape = (*x.shape[:axis], n - have, *x.shape[axis + 1 :])
    behind = zeros(shape, dtype=x.dtype, device=x.device)
    return _tensor.concat([x, behind], axis)


def _real(x: Array, function: str) -> Array:
    if x.dtype in (float32, float64):
        return x
    if x.dtype in (complex64, complex128):
        raise TypeError(f"{function}: expected real numbers, got {x.dtype.name}")
    return astype(x, float32)


def _complex(x: Array) -> Array:
    if x.dtype in (complex64, complex128):
        return x
    return astype(x, complex128 if x.dtype == float64 else complex64)


def _along(x: Array, n: int | None, axis: int, norm: str, is_inverse: bool, function: str) -> Array:
    axis = _axis(x, axis, function)
    x = _complex(x)
    n = x.shape[axis] if n is None else n
    x = _resized(x, axis, n, function)
    run = _tensor.fft_backward if is_inverse else _tensor.fft_forward
    return run(x, axis, n, _scale(n, norm, is_inverse, function))


def fft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """The transform along an axis: y[k] = sum of x[j] exp(-2 pi i j k / n).

    Parameters
    ----------
    x
        Numbers; real ones are taken as complex.
    n
        The length to transform: longer ones are cut off, shorter ones get zeros behind.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fft.fft(ct.asarray([1.0, 0.0, 0.0, 0.0]))
    Array([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j], dtype=complex64)
    """
    return _along(x, n, axis, norm, False, "fft")


def ifft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """The inverse of `fft`."""
    return _along(x, n, axis, norm, True, "ifft")


def rfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """The transform of real numbers: its first n // 2 + 1 elements, as the others mirror them.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fft.rfft(ct.asarray([1.0, 1.0, 1.0, 1.0]))
    Array([4.+0.j, 0.+0.j, 0.+0.j], dtype=complex64)
    """
    x, axis = _real(x, "rfft"), _axis(x, axis, "rfft")
    n = x.shape[axis] if n is None else n
    x = _resized(x, axis, n, "rfft")
    return _tensor.fft_to_half(x, axis, n, _scale(n, norm, False, "rfft"))


def irfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """The inverse of `rfft`: n real numbers, as many as an even n has by default."""
    return _from_half(x, n, axis, norm, True, "irfft")


def _from_half(
    x: Array, n: int | None, axis: int, norm: str, is_inverse: bool, function: str
) -> Array:
    x, axis = _complex(x), _axis(x, axis, function)
    n = 2 * (x.shape[axis] - 1) if n is None else n
    if n < 1:
        raise ShapeError(f"{function}: expected a length of at least 1, got {n}")
    x = _resized(x, axis, n // 2 + 1, function)
    return _tensor.fft_from_half(x, axis, n, _scale(n, norm, is_inverse, function))


def hfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """The transform of numbers of which the half that is given mirrors the other: real ones."""
    return _from_half(conj(_complex(x)), n, axis, norm, False, "hfft")


def ihfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Array:
    """The inverse of `hfft`."""
    x, axis = _real(x, "ihfft"), _axis(x, axis, "ihfft")
    n = x.shape[axis] if n is None else n
    x = _resized(x, axis, n, "ihfft")
    return conj(_tensor.fft_to_half(x, axis, n, _scale(n, norm, True, "ihfft")))


def _plan(
    x: Array, s: Sequence[int] | None, axes: Sequence[int] | None, function: str
) -> tuple[list[int], list[int | None]]:
    if axes is None:
        axes = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
    axes = [_axis(x, axis, function) for axis in axes]
    if s is not None and len(s) != len(axes):
        raise ShapeError(f"{function}: {len(s)} lengths for {len(axes)} axes")
    return axes, [None] * len(axes) if s is None else list(s)


def fftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str = "backward",
) -> Array:
    """`fft` along several axes, all by default, each cut or filled to a length of `s`."""
    axes, lengths = _plan(x, s, axes, "fftn")
    for axis, n in reversed(list(zip(axes, lengths, strict=True))):
        x = _along(x, n, axis, norm, False, "fftn")
    return _complex(x)


def ifftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str = "backward",
) -> Array:
    """The inverse of `fftn`."""
    axes, lengths = _plan(x, s, axes, "ifftn")
    for axis, n in reversed(list(zip(axes, lengths, strict=True))):
        x = _along(x, n, axis, norm, True, "ifftn")
    return _complex(x)


def rfftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str = "backward",
) -> Array:
    """`rfft` along the last of the axes, then `fft` along the others."""
    axes, lengths = _plan(x, s, axes, "rfftn")
    if not axes:
        raise ArgumentError("rfftn: expected at least one axis")
    x = rfft(x, n=lengths[-1], axis=axes[-1], norm=norm)
    for axis, n in reversed(list(zip(axes[:-1], lengths[:-1], strict=True))):
        x = _along(x, n, axis, norm, False, "rfftn")
    return x


def irfftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str = "backward",
) -> Array:
    """The inverse of `rfftn`; the last axis becomes even unless `s` says otherwise."""
    axes, lengths = _plan(x, s, axes, "irfftn")
    if not axes:
        raise ArgumentError("irfftn: expected at least one axis")
    for axis, n in zip(axes[:-1], lengths[:-1], strict=True):
        x = _along(x, n, axis, norm, True, "irfftn")
    return irfft(x, n=lengths[-1], axis=axes[-1], norm=norm)


def fft2(x: Array, /, *, s: Sequence[int] | None = None, norm: str = "backward") -> Array:
    """`fftn` along the last two axes."""
    return fftn(x, s=s, axes=(-2, -1), norm=norm)


def ifft2(x: Array, /, *, s: Sequence[int] | None = None, norm: str = "backward") -> Array:
    """`ifftn` along the last two axes."""
    return ifftn(x, s=s, axes=(-2, -1), norm=norm)


def rfft2(x: Array, /, *, s: Sequence[int] | None = None, norm: str = "backward") -> Array:
    """`rfftn` along the last two axes."""
    return rfftn(x, s=s, axes=(-2, -1), norm=norm)


def irfft2(x: Array, /, *, s: Sequence[int] | None = None, norm: str = "backward") -> Array:
    """`irfftn` along the last two axes."""
    return irfftn(x, s=s, axes=(-2, -1), norm=norm)


def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType | None = None, device: str | None = None
) -> Array:
    """The frequencies of the elements of `fft`, with samples `d` apart.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fft.fftfreq(4)
    Array([ 0.  ,  0.25, -0.5 , -0.25], dtype=float32)
    """
    return asarray(np.fft.fftfreq(n, d), dtype=dtype or float32, device=device)


def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType | None = None, device: str | None = None
) -> Array:
    """The frequencies of the elements of `rfft`."""
    return asarray(np.fft.rfftfreq(n, d), dtype=dtype or float32, device=device)


def _rolled(x: Array, axes: int | Sequence[int] | None, function: str, is_back: bool) -> Array:
    wanted = range(x.ndim) if axes is None else integers_of(axes)
    for axis in wanted:
        axis = _axis(x, axis, function)
        n = x.shape[axis]
        first = n // 2 if is_back else (n + 1) // 2
        before = (slice(None),) * axis
        parts = [x[(*before, slice(first, n))], x[(*before, slice(0, first))]]
        x = _tensor.concat(parts, axis)
    return x


def fftshift(x: Array, /, *, axes: int | Sequence[int] | None = None) -> Array:
    """The frequency 0 in the middle of each axis."""
    return _rolled(x, axes, "fftshift", False)


def ifftshift(x: Array, /, *, axes: int | Sequence[int] | None = None) -> Array:
    """The inverse of `fftshift`."""
    return _rolled(x, axes, "ifftshift", True)
