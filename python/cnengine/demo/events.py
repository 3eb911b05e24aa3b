"""What happened, when it happened and when we hear of it.

Each event has an event time and an arrival time. The arrival time is the event time plus a seeded
random delay: for most events some seconds, for one in forty some minutes, for a few up to hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cnengine.demo.data import HOUR, WEATHER, Data, timestamps
from cnengine.demo.zones import MINUTE

SECOND = 1000

# Topic, number of partitions, and the column that its records are keyed by.
TOPICS = (("departures", 4, "carrier"), ("arrivals", 4, "tailnum"), ("weather", 1, "origin"))


@dataclass(frozen=True)
class Delays:
    """How late events arrive: share of events and the bounds of their delay (ms)."""

    seed: int = 2013
    usual_mean: int = 10 * SECOND
    minutes_share: float = 0.025
    minutes: tuple[int, int] = (1 * MINUTE, 20 * MINUTE)
    hours_share: float = 0.002
    hours: tuple[int, int] = (20 * MINUTE, 4 * HOUR)

    def draw(self, count: int, stream: int) -> np.ndarray:
        """`count` delays in ms; each `stream` has its own sequence of random numbers."""
        random = np.random.Generator(np.random.PCG64([self.seed, stream]))
        delay = random.exponential(self.usual_mean, count)
        kind = random.random(count)
        delay = np.where(kind < self.minutes_share, random.uniform(*self.minutes, count), delay)
        delay = np.where(kind >= 1 - self.hours_share, random.uniform(*self.hours, count), delay)
        return delay.astype(np.int64)


def _milliseconds(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    return pc.cast(column, pa.int64()).to_numpy(zero_copy_only=False)


def _in_arrival_order(columns: dict, event_ms: np.ndarray, arrived_ms: np.ndarray) -> pa.Table:
    table = pa.table(
        {"arrived_at": timestamps(arrived_ms), "event_time": timestamps(event_ms), **columns}
    )
    return table.take(pa.array(np.argsort(arrived_ms, kind="stable"))).combine_chunks()


def departures(data: Data, delays: Delays) -> pa.Table:
    """One event for each flight: its take-off, or its cancellation at the scheduled time.

    Columns: arrived_at, event_time, id, carrier, origin, dest, tailnum, dep_delay (minutes,
    null when cancelled), cancelled (0 or 1). In arrival order.
    """
    flights = data.flights
    cancelled = pc.is_null(flights["dep_at"])
    event = _milliseconds(pc.coalesce(flights["dep_at"], flights["sched_dep"]))
    names = ("id", "carrier", "origin", "dest", "tailnum", "dep_delay")
    columns = {name: flights[name] for name in names}
    columns["cancelled"] = cancelled.cast(pa.int64())
    return _in_arrival_order(columns, event, event + delays.draw(len(event), 0))


def arrivals(data: Data, delays: Delays) -> pa.Table:
    """One event for each landing that has a time.

    Columns: arrived_at, event_time, id, carrier, origin, dest, tailnum, arr_delay (minutes;
    null for flights that were diverted on the way). In arrival order.
    """
    event_of_all = data.flights["arr_at"]
    flights = data.flights.filter(pc.is_valid(event_of_all))
    event = _milliseconds(flights["arr_at"])
    names = ("id", "carrier", "origin", "dest", "tailnum", "arr_delay")
    columns = {name: flights[name] for name in names}
    return _in_arrival_order(columns, event, event + delays.draw(len(event), 1))


def weather(data: Data) -> pa.Table:
    """One event for each hourly report; it may hold readings up to the 51st minute of its hour, so
    it arrives one hour after `time_hour`.

    Columns: arrived_at, event_time (the `time_hour`), origin, and the weather columns.
    """
    table = data.weather
    event = _milliseconds(table["time_hour"])
    columns = {name: table[name] for name in ("origin", *WEATHER)}
    return _in_arrival_order(columns, event, event + HOUR)


def all_events(data: Data, delays: Delays | None = None) -> dict[str, pa.Table]:
    """The events of each topic in arrival order."""
    delays = delays or Delays()
    return {
        "departures": departures(data, delays),
        "arrivals": arrivals(data, delays),
        "weather": weather(data),
    }
