"""Measurements of 100,000 keys over half a day, in order of time."""

import numpy as np
import pyarrow as pa

KEYS = 100_000
HOURS = 12
MINUTE = 60_000
SIZE, SLIDE = 360 * MINUTE, 10 * MINUTE


def make_table(records: int, hours: int = HOURS) -> pa.Table:
    """Columns t (timestamp[ms]), k (int64), v (float64: whole numbers, so that sums are exact)."""
    rng = np.random.default_rng(5)
    t = np.sort(rng.integers(0, hours * 60 * MINUTE, records))
    return pa.table({
        "t": pa.array(t, pa.timestamp("ms")),
        "k": rng.integers(0, KEYS, records),
        "v": rng.integers(-1000, 1000, records).astype(np.float64),
    })  # fmt: skip


def full_windows(k, start, mean, first: np.ndarray, hours: int = HOURS) -> np.ndarray:
    """(k, start, mean) of the windows that all engines make, sorted, as one array.

    These are the windows within the data that begin no earlier than the pane of the key's first
    record: Polars begins each group there.
    """
    k, start, mean = np.asarray(k), np.asarray(start), np.asarray(mean)
    inside = (start >= first[k]) & (start + SIZE <= hours * 60 * MINUTE)
    order = np.lexsort((start[inside], k[inside]))
    return np.stack([k[inside][order], start[inside][order], mean[inside][order]])


def first_panes(table: pa.Table) -> np.ndarray:
    """By key: when the pane of its first record begins."""
    first = np.full(KEYS, np.iinfo(np.int64).max)
    np.minimum.at(first, table["k"].to_numpy(), np.asarray(table["t"].cast("int64")))
    return first // SLIDE * SLIDE
