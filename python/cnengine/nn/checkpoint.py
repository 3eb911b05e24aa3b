"""Arrays in safetensors files, named as torch names them; no pickle."""

from __future__ import annotations

import builtins
import json
import os
from collections.abc import Mapping
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, CorruptionError, NotFoundError, ShapeError
from cnengine.nn.module import Module
from cnengine.tensor import safetensors_file

__all__ = ["load_arrays", "load_weights", "save_arrays", "save_weights"]


def save_arrays(
    arrays: Mapping[str, Any], path: str | os.PathLike[str], metadata: Any = None
) -> None:
    """Writes arrays by name as a safetensors file, which is complete or not there at all.

    `metadata` is anything that JSON holds. Raises ArgumentError for what it does not hold and for
    names that are no text, IoError when the disk fails.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.save_arrays({"a": ct.ones((2,))}, "a.safetensors", {"step": 3})
    >>> nn.load_arrays("a.safetensors")
    ({'a': Array([1., 1.], dtype=float32)}, {'step': 3})
    """
    try:
        text = json.dumps(metadata)
    except (builtins.TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(f"save_arrays: expected metadata that JSON holds: {error}") from error
    header = {"format": "pt", "cnengine": text}
    safetensors_file.write(arrays, path, header, "save_arrays")


def load_arrays(path: str | os.PathLike[str]) -> tuple[dict[str, ct.Array], Any]:
    """The arrays of a safetensors file by name, and its metadata (None from other writers).

    Raises NotFoundError, or CorruptionError when the file is not what it should be.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.save_arrays({}, "empty.safetensors")
    >>> nn.load_arrays("empty.safetensors")
    ({}, None)
    """
    arrays, header = safetensors_file.read(path, "load_arrays")
    try:
        metadata = json.loads(header.get("cnengine", "null"))
    except (ValueError, RecursionError) as error:
        raise CorruptionError(f"load_arrays: {os.fspath(path)}: {error}") from error
    return arrays, metadata


def save_weights(module: Module, path: str | os.PathLike[str], metadata: Any = None) -> None:
    """Writes parameters and state of a module under the names of its `state_dict`.

    Keys of random numbers are left out. torch reads the file with ``safetensors.torch.load_file``.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.save_weights(nn.Linear(2, 3), "line.safetensors")
    >>> nn.load_weights(nn.Linear(2, 3), "line.safetensors")
    Linear(in_features=2, out_features=3)
    """
    save_arrays(module.state_dict(), path, metadata)


def load_weights(module: Module, path: str | os.PathLike[str], *, strict: bool = True) -> Module:
    """Takes the arrays of a file into a module, in place; returns it.

    Of a folder that `Model.save` wrote, as `ModelCheckpoint` does too, its weights are taken.

    Raises NotFoundError with the names that are missing or unknown, unless `strict` is False, and
    ShapeError where shapes differ.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.save_arrays({"weight": nn.Linear(2, 1).weight}, "part.safetensors")
    >>> nn.load_weights(nn.Linear(2, 1), "part.safetensors", strict=False)
    Linear(in_features=2, out_features=1)
    """
    if os.path.isdir(path):
        path = os.path.join(path, "model.safetensors")
    arrays, _ = load_arrays(path)
    try:
        return module._load(arrays, strict, False)  # nobody else has what was read
    except (NotFoundError, ShapeError) as error:
        raise type(error)(f"load_weights: {os.fspath(path)}: {error}") from None


def named_arrays(tree: Any) -> dict[str, ct.Array]:
    """The leaves of nested dicts, lists and tuples, by their keys joined with "/"."""
    out: dict[str, ct.Array] = {}

    def walk(value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            for key in sorted(value):
                walk(value[key], (*path, str(key)))
        elif isinstance(value, (list, tuple)):
            for at, each in enumerate(value):
                walk(each, (*path, str(at)))
        elif value is not None:
            out["/".join(path)] = ct.asarray(value)

    walk(tree, ())
    return out


def arrays_into(tree: Any, arrays: Mapping[str, ct.Array], what: str) -> Any:
    """A tree like one of nested dicts, with the arrays of `named_arrays` as its leaves.

    Raises NotFoundError where names differ, ShapeError where shapes do.
    """
    wanted = named_arrays(tree)
    missing, unknown = sorted(set(wanted) - set(arrays)), sorted(set(arrays) - set(wanted))
    if missing or unknown:
        raise NotFoundError(
            f"{what}: missing {missing or 'nothing'}, unknown {unknown or 'nothing'}"
        )
    leaves, structure = ct.tree_flatten(tree)
    taken = []
    for (name, old), _ in zip(wanted.items(), leaves, strict=True):
        new = arrays[name]
        if tuple(new.shape) != tuple(old.shape):
            raise ShapeError(f"{what}: {name}: expected {old.shape}, got {new.shape}")
        taken.append(ct.astype(new, old.dtype, copy=False))
    return ct.tree_unflatten(structure, taken)
