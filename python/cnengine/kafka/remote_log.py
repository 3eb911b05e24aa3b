"""A log that is a Kafka cluster, reached through confluent-kafka; see `cnengine.log.connect`."""

from __future__ import annotations

import os
import threading
import time
import uuid
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnengine.errors import ArgumentError, IoError, NotFoundError, StateError
from cnengine.kafka import librdkafka, remote_admin
from cnengine.log.clients import close_all
from cnengine.log.consumer import Consumer
from cnengine.log.embedded import consumed, record_table, rows_of
from cnengine.log.producer import Producer
from cnengine.log.store import to_ms

if TYPE_CHECKING:
    import datetime

    import pyarrow as pa

__all__ = ["RemoteLog"]

_ROWS_AT_ONCE = 10_000
_COLUMNS = ("offset", "timestamp", "key", "value", "headers")


class RemoteLog:
    """The topics of a Kafka cluster with the methods of `cnengine.log.Log`; made by
    `cnengine.log.connect`. Threads may share it.

    What differs: topics get the cluster's settings where none are given, offsets of others' records
    may lie between those of one `produce`, and timestamps begin with 1.

    Parameters
    ----------
    servers
        ``"host:port,host:port"``.
    settings
        More settings of librdkafka.
    timeout
        Seconds to wait for an answer.
    """

    def __init__(
        self, servers: str, settings: Mapping[str, Any] | None = None, *, timeout: float = 30.0
    ) -> None:
        librdkafka.load()
        self.servers = servers
        self.settings = dict(settings or {})
        self.timeout = timeout
        self._pid = os.getpid()
        self._lock = threading.RLock()  # guards the clients below, and one reading at a time
        self._reader_handle: librdkafka.Handle | None = None
        self._admin_handle: librdkafka.Handle | None = None
        self._trouble: Any = None  # what the reader is told of
        self._clients: weakref.WeakSet[Any] = weakref.WeakSet()
        self._closed = False

    def __enter__(self) -> RemoteLog:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<cnengine.kafka.RemoteLog {self.path!r}{' closed' if self.closed else ''}>"

    @property
    def path(self) -> str:
        """The address."""
        return f"kafka://{self.servers}"

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Close its producers, its consumers and the connections. Twice is fine."""
        if self._closed or os.getpid() != self._pid:
            return
        close_all(self._clients)
        with self._lock:
            self._closed = True
            if self._reader_handle is not None:
                self._reader_handle.client.close()
            self._reader_handle = self._admin_handle = None

    # The clients, made when they are needed.

    def _check(self, function: str) -> None:
        if os.getpid() != self._pid:
            raise StateError(
                f"{function}: the log {self.path!r} was connected to before a fork; connect to it"
                " again in this process"
            )
        if self._closed:
            raise StateError(f"{function}: the log {self.path!r} is closed")

    def _reader(self, **options: Any) -> Any:
        from cnengine.kafka.remote_consumer import RemoteConsumer

        self._check("consumer")
        return RemoteConsumer(self, self.settings, **options)

    def _sender(self, **options: Any) -> Any:
        from cnengine.kafka.remote_sender import RemoteSender

        self._check("producer")
        return RemoteSender(self.servers, self.settings, **options)

    def _asker(self, function: str) -> Any:
        """A consumer without a group, for what is about topics and for `read`."""
        self._check(function)
        if self._reader_handle is None:
            config = librdkafka.configuration(
                self.servers,
                {
                    "group.id": f"cnengine-{uuid.uuid4()}",
                    "enable.auto.commit": False,
                    "auto.offset.reset": "error",
                    "enable.partition.eof": True,
                    "isolation.level": "read_uncommitted",
                    "fetch.wait.max.ms": 100,
                },
                self.settings,
            )
            self._trouble = config["error_cb"]
            confluent = librdkafka.load()
            try:
                consumer = confluent.Consumer(config)
            except confluent.KafkaException as error:
                raise ArgumentError(f"connect: {error.args[0].str()}") from error
            self._reader_handle = librdkafka.keep_over_forks(consumer)
        return self._reader_handle.client

    def _admin(self, function: str) -> Any:
        self._check(function)
        with self._lock:
            if self._admin_handle is None:
                config = librdkafka.configuration(self.servers, self.settings)
                admin = librdkafka.load().admin.AdminClient(config)
                self._admin_handle = librdkafka.keep_over_forks(admin)
            return self._admin_handle.client

    def producer(self, **options: Any) -> Producer:
        """A `cnengine.log.Producer`; `options` are its."""
        return Producer(self, **options)

    def consumer(self, topics: str | Sequence[str] | None = None, **options: Any) -> Consumer:
        """A `cnengine.log.Consumer`; `topics` and `options` are its."""
        return Consumer(self, topics, **options)

    # Topics.

    def topics(self) -> list[str]:
        """Names of the topics, sorted."""
        return sorted(self._metadata("topics").topics)

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises NotFoundError when there is no such topic."""
        return self._partitions(topic, "partitions")

    def _partitions(self, topic: str, function: str) -> int:
        metadata = self._metadata(function, topic).topics[topic]
        if metadata.error is not None and metadata.error.code() in librdkafka.UNKNOWN_TOPIC:
            raise NotFoundError(f'{function}: no topic "{topic}"')
        librdkafka.check([metadata.error], f'{function}: topic "{topic}"')
        return len(metadata.partitions)

    def _metadata(self, function: str, topic: str | None = None) -> Any:
        with self._lock, librdkafka.translated(function):
            asker = self._asker(function)
            try:
                return asker.list_topics(topic, timeout=self.timeout)
            except librdkafka.load().KafkaException as raised:
                if raised.args[0].code() not in librdkafka.NO_ANSWER:
                    raise
                asker.poll(0)  # calls what is told the reason
                why = librdkafka.because(self._trouble)
                raise IoError(
                    f"{function}: no answer from {self.servers} within {self.timeout:g} s{why}"
                ) from raised

    def check_partition(self, topic: str, partition: int, function: str) -> None:
        """Raises NotFoundError when there is no such partition."""
        count = self._partitions(topic, function)
        if not 0 <= partition < count:
            raise NotFoundError(
                f'{function}: topic "{topic}" has no partition {partition}, expected 0 to '
                f"{count - 1}"
            )

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        *,
        segment_bytes: int | None = None,
        retention_ms: int | None = None,
        retention_bytes: int | None = None,
        config: Mapping[str, object] | None = None,
        exist_ok: bool = False,
        replicas: int = -1,
    ) -> None:
        """As `Log.create_topic`; `replicas` is the number of copies, -1 the cluster's default."""
        settings = {
            "segment.bytes": segment_bytes,
            "retention.ms": retention_ms,
            "retention.bytes": retention_bytes,
        }
        settings = {key: value for key, value in settings.items() if value is not None}
        settings |= config or {}
        remote_admin.create_topic(
            self._admin("create_topic"), name, partitions, replicas, settings, exist_ok,
            self.timeout,
        )  # fmt: skip
        self._await(lambda: name in self.topics(), "create_topic")

    def delete_topic(self, name: str) -> None:
        """As `Log.delete_topic`."""
        remote_admin.delete_topic(self._admin("delete_topic"), name, self.timeout)
        self._await(lambda: name not in self.topics(), "delete_topic")

    def add_partitions(self, topic: str, partitions: int) -> None:
        """As `Log.add_partitions`."""
        remote_admin.add_partitions(self._admin("add_partitions"), topic, partitions, self.timeout)
        self._await(lambda: self.partitions(topic) >= partitions, "add_partitions")

    def topic_config(self, topic: str) -> dict[str, str]:
        """As `Log.topic_config`."""
        return remote_admin.topic_config(self._admin("topic_config"), topic, self.timeout)

    def alter_topic(self, topic: str, config: Mapping[str, object]) -> None:
        """As `Log.alter_topic`."""
        remote_admin.alter_topic(self._admin("alter_topic"), topic, config, self.timeout)

    def delete_records(self, topic: str, before: int, partition: int = 0) -> int:
        """As `Log.delete_records`."""
        admin = self._admin("delete_records")
        return remote_admin.delete_records(admin, topic, partition, before, self.timeout)

    def _await(self, done: Any, function: str) -> None:
        """A cluster tells its brokers about changes of topics when it has answered."""
        deadline = time.monotonic() + self.timeout
        while not done():
            if time.monotonic() > deadline:
                raise IoError(f"{function}: the cluster does not show the change")
            time.sleep(0.02)

    # Records.

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
        """As `Log.produce`, but rows may be there when others failed, and between the first and the
        last offset of a range may be records of others."""
        rows = rows_of(table, key=key, timestamp=timestamp, value=value, headers=headers)
        self._partitions(topic, "produce")  # raises when there is none
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        errors: list[Any] = []

        def report(error: Any, message: Any) -> None:
            if error is not None:
                errors.append(error)
                return
            partition, offset = message.partition(), message.offset()
            first[partition] = min(first.get(partition, offset), offset)
            last[partition] = max(last.get(partition, offset), offset)

        with Producer(self, compression=compression, linger_ms=20) as producer:
            client = producer._backend._handle.client
            for begin in range(0, rows.count, _ROWS_AT_ONCE):
                for row_key, row_value, at, pairs in rows.take(begin, _ROWS_AT_ONCE):
                    more = {} if pairs is None else {"headers": pairs}
                    while True:
                        try:
                            client.produce(
                                topic, row_value, row_key, timestamp=at, on_delivery=report, **more
                            )
                            break
                        except BufferError:
                            client.poll(0.1)
                client.poll(0)
            producer.flush()
        librdkafka.check(errors[:1], "produce")
        return {p: range(first[p], last[p] + 1) for p in sorted(first)}

    def read(
        self, topic: str, partition: int = 0, offset: int = 0, max_bytes: int = 1 << 20
    ) -> pa.Table:
        """As `Log.read`."""
        if max_bytes < 1:
            raise ArgumentError(f"read: expected max_bytes of at least 1, got {max_bytes}")
        with self._lock:
            start, end = self._bounds(topic, partition, "read")
            if not start <= offset <= end:
                raise ArgumentError(
                    f'read: offset {offset} of topic "{topic}" partition {partition} is out of '
                    f"range, expected {start} to {end}"
                )
            messages = self._read(topic, partition, offset, end, max_bytes)
        columns = [[], [], [], [], []]
        for message in messages:
            parts = (message.offset(), message.timestamp()[1], message.key(), message.value(),
                     message.headers())  # fmt: skip
            for column, part in zip(columns, parts, strict=True):
                column.append(part)
        return record_table([consumed(topic, partition, *columns)], _COLUMNS)

    def _read(self, topic: str, partition: int, offset: int, end: int, max_bytes: int) -> list[Any]:
        consumer = self._asker("read")
        out: list[Any] = []
        size = 0
        deadline = time.monotonic() + self.timeout
        with librdkafka.translated("read"):
            if offset < end:
                consumer.assign([librdkafka.load().TopicPartition(topic, partition, offset)])
            while offset < end and size < max_bytes:
                for message in consumer.consume(1000, 0.05):
                    error = message.error()
                    if error is None:
                        if message.offset() < offset or size >= max_bytes:
                            continue
                        offset = message.offset() + 1
                        size += len(message) + len(message.key() or b"") + 70
                        out.append(message)
                        deadline = time.monotonic() + self.timeout
                    elif error.code() == librdkafka.PARTITION_EOF:
                        end = offset  # what is left are markers of transactions
                    elif error.code() == librdkafka.GROUP_AUTHORIZATION_FAILED:
                        pass  # librdkafka asks for a coordinator that nothing here needs
                    elif not error.retriable():
                        raise librdkafka.translate(error, "read")
                if time.monotonic() > deadline:
                    raise IoError(f"read: no answer within {self.timeout} s")
            consumer.unassign()
        return out

    def _bounds(self, topic: str, partition: int, function: str) -> tuple[int, int]:
        self.check_partition(topic, partition, function)
        place = librdkafka.load().TopicPartition(topic, partition)
        with self._lock, librdkafka.translated(function):
            bounds = self._asker(function).get_watermark_offsets(place, self.timeout, cached=False)
        if bounds is None:
            raise IoError(f"{function}: no answer within {self.timeout} s")
        return bounds

    def start_offset(self, topic: str, partition: int = 0) -> int:
        """The first offset that is still there."""
        return self._bounds(topic, partition, "start_offset")[0]

    def end_offset(self, topic: str, partition: int = 0) -> int:
        """The offset that the next record will get."""
        return self._bounds(topic, partition, "end_offset")[1]

    def offset_for_timestamp(
        self, topic: str, timestamp: int | datetime.datetime, partition: int = 0
    ) -> int:
        """As `Log.offset_for_timestamp`."""
        end = self.end_offset(topic, partition)
        place = librdkafka.load().TopicPartition(topic, partition, to_ms(timestamp))
        with self._lock, librdkafka.translated("offset_for_timestamp"):
            asker = self._asker("offset_for_timestamp")
            found = asker.offsets_for_times([place], timeout=self.timeout)
        librdkafka.check([found[0].error], "offset_for_timestamp")
        return found[0].offset if found[0].offset >= 0 else end

    def flush(self) -> None:
        """Nothing to do: what was acknowledged is as safe as the cluster makes it."""
        self._check("flush")
