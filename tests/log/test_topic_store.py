"""Topics, producing and reading: what goes in comes out, and wrong use says what and where."""

import datetime as dt
import json
import tempfile

import cnengine.errors as errors
import cnengine.log as cnlog
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from cnengine._core import log as native
from hypothesis import given, settings
from hypothesis import strategies as st

UTC = dt.UTC
TYPES = [pa.string(), pa.float64(), pa.int64()]


@pytest.fixture
def log(tmp_path):
    with cnlog.open(tmp_path / "log", fsync="none") as opened:
        yield opened


def at(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, UTC)


def test_only_the_columns_that_are_produced_need_a_supported_type(log):
    log.create_topic("t")
    table = pa.table({"v": ["a", "b"], "price": pa.array([1, 2], pa.decimal128(3))})
    assert log.produce("t", table, value="v") == {0: range(2)}
    assert log.read("t").column("value").to_pylist() == [b"a", b"b"]
    with pytest.raises(errors.TypeError, match=r'produce: column "price" .* type decimal'):
        log.produce("t", table)
    frame = pd.DataFrame({"x": [1, 2, 3]})
    log.produce("t", frame[frame.x > 2])
    assert log.read("t").column("value").to_pylist()[2:] == [b'{"x":3}']


def test_round_trip_of_every_part(log):
    log.create_topic("t")
    headers = pa.array(
        [[("a", b"1"), ("b", None)], [], None],
        pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())])),
    )
    table = pa.table(
        {"k": ["x", None, ""], "at": [5, 3, -7], "value": [b"\x00\xff", b"", None], "h": headers}
    )
    assert log.produce("t", table, key="k", timestamp="at", headers="h") == {0: range(3)}
    got = log.read("t")
    got.validate(full=True)
    assert got.schema == pa.schema(
        [
            ("offset", pa.int64()),
            ("timestamp", pa.timestamp("ms", "UTC")),
            ("key", pa.binary()),
            ("value", pa.binary()),
            ("headers", pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))),
        ]
    )
    assert got["offset"].to_pylist() == [0, 1, 2]
    assert got["timestamp"].to_pylist() == [at(5), at(3), at(-7)]
    assert got["key"].to_pylist() == [b"x", None, b""]
    assert got["value"].to_pylist() == [b"\x00\xff", b"", None]
    assert got["headers"].to_pylist() == [
        [{"key": "a", "value": b"1"}, {"key": "b", "value": None}],
        [],
        [],
    ]


def test_what_was_read_can_be_produced_again(log):
    log.create_topic("a")
    log.create_topic("b")
    log.produce("a", pa.table({"k": [1, 2], "v": [0.5, None]}), key="k")
    once = log.read("a")
    log.produce("b", once.slice(1), key="key", timestamp="timestamp", headers="headers")
    assert log.read("b").drop(["offset"]).equals(once.slice(1).drop(["offset"]))


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, -1, 2**31 - 1], pa.int32()),
        pa.array([1, 255, 0], pa.uint8()),
        pa.array([1, -(2**63), None], pa.int64()),
        pa.array([2**64 - 1, 0, None], pa.uint64()),
    ],
    ids=lambda c: str(c.type),
)
def test_integer_keys_are_8_bytes_big_endian(log, column):
    log.create_topic("t")
    log.produce("t", pa.table({"k": column, "value": ["a", "b", "c"]}), key="k")
    want = [None if k is None else (k % 2**64).to_bytes(8, "big") for k in column.to_pylist()]
    assert log.read("t")["key"].to_pylist() == want


