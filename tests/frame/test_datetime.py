"""Times cut down and moved between zones, against Polars, DuckDB and Python's zoneinfo."""

import datetime as dt
import zoneinfo

import cnengine.frame as cf
import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from cnengine import errors

DAY = 86_400
STEPS = ["1s", "7s", "15m", "1h", "6h", "1d", "2d", "3d", "1w", "2w", "3w"]
ZONES = ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Dublin"]


def times(seconds, unit="us", zone=None) -> pa.Table:
    """A table of one column t from seconds since 1970."""
    array = pa.array(seconds, pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp(unit))
    return pa.table({"t": array.cast(pa.timestamp(unit, zone)) if zone else array})


def truncated(table, every) -> pa.Array:
    return cf.from_arrow(table).select(cf.col("t").truncate(every)).collect()["t"]


@pytest.mark.parametrize("every", STEPS)
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_truncate_is_that_of_polars_before_and_after_1970(every, unit):
    rng = np.random.default_rng(1)
    seconds = [
        *rng.integers(-4 * 10**9, 4 * 10**9, 3000).tolist(),
        *range(-15 * DAY, 15 * DAY, DAY),
    ]
    table = times([*seconds, None], unit)
    want = pl.from_arrow(table).select(pl.col("t").dt.truncate(every))["t"]
    assert truncated(table, every).to_pylist() == want.to_list()


def test_weeks_begin_on_monday():
    days = [dt.datetime(1969, 12, 20) + dt.timedelta(days=i) for i in range(30)]
    daily = pa.table({"t": pa.array(days, pa.timestamp("s"))})
    for every in ("1w", "7d", dt.timedelta(days=7)):
        got = truncated(daily, every)
        assert {t.isoweekday() for t in got.to_pylist()} == {1}
        want = duckdb.sql("select date_trunc('week', t) as t from daily").to_arrow_table()
        assert got.to_pylist() == want["t"].to_pylist()


@pytest.mark.parametrize("every", ["1d", "2d", "3d", "1w", "2w"])
def test_dates_are_cut_to_days(every):
    table = pa.table({"t": pa.array([*range(-1000, 1000), None], pa.int32()).cast(pa.date32())})
    got = truncated(table, every)
    assert got.type == pa.date32()
    want = pl.from_arrow(table).select(pl.col("t").dt.truncate(every))["t"]
    assert got.to_pylist() == want.to_list()


def first_moment(wall: dt.datetime, zone: zoneinfo.ZoneInfo) -> float:
    """The instant when the clock first shows `wall`; of a skipped time the change itself."""
    start = wall.replace(tzinfo=zone, fold=0).timestamp()
    if dt.datetime.fromtimestamp(start, zone).replace(tzinfo=None) == wall:
        return start
    before = wall.replace(tzinfo=zone, fold=0).utcoffset()
    at = wall.replace(tzinfo=zone, fold=1).timestamp()  # with the offset behind the gap
    while dt.datetime.fromtimestamp(at, zone).utcoffset() == before:
        at += 60
    return at


def formula(second: int, every: dt.timedelta, zone: zoneinfo.ZoneInfo) -> float:
    """The wall clock cut down, then the last moment at or before `second` that shows it."""
    moment = dt.datetime.fromtimestamp(second, zone)
    origin = (
        dt.datetime(1970, 1, 5)
        if every % dt.timedelta(weeks=1) == dt.timedelta(0)
        else (dt.datetime(1970, 1, 1))
    )
    wall = moment.replace(tzinfo=None, fold=0)
    cut = wall - (wall - origin) % every
    same = second - (wall - cut).total_seconds()
    if dt.datetime.fromtimestamp(same, zone).utcoffset() == moment.utcoffset():
        return same
    return first_moment(cut, zone)


