"""Aggregates for `group_by(...).agg(...)`, on frames and on streams alike."""

from __future__ import annotations

from typing import Any

from cnengine import errors
from cnengine._core import frame as _native
from cnengine.frame.expr import Expr, to_column


class Aggregate:
    """One result per group; made by `sum`, `mean`, ... Nulls are skipped.

    All but `count` are null when there is no value. NaN stays in sums and means; `min` and `max`
    pass it over unless there is nothing else.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.mean("v").alias("average")
    Aggregate(mean(col("v")) as 'average')
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Aggregate) -> None:
        self._native = native

    @property
    def name(self) -> str:
        """The name of the result's column."""
        return self._native.name

    def alias(self, name: str) -> Aggregate:
        """The same aggregate under another name."""
        return Aggregate(self._native.renamed(name))

    def __repr__(self) -> str:
        return f"Aggregate({self._native!r} as {self.name!r})"


def _make(kind: str, value: Any) -> Aggregate:
    if isinstance(value, Aggregate):
        raise errors.TypeError(f"{kind}: expected a column or expression, got an aggregate")
    expr = to_column(value)
    return Aggregate(_native.Aggregate(kind, expr._native, expr.name))


def count(column: str | Expr | None = None) -> Aggregate:
    """How many rows, or how many values of a column that are not null (int64).

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.count().name, cf.count("x").name
    ('count', 'x')
    """
    if column is None:
        return Aggregate(_native.Aggregate("count", None, "count"))
    return _make("count", column)


def sum(column: str | Expr) -> Aggregate:  # noqa: A001
    """The sum: int64 of signed integers and bools, uint64 of unsigned, float64 of floats.

    Integers are added exactly; a sum that does not fit raises `ArgumentError` at `collect`.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.sum("v")
    Aggregate(sum(col("v")) as 'v')
    """
    return _make("sum", column)


def mean(column: str | Expr) -> Aggregate:
    """The mean as float64; of durations a duration; of bools the share that is true.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.mean("v")).collect().to_pylist()
    [{'k': 1, 'v': 2.0}]
    """
    return _make("mean", column)


def min(column: str | Expr) -> Aggregate:  # noqa: A001
    """The smallest value; texts by code points.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.min("v")).collect().to_pylist()
    [{'k': 1, 'v': 1.0}]
    """
    return _make("min", column)


def max(column: str | Expr) -> Aggregate:  # noqa: A001
    """The largest value; texts by code points.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.max("v")).collect().to_pylist()
    [{'k': 1, 'v': 3.0}]
    """
    return _make("max", column)


def first(column: str | Expr) -> Aggregate:
    """The first value that is not null, by row in frames and by event time in streams.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.first("v")).collect().to_pylist()
    [{'k': 1, 'v': 3.0}]
    """
    return _make("first", column)


def last(column: str | Expr) -> Aggregate:
    """The last value that is not null, by row in frames and by event time in streams.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.last("v")).collect().to_pylist()
    [{'k': 1, 'v': 1.0}]
    """
    return _make("last", column)


def stddev(column: str | Expr) -> Aggregate:
    """The standard deviation of a sample (n - 1), float64; null for fewer than two values.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.stddev("v")).collect().to_pylist()
    [{'k': 1, 'v': 1.4142135623730951}]
    """
    return _make("stddev", column)


def variance(column: str | Expr) -> Aggregate:
    """The variance of a sample (n - 1), float64; null for fewer than two values.

    Examples
    --------
    >>> import cnengine.frame as cf, pyarrow as pa
    >>> frame = cf.from_arrow(pa.table({"k": [1, 1], "v": [3.0, 1.0]}))
    >>> frame.group_by("k").agg(cf.variance("v")).collect().to_pylist()
    [{'k': 1, 'v': 2.0}]
    """
    return _make("variance", column)
