"""Functions of floats over an array, beside NumPy, torch and JAX.

Sets: a function and a type, such as "exp-float32": of 10,000 elements, which stay in the second
cache, or, with the suffix "-large", of 1e7.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

FUNCTIONS = ("exp", "log", "tanh", "sin", "erf", "sigmoid", "expm1", "log1p", "pow", "atan2")
SETS = tuple(
    f"{name}-{dtype}{size}"
    for name in FUNCTIONS
    for dtype in ("float32", "float64")
    for size in ("", "-large")
)
SET = "exp-float32"  # `--set` changes it
ROUNDS = 15
TWO = ("pow", "atan2")
NUMPY = {"pow": "power", "atan2": "arctan2"}
JAX = {"pow": "power", "atan2": "arctan2"}


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.tensor as ct

    name, dtype, *large = SET.split("-")
    count = max(int((10_000_000 if large else 10_000) * scale), 16)
    rng = np.random.default_rng(0)
    x = rng.normal(size=count).astype(dtype)
    if name in ("log", "log1p", "pow"):
        x = np.abs(x)
    arguments = (x, np.abs(rng.normal(size=count)).astype(dtype)) if name in TWO else (x,)

    ours = [ct.asarray(each) for each in arguments]
    yield "cnengine", lambda: getattr(ct, name)(*ours)
    if function := getattr(np, NUMPY.get(name, name), None):
        yield "numpy", lambda: function(*arguments)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs = [torch.from_numpy(each) for each in arguments]
        yield "torch", lambda: getattr(torch, name)(*theirs)
    if jax := peer("jax"):
        jax.config.update("jax_enable_x64", True)
        places = (jax.numpy, jax.nn, jax.scipy.special)
        wanted = JAX.get(name, name)
        found = next(getattr(each, wanted) for each in places if hasattr(each, wanted))
        compiled = jax.jit(found)
        arrays = [jax.numpy.asarray(each) for each in arguments]
        yield "jax", lambda: compiled(*arrays).block_until_ready()


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-5, atol=1e-6, err_msg=name)
