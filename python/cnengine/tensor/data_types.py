"""What element types are, and which go into which."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType, complex64, float32, int64, result_type
from cnengine.tensor.creation import asarray

__all__ = ["can_cast", "finfo", "iinfo", "isdtype", "result_type"]

_KINDS = {
    "bool": {"bool"},
    "signed integer": {"int"},
    "unsigned integer": {"uint"},
    "integral": {"int", "uint"},
    "real floating": {"float"},
    "complex floating": {"complex"},
    "numeric": {"int", "uint", "float", "complex"},
}

# Digits of the significand with the one that is not stored, and the largest exponent.
_FLOATS = {"float16": (11, 15), "bfloat16": (8, 127), "float32": (24, 127), "float64": (53, 1023)}

_STANDARD = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
             "float32", "float64", "complex64", "complex128"]  # fmt: skip


def isdtype(dtype: DType, kind: DType | str | tuple[DType | str, ...]) -> bool:
    """Whether a type is of a kind, or one of several.

    Parameters
    ----------
    kind
        A type, "bool", "signed integer", "unsigned integer", "integral", "real floating",
        "complex floating" or "numeric", or a tuple of them.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.isdtype(ct.int8, "integral")
    True
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, each) for each in kind)
    if isinstance(kind, DType):
        return dtype == kind
    if kind not in _KINDS:
        raise ArgumentError(f"isdtype: expected a type or one of {', '.join(_KINDS)}, got {kind!r}")
    return dtype.kind in _KINDS[kind]


def _has_entry(a: DType, b: DType) -> bool:
    """Whether the standard's table has a place for two types: those of one sort."""
    sorts = {"bool": 0, "int": 1, "uint": 1, "float": 2, "complex": 2}
    return sorts[a.kind] == sorts[b.kind]


def can_cast(from_: DType | Array, to: DType, /) -> bool:
    """Whether one type goes into another by the standard's table.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.can_cast(ct.int8, ct.int16), ct.can_cast(ct.int16, ct.int8)
    (True, False)
    """
    own = from_.dtype if isinstance(from_, Array) else from_
    return _has_entry(own, to) and _tensor.promote(own, to) == to


def floating(x: Any) -> Array:
    """The array, of floats or complex numbers: bools and integers as float32."""
    x = asarray(x)
    return x if x.dtype.kind in ("float", "complex") else _tensor.cast(x, float32)


class FloatInfo(NamedTuple):
    """The limits of a type of floats."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


class IntegerInfo(NamedTuple):
    """The limits of a type of integers."""

    bits: int
    max: int
    min: int
    dtype: DType


def finfo(type: DType | Array, /) -> FloatInfo:  # noqa: A002
    """The limits of a type of floats, or of the parts of complex numbers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.finfo(ct.float32).eps == 2**-23
    True
    """
    dtype = type.dtype if isinstance(type, Array) else type
    real = {"complex64": _tensor.float32, "complex128": _tensor.float64}.get(dtype.name, dtype)
    if real.name not in _FLOATS:
        raise TypeError(f"finfo: expected a type of floats, got {dtype.name}")
    digits, exponent = _FLOATS[real.name]
    largest = (2.0 - 2.0 ** (1 - digits)) * 2.0**exponent
    return FloatInfo(
        8 * real.itemsize, 2.0 ** (1 - digits), largest, -largest, 2.0 ** (1 - exponent), real
    )


def iinfo(type: DType | Array, /) -> IntegerInfo:  # noqa: A002
    """The limits of a type of integers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.iinfo(ct.int8).max
    127
    """
    dtype = type.dtype if isinstance(type, Array) else type
    if dtype.kind not in ("int", "uint"):
        raise TypeError(f"iinfo: expected a type of integers, got {dtype.name}")
    bits = 8 * dtype.itemsize
    low = -(2 ** (bits - 1)) if dtype.kind == "int" else 0
    return IntegerInfo(bits, low + 2**bits - 1, low, dtype)


class NamespaceInfo:
    """What ``__array_namespace_info__()`` tells of this library."""

    def capabilities(self) -> dict[str, bool | int]:
        """Of optional features."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 16}

    def default_device(self) -> str:
        """Where arrays are made."""
        return "cpu"

    def devices(self) -> list[str]:
        """Where arrays may be: "cpu", and "cuda:0" and so on where there are CUDA devices."""
        return ["cpu", *(f"cuda:{i}" for i in range(_tensor.cuda_device_count()))]

    def default_dtypes(self, *, device: str | None = None) -> dict[str, DType]:
        """What Python's numbers become."""
        return {
            "real floating": float32,
            "complex floating": complex64,
            "integral": int64,
            "indexing": int64,
        }

    def dtypes(
        self, *, device: str | None = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, DType]:
        """The standard's element types, of some kinds or all."""
        kinds = kind if isinstance(kind, tuple) else (kind,)
        types = {name: getattr(_tensor, name) for name in _STANDARD}
        return {
            name: dtype
            for name, dtype in types.items()
            if kind is None or any(isdtype(dtype, each) for each in kinds)
        }


def __array_namespace_info__() -> NamespaceInfo:
    """What this library has of the standard."""
    return NamespaceInfo()
