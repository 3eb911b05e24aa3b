"""Ordered target statistics: against the running means in NumPy, leak-free, beside CatBoost."""

import catboost
import cnengine as cn
import numpy as np
import pytest
from cnengine import errors
from sklearn.metrics import roc_auc_score


def data(levels, n=4000, seed=0):
    """A category with an effect of its own, a noisy one of many levels, and a number."""
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [rng.integers(0, levels, n), rng.standard_normal(n), rng.integers(0, n // 3, n)]
    ).astype(float)
    effect = np.random.default_rng(99).standard_normal(levels) * 1.5
    y = effect[X[:, 0].astype(int)] + X[:, 1] + 0.5 * rng.standard_normal(n)
    X[rng.random(n) < 0.03, 0] = np.nan
    return X, y


def statistics(draws, x, y, w, seed, prior_weight):
    """Running means in the order of the draws, and the means and frequencies of all rows."""
    order = np.argsort(draws(seed, "permutation", 0, np.arange(len(y))), kind="stable")
    prior = np.average(y, weights=w)
    key = np.nan_to_num(x, nan=-1.0)
    sums, weights, running = {}, {}, np.empty(len(y))
    for i in order:
        s, n = sums.get(key[i], 0.0), weights.get(key[i], 0.0)
        running[i] = (s + prior_weight * prior) / (n + prior_weight)
        sums[key[i]], weights[key[i]] = s + w[i] * y[i], n + w[i]
    means = {k: (sums[k] + prior_weight * prior) / (weights[k] + prior_weight) for k in sums}
    return running, means, weights, prior


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("prior_weight", [1.0, 7.5])
def test_training_is_that_of_running_means(native_train, draws, weighted, prior_weight):
    X, y = data(40)
    w = np.random.default_rng(1).integers(1, 3, len(y)).astype(float) if weighted else None
    options = {"n_estimators": 6, "num_leaves": 12, "seed": 5}
    booster, losses, _ = native_train(
        X[:, :2], y, w, categorical=[0], cat_method="ordered", ordered_prior=prior_weight,
        valid=(X[:, :2], y), **options,
    )  # fmt: skip
    weights = np.ones(len(y)) if w is None else w
    running, means, counts, prior = statistics(draws, X[:, 0], y, weights, 5, prior_weight)
    key = np.nan_to_num(X[:, 0], nan=-1.0)
    frequency = np.array([counts[k] for k in key])
    by_hand, _, _ = native_train(np.column_stack([running, X[:, 1], frequency]), y, w, **options)
    for (ours, leaves), (theirs, expected) in zip(booster.trees(), by_hand.trees(), strict=True):
        assert leaves == expected
        assert [n["gain"] for n in ours] == [n["gain"] for n in theirs]
    # Predictions know the means of all rows; what training did not see has the prior.
    rows = np.array([[k if k >= 0 else np.nan, v] for k in [*means, 1e6] for v in (-1.0, 1.0)])
    full = [
        [means.get(k, prior), v, counts.get(k, 0.0)] for k in [*means, 1e6] for v in (-1.0, 1.0)
    ]
    np.testing.assert_allclose(booster.predict(rows), by_hand.predict(np.array(full)), atol=1e-12)
    assert losses[-1] == pytest.approx(np.mean((booster.predict(X[:, :2]) - y) ** 2), rel=1e-9)


def test_labels_do_not_leak(native_train):
    """Categories of two or three rows each tell nothing: held out, neither must the model."""
    rng = np.random.default_rng(3)
    X = rng.integers(0, 1500, (4000, 1)).astype(float)
    y = (rng.random(4000) < 0.5).astype(float)
    options = {
        "objective": "binary", "n_estimators": 50, "categorical": [0], "min_data_per_group": 1,
        "cat_smooth": 0.0, "max_cat_threshold": 254, "valid": (X[3000:], y[3000:]),
    }  # fmt: skip
    _, ordered, _ = native_train(X[:3000], y[:3000], cat_method="ordered", **options)
    _, subsets, _ = native_train(X[:3000], y[:3000], **options)
    assert ordered[-1] < np.log(2) + 0.02
    assert subsets[-1] > np.log(2) + 0.05  # the test can fail


@pytest.mark.parametrize("levels", [30, 1000])
def test_quality_is_that_of_catboost(native_train, levels):
    X, z = data(levels, 9000, levels)
    y = (z > 0).astype(float)
    half = 6000
    booster, _, _ = native_train(
        X[:half], y[:half], categorical=[0, 2], cat_method="ordered", objective="binary",
        grow_policy="symmetric", max_depth=6, n_estimators=80, lambda_l2=3.0, min_child_samples=1,
    )  # fmt: skip
    ours = roc_auc_score(y[half:], booster.predict(X[half:]))
    text = X.astype(object)
    for column in (0, 2):
        text[:, column] = [str(v) for v in X[:, column]]
    learner = catboost.CatBoostClassifier(
        iterations=80, depth=6, learning_rate=0.1, thread_count=1, verbose=False,
        allow_writing_files=False, cat_features=[0, 2], max_ctr_complexity=1, random_seed=0,
    ).fit(text[:half], y[:half])  # fmt: skip
    theirs = roc_auc_score(y[half:], learner.predict_proba(text[half:])[:, 1])
    assert ours > theirs - 0.005


def test_many_levels_keep_their_names_apart(native_train):
    """More categories than bins: each has its place in the model."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 600, 30000)[:, None].astype(float)
    effect = rng.standard_normal(600)
    booster, _, _ = native_train(
        X, effect[X[:, 0].astype(int)], categorical=[0], cat_method="ordered", n_estimators=40,
        learning_rate=0.3,
    )  # fmt: skip
    assert len(booster.categories()[0]) == 600
    p = booster.predict(np.arange(600.0)[:, None])
    assert np.corrcoef(p, effect)[0, 1] > 0.99


@pytest.mark.parametrize("boosting", ["gbdt", "dart", "rf"])
def test_threads_and_snapshots_do_not_change_a_bit(native_train, tmp_path, boosting):
    from cnengine._core import gbdt

    X, y = data(50, 3000)
    X[:, 2] = X[:, 2] % 3  # stays a category: one against the rest
    options = {
        "categorical": [0, 2], "cat_method": "ordered", "boosting": boosting, "subsample": 0.7,
        "skip_drop": 0.1, "snapshot_every": 3, "snapshot_path": str(tmp_path / "{round}"),
        "valid": (X, y), "interaction_constraints": [[0, 1], [1, 2]],
    }  # fmt: skip
    before, models = cn.num_threads(), []
    try:
        for threads in (1, 2, 4):
            cn.set_num_threads(threads)
            booster, losses, _ = native_train(X, y, n_estimators=7, **options)
            models.append(booster.to_bytes())
    finally:
        cn.set_num_threads(before)
    assert models[1:] == models[:1] * 2
    assert losses[-1] == pytest.approx(np.mean((booster.predict(X) - y) ** 2), rel=1e-9)
    for rounds in (3, 6):
        start = gbdt.load(str(tmp_path / str(rounds)))
        resumed, again, _ = native_train(X, y, n_estimators=7 - rounds, start=start, **options)
        assert resumed.to_bytes() == models[0]
        assert again[rounds:] == losses[rounds:]


def test_wrong_use_is_named(native_train):
    X, y = data(20)
    options = {"categorical": [0], "cat_method": "ordered", "n_estimators": 2}
    with pytest.raises(errors.ArgumentError, match="ordered_prior > 0, got 0"):
        native_train(X, y, ordered_prior=0.0, **options)
    with pytest.raises(errors.ArgumentError, match='linear_tree with cat_method "subsets"'):
        native_train(X, y, linear_tree=True, **options)
    with pytest.raises(errors.ArgumentError, match='cat_method to be one of "subsets", "ordered"'):
        native_train(X, y, cat_method="hashed")
    start, _, _ = native_train(X, y, **options)
    with pytest.raises(errors.UnsupportedError, match="trained on the same categories and labels"):
        native_train(X, -y, start=start, **options)
