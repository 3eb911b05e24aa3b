"""Events by confluent-kafka through a socket, as a producer of another program sends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from cnengine.errors import IoError, UnsupportedError

if TYPE_CHECKING:
    from cnengine.log import Log

FLUSH_S = 120


def _plain(column: pa.ChunkedArray) -> list:
    """Values for JSON: times as ISO 8601 in UTC, whole numbers without a fraction."""
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ").to_pylist()
    values = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [int(v) if v is not None and v.is_integer() else v for v in values]
    return values


def json_values(rows: pa.Table, names: list[str]) -> list[bytes]:
    """A JSON object for each row, of the named columns."""
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    columns = zip(*(_plain(rows[name]) for name in names), strict=True)
    return [encode(dict(zip(names, row, strict=True))).encode() for row in columns]


class SocketSender:
    """Serves a log on a port of loopback and sends to it; `with` ends both.

    An idempotent producer keeps the order within a partition, so that a log holds the first events
    of each key whenever it is cut off. Raises UnsupportedError without confluent-kafka.
    """

    def __init__(self, log: Log) -> None:
        from cnengine.kafka import Broker, librdkafka

        confluent = librdkafka.load("demo: sending through a socket")
        self._broker = Broker(log, listen="127.0.0.1:0")
        host, port = self._broker.address
        self._producer = confluent.Producer(
            {
                "bootstrap.servers": f"{host}:{port}",
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": 20,
                "queue.buffering.max.messages": 1_000_000,
                "log.connection.close": False,
            }
        )
        self._failure: str | None = None

    def __call__(self, topic: str, rows: pa.Table, key: str) -> None:
        """Sends rows; their times are those of `arrived_at`."""
        names = [name for name in rows.column_names if name != "arrived_at"]
        times = rows["arrived_at"].cast(pa.int64()).to_pylist()
        for name, at, value in zip(
            rows[key].to_pylist(), times, json_values(rows, names), strict=True
        ):
            self._producer.produce(
                topic, value, key=name, timestamp=at, on_delivery=self._delivered
            )
        self._producer.poll(0)
        self._check()

    def flush(self) -> None:
        """Waits until all is acknowledged. Raises IoError."""
        left = self._producer.flush(FLUSH_S)
        self._check()
        if left:
            raise IoError(f"demo: {left} events were not acknowledged within {FLUSH_S} s")

    def _delivered(self, error, _message) -> None:
        if error is not None and self._failure is None:
            self._failure = str(error)

    def _check(self) -> None:
        if self._failure is not None:
            raise IoError(f"demo: the broker did not take an event: {self._failure}")

    def __enter__(self) -> SocketSender:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer = None  # it would miss the broker
        self._broker.stop()


def has_client() -> bool:
    """Whether confluent-kafka is installed."""
    from cnengine.kafka import librdkafka

    try:
        librdkafka.load()
    except UnsupportedError:
        return False
    return True


def differences(one: Log, other: Log, topics: list[str]) -> int:
    """How many records of the topics differ in time, key, value, partition or offset."""
    count = 0
    for topic in topics:
        for partition in range(one.partitions(topic)):
            tables = [log.read(topic, partition, 0, 1 << 40) for log in (one, other)]
            rows = min(table.num_rows for table in tables)
            count += max(table.num_rows for table in tables) - rows
            same = None
            for name in ("offset", "timestamp", "key", "value"):
                left, right = (t[name].slice(0, rows).combine_chunks() for t in tables)
                equal = pc.equal(left, right).fill_null(True)
                same = equal if same is None else pc.and_(same, equal)
            count += rows - (pc.sum(same).as_py() or 0)
    return count
