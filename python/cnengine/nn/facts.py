"""What objects of a training say of themselves: a line of their settings, a table of arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cnengine.nn.module import Module, named_leaves

_PLAIN = (bool, int, float, str, Path, type(None))


def line_of(value: Any, names: Iterable[str] | None = None) -> str:
    """The type and its settings: attributes that are plain values, functions by their names.

    `names` None: all that do not begin with "_".
    """
    facts = []
    for name in vars(value) if names is None else names:
        each = getattr(value, name)
        if name.startswith("_") or not (isinstance(each, _PLAIN) or callable(each)):
            continue
        text = str(each) if isinstance(each, Path) else each
        facts.append(f"{name}={getattr(each, '__name__', None) or repr(text)}")
    return f"{type(value).__name__}({', '.join(facts)})"


def summary_of(module: Module) -> str:
    """A table of the arrays of a module: names, shapes, types, numbers of elements."""
    rows = [("name", "shape", "type", "elements")]
    for leaf in named_leaves(module):
        mark = "" if leaf.role == "parameter" else f" ({leaf.role})"
        rows.append((leaf.name + mark, str(tuple(leaf.value.shape)), leaf.value.dtype.name,
                     str(leaf.value.size)))  # fmt: skip
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row[:3], widths[:3], strict=True)),
                        row[3].rjust(widths[3])]) for row in rows]  # fmt: skip
    total = module.num_parameters()
    trained = module.num_parameters(trainable_only=True)
    return "\n".join([*lines, f"{total} parameters, {trained} of them trained"])
