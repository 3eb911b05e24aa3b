"""The sending half of a remote log, as `cnengine.log.Producer` uses it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from cnengine.errors import ArgumentError, Error, IoError, NotFoundError, StateError
from cnengine.kafka import librdkafka
from cnengine.log.embedded import call_back

__all__ = ["RemoteSender", "Ticket"]

_POLL_S = 0.2  # librdkafka waits that long for reports at a time; Ctrl-C gets through in between


class Ticket:
    """What becomes of one record; see `RemoteSender.send`."""

    __slots__ = ("_calls", "_sender", "error", "offset", "partition")

    def __init__(self, sender: RemoteSender) -> None:
        self._sender: RemoteSender | None = sender  # None: done
        self._calls: list[Callable[[], object]] | None = None
        self.error: Error | None = None
        self.partition = -1
        self.offset = -1

    def done(self) -> bool:
        return self._sender is None

    def wait(self, timeout: float | None) -> bool:
        sender = self._sender
        return sender is None or sender.wait_for(self.done, timeout)

    def check(self) -> None:
        if self.error is not None:
            raise self.error

    def report(self, error: Any, message: Any) -> None:
        """Called by librdkafka, on a thread that polls."""
        if error is None:
            self.partition, self.offset = message.partition(), message.offset()
        else:
            trouble = self._sender and self._sender.trouble
            self.error = _refused(error, message.topic(), message.partition(), trouble)
        self._settle()

    def refuse(self, error: Error) -> None:
        """For a record that librdkafka does not take."""
        self.error = error
        self._settle()

    def _settle(self) -> None:
        sender = self._sender
        if sender is not None:
            sender.settle(self)


class RemoteSender:
    """Over a producer of confluent-kafka, which a thread polls for reports."""

    def __init__(
        self,
        servers: str,
        settings: dict[str, Any],
        *,
        linger_ms: int,
        batch_bytes: int,
        buffer_bytes: int,
        compression: str,
    ) -> None:
        config = librdkafka.configuration(
            servers,
            {
                "linger.ms": linger_ms,
                "batch.size": batch_bytes,
                "queue.buffering.max.kbytes": max(1, buffer_bytes // 1024),
                "queue.buffering.max.messages": 0,  # the bytes are the limit
                "message.max.bytes": 1_000_000_000,  # the topic has the limit
                "compression.type": compression,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
            },
            settings,
        )
        self.trouble = config["error_cb"]
        confluent = librdkafka.load()
        try:
            producer = confluent.Producer(config)
        except confluent.KafkaException as error:
            raise ArgumentError(f"producer: {error.args[0].str()}") from error
        self._handle = librdkafka.keep_over_forks(producer)
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._calls = threading.Lock()  # held while callbacks are added or taken
        self._failed = self._sent = 0
        self._closed = False
        self._thread = threading.Thread(
            target=self._poll, name="cnengine.kafka sender", daemon=True
        )
        self._thread.start()

    def send(
        self,
        topic: str,
        value: Any,
        key: Any,
        timestamp: int | None,
        headers: Any,
        partition: int | None,
        wait: bool,
    ) -> Ticket | None:
        """Takes a record. None when the buffer is full and it may not wait."""
        self._check("send")
        if timestamp is not None and timestamp < 1:
            raise ArgumentError(
                f"send: expected a timestamp of at least 1 for a remote log, got {timestamp}"
            )
        ticket = Ticket(self)
        arguments: dict[str, Any] = {"on_delivery": ticket.report}
        if timestamp is not None:
            arguments["timestamp"] = timestamp
        if headers is not None:
            arguments["headers"] = _pairs(headers)
        if partition is not None:
            if partition < 0:
                raise ArgumentError(f"send: expected a partition of at least 0, got {partition}")
            arguments["partition"] = partition
        value, key = _bytes(value, "a value"), _bytes(key, "a key")
        confluent = librdkafka.load()
        while True:
            try:
                self._handle.client.produce(topic, value, key, **arguments)
                return ticket
            except BufferError:
                if not wait:
                    return None
                self.wait_for_room(_POLL_S)
            except confluent.KafkaException as error:
                ticket.refuse(_refused(error.args[0], topic, partition))
                return ticket

    def when_done(self, ticket: Ticket, call: Callable[[], object]) -> None:
        with self._calls:
            if not ticket.done():
                if ticket._calls is None:
                    ticket._calls = []
                ticket._calls.append(call)
                return
        call_back(call)

    def settle(self, ticket: Ticket) -> None:
        with self._calls:
            ticket._sender = None
            calls, ticket._calls = ticket._calls, None
        with self._changed:
            if ticket.error is None:
                self._sent += 1
            else:
                self._failed += 1
            self._changed.notify_all()
        for call in calls or ():
            call_back(call)

    def wait_for(self, done: Callable[[], bool], timeout: float | None) -> bool:
        if os.getpid() != self._pid:
            raise StateError("result: the record was sent before a fork of the process")
        with self._changed:
            return self._changed.wait_for(done, timeout)

    def wait_for_room(self, timeout: float) -> bool:
        """Until a record more is done."""
        before = self._sent + self._failed
        return self.wait_for(lambda: self._sent + self._failed != before, timeout)

    def flush(self, timeout: float | None) -> int:
        self._check("flush")
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _POLL_S if deadline is None else min(_POLL_S, deadline - time.monotonic())
            remaining = self._handle.client.flush(max(0.0, left))
            if remaining == 0 or (deadline is not None and time.monotonic() >= deadline):
                return remaining

    def _poll(self) -> None:
        producer = self._handle.client
        while not self._closed:
            producer.poll(_POLL_S)

    def _check(self, function: str) -> None:
        if os.getpid() != self._pid:
            raise StateError(
                f"{function}: the producer was made before a fork of the process; make another one"
                " in this one"
            )
        if self._closed:
            raise StateError(f"{function}: the producer is closed")

    @property
    def sent(self) -> int:
        return self._sent

    @property
    def failed(self) -> int:
        return self._failed

    @property
    def closed(self) -> bool:
        return self._closed or os.getpid() != self._pid

    def close(self) -> None:
        if self.closed:
            return
        self.flush(None)
        self._closed = True
        if self._thread is not threading.current_thread():
            self._thread.join()


def _refused(error: Any, topic: str, partition: int | None, trouble: Any = None) -> Error:
    if error.code() == librdkafka.MESSAGE_TIMED_OUT:
        return IoError(
            f'send: topic "{topic}" did not acknowledge the record in time'
            + librdkafka.because(trouble)
        )
    if error.code() in librdkafka.UNKNOWN_TOPIC:
        return NotFoundError(f'send: no topic "{topic}"')
    if error.code() in librdkafka.UNKNOWN_PARTITION:
        return NotFoundError(f'send: topic "{topic}" has no partition {partition}')
    return librdkafka.translate(error, "send")


def _bytes(value: Any, what: str) -> bytes | str | None:
    if value is None or isinstance(value, bytes | str):
        return value
    try:
        return bytes(memoryview(value))
    except TypeError:
        from cnengine import errors

        raise errors.TypeError(
            f"send: expected {what} of bytes, str or None, got {type(value).__name__}"
        ) from None


def _pairs(headers: Any) -> list[tuple[str, bytes | str | None]]:
    pairs = headers.items() if hasattr(headers, "items") else headers
    return [(name, _bytes(value, "the value of a header")) for name, value in pairs]
