"""Sends records, one at a time or as tables, to a log of either kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnengine.log import clients
from cnengine.log.store import to_ms

if TYPE_CHECKING:
    import datetime

    from cnengine.kafka.remote_log import RemoteLog
    from cnengine.log.store import Log

__all__ = ["Delivery", "Placed", "Producer"]

Bytes = bytes | bytearray | memoryview | str | None
Headers = Mapping[str, Bytes] | Iterable[tuple[str, Bytes]] | None


class Placed(NamedTuple):
    """Where a record is.

    Examples
    --------
    >>> from cnengine.log import Placed
    >>> Placed(partition=1, offset=42).offset
    42
    """

    partition: int
    offset: int


class Delivery:
    """What becomes of a record; made by `Producer.send`.

    Examples
    --------
    >>> import tempfile, cnengine.log
    >>> log = cnengine.log.open(tempfile.mkdtemp())
    >>> log.create_topic("clicks")
    >>> with log.producer() as producer:
    ...     delivery = producer.send("clicks", "first")
    >>> delivery.done(), delivery.result()
    (True, Placed(partition=0, offset=0))
    """

    __slots__ = ("_backend", "_ticket")

    def __init__(self, ticket: Any, backend: Any) -> None:
        self._ticket = ticket
        self._backend = backend

    def done(self) -> bool:
        """Whether it is known."""
        return self._ticket.done()

    def result(self, timeout: float | None = None) -> Placed:
        """Wait until the record is acknowledged, and return where it is.

        Who waits does not wait for the producer's `linger_ms` (with a log of this process).

        Raises
        ------
        TimeoutError
            It is not known after so many seconds. The record may still be written.
        ArgumentError
            The topic refuses it: it is too large, say.
        NotFoundError
            There is no such topic or partition.
        StateError
            The topic was deleted or the log closed before it was written.
        IoError
            The disk or the network failed.
        """
        ticket = self._ticket
        if not ticket.wait(timeout):
            raise TimeoutError(f"result: not acknowledged within {timeout} s")
        ticket.check()
        return Placed(ticket.partition, ticket.offset)

    def exception(self, timeout: float | None = None) -> Exception | None:
        """The same, but the error is returned; None when there was none."""
        try:
            self.result(timeout)
        except TimeoutError:
            raise
        except Exception as error:
            return error
        return None

    def add_done_callback(self, callback: Callable[[Delivery], object]) -> None:
        """Call `callback(self)` when it is known, on a thread of the producer; at once, on this
        one, when it is known already. What it raises is logged.
        """
        self._backend.when_done(self._ticket, lambda: callback(self))

    def __repr__(self) -> str:
        if not self.done():
            return "<cnengine.log.Delivery on its way>"
        error = self.exception()
        return f"<cnengine.log.Delivery {error or self.result()!r}>"


class Producer:
    """Sends records to a log of this process or to a Kafka cluster; `Log.producer` makes it too.

    Records wait for others for up to `linger_ms` and are written in batches. Those of one partition
    keep their order. Threads may share a producer. At the end of the program it is closed.

    Parameters
    ----------
    log
        What `connect` takes.
    linger_ms
        How long a record may wait for others.
    batch_bytes
        A batch is written at once when it has so many bytes.
    buffer_bytes
        Of records that are not acknowledged yet; `send` waits while there are more.
    compression
        "gzip", "snappy", "lz4" or "zstd".

    Examples
    --------
    >>> import tempfile, cnengine.log
    >>> log = cnengine.log.open(tempfile.mkdtemp())
    >>> log.create_topic("clicks", partitions=4)
    >>> with log.producer() as producer:
    ...     for i in range(1000):
    ...         _ = producer.send("clicks", f"click {i}", key=f"user {i % 7}")
    >>> sum(log.end_offset("clicks", p) for p in range(4))
    1000
    """

    def __init__(
        self,
        log: Log | RemoteLog | str | os.PathLike[str],
        *,
        linger_ms: int = 5,
        batch_bytes: int = 64 << 10,
        buffer_bytes: int = 32 << 20,
        compression: str | None = None,
    ) -> None:
        self.log, self._own_log = clients.take_log(log)
        self._compression = compression
        self._backend = self.log._sender(
            linger_ms=linger_ms,
            batch_bytes=batch_bytes,
            buffer_bytes=buffer_bytes,
            compression=compression or "none",
        )
        self._send = self._backend.send
        clients.register(self, self.log)

    def send(
        self,
        topic: str,
        value: Bytes,
        key: Bytes = None,
        timestamp: int | datetime.datetime | None = None,
        headers: Headers = None,
        partition: int | None = None,
        callback: Callable[[Delivery], object] | None = None,
    ) -> Delivery:
        """Send one record.

        Parameters
        ----------
        topic
            Its name.
        value, key
            Bytes; text is written as UTF-8; None is null.
        timestamp
            Milliseconds since 1970 in UTC, or a datetime (without a zone it is taken as UTC). None:
            now.
        headers
            Pairs of a name and bytes, or a mapping.
        partition
            None: with a key ``(murmur2(key) & 0x7fffffff) % partitions``, as Kafka's own clients
            do; without one batches fill the partitions in turn.
        callback
            As `Delivery.add_done_callback`.

        Returns
        -------
        Delivery
            What knows where the record went. It may be dropped.

        Raises
        ------
        NotFoundError
            There is no such topic or partition. (A remote log says so by the delivery.)
        StateError
            The producer is closed, or was made before a fork.

        Examples
        --------
        >>> import tempfile, cnengine.log
        >>> log = cnengine.log.open(tempfile.mkdtemp())
        >>> log.create_topic("clicks")
        >>> with log.producer() as producer:
        ...     producer.send("clicks", b"v", b"k", 1000, {"trace": b"7f"}).result()
        Placed(partition=0, offset=0)
        """
        if timestamp is not None:
            timestamp = to_ms(timestamp)
        backend = self._backend
        ticket = self._send(topic, value, key, timestamp, headers, partition, True)
        delivery = Delivery(ticket, backend)
        if callback is not None:
            delivery.add_done_callback(callback)
        return delivery

    def send_table(
        self,
        topic: str,
        table: Any,
        *,
        key: str | None = None,
        timestamp: str | None = None,
        value: str | Sequence[str] | None = None,
        headers: str | None = None,
    ) -> dict[int, range]:
        """Send the rows of a table and wait until they are acknowledged; see `Log.produce`.

        They come behind what was sent before. With a remote log the range of a partition may hold
        records of others, too.
        """
        self.flush()
        return self.log.produce(
            topic,
            table,
            key=key,
            timestamp=timestamp,
            value=value,
            headers=headers,
            compression=self._compression,
        )

    def flush(self, timeout: float | None = None) -> int:
        """Write what was sent so far, and wait until it is acknowledged, for up to `timeout`
        seconds; returns how many records are left."""
        return self._backend.flush(timeout)

    @property
    def sent(self) -> int:
        """Records that were acknowledged."""
        return self._backend.sent

    @property
    def failed(self) -> int:
        """Records that were refused or lost; their deliveries say why."""
        return self._backend.failed

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._backend.closed

    def close(self) -> None:
        """Write everything, call the callbacks, end the threads. Twice is fine."""
        self._backend.close()
        if self._own_log:
            self.log.close()

    def __enter__(self) -> Producer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if backend := getattr(self, "_backend", None):
            backend.close()

    def __repr__(self) -> str:
        return f"<cnengine.log.Producer to {self.log!r}{' closed' if self.closed else ''}>"
