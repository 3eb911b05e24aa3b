"""Training by several processes equals that by one, also when some of them end on the way."""

import json
import struct

import cnengine.tensor as ct
import numpy as np
import parallel_programs as programs
import pytest
from cnengine.errors import ArgumentError, CorruptionError
from cnengine.tensor import parallel

# Sums of the parts of a batch are rounded in another order than that of the whole: a few units of
# the last place in a step, which 12 steps of descent carry along.
TOLERANCE = {"float64": {"rtol": 1e-12, "atol": 1e-13}, "float32": {"rtol": 2e-5, "atol": 2e-6}}


def check_trained(results, alone, dtype):
    parameters, losses = alone
    for tree, values in results:
        np.testing.assert_allclose(values, losses, **TOLERANCE[dtype])
        for got, want, first in zip(ct.tree_leaves(tree), ct.tree_leaves(parameters),
                                    ct.tree_leaves(results[0][0]), strict=True):  # fmt: skip
            assert got.dtype == want.dtype
            np.testing.assert_allclose(np.asarray(got), np.asarray(want), **TOLERANCE[dtype])
            np.testing.assert_array_equal(np.asarray(got), np.asarray(first))  # the same bits


@pytest.mark.parametrize(
    ("dtype", "ranks", "rows", "op", "transport", "bucket_bytes", "jit"),
    [
        ("float64", 2, 32, "mean", "shared", 1, False),
        ("float64", 3, 32, "sum", "tcp", 2500, False),  # parts of 10, 11, 11 rows
        ("float32", 4, 32, "mean", "auto", 1 << 20, False),
        ("float32", 2, 31, "sum", "shared", 1 << 20, True),
    ],
)
def test_equal_to_one_process(dtype, ranks, rows, op, transport, bucket_bytes, jit):
    args = (12, rows, 16, dtype, op, bucket_bytes, jit)
    alone = programs.train(*args, alone=True)
    found = parallel.run(programs.train_twice, args, workers=ranks, transport=transport)
    check_trained([first for first, _ in found], alone, dtype)
    for first, second in found:
        for a, b in zip(ct.tree_leaves(first), ct.tree_leaves(second), strict=True):
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def test_buckets_are_sent_while_derivatives_are_computed():
    """In the first step the order is found; from then on all but the last bucket go before."""
    assert parallel.run(programs.submitted_before_the_end, workers=2) == [[0, 9]] * 2


def check_elastic(results, steps):
    """Each step adds one, however often it was begun."""
    for step, state, _ in results:
        assert (step, state["n"]) == (steps, steps)
        np.testing.assert_array_equal(np.asarray(state["x"]), np.full(3, float(steps)))


@pytest.mark.parametrize(("deaths", "left"), [({3: 2}, 2), ({2: 0, 5: 1}, 1)])
def test_the_rest_go_on(tmp_path, deaths, left):
    args = (str(tmp_path), 8, deaths, "kill")
    results = parallel.run(
        programs.elastic, args, workers=3, elastic=True, checkpoint=tmp_path / "c"
    )
    assert [size for *_, size in results] == [left] * left
    check_elastic(results, 8)


def test_a_worker_is_replaced(tmp_path):
    args = (str(tmp_path), 6, {3: 0}, "kill")
    results = parallel.run(programs.elastic, args, workers=2, elastic=True, restarts=1,
                           checkpoint=tmp_path / "c")  # fmt: skip
    assert [size for *_, size in results] == [2, 2]
    check_elastic(results, 6)


def test_a_worker_that_hangs_is_ended(tmp_path):
    args = (str(tmp_path), 5, {2: 1}, "hang")
    results = parallel.run(programs.elastic, args, workers=3, elastic=True, timeout=3.0,
                           checkpoint=tmp_path / "c")  # fmt: skip
    assert [size for *_, size in results] == [2, 2]
    check_elastic(results, 5)


def test_a_later_run_goes_on(tmp_path):
    for steps in (3, 7):
        results = parallel.run(programs.elastic, (str(tmp_path), steps, {}, ""), workers=2,
                               checkpoint=tmp_path / "c")  # fmt: skip
        check_elastic(results, steps)
    assert sorted(p.name for p in (tmp_path / "c").iterdir()) == [
        "step-000000000006.safetensors", "step-000000000007.safetensors"]  # fmt: skip


def test_none_is_left(tmp_path):
    with pytest.raises(parallel.WorkerError, match="SIGKILL; none is left"):
        parallel.run(programs.elastic, (str(tmp_path), 3, {1: 0}, "kill"), workers=1, elastic=True,
                     checkpoint=tmp_path / "c")  # fmt: skip


def test_every_type_is_saved(tmp_path):
    names = [
        "bool",
        "int8",
        "int64",
        "uint16",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
    ]
    tree = {
        name: programs.as_type(programs.data_of(1, 6, name).reshape(2, 3), name) for name in names
    }
    tree |= {"int": 3, "float": 0.1, "empty": ct.asarray(np.zeros((0, 2)))}
    session = parallel.Session(tmp_path)
    session.save(4, tree)
    step, found = session.restore(tree)
    assert step == 4
    assert (found["int"], found["float"]) == (3, 0.1)
    for name in [*names, "empty"]:
        assert (found[name].dtype, found[name].shape) == (tree[name].dtype, tree[name].shape)
        np.testing.assert_array_equal(np.asarray(found[name]), np.asarray(tree[name]))
    with pytest.raises(ArgumentError, match="restore: expected"):
        session.restore({**tree, "more": 1})
    with pytest.raises(ArgumentError, match="restore: expected leaf 1 as float64"):
        session.restore({**tree, "bool": 1.0})


def hostile():
    good = {"0": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    for change in [{"shape": [2]}, {"shape": [-1, -4]}, {"data_offsets": [0, 400]}, {"dtype": "F3"},
                   {"data_offsets": [-4, 0]}, {"data_offsets": [4, 0]}, {"shape": 3}]:  # fmt: skip
        yield json.dumps({"0": good["0"] | change}).encode()
    yield b"[]"
    yield b'{"0": 1}'
    yield b"\xff\xfe"


@pytest.mark.parametrize("header", [*hostile(), None])
def test_a_file_of_something_else(tmp_path, header):
    raw = b"\xff" * 20 if header is None else struct.pack("<Q", len(header)) + header + bytes(4)
    (tmp_path / "step-000000000001.safetensors").write_bytes(raw)
    with pytest.raises(CorruptionError, match=r"load_checkpoint: .*step-000000000001"):
        parallel.Session(tmp_path).restore([ct.asarray([1.0])])
