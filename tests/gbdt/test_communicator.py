"""Several workers, each with a part of the rows: the model of one that has all, bit for bit."""

import contextlib
import itertools
import multiprocessing
import os
import signal
import socket
import struct
import threading
import time

import numpy as np
import pandas as pd
import pytest
from cnengine import errors
from cnengine.gbdt import Dataset, SocketCommunicator, callbacks, train

RNG = np.random.default_rng(8)
N = 3000
X = RNG.standard_normal((N, 6)).astype(np.float32)
X[RNG.random(X.shape) < 0.1] = np.nan
X[:, 3] = RNG.integers(0, 40, N)
X[:, 4] = np.where(RNG.random(N) < 0.9, 0, X[:, 4])
X[:, 5] = np.arange(N) // 1500  # constant within one of two halves
Z = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) * (X[:, 3] % 3 - 1) + RNG.standard_normal(N)
Y = (Z > 0).astype(float)
SIZES = np.full(100, 30)
W = RNG.integers(0, 3, N).astype(float)


class Meeting:
    """A communicator of threads."""

    def __init__(self, size):
        self.barrier = threading.Barrier(size, timeout=60)
        self.slots = [None] * size

    def member(self, rank):
        meeting = self

        class Member:
            size = len(meeting.slots)

            def _meet(self, value):
                meeting.slots[rank] = value
                meeting.barrier.wait()
                out = list(meeting.slots)
                meeting.barrier.wait()
                return out

            def allreduce(self, values):
                return np.sum(self._meet(values), axis=0)

            def allgather(self, data):
                return self._meet(data)

            def abort(self):
                meeting.barrier.abort()

        Member.rank = rank
        return Member()


def run(cuts, work, members=None):
    """work(rank, rows, member) in a thread for each part; what they return, or the first error."""
    edges = [0, *cuts, N]
    members = members or [Meeting(len(edges) - 1)] * (len(edges) - 1)
    results, failures = [None] * len(members), []

    def target(rank):
        rows = slice(edges[rank], edges[rank + 1])
        member = members[rank].member(rank) if isinstance(members[rank], Meeting) else members[rank]
        try:
            results[rank] = work(rank, rows, member)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=target, args=(rank,)) for rank in range(len(members))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise next((f for f in failures if "Barrier" not in type(f).__name__), failures[0])
    return results


def check(params, cuts, *, x=X, y=Y, weight=None, sets=False, rounds=5, **options):
    """The same model and metrics from workers as from one."""
    data_options = {
        name: options.pop(name) for name in ("categorical_features",) if name in options
    }

    def part(rows):
        held = [Dataset(x[rows][::3], y[rows][::3], **data_options)] if sets else None
        w = None if weight is None else weight[rows]
        return Dataset(x[rows], y[rows], weight=w, **data_options), held

    def work(rank, rows, member):
        data, held = part(rows)
        return train(params, data, rounds, valid_sets=held, communicator=member, **options)

    data, held = part(slice(0, N))
    if sets:  # every third row of each part
        edges = [0, *cuts, N]
        at = np.concatenate([np.arange(a, b)[::3] for a, b in itertools.pairwise(edges)])
        held = [Dataset(x[at], y[at], **data_options)]
    whole = train(params, data, rounds, valid_sets=held, **options)
    assert whole.num_trees > 0
    models = run(cuts, work)
    for model in models:
        assert model.evals_result == whole.evals_result
        assert model.best_iteration == whole.best_iteration
        assert model.to_bytes() == whole.to_bytes()


OPTIONS = [
    {"objective": "regression"},
    {"objective": "binary", "subsample": 0.6, "colsample": 0.7, "extra_trees": True},
    {"objective": "binary", "boosting": "goss", "learning_rate": 0.5},
    {"objective": "binary", "data_sample_strategy": "mvs", "subsample": 0.5},
    {"objective": "binary", "data_sample_strategy": "bayesian"},
    {"objective": "binary", "gradient_bits": 8},
    {"objective": "binary", "grow_policy": "symmetric", "max_depth": 4},
    {"objective": "binary", "grow_policy": "depthwise", "max_depth": 5, "lambda_l1": 0.1},
    {"objective": "binary", "boosting": "dart", "drop_rate": 0.5, "skip_drop": 0.0},
    {"objective": "binary", "boosting": "rf", "subsample": 0.6},
    {"objective": "binary", "subsample_for_bin": 500, "max_bins": 31},
    {"objective": "regression", "monotone_constraints": [1, 0, -1, 0, 0, 0], "path_smooth": 3.0},
    {
        "objective": "binary",
        "monotone_constraints": [1, 0, -1, 0, 0, 0],
        "monotone_method": "intermediate",
        "gradient_bits": 8,
    },
    {"objective": "absolute"},
    {"objective": "absolute", "subsample": 0.5},
    {"objective": "quantile", "quantiles": [0.1, 0.9]},
    {"objective": "huber", "interaction_constraints": [[0, 1], [2, 3, 4, 5]]},
    {"objective": "focal", "leaf_estimation_iterations": 5},
    {"objective": "cox"},
]


