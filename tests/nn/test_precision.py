"""Training in halves: parameters stay float32, small derivatives live, infinite ones are left out."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError


def loss(model, x):
    d = ct.astype(model(x), ct.float32)
    return ct.mean(d * d)


@pytest.mark.parametrize("dtype", [ct.bfloat16, ct.float16])
@pytest.mark.parametrize("jit", [False, True])
def test_training_follows_that_in_float32(rng, dtype, jit):
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.tanh, nn.Linear(16, 1))
    x = ct.asarray(rng.normal(size=(32, 4)).astype(np.float32))
    losses = {}
    for kind in ("half", "float32"):
        optimizer = nn.Adam(0.01)
        derive = nn.value_and_grad(loss)
        mixed = nn.MixedPrecision(optimizer, dtype)

        def half(params, state, rest, x, mixed=mixed):
            (value, model), grads = mixed.value_and_grad(loss)(state, nn.merge(params, rest), x)
            return *mixed.update(grads, state, params), nn.split(model)[1], value

        def full(params, state, rest, x, derive=derive, optimizer=optimizer):
            (value, model), grads = derive(nn.merge(params, rest), x)
            return *optimizer.update(grads, state, params), nn.split(model)[1], value

        step = half if kind == "half" else full
        step = ct.jit(step) if jit else step
        params, rest = nn.split(model)
        state = (mixed if kind == "half" else optimizer).init(params)
        losses[kind] = []
        for _ in range(20):
            params, state, rest, value = step(params, state, rest, x)
            losses[kind].append(float(value))
        assert all(each.dtype == ct.float32 for each in params.values())
    np.testing.assert_allclose(losses["half"], losses["float32"], rtol=0.05)


def test_the_scale_keeps_small_derivatives():
    """2^-26 is 0 in float16; its derivative arrives all the same."""
    model = nn.Linear(1, 1, bias=False, weight_init=nn.init.ones)
    optimizer = nn.MixedPrecision(nn.SGD(1.0), ct.float16)
    state = optimizer.init(nn.split(model)[0])

    def tiny(model, x):
        return ct.sum(ct.astype(model(x), ct.float32)) * 2.0**-26

    _, grads = optimizer.value_and_grad(tiny)(state, model, ct.ones((1, 1)))
    assert float(grads["weight"][0, 0]) == 2.0**-26


@pytest.mark.parametrize("jit", [False, True])
def test_infinite_derivatives_change_the_scale_only(jit):
    scaling = nn.DynamicLossScale(initial=8.0, interval=2)
    optimizer = nn.MixedPrecision(nn.SGD(1.0), ct.float16, scaling)
    params = {"w": ct.asarray([1.0])}
    state = optimizer.init(params)
    update = ct.jit(optimizer.update) if jit else optimizer.update
    params, state = update({"w": ct.asarray([float("inf")])}, state, params)
    assert float(params["w"][0]) == 1.0
    assert float(state["loss_scale"]["scale"]) == 4.0
    assert int(state["inner"]["step"]) == 0
    for _ in range(2):
        params, state = update({"w": ct.asarray([0.5])}, state, params)
    assert float(params["w"][0]) == 0.0
    assert float(state["loss_scale"]["scale"]) == 8.0
    assert int(state["loss_scale"]["good"]) == 0


def test_all_finite():
    assert bool(nn.all_finite({"a": ct.ones((3,)), "b": ct.full((2,), 65504.0, dtype=ct.float16)}))
    assert not bool(nn.all_finite([ct.asarray([1.0, float("inf")])]))
    assert bool(nn.all_finite([]))


def test_wrong_use():
    with pytest.raises(ArgumentError, match="MixedPrecision: expected float16 or bfloat16"):
        nn.MixedPrecision(nn.SGD(), ct.float32)
    with pytest.raises(ArgumentError, match="DynamicLossScale: expected initial > 0"):
        nn.DynamicLossScale(initial=0.0)
