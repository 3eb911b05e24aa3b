"""What is on disk after closing, crashing at every step, and damage to any byte."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading

import pyarrow as pa
import pytest
from cnengine import _core, errors, feature

MS = pa.timestamp("ms", "UTC")
FAULTS = _core.log.testing
REFS = ["v:x", "v:s"]


def rows(step, count=3):
    """Write number `step`: a few entities, some again with each step."""
    return pa.table({
        "k": [f"entity {(step + i) % 5} of a long name" for i in range(count)],
        "x": pa.array([None if i == 1 else step * 10 + i for i in range(count)], pa.int64()),
        "s": [None if i == 2 else "text " * i + str(step) for i in range(count)],
        "t": pa.array([step * 100 + i for i in range(count)], MS),
    })  # fmt: skip


TABLES = [rows(step) for step in range(12)]
NATIVE = [_core.core.table(t) for t in TABLES]
ENTITIES = sorted({k for t in TABLES for k in t["k"].to_pylist()})


def make_view(store, name="v"):
    store.create_view(name, entities=["k"], schema={"x": "int64", "s": "utf8"}, exist_ok=True)


def state(store):
    """All that can be seen of view v: online, and history at many times."""
    if "v" not in store.views():
        return None
    online = store.lookup(REFS, {"k": ENTITIES}, at=10_000).to_pylist()
    times = list(range(0, 1300, 50))
    asked = {"k": [k for k in ENTITIES for _ in times], "w": pa.array(times * len(ENTITIES), MS)}
    past = store.history(REFS, asked, event_time="w").to_pylist()
    end = store.history(REFS, {"k": ENTITIES, "w": pa.array([10_000] * len(ENTITIES), MS)},
                        event_time="w")  # fmt: skip
    assert end.select(["x", "s"]).to_pylist() == [{"x": r["x"], "s": r["s"]} for r in online]
    return online, past, store.counts("v")


@pytest.fixture(scope="module")
def expected():
    """The state after 0, 1, 2, ... writes."""
    store = feature.open()
    make_view(store)
    out = [state(store)]
    for table in TABLES:
        store.write("v", table, event_time="t")
        out.append(state(store))
    return out


def work(store, tables=TABLES, compact_at=(3, 7)):
    """Yields after each write that was acknowledged."""
    make_view(store)
    yield 0
    for step, table in enumerate(tables):
        if step in compact_at:
            store.compact()
        store.write("v", table, event_time="t")
        yield step + 1


@pytest.mark.parametrize("fsync", ["none", "interval", "always"])
@pytest.mark.parametrize("compact_at", [(), (0,), (3, 7), (11,), tuple(range(12))])
def test_reopen(tmp_path, expected, fsync, compact_at):
    with feature.open(tmp_path / "s", fsync=fsync) as store:
        for _ in work(store, compact_at=compact_at):
            pass
        assert state(store) == expected[-1]
    for _ in range(2):
        with feature.open(tmp_path / "s") as store:
            assert state(store) == expected[-1]
            assert store.recovered_bytes == 0
            store.compact()


def test_writing_goes_on_after_every_reopening(tmp_path, expected):
    for step, table in enumerate(TABLES):
        with feature.open(tmp_path, compact_bytes=600) as store:
            make_view(store)
            store.write("v", table, event_time="t")
            assert state(store) == expected[step + 1]


def test_compaction_runs_by_itself_and_keeps_the_log_short(tmp_path):
    with feature.open(tmp_path, compact_bytes=20_000, fsync="none") as store:
        make_view(store)
        for _ in range(30):
            for table in NATIVE:
                store.write("v", table, event_time="t")
        files = {p.name: p.stat().st_size for p in tmp_path.iterdir()}
        assert len([f for f in files if f.startswith("wal-")]) == 1
        assert max(size for f, size in files.items() if f.startswith("wal-")) < 40_000
        assert store.counts("v") == (5, 30 * 36)
    with feature.open(tmp_path) as store:
        assert store.counts("v") == (5, 30 * 36)


def test_views_of_many_kinds_and_dropped_ones(tmp_path):
    with feature.open(tmp_path) as store:
        store.create_view("a", entities=["i", "u"], ttl="1h",
                          schema={"i": "uint8", "u": "utf8", "f": "float32"})  # fmt: skip
        store.create_view("b", entities=["d"], schema={"f": "bool"}, history=False)
        store.create_view("never written", entities=["d"], schema={"f": "bool"})
        make_view(store, "gone")
        t = pa.array([5, 6], MS)
        store.write("a", {"i": [1, 255], "u": ["", "x" * 20], "f": [1.5, None], "t": t},
                    event_time="t")  # fmt: skip
        store.write("b", {"d": [True, False], "f": [None, True], "t": t}, event_time="t")
        store.write("gone", TABLES[0], event_time="t")
        store.compact()
        store.write("gone", TABLES[1], event_time="t")
        store.drop_view("gone")
        make_view(store, "gone")
        views = store.views()
    for _ in range(3):
        with feature.open(tmp_path) as store:
            assert store.views() == views
            assert store.counts("gone") == (0, 0)
            got = store.lookup(["a:f"], {"i": [1, 255, 1], "u": ["", "x" * 20, "x"]}, at=10)
            assert got["f"].to_pylist() == [1.5, None, None]
            assert store.lookup(["b:f"], {"d": [False, True]}, at=10)["f"].to_pylist() == [
                True,
                None,
            ]
            store.compact()
            assert not [p for p in tmp_path.iterdir() if p.name.startswith("history-4")]


def crash(path, action, at):
    """Runs the work in a child that dies at the at-th change; returns how many writes it knew."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            FAULTS.set_fault_plan(action, at)
            store = feature.open(path, fsync="always")
            for done in work(store, NATIVE):
                os.write(write, bytes([done]))
            os.write(write, b"\xff")
        finally:
            os._exit(0)
    os.close(write)
    known = b""
    while piece := os.read(read, 100):
        known += piece
    os.close(read)
    os.waitpid(child, 0)
    return known


