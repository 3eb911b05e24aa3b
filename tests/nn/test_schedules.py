"""Learning rates beside torch's schedulers, step by step; float32: 1e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError

S = nn.schedules
CASES = {
    "step": (S.step(0.5, 7, 0.3), lambda t, o: t.StepLR(o, 7, 0.3)),
    "exponential": (S.exponential(0.5, 0.9), lambda t, o: t.ExponentialLR(o, 0.9)),
    "polynomial": (S.polynomial(0.5, 0.0, 30, 2.0), lambda t, o: t.PolynomialLR(o, 30, 2.0)),
    "cosine": (S.cosine(0.5, 39, 0.1), lambda t, o: t.CosineAnnealingLR(o, 39, 0.1)),
    "restarts": (S.cosine_restarts(0.5, 6, end=0.1), lambda t, o: t.CosineAnnealingWarmRestarts(o, 6, 1, 0.1)),
    "restarts_longer": (S.cosine_restarts(0.5, 4, 2), lambda t, o: t.CosineAnnealingWarmRestarts(o, 4, 2)),
    "linear": (S.linear(0.05, 0.5, 10), lambda t, o: t.LinearLR(o, 0.1, 1.0, 10)),
    "constant": (S.constant(0.5), lambda t, o: t.ConstantLR(o, 1.0)),
    "one_cycle": (S.one_cycle(0.5, 40), lambda t, o: t.OneCycleLR(o, 0.5, 40, cycle_momentum=False)),
    "one_cycle_linear": (S.one_cycle(0.5, 40, pct_start=0.4, is_linear=True), lambda t, o: t.OneCycleLR(o, 0.5, 40, pct_start=0.4, anneal_strategy="linear", cycle_momentum=False)),
    "cyclic": (S.cyclic(0.5, 0.9, 5), lambda t, o: t.CyclicLR(o, 0.5, 0.9, 5, cycle_momentum=False)),
    "cyclic_range": (S.cyclic(0.5, 0.9, 4, 7, gamma=0.95), lambda t, o: t.CyclicLR(o, 0.5, 0.9, 4, 7, mode="exp_range", gamma=0.95, cycle_momentum=False)),
    "warmup": (
        S.warmup(S.exponential(0.5, 0.9), 5, 0.05),
        lambda t, o: t.SequentialLR(o, [t.LinearLR(o, 0.1, 1.0, 5), t.ExponentialLR(o, 0.9)], [5]),
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_rates(torch, name):
    ours, theirs = CASES[name]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler = theirs(torch.optim.lr_scheduler, optimizer)
    jitted = ct.jit(ours)
    for step in range(40):
        want = optimizer.param_groups[0]["lr"]
        assert float(ours(step)) == pytest.approx(want, rel=1e-5, abs=1e-6)
        assert float(jitted(ct.asarray(step))) == pytest.approx(want, rel=1e-5, abs=1e-6)
        optimizer.step()
        if step < 39:
            scheduler.step()


def test_piecewise_is_that_of_keras():
    """Up to and with a boundary the rate before it (keras.optimizers.schedules.PiecewiseConstantDecay)."""
    rate = S.piecewise([3, 5], [1.0, 0.5, 0.25])
    assert [float(rate(s)) for s in range(7)] == [1, 1, 1, 1, 0.5, 0.5, 0.25]


def test_inverse_time_is_that_of_keras():
    """rate / (1 + decay * step / steps) (keras.optimizers.schedules.InverseTimeDecay)."""
    for staircase in (False, True):
        rate = S.inverse_time(0.3, 0.5, 4, staircase=staircase)
        for step in range(12):
            at = step // 4 if staircase else step / 4
            assert float(rate(step)) == pytest.approx(0.3 / (1 + 0.5 * at), rel=1e-6)


def test_warmup_cosine():
    at = np.arange(21)
    want = np.where(at < 5, at / 5, (1 + np.cos(np.pi * (at - 5) / 15)) / 2)
    np.testing.assert_allclose([float(S.warmup_cosine(1.0, 5, 20)(s)) for s in at], want, atol=1e-6)


def test_staircase():
    assert [float(S.exponential(1.0, 0.5, 3, staircase=True)(s)) for s in range(4)] == [
        1,
        1,
        1,
        0.5,
    ]


def test_wrong_use():
    with pytest.raises(ArgumentError, match="join: expected one boundary less"):
        S.join([S.constant(1.0)], [3])
    with pytest.raises(ArgumentError, match="cosine: expected at least one step"):
        S.cosine(1.0, 0)
    with pytest.raises(ArgumentError, match="one_cycle: expected a part"):
        S.one_cycle(1.0, 10, pct_start=1.0)
