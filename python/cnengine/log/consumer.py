"""Reads records of a log of either kind, and waits for more."""

from __future__ import annotations

import os
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnengine._core import log as _log
from cnengine.errors import ArgumentError, Error, StateError
from cnengine.log import clients
from cnengine.log.store import to_ms

if TYPE_CHECKING:
    import datetime

    import pyarrow as pa

    from cnengine.kafka.remote_log import RemoteLog
    from cnengine.log.store import Log

__all__ = ["Consumer", "Record"]

Partition = tuple[str, int]

_EARLIEST, _LATEST = -2, -1
_AT_ONCE = 500  # records that iteration takes from the log at a time
_COLUMNS = ("offset", "partition", "timestamp", "key", "value", "headers")


class Record(NamedTuple):
    """One record; `timestamp` in milliseconds since 1970, `headers` pairs of a name and bytes.

    Examples
    --------
    >>> import tempfile, cnengine.log
    >>> log = cnengine.log.open(tempfile.mkdtemp())
    >>> log.create_topic("clicks")
    >>> with log.producer() as producer:
    ...     _ = producer.send("clicks", "v", "k", 1000, {"trace": b"7f"})
    >>> log.consumer("clicks").poll()[0]
    Record(topic='clicks', partition=0, offset=0, timestamp=1000, key=b'k', value=b'v',
           headers=(('trace', b'7f'),))
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class Consumer:
    """Reads records of a log of this process or of a Kafka cluster; `Log.consumer` makes it too.

    Records of one partition come in their order; partitions take turns. Threads may share a
    consumer: each record comes once. At the end of the program it is closed.

    Parameters
    ----------
    log
        What `connect` takes.
    topics
        What to read: a topic or several. With a group as by `subscribe`, without one all their
        partitions as by `assign`. None: say it later.
    group
        The group whose members share the partitions, and for which offsets are committed. A log
        of this process keeps groups itself, and a `cnengine.kafka.Broker` on it serves the same
        ones: members of both kinds share the partitions.
    start
        Where to begin in a partition for which there is no offset, or when the offset is no longer
        there: "earliest", "latest", or "none", which raises (Kafka's ``auto.offset.reset``).
    read_committed
        Leave out records of transactions that are open or were aborted.
    options
        More settings; for a remote log librdkafka's, with underscores. A log of this process
        takes of them, with a group: ``group_instance_id`` (a static member: it comes back to its
        partitions), ``group_remote_assignor`` ("uniform" or "range") and ``max_poll_interval_ms``
        (300,000: who does not poll for so long leaves).

    Examples
    --------
    >>> import tempfile, cnengine.log
    >>> log = cnengine.log.open(tempfile.mkdtemp())
    >>> log.create_topic("clicks")
    >>> with log.producer() as producer:
    ...     for i in range(3):
    ...         _ = producer.send("clicks", f"click {i}")
    >>> with log.consumer("clicks") as consumer:
    ...     for record in consumer:
    ...         print(record.offset, record.value)
    ...         if record.offset == 2:
    ...             break
    0 b'click 0'
    1 b'click 1'
    2 b'click 2'
    """

    def __init__(
        self,
        log: Log | RemoteLog | str | os.PathLike[str],
        topics: str | Sequence[str] | None = None,
        *,
        group: str | None = None,
        start: str = "earliest",
        read_committed: bool = True,
        **options: Any,
    ) -> None:
        if start not in ("earliest", "latest", "none"):
            raise ArgumentError(
                f'consumer: expected start to be "earliest", "latest" or "none", got {start!r}'
            )
        self.log, self._own_log = clients.take_log(log)
        self._backend = self.log._reader(
            group=group, start=start, read_committed=read_committed, **options
        )
        self._buffer: deque[Record] = deque()  # taken by an iteration, not given out
        #: Values that `poll_arrow` could not read, with ``on_error="null"``, and why the last ones
        #: of them could not.
        self.bad, self.last_error = 0, ""
        clients.register(self, self.log)
        if topics is not None:
            topics = [topics] if isinstance(topics, str) else list(topics)
            self.assign(topics) if group is None else self.subscribe(topics)

    # What to read.

    def assign(self, partitions: Iterable[str | Partition | tuple[str, int, int | str]]) -> None:
        """Read these partitions and no others from now on.

        Parameters
        ----------
        partitions
            Each the name of a topic (all its partitions), ``(topic, partition)``, or
            ``(topic, partition, offset)``, where the offset may be "earliest" or "latest". Without
            an offset the group's committed one, else as `start` says. It is decided now.

        Raises
        ------
        NotFoundError
            There is no such topic or partition.
        StateError
            `start` is "none" and there is no offset.
        """
        starts: list[tuple[str, int, int | None]] = []
        if isinstance(partitions, str):
            partitions = [partitions]
        for each in partitions:
            if isinstance(each, str):
                starts += [(each, index, None) for index in range(self.log.partitions(each))]
            else:
                topic, partition, *offset = each
                starts.append((topic, partition, _offset(offset[0]) if offset else None))
        self._backend.assign(starts)
        self._buffer.clear()

    def assignment(self) -> list[Partition]:
        """The partitions that are read: those of `assign`, or the group's share of `subscribe`."""
        return self._backend.assignment()

    def subscribe(
        self,
        topics: Sequence[str],
        *,
        on_assign: Callable[[list[Partition]], object] | None = None,
        on_revoke: Callable[[list[Partition]], object] | None = None,
    ) -> None:
        """Share the partitions of topics with the other members of the group.

        The callbacks are called by `poll` and what else waits for records, on its thread: with the
        partitions that came, and, before they go, with those that go.
        """
        self._buffer.clear()
        self._backend.subscribe(
            [topics] if isinstance(topics, str) else list(topics),
            on_assign=on_assign,
            on_revoke=self._before_revoke(on_revoke),
        )

    def unsubscribe(self) -> None:
        """Read nothing; leave the group."""
        self._backend.unsubscribe()
        self._buffer.clear()

    def _before_revoke(
        self, on_revoke: Callable[[list[Partition]], object] | None
    ) -> Callable[[list[Partition]], object]:
        this = weakref.ref(self)  # a consumer that is let go of leaves at once

        def revoke(partitions: list[Partition]) -> None:
            if on_revoke is not None:
                on_revoke(partitions)
            if consumer := this():
                consumer._forget(set(partitions))

        return revoke

    # Reading.

    def poll(self, timeout: float | None = None, max_records: int = 500) -> list[Record]:
        """Records that are there, at most `max_records`; waits for the first of them.

        Parameters
        ----------
        timeout
            Seconds; None: until there are records. 0: do not wait.
        max_records
            How many at most.

        Returns
        -------
        list of Record
            Empty when the time was over, or another thread closed the consumer.

        Raises
        ------
        ArgumentError
            The offset is no longer there and `start` is "none".
        NotFoundError
            A topic was deleted.
        CorruptionError
            Damaged bytes on the disk; the message names file and byte.
        IoError
            The disk or the network failed.
        StateError
            The consumer or its log is closed, or was made before a fork.
        """
        if max_records < 1:
            raise ArgumentError(f"poll: expected max_records of at least 1, got {max_records}")
        out: list[Record] = []
        while self._buffer and len(out) < max_records:
            out.append(self._buffer.popleft())
        return out or self._take(timeout, lambda: self._backend.records(max_records, Record))

    def _take(self, timeout: float | None, take: Callable[[], list[Any]]) -> list[Any]:
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._backend.wait(timeout):
            if out := take():
                return out
            # Another thread was quicker.
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        return []

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        while True:
            try:
                return self._buffer.popleft()
            except IndexError:
                pass
            try:
                records = self._take(None, lambda: self._backend.records(_AT_ONCE, Record))
            except StateError:
                if self._backend.closed:
                    raise StopIteration from None
                raise
            if not records:
                raise StopIteration
            self._buffer.extend(records)

    def poll_arrow(
        self,
        max_rows: int = 100_000,
        timeout: float | None = None,
        schema: Any = None,
        *,
        columns: Sequence[str] | Mapping[str, str] | None = None,
        on_error: str = "fail",
    ) -> pa.Table:
        """Records of one topic as a table; waits for the first of them.

        Parameters
        ----------
        max_rows
            How many at most.
        timeout
            Seconds; None: until there are records. 0: do not wait.
        schema
            Fields of values that are JSON objects, as ``{"user": "utf8", "at": "timestamp[ms]"}``
            or a `pyarrow.Schema`: each becomes a column of its type, read in native threads. Fields
            that it does not name are passed over; missing ones and ``null`` are null. See
            `cnengine.stream.from_topic` for what a type takes.
        columns
            Which parts of the records are columns, before the fields: of "topic", "partition",
            "offset", "timestamp", "key", "value" and "headers"; or a mapping of parts to names of
            columns. None: offset, partition, timestamp, key, value, headers; with a schema without
            the value and without those parts that a field has the name of.
        on_error
            A value that is no JSON object of the schema: "fail" raises, and the consumer stays
            before these records; "null" gives nulls, counted by `bad`.

        Returns
        -------
        pyarrow.Table
            offset (int64), partition (int32), timestamp (timestamp[ms, UTC]), key and value
            (binary), headers (list<struct<key: string, value: binary>>), or what `columns` says,
            and the fields. No rows when the time was over.

        Raises
        ------
        CorruptionError
            A bad value; the message names its topic, partition and offset.
        ArgumentError
            An unknown part; two columns of one name.
        TypeError
            A field of a type with children.
        Error
            And what `poll` raises.

        Examples
        --------
        >>> import tempfile, pyarrow as pa, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks")
        >>> log.produce("clicks", pa.table({"user": ["ann", "bob"], "page": [3, 5]}))
        {0: range(0, 2)}
        >>> consumer = log.consumer("clicks")
        >>> table = consumer.poll_arrow(schema={"page": "int32"}, columns=["offset"])
        >>> table.to_pydict()
        {'offset': [0, 1], 'page': [3, 5]}
        """
        import pyarrow as pa

        if max_rows < 1:
            raise ArgumentError(f"poll_arrow: expected max_rows of at least 1, got {max_rows}")
        if on_error not in ("fail", "null"):
            raise ArgumentError(
                f'poll_arrow: expected on_error to be "fail" or "null", got {on_error!r}'
            )
        parts = _parts(columns, schema)
        self._unread()
        chunks = self._take(timeout, lambda: self._backend.chunks(max_rows))
        try:
            table, bad, why = _log.record_table(chunks, parts, schema, on_error == "null")
        except Error:
            self._put_back(chunks)
            raise
        if bad:
            self.bad += bad
            self.last_error = why
        return pa.table(table)

    def _put_back(self, chunks: Sequence[_log.Consumed]) -> None:
        first: dict[Partition, int] = {}
        for chunk in chunks:
            first.setdefault((chunk.topic, chunk.partition), chunk.first_offset)
        for (topic, partition), offset in first.items():
            self._backend.seek(topic, partition, offset)

    # Positions.

    def seek(self, topic: str, partition: int, offset: int | str) -> None:
        """Go on from an offset of an assigned partition, or from "earliest" or "latest"."""
        self._backend.seek(topic, partition, _offset(offset))
        self._forget({(topic, partition)})

    def position(self, topic: str, partition: int) -> int:
        """The offset of the next record that will be given out."""
        for record in self._buffer:
            if record.partition == partition and record.topic == topic:
                return record.offset
        return self._backend.position(topic, partition)

    def offsets_for_timestamps(
        self, timestamps: Mapping[Partition, int | datetime.datetime]
    ) -> dict[Partition, int]:
        """For partitions the first offset whose record has at least a timestamp (milliseconds since
        1970 or a datetime); where there is none the end offset."""
        return {
            (topic, partition): self.log.offset_for_timestamp(topic, to_ms(at), partition)
            for (topic, partition), at in timestamps.items()
        }

    def pause(self, *partitions: Partition) -> None:
        """Give out nothing of these assigned partitions until `resume`."""
        self._unread(set(partitions))
        self._backend.pause(list(partitions), True)

    def resume(self, *partitions: Partition) -> None:
        """End `pause`."""
        self._backend.pause(list(partitions), False)

    def paused(self) -> list[Partition]:
        """The partitions that `pause` stopped."""
        return self._backend.paused()

    def _unread(self, partitions: set[Partition] | None = None) -> None:
        """Gives what an iteration has taken and not given out back to the backend."""
        first: dict[Partition, int] = {}
        for record in self._buffer:
            key = (record.topic, record.partition)
            if partitions is None or key in partitions:
                first.setdefault(key, record.offset)
        for (topic, partition), offset in first.items():
            self._backend.seek(topic, partition, offset)
        if first:
            self._forget(set(first))

    def _forget(self, partitions: set[Partition]) -> None:
        kept = [each for each in self._buffer if (each.topic, each.partition) not in partitions]
        self._buffer.clear()
        self._buffer.extend(kept)

    # The group's offsets.

    def commit(self, offsets: Mapping[Partition, int] | None = None) -> None:
        """Write down how far the group is, and wait until that is safe.

        Parameters
        ----------
        offsets
            For partitions the offset of the next record to be read. None: the positions of all
            assigned partitions, that is, behind all records that were given out.

        Raises
        ------
        StateError
            The consumer has no group, or is no longer a member of it.
        """
        if offsets is None:
            offsets = {key: self.position(*key) for key in self.assignment()}
        if offsets:
            self._backend.commit(dict(offsets))

    def committed(
        self, partitions: Iterable[Partition] | None = None
    ) -> dict[Partition, int | None]:
        """What was committed for partitions (those that are assigned); None where nothing was."""
        keys = self.assignment() if partitions is None else [(t, p) for t, p in partitions]
        return self._backend.committed(keys)

    # The end.

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._backend.closed

    def close(self) -> None:
        """Leave the group, end what waits in other threads. Commits nothing; the callback of
        `subscribe` for partitions that go is called before. Twice is fine."""
        self._backend.close()
        self._buffer.clear()
        if self._own_log:
            self.log.close()

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<cnengine.log.Consumer of {self.log!r}{' closed' if self.closed else ''}>"


def _offset(offset: int | str) -> int:
    if isinstance(offset, str):
        if offset not in ("earliest", "latest"):
            raise ArgumentError(
                f'consumer: expected an offset or "earliest" or "latest", got {offset!r}'
            )
        return _EARLIEST if offset == "earliest" else _LATEST
    if offset < 0:
        raise ArgumentError(f"consumer: expected an offset of at least 0, got {offset}")
    return offset


def _parts(columns: Sequence[str] | Mapping[str, str] | None, schema: Any) -> list[tuple[str, str]]:
    """Pairs of the part of a record and the name of its column."""
    if isinstance(columns, str):
        columns = [columns]
    if isinstance(columns, Mapping):
        return list(columns.items())
    if columns is not None:
        return [(name, name) for name in columns]
    if schema is None:
        return [(name, name) for name in _COLUMNS]
    fields = getattr(schema, "names", None) or dict(schema)
    return [(name, name) for name in _COLUMNS if name != "value" and name not in fields]
