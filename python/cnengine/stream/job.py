"""Jobs: plans at work, to their sinks."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from cnengine import errors
from cnengine._core import stream as _native
from cnengine._time import parse_duration_ms, to_epoch_ms
from cnengine.stream.window import Duration

if TYPE_CHECKING:
    import pyarrow as pa

Instant = datetime.datetime | int | str
_BATCH = 8192


class Output:
    """A stream with its sinks, for a `Job`; made by `Stream.to`.

    Kept results are those of one job. While it is there and not closed, another job with this
    output is a StateError; a later one begins them anew, or from its checkpoint.

    Examples
    --------
    >>> import cnengine as cn, pyarrow as pa
    >>> stream = cn.stream.from_arrow(pa.table({"t": [0, 1000]}), event_time="t")
    >>> seen = []
    >>> cn.stream.Job([stream.to(lambda table: seen.append(table.num_rows))]).run()
    >>> sum(seen)
    2
    """

    def __init__(
        self, native: Any, sinks: Iterable[Any], late: Iterable[Any], keep_late: bool = False
    ) -> None:
        self._kept = self._late = None
        sinks, late = [_to_sink(sink) for sink in sinks], [_to_sink(sink) for sink in late]
        if not sinks:
            self._kept = _native.collector(native)
            sinks = [self._kept]
        if keep_late or self._kept is not None:
            self._late = _native.late_collector(native)
            late.append(self._late)
        self._sinks = sinks, late  # the native branch does not hold them
        self._branch = _native.branch(native, sinks, late)

    def collect(self) -> pa.Table:
        """The final results so far, where they are kept; see `Stream.collect`.

        Raises
        ------
        StateError
            The results went to sinks.
        """
        return _to_arrow(self._collector(self._kept, "collect").last())

    def changes(self) -> pa.Table:
        """Every emission so far, where they are kept; see `Stream.changes`."""
        return _to_arrow(self._collector(self._kept, "changes").all())

    def late(self) -> pa.Table:
        """The records that came too late so far, where results are kept."""
        return _to_arrow(self._collector(self._late, "late").all())

    def _collector(self, collector: Any, function: str) -> Any:
        if collector is None:
            raise errors.StateError(
                f"{function}: the results went to sinks; use .to() to keep them"
            )
        return collector


def _to_arrow(tables: list[Any]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables([pa.table(table) for table in tables])


def _to_sink(sink: Any) -> Any:
    if type(sink).__module__.startswith("cnengine._core"):
        return sink
    if not callable(sink):
        raise errors.TypeError(
            "to: expected a function of a pyarrow.Table or a sink of a store, "
            f"got {type(sink).__name__}"
        )
    return _calls(sink)


def _calls(function: Callable[[pa.Table], object]) -> Callable[[Any], None]:
    def write(table: Any) -> None:
        import pyarrow as pa

        function(pa.table(table))

    return write


class Job:
    """Streams at work on one clock, with their sinks.

    Records of all sources are taken by arrival time; ties by the order of the sources in `outputs`,
    then partition, then offset. How many are taken at once changes no result.

    Parameters
    ----------
    outputs
        What `Stream.to` gives: one, or many. Kept results are those of one job, see `Output`.
    checkpoint
        A directory. The job locks it, and continues from the checkpoint in it: kept results are
        then exactly those of a job that was never stopped, and sinks get once more the rows that
        were emitted after the checkpoint, the same ones. Before it writes one, a log that is open
        for writing here is synced; one that is only read is up to its writer, see StateError.
    checkpoint_every
        Write a checkpoint after this many records (int), or this much time of the clock ("30s").

    Raises
    ------
    LockedError
        Another job has the directory.
    CorruptionError
        The checkpoint is damaged.
    StateError
        The checkpoint is of another job, or the log no longer has the records that it goes on
        from, or has lost some that were read (a writer that does not sync, and a power failure);
        or another job that is not closed keeps the results of an output, or it comes twice;
        or, later, an earlier call has failed, the job is closed, another thread or a sink calls
        it while it is at work, or it has a checkpoint and this process was forked from its own.

    Examples
    --------
    >>> import pyarrow as pa, cnengine.frame as cf
    >>> from cnengine.stream import from_arrow, tumbling
    >>> table = pa.table({"t": [0, 1, 61_000], "v": [1, 2, 3]})
    >>> rows = []
    >>> counts = from_arrow(table, event_time="t").group_by().window(tumbling("1m")).agg(cf.count())
    >>> job = Job([counts.to(lambda rows_: rows.extend(rows_.to_pylist()))])
    >>> job.run(max_batch=1)
    >>> [row["count"] for row in rows], job.metrics()["records"]
    ([2], 3)
    """

    def __init__(
        self,
        outputs: Output | Iterable[Output],
        *,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: Duration | None = None,
    ) -> None:
        self._outputs = [outputs] if isinstance(outputs, Output) else list(outputs)
        for output in self._outputs:
            if not isinstance(output, Output):
                raise errors.TypeError(
                    f"Job: expected what stream.to(...) gives, got {type(output).__name__}"
                )
        if checkpoint is None and checkpoint_every is not None:
            raise errors.ArgumentError("Job: checkpoint_every needs a checkpoint directory")
        every_records = every_ms = 0
        if isinstance(checkpoint_every, int):
            every_records = checkpoint_every
        elif checkpoint_every is not None:
            every_ms = parse_duration_ms(checkpoint_every, "Job")
        if checkpoint_every is not None and every_records + every_ms <= 0:
            raise errors.ArgumentError(
                f"Job: expected checkpoint_every to be positive, got {checkpoint_every!r}"
            )
        directory = "" if checkpoint is None else os.fspath(checkpoint)
        branches = [output._branch for output in self._outputs]
        self._native = _native.Job(branches, directory, every_records, every_ms)

    def run(self, until: Instant | None = None, *, max_batch: int | None = None) -> None:
        """Processes what has arrived.

        Parameters
        ----------
        until
            Only records that have arrived by then, inclusive; the clock is then moved to it.
            None: all that are there.
        max_batch
            How many records are taken at once; 1: one event at a time.
        """
        time = None if until is None else to_epoch_ms(until, "run")
        self._native.run(time, _BATCH if max_batch is None else max_batch)

    def advance(self, to: Instant) -> None:
        """Moves the clock without records, for windows and idle partitions that wait for it."""
        self._native.advance(to_epoch_ms(to, "advance"))

    def finish(self) -> None:
        """Says that no more records will come: every window is emitted."""
        self._native.finish()

    def checkpoint(self) -> None:
        """Writes a checkpoint now, whole or not at all."""
        self._native.checkpoint()

    def close(self) -> None:
        """Lets go of the checkpoint directory and of kept results, so that another job may take
        them; writes no checkpoint. Later calls but `metrics` raise StateError. Also at the end of a
        ``with`` block.
        """
        self._native.close()

    def __enter__(self) -> Job:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def metrics(self) -> dict[str, Any]:
        """Numbers so far; any thread may ask.

        records, bad (skipped by ``on_error="skip"``), late (behind the watermark), dropped (too
        late for all windows), emitted (rows), checkpoints, clock_ms and watermark_ms (None: none
        yet), and record_ns: {p50, p99, p999, max, mean}, from taking a record to the end of its
        sinks.
        """
        return self._native.metrics()

    @property
    def latency(self) -> Any:
        """The histogram behind `metrics`' record_ns, for `cnengine._metrics.prometheus_text`."""
        return self._native.latency
