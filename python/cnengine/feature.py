"""Feature views: the newest row of every entity, ready in microseconds, and all rows ever written.

A `Store` holds views. A view has one or several entity columns (its key), typed features and a time
to live. `Store.write` feeds both sides from one log; `Store.lookup` answers from the online rows,
`Store.history` from everything that was written, by one rule of truth:

    Among the rows of an entity with event_time <= t and created <= t the one with the largest
    event_time wins, ties by the later created, then by the later written. It is live while
    t - event_time < ttl.

The online side keeps one row per entity, so a lookup at a time before that row finds nothing, where
history would find an older row. Times are kept in nanoseconds: 1677-09-21 to 2262-04-11.
Times without a zone are taken as UTC.

>>> import datetime as dt
>>> import pyarrow as pa
>>> store = open()
>>> store.create_view("driver", entities=["id"], schema={"rating": "float64"}, ttl="1d")
>>> noon = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
>>> store.write("driver", pa.table({"id": [7], "rating": [4.5], "t": [noon]}), event_time="t")
1
>>> store.lookup(["driver:rating"], {"id": [7, 8]}, at=noon).to_pydict()
{'id': [7, 8], 'rating': [4.5, None]}
"""

import builtins
import datetime as dt
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnengine import _core, errors

if TYPE_CHECKING:
    import numpy
    import pyarrow

__all__ = ["Prepared", "Store", "open"]

_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _time_ns(function: str, at: Any) -> int | None:
    """Nanoseconds since 1970 UTC of an int (milliseconds), a datetime or what NumPy makes one."""
    if at is None:
        return None
    if isinstance(at, dt.datetime):
        if at.tzinfo is None:
            at = at.replace(tzinfo=dt.UTC)
        nanos = getattr(at, "nanosecond", 0)  # pandas
        delta = at - _EPOCH
        out = ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1_000
        out += nanos
    elif hasattr(at, "__index__") and not isinstance(at, bool):
        out = at.__index__() * 1_000_000
    elif type(at).__name__ == "datetime64":
        out = int(at.astype("datetime64[ns]").astype("int64"))
    else:
        raise errors.TypeError(
            f"{function}: expected at as a datetime or as milliseconds since 1970 (int), got {at!r}"
        )
    if not -(2**63) < out < 2**63:
        raise errors.ArgumentError(f"{function}: at is outside 1677-09-21 to 2262-04-11: {at!r}")
    return out


def _duration_ns(ttl: Any) -> int:
    """Nanoseconds of "1d", "90s", "1h30m" or a timedelta; 0 for None."""
    if ttl is None:
        return 0
    if isinstance(ttl, dt.timedelta):
        out = (ttl.days * 86_400 + ttl.seconds) * 10**9 + ttl.microseconds * 1_000
    elif isinstance(ttl, str) and re.fullmatch(r"(\d+(ns|us|ms|[smhdw]))+", ttl):
        parts = re.findall(r"(\d+)(ns|us|ms|[smhdw])", ttl)
        out = sum(int(count) * _UNITS_NS[unit] for count, unit in parts)
    else:
        raise errors.ArgumentError(
            'create_view: expected ttl as a duration such as "30m", "1d" or "1h30m", a timedelta '
            f"or None, got {ttl!r}"
        )
    if not 0 < out < 2**63:
        raise errors.ArgumentError(
            f"create_view: expected a ttl above zero and below 292 years, got {ttl!r}"
        )
    return out


def _table(table: Any) -> Any:
    if isinstance(table, Mapping):
        import pyarrow

        return pyarrow.table(dict(table))
    return table


def _arrow(table: Any) -> "pyarrow.Table":
    import pyarrow

    return pyarrow.table(table)


