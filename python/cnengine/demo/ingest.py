"""Append the events to the log, once, however often the work was cut off.

What the log holds decides what is left to do. A key always goes to the same partition and events go
in arrival order, so a partition holds the first n events of the keys that it has seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cnengine.demo.events import TOPICS
from cnengine.demo.zones import DAY
from cnengine.errors import StateError

if TYPE_CHECKING:
    from cnengine.log import Log


def _read_keys(log: Log, topic: str, partition: int) -> pa.Table:
    """key and timestamp of all records of a partition."""
    offset, end, parts = 0, log.end_offset(topic, partition), []
    while offset < end:
        part = log.read(topic, partition, offset, 8 << 20)
        offset = part["offset"][-1].as_py() + 1
        parts.append(part.select(["key", "timestamp"]))
    return pa.concat_tables(parts).combine_chunks()


def missing(log: Log, topic: str, key: str, table: pa.Table) -> pa.Table:
    """The rows of `table` that the topic does not hold yet, in order.

    Raises StateError when the topic holds something else than the first rows of each partition.
    """
    written = np.zeros(table.num_rows, bool)
    keys, arrived = table[key].combine_chunks(), table["arrived_at"].combine_chunks()
    for partition in range(log.partitions(topic)):
        if log.end_offset(topic, partition) == 0:
            continue
        there = _read_keys(log, topic, partition)
        names = there["key"].combine_chunks().cast(pa.string())
        rows = np.flatnonzero(pc.is_in(keys, names.unique()).to_numpy(zero_copy_only=False))
        rows = rows[: there.num_rows]
        same = len(rows) == there.num_rows and keys.take(pa.array(rows)).equals(names)
        if not same or not arrived.take(pa.array(rows)).equals(
            there["timestamp"].combine_chunks().cast(arrived.type)
        ):
            raise StateError(
                f"demo: partition {partition} of topic {topic} in {log.path} holds other events "
                "than this run would write; give another --data folder"
            )
        written[rows] = True
    return table.filter(pa.array(~written)) if written.any() else table


Send = Callable[[str, pa.Table, str], None]


def ingest(
    log: Log,
    events: dict[str, pa.Table],
    progress: Callable[[int, int], None] | None = None,
    send: Send | None = None,
) -> int:
    """Create the topics and append what is missing, a day at a time.

    `progress` is called with (done, all). `send` takes (topic, rows, key column); without it the
    rows go to the log in this process. Returns the number of events appended.
    """
    tables, keys = {}, {}
    for topic, partitions, key in TOPICS:
        log.create_topic(topic, partitions, exist_ok=True)
        tables[topic] = missing(log, topic, key, events[topic])
        keys[topic] = key
    arrived = {t: tables[t]["arrived_at"].cast(pa.int64()).to_numpy() for t in tables}
    total = sum(len(ms) for ms in arrived.values())
    if total == 0:
        return 0
    first = min(ms[0] for ms in arrived.values() if len(ms)) // DAY * DAY
    last = max(ms[-1] for ms in arrived.values() if len(ms))
    done = 0
    for start in range(int(first), int(last) + 1, DAY):
        for topic, table in tables.items():
            low, high = np.searchsorted(arrived[topic], [start, start + DAY])
            if low == high:
                continue
            rows = table.slice(low, high - low)
            if send:
                send(topic, rows, keys[topic])
            else:
                values = [name for name in table.column_names if name != "arrived_at"]
                log.produce(topic, rows, key=keys[topic], timestamp="arrived_at", value=values)
            done += int(high - low)
        if progress:
            progress(done, total)
    return total
