"""What the tests of compaction share: keyed writes, what is readable, and a model of it."""

from __future__ import annotations

import random

from cnengine._core import log as native
from log_batches import batch, decode

testing = native.testing
HOUR = 3_600_000
COMPACT = {"cleanup.policy": "compact", "delete.retention.ms": HOUR}


def append(log, data: bytes, **how) -> dict:
    outcome = testing.append_foreign(log._store, "t", 0, data, **how)
    assert outcome["fault"] == "none", outcome
    return outcome


def put(log, *pairs: tuple, at: int = HOUR, **fields) -> int:
    """One batch of (key, value); returns its offset."""
    keys = [k for k, _ in pairs]
    return append(log, batch(*[v for _, v in pairs], keys=keys, at=at, **fields))["first"]


def roll(log) -> None:
    """Closes the active segment."""
    bytes_ = int(log.topic_config("t")["segment.bytes"])
    put(log, (b"filler", b"x" * (bytes_ - 100)))


def records(log) -> dict[int, tuple]:
    """Offset to (key, value), by tables and by views, which agree."""
    table = log.read("t", offset=log.start_offset("t"), max_bytes=1 << 30)
    out = {
        o: (k, v)
        for o, k, v in zip(*(table[c].to_pylist() for c in ("offset", "key", "value")), strict=True)
    }
    view = testing.view(log._store, "t", 0, log.start_offset("t"), 1 << 30)
    seen = {r[0]: r[2:] for b in decode(view["bytes"]) if not b["attributes"] & 0x27
            for r in b["records"]}  # fmt: skip
    if not any(b["attributes"] & 7 for b in decode(view["bytes"])):
        assert seen == out
    return out


def compact(log, now: bool = True) -> bool:
    return testing.compact(log._store, "t", 0, now)


def files(path) -> list[str]:
    return sorted(f.name for f in (path / "log" / "topics" / "t" / "0").iterdir())


class Model:
    """Writes with a fixed seed; knows what must be there."""

    def __init__(self, seed: int):
        self.numbers = random.Random(seed)
        self.written: dict[int, tuple] = {}

    def write(self, log, batches: int) -> None:
        for _ in range(batches):
            pairs = [
                (b"k%d" % self.numbers.randrange(12),
                 None if self.numbers.random() < 0.2 else b"%d" % self.numbers.randrange(10**9))
                for _ in range(self.numbers.randrange(1, 5))
            ]  # fmt: skip
            first = put(log, *pairs)
            self.written |= {first + i: pair for i, pair in enumerate(pairs)}

    def check(self, log) -> None:
        """Nothing but what was written, at its offset; of each key at least the last one."""
        got = records(log)
        assert got.items() <= self.written.items()
        last = {key: offset for offset, (key, _) in sorted(self.written.items())}
        for offset in last.values():
            assert offset in got
