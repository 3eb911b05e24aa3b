"""Crashes and damage: what was acknowledged is there, nothing is half there, damage is named."""

import os
import random
import signal
import subprocess
import sys
import textwrap

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native

testing = native.testing
SEGMENT = 2000  # small, so that segments are closed all the time


@pytest.fixture(autouse=True)
def no_faults():
    yield
    testing.set_fault_plan(None)


def row(i: int) -> str:
    return f"record {i} " + "x" * (i * 37 % 200)


def produce(log, start: int, count: int) -> None:
    table = pa.table({"value": [row(i) for i in range(start, start + count)]})
    log.produce("t", table)


def values(log) -> list[str]:
    got = log.read("t", max_bytes=1 << 30)
    assert got["offset"].to_pylist() == list(range(got.num_rows))
    assert log.end_offset("t") == got.num_rows
    return [v.decode() for v in got["value"].to_pylist()]


def check(path, acknowledged: int, attempted: int) -> int:
    """What is there are the acknowledged rows, then perhaps some of the attempted ones."""
    with cnlog.open(path) as log:
        if "t" not in log.topics():
            assert acknowledged == 0
            return 0
        got = values(log)
        assert acknowledged <= len(got) <= attempted
        assert got == [row(i) for i in range(len(got))]
        produce(log, len(got), 3)
        assert values(log) == [row(i) for i in range(len(got) + 3)]
        return len(got)


def work(path, fsync: str, done: list[int]) -> None:
    """Writes rows 0 to 59, five at a time, over several segments; notes what was acknowledged."""
    with cnlog.open(path, fsync=fsync, fsync_interval_ms=3_600_000) as log:
        log.create_topic("t", segment_bytes=SEGMENT)
        for start in range(0, 60, 5):
            produce(log, start, 5)
            done[0] = start + 5
            if start == 25:
                log.flush()


@pytest.mark.parametrize("fsync", ["always", "interval", "none"])
@pytest.mark.parametrize("action", ["fail", "tear"])
def test_a_failure_at_every_operation(tmp_path, action, fsync):
    at = 0
    while True:
        at += 1
        path, done = tmp_path / str(at), [0]
        testing.set_fault_plan(action, at)
        try:
            work(path, fsync, done)
            failed = False
        except errors.IoError:
            failed = True
        testing.set_fault_plan(None)
        check(path, done[0], min(done[0] + 5, 60))
        if not failed:
            break
    assert at > 40


@pytest.mark.parametrize("fsync", ["always", "none"])
@pytest.mark.parametrize("action", ["fail", "tear"])
def test_one_failed_append_takes_nothing_with_it(tmp_path, action, fsync):
    with cnlog.open(tmp_path, fsync=fsync) as log:
        log.create_topic("t")
        produce(log, 0, 5)
        testing.set_fault_plan(action, 1)
        with pytest.raises(errors.IoError, match="fault injected"):
            produce(log, 5, 5)
        testing.set_fault_plan(None)
        assert values(log) == [row(i) for i in range(5)]
        # The truncate that takes the torn bytes back failed too, so the partition is done with.
        with pytest.raises(errors.IoError, match="takes no more records until it is opened again"):
            produce(log, 5, 5)
        assert values(log) == [row(i) for i in range(5)]
    assert check(tmp_path, 5, 5) == 5


def test_a_failed_sync_is_not_acknowledged_nor_tried_again(tmp_path):
    with cnlog.open(tmp_path, fsync="always") as log:
        log.create_topic("t")
        produce(log, 0, 5)
        testing.set_fault_plan("fail", 2)  # the write succeeds, its sync fails
        with pytest.raises(errors.IoError, match=r"sync: .*fault injected"):
            produce(log, 5, 5)
        testing.set_fault_plan(None)
        assert values(log) == [row(i) for i in range(5)]
        with pytest.raises(errors.IoError, match="takes no more records"):
            produce(log, 5, 5)
        with pytest.raises(errors.IoError, match="fault injected"):
            log.flush()
    check(tmp_path, 5, 10)


@pytest.mark.parametrize("action", ["fail", "tear"])
@pytest.mark.parametrize("fsync", ["always", "none"])
def test_a_failed_call_shows_no_row_in_any_partition(tmp_path, fsync, action):
    table = pa.table({"k": [f"k{i}" for i in range(50)], "value": ["v"] * 50})
    operations = 8 if fsync == "always" else 4
    for at in range(1, operations + 1):
        with cnlog.open(tmp_path / str(at), fsync=fsync) as log:
            log.create_topic("t", partitions=4)
            testing.set_fault_plan(action, at)
            with pytest.raises(errors.IoError):
                log.produce("t", table, key="k")
            testing.set_fault_plan(None)
            assert [log.end_offset("t", p) for p in range(4)] == [0] * 4
            assert sum(log.read("t", p).num_rows for p in range(4)) == 0


