"""Workers of one training: what has to be the same is compared, and Ctrl-C on one ends all alike."""

import multiprocessing
import os
import signal
import socket
import threading

import numpy as np
import pytest
from cnengine import errors
from cnengine.gbdt import Dataset, SocketCommunicator, train

RNG = np.random.default_rng(8)
N = 2000
X = RNG.normal(size=(N, 5))
Y = (X[:, 0] + X[:, 1] ** 2 + RNG.normal(size=N) > 1).astype(float)
BINARY = {"objective": "binary"}


def together(*params, rounds=3):
    """A worker in a thread for each of `params`; the model of each, or its error."""
    size = len(params)
    root = SocketCommunicator(0, size, token="t", timeout=60)
    results = [None] * size

    def work(rank):
        group = root if rank == 0 else SocketCommunicator(rank, size, root.address, token="t")
        try:
            data = Dataset(X[rank::size], Y[rank::size])
            results[rank] = train(params[rank], data, rounds, communicator=group)
        except Exception as error:
            results[rank] = error

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def with_weights(weights, objective="binary"):
    classes = None if objective == "binary" else 2
    return {"objective": objective, "class_weight": weights, "num_class": classes}


@pytest.mark.parametrize(
    ("one", "other"),
    [({0: 1.0, 1: 2.0}, {0: 1.0, 1: 3.0}), ({0: 1.0, 1: 2.0}, {1: 2.0}), ({1: 2.0}, None),
     ([1.0, 2.0], [2.0, 1.0]), ([1.0, 2.0], {0: 1.0, 1: 3.0})],
)  # fmt: skip
@pytest.mark.parametrize("objective", ["binary", "multiclass"])
def test_other_class_weights_are_told_apart(one, other, objective):
    failures = together(with_weights(one, objective), with_weights(other, objective))
    for error in failures:
        assert isinstance(error, errors.ArgumentError), error
        assert "the same options on all workers" in str(error)


def test_the_same_class_weights_agree():
    models = together(with_weights({0: 1.0, 1: 2.0}), with_weights({1: 2.0, 0: 1.0}))
    order = np.concatenate([np.arange(N)[0::2], np.arange(N)[1::2]])
    whole = train(with_weights({0: 1.0, 1: 2.0}), Dataset(X[order], Y[order]), 3)
    assert whole.to_bytes() != train(BINARY, Dataset(X[order], Y[order]), 3).to_bytes()
    assert [model.to_bytes() for model in models] == [whole.to_bytes()] * 2


def worker(rank, size, address, signals, results):
    """A process that gets Ctrl-C in the rounds of `signals`, or so many seconds after its start."""
    # A shell that starts tests with `&` lets them ignore Ctrl-C, and workers would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    group = SocketCommunicator(rank, size, address, token="t", timeout=60)
    callbacks = []
    if rank in signals:
        when = signals[rank]
        if isinstance(when, float):
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            callbacks.append(lambda env: env.iteration == 0 and
                             signal.setitimer(signal.ITIMER_REAL, when) and None)  # fmt: skip
        else:
            callbacks.append(
                lambda env: env.iteration == when and os.kill(os.getpid(), signal.SIGINT)
            )
    try:
        model = train(BINARY, Dataset(X[rank::size], Y[rank::size]), 40, communicator=group,
                      callbacks=callbacks)  # fmt: skip
        signal.setitimer(signal.ITIMER_REAL, 0)
        results.put((rank, model.num_rounds, model.interrupted, model.to_bytes()))
    except KeyboardInterrupt:
        results.put((rank, "KeyboardInterrupt", None, None))
    except errors.IoError as error:
        results.put((rank, "IoError", None, str(error)))


def outcomes(size, signals):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    processes = [
        context.Process(target=worker, args=(rank, size, address, signals, results))
        for rank in range(size)
    ]
    for process in processes:
        process.start()
    found = sorted(results.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    return found


@pytest.mark.parametrize("interrupted", [0, 1])
@pytest.mark.filterwarnings("ignore:train. interrupted")
def test_ctrl_c_on_one_worker_ends_all_at_the_same_round(interrupted):
    """Inside a callback it ends that round for all."""
    found = outcomes(2, {interrupted: 3})
    assert [rounds for _, rounds, _, _ in found] == [4, 4]
    assert found[0][3] == found[1][3]
    assert found[interrupted][2] is True


@pytest.mark.parametrize("seconds", [0.0001, 0.001, 0.003, 0.01, 0.02])
def test_ctrl_c_at_any_time_never_gives_models_of_different_lengths(seconds):
    found = outcomes(3, {1: seconds})
    models = {(rounds, data) for _, rounds, _, data in found if isinstance(rounds, int)}
    failed = [name for _, name, _, _ in found if not isinstance(name, int)]
    assert len(models) <= 1
    if models:
        assert next(iter(models))[0] >= 1
    assert set(failed) <= {"KeyboardInterrupt", "IoError"}
    if failed:  # who has no model knows why; who has one has all rounds
        assert not models or next(iter(models))[0] == 40


class Meeting:
    """A communicator of threads; `rank` 0 polls for Ctrl-C in the main thread."""

    def __init__(self, size):
        self.barrier = threading.Barrier(size, timeout=60)
        self.slots = [None] * size

    def member(self, rank, before=lambda: None):
        meeting = self

        class Member:
            size = len(meeting.slots)

            def _meet(self, value):
                before()
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


@pytest.mark.parametrize("after", [0, 1, 3, 6, 10, 14, 20, 30])
@pytest.mark.filterwarnings("ignore:train. interrupted")
def test_ctrl_c_at_each_meeting_of_the_workers(after):
    """The main thread gets the signal at its n-th meeting: at any place of a training."""
    meeting = Meeting(2)
    left = [after]

    def count():
        left[0] -= 1
        if left[0] == -1:
            signal.raise_signal(signal.SIGALRM)

    results = [None, None]

    def other():
        try:
            results[1] = train(BINARY, Dataset(X[1::2], Y[1::2]), 3,
                               communicator=meeting.member(1))  # fmt: skip
        except Exception as error:
            results[1] = error

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    thread = threading.Thread(target=other)
    thread.start()
    try:
        results[0] = train(BINARY, Dataset(X[0::2], Y[0::2]), 3,
                           communicator=meeting.member(0, count))  # fmt: skip
    except KeyboardInterrupt as error:
        results[0] = error
    finally:
        signal.signal(signal.SIGALRM, before)
        thread.join()
    models = [result for result in results if not isinstance(result, BaseException)]
    assert len({model.to_bytes() for model in models}) <= 1
    if len(models) == 1:
        assert models[0].num_rounds == 3  # all of them: it was done before
    if len(models) == 2 and models[0].num_rounds < 3:
        assert all(model.interrupted for model in models)
