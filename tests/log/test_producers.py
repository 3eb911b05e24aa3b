"""Producers: nothing twice, nothing out of order, fenced by epochs, known again after a restart."""

import random

import cnengine.log as cnlog
import pytest
from cnengine._core import log as native
from log_batches import batch

testing = native.testing
DAY = 86_400_000
LAST = 2**31 - 1


@pytest.fixture
def clock():
    return testing.ManualClock(1000)


@pytest.fixture
def log(tmp_path, clock):
    with cnlog.open(tmp_path / "log", fsync="none", clock=clock) as opened:
        opened.create_topic("t", segment_bytes=2000)
        yield opened


def send(log, sequence: int, count: int = 1, producer: int = 7, epoch: int = 0, **fields):
    data = batch(*[b"v" * 30] * count, producer_id=producer, producer_epoch=epoch,
                 base_sequence=sequence, at=5, **fields)  # fmt: skip
    return testing.append_foreign(log._store, "t", 0, data)


def fault(*args, **fields) -> str:
    return send(*args, **fields)["fault"]


def offsets(outcome: dict) -> tuple:
    return outcome["fault"], outcome["first"], outcome["next"], outcome["duplicate"]


def test_the_last_five_batches_are_known(log):
    sent = [(0, 1), (1, 3), (4, 2), (6, 1), (7, 5), (12, 1)]
    at = []
    for sequence, count in sent:
        outcome = send(log, sequence, count)
        at.append(outcome["first"])
        assert offsets(outcome) == ("none", sequence, sequence + count, False)
    for (sequence, count), first in list(zip(sent, at, strict=True))[1:]:
        assert offsets(send(log, sequence, count)) == ("none", first, first + count, True)
    outcome = send(log, 0)
    assert outcome["fault"] == "duplicate_sequence"
    assert "producer 7 epoch 0" in outcome["why"]
    assert fault(log, 1, 2) == "out_of_order_sequence"  # another cut of known records
    assert fault(log, 12, 2) == "out_of_order_sequence"
    assert fault(log, 14) == "out_of_order_sequence"
    assert fault(log, 5) == "out_of_order_sequence"
    assert log.end_offset("t") == 13
    assert fault(log, 13) == "none"


def test_sequences_wrap_around(log):
    assert fault(log, LAST - 2, 2) == "none"
    outcome = send(log, LAST, 3)  # LAST, 0, 1
    assert offsets(outcome) == ("none", 2, 5, False)
    assert offsets(send(log, LAST, 3)) == ("none", 2, 5, True)
    assert fault(log, 0) == "out_of_order_sequence"
    assert fault(log, 2) == "none"
    for i in range(3, 8):
        assert fault(log, i) == "none"
    assert fault(log, LAST, 3) == "duplicate_sequence"
    assert fault(log, LAST - 2, 2) == "duplicate_sequence"


def test_an_unknown_producer_begins_anywhere(log):
    assert fault(log, 55) == "none"
    assert fault(log, 56) == "none"
    assert fault(log, 0, producer=8) == "none"
    assert fault(log, 54) == "out_of_order_sequence"


def test_epochs(log):
    for i in range(3):
        assert fault(log, i) == "none"
    assert fault(log, 3, epoch=1) == "out_of_order_sequence"  # a new epoch begins with 0
    assert fault(log, 0, epoch=1) == "none"
    outcome = send(log, 3)
    assert outcome["fault"] == "invalid_producer_epoch"
    assert "has epoch 1, a batch came of epoch 0" in outcome["why"]
    assert fault(log, 2) == "invalid_producer_epoch"  # a duplicate too
    assert offsets(send(log, 0, epoch=1)) == ("none", 3, 4, True)
    assert fault(log, 1, epoch=1) == "none"


def test_a_failed_append_does_not_count(log, tmp_path):
    assert fault(log, 0) == "none"
    testing.set_fault_plan("fail", 1)
    assert fault(log, 1) == "storage"
    testing.set_fault_plan(None)
    assert testing.producers(log._store, "t", 0) == [(7, 0, 0, 5, -1, -1)]
    log.close()
    with cnlog.open(tmp_path / "log") as again:
        assert fault(again, 1) == "none"


def test_producers_expire_by_the_clock(log, clock):
    clock.set_ms(DAY)
    assert fault(log, 0) == "none"
    assert fault(log, 0, producer=8) == "none"
    clock.advance_ms(DAY)
    assert fault(log, 1, producer=8) == "none"
    testing.keep_house(log._store)
    assert len(testing.producers(log._store, "t", 0)) == 2
    clock.advance_ms(1)
    testing.keep_house(log._store)
    assert testing.producers(log._store, "t", 0) == [(8, 0, 1, 5, -1, -1)]
    assert fault(log, 55) == "none"


@pytest.mark.parametrize("indexes", ["kept", "lost", "last lost"])
def test_they_are_known_after_a_restart(tmp_path, indexes):
    numbers = random.Random(5)
    clock = testing.ManualClock(1000)
    path = tmp_path / "log"
    sent: dict[int, list] = {}
    known = None
    for _ in range(12):
        with cnlog.open(path, fsync="none", clock=clock) as log:
            log.create_topic("t", segment_bytes=2000, exist_ok=True)
            if known is not None:
                got = testing.producers(log._store, "t", 0)
                assert got == known
            for producer, batches in sent.items():
                for sequence, count, first in batches[-5:]:
                    outcome = send(log, sequence, count, producer)
                    assert offsets(outcome) == ("none", first, first + count, True)
                if len(batches) > 5:
                    sequence, count, _ = batches[-6]
                    assert fault(log, sequence, count, producer) == "duplicate_sequence"
            for _ in range(numbers.randrange(15)):
                producer, count = numbers.randrange(4), numbers.randrange(1, 4)
                batches = sent.setdefault(producer, [])
                sequence = batches[-1][0] + batches[-1][1] if batches else 0
                outcome = send(log, sequence, count, producer)
                assert outcome["fault"] == "none"
                batches.append((sequence, count, outcome["first"]))
            known = testing.producers(log._store, "t", 0)
        files = sorted((path / "topics" / "t" / "0").glob("*.index"))
        if indexes == "last lost":
            files = files[-1:]
        if indexes != "kept":
            for file in files:
                file.unlink()


def test_retention_does_not_forget_them(log, tmp_path):
    for i in range(200):
        assert fault(log, i) == "none"
    log.delete_records("t", 190)
    log.enforce_retention()
    assert log.start_offset("t") == 190
    log.close()
    with cnlog.open(tmp_path / "log") as again:
        assert offsets(send(again, 199)) == ("none", 199, 200, True)
        assert fault(again, 201) == "out_of_order_sequence"
        assert fault(again, 200) == "none"
