"""Splits searched with gradients of few bits: exact leaves, the same model for any threads."""

import cnengine as cn
import numpy as np
import pytest
from cnengine import errors
from sklearn.metrics import roc_auc_score


def data(n=40000):
    rng = np.random.default_rng(8)
    x = rng.standard_normal((n, 12)).astype(np.float32)
    x[:, 8:] = np.where(rng.random((n, 4)) < 0.85, np.nan, x[:, 8:])  # sparse features too
    z = x[:, 0] + np.sin(2 * x[:, 1]) + x[:, 2] * x[:, 3] + np.nan_to_num(x[:, 9])
    return x, (rng.random(n) < 1 / (1 + np.exp(-2 * z))).astype(float)


@pytest.mark.parametrize("bits", [8, 16])
def test_quality_is_that_of_exact_gradients(native_train, bits):
    x, y = data()
    half = len(y) // 2
    aucs = []
    for used in (32, bits):
        booster, _, _ = native_train(
            x[:half], y[:half], objective="binary", n_estimators=60, gradient_bits=used
        )
        aucs.append(roc_auc_score(y[half:], booster.predict(x[half:])))
    assert abs(aucs[0] - aucs[1]) < 0.003


@pytest.mark.parametrize("bits", [8, 16])
def test_threads_do_not_matter(native_train, bits):
    x, y = data(70001)
    models = []
    for threads in (1, 2, 4):
        cn.set_num_threads(threads)
        booster, _, _ = native_train(
            x, y, objective="binary", n_estimators=4, gradient_bits=bits, seed=5
        )
        models.append(booster.to_bytes())
    cn.set_num_threads(2)
    assert models[0] == models[1] == models[2]
    other, _, _ = native_train(x, y, objective="binary", n_estimators=4, gradient_bits=bits, seed=6)
    assert other.to_bytes() != models[0]


@pytest.mark.parametrize("bits", [8, 16])
def test_leaf_values_are_exact(native_train, bits):
    """-sum g / (sum h + l2) over the rows of each leaf, in float64."""
    x, y = data()
    booster, _, _ = native_train(
        x, y, objective="binary", n_estimators=1, learning_rate=1.0, gradient_bits=bits,
        lambda_l2=2.0,
    )  # fmt: skip
    base = booster.base_scores[0]
    p = 1 / (1 + np.exp(-base))
    leaf = booster.predict_leaves(x)[:, 0]
    scores = booster.predict(x, True) - base
    assert len(np.unique(leaf)) == 31
    for number in np.unique(leaf):
        rows = leaf == number
        want = -(p - y[rows]).sum() / (rows.sum() * p * (1 - p) + 2.0)
        np.testing.assert_allclose(scores[rows], want, rtol=1e-6)


def test_rounding_keeps_the_mean(native_train):
    """Heavy tails: nearly all residuals are far below one level of 8 bits, and still found."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal((60000, 3)).astype(np.float32)
    y = np.where(x[:, 0] > 0, 1.0, -1.0)
    y[:6] = [500, -500, 500, -500, 500, -500]
    booster, _, _ = native_train(
        x, y, n_estimators=1, num_leaves=2, learning_rate=1.0, gradient_bits=8
    )
    (node,), _ = booster.trees()[0]
    assert node["feature"] == 0
    assert abs(node["threshold"]) < 0.05


def test_other_numbers_of_bits_are_refused(native_train):
    x, y = data(100)
    with pytest.raises(errors.ArgumentError, match="gradient_bits 8, 16 or 32, got 12"):
        native_train(x, y, gradient_bits=12)
