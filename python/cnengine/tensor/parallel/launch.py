"""Programs on worker processes of this machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

from cnengine.errors import ArgumentError, StateError
from cnengine.tensor.parallel.group import TIMEOUT
from cnengine.tensor.parallel.worker import Order, pack, unpack, work

__all__ = ["WorkerError", "run"]

GRACE = 5.0  # seconds at most for a worker that others miss to say why


class WorkerError(StateError):
    """A worker failed; the text has its traceback. `rank` is its number."""

    def __init__(self, rank: int, text: str) -> None:
        super().__init__(f"run: worker {rank} {text}")
        self.rank = rank


class _Worker:
    """A process, and what came of the program that it runs."""

    def __init__(self, context: Any, target: tuple[Any, ...], number: int) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=work, args=(theirs, *target), daemon=True, name=f"cnengine-worker-{number}"
        )
        self.process.start()
        theirs.close()
        self.rank = number
        self.outcome: tuple[str, Any] | None = ("idle", None)

    def tell(self, order: Order | int | None) -> None:
        with contextlib.suppress(OSError):  # its end is seen when it is listened to
            self.pipe.send(order)

    def obey(self, order: Order) -> None:
        self.rank, self.outcome = order.rank, None
        self.tell(order)

    def hear(self) -> tuple[str, Any]:
        """What it says, or how it ended."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode
            ended = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
            return ("dead", f"ended {ended}")

    def kill(self) -> None:
        self.process.kill()


class _Run:
    def __init__(self, target: tuple[Any, ...], order: Order, elastic: bool, restarts: int) -> None:
        self.context = multiprocessing.get_context("spawn")
        self.target, self.order = target, order
        self.elastic, self.restarts = elastic, restarts
        self.workers: list[_Worker] = []
        self.started = 0
        self.missed_at: float | None = None

    def start(self) -> None:
        self.workers.append(_Worker(self.context, self.target, self.started))
        self.started += 1

    def form(self) -> None:
        """Begins the program anew on all workers that there are."""
        self.missed_at = None
        self.order = self.order._replace(
            generation=self.order.generation + 1,
            size=len(self.workers),
            token=secrets.token_hex(32),
            port=0,
        )
        for rank, worker in enumerate(self.workers):
            worker.rank, worker.outcome = rank, ("idle", None)
        self.workers[0].obey(self.order._replace(rank=0))

    def run(self, workers: int) -> list[Any]:
        for _ in range(workers):
            self.start()
        self.form()
        while True:
            for worker in self.ready():
                self.take(worker, *worker.hear())
            if all(each.outcome is not None for each in self.workers):
                kinds = {each.outcome[0] for each in self.workers if each.outcome}
                if kinds == {"result"}:
                    return [unpack(each.outcome[1]) for each in self.workers if each.outcome]
                if "dead" in kinds:
                    self.re_form()
                elif "lost" in kinds:
                    self.give_up()

    def ready(self) -> list[_Worker]:
        by_pipe = {each.pipe: each for each in self.workers if not self.is_dead(each)}
        timeout = None
        if self.missed_at is not None:
            timeout = max(0.0, self.missed_at + min(GRACE, self.order.timeout) - time.monotonic())
        found = multiprocessing.connection.wait(list(by_pipe), timeout)
        if not found and self.missed_at is not None:
            self.end_stalled()
        return [by_pipe[each] for each in found]

    @staticmethod
    def is_dead(worker: _Worker) -> bool:
        return worker.outcome is not None and worker.outcome[0] == "dead"

    def take(self, worker: _Worker, kind: str, value: Any) -> None:
        if kind == "port":
            if not any(self.is_dead(each) for each in self.workers):
                for rank, each in enumerate(self.workers[1:], 1):
                    each.obey(self.order._replace(rank=rank, port=value))
            return
        worker.outcome = (kind, value)
        if kind == "error":
            raise WorkerError(worker.rank, f"failed:\n{value}")
        if kind == "dead":
            if not self.elastic:
                raise WorkerError(worker.rank, value)
            for each in self.workers:
                each.tell(self.order.generation)  # what they do has no end
        if kind == "lost" and self.missed_at is None:
            self.missed_at = time.monotonic()

    def end_stalled(self) -> None:
        """Of workers that others miss the end is not waited for."""
        self.missed_at = None
        missed = {e.outcome[1][0] for e in self.workers if e.outcome and e.outcome[0] == "lost"}
        for worker in self.workers:
            if worker.outcome is None and worker.rank in missed:
                if not self.elastic:
                    self.give_up()
                worker.kill()

    def give_up(self) -> None:
        """Ends with what a worker said of another one."""
        for worker in self.workers:
            if worker.outcome is not None and worker.outcome[0] == "lost":
                rank, text = worker.outcome[1]
                raise WorkerError(worker.rank if rank < 0 else rank, f"was missed:\n{text}")

    def re_form(self) -> None:
        gone = [each for each in self.workers if self.is_dead(each)]
        self.workers = [each for each in self.workers if not self.is_dead(each)]
        for worker in gone:
            worker.pipe.close()
            if self.restarts > 0:
                self.restarts -= 1
                self.start()
        if not self.workers:
            raise WorkerError(gone[-1].rank, f"{gone[-1].outcome[1]}; none is left")
        self.form()

    def close(self) -> None:
        for worker in self.workers:
            if worker.outcome is None:
                worker.kill()
            else:
                worker.tell(None)
        for worker in self.workers:
            worker.process.join(GRACE)
            worker.kill()
            worker.process.join()
            worker.pipe.close()


def run(
    f: Callable[..., Any],
    args: Sequence[Any] = (),
    *,
    workers: int,
    timeout: float = TIMEOUT,
    transport: str = "auto",
    threads: int | None = None,
    elastic: bool = False,
    checkpoint: str | PathLike[str] | None = None,
    restarts: int = 0,
) -> list[Any]:
    """Runs f(*args) on several new processes of this machine: what it returns, by rank.

    In them, this module's functions put their work together. The processes are started anew
    (spawn), so `f` is a function of a module and, as its arguments and results, can be pickled;
    trees of arrays can. A script calls this under ``if __name__ == "__main__":``.

    Parameters
    ----------
    timeout, transport
        As of `init`.
    threads
        For each worker; None: CNENGINE_NUM_THREADS, else its share of the processors.
    elastic
        When a worker ends or does not answer, the others begin `f` anew as a group of fewer. They
        go on from what they saved: ``step, state = parallel.session().restore(state)``, then
        ``parallel.session().save(step, state)`` now and then.
    checkpoint
        The directory for that. What is there already is gone on from, too.
    restarts
        How many workers that ended are replaced by new ones.

    Raises WorkerError, with the traceback, when `f` raises in a worker or, without `elastic`, when
    one ends.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.run(divmod, (7, 3), workers=1)
    [(2, 1)]
    """
    if workers < 1:
        raise ArgumentError(f"run: expected workers of at least 1, got {workers}")
    if elastic and checkpoint is None:
        raise ArgumentError("run: expected a directory as checkpoint to be elastic")
    if not elastic and restarts:
        raise ArgumentError("run: expected elastic=True to restart workers")
    if threads is None and "CNENGINE_NUM_THREADS" not in os.environ:
        threads = max(1, len(os.sched_getaffinity(0)) // workers)
    directory = None if checkpoint is None else os.path.abspath(checkpoint)
    order = Order(0, 0, workers, 0, "", timeout, transport, directory)
    job = _Run((f, pack(tuple(args)), threads), order, elastic, restarts)
    try:
        return job.run(workers)
    finally:
        job.close()
