"""Batches that hold no record of a user: markers of transactions, batches that are empty."""

import struct

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
