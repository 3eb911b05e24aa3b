"""Every configuration of torch's own table of optimisers (`optim_db`), over ten steps in float64.

Parameters after each step within 1e-9 (ASGD 1e-8: torch keeps its rate in float32; Muon 0.02: torch
computes its matrices in bfloat16). Left out: LBFGS, which calls the loss itself (test_lbfgs.py),
and SparseAdam (there are no sparse derivatives; test_adam_variants.py); the option `maximize`;
`foreach`, `fused`, `capturable` and `differentiable` only tell torch how to compute.
"""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn

torch = pytest.importorskip("torch", reason="torch is not installed")
torch.set_num_threads(1)
table = pytest.importorskip(
    "torch.testing._internal.common_optimizers", reason="expecttest is not installed"
)

LEFT_OUT = {"LBFGS", "SparseAdam"}
STEPS = 10
HOW = ("foreach", "fused", "capturable", "differentiable")
NAMES = {"lr": "learning_rate", "adjust_lr_fn": "adjust"}
TOLERANCES = {"ASGD": 1e-8, "Muon": 0.02}


def number(value):
    if torch.is_tensor(value):
        return value.item()
    return tuple(number(each) for each in value) if isinstance(value, tuple) else value


def cases():
    for info in table.optim_db:
        name = info.optim_cls.__name__
        if name in LEFT_OUT:
            continue
        for at, given in enumerate(info.optim_inputs_func(device="cpu")):
            kwargs = {k: v for k, v in given.kwargs.items() if k not in HOW}
            if not kwargs.pop("maximize", False):
                yield pytest.param(name, kwargs, id=f"{name}-{at}-{given.desc}")


def test_all_of_the_table_is_here():
    names = {info.optim_cls.__name__ for info in table.optim_db}
    assert {name for name in names - LEFT_OUT if not hasattr(nn, name)} == set()
    assert names >= LEFT_OUT


@pytest.mark.parametrize(("name", "kwargs"), list(cases()))
def test_steps(name, kwargs):
    rng = np.random.default_rng(3)
    shapes = [(4, 3), (3, 5)] if name == "Muon" else [(4, 3), (5,), ()]
    start = [rng.normal(size=shape) for shape in shapes]
    peers = [torch.tensor(value, requires_grad=True) for value in start]
    theirs = getattr(torch.optim, name)(peers, **kwargs)
    options = {NAMES.get(key, key): number(value) for key, value in kwargs.items()}
    # Where nothing is said both have defaults of their own.
    defaults = {"lr": number(theirs.defaults["lr"])} if "lr" in theirs.defaults else {}
    if "weight_decay" in theirs.defaults:
        defaults["weight_decay"] = theirs.defaults["weight_decay"]
    options = {NAMES.get(key, key): value for key, value in defaults.items()} | options
    ours = getattr(nn, name)(**options)
    params = [ct.asarray(value) for value in start]
    state = ours.init(params)
    update = ct.jit(ours.update)
    tolerance = TOLERANCES.get(name, 1e-9)
    for _ in range(STEPS):
        slopes = [rng.normal(size=shape) for shape in shapes]
        for peer, slope in zip(peers, slopes, strict=True):
            peer.grad = torch.tensor(slope)
        theirs.step()
        params, state = update([ct.asarray(slope) for slope in slopes], state, params)
        for got, want in zip(params, peers, strict=True):
            np.testing.assert_allclose(
                np.asarray(got), want.detach().numpy(), rtol=tolerance, atol=tolerance
            )
