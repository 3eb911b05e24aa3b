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
