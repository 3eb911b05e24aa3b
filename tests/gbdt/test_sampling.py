"""Which rows trees see: against the same draws in NumPy, and the estimates' means and variances."""

import warnings

import cnengine as cn
import lightgbm
import numpy as np
import pytest
from cnengine import errors
from sklearn.metrics import roc_auc_score

# One leaf: its value is -sum w g / sum w h over the rows that the tree sees.
ONE_LEAF = {"num_leaves": 2, "min_gain": 1e30, "learning_rate": 1.0}


def leaf_of(booster, tree):
    return booster.trees()[tree][1][0]


def heavy(n=4000, seed=5):
    """Labels with long tails: most gradients are small."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 2)), rng.standard_t(2.2, n)


@pytest.mark.parametrize("fraction", [0.3, 0.8])
def test_bagging_draws_each_row(native_train, draws, fraction):
    X, y = heavy()
    booster, _, _ = native_train(X, y, n_estimators=1, subsample=fraction, seed=3, **ONE_LEAF)
    chosen = draws(3, "rows", 0, np.arange(len(y))) < fraction
    assert leaf_of(booster, 0) == pytest.approx((y[chosen] - y.mean()).mean(), abs=1e-7)


def test_bagging_keeps_its_rows_for_some_rounds(native_train):
    X, y = heavy()
    booster, _, _ = native_train(X, y, n_estimators=9, subsample=0.5, bagging_freq=3, num_leaves=4)
    rows = [nodes[0]["rows"] for nodes, _ in booster.trees()]
    assert rows == [rows[0]] * 3 + [rows[3]] * 3 + [rows[6]] * 3
    assert len(set(rows)) == 3
    never, _, _ = native_train(X, y, n_estimators=2, subsample=0.5, bagging_freq=0)
    assert all(nodes[0]["rows"] == len(y) for nodes, _ in never.trees())


def test_positive_and_negative_rows_have_their_own_chance(native_train, draws):
    X, _ = heavy()
    y = (np.arange(len(X)) % 4 == 0).astype(float)
    options = {"pos_bagging_fraction": 0.9, "neg_bagging_fraction": 0.2, "seed": 1}
    booster, _, _ = native_train(X, y, n_estimators=1, objective="binary", num_leaves=3, **options)
    drawn = draws(1, "rows", 0, np.arange(len(y)))
    assert booster.trees()[0][0][0]["rows"] == (drawn < np.where(y > 0, 0.9, 0.2)).sum()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_bayesian_weights_are_powers_of_exponentials(native_train, draws, temperature):
    X, y = heavy()
    booster, _, _ = native_train(
        X, y, n_estimators=1, data_sample_strategy="bayesian", bagging_temperature=temperature,
        seed=9, **ONE_LEAF,
    )  # fmt: skip
    w = (-np.log(1 - draws(9, "row weights", 0, np.arange(len(y))))) ** temperature
    assert leaf_of(booster, 0) == pytest.approx(np.average(y - y.mean(), weights=w), abs=1e-6)


def test_goss_takes_the_largest_and_weighs_the_rest(native_train, draws):
    X, y = heavy()
    n = len(y)
    options = {"data_sample_strategy": "goss", "top_rate": 0.1, "other_rate": 0.2, "seed": 4}
    booster, _, _ = native_train(X, y, n_estimators=2, **options, **ONE_LEAF)
    assert leaf_of(booster, 0) == pytest.approx(0, abs=1e-7)  # the first tree sees all rows
    residual = y - y.mean() - leaf_of(booster, 0)
    top = np.argsort(-np.abs(residual), kind="stable")[: n // 10]
    weight = np.where(draws(4, "rows", 1, np.arange(n)) < 0.2 / 0.9, 0.9 / 0.2, 0.0)
    weight[top] = 1.0
    assert leaf_of(booster, 1) == pytest.approx(np.average(residual, weights=weight), abs=1e-6)


def test_goss_of_all_rows_is_no_sampling(native_train):
    X, y = heavy()
    options = {"n_estimators": 5, "learning_rate": 0.5}
    every, _, _ = native_train(
        X, y, data_sample_strategy="goss", top_rate=0.25, other_rate=0.75, **options
    )
    assert every.to_bytes() == native_train(X, y, **options)[0].to_bytes()


def test_mvs_draws_by_the_size_of_the_gradient(native_train, draws):
    X, y = heavy()
    options = {"data_sample_strategy": "mvs", "subsample": 0.2, "mvs_reg": 0.5, "seed": 2}
    booster, _, _ = native_train(X, y, n_estimators=1, num_leaves=3, **options)
    size = np.sqrt((y - y.mean()) ** 2 + 0.5)
    low, high = 0.0, size.sum()
    for _ in range(200):
        mu = (low + high) / 2
        low, high = (mu, high) if np.minimum(1, size / mu).sum() > 0.2 * len(y) else (low, mu)
    expected = (draws(2, "rows", 0, np.arange(len(y))) < np.minimum(1, size / mu)).sum()
    # The native threshold is exact to a bucket of keys, 1 % wide.
    assert booster.trees()[0][0][0]["rows"] == pytest.approx(expected, rel=0.02)


def estimates(native_train, X, y, **options):
    """Second trees of one leaf over 60 seeds: estimates of a mean that is 0."""
    return np.array(
        [leaf_of(native_train(X, y, n_estimators=2, seed=s, **options, **ONE_LEAF)[0], 1)
         for s in range(60)]
    )  # fmt: skip


def test_weighted_samples_are_unbiased_and_vary_less(native_train):
    X, y = heavy(1000)
    # Trees of all rows first, so that the true value of the second tree is 0 for all of them.
    uniform = np.array([
        np.random.default_rng(s).choice(y - y.mean(), 300, replace=False).mean() for s in range(60)
    ])  # fmt: skip
    goss = estimates(native_train, X, y, data_sample_strategy="goss", top_rate=0.2, other_rate=0.1)
    assert abs(goss.mean()) < 4 * goss.std() / np.sqrt(60)
    assert goss.std() < 0.8 * uniform.std()
    mvs = np.array([
        leaf_of(
            native_train(X, y, n_estimators=1, seed=s, data_sample_strategy="mvs", subsample=0.3,
                         mvs_reg=0.1, **ONE_LEAF)[0], 0)
        for s in range(60)
    ])  # fmt: skip
    assert abs(mvs.mean()) < 4 * mvs.std() / np.sqrt(60)
    assert mvs.std() < 0.8 * uniform.std()


@pytest.mark.parametrize("strategy", ["goss", "mvs", "bayesian"])
@pytest.mark.parametrize("scale", [1e-140, 1.0, 1e140])
def test_weights_keep_gradients_of_any_size(native_train, strategy, scale):
    X, y = heavy()
    y[7] = 1e4  # the others' fixed-point gradients are small, some weights large
    options = {
        "n_estimators": 7, "num_leaves": 4, "data_sample_strategy": strategy, "subsample": 0.3,
        "min_sum_hessian": 0.0, "bagging_temperature": 1.0, "learning_rate": 0.2,
    }  # fmt: skip
    plain = native_train(X, y, **options)[0].predict(X)
    scaled = native_train(X, y * scale, **options)[0].predict(X)
    np.testing.assert_allclose(scaled / scale, plain, rtol=1e-3, atol=1e-3)


STRATEGIES = {
    "bagging": {"subsample": 0.4, "bagging_freq": 2},
    "goss": {"data_sample_strategy": "goss", "top_rate": 0.2, "other_rate": 0.2},
    "mvs": {"data_sample_strategy": "mvs", "subsample": 0.4},
    "bayesian": {"data_sample_strategy": "bayesian", "bagging_temperature": 0.7},
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_threads_do_not_change_a_bit(native_train, wave, name):
    X, y = np.tile(wave[0], (20, 1)), np.tile(wave[1], 20)
    X[:, 0] += np.linspace(0, 1, len(y))
    before, models = cn.num_threads(), []
    try:
        for threads in (1, 2, 4):
            cn.set_num_threads(threads)
            models.append(
                native_train(X, y, objective="binary", n_estimators=4, learning_rate=0.5,
                             **STRATEGIES[name])[0].to_bytes()
            )  # fmt: skip
    finally:
        cn.set_num_threads(before)
    assert models[1:] == models[:1] * 2


def separable(seed=0, n=20000):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 8))
    z = X[:, 0] + 1.5 * np.sin(2 * X[:, 2]) + X[:, 1] * X[:, 3]
    return X, (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float)


@pytest.mark.parametrize("name", STRATEGIES)
def test_quality_is_that_of_all_rows(native_train, name):
    X, y = separable()
    half = len(y) // 2
    options = {"objective": "binary", "n_estimators": 50}
    auc = [
        roc_auc_score(y[half:], native_train(X[:half], y[:half], **options, **more)[0].predict(X[half:]))
        for more in ({}, STRATEGIES[name])
    ]  # fmt: skip
    assert auc[1] > auc[0] - 6e-3


def test_goss_is_as_good_as_lightgbms(native_train):
    X, y = separable(1)
    half = len(y) // 2
    goss = {"data_sample_strategy": "goss", "top_rate": 0.1, "other_rate": 0.1, "n_estimators": 50}
    ours = native_train(X[:half], y[:half], objective="binary", **goss)[0].predict(X[half:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lightgbm.LGBMClassifier(**goss, verbose=-1, n_jobs=1).fit(X[:half], y[:half])
        peer = theirs.predict_proba(X[half:])[:, 1]
    assert roc_auc_score(y[half:], ours) == pytest.approx(roc_auc_score(y[half:], peer), abs=6e-3)


@pytest.mark.parametrize(("options", "text"), [
    ({"subsample": 0.0}, r"subsample in \(0, 1\], got 0"),
    ({"pos_bagging_fraction": 2.0}, "pos_bagging_fraction in"),
    ({"neg_bagging_fraction": 0.0}, "neg_bagging_fraction in"),
    ({"top_rate": 0.6, "other_rate": 0.6}, r"top_rate \+ other_rate in"),
    ({"top_rate": 0.0}, "top_rate in"),
    ({"other_rate": 0.0}, "other_rate in"),
    ({"bagging_freq": -1}, "bagging_freq >= 0"),
    ({"bagging_temperature": 11.0}, r"bagging_temperature in \[0, 10\]"),
    ({"bagging_by_query": True}, "query groups with bagging_by_query, got none"),
    ({"mvs_reg": np.inf}, "mvs_reg to be finite"),
    ({"data_sample_strategy": "some"}, 'one of "bagging", "goss", "mvs", "bayesian"'),
])  # fmt: skip
def test_wrong_options_are_named(native_train, options, text):
    with pytest.raises(errors.ArgumentError, match=text):
        native_train(np.ones((5, 2)), np.ones(5), **options)
