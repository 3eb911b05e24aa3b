"""The reading half of a remote log, as `cnengine.log.Consumer` uses it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnengine.errors import ArgumentError, NotFoundError, StateError
from cnengine.kafka import librdkafka
from cnengine.log.embedded import consumed

if TYPE_CHECKING:
    from cnengine.kafka.remote_log import RemoteLog

__all__ = ["RemoteConsumer"]

Partition = tuple[str, int]

_EARLIEST, _LATEST = -2, -1
_SLICE_S = 0.1  # librdkafka waits that long at a time: close and Ctrl-C get through in between
_AT_ONCE = 1000  # messages taken from librdkafka at a time
_CHUNK_BYTES = 64 << 20  # of records laid out as one table
_RESETS = {"earliest": "earliest", "latest": "latest", "none": "error"}


class RemoteConsumer:
    """Over a consumer of confluent-kafka.

    Messages are taken from it into a queue here, as it has no way to wait without taking. One lock
    guards both; whoever waits holds it for `_SLICE_S` at a time.
    """

    def __init__(
        self,
        log: RemoteLog,
        settings: dict[str, Any],
        *,
        group: str | None,
        start: str,
        read_committed: bool,
        **options: Any,
    ) -> None:
        self._log = log
        self._group = group
        self._start = start
        config = librdkafka.configuration(
            log.servers,
            {
                # It wants one also where none is used.
                "group.id": group if group is not None else f"cnengine-{uuid.uuid4()}",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": _RESETS[start],
                "isolation.level": "read_committed" if read_committed else "read_uncommitted",
                "fetch.wait.max.ms": 100,
            },
            settings,
            {name.replace("_", "."): value for name, value in options.items()},
        )
        confluent = self._confluent = librdkafka.load()
        try:
            consumer = confluent.Consumer(config)
        except confluent.KafkaException as error:
            raise ArgumentError(f"consumer: {error.args[0].str()}") from error
        self._handle = librdkafka.keep_over_forks(consumer)
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._wanted = 0  # threads that want the lock from one who waits with it
        self._closing = self._closed = False
        self._subscribed = False
        self._on_revoke: Callable[[list[Partition]], object] | None = None
        self._assigned: list[Partition] = []
        self._positions: dict[Partition, int] = {}  # of the next record to be given out
        self._paused: set[Partition] = set()
        self._ready: deque[Any] = deque()  # messages that were taken and not given out

    # What to read.

    def assign(self, starts: Sequence[tuple[str, int, int | None]]) -> None:
        with self._locked("assign"):
            keys = [(topic, partition) for topic, partition, _ in starts]
            if len(set(keys)) < len(keys):
                raise ArgumentError("assign: a partition is named twice")
            self._positions = self._resolve(starts)
            self._subscribed = False
            self._assigned = keys
            self._paused.clear()
            self._fetch_from_positions()

    def _fetch_from_positions(self) -> None:
        self._ready.clear()
        with librdkafka.translated("assign"):
            self._handle.client.assign([self._place(*key) for key in self._assigned])
            if self._paused:
                self._handle.client.pause([self._partition(*key) for key in self._paused])

    def _resolve(self, starts: Sequence[tuple[str, int, int | None]]) -> dict[Partition, int]:
        """Where each begins, as an offset."""
        unknown = [(topic, partition) for topic, partition, offset in starts if offset is None]
        committed = self.committed(unknown) if self._group is not None and unknown else {}
        out = {}
        for topic, partition, offset in starts:
            if offset is None:
                offset = committed.get((topic, partition))
            if offset is None:
                if self._start == "none":
                    raise StateError(
                        f'assign: expected an offset for topic "{topic}" partition {partition}, as '
                        "there is neither a committed one nor a reset"
                    )
                offset = _EARLIEST if self._start == "earliest" else _LATEST
            if offset < 0:
                low, high = self._bounds(topic, partition)
                offset = low if offset == _EARLIEST else high
            else:
                self._log.check_partition(topic, partition, "assign")
            out[topic, partition] = offset
        return out

    def _bounds(self, topic: str, partition: int) -> tuple[int, int]:
        self._log.check_partition(topic, partition, "assign")
        with librdkafka.translated("assign"):
            return self._handle.client.get_watermark_offsets(
                self._partition(topic, partition), self._log.timeout, cached=False
            )

    def assignment(self) -> list[Partition]:
        with self._locked("assignment"):
            return list(self._assigned)

    def subscribe(
        self,
        topics: Sequence[str],
        *,
        on_assign: Callable[[list[Partition]], object] | None,
        on_revoke: Callable[[list[Partition]], object] | None,
    ) -> None:
        if self._group is None:
            raise StateError("subscribe: the consumer has no group")

        def assigned(_: Any, partitions: list[Any]) -> None:
            keys = [(each.topic, each.partition) for each in partitions]
            self._assigned += [key for key in keys if key not in self._assigned]
            if on_assign is not None:
                on_assign(keys)

        def revoked(_: Any, partitions: list[Any]) -> None:
            keys = [(each.topic, each.partition) for each in partitions]
            keys = [key for key in keys if key in self._assigned]  # not what was given up by itself
            if not keys:
                return
            try:
                if on_revoke is not None:
                    on_revoke(keys)
            finally:
                self._drop(set(keys))
                self._assigned = [key for key in self._assigned if key not in keys]
                for key in keys:
                    self._positions.pop(key, None)
                    self._paused.discard(key)

        with self._locked("subscribe"), librdkafka.translated("subscribe"):
            self._ready.clear()
            self._assigned, self._positions = [], {}
            self._subscribed, self._on_revoke = True, on_revoke
            self._handle.client.subscribe(list(topics), on_assign=assigned, on_revoke=revoked)

    def unsubscribe(self) -> None:
        with self._locked("unsubscribe"), librdkafka.translated("unsubscribe"):
            self._give_up()
            self._handle.client.unsubscribe()
            self._handle.client.unassign()

    def _give_up(self) -> None:
        """Tells of what is owned while offsets can still be committed; librdkafka does not when a
        consumer leaves by itself. The lock is held."""
        keys = list(self._assigned)
        try:
            if keys and self._subscribed and self._on_revoke is not None:
                self._on_revoke(keys)
        finally:
            self._subscribed, self._on_revoke = False, None
            self._ready.clear()
            self._assigned, self._positions = [], {}

    # Reading.

    def wait(self, timeout: float | None) -> bool:
        self._check("poll")
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._closing:
            if self._has_next():
                return True
            left = _SLICE_S if deadline is None else deadline - time.monotonic()
            left = max(0.0, min(left, _SLICE_S))
            if self._wanted:
                time.sleep(min(left, 0.001))  # others first: the lock is not fair
            # Who does not want to wait does not wait for the lock of one who does, either.
            if self._lock.acquire(timeout=left):
                try:
                    self._fill(left)
                finally:
                    self._lock.release()
            if self._has_next():
                return True
            if deadline is not None and time.monotonic() >= deadline:
                return False
        return False

    def _fill(self, timeout: float) -> None:
        """Takes messages from librdkafka. The lock is held."""
        if self._closing or (not self._assigned and not self._subscribed):
            time.sleep(timeout)
            return
        with librdkafka.translated("poll"):
            messages = self._handle.client.consume(1, timeout)
            if messages:
                messages += self._handle.client.consume(_AT_ONCE, 0)
        failed = None
        for message in messages:
            error = message.error()
            if error is None:
                self._ready.append(message)
            elif self._group is None and error.code() == librdkafka.GROUP_AUTHORIZATION_FAILED:
                pass  # librdkafka asks for a coordinator that nothing here needs
            elif error.code() != librdkafka.PARTITION_EOF and not error.retriable():
                failed = failed or error
        if failed is not None and not self._ready:
            raise librdkafka.translate(failed, "poll")

    def _has_next(self) -> bool:
        """Whether a message is ready that is not of a paused partition."""
        if not self._paused:
            return bool(self._ready)
        return any((m.topic(), m.partition()) not in self._paused for m in list(self._ready))

    def _take(self, count: int, one_topic: bool) -> list[Any]:
        out: list[Any] = []
        kept: list[Any] = []
        size = 0
        with self._lock:
            while self._ready and len(out) < count and size < _CHUNK_BYTES:
                message = self._ready.popleft()
                topic, partition = message.topic(), message.partition()
                if (topic, partition) in self._paused or (
                    one_topic and out and out[0].topic() != topic
                ):
                    kept.append(message)
                    continue
                out.append(message)
                size += len(message)
                self._positions[topic, partition] = message.offset() + 1
            self._ready.extendleft(reversed(kept))
        return out

    def records(self, max_records: int, record_type: type) -> list[Any]:
        self._check("poll")
        return [
            record_type(
                message.topic(),
                message.partition(),
                message.offset(),
                message.timestamp()[1],
                message.key(),
                message.value(),
                tuple(message.headers() or ()),
            )
            for message in self._take(max_records, False)
        ]

    def chunks(self, max_rows: int) -> list[Any]:
        self._check("poll")
        with self._lock:
            while len(self._ready) < max_rows:
                before = len(self._ready)
                self._fill(0)
                if len(self._ready) == before:
                    break
        by_partition: dict[Partition, list[Any]] = {}
        for message in self._take(max_rows, True):
            by_partition.setdefault((message.topic(), message.partition()), []).append(message)
        return [
            consumed(
                topic,
                partition,
                [message.offset() for message in messages],
                [message.timestamp()[1] for message in messages],
                [message.key() for message in messages],
                [message.value() for message in messages],
                [message.headers() for message in messages],
            )
            for (topic, partition), messages in by_partition.items()
        ]

    # Positions.

    def seek(self, topic: str, partition: int, offset: int) -> None:
        key = topic, partition
        with self._locked("seek"):
            self._check_assigned(key, "seek")
            self._positions |= self._resolve([(topic, partition, offset)])
            if not self._subscribed:
                # Others' messages that are ready come again, as their positions say.
                self._fetch_from_positions()
                return
            self._drop({key})
            deadline = time.monotonic() + self._log.timeout
            while True:
                try:
                    self._handle.client.seek(self._place(topic, partition))
                    break
                except self._confluent.KafkaException as raised:
                    error = raised.args[0]
                    # It has not begun to fetch yet.
                    if error.code() != librdkafka.STATE or time.monotonic() > deadline:
                        raise librdkafka.translate(error, "seek") from raised
                self._fill(0.01)
                self._drop({key})

    def position(self, topic: str, partition: int) -> int:
        key = topic, partition
        with self._locked("position"):
            self._check_assigned(key, "position")
            if key not in self._positions:
                for message in self._ready:
                    if (message.topic(), message.partition()) == key:
                        return message.offset()
                self._positions |= self._resolve([(topic, partition, None)])
            return self._positions[key]

    def pause(self, keys: Sequence[Partition], paused: bool) -> None:
        function = "pause" if paused else "resume"
        with self._locked(function), librdkafka.translated(function):
            for key in keys:
                self._check_assigned(key, function)
            places = [self._partition(*key) for key in keys]
            if paused:
                self._paused |= set(keys)
                self._handle.client.pause(places)
            else:
                self._paused -= set(keys)
                self._handle.client.resume(places)

    def paused(self) -> list[Partition]:
        with self._locked("paused"):
            return sorted(self._paused)

    # The group's offsets.

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        if self._group is None:
            raise StateError("commit: the consumer has no group")
        places = [
            self._confluent.TopicPartition(topic, partition, offset)
            for (topic, partition), offset in offsets.items()
        ]
        with self._locked("commit"), librdkafka.translated("commit"):
            done = self._handle.client.commit(offsets=places, asynchronous=False)
        librdkafka.check([place.error for place in done], "commit")

    def committed(self, keys: Iterable[Partition]) -> dict[Partition, int | None]:
        if self._group is None:
            raise StateError("committed: the consumer has no group")
        places = [self._partition(*key) for key in keys]
        with self._locked("committed"), librdkafka.translated("committed"):
            found = self._handle.client.committed(places, timeout=self._log.timeout)
        librdkafka.check([place.error for place in found], "committed")
        return {
            (place.topic, place.partition): place.offset if place.offset >= 0 else None
            for place in found
        }

    # The end.

    @property
    def closed(self) -> bool:
        return self._closing or os.getpid() != self._pid

    def close(self) -> None:
        if os.getpid() != self._pid:
            return
        self._wanted += 1
        with self._lock:
            self._wanted -= 1
            if self._closed:
                return
            try:
                self._give_up()
            finally:
                self._closing = self._closed = True
                with contextlib.suppress(RuntimeError):
                    self._handle.client.close()

    # Helpers.

    def _check(self, function: str) -> None:
        if os.getpid() != self._pid:
            raise StateError(
                f"{function}: the consumer was made before a fork of the process; make another one"
                " in this one"
            )
        if self._closing:
            raise StateError(f"{function}: the consumer is closed")

    @contextlib.contextmanager
    def _locked(self, function: str) -> Iterator[None]:
        self._check(function)
        self._wanted += 1
        with self._lock:
            self._wanted -= 1
            self._check(function)
            yield

    def _check_assigned(self, key: Partition, function: str) -> None:
        if key not in self._assigned:
            raise NotFoundError(f'{function}: topic "{key[0]}" partition {key[1]} is not assigned')

    def _drop(self, keys: set[Partition]) -> None:
        kept = [m for m in self._ready if (m.topic(), m.partition()) not in keys]
        self._ready.clear()
        self._ready.extend(kept)

    def _partition(self, topic: str, partition: int) -> Any:
        return self._confluent.TopicPartition(topic, partition)

    def _place(self, topic: str, partition: int) -> Any:
        return self._confluent.TopicPartition(topic, partition, self._positions[topic, partition])
