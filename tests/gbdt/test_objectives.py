"""Training with every objective: held-out quality beside LightGBM's or XGBoost's, same settings."""

import lightgbm
import numpy as np
import pytest
import xgboost
from cnengine._core import gbdt as native
from scipy.special import expit

SIZE = {"learning_rate": 0.1, "num_leaves": 15}
ROUNDS = 40


def data(kind, n=6000):
    rng = np.random.default_rng(len(kind))
    x = rng.standard_normal((n, 6))
    z = x[:, 0] + np.sin(2 * x[:, 1]) + 0.5 * x[:, 2] * x[:, 3]
    y = {
        "real": lambda: z + rng.standard_t(3, n),
        "count": lambda: rng.poisson(np.exp(0.5 * z)).astype(float),
        "positive": lambda: rng.gamma(2, np.exp(0.5 * z)) + 0.01,
        "share": lambda: rng.beta(2 * expit(z) + 0.1, 2 * expit(-z) + 0.1),
        "binary": lambda: (rng.random(n) < expit(z)).astype(float),
        "classes": lambda: np.digitize(z + rng.standard_normal(n), [-1, 0.5]).astype(float),
        "grades": lambda: np.digitize(z + rng.standard_normal(n), [0, 1, 2]).astype(float),
        "times": lambda: np.exp(z + 0.5 * rng.standard_normal(n)),
    }[kind]()
    return x, y


CASES = [
    ("absolute", {}, "regression_l1", "l1", "real"),
    ("huber", {"huber_delta": 0.9}, "huber", "huber", "real"),
    ("quantile", {"quantiles": [0.8]}, {"objective": "quantile", "alpha": 0.8}, "quantile", "real"),
    ("fair", {}, "fair", "fair", "real"),
    ("mape", {}, "mape", "mape", "real"),
    ("poisson", {}, "poisson", "poisson", "count"),
    ("gamma", {}, "gamma", "gamma", "positive"),
    ("tweedie", {}, "tweedie", "tweedie", "count"),
    ("cross_entropy", {}, "cross_entropy", "cross_entropy", "share"),
    ("multiclass", {"num_class": 3}, {"objective": "multiclass", "num_class": 3}, "multi_logloss",
     "classes"),
    ("multiclassova", {"num_class": 3}, {"objective": "multiclassova", "num_class": 3},
     "multi_logloss", "classes"),
]  # fmt: skip


def fit(x, y, half, options, **more):
    labels = {"y": np.ascontiguousarray(y[:half]), **more}
    options = {"n_estimators": ROUNDS, **SIZE, **options}
    return native.train(x[:half], labels, [], [], options)[0]


def judged(metric, options, y, raw, **more):
    scores = np.ascontiguousarray(np.atleast_2d(raw.T), np.float64)
    return native.evaluate(metric, options, {"y": np.ascontiguousarray(y), **more}, scores)


@pytest.mark.parametrize(("objective", "options", "peer", "metric", "kind"), CASES)
def test_held_out_loss_is_lightgbms(objective, options, peer, metric, kind):
    x, y = data(kind)
    half = len(y) // 2
    given = {"objective": objective, **options}
    ours = fit(x, y, half, given).predict(x[half:], True)
    params = {**SIZE, "verbose": -1, "num_threads": 2}
    params |= peer if isinstance(peer, dict) else {"objective": peer}
    theirs = lightgbm.train(params, lightgbm.Dataset(x[:half], y[:half]), ROUNDS)
    raw = theirs.predict(x[half:], raw_score=True)
    mine, other = (judged(metric, given, y[half:], r) for r in (ours, raw))
    zero = judged(metric, given, y[half:], np.zeros_like(raw))
    assert mine < other + 0.02 * abs(zero - other), (mine, other, zero)


