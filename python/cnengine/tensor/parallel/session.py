"""What a program saves, to go on from there with other processes."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from cnengine.errors import ArgumentError, StateError
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray
from cnengine.tensor.parallel.checkpoint import (
    load_checkpoint,
    newest_checkpoint,
    save_checkpoint,
)
from cnengine.tensor.parallel.group import broadcast, rank
from cnengine.tensor.tree import tree_flatten, tree_unflatten

__all__ = ["Session", "session"]


def _as_array(leaf: Any) -> Array:
    return asarray(np.asarray(leaf)[()] if isinstance(leaf, bool | int | float | complex) else leaf)


def _like(array: Array, leaf: Any) -> Any:
    """A number where there was one."""
    if isinstance(leaf, bool | int | float | complex):
        return type(leaf)(np.asarray(array)[()])
    return array


class Session:
    """Saves the state of a program in a directory; rank 0 writes, without pickle.

    The state after each step is one file of the safetensors format, which is there as a whole or
    not at all.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> session = parallel.Session("checkpoints")
    >>> session.restore({"w": 0.0})
    (0, {'w': 0.0})
    >>> session.save(3, {"w": 1.5})
    >>> session.restore({"w": 0.0})
    (3, {'w': 1.5})
    """

    def __init__(self, directory: str | PathLike[str] | None, *, keep: int = 2) -> None:
        if keep < 1:
            raise ArgumentError(f"Session: expected keep above 0, got {keep}")
        self._directory = None if directory is None else Path(directory)
        self._keep = keep

    def restore(self, default: Any) -> tuple[int, Any]:
        """The last step that was saved and its state, on all ranks; else 0 and rank 0's `default`.

        Raises ArgumentError where what was saved has other leaves than `default`.
        """
        leaves, structure = tree_flatten(default)
        arrays = [_as_array(leaf) for leaf in leaves]
        step = 0
        if rank() == 0 and self._directory is not None:
            newest = newest_checkpoint(self._directory)
            if newest is not None:
                step, arrays = newest, self._load(newest, arrays)
        step, arrays = broadcast((np.int64(step), arrays))
        values = [_like(array, leaf) for array, leaf in zip(arrays, leaves, strict=True)]
        return int(step), tree_unflatten(structure, values)

    def _load(self, step: int, like: list[Array]) -> list[Array]:
        assert self._directory is not None
        saved = load_checkpoint(self._directory, step)
        out = [saved.get(str(at)) for at in range(len(like))]
        for at, (found, wanted) in enumerate(zip(out, like, strict=True)):
            if found is None or (found.dtype, found.shape) != (wanted.dtype, wanted.shape):
                got = "nothing" if found is None else f"{found.dtype.name}{found.shape}"
                raise ArgumentError(
                    f"restore: expected leaf {at} as {wanted.dtype.name}{wanted.shape}, got {got}"
                )
        if len(saved) != len(like):
            raise ArgumentError(f"restore: expected {len(like)} leaves, got {len(saved)}")
        return out  # type: ignore[return-value]

    def save(self, step: int, tree: Any) -> None:
        """Rank 0 saves the state after `step`; the others do nothing.

        Raises StateError where there is no directory.
        """
        if step < 0:
            raise ArgumentError(f"save: expected a step of at least 0, got {step}")
        if self._directory is None:
            raise StateError("save: expected run(..., checkpoint=directory)")
        if rank() == 0:
            arrays = {str(at): _as_array(leaf) for at, leaf in enumerate(tree_flatten(tree)[0])}
            save_checkpoint(self._directory, step, arrays, keep=self._keep)


_current = Session(None)


def session() -> Session:
    """The session of the `run` that this process works for.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.session().restore([1.0])
    (0, [1.0])
    """
    return _current


def begin(directory: str | None) -> None:
    """Makes another session that of this process."""
    global _current
    _current = Session(directory)