def test_json_of_every_type(log):
    log.create_topic("t")
    table = pa.table(
        {
            "k": ["a", "b"],
            "bool": [True, None],
            "int": pa.array([-5, 127], pa.int8()),
            "uint": pa.array([2**64 - 1, 0], pa.uint64()),
            "float": pa.array([0.1, float("nan")]),
            "half": pa.array([0.1, float("-inf")], pa.float32()),
            "text": ['é"\\\n\x01/', ""],
            "date": pa.array([dt.date(2012, 2, 29), dt.date(1969, 12, 31)]),
            "utc": pa.array([0, -1], pa.timestamp("ms", "America/New_York")),
            "naive": pa.array([1_357_000_000_123_456_789, None], pa.timestamp("ns")),
            "seconds": pa.array([1_357_000_000, None], pa.timestamp("s", "UTC")),
            "span": pa.array([7, 8], pa.duration("us")),
            "list": pa.array([[1, None], []], pa.list_(pa.int64())),
            "struct": pa.array([{"x": 1, "y": "z"}, {"x": None, "y": None}]),
        }
    )
    log.produce("t", table, key="k", value=[n for n in table.column_names if n != "k"])
    first, second = log.read("t")["value"].to_pylist()
    assert (
        first
        == (
            '{"bool":true,"int":-5,"uint":18446744073709551615,"float":0.1,"half":0.1,'
            '"text":"é\\"\\\\\\n\\u0001/","date":"2012-02-29","utc":"1970-01-01T00:00:00.000Z",'
            '"naive":"2013-01-01T00:26:40.123456789","seconds":"2013-01-01T00:26:40Z","span":7,'
            '"list":[1,null],"struct":{"x":1,"y":"z"}}'
        ).encode()
    )
    assert json.loads(second) == {
        "bool": None, "int": 127, "uint": 0, "float": None, "half": None, "text": "",
        "date": "1969-12-31", "utc": "1969-12-31T23:59:59.999Z", "naive": None, "seconds": None,
        "span": 8, "list": [], "struct": {"x": None, "y": None},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "ticks", "text"),
    [
        ("s", 253402300800, "+010000-01-01T00:00:00Z"),
        ("s", -62167219201, "-000001-12-31T23:59:59Z"),
        ("s", -62167219200, "0000-01-01T00:00:00Z"),
        ("ns", -(2**63), "1677-09-21T00:12:43.145224192Z"),
        ("us", 2**63 - 1, "+294247-01-10T04:00:54.775807Z"),
        ("s", 2**63 - 1, "+292277026596-12-04T15:30:07Z"),
        ("s", 951782400, "2000-02-29T00:00:00Z"),
    ],
)
def test_json_of_far_times(log, unit, ticks, text):
    log.create_topic("t")
    log.produce("t", pa.table({"x": pa.array([ticks], pa.timestamp(unit, "UTC"))}))
    assert json.loads(log.read("t")["value"][0].as_py()) == {"x": text}


def test_json_of_slices_of_nested_columns(log):
    log.create_topic("t")
    table = pa.table(
        {"s": pa.array([{"x": [i, i + 1]} for i in range(5)]), "f": [True, False, None, True, None]}
    )
    log.produce("t", table.slice(2, 2))
    assert [json.loads(v) for v in log.read("t")["value"].to_pylist()] == table.slice(
        2, 2
    ).to_pylist()


def test_chosen_json_columns_may_hold_the_key(log):
    log.create_topic("t")
    table = pa.table({"k": ["a"], "value": [1.5], "x": [2]})
    log.produce("t", table, key="k", value=["k", "value"])
    assert log.read("t")["value"].to_pylist() == [b'{"k":"a","value":1.5}']


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.text(),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.integers(-(2**63), 2**63 - 1),
        ),
        min_size=1,
    )
)
def test_json_reads_back_equal(memory, rows):
    names = ["text", 'a "name" ☃', "int"]
    columns = zip(*rows, strict=True)
    table = pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, TYPES, strict=True)})
    with tempfile.TemporaryDirectory(dir=memory) as path, cnlog.open(path, fsync="none") as log:
        log.create_topic("t")
        log.produce("t", table)
        got = [json.loads(v) for v in log.read("t")["value"].to_pylist()]
    assert got == table.to_pylist()


def test_json_without_columns(log):
    log.create_topic("t")
    log.produce("t", pa.table({"k": ["a"]}), key="k")
    assert log.read("t")["value"].to_pylist() == [b'{"k":"a"}']
    log.produce("t", pa.table({"k": [b"\xff"]}), key="k")
    assert log.read("t", offset=1)["value"].to_pylist() == [b"{}"]


@pytest.mark.parametrize(
    ("unit", "ticks", "ms"),
    [("s", -3, -3000), ("ms", 7, 7), ("us", -1, -1), ("us", 1999, 1), ("ns", -1_000_001, -2)],
)
def test_timestamps_are_rounded_down_to_ms(log, unit, ticks, ms):
    log.create_topic("t")
    log.produce(
        "t", pa.table({"at": pa.array([ticks], pa.timestamp(unit)), "value": ["x"]}), timestamp="at"
    )
    assert log.read("t")["timestamp"].to_pylist() == [at(ms)]


def test_default_timestamp_is_now(tmp_path):
    clock = native.testing.ManualClock(1234)
    with cnlog.open(tmp_path, clock=clock) as log:
        log.create_topic("t")
        log.produce("t", pa.table({"value": ["a"]}))
        clock.advance_ms(10)
        log.produce("t", pa.table({"value": ["b"]}))
        assert log.read("t")["timestamp"].to_pylist() == [at(1234), at(1244)]


def test_every_producer_of_arrow(log):
    log.create_topic("t")
    data = {"k": ["a", "b"], "v": [1, 2]}
    for source in (pa.table(data), pl.DataFrame(data), pd.DataFrame(data)):
        log.produce("t", source, key="k")
    assert log.read("t")["value"].to_pylist() == [b'{"k":"a","v":1}', b'{"k":"b","v":2}'] * 3


