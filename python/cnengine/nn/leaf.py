"""The arrays of modules: what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cnengine.errors import ArgumentError


class Leaf(NamedTuple):
    """An array of a module: its name, what it is there for, and where it lies."""

    name: str
    role: str  # "parameter", "frozen" or "state"
    value: Any
    holder: Any
    key: Any
    volatile: bool


def is_floating(value: Any) -> bool:
    """Whether an array has elements that derivatives are taken by."""
    return value.dtype.name in ("float32", "float64", "bfloat16", "float16")


def refuse_shared(leaves: Sequence[Leaf], what: str) -> None:
    """Raises ArgumentError of `what` where one array is in two places."""
    seen: dict[int, str] = {}
    for leaf in leaves:
        if (first := seen.setdefault(id(leaf.value), leaf.name)) != leaf.name:
            raise ArgumentError(
                f"{what}: {first} and {leaf.name} are one array, and would be two afterwards; call "
                "one module in both places, or Embedding.attend"
            )
