"""Steps of training (forward, derivatives, optimiser): an MLP 128-256-256-1 with batches of 256, by
SGD and by Adam, and a decoder of 6 layers, 384 wide, with 16 x 128 tokens, by Adam.

A call is 20 steps of the MLP, one of the decoder. All begin with the same weights; losses are
checked to be equal.

The results that are kept were taken while nothing else ran, on a machine whose clock changed by a
factor of two between runs. torch.compile is left out of the decoder, which takes minutes to
compile.
"""

import os
from collections.abc import Callable, Iterator

import pytest

from bench.harness import THREADS, peer

SETS = ("mlp-adam", "mlp-sgd", "decoder")
SET = "mlp-adam"


def ROUNDS(name: str) -> int:
    return 7 if name == "decoder" else 15


def _steps() -> int:
    return 1 if SET == "decoder" else 20


def OPS(scale: float) -> int:
    """Steps a call."""
    return _steps()


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    os.environ["NPROC"] = str(THREADS)  # how many threads XLA makes
    from bench.nn import networks

    kind, adam = SET.split("-")[0], SET != "mlp-sgd"
    data = networks.mlp_data(scale) if kind == "mlp" else networks.text_data(scale)

    def several(step: Callable[[], float]) -> Callable[[], object]:
        def run() -> object:
            for _ in range(_steps() - 1):
                step()
            return step()

        return run

    weights, step = networks.ours(kind, adam, data)
    yield "cnengine", several(step)
    if peer("torch"):
        yield "torch", several(networks.with_torch(kind, adam, data, weights, False))
        # Its compiler takes minutes, which a variable spares.
        if scale == 1.0 and "CNENGINE_NO_TORCH_COMPILE" not in os.environ:
            compiled = networks.with_torch(kind, adam, data, weights, True)
            yield "torch.compile", several(compiled)
    if peer("jax"):
        yield "jax", several(networks.with_jax(kind, adam, data, weights))


def check(results: dict[str, object]) -> None:
    """Losses after as many steps, which roundings move apart: 1e-3."""
    for name, value in results.items():
        assert value == pytest.approx(results["cnengine"], rel=1e-3), name