def open(  # noqa: A001
    path: str | os.PathLike | None = None,
    *,
    fsync: str = "interval",
    fsync_interval_ms: int = 100,
    read_only: bool = False,
    compact_bytes: int = 64 << 20,
    repair: bool = False,
) -> "Store":
    """Open a feature store, made if it is not there.

    Parameters
    ----------
    path
        A directory. None keeps everything in memory.
    fsync
        When a write reaches the disk: "always" before `write` returns, "interval" at most
        `fsync_interval_ms` after it, "none" when the system likes. Whatever the policy, a write
        that returned survives the end of the process; the policy says what a loss of power may
        take, and that is always a whole number of the last writes.
    read_only
        Read what is there now, beside a process that may be writing.
    compact_bytes
        The write-ahead log is folded into a snapshot when it is larger than this and than the last
        snapshot.
    repair
        Cut the write-ahead log at its first damaged record instead of raising: the writes behind it
        are lost, `Store.recovered_bytes` says how much.

    Raises
    ------
    LockedError
        The directory is open for writing already, by this or another process.
    CorruptionError
        A file is damaged; the message says which and where. A torn last write is no damage: it is
        cut (`Store.recovered_bytes`). A loss of power can leave damage before the end of what was
        not synced, but never with fsync="always".

    Examples
    --------
    >>> with open() as store:
    ...     store.views()
    {}
    """
    return Store(
        _core.feature.open(
            "" if path is None else os.fspath(path),
            fsync,
            fsync_interval_ms,
            read_only,
            compact_bytes,
            repair,
        )
    )


class Prepared:
    """Features resolved once, for lookups one after the other. From `Store.prepare`."""

    def __init__(self, plan: Any) -> None:
        self._plan = plan
        self._matrix = plan.matrix

    def lookup(self, entities: Any, at: Any = None) -> "pyarrow.Table":
        """As `Store.lookup`."""
        return _arrow(self._plan.table(entities, _time_ns("lookup", at)))

    def lookup_matrix(
        self, entities: Any, at: Any = None, *, out: "numpy.ndarray | None" = None
    ) -> "numpy.ndarray":
        """As `Store.lookup_matrix`.

        Examples
        --------
        >>> store = open()
        >>> store.create_view("v", entities=["k"], schema={"f": "float64"})
        >>> store.prepare(["v:f"]).lookup_matrix({"k": ["unknown"]})
        array([[nan]])
        """
        if at is not None:
            at = _time_ns("lookup_matrix", at)
        return self._matrix(entities, at, out)


