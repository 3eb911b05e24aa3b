"""Lists of all names: what they list is taken, and what is taken they list."""

import inspect

import numpy as np
import pytest
from cnengine import gbdt
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTRegressor
from cnengine.gbdt.params import KNOWN, names_of, resolve


def test_options_are_those_that_are_read():
    options = gbdt.option_names()
    listed = {name for first, others in options.items() for name in (first, *others)}
    assert listed <= KNOWN | {"metrics"}
    for name in (
        "eta",
        "num_iterations",
        "l2_leaf_reg",
        "max_bin",
        "gamma",
        "alpha",
        "ndcg_eval_at",
    ):
        assert name in listed
    for option, others in options.items():
        if option not in ("alpha", "eval_at", "multi_error_top_k", "custom_metric",
                          "disable_default_eval_metric", "class_names"):  # fmt: skip
            assert set(others) == set(names_of(option)) - {option}
    own = set(inspect.signature(GBDTRegressor).parameters) - {"params", "handle_unknown"}
    renamed = {"eval_metric": "metrics", "random_state": "seed", "n_jobs": "num_threads"}
    assert {renamed.get(name, name) for name in own} <= set(options)


def test_objectives_are_those_that_are_trained():
    objectives = gbdt.objective_names()
    assert set(objectives) == set(native.objectives())
    for objective, others in objectives.items():
        for name in (objective, *others):
            assert resolve({"objective": name})["objective"] == objective


def test_metrics_are_those_that_are_computed():
    metrics = gbdt.metric_names()
    for kind, others in metrics.items():
        larger = native.metric_is_larger_better(kind)
        for name in others:
            (ours,) = resolve({"metric": name})["metrics"]
            assert native.metric_is_larger_better(ours) is larger, name
    for name in ("mae", "logloss", "mlogloss", "merror", "RMSE", "MultiClass", "ndcg", "AUC"):
        assert any(name in (kind, *others) for kind, others in metrics.items()), name


@pytest.mark.parametrize("function", [gbdt.option_names, gbdt.objective_names, gbdt.metric_names])
def test_help_shows_the_list(function):
    text = inspect.getdoc(function)
    for name, others in function().items():
        assert f"{name}: {', '.join(others)}" in text if others else name in text


def test_numbers_of_classes_as_with_xgboost(tmp_path):
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 3)).astype(np.float32)
    y = np.digitize(X[:, 0] + X[:, 1] ** 2, [0.0, 1.0])
    params = {"objective": "multi:softmax", "num_class": 3}
    model = gbdt.train(params, gbdt.Dataset(X, y), 10)
    assert model.predict(X).shape == (500,)
    assert model.predict(X).dtype == np.float64
    assert set(model.predict(X)) == {0.0, 1.0, 2.0}
    by_probability = gbdt.train({**params, "objective": "multi:softprob"}, gbdt.Dataset(X, y), 10)
    np.testing.assert_array_equal(by_probability.predict(X).argmax(axis=1), model.predict(X))
    scores = model.predict(X, raw_score=True)
    np.testing.assert_array_equal(scores, by_probability.predict(X, raw_score=True))
    for n in range(3):
        assert model.predict_row(X[n]) == model.predict(X)[n]
        np.testing.assert_array_equal(model.predict_row(X[n], True), scores[n])
    again = gbdt.Booster.from_bytes(model.to_bytes())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    # Their files and ours keep it.
    model.save_model(tmp_path / "m.json", format="xgboost-json")
    peer = xgboost.Booster(model_file=str(tmp_path / "m.json"))
    np.testing.assert_array_equal(peer.predict(xgboost.DMatrix(X)), model.predict(X))
    peer = xgboost.train(params, xgboost.DMatrix(X, y), 5)
    peer.save_model(tmp_path / "theirs.ubj")
    ours = gbdt.load_booster(tmp_path / "theirs.ubj")
    np.testing.assert_array_equal(ours.predict(X), peer.predict(xgboost.DMatrix(X)))
    estimator = gbdt.load_model(tmp_path / "theirs.ubj")
    assert estimator.predict_proba(X).shape == (500, 3)
    np.testing.assert_array_equal(estimator.predict(X), ours.predict(X))


def test_the_default_quantile_is_the_median():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(400, 2)), rng.normal(size=400)
    default, median = (
        gbdt.train(params, gbdt.Dataset(X, y), 3)
        for params in ({"objective": "quantile"}, {"objective": "quantile", "alpha": 0.5})
    )
    np.testing.assert_array_equal(default.predict(X), median.predict(X))
