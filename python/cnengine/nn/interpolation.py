"""Images and sequences with other extents: by nearest places, between neighbours, as means."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.nn.leaf import is_floating
from cnengine.nn.module import Module
from cnengine.nn.pooling import AdaptiveAvgPool1d, AdaptiveAvgPool2d
from cnengine.nn.pooling3d import AdaptiveAvgPool3d

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", "interpolate"]

Array = ct.Array
# Axes of places by mode; None: 1 to 3.
_AXES = {"nearest": None, "nearest-exact": None, "area": None, "linear": 1, "bilinear": 2,
         "trilinear": 3, "bicubic": 2}  # fmt: skip
_AREA = (AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d)


def interpolate(
    x: Array,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    *,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Array:
    """(batch, channels, ...) with other extents of its 1 to 3 axes of places, as torch's.

    Parameters
    ----------
    size, scale_factor
        The extents, or factors of them, one for all axes or one each; just one of the two.
    mode
        ``"nearest"`` (the place that begins before), ``"nearest-exact"`` (the nearest middle),
        ``"linear"``, ``"bilinear"``, ``"trilinear"``, ``"bicubic"`` (Keys 1981, with the slope
        -0.75), ``"area"`` (means of windows).
    align_corners
        Whether the first and last places of both lie on each other, else the borders do; not of
        nearest ones and areas.
    recompute_scale_factor
        Whether factors are those that the whole extents make.
    antialias
        Whether smaller images take in all that lies between their places, as Pillow's do: kernels
        are widened (cubic ones with the slope -0.5). Of ``"bilinear"`` and ``"bicubic"``.

    Raises ArgumentError for options that do not go together, ShapeError for other numbers of axes,
    TypeError unless x has floats, which those of ``"nearest"`` need not be.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.interpolate(ct.asarray([[[1.0, 3.0]]]), scale_factor=2, mode="linear")
    Array([[[1. , 1.5, 2.5, 3. ]]], dtype=float32)
    """
    _check(size, scale_factor, mode, align_corners, antialias)
    rank = x.ndim - 2
    wanted = _AXES[mode]
    if not 1 <= rank <= 3 or (wanted or rank) != rank or 0 in x.shape[2:]:
        raise ShapeError(
            f"interpolate: expected (batch, channels, ...) with {wanted or '1 to 3'} axes of "
            f"places for {mode!r}, none empty, got {x.shape}"
        )
    if not mode.startswith("nearest") and not is_floating(x):
        raise TypeError(f"interpolate: expected floats for {mode!r}, got {x.dtype.name}")
    counts, factors = _extents(x.shape[2:], size, scale_factor)
    if mode == "area":
        return _AREA[rank - 1](counts)(x)
    for at, (count, factor) in enumerate(zip(counts, factors, strict=True)):
        extent = x.shape[2 + at]
        step = extent / count if factor is None or recompute_scale_factor else 1.0 / factor
        if align_corners:
            step = (extent - 1) / (count - 1) if count > 1 else 0.0
        x = _along(x, 2 + at, count, step, mode, bool(align_corners), antialias)
    return x


def _check(size: Any, factor: Any, mode: str, align_corners: bool | None, antialias: bool) -> None:
    if (size is None) == (factor is None):
        raise ArgumentError("interpolate: expected either size or scale_factor")
    if mode not in _AXES:
        raise ArgumentError(f"interpolate: expected one of {[*_AXES]} as mode, got {mode!r}")
    if align_corners is not None and _AXES[mode] is None:
        raise ArgumentError(f"interpolate: expected no align_corners with {mode!r}")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ArgumentError(f"interpolate: expected no antialias with {mode!r}")


def _extents(shape: Sequence[int], size: Any, factor: Any) -> tuple[list[int], list[Any]]:
    """The extents of the result, and the factors where these were given."""
    given = size if factor is None else factor
    try:
        each = (given,) * len(shape) if not hasattr(given, "__len__") else tuple(given)
        if len(each) != len(shape):
            raise ShapeError(f"interpolate: expected {len(shape)} extents or factors, got {given}")
        counts = [
            int(one) if factor is None else math.floor(extent * float(one))
            for extent, one in zip(shape, each, strict=True)
        ]
    except (builtins.TypeError, OverflowError) as error:
        raise ArgumentError(f"interpolate: expected numbers as extents, got {given!r}") from error
    if min(counts) < 1:
        raise ShapeError(f"interpolate: expected extents of at least 1, got {counts}")
    return counts, [None if factor is None else float(one) for one in each]


def _along(
    x: Array, axis: int, count: int, step: float, mode: str, corners: bool, antialias: bool
) -> Array:
    extent = x.shape[axis]
    number = np.float64 if x.dtype.name == "float64" else np.float32
    places, step = np.arange(count, dtype=number), number(step)
    if mode.startswith("nearest"):
        shift = number(0.5 if mode == "nearest-exact" else 0.0)
        near = np.minimum(np.floor((places + shift) * step), extent - 1)
        return ct.take(x, ct.asarray(near.astype(np.int64)), axis=axis)
    is_cubic = mode == "bicubic"
    if antialias:
        index, weights = _wide_windows(extent, (places + number(0.5)) * step, step, is_cubic)
        return _weighted(x, axis, index, weights)
    at = places * step if corners else (places + number(0.5)) * step - number(0.5)
    at = at if is_cubic else np.maximum(at, 0)
    low = np.floor(at)
    shifts = np.arange(-1, 3) if is_cubic else np.arange(2)
    weights = (_cubic if is_cubic else _linear)(abs(at - low - shifts[:, None].astype(number)))
    index = np.clip(low.astype(np.int64) + shifts[:, None], 0, extent - 1)
    return _weighted(x, axis, index, weights)


def _linear(d: Any) -> Any:
    return np.maximum(1 - d, 0)


def _cubic(d: Any, slope: float = -0.75) -> Any:
    """Keys' kernel at distances d."""
    a = d.dtype.type(slope)
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0))


