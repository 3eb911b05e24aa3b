"""What compiling a training step costs: a decoder of 6 layers with Adam, of small extents, so that
running it costs little.

Sets: "cold", the first call of the jitted step (tracing, simplifying, fusing) less the next one;
"cached", a call after that.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import peer

SETS = ("cold", "cached")
SET = "cold"
ROUNDS = 3


def measured(make: Callable[[], Callable[[], float]]) -> Callable[[], object]:
    """A call whose `seconds` are those of the first step of a new program, or of a later one."""
    held: list[Callable[[], float]] = []

    def run() -> float:
        if SET == "cold" or not held:
            held[:] = [make()]
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            value = held[0]()
            seconds.append(time.perf_counter() - start)
        run.seconds = seconds[0] - seconds[2] if SET == "cold" else seconds[2]
        return float(value)

    return run


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.nn import networks

    rng = np.random.default_rng(1)
    tokens = rng.integers(0, networks.VOCABULARY, (1, 9))
    data = [(tokens[:, :-1].copy(), tokens[:, 1:].copy())]
    width, networks.WIDTH = networks.WIDTH, 24

    def narrow(make: Callable[..., object]) -> Callable[[], object]:
        def run() -> object:
            before, networks.WIDTH = networks.WIDTH, 24
            try:
                return make()
            finally:
                networks.WIDTH = before

        return run

    try:
        weights, _ = networks.ours("decoder", True, data)
    finally:
        networks.WIDTH = width
    yield "cnengine", measured(narrow(lambda: networks.ours("decoder", True, data)[1]))
    if peer("jax"):
        yield "jax", measured(narrow(lambda: networks.with_jax("decoder", True, data, weights)))


def check(results: dict[str, object]) -> None:
    """Nothing but time is measured: weights begin anew."""
    assert all(np.isfinite(value) for value in results.values())