@pytest.mark.parametrize("params", OPTIONS, ids=str)
def test_every_option_gives_the_same_model(params):
    y = np.abs(Z) + 0.1 if params["objective"] == "cox" else Y
    check(params, [1, 1400, 2999], y=y, weight=W, sets=True)


@pytest.mark.parametrize("cuts", [[0], [N], [0, 0, 700]], ids=str)
def test_workers_without_rows(cuts):
    check({"objective": "binary"}, cuts)
    check({"objective": "absolute", "gradient_bits": 16}, cuts, categorical_features=[3])


@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
def test_classes_and_categories(strategy):
    params = {"objective": "multiclass", "num_class": 5, "multi_strategy": strategy}
    y = np.digitize(Z, [-1, -0.3, 0.3, 1]).astype(float)
    check(params, [700, 900], y=y, categorical_features=[3], sets=True)


def test_texts_that_one_worker_has():
    city = np.array(["oslo", "bern", "rome", "lima"], dtype=object)[(X[:, 3] % 4).astype(int)]
    city[:1000] = "only here"
    city[2500:] = None
    frame = pd.DataFrame({"city": city, "x": X[:, 0]})

    def work(rank, rows, member):
        return train({"objective": "binary"}, Dataset(frame.iloc[rows], Y[rows]), 5,
                     communicator=member)  # fmt: skip

    whole = train({"objective": "binary"}, Dataset(frame, Y), 5)
    for model in run([1000, 2400], work):
        assert model.to_bytes() == whole.to_bytes()
        assert model.categories()[0] == ["bern", "lima", "only here", "oslo", "rome"]


