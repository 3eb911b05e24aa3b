"""Values of images at places that a grid tells, and grids of affine maps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError

__all__ = ["affine_grid", "grid_sample"]

Array = ct.Array


def affine_grid(theta: Array, size: Sequence[int], align_corners: bool = False) -> Array:
    """Places (batch, ..., axes) that affine maps send the places of an image to, for `grid_sample`.

    theta is (batch, axes, axes + 1), `size` that of the image, (batch, channels, ...) with 2 or 3
    axes of places.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> same = ct.asarray([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> nn.affine_grid(same, (1, 3, 2, 4))[0, 0, :, 0]
    Array([-0.75, -0.25,  0.25,  0.75], dtype=float32)
    """
    axes = len(size) - 2
    if axes not in (2, 3) or tuple(theta.shape) != (size[0], axes, axes + 1):
        raise ShapeError(
            f"affine_grid: expected maps (batch, axes, axes + 1) and a size of 4 or 5 extents, got "
            f"{theta.shape} and {tuple(size)}"
        )
    lines = []
    for extent in size[2:]:
        line = ct.arange(extent, dtype=theta.dtype)
        if align_corners:
            lines.append(line * (2.0 / max(extent - 1, 1)) - (1.0 if extent > 1 else 0.0))
        else:
            lines.append((line * 2.0 + 1.0) / extent - 1.0)
    whole = ct.meshgrid(*lines, indexing="ij")
    ones = ct.ones(whole[0].shape, dtype=theta.dtype)
    places = ct.reshape(ct.stack([*whole[::-1], ones], axis=-1), (1, ones.size, axes + 1))
    out = ct.matmul(places, ct.permute_dims(theta, (0, 2, 1)))
    return ct.reshape(out, (size[0], *size[2:], axes))


def _folded(at: Array, low: float, high: float) -> Array:
    """Places reflected at two bounds until they lie between."""
    if high <= low:
        return at * 0.0
    at, span = ct.abs(at - low), high - low
    turns = ct.floor(at / span)
    rest = at - turns * span
    return ct.where(turns - 2.0 * ct.floor(turns / 2.0) == 0.0, rest + low, span - rest + low)


def _place(at: Array, extent: int, padding: str, corners: bool) -> Array:
    """Places from -1 to 1 as those of elements."""
    at = (at + 1.0) * ((extent - 1) / 2) if corners else ((at + 1.0) * extent - 1.0) / 2.0
    if padding == "zeros":
        return at
    if padding == "reflection":
        at = _folded(at, 0.0, extent - 1.0) if corners else _folded(at, -0.5, extent - 0.5)
    return ct.clip(at, 0.0, extent - 1.0)


def grid_sample(
    x: Array,
    grid: Array,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Array:
    """Values of (batch, channels, ...) at the places of a grid, as torch's.

    Parameters
    ----------
    grid
        (batch, ..., axes), the last axis of x first, from -1 to 1 within the image.
    mode
        ``"bilinear"`` (also of three axes) or ``"nearest"``.
    padding_mode
        What is outside: ``"zeros"``, ``"border"``, or ``"reflection"``.
    align_corners
        Whether -1 and 1 are the middles of the first and last elements, else their borders.

    Raises ArgumentError for other modes, ShapeError where x and grid do not go together.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x = ct.asarray([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> nn.grid_sample(x, ct.zeros((1, 1, 1, 2)))
    Array([[[[2.5]]]], dtype=float32)
    """
    axes = x.ndim - 2
    if mode not in ("bilinear", "nearest"):
        raise ArgumentError(f"grid_sample: expected bilinear or nearest as mode, got {mode!r}")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ArgumentError(
            f"grid_sample: expected zeros, border or reflection outside, got {padding_mode!r}"
        )
    if axes not in (2, 3) or grid.ndim != x.ndim or grid.shape[0] != x.shape[0] or (
        grid.shape[-1] != axes) or 0 in x.shape[2:]:  # fmt: skip
        raise ShapeError(
            "grid_sample: expected (batch, channels, ...) with 2 or 3 axes of places and a grid "
            f"(batch, ..., axes), got {x.shape} and {grid.shape}"
        )
    places = [
        _place(grid[..., axes - 1 - at], x.shape[2 + at], padding_mode, align_corners)
        for at in range(axes)
    ]
    if mode == "nearest":
        return _taken(x, [ct.round(each) for each in places])
    low = [ct.floor(each) for each in places]
    total = None
    for corner in itertools.product((0, 1), repeat=axes):
        share = None
        for at, first, step in zip(places, low, corner, strict=True):
            each = at - first if step else 1.0 - (at - first)
            share = each if share is None else share * each
        part = _taken(x, [first + step for first, step in zip(low, corner, strict=True)])
        part = part * ct.expand_dims(share, axis=1)
        total = part if total is None else total + part
    assert total is not None
    return total


def _taken(x: Array, places: Sequence[Array]) -> Array:
    """Elements (batch, channels, ...) of x at whole places (batch, ...); zeros outside."""
    batch, channels = x.shape[:2]
    inside, flat = None, None
    for at, extent in zip(places, x.shape[2:], strict=True):
        within = (at >= 0) & (at <= extent - 1)
        inside = within if inside is None else inside & within
        near = ct.astype(ct.where(within, at, 0.0), ct.int64)
        flat = near if flat is None else flat * extent + near
    assert flat is not None
    assert inside is not None
    count = flat.size // max(batch, 1)
    index = ct.broadcast_to(ct.reshape(flat, (batch, 1, count)), (batch, channels, count))
    values = ct.take_along_axis(ct.reshape(x, (batch, channels, -1)), index, axis=2)
    values = ct.reshape(values, (batch, channels, *flat.shape[1:]))
    return ct.where(ct.expand_dims(inside, axis=1), values, 0.0)
