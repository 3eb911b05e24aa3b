"""States of trainings in files of the safetensors format, one for each step that is saved."""

from __future__ import annotations

import re
from pathlib import Path

from cnengine.tensor import safetensors_file
from cnengine.tensor.array import Array

__all__ = ["load_checkpoint", "newest_checkpoint", "save_checkpoint"]

_FILE = re.compile(r"step-(\d{12})\.safetensors")


def _path(directory: Path, step: int) -> Path:
    return directory / f"step-{step:012d}.safetensors"


def _steps(directory: Path) -> list[int]:
    if not directory.is_dir():
        return []
    return sorted(int(m[1]) for p in directory.iterdir() if (m := _FILE.fullmatch(p.name)))


def save_checkpoint(directory: Path, step: int, arrays: dict[str, Array], *, keep: int) -> None:
    """Writes arrays as the state after `step`, and removes all but the last `keep` files."""
    directory.mkdir(parents=True, exist_ok=True)
    metadata = {"step": str(step)}
    safetensors_file.write(arrays, _path(directory, step), metadata, "save_checkpoint")
    for old in _steps(directory)[:-keep]:
        _path(directory, old).unlink(missing_ok=True)


def newest_checkpoint(directory: Path) -> int | None:
    """The last step that was saved."""
    steps = _steps(directory)
    return steps[-1] if steps else None


def load_checkpoint(directory: Path, step: int) -> dict[str, Array]:
    """The arrays that were saved after `step`. Raises CorruptionError for another kind of file."""
    return safetensors_file.read(_path(directory, step), "load_checkpoint")[0]
