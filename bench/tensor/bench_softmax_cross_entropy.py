"""The mean softmax cross-entropy of 8192 rows of 32,000 floats, and its derivatives by them.

Sets: "loss" alone, "slopes" with the loss. "copy" is a copy of the rows by NumPy: what memory
allows. Our losses read the rows once; torch's write the logarithms of all probabilities.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

SETS = ("loss", "slopes")
SET = "loss"
ROUNDS = 5


def with_torch(torch, x, labels) -> Callable[[], object]:
    x, labels = torch.tensor(x), torch.tensor(labels)
    loss = torch.nn.functional.cross_entropy

    def slopes() -> object:
        given = x.detach().requires_grad_()
        loss(given, labels).backward()
        return given.grad

    return slopes if SET == "slopes" else lambda: loss(x, labels)


def with_jax(jax, x, labels) -> Callable[[], object]:
    jnp = jax.numpy
    x, labels = jnp.asarray(x), jnp.asarray(labels)

    def loss(x):
        logp = jax.nn.log_softmax(x)
        return -jnp.take_along_axis(logp, labels[:, None], -1).mean()

    f = jax.jit(jax.grad(loss) if SET == "slopes" else loss)
    return lambda: f(x).block_until_ready()


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine as cn
    import cnengine.tensor as ct
    from cnengine import nn

    cn.set_num_threads(THREADS)
    rng = np.random.default_rng(0)
    rows, classes = max(int(8192 * scale), 4), max(int(32_000 * scale), 10)
    x = rng.normal(size=(rows, classes)).astype(np.float32)
    labels = rng.integers(0, classes, rows)
    ours = (ct.asarray(x), ct.asarray(labels))
    f = cn.jit(cn.grad(nn.cross_entropy) if SET == "slopes" else nn.cross_entropy)
    yield "cnengine", lambda: f(*ours)
    yield "copy", lambda: x.copy()
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        yield "torch", with_torch(torch, x, labels)
    if jax := peer("jax"):
        yield "jax", with_jax(jax, x, labels)


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        if name != "copy":
            got = np.asarray(got)
            np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-9, err_msg=name)