class Store:
    """Feature views in memory or in a directory. From `open`.

    Any number of threads may look up at any time, also while one writes; writers take turns. A
    lookup sees each row whole, and of a write that is under way some rows. A context manager.
    """

    def __init__(self, native: Any) -> None:
        self._native = native
        self._matrix = native.matrix

    def create_view(
        self,
        name: str,
        *,
        entities: Sequence[str],
        schema: Any,
        ttl: str | dt.timedelta | None = None,
        history: bool = True,
        exist_ok: bool = False,
    ) -> None:
        """Make a view.

        Parameters
        ----------
        entities
            Columns that together name an entity: utf8, integers, bool, dates or timestamps. Their
            types are those of the first write, unless `schema` names them too.
        schema
            Types of the features: a dict such as {"x": "float64"} or a pyarrow.Schema. bool,
            integers, floats, utf8, date and timestamp.
        ttl
            How long after its event time a row is seen: "30m", "1d", "1h30m", a timedelta, or None
            for ever. It rules what is seen; rows stay in memory.
        history
            Keep all writes for `history`, not only the newest row of each entity.
        exist_ok
            Leave a view of exactly this definition as it is.

        Examples
        --------
        >>> store = open()
        >>> store.create_view("v", entities=["k"], schema={"k": "int64", "x": "float32"}, ttl="2h")
        >>> store.views()["v"]["schema"]
        {'x': 'float32'}
        """
        if isinstance(entities, str):
            raise errors.TypeError(
                f"create_view: expected a list of entity columns, got {entities!r}"
            )
        self._native.create_view(name, list(entities), schema, _duration_ns(ttl), history, exist_ok)

    def drop_view(self, name: str) -> None:
        """Remove a view, its rows and its history."""
        self._native.drop_view(name)

    def views(self) -> dict[str, dict[str, Any]]:
        """Definitions by name: entities, entity_types (None before the first write), schema,
        ttl_ns (None for ever), history."""
        return self._native.views()

    def counts(self, view: str) -> tuple[int, int]:
        """Entities that have an online row, and rows of history."""
        return self._native.counts(view)

    def write(self, view: str, table: Any, *, event_time: str, created: str | None = None) -> int:
        """Write rows: all of them or, after a crash, none.

        Parameters
        ----------
        table
            An Arrow table of any library, or a dict of columns. Its entity and feature columns are
            found by name; others are ignored. Features may be null, entities and times not.
        event_time, created
            Columns (timestamp of any unit and zone, or date) with the time at which a row became
            true and the time at which it became known; by default the same.

        Returns
        -------
        int
            How many rows.
        """
        return self._native.write(view, _table(table), event_time, created)

    def sink(self, view: str, *, event_time: str, created: str | None = None) -> Any:
        """A handle that a stream writes to without Python; called with a table it writes it.

        Examples
        --------
        >>> import datetime as dt
        >>> store = open()
        >>> store.create_view("v", entities=["k"], schema={"x": "int64"})
        >>> write = store.sink("v", event_time="t")
        >>> import pyarrow as pa
        >>> write(pa.table({"k": ["a"], "x": [1], "t": [dt.datetime(2024, 1, 1)]}))
        >>> store.counts("v")
        (1, 1)
        """
        return self._native.sink(view, event_time, created)

    def lookup(self, refs: Sequence[str], entities: Any, at: Any = None) -> "pyarrow.Table":
        """The newest rows of entities, as a table.

        Parameters
        ----------
        refs
            "view:feature" names, or "view:*" for all features of a view.
        entities
            A dict of entity columns (lists, NumPy or Arrow arrays, scalars) or a table with them.
        at
            The time of asking: datetime or milliseconds since 1970; now when None.

        Returns
        -------
        pyarrow.Table
            The entity columns as given, then the features, named "feature", or "view__feature"
            where that name is an entity's or several views have it. Null where the entity is
            unknown, its row is later than `at` or no longer live, or the value is null.
        """
        return _arrow(self._native.table(refs, entities, _time_ns("lookup", at)))

    def lookup_matrix(
        self,
        refs: Sequence[str],
        entities: Any,
        at: Any = None,
        *,
        out: "numpy.ndarray | None" = None,
    ) -> "numpy.ndarray":
        """The newest rows of entities, as float64 (rows, features); NaN where absent.

        Numbers, bools (0 and 1), dates (days) and timestamps (ticks of their unit) are converted;
        a utf8 feature is a TypeError that names it. `out` is filled instead of a new array.

        Examples
        --------
        >>> import pyarrow as pa
        >>> store = open()
        >>> store.create_view("v", entities=["k"], schema={"x": "int64", "ok": "bool"})
        >>> t = pa.array([0], pa.timestamp("ms", "UTC"))
        >>> store.write("v", {"k": ["a"], "x": [3], "ok": [True], "t": t}, event_time="t")
        1
        >>> store.lookup_matrix(["v:x", "v:ok"], {"k": ["a", "b"]})
        array([[ 3.,  1.],
               [nan, nan]])
        """
        if at is not None:
            at = _time_ns("lookup_matrix", at)
        return self._matrix(refs, entities, at, out)

    def prepare(self, refs: Sequence[str]) -> Prepared:
        """Resolve features once for many lookups. StateError after a view was dropped."""
        return Prepared(self._native.prepare(refs))

    def history(
        self, refs: Sequence[str], entity_table: Any, *, event_time: str
    ) -> "pyarrow.Table":
        """The features as they were known at a time of each row: a point-in-time join.

        Returns `entity_table` in its order with the features as further columns, named as in
        `lookup`; null where there was no live row. Exactly what `lookup` would have answered at
        that moment.

        Examples
        --------
        >>> import pyarrow as pa
        >>> store = open()
        >>> store.create_view("v", entities=["k"], schema={"x": "int64"})
        >>> t = pa.array([10, 20], pa.timestamp("ms", "UTC"))
        >>> store.write("v", {"k": ["a", "a"], "x": [1, 2], "t": t}, event_time="t")
        2
        >>> asked = pa.array([9, 19, 20], pa.timestamp("ms", "UTC"))
        >>> rows = {"k": ["a"] * 3, "when": asked}
        >>> store.history(["v:x"], rows, event_time="when")["x"].to_pylist()
        [None, 1, 2]
        """
        return _arrow(self._native.history(refs, _table(entity_table), event_time))

    def sync(self) -> None:
        """Make all writes so far durable, whatever the policy."""
        self._native.sync()

    def compact(self) -> None:
        """Fold the write-ahead log into a snapshot and history files now."""
        self._native.compact()

    @property
    def recovered_bytes(self) -> int:
        """Bytes of a torn last write, or cut by `repair`, when the store was opened."""
        return self._native.recovered_bytes

    def close(self) -> None:
        """Sync, and give the directory back. Later calls raise StateError."""
        self._native.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._native.closed else ", ".join(builtins.sorted(self.views()))
        return f"<cnengine.feature.Store: {state}>"
