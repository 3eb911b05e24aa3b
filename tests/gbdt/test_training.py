"""`train`: parameters by name, own functions, evaluation sets, going on; the Booster that it returns."""

import copy
import os
import pickle
import signal

import cnengine as cn
import numpy as np
import pyarrow as pa
import pytest
from cnengine import gbdt
from cnengine.gbdt import Dataset, GBDTClassifier, GBDTRegressor, load_booster, load_model, train


def split(wave):
    X, y = wave
    return Dataset(X[:3000], y[:3000]), Dataset(X[3000:], y[3000:])


def test_equals_the_estimator(wave):
    X, y = wave
    options = {"num_leaves": 15, "lambda_l2": 2.0, "subsample": 0.7, "seed": 5}
    model = train({"objective": "binary", **options}, Dataset(X, y), 20)
    del options["seed"]
    same = GBDTClassifier(n_estimators=20, random_state=5, **options).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), same.predict_proba(X)[:, 1])
    np.testing.assert_array_equal(model.predict(X, raw_score=True), same.decision_function(X))
    assert model.objective == "binary"
    assert (model.num_rounds, model.num_trees, model.num_outputs) == (20, 20, 1)
    assert model.attributes == {"classes": [0, 1]}


def test_rounds_by_argument_parameter_or_default(wave):
    data, _ = split(wave)
    assert train({}, data).num_rounds == 100
    assert train({"n_estimators": 7}, data).num_rounds == 7
    assert train({"n_estimators": 3}, data, 3).num_rounds == 3
    assert train(None, data, 2).objective == "regression"


def test_evaluation_sets_by_either_interface(wave):
    data, held = split(wave)
    params = {"objective": "binary", "metric": ["auc", "binary_logloss"]}
    by_lightgbm = train(params, data, 5, valid_sets=[held, data], valid_names=["held", "train"])
    by_xgboost = train(params, data, 5, evals=[(held, "held"), (data, "train")])
    assert by_lightgbm.evals_result == by_xgboost.evals_result
    assert {name: list(v) for name, v in by_xgboost.evals_result.items()} == {
        "held": ["auc", "binary_logloss"], "train": ["auc", "binary_logloss"],
    }  # fmt: skip
    assert list(train(params, data, 1, valid_sets=held).evals_result) == ["valid_0"]


def test_early_stopping(wave):
    data, held = split(wave)
    model = train({"objective": "binary", "learning_rate": 0.3}, data, 500, valid_sets=[held],
                  early_stopping_rounds=5)  # fmt: skip
    curve = model.evals_result["valid_0"]["binary_logloss"]
    assert model.best_iteration == int(np.argmin(curve)) + 1 == model.num_rounds < 500
    assert len(curve) == model.num_rounds + 5


def test_functions_of_your_own_see_scores_and_the_data(wave):
    data, held = split(wave)

    def objective(scores, rows):
        assert rows is data
        p = 1 / (1 + np.exp(-scores))
        return p - rows.get_label(), p * (1 - p)

    def error(predictions, rows):
        return "wrong", np.mean((predictions > 0) != rows.get_label()), False

    def right(predictions, rows):
        return "right", np.mean((predictions > 0) == rows.get_label()), True

    by_argument = train({}, data, 30, obj=objective, feval=[error, right], valid_sets=[held, data])
    by_params = train(
        {"objective": objective}, data, 30, custom_metric=error, valid_sets=[held, data]
    )
    X = held.raw
    np.testing.assert_array_equal(by_argument.predict(X), by_params.predict(X))
    for name, rows in (("valid_0", held), ("valid_1", data)):
        result = by_argument.evals_result[name]
        assert result["wrong"][-1] + result["right"][-1] == pytest.approx(1)
        want = np.mean((by_argument.predict(rows.raw) > 0) != rows.get_label())
        assert result["wrong"][-1] == pytest.approx(want)
    assert by_argument.evals_result["valid_0"]["wrong"][-1] < 0.3
    with pytest.raises(cn.errors.ArgumentError, match="obj or an objective in params, got both"):
        train({"objective": objective}, data, 1, obj=objective)


