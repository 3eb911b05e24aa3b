"""The sending and the reading half of a log in this process, for `Producer` and `Consumer`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cnengine._core import log as _log
from cnengine.errors import StateError

__all__ = [
    "EmbeddedConsumer",
    "EmbeddedSender",
    "call_back",
    "consumed",
    "record_table",
    "rows_of",
]

_logger = logging.getLogger("cnengine.log")


def call_back(call: Callable[[], object]) -> None:
    """Call it; what it raises is logged, as nobody waits for it."""
    try:
        call()
    except Exception:
        _logger.exception("a callback of a producer raised")


class EmbeddedSender:
    """Over the native sender; a thread for callbacks is started by the first of them."""

    def __init__(self, store: _log.TopicStore, **options: Any) -> None:
        self._native = _log.sender(store, **options)
        self.send = self._native.send
        self._lock = threading.Lock()
        self._calls: dict[int, list[Callable[[], object]]] = {}  # by batch
        self._thread: threading.Thread | None = None
        self._ended = False  # everything is done

    def when_done(self, ticket: _log.Delivery, call: Callable[[], object]) -> None:
        with self._lock:
            if ticket.watch():
                self._calls.setdefault(ticket.batch, []).append(call)
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._call_back, name="cnengine.log callbacks", daemon=True
                    )
                    self._thread.start()
                return
        call_back(call)

    def _call_back(self) -> None:
        native = self._native
        while True:
            ended = self._ended
            for batch in native.wait_watched(10_000):
                with self._lock:
                    calls = self._calls.pop(batch, ())
                for call in calls:
                    call_back(call)
            if ended:
                return

    def wait_for_room(self, timeout: float) -> bool:
        return self._native.wait_for_room(timeout)

    def flush(self, timeout: float | None) -> int:
        return self._native.flush(timeout)

    @property
    def sent(self) -> int:
        return self._native.sent

    @property
    def failed(self) -> int:
        return self._native.failed

    @property
    def closed(self) -> bool:
        return self._native.closed

    def close(self) -> None:
        self._native.close()
        self._ended = True
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()


class EmbeddedConsumer:
    """Over the native consumer."""

    def __init__(self, store: _log.TopicStore, *, start: str, read_committed: bool) -> None:
        self._native = _log.consumer(store, reset=start, read_committed=read_committed)
        self.assign = self._native.assign
        self.assignment = self._native.assignment
        self.seek = self._native.seek
        self.position = self._native.position
        self.pause = self._native.pause
        self.paused = self._native.paused
        self.wait = self._native.wait
        self.close = self._native.close

    @property
    def closed(self) -> bool:
        return self._native.closed

    def records(self, max_records: int, record_type: type) -> list[Any]:
        return _log.records(self._native.take(max_records, False), record_type)

    def chunks(self, max_rows: int) -> list[_log.Consumed]:
        return self._native.take(max_rows, True)

    def subscribe(self, topics: Sequence[str], **listeners: Any) -> None:
        raise StateError("subscribe: the consumer has no group")

    def unsubscribe(self) -> None:
        self._native.assign([])

    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        raise StateError("commit: the consumer has no group")

    def committed(self, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int | None]:
        raise StateError("committed: the consumer has no group")


def rows_of(
    table: Any,
    *,
    key: str | None,
    timestamp: str | None,
    value: str | Sequence[str] | None,
    headers: str | None,
) -> _log.Rows:
    """The rows of a table as records, by the columns that `Log.produce` names."""
    return _log.rows(
        table,
        key=key,
        timestamp=timestamp,
        value=value if isinstance(value, str) else None,
        json_columns=[] if value is None or isinstance(value, str) else list(value),
        headers=headers,
        now_ms=time.time_ns() // 1_000_000,
    )


def consumed(
    topic: str,
    partition: int,
    offsets: list[int],
    timestamps: list[int],
    keys: list[bytes | None],
    values: list[bytes | None],
    headers: list[Any],
) -> _log.Consumed:
    """Records that came by another way, as the native consumer gives them."""
    return _log.consumed(topic, partition, offsets, timestamps, keys, values, headers)


def record_table(chunks: Sequence[_log.Consumed], columns: Sequence[str]) -> Any:
    """Such records as a pyarrow.Table of these parts."""
    import pyarrow as pa

    return pa.table(_log.record_table(list(chunks), [(c, c) for c in columns], None, False)[0])
