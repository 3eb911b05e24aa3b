"""The sum of 1e8 (or 1e6) floats over 2 processes of this machine, against torch's gloo."""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench.harness import peer
from bench.tensor import parallel_ranks as ranks

SETS = ("1e8", "1e6")
SET = "1e8"
ROUNDS = 5


def count_of(scale: float) -> int:
    return max(int(float(SET) * scale), 1)


def repeats_of(count: int) -> int:
    return max(1, min(200, int(2e8 / count)))


def by_cnengine(count: int, transport: str) -> Callable[[], object]:
    from cnengine.tensor import parallel

    def call() -> object:
        found = parallel.run(ranks.of_cnengine, (count, repeats_of(count)), workers=ranks.RANKS,
                             transport=transport, threads=1)  # fmt: skip
        call.seconds = max(seconds for seconds, _ in found)
        return found[0][1]

    return call


def by_torch(count: int) -> Callable[[], object]:
    context = multiprocessing.get_context("spawn")

    def call() -> object:
        with tempfile.TemporaryDirectory() as folder:
            path, pipes = str(Path(folder) / "store"), []
            for rank in range(ranks.RANKS):
                ours, theirs = context.Pipe()
                args = (theirs, rank, path, count, repeats_of(count))
                context.Process(target=ranks.of_torch, args=args, daemon=True).start()
                pipes.append(ours)
            found = [pipe.recv() for pipe in pipes]
        call.seconds = max(seconds for seconds, _ in found)
        return found[0][1]

    return call


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    count = count_of(scale)
    yield "cnengine", by_cnengine(count, "shared")
    yield "cnengine-tcp", by_cnengine(count, "tcp")
    if peer("torch"):
        yield "torch", by_torch(count)


def check(results: dict[str, object]) -> None:
    for name, got in results.items():
        np.testing.assert_array_equal(got, results["cnengine"], err_msg=name)
    first = np.asarray(results["cnengine"])[0]
    assert first == sum(range(ranks.RANKS)), "the sum of the ranks' numbers"
