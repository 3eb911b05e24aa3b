"""Lengths of time and instants: what the core's 64 bits cannot hold is an error by name."""

import datetime as dt

import pytest
from cnengine import _time, errors

DAY_NS = 86400 * 10**9


@pytest.mark.parametrize(("value", "ns"), [
    ("1.5s", 1_500_000_000), ("1h30m", 5400 * 10**9), ("2w", 14 * DAY_NS), (-7, -7_000_000),
    (dt.timedelta(days=-1, microseconds=1), -DAY_NS + 1000), ("106751d", 106751 * DAY_NS),
])  # fmt: skip
def test_lengths(value, ns):
    assert _time.parse_duration_ns(value, "f") == ns


@pytest.mark.parametrize("value", [
    "106752d", 2**63, -(2**63), dt.timedelta.max, dt.timedelta.min, "9" * 400 + "w",
])  # fmt: skip
def test_lengths_beyond_64_bits(value):
    with pytest.raises(errors.ArgumentError, match="f: expected a time that 64 bits hold, got "):
        _time.parse_duration_ns(value, "f")


def test_milliseconds_reach_further_than_nanoseconds():
    assert _time.parse_duration_ms("1000000000d", "f") == 10**9 * 86_400_000
    assert _time.parse_duration_ms(2**63 - 1, "f") == 2**63 - 1
    with pytest.raises(errors.ArgumentError, match="f: expected a time that 64 bits hold"):
        _time.parse_duration_ms(2**63, "f")
    with pytest.raises(errors.ArgumentError, match="f: expected whole milliseconds"):
        _time.parse_duration_ms("1us", "f")


def test_instants():
    assert _time.to_epoch_ms(dt.datetime.max, "f") == 253402300799999
    assert _time.to_epoch_ms("1969-12-31T23:59:59.9999+00:00", "f") == -1
    assert _time.to_epoch_ms(-(2**63), "f") == -(2**63)
    for value in (2**63, -(2**63) - 1, 10**30):
        with pytest.raises(errors.ArgumentError, match="f: expected milliseconds since 1970 wi"):
            _time.to_epoch_ms(value, "f")
