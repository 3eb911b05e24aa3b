"""Streamed features against their definition, and what must not change them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from cnengine import feature
from cnengine import log as logs
from cnengine.demo.data import WEATHER, load
from cnengine.demo.events import all_events
from cnengine.demo.features import FEATURES, STREAMED, create_views, refs
from cnengine.demo.ingest import ingest
from cnengine.demo.main import end_of
from cnengine.demo.pipeline import build_job, history_matrix, run_to_end
from cnengine.demo.replay import different
from cnengine.demo.requests import STATIC, request_table

MINUTE, HOUR = 60_000, 3_600_000
NAMES = FEATURES[len(STATIC) :]


@pytest.fixture(scope="module")
def data():
    return load(days=5)


@pytest.fixture(scope="module")
def events(data):
    return all_events(data)


@pytest.fixture(scope="module")
def requests(data):
    return request_table(data)


def history_of(events, requests, folder, **options):
    """Matrix and job metrics of one run over a fresh log."""
    with logs.open(folder, fsync="none") as log:
        ingest(log, events)
        store = feature.open()
        create_views(store, history=True)
        job = build_job(log, store)
        run_to_end(job, *end_of(events, requests), **options)
        return history_matrix(store, requests, events["weather"]), job.metrics()


@pytest.fixture(scope="module")
def history(events, requests, tmp_path_factory):
    return history_of(events, requests, tmp_path_factory.mktemp("log"))


def ms(table, name):
    return table[name].cast(pa.int64()).to_numpy()


def text(table, name):
    return table[name].to_numpy(zero_copy_only=False)


def window(events, request, hours, rows):
    """The events of the window that ends at the last 10-minute boundary, known at the request."""
    end = request["at"] // (10 * MINUTE) * 10 * MINUTE
    event, arrived = events["event"], events["arrived"]
    known = arrived <= request["at"]
    return np.flatnonzero(rows & known & (event >= end - hours * HOUR) & (event < end))


def by_definition(events, requests):
    """Each streamed feature of each request, from the words that define it."""
    dep, arr = events["departures"], events["arrivals"]
    columns = {"event": ms(dep, "event_time"), "arrived": ms(dep, "arrived_at")}
    origin, carrier = text(dep, "origin"), text(dep, "carrier")
    cancelled = dep["cancelled"].to_numpy()
    delay = dep["dep_delay"].to_numpy()
    flew = cancelled == 0
    known = arr["arr_delay"].is_valid().to_numpy()
    tails, arr_delay = text(arr, "tailnum"), arr["arr_delay"].to_numpy()
    arr_event, arr_arrived = ms(arr, "event_time"), ms(arr, "arrived_at")
    out = np.full((requests.num_rows, len(STREAMED)), np.nan)
    rows = requests.select(["carrier", "origin", "tailnum"]).to_pylist()
    for i, (request, at) in enumerate(zip(rows, ms(requests, "time"), strict=True)):
        request["at"] = at
        here = origin == request["origin"]
        for place, hours, which in (
            (0, 1, here & flew),
            (2, 6, here & flew),
            (5, 24, here & flew & (carrier == request["carrier"])),
        ):
            chosen = window(columns, request, hours, which)
            if len(chosen):
                out[i, place : place + 2] = len(chosen), delay[chosen].mean()
        chosen = window(columns, request, 6, here)
        if len(chosen):
            out[i, 4] = cancelled[chosen].mean()
        landed = np.flatnonzero((tails == request["tailnum"]) & known & (arr_arrived <= at))
        if len(landed):
            last = landed[arr_event[landed] == arr_event[landed].max()][-1]
            if at - arr_event[last] < 48 * HOUR:
                out[i, 7] = arr_delay[last]
    return out


def test_features_are_what_their_names_say(events, requests, history):
    sample = np.sort(np.random.default_rng(7).choice(requests.num_rows, 600, replace=False))
    want = by_definition(events, requests.take(pa.array(sample)))
    got = history[0][sample, : len(STREAMED)]
    # Means are summed in another order here; counts and single values are exact.
    np.testing.assert_allclose(got, want, rtol=1e-12, err_msg=str(STREAMED))
    assert (~np.isnan(want)).mean(axis=0).min() > 0.1


def test_weather_is_that_of_the_last_report(events, requests, history):
    reports = events["weather"]
    arrived, origin = ms(reports, "arrived_at"), text(reports, "origin")
    for i in range(0, requests.num_rows, 97):
        at = requests["time"][i].cast(pa.int64()).as_py()
        seen = np.flatnonzero((origin == requests["origin"][i].as_py()) & (arrived <= at))
        got = history[0][i, len(STREAMED) :]
        if len(seen) == 0 or at - arrived[seen[-1]] >= 3 * HOUR:
            assert np.isnan(got).all()
            continue
        want = [reports[name][seen[-1]].as_py() for name in WEATHER]
        np.testing.assert_array_equal(got, np.array(want, float))


def test_late_events_are_counted(events, history):
    metrics = history[1]
    assert metrics["records"] == sum(table.num_rows for table in events.values())
    assert 0 < metrics["late"] < 0.05 * metrics["records"]


def test_one_event_at_a_time_gives_the_same_bits(events, requests, history, tmp_path):
    single, _ = history_of(events, requests, tmp_path, max_batch=1)
    assert not different(single, history[0]).any()


def test_the_online_store_answers_as_history(events, requests, history, tmp_path):
    """Also by lookup_matrix of many rows at once, at every hundredth request."""
    with logs.open(tmp_path, fsync="none") as log:
        ingest(log, events)
        store = feature.open()
        create_views(store, history=False)
        job = build_job(log, store)
        times = ms(requests, "time")
        for i in range(0, requests.num_rows, 100):
            job.run(until=int(times[i]))
            same = np.flatnonzero(times == times[i])
            rows = requests.take(pa.array(same))
            entities = {n: rows[n].to_pylist() for n in ("carrier", "origin", "tailnum")}
            got = store.lookup_matrix(refs(), entities, at=int(times[i]))
            assert not different(got, history[0][same]).any()


def altered(events, topic, changed, column, values):
    """The events with `column` of the rows `changed` (bool) of one topic replaced."""
    table = events[topic]
    old = table[column].combine_chunks()
    new = pc.if_else(pa.array(changed), pa.array(values, old.type), old)
    index = table.schema.get_field_index(column)
    return events | {topic: table.set_column(index, column, new)}


@pytest.mark.parametrize("topic", ["departures", "arrivals", "weather"])
def test_what_arrives_later_is_not_seen(events, requests, history, topic, tmp_path):
    times = ms(requests, "time")
    cut = int(times[requests.num_rows * 2 // 3])
    later = ms(events[topic], "arrived_at") > cut
    column = {"departures": "dep_delay", "arrivals": "arr_delay", "weather": "temp"}[topic]
    noise = np.random.default_rng(11).normal(200.0, 50.0, len(later))
    changed = altered(events, topic, later, column, noise)
    if topic == "departures":
        changed = altered(changed, topic, later, "cancelled", np.zeros(len(later), np.int64))
    matrix, _ = history_of(changed, requests, tmp_path)
    differs = different(matrix, history[0])
    assert not differs[times <= cut].any()
    assert differs[times > cut].any()


def test_dropping_later_events_changes_nothing_before(events, requests, history, tmp_path):
    times = ms(requests, "time")
    cut = int(times[requests.num_rows // 2])
    early = {
        name: table.filter(pa.array(ms(table, "arrived_at") <= cut))
        for name, table in events.items()
    }
    matrix, _ = history_of(early, requests, tmp_path)
    assert not different(matrix, history[0])[times <= cut].any()
