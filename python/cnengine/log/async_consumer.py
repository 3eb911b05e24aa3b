"""`Consumer` for asyncio."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnengine.errors import StateError
from cnengine.log.consumer import Consumer, Partition, Record
from cnengine.log.waiting import WaitingThread

if TYPE_CHECKING:
    import datetime

    import pyarrow as pa

    from cnengine.kafka.remote_log import RemoteLog
    from cnengine.log.store import Log

__all__ = ["AsyncConsumer"]

_AT_ONCE = 500  # records that iteration takes at a time


class AsyncConsumer:
    """Reads records within asyncio; `options` are those of `Consumer`.

    A thread waits; the loop is woken when there is something. Cancelling a wait loses no record.

    Examples
    --------
    >>> import asyncio, tempfile, cnengine.log
    >>> log = cnengine.log.open(tempfile.mkdtemp())
    >>> log.create_topic("clicks")
    >>> with log.producer() as producer:
    ...     _ = producer.send("clicks", "first")
    >>> async def main():
    ...     async with cnengine.log.AsyncConsumer(log, "clicks") as consumer:
    ...         async for record in consumer:
    ...             return record.value
    >>> asyncio.run(main())
    b'first'
    """

    def __init__(
        self,
        log: Log | RemoteLog | str | os.PathLike[str],
        topics: str | Sequence[str] | None = None,
        **options: Any,
    ) -> None:
        self._consumer = Consumer(log, topics, **options)
        self._thread = WaitingThread("cnengine.log consumer waits")
        self._calls = WaitingThread("cnengine.log consumer")
        self._waiting: asyncio.Future[bool] | None = None

    # Reading.

    async def poll(self, timeout: float | None = None, max_records: int = 500) -> list[Record]:
        """As `Consumer.poll`."""
        return await self._take(timeout, lambda: self._consumer.poll(0, max_records))

    async def poll_arrow(
        self,
        max_rows: int = 100_000,
        timeout: float | None = None,
        schema: Any = None,
        *,
        columns: Sequence[str] | Mapping[str, str] | None = None,
        on_error: str = "fail",
    ) -> pa.Table:
        """As `Consumer.poll_arrow`. The loop's thread waits while it is laid out."""

        def take() -> pa.Table:
            return self._consumer.poll_arrow(
                max_rows, 0, schema, columns=columns, on_error=on_error
            )

        return await self._take(timeout, take)

    async def _take(self, timeout: float | None, take: Callable[[], Any]) -> Any:
        """What `take` gives once it gives something, or when the time is over."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            # Nothing is awaited between taking and returning, so that nobody can cancel in between.
            if len(out := take()):
                return out
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return out
            if not await self._wait(left) and self._consumer.closed:
                return out

    async def _wait(self, timeout: float | None) -> bool:
        """Whether there may be something. The wait of the thread outlives whoever is cancelled."""
        loop, waiting = asyncio.get_running_loop(), self._waiting
        if waiting is None or waiting.done() or waiting.get_loop() is not loop:
            waiting = self._thread.run(lambda: self._consumer._backend.wait(None))
            self._waiting = waiting
        done, _ = await asyncio.wait({waiting}, timeout=timeout)
        return bool(done) and waiting.result()

    def __aiter__(self) -> AsyncConsumer:
        return self

    async def __anext__(self) -> Record:
        buffer = self._consumer._buffer
        while not buffer:
            try:
                records = await self._take(None, lambda: self._consumer.poll(0, _AT_ONCE))
            except StateError:
                if self._consumer.closed:
                    raise StopAsyncIteration from None
                raise
            if not records:
                raise StopAsyncIteration
            buffer.extend(records)
        return buffer.popleft()

    # What to read, and positions: as the methods of `Consumer` of the same names. What may wait for
    # a remote log runs on the thread.

    async def assign(
        self, partitions: Iterable[str | Partition | tuple[str, int, int | str]]
    ) -> None:
        """As `Consumer.assign`."""
        await self._call(lambda: self._consumer.assign(partitions))

    async def subscribe(self, topics: Sequence[str], **listeners: Any) -> None:
        """As `Consumer.subscribe`; the listeners are called on the thread that waits."""
        await self._call(lambda: self._consumer.subscribe(topics, **listeners))

    async def unsubscribe(self) -> None:
        """As `Consumer.unsubscribe`."""
        await self._call(self._consumer.unsubscribe)

    def assignment(self) -> list[Partition]:
        """As `Consumer.assignment`."""
        return self._consumer.assignment()

    async def seek(self, topic: str, partition: int, offset: int | str) -> None:
        """As `Consumer.seek`."""
        await self._call(lambda: self._consumer.seek(topic, partition, offset))

    async def position(self, topic: str, partition: int) -> int:
        """As `Consumer.position`."""
        return await self._call(lambda: self._consumer.position(topic, partition))

    async def offsets_for_timestamps(
        self, timestamps: Mapping[Partition, int | datetime.datetime]
    ) -> dict[Partition, int]:
        """As `Consumer.offsets_for_timestamps`."""
        return await self._call(lambda: self._consumer.offsets_for_timestamps(timestamps))

    def pause(self, *partitions: Partition) -> None:
        """As `Consumer.pause`."""
        self._consumer.pause(*partitions)

    def resume(self, *partitions: Partition) -> None:
        """As `Consumer.resume`."""
        self._consumer.resume(*partitions)

    def paused(self) -> list[Partition]:
        """As `Consumer.paused`."""
        return self._consumer.paused()

    async def commit(self, offsets: Mapping[Partition, int] | None = None) -> None:
        """As `Consumer.commit`."""
        await self._call(lambda: self._consumer.commit(offsets))

    async def committed(
        self, partitions: Iterable[Partition] | None = None
    ) -> dict[Partition, int | None]:
        """As `Consumer.committed`."""
        return await self._call(lambda: self._consumer.committed(partitions))

    async def _call(self, call: Callable[[], Any]) -> Any:
        return await self._calls.run(call)

    # The end.

    @property
    def bad(self) -> int:
        """As `Consumer.bad`."""
        return self._consumer.bad

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._consumer.closed

    async def close(self) -> None:
        """As `Consumer.close`; who waits gets nothing, iterations end."""
        await self._call(self._consumer.close)
        self._thread.stop()
        self._calls.stop()

    async def __aenter__(self) -> AsyncConsumer:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<cnengine.log.AsyncConsumer over {self._consumer!r}>"
