"""Running sums, products, extremes and logarithms of 1e6 numbers, beside NumPy and torch.

Sets: an operation and a type, such as "sum-float32"; with "-rows" along 1,000 rows of 1,000.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

NUMPY = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "logsumexp": np.logaddexp}
TORCH = {"sum": "cumsum", "prod": "cumprod", "max": "cummax", "logsumexp": "logcumsumexp"}
SETS = tuple(
    f"{name}-{dtype}{rows}"
    for name in NUMPY
    for dtype in ("float32", "float64", "int64")
    for rows in ("", "-rows")
    if name != "logsumexp" or dtype != "int64"
)
SET = "sum-float32"  # `--set` changes it
ROUNDS = 9


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.tensor as ct

    name, dtype, *rows = SET.split("-")
    count = max(int(1_000_000 * scale), 16)
    shape = (max(count // 1000, 1), 1000) if rows else (count,)
    rng = np.random.default_rng(0)
    values = rng.integers(-9, 9, shape) if dtype == "int64" else rng.normal(size=shape)
    values = values.astype(dtype)
    ours = ct.asarray(values)
    yield "cnengine", lambda: getattr(ct, f"cumulative_{name}")(ours, axis=-1)
    yield "numpy", lambda: NUMPY[name].accumulate(values, -1)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs = torch.from_numpy(values)
        yield "torch", lambda: getattr(torch, TORCH[name])(theirs, -1)


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        got = got[0] if isinstance(got, tuple) else got  # cummax gives places, too
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-3, atol=1e-1, err_msg=name)
