"""The array's class and its element types."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, AxisError, TypeError  # noqa: A004

__all__ = ["Array", "DType", "result_type"]

Array = _tensor.Array
DType = _tensor.DType

bool_ = _tensor.bool
int8, int16, int32, int64 = _tensor.int8, _tensor.int16, _tensor.int32, _tensor.int64
uint8, uint16, uint32, uint64 = _tensor.uint8, _tensor.uint16, _tensor.uint32, _tensor.uint64
float16, bfloat16 = _tensor.float16, _tensor.bfloat16
float32, float64 = _tensor.float32, _tensor.float64
complex64, complex128 = _tensor.complex64, _tensor.complex128


def integers_of(value: Any) -> list[int]:
    """A shape or axes, of which one alone may be given."""
    if hasattr(value, "__index__") and not getattr(value, "ndim", 0):  # arrays may have axes
        return [operator.index(value)]
    return [each if type(each) is int else operator.index(each) for each in value]


def axis_of(axis: int, ndim: int, function: str) -> int:
    """The axis from the front. Raises AxisError where there is none of it."""
    if not -ndim <= axis < ndim:
        raise AxisError(f"{function}: expected an axis of {-ndim} to {ndim - 1}, got {axis}")
    return axis % ndim


_RANKS = {"bool": 0, "int": 1, "uint": 1, "float": 2, "complex": 3}


def _rank_of_number(value: Any) -> int | None:
    """The rank of the kind of a number of Python, traced or not; None of all else."""
    if isinstance(value, Array):
        return _RANKS[value.dtype.kind] if _tensor.wide(value) is not None else None
    return next(
        (i for i, kind in enumerate((bool, int, float, complex)) if isinstance(value, kind)), None
    )


def _with_number(dtype: DType | None, rank: int) -> DType:
    """The type of an operation of an array and a number of Python."""
    if dtype is not None and rank <= _RANKS[dtype.kind]:
        return dtype
    wide = dtype is not None and dtype.name == "float64"
    return (bool_, int64, float32, complex128 if wide else complex64)[rank]


def result_type(*arrays_and_dtypes: Array | DType | complex) -> DType:
    """The type that all go into, by the standard's table; numbers of Python go into their kind.

    Where the table has none bools go into all types and integers into all floats, as in torch.
    Raises TypeError for uint64 with signed integers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.result_type(ct.int8, ct.uint8, 1)
    cnengine.tensor.int16
    """
    if not arrays_and_dtypes:
        raise ArgumentError("result_type: expected arrays or types, got none")
    out: DType | None = None
    ranks = list(map(_rank_of_number, arrays_and_dtypes))
    for each, rank in zip(arrays_and_dtypes, ranks, strict=True):
        if rank is not None:
            continue
        dtype = each.dtype if isinstance(each, Array) else DType(each)
        common = dtype if out is None else _tensor.promote(out, dtype)
        if common is None:
            raise TypeError(f"result_type: {out.name} and {dtype.name} have no common type")
        out = common
    for rank in ranks:
        if rank is not None:
            out = _with_number(out, rank)
    return out


def to_numpy(array: Array) -> np.ndarray[Any, Any]:
    """The same bytes as a NumPy array; bfloat16, which NumPy lacks, as float32."""
    if array.dtype == bfloat16:
        array = _tensor.cast(array, float32)
    if array.device != "cpu":
        array = _tensor.to_device(array, "cpu", "to_numpy")
    return np.from_dlpack(array)


def from_numpy(values: np.ndarray[Any, Any], copy: bool | None) -> Array:
    """What DLPack cannot tell: numbers in the other order of bytes, bfloat16 of ml_dtypes."""
    dtype = values.dtype
    is_half = dtype.name == "bfloat16"
    if not is_half and (dtype.kind not in "biufc" or dtype.isnative):
        raise TypeError(f"asarray: expected numbers of at most 64 bits, got an array of {dtype}")
    if copy is False:
        raise ArgumentError(f"asarray: {dtype} in bytes of ours is a copy")
    out = _tensor.from_dlpack(values.astype(np.float32 if is_half else dtype.newbyteorder("=")))
    return _tensor.cast(out, bfloat16) if is_half else out


def _array(self: Array, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
    if self.device != "cpu":
        raise TypeError(
            f'__array__: NumPy cannot read an array on {self.device}; x.to_device("cpu") copies it'
        )
    out = to_numpy(self)
    if dtype is not None and out.dtype != dtype:
        return out.astype(dtype)
    return out.copy() if copy else out


def _repr(self: Array) -> str:
    inside = "" if self._trace is None else f", inside {self._trace}"
    if inside and not _tensor.is_known(self):
        return f"Array(shape={self.shape}, dtype={self.dtype.name}{inside})"
    values = to_numpy(_tensor.known(self))
    text = np.array2string(values, separator=", ", prefix="Array(")
    where = "" if self.device == "cpu" else f", device={self.device}"
    return f"Array({text}, dtype={self.dtype.name}{where}{inside})"


_STANDARDS = ("2021.12", "2022.12", "2023.12", "2024.12")  # of arrays; each has all of the last


def _namespace(self: Array, *, api_version: str | None = None) -> Any:
    import cnengine.tensor

    if api_version not in (None, *_STANDARDS):
        raise ArgumentError(
            f"__array_namespace__: expected one of {', '.join(_STANDARDS)}, got {api_version}"
        )
    return cnengine.tensor


Array.__array__ = _array
Array.__repr__ = _repr
Array.__array_namespace__ = _namespace


def _rebuilt(values: np.ndarray[Any, Any], name: str) -> Array:
    """From a pickle, where bfloat16 is float32."""
    return _tensor.cast(_tensor.from_dlpack(values), DType(name))


def _format(self: Array, spec: str) -> str:
    return format(self._scalar(), spec) if self.ndim == 0 and spec else str(self)


def _iterate(self: Array) -> Any:
    if self.ndim == 0:
        raise TypeError("iteration: expected axes, got an array without any")
    return (self[i] for i in range(self.shape[0]))


def _contains(self: Array, value: Any) -> bool:
    """Whether any element equals a number, or those of an array that it is compared with."""
    same = self == value
    return bool(same.any()) if isinstance(same, Array) else bool(same)


def _index(self: Array) -> int:
    if self.dtype == bool_:
        raise TypeError("index: expected an array of an integer, got bool")
    return operator.index(self._scalar("index"))


Array.__format__ = _format
Array.__iter__ = _iterate
Array.__contains__ = _contains
Array.__reduce__ = lambda self: (_rebuilt, (to_numpy(self), self.dtype.name))
Array.__copy__ = lambda self: +self
Array.__deepcopy__ = lambda self, memo: self.__copy__()
Array.__array_priority__ = 1000  # NumPy's operators leave the work to ours
Array.__bool__ = lambda self: bool(self._scalar("bool"))
Array.__int__ = lambda self: int(self._scalar("int"))
Array.__float__ = lambda self: float(self._scalar("float"))
Array.__complex__ = lambda self: complex(self._scalar("complex"))
Array.__index__ = _index
