"""Queries against Polars on random tables, and the errors that mistakes give."""

import datetime as dt
import doctest
import importlib
import zoneinfo

import cnengine.frame as cf
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from cnengine import errors, set_num_threads
from cnengine._core import core
from hypothesis import given, settings
from hypothesis import strategies as st

TEXTS = ["", "a", "ab", "é", "straße", "日本", "a longer text than eight bytes", "a longer tex"]


def random_table(seed: int, rows: int, *, nulls: float = 0.2) -> pa.Table:
    """Keys with few values, numbers with NaN, texts, times; some null; cut from a longer table."""
    rng = np.random.default_rng(seed)
    n = rows + 13

    def column(values, kind):
        mask = rng.random(n) < nulls
        return pa.array(values, kind, mask=mask)

    floats = np.round(rng.normal(size=n) * 4) / 2
    floats[rng.random(n) < 0.1] = np.nan
    table = pa.table(
        {
            "i": column(rng.integers(-5, 6, n), pa.int64()),
            "small": column(rng.integers(-100, 100, n).astype(np.int8), pa.int8()),
            "u": column(rng.integers(0, 5, n).astype(np.uint16), pa.uint16()),
            "f": column(floats, pa.float64()),
            "g": column(floats.astype(np.float32) + np.float32(0.25), pa.float32()),
            "s": column(np.array(TEXTS, object)[rng.integers(0, len(TEXTS), n)], pa.string()),
            "b": column(rng.random(n) < 0.5, pa.bool_()),
            "t": column(
                rng.integers(-(10**6), 10**6, n).astype("datetime64[ms]"), pa.timestamp("ms", "UTC")
            ),
            "d": column(rng.integers(-900, 900, n).astype("datetime64[D]"), pa.date32()),
        }
    )
    return table.slice(13)


def same(got: pa.Table, want: pl.DataFrame, rel: float = 1e-12) -> None:
    """Equal names, nulls and values; floats to `rel`, since Polars adds in another order."""
    assert got.column_names == want.columns
    got.validate(full=True)
    for name in want.columns:
        a, b = got[name].to_pylist(), want[name].to_list()
        assert len(a) == len(b), name
        for x, y in zip(a, b, strict=True):
            if isinstance(x, float) and y is not None:
                assert x == pytest.approx(y, rel=rel, abs=rel, nan_ok=True), name
            else:
                assert x == y, name


SHAPES = [(0, 0.2), (1, 0.2), (7, 1.0), (200, 0.0), (300, 0.3)]


@pytest.fixture(params=SHAPES, ids=lambda p: f"{p[0]}-{p[1]}")
def table(request) -> pa.Table:
    rows, nulls = request.param
    return random_table(rows, rows, nulls=nulls)