def test_an_objective_of_your_own_for_several_outputs():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1000, 3))
    data = Dataset(X, X[:, :2])

    def squares(scores, rows):
        assert scores.shape == (1000, 2)
        return 2 * (scores - rows.get_label()), np.full(scores.shape, 2.0)

    model = train({"num_class": 2}, data, 40, obj=squares)
    assert model.num_outputs == 2
    assert np.mean((model.predict(X) - X[:, :2]) ** 2) < 0.01


def test_results_of_your_own_functions_that_do_not_fit(wave):
    data, held = split(wave)
    with pytest.raises(cn.errors.TypeError, match="gradients and hessians"):
        train({}, data, 1, obj=lambda s, d: (s[:10], s[:10]))
    with pytest.raises(cn.errors.TypeError, match="gradients and hessians"):
        train({}, data, 1, obj=lambda s, d: s)
    with pytest.raises(cn.errors.TypeError, match="a metric to return a name"):
        train({}, data, 1, feval=lambda p, d: 1.0, valid_sets=[held])
    with pytest.raises(ZeroDivisionError):
        train({}, data, 1, feval=lambda p, d: 1 / 0, valid_sets=[held])


def test_going_on_from_a_model_an_estimator_or_a_file(wave, tmp_path):
    data, held = split(wave)
    params = {"objective": "binary"}
    whole = train(params, data, 9)
    first = train(params, data, 4)
    first.save_model(tmp_path / "first")
    estimator = load_model(tmp_path / "first")
    for start in (first, estimator, tmp_path / "first", str(tmp_path / "first")):
        rest = train(params, data, 5, init_model=start)
        np.testing.assert_array_equal(rest.predict(held.raw), whole.predict(held.raw))
        assert rest.num_rounds == 9
    with pytest.raises(cn.errors.TypeError, match="init_model"):
        train(params, data, 5, init_model=3)


def test_features_by_name(wave):
    X, y = wave
    names = [f"f{j}" for j in range(8)]
    table = pa.table(dict(zip(names, X.T, strict=True)))
    params = {"monotone_constraints": {"f0": 1}, "interaction_constraints": [["f0", "f1"], ["f2"]]}
    by_name = train(params, Dataset(table, y), 10)
    by_position = train(
        {"monotone_constraints": [1] + [0] * 7, "interaction_constraints": [[0, 1], [2]]},
        Dataset(X, y, feature_names=names), 10,
    )  # fmt: skip
    assert by_name.feature_names == by_position.feature_names == names
    np.testing.assert_array_equal(by_name.predict(table), by_position.predict(X))
    with pytest.raises(cn.errors.ArgumentError, match=r"columns of training.*f0"):
        by_name.predict(table.rename_columns([f"g{j}" for j in range(8)]))
    with pytest.raises(cn.errors.ArgumentError, match='no feature "f9"'):
        train({"monotone_constraints": {"f9": 1}}, Dataset(table, y), 1)
    with pytest.raises(cn.errors.ArgumentError, match="features from 0 to 7"):
        train({"monotone_constraints": {8: 1}}, Dataset(X, y), 1)
    with pytest.raises(cn.errors.ShapeError, match="8 feature_names"):
        Dataset(X, y, feature_names=["a"])


def test_what_a_booster_tells(wave):
    X, y = wave
    model = train({"objective": "binary"}, Dataset(X, y), 6)
    rows = X[:40]
    raw = model.predict(rows, raw_score=True)
    contributions = model.predict_contributions(rows)
    np.testing.assert_allclose(contributions.sum(1), raw, atol=1e-12)
    np.testing.assert_allclose(model.predict_interactions(rows).sum(2), contributions, atol=1e-12)
    three = train({"objective": "binary"}, Dataset(X, y), 3)
    np.testing.assert_array_equal(
        model.predict_contributions(rows, num_iteration=3), three.predict_contributions(rows)
    )
    assert model.predict_leaves(rows).shape == (40, 6)
    assert model.predict_row(np.ascontiguousarray(rows[0])) == model.predict(rows)[0]
    assert '"trees"' in model.dump() or "tree" in model.dump()
    table = pa.table({str(j): X[:, j] for j in range(8)})
    scored = model.scorer([str(j) for j in range(8)], name="p")(table)
    np.testing.assert_array_equal(pa.table(scored)["p"].to_numpy(), model.predict(X))
    assert repr(model) == "Booster(objective='binary', num_rounds=6, num_features=8)"


