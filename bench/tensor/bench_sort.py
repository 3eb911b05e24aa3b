"""sort and argsort, beside NumPy, torch and JAX.

Sets: a function and a type, such as "sort-float32": of 1e6 random numbers; with "-rows" 1,000 rows
of 1,000. Every argsort is stable; NumPy's is not, which its case allows.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

TYPES = ("float32", "float64", "int32", "int64", "int16", "uint8")
SETS = tuple(
    f"{name}-{dtype}{rows}"
    for name in ("sort", "argsort")
    for dtype in TYPES
    for rows in ("", "-rows")
)
SET = "sort-float32"  # `--set` changes it
ROUNDS = 9


def numbers(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(0)
    if dtype.startswith("float"):
        return rng.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(max(info.min, -(2**31)), min(info.max, 2**31), size=shape, dtype=dtype)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.tensor as ct

    name, dtype, *rows = SET.split("-")
    count = max(int(1_000_000 * scale), 16)
    values = numbers(dtype, (max(count // 1000, 1), 1000) if rows else (count,))
    ours = ct.asarray(values)
    yield "cnengine", lambda: getattr(ct, name)(ours)
    yield "numpy", lambda: getattr(np, name)(values)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs = torch.from_numpy(values)
        if name == "sort":
            yield "torch", lambda: torch.sort(theirs).values
        else:
            yield "torch", lambda: torch.argsort(theirs, stable=True)
    if jax := peer("jax"):
        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(getattr(jax.numpy, name))
        array = jax.numpy.asarray(values)
        yield "jax", lambda: compiled(array).block_until_ready()


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        if name == "numpy" and SET.startswith("arg"):
            continue  # equal numbers in any order
        np.testing.assert_array_equal(np.asarray(got), want, err_msg=name)
