"""Transactions of a partition: the last stable offset, markers, what was aborted."""

import random

import cnengine.log as cnlog
import pytest
from cnengine._core import log as native
from log_batches import batch, decode, marker

testing = native.testing


@pytest.fixture
def clock():
    return testing.ManualClock(1000)


@pytest.fixture
def log(tmp_path, clock):
    with cnlog.open(tmp_path / "log", fsync="none", clock=clock) as opened:
        opened.create_topic("t", segment_bytes=1500)
        yield opened


class Sender:
    """A transactional producer with its sequence."""

    def __init__(self, producer: int, epoch: int = 0):
        self.producer, self.epoch, self.sequence = producer, epoch, 0

    def data(self, count: int = 1, transactional: bool = True) -> bytes:
        return batch(*[b"v" * 20] * count, producer_id=self.producer, at=5,
                     producer_epoch=self.epoch, base_sequence=self.sequence,
                     attributes=16 if transactional else 0)  # fmt: skip

    def send(self, log, count: int = 1, transactional: bool = True, **how) -> dict:
        data = self.data(count, transactional)
        outcome = testing.append_foreign(log._store, "t", 0, data, **how)
        if outcome["fault"] == "none" and not outcome["duplicate"]:
            self.sequence += count
        return outcome

    def end(self, log, commit: bool, coordinator_epoch: int = 0) -> dict:
        return testing.append_marker(log._store, "t", 0, self.producer, self.epoch, commit,
                                     coordinator_epoch)  # fmt: skip


def view(log, offset: int = 0, committed: bool = True, size: int = 1 << 20) -> dict:
    return testing.view(log._store, "t", 0, offset, size, committed)


def committed_offsets(log, offset: int = 0, size: int = 1 << 20) -> list[int]:
    """What a client's read_committed consumer shows, after KIP-98."""
    out = []
    end = view(log)["last_stable"]
    while offset < end:
        got = view(log, offset, size=size)
        aborted = sorted(got["aborted"], key=lambda each: each[1])
        bad: set[int] = set()
        for each in decode(got["bytes"]):
            last = each["base_offset"] + each["last_offset_delta"]
            while aborted and aborted[0][1] <= last:
                bad.add(aborted.pop(0)[0])
            if each["attributes"] & 32:
                if each["records"][0][2][3] == 0:
                    bad.discard(each["producer_id"])
            elif not (each["attributes"] & 16 and each["producer_id"] in bad):
                out += [r[0] for r in each["records"] if r[0] >= offset]
            next_offset = last + 1
        offset = next_offset
    return out


def test_the_last_stable_offset_waits_for_the_oldest_transaction(log):
    a, b = Sender(1), Sender(2)
    assert a.send(log)["first"] == 0
    assert b.send(log)["first"] == 1
    plain = testing.append_foreign(log._store, "t", 0, batch(b"plain", at=5))
    assert plain["first"] == 2
    got = view(log)
    assert (got["last_stable"], got["high_watermark"], got["bytes"]) == (0, 3, b"")
    assert len(decode(view(log, committed=False)["bytes"])) == 3
    assert b.end(log, commit=True)["first"] == 3
    assert view(log)["last_stable"] == 0
    assert a.end(log, commit=False)["first"] == 4
    got = view(log)
    assert (got["last_stable"], got["aborted"]) == (5, [(1, 0)])
    assert committed_offsets(log) == [1, 2]


def test_a_marker_has_the_bytes_of_the_protocol(log, clock):
    clock.set_ms(77)
    a = Sender(9, epoch=3)
    a.send(log)
    a.end(log, commit=True, coordinator_epoch=5)
    a.send(log)
    a.end(log, commit=False, coordinator_epoch=6)
    got = decode(view(log)["bytes"])
    for i, commit, coordinator in ((1, True, 5), (3, False, 6)):
        want = marker(9, 3, commit, coordinator, at=77)
        assert got[i]["bytes"][8:12] + got[i]["bytes"][16:] == want[8:12] + want[16:]


def test_a_batch_outside_of_its_transaction_is_refused(log):
    a = Sender(1)
    a.send(log)
    assert a.send(log, transactional=False)["fault"] == "invalid_txn_state"
    a.end(log, commit=True)
    assert a.send(log, transactional=False)["fault"] == "none"


def test_markers_are_fenced(log):
    a = Sender(1, epoch=4)
    a.send(log)
    old = Sender(1, epoch=3)
    assert old.end(log, commit=True)["fault"] == "invalid_producer_epoch"
    assert a.end(log, commit=True, coordinator_epoch=8)["fault"] == "none"
    assert a.end(log, commit=True, coordinator_epoch=7)["fault"] == "coordinator_fenced"
    # The coordinator repeats itself after a failure.
    assert a.end(log, commit=True, coordinator_epoch=9)["fault"] == "none"
    # With version 2 of transactions the marker has the next epoch, which fences late batches.
    a.send(log)
    late = a.data()
    a.epoch = 5
    assert a.end(log, commit=False, coordinator_epoch=9)["fault"] == "none"
    assert testing.append_foreign(log._store, "t", 0, late)["fault"] == "invalid_producer_epoch"
    assert testing.producers(log._store, "t", 0) == [(1, 5, -1, 1000, 9, -1)]
    assert view(log)["last_stable"] == log.end_offset("t")


