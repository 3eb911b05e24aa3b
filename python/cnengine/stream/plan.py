"""Plans: sources, steps that look at one record at a time, aggregations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnengine import errors
from cnengine._core import stream as _native
from cnengine._time import parse_duration_ms
from cnengine.frame.aggregate import Aggregate
from cnengine.frame.expr import Expr, to_column, to_expr
from cnengine.stream.job import Job, Output
from cnengine.stream.window import Duration, Window

if TYPE_CHECKING:
    import pyarrow as pa

    from cnengine.log import Log


def from_arrow(
    table: Any,
    *,
    event_time: str,
    arrival_time: str | None = None,
    watermark: Duration = 0,
) -> Stream:
    """A table in memory as a stream, its rows in the order of arrival.

    Parameters
    ----------
    table
        Anything that speaks the Arrow PyCapsule protocol (pyarrow, polars, pandas, duckdb).
    event_time
        The column that says when a row happened: timestamps, dates, or int64 milliseconds since
        1970. Windows go by whole milliseconds.
    arrival_time
        The column that says when it came; without, each row comes at the largest event time so far.
    watermark
        How far behind the largest event time so far a row may be without being late.

    Raises
    ------
    NotFoundError, TypeError, ArgumentError
        No such column; its type is not a time; a row has no time.

    Examples
    --------
    >>> import pyarrow as pa, cnengine.frame as cf
    >>> from cnengine.stream import tumbling
    >>> table = pa.table({"t": [0, 30_000, 70_000], "v": [1.0, 3.0, 5.0]})
    >>> from_arrow(table, event_time="t").group_by().window(tumbling("1m")).agg(
    ...     cf.mean("v")).collect()["v"].to_pylist()
    [2.0, 5.0]
    """
    bound = parse_duration_ms(watermark, "from_arrow")
    return Stream(_native.pipeline(_native.from_table(table, event_time, arrival_time, bound)))


def from_topic(
    log: Log,
    topic: str,
    *,
    schema: Mapping[str, str] | Any | None = None,
    event_time: str | None = None,
    key: str | None = None,
    timestamp: str | None = None,
    watermark: Duration = 0,
    idle_timeout: Duration | None = None,
    on_error: str = "fail",
) -> Stream:
    """A topic of a log as a stream; a record's timestamp is its arrival time.

    Parameters
    ----------
    log, topic
        Where the records are.
    schema
        Columns to read from values that are JSON objects: ``{"k": "utf8", "at": "timestamp[ms,
        UTC]"}`` or a pyarrow schema. Other fields are skipped, missing ones are null. None: the
        columns are key, value (binary), timestamp and offset.
    event_time
        The column that says when a record happened; None: when it arrived.
    key, timestamp
        Columns of the schema that are not in the value but are the record's key and timestamp, as
        `Log.produce` put them there.
    watermark
        How far behind the largest event time of its partition a record may be without being late.
        The stream's watermark is the least of its partitions'; one that never had a record does
        not count.
    idle_timeout
        A partition without records for this long no longer holds the watermark back.
    on_error
        ``"fail"``: a record that is not of the schema, or has no event time, or a timestamp more
        than 35,000 years from 1970, raises `CorruptionError` that says where it is. ``"skip"``: it
        is counted (`Job.metrics`, bad).

    Raises
    ------
    NotFoundError
        There is no such topic, or no such column in the schema.

    Examples
    --------
    >>> import cnengine as cn, pyarrow as pa
    >>> log = cn.log.open("stream-example", fsync="none")
    >>> log.create_topic("clicks")
    >>> _ = log.produce("clicks", pa.table({"user": ["a", "b", "a"], "at": [0, 1000, 61_000]}))
    >>> clicks = cn.stream.from_topic(
    ...     log, "clicks", schema={"user": "utf8", "at": "int64"}, event_time="at", watermark="10s"
    ... )
    >>> counts = clicks.group_by("user").window(cn.stream.tumbling("1m")).agg(cn.count())
    >>> sorted((row["user"], row["count"]) for row in counts.collect().to_pylist())
    [('a', 1), ('a', 1), ('b', 1)]
    >>> log.close()
    """
    if on_error not in ("fail", "skip"):
        raise errors.ArgumentError(
            f'from_topic: expected on_error to be "fail" or "skip", got {on_error!r}'
        )
    source = _native.from_topic(
        log._store,
        topic,
        schema=schema,
        event_time=event_time,
        key=key,
        timestamp=timestamp,
        skip_bad=on_error == "skip",
        bound_ms=parse_duration_ms(watermark, "from_topic"),
        idle_timeout_ms=(
            None if idle_timeout is None else parse_duration_ms(idle_timeout, "from_topic")
        ),
    )
    return Stream(_native.pipeline(source))


class Stream:
    """Records on their way; each method gives a new stream. Made by `from_arrow`, `from_topic`.

    Streams that come from one source object share it: in a `Job` it is read once.

    Examples
    --------
    >>> import cnengine as cn, pyarrow as pa
    >>> table = pa.table({"k": ["a", "b"], "t": [0, 1000], "v": [1.0, 5.0]})
    >>> stream = cn.stream.from_arrow(table, event_time="t")
    >>> stream.filter(cn.col("v") > 2).group_by("k").agg(cn.last("v")).collect()["v"].to_pylist()
    [5.0]
    """

    def __init__(self, native: Any) -> None:
        self._native = native

    @property
    def schema(self) -> dict[str, str]:
        """Names and types of the columns."""
        return self._native.schema

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.schema}>"

    def filter(self, *conditions: Expr) -> Stream:
        """Only the records for which all conditions are true (null is not)."""
        native = self._native
        for condition in conditions:
            native = native.filter(to_expr(condition)._native)
        return Stream(native)

    def select(self, *columns: str | Expr, **named: Any) -> Stream:
        """Only these columns; the time of the events stays what it was."""
        names, exprs = _named(columns, named)
        return Stream(self._native.select(names, exprs))

    def with_columns(self, *columns: str | Expr, **named: Any) -> Stream:
        """These columns added, or in the place of those of the same name."""
        names, exprs = _named(columns, named)
        return Stream(self._native.with_columns(names, exprs))

    def group_by(self, *keys: str) -> Grouped:
        """Groups by key columns; without any, all records are one group."""
        return Grouped(self._native, keys)

    def to(self, *sinks: Any, late: Iterable[Any] = ()) -> Output:
        """Where the results go, for a `Job`.

        Parameters
        ----------
        sinks
            What `feature.Store.sink` gives, or functions that take a `pyarrow.Table`. Without any
            the results are kept: see `Output.collect`.
        late
            The same for the records that came too late for all their windows.
        """
        return Output(self._native, sinks, late)

    def collect(self) -> pa.Table:
        """Runs over all records and returns the final results.

        With windows: keys, window_start, window_end and aggregates, the last revision of each key
        and window, in the order of emission; at the end all windows are emitted. Without windows:
        the last row of each key. Without aggregation: the records.
        """
        return self._run().collect()

    def changes(self) -> pa.Table:
        """Runs over all records and returns every emission, in order.

        As `collect`, with emitted_at (the clock) and revision: 0, and one more each time that a
        late record changes a window that was emitted.
        """
        return self._run().changes()

    def late(self) -> pa.Table:
        """Runs over all records and returns those that came too late for all their windows."""
        return self._run().late()

    def _run(self) -> Output:
        out = Output(self._native, (), (), keep_late=True)
        job = Job([out])
        job.run()
        job.finish()
        return out


def _named(columns: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[str], list[Any]]:
    exprs = [to_column(column) for column in columns]
    names = [expr.name for expr in exprs]
    exprs += [to_expr(value) for value in named.values()]
    return names + list(named), [expr._native for expr in exprs]


class Grouped:
    """A stream by key; made by `Stream.group_by`."""

    def __init__(
        self,
        native: Any,
        keys: tuple[str, ...],
        window: Window | None = None,
        lateness_ms: int = 0,
        emit: str = "watermark",
    ) -> None:
        self._native, self._keys, self._window = native, keys, window
        self._lateness_ms, self._emit = lateness_ms, emit

    def window(self, window: Window) -> Grouped:
        """Aggregates per window; without, over all records of a key so far."""
        if not isinstance(window, Window):
            raise errors.TypeError(
                "window: expected tumbling(...), sliding(...) or session(...), "
                f"got {type(window).__name__}"
            )
        return Grouped(self._native, self._keys, window, self._lateness_ms, self._emit)

    def allowed_lateness(self, lateness: Duration) -> Grouped:
        """Keeps windows for this long after the watermark has passed their end.

        A record that comes in that time is added, and a window that was emitted is emitted again. A
        record that comes later than that for all its windows is dropped, counted, and given to
        the late output.
        """
        ms = parse_duration_ms(lateness, "allowed_lateness")
        return Grouped(self._native, self._keys, self._window, ms, self._emit)

    def emit(self, when: str) -> Grouped:
        """When a window is emitted first: the "watermark" or the "clock" has reached its end."""
        if when not in ("watermark", "clock"):
            raise errors.ArgumentError(f'emit: expected "watermark" or "clock", got {when!r}')
        return Grouped(self._native, self._keys, self._window, self._lateness_ms, when)

    def agg(self, *aggregates: Aggregate) -> Stream:
        """The results: keys, times, one column for each aggregate, emitted_at, revision.

        With windows the times are window_start and window_end; `first` and `last` go by event
        time. Without windows there is a row for each record, with its event_time.

        Examples
        --------
        >>> import pyarrow as pa, cnengine.frame as cf
        >>> table = pa.table({"t": [0, 1, 2], "k": ["a", "b", "a"], "v": [1, 2, 3]})
        >>> running = from_arrow(table, event_time="t").group_by("k").agg(cf.sum("v"))
        >>> running.changes()["v"].to_pylist()
        [1, 2, 4]
        """
        for aggregate in aggregates:
            if not isinstance(aggregate, Aggregate):
                raise errors.TypeError(
                    f'agg: expected aggregates such as mean("v"), got {type(aggregate).__name__}'
                )
        w = self._window or Window("none", 0)
        native = _native.window(
            w.kind, w.size_ms, w.slide_ms, w.offset_ms, self._lateness_ms, self._emit
        )
        keys = [str(key) for key in self._keys]
        return Stream(self._native.agg(keys, native, [a._native for a in aggregates]))
