"""Mistakes, and what frames say about them."""

import datetime as dt
import functools
import operator

import cnengine.frame as cf
import pyarrow as pa
import pytest
from cnengine import errors

FRAME = cf.from_arrow(
    pa.table({"carrier": ["a"], "v": [2**62], "l": [[1]], "t": [dt.datetime(2013, 1, 1)]})
)
MISTAKES = [
    (
        lambda: FRAME.group_by("carier"),
        errors.NotFoundError,
        'group_by: no column "carier"; did you mean "carrier"?',
    ),
    (lambda: FRAME.select("x"), errors.NotFoundError, 'select: no column "x"'),
    (lambda: FRAME.filter(cf.col("z") > 1), errors.NotFoundError, 'filter: no column "z"'),
    (
        lambda: FRAME.filter(cf.col("v")),
        errors.TypeError,
        "filter: expected a condition of type bool",
    ),
    (lambda: FRAME.filter(), errors.ArgumentError, "filter: expected at least one condition"),
    (
        lambda: FRAME.select(cf.col("carrier") + 1),
        errors.TypeError,
        r"select: \+ does not take utf8 and int64",
    ),
    (
        lambda: FRAME.select(cf.col("carrier") > 1),
        errors.TypeError,
        "select: utf8 and int64 have no common type",
    ),
    (
        lambda: FRAME.select(cf.col("t") > dt.datetime(2013, 1, 1, tzinfo=dt.UTC)),
        errors.TypeError,
        "do not mix",
    ),
    (lambda: FRAME.select("v", "v"), errors.ArgumentError, 'select: two columns are named "v"'),
    (
        lambda: FRAME.with_columns(cf.col("v"), cf.col("v")),
        errors.ArgumentError,
        "with_columns: two columns",
    ),
    (lambda: FRAME.group_by("l"), errors.TypeError, "group_by: a key cannot be of type list"),
    (lambda: FRAME.group_by(), errors.ArgumentError, "group_by: expected at least one key"),
    (lambda: FRAME.group_by("v").agg(cf.sum("carrier")), errors.TypeError, "agg: sum"),
    (
        lambda: FRAME.group_by("v").agg(cf.count("v")),
        errors.ArgumentError,
        "agg: two columns are named",
    ),
    (lambda: FRAME.group_by("v").agg("v"), errors.TypeError, "agg: expected aggregates"),
    (
        lambda: FRAME.agg(cf.sum("v"), cf.mean("v")),
        errors.ArgumentError,
        "agg: two aggregates are named",
    ),
    (lambda: FRAME.agg(cf.sum("w")), errors.NotFoundError, 'agg: no column "w"'),
    (lambda: FRAME.sort("l"), errors.TypeError, "sort: values of type list<int64> have no order"),
    (lambda: FRAME.sort(), errors.ArgumentError, "sort: expected at least one column"),
    (
        lambda: FRAME.sort("v", descending=[True, False]),
        errors.ArgumentError,
        "sort: expected a descending",
    ),
    (
        lambda: FRAME.limit(-1),
        errors.ArgumentError,
        "limit: expected numbers of at least 0, got -1",
    ),
    (lambda: FRAME.rename({"w": "x"}), errors.NotFoundError, 'rename: no column "w"'),
    (lambda: FRAME.drop("w"), errors.NotFoundError, 'drop: no column "w"'),
    (lambda: FRAME.join_asof(FRAME), errors.ArgumentError, "join_asof: expected on="),
    (lambda: FRAME.join_asof(FRAME, on="w"), errors.NotFoundError, 'join_asof: no column "w"'),
    (
        lambda: FRAME.join_asof(FRAME, on="carrier"),
        errors.TypeError,
        "join_asof: expected times or numbers",
    ),
    (
        lambda: FRAME.join_asof(FRAME, left_on="t", right_on="v"),
        errors.TypeError,
        "join_asof: expected columns of one type",
    ),
    (
        lambda: FRAME.join_asof(FRAME, on="t", tolerance=3),
        errors.TypeError,
        "join_asof: expected a tolerance that is a duration",
    ),
    (
        lambda: FRAME.join_asof(FRAME, on="v", tolerance="3m"),
        errors.TypeError,
        "join_asof: expected a tolerance that is a number",
    ),
    (
        lambda: FRAME.join_asof(FRAME, on="t", tolerance="soon"),
        errors.ArgumentError,
        "join_asof: expected a length of time",
    ),
    (
        lambda: FRAME.join_asof(FRAME, on="t", tolerance="9999999999d"),
        errors.ArgumentError,
        "join_asof: expected a length of time below 10\\^9 days",
    ),
    (
        lambda: cf.col("t").truncate("9" * 400 + "d"),
        errors.ArgumentError,
        "truncate: expected a length of time below",
    ),
    (
        lambda: FRAME.join_asof(FRAME, on="t", strategy="back"),
        errors.ArgumentError,
        "join_asof: expected strategy",
    ),
    (
        lambda: FRAME.join_asof(FRAME, on="t", left_by="v", right_by=[]),
        errors.ArgumentError,
        "as many left as right keys",
    ),
    (
        lambda: FRAME.select(cf.col("v").cast("flaot")),
        errors.TypeError,
        "cast: expected a type such as",
    ),
    (
        lambda: FRAME.select(cf.col("l").cast("int8")),
        errors.TypeError,
        "there is no cast from list",
    ),
    (
        lambda: FRAME.select(cf.col("v").cast("int8")).collect(),
        errors.ArgumentError,
        "cast: 4611686018427387904 does not fit into int8",
    ),
    (
        lambda: FRAME.select(cf.col("carrier").cast("int8")).collect(),
        errors.ArgumentError,
        'cast: "a" does not fit into int8',
    ),
    (
        lambda: FRAME.select(cf.col("t") > "yesterday").collect(),
        errors.ArgumentError,
        '"yesterday" does not fit',
    ),
    (
        lambda: FRAME.select(cf.col("t").from_local("Mars/Base")),
        errors.NotFoundError,
        'no time zone "Mars/Base"',
    ),
    (
        lambda: FRAME.select(cf.col("v").hour()),
        errors.TypeError,
        "hour expects a date or timestamp",
    ),
    (lambda: FRAME.select(cf.col("v").lower()), errors.TypeError, "lower expects text"),
    (lambda: FRAME.select(~cf.col("v")), errors.TypeError, "not expects bools"),
    (lambda: FRAME.select(cf.col("carrier").sqrt()), errors.TypeError, "sqrt expects a number"),
    (lambda: bool(cf.col("v") > 1), errors.TypeError, "Expr: an expression has no truth value"),
    (lambda: cf.lit([1]), errors.TypeError, "lit: expected a number"),
    (lambda: cf.lit(object()), errors.TypeError, "lit: expected a number"),
    (lambda: cf.col(3), errors.TypeError, "col: expected a column name"),
    (lambda: cf.sum(cf.sum("v")), errors.TypeError, "sum: expected a column or expression"),
    (lambda: cf.coalesce(), errors.ArgumentError, "coalesce: expected at least one"),
    (lambda: cf.from_arrow(3), errors.TypeError, "from_arrow: expected a table"),
]


