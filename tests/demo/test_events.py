"""Events and requests: one for each happening, in arrival order, the same for the same seed."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from cnengine.demo.data import HOUR, load
from cnengine.demo.events import Delays, all_events
from cnengine.demo.requests import PLAN, STATIC, StaticEncoder, request_table
from cnengine.demo.zones import MINUTE
from cnengine.errors import CorruptionError


@pytest.fixture(scope="module")
def data():
    return load(days=20)


@pytest.fixture(scope="module")
def events(data):
    return all_events(data)


def ms(table, name):
    return table[name].cast(pa.int64()).to_numpy()


def test_there_is_one_event_for_each_happening(data, events):
    flights = data.flights
    assert sorted(events["departures"]["id"].to_pylist()) == flights["id"].to_pylist()
    landed = flights.filter(pc.is_valid(flights["arr_at"]))
    assert sorted(events["arrivals"]["id"].to_pylist()) == landed["id"].to_pylist()
    assert events["weather"].num_rows == data.weather.num_rows


def test_event_times(data, events):
    flights = data.flights.take(events["departures"]["id"])
    cancelled = events["departures"]["cancelled"].to_numpy() == 1
    event = ms(events["departures"], "event_time")
    assert (event[cancelled] == ms(flights, "sched_dep")[cancelled]).all()
    assert flights["dep_at"].null_count == cancelled.sum() > 0
    departed = flights.filter(pa.array(~cancelled))
    assert (event[~cancelled] == ms(departed, "dep_at")).all()
    landed = data.flights.take(events["arrivals"]["id"])
    assert (ms(events["arrivals"], "event_time") == ms(landed, "arr_at")).all()


def test_arrival_order_and_delays(events):
    for name, table in events.items():
        arrived, event = ms(table, "arrived_at"), ms(table, "event_time")
        assert (np.diff(arrived) >= 0).all()
        delay = arrived - event
        if name == "weather":
            assert (delay == HOUR).all()
            continue
        assert delay.min() >= 0
        assert 5_000 < np.median(delay) < 10_000
        assert 0.015 < (delay > MINUTE).mean() < 0.05
        assert 0 < (delay > 20 * MINUTE).sum() < 0.01 * len(delay)
        assert delay.max() < 4 * HOUR


def test_the_seed_decides(data, events):
    again, other = all_events(data), all_events(data, Delays(seed=1))
    for name in ("departures", "arrivals"):
        assert again[name].equals(events[name])
        assert not other[name].equals(events[name])


def test_requests(data):
    table = request_table(data)
    assert table.num_rows == data.flights.num_rows
    time = ms(table, "time")
    assert (np.diff(time) >= 0).all()
    assert (ms(table, "sched_dep") - time == 30 * MINUTE).all()
    flights = data.flights.take(table["id"])
    delay = flights["arr_delay"].to_pylist()
    assert table["label"].to_pylist() == [None if d is None else d > 15 for d in delay]
    planned = ms(flights, "sched_arr") - ms(flights, "sched_dep")
    assert (table["planned_minutes"].to_numpy() * MINUTE == planned).all()


def test_static_features_are_the_same_for_all_rows_and_for_one(data, tmp_path):
    table = request_table(data)
    encoder = StaticEncoder.fit(table.slice(0, 300))
    encoder.save(tmp_path / "categories.json")
    encoder = StaticEncoder.load(tmp_path / "categories.json")
    matrix = encoder.matrix(table)
    assert matrix.shape == (table.num_rows, len(STATIC))
    assert np.isnan(matrix[:, 2]).any()  # a destination that the first rows do not have
    codes = encoder.tables()
    for i, row in enumerate(table.to_pylist()):
        names = (row["carrier"], row["origin"], row["dest"])
        one = [t.get(n, np.nan) for t, n in zip(codes, names, strict=True)]
        one += [row[name] for name in PLAN]
        np.testing.assert_array_equal(matrix[i], one)


def test_broken_categories_are_named(tmp_path):
    path = tmp_path / "categories.json"
    for text in ("{", "[]", '{"carrier": []}', '{"carrier": 1, "origin": [], "dest": []}'):
        path.write_text(text)
        with pytest.raises(CorruptionError, match=r"categories\.json does not hold categories"):
            StaticEncoder.load(path)
