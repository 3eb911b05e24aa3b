"""A chain of operations over 1e7 floats (10,000 rows) as one program, jitted where that exists.

Sets: "gelu" of rows plus a bias, "layer_norm" of rows with scale and shift, "softmax" of rows.
"copy" is a copy of the same bytes by NumPy: what memory allows.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

SETS = ("gelu", "layer_norm", "softmax")
SET = "gelu"  # `--set` changes it
ROUNDS = 9
EPS = 1e-5


def programs(xp, erf) -> dict[str, Callable]:
    """The chains as users write them; `xp` has the functions of NumPy's names."""

    def gelu(x, w, b):
        y = x + b
        return y * 0.5 * (1.0 + erf(y * 0.7071067811865476))

    def layer_norm(x, w, b):
        away = x - xp.mean(x, axis=-1, keepdims=True)
        spread = xp.mean(away * away, axis=-1, keepdims=True)
        return away / xp.sqrt(spread + EPS) * w + b

    def softmax(x, w, b):
        e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
        return e / xp.sum(e, axis=-1, keepdims=True)

    return {"gelu": gelu, "layer_norm": layer_norm, "softmax": softmax}


def with_torch(torch, x, w, b) -> Callable[[], object]:
    """Its own fused operators, without compilation."""
    functional = torch.nn.functional
    x, w, b = (torch.tensor(each) for each in (x, w, b))
    return {
        "gelu": lambda: functional.gelu(x + b),
        "layer_norm": lambda: functional.layer_norm(x, x.shape[1:], w, b, EPS),
        "softmax": lambda: functional.softmax(x, -1),
    }[SET]


def with_numexpr(numexpr, x, w, b) -> Callable[[], object] | None:
    if SET != "gelu":
        return None
    numexpr.set_num_threads(THREADS)
    if "erf" not in getattr(numexpr, "expressions", numexpr).__dict__.get("functions", {}):
        return None  # its releases differ
    return lambda: numexpr.evaluate("(x + b) * 0.5 * (1 + erf((x + b) * 0.7071067811865476))")


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine as cn
    import cnengine.tensor as ct

    rng = np.random.default_rng(0)
    x = rng.normal(size=(max(int(10_000 * scale), 4), 1000)).astype(np.float32)
    w, b = rng.normal(size=(2, 1000)).astype(np.float32)
    ours = cn.jit(programs(ct, ct.erf)[SET])
    arrays = [ct.asarray(each) for each in (x, w, b)]
    yield "cnengine", lambda: ours(*arrays)
    yield "copy", lambda: x.copy()
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        yield "torch", with_torch(torch, x, w, b)
    if jax := peer("jax"):
        theirs = jax.jit(programs(jax.numpy, jax.scipy.special.erf)[SET])
        given = [jax.numpy.asarray(each) for each in (x, w, b)]
        yield "jax", lambda: theirs(*given).block_until_ready()
    if (numexpr := peer("numexpr")) and (call := with_numexpr(numexpr, x, w, b)):
        yield "numexpr", call


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        if name != "copy":
            np.testing.assert_allclose(np.asarray(got), want, rtol=2e-4, atol=2e-5, err_msg=name)
