"""Batches that threads make ahead: the same as without, whole or told in their place, and how a pass
ends that is left, forked or never finished."""

import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import time

import cnengine.tensor as ct
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, StateError
from cnengine.nn import dataset_rows

N = 101


def flat(dataset):
    return [
        [np.asarray(leaf).tolist() for leaf in ct.tree_leaves(batch)] for batch in dataset
    ]  # fmt: skip


def arrays():
    rng = np.random.default_rng(5)
    return nn.Dataset.from_arrays({"x": rng.normal(size=(N, 3)), "y": np.arange(N)[::-1]})


@pytest.fixture
def parquet(tmp_path):
    for part, size in enumerate((40, 1, N - 41)):
        columns = {"a": np.arange(size) + 0.5, "b": np.arange(size) % 7}
        pq.write_table(pa.table(columns), tmp_path / f"{part}.parquet", row_group_size=17)
    return nn.Dataset.from_parquet(str(tmp_path), ["a"], "b", block_rows=16)


PIPELINES = {
    "in order": lambda d: d.batch(7),
    "drop": lambda d: d.batch(7, drop_remainder=True),
    "shuffled": lambda d: d.shuffle(seed=3).batch(7),
    "buffer": lambda d: d.shuffle(10, seed=3).batch(7),
    "twice": lambda d: d.shuffle(10, seed=3).shuffle(seed=4).batch(7),
    "repeat rows": lambda d: d.shuffle(seed=1).repeat(3).batch(50),
    "repeat batches": lambda d: d.shuffle(seed=1).batch(50).repeat(3),
    "cut": lambda d: d.shuffle(seed=1).batch(9).skip(2).take(5),
    "cut rows": lambda d: d.shuffle(seed=1).take(30).batch(9),
    "joined": lambda d: nn.Dataset.zip(d.batch(20), d.batch(20).concatenate(d.batch(30))),
    "mapped": lambda d: d.shuffle(seed=1).batch(9).map(lambda *b: b),
    "one row": lambda d: d.shuffle(seed=1).batch(1),
    "all": lambda d: d.batch(1000),
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("source", ["arrays", "parquet"])
def test_threads_change_nothing(name, source, request):
    data = arrays() if source == "arrays" else request.getfixturevalue("parquet")
    pipeline = PIPELINES[name](data)
    want = [flat(pipeline.set_epoch(epoch)) for epoch in range(2)]
    for count, threads in ((1, 1), (2, 1), (5, 3), (100, 2)):
        ahead = pipeline.prefetch(count, num_threads=threads)
        assert len(ahead) == len(want[0]) if pipeline.size is not None else ahead.size is None
        assert [flat(ahead), flat(ahead)] == want
        assert flat(ahead.set_epoch(1)) == want[1]
    assert flat(pipeline.prefetch(2).map(lambda *b: b).prefetch(1).set_epoch(0)) == want[0]


def test_orders_of_buffers_are_those_of_single_draws():
    for n, buffer in ((10, 3), (50, 1), (50, 49), (2000, 64)):
        one, other = (dataset_rows.generator_of(7, 1) for _ in range(2))
        want = list(dataset_rows.drawn(range(n), buffer, one))
        assert dataset_rows.drawn_numbers(np.arange(n), buffer, other).tolist() == want


def test_topics(tmp_path):
    import cnengine as cn

    with cn.log.open(str(tmp_path / "log")) as log:
        log.create_topic("t", partitions=3)
        rows = {"k": np.arange(N), "v": np.arange(N) * 0.5}
        log.produce("t", pa.table(rows), key="k")
        schema = {"k": "int64", "v": "float32"}
        data = nn.Dataset.from_log(log, "t", schema, ["v"], "k", block_rows=10)
        for pipeline in (data.batch(8), data.shuffle(20, seed=1).batch(8)):
            want = flat(pipeline)
            assert flat(pipeline.prefetch(2, num_threads=2).set_epoch(0)) == want
            next(iter(pipeline.prefetch(1)))  # left early: its consumer is closed
        assert not threads_of_ours()


def threads_of_ours():
    return [each for each in threading.enumerate() if each.name.startswith("cnengine")]


def native_threads():
    return len(os.listdir("/proc/self/task"))


def test_what_goes_wrong_in_a_file_is_told_in_its_place(tmp_path):
    pq.write_table(pa.table({"a": np.arange(30.0)}), tmp_path / "0.parquet")
    path = tmp_path / "1.parquet"
    pq.write_table(pa.table({"a": np.random.default_rng(0).normal(size=30)}), path,
                   compression=None, use_dictionary=False)  # fmt: skip
    data = nn.Dataset.from_parquet([str(tmp_path / "0.parquet"), str(path)], ["a"]).batch(10)
    path.write_bytes(path.read_bytes()[:4] + bytes(40) + path.read_bytes()[44:])
    for pipeline in (data, data.prefetch(2, num_threads=2), data.map(lambda x: x).prefetch(2)):
        seen = []
        with pytest.raises(OSError) as told:  # noqa: PT011
            seen.extend(float(np.asarray(x)[0, 0]) for x in pipeline)
        assert seen == [0.0, 10.0, 20.0]
        assert f"from_parquet: after 0 rows of {path}" in told.value.__notes__
    assert not threads_of_ours()


def test_errors_of_functions_tell_which_element():
    def fail(batch):
        raise ValueError("bad")

    data = nn.Dataset.from_arrays(np.arange(9)).batch(3).map(fail).prefetch(2)
    with pytest.raises(ValueError, match="bad") as told:
        list(data)
    assert told.value.__notes__ == ["in element 0 of this pass"]
    assert told.traceback[-1].name == "fail"  # where it happened, in the other thread


@pytest.mark.parametrize("kind", ["arrays", "parquet", "mapped"])
def test_left_midway(kind, parquet):
    data = arrays().shuffle(seed=1) if kind == "arrays" else parquet
    data = data.batch(2).map(lambda *b: b) if kind == "mapped" else data.batch(2)
    data = data.prefetch(3, num_threads=2)
    next(iter(data))
    gc.collect()
    before = native_threads()
    start = time.monotonic()
    for _ in range(20):
        for _ in data:
            break
        iterator = iter(data)
        next(iterator)
        iterator.close()
        del iterator
    gc.collect()
    assert time.monotonic() - start < 10
    assert not threads_of_ours()
    assert native_threads() <= before + 1  # the pools of others may grow


def test_options_are_checked():
    for call in (lambda d: d.prefetch(0), lambda d: d.prefetch(1, num_threads=0)):
        with pytest.raises(ArgumentError, match=r"prefetch: expected .*at least"):
            call(arrays())


def in_child(iterator, pipe):
    try:
        next(iterator)
        pipe.send("went on")
    except StateError as error:
        pipe.send(str(error))
    pipe.send([np.asarray(x).tolist() for x in nn.Dataset.from_arrays(np.arange(4)).shuffle(seed=0)
               .batch(2).prefetch(2)])  # fmt: skip


@pytest.mark.parametrize("kind", ["native", "mapped", "threads"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_hang(kind):
    data = nn.Dataset.from_arrays(np.arange(100)).shuffle(seed=0).batch(2)
    if kind != "native":
        data = data.map(lambda x: x, num_threads=2 if kind == "threads" else 1)
    iterator = iter(data if kind == "threads" else data.prefetch(2))
    next(iterator)
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    child = fork.Process(target=in_child, args=(iterator, theirs))
    child.start()
    assert ours.poll(20)
    assert "begun in another process" in ours.recv()
    assert ours.poll(20)
    assert len(ours.recv()) == 2
    child.join(20)
    assert child.exitcode == 0
    assert len(list(iterator)) == 49  # the parent's pass goes on


def test_a_pass_cannot_be_pickled():
    iterator = iter(arrays().batch(4).prefetch(2))
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(iterator)


PROGRAM = """
import sys
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cnengine import nn
data = nn.Dataset.from_arrays(np.zeros((4000, 50))).shuffle(seed=0).batch(100)
held = [iter(data.prefetch(2, num_threads=2)), iter(data.map(lambda x: x).prefetch(2)),
        iter(nn.Dataset.from_items(lambda: iter(range(10**9))).prefetch(2))]
pq.write_table(pa.table({"a": np.arange(90000.0)}), sys.argv[1])
held.append(iter(nn.Dataset.from_parquet(sys.argv[1], block_rows=10).batch(7).prefetch(1)))
for each in held:
    next(each)
nn.held = held  # lives as long as the interpreter
print("end")
"""


def test_a_pass_that_is_open_at_exit(tmp_path):
    start = time.monotonic()
    program = [sys.executable, "-c", PROGRAM, str(tmp_path / "a.parquet")]
    done = subprocess.run(program, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"end\n", b"")
    assert time.monotonic() - start < 30


class Elsewhere:
    """An array of another device, as far as slices of rows need it."""

    device = "cuda:0"

    def __init__(self, values):
        self.values = values

    def __getitem__(self, key):
        return self.values[key]


def test_memory_of_another_device_is_read_by_a_thread_of_python():
    rows = dataset_rows.ArrayRows(np.arange(6))
    rows._leaves = [Elsewhere(np.arange(6))]
    batches = rows.batches(0, 4, False, dataset_rows.Ahead(2, 1))
    assert next(batches).tolist() == [0, 1, 2, 3]
    assert [each.name for each in threads_of_ours()] == ["cnengine-prefetch"]
    assert [each.tolist() for each in batches] == [[4, 5]]
    assert not threads_of_ours()
