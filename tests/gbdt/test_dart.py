"""DART and random forests against the same rounds written out in NumPy."""

import cnengine as cn
import numpy as np
import pytest
from cnengine import errors


def chooser(draws, seed, drop_rate, max_drop, skip_drop, uniform_drop):
    """Which of the rounds with given weights are left out of the next one."""

    def choose(weights):
        r = len(weights)
        if r == 0 or draws(seed, "drop round", r, 0) < skip_drop:
            return []
        rate = min(drop_rate, max_drop / r) if max_drop else drop_rate
        chance = np.full(r, rate) if uniform_drop else rate * np.array(weights) / np.mean(weights)
        return np.flatnonzero(draws(seed, "drop tree", r, np.arange(r)) < chance)[: max_drop or r]

    return choose


def dart(y, group, rounds, rate, l2, normalization, choose):
    """Scores of each group after each round, every tree one leaf a group."""
    trees, weights, curve = [], [], []
    count = np.bincount(group)
    base = y.mean()
    for _ in range(rounds):
        gone = choose(weights)
        kept = sum((t for i, t in enumerate(trees) if i not in gone), np.zeros(len(count)))
        residual = np.bincount(group, y - base - kept[group]) / (count + l2)
        k = len(gone)
        new, factor = rate, 1.0
        if k:
            new, factor = {
                "lightgbm": (rate / (k + 1), k / (k + 1)),
                "tree": (rate / (k + rate), k / (k + rate)),
                "forest": (rate / (1 + rate), 1 / (1 + rate)),
            }[normalization]
        for i in gone:
            trees[i] = trees[i] * factor
            weights[i] *= factor
        trees.append(residual * new)
        weights.append(new)
        curve.append(base + sum(trees))
    return np.array(curve)


@pytest.mark.parametrize("normalization", ["lightgbm", "tree", "forest"])
@pytest.mark.parametrize("drops", [
    {"drop_rate": 0.3, "max_drop": 0, "skip_drop": 0.2, "uniform_drop": False},
    {"drop_rate": 0.5, "max_drop": 3, "skip_drop": 0.0, "uniform_drop": False},
    {"drop_rate": 0.4, "max_drop": 0, "skip_drop": 0.0, "uniform_drop": True},
])  # fmt: skip
def test_rounds_are_those_written_out(native_train, draws, normalization, drops):
    rng = np.random.default_rng(0)
    group = rng.integers(0, 4, 400)
    y = np.array([1.0, 5.0, -3.0, 2.0])[group] + rng.standard_normal(400)
    X = group[:, None].astype(float)
    options = {"n_estimators": 25, "learning_rate": 0.3, "lambda_l2": 30.0, "num_leaves": 4}
    booster, losses, _ = native_train(
        X, y, valid=(X, y), boosting="dart", seed=11, normalize_type=normalization, **drops, **options
    )  # fmt: skip
    curve = dart(y, group, 25, 0.3, 30.0, normalization, chooser(draws, 11, **drops))
    np.testing.assert_allclose(booster.predict(X), curve[-1][group], atol=1e-6)
    expected = [np.mean((y - scores[group]) ** 2) for scores in curve]
    np.testing.assert_allclose(losses, expected, rtol=1e-7)


def test_without_drops_it_is_plain_boosting(native_train, wave):
    options = {"objective": "binary", "n_estimators": 6}
    plain, _, _ = native_train(*wave, **options)
    dart, _, _ = native_train(*wave, boosting="dart", skip_drop=1.0, **options)
    assert dart.to_bytes() == plain.to_bytes()


def test_early_stopping_keeps_the_best_model_as_it_was(native_train, wave):
    X, y = wave
    valid = (X[3000:], y[3000:])
    booster, losses, best = native_train(
        X[:3000], y[:3000], valid=valid, objective="binary", boosting="dart", n_estimators=200,
        early_stopping_rounds=8, learning_rate=0.4, skip_drop=0.2,
    )  # fmt: skip
    assert best == int(np.argmin(losses)) + 1 == booster.num_trees < len(losses) == best + 8
    p = booster.predict(valid[0])
    loss = -np.mean(np.where(valid[1] == 1, np.log(p), np.log(1 - p)))
    assert loss == pytest.approx(min(losses), rel=1e-9)


def test_a_forest_is_the_mean_of_its_trees(native_train, wave):
    X, y = wave
    options = {"boosting": "rf", "subsample": 0.6, "colsample": 0.7, "min_child_samples": 5}
    booster, losses, _ = native_train(X, y, valid=(X, y), n_estimators=10, **options)
    # Tree t alone: the boosting round of that number on the same scores, at rate 1.
    firsts = [native_train(X, y, n_estimators=t, **options)[0].predict(X) for t in range(1, 11)]
    singles = [firsts[0]] + [
        firsts[t] * (t + 1) - firsts[t - 1] * t for t in range(1, 10)
    ]  # fmt: skip
    np.testing.assert_allclose(booster.predict(X), np.mean(singles, axis=0), atol=1e-6)
    np.testing.assert_allclose(losses, [np.mean((p - y) ** 2) for p in firsts], rtol=1e-6)
    one, _, _ = native_train(
        X, y, n_estimators=1, learning_rate=1.0, subsample=0.6, colsample=0.7, min_child_samples=5
    )
    np.testing.assert_allclose(firsts[0], one.predict(X), atol=1e-6)
    assert np.std([np.corrcoef(p, y)[0, 1] for p in singles]) > 0  # they differ
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("boosting", ["dart", "rf"])
def test_threads_do_not_change_a_bit(native_train, wave, boosting):
    before, models = cn.num_threads(), []
    try:
        for threads in (1, 2, 4):
            cn.set_num_threads(threads)
            models.append(
                native_train(
                    *wave, boosting=boosting, objective="binary", n_estimators=12, subsample=0.5,
                    skip_drop=0.1, drop_rate=0.3,
                )[0].to_bytes()
            )  # fmt: skip
    finally:
        cn.set_num_threads(before)
    assert models[1:] == models[:1] * 2


@pytest.mark.parametrize(("options", "text"), [
    ({"boosting": "bart"}, 'boosting to be one of "gbdt", "dart", "rf"'),
    ({"boosting": "rf"}, '"rf" with subsample or colsample below 1'),
    ({"boosting": "dart", "drop_rate": 1.5}, r"drop_rate in \[0, 1\]"),
    ({"boosting": "dart", "skip_drop": -0.5}, r"skip_drop in \[0, 1\]"),
    ({"boosting": "dart", "max_drop": -1}, "max_drop >= 0"),
    ({"normalize_type": "weights"}, 'one of "lightgbm", "tree", "forest"'),
])  # fmt: skip
def test_wrong_options_are_named(native_train, options, text):
    with pytest.raises(errors.ArgumentError, match=text):
        native_train(np.ones((5, 2)), np.ones(5), **options)


def test_dart_stops_early_by_one_metric_from_the_start(native_train, wave):
    options = {"boosting": "dart", "early_stopping_rounds": 2, "valid": wave, "n_estimators": 2}
    with pytest.raises(errors.ArgumentError, match="first_metric_only"):
        native_train(*wave, first_metric_only=False, **options)
    start, _, _ = native_train(*wave, n_estimators=1)
    with pytest.raises(errors.UnsupportedError, match="cannot go on from a model"):
        native_train(*wave, start=start, **options)