@pytest.mark.parametrize(("fsync", "operations"), [("always", 2), ("interval", 1), ("none", 1)])
def test_what_each_policy_does_for_a_call(tmp_path, fsync, operations):
    with cnlog.open(tmp_path, fsync=fsync, fsync_interval_ms=3_600_000) as log:
        log.create_topic("t")
        produce(log, 0, 1)
        before = testing.fault_operations()
        produce(log, 1, 5)
        assert testing.fault_operations() - before == operations  # a write, and a sync
        log.flush()
        assert testing.fault_operations() - before == 2  # all policies end with one sync
        log.flush()
        assert testing.fault_operations() - before == 2


@pytest.mark.parametrize("action", ["kill", "killtear"])
def test_kill_at_many_points(tmp_path, action):
    """A child is killed at the n-th operation; it prints what was acknowledged as it goes."""
    script = textwrap.dedent("""
        import os, sys
        import pyarrow as pa
        import cnengine.log as cnlog
        path, rows = sys.argv[1], int(sys.argv[2])
        def row(i): return f"record {i} " + "x" * (i * 37 % 200)
        log = cnlog.open(path, fsync="none")
        log.create_topic("t", segment_bytes=2000, exist_ok=True)
        for start in range(log.end_offset("t"), rows, 5):
            log.produce("t", pa.table({"value": [row(i) for i in range(start, start + 5)]}))
            os.write(1, b"%d\\n" % (start + 5))
        log.close()
    """)
    random_points = random.Random(7).sample(range(1, 60), 9)
    for at in random_points:
        path = tmp_path / str(at)
        env = dict(os.environ, CNENGINE_FAULT=f"{action}:{at}")
        child = subprocess.run(
            [sys.executable, "-c", script, str(path), "60"], env=env, capture_output=True
        )
        lines = child.stdout.split()
        done = int(lines[-1]) if lines else 0
        if child.returncode == 0:
            assert done == 60
        else:
            assert child.returncode == -signal.SIGKILL, child.stderr.decode()
        check(path, done, min(done + 5, 60))


def logs(path) -> list:
    return sorted((path / "topics" / "t" / "0").glob("*.log"))


def fill(path, segments: int = 1) -> None:
    with cnlog.open(path) as log:
        log.create_topic("t", segment_bytes=SEGMENT if segments > 1 else 1 << 20)
        for start in range(0, 60, 5):
            produce(log, start, 5)
    assert (len(logs(path)) > 1) == (segments > 1)


def batch_starts(data: bytes) -> list[int]:
    out, at = [], 0
    while at < len(data):
        out.append(at)
        at += 12 + int.from_bytes(data[at + 8 : at + 12], "big")
    return out


def drop_indexes(path) -> None:
    for file in (path / "topics" / "t" / "0").glob("*.index"):
        file.unlink()


def test_a_torn_tail_is_cut_at_every_byte(tmp_path):
    fill(tmp_path)
    file = logs(tmp_path)[0]
    whole = file.read_bytes()
    starts = batch_starts(whole)
    for size in range(starts[-2] + 1, len(whole)):
        file.write_bytes(whole[:size])
        drop_indexes(tmp_path)  # they say that the tail was synced, so that it is not a torn one
        with cnlog.open(tmp_path) as log:
            kept = 55 if size >= starts[-1] else 50
            assert values(log) == [row(i) for i in range(kept)]
            cut = [note["bytes_cut"] for note in log.recovery]
            at = starts[-1] if size >= starts[-1] else starts[-2]
            assert sum(cut) == size - at
        assert file.stat().st_size == at


@pytest.mark.parametrize("at_border", [True, False])
def test_a_synced_end_that_is_missing_is_damage(tmp_path, at_border):
    fill(tmp_path)
    file = logs(tmp_path)[0]
    whole = file.read_bytes()
    border = batch_starts(whole)[4]
    size = border if at_border else border + 9
    file.write_bytes(whole[:size])
    for read_only in (False, True):
        with pytest.raises(errors.CorruptionError) as info:
            cnlog.open(tmp_path, read_only=read_only)
        assert f'"{file}" is corrupt at byte {size}: it ends there, but {len(whole)} bytes' in str(
            info.value
        )
    assert file.read_bytes() == whole[:size]
    with cnlog.open(tmp_path, repair=True) as log:
        (note,) = log.recovery
        assert (note["position"], note["bytes_cut"]) == (border, len(whole) - border)
        assert values(log) == [row(i) for i in range(20)]
    assert check(tmp_path, 20, 20) == 20


