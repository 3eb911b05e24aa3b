"""One, four and sixteen rows times a matrix of float32, as a model that serves multiplies them,
beside NumPy (OpenBLAS) and torch (MKL). `rows` weights lie row by row, `columns` ones column by
column, as those of a linear layer do.

The floor is reading the weights once. Each peer is timed by itself for a while, see bench_gemm.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer
from bench.tensor.bench_gemm import SETTLE_S, timed

SETS = ("1-rows", "4-rows", "16-rows", "1-columns", "4-columns", "16-columns")
SET = "4-columns"
ROUNDS = 7
DEPTH, COLUMNS = 2048, 1000


def OPS(scale: float) -> int:
    """Multiplications and additions of a product."""
    return 2 * int(SET.split("-")[0]) * max(int(DEPTH * scale), 8) * COLUMNS


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine as cn
    import cnengine.tensor as ct

    cn.set_num_threads(THREADS)
    rows, order = SET.split("-")
    rng = np.random.default_rng(0)
    depth = max(int(DEPTH * scale), 8)
    repeats, settle = (300, SETTLE_S) if scale == 1.0 else (1, 0.0)
    x = rng.normal(size=(int(rows), depth)).astype(np.float32)
    w = rng.normal(size=(depth, COLUMNS)).astype(np.float32)
    if order == "columns":
        w = np.ascontiguousarray(w.T).T
    ours = [ct.asarray(each) for each in (x, w)]
    yield "cnengine", timed(lambda: ours[0] @ ours[1], repeats, settle)
    yield "numpy", timed(lambda: x @ w, repeats, settle)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs = [torch.from_numpy(each) for each in (x, w)]
        yield "torch", timed(lambda: theirs[0] @ theirs[1], repeats, settle)


def check(results: dict[str, object]) -> None:
    """Sums of 2,048 products of float32: 1e-3."""
    for name, got in results.items():
        np.testing.assert_allclose(
            np.asarray(got), np.asarray(results["cnengine"]), rtol=1e-3, atol=1e-3, err_msg=name
        )
