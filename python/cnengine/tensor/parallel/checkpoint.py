"""Arrays in a file of the safetensors format, written as a whole or not at all.

u64 length of the header, little-endian; the header, JSON of names to type, shape and place; the
bytes of the arrays. Others read it, too. https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from cnengine.errors import CorruptionError, NotFoundError
from cnengine.tensor import array as types
from cnengine.tensor.array import Array, to_numpy
from cnengine.tensor.creation import asarray, astype

__all__ = ["load_checkpoint", "newest_checkpoint", "save_checkpoint"]

_NAMES = {
    "bool": "BOOL", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64", "uint8": "U8",
    "uint16": "U16", "uint32": "U32", "uint64": "U64", "float16": "F16", "bfloat16": "BF16",
    "float32": "F32", "float64": "F64", "complex64": "C64", "complex128": "C128",
}  # fmt: skip
_TYPES = {stored: name for name, stored in _NAMES.items()}
_FILE = re.compile(r"step-(\d{12})\.safetensors")
_MOST_HEADER = 100_000_000  # as the format has it


def _path(directory: Path, step: int) -> Path:
    return directory / f"step-{step:012d}.safetensors"


def _steps(directory: Path) -> list[int]:
    if not directory.is_dir():
        return []
    return sorted(int(m[1]) for p in directory.iterdir() if (m := _FILE.fullmatch(p.name)))


def _bytes_of(array: Array) -> bytes:
    values = to_numpy(array)
    if array.dtype == types.bfloat16:  # came as float32, whose upper half it is
        values = (np.ascontiguousarray(values).view(np.uint32) >> 16).astype(np.uint16)
    return values.tobytes()


def _array_of(data: bytes, name: str, shape: list[int]) -> Array:
    if name == "bfloat16":
        wide = (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32)
        return astype(asarray(wide.reshape(shape)), types.bfloat16)
    return asarray(np.frombuffer(data, np.dtype(name)).reshape(shape))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def save_checkpoint(directory: Path, step: int, arrays: dict[str, Array], *, keep: int) -> None:
    """Writes arrays as the state after `step`, and removes all but the last `keep` files."""
    directory.mkdir(parents=True, exist_ok=True)
    header: dict[str, Any] = {"__metadata__": {"step": str(step)}}
    parts, at = [], 0
    for name, array in arrays.items():
        data = _bytes_of(array)
        header[name] = {"dtype": _NAMES[array.dtype.name], "shape": list(array.shape),
                        "data_offsets": [at, at + len(data)]}  # fmt: skip
        parts.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = _path(directory, step)
    temporary = path.with_suffix(".new")
    with open(temporary, "wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _sync(directory)
    for old in _steps(directory)[:-keep]:
        _path(directory, old).unlink(missing_ok=True)


def newest_checkpoint(directory: Path) -> int | None:
    """The last step that was saved."""
    steps = _steps(directory)
    return steps[-1] if steps else None


def load_checkpoint(directory: Path, step: int) -> dict[str, Array]:
    """The arrays that were saved after `step`. Raises CorruptionError for another kind of file."""
    path = _path(directory, step)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"load_checkpoint: there is no {path}") from None
    try:
        length = int.from_bytes(raw[:8], "little")
        if len(raw) < 8 or length > min(_MOST_HEADER, len(raw) - 8):
            raise ValueError("its header is longer than the file")
        header = json.loads(raw[8 : 8 + length])
        header.pop("__metadata__", None)
        out = {}
        for name, facts in header.items():
            begin, end = (int(each) for each in facts["data_offsets"])
            if not 0 <= begin <= end <= len(raw) - 8 - length:
                raise ValueError(f"{name} lies outside of it")
            data = raw[8 + length + begin : 8 + length + end]
            out[name] = _array_of(data, _TYPES[facts["dtype"]], list(facts["shape"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CorruptionError(f"load_checkpoint: {path} is no checkpoint: {error}") from None
    return out
