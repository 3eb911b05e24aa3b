"""Collectives of several processes against NumPy, and what happens when one of them fails."""

import functools
import operator
import subprocess
import sys

import cnengine.tensor as ct
import numpy as np
import parallel_programs as programs
import pytest
from cnengine.errors import ArgumentError, ShapeError, StateError
from cnengine.tensor import parallel

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]  # fmt: skip
NUMBERS = {"sum": np.add, "max": np.maximum, "min": np.minimum}
TRANSPORTS = ["shared", "tcp"]


def test_it_is_loaded_at_its_first_use():
    """Sockets and processes are half of what the import of the tensors would take."""
    code = ("import sys, cnengine.tensor as ct\n"
            "print('cnengine.tensor.parallel' in sys.modules, 'multiprocessing' in sys.modules)\n"
            "print(ct.parallel.run.__name__, 'parallel' in dir(ct), hasattr(ct, 'paralel'))"
            )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "run", "True", "False"]


def check_collectives(results, sizes, dtypes):
    """All results of `programs.collectives`; whole numbers, so that they are exact."""
    ranks = len(results)
    for dtype in dtypes:
        for n in sizes:
            each = [programs.data_of(rank, n, dtype) for rank in range(ranks)]
            blocks = [programs.data_of(rank, n * ranks, dtype) for rank in range(ranks)]
            expected = {"gather": [np.stack(each)] * ranks, "broadcast": [each[-1]] * ranks}
            if dtype != "bool":
                total = functools.reduce(operator.add, blocks)
                expected["scatter"] = np.split(total, ranks)
                for op, f in NUMBERS.items():
                    if op == "sum" or "complex" not in dtype:
                        expected[op] = [functools.reduce(f, each)] * ranks
                if "int" not in dtype:
                    mean = functools.reduce(operator.add, each) / np.float32(ranks)
                    expected["mean"] = [mean.astype(each[0].dtype)] * ranks
            for name, by_rank in expected.items():
                for rank, want in enumerate(by_rank):
                    got = results[rank][f"{name} {dtype} {n}"]
                    assert got.dtype.name == dtype
                    rtol = 4e-3 if name == "mean" and dtype == "bfloat16" else 1e-3 if (
                        name == "mean" and dtype == "float16") else 1e-6  # fmt: skip
                    np.testing.assert_allclose(
                        np.asarray(got), want, rtol=rtol if name == "mean" else 0
                    )


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_collectives_match_numpy(ranks, transport):
    """Sums, extremes and copies exactly; means within a rounding of the type."""
    sizes = [0, 1, 5, 1031]
    results = parallel.run(programs.collectives, (sizes, DTYPES), workers=ranks,
                           transport=transport)  # fmt: skip
    assert {each["transport"] for each in results} == {"none" if ranks == 1 else transport}
    check_collectives(results, sizes, DTYPES)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_arrays_of_many_pieces(transport):
    """Longer than what is sent at once, and no multiple of it."""
    sizes, dtypes = [300_007], ["float64", "int8"]
    results = parallel.run(programs.collectives, (sizes, dtypes), workers=3, transport=transport)
    check_collectives(results, sizes, dtypes)


def test_sums_are_in_the_order_of_ranks():
    """The same bits on all ranks, by both transports, whatever is sent together: ((a + b) + c)."""
    n, ranks, dtypes = 300_007, 3, ["float16", "bfloat16", "float32", "float64"]
    found = []
    for transport in TRANSPORTS:
        found += parallel.run(
            programs.sums_of_floats, (n, dtypes), workers=ranks, transport=transport
        )
    for at, dtype in enumerate(dtypes):
        values = [np.asarray(programs.floats_of(rank, n, dtype)) for rank in range(ranks)]
        computed = np.float64 if dtype == "float64" else np.float32  # halves are rounded once
        total = functools.reduce(operator.add, [each.astype(computed) for each in values])
        want = np.asarray(programs.as_type(total, dtype))
        for by_type in found:
            whole, parts = by_type[at]
            np.testing.assert_array_equal(np.asarray(whole), want)
            np.testing.assert_array_equal(np.concatenate([np.asarray(p) for p in parts]), want)


