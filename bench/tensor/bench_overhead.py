"""a + b on 8 floats, without anything compiled: what one operation costs beside its work."""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer


def OPS(scale: float) -> int:
    """Operations a call."""
    return max(int(200_000 * scale), 1)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine.tensor as ct

    count = OPS(scale)
    values = np.arange(8, dtype=np.float32)

    def repeated(a: object, b: object) -> Callable[[], object]:
        def call() -> object:
            for _ in range(count):
                out = a + b
            return out

        return call

    yield "cnengine", repeated(ct.asarray(values), ct.asarray(values))
    yield "numpy", repeated(values, values.copy())
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        yield "torch", repeated(torch.tensor(values), torch.tensor(values))
    if jnp := peer("jax.numpy"):
        yield "jax", repeated(jnp.asarray(values), jnp.asarray(values))


def check(results: dict[str, object]) -> None:
    for name, got in results.items():
        np.testing.assert_array_equal(np.asarray(got), 2 * np.arange(8), err_msg=name)
