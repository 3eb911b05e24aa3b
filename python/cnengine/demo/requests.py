"""The questions: 30 minutes before each scheduled departure, will the flight arrive late?

A request knows the plan of its flight. From it come the static features; the streamed features and
the weather are looked up as of the moment of the request.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cnengine.demo.data import UTC_MS, Data
from cnengine.demo.zones import MINUTE
from cnengine.errors import CorruptionError

BEFORE_DEPARTURE = 30 * MINUTE
LATE_MINUTES = 15.0

CATEGORIES = ("carrier", "origin", "dest")
PLAN = ("local_minute", "weekday", "distance", "planned_minutes")
STATIC = (*CATEGORIES, *PLAN)


def request_table(data: Data) -> pa.Table:
    """One row for each flight, ordered by the time of its request.

    Columns: id, time (timestamp), month, carrier, origin, dest, tailnum, the columns of `PLAN` as
    float64, sched_dep, and label (bool: arrives more than 15 minutes late; null without an arrival
    delay).
    """
    flights = data.flights
    sched_dep = flights["sched_dep"].cast(pa.int64())
    planned = pc.subtract(flights["sched_arr"].cast(pa.int64()), sched_dep)
    table = pa.table(
        {
            "id": flights["id"],
            "time": pc.subtract(sched_dep, BEFORE_DEPARTURE).cast(UTC_MS),
            "month": flights["month"],
            **{name: flights[name] for name in CATEGORIES},
            "tailnum": pc.fill_null(flights["tailnum"], ""),
            "local_minute": flights["local_minute"].cast(pa.float64()),
            "weekday": flights["weekday"].cast(pa.float64()),
            "distance": flights["distance"],
            "planned_minutes": pc.divide(planned.cast(pa.float64()), float(MINUTE)),
            "sched_dep": flights["sched_dep"],
            "label": pc.greater(flights["arr_delay"], LATE_MINUTES),
        }
    )
    return table.sort_by([("time", "ascending"), ("id", "ascending")]).combine_chunks()


@dataclass(frozen=True)
class StaticEncoder:
    """Turns the plan of a flight into numbers: a category by its place in the list, others as is.

    A category that was not there when the encoder was made becomes NaN, which the model treats as
    missing.
    """

    categories: dict[str, list[str]]

    @classmethod
    def fit(cls, table: pa.Table) -> StaticEncoder:
        """Learn the categories of `table`, in alphabetical order."""
        return cls({n: sorted(pc.unique(table[n]).drop_null().to_pylist()) for n in CATEGORIES})

    def matrix(self, table: pa.Table) -> np.ndarray:
        """The features of all rows, float64 (rows, len(STATIC))."""
        out = np.empty((table.num_rows, len(STATIC)))
        for i, name in enumerate(CATEGORIES):
            codes = pc.index_in(table[name], pa.array(self.categories[name], pa.string()))
            out[:, i] = codes.cast(pa.float64()).to_numpy(zero_copy_only=False)
        for i, name in enumerate(PLAN, len(CATEGORIES)):
            out[:, i] = table[name].to_numpy(zero_copy_only=False)
        return out

    def tables(self) -> tuple[dict[str, float], ...]:
        """For `CATEGORIES` in order: the code of each name, for one row at a time."""
        return tuple(
            {name: float(code) for code, name in enumerate(self.categories[column])}
            for column in CATEGORIES
        )

    def save(self, path: Path) -> None:
        """Write the categories as JSON."""
        path.write_text(json.dumps(self.categories, indent=1))

    @classmethod
    def load(cls, path: Path) -> StaticEncoder:
        """Read what `save` wrote."""
        try:
            categories = json.loads(path.read_text())
            return cls({name: list(categories[name]) for name in CATEGORIES})
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptionError(f"demo: {path} does not hold categories: {error}") from error