def test_boosters_are_copied_and_pickled_as_bytes(wave, tmp_path):
    data, held = split(wave)
    model = train({"objective": "binary"}, data, 4, valid_sets=[held])
    model.save_model(tmp_path / "m")
    for again in (
        copy.deepcopy(model), pickle.loads(pickle.dumps(model)), load_booster(tmp_path / "m"),
        gbdt.Booster.from_bytes(model.to_bytes()),
    ):  # fmt: skip
        assert again.to_bytes() == model.to_bytes()
        assert again.best_iteration == 4
    assert pickle.loads(pickle.dumps(model)).evals_result == model.evals_result
    cut = model.to_bytes()[:-3]
    with pytest.raises(cn.errors.CorruptionError):
        gbdt.Booster.from_bytes(cut)


def test_a_model_of_train_loads_as_an_estimator(wave, tmp_path):
    X, y = wave
    for params, kind in (
        ({"objective": "binary"}, GBDTClassifier), ({"objective": "multiclass"}, GBDTClassifier),
        ({"objective": "lambdarank"}, gbdt.GBDTRanker), ({"objective": "cross_entropy"}, GBDTRegressor),
        ({}, GBDTRegressor),
    ):  # fmt: skip
        train(params, Dataset(X, y), 2).save_model(tmp_path / "m")
        model = load_model(tmp_path / "m")
        assert type(model) is kind
        assert len(model.predict(X)) == len(X)


def test_ctrl_c_gives_the_model_so_far(wave):
    data, _ = split(wave)
    rounds = []

    def callback(env):
        rounds.append(env.iteration)
        if env.iteration == 3:
            os.kill(os.getpid(), signal.SIGINT)

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.warns(RuntimeWarning, match="interrupted"):
            model = train({}, data, 1000, callbacks=[callback])
    finally:
        signal.signal(signal.SIGINT, handler)
    assert model.interrupted
    assert model.num_rounds < 1000
    assert rounds == list(range(len(rounds)))


def test_threads_are_put_back(wave):
    data, _ = split(wave)
    before = cn.num_threads()
    models = {train({"num_threads": n}, data, 3).to_bytes() for n in (1, 2, 5)}
    assert len(models) == 1
    with pytest.raises(cn.Error):
        train({"num_threads": 1, "num_leaves": -4}, data, 3)
    assert cn.num_threads() == before


def test_what_does_not_fit(wave):
    data, held = split(wave)
    with pytest.raises(cn.errors.TypeError, match="expected a Dataset"):
        train({}, wave[0], 1)
    with pytest.raises(cn.errors.ArgumentError, match="with a label"):
        train({}, Dataset(wave[0]), 1)
    with pytest.raises(cn.errors.TypeError, match="expected a Dataset"):
        train({}, data, 1, valid_sets=[wave])
    with pytest.raises(cn.errors.ShapeError, match="1 names in valid_names"):
        train({}, data, 1, valid_sets=[held], valid_names=["a", "b"])
    with pytest.raises(cn.errors.ArgumentError, match="different valid_names"):
        train({}, data, 1, valid_sets=[held, held], valid_names=["a", "a"])
    with pytest.raises(cn.errors.ArgumentError, match="valid_sets or evals"):
        train({}, data, 1, valid_sets=[held], evals=[(held, "a")])
    with pytest.raises(cn.errors.ArgumentError, match="class_weight only with classes"):
        train({"class_weight": "balanced"}, data, 1)
    with pytest.raises(cn.errors.ArgumentError, match="label_upper_bound only"):
        train({}, Dataset(wave[0], wave[1], label_upper_bound=wave[1]), 1)
