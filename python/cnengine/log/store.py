"""The log on disk: `open` and what it gives."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnengine._core import log as _log
from cnengine.log.clients import close_all

if TYPE_CHECKING:
    import datetime

    import pyarrow as pa

    from cnengine.log.consumer import Consumer
    from cnengine.log.producer import Producer

__all__ = ["Log", "open"]


def open(  # noqa: A001
    path: str | os.PathLike[str],
    *,
    fsync: str = "interval",
    fsync_interval_ms: int = 1000,
    read_only: bool = False,
    repair: bool = False,
    clock: Any = None,
) -> Log:
    """Open a log, creating its directory when it is missing.

    Every partition is recovered: a torn write at the end, left by a crash, is cut off, and lost or
    damaged indexes are rebuilt; `Log.recovery` says what was done.

    Parameters
    ----------
    path
        The directory. One process may have it open for writing.
    fsync
        What an acknowledged `Log.produce` survives. Under every policy that is the end of the
        process, kill -9 included. When the machine crashes, ``"always"`` loses nothing;
        ``"interval"`` loses at most the last `fsync_interval_ms` (plus the time that one sync
        takes); ``"none"`` may lose what was written to the last segment of each partition since
        the last `Log.flush` or `Log.close`.
    fsync_interval_ms
        Milliseconds between the syncs of ``"interval"``.
    read_only
        Read beside a writer in another process; it shows what the writer has written so far.
    repair
        Cut a partition at its first corrupt batch instead of raising; `Log.recovery` says what
        was lost.
    clock
        For tests: the source of time for default timestamps and retention.

    Raises
    ------
    LockedError
        Another `Log` has the directory open for writing.
    CorruptionError
        A batch that was synced is damaged; the message names the file and the byte.
    NotFoundError
        `read_only`, and there is no log.
    IoError
        The directory cannot be created or read.

    Examples
    --------
    >>> import tempfile, pyarrow as pa, cnengine.log
    >>> with cnengine.log.open(tempfile.mkdtemp()) as log:
    ...     log.create_topic("clicks")
    ...     log.produce("clicks", pa.table({"user": ["ann", "bob"], "page": [3, 5]}), key="user")
    ...     log.read("clicks")["value"].to_pylist()
    {0: range(0, 2)}
    [b'{"user":"ann","page":3}', b'{"user":"bob","page":5}']
    """
    store = _log.open(
        os.fspath(path),
        fsync=fsync,
        fsync_interval_ms=fsync_interval_ms,
        read_only=read_only,
        repair=repair,
        clock=clock,
    )
    return Log(store)


class Log:
    """An open log; made by `open`. Threads may share it."""

    def __init__(self, store: _log.TopicStore) -> None:
        self._store = store
        self._clients: weakref.WeakSet[Any] = weakref.WeakSet()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<cnengine.log.Log {self.path!r}{' closed' if self.closed else ''}>"

    @property
    def path(self) -> str:
        """The directory."""
        return self._store.path

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._store.closed

    @property
    def recovery(self) -> list[dict[str, Any]]:
        """What `open` had to mend: file, position, bytes_cut (0: only an index) and what."""
        names = ("file", "position", "bytes_cut", "what")
        return [dict(zip(names, note, strict=True)) for note in self._store.recovery_notes()]

    def close(self) -> None:
        """Sync everything, write the indexes, let go of the directory. Twice is fine.

        Its producers and consumers are closed first.
        """
        try:
            close_all(self._clients)
        finally:
            self._store.close()

    def producer(self, **options: Any) -> Producer:
        """A `Producer` of single records; `options` are its."""
        from cnengine.log.producer import Producer

        return Producer(self, **options)

    def consumer(self, topics: str | Sequence[str] | None = None, **options: Any) -> Consumer:
        """A `Consumer` of records; `topics` and `options` are its."""
        from cnengine.log.consumer import Consumer

        return Consumer(self, topics, **options)

    def _sender(self, **options: Any) -> Any:
        from cnengine.log.embedded import EmbeddedSender

        return EmbeddedSender(self._store, **options)

    def _reader(self, *, group: str | None = None, **options: Any) -> Any:
        if group is not None:
            from cnengine.kafka.local_consumer import LocalConsumer

            return LocalConsumer(self._store, group=group, **options)
        from cnengine.log.embedded import EmbeddedConsumer

        return EmbeddedConsumer(self._store, **options)

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        *,
        segment_bytes: int = 256 << 20,
        retention_ms: int | None = None,
        retention_bytes: int | None = None,
        config: Mapping[str, object] | None = None,
        exist_ok: bool = False,
    ) -> None:
        """Create a topic.

        Parameters
        ----------
        name
            1 to 249 of the characters ``a-z A-Z 0-9 . _ -``.
        partitions
            How many, 1 to 10,000; see `add_partitions`.
        segment_bytes
            A partition's file is closed and the next one begun when it would become larger.
        retention_ms, retention_bytes
            Closed segments go when all their records are older than this, or while the partition
            without them is still this large. None: they stay.
        config
            More settings, by Kafka's names: ``{"cleanup.policy": "compact"}``; see `topic_config`.
            Our own ``"fsync"`` overrides that of `open` for this topic.
        exist_ok
            Leave a topic that is there as it is, instead of raising.

        Raises
        ------
        ArgumentError
            A bad name, number or setting, or the topic is there.

        Examples
        --------
        >>> import tempfile, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks", partitions=4, retention_ms=7 * 24 * 3600 * 1000)
        >>> log.topics(), log.partitions("clicks")
        (['clicks'], 4)
        """
        settings = {
            "segment.bytes": segment_bytes,
            "retention.ms": -1 if retention_ms is None else retention_ms,
            "retention.bytes": -1 if retention_bytes is None else retention_bytes,
        }
        settings |= config or {}
        pairs = [(key, _setting(value)) for key, value in settings.items()]
        self._store.create_topic(name, partitions, pairs, exist_ok)

    def delete_topic(self, name: str) -> None:
        """Remove a topic and its records. Readers that are at it raise from then on.

        Raises NotFoundError when there is no such topic.

        Examples
        --------
        >>> import tempfile, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks")
        >>> log.delete_topic("clicks")
        >>> log.topics()
        []
        """
        self._store.delete_topic(name)

    def add_partitions(self, topic: str, partitions: int) -> None:
        """Make it so many partitions. Keys may then go to others than before.

        Raises ArgumentError when the topic has as many or more already.

        Examples
        --------
        >>> import tempfile, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks")
        >>> log.add_partitions("clicks", 3)
        >>> log.partitions("clicks")
        3
        """
        self._store.add_partitions(topic, partitions)

    def topic_config(self, topic: str) -> dict[str, str]:
        """All settings of a topic, by Kafka's names.

        Examples
        --------
        >>> import tempfile, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks", config={"retention.ms": 60_000})
        >>> log.topic_config("clicks")["retention.ms"]
        '60000'
        """
        return {name: value for name, value, _ in self._store.topic_settings(topic)}

    def alter_topic(self, topic: str, config: Mapping[str, object]) -> None:
        """Change settings of a topic; None makes one follow the default again.

        Raises ArgumentError for an unknown name or a bad value, and changes nothing then.

        Examples
        --------
        >>> import tempfile, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks")
        >>> log.alter_topic("clicks", {"max.message.bytes": 2000})
        >>> log.topic_config("clicks")["max.message.bytes"]
        '2000'
        """
        pairs = [(key, None if value is None else _setting(value)) for key, value in config.items()]
        self._store.alter_topic(topic, pairs)

    def delete_records(self, topic: str, before: int, partition: int = 0) -> int:
        """Remove the records before an offset, for good; returns the new start offset.

        Examples
        --------
        >>> import tempfile, pyarrow as pa, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("t")
        >>> log.produce("t", pa.table({"value": ["a", "b", "c"]}))
        {0: range(0, 3)}
        >>> log.delete_records("t", 2)
        2
        >>> log.read("t", offset=2)["value"].to_pylist()
        [b'c']
        """
        return self._store.delete_records(topic, partition, before)

    def topics(self) -> list[str]:
        """Names of the topics, sorted."""
        return self._store.topics()

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises NotFoundError when there is no such topic."""
        return self._store.partitions(topic)

    def produce(
        self,
        topic: str,
        table: Any,
        *,
        key: str | None = None,
        timestamp: str | None = None,
        value: str | Sequence[str] | None = None,
        headers: str | None = None,
        compression: str | None = None,
    ) -> dict[int, range]:
        """Append the rows of a table as records and wait until they are acknowledged (see `open`).

        Parameters
        ----------
        topic
            Its name.
        table
            Anything with the Arrow PyCapsule protocol: pyarrow, polars, pandas, duckdb.
        key
            Column of the keys: text and bytes as they are, integers as 8 bytes, big-endian. A key
            goes to partition ``(murmur2(key) & 0x7fffffff) % partitions``, as with Kafka's
            default partitioner; rows without a key fill batches of the partitions in turn.
        timestamp
            Column of the timestamps: a timestamp type (rounded down to milliseconds; without a
            zone it is taken as UTC) or int64 milliseconds. None: the time of the call.
        value
            A text or bytes column, stored as it is; or a list of columns, written as one JSON
            object a row. None: the column ``"value"`` when there is one, else all columns (but
            headers, and a key of bytes) as JSON, key and timestamp among them, so that the
            values alone hold the whole row. In JSON, nulls, NaN and infinities are null,
            timestamps ISO 8601 strings (in UTC with a Z when they have a zone), dates
            ``"2013-01-31"``, durations integers of their unit.
        headers
            Column of type ``list<struct<key: string, value: binary>>``.
        compression
            "gzip", "snappy", "lz4" or "zstd".

        Returns
        -------
        dict
            Partition to the range of offsets that its rows got, for partitions that got any.

        Raises
        ------
        NotFoundError
            No such topic or column.
        TypeError
            A column of the wrong type; binary in JSON.
        ArgumentError
            A null timestamp; an unknown codec.
        UnsupportedError
            This build lacks the codec.
        IoError
            The disk failed. No row of the call is then visible.

        Examples
        --------
        >>> import tempfile, pyarrow as pa, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("t", partitions=2)
        >>> log.produce("t", pa.table({"k": [1, 2, 1], "value": ["a", "b", "c"]}), key="k")
        {0: range(0, 3)}
        """
        if compression is None:
            compression = "none"
        as_is = value if isinstance(value, str) else None
        columns = [] if value is None or isinstance(value, str) else list(value)
        ranges = self._store.produce(
            topic,
            table,
            key=key,
            timestamp=timestamp,
            value=as_is,
            json_columns=columns,
            headers=headers,
            compression=compression,
        )
        return {partition: range(first, end) for partition, first, end in ranges}

    def read(
        self, topic: str, partition: int = 0, offset: int = 0, max_bytes: int = 1 << 20
    ) -> pa.Table:
        """Read records from an offset on: not all of them, but about `max_bytes`.

        Parameters
        ----------
        topic, partition
            Where.
        offset
            From `start_offset` to `end_offset`; at the end the table has no rows.
        max_bytes
            Whole batches of at most so many stored bytes (1 MiB unless said otherwise) are read,
            but at least one batch. To read all, call again from the last offset + 1 until the table
            has no rows, as below.

        Returns
        -------
        pyarrow.Table
            offset (int64), timestamp (timestamp[ms, UTC]), key (binary), value (binary), headers
            (list<struct<key: string, value: binary>>).

        Raises
        ------
        NotFoundError
            No such topic or partition.
        ArgumentError
            The offset is out of range; the message names the range.
        CorruptionError
            The bytes on disk are damaged; the message names the file and the byte.

        Examples
        --------
        >>> import tempfile, pyarrow as pa, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("t")
        >>> log.produce("t", pa.table({"value": ["a", "b", "c"]}))
        {0: range(0, 3)}
        >>> log.read("t", offset=1).select(["offset", "value"]).to_pydict()
        {'offset': [1, 2], 'value': [b'b', b'c']}
        >>> offset, rows = log.start_offset("t"), 0
        >>> while (table := log.read("t", offset=offset)).num_rows:
        ...     rows += table.num_rows
        ...     offset = table["offset"][-1].as_py() + 1
        >>> rows
        3
        """
        import pyarrow as pa

        return pa.table(self._store.read(topic, partition, offset, max_bytes))

    def start_offset(self, topic: str, partition: int = 0) -> int:
        """The first offset that retention has left."""
        return self._store.start_offset(topic, partition)

    def end_offset(self, topic: str, partition: int = 0) -> int:
        """The offset that the next record will get."""
        return self._store.end_offset(topic, partition)

    def offset_for_timestamp(
        self, topic: str, timestamp: int | datetime.datetime, partition: int = 0
    ) -> int:
        """The first offset whose record has at least this timestamp.

        Parameters
        ----------
        topic, partition
            Where.
        timestamp
            Milliseconds since 1970 in UTC, or a datetime (without a zone it is taken as UTC).

        Returns
        -------
        int
            `end_offset` when there is no such record.

        Examples
        --------
        >>> import tempfile, pyarrow as pa, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("t")
        >>> log.produce("t", pa.table({"at": [10, 20], "value": ["a", "b"]}), timestamp="at")
        {0: range(0, 2)}
        >>> log.offset_for_timestamp("t", 15)
        1
        """
        return self._store.offset_for_timestamp(topic, partition, to_ms(timestamp))

    def flush(self) -> None:
        """Force everything acknowledged to the disk, whatever the policy."""
        self._store.flush()

    def enforce_retention(self) -> int:
        """Remove the segments that the topics' limits allow; returns how many.

        It also happens whenever a segment is closed.
        """
        return self._store.enforce_retention()


def _setting(value: object) -> str:
    """As Kafka writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_ms(timestamp: int | datetime.datetime) -> int:
    """Milliseconds since 1970 in UTC, of a number or a datetime (UTC when it has no zone)."""
    import datetime

    if not isinstance(timestamp, datetime.datetime):
        return timestamp
    if timestamp.tzinfo is None:
        timestamp = timestamp.replace(tzinfo=datetime.UTC)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return -((epoch - timestamp) // datetime.timedelta(milliseconds=1))
