"""Damage to the write-ahead log is told; only a torn tail is cut."""

import os
import struct
import subprocess
import sys

import pyarrow as pa
import pytest
from cnengine import errors, feature

MS = pa.timestamp("ms", "UTC")
HEAD = 16
HEADER = struct.Struct("<4sIQII")
WRITE, MARK = 3, 7


def write(store, step):
    table = {"k": [step], "x": [float(step)], "t": pa.array([step], MS)}
    store.write("v", table, event_time="t")


def fill(path, fsync, writes=6):
    store = feature.open(path, fsync=fsync)
    store.create_view("v", entities=["k"], schema={"k": "int64", "x": "float64"})
    for step in range(writes):
        write(store, step)
    return store


def log_of(path):
    return path / "wal-000000000000"


def records(data):
    """Offset, type and bytes of every record of a log."""
    out, at = [], HEAD
    while at < len(data):
        _, kind, size, _, _ = HEADER.unpack_from(data, at)
        out.append((at, kind, HEADER.size + size))
        at += HEADER.size + size
    return out


def flipped(data, at):
    out = bytearray(data)
    out[at] ^= 4
    return bytes(out)


def keys(store):
    got = store.lookup(["v:x"], {"k": list(range(20))}, at=1000)
    return [row["k"] for row in got.to_pylist() if row["x"] is not None]


@pytest.fixture(params=["none", "interval", "always"])
def closed(request, tmp_path):
    fill(tmp_path / "s", request.param).close()
    return tmp_path / "s"


def test_every_damaged_write_is_told_and_repair_cuts_there(closed):
    log = log_of(closed)
    whole = log.read_bytes()
    writes = [(at, size) for at, kind, size in records(whole) if kind == WRITE]
    assert len(writes) == 6
    for step, (at, size) in enumerate(writes):
        for byte in (at, at + 9, at + 20, at + HEADER.size, at + size - 1):
            log.write_bytes(flipped(whole, byte))
            for read_only in (True, False):
                with pytest.raises(
                    errors.CorruptionError, match=f'{log.name}" at byte {at}: .*rep'
                ):
                    feature.open(closed, read_only=read_only)
            with feature.open(closed, read_only=True, repair=True) as store:
                assert keys(store) == list(range(step))
            assert log.stat().st_size == len(whole)
        with feature.open(closed, repair=True) as store:
            assert store.recovered_bytes == len(whole) - at
            assert keys(store) == list(range(step))
            write(store, 9)
        with feature.open(closed) as store:
            assert store.recovered_bytes == 0
            assert keys(store) == [*range(step), 9]


def test_bytes_lost_in_the_middle_are_told(closed):
    log = log_of(closed)
    whole = log.read_bytes()
    for at in range(HEAD, len(whole) - 200, 7):
        log.write_bytes(whole[:at] + whole[at + 5 :])
        with pytest.raises(errors.CorruptionError, match=log.name):
            feature.open(closed)


def test_a_damaged_head_is_told(closed):
    for path in closed.iterdir():
        whole = path.read_bytes()
        for at in range(HEAD) if path.name.startswith("wal") else ():
            path.write_bytes(flipped(whole, at))
            with pytest.raises(errors.CorruptionError, match=f'{path.name}" at byte 0: '):
                feature.open(closed, repair=True)


def test_a_damaged_mark_loses_nothing(closed):
    log = log_of(closed)
    whole = log.read_bytes()
    marks = [at for at, kind, _ in records(whole) if kind == MARK]
    assert marks[-1] == len(whole) - HEADER.size
    for at in marks:
        for byte in range(HEADER.size):
            log.write_bytes(flipped(whole, at + byte))
            with feature.open(closed, read_only=True) as store:
                assert keys(store) == list(range(6))


def test_opening_again_and_again_adds_no_marks(closed):
    size = log_of(closed).stat().st_size
    for _ in range(3):
        with feature.open(closed) as store:
            store.sync()
            store.sync()
    assert log_of(closed).stat().st_size == size


def test_the_last_synced_write_is_guarded_without_closing(tmp_path):
    code = (
        "import os, sys; from pathlib import Path\n"
        "sys.path[:0] = eval(sys.argv[1])\n"
        "import test_damage\n"
        "store = test_damage.fill(Path(sys.argv[2]), 'always')\n"
        "os._exit(0)"
    )
    paths = repr([*sys.path, os.path.dirname(__file__)])
    subprocess.run([sys.executable, "-c", code, paths, str(tmp_path)], check=True)
    whole = log_of(tmp_path).read_bytes()
    at, _, size = [record for record in records(whole) if record[1] == WRITE][-1]
    log_of(tmp_path).write_bytes(flipped(whole, at + size - 1))
    with pytest.raises(errors.CorruptionError, match=f"at byte {at}: "):
        feature.open(tmp_path)


def test_a_log_after_the_loss_of_power_with_every_write_synced(tmp_path):
    """The last write and the mark before it may have reached the disk in any part."""
    fill(tmp_path / "s", "always").close()
    log = log_of(tmp_path / "s")
    whole = log.read_bytes()[: -HEADER.size]
    at, _, size = records(whole)[-1]
    for start in range(at - HEADER.size, at + size, 8):
        for end in range(start + 8, at + size + 1, 8):
            log.write_bytes(whole[:start] + bytes(end - start) + whole[end:])
            with feature.open(tmp_path / "s", read_only=True) as store:
                assert keys(store) == list(range(5 if end > at else 6))
