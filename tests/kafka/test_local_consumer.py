"""Members of this process whose callbacks use their consumer, and whose process forks."""

import contextlib
import itertools
import os
import signal
import threading
import time

import cnengine.log
import pytest
from cnengine.errors import StateError

ALL = [("t", p) for p in range(4)]


@pytest.fixture
def log(tmp_path):
    with cnengine.log.open(tmp_path / "log", fsync="none") as log:
        log.create_topic("t", partitions=4)
        yield log


def share_with_another(log, consumer, told):
    """Polls both until the first was told of partitions that go; the other's, a while after it."""
    with log.consumer("t", group="g") as other:
        deadline = time.monotonic() + 30
        while not told or len(other.assignment()) < 4 - len(consumer_partitions(consumer)):
            assert time.monotonic() < deadline
            if not consumer.closed:
                consumer.poll(0.02)
            other.poll(0.02)
        return other.assignment()


def consumer_partitions(consumer):
    return [] if consumer.closed else consumer.assignment()


def member(log, told, do):
    """A consumer that has all partitions, and whose callback does something when some go."""
    consumer = log.consumer(group="g")

    def on_revoke(partitions):
        told.append(sorted(partitions))
        do(consumer)

    consumer.subscribe("t", on_revoke=on_revoke)
    deadline = time.monotonic() + 30
    while len(consumer.assignment()) < 4:
        assert time.monotonic() < deadline
        consumer.poll(0.02)
    return consumer


def test_a_callback_may_poll(log):
    told = []
    with member(log, told, lambda consumer: consumer.poll(0)) as consumer:
        assert len(share_with_another(log, consumer, told)) == 2
        assert len(told) == 1


@pytest.mark.parametrize("how", ["close", "unsubscribe"])
def test_a_callback_may_leave(log, how):
    """Each partition is told of once, and nothing is taken after it."""
    told = []
    consumer = member(log, told, lambda consumer: getattr(consumer, how)())
    assert len(share_with_another(log, consumer, told)) == 4
    assert sorted(itertools.chain(*told)) == ALL
    assert consumer_partitions(consumer) == []
    consumer.close()


def test_a_callback_may_assign(log):
    told = []
    with member(log, told, lambda consumer: consumer.assign([("t", 3, 0)])) as consumer:
        share_with_another(log, consumer, told)
        assert sorted(itertools.chain(*told)) == ALL
        assert consumer.assignment() == [("t", 3)]


def test_a_child_forked_within_a_poll_does_not_wait(log):
    """The lock may be held by a thread that the child does not have."""
    consumer = log.consumer("t", group="g")
    ends = threading.Event()

    def poll():
        while not ends.is_set():
            consumer.poll(0.001)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        for _ in range(60):
            pid = os.fork()
            if pid == 0:
                signal.alarm(20)
                for call in (
                    lambda: consumer.poll(0),
                    lambda: consumer.subscribe("t"),
                    consumer.unsubscribe,
                    consumer.close,
                ):
                    with contextlib.suppress(StateError):
                        call()
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        ends.set()
        thread.join()
        consumer.close()
