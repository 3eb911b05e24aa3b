"""Bytes of clients: what is refused and why, what is changed, and that the rest stays as it came."""

import gzip
import struct

import cnengine.log as cnlog
import pytest
from cnengine._core import log as native
from log_batches import Batch, batch, decode, marker, record

testing = native.testing
NOW = 1_700_000_000_000


@pytest.fixture
def clock():
    return testing.ManualClock(NOW)


@pytest.fixture
def log(tmp_path, clock):
    with cnlog.open(tmp_path / "log", fsync="none", clock=clock) as opened:
        yield opened


def append(log, data: bytes, topic: str = "t", **how) -> dict:
    return testing.append_foreign(log._store, topic, 0, data, **how)


def stored(log, topic: str = "t", offset: int = 0) -> bytes:
    return testing.view(log._store, topic, 0, offset)["bytes"]


def test_a_batch_is_stored_as_it_came(log):
    log.create_topic("t")
    first = batch(b"a", b"b", at=NOW, keys=[b"k", None])
    second = batch(b"c", at=NOW, leader_epoch=7)
    outcome = append(log, first)
    assert outcome == {
        "fault": "none", "why": "", "records": [], "first": 0, "next": 2, "append_time_ms": -1,
        "start": 0, "duplicate": False,
    }  # fmt: skip
    assert append(log, second)["first"] == 2
    patched = struct.pack(">q", 2) + second[8:12] + struct.pack(">i", 0) + second[16:]
    assert stored(log) == first[:12] + struct.pack(">i", 0) + first[16:] + patched
    got = log.read("t")
    assert got["value"].to_pylist() == [b"a", b"b", b"c"]
    assert got["key"].to_pylist() == [b"k", None, None]


GOOD = batch(b"a", b"b", at=NOW)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "invalid_record"),
        (GOOD[:-1], "corrupt"),
        (GOOD[:40], "corrupt"),
        (GOOD + b"\0", "corrupt"),
        (GOOD + GOOD, "invalid_record"),
        (GOOD[:-1] + b"\1", "corrupt"),
        (batch(b"a", at=NOW, crc=1), "corrupt"),
        (batch(b"a", at=NOW, magic=1), "unsupported_format"),
        (batch(b"a", at=NOW, magic=0), "unsupported_format"),
        (batch(b"a", at=NOW, magic=3), "corrupt"),
        (batch(b"a", at=NOW, base_offset=1), "invalid_record"),
        (batch(b"a", at=NOW, count=0, payload=b""), "invalid_record"),
        (batch(b"a", at=NOW, count=2), "invalid_record"),
        (batch(b"a", at=NOW, last_offset_delta=1), "invalid_record"),
        (batch(b"a", at=NOW, last_offset_delta=-1), "invalid_record"),
        (batch(b"a", b"b", at=NOW, payload=record(0, None, b"a")), "invalid_record"),
        (batch(b"a", at=NOW, payload=record(0, None, b"a") + b"\0"), "invalid_record"),
        (batch(b"a", at=NOW, payload=record(1, None, b"a")), "invalid_record"),
        (Batch([(0, NOW, None, b"a"), (2, NOW, None, b"b"), (2, NOW, None, b"")]).encode(),
         "invalid_record"),
        (Batch([(0, NOW, None, b"a"), (2, NOW, None, b"b")], count=3,
               payload=record(0, None, b"") + record(2, None, b"") + record(3, None, b""),
               last_offset_delta=2).encode(), "invalid_record"),
        (batch(b"a", at=NOW, payload=b"\x80" * 12), "invalid_record"),
        (batch(b"a", at=NOW, payload=record(0, None, b"a", headers=[(None, b"")])),
         "invalid_record"),
        (batch(b"a", at=NOW, payload=record(0, None, b"a", headers=[(b"\xff", b"")])),
         "invalid_record"),
        (batch(b"a", at=NOW, attributes=0x20), "invalid_record"),
        (marker(5, 0, True), "invalid_record"),
        (batch(b"a", at=NOW, attributes=0x10), "invalid_record"),
        (batch(b"a", at=NOW, producer_id=1, producer_epoch=0), "invalid_record"),
        (batch(b"a", at=NOW, producer_id=1, base_sequence=0), "invalid_record"),
        (batch(b"a", at=NOW, attributes=5), "unsupported_codec"),
        (batch(b"a", at=NOW, attributes=1), "corrupt"),
        (batch(b"a", at=NOW, attributes=8), "invalid_timestamp"),
        (batch(b"a", at=NOW + 3_600_001), "invalid_timestamp"),
        (batch(b"a", at=2**63 - 1), "invalid_timestamp"),
        (batch(b"x" * 1_048_600, at=NOW), "too_large"),
    ],
)  # fmt: skip
def test_what_is_refused(log, data, fault):
    log.create_topic("t")
    outcome = append(log, data)
    assert outcome["fault"] == fault
    assert outcome["why"]
    assert (outcome["first"], outcome["next"]) == (-1, -1)
    assert log.end_offset("t") == 0
    assert append(log, GOOD)["first"] == 0


def test_every_changed_bit_is_found(log):
    log.create_topic("t")
    for at in range(len(GOOD)):
        for bit in (0, 7):
            data = bytearray(GOOD)
            data[at] ^= 1 << bit
            outcome = append(log, bytes(data))
            if 12 <= at < 16:  # the leader epoch is the broker's
                assert outcome["fault"] == "none"
            else:
                assert outcome["fault"] != "none"
    assert len(decode(stored(log))) == 8


