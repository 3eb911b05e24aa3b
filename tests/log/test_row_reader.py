"""Rows that cannot be stored so that they can be read: refused before the first write."""

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest


@pytest.fixture
def log(tmp_path):
    with cnlog.open(tmp_path / "log", fsync="none") as opened:
        yield opened


def test_null_timestamp_names_the_row(log):
    log.create_topic("t")
    table = pa.table({"at": [1, 2, None], "value": ["a", "b", "c"]})
    with pytest.raises(errors.ArgumentError, match='timestamp column "at" is null in row 2'):
        log.produce("t", table, timestamp="at")


def test_timestamps_that_milliseconds_do_not_hold(log):
    log.create_topic("t")
    at = pa.array([0, 2**62], pa.timestamp("s"))
    with pytest.raises(errors.ArgumentError, match='"at" is 4611686018427387904 s in row 1, which'):
        log.produce("t", pa.table({"at": at, "value": ["a", "b"]}), timestamp="at")
    assert log.end_offset("t") == 0


def broken_text(*rows: bytes) -> pa.Array:
    return pa.Array.from_buffers(pa.string(), len(rows), pa.array(rows, pa.binary()).buffers())


@pytest.mark.parametrize(
    "text",
    [
        broken_text(b"fine", b"\xff"),
        # Two rows that are text only together.
        broken_text(b"caf\xc3", b"\xa9"),
        pa.ListArray.from_arrays([0, 0, 1], broken_text(b"\xff")),
        pa.StructArray.from_arrays([broken_text(b"", b"\xff"), [1, 2]], ["a", "b"]),
    ],
    ids=["text", "joined", "list", "struct"],
)
def test_text_that_is_not_utf8_is_no_json(log, text):
    log.create_topic("t")
    rows = pa.table({"x": pa.concat_arrays([pa.nulls(9_000, text.type), text])})
    with pytest.raises(
        errors.ArgumentError, match=r'produce: the text of column "x" in row .* is not'
    ):
        log.produce("t", rows)
    assert log.end_offset("t") == 0
    log.produce("t", rows.slice(0, 9_000))
    assert log.read("t", max_bytes=1 << 30).num_rows == 9_000


HEADERS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))


def test_header_keys_are_utf8(log):
    log.create_topic("t")
    entries = pa.StructArray.from_arrays(
        [broken_text(b"k", b"\xc3"), pa.array([b"\xff", None], pa.binary())],
        fields=list(HEADERS.value_type),
    )
    rows = pa.table({"value": ["a", "b"], "h": pa.ListArray.from_arrays([0, 1, 2], entries)})
    with pytest.raises(errors.ArgumentError, match="the key of a header in row 1 is not UTF-8"):
        log.produce("t", rows, headers="h")
    assert log.end_offset("t") == 0
    log.produce("t", rows.slice(0, 1), headers="h")
    assert log.read("t")["headers"].to_pylist() == [[{"key": "k", "value": b"\xff"}]]


def test_null_header_takes_everything_back(log):
    log.create_topic("t")
    kind = HEADERS
    rows = [[("a", b"")]] * 20_000 + [[(None, b"")]]
    table = pa.table({"value": ["x" * 100] * 20_001, "h": pa.array(rows, kind)})
    with pytest.raises(errors.ArgumentError, match="a header in row 20000"):
        log.produce("t", table, headers="h")
    assert log.end_offset("t") == 0
    assert log.read("t").num_rows == 0
    log.produce("t", table.slice(0, 20_000), headers="h")
    assert log.read("t", max_bytes=1 << 30).num_rows == 20_000
