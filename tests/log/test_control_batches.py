"""Batches that hold no record of a user: markers of transactions, batches that are empty."""

import struct

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine import stream
from cnengine._core import log as native
from cnengine._core import stream as native_stream

crc32c = native_stream.testing.crc32c


def marker(log) -> bytes:
    """A batch as the record of the topic "one", with the control bit set."""
    batch = bytearray(native.testing.raw_batches(log._store, "one", 0, 0, 1))
    batch[22] |= 32
    batch[17:21] = struct.pack(">I", crc32c(bytes(batch[21:])))
    return bytes(batch)


def empty(log) -> bytes:
    batch = bytearray(marker(log)[:61])
    batch[8:12] = struct.pack(">i", 61 - 12)
    batch[22] &= ~32
    batch[57:61] = bytes(4)
    batch[17:21] = struct.pack(">I", crc32c(bytes(batch[21:])))
    return bytes(batch)


@pytest.mark.parametrize("make", [marker, empty])
def test_a_reader_passes_over_any_number_of_them(tmp_path, make):
    with cnlog.open(tmp_path, fsync="none") as log:
        log.create_topic("one")
        log.create_topic("t", segment_bytes=1 << 20)
        log.produce("one", pa.table({"value": ["x"]}))
        batches = make(log) * 40_000
        assert len(batches) > 2 << 20
        log.produce("t", pa.table({"value": ["first"]}))
        native.testing.append_raw(log._store, "t", 0, batches)
        assert log.end_offset("t") == 40_001
        assert log.read("t", offset=1).num_rows == 0  # as at the end
        log.produce("t", pa.table({"value": ["last"]}))
        for offset in (1, 7, 30_000, 40_001):
            got = log.read("t", offset=offset)
            assert got["offset"].to_pylist() == [40_001]
            assert got["value"].to_pylist() == [b"last"]
        assert log.read("t", offset=39_990, max_bytes=1).num_rows == 1
        rows = stream.from_topic(log, "t").to()
        stream.Job(rows).run()
        assert rows.collect()["value"].to_pylist() == [b"first", b"last"]


def test_times_are_found_behind_a_segment_of_markers(tmp_path):
    with cnlog.open(tmp_path, fsync="none") as log:
        log.create_topic("one")
        log.create_topic("t", segment_bytes=1024)
        log.produce("one", pa.table({"at": [1000], "value": ["x"]}), timestamp="at")
        native.testing.append_raw(log._store, "t", 0, marker(log) * 5)
        log.produce("t", pa.table({"at": [2000], "value": ["x" * 900]}), timestamp="at")
        log.produce("t", pa.table({"at": [3000], "value": ["x" * 900]}), timestamp="at")
        assert log.offset_for_timestamp("t", 500) == 5
        assert log.offset_for_timestamp("t", 2500) == 6
        assert log.offset_for_timestamp("t", 3001) == log.end_offset("t") == 7


def test_a_segment_may_span_more_offsets_than_32_bits_hold(tmp_path):
    """As compaction leaves it; the index then has no entry for the batches behind."""
    with cnlog.open(tmp_path, fsync="none") as log:
        log.create_topic("one")
        log.create_topic("t")
        log.produce("one", pa.table({"value": ["x"]}))
        batch = bytearray(empty(log))
        batch[23:27] = b"\x7f\xff\xff\xff"
        batch[17:21] = struct.pack(">I", crc32c(bytes(batch[21:])))
        native.testing.append_raw(log._store, "t", 0, bytes(batch) * 300)
        log.produce("t", pa.table({"value": ["last"]}))
        last = 300 << 31
        assert log.end_offset("t") == last + 1
        for offset in (0, 5, 1 << 32, 200 << 31, last):
            assert log.read("t", offset=offset)["offset"].to_pylist() == [last]
    with cnlog.open(tmp_path) as log:
        assert log.read("t", offset=1 << 33)["offset"].to_pylist() == [last]


def test_a_batch_that_goes_beyond_the_end_is_damage(tmp_path):
    with cnlog.open(tmp_path, fsync="none") as log:
        log.create_topic("t")
        log.produce("t", pa.table({"value": ["a"]}))
        log.produce("t", pa.table({"value": ["b"]}))
    (file,) = (tmp_path / "topics" / "t" / "0").glob("*.log")
    data = bytearray(file.read_bytes())
    second = 12 + int.from_bytes(data[8:12], "big")
    data[26] = 9
    data[17:21] = struct.pack(">I", crc32c(bytes(data[21:second])))
    file.write_bytes(data)
    with cnlog.open(tmp_path) as log:
        for offset in (0, 1):
            with pytest.raises(errors.CorruptionError, match="beyond the end"):
                log.read("t", offset=offset, max_bytes=1)
