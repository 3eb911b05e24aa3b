"""Retention by age and by size, with a clock that stands still."""

import threading

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native

HOUR = 3_600_000


@pytest.fixture
def clock():
    return native.testing.ManualClock(0)


@pytest.fixture
def log(tmp_path, clock):
    with cnlog.open(tmp_path / "log", fsync="none", clock=clock) as opened:
        yield opened


def produce(log, size: int = 900, at: int | None = None) -> None:
    table = {"value": ["v" * size]}
    if at is not None:
        table["at"] = [at]
    log.produce("t", pa.table(table), timestamp=None if at is None else "at")


def test_without_limits_all_stays(log, clock):
    log.create_topic("t", segment_bytes=1024)
    for _ in range(5):
        produce(log)
    clock.set_ms(10**15)
    assert log.enforce_retention() == 0
    assert log.start_offset("t") == 0


def test_by_age(log, clock):
    log.create_topic("t", segment_bytes=1024, retention_ms=HOUR)
    for hour in range(4):
        clock.set_ms(hour * HOUR)
        produce(log)
        assert log.end_offset("t") == hour + 1
    clock.set_ms(3 * HOUR)
    log.enforce_retention()
    assert log.start_offset("t") == 2  # hour 2 is exactly one hour old: it stays
    clock.advance_ms(1)
    assert log.enforce_retention() == 1
    assert log.start_offset("t") == 3
    with pytest.raises(errors.ArgumentError, match="out of range, expected 3 to 4"):
        log.read("t", offset=2)
    assert log.read("t", offset=3)["offset"].to_pylist() == [3]


def test_age_is_that_of_the_youngest_record(log, clock):
    log.create_topic("t", segment_bytes=1024, retention_ms=HOUR)
    produce(log, at=10 * HOUR)
    produce(log, at=0)
    produce(log, at=0)
    clock.set_ms(10 * HOUR)
    assert log.enforce_retention() == 0  # the oldest segment is young, so all behind it stay
    assert log.start_offset("t") == 0


def test_the_last_segment_goes_by_age_but_not_its_offset(log, clock, tmp_path):
    log.create_topic("t", retention_ms=HOUR)
    for _ in range(3):
        produce(log)
    clock.set_ms(2 * HOUR)
    assert log.enforce_retention() == 1
    assert log.enforce_retention() == 0
    assert (log.start_offset("t"), log.end_offset("t")) == (3, 3)
    assert log.read("t", offset=3).num_rows == 0
    log.close()
    with cnlog.open(tmp_path / "log", clock=clock) as again:
        assert (again.start_offset("t"), again.end_offset("t")) == (3, 3)
        produce(again)
        assert again.read("t", offset=3)["offset"].to_pylist() == [3]


def test_by_size(log, tmp_path):
    log.create_topic("t", segment_bytes=1024, retention_bytes=3000)
    for _ in range(10):
        produce(log)
    log.enforce_retention()
    files = sorted((tmp_path / "log" / "topics" / "t" / "0").glob("*.log"))
    sizes = [f.stat().st_size for f in files]
    assert sum(sizes) >= 3000
    assert sum(sizes[1:]) < 3000
    assert log.start_offset("t") == int(files[0].stem) == 6
    assert log.end_offset("t") == 10


def test_size_never_takes_the_last_segment(log):
    log.create_topic("t", segment_bytes=1024, retention_bytes=0)
    for _ in range(3):
        produce(log)
    log.enforce_retention()
    assert (log.start_offset("t"), log.end_offset("t")) == (2, 3)


def test_closing_a_segment_applies_the_limits(log):
    log.create_topic("t", segment_bytes=1024, retention_bytes=2000)
    for _ in range(10):
        produce(log)
    assert log.start_offset("t") >= 6


def test_a_failure_of_retention_is_no_failure_of_the_append(tmp_path, clock):
    """Whichever operation fails: rows are acknowledged when produce returns, else they are not."""
    retried = 0
    for at in range(1, 40):
        log = cnlog.open(tmp_path / f"{at}", fsync="none", clock=clock)
        log.create_topic("t", segment_bytes=1024, retention_bytes=1000)
        for _ in range(3):
            produce(log)
        native.testing.set_fault_plan("fail", at)
        acknowledged = 3
        try:
            for _ in range(3):
                produce(log)
                acknowledged += 1
        except errors.IoError:
            pass
        finally:
            native.testing.set_fault_plan(None)
        assert log.end_offset("t") == acknowledged
        start = log.start_offset("t")
        got = log.read("t", offset=start, max_bytes=1 << 30)
        assert got["offset"].to_pylist() == list(range(start, acknowledged))
        if acknowledged == 6 and start < 4:
            retried += 1
            produce(log)
            assert log.start_offset("t") == 5
        log.close()
        with cnlog.open(tmp_path / f"{at}", clock=clock) as again:
            assert again.end_offset("t") >= acknowledged
    assert retried > 0


@pytest.mark.parametrize("at", range(1, 12))
def test_a_failure_while_removing_leaves_no_hole(tmp_path, clock, at):
    log = cnlog.open(tmp_path / "log", fsync="none", clock=clock)
    log.create_topic("t", segment_bytes=1024, retention_ms=HOUR)
    for _ in range(5):
        produce(log)
    clock.set_ms(HOUR * 5)
    native.testing.set_fault_plan("fail", at)
    try:
        with pytest.raises(errors.IoError):
            log.enforce_retention()
    finally:
        native.testing.set_fault_plan(None)
    log.close()
    with cnlog.open(tmp_path / "log", clock=clock) as again:
        start, end = again.start_offset("t"), again.end_offset("t")
        assert 0 <= start <= end == 5
        if start < end:
            assert again.read("t", offset=start)["offset"][0].as_py() == start
        produce(again)
        assert again.end_offset("t") == 6


def test_a_reader_may_open_while_retention_removes_files(tmp_path):
    """Files go between the moment when they are listed and that when they are opened."""
    stop = threading.Event()
    row = pa.table({"value": ["x" * 900]})
    with cnlog.open(tmp_path, fsync="none") as writer:
        writer.create_topic("t", segment_bytes=1024, retention_bytes=20_000)
        writer.produce("t", row)

        def work():
            while not stop.is_set():
                writer.produce("t", row)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            beside = cnlog.open(tmp_path, read_only=True)
            for _ in range(150):
                with cnlog.open(tmp_path, read_only=True) as reader:
                    start, end = reader.start_offset("t"), reader.end_offset("t")
                    assert 0 <= start < end
                assert beside.end_offset("t") >= end
        finally:
            stop.set()
            thread.join()