EXPRESSIONS = {
    "add": lambda c: c("i") + c("small"),
    "promote": lambda c: c("u") * 2 - c("i"),
    "float": lambda c: c("i") / 4 + c("f"),
    "divide": lambda c: c("i") / c("u"),
    "floor": lambda c: c("i") // c("small"),
    "modulo": lambda c: c("i") % c("small"),
    "floor-literal": lambda c: c("small") // 7,
    "modulo-float": lambda c: c("f") % 1.5,
    "negate": lambda c: -c("i"),
    "abs": lambda c: abs(c("f")),
    "reflected": lambda c: 10 - c("i"),
    "less": lambda c: c("i") < c("u"),
    "equal": lambda c: c("s") == "ab",
    "text-order": lambda c: c("s") >= "a longer tex",
    "and": lambda c: (c("i") > 0) & c("b"),
    "or": lambda c: (c("i") > 0) | c("b"),
    "xor": lambda c: (c("i") > 0) ^ c("b"),
    "not": lambda c: ~c("b"),
    "is_null": lambda c: c("s").is_null(),
    "is_nan": lambda c: c("f").is_nan(),
    "is_in": lambda c: c("i").is_in([1, 2, 3]),
    "fill": lambda c: c("i").fill_null(-1),
    "time-plus": lambda c: c("t") + dt.timedelta(seconds=90),
    "time-minus": lambda c: c("t") - c("t").fill_null(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
    "time-compare": lambda c: c("t") > dt.datetime(1970, 1, 1, 0, 5, tzinfo=dt.UTC),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(table, name):
    make = EXPRESSIONS[name]
    want = pl.from_arrow(table).select(x=make(pl.col))
    same(cf.from_arrow(table).select(x=make(cf.col)).collect(), want)


TWO_NAMES = {
    "lower": (lambda c: c("s").lower(), lambda c: c("s").str.to_lowercase()),
    "length": (lambda c: c("s").length(), lambda c: c("s").str.len_chars()),
    "starts": (lambda c: c("s").starts_with("a"), lambda c: c("s").str.starts_with("a")),
    "ends": (lambda c: c("s").ends_with("本"), lambda c: c("s").str.ends_with("本")),
    "contains": (
        lambda c: c("s").contains("ng"),
        lambda c: c("s").str.contains("ng", literal=True),
    ),
    "concat": (lambda c: c("s") + "!", lambda c: c("s") + "!"),
    "hour": (lambda c: c("t").hour(), lambda c: c("t").dt.hour()),
    "second": (lambda c: c("t").second(), lambda c: c("t").dt.second()),
    "weekday": (lambda c: c("d").weekday(), lambda c: c("d").dt.weekday()),
    "year": (lambda c: c("d").year(), lambda c: c("d").dt.year()),
    "month": (lambda c: c("d").month(), lambda c: c("d").dt.month()),
    "day": (lambda c: c("d").day(), lambda c: c("d").dt.day()),
    "year_day": (lambda c: c("d").year_day(), lambda c: c("d").dt.ordinal_day()),
    "truncate": (lambda c: c("t").truncate("10m"), lambda c: c("t").dt.truncate("10m")),
    "zone": (
        lambda c: c("t").to_zone("Asia/Kolkata").minute(),
        lambda c: c("t").dt.convert_time_zone("Asia/Kolkata").dt.minute(),
    ),
    "cast-text": (lambda c: c("i").cast("utf8"), lambda c: c("i").cast(pl.String)),
    "cast-float": (lambda c: c("small").cast("float32"), lambda c: c("small").cast(pl.Float32)),
    "cast-loose": (
        lambda c: c("i").cast("uint8", strict=False),
        lambda c: c("i").cast(pl.UInt8, strict=False),
    ),
    "cast-unit": (lambda c: c("t").cast("timestamp[s, UTC]").cast("int64"),
                  lambda c: c("t").cast(pl.Int64) // 1000),
    "when": (
        lambda c: cf.when(c("i") > 2).then("big").when(c("b")).then(c("s")).otherwise(None),
        lambda c: pl.when(c("i") > 2).then(pl.lit("big")).when(c("b")).then(c("s")).otherwise(None),
    ),
    "coalesce": (
        lambda c: cf.coalesce("i", "small", 0),
        lambda c: pl.coalesce("i", "small", pl.lit(0)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO_NAMES)
def test_function(table, name):
    ours, theirs = TWO_NAMES[name]
    want = pl.from_arrow(table).select(x=theirs(pl.col))
    same(cf.from_arrow(table).select(x=ours(cf.col)).collect(), want)


def test_filter_project_limit(table):
    frame = cf.from_arrow(table).filter(cf.col("i") > 0, cf.col("f") < 3)
    # Polars orders NaN above all numbers; here it is unordered.
    want = pl.from_arrow(table).filter((pl.col("i") > 0) & (pl.col("f") < 3))
    same(frame.collect(), want)
    got = frame.select("s", twice=cf.col("i") * 2).limit(5, offset=2).collect()
    same(got, want.select("s", twice=pl.col("i") * 2).slice(2, 5))
    same(frame.drop("s", "b").rename({"i": "j"}).collect(), want.drop("s", "b").rename({"i": "j"}))
    assert frame.schema == frame.collect().schema


def test_nested_columns_pass_through():
    table = pa.table(
        {
            "k": [3, 1, 2, None],
            "l": [[1], None, [], [2, 3]],
            "r": [{"x": 1}, {"x": None}, None, {"x": 4}],
        }
    )
    got = cf.from_arrow(table).filter(cf.col("k") > 1).sort("k").collect()
    assert got.to_pylist() == [table.to_pylist()[i] for i in (2, 0)]


KEYS = [["i"], ["s"], ["b"], ["d"], ["i", "s"], ["s", "b", "u"], ["t"], ["g"]]


@pytest.mark.parametrize("keys", KEYS, ids="-".join)
def test_group_by(table, keys):
    ours = (
        cf.from_arrow(table)
        .group_by(*keys)
        .agg(
            cf.count().alias("n"),
            *[cf.count(c).alias(f"count_{c}") for c in table.column_names],
            *[cf.sum(c).alias(f"sum_{c}") for c in ("i", "small", "u", "f", "g")],
            *[cf.mean(c).alias(f"mean_{c}") for c in ("i", "u", "f", "b")],
            *[cf.min(c).alias(f"min_{c}") for c in table.column_names],
            *[cf.max(c).alias(f"max_{c}") for c in table.column_names],
            *[cf.variance(c).alias(f"var_{c}") for c in ("i", "f")],
            *[cf.stddev(c).alias(f"std_{c}") for c in ("small",)],
            *[cf.first(c).alias(f"first_{c}") for c in table.column_names],
            *[cf.last(c).alias(f"last_{c}") for c in table.column_names],
        )
    )
    c = pl.col

    def some(name, value):
        """Polars adds nothing up to 0; here it is null."""
        return pl.when(c(name).count() > 0).then(value)

    wide = {"small": pl.Int64, "u": pl.UInt64, "g": pl.Float64}
    want = (
        pl.from_arrow(table)
        .group_by(keys, maintain_order=True)
        .agg(
            pl.len().alias("n"),
            *[c(x).count().alias(f"count_{x}") for x in table.column_names],
            *[
                some(x, c(x).cast(wide.get(x, pl.Float64 if x == "f" else pl.Int64)).sum()).alias(
                    f"sum_{x}"
                )
                for x in ("i", "small", "u", "f", "g")
            ],
            *[c(x).mean().alias(f"mean_{x}") for x in ("i", "u", "f", "b")],
            *[c(x).min().alias(f"min_{x}") for x in table.column_names],
            *[c(x).max().alias(f"max_{x}") for x in table.column_names],
            *[c(x).var().alias(f"var_{x}") for x in ("i", "f")],
            *[c(x).std().alias(f"std_{x}") for x in ("small",)],
            *[c(x).drop_nulls().first().alias(f"first_{x}") for x in table.column_names],
            *[c(x).drop_nulls().last().alias(f"last_{x}") for x in table.column_names],
        )
    )
    same(ours.collect(), want, rel=1e-5 if "g" in keys else 1e-9)


def test_group_by_without_keys(table):
    got = cf.from_arrow(table).agg(cf.count(), cf.sum("i"), cf.max("s")).collect().to_pylist()
    values = [v for v in table["i"].to_pylist() if v is not None]
    texts = [v for v in table["s"].to_pylist() if v is not None]
    want = {
        "count": len(table),
        "i": sum(values) if values else None,
        "s": max(texts, default=None),
    }
    assert got == [want]


@pytest.mark.parametrize("many", [False, True])
def test_any_number_of_threads_gives_the_same_bits(many):
    """Both ways of grouping, with sums whose value depends on the order of additions."""
    rng = np.random.default_rng(5)
    n = 400_000
    keys = rng.integers(0, 60_000 if many else 50, n)
    table = pa.table(
        {"k": keys, "s": pa.array(keys).cast(pa.string()), "v": rng.normal(size=n) * 1e9}
    )
    frame = cf.from_arrow(table).filter(cf.col("v") > -5e8)
    queries = [
        frame.group_by(key).agg(
            cf.sum("v"),
            cf.variance("v").alias("var"),
            cf.first("v").alias("f"),
            cf.max("s").alias("m"),
        )
        for key in ("k", "s")
    ]
    before = core.num_threads()
    try:
        results = []
        for threads in (1, 2, 5):
            set_num_threads(threads)
            results.append([q.collect() for q in queries])
    finally:
        set_num_threads(before)
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert a.equals(b)
    want = (
        pl.from_arrow(table)
        .filter(pl.col("v") > -5e8)
        .group_by("k", maintain_order=True)
        .agg(
            pl.sum("v"), pl.var("v").alias("var"), pl.first("v").alias("f"), pl.max("s").alias("m")
        )
    )
    got = pl.from_arrow(results[0][0])
    assert got["k"].equals(want["k"])
    assert got["f"].equals(want["f"])
    assert got["m"].equals(want["m"])
    np.testing.assert_allclose(got["v"], want["v"], rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(got["var"].fill_null(0), want["var"].fill_null(0), rtol=1e-9)


@pytest.mark.parametrize(
    "keys", [["i"], ["f"], ["s"], ["t"], ["u", "s"], ["b", "f", "i"]], ids="-".join
)
@pytest.mark.parametrize("descending", [False, True])
def test_sort(table, keys, descending):
    # NaN last both ways: Polars calls it the largest, so it is sorted by a flag first.
    ours = cf.from_arrow(table).sort(*keys, descending=descending).collect()
    by = [e for k in keys for e in _polars_order(table, k)]
    flags = [f for k in keys for f in ([False] * (len(_polars_order(table, k)) - 1) + [descending])]
    want = pl.from_arrow(table).sort(by, descending=flags, nulls_last=True, maintain_order=True)
    same(ours, want)


def _polars_order(table, key):
    if pa.types.is_floating(table.schema.field(key).type):
        nan = pl.col(key).is_nan().fill_null(True)
        return [pl.col(key).is_null(), nan, pl.col(key)]
    return [pl.col(key)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.text(max_size=12), st.none() | st.integers(-3, 3))),
    st.booleans(),
    st.booleans(),
)
def test_sort_of_texts(rows, down_a, down_b):
    table = pa.table(
        {
            "a": pa.array([r[0] for r in rows], pa.string()),
            "b": pa.array([r[1] for r in rows], pa.int16()),
            "n": pa.array(range(len(rows)), pa.int32()),
        }
    )
    got = cf.from_arrow(table).sort("a", "b", descending=[down_a, down_b]).collect()
    want = pl.from_arrow(table).sort(
        "a", "b", descending=[down_a, down_b], nulls_last=True, maintain_order=True
    )
    same(got, want)


@pytest.mark.parametrize("rows", [100, 300_000])
def test_sort_of_many(rows):
    rng = np.random.default_rng(1)
    values = rng.normal(size=rows)
    got = cf.from_arrow(pa.table({"v": values, "n": np.arange(rows)})).sort("v").collect()
    np.testing.assert_array_equal(got["n"], np.argsort(values, kind="stable"))


def brute_asof(left, right, strategy, tolerance, exact):
    """The definition, row by row."""
    out = []
    for row in left:
        best = None
        for i, other in enumerate(right):
            if row["k"] is None or row["k"] != other["k"] or None in (row["t"], other["t"]):
                continue
            gap = other["t"] - row["t"]
            if (gap == 0 and not exact) or (tolerance is not None and abs(gap) > tolerance):
                continue
            if (strategy == "backward" and gap > 0) or (strategy == "forward" and gap < 0):
                continue
            # Nearer first; then the earlier time; then the last row before, the first row after.
            rank = (abs(gap), gap > 0, i if gap > 0 or strategy == "forward" else -i)
            if best is None or rank < best[0]:
                best = (rank, other["v"])
        out.append(best[1] if best else None)
    return out


sides = st.lists(
    st.tuples(st.none() | st.integers(0, 12), st.none() | st.sampled_from(["x", "y", ""])),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(
    sides, sides, st.sampled_from(["backward", "forward", "nearest"]),
    st.none() | st.integers(0, 4), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_join_asof(left, right, strategy, tolerance, exact, times, keyed):
    kind = pa.timestamp("ms", "UTC") if times else pa.int32()

    def make(rows, extra):
        t = pa.array([r[0] for r in rows], pa.int64())
        k = [r[1] for r in rows] if keyed else ["x"] * len(rows)
        return pa.table({"t": t.cast(kind), "k": pa.array(k, pa.string()), **extra})

    a, b = make(left, {}), make(right, {"v": pa.array(range(len(right)), pa.int64())})
    limit = None if tolerance is None else f"{tolerance}ms" if times else tolerance
    got = cf.from_arrow(a).join_asof(
        b if keyed else b.drop("k"),
        on="t", by="k" if keyed else None, strategy=strategy, tolerance=limit,
        allow_exact_matches=exact,
    ).collect()  # fmt: skip

    def plain(rows):
        return [{"t": r[0], "k": r[1] if keyed else "x", "v": i} for i, r in enumerate(rows)]

    assert got["v"].to_pylist() == brute_asof(plain(left), plain(right), strategy, tolerance, exact)
    assert got.column_names == ["t", "k", "v"]


def test_join_asof_against_polars():
    rng = np.random.default_rng(2)
    left = pa.table(
        {"t": np.sort(rng.integers(0, 10**6, 20_000)), "k": rng.integers(0, 300, 20_000)}
    )
    right = pa.table(
        {
            "t": np.sort(rng.choice(10**6, 30_000, replace=False)),
            "k": rng.integers(0, 300, 30_000),
            "v": rng.normal(size=30_000),
        }
    )
    for strategy in ("backward", "forward"):
        got = cf.from_arrow(left).join_asof(right, on="t", by="k", strategy=strategy, tolerance=900)
        want = pl.from_arrow(left).join_asof(
            pl.from_arrow(right), on="t", by="k", strategy=strategy, tolerance=900
        )
        same(got.collect(), want)


def test_join_asof_names():
    left = pa.table({"t": [2.0, 5.0], "a": ["x", "y"], "v": [1, 2]})
    right = pa.table({"at": [1, 4], "b": ["x", "y"], "v": [3, 4], "w": [5, 6]})
    frame = cf.from_arrow(left).join_asof(
        right, left_on="t", right_on="at", left_by="a", right_by="b"
    )
    assert frame.columns == ["t", "a", "v", "at", "v_right", "w"]
    got = frame.collect()
    assert got["v_right"].to_pylist() == [3, 4]
    assert frame.select("v_right").collect().to_pydict() == {"v_right": [3, 4]}
    assert frame.select("v").collect().to_pydict() == {"v": [1, 2]}
    assert "b, at" in frame.select("at").explain() or "at, b" in frame.select("at").explain()


def test_zones_agree_with_python():
    """Offsets of summer time, before and after the years that the zone files list."""
    seconds = np.random.default_rng(3).integers(-4 * 10**9, 8 * 10**9, 2000)
    table = pa.table({"t": pa.array(seconds).cast(pa.timestamp("s", "UTC"))})
    for zone in ("America/New_York", "Australia/Sydney", "Asia/Kathmandu", "Europe/Dublin"):
        local = cf.col("t").to_zone(zone)
        got = cf.from_arrow(table).select(d=local.day(), h=local.hour(), m=local.minute())
        moments = [dt.datetime.fromtimestamp(s, zoneinfo.ZoneInfo(zone)) for s in seconds.tolist()]
        assert got.collect().to_pylist() == [
            {"d": x.day, "h": x.hour, "m": x.minute} for x in moments
        ]


def test_local_times():
    local = [
        dt.datetime(2013, 7, 1, 6),
        dt.datetime(2013, 3, 10, 2, 30),
        dt.datetime(2013, 11, 3, 1, 30),
    ]
    frame = cf.from_arrow(pa.table({"t": pa.array(local, pa.timestamp("ms"))}))
    got = frame.select(cf.col("t").from_local("America/New_York").to_zone("UTC")).collect()
    naive = [v.replace(tzinfo=None) for v in got["t"].to_pylist()]
    # A plain time, one that is skipped (read with -5 h), one that comes twice (the earlier, -4 h).
    assert naive == [
        dt.datetime(2013, 7, 1, 10),
        dt.datetime(2013, 3, 10, 7, 30),
        dt.datetime(2013, 11, 3, 5, 30),
    ]


def test_arrow_consumers():
    frame = cf.from_arrow(pl.DataFrame({"a": [1, 2]})).with_columns(b=cf.col("a") + 1)
    assert pl.DataFrame(frame).to_dict(as_series=False) == {"a": [1, 2], "b": [2, 3]}
    assert pa.table(frame).to_pydict() == {"a": [1, 2], "b": [2, 3]}


def test_sum_that_does_not_fit():
    frame = cf.from_arrow(pa.table({"v": [2**62, 2**62]})).agg(cf.sum("v"))
    with pytest.raises(errors.ArgumentError, match="the sum does not fit into int64"):
        frame.collect()


@pytest.mark.parametrize("module", ["aggregate", "duration", "expr", "frame"])
def test_doctests(module):
    result = doctest.testmod(importlib.import_module(f"cnengine.frame.{module}"))
    assert result.attempted > 0
    assert result.failed == 0
