"""Means of parameters over steps and of derivatives over batches, against their formulas."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError


def test_ema_follows(rng):
    values = rng.normal(size=(10, 3)).astype(np.float32)
    ema = nn.EMA(0.9)
    state = ema.init([ct.asarray(values[0])])
    want = values[0].astype(np.float64)
    update = ct.jit(ema.update)
    for value in values[1:]:
        state = update(state, [ct.asarray(value)])
        want = 0.9 * want + 0.1 * value
    np.testing.assert_allclose(np.asarray(ema.value(state)[0]), want, rtol=1e-5, atol=1e-6)


def test_debias_gives_the_weighted_mean(rng):
    values = rng.normal(size=(4, 2)).astype(np.float32)
    ema = nn.EMA(0.5, debias=True)
    state = ema.init([ct.asarray(values[0])])
    for value in values:
        state = ema.update(state, [ct.asarray(value)])
    weights = 0.5 ** np.arange(3, -1, -1)
    np.testing.assert_allclose(
        np.asarray(ema.value(state)[0]), weights @ values / weights.sum(), rtol=1e-5
    )


def test_warmup_takes_more_at_first():
    ema = nn.EMA(0.999, warmup=True)
    state = ema.update(ema.init([ct.asarray(0.0)]), [ct.asarray(1.0)])
    assert float(ema.value(state)[0]) == pytest.approx(0.9)  # decay 1 / 10


@pytest.mark.parametrize("jit", [False, True])
def test_accumulated_steps_are_those_of_the_mean(rng, jit):
    grads = rng.normal(size=(9, 5)).astype(np.float32)
    start = [ct.asarray(rng.normal(size=5).astype(np.float32))]
    accumulated, plain = nn.Accumulate(nn.Adam(0.1), 3), nn.Adam(0.1)
    update = ct.jit(accumulated.update) if jit else accumulated.update
    params, state = start, accumulated.init(start)
    want, inner = start, plain.init(start)
    for at, g in enumerate(grads):
        params, state = update([ct.asarray(g)], state, params)
        if at % 3 == 2:
            want, inner = plain.update([ct.asarray(grads[at - 2 : at + 1].mean(0))], inner, want)
        np.testing.assert_allclose(np.asarray(params[0]), np.asarray(want[0]), rtol=1e-5, atol=1e-6)


def test_wrong_use():
    with pytest.raises(ArgumentError, match="EMA: expected 0 <= decay < 1"):
        nn.EMA(1.0)
    with pytest.raises(ArgumentError, match="Accumulate: expected at least one call"):
        nn.Accumulate(nn.SGD(), 0)