@pytest.mark.parametrize("action", ["kill", "killtear"])
def test_killed_at_every_change(tmp_path, expected, action):
    for at in range(1, 200):
        path = tmp_path / str(at)
        known = crash(path, action, at)
        with feature.open(path) as store:
            got = state(store)
            if got is None:
                assert known == b""
            else:
                # Acknowledged writes are there; the one under way is there whole or not at all.
                done = known[-1] if known else 0
                assert got in expected[done : done + 2] or known.endswith(b"\xff")
            make_view(store)
            done = 0 if got is None else expected.index(got)
            for table in TABLES[done:]:
                store.write("v", table, event_time="t")
            assert state(store) == expected[-1]
        shutil.rmtree(path)
        if known.endswith(b"\xff"):
            assert at > 40
            return
    raise AssertionError("the work never came to its end")


@pytest.mark.parametrize("end", ["", "/"])
def test_new_directories_are_synced_in_their_parents(tmp_path, monkeypatch, end):
    """The sync of each is an operation that can fail."""
    monkeypatch.chdir(tmp_path)
    for prefix in (f"{tmp_path}/", ""):
        synced = set()
        for at in range(1, 30):
            FAULTS.set_fault_plan("fail", at)
            try:
                feature.open(f"{prefix}{at}/a/b{end}").close()
            except errors.IoError as error:
                if str(error).startswith("sync: "):
                    synced.add(str(error).split('"')[1].replace(f"{prefix}{at}", "new"))
            finally:
                FAULTS.set_fault_plan(None)
            shutil.rmtree(tmp_path / str(at), ignore_errors=True)
        assert {prefix.rstrip("/") or ".", "new", "new/a", f"new/a/b{end}"} <= synced


