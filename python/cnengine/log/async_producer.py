"""`Producer` for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnengine.log.producer import Bytes, Delivery, Headers, Placed, Producer
from cnengine.log.store import to_ms
from cnengine.log.waiting import WaitingThread

if TYPE_CHECKING:
    import datetime

    from cnengine.kafka.remote_log import RemoteLog
    from cnengine.log.store import Log

__all__ = ["AsyncProducer"]


class AsyncProducer:
    """Sends records within asyncio; `options` are those of `Producer`.

    Cancelling a wait takes nothing back: the record is on its way.

    Examples
    --------
    >>> import asyncio, tempfile, cnengine.log
    >>> log = cnengine.log.open(tempfile.mkdtemp())
    >>> log.create_topic("clicks")
    >>> async def main():
    ...     async with cnengine.log.AsyncProducer(log) as producer:
    ...         futures = [await producer.send("clicks", f"click {i}") for i in range(100)]
    ...         return (await asyncio.gather(*futures))[-1]
    >>> asyncio.run(main())
    Placed(partition=0, offset=99)
    """

    def __init__(self, log: Log | RemoteLog | str | os.PathLike[str], **options: Any) -> None:
        self._producer = Producer(log, **options)
        self._backend = self._producer._backend
        self._thread = WaitingThread("cnengine.log producer")
        self._room: asyncio.Future[Any] | None = None
        self._lock = threading.Lock()
        self._done: deque[tuple[asyncio.Future[Placed], Any]] = deque()

    async def send(
        self,
        topic: str,
        value: Bytes,
        key: Bytes = None,
        timestamp: int | datetime.datetime | None = None,
        headers: Headers = None,
        partition: int | None = None,
    ) -> asyncio.Future[Placed]:
        """Send one record, as `Producer.send`; waits only while the buffer is full.

        Returns a future of where the record is, with what `Delivery.result` raises.
        """
        if timestamp is not None:
            timestamp = to_ms(timestamp)
        send = self._backend.send
        while (ticket := send(topic, value, key, timestamp, headers, partition, False)) is None:
            if self._room is None or self._room.done():
                self._room = self._thread.run(lambda: self._backend.wait_for_room(1.0))
            await asyncio.shield(self._room)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Placed] = loop.create_future()
        self._backend.when_done(ticket, lambda: self._note(loop, future, ticket))
        return future

    async def send_and_wait(
        self,
        topic: str,
        value: Bytes,
        key: Bytes = None,
        timestamp: int | datetime.datetime | None = None,
        headers: Headers = None,
        partition: int | None = None,
    ) -> Placed:
        """Send one record and wait until it is acknowledged."""
        return await (await self.send(topic, value, key, timestamp, headers, partition))

    def _note(
        self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Placed], ticket: Any
    ) -> None:
        """On the thread of callbacks: the loop is woken once for all that are done by then."""
        with self._lock:
            self._done.append((future, ticket))
            if len(self._done) > 1:
                return
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        with self._lock:
            done, self._done = self._done, deque()
        for future, ticket in done:
            if future.done():
                continue
            try:
                future.set_result(Delivery(ticket, self._backend).result(0))
            except Exception as error:
                future.set_exception(error)

    async def send_table(
        self,
        topic: str,
        table: Any,
        *,
        key: str | None = None,
        timestamp: str | None = None,
        value: str | Sequence[str] | None = None,
        headers: str | None = None,
    ) -> dict[int, range]:
        """As `Producer.send_table`."""
        columns = {"key": key, "timestamp": timestamp, "value": value, "headers": headers}
        return await self._thread.run(lambda: self._producer.send_table(topic, table, **columns))

    async def flush(self, timeout: float | None = None) -> int:
        """As `Producer.flush`."""
        return await self._thread.run(lambda: self._producer.flush(timeout))

    async def close(self) -> None:
        """As `Producer.close`."""
        closing = self._thread.run(self._producer.close)
        self._thread.stop()
        await closing

    async def __aenter__(self) -> AsyncProducer:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<cnengine.log.AsyncProducer over {self._producer!r}>"