@pytest.mark.parametrize("objective", ["lambdarank", "lambdarank_map", "pairwise", "rank_xendcg"])
def test_queries_lie_in_one_part(objective):
    y = np.clip(np.round(Z), 0, 4)
    params = {"objective": objective, "metric": "ndcg@5"}

    def work(rank, rows, member):
        sizes = SIZES[rows.start // 30 : rows.stop // 30]
        data = Dataset(X[rows], y[rows], group=sizes)
        return train(params, data, 5, valid_sets=[data], communicator=member)

    data = Dataset(X, y, group=SIZES)
    whole = train(params, data, 5, valid_sets=[data])
    for model in run([900, 2400], work):
        assert model.evals_result == whole.evals_result
        assert model.to_bytes() == whole.to_bytes()


def test_early_stopping_and_callbacks_end_all():
    params = {"objective": "binary", "learning_rate": 0.5}
    check(params, [1100], sets=True, rounds=200, early_stopping_rounds=3)
    stop = callbacks.early_stopping(3, verbose=False)
    check(params, [1100], sets=True, rounds=200, callbacks=[stop])

    def work(rank, rows, member):
        # One worker alone wants to stop.
        ends = [lambda env: rank == 1 and env.iteration == 3]
        return train(params, Dataset(X[rows], Y[rows]), 50, callbacks=ends, communicator=member)

    assert [model.num_rounds for model in run([1000], work)] == [4, 4]


def test_going_on_and_snapshots(tmp_path):
    start = train({"objective": "binary"}, Dataset(X, Y), 3)
    check({"objective": "binary"}, [800, 1600], init_model=start, sets=True)

    def work(rank, rows, member):
        save = callbacks.checkpoint(tmp_path / f"{rank}_{{round}}", every=2)
        data = Dataset(X[rows], Y[rows])
        return train({"objective": "binary"}, data, 4, communicator=member, callbacks=[save])

    with pytest.raises(errors.ArgumentError, match="the same options on all workers"):
        run([800], work)  # other paths

    def same(rank, rows, member):
        save = callbacks.checkpoint(tmp_path / "at_{round}", every=2)
        data = Dataset(X[rows], Y[rows])
        return train({"objective": "binary"}, data, 4, communicator=member, callbacks=[save])

    run([800], same)
    assert sorted(os.listdir(tmp_path)) == ["at_2", "at_4"]


def test_what_differs_between_workers_is_named():
    def differs(text, make, kind=errors.ArgumentError):
        def work(rank, rows, member):
            params, data = make(rank, rows)
            return train(params, data, 2, communicator=member)

        with pytest.raises(kind, match=text):
            run([1000], work)

    differs("the same options", lambda rank, rows: ({"eta": 0.1 + rank}, Dataset(X[rows], Y[rows])))
    differs("the same columns", lambda rank, rows: ({}, Dataset(X[rows, : 5 - rank], Y[rows])))
    differs("the same labels, weights", lambda rank, rows: (
        {}, Dataset(X[rows], Y[rows], weight=W[rows] if rank else None)))  # fmt: skip
    differs("NaN|finite", lambda rank, rows: ({}, Dataset(X[rows], Y[rows] + [0, np.nan][rank])))
    differs("cannot be shared", lambda rank, rows: (
        {"linear_tree": True}, Dataset(X[rows], Y[rows])), errors.UnsupportedError)  # fmt: skip
    differs("balanced", lambda rank, rows: (
        {"objective": "binary", "class_weight": "balanced"}, Dataset(X[rows], Y[rows])),
        errors.UnsupportedError)  # fmt: skip


def test_what_is_no_communicator():
    class Half:
        rank, size = 0, 2

        def allreduce(self, values):
            return values[:1]

        def allgather(self, data):
            return [data]

    data = Dataset(X, Y)
    with pytest.raises(errors.TypeError, match="a communicator with rank and size"):
        train({}, data, 1, communicator=object())
    with pytest.raises(
        errors.TypeError, match="allgather of the communicator to return a list of 2"
    ):
        train({}, data, 1, communicator=Half())
    Half.allgather = lambda self, data: [data, data]
    with pytest.raises(errors.TypeError, match="allreduce of the communicator to return"):
        train({}, data, 1, communicator=Half())


def worker(rank, size, address, bounds, kill_at, results):
    """A process of its own."""
    group = SocketCommunicator(rank, size, address, token="s3cret", timeout=60)

    def die(env):
        if rank == kill_at and env.iteration == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    rows = slice(*bounds)
    try:
        model = train({"objective": "binary"}, Dataset(X[rows], Y[rows]), 8, communicator=group,
                      callbacks=[die])  # fmt: skip
        results.put((rank, model.to_bytes()))
    except errors.IoError as error:
        results.put((rank, str(error)))


def processes(size, kill_at=None):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    root = SocketCommunicator(0, size, token="s3cret", timeout=60)
    edges = np.linspace(0, N, size + 1).astype(int)
    workers = [
        context.Process(target=worker, args=(rank, size, root.address, edges[rank : rank + 2],
                                             kill_at, results))
        for rank in range(1, size)
    ]  # fmt: skip
    for process in workers:
        process.start()
    return root, slice(*edges[:2]), workers, results


@pytest.mark.parametrize("size", [2, 4])
def test_processes_give_the_model_of_one(size):
    root, rows, workers, results = processes(size)
    model = train({"objective": "binary"}, Dataset(X[rows], Y[rows]), 8, communicator=root)
    others = dict(results.get(timeout=60) for _ in workers)
    for process in workers:
        process.join()
    whole = train({"objective": "binary"}, Dataset(X, Y), 8).to_bytes()
    assert model.to_bytes() == whole
    assert others == dict.fromkeys(range(1, size), whole)


def test_a_killed_worker_ends_the_others():
    root, rows, workers, results = processes(3, kill_at=2)
    with pytest.raises(errors.IoError, match="another worker is gone"):
        train({"objective": "binary"}, Dataset(X[rows], Y[rows]), 8, communicator=root)
    rank, text = results.get(timeout=60)
    assert rank == 1
    assert "another worker is gone" in text
    for process in workers:
        process.join()
    with pytest.raises(errors.IoError, match="closed after a failure"):
        root.allgather(b"")


def hello(rank=1, size=2, token=b"t", magic=b"CNEGBDT1", length=None):
    return magic + struct.pack("<III", rank, size, len(token) if length is None else length) + token


@pytest.mark.parametrize(
    "bytes_",
    [b"", b"GET / HTTP/1.0\r\n\r\n" + b"x" * 40, hello(token=b"wrong"), hello(rank=0),
     hello(rank=7), hello(size=3), hello(length=2**32 - 1), hello(magic=b"CNEGBDT2")],
    ids=lambda b: repr(b[:12]),
)  # fmt: skip
def test_strangers_are_turned_away(bytes_):
    root = SocketCommunicator(0, 2, token="t", timeout=60)
    host, port = root.address.split(":")
    stranger = socket.create_connection((host, int(port)))
    stranger.sendall(bytes_)
    stranger.shutdown(socket.SHUT_WR)
    other = threading.Thread(
        target=lambda: SocketCommunicator(1, 2, root.address, token="t").allgather(b"one")
    )
    other.start()
    assert root.allgather(b"zero") == [b"zero", b"one"]
    other.join()
    with contextlib.suppress(ConnectionResetError):
        assert stranger.recv(1) == b""
    stranger.close()


def test_silent_strangers_hold_nobody_up():
    root = SocketCommunicator(0, 2, token="t", timeout=60)
    host, port = root.address.split(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(20)]
    silent[0].sendall(hello()[:10])
    other = threading.Thread(
        target=lambda: SocketCommunicator(1, 2, root.address, token="t").allgather(b"one")
    )
    began = time.monotonic()
    other.start()
    assert root.allgather(b"zero") == [b"zero", b"one"]
    other.join()
    assert time.monotonic() - began < 40  # one after the other they would take 100 seconds
    for stranger in silent:
        stranger.close()


def test_ctrl_c_ends_a_wait():
    root = SocketCommunicator(0, 2, timeout=60)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            root.connect()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_worker_that_fails_early_ends_the_others():
    def work(rank, rows, member):
        params = {"num_leafs": 3} if rank else {}
        return train(params, Dataset(X[rows], Y[rows]), 2, communicator=member)

    with pytest.raises(errors.ArgumentError, match="num_leafs"):
        run([1000], work)
    assert not any(thread.name.startswith("Thread-") for thread in threading.enumerate()[1:])


@pytest.mark.parametrize(
    "frame",
    [b"CNEC", b"XXXX" + struct.pack("<IQ", 2, 3) + b"abc", b"CNEC" + struct.pack("<IQ", 1, 3),
     b"CNEC" + struct.pack("<IQ", 2, 2**62) + b"a" * 100, np.random.default_rng(0).bytes(500)],
    ids=lambda b: repr(b[:12]),
)  # fmt: skip
def test_bad_frames_are_errors(frame):
    root = SocketCommunicator(0, 2, token="t", timeout=60)
    host, port = root.address.split(":")
    other = socket.create_connection((host, int(port)))
    other.sendall(hello() + frame)
    other.shutdown(socket.SHUT_WR)
    with pytest.raises(errors.IoError, match=r"SocketCommunicator: .*(gone|do not do the same)"):
        root.allgather(b"zero")
    other.close()


def test_addresses_and_options():
    for arguments, text in [
        ((0, 0), "size from 1"), ((2, 2), "rank from 0"), ((1, 2), "the port of worker 0"),
        ((0, 2, "127.0.0.1:seventy"), "the port of worker 0, got -1"),
    ]:  # fmt: skip
        with pytest.raises(errors.ArgumentError, match=text):
            SocketCommunicator(*arguments)
    with pytest.raises(errors.ArgumentError, match="timeout above 0"):
        SocketCommunicator(0, 2, timeout=0)
    root = SocketCommunicator(0, 2, timeout=0.05)
    with pytest.raises(errors.IoError, match="expected 1 other workers within 50 ms, got 0"):
        root.connect()
    with pytest.raises(errors.IoError, match="cannot reach worker 0"):
        SocketCommunicator(1, 2, root.address, timeout=0.05).connect()
    alone = SocketCommunicator(0, 1)
    assert alone.allgather(b"a") == [b"a"]
    assert alone.allreduce(np.array([1, 2])).tolist() == [1, 2]
    model = train({}, Dataset(X, Y), 2, communicator=alone)
    assert model.to_bytes() == train({}, Dataset(X, Y), 2).to_bytes()
