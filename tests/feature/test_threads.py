"""Other threads change what a call was given, or wait for the store, while a call runs."""

import subprocess
import sys
import threading

import pyarrow as pa
from cnengine import feature

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
                given += ["other memory of the same length %d" % i for i in range(1000)]
                given.clear()
        thread.join()
    assert not wrong


def run(function):
    """In a process of its own, which may crash or hang."""
    code = f"import sys; sys.path[:0] = eval(sys.argv[1]); import test_threads as t; t.{function}()"
    paths = [*sys.path, __file__.rpartition("/")[0]]
    done = subprocess.run([sys.executable, "-c", code, repr(paths)], timeout=60, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr)


def test_text_keys_stay_while_the_list_changes():
    run("clear_lists_under_lookups")
