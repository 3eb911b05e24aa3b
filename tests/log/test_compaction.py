"""Compaction against a model: the last record of each key stays, at its offset, whatever fails."""

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native
from log_batches import Batch, batch, decode, decode_records, marker
from log_keys import COMPACT, HOUR, append, compact, files, put, records, roll

testing = native.testing


@pytest.fixture(autouse=True)
def no_faults():
    yield
    testing.set_fault_plan(None)


@pytest.fixture
def clock():
    return testing.ManualClock(HOUR)


@pytest.fixture
def log(tmp_path, clock):
    with cnlog.open(tmp_path / "log", fsync="none", clock=clock) as opened:
        yield opened


def test_the_last_record_of_a_key_stays_where_it_was(log, tmp_path):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    put(log, (b"a", b"1"), (b"b", b"1"), (b"a", b"2"))
    put(log, (b"c", b"1"))
    put(log, (b"b", b"2"), (b"a", b"3"))
    roll(log)
    put(log, (b"c", b"2"))
    before = records(log)
    assert compact(log)
    # The active segment is not looked at: c of offset 3 is the last of the closed ones.
    want = {3: (b"c", b"1"), 4: (b"b", b"2"), 5: (b"a", b"3"), 6: before[6], 7: (b"c", b"2")}
    assert records(log) == want
    assert log.start_offset("t") == 0
    assert log.end_offset("t") == 8
    for offset in range(8):
        first = min(o for o in want if o >= offset)
        assert log.read("t", offset=offset, max_bytes=1)["offset"][0].as_py() == first
        view = decode(testing.view(log._store, "t", 0, offset, 1)["bytes"])
        assert view[0]["base_offset"] + view[0]["last_offset_delta"] >= offset
        assert any(r[0] == first for r in view[0]["records"])
    log.close()
    for read_only in (True, False):
        with cnlog.open(tmp_path / "log", read_only=read_only) as again:
            assert records(again) == want
            assert again.recovery == []


def test_a_batch_keeps_its_offsets_and_sequence(log):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    sender = {"producer_id": 5, "producer_epoch": 1}
    put(log, (b"a", b"1"), (b"b", b"1"), (b"c", b"1"), base_sequence=7, **sender)
    put(log, (b"a", b"2"), (b"c", b"2"), base_sequence=10, **sender)
    roll(log)
    compact(log)
    first, second, _ = decode(testing.view(log._store, "t", 0, 0)["bytes"])
    assert first["records"] == [(1, HOUR, b"b", b"1")]
    names = ("base_offset", "last_offset_delta", "base_sequence", "producer_id", "producer_epoch")
    assert tuple(first[n] for n in names) == (0, 2, 7, 5, 1)
    assert len(second["records"]) == 2


def test_the_last_batch_of_a_producer_leaves_its_header(log, tmp_path):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    sender = {"producer_id": 5, "producer_epoch": 1}
    for sequence in range(3):
        put(log, (b"a", b"1"), base_sequence=sequence, **sender)
    put(log, (b"a", b"2"))
    roll(log)
    compact(log)
    got = decode(testing.view(log._store, "t", 0, 0)["bytes"])
    assert [(b["base_offset"], b["count"]) for b in got] == [(2, 0), (3, 1), (4, 1)]
    assert got[0]["base_sequence"] == 2
    log.close()
    for index in (tmp_path / "log").rglob("*.index"):
        index.unlink()
    with cnlog.open(tmp_path / "log") as again:
        again_sent = testing.append_foreign(
            again._store, "t", 0, batch(b"1", keys=[b"a"], at=HOUR, base_sequence=2, **sender)
        )
        assert (again_sent["duplicate"], again_sent["first"]) == (True, 2)
        # Once the producer goes on, or is forgotten, the header goes.
        put(again, (b"z", b"1"), base_sequence=3, **sender)
        roll(again)
        compact(again)
        got = decode(testing.view(again._store, "t", 0, 0)["bytes"])
        assert got[0]["base_offset"] == 3


def test_tombstones_stay_for_a_while(log, clock):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    put(log, (b"a", b"1"), (b"b", b"1"), at=500)
    put(log, (b"a", None), (b"b", b"2"), at=700)
    roll(log)
    compact(log)
    assert records(log)[2] == (b"a", None)
    got = decode(testing.view(log._store, "t", 0, 0)["bytes"])[0]
    # KIP-534: the horizon is in the batch, and the times of the records are as they were.
    assert got["attributes"] == 64
    assert got["base_timestamp"] == 2 * HOUR
    assert got["records"] == [(2, 700, b"a", None), (3, 700, b"b", b"2")]
    assert log.read("t")["timestamp"].cast("int64").to_pylist()[:2] == [700, 700]
    clock.advance_ms(HOUR - 1)
    compact(log)
    assert records(log)[2] == (b"a", None)
    clock.advance_ms(1)
    compact(log)
    assert 2 not in records(log)
    assert records(log)[3] == (b"b", b"2")


