"""The reading half of a log of this process as a member of a group."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from cnengine._core import kafka as _kafka
from cnengine.errors import ArgumentError, NotFoundError, StateError
from cnengine.log.embedded import EmbeddedConsumer

__all__ = ["LocalConsumer"]

Partition = tuple[str, int]
Callback = Callable[[list[Partition]], object]

_SLICE_S = 0.02  # so long at most a change of the group waits for who waits for records


class LocalConsumer(EmbeddedConsumer):
    """Over the native consumer and a native member; see `cnengine.log.Consumer`.

    Callbacks and what they change are done by whoever polls, under a lock.
    """

    def __init__(
        self,
        store: Any,
        *,
        group: str,
        start: str,
        read_committed: bool,
        group_instance_id: str | None = None,
        group_remote_assignor: str | None = None,
        max_poll_interval_ms: int = 300_000,
    ) -> None:
        if not isinstance(group, str):
            raise TypeError(f"consumer: expected group to be a str, got {group!r}")
        super().__init__(store, start=start, read_committed=read_committed)
        self._start = start
        self._read_committed = read_committed
        self._member = _kafka.local_member(
            store,
            group=group,
            instance_id=group_instance_id,
            assignor=group_remote_assignor,
            max_poll_interval_ms=max_poll_interval_ms,
        )
        self._lock = threading.RLock()
        self._subscribed = False
        self._following = False  # a callback may poll
        self._leaves = 0  # how often it left the group: a callback may do that, too
        self._going: list[Partition] = []  # whose callback is running
        self._on_assign: Callback | None = None
        self._on_revoke: Callback | None = None
        del self.assign, self.wait, self.close  # those of the native consumer, for our own

    # What to read.

    def assign(self, starts: Sequence[tuple[str, int, int | None]]) -> None:
        with self._alone():
            starts = self._resolve(starts)
            self._leave()
            self._native.assign(starts)

    def _resolve(
        self, starts: Sequence[tuple[str, int, int | None]]
    ) -> list[tuple[str, int, int | None]]:
        """With the group's offsets where none is said."""
        unknown = [(topic, partition) for topic, partition, offset in starts if offset is None]
        found = self.committed(unknown) if unknown else {}
        return [
            (topic, partition, found.get((topic, partition)) if offset is None else offset)
            for topic, partition, offset in starts
        ]

    def subscribe(
        self,
        topics: Sequence[str],
        *,
        on_assign: Callback | None = None,
        on_revoke: Callback | None = None,
    ) -> None:
        if not topics:
            raise ArgumentError("subscribe: expected topics, got none")
        with self._alone():
            if not self._subscribed:
                self._native.assign([])
            self._member.subscribe(topics)
            self._subscribed = True
            self._on_assign, self._on_revoke = on_assign, on_revoke

    def _alone(self) -> AbstractContextManager[Any]:
        """The lock. A forked child raises first: the thread that has it may not be there."""
        self._native.assignment()  # raises when it is closed, or of a process before a fork
        return self._lock

    def unsubscribe(self) -> None:
        with self._alone():
            self._leave()
            self._native.assign([])

    def _leave(self) -> None:
        """What is owned is given up first, while offsets can still be committed."""
        if not self._subscribed:
            return
        self._subscribed = False
        self._leaves += 1
        owned = [each for each in self._native.assignment() if each not in self._going]
        try:
            if owned and self._on_revoke is not None:
                self._on_revoke(owned)
        finally:
            self._member.leave()

    def _follow(self) -> None:
        """Does what the group says."""
        if self._native.closed:
            return
        with self._lock:
            if self._following:
                return
            self._following = True
            try:
                while self._subscribed and (step := self._member.poll()):
                    self._do(*step[:2])
            finally:
                self._following = False

    def _do(self, give_up: list[Partition], take: list[Partition]) -> None:
        """A step, as far as the callback does not leave the group."""
        leaves = self._leaves
        self._going = give_up
        try:
            if give_up and self._on_revoke is not None:
                self._on_revoke(give_up)
        finally:
            self._going = []
            if self._leaves == leaves:
                self._native.remove(give_up)
                self._member.gave_up()
        if self._leaves == leaves:
            self._take_over(take)

    def _take_over(self, partitions: list[Partition]) -> None:
        try:
            self._native.add(self._resolve([(t, p, None) for t, p in partitions]))
        except NotFoundError:
            return  # a topic has just been deleted: the group will say something else
        self._member.took()
        if partitions and self._on_assign is not None:
            self._on_assign(partitions)

    # Reading.

    def wait(self, timeout: float | None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            is_open = not self._native.closed
            self._follow()
            if is_open and self._native.closed:
                return False  # closed by a callback
            if not self._subscribed:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                return self._native.wait(left)
            left = _SLICE_S if deadline is None else deadline - time.monotonic()
            try:
                if self._native.wait(max(0.0, min(left, _SLICE_S))):
                    return True
            except NotFoundError:  # a topic was deleted, which the group will see
                self._native.drop_deleted()
            if self._native.closed or (deadline is not None and time.monotonic() >= deadline):
                return False

    def records(self, max_records: int, record_type: type) -> list[Any]:
        return self._taken(lambda: super(LocalConsumer, self).records(max_records, record_type))

    def chunks(self, max_rows: int) -> list[Any]:
        return self._taken(lambda: super(LocalConsumer, self).chunks(max_rows))

    def _taken(self, take: Callable[[], list[Any]]) -> list[Any]:
        """Nothing is taken while partitions are given up."""
        with self._alone():
            try:
                return take()
            except NotFoundError:
                if not self._subscribed:
                    raise
                self._native.drop_deleted()
                return []

    # The group's offsets.

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        for (topic, partition), offset in offsets.items():
            if offset < 0:
                raise ArgumentError(
                    f'commit: expected an offset of at least 0 for topic "{topic}" partition '
                    f"{partition}, got {offset}"
                )
        self._check_open("commit")
        self._member.commit(dict(offsets))

    def committed(self, partitions: Iterable[Partition]) -> dict[Partition, int | None]:
        self._check_open("committed")
        keys = list(partitions)
        found = self._member.committed(keys, self._read_committed)
        return {key: found.get(key) for key in keys}

    def _check_open(self, function: str) -> None:
        if self._native.closed:
            raise StateError(f"{function}: the consumer is closed")

    # The end.

    def close(self) -> None:
        if self._native.closed:
            return
        with self._lock:
            try:
                self._leave()
            finally:
                self._native.close()
