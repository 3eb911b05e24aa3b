"""What commands print: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


def print_rows(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], *, as_json: bool, none: str = ""
) -> None:
    """Rows as a table of `columns`, or all that they hold as a JSON array.

    `none` is said instead of an empty table.
    """
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    if not rows:
        if none:
            print(none)
        return
    lines = [[column.upper().replace("_", "-") for column in columns]]
    lines += [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


@contextmanager
def report(*, as_json: bool) -> Iterator[Callable[[dict[str, Any], str], None]]:
    """Takes (row, text) of each thing done: texts are printed at once, rows at the end as JSON.

    What was done before an error is told too.
    """
    rows: list[dict[str, Any]] = []

    def done(row: dict[str, Any], text: str) -> None:
        rows.append(row)
        if not as_json:
            print(text)

    try:
        yield done
    finally:
        if as_json:
            print(json.dumps(rows, indent=2))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ",".join(map(_cell, value)) or "-"
    if isinstance(value, dict):
        return ",".join(f"{name}={item}" for name, item in value.items()) or "-"
    text = str(value)
    # Names come from others: nothing of them reaches the terminal but what can be seen.
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