def test_a_transaction_is_verified_before_its_first_batch(log):
    a = Sender(1)
    verify = {"verify": True}
    assert a.send(log, **verify)["fault"] == "invalid_txn_state"
    number = testing.start_verification(log._store, "t", 0, 1, 0, 0)
    assert number > 0
    assert testing.start_verification(log._store, "t", 0, 1, 0, 0) == number
    # A marker that comes in between ends what was verified.
    a.end(log, commit=False)
    assert a.send(log, verification=number, **verify)["fault"] == "invalid_txn_state"
    number = testing.start_verification(log._store, "t", 0, 1, 0, 0)
    a.sequence = 1  # overtakes the batch with sequence 0
    assert a.send(log, verification=number, **verify)["fault"] == "out_of_order_sequence"
    a.sequence = 0
    assert a.send(log, verification=number, **verify)["fault"] == "none"
    assert testing.start_verification(log._store, "t", 0, 1, 0, 1) == 0
    assert a.send(log, **verify)["fault"] == "none"
    a.end(log, commit=True)
    assert a.send(log, verification=number, **verify)["fault"] == "invalid_txn_state"


@pytest.mark.parametrize("indexes", ["kept", "lost"])
@pytest.mark.parametrize("seed", range(4))
def test_any_history_against_a_model(tmp_path, seed, indexes):
    """Readers of committed records see them all and nothing else, also after restarts."""
    numbers = random.Random(seed)
    path = tmp_path / "log"
    clock = testing.ManualClock(1000)
    senders = {i: Sender(i) for i in range(4)}
    open_: dict[int, list[int]] = {}  # producer to the offsets of its transaction
    began: dict[int, int] = {}
    good: set[int] = set()
    for _ in range(6):
        with cnlog.open(path, fsync="none", clock=clock) as log:
            log.create_topic("t", segment_bytes=1500, exist_ok=True)
            for _ in range(60):
                sender = senders[numbers.randrange(4)]
                what = numbers.random()
                if what < 0.55:
                    outcome = sender.send(log, numbers.randrange(1, 4))
                    began.setdefault(sender.producer, outcome["first"])
                    open_.setdefault(sender.producer, []).extend(
                        range(outcome["first"], outcome["next"])
                    )
                elif what < 0.8 and sender.producer in open_:
                    commit = numbers.random() < 0.5
                    if numbers.random() < 0.5:
                        sender.epoch, sender.sequence = sender.epoch + 1, 0
                    assert sender.end(log, commit)["fault"] == "none"
                    offsets = open_.pop(sender.producer)
                    del began[sender.producer]
                    good |= set(offsets) if commit else set()
                else:
                    outcome = testing.append_foreign(log._store, "t", 0, batch(b"p", at=5))
                    good.add(outcome["first"])
                stable = min(began.values(), default=log.end_offset("t"))
                assert view(log)["last_stable"] == stable
            for size in (1, 500, 1 << 20):
                assert committed_offsets(log, size=size) == sorted(o for o in good if o < stable)
            start = numbers.randrange(stable + 1)
            assert committed_offsets(log, start) == sorted(o for o in good if start <= o < stable)
        if indexes == "lost":
            for file in (path / "topics" / "t" / "0").glob("*.index"):
                if numbers.random() < 0.5:
                    file.unlink()


def test_a_reader_beside_the_writer_knows_them(log, tmp_path):
    a = Sender(1)
    a.send(log)
    with cnlog.open(tmp_path / "log", read_only=True) as reader:
        assert view(reader)["last_stable"] == 0
        for i in range(40):
            a.end(log, commit=i % 2 == 0)
            assert committed_offsets(reader) == committed_offsets(log)
            a.send(log)
            assert view(reader)["last_stable"] == view(log)["last_stable"]


def test_sync_and_stability(tmp_path):
    """With fsync=always a transaction ends for readers when its marker is on the disk."""
    with cnlog.open(tmp_path, fsync="always") as log:
        log.create_topic("t")
        a = Sender(1)
        outcome = a.send(log)
        assert testing.wait_for(log._store, "t", 0, outcome["next"])
        assert view(log)["high_watermark"] == 1
        outcome = a.end(log, commit=False)
        assert testing.wait_for(log._store, "t", 0, outcome["next"])
        got = view(log)
        assert (got["high_watermark"], got["last_stable"]) == (2, 2)
        assert got["aborted"] == [(1, 0)]
