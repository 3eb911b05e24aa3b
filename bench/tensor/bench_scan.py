"""100,000 rounds of a jitted loop over a small state: what a round costs beside its operations.

Sets: "vector" (0.9 s + x of 8 floats), "tanh" of it, "gru" (a cell of 32 inputs and 32 units), the
derivatives "vector-grad", "tanh-grad" and "gru-grad" by rows or weights, and "while" (two numbers,
until a bound that is not known before).
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np

from bench.harness import peer

SETS = ("vector", "tanh", "gru", "vector-grad", "tanh-grad", "gru-grad", "while")
SET = "vector"  # `--set` changes it
ROUNDS = 7
WIDTH = 32


def OPS(scale: float) -> int:
    """Rounds a call."""
    return max(int(100_000 * scale), 4)


def program(lib: SimpleNamespace, xp) -> Callable:
    """Of rows, an input of the cell each, and two weights; `xp` has the functions of NumPy."""

    def affine(s, x):
        s = s * 0.9 + x
        return s, s

    def tanh(s, x):
        s = xp.tanh(s * 0.9 + x)
        return s, s

    def loop(rows, w, u):
        if SET.startswith("gru"):

            def cell(h, x):
                a, b = h @ w, xp.reshape(x, (1, WIDTH)) @ u
                z = lib.sigmoid(a[:, :WIDTH] + b[:, :WIDTH])
                r = lib.sigmoid(a[:, WIDTH : 2 * WIDTH] + b[:, WIDTH : 2 * WIDTH])
                n = xp.tanh(b[:, 2 * WIDTH :] + r * a[:, 2 * WIDTH :])
                h = (1 - z) * n + z * h
                return h, h[0]

            return lib.scan(cell, xp.zeros((1, WIDTH), dtype=rows.dtype), rows)[1]
        f = affine if SET.startswith("vector") else tanh
        return lib.scan(f, xp.zeros(8, dtype=rows.dtype), rows)[1]

    def count(rows, w, u):
        bound = w[0, 0] * 0 + float(len(rows))
        return lib.while_loop(
            lambda s: s[0] < bound, lambda s: (s[0] + 1, s[1] * 0.999 + 0.1), (bound * 0, bound * 0)
        )[1]

    if SET == "while":
        return count
    if not SET.endswith("-grad"):
        return loop
    by = (1, 2) if SET.startswith("gru") else 0
    return lib.grad(lambda *args: xp.mean(loop(*args)), argnums=by)


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine as cn
    import cnengine.tensor as ct

    rng = np.random.default_rng(0)
    width = WIDTH if SET.startswith("gru") else 8
    shapes = ((OPS(scale), width), (WIDTH, 3 * WIDTH), (WIDTH, 3 * WIDTH))
    arrays = [(rng.normal(size=shape) * 0.1).astype(np.float32) for shape in shapes]
    lib = SimpleNamespace(scan=cn.scan, while_loop=cn.while_loop, grad=cn.grad, sigmoid=ct.sigmoid)
    ours, given = cn.jit(program(lib, ct)), [ct.asarray(each) for each in arrays]
    yield "cnengine", lambda: ours(*given)
    if jax := peer("jax"):
        lib = SimpleNamespace(scan=jax.lax.scan, while_loop=jax.lax.while_loop, grad=jax.grad,
                              sigmoid=jax.nn.sigmoid)  # fmt: skip
        theirs = jax.jit(program(lib, jax.numpy))
        placed = [jax.numpy.asarray(each) for each in arrays]
        yield "jax", lambda: jax.block_until_ready(theirs(*placed))


def check(results: dict[str, object]) -> None:
    def flat(result: object) -> list[np.ndarray]:
        return list(map(np.asarray, result if isinstance(result, tuple) else (result,)))

    want = flat(results["cnengine"])
    for name, got in results.items():
        for each, expected in zip(flat(got), want, strict=True):
            np.testing.assert_allclose(each, expected, rtol=2e-3, atol=1e-4, err_msg=name)
