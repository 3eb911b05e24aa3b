"""Arrays from numbers and from other libraries."""

from __future__ import annotations

import builtins
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, RangeError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType, complex64, float32, from_numpy, int64, integers_of
from cnengine.tensor.cuda import find_libraries

__all__ = [
    "arange",
    "asarray",
    "astype",
    "empty",
    "empty_like",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

Shape = int | Sequence[int]

# DLPack's types of devices.
_CPU, _CUDA = 1, 2

# What Python's numbers become.
_DEFAULTS = {"f": float32, "c": complex64, "i": int64}


def _moved(x: Array, device: Any, function: str) -> Array:
    name = str(device)
    if name.startswith("cuda"):
        find_libraries()  # which C++ opens where they are first needed
    return _tensor.to_device(x, name, function)


F = TypeVar("F", bound=Callable[..., Array])


def placing(f: F) -> F:
    """Has a function that makes arrays on the CPU put them on the `device` that is asked for."""

    @functools.wraps(f)
    def placed(*args: Any, device: Any = None, **kwargs: Any) -> Array:
        out = f(*args, **kwargs)
        return out if device is None else _moved(out, device, f.__name__)

    return placed  # type: ignore[return-value]


@placing
def asarray(
    obj: Any, /, *, dtype: DType | None = None, device: Any = None, copy: bool | None = None
) -> Array:
    """An array of Python's numbers in nested sequences, or of another library's array.

    Parameters
    ----------
    obj
        Numbers in lists and tuples (floats become float32, ints int64, complex ones complex64), a
        NumPy array or anything with ``__dlpack__`` or Python's buffer protocol, which is taken
        without a copy.
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
        out = _tensor.settled(obj)
    elif hasattr(obj, "__dlpack__"):
        try:
            out = from_dlpack(obj)
        except builtins.TypeError:
            if not isinstance(obj, np.ndarray):
                raise
            out = from_numpy(obj, copy)
    elif isinstance(obj, (list, tuple)) and _tensor.has_arrays(obj):
        out = _stacked(obj)
        copy = None
    else:
        is_typed = _is_typed(obj)
        if copy is False and not is_typed:
            raise ValueError("asarray: numbers of Python are copied")
        try:
            values = np.array(obj) if copy else np.asarray(obj)
        except ValueError as error:  # as many words as NumPy has of rows of several lengths
            if "inhomogeneous" not in str(error):
                raise
            raise ShapeError("asarray: expected rows of one length, got several") from None
        if values.dtype.kind == "O":
            values = _of_long_integers(values, dtype)
        if values.dtype.kind not in "biufc":
            raise TypeError(f"asarray: expected numbers or an array, got {type(obj).__name__}")
        if dtype is not None:
            dtype = DType(dtype)
            if dtype.kind in ("int", "uint"):
                values = _in_range(obj, values, dtype)
        out = _tensor.from_dlpack(values)
        if dtype is None and not is_typed and values.dtype.kind in _DEFAULTS:
            dtype = _DEFAULTS[values.dtype.kind]
        copy = None if copy else copy
    if dtype is not None and out.dtype != dtype:
        if copy is False:
            raise ValueError(f"asarray: {out.dtype.name} as {DType(dtype).name} is a copy")
        if out.dtype.kind == "complex" and DType(dtype).kind not in ("complex", "bool"):
            raise TypeError(f"asarray: {out.dtype.name} does not go into {DType(dtype).name}")
        # A number of Python that is traced has more digits than what it settles for.
        return _tensor.cast(obj if isinstance(obj, Array) else out, dtype)
    return _tensor.copy(out) if copy else out


def _is_typed(obj: Any) -> bool:
    """Bytes of another library or of Python's buffer protocol, whose type is known."""
    if hasattr(obj, "__array__"):
        return True
    if isinstance(obj, (list, tuple, int, float, complex)):
        return False
    try:
        memoryview(obj)
    except builtins.TypeError:
        return False
    return True


def _in_range(obj: Any, values: np.ndarray[Any, Any], dtype: DType) -> np.ndarray[Any, Any]:
    """Integers of Python do not wrap around."""
    if values.dtype.kind == "f" and values.size > 0 and values.max() >= 2**63:
        return np.asarray(obj, dtype.name)  # of [0, 2**63] NumPy makes floats
    if values.dtype.kind not in "iu":
        return values
    limits = np.iinfo(dtype.name)
    if values.size > 0 and not limits.min <= values.min() <= values.max() <= limits.max:
        worst = values.min() if values.min() < limits.min else values.max()
        raise RangeError(f"asarray: {worst} is out of range for {dtype.name}")
    return values


def _of_long_integers(values: np.ndarray[Any, Any], dtype: DType | None) -> np.ndarray[Any, Any]:
    """Python's integers beyond 64 bits, which NumPy leaves as objects, as floats."""
    parts = values.ravel().tolist()
    if not all(isinstance(each, (int, float, complex)) for each in parts):
        return values  # no numbers
    has_fractions = any(not isinstance(each, int) for each in parts)
    into = DType(dtype) if dtype is not None else float32 if has_fractions else int64
    if into.kind in ("int", "uint"):
        worst = max((each for each in parts if isinstance(each, int)), key=abs)
        raise RangeError(f"asarray: {worst} is out of range for {into.name}")
    return values.astype(
        np.complex128 if any(isinstance(each, complex) for each in parts) else np.float64
    )


def _stacked(obj: Any) -> Array:
    """Nested sequences of numbers and arrays, which may be inside transformations."""
    if not isinstance(obj, (list, tuple)):
        return asarray(obj)
    parts = [_stacked(each) for each in obj]
    common = parts[0].dtype
    for part in parts:
        if part.shape != parts[0].shape:
            raise ShapeError(
                f"asarray: expected parts of one shape, got {parts[0].shape} and {part.shape}"
            )
        wider = _tensor.promote(common, part.dtype)
        if wider is None and common.kind != part.dtype.kind:  # numbers of Python beside floats
            kinds = ["bool", "int", "uint", "float", "complex"]
            wider = max(common, part.dtype, key=lambda each: kinds.index(each.kind))
        if wider is None:
            raise TypeError(f"asarray: {common.name} and {part.dtype.name} have no common type")
        common = wider
    return _tensor.concat([_tensor.expand_dims(_tensor.cast(x, common), [0]) for x in parts], 0)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
    """Another library's array by DLPack: the same bytes, which must not be changed any more.

    Arrays of CUDA devices stay there; they are read once what their library was asked for before
    is done. Raises TypeError for element types that there are not here, UnsupportedError for other
    devices.

    Examples
    --------
    >>> import numpy as np, cnengine.tensor as ct
    >>> ct.from_dlpack(np.arange(3))
    Array([0, 1, 2], dtype=int64)
    """
    kind, index = x.__dlpack_device__() if hasattr(x, "__dlpack_device__") else (_CPU, 0)
    if kind == _CUDA and not isinstance(x, Array):
        find_libraries()
        # Its library has our stream wait.
        x = x.__dlpack__(stream=_tensor.cuda_stream(index))
    out = _tensor.from_dlpack(x)
    if device is not None and out.device != _tensor.device_name(str(device)):
        if copy is False:
            raise ValueError(f"from_dlpack: {out.device} to {device} is a copy")
        return _moved(out, device, "from_dlpack")
    return _tensor.copy(out) if copy else out


@placing
def astype(x: Array, dtype: DType, /, *, copy: bool = True, device: Any = None) -> Array:
    """The same numbers as another type: floats to integers are cut off towards zero.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.astype(ct.asarray([1.7, -1.7]), ct.int8)
    Array([ 1, -1], dtype=int8)
    """
    if x.dtype == dtype:
        return _tensor.copy(x) if copy else x
    if x.dtype.kind == "complex" and dtype.kind not in ("complex", "bool"):
        raise TypeError(f"astype: {x.dtype.name} has an imaginary part; take its real part first")
    return _tensor.cast(x, dtype)


@placing
def empty(shape: Shape, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of whatever is in memory.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.empty((2, 3)).shape
    (2, 3)
    """
    return _tensor.empty(integers_of(shape), dtype or float32)


@placing
def full(shape: Shape, fill_value: Any, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of one number.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.full(3, 7)
    Array([7, 7, 7], dtype=int64)
    """
    if isinstance(fill_value, Array):
        is_fraction = fill_value.dtype.kind in ("float", "complex")
        is_integer = dtype is not None and dtype.kind in ("int", "uint")
        if is_fraction and is_integer and _tensor.wide(fill_value) is not None:
            raise TypeError(f"full: a {fill_value.dtype.name} does not go into {dtype.name}")
        number = fill_value if dtype is None else _tensor.cast(fill_value, dtype)
        return _tensor.copy(_tensor.broadcast_to(number, integers_of(shape)))
    if dtype is None:
        dtype = asarray(fill_value).dtype
    return _tensor.full(integers_of(shape), fill_value, dtype)


def zeros(shape: Shape, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of zeros.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.zeros((1, 2))
    Array([[0., 0.]], dtype=float32)
    """
    return full(shape, 0, dtype=dtype or float32, device=device)


def ones(shape: Shape, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of ones.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ones(2, dtype=ct.int8)
    Array([1, 1], dtype=int8)
    """
    return full(shape, 1, dtype=dtype or float32, device=device)


def empty_like(x: Array, /, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of whatever is in memory, in the shape and type of another.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.empty_like(ct.zeros((2, 3))).shape
    (2, 3)
    """
    return empty(x.shape, dtype=dtype or x.dtype, device=device or x.device)


def full_like(
    x: Array, /, fill_value: Any, *, dtype: DType | None = None, device: Any = None
) -> Array:
    """An array of one number, in the shape and type of another.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.full_like(ct.zeros(2), 5)
    Array([5., 5.], dtype=float32)
    """
    return full(x.shape, fill_value, dtype=dtype or x.dtype, device=device or x.device)


def zeros_like(x: Array, /, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of zeros, in the shape and type of another.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.zeros_like(ct.ones(2))
    Array([0., 0.], dtype=float32)
    """
    return full(x.shape, 0, dtype=dtype or x.dtype, device=device or x.device)


def ones_like(x: Array, /, *, dtype: DType | None = None, device: Any = None) -> Array:
    """An array of ones, in the shape and type of another.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ones_like(ct.zeros(2))
    Array([1., 1.], dtype=float32)
    """
    return full(x.shape, 1, dtype=dtype or x.dtype, device=device or x.device)


@placing
def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DType | None = None,
    device: Any = None,
) -> Array:
    """The numbers from `start` on, `step` apart, before `stop`; of one number those from 0 to it.

    Integers are int64, others float32 unless `dtype` says else.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.arange(1, 10, 3)
    Array([1, 4, 7], dtype=int64)
    """
    start, stop, step = (each if not isinstance(each, Array) else each._scalar()
                         for each in (start, stop, step))  # fmt: skip
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ArgumentError("arange: expected a step that is not 0")
    whole = all(isinstance(each, int) for each in (start, stop, step))
    dtype = (int64 if whole else float32) if dtype is None else DType(dtype)
    steps = -((start - stop) // step) if whole else math.ceil((stop - start) / step)
    count = max(steps, 0)
    kind = _tensor.int64 if whole and dtype.kind in ("int", "uint") else _tensor.float64
    if dtype == _tensor.uint64 and whole:
        kind = dtype
    if count < 2:  # which need no step that fits
        step = 0
    first = _tensor.full([], start if count > 0 else 0, kind)
    # A step down is one up, modulo 2^64.
    by = _tensor.full([], step, int64 if kind == _tensor.uint64 and step < 0 else kind)
    return _tensor.arange(count, first, by, dtype)


@placing
def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: DType | None = None,
    device: Any = None,
    endpoint: bool = True,
) -> Array:
    """`num` numbers from `start` to `stop`, as far apart from each other; the last is `stop`.

    Parameters
    ----------
    endpoint
        False: `stop` is not one of them, but the next one would be.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linspace(0, 1, 5)
    Array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    if num < 0:
        raise ArgumentError(f"linspace: expected a number of at least 0, got {num}")
    is_complex = any(
        each.dtype.kind == "complex" if isinstance(each, Array) else isinstance(each, complex)
        for each in (start, stop)
    )
    dtype = (complex64 if is_complex else float32) if dtype is None else DType(dtype)
    wide = _tensor.complex128 if is_complex or dtype.kind == "complex" else _tensor.float64
    parts = max(num - 1 if endpoint else num, 1)
    if wide == _tensor.float64 and not isinstance(start, Array) and not isinstance(stop, Array):
        return _tensor.linspace(num, start, stop, parts, dtype)
    line = _tensor.cast(_tensor.iota([num], 0, _tensor.float64), wide)
    share = line / float(parts)
    # From both ends, so that both are exact.
    first, last = (
        _tensor.cast(each, wide) if isinstance(each, Array) else _tensor.full([], each, wide)
        for each in (start, stop)
    )
    out = (1.0 - share) * first + share * last
    if dtype.kind not in ("float", "complex"):
        out = _tensor.unary("floor", out)
    return _tensor.cast(out, dtype)


def _to_device(self: Array, device: Any, /, *, stream: Any = None) -> Array:
    """The array on a device: "cpu", "cuda" (the first one) or "cuda:1"; itself where it is there.

    To the CPU it waits for what computes the array. With a `stream` (a number of CUDA's, as in
    ``__dlpack__``) that stream waits for the copy. Raises DeviceError where there is no device.
    """
    out = _moved(self, device, "to_device")
    if stream is not None:
        _tensor.let_wait(out, stream)
    return out


Array.to_device = _to_device
