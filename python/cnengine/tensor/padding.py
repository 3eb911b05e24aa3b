"""Elements put around those of an array: a number, or those of the array again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, integers_of
from cnengine.tensor.creation import asarray

__all__ = ["pad"]

# Of an axis with n elements, of which places beyond both ends are asked for: the elements there.
_PLACES: dict[str, Callable[[Array, int], Array]] = {
    "edge": lambda at, n: _clipped(at, n),
    "reflect": lambda at, n: _mirrored(at, 2 * n - 2, 2 * n - 2),
    "symmetric": lambda at, n: _mirrored(at, 2 * n, 2 * n - 1),
    "wrap": lambda at, n: at % n,
}


def _clipped(at: Array, n: int) -> Array:
    return _tensor.binary("minimum", _tensor.binary("maximum", at, 0), n - 1)


def _mirrored(at: Array, period: int, last: int) -> Array:
    """There and back again."""
    at = at % max(period, 1)
    return _tensor.binary("minimum", at, last - at)


def _pairs(widths: Any, ndim: int) -> list[Sequence[int]]:
    """For each axis those before and behind, and perhaps between, as NumPy takes them."""
    if hasattr(widths, "__index__") and not getattr(widths, "ndim", 0):
        return [(*integers_of(widths), *integers_of(widths))] * ndim
    each = [integers_of(width) for width in widths]
    if each and all(not hasattr(width, "__len__") for width in widths):  # one pair, or a number
        flat = [width[0] for width in each]
        return [flat * (3 - len(flat)) if len(flat) < 3 else flat] * ndim
    each = [width * 2 if len(width) == 1 else width for width in each]
    each = each * ndim if len(each) == 1 else each
    if len(each) != ndim or any(len(width) not in (2, 3) for width in each):
        raise ArgumentError(f"pad: expected widths (before, behind) of {ndim} axes, got {widths}")
    return each


def pad(
    x: Array,
    widths: int | Sequence[int] | Sequence[Sequence[int]],
    /,
    mode: str = "constant",
    *,
    value: complex | Array = 0,
) -> Array:
    """Elements put around those of an array.

    Parameters
    ----------
    widths
        For each axis how many go before the first and behind the last element; one number or pair
        is for all axes. Of the mode "constant" negative ones cut off, and a third number says how
        many go between two.
    mode
        "constant": `value`. "edge": the first and the last element. "reflect" and "symmetric":
        back from the ends, without them or with them. "wrap": from the other end.
    value
        What they are.

    Raises ArgumentError for other modes, and where an axis without elements has to be repeated.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.pad(ct.asarray([1, 2]), [(1, 0, 1)], value=9)
    Array([9, 1, 9, 2], dtype=int64)
    >>> ct.pad(ct.asarray([1, 2, 3]), 2, "reflect")
    Array([3, 2, 1, 2, 3, 2, 1], dtype=int64)
    """
    x = asarray(x)
    each = _pairs(widths, x.ndim)
    if mode == "constant":
        low, high, between = ([(*width, 0)[i] for width in each] for i in range(3))
        return _tensor.pad(x, asarray(value, dtype=x.dtype), low, high, between)
    if mode not in _PLACES:
        known = ", ".join(["constant", *_PLACES])
        raise ArgumentError(f"pad: expected a mode of {known}, got {mode!r}")
    for axis, (low, high, *_) in enumerate(each):
        if low < 0 or high < 0:
            raise ArgumentError(f"pad: expected widths of at least 0, got {(low, high)}")
        n = x.shape[axis]
        if low == high == 0:
            continue
        if n == 0:
            raise ArgumentError(f"pad: expected elements along the axis {axis}, got {x.shape}")
        at = _PLACES[mode](_tensor.iota([low + n + high], 0, _tensor.int64) - low, n)
        x = _tensor.take(x, _tensor.to_device(at, x.device, "pad"), axis, "checked")
    return x
