"""Lazy frames: queries over Arrow data that run when their result is asked for."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnengine import errors
from cnengine._core import frame as _native
from cnengine.frame.aggregate import Aggregate
from cnengine.frame.duration import parse_duration
from cnengine.frame.expr import Expr, col, lit, to_column, to_expr

if TYPE_CHECKING:
    import pyarrow as pa


def _flat(values: tuple[Any, ...]) -> list[Any]:
    """Arguments given one by one or as one list."""
    if len(values) == 1 and isinstance(values[0], (list, tuple)):
        return list(values[0])
    return list(values)


def _named(exprs: Iterable[Expr]) -> list[tuple[Any, str]]:
    return [(e._native, e.name) for e in exprs]


class Frame:
    """A query that has not run yet; made by `from_arrow` and `read_parquet`, never changed.

    Mistakes (unknown columns, types that do not fit) raise where they are made; data is read and
    computed at `collect`, on `cnengine.set_num_threads` threads, and the result is the same bit
    for bit for any number of them. Any library that reads the Arrow PyCapsule protocol takes a
    frame as it is.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> import pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": ["a", "b", "a"], "v": [1, 2, 3]}))
    >>> totals = frame.group_by("k").agg(cf.sum("v"), cf.mean("v").alias("m"))
    >>> totals.sort("k").collect().to_pydict()
    {'k': ['a', 'b'], 'v': [4, 2], 'm': [2.0, 2.0]}
    """

    __slots__ = ("_query",)

    def __init__(self, query: _native.Query) -> None:
        self._query = query

    @property
    def columns(self) -> list[str]:
        """The names of the result's columns."""
        return self._query.columns

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the result's columns; nothing is computed."""
        import pyarrow as pa

        return pa.table(self._query.empty()).schema

    def collect(self) -> pa.Table:
        """Runs the query.

        Raises
        ------
        ArgumentError
            When a value does not fit: a strict cast, a sum of integers beyond 64 bits.
        """
        import pyarrow as pa

        return pa.concat_tables([pa.table(batch) for batch in self._query.collect()])

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.collect().__arrow_c_stream__(requested_schema)

    def explain(self) -> str:
        """The steps of the query, the last one first, with the columns that each reads.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"a": [1], "b": [2]}))
        >>> print(frame.filter(cf.col("a") > 1).select("a").explain())
        select a
          filter (col("a") > 1)
            scan memory, 1 rows in 1 batch: a
        """
        return self._query.explain()

    def __repr__(self) -> str:
        return f"Frame\n{self.explain()}"

    def filter(self, *conditions: Expr) -> Frame:
        """The rows where all conditions are true (null is not).

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"a": [1, None, 3]}))
        >>> frame.filter(cf.col("a") > 1).collect().to_pydict()
        {'a': [3]}
        """
        conditions = tuple(_flat(conditions))
        if not conditions:
            raise errors.ArgumentError("filter: expected at least one condition, got none")
        joined = to_column(conditions[0])
        for condition in conditions[1:]:
            joined = joined & to_column(condition)
        return Frame(self._query.filter(joined._native))

    def select(self, *columns: str | Expr, **named: Any) -> Frame:
        """These columns only: names, expressions, or ``name=expression``.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"a": [1, 2], "b": [3, 4]}))
        >>> frame.select("b", total=cf.col("a") + cf.col("b")).collect().to_pydict()
        {'b': [3, 4], 'total': [4, 6]}
        """
        exprs = [to_column(c) for c in _flat(columns)]
        exprs += [to_expr(value).alias(name) for name, value in named.items()]
        return Frame(self._query.project(_named(exprs), "select"))

    def with_columns(self, *columns: Expr, **named: Any) -> Frame:
        """All columns and these; one of the same name is replaced in its place.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"a": [1, 2]}))
        >>> frame.with_columns(half=cf.col("a") / 2).collect().to_pydict()
        {'a': [1, 2], 'half': [0.5, 1.0]}
        """
        new = [to_column(c) for c in _flat(columns)]
        new += [to_expr(value).alias(name) for name, value in named.items()]
        by_name = {e.name: e for e in new}
        if len(by_name) < len(new):
            raise errors.ArgumentError(
                "with_columns: two columns have one name; rename one with .alias(...)"
            )
        exprs = [by_name.pop(name, None) or col(name) for name in self.columns]
        return Frame(self._query.project(_named([*exprs, *by_name.values()]), "with_columns"))

    def rename(self, names: dict[str, str]) -> Frame:
        """Other names for some columns: ``{"old": "new"}``."""
        self._check_columns(names, "rename")
        exprs = [col(name).alias(names.get(name, name)) for name in self.columns]
        return Frame(self._query.project(_named(exprs), "rename"))

    def drop(self, *columns: str) -> Frame:
        """All columns but these."""
        dropped = _flat(columns)
        self._check_columns(dropped, "drop")
        kept = [col(name) for name in self.columns if name not in dropped]
        return Frame(self._query.project(_named(kept), "drop"))

    def _check_columns(self, names: Iterable[str], function: str) -> None:
        known = [col(name) for name in names]
        self._query.project([(e._native, str(i)) for i, e in enumerate(known)], function)

    def group_by(self, *keys: str | Expr) -> GroupBy:
        """Groups of equal keys, for `agg`. Nulls are one key, NaN are one key.

        Raises
        ------
        NotFoundError
            For an unknown column, with the nearest name.
        """
        exprs = [to_column(key) for key in _flat(keys)]
        if not exprs:
            raise errors.ArgumentError(
                "group_by: expected at least one key, got none; use frame.agg for one row in all"
            )
        self._query.aggregate(_named(exprs), [])
        return GroupBy(self, exprs)

    def agg(self, *aggregates: Aggregate) -> Frame:
        """One row of aggregates over all rows.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"a": [1, 2, None]}))
        >>> frame.agg(cf.count(), cf.max("a")).collect().to_pydict()
        {'count': [3], 'a': [2]}
        """
        return GroupBy(self, []).agg(*aggregates)

    def unique(self, *columns: str) -> Frame:
        """The distinct rows of these columns (default: all), in the order they first appear."""
        exprs = [to_column(c) for c in (_flat(columns) or self.columns)]
        return Frame(self._query.aggregate(_named(exprs), []))

    def sort(self, *keys: str | Expr, descending: bool | Sequence[bool] = False) -> Frame:
        """Rows in order of the keys; stable. NaN after all numbers, nulls last, either way.

        Parameters
        ----------
        descending
            For all keys, or one for each.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"a": [2, None, 3]}))
        >>> frame.sort("a", descending=True).collect().to_pydict()
        {'a': [3, 2, None]}
        """
        exprs = [to_column(key) for key in _flat(keys)]
        flags = [descending] * len(exprs) if isinstance(descending, bool) else list(descending)
        return Frame(self._query.sort([e._native for e in exprs], flags))

    def limit(self, rows: int, *, offset: int = 0) -> Frame:
        """At most `rows` rows from row `offset` on; what lies behind is not computed."""
        return Frame(self._query.limit(offset, rows))

    def head(self, rows: int = 5) -> Frame:
        """The first rows."""
        return self.limit(rows)

    def join_asof(
        self,
        right: Frame | Any,
        *,
        on: str | None = None,
        left_on: str | None = None,
        right_on: str | None = None,
        by: str | Sequence[str] | None = None,
        left_by: str | Sequence[str] | None = None,
        right_by: str | Sequence[str] | None = None,
        strategy: str = "backward",
        tolerance: str | float | datetime.timedelta | None = None,
        allow_exact_matches: bool = True,
        suffix: str = "_right",
    ) -> Frame:
        """For each row the right row nearest in time, of those with equal keys.

        Neither side needs to be sorted; the left side's rows stay in order. Without a match the
        right columns are null. Null keys and null or NaN times match nothing.

        Parameters
        ----------
        right
            A Frame, or anything that `from_arrow` takes.
        on, left_on, right_on
            The column of times or numbers, the same on both sides or one each.
        by, left_by, right_by
            Columns that must be equal.
        strategy
            ``"backward"``: the last right row at or before; of equal times the last row.
            ``"forward"``: the first at or after; of equal times the first row.
            ``"nearest"``: the closer of both, at equal distance the one before.
        tolerance
            The greatest distance: ``"1h"`` or a timedelta for times, else a number.
        allow_exact_matches
            Whether rows of equal time match.
        suffix
            Added to right columns whose name the left side has.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> trades = cf.from_arrow(pa.table({"t": [2, 5], "k": ["x", "x"]}))
        >>> quotes = pa.table({"t": [1, 4], "k": ["x", "x"], "bid": [10.0, 11.0]})
        >>> trades.join_asof(quotes, on="t", by="k").collect().to_pydict()
        {'t': [2, 5], 'k': ['x', 'x'], 'bid': [10.0, 11.0]}
        """
        left_on, right_on = left_on or on, right_on or on
        if left_on is None or right_on is None:
            raise errors.ArgumentError("join_asof: expected on=, or left_on= and right_on=")
        bys = [_names(x if x is not None else by) for x in (left_by, right_by)]
        limit = None
        if tolerance is not None:
            number = isinstance(tolerance, (int, float)) and not isinstance(tolerance, bool)
            limit = lit(tolerance if number else parse_duration(tolerance, "join_asof"))
        other = right if isinstance(right, Frame) else from_arrow(right)
        return Frame(
            self._query.join_asof(
                other._query,
                (left_on, right_on),
                (bys[0], bys[1]),
                strategy,
                limit._native if limit is not None else None,
                allow_exact_matches,
                suffix,
            )
        )