@pytest.mark.parametrize("action", ["fail", "tear"])
def test_a_failing_disk_at_every_change(tmp_path, expected, action):
    for at in range(1, 200):
        path = tmp_path / str(at)
        done, failed, store = -1, False, None
        FAULTS.set_fault_plan(action, at)
        try:
            store = feature.open(path, fsync="always")
            for done in work(store, NATIVE):  # noqa: B007
                pass
        except (OSError, errors.StateError):
            failed = True
        finally:
            FAULTS.set_fault_plan(None)
        if store is not None:
            if done >= 0:
                assert state(store) == expected[done]
            store.close()
        with feature.open(path) as store:
            got = state(store)
            assert got is None if done < 0 and got is None else got in expected[max(done, 0) :][:2]
        shutil.rmtree(path)
        if not failed:
            assert at > 40
            return
    raise AssertionError("the work never came to its end")


def test_kill_9(tmp_path, expected):
    code = f"""
import sys; sys.path[:0] = {sys.path!r}
from tests_feature_disk import *
with feature.open({str(tmp_path / "s")!r}, fsync="none") as store:
    for done in work(store):
        print(done, flush=True)
        if done == 9:
            os.kill(os.getpid(), signal.SIGKILL)
"""
    shutil.copy(__file__, tmp_path / "tests_feature_disk.py")
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    with feature.open(tmp_path / "s") as store:
        assert state(store) == expected[9]


def test_a_tail_cut_at_every_byte(tmp_path, expected):
    with feature.open(tmp_path / "s", fsync="none") as store:
        for _ in work(store, TABLES[:4], compact_at=(1,)):
            pass
    wal = tmp_path / "s" / "wal-000000000001"
    whole = wal.read_bytes()
    seen = set()
    for size in range(16):
        wal.write_bytes(whole[:size])
        with pytest.raises(errors.CorruptionError, match="at byte 0: the file is cut short"):
            feature.open(tmp_path / "s")
    for size in range(16, len(whole)):
        wal.write_bytes(whole[:size])
        with feature.open(tmp_path / "s", read_only=True) as store:
            seen.add(expected.index(state(store)))
            assert store.recovered_bytes < 700
    assert seen == {1, 2, 3, 4}  # the last 24 bytes are a mark
    wal.write_bytes(whole[:-25])
    with feature.open(tmp_path / "s") as store:
        assert store.recovered_bytes > 0
        store.write("v", TABLES[3], event_time="t")
    with feature.open(tmp_path / "s") as store:
        assert state(store) == expected[4]
        assert store.recovered_bytes == 0


def test_damage_to_any_file_is_told_or_cut(tmp_path, expected):
    with feature.open(tmp_path / "s", fsync="always") as store:
        for _ in work(store):
            pass
    rng = random.Random(5)
    outcomes = {"corrupt": 0, "cut": 0}
    files = [p for p in (tmp_path / "s").iterdir() if p.name[:3] in ("wal", "sna", "his")]
    assert len(files) == 4
    for path in files:
        whole = path.read_bytes()
        for _ in range(120):
            damaged = bytearray(whole)
            if rng.random() < 0.7:
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
            else:
                at = rng.randrange(len(damaged))
                damaged[at : at + rng.randrange(1, 64)] = rng.randbytes(rng.randrange(64))
            if damaged == whole:
                continue
            path.write_bytes(damaged)
            try:
                with feature.open(tmp_path / "s", read_only=True) as store:
                    # The last write was followed by a mark: one of the two is the torn tail.
                    assert expected.index(state(store)) in (11, 12)
                    assert path.name.startswith("wal")
                    outcomes["cut"] += 1
            except errors.CorruptionError as error:
                told = str(error)
                assert path.name in told
                outcomes["corrupt"] += 1
        path.write_bytes(whole)
    assert outcomes["corrupt"] > 300
    assert outcomes["cut"] > 0


def test_a_missing_file_is_told(tmp_path):
    with feature.open(tmp_path) as store:
        for _ in work(store):
            pass
    for name in ("wal-000000000002", "snapshot-000000000002", "history-1-000000000001"):
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        with pytest.raises((errors.CorruptionError, errors.IoError), match=r"wal-|history-"):
            state(feature.open(tmp_path, read_only=True))
        (tmp_path / name).write_bytes(kept)


