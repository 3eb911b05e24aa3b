"""A training as a folder of files, which holds the old one or the new one whole."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import CorruptionError, IoError, NotFoundError
from cnengine.nn.checkpoint import save_arrays
from cnengine.tensor.safetensors_file import write_whole

FACTS = "training.json"
_FORMAT = 2  # 1 has no list of files
_PARTS = ("model", "optimizer")
_MOST_EPOCHS = 2**53


def _lock(folder: Path, kind: int) -> int:
    """A descriptor that holds a folder against other processes and threads, until it is closed.

    The lock is on the folder itself and ends with its holder, however that ends. File systems
    without locks are not held. Raises OSError.
    """
    while True:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, kind)
            if os.path.samestat(os.stat(folder), os.fstat(descriptor)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was removed meanwhile, and is another one now


def _lock_made(folder: Path) -> int:
    """As `_lock`, for one writer; makes the folder."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return _lock(folder, fcntl.LOCK_EX)
        except FileNotFoundError:  # another process has removed it
            continue


def write_training(
    folder: Path, arrays: Mapping[str, Mapping[str, ct.Array]], facts: Mapping[str, Any]
) -> None:
    """Writes ``NAME.safetensors`` of each of `arrays`, and `facts` as ``training.json``.

    The writing of ``training.json`` is what makes the new training that of the folder: it names
    sizes and sums of the files, which lie there under names of their own before. Only then do they
    take the place of the old ones, and readers take either name. Processes that write into one
    folder take turns; the last one counts. Raises IoError.
    """
    try:
        descriptor = _lock_made(folder)
    except OSError as error:
        raise IoError(f"save: {folder}: {error}") from error
    try:
        _write(folder, arrays, facts)
    finally:
        os.close(descriptor)


def _write(
    folder: Path, arrays: Mapping[str, Mapping[str, ct.Array]], facts: Mapping[str, Any]
) -> None:
    mark = os.urandom(6).hex()
    files, made = {}, []
    try:
        for name in _PARTS:
            made.append(folder / f"{name}.{mark}.safetensors")
            save_arrays(arrays[name], made[-1])
            size, digest = _sum_of(made[-1])
            files[name] = {"bytes": size, "sha256": digest}
        text = json.dumps({"format": _FORMAT, "mark": mark, "files": files, **facts}, indent=2)
        write_whole(folder / FACTS, lambda file: file.write(text.encode()), "save")
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    try:
        for name, path in zip(_PARTS, made, strict=True):
            path.replace(folder / f"{name}.safetensors")
        for name in _PARTS:  # what a save left that was killed
            for stale in folder.glob(f"{name}.{'?' * len(mark)}.safetensors"):
                stale.unlink(missing_ok=True)
    except OSError as error:
        raise IoError(f"save: {folder}: {error}") from error


@contextlib.contextmanager
def reading_training(
    path: str | os.PathLike[str],
) -> Iterator[tuple[dict[str, Path], dict[str, Any]]]:
    """Where the files of the training in a folder lie, by name, and its facts.

    They are not replaced meanwhile. Raises NotFoundError, IoError, or CorruptionError where
    something is not as it was written.
    """
    folder = Path(path)
    try:
        descriptor = _lock(folder, fcntl.LOCK_SH)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"load: no training in {os.fspath(path)!r}") from None
    except OSError as error:
        raise IoError(f"load: {folder}: {error}") from error
    try:
        yield _read(folder)
    finally:
        os.close(descriptor)


def _read(folder: Path) -> tuple[dict[str, Path], dict[str, Any]]:
    place = folder / FACTS
    try:
        facts = json.loads(place.read_bytes().decode("utf-8"))
        _check(facts)
        return {name: _place_of(folder, name, facts) for name in _PARTS}, facts
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"load: no training in {os.fspath(folder)!r}") from None
    except OSError as error:
        raise IoError(f"load: {folder}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise CorruptionError(f"load: {place}: {error}") from error


def remove_training(path: str | os.PathLike[str]) -> None:
    """Removes the folder of a training, if there is one, when nobody writes into it."""
    folder = Path(path)
    try:
        descriptor = _lock(folder, fcntl.LOCK_EX)
    except FileNotFoundError:
        return
    try:
        # First what makes it a training: what a crash leaves of the rest is none.
        (folder / FACTS).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _check(facts: Any) -> None:
    """Raises ValueError unless the facts are what `write_training` writes."""
    if not isinstance(facts, dict):
        raise ValueError(f"expected an object, got {type(facts).__name__}")
    form, epoch = facts.get("format"), facts.get("epoch")
    if type(form) is not int or not 1 <= form <= _FORMAT:
        raise ValueError(f"expected a format from 1 to {_FORMAT}, got {form!r}")
    if type(epoch) is not int or not 0 <= epoch <= _MOST_EPOCHS:
        raise ValueError(f"expected a number of epochs, got {epoch!r}")
    if form == 1:
        return
    mark, files = facts.get("mark"), facts.get("files")
    if not isinstance(mark, str) or not mark.isalnum() or not isinstance(files, dict):
        raise ValueError("expected a mark and the facts of files")
    for name in _PARTS:
        if not isinstance(files.get(name), dict):
            raise ValueError(f"expected the facts of {name}.safetensors")


def _place_of(folder: Path, name: str, facts: Mapping[str, Any]) -> Path:
    place = folder / f"{name}.safetensors"
    if facts["format"] == 1:
        return place
    own = folder / f"{name}.{facts['mark']}.safetensors"  # a save was killed before it was renamed
    place = own if own.exists() else place
    if not place.exists():
        raise ValueError(f"{place.name} is missing")
    size, digest = _sum_of(place)
    wanted = facts["files"][name]
    if size != wanted.get("bytes") or digest != wanted.get("sha256"):
        raise ValueError(f"{place.name} is not the file that was saved with it")
    return place


def _sum_of(path: Path) -> tuple[int, str]:
    with open(path, "rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
