"""Products of two square matrices beside NumPy (OpenBLAS) and torch (MKL): float32 of 512 to 4096,
and int8 into int32, of 2048.

Each peer is timed by itself for a while: threads of OpenMP spin after their work, and would take
the processor from whoever is next.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

SETS = ("f32-512", "f32-1024", "f32-2048", "f32-4096", "int8-2048")
SET = "f32-1024"
ROUNDS = 7
SETTLE_S = 0.25  # until spinning threads of others sleep


def _repeats(size: int) -> int:
    return max(int(4e9 / (2 * size**3)), 1)


def OPS(scale: float) -> int:
    """Multiplications and additions of a product."""
    return 2 * max(int(int(SET.split("-")[1]) * scale), 8) ** 3


def timed(call: Callable[[], object], repeats: int, settle: float) -> Callable[[], object]:
    """The call, whose `seconds` are those of one of several in a row."""

    def run() -> object:
        time.sleep(settle)
        out = call()
        start = time.perf_counter()
        for _ in range(repeats):
            out = call()
        run.seconds = (time.perf_counter() - start) / repeats
        return out

    return run


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine as cn
    import cnengine.tensor as ct

    cn.set_num_threads(THREADS)
    kind, extent = SET.split("-")
    size = max(int(int(extent) * scale), 8)
    rng = np.random.default_rng(0)
    repeats, settle = (_repeats(size), SETTLE_S) if scale == 1.0 else (1, 0.0)
    if kind == "int8":
        a, b = rng.integers(-128, 128, (2, size, size)).astype(np.int8)
    else:
        a, b = rng.normal(size=(2, size, size)).astype(np.float32)
    ours = [ct.asarray(each) for each in (a, b)]
    product = ct.matmul_int8 if kind == "int8" else ct.matmul
    yield "cnengine", timed(lambda: product(*ours), repeats, settle)
    if kind != "int8":
        yield "numpy", timed(lambda: a @ b, repeats, settle)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs = [torch.tensor(each) for each in (a, b)]
        multiply = torch._int_mm if kind == "int8" else torch.matmul
        if kind != "int8" or size > 16:
            yield "torch", timed(lambda: multiply(*theirs), repeats, settle)


def check(results: dict[str, object]) -> None:
    """Sums of up to 4096 products of float32: 1e-3; of integers equal."""
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        close = 0 if want.dtype == np.int32 else 1e-3
        np.testing.assert_allclose(np.asarray(got), want, rtol=close, atol=close, err_msg=name)