def test_a_tail_that_the_writer_had_not_synced_is_synced_by_the_opener(tmp_path):
    fill(tmp_path)
    drop_indexes(tmp_path)  # as kill -9 leaves it
    before = testing.fault_operations()
    cnlog.open(tmp_path, read_only=True).close()
    assert testing.fault_operations() == before
    testing.set_fault_plan("fail", 1)
    with pytest.raises(errors.IoError, match=r"sync: .*0\.log"):
        cnlog.open(tmp_path)
    testing.set_fault_plan(None)
    cnlog.open(tmp_path).close()
    testing.set_fault_plan("fail", 1)
    cnlog.open(tmp_path, fsync="none")  # nothing is left to sync
    testing.set_fault_plan(None)


@pytest.mark.parametrize("junk", [b"\0" * 4096, b"\x02" * 300, bytes(range(256)) * 8])
def test_junk_behind_the_end_is_cut(tmp_path, junk):
    fill(tmp_path)
    file = logs(tmp_path)[0]
    size = file.stat().st_size
    with file.open("ab") as out:
        out.write(junk)
    with cnlog.open(tmp_path) as log:
        assert values(log) == [row(i) for i in range(60)]
        assert log.recovery == [
            {"file": str(file), "position": size, "bytes_cut": len(junk),
             "what": log.recovery[0]["what"]}
        ]  # fmt: skip
    assert check(tmp_path, 60, 60) == 60


@pytest.mark.parametrize("segments", [1, 2])
def test_damage_in_the_middle_names_file_and_byte(tmp_path, segments):
    fill(tmp_path, segments)
    file = logs(tmp_path)[0]
    whole = bytearray(file.read_bytes())
    start = batch_starts(whole)[1]
    whole[start + 70] ^= 1
    file.write_bytes(whole)
    # The indexes say that these bytes were checked, so the reader finds out.
    with cnlog.open(tmp_path) as log:
        assert log.read("t", max_bytes=1).num_rows == 5
        with pytest.raises(errors.CorruptionError) as info:
            log.read("t", max_bytes=1 << 20)
        assert f'read: "{file}" is corrupt at byte {start}: the checksum' in str(info.value)
        with pytest.raises(errors.CorruptionError, match=f"at byte {start}"):
            log.read("t", offset=7)
        assert log.read("t", offset=10, max_bytes=1).num_rows == 5  # behind the damage
    # Without them the opener does.
    drop_indexes(tmp_path)
    with pytest.raises(errors.CorruptionError) as info:
        cnlog.open(tmp_path)
    assert f'open: "{file}" is corrupt at byte {start}: the checksum' in str(info.value)
    with pytest.raises(errors.CorruptionError):
        cnlog.open(tmp_path, read_only=True)
    assert file.read_bytes() == whole  # nothing was cut
    with cnlog.open(tmp_path, repair=True) as log:
        assert values(log) == [row(i) for i in range(5)]
        assert log.recovery[0]["position"] == start
    assert check(tmp_path, 5, 5) == 5


def test_a_batch_that_says_that_it_has_fewer_offsets_is_damage(tmp_path):
    """Batches before the offset that is asked for are passed over unchecked, the last one too."""
    fill(tmp_path)
    file = logs(tmp_path)[0]
    whole = bytearray(file.read_bytes())
    start = batch_starts(whole)[-1]
    assert whole[start + 26] == 4
    whole[start + 26] = 1
    file.write_bytes(whole)
    for read_only in (False, True):
        with cnlog.open(tmp_path, read_only=read_only) as log:
            assert log.read("t", offset=53, max_bytes=1).num_rows == 2
            for offset in (57, 58, 59):
                with pytest.raises(errors.CorruptionError, match="ends before the offset"):
                    log.read("t", offset=offset)


def test_swapped_batches_are_damage(tmp_path):
    """The checksum does not cover base offsets, so the sequence is checked."""
    fill(tmp_path)
    file = logs(tmp_path)[0]
    whole = bytearray(file.read_bytes())
    start = batch_starts(whole)[2]
    whole[start + 7] += 5
    file.write_bytes(whole)
    with cnlog.open(tmp_path) as log, pytest.raises(errors.CorruptionError, match=f"byte {start}"):
        log.read("t", max_bytes=1 << 20)
    drop_indexes(tmp_path)
    with pytest.raises(errors.CorruptionError, match=f"byte {start}: the base offset"):
        cnlog.open(tmp_path)