@pytest.mark.parametrize(("call", "kind", "text"), MISTAKES, ids=[m[2][:40] for m in MISTAKES])
def test_mistakes(call, kind, text):
    with pytest.raises(kind, match=text.replace("?", r"\?")):
        call()


def test_an_expression_that_is_too_deep_is_an_error_not_a_crash():
    deep = functools.reduce(operator.add, [cf.col("v")] * 2000)
    assert FRAME.select(deep).collect().num_rows == 1
    assert repr(deep).count("col") == 2000
    for longer in (lambda: deep + 1, lambda: deep.cast("int8"), lambda: cf.when(deep > 0).then(1)):
        with pytest.raises(errors.ArgumentError, match="expression of at most 2000 levels"):
            longer()


def test_an_expression_that_doubles_itself_is_an_error_not_a_hang():
    with pytest.raises(errors.ArgumentError, match="expression of at most 1000000 parts"):
        functools.reduce(lambda e, _: e + e, range(64), cf.col("v"))


def test_a_query_of_too_many_steps_is_an_error_not_a_crash():
    frame = FRAME
    for _ in range(1999):
        frame = frame.limit(1)
    assert frame.collect().num_rows == 1
    assert frame.explain().count("limit") == 1999
    with pytest.raises(errors.ArgumentError, match="a query of at most 2000 steps"):
        frame.head()
