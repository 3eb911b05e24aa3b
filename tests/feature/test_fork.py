"""A forked child may look features up as they were; the files stay the parent's."""

import subprocess
import sys
import textwrap

import pytest

CODE = """
    import os, sys, pyarrow as pa, cnengine.errors, cnengine.feature
    store = cnengine.feature.open(sys.argv[1], fsync=sys.argv[2], fsync_interval_ms=1)
    store.create_view("v", entities=["k"], schema={"x": "int64"})
    rows = pa.table({"k": ["a"], "x": [1], "t": pa.array([0], pa.timestamp("ms"))})
    store.write("v", rows, event_time="t")
    pid = os.fork()
    if pid == 0:
        assert store.lookup(["v:x"], {"k": ["a"]}, at=1)["x"].to_pylist() == [1]
        for call in (
            lambda: store.write("v", rows, event_time="t"),
            lambda: store.drop_view("v"),
            store.sync,
            store.compact,
        ):
            try:
                call()
            except cnengine.errors.StateError as error:
                assert "before a fork" in str(error)
            else:
                os._exit(7)
        store.close()
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    try:
        cnengine.feature.open(sys.argv[1])
        raise SystemExit("the lock is gone")
    except cnengine.errors.LockedError:
        pass
    store.write("v", rows, event_time="t")
    store.close()
    again = cnengine.feature.open(sys.argv[1])
    assert again.lookup(["v:x"], {"k": ["a"]}, at=1)["x"].to_pylist() == [1]
"""


@pytest.mark.parametrize("fsync", ["interval", "always"])
def test_a_forked_child_writes_nothing(tmp_path, fsync):
    child = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(CODE),
         str(tmp_path / "store"), fsync],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert (child.returncode, child.stderr) == (0, "")


STRESS = """
    import os, signal, sys, threading, pyarrow as pa, cnengine.errors, cnengine.feature
    path, forks = sys.argv[1], int(sys.argv[2])
    store = cnengine.feature.open(path or None, fsync="interval", fsync_interval_ms=1)
    store.create_view("v", entities=["k"], schema={"x": "int64", "y": "int64"})

    def rows(i):
        keys = [f"k{j}" for j in range(64)]
        times = pa.array([i] * 64, pa.timestamp("ms"))
        return pa.table({"k": keys, "x": [i] * 64, "y": [-i] * 64, "t": times})

    store.write("v", rows(0), event_time="t")
    stop = False

    def work(first):
        i = first
        while not stop:
            i += 2
            store.write("v", rows(i), event_time="t")
            store.lookup(["v:*"], {"k": ["k0"]}, at=1)
            asked = pa.table({"k": ["k1"], "t": pa.array([i], pa.timestamp("ms"))})
            store.history(["v:x"], asked, event_time="t")
            store.create_view(f"w{first}", entities=["k"], schema={"x": "int64"})
            store.drop_view(f"w{first}")

    def child():
        signal.alarm(60)
        row = store.lookup(["v:*"], {"k": ["k3"]}, at=2**40).to_pylist()[0]
        assert row["x"] == -row["y"] is not None
        asked = pa.table({"k": ["k1"], "t": pa.array([2**40], pa.timestamp("ms"))})
        got = store.history(["v:*"], asked, event_time="t").to_pylist()[0]
        assert got["x"] == -got["y"] == row["x"], (got, row)
        assert "v" in store.views()
        if path:
            try:
                store.write("v", rows(1), event_time="t")
            except cnengine.errors.StateError:
                pass
            else:
                raise AssertionError("the child wrote")
        else:
            store.write("v", rows(2**30), event_time="t")
            assert store.lookup(["v:x"], {"k": ["k1"]}, at=2**40)["x"].to_pylist() == [2**30]
        store.close()
        for call in (
            lambda: store.prepare(["v:x"]),
            lambda: store.write("v", rows(1), event_time="t"),
        ):
            try:
                call()
            except cnengine.errors.StateError:
                continue
            raise AssertionError("the child's store is open")

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    failed = 0
    for _ in range(forks):
        pid = os.fork()
        if pid == 0:
            try:
                child()
                os._exit(0)
            except BaseException as error:
                os.write(2, repr(error).encode())
                os._exit(1)
        failed += os.waitpid(pid, 0)[1] != 0
    stop = True
    for thread in threads:
        thread.join()
    store.close()
    sys.exit(failed)
"""


@pytest.mark.parametrize("place", ["disk", "memory"])
def test_a_child_that_is_forked_while_others_write_finds_the_store_whole(tmp_path, place):
    path = str(tmp_path / "store") if place == "disk" else ""
    child = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(STRESS), path,
         "20"],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert (child.returncode, child.stderr) == (0, "")
