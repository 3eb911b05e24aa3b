"""Optimisers beside torch.optim over 25 steps of float32: 2e-5 of the parameters."""

import inspect

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

STEPS = 25
CASES = {
    "sgd": (lambda: nn.SGD(0.1), "SGD", {"lr": 0.1}),
    "sgd_momentum": (lambda: nn.SGD(0.1, 0.9, weight_decay=0.01), "SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    "sgd_dampening": (lambda: nn.SGD(0.1, 0.9, dampening=0.3), "SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    "sgd_nesterov": (lambda: nn.SGD(0.1, 0.8, nesterov=True), "SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    "adam": (lambda: nn.Adam(0.05), "Adam", {"lr": 0.05}),
    "adam_decay": (lambda: nn.Adam(0.05, (0.8, 0.95), 1e-6, weight_decay=0.1), "Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    "amsgrad": (lambda: nn.Adam(0.05, amsgrad=True), "Adam", {"lr": 0.05, "amsgrad": True}),
    "adamw": (lambda: nn.AdamW(0.05, weight_decay=0.1), "AdamW", {"lr": 0.05, "weight_decay": 0.1}),
    "adamax": (lambda: nn.Adamax(0.05), "Adamax", {"lr": 0.05}),
    "nadam": (lambda: nn.NAdam(0.05), "NAdam", {"lr": 0.05}),
    "rmsprop": (lambda: nn.RMSprop(0.01), "RMSprop", {"lr": 0.01}),
    "rmsprop_centered": (lambda: nn.RMSprop(0.01, 0.9, centered=True, momentum=0.5, weight_decay=0.01), "RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True, "momentum": 0.5, "weight_decay": 0.01}),
    "adagrad": (lambda: nn.Adagrad(0.1, lr_decay=0.05, initial_accumulator_value=0.1), "Adagrad", {"lr": 0.1, "lr_decay": 0.05, "initial_accumulator_value": 0.1}),
    "adadelta": (lambda: nn.Adadelta(1.0), "Adadelta", {"lr": 1.0}),
    "adafactor": (lambda: nn.Adafactor(0.05), "Adafactor", {"lr": 0.05}),
    "adafactor_decay": (lambda: nn.Adafactor(0.05, weight_decay=0.1, d=1.5), "Adafactor", {"lr": 0.05, "weight_decay": 0.1, "d": 1.5}),
}  # fmt: skip


def problem(rng):
    """Parameters of three shapes and the data of a least-squares problem."""
    start = {
        "w": rng.normal(size=(6, 4)),
        "b": rng.normal(size=(4,)),
        "k": rng.normal(size=(2, 3, 4)),
    }
    start = {name: value.astype(np.float32) for name, value in start.items()}
    x, y = rng.normal(size=(20, 6)).astype(np.float32), rng.normal(size=(20, 4)).astype(np.float32)
    return start, x, y


def loss_of(p, x, y):
    d = x @ p["w"] + p["b"] - y
    return (d * d).sum() * 0.01 + (p["k"] * p["k"] * p["k"]).sum() * 0.01 if hasattr(d, "sum") else (
        ct.sum(d * d) * 0.01 + ct.sum(p["k"] * p["k"] * p["k"]) * 0.01)  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_trajectory(torch, rng, name):
    make, peer, options = CASES[name]
    start, x, y = problem(rng)
    theirs = {key: torch.tensor(value, requires_grad=True) for key, value in start.items()}
    optimizer = getattr(torch.optim, peer)(list(theirs.values()), **options)
    ours = {key: ct.asarray(value) for key, value in start.items()}
    made = make()
    state = made.init(ours)
    data = ct.asarray(x), ct.asarray(y)

    @ct.jit
    def step(params, state, x, y):
        grads = ct.grad(
            lambda p: ct.sum(_squares(p, x, y)) * 0.01 + ct.sum(p["k"] * p["k"] * p["k"]) * 0.01
        )(params)
        return made.update(grads, state, params)

    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of(theirs, torch.tensor(x), torch.tensor(y)).backward()
        optimizer.step()
        ours, state = step(ours, state, *data)
        for key, value in ours.items():
            np.testing.assert_allclose(
                np.asarray(value), theirs[key].detach().numpy(), rtol=2e-5, atol=2e-5, err_msg=key
            )
    assert int(state["step"]) == STEPS


def _squares(p, x, y):
    d = ct.matmul(x, p["w"]) + p["b"] - y
    return d * d


def test_lion_is_algorithm_2(rng):
    """Chen et al. 2023, arXiv:2302.06675, algorithm 2, in float64."""
    p = rng.normal(size=7)
    m = np.zeros(7)
    optimizer = nn.Lion(0.01, (0.9, 0.95), weight_decay=0.1)
    ours = [ct.asarray(p)]
    state = optimizer.init(ours)
    for _ in range(STEPS):
        g = rng.normal(size=7)
        c = 0.9 * m + 0.1 * g
        p = p - 0.01 * (np.sign(c) + 0.1 * p)
        m = 0.95 * m + 0.05 * g
        ours, state = optimizer.update([ct.asarray(g)], state, ours)
        np.testing.assert_allclose(np.asarray(ours[0]), p, rtol=1e-12)


def test_float64_is_as_exact(torch, rng):
    p = rng.normal(size=5)
    theirs = torch.tensor(p, requires_grad=True)
    peer = torch.optim.Adam([theirs], lr=0.5)
    optimizer, ours = nn.Adam(0.5), [ct.asarray(p)]
    state = optimizer.init(ours)
    for _ in range(STEPS):
        peer.zero_grad()
        (theirs**4).sum().backward()
        peer.step()
        grads = ct.grad(lambda p: ct.sum(p[0] * p[0] * p[0] * p[0]))(ours)
        ours, state = optimizer.update(grads, state, ours)
    assert ours[0].dtype == ct.float64
    np.testing.assert_allclose(np.asarray(ours[0]), theirs.detach().numpy(), rtol=1e-10)


def test_halves_keep_wide_slots():
    optimizer = nn.Adam(0.1)
    params = [ct.ones((4,), dtype=ct.bfloat16)]
    state = optimizer.init(params)
    params, state = optimizer.update([ct.ones((4,), dtype=ct.bfloat16)], state, params)
    assert params[0].dtype == ct.bfloat16
    assert state["mean"][0].dtype == ct.float32


def test_decay_mask():
    params = {"w": ct.ones((2, 2)), "b": ct.ones((2,))}
    zeros = ct.tree_map(lambda p: p * 0.0, params)
    optimizer = nn.AdamW(
        0.1, weight_decay=0.5, decay_mask=lambda p: {k: v.ndim > 1 for k, v in p.items()}
    )
    after, _ = optimizer.update(zeros, optimizer.init(params), params)
    assert float(after["b"][0]) == 1.0
    assert float(after["w"][0, 0]) == pytest.approx(0.95)


def test_rates_may_change_between_steps():
    optimizer = nn.SGD(1.0)
    params = [ct.asarray(0.0)]
    state = optimizer.init(params)
    step = ct.jit(lambda s, p: optimizer.update([ct.asarray(1.0)], s, p))
    params, state = step(state, params)
    params, state = step({**state, "learning_rate": ct.full((), 0.5, dtype=ct.float64)}, params)
    assert float(params[0]) == -1.5
    assert float(optimizer.rate(state)) == 0.5


def test_schedules_follow_the_steps():
    optimizer = nn.SGD(nn.schedules.piecewise([0], [1.0, 0.25]))
    params, state = [ct.asarray(0.0)], optimizer.init([ct.asarray(0.0)])
    for _ in range(3):
        params, state = optimizer.update([ct.asarray(1.0)], state, params)
    assert float(params[0]) == -1.5


def test_clipping_within():
    for options, want in (
        ({"clip_value": 2.0}, -2.0),
        ({"clip_norm": 1.0}, -1.0),
        ({"global_clip_norm": 1.0}, -1.0),
    ):
        optimizer = nn.SGD(1.0, **options)
        params, _ = optimizer.update(
            [ct.asarray(9.0)], optimizer.init([ct.asarray(0.0)]), [ct.asarray(0.0)]
        )
        assert float(params[0]) == pytest.approx(want, rel=1e-5)


def test_wrong_use():
    optimizer = nn.Adam()
    with pytest.raises(ArgumentError, match="Adam: expected derivatives like"):
        optimizer.update([ct.ones(())], optimizer.init({"a": ct.ones(())}), {"a": ct.ones(())})
    with pytest.raises(ArgumentError, match="SGD: expected a rate of at least 0"):
        nn.SGD(-1.0)
    with pytest.raises(ArgumentError, match="SGD: nesterov expects a momentum"):
        nn.SGD(0.1, nesterov=True)
    with pytest.raises(ArgumentError, match="Adam: expected 0 <= beta < 1"):
        nn.Adam(betas=(1.0, 0.9))


def test_states_of_others_are_told():
    params, others = {"w": ct.ones(2), "b": ct.ones(2)}, {"w": ct.ones(2), "c": ct.ones(2)}
    adam, sgd = nn.Adam(), nn.SGD(0.1)
    for optimizer, state, words in (
        (adam, sgd.init(params), "a state of this optimiser"),
        (sgd, adam.init(params), "a state of this optimiser"),
        (adam, adam.init(others), "parameters like .*'b'.*, got mean of .*'c'"),
        (adam, params, "a state of this optimiser"),
        (adam, None, "a state of this optimiser"),
    ):
        with pytest.raises(ArgumentError, match=words):
            optimizer.update(params, state, params)
    nadam = nn.NAdam()
    nadam.update(params, nadam.init(params), params)


def test_derivatives_of_numpy():
    params = {"w": np.ones(2, np.float32)}
    optimizer = nn.SGD(0.5, 0.9)
    after, _ = optimizer.update(params, optimizer.init(params), params)
    np.testing.assert_array_equal(np.asarray(after["w"]), [0.5, 0.5])


@pytest.mark.parametrize("make", [nn.Adam, nn.SGD, nn.RMSprop, nn.Muon])
def test_options_of_others_are_told(make):
    with pytest.raises(ArgumentError, match="'lr'; it is called 'learning_rate'"):
        make(lr=0.1)
    for rate in ("0.1", None, True, [0.1]):
        with pytest.raises(TypeError, match="a number or a schedule"):
            make(rate)
    for rate in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ArgumentError, match="that is finite"):
            make(rate)
    assert "learning_rate" in inspect.signature(make).parameters


@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad", "Adafactor", "Muon", "RAdam"])
def test_slots_of_other_shapes_name_the_parameter(name):
    options = {"momentum": 0.9} if name == "SGD" else {}
    optimizer = getattr(nn, name)(0.1, **options)
    params = {"a": ct.ones((2, 3)), "b": ct.ones((4, 3))}
    state = optimizer.init({"a": ct.ones((2, 3)), "b": ct.ones((4, 5))})
    with pytest.raises(ShapeError, match=rf"{name}: update: expected .* of 'b'"):
        optimizer.update(params, state, params)
    optimizer.update(params, optimizer.init(params), params)
