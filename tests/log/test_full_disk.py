"""A disk that is full, and then has room again: nothing is lost, and the log goes on."""

import contextlib

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native
from log_batches import batch
from log_keys import COMPACT, HOUR, Model, compact

testing = native.testing


@pytest.fixture(autouse=True)
def no_faults():
    yield
    testing.set_fault_plan(None)


def append(log, number: int) -> dict:
    data = batch(b"%d" % number * 100, at=HOUR, producer_id=5, producer_epoch=0,
                 base_sequence=number)  # fmt: skip
    return testing.append_foreign(log._store, "t", 0, data)


@pytest.mark.parametrize("fsync", ["none", "always"])
def test_appends_go_on_when_there_is_room(tmp_path, fsync):
    """Whichever operation is the first without room, those that make a segment too."""
    met = set()
    for at in range(1, 40):
        path = tmp_path / f"{at}"
        with cnlog.open(path, fsync=fsync, clock=testing.ManualClock(HOUR)) as log:
            log.create_topic("t", segment_bytes=1024)
            testing.set_fault_plan("full", at)
            done = 0
            while (outcome := append(log, done))["fault"] == "none":
                done += 1
            assert outcome["fault"] == "storage"
            met.add(outcome["why"].split(":")[0])
            for _ in range(3):
                assert append(log, done)["fault"] == "storage"
            assert testing.wait_for(log._store, "t", 0, done)
            assert log.end_offset("t") == done
            testing.set_fault_plan(None)
            for number in range(done, done + 10):  # the sequence says that none is missing
                outcome = append(log, number)
                assert (outcome["fault"], outcome["first"]) == ("none", number)
            assert testing.wait_for(log._store, "t", 0, done + 10)
            table = log.read("t", max_bytes=1 << 20)
            assert table["offset"].to_pylist() == list(range(done + 10))
        with cnlog.open(path) as log:
            assert log.end_offset("t") == done + 10
            assert log.recovery == []
    assert met == {"write", "open"}


def test_tables_too(tmp_path):
    for at in range(1, 20):
        with cnlog.open(tmp_path / f"{at}", fsync="none") as log:
            log.create_topic("t", partitions=2, segment_bytes=1024)
            table = pa.table({"k": list(range(30)), "value": ["v" * 90] * 30})
            testing.set_fault_plan("full", at)
            with contextlib.suppress(errors.IoError):
                log.produce("t", table, key="k")
            before = [log.end_offset("t", p) for p in range(2)]
            assert sum(before) in (0, 30)
            testing.set_fault_plan(None)
            log.produce("t", table, key="k")
            assert sum(log.end_offset("t", p) for p in range(2)) == sum(before) + 30


def test_compaction_waits_for_room(tmp_path):
    at, failed = 0, True
    while failed:
        at += 1
        clock = testing.ManualClock(HOUR)
        model = Model(2)
        with cnlog.open(tmp_path / f"{at}", fsync="none", clock=clock) as log:
            log.create_topic("t", segment_bytes=1200, config=COMPACT)
            model.write(log, 25)
            testing.set_fault_plan("full", at)
            failed = False
            try:
                compact(log)
            except errors.IoError:
                failed = True
            model.check(log)
            testing.keep_house(log._store)
            troubles = testing.troubles(log._store)
            testing.set_fault_plan(None)
            assert bool(troubles) == failed
            model.write(log, 3)
            assert compact(log)
            testing.keep_house(log._store)
            model.check(log)
            assert testing.troubles(log._store) == []
        with cnlog.open(tmp_path / f"{at}", clock=clock) as log:
            model.check(log)
            model.write(log, 3)
    assert at > 10


def test_records_are_deleted_when_there_is_room(tmp_path):
    with cnlog.open(tmp_path, fsync="none", clock=testing.ManualClock(HOUR)) as log:
        log.create_topic("t", segment_bytes=1024)
        for i in range(10):
            append(log, i)
        testing.set_fault_plan("full", 1)
        with pytest.raises(errors.IoError):
            log.delete_records("t", 5)
        assert log.start_offset("t") == 0
        testing.set_fault_plan(None)
        assert log.delete_records("t", 5) == 5
        assert append(log, 10)["fault"] == "none"