def _wide_windows(extent: int, middles: Any, step: Any, is_cubic: bool) -> tuple[Any, Any]:
    """Which elements (window, places) have a share in each place, and their shares.

    The kernel is as wide as the step from place to place, at least as that of the input; what of it
    is outside does not count.
    """
    number = middles.dtype.type
    wide = max(step, number(1))
    reach = number(2 if is_cubic else 1) * wide
    first = np.maximum((middles - reach + number(0.5)).astype(np.int64), 0)
    last = np.minimum((middles + reach + number(0.5)).astype(np.int64), extent)
    index = first + np.arange((last - first).max())[:, None]
    d = abs((index - middles + number(0.5)) / wide).astype(number)
    weights = np.where(index < last, _cubic(d, -0.5) if is_cubic else _linear(d), 0)
    return np.minimum(index, extent - 1), (weights / weights.sum(axis=0)).astype(number)


def _weighted(x: Array, axis: int, index: Any, weights: Any) -> Array:
    """The sum over a window of elements along an axis times their weights."""
    total = None
    for places, each in zip(index, weights, strict=True):
        factor = ct.asarray(each.reshape(-1, *(1,) * (x.ndim - 1 - axis)))
        part = ct.take(x, ct.asarray(places), axis=axis) * ct.astype(factor, x.dtype)
        total = part if total is None else total + part
    assert total is not None  # a window has at least one element
    return total


class Upsample(Module):
    """`interpolate` as a layer, with its options.

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
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        _check(size, scale_factor, mode, None, False)
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        # torch's layer takes False with any mode.
        self.align_corners = align_corners if _AXES[mode] or align_corners else None
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...)."""
        return interpolate(
            x,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            recompute_scale_factor=self.recompute_scale_factor,
        )


class UpsamplingNearest2d(Upsample):
    """`Upsample` of images by nearest places.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.UpsamplingNearest2d(scale_factor=2)(ct.ones((1, 1, 2, 3))).shape
    (1, 1, 4, 6)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of images between neighbours, corners on corners.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.UpsamplingBilinear2d(scale_factor=2)(ct.ones((1, 1, 2, 3))).shape
    (1, 1, 4, 6)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", True)