@pytest.mark.parametrize(("objective", "peer"), [
    ("lambdarank", "lambdarank"), ("lambdarank_map", "lambdarank"), ("pairwise", "lambdarank"),
    ("rank_xendcg", "rank_xendcg"),
])  # fmt: skip
def test_rankings_are_as_good_as_lightgbms(objective, peer):
    x, y = data("grades")
    metric = "ndcg@10"
    if objective == "lambdarank_map":  # knows good from bad, not good from better
        metric, y = "map@10", (y > 0).astype(float)
    half = len(y) // 2
    groups = np.full(half // 30, 30)
    given = {"objective": objective}
    ours = fit(x, y, half, given, groups=groups.tolist()).predict(x[half:], True)
    params = {**SIZE, "objective": peer, "verbose": -1, "num_threads": 2}
    theirs = lightgbm.train(params, lightgbm.Dataset(x[:half], y[:half], group=groups), ROUNDS)
    mine, other = (
        judged(metric, given, y[half:], r, groups=groups.tolist())
        for r in (ours, theirs.predict(x[half:]))
    )
    assert mine > other - 0.01


def test_cox_orders_as_xgboost_does():
    x, y = data("times")
    y = np.where(np.random.default_rng(1).random(len(y)) < 0.3, -y, y)
    half = len(y) // 2
    given = {"objective": "cox"}
    ours = fit(x, y, half, given).predict(x[half:], True)
    params = {"objective": "survival:cox", "max_leaves": 15, "grow_policy": "lossguide",
              "max_depth": 0, "eta": 0.1}  # fmt: skip
    theirs = xgboost.train(params, xgboost.DMatrix(x[:half], y[:half]), ROUNDS)
    raw = theirs.predict(xgboost.DMatrix(x[half:]), output_margin=True).astype(float)
    mine, other = (judged("c_index", given, y[half:], r) for r in (ours, raw))
    assert mine > other - 0.005


@pytest.mark.parametrize("noise", ["normal", "logistic", "extreme"])
def test_failure_times_as_xgboost(noise):
    x, y = data("times")
    half = len(y) // 2
    upper = np.where(np.random.default_rng(2).random(len(y)) < 0.3, np.inf, y)
    given = {"objective": "aft", "aft_noise": noise, "aft_scale": 1.0}
    ours = fit(x, y, half, given, upper=upper[:half].copy()).predict(x[half:], True)
    matrix = xgboost.DMatrix(x[:half])
    matrix.set_float_info("label_lower_bound", y[:half])
    matrix.set_float_info("label_upper_bound", upper[:half])
    params = {"objective": "survival:aft", "aft_loss_distribution": noise, "max_leaves": 15,
              "aft_loss_distribution_scale": 1.0, "grow_policy": "lossguide", "max_depth": 0,
              "eta": 0.1}  # fmt: skip
    theirs = xgboost.train(params, matrix, ROUNDS)
    raw = theirs.predict(xgboost.DMatrix(x[half:]), output_margin=True).astype(float)
    mine, other = (
        judged("aft_nloglik", given, y[half:], r, upper=upper[half:].copy()) for r in (ours, raw)
    )
    assert mine < other * 1.01


def test_several_labels_a_row():
    x, y = data("real")
    both = np.stack([y, -2 * y])
    booster = native.train(x, {"y": both}, [], [], {"outputs": 2, "n_estimators": 20})[0]
    single = native.train(x, {"y": y}, [], [], {"n_estimators": 20})[0]
    got = booster.predict(x)
    assert got.shape == (len(y), 2)
    np.testing.assert_allclose(got[:, 0], single.predict(x), rtol=1e-12)
    np.testing.assert_allclose(got[:, 1], -2 * single.predict(x), rtol=1e-6)


def test_a_custom_objective_is_the_built_in_one():
    x, y = data("binary")

    def log_loss(scores):
        p = expit(scores)
        return p - y, p * (1 - p)

    own = native.train(x, {"y": y}, [], [], {"objective": "custom", "n_estimators": 10},
                       custom=log_loss)[0]  # fmt: skip
    built_in = native.train(
        x, {"y": y, "base_margin": np.zeros(len(y))}, [], [],
        {"objective": "binary", "n_estimators": 10},
    )[0]  # fmt: skip
    np.testing.assert_allclose(own.predict(x, True), built_in.predict(x, True), atol=1e-6)


@pytest.mark.parametrize("answer", [None, (np.zeros(3), np.zeros(3)), (np.zeros(6000),)])
def test_a_custom_objective_that_answers_otherwise(answer):
    from cnengine import errors

    x, y = data("binary")
    with pytest.raises(errors.TypeError, match="train: expected the objective to return gradients"):
        native.train(x, {"y": y}, [], [], {"objective": "custom"}, custom=lambda scores: answer)


def test_an_error_of_a_custom_objective_comes_through():
    x, y = data("binary")

    def fails(scores):
        raise RuntimeError("of the user")

    with pytest.raises(RuntimeError, match="of the user"):
        native.train(x, {"y": y}, [], [], {"objective": "custom"}, custom=fails)


def test_weights_are_the_affair_of_a_custom_objective():
    """As in LightGBM and XGBoost: what the function returns is not multiplied by them."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal((600, 3))
    y, w = x[:, 0] ** 2 + x[:, 1], rng.integers(1, 5, 600).astype(float)

    def plain(scores):
        return scores - y, np.ones(600)

    def weighted(scores):
        return w * (scores - y), w

    def margins(weight, custom):
        options = {"objective": "custom", "n_estimators": 8, "min_sum_hessian": 0.0}
        parts = {"y": y, "weight": weight}
        return native.train(x, parts, [], [], options, custom=custom)[0].predict(x, True)

    assert (margins(w, plain) == margins(None, plain)).all()
    built_in = {"objective": "regression", "n_estimators": 8, "min_sum_hessian": 0.0}
    labels = {"y": y, "weight": w, "base_margin": np.zeros(600)}
    want = native.train(x, labels, [], [], built_in)[0].predict(x, True)
    np.testing.assert_allclose(margins(w, weighted), want, rtol=1e-9)
    assert abs(margins(w, plain) - want).max() > 1e-3
    peer = lightgbm.Dataset(x, y, weight=w)
    params = {"objective": lambda s, _: (s - y, np.ones(600)), "verbose": -1, "num_threads": 1}
    theirs = [
        lightgbm.train(params, data, 8).predict(x, raw_score=True)
        for data in (peer, lightgbm.Dataset(x, y))
    ]
    np.testing.assert_array_equal(*theirs)
    some = np.where(np.arange(600) < 300, 0.0, 1.0)  # rows of weight 0 are not there
    cut = native.train(
        x[300:], {"y": y[300:]}, [], [],
        {"objective": "custom", "n_estimators": 8, "min_sum_hessian": 0.0},
        custom=lambda s: (s - y[300:], np.ones(300)),
    )[0]  # fmt: skip
    assert (margins(some, plain) == cut.predict(x, True)).all()