@pytest.mark.parametrize("codec", testing.codecs()[1:])
def test_compressed_batches(log, codec):
    log.create_topic("t", segment_bytes=4000, config=COMPACT | {"compression.type": codec})
    for i in range(10):
        put(log, (b"a", b"%d" % i), (b"%d" % i, b"v" * 50), (b"b", None), at=i)
    log.alter_topic("t", {"compression.type": "uncompressed"})
    roll(log)
    compact(log)
    got = records(log)
    assert {k: o for o, (k, _) in got.items()} == {
        **{b"%d" % i: 3 * i + 1 for i in range(10)}, b"a": 27, b"b": 29, b"filler": 30,
    }  # fmt: skip
    times = log.read("t", max_bytes=1 << 30)["timestamp"].cast("int64").to_pylist()
    assert times[:-1] == [*list(range(10)), 9, 9]


def test_aborted_records_go_and_markers_follow(log, clock, tmp_path):
    log.create_topic("t", segment_bytes=3000, config=COMPACT)
    put(log, (b"a", b"good"))
    txn = {"producer_id": 5, "producer_epoch": 0, "attributes": 16}
    put(log, (b"a", b"bad"), (b"b", b"bad"), base_sequence=0, **txn)
    assert testing.append_marker(log._store, "t", 0, 5, 0, False)["first"] == 3
    put(log, (b"c", b"good"), base_sequence=2, **txn)
    assert testing.append_marker(log._store, "t", 0, 5, 0, True)["first"] == 5
    roll(log)

    def bases():
        return [b["base_offset"] for b in decode(testing.view(log._store, "t", 0, 0)["bytes"])]

    compact(log)
    assert bases() == [0, 3, 4, 5, 6]
    view = testing.view(log._store, "t", 0, 0, 1 << 20, True)
    assert view["aborted"] == [(5, 1)]
    assert {r[:2] for r in records(log).values()} >= {(b"a", b"good"), (b"c", b"good")}
    clock.advance_ms(HOUR)
    compact(log)
    assert bases() == [0, 4, 5, 6]  # the abort marker went, the commit marker has its records
    assert testing.view(log._store, "t", 0, 0, 1 << 20, True)["aborted"] == []
    log.close()
    for index in (tmp_path / "log").rglob("*.index"):
        index.unlink()
    with cnlog.open(tmp_path / "log", clock=clock) as again:
        view = testing.view(again._store, "t", 0, 0, 1 << 20, True)
        assert (view["last_stable"], view["aborted"]) == (7, [])


def test_an_open_transaction_holds_compaction_up(log):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    put(log, (b"a", b"1"))
    roll(log)
    txn = {"producer_id": 5, "producer_epoch": 0, "attributes": 16}
    put(log, (b"a", b"2"), base_sequence=0, **txn)
    roll(log)
    put(log, (b"x", b"1"))
    compact(log)
    assert 0 in records(log)
    testing.append_marker(log._store, "t", 0, 5, 0, True)
    compact(log)
    assert 0 not in records(log)


def test_young_records_are_safe(log, clock):
    log.create_topic("t", segment_bytes=2000, config=COMPACT | {"min.compaction.lag.ms": 1000})
    put(log, (b"a", b"1"), at=HOUR)
    put(log, (b"a", b"2"), at=HOUR + 500)
    roll(log)
    clock.set_ms(HOUR + 1499)
    assert not compact(log)
    assert 0 in records(log)
    clock.advance_ms(1)
    assert compact(log)
    assert 0 not in records(log)


def test_when_it_is_due(log, clock):
    log.create_topic("t", segment_bytes=2000, config=COMPACT | {"min.cleanable.dirty.ratio": 0.6})
    put(log, (b"a", b"1"))
    assert not compact(log, now=False)  # the active segment alone
    roll(log)
    put(log, (b"b", b"1"))
    assert compact(log, now=False)
    roll(log)
    put(log, (b"b", b"1"))
    assert not compact(log, now=False)  # half of it is new
    log.alter_topic("t", {"max.compaction.lag.ms": 5})
    assert not compact(log, now=False)
    clock.advance_ms(6)
    assert compact(log, now=False)
    assert not compact(log, now=False)


def test_small_segments_become_one(log, tmp_path):
    log.create_topic("t", segment_bytes=1024, config=COMPACT)
    for i in range(200):
        put(log, (b"k%d" % (i % 7), b"v%d" % i))
    count = len([f for f in files(tmp_path) if f.endswith(".log")])
    log.alter_topic("t", {"segment.bytes": 100_000})
    compact(log)
    assert len([f for f in files(tmp_path) if f.endswith(".log")]) == 2 < count
    assert {v for _, v in records(log).values()} >= {b"v%d" % i for i in range(193, 200)}


