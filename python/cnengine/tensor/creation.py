"""Arrays from numbers and from other libraries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType, complex64, float32, int64

__all__ = ["asarray", "astype", "from_dlpack", "full", "ones", "zeros"]

# What Python's numbers become.
_DEFAULTS = {"f": float32, "c": complex64, "i": int64}


def asarray(obj: Any, *, dtype: DType | None = None, copy: bool | None = None) -> Array:
    """An array of Python's numbers in nested sequences, or of another library's array.

    Parameters
    ----------
    obj
        Numbers in lists and tuples (floats become float32, ints int64, complex ones complex64), a
        NumPy array or anything with ``__dlpack__``, which is taken without a copy.
    dtype
        Its type; None: that of `obj`.
    copy
        True: bytes of its own. False: raises ValueError where a copy is needed. None: where needed.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.asarray([[1, 2], [3, 4]]) + 0.5
    Array([[1.5, 2.5],
           [3.5, 4.5]], dtype=float32)
    """
    if isinstance(obj, Array):
        out = obj
    elif hasattr(obj, "__dlpack__"):
        out = from_dlpack(obj)
    else:
        if copy is False:
            raise ValueError("asarray: numbers of Python are copied")
        values = np.asarray(obj)
        if values.dtype == object:
            raise TypeError(f"asarray: expected numbers or an array, got {type(obj).__name__}")
        out = _tensor.from_dlpack(values)
        if dtype is None and not isinstance(obj, np.generic) and values.dtype.kind in _DEFAULTS:
            dtype = _DEFAULTS[values.dtype.kind]
        copy = None
    if dtype is not None and out.dtype != dtype:
        if copy is False:
            raise ValueError(f"asarray: {out.dtype.name} as {dtype.name} is a copy")
        return _tensor.cast(out, dtype)
    return _tensor.copy(out) if copy else out


def from_dlpack(x: Any, /) -> Array:
    """Another library's array by DLPack: the same bytes, which must not be changed any more.

    Raises TypeError for element types that there are not here, UnsupportedError for other devices.

    Examples
    --------
    >>> import numpy as np, cnengine.tensor as ct
    >>> ct.from_dlpack(np.arange(3))
    Array([0, 1, 2], dtype=int64)
    """
    return _tensor.from_dlpack(x)


def astype(x: Array, dtype: DType, /, *, copy: bool = True) -> Array:
    """The same numbers as another type: floats to integers are cut off towards zero.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.astype(ct.asarray([1.7, -1.7]), ct.int8)
    Array([ 1, -1], dtype=int8)
    """
    if x.dtype == dtype:
        return _tensor.copy(x) if copy else x
    return _tensor.cast(x, dtype)


def full(shape: int | Sequence[int], fill_value: Any, *, dtype: DType | None = None) -> Array:
    """An array of one number.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.full(3, 7)
    Array([7, 7, 7], dtype=int64)
    """
    if dtype is None:
        dtype = asarray(fill_value).dtype
    return _tensor.full([shape] if isinstance(shape, int) else list(shape), fill_value, dtype)


def zeros(shape: int | Sequence[int], *, dtype: DType = float32) -> Array:
    """An array of zeros.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.zeros((1, 2))
    Array([[0., 0.]], dtype=float32)
    """
    return full(shape, 0, dtype=dtype)


def ones(shape: int | Sequence[int], *, dtype: DType = float32) -> Array:
    """An array of ones.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ones(2, dtype=ct.int8)
    Array([1, 1], dtype=int8)
    """
    return full(shape, 1, dtype=dtype)
