"""Comparisons and is_in on the edges of the types, against DuckDB and against each other."""

import datetime as dt
import functools
import math
import operator

import cnengine.frame as cf
import duckdb
import polars as pl
import pyarrow as pa
import pytest
from cnengine import errors

BIG = [0, 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1]
SIGNED = pa.array([*BIG, -1, -(2**53) - 1, -(2**63), None], pa.int64())
UNSIGNED = pa.array([*BIG, 2**63, 2**63 + 1, 2**64 - 1, None], pa.uint64())
FLOATS = pa.array([math.nan, -0.0, 0.0, 1.5, math.inf, -math.inf, 0.1, 2.0**63, None], pa.float64())
SECONDS = pa.array([0, 1, -1, 10**9, None], pa.int64()).cast(pa.timestamp("s"))


def select(array, make) -> list:
    return (
        cf.from_arrow(pa.table({"x": array})).select(y=make(cf.col("x"))).collect()["y"].to_pylist()
    )


LISTS = {
    "uint64": (UNSIGNED, [2**53 + 1, 2**64 - 1]),
    "uint64-signed": (UNSIGNED, [-1, 2**63, 2**53]),
    "int64": (SIGNED, [2**53, -(2**63), 7]),
    "int64-large": (SIGNED, [2**63, 2**64 - 1]),
    "int64-float": (SIGNED, [0.5, 1, 2**53 + 1]),
    "int8": (pa.array([1, -1, None], pa.int8()), [255, 1, -129]),
    "nan": (FLOATS, [math.nan]),
    "zero": (FLOATS, [0.0, math.nan, None]),
    "float": (FLOATS, [0.1, math.inf, 2**63]),
    "float32": (FLOATS.cast(pa.float32()), [0.1, math.nan]),
    "null-first": (SIGNED, [None, 1]),
    "null-only": (SIGNED, [None]),
    "empty": (SIGNED, []),
    "empty-text": (pa.array(["a", None]), []),
    "null-text": (pa.array(["a", None]), [None]),
    "text": (pa.array(["a", "", None]), ["", "b", None]),
    "large-text": (pa.array(["a", "", None], pa.large_string()), ["a"]),
    "bool": (pa.array([True, False, None]), [True]),
    "seconds": (SECONDS, [dt.datetime(1970, 1, 1), dt.datetime(1970, 1, 1, 0, 0, 1, 5)]),
    "times-as-text": (SECONDS, ["1970-01-01T00:00:01"]),
    "date": (pa.array([0, 1, None], pa.int32()).cast(pa.date32()), [dt.date(1970, 1, 2)]),
    "no-rows": (SIGNED.slice(0, 0), [1]),
}


@pytest.mark.parametrize("name", LISTS)
def test_is_in_says_what_equal_says_of_each_value(name):
    array, values = LISTS[name]
    got = select(array, lambda c: c.is_in(values))
    none = cf.lit(False)

    def each(c):
        return functools.reduce(operator.or_, [c == v for v in values if v is not None], none)

    want = [y if x is not None else None for x, y in
            zip(array.to_pylist(), select(array, each), strict=True)]  # fmt: skip
    assert got == want
    assert select(array, lambda c: ~c.is_in(values)) == [None if x is None else not x for x in got]


@pytest.mark.parametrize("array", [SIGNED, UNSIGNED], ids=["int64", "uint64"])
@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint64()], ids=str)
def test_is_in_of_an_arrow_array_is_exact(array, kind):
    low, high = {"int8": (-128, 2**7), "int64": (-(2**63), 2**63), "uint64": (0, 2**64)}[str(kind)]
    wide = [*SIGNED.to_pylist(), *UNSIGNED.to_pylist()]
    values = [v for v in wide if v is None or low <= v < high]
    for given in (pa.array(values, kind), pa.chunked_array([pa.array(values, kind)]),
                  pa.array([None, *values, 5], kind).slice(1, len(values))):  # fmt: skip
        got = select(array, lambda c, given=given: c.is_in(given))
        assert got == [None if x is None else x in values for x in array.to_pylist()]


def test_is_in_is_that_of_polars_where_there_is_no_nan():
    values = [2**53 + 1, 2**64 - 1]
    want = pl.from_arrow(UNSIGNED).is_in(pl.Series([values], dtype=pl.List(pl.UInt64))).to_list()
    assert select(UNSIGNED, lambda c: c.is_in(values)) == want


OPERATORS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
             ">": operator.gt, ">=": operator.ge}  # fmt: skip


@pytest.mark.parametrize("sign", OPERATORS)
def test_signed_and_unsigned_compare_as_numbers(sign):
    """DuckDB compares BIGINT with UBIGINT as HUGEINT."""
    pairs = pa.table(
        {
            "a": pa.array([x for x in SIGNED.to_pylist() for _ in UNSIGNED], pa.int64()),
            "b": pa.array(UNSIGNED.to_pylist() * len(SIGNED), pa.uint64()),
        }
    )
    op = OPERATORS[sign]
    frame = cf.from_arrow(pairs)
    got = frame.select(x=op(cf.col("a"), cf.col("b")), y=op(cf.col("b"), cf.col("a"))).collect()
    sql = f"select a::hugeint {sign} b::hugeint as x, b::hugeint {sign} a::hugeint as y from pairs"
    want = duckdb.sql(sql).to_arrow_table()
    assert got.to_pydict() == want.to_pydict()
    for value in (2**63, 2**64 - 1, -1, 2**53 + 1):
        for array in (SIGNED, UNSIGNED):
            want = [None if x is None else op(x, value) for x in array.to_pylist()]
            assert select(array, lambda c, value=value: op(c, value)) == want
            assert select(array, lambda c, value=value: op(cf.lit(value), c)) == [
                None if x is None else op(value, x) for x in array.to_pylist()
            ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("JFK", "expected a list of values, got str"),
        ([[1]], "of one kind"),
        ([2**64], "of one kind"),
        ([object()], "of one kind"),
        (["\ud800"], "of one kind"),
    ],
)
def test_lists_that_are_none(values, words):
    with pytest.raises(errors.TypeError, match=words):
        cf.col("x").is_in(values)


def test_values_of_another_kind_are_an_error():
    with pytest.raises(errors.TypeError, match="int64 and utf8 have no common type"):
        select(SIGNED, lambda c: c.is_in([1, "a"]))
