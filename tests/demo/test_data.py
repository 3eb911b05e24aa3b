"""What we say about the flights of 2013, checked on every row of the files."""

import io
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from cnengine.demo import data as demo_data
from cnengine.demo.zones import MINUTE, utc_offsets
from cnengine.errors import CorruptionError, NotFoundError


@pytest.fixture(scope="module")
def raw():
    archive = zipfile.ZipFile(demo_data.find_files() / "flights.csv.zip")
    options = pa.csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True)
    return pa.csv.read_csv(io.BytesIO(archive.read("flights.csv")), convert_options=options)


@pytest.fixture(scope="module")
def data():
    return demo_data.load()


def clock(zones, instants):
    """Local HHMM of timestamps, NaN where null."""
    valid = instants.is_valid().to_numpy(zero_copy_only=False)
    ms = pc.fill_null(instants.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    minutes = (ms + utc_offsets(zones, np.where(valid, ms, 0))) // MINUTE % 1440
    return np.where(valid, minutes // 60 * 100 + minutes % 60, np.nan)


def column(raw, name):
    values = raw[name].to_numpy(zero_copy_only=False).astype(float)
    return np.where(values == 2400, 0, values)


def zones_of(raw):
    airports = pa.csv.read_csv(
        demo_data.find_files() / "airports.csv",
        convert_options=pa.csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True),
    )
    known = dict(zip(airports["faa"].to_pylist(), airports["tzone"].to_pylist(), strict=True))
    dest = raw["dest"].to_pylist()
    return np.array([known.get(name) or "America/Puerto_Rico" for name in dest])


def test_counts(data):
    assert data.counts == {
        "flights": 336_776,
        "cancelled": 8_255,
        "departed_without_arrival_delay": 1_175,
        "departed_without_arrival_time": 458,
    }
    assert data.weather.num_rows == 26_115
    no_tail = data.flights.filter(pc.is_null(data.flights["tailnum"]))
    assert no_tail.num_rows == 2_512
    assert no_tail["dep_at"].null_count == 2_512


def test_instants_show_the_local_times_of_the_file(data, raw):
    flights = data.flights
    new_york = np.full(raw.num_rows, "America/New_York")
    there = zones_of(raw)
    for name, zones, source in (
        ("sched_dep", new_york, "sched_dep_time"),
        ("dep_at", new_york, "dep_time"),
        ("sched_arr", there, "sched_arr_time"),
        ("arr_at", there, "arr_time"),
    ):
        got, want = clock(zones, flights[name].combine_chunks()), column(raw, source)
        if name == "arr_at":  # one landing at 2:03 of the night in which 2:00 became 3:00
            skipped = (got == 303) & (want == 203)
            assert raw.filter(pa.array(skipped)).select(["month", "day"]).to_pylist() == [
                {"month": 3, "day": 9}
            ]
            want[skipped] = 303
        np.testing.assert_array_equal(got, want, err_msg=name)


def test_dates_are_local_and_delays_are_differences(data, raw):
    flights = data.flights
    dates = flights["date"].to_numpy().astype("datetime64[D]")
    parts = [f"2013-{m:02}-{d:02}" for m, d in zip(*map(pa.ChunkedArray.to_pylist, (
        raw["month"], raw["day"])), strict=True)]  # fmt: skip
    assert (dates == np.array(parts, "datetime64[D]")).all()
    assert flights["weekday"].to_pylist() == [d.weekday() for d in flights["date"].to_pylist()]
    for actual, planned, delay in (
        ("dep_at", "sched_dep", "dep_delay"),
        ("arr_at", "sched_arr", "arr_delay"),
    ):
        known = flights.filter(pc.is_valid(flights[delay]))
        late = pc.subtract(known[actual].cast(pa.int64()), known[planned].cast(pa.int64()))
        assert pc.divide(late, MINUTE).cast(pa.float64()).equals(known[delay])


def test_flights_take_a_plausible_time(data, raw):
    flights = data.flights
    planned = pc.subtract(flights["sched_arr"].cast("int64"), flights["sched_dep"].cast("int64"))
    assert 45 * MINUTE < pc.min(planned).as_py() < pc.max(planned).as_py() < 12 * 60 * MINUTE
    took = pc.subtract(flights["arr_at"].cast("int64"), flights["dep_at"].cast("int64"))
    ground = pc.subtract(pc.divide(took.cast("float64"), MINUTE), raw["air_time"])
    assert pc.min(ground).as_py() > 0  # taxiing takes time
    assert pc.max(ground).as_py() < 300


def test_days_keep_the_first_local_days():
    small = demo_data.load(days=3)
    assert small.counts["flights"] == 842 + 943 + 914
    assert str(pc.max(small.flights["date"]).as_py()) == "2013-01-03"
    assert pc.max(small.weather["time_hour"]).as_py() <= pc.max(small.flights["sched_dep"]).as_py()


def copy_files(tmp_path, **changes):
    source = demo_data.find_files()
    for name in ("airports.csv", "weather.csv"):
        text = (source / name).read_text()
        old, new = changes.get(name.split(".")[0], ("", ""))
        (tmp_path / name).write_text(text.replace(old, new) if old else text)
    flights = zipfile.ZipFile(source / "flights.csv.zip").read("flights.csv")[:100_000]
    flights = flights[: flights.rindex(b"\n") + 1]
    old, new = changes.get("flights", (b"", b""))
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", flights.replace(old, new, 1) if old else flights)
    return tmp_path


def test_bad_files_are_named(tmp_path):
    assert demo_data.load(copy_files(tmp_path)).flights.num_rows > 900
    for changes, words in (
        ({"flights": (b"dep_delay", b"delay")}, "dep_delay"),
        ({"flights": (b"517", b"5x7")}, "5x7"),
        ({"airports": ("America/Chicago", "NA")}, "no time zone for .*ORD"),
        ({"weather": ("humid", "wet")}, "humid"),
    ):
        with pytest.raises(CorruptionError, match=words):
            demo_data.load(copy_files(tmp_path, **changes))
    (tmp_path / "flights.csv.zip").write_bytes(b"no archive")
    with pytest.raises(CorruptionError, match="not a zip file"):
        demo_data.load(tmp_path)


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(demo_data.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotFoundError, match=r"pip install 'cnengine\[demo\]'"):
        demo_data.load()