def test_the_second_writer_is_refused(tmp_path):
    with feature.open(tmp_path) as store:
        make_view(store)
        with pytest.raises(errors.LockedError, match="open"):
            feature.open(tmp_path)
        code = ("import sys; sys.path[:0] = eval(sys.argv[1])\n"
            "from cnengine import feature, errors\n"
                "try: feature.open(sys.argv[2])\n"
                "except errors.LockedError: print('locked')")  # fmt: skip
        out = subprocess.run([sys.executable, "-c", code, repr(sys.path), str(tmp_path)],
                             capture_output=True, text=True, check=True)  # fmt: skip
        assert out.stdout == "locked\n"
        with feature.open(tmp_path, read_only=True) as reader:
            assert list(reader.views()) == ["v"]
            with pytest.raises(errors.StateError, match="write: the store was opened read-only"):
                reader.write("v", TABLES[0], event_time="t")
    feature.open(tmp_path).close()


def test_wrong_paths_and_options(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.IoError, match="file"):
        feature.open(tmp_path / "file")
    with pytest.raises(errors.IoError, match="open: there is no feature store"):
        feature.open(tmp_path / "none", read_only=True)
    with pytest.raises(ValueError, match=r'open: expected fsync as .* got "often"'):
        feature.open(tmp_path / "s", fsync="often")
    with pytest.raises(ValueError, match="open: expected fsync_interval_ms of at least 1, got 0"):
        feature.open(tmp_path / "s", fsync_interval_ms=0)
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "wal-000000000000").write_text("no log of ours")
    with pytest.raises(errors.CorruptionError, match=r"wal-.* at byte 0: expected a file of a"):
        feature.open(tmp_path / "t")


def test_the_writers_memory_is_not_kept(tmp_path):
    import numpy as np

    for path in (None, tmp_path):
        store = feature.open(path)
        store.create_view("v", entities=["k"], schema={"x": "float64"})
        x = np.arange(3000.0)
        table = pa.table({"k": np.arange(3000), "x": x,
                          "t": pa.array(np.zeros(3000, "int64"), MS)})  # fmt: skip
        store.write("v", table, event_time="t")
        x[:] = -1
        got = store.history(["v:x"], {"k": [2999], "w": pa.array([1], MS)}, event_time="w")
        assert got["x"].to_pylist() == [2999.0]
        store.close()


def test_readers_open_while_a_writer_compacts(tmp_path):
    with feature.open(tmp_path, fsync="none") as store:
        make_view(store)
        store.write("v", TABLES[0], event_time="t")
        done = threading.Event()

        def write():
            for table in NATIVE[1:] * 5:
                store.write("v", table, event_time="t")
                store.compact()
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        seen = [0]
        while not done.is_set():
            with feature.open(tmp_path, read_only=True) as reader:
                seen.append(reader.counts("v")[1])
        writer.join()
        assert seen == sorted(seen)
        assert seen[-1] > 0


def test_threads_look_up_while_one_writes():
    store = feature.open()
    store.create_view("v", entities=["k"], schema={"a": "int64", "b": "int64", "s": "utf8"})
    tables = [
        _core.core.table(pa.table({
            "k": list(range(300)), "a": [i] * 300, "b": [i] * 300, "s": ["x" * (i % 40)] * 300,
            "t": pa.array([i] * 300, MS)}))
        for i in range(150)
    ]  # fmt: skip
    store.write("v", tables[0], event_time="t")
    wrong, done = [], threading.Event()

    def read():
        prepared = store.prepare(["v:a", "v:b"])
        while not done.is_set():
            matrix = prepared.lookup_matrix({"k": range(300)})
            if not (matrix[:, 0] == matrix[:, 1]).all():
                wrong.append(matrix)
            for row in store.lookup(["v:a", "v:s"], {"k": [0, 7, 299]}).to_pylist():
                if row["s"] != "x" * (row["a"] % 40):
                    wrong.append(row)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for table in tables:
        store.write("v", table, event_time="t")
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert store.counts("v") == (300, 151 * 300)