def test_empty_table(log):
    log.create_topic("t")
    assert log.produce("t", pa.table({"value": pa.array([], pa.string())})) == {}
    assert log.read("t").num_rows == 0
    assert log.end_offset("t") == 0


def murmur2(data: bytes) -> int:
    """org.apache.kafka.common.utils.Utils.murmur2, transcribed with 32-bit wrap-around."""
    mask = 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * 0x5BD1E995 & mask
        k = (k ^ k >> 24) * 0x5BD1E995 & mask
        h = (h * 0x5BD1E995 & mask) ^ k
    tail = data[whole:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * 0x5BD1E995 & mask
    h = (h ^ h >> 13) * 0x5BD1E995 & mask
    return h ^ h >> 15


def test_keys_go_where_kafka_sends_them(log):
    log.create_topic("t", partitions=7)
    keys = [f"key-{i}" * (i % 3) + "x" * (i % 5) for i in range(300)]
    ranges = log.produce("t", pa.table({"k": keys, "value": [str(i) for i in range(300)]}), key="k")
    assert sum(len(r) for r in ranges.values()) == 300
    for p in range(7):
        want = [i for i, k in enumerate(keys) if (murmur2(k.encode()) & 0x7FFFFFFF) % 7 == p]
        got = log.read("t", p)
        assert [int(v) for v in got["value"].to_pylist()] == want  # and in order
        assert ranges.get(p, range(0)) == range(len(want))


def test_rows_without_key_fill_batches_in_turn(log):
    log.create_topic("t", partitions=3)
    for _ in range(3):
        log.produce("t", pa.table({"value": ["x"]}))
    assert [log.end_offset("t", p) for p in range(3)] == [1, 1, 1]
    log.produce("t", pa.table({"value": ["y" * 1000] * 1000}))
    ends = [log.end_offset("t", p) for p in range(3)]
    assert sum(ends) == 1003
    assert min(ends) > 200


def test_read_by_pieces_gives_the_whole(log):
    log.create_topic("t", segment_bytes=50_000)
    for i in range(40):
        values = pa.array([f"{i}-{j}" * 20 for j in range(i)], pa.string())
        log.produce("t", pa.table({"value": values}))
    whole = log.read("t", max_bytes=1 << 30)
    assert whole["offset"].to_pylist() == list(range(log.end_offset("t")))
    for max_bytes in (1, 3000, 70_000):
        parts, offset = [], 0
        while (part := log.read("t", offset=offset, max_bytes=max_bytes)).num_rows:
            assert part["offset"][0].as_py() == offset
            offset = part["offset"][-1].as_py() + 1
            parts.append(part)
        assert pa.concat_tables(parts).equals(whole)
        assert len(parts) > 1
    for offset in (0, 1, 399, 779, 780):
        assert log.read("t", offset=offset, max_bytes=1 << 30).equals(whole.slice(offset))


@pytest.mark.parametrize("offset", [-1, 3, 2**62])
def test_offset_out_of_range_names_the_range(log, offset):
    log.create_topic("t")
    log.produce("t", pa.table({"value": ["a", "b"]}))
    with pytest.raises(errors.ArgumentError) as info:
        log.read("t", offset=offset)
    assert str(info.value) == (
        f'read: offset {offset} of topic "t" partition 0 is out of range, expected 0 to 2'
    )


def test_offset_for_timestamp(log):
    log.create_topic("t", segment_bytes=2000)
    times = [(i * 37) % 101 + i for i in range(500)]
    for start in range(0, 500, 20):
        log.produce(
            "t",
            pa.table({"at": times[start : start + 20], "value": ["v" * 50] * 20}),
            timestamp="at",
        )
    for t in (-5, 0, 1, 60, 100, 250, 333, 480, 599, 600, 10_000):
        want = next((i for i, each in enumerate(times) if each >= t), 500)
        assert log.offset_for_timestamp("t", t) == want, t
    assert log.offset_for_timestamp("t", at(60)) == log.offset_for_timestamp("t", 60)
    assert log.offset_for_timestamp("t", at(60).replace(tzinfo=None)) == log.offset_for_timestamp(
        "t", 60
    )


def test_topics_outlive_the_process(tmp_path):
    with cnlog.open(tmp_path) as log:
        log.create_topic("b", partitions=2)
        log.create_topic("a.B_c-9")
        log.produce("b", pa.table({"k": ["x"] * 10, "value": ["y"] * 10}), key="k")
        ends = [log.end_offset("b", p) for p in range(2)]
    with cnlog.open(tmp_path) as log:
        assert log.topics() == ["a.B_c-9", "b"]
        assert log.partitions("b") == 2
        assert [log.end_offset("b", p) for p in range(2)] == ends
        assert log.recovery == []


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../x", "a b", "é", "x" * 250, "a\0b", "t~new"]
)
def test_bad_topic_names(log, name):
    with pytest.raises(errors.ArgumentError, match="create_topic: bad topic name"):
        log.create_topic(name)
    assert log.topics() == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"partitions": 0}, "expected partitions from 1 to 10000, got 0"),
        ({"segment_bytes": 10}, 'segment.bytes to be a number from 1024 to 2147483647, got "10"'),
        ({"retention_ms": -2}, "expected retention.ms to be a number of at least -1"),
        ({"retention_bytes": -5}, "expected retention.bytes to be a number of at least -1"),
    ],
)
def test_bad_topic_options(log, options, text):
    with pytest.raises(errors.ArgumentError, match=text):
        log.create_topic("t", **options)


