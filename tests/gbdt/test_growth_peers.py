"""Each way to grow beside the library that is known for it: held-out losses, within 3 %."""

import warnings

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost


def data(seed, n=8000):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 6))
    y = X[:, 0] + np.sin(2 * X[:, 1]) * X[:, 2] + (X[:, 3] > 0.5) + 0.5 * rng.standard_normal(n)
    half = n // 2
    return X[:half], y[:half], X[half:], y[half:]


def lightgbm_model(X, y, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lightgbm.train(
            {"verbose": -1, "num_threads": 1, **options}, lightgbm.Dataset(X, y), 60
        )


def xgboost_model(X, y, **options):
    booster = xgboost.train({"nthread": 1, **options}, xgboost.DMatrix(X, y), 60)
    return lambda rows: booster.predict(xgboost.DMatrix(rows))


def catboost_model(X, y, **options):
    learner = catboost.CatBoostRegressor(
        iterations=60,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
        score_function="L2",
        **options,
    )
    return learner.fit(X, y).predict


CASES = {
    "depthwise": (
        {"grow_policy": "depthwise", "max_depth": 5, "num_leaves": 0, "lambda_l2": 1.0,
         "min_child_samples": 1, "min_sum_hessian": 1.0},
        lambda X, y: xgboost_model(X, y, max_depth=5, eta=0.1, tree_method="hist"),
    ),
    "symmetric": (
        {"grow_policy": "symmetric", "max_depth": 6, "lambda_l2": 3.0, "min_child_samples": 1},
        lambda X, y: catboost_model(X, y, depth=6, learning_rate=0.1, bootstrap_type="No",
                                    random_strength=0, leaf_estimation_iterations=1),
    ),
    "mvs": (
        {"grow_policy": "symmetric", "max_depth": 6, "lambda_l2": 3.0, "min_child_samples": 1,
         "data_sample_strategy": "mvs", "subsample": 0.5},
        lambda X, y: catboost_model(X, y, depth=6, learning_rate=0.1, bootstrap_type="MVS",
                                    subsample=0.5, random_strength=0),
    ),
    "bayesian": (
        {"grow_policy": "symmetric", "max_depth": 6, "lambda_l2": 3.0, "min_child_samples": 1,
         "data_sample_strategy": "bayesian"},
        lambda X, y: catboost_model(X, y, depth=6, learning_rate=0.1, bootstrap_type="Bayesian",
                                    random_strength=0),
    ),
    "dart": (
        {"boosting": "dart", "drop_rate": 0.2, "skip_drop": 0.2},
        lambda X, y: lightgbm_model(X, y, boosting="dart", drop_rate=0.2, skip_drop=0.2).predict,
    ),
    "dart tree": (
        {"boosting": "dart", "drop_rate": 0.2, "skip_drop": 0.2, "max_drop": 0, "max_depth": 5,
         "normalize_type": "tree", "grow_policy": "depthwise", "num_leaves": 0, "lambda_l2": 1.0,
         "uniform_drop": True, "min_child_samples": 1},
        lambda X, y: xgboost_model(X, y, booster="dart", rate_drop=0.2, skip_drop=0.2, eta=0.1,
                                   max_depth=5, normalize_type="tree"),
    ),
    "forest": (
        {"boosting": "rf", "subsample": 0.6, "colsample": 0.8},
        lambda X, y: lightgbm_model(X, y, boosting="rf", bagging_fraction=0.6, bagging_freq=1,
                                    feature_fraction=0.8).predict,
    ),
    "extra trees": (
        {"extra_trees": True, "learning_rate": 0.2},
        lambda X, y: lightgbm_model(X, y, extra_trees=True, learning_rate=0.2).predict,
    ),
    "smooth": (
        {"path_smooth": 10.0},
        lambda X, y: lightgbm_model(X, y, path_smooth=10.0).predict,
    ),
    "by node": (
        {"colsample_bynode": 0.5},
        lambda X, y: lightgbm_model(X, y, feature_fraction_bynode=0.5).predict,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_losses_are_those_of_the_peer(native_train, case):
    options, peer = CASES[case]
    ours, theirs = [], []
    for seed in (0, 1):
        X, y, held, truth = data(seed)
        booster, _, _ = native_train(X, y, n_estimators=60, **options)
        ours.append(np.mean((booster.predict(held) - truth) ** 2))
        theirs.append(np.mean((peer(X, y)(held) - truth) ** 2))
    assert np.mean(ours) < np.mean(theirs) * 1.03