def test_policies_can_change(log, clock, tmp_path):
    log.create_topic("t", segment_bytes=2000, config={"retention.ms": HOUR})
    put(log, (b"a", b"1"), (b"a", b"2"))
    roll(log)
    assert not compact(log)
    log.alter_topic("t", {"cleanup.policy": "compact"})
    assert compact(log)
    clock.set_ms(10 * HOUR)
    assert log.enforce_retention() == 0
    log.alter_topic("t", {"cleanup.policy": "compact,delete"})
    assert log.enforce_retention() > 0
    assert log.start_offset("t") == log.end_offset("t")
    log.alter_topic("t", {"cleanup.policy": "delete"})
    log.close()
    with cnlog.open(tmp_path / "log", clock=clock) as again:
        put(again, (b"a", b"3"), at=10 * HOUR)
        assert [v for _, v in records(again).values()] == [b"3"]


def test_deleted_records_need_no_compaction(log):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    put(log, (b"a", b"1"))
    put(log, (b"b", b"1"))
    roll(log)
    log.delete_records("t", 1)
    compact(log)
    assert list(records(log)) == [1, 2]
    assert testing.view(log._store, "t", 0, 1)["start"] == 1


def test_damage_is_named_and_nothing_changed(log, tmp_path):
    log.create_topic("t", segment_bytes=2000, config=COMPACT)
    put(log, (b"a", b"1"))
    put(log, (b"a", b"2"))
    roll(log)
    put(log, (b"b", b"2"))
    file = tmp_path / "log" / "topics" / "t" / "0" / "00000000000000000000.log"
    data = bytearray(file.read_bytes())
    data[75] ^= 1  # the offset of the second batch, which its checksum does not cover
    file.write_bytes(data)
    with pytest.raises(errors.CorruptionError, match=r'compact: ".*0\.log" is corrupt at byte 70'):
        compact(log)
    assert file.read_bytes() == data
    assert not [f for f in files(tmp_path) if "cleaned" in f]
    put(log, (b"a", b"3"))


def test_a_reader_beside_follows(log, tmp_path):
    log.create_topic("t", segment_bytes=1500, config=COMPACT)
    with cnlog.open(tmp_path / "log", read_only=True) as reader:
        for round_ in range(5):
            for i in range(30):
                put(log, (b"k%d" % (i % 5), b"%d" % round_))
            assert records(reader) == records(log)
            compact(log)
            assert records(reader) == records(log)


def test_views_that_are_held_stay_as_they_were(log):
    log.create_topic("t", segment_bytes=1500, config=COMPACT)
    for i in range(60):
        put(log, (b"k%d" % (i % 5), b"%d" % i))
    held = testing.hold_view(log._store, "t", 0, 0)
    before = held.read()
    compact(log)
    log.delete_topic("t")
    assert held.read() == before
    assert len(decode(before)) == 60


def test_a_missing_compacted_segment_is_damage(log, tmp_path):
    log.create_topic("t", segment_bytes=1200, config=COMPACT)
    for i in range(100):
        put(log, (b"k%d" % i, b"v" * 50))
    compact(log)
    log.close()
    names = [f for f in files(tmp_path) if f.endswith(".log")]
    assert len(names) > 4
    directory = tmp_path / "log" / "topics" / "t" / "0"
    for name in names[1:-1]:
        data = (directory / name).read_bytes()
        (directory / name).unlink()
        with pytest.raises(errors.CorruptionError, match="begins at offset"):
            cnlog.open(tmp_path / "log")
        (directory / name).write_bytes(data)
    cnlog.open(tmp_path / "log").close()


def test_produced_tables_are_compacted(log):
    log.create_topic("t", segment_bytes=1500, config=COMPACT)
    for i in range(50):
        log.produce("t", pa.table({"k": ["a", "b"], "value": [f"{i}", "x" * 50]}), key="k")
    compact(log)
    got = log.read("t", max_bytes=1 << 20)
    assert got.num_rows < 30
    assert got["value"].to_pylist()[-2:] == [b"49", b"x" * 50]


def test_a_marker_by_hand_is_one_of_the_log(log):
    """The encoder of these tests and the log agree on what a marker is."""
    log.create_topic("t", config=COMPACT)
    txn = {"producer_id": 5, "producer_epoch": 0, "attributes": 16}
    put(log, (b"a", b"1"), base_sequence=0, **txn)
    append(log, marker(5, 0, True), coordinator=True)
    assert testing.view(log._store, "t", 0, 0)["last_stable"] == 2
    empty = Batch([], last_offset_delta=0, payload=b"").encode()
    assert decode_records(decode(empty)[0], b"") == []
