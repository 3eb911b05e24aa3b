"""Other threads change what a call was given, or wait for the store, while a call runs."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from cnengine import errors, feature

MS = pa.timestamp("ms", "UTC")
ROWS = 100_000


def names(count):
    return [f"an entity key of some length {i}" for i in range(count)]


def store_of(count):
    store = feature.open()
    store.create_view("v", entities=["k"], schema={"x": "float64"})
    x = [float(i) for i in range(count)]
    store.write("v", {"k": names(count), "x": x, "t": pa.array([0] * count, MS)}, event_time="t")
    return store


def clear_lists_under_lookups():
    store = store_of(ROWS)
    wrong = []
    for _ in range(4):
        given = names(ROWS)

        def look_up(given=given):
            matrix = store.lookup_matrix(["v:x"], {"k": given})
            if len(matrix) not in (0, ROWS) or not (matrix[:, 0] == range(len(matrix))).all():
                wrong.append(matrix)

        thread = threading.Thread(target=look_up)
        thread.start()
        while thread.is_alive():
            if given:
                given.clear()
                given += [f"other memory of the same length {i}" for i in range(1000)]
                given.clear()
        thread.join()
    assert not wrong


def state_of(thread):
    """Of the operating system: S when it waits."""
    stat = Path(f"/proc/self/task/{thread.native_id}/stat").read_text()
    return stat.rpartition(") ")[2][0]


def call_all_while_the_store_is_busy():
    """A call that waits for the store's lock lets the other threads run."""
    path = Path(tempfile.mkdtemp())
    with feature.open(path) as store:
        store.create_view("v", entities=["k"], schema={"x": "float64"})
        rows = {"k": [1], "x": [1.0], "t": pa.array([0], MS)}
        store.write("v", rows, event_time="t")
        store.compact()
    history = path / "history-1-000000000001"
    history.unlink()
    os.mkfifo(history)  # which opens as soon as there is a writer
    store = feature.open(path)
    calls = [
        lambda: store.counts("v"),
        lambda: store.views(),
        lambda: store.create_view("w", entities=["k"], schema={"x": "float64"}),
        lambda: store.drop_view("w"),
        lambda: store.write("v", rows, event_time="t"),
    ]
    asked = pa.table({"k": [1], "w": pa.array([5], MS)})

    def ask():
        with pytest.raises(errors.CorruptionError):
            store.history(["v:x"], asked, event_time="w")

    failed = []
    threading.excepthook = failed.append

    for call in calls:
        threads = [threading.Thread(target=ask), threading.Thread(target=call)]
        for thread in threads:
            thread.start()
            while thread.is_alive() and state_of(thread) != "S":
                pass
        os.close(os.open(history, os.O_WRONLY))
        for thread in threads:
            thread.join()
        assert not failed


def run(function):
    """In a process of its own, which may crash or hang."""
    code = f"import sys; sys.path[:0] = eval(sys.argv[1]); import test_threads as t; t.{function}()"
    paths = [*sys.path, __file__.rpartition("/")[0]]
    done = subprocess.run([sys.executable, "-c", code, repr(paths)], timeout=30, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr)


def test_no_call_keeps_the_interpreter_while_it_waits():
    run("call_all_while_the_store_is_busy")


def test_text_keys_stay_while_the_list_changes():
    run("clear_lists_under_lookups")
