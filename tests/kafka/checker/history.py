"""What clients did and saw, as plain data: written while the broker is hurt, judged afterwards.

An operation is `ok` when the broker said so, `failed` when it certainly did not take place, and
`unknown` when the answer was lost; that may yet have taken place, at any time after its start.
"""

import json
import math
import threading
import time
from dataclasses import asdict, dataclass, field

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


@dataclass
class Write:
    """A record sent. `number` is its place among all that its client sent."""

    client: str
    number: int
    topic: str
    partition: int
    value: str
    start: float
    end: float = math.inf
    outcome: str = UNKNOWN
    offset: int = -1  # -1: acknowledged without one
    idempotent: bool = True
    transaction: str = ""


@dataclass
class Transaction:
    """Of a copy, `consumed` has (topic, partition, first offset, offset after the last)."""

    client: str
    name: str
    start: float
    end: float = math.inf
    outcome: str = UNKNOWN  # ok: committed; failed: aborted
    group: str = ""
    consumed: list = field(default_factory=list)


@dataclass
class Read:
    """One answer to a reader that goes on where it stood. `position` is where it was before and
    `after` where it is now; records are (offset, value). Marks are -1 where a client tells none."""

    reader: str  # of one client from one seek on
    topic: str
    partition: int
    committed: bool
    start: float
    end: float
    position: int
    after: int
    records: list
    high: int = -1
    stable: int = -1
    group: str = ""


@dataclass
class Commit:
    """The commit of a group's offset."""

    group: str
    topic: str
    partition: int
    offset: int
    start: float
    end: float = math.inf
    outcome: str = UNKNOWN


@dataclass
class Committed:
    """What a client was told is the committed offset; -1 is none."""

    group: str
    topic: str
    partition: int
    offset: int
    start: float
    end: float


@dataclass
class Fault:
    kind: str
    what: str
    start: float
    end: float


KINDS = {kind.__name__: kind for kind in (Write, Transaction, Read, Commit, Committed, Fault)}


class History:
    """Lists of operations, by kind; thread safe. `now` is a clock that only goes forward."""

    def __init__(self):
        self.items = {kind: [] for kind in KINDS}
        self.complaints = []  # what a client met that the protocol does not foresee
        self._lock = threading.Lock()
        self.now = time.monotonic

    def add(self, item):
        with self._lock:
            self.items[type(item).__name__].append(item)
        return item

    def complain(self, text):
        with self._lock:
            self.complaints.append(text)

    def finish(self, item, outcome, offset=None):
        """The end of what was added before."""
        if offset is not None:
            item.offset = offset
        item.outcome, item.end = outcome, self.now() if outcome != UNKNOWN else math.inf
        return item

    def __getattr__(self, name):
        """`history.writes` and so on."""
        for kind in KINDS:
            if name == {"Committed": "fetched"}.get(kind, kind.lower() + "s"):
                return self.__dict__["items"][kind]
        raise AttributeError(name)

    def save(self, path):
        with open(path, "w") as out:
            for kind, items in self.items.items():
                for item in items:
                    out.write(json.dumps({"kind": kind, **asdict(item)}) + "\n")

    def counts(self):
        out = {}
        for kind, items in self.items.items():
            out[kind] = len(items)
            if kind in ("Write", "Transaction", "Commit"):
                for outcome in (OK, FAILED, UNKNOWN):
                    out[f"{kind} {outcome}"] = sum(i.outcome == outcome for i in items)
        out["records read"] = sum(len(r.records) for r in self.items["Read"])
        return out


@dataclass
class FinalLog:
    """A partition at the end, by both levels of isolation, from offset 0."""

    everything: list  # (offset, value), as read_uncommitted sees it
    visible: list  # as read_committed sees it
    high: int
    stable: int


@dataclass
class Final:
    logs: dict  # (topic, partition) -> FinalLog
    offsets: dict = field(default_factory=dict)  # (group, topic, partition) -> committed offset
    again: dict = field(default_factory=dict)  # logs once more, after another kill
