"""Columns, expressions and lazy frames over Arrow data, executed in native code."""

from cnengine.frame.aggregate import (
    Aggregate,
    count,
    first,
    last,
    max,  # noqa: A004
    mean,
    min,  # noqa: A004
    stddev,
    sum,  # noqa: A004
    variance,
)
from cnengine.frame.expr import Expr, coalesce, col, lit, when
from cnengine.frame.frame import Frame, GroupBy, from_arrow
from cnengine.frame.parquet import read_parquet

__all__ = [
    "Aggregate",
    "Expr",
    "Frame",
    "GroupBy",
    "coalesce",
    "col",
    "count",
    "first",
    "from_arrow",
    "last",
    "lit",
    "max",
    "mean",
    "min",
    "read_parquet",
    "stddev",
    "sum",
    "variance",
    "when",
]