@pytest.mark.parametrize("zone", [*ZONES, "America/Sao_Paulo"])
@pytest.mark.parametrize("every", ["15m", "50m", "1h", "2h", "6h", "1d", "2d", "1w"])
def test_truncate_on_the_wall_clock_around_every_change(zone, every):
    """Sao Paulo puts its clocks forward at midnight: the day begins at 1."""
    python = zoneinfo.ZoneInfo(zone)
    start = int(dt.datetime(2013, 1, 1, tzinfo=dt.UTC).timestamp())
    seconds = [start + i * 1201 for i in range(366 * DAY // 1201)]
    got = truncated(times(seconds, "ms", zone), every).cast(pa.int64()).to_pylist()
    step = cf.duration.parse_duration(every, "test")
    assert got == [int(formula(s, step, python) * 1000) for s in seconds]
    assert all(a <= s * 1000 for a, s in zip(got, seconds, strict=True))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("every", ["30m", "1h", "1d", "1w"])
def test_truncate_in_zones_is_that_of_polars(zone, every):
    seconds = np.random.default_rng(2).integers(-(10**9), 2 * 10**9, 3000).tolist()
    table = times(seconds, "us", zone)
    want = pl.from_arrow(table).select(pl.col("t").dt.truncate(every))["t"]
    assert truncated(table, every).to_pylist() == want.to_list()


@pytest.mark.parametrize("zone", [None, "America/New_York"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_multiple_that_does_not_fit_is_an_error(zone, unit):
    kind = pa.timestamp(unit, zone)
    low = pa.table({"t": pa.array([-(2**63)], pa.int64()).cast(kind)})
    with pytest.raises(errors.ArgumentError, match="select: the multiple before of -922"):
        truncated(low, "3d")
    # A null is no time, whatever lies in its place.
    hidden = pa.Array.from_buffers(kind, 1, [pa.py_buffer(b"\0"), low["t"].chunk(0).buffers()[1]])
    assert truncated(pa.table({"t": hidden}), "3d").to_pylist() == [None]
    if unit != "s" or zone is None:
        high = pa.table({"t": pa.array([2**63 - 1], pa.int64()).cast(kind)})
        got = truncated(high, "1s").cast(pa.int64()).to_pylist()
        assert got == [
            2**63 - 1 - (2**63 - 1) % {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        ]


def test_dates_that_do_not_fit_and_steps_that_are_no_days_are_errors():
    low = pa.table({"t": pa.array([-(2**31)], pa.int32()).cast(pa.date32())})
    with pytest.raises(errors.ArgumentError, match="does not fit"):
        truncated(low, "3d")
    with pytest.raises(errors.ArgumentError, match="a whole number of days, got"):
        truncated(low, "36h")
    with pytest.raises(errors.ArgumentError, match=r"whole number of timestamp\[s\] ticks"):
        truncated(times([0], "s"), "1500ms")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("value", [-(2**63), 2**63 - 1])
def test_extreme_times_have_parts(unit, value):
    """Against the UTC parts, which NumPy gives; a zone moves them by its offset."""
    table = pa.table({"t": pa.array([value], pa.int64()).cast(pa.timestamp(unit, "-05:00"))})
    c = cf.col("t")
    parts = {"h": c.hour(), "m": c.minute(), "s": c.second(), "w": c.weekday()}
    got = cf.from_arrow(table).select(**parts).collect().to_pylist()[0]
    second = value // {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit] - 5 * 3600
    want = {
        "h": second // 3600 % 24,
        "m": second // 60 % 60,
        "s": second % 60,
        "w": (second // DAY + 3) % 7 + 1,
    }
    assert got == want
    with_rule = c.to_zone("America/New_York")
    hour = cf.from_arrow(table).select(h=with_rule.hour()).collect()["h"][0].as_py()
    assert (hour - got["h"]) % 24 in (0, 1)


def test_local_times_that_do_not_fit_are_errors():
    for value, zone in ((2**63 - 1, "America/New_York"), (-(2**63), "Asia/Kolkata")):
        for unit in ("s", "ms", "ns"):
            table = pa.table({"t": pa.array([value], pa.int64()).cast(pa.timestamp(unit))})
            with pytest.raises(errors.ArgumentError, match=r"the instant of .* does not fit"):
                cf.from_arrow(table).select(cf.col("t").from_local(zone)).collect()