def test_trees_and_views():
    for rank, (tree, part) in enumerate(parallel.run(programs.tree_and_views, workers=2)):
        x = np.arange(12.0, dtype=np.float32).reshape(3, 4)
        np.testing.assert_array_equal(tree["t"], 2 * x.T + 1)
        np.testing.assert_array_equal(tree["r"], 2 * x[::-1, ::2] + 1)
        assert tree["e"].shape == (0, 4)
        assert float(tree["s"]) == 2.0
        np.testing.assert_array_equal(tree["b"], np.ones((2, 3)))
        np.testing.assert_array_equal(part["x"], [np.arange(3.0), np.arange(3.0, 7.0)][rank])


def test_an_error_comes_with_its_traceback():
    with pytest.raises(
        parallel.WorkerError, match=r"(?s)worker 1 failed.*in raise_at_rank.*the reason"
    ) as e:
        parallel.run(programs.raise_at_rank, (1,), workers=3)
    assert e.value.rank == 1


def test_a_worker_that_is_killed_is_named():
    with pytest.raises(parallel.WorkerError, match="worker 2 ended by signal SIGKILL"):
        parallel.run(programs.kill_in_a_sum, (2,), workers=3)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_ranks_that_differ(transport):
    with pytest.raises(parallel.WorkerError, match=r"do not do the same: here \w+ of 1 float32"):
        parallel.run(programs.differ, workers=2, transport=transport)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_worker_that_stalls_is_named(transport):
    with pytest.raises(
        parallel.WorkerError, match=r"(?s)worker 1 was missed.*rank 1 did not answer"
    ):
        parallel.run(programs.stall, (1,), workers=3, timeout=3.0, transport=transport)


def test_wrong_use():
    with pytest.raises(ArgumentError, match="no operation"):
        parallel.allreduce(1.0, "median")
    with pytest.raises(TypeError, match=r"mean; cast"):
        parallel.allreduce(1, "mean")
    with pytest.raises(TypeError, match="bool has no sum"):
        parallel.allreduce(True)
    with pytest.raises(TypeError, match="complex64 has no extremes"):
        parallel.allreduce(1j, "max")
    with pytest.raises(ShapeError, match="first axis"):
        parallel.reduce_scatter(1.0)
    with pytest.raises(ShapeError, match="axis 0"):
        parallel.shard(1.0)
    with pytest.raises(ArgumentError, match="root from 0 to 0"):
        parallel.broadcast(1.0, 1)
    with pytest.raises(ArgumentError, match="host:port"):
        parallel.init(rank=0, size=1, address="nowhere", token="x")
    with pytest.raises(ArgumentError, match="CNENGINE_PARALLEL_TOKEN"):
        parallel.init(rank=0, size=2, address="127.0.0.1:0")
    with pytest.raises(ArgumentError, match="a secret token"):
        parallel.init(rank=0, size=2, address="127.0.0.1:0", token="")
    with pytest.raises(ArgumentError, match="rank from 0"):
        parallel.init(rank=2, size=2, address="127.0.0.1:1", token="x")
    with pytest.raises(ArgumentError, match='no transport "tpc"'):
        parallel.init(rank=0, size=1, address="127.0.0.1:0", token="x", transport="tpc")
    with pytest.raises(ArgumentError, match="at least 1"):
        parallel.run(divmod, workers=0)
    with pytest.raises(ArgumentError, match="as checkpoint"):
        parallel.run(divmod, workers=1, elastic=True)
    with pytest.raises(StateError, match="checkpoint"):
        parallel.session().save(1, {})


def test_traced_values_do_not_leave():
    import cnengine as cn

    with pytest.raises(TypeError, match="allreduce"):
        cn.jit(parallel.allreduce)(ct.asarray(1.0))