def _names(by: str | Sequence[str] | None) -> list[str]:
    if by is None:
        return []
    return [by] if isinstance(by, str) else list(by)


class GroupBy:
    """Groups that wait for their aggregates; made by `Frame.group_by`.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> groups = cf.from_arrow(pa.table({"k": ["a", "b", "a"]})).group_by("k")
    >>> groups.agg(cf.count()).collect().to_pylist()
    [{'k': 'a', 'count': 2}, {'k': 'b', 'count': 1}]
    """

    def __init__(self, frame: Frame, keys: list[Expr]) -> None:
        self._frame = frame
        self._keys = keys

    def agg(self, *aggregates: Aggregate) -> Frame:
        """One row a group, in the order they first appear: the keys, then the aggregates.

        Raises
        ------
        ArgumentError
            When two results have one name; rename one with ``.alias``.
        """
        natives = []
        for aggregate in _flat(aggregates):
            if not isinstance(aggregate, Aggregate):
                raise errors.TypeError(
                    f'agg: expected aggregates such as sum("v"), got {type(aggregate).__name__}'
                )
            natives.append(aggregate._native)
        return Frame(self._frame._query.aggregate(_named(self._keys), natives))


def from_arrow(data: Any) -> Frame:
    """A frame over data in memory, which is not copied.

    Parameters
    ----------
    data
        Anything with the Arrow PyCapsule protocol: tables of pyarrow, polars, pandas, duckdb.
        Columns may be booleans, integers, floats, text, binary, dates, timestamps, durations,
        lists, structs, and dictionaries of such (read as their values).

    Raises
    ------
    TypeError
        For other objects, and for column types that are not supported, with their name.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> import pyarrow as pa
    >>> cf.from_arrow(pa.table({"a": [1, 2]})).columns
    ['a']
    """
    return data if isinstance(data, Frame) else Frame(_native.scan(data))
