"""Layers that put elements around the last axes: zeros, copies of the edge, mirror images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.module import Module

Array = ct.Array
Widths = int | Sequence[int]
Places = Callable[[int, int, int], np.ndarray[Any, Any]]


def _reflected(n: int, low: int, high: int) -> np.ndarray[Any, Any]:
    at = np.arange(-low, n + high)
    return np.where(at < 0, -at, np.where(at >= n, 2 * (n - 1) - at, at))


def _repeated(n: int, low: int, high: int) -> np.ndarray[Any, Any]:
    return np.clip(np.arange(-low, n + high), 0, n - 1)


def _around(n: int, low: int, high: int) -> np.ndarray[Any, Any]:
    return np.arange(-low, n + high) % n


def _taken(
    x: Array, widths: Sequence[tuple[int, int]], places: Places, spare: int | None, what: str
) -> Array:
    """Elements of x where those around it lie; `widths` before and behind each axis."""
    for axis, (low, high) in enumerate(widths):
        if low == high == 0:
            continue
        extent = x.shape[axis]
        if extent == 0 or (spare is not None and max(low, high) > extent + spare):
            raise ShapeError(f"{what}: widths of {low} and {high} do not fit an extent of {extent}")
        x = ct.take(x, ct.asarray(places(extent, low, high)), axis=axis)
    return x


class _Padding(Module):
    """Widths before and behind each axis, the last axis first, as in torch."""

    rank: int
    #: The largest width that the extent of an axis allows, less the extent.
    spare: int | None = None
    places: Places | None = None

    def __init__(self, padding: Widths) -> None:
        name, count = type(self).__name__, 2 * self.rank
        each = (padding,) * count if isinstance(padding, Integral) else tuple(padding)
        if len(each) != count or (self.places is not None and min(each) < 0):
            raise ArgumentError(f"{name}: expected one or {count} widths, got {padding}")
        self.padding = each

    def _widths(self, x: Array) -> list[tuple[int, int]]:
        if x.ndim not in (self.rank + 1, self.rank + 2):
            raise ShapeError(
                f"{type(self).__name__}: expected (batch, channels, ...) with {self.rank} more "
                f"axes, got {x.shape}"
            )
        pairs = list(zip(self.padding[::2], self.padding[1::2], strict=True))[::-1]
        return [(0, 0)] * (x.ndim - self.rank) + pairs

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, ...) or (channels, ...)."""
        widths = self._widths(x)
        if self.places is None:
            return ct.pad(x, widths, value=getattr(self, "value", 0.0))
        return _taken(x, widths, type(self).places, self.spare, type(self).__name__)


class _Constant(_Padding):
    def __init__(self, padding: Widths, value: float = 0.0) -> None:
        super().__init__(padding)
        self.value = value


_KINDS: dict[str, tuple[type[_Padding], str, Places | None, int | None]] = {
    "Zero": (_Padding, "zeros", None, None),
    "Constant": (_Constant, "one number", None, None),
    "Replication": (_Padding, "copies of the edge", _repeated, None),
    "Reflection": (_Padding, "its mirror image, without the edge itself", _reflected, -1),
    "Circular": (_Padding, "what lies at the other end", _around, 0),
}


_MODES = {"replicate": "Replication", "reflect": "Reflection", "circular": "Circular"}


def padded(x: Array, pairs: Sequence[tuple[int, int]], mode: str) -> Array:
    """Elements around the last axes, whose widths are told from the last axis on."""
    if mode not in _MODES:
        raise ArgumentError(f"pad: expected one of {['constant', *_MODES]} as mode, got {mode!r}")
    if min((each for pair in pairs for each in pair), default=0) < 0:
        raise ArgumentError(f"pad: expected widths of at least 0 for {mode!r}, got {pairs}")
    _, _, places, spare = _KINDS[_MODES[mode]]
    assert places is not None
    return _taken(x, [(0, 0)] * (x.ndim - len(pairs)) + [*pairs][::-1], places, spare, "pad")


def _made(kind: str, rank: int) -> type[Module]:
    base, what, places, spare = _KINDS[kind]
    name = f"{kind}Pad{rank}d"
    extents = (1, 1, *(4,) * rank)
    options = "1, 9.0" if kind == "Constant" else "1"
    after = (1, 1, *(6,) * rank)
    doc = (
        f"{what[0].upper()}{what[1:]} around the last {rank} axes of (batch, channels, ...).\n\n"
        "    Widths are one number, or pairs (before, behind) with the last axis first.\n\n"
        "    Examples\n    --------\n    >>> import cnengine.tensor as ct\n"
        f"    >>> from cnengine import nn\n    >>> nn.{name}({options})(ct.ones({extents})).shape\n"
        f"    {after}\n    "
    )
    return type(name, (base,), {
        "rank": rank, "places": staticmethod(places) if places else None, "spare": spare,
        "__doc__": doc, "__module__": __name__, "__qualname__": name,
    })  # fmt: skip


__all__ = []
for _kind in _KINDS:
    for _rank in (1, 2, 3):
        _layer = _made(_kind, _rank)
        globals()[_layer.__name__] = _layer
        __all__ += [_layer.__name__]