def test_a_topic_exists_once(log):
    log.create_topic("t", partitions=2)
    with pytest.raises(errors.ArgumentError, match='topic "t" already exists'):
        log.create_topic("t")
    log.create_topic("t", partitions=5, exist_ok=True)
    assert log.partitions("t") == 2


TABLE = pa.table({"k": ["a"], "f": [1.5], "b": [b"x"], "value": ["v"]})


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"key": "kk"}, errors.NotFoundError, 'produce: no column "kk"; did you mean "k"'),
        ({"key": "f"}, errors.TypeError, 'the key column "f" is float64'),
        ({"timestamp": "f"}, errors.TypeError, 'the timestamp column "f" is float64'),
        ({"value": "f"}, errors.TypeError, 'the value column "f" is float64'),
        ({"value": ["b"]}, errors.TypeError, 'column "b" is binary; JSON has no bytes'),
        ({"headers": "k"}, errors.TypeError, 'the headers column "k" is utf8'),
        ({"compression": "zip"}, errors.ArgumentError, 'produce: no codec "zip"'),
    ],
)
def test_wrong_columns(log, options, error, text):
    log.create_topic("t")
    with pytest.raises(error, match=text):
        log.produce("t", TABLE, **options)
    assert log.end_offset("t") == 0


def test_unknown_topic_and_partition(log):
    log.create_topic("departures")
    with pytest.raises(errors.NotFoundError, match='no topic "departure"; did you mean'):
        log.read("departure")
    with pytest.raises(errors.NotFoundError, match="has no partition 1, expected 0 to 0"):
        log.end_offset("departures", 1)
    with pytest.raises(errors.NotFoundError, match="has no partition -1"):
        log.read("departures", -1)
    with pytest.raises(errors.ArgumentError, match="max_bytes of at least 1, got 0"):
        log.read("departures", max_bytes=0)
    with pytest.raises(errors.TypeError, match="produce: expected a table"):
        log.produce("departures", 5)


def test_closed_log(tmp_path):
    log = cnlog.open(tmp_path)
    log.create_topic("t")
    log.close()
    log.close()
    for call in (
        lambda: log.produce("t", TABLE),
        lambda: log.read("t"),
        lambda: log.create_topic("u"),
        log.topics,
        log.flush,
        log.enforce_retention,
    ):
        with pytest.raises(errors.StateError, match="is closed"):
            call()
    assert "closed" in repr(log)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"fsync": "sometimes"}, 'open: expected fsync to be "always"'),
        ({"fsync_interval_ms": 0}, "fsync_interval_ms of at least 1, got 0"),
        ({"read_only": True, "repair": True}, "repair writes to the log"),
    ],
)
def test_bad_options(tmp_path, options, text):
    with pytest.raises(errors.ArgumentError, match=text):
        cnlog.open(tmp_path, **options)


def test_wrong_paths(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.IoError, match="Not a directory"):
        cnlog.open(tmp_path / "file")
    with pytest.raises(errors.NotFoundError, match="is not a log"):
        cnlog.open(tmp_path / "absent", read_only=True)
    assert not (tmp_path / "absent").exists()
    with pytest.raises(errors.ArgumentError, match="expected a path"):
        cnlog.open("")


@pytest.mark.parametrize("fsync", ["always", "interval", "none"])
def test_every_policy_keeps_what_was_closed(tmp_path, fsync):
    with cnlog.open(tmp_path, fsync=fsync, fsync_interval_ms=1) as log:
        log.create_topic("t")
        for i in range(20):
            log.produce("t", pa.table({"value": [str(i)]}))
        log.flush()
    with cnlog.open(tmp_path, read_only=True) as log:
        assert log.read("t")["value"].to_pylist() == [str(i).encode() for i in range(20)]
