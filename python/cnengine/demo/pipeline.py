"""The features: windows over the topics, written to views. History and replay run this one job.

A rolling window ends at the last 10-minute boundary: it is emitted when the clock reaches its end
and lives for 10 minutes, until the next one is there. Late events, up to the allowed lateness, make
the windows they belong to be emitted again; what comes even later is dropped and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cnengine import frame, stream
from cnengine.demo.data import WEATHER
from cnengine.demo.features import SLIDE, STREAMED, VIEWS, refs
from cnengine.demo.zones import DAY

if TYPE_CHECKING:
    from pathlib import Path

    from cnengine.feature import Store
    from cnengine.log import Log

WATERMARK = "10m"
LATENESS = "30m"
WEATHER_REACH = "179m"  # as WEATHER_TTL, but inclusive: requests and reports are on the minute
TIME = "timestamp[ms, UTC]"


def build_job(log: Log, store: Store, *, checkpoint: Path | str | None = None) -> stream.Job:
    """The job from the three topics to the views of `store`."""

    def source(topic: str, **columns: str):
        schema = {"event_time": TIME, "origin": "utf8", **columns}
        return stream.from_topic(
            log, topic, schema=schema, event_time="event_time", watermark=WATERMARK
        )

    def windows(rows, number: int, window, *aggregates):
        view = VIEWS[number]
        grouped = rows.group_by(*view.entities).window(window)
        grouped = grouped.allowed_lateness(LATENESS).emit("clock")
        named = [a.alias(name) for a, name in zip(aggregates, view.features, strict=True)]
        return grouped.agg(*named).to(
            store.sink(view.name, event_time="window_end", created="emitted_at")
        )

    departures = source("departures", carrier="utf8", dep_delay="float64", cancelled="int64")
    took_off = departures.filter(frame.col("cancelled") == 0)
    delays = (frame.count(), frame.mean("dep_delay"))
    landed = source("arrivals", tailnum="utf8", arr_delay="float64")
    landed = landed.filter(frame.col("arr_delay").is_not_null())  # diverted flights have none
    plane = landed.group_by("tailnum").agg(frame.last("arr_delay").alias("plane_arrival_delay"))
    weather = source("weather", **dict.fromkeys(WEATHER, "float64"))
    outputs = [
        windows(took_off, 0, stream.sliding("1h", SLIDE), *delays),
        windows(took_off, 1, stream.sliding("6h", SLIDE), *delays),
        windows(departures, 2, stream.sliding("6h", SLIDE), frame.mean("cancelled")),
        windows(took_off, 3, stream.sliding("24h", SLIDE), *delays),
        plane.to(store.sink("plane", event_time="event_time", created="emitted_at")),
        # One report an hour: its window ends, and it is visible, when the report arrives.
        windows(weather, 5, stream.tumbling("1h"), *(frame.last(name) for name in WEATHER)),
    ]
    return stream.Job(outputs, checkpoint=str(checkpoint) if checkpoint else None)


def run_to_end(
    job: stream.Job,
    start: int,
    end: int,
    *,
    max_batch: int | None = None,
    checkpoint_days: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Run the job from day to day until the clock shows `end` (ms); what it has done it skips.

    `progress` is called with (days done, all days).
    """
    stops = [*range(start // DAY * DAY + DAY, end, DAY), end]
    clock = job.metrics()["clock_ms"]
    for done, stop in enumerate(stops, 1):
        if clock is None or stop > clock:
            job.run(until=stop, max_batch=max_batch)
            if checkpoint_days and (done % checkpoint_days == 0 or stop == end):
                job.checkpoint()
        if progress:
            progress(done, len(stops))


def history_matrix(store: Store, requests: pa.Table, weather: pa.Table) -> np.ndarray:
    """The streamed features and the weather as they were known at the time of each request.

    `weather` is the table of weather events; it is joined here, not read from the store.

    Returns
    -------
    float64 array (rows, len(STREAMED) + len(WEATHER))
        NaN where nothing was known.
    """
    entities = requests.select(["time", "carrier", "origin", "tailnum"])
    streamed = store.history(refs(VIEWS[:-1]), entities, event_time="time")
    reports = weather.select(["arrived_at", "origin", *WEATHER])
    joined = (
        frame.from_arrow(entities)
        .join_asof(
            reports, left_on="time", right_on="arrived_at", by="origin", tolerance=WEATHER_REACH
        )
        .collect()
    )
    columns = streamed.columns[-len(STREAMED) :] + [joined[name] for name in WEATHER]
    out = np.empty((requests.num_rows, len(columns)))
    for i, column in enumerate(columns):
        out[:, i] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return out
