"""Files in the format safetensors: a header of JSON, then the bytes of arrays.

An unsigned 64-bit number (little-endian) tells the header's length. The header maps names to
``{"dtype", "shape", "data_offsets": [begin, end]}``, offsets from its end on, and ``__metadata__``
to text by name. Ranges follow each other without gaps.
https://github.com/huggingface/safetensors

The package of that name is the peer of the tests, which hold the bytes of both equal. It is not
used: it has no complex128, reads 256 MiB through 512 MiB of memory where this takes 256, does not
write files as a whole or not at all, and its functions want arrays in ways that versions change.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cnengine.errors import (
    ArgumentError,
    CorruptionError,
    IoError,
    NotFoundError,
    TypeError,  # noqa: A004
)
from cnengine.tensor import array as types
from cnengine.tensor.array import Array, to_numpy
from cnengine.tensor.creation import asarray, astype

# Names of types in the files, and how NumPy holds their bytes; in the order of the package's files,
# wide ones first, so that all lie on multiples of their size.
_TYPES = {
    "C128": ("complex128", "<c16"),  # ours alone: the format has none
    "U64": ("uint64", "<u8"), "I64": ("int64", "<i8"), "F64": ("float64", "<f8"),
    "C64": ("complex64", "<c8"), "F32": ("float32", "<f4"), "U32": ("uint32", "<u4"),
    "I32": ("int32", "<i4"), "BF16": ("bfloat16", "<u2"), "F16": ("float16", "<f2"),
    "U16": ("uint16", "<u2"), "I16": ("int16", "<i2"), "I8": ("int8", "i1"),
    "U8": ("uint8", "u1"), "BOOL": ("bool", "u1"),
}  # fmt: skip
_CODES = {name: code for code, (name, _) in _TYPES.items()}
_PLACES = {name: place for place, (name, _) in enumerate(_TYPES.values())}
_LONGEST_HEADER = 100_000_000
_MOST_AXES = 16
_METADATA = "__metadata__"


def _values_of(value: Array) -> np.ndarray[Any, Any]:
    """The elements in order, bfloat16 as the upper halves of float32."""
    out = np.ascontiguousarray(to_numpy(value))
    if value.dtype.name == "bfloat16":
        return (np.ascontiguousarray(out, np.float32).view(np.uint32) >> 16).astype("<u2")
    return out.view(np.uint8) if value.dtype.name == "bool" and out.ndim else out


def _array_of(code: str, shape: list[int], values: np.ndarray[Any, Any]) -> Array:
    name = _TYPES[code][0]
    if name == "bool":
        return asarray((values != 0).reshape(shape))
    if name == "bfloat16":
        wide = (values.astype(np.uint32) << 16).view(np.float32)
        return astype(asarray(wide.reshape(shape)), types.bfloat16)
    return asarray(values.reshape(shape))


def write(arrays: Mapping[str, Any], path: str | os.PathLike[str], metadata: Mapping[str, str],
          what: str) -> None:  # fmt: skip
    """Writes arrays by name beside their place and moves the file there.

    Raises TypeError for types that the format lacks, ArgumentError for names that it cannot hold,
    IoError.
    """
    for name in arrays:
        if not isinstance(name, str) or name == _METADATA:
            raise ArgumentError(f"{what}: expected names of arrays as text, got {name!r}")
    made = {name: asarray(value) for name, value in arrays.items()}
    for name, value in made.items():
        if value.dtype.name not in _CODES:
            raise TypeError(f"{what}: {name} is {value.dtype.name}, which files cannot hold")
    header: dict[str, Any] = {_METADATA: dict(metadata)}
    order = sorted(made, key=lambda name: (_PLACES[made[name].dtype.name], name))
    at = 0
    for name in order:
        value = made[name]
        end = at + value.size * value.dtype.itemsize
        code = _CODES[value.dtype.name]
        header[name] = {"dtype": code, "shape": list(value.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)

    def put(file: BinaryIO) -> None:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            file.write(_values_of(made[name]).reshape(-1).view(np.uint8).data)

    write_whole(path, put, what)


def write_whole(path: str | os.PathLike[str], put: Any, what: str) -> None:
    """Has put(file) write a file beside its place, then moves it there; raises IoError.

    Of those that write one path at once the last one counts; each has a file of its own.
    """
    target = Path(path)
    own = os.urandom(8).hex()  # numbers of processes repeat in containers and on other machines
    beside = target.with_name(f".{target.name}.{own}.tmp")
    try:
        with open(beside, "wb") as file:
            put(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # the name, too
        finally:
            os.close(descriptor)
    except OSError as error:
        raise IoError(f"{what}: {target}: {error}") from error
    finally:
        with contextlib.suppress(OSError):  # it is there after an error or an interrupt alone
            beside.unlink(missing_ok=True)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a name comes twice")
    return out


def _header_of(file: BinaryIO, size: int) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(size - 8, _LONGEST_HEADER):
        raise ValueError(f"is no safetensors file: a header of {length} bytes in a file of {size}")
    # As text: of bytes `json` would take UTF-16 and UTF-32 too.
    header = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=_once)
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    return header, 8 + length


def _check(name: str, facts: Any) -> tuple[str, list[int], int, int]:
    """Type, shape and range of an array; raises ValueError where they do not fit."""
    code = facts.get("dtype") if isinstance(facts, dict) else None
    if not isinstance(code, str) or code not in _TYPES:
        raise ValueError(f"{name}: an unknown type")
    shape, offsets = facts.get("shape"), facts.get("data_offsets")
    numbers = [*(shape if isinstance(shape, list) else [None]),
               *(offsets if isinstance(offsets, list) else [None])]  # fmt: skip
    if any(type(each) is not int or not 0 <= each < 2**62 for each in numbers):
        raise ValueError(f"{name}: shape and range are not numbers")
    if len(shape) > _MOST_AXES or len(offsets) != 2:
        raise ValueError(f"{name}: {len(shape)} axes, {len(offsets)} offsets")
    width = np.dtype(_TYPES[code][1]).itemsize
    if offsets[1] - offsets[0] != math.prod(shape) * width:
        raise ValueError(f"{name}: {shape} does not fit the range {offsets}")
    return code, shape, offsets[0], offsets[1]


def _metadata_of(found: Any) -> dict[str, str]:
    """The metadata of a header; raises ValueError unless it maps names to text."""
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise ValueError(f"{_METADATA}: expected text by name")
    return found


def read(path: str | os.PathLike[str], what: str) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays of a file by name, and its metadata.

    Raises NotFoundError, IoError, or CorruptionError when the file is not what it should be.
    """
    place = os.fspath(path)
    try:
        with open(place, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            header, begin = _header_of(file, size)
            metadata = _metadata_of(header.pop(_METADATA, None))
            parts = {name: _check(name, facts) for name, facts in header.items()}
            at = 0
            for name, (_, _, low, high) in sorted(parts.items(), key=lambda each: each[1][2:]):
                if low != at:
                    raise ValueError(f"{name}: expected bytes from {at} on, got {low}")
                at = high
            if begin + at != size:
                raise ValueError(f"{begin + at} bytes expected, there are {size}")
            out = {}
            for name, (code, shape, low, high) in parts.items():
                holder = np.dtype(_TYPES[code][1])
                file.seek(begin + low)
                values = np.fromfile(file, holder, (high - low) // holder.itemsize)
                out[name] = _array_of(code, shape, values)
    except FileNotFoundError:
        raise NotFoundError(f"{what}: no file {place!r}") from None
    except OSError as error:
        raise IoError(f"{what}: {place}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise CorruptionError(f"{what}: {place}: {error}") from error
    return out, metadata
