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

__all__ = [
    "Aggregate",
    "Expr",
    "coalesce",
    "col",
    "count",
    "first",
    "last",
    "lit",
    "max",
    "mean",
    "min",
    "stddev",
    "sum",
    "variance",
    "when",
]
