"""Offsets and local times against zoneinfo, one instant at a time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from cnengine.demo.zones import MINUTE, next_local_time, utc_offsets
from hypothesis import given
from hypothesis import strategies as st

YEAR = int(datetime(2013, 1, 1, tzinfo=UTC).timestamp()) * 1000
NAMES = ("America/New_York", "America/Phoenix", "America/Anchorage", "Pacific/Honolulu")


def local(name: str, at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(name))


@pytest.mark.parametrize("name", NAMES)
def test_offsets_of_every_ten_minutes_of_a_year(name):
    at = YEAR + np.arange(365 * 144) * 10 * MINUTE
    got = utc_offsets(np.full(len(at), name), at)
    want = [local(name, int(t)).utcoffset() // timedelta(milliseconds=1) for t in at]
    assert got.tolist() == want


def test_offsets_change_to_the_minute():
    change = int(datetime(2013, 3, 10, 7, tzinfo=UTC).timestamp()) * 1000
    at = np.array([change - MINUTE, change])
    hours = utc_offsets(np.array([NAMES[0]] * 2), at) // (60 * MINUTE)
    assert hours.tolist() == [-5, -4]


def test_no_rows():
    assert utc_offsets(np.array([], str), np.array([], np.int64)).tolist() == []


@given(
    st.sampled_from(NAMES),
    st.integers(0, 365 * 1440 - 1),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_next_local_time_shows_the_wanted_clock(name, minute, hour, past):
    after = YEAR + minute * MINUTE
    found = int(
        next_local_time(np.array([name]), np.array([after]), np.array([hour * 100 + past]))[0]
    )
    clock = local(name, found)
    skipped = local(name, found - 61 * MINUTE).utcoffset() < clock.utcoffset()
    assert (clock.hour, clock.minute) == (hour, past) or skipped  # 02:30 in the night of the change
    assert 0 < found - after <= 25 * 60 * MINUTE


def test_midnight_may_be_written_2400():
    after = np.array([YEAR, YEAR])
    names = np.array([NAMES[0]] * 2)
    both = next_local_time(names, after, np.array([0, 2400]))
    assert both[0] == both[1] == YEAR + 5 * 60 * MINUTE
