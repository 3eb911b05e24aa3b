"""Pipelines: which rows come, in which order, in which batches, and what threads leave behind."""

import gc
import threading
import time

import cnengine.tensor as ct
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, NotFoundError, ShapeError, TypeError  # noqa: A004


def values(dataset) -> list:
    return [np.asarray(each).tolist() for each in dataset]


def rows(n=10):
    return nn.Dataset.from_arrays(np.arange(n))


def test_batches_of_arrays():
    assert values(rows().batch(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert values(rows().batch(4, drop_remainder=True)) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert values(rows(0).batch(4)) == []
    assert values(rows(3)) == [0, 1, 2]
    assert len(rows().batch(4)) == 3
    assert len(rows().batch(4, drop_remainder=True)) == 2


def test_trees_of_arrays():
    data = nn.Dataset.from_arrays({"a": np.arange(4), "b": (np.ones((4, 2)), np.zeros(4))})
    (batch,) = data.shuffle().batch(9)
    assert batch["b"][0].shape == (4, 2)
    assert sorted(np.asarray(batch["a"]).tolist()) == [0, 1, 2, 3]


def test_orders_depend_on_seed_and_pass():
    data = rows().shuffle(seed=3).batch(10)
    first, second = values(data), values(data)
    assert first != second
    assert sorted(first[0]) == list(range(10))
    again = rows().shuffle(seed=3).batch(10)
    assert values(again) == first
    assert values(again.set_epoch(1)) == second
    assert values(rows().shuffle(seed=4).batch(10)) != first
    fixed = rows().shuffle(seed=3, reshuffle=False).batch(10)
    assert values(fixed) == values(fixed) == first


@pytest.mark.parametrize("buffer", [1, 3, 100])
def test_buffers_draw_from_what_comes_next(buffer):
    (order,) = values(rows(50).shuffle(buffer, seed=1).batch(50))
    assert sorted(order) == list(range(50))
    # The row at place i is one of the first i + buffer.
    assert all(row < at + buffer for at, row in enumerate(order))
    assert (order == list(range(50))) == (buffer == 1)


def test_repeat_take_skip():
    assert values(rows(3).repeat(2).batch(4)) == [[0, 1, 2, 0], [1, 2]]
    assert values(rows(3).batch(2).repeat(2)) == [[0, 1], [2], [0, 1], [2]]
    assert values(rows().take(3).batch(2)) == [[0, 1], [2]]
    assert values(rows().skip(8).batch(4)) == [[8, 9]]
    assert values(rows().batch(4).take(1)) == [[0, 1, 2, 3]]
    assert values(rows(2).repeat().take(5).batch(5)) == [[0, 1, 0, 1, 0]]
    assert len(rows(3).repeat(2).batch(4)) == 2
    assert rows(3).repeat().size is None
    assert len(rows(3).repeat().take(7)) == 7


def test_numbers_of_numpy_do_not_overflow():
    rows = nn.Dataset.from_arrays(np.arange(1000, dtype=np.float32))
    n = np.uint8(200)
    assert [len(each) for each in rows.shuffle(n).batch(n)] == [200] * 5
    assert len(rows.batch(np.int8(100))) == 10
    assert (len(rows.repeat(n)), len(rows.take(n)), len(rows.skip(n))) == (200_000, 200, 800)
    assert rows.batch(4).repeat(n).size == 50_000
    assert sum(len(each) for each in rows.batch(n).prefetch(np.uint8(2))) == 1000


def test_passes_of_repeat_have_their_own_orders():
    a, b = values(rows().shuffle(seed=0).batch(10).repeat(2))
    assert a != b


def test_map_and_filter():
    assert values(rows(4).batch(2).map(lambda x: x * 2)) == [[0, 2], [4, 6]]
    pairs = (
        nn.Dataset.from_arrays(np.arange(4), np.ones(4, np.int64)).batch(2).map(lambda x, y: x + y)
    )
    assert values(pairs) == [[1, 2], [3, 4]]
    assert values(rows(6).filter(lambda x: x % 2 == 0).batch(2)) == [[0, 2], [4]]
    many = rows(20).batch(1).map(lambda x: x + 1, num_threads=4)
    assert values(many) == [[i + 1] for i in range(20)]


def test_items():
    data = nn.Dataset.from_items(lambda: iter([{"x": 1.0}, {"x": 2.0}]))
    (batch,) = data.batch(2)
    assert np.asarray(batch["x"]).tolist() == [1.0, 2.0]
    assert list(data) == [{"x": 1.0}, {"x": 2.0}]
    with pytest.raises(TypeError, match="the number of its elements is not known"):
        len(data)


def prefetch_threads():
    return [each for each in threading.enumerate() if each.name.startswith("cnengine")]


@pytest.mark.parametrize("count", [1, 2, 50])
def test_prefetch_gives_the_same(count):
    data = rows(40).shuffle(seed=2).batch(3)
    assert values(data.prefetch(count)) == values(data.set_epoch(0))
    assert not prefetch_threads()


def test_prefetch_runs_ahead():
    made, gate = [], threading.Event()

    def note(x):
        made.append(int(x[0]))
        if len(made) == 3:
            gate.set()
        return x

    iterator = iter(rows().batch(1).map(note).prefetch(2))
    next(iterator)
    assert gate.wait(10)  # two more are made without being asked for
    iterator.close()


def test_errors_of_threads_reach_the_caller():
    def fail(x):
        if int(x[0]) == 2:
            raise ValueError("bad row")
        return x

    for data in (rows().batch(1).map(fail).prefetch(2), rows().batch(1).map(fail, num_threads=3)):
        got = []
        with pytest.raises(ValueError, match="bad row"):
            got.extend(np.asarray(each).tolist() for each in data)
        assert got == [[0], [1]]
    assert not prefetch_threads()


def test_nothing_is_left_when_iteration_stops_early():
    closed = []

    def source():
        try:
            yield from range(1000)
        finally:
            closed.append(threading.current_thread().name)

    data = nn.Dataset.from_items(source).prefetch(4)
    for item in data:
        if item == 3:
            break
    del item
    iterator = iter(data)
    next(iterator)
    iterator.close()
    iterator = iter(data)
    next(iterator)
    del iterator
    gc.collect()
    assert not prefetch_threads()
    assert len(closed) == 3
    never = iter(data)  # one that was never asked has no thread
    assert not prefetch_threads()
    del never


def table():
    return pa.table({"a": [1.0, None, 3.0], "b": [1, 2, 3], "y": [0, 1, 0]})


def test_frames_and_tables():
    import cnengine as cn

    for source in (table(), cn.from_arrow(table())):
        ((x, y),) = nn.Dataset.from_frame(source, ["a", "b"], "y").batch(3)
        assert x.dtype == ct.float32
        assert y.dtype == ct.int64
        np.testing.assert_array_equal(np.asarray(x), [[1, 1], [np.nan, 2], [3, 3]])
    (batch,) = nn.Dataset.from_frame(table()).batch(3)
    assert sorted(batch) == ["a", "b", "y"]


def test_columns_are_checked():
    with pytest.raises(NotFoundError, match="from_frame: no column 'c'"):
        nn.Dataset.from_frame(table(), ["c"])
    with pytest.raises(TypeError, match="from_frame: expected numbers in 's', got string"):
        nn.Dataset.from_frame(pa.table({"s": ["x"]}), ["s"])
    with pytest.raises(ArgumentError, match="has nulls"):
        nn.Dataset.from_frame(pa.table({"i": [1, None]}), ["i"])
    with pytest.raises(ArgumentError, match="a target expects features"):
        nn.Dataset.from_frame(table(), target="y")


@pytest.fixture
def parquet(tmp_path):
    for part, start in enumerate((0, 7)):
        columns = {"a": np.arange(start, start + 7).astype(float), "y": np.arange(start, start + 7)}
        pq.write_table(pa.table(columns), tmp_path / f"{part}.parquet", row_group_size=3)
    return tmp_path


@pytest.mark.parametrize("block_rows", [1, 4, 100])
def test_parquet_batches_go_over_blocks(parquet, block_rows):
    data = nn.Dataset.from_parquet(str(parquet), ["a"], "y", block_rows=block_rows)
    assert values(y for _, y in data.batch(5)) == [
        list(range(5)),
        list(range(5, 10)),
        list(range(10, 14)),
    ]
    assert len(data.batch(5)) == 3
    assert [y.shape[0] for _, y in data.batch(5, drop_remainder=True)] == [5, 5]
    assert values(y for _, y in data.repeat(2).batch(28)) == [[*range(14), *range(14)]]


@pytest.mark.parametrize("buffer", [None, 4])
def test_parquet_shuffled(parquet, buffer):
    data = nn.Dataset.from_parquet(str(parquet), ["a"], "y").shuffle(buffer, seed=1).batch(4)
    first, second = ([v for _, y in data for v in np.asarray(y).tolist()] for _ in range(2))
    assert sorted(first) == list(range(14))
    assert first != second
    if buffer == 4:
        assert sorted(first[:4]) == [0, 1, 2, 3]


def test_parquet_columns_are_checked(parquet):
    with pytest.raises(ArgumentError, match=r"from_parquet: no columns \['z'\]"):
        nn.Dataset.from_parquet(str(parquet), ["z"])


@pytest.mark.parametrize("block_rows", [2, 1000])
def test_logs(tmp_path, block_rows):
    import cnengine as cn

    with cn.log.open(str(tmp_path / "log")) as log:
        log.create_topic("t", partitions=2)
        log.produce("t", pa.table({"k": [0, 1, 2, 3, 4], "v": [0.0, 1, 2, 3, 4]}), key="k")
        schema = {"k": "int64", "v": "float32"}
        data = nn.Dataset.from_log(log, "t", schema, ["v"], "k", block_rows=block_rows).batch(2)
        seen = [
            (x[0], y)
            for x, y in (
                (np.asarray(x)[i], np.asarray(y)[i]) for x, y in data for i in range(y.shape[0])
            )
        ]
        assert sorted(y for _, y in seen) == [0, 1, 2, 3, 4]
        assert all(x == y for x, y in seen)
        # What comes while a pass runs belongs to the next one.
        iterator = iter(data)
        next(iterator)
        log.produce("t", pa.table({"k": [9], "v": [9.0]}), key="k")
        assert sum(y.shape[0] for _, y in iterator) == 3
        assert sum(y.shape[0] for _, y in data) == 6


def test_wrong_use():
    with pytest.raises(ShapeError, match="from_arrays: expected arrays of one number of rows"):
        nn.Dataset.from_arrays(np.zeros(3), np.zeros(4))
    with pytest.raises(ShapeError, match="from_arrays"):
        nn.Dataset.from_arrays(np.zeros(()))
    for call in (lambda d: d.batch(0), lambda d: d.shuffle(0), lambda d: d.prefetch(0), lambda d: d.take(-1),
                 lambda d: d.repeat(-1), lambda d: d.map(abs, num_threads=0), lambda d: d.skip(-1)):  # fmt: skip
        with pytest.raises(ArgumentError):
            call(rows())


def test_passes_are_kept():
    made = []
    data = nn.Dataset.from_items(range(5)).map(lambda x: made.append(x) or x).cache()
    next(iter(data))  # a pass that is left early keeps nothing
    assert made == [0]
    assert [list(data) for _ in range(3)] == [[0, 1, 2, 3, 4]] * 3
    assert made == [0, 0, 1, 2, 3, 4]
    assert len(data) == 5
    shuffled = data.shuffle(seed=1)
    assert list(shuffled) != list(shuffled)


def test_datasets_side_by_side_and_in_turn():
    a, b = nn.Dataset.from_items(range(3)), nn.Dataset.from_arrays(np.arange(5.0))
    pairs = list(nn.Dataset.zip(a, b))
    assert [(x, float(y)) for x, y in pairs] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert len(nn.Dataset.zip(a, b)) == 3
    assert len(nn.Dataset.zip(a.repeat(), b)) == 5
    assert nn.Dataset.zip(a.repeat(), b.repeat()).size is None
    assert nn.Dataset.zip(a, b.filter(bool)).size is None
    assert [float(x) for x in a.concatenate(b)] == [0, 1, 2, 0, 1, 2, 3, 4]
    assert len(a.concatenate(b)) == 8
    assert a.concatenate(b.repeat()).size is None
    with pytest.raises(ArgumentError, match="at least one dataset"):
        nn.Dataset.zip()


def test_batches_taken_apart():
    data = nn.Dataset.from_arrays(np.arange(6).reshape(3, 2), np.arange(3)).batch(2).unbatch()
    assert [(np.asarray(x).tolist(), int(y)) for x, y in data] == [
        ([0, 1], 0),
        ([2, 3], 1),
        ([4, 5], 2),
    ]
    assert data.size is None
    again = [(x.shape, y.shape) for x, y in data.batch(3)]
    assert again == [((3, 2), (3,))]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("method", ["map", "filter"])
def test_stop_iteration_does_not_end_a_pass(method, threads):
    def fails(x):
        if x == 2:
            raise StopIteration
        return x

    data = nn.Dataset.from_items(range(5))
    data = data.map(fails, num_threads=threads) if method == "map" else data.filter(fails)
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(data)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_source_that_waits_is_left(threads):
    release = threading.Event()

    def wait(x):
        if x:
            release.wait(30)
        return x

    start = time.monotonic()
    for _ in nn.Dataset.from_items(range(9)).map(wait, num_threads=threads).prefetch(1):
        break
    assert time.monotonic() - start < 10
    release.set()


def test_an_iterator_has_one_pass():
    data = nn.Dataset.from_items(x for x in range(3))
    assert list(data) == [0, 1, 2]
    with pytest.raises(RuntimeError, match="used up after one pass"):
        list(data)
    with pytest.raises(RuntimeError, match="used up after one pass"):
        list(nn.Dataset.from_items(iter([1])).repeat(2))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_of_others(library):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    columns = {"a": [1.0, 2.0, 3.0], "b": [4, 5, 6], "y": [0, 1, 0]}
    frame = module.DataFrame(columns)
    if library == "pandas":
        frame = frame.set_index(module.Index([7, 8, 9]))
    (x, y), = nn.Dataset.from_frame(frame, ["a", "b"], "y").batch(3)  # fmt: skip
    np.testing.assert_array_equal(np.asarray(x), [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(np.asarray(y), [0, 1, 0])
    assert sorted(next(iter(nn.Dataset.from_frame(frame)))) == ["a", "b", "y"]
    with pytest.raises(TypeError, match="from_frame: expected a table"):
        nn.Dataset.from_frame([1, 2])