@pytest.mark.parametrize("codec", testing.codecs()[1:])
def test_compressed_records_are_looked_into(log, codec):
    number = ["none", "gzip", "snappy", "lz4", "zstd"].index(codec)
    log.create_topic("t", config={"compression.type": codec})
    log.create_topic("plain", config={"compression.type": "uncompressed"})
    log.create_topic("keyed", config={"cleanup.policy": "compact"})
    values = [bytes([i]) * 100 for i in range(50)]
    assert append(log, batch(*values, at=NOW))["next"] == 50
    (packed,) = decode(stored(log))
    assert packed["attributes"] == number
    assert len(packed["bytes"]) < 1500
    assert log.read("t")["value"].to_pylist() == values
    # Bytes of that codec with the offset patched back are what a client sends.
    client = struct.pack(">q", 0) + packed["bytes"][8:]
    assert append(log, client)["next"] == 100
    assert stored(log, offset=50)[8:] == packed["bytes"][8:]
    assert append(log, client, "plain")["next"] == 50
    (plain,) = decode(stored(log, "plain"))
    assert plain["attributes"] == 0
    assert [r[3] for r in plain["records"]] == values
    outcome = append(log, client, "keyed")
    assert outcome["fault"] == "invalid_record"
    assert [index for index, _ in outcome["records"]] == list(range(50))
    cut = Batch(payload=client[61:-1], attributes=number, count=50, last_offset_delta=49)
    assert append(log, cut.encode())["fault"] in {"corrupt", "invalid_record"}


def test_zstd_needs_a_request_that_knows_it(log):
    log.create_topic("t", config={"compression.type": "zstd"})
    append(log, batch(b"a" * 100, at=NOW))
    client = struct.pack(">q", 0) + stored(log)[8:]
    assert append(log, client, allow_zstd=False)["fault"] == "unsupported_codec"
    assert append(log, client)["fault"] == "none"


def test_a_bomb_is_refused(log):
    log.create_topic("t")
    packed = gzip.compress(bytes(1 << 31), 1)
    data = Batch([(0, NOW, None, b"")], payload=packed[: 1 << 19], attributes=1).encode()
    assert append(log, data)["fault"] == "corrupt"


def test_times_within_bounds(log):
    log.create_topic("t", config={"message.timestamp.before.max.ms": "1000",
                                  "message.timestamp.after.max.ms": "10"})  # fmt: skip
    for at, index in ((NOW - 1001, 1), (NOW + 11, 1)):
        outcome = append(log, batch(b"a", b"b", b"c", at=[NOW, at, NOW]))
        assert outcome["fault"] == "invalid_timestamp"
        assert [i for i, _ in outcome["records"]] == [index]
    assert append(log, batch(b"a", b"b", b"c", at=[NOW + 10, NOW - 1000, -1]))["fault"] == "none"


def test_the_largest_time_is_that_of_the_records(log):
    log.create_topic("t")
    append(log, batch(b"a", b"b", at=[NOW, NOW - 5], max_timestamp=NOW + 77))
    (got,) = decode(stored(log))
    assert got["max_timestamp"] == NOW


def test_log_append_time(log, clock):
    log.create_topic("t", config={"message.timestamp.type": "LogAppendTime"})
    outcome = append(log, batch(b"a", b"b", at=[5, 2**62]))
    assert (outcome["fault"], outcome["append_time_ms"]) == ("none", NOW)
    (got,) = decode(stored(log))
    assert (got["attributes"], got["max_timestamp"]) == (8, NOW)
    clock.advance_ms(5)
    assert append(log, batch(b"c", at=1))["append_time_ms"] == NOW + 5
    times = log.read("t")["timestamp"].cast("int64").to_pylist()
    assert times == [NOW, NOW, NOW + 5]
    assert testing.find_timestamp(log._store, "t", 0, NOW + 1) == (2, NOW + 5)
    assert testing.max_timestamp(log._store, "t", 0) == (2, NOW + 5)


def test_keys_on_a_compacted_topic(log):
    log.create_topic("t", config={"cleanup.policy": "compact,delete"})
    outcome = append(log, batch(b"a", b"b", b"c", at=NOW, keys=[b"k", None, b""]))
    assert outcome["fault"] == "invalid_record"
    assert outcome["records"] == [(1, "a compacted topic takes no record without a key")]
    assert append(log, batch(b"a", b"b", at=NOW, keys=[b"k", b""]))["fault"] == "none"


def test_max_message_bytes(log):
    data = batch(b"a" * 100, at=NOW)
    log.create_topic("t", config={"max.message.bytes": str(len(data) - 1)})
    assert append(log, data)["fault"] == "too_large"
    log.alter_topic("t", {"max.message.bytes": len(data)})
    assert append(log, data)["fault"] == "none"


def test_the_broker_itself_may_write_what_clients_may_not(log):
    log.create_topic("t", config={"cleanup.policy": "compact", "max.message.bytes": "100"})
    data = marker(5, 0, True) + batch(b"x" * 200, at=5) + batch(b"y", at=2**62)
    outcome = append(log, data, coordinator=True)
    assert (outcome["fault"], outcome["next"]) == ("none", 3)
    assert append(log, data[:-1], coordinator=True)["fault"] == "corrupt"


def test_a_closed_partition_and_a_failed_disk(log, tmp_path):
    log.create_topic("t")
    append(log, GOOD)
    testing.set_fault_plan("fail", 1)
    outcome = append(log, GOOD)
    testing.set_fault_plan(None)
    assert (outcome["fault"], outcome["first"]) == ("storage", -1)
    assert "fault injected" in outcome["why"]
    assert append(log, GOOD)["fault"] == "storage"  # it could not be taken back
    with cnlog.open(tmp_path / "log", read_only=True) as reader:
        assert append(reader, GOOD)["fault"] == "closed"
