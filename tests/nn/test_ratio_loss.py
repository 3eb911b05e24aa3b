"""Losses of ratios beside Keras' formulas in float64: 1e-6, and their derivatives by differences."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

EPS = 1e-7


def hits(p, y):
    return (p * y).sum()


FORMULAS = {
    "mape_loss": lambda p, y: (100 * abs(y - p) / np.maximum(abs(y), EPS)).mean(),
    "msle_loss": lambda p, y: (
        (np.log(np.maximum(y, EPS) + 1) - np.log(np.maximum(p, EPS) + 1)) ** 2
    ).mean(),
    "squared_hinge_loss": lambda p, y: (np.maximum(1 - y * p, 0) ** 2).mean(),
    "dice_loss": lambda p, y: 1 - (2 * hits(p, y) + EPS) / (p.sum() + y.sum() + EPS),
    "tversky_loss": lambda p, y: 1 - (hits(p, y) + EPS) / (
        hits(p, y) + 0.5 * hits(p, 1 - y) + 0.5 * hits(1 - p, y) + EPS),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_as_keras(rng, name):
    p = rng.uniform(0.1, 0.9, size=(6, 5))
    y = rng.integers(0, 2, size=(6, 5)).astype(float)
    if name == "squared_hinge_loss":
        y = 2 * y - 1
    elif name in ("mape_loss", "msle_loss"):
        y = rng.uniform(0.5, 3.0, size=(6, 5))
    loss, formula = getattr(nn, name), FORMULAS[name]
    value, slope = ct.value_and_grad(loss)(ct.asarray(p), ct.asarray(y))
    assert float(value) == pytest.approx(formula(p, y), rel=1e-6)
    step = np.zeros_like(p)
    step[2, 3] = 1e-6
    difference = (formula(p + step, y) - formula(p - step, y)) / 2e-6
    assert float(slope[2, 3]) == pytest.approx(difference, rel=1e-5, abs=1e-8)
    with pytest.raises(
        ShapeError, match=name.removesuffix("_loss") if "hinge" not in name else "hinge"
    ):
        loss(ct.ones(3), ct.ones(2))


@pytest.mark.parametrize("name", ["mape_loss", "msle_loss", "squared_hinge_loss"])
def test_weights_and_reductions(name):
    loss, p, y = getattr(nn, name), ct.asarray([0.5, 2.0, 1.0]), ct.asarray([1.0, 1.0, -1.0])
    each = np.asarray(loss(p, y, reduction="none"))
    assert float(loss(p, y, reduction="sum")) == pytest.approx(each.sum(), rel=1e-6)
    weighted = loss(p, y, weight=ct.asarray([1.0, 0.0, 2.0]))
    assert float(weighted) == pytest.approx((each * [1, 0, 2]).mean(), rel=1e-6)


def test_tversky_weighs_errors():
    p, y = ct.asarray([1.0, 1.0, 0.0]), ct.asarray([1.0, 0.0, 1.0])
    assert float(nn.tversky_loss(p, y, alpha=1.0, beta=0.0)) == pytest.approx(0.5, abs=1e-6)
    assert float(nn.tversky_loss(p, y, alpha=3.0, beta=0.0)) == pytest.approx(0.75, abs=1e-6)
    with pytest.raises(ArgumentError, match="tversky_loss: expected"):
        nn.tversky_loss(p, y, alpha=-1.0)


def test_by_name():
    x = np.random.default_rng(0).uniform(size=(16, 4)).astype(np.float32)
    for name in ("dice", "tversky", "mape", "msle", "squared_hinge"):
        net = nn.Sequential(nn.Linear(4, 3), nn.sigmoid)
        model = nn.Model(net).compile("adam", name)
        assert np.isfinite(model.fit(x, (x[:, :3] > 0.5) * 1.0, verbose=0).history["loss"][0])