def test_a_missing_segment_is_damage(tmp_path):
    fill(tmp_path, 5)
    middle = logs(tmp_path)[2]
    begins = int(logs(tmp_path)[3].stem)
    middle.unlink()
    with pytest.raises(errors.CorruptionError, match=f"begins at offset {begins}, expected"):
        cnlog.open(tmp_path)
    with cnlog.open(tmp_path, repair=True) as log:
        assert values(log) == [row(i) for i in range(int(middle.stem))]
        assert sum(n["bytes_cut"] for n in log.recovery) > 0


@pytest.mark.parametrize("damage", ["remove", "empty", "flip", "cut", "swap", "other"])
def test_indexes_are_rebuilt(tmp_path, damage):
    fill(tmp_path, 5)
    with cnlog.open(tmp_path) as log:
        want = values(log)
    directory = tmp_path / "topics" / "t" / "0"
    saved = {f.name: f.read_bytes() for f in directory.iterdir() if f.suffix != ".log"}
    names = sorted(saved)
    for i, name in enumerate(names):
        data = bytearray(saved[name])
        if damage == "remove":
            (directory / name).unlink()
            continue
        if damage == "empty":
            data.clear()
        elif damage == "flip":
            data[(i * 13) % len(data)] ^= 64
        elif damage == "cut":
            data = data[:-1]
        elif damage == "swap":
            data = bytearray(saved[names[(i + 1) % len(names)]])
        else:
            data = bytearray(saved[names[(i + 2) % len(names)]])
        (directory / name).write_bytes(data)
    with cnlog.open(tmp_path, read_only=True) as log:
        assert values(log) == want
    with cnlog.open(tmp_path) as log:
        assert values(log) == want
        for offset in (0, 7, 31, 59):
            assert log.read("t", offset=offset, max_bytes=1)["offset"][0].as_py() == offset
        assert {n["what"] for n in log.recovery} <= {"the index was rebuilt"}
        assert log.recovery
    assert {f.name: f.read_bytes() for f in directory.iterdir() if f.suffix != ".log"} == saved


def test_indexes_without_a_segment_are_removed(tmp_path):
    fill(tmp_path, 5)
    directory = tmp_path / "topics" / "t" / "0"
    orphan = directory / "00000000000000009999.index"
    orphan.write_bytes(b"x")
    (directory / "note.txt").write_text("kept")
    check(tmp_path, 60, 60)
    assert not orphan.exists()
    assert (directory / "note.txt").exists()


def test_an_unfinished_topic_is_removed(tmp_path):
    fill(tmp_path)
    half = tmp_path / "topics" / "u~new"
    (half / "0").mkdir(parents=True)
    with cnlog.open(tmp_path, read_only=True) as log:
        assert log.topics() == ["t"]
    assert half.exists()
    with cnlog.open(tmp_path) as log:
        assert log.topics() == ["t"]
    assert not half.exists()


def test_random_damage_never_goes_unnoticed(tmp_path):
    """Whatever byte is changed: rows are as they were, or an error says so."""
    fill(tmp_path, 5)
    directory = tmp_path / "topics" / "t" / "0"
    saved = {f: f.read_bytes() for f in directory.iterdir()}
    rows = [row(i) for i in range(60)]
    numbers = random.Random(11)
    for _ in range(250):
        for file in directory.iterdir():
            if file not in saved:
                file.unlink()
        for file, data in saved.items():
            file.write_bytes(data)
        victim = numbers.choice(sorted(saved))
        data = bytearray(saved[victim])
        for _ in range(numbers.choice([1, 1, 3])):
            data[numbers.randrange(len(data))] = numbers.randrange(256)
        if numbers.random() < 0.2:
            del data[numbers.randrange(len(data)) :]
        victim.write_bytes(data)
        if numbers.random() < 0.5:
            drop_indexes(tmp_path)
        got, text = None, ""
        try:
            with cnlog.open(tmp_path, fsync="none") as log:
                got = values(log)
        except errors.CorruptionError as error:
            text = str(error)
        if got is None:
            assert str(victim.with_suffix(".log")) in text or "begins at offset" in text
            continue
        assert got == rows[: len(got)]
        if len(got) < 60:  # only a tail may go, and not without saying so
            assert victim == max(f for f in saved if f.suffix == ".log")
            cut = sum(n["bytes_cut"] for n in log.recovery)
            assert cut > 0 or len(data) < len(saved[victim])
