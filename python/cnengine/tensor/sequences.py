"""Numbers in a row: of a geometric progression, and windows for spectra."""

from __future__ import annotations

import math
from typing import Any

from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, DType, complex64, float32, float64
from cnengine.tensor.creation import arange, asarray, astype, linspace
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import cos, log, sign, where
from cnengine.tensor.indexing import dynamic_update_slice
from cnengine.tensor.manipulation import reshape

__all__ = ["bartlett", "blackman", "geomspace", "hamming", "hanning", "logspace"]

Number = complex | Array


def logspace(
    start: Number,
    stop: Number,
    /,
    num: int = 50,
    endpoint: bool = True,
    base: float | Array = 10.0,
    dtype: DType | None = None,
) -> Array:
    """`num` powers of `base`, whose exponents are those of `linspace`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.logspace(0, 2, 3)
    Array([  1.,  10., 100.], dtype=float32)
    """
    is_complex = isinstance(start, complex) or isinstance(stop, complex)
    wide = None if is_complex else float64
    out = base ** linspace(start, stop, num, dtype=wide, endpoint=endpoint)
    return astype(out, (complex64 if is_complex else float32) if dtype is None else dtype)


def geomspace(
    start: float | Array,
    stop: float | Array,
    /,
    num: int = 50,
    endpoint: bool = True,
    dtype: DType | None = None,
) -> Array:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    Both have one sign. Raises ArgumentError for 0 as one of them, or for two signs.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.geomspace(1, 1000, 4)
    Array([   1.,   10.,  100., 1000.], dtype=float32)
    """
    ends = [each for each in (start, stop) if not isinstance(each, Array)]
    if 0 in ends or len({math.copysign(1, each) for each in ends}) > 1:
        raise ArgumentError(f"geomspace: expected numbers of one sign, got {start} and {stop}")
    first, last = (astype(asarray(each), float64) for each in (start, stop))
    out = sign(first) * _powers(log(_abs(first)), log(_abs(last)), num, endpoint)
    if num > 0:
        out = dynamic_update_slice(out, reshape(first, (1,)), [0])
    if num > 1 and endpoint:
        out = dynamic_update_slice(out, reshape(last, (1,)), [num - 1])
    return astype(out, float32 if dtype is None else dtype)


def _powers(first: Array, last: Array, num: int, endpoint: bool) -> Array:
    return math.e ** linspace(first, last, num, dtype=float64, endpoint=endpoint)


def _window(count: int, of_cosines: Any, dtype: DType) -> Array:
    """Sums of cosines of whole turns over the window."""
    at = 2 * math.pi * arange(count, dtype=float64) / max(count - 1, 1)
    return astype(of_cosines(at) if count != 1 else at + 1, dtype)


def hanning(count: int, /, dtype: DType = float32) -> Array:
    """The window of von Hann: 0.5 - 0.5 cos(2 pi i / (count - 1)).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.hanning(3)
    Array([0., 1., 0.], dtype=float32)
    """
    return _window(count, lambda at: 0.5 - 0.5 * cos(at), dtype)


def hamming(count: int, /, dtype: DType = float32) -> Array:
    """The window of Hamming: 0.54 - 0.46 cos(2 pi i / (count - 1)).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.hamming(3)
    Array([0.08, 1.  , 0.08], dtype=float32)
    """
    return _window(count, lambda at: 0.54 - 0.46 * cos(at), dtype)


def blackman(count: int, /, dtype: DType = float32) -> Array:
    """The window of Blackman: 0.42 - 0.5 cos(2 pi i / (count - 1)) + 0.08 cos(4 pi i / ...).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.blackman(3)[1]
    Array(1., dtype=float32)
    """
    return _window(count, lambda at: 0.42 - 0.5 * cos(at) + 0.08 * cos(2 * at), dtype)


def bartlett(count: int, /, dtype: DType = float32) -> Array:
    """The window of Bartlett: from 0 up to 1 in the middle, and down, by straight lines.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.bartlett(5)
    Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    half = max(count - 1, 1) / 2
    at = arange(count, dtype=float64)
    out = where(at <= half, at / half, 2 - at / half)
    return astype(out if count != 1 else at + 1, dtype)
