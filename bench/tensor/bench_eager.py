"""Operations without jit on 1e6 float32 (1,000 rows), beside torch: values, and derivatives.

Sets: a name, or the name with "-grad" for the derivative by the array. "turned" is x.T + 0, "stack"
that of 1,000 arrays, "top_k" the 5 largest of each row.

Most are lost to torch, which takes 0.66 to 0.99 of the time (values and derivatives alike): an
exponential costs more here, and a chain loads and stores each step in the first cache. Both
threads are busy. Derivatives pass through six arrays that do not fit into the second cache. Of
small arrays "stack" looks at and copies 1,000 at once.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.harness import THREADS, peer

DERIVED = ("gelu", "softmax", "layer_norm", "silu", "hard_tanh", "mse", "cube", "turned")
SETS = (*DERIVED, *(f"{name}-grad" for name in DERIVED), "stack", "top_k", "full")
SET = "gelu"  # `--set` changes it
ROUNDS = 15


def of_ours(ct, nn) -> dict[str, Callable]:
    return {
        "gelu": nn.gelu,
        "softmax": nn.softmax,
        "layer_norm": lambda x: nn.LayerNorm(x.shape[-1])(x),
        "silu": nn.silu,
        "hard_tanh": nn.hard_tanh,
        "mse": lambda x: nn.mse_loss(x, ct.zeros_like(x)),
        "cube": lambda x: x**3,
        "turned": lambda x: x.T + 0,
        "stack": ct.stack,
        "top_k": lambda x: ct.top_k(x, 5).values,
        "full": lambda x: ct.full(x.shape, 3.0),
    }


def of_torch(torch) -> dict[str, Callable]:
    functional = torch.nn.functional
    return {
        "gelu": functional.gelu,
        "softmax": lambda x: functional.softmax(x, -1),
        "layer_norm": lambda x: functional.layer_norm(
            x, x.shape[1:], torch.ones(x.shape[1:]), torch.zeros(x.shape[1:])
        ),
        "silu": functional.silu,
        "hard_tanh": functional.hardtanh,
        "mse": lambda x: functional.mse_loss(x, torch.zeros_like(x)),
        "cube": lambda x: x**3,
        "turned": lambda x: x.T + 0,
        "stack": torch.stack,
        "top_k": lambda x: torch.topk(x, 5).values,
        "full": lambda x: torch.full(x.shape, 3.0),
    }


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    import cnengine as cn
    import cnengine.tensor as ct
    from cnengine import nn

    name, *is_derived = SET.split("-")
    rows = max(int(1000 * scale), 8)
    values = np.random.default_rng(0).normal(size=(rows, 1000)).astype(np.float32)
    ours, x = of_ours(ct, nn)[name], ct.asarray(values)
    if is_derived:
        yield "cnengine", lambda: cn.grad(lambda x: ct.sum(ours(x) * ours(x)))(x)
    elif name == "stack":
        parts = [ct.asarray(row[:8]) for row in values]
        yield "cnengine", lambda: ours(parts)
    else:
        yield "cnengine", lambda: ours(x)
    if torch := peer("torch"):
        torch.set_num_threads(THREADS)
        theirs, y = of_torch(torch)[name], torch.tensor(values)
        if is_derived:
            y.requires_grad_()
            yield "torch", lambda: torch.autograd.grad((theirs(y) * theirs(y)).sum(), y)[0]
        elif name == "stack":
            tensors = [torch.tensor(row[:8]) for row in values]
            yield "torch", lambda: theirs(tensors)
        else:
            yield "torch", lambda: theirs(y)


def check(results: dict[str, object]) -> None:
    want = np.asarray(results["cnengine"])
    for name, got in results.items():
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-4, atol=1e-5, err_msg=name)
