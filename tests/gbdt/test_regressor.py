"""Numbers: objectives, several outputs, times, beside LightGBM, XGBoost and formulas."""

import cnengine as cn
import lightgbm
import numpy as np
import pytest
from cnengine.gbdt import GBDTRegressor, load_model
from sklearn.base import clone
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((4000, 4))
    mean = np.exp(X[:, 0] + np.sin(2 * X[:, 1]))
    return X, rng.poisson(mean).astype(float), mean


PEER_NAMES = {"regression": "l2", "absolute": "l1"}


@pytest.mark.parametrize(
    "objective",
    ["regression", "absolute", "huber", "fair", "poisson", "tweedie", "gamma", "quantile", "mape"],
)
def test_objectives_are_as_good_as_lightgbm(counts, objective):
    X, y, _ = counts
    y = y + 1 if objective in ("gamma", "mape") else y
    train, test = slice(0, 3000), slice(3000, None)
    model = GBDTRegressor(
        n_estimators=60, num_leaves=15, objective=objective, eval_metric=objective
    ).fit(X[train], y[train], eval_set=(X[test], y[test]))
    peer = lightgbm.LGBMRegressor(
        n_estimators=60, num_leaves=15, objective=PEER_NAMES.get(objective, objective),
        alpha=0.5 if objective == "quantile" else 0.9, verbosity=-1,
    ).fit(X[train], y[train])  # fmt: skip
    theirs = peer.predict(X[test])
    ((_, curve),) = model.evals_result_["valid_0"].items()
    labels = {"y": np.ascontiguousarray(y[test])}
    options = {"objective": objective}
    raw = np.log(theirs) if objective in ("poisson", "tweedie", "gamma") else theirs
    peer_loss = cn._core.gbdt.evaluate(objective, options, labels, np.ascontiguousarray(raw[None]))
    start = cn._core.gbdt.evaluate(
        objective, options, labels,
        np.full((1, 1000), cn._core.gbdt.base_scores(options, {"y": y[train].copy()})[0]),
    )  # fmt: skip
    # Of what can be gained over a constant, at most 3 % less.
    assert start - curve[-1] > 0.97 * (start - peer_loss)


def test_several_quantiles_at_once(counts):
    X, y, _ = counts
    y = y + np.random.default_rng(0).random(4000)  # without ties
    model = GBDTRegressor(
        n_estimators=80, objective="quantile", params={"quantiles": [0.1, 0.5, 0.9]}
    ).fit(X, y)
    p = model.predict(X)
    assert p.shape == (4000, 3)
    np.testing.assert_allclose((y[:, None] <= p).mean(0), [0.1, 0.5, 0.9], atol=0.05)
    alone = GBDTRegressor(n_estimators=80, objective="quantile", params={"quantiles": [0.9]})
    np.testing.assert_array_equal(alone.fit(X, y).predict(X), p[:, 2])


@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
def test_several_outputs(counts, strategy):
    X, y, mean = counts
    both = np.column_stack([y, -2 * mean])
    model = GBDTRegressor(n_estimators=50, multi_strategy=strategy)
    model.fit(X, both, eval_set=(X, both))
    p = model.predict(X)
    assert p.shape == (4000, 2)
    trees = 50 * (2 if strategy == "one_output_per_tree" else 1)
    assert model.booster_.num_trees == trees
    assert model.booster_.num_rounds == 50
    loss = model.evals_result_["valid_0"]["l2"][-1]
    assert loss == pytest.approx(((p - both) ** 2).mean(), rel=1e-12)
    assert model.score(X, both) > 0.7
    if strategy == "one_output_per_tree":
        for k in range(2):
            alone = GBDTRegressor(n_estimators=50).fit(X, both[:, k])
            np.testing.assert_array_equal(alone.predict(X), p[:, k])
    three = model.predict(X, num_iteration=3)
    np.testing.assert_array_equal(
        three, clone(model).set_params(n_estimators=3).fit(X, both).predict(X)
    )


def test_times_with_bounds():
    rng = np.random.default_rng(5)
    X = rng.standard_normal((3000, 3))
    time = np.exp(X[:, 0] + 0.3 * rng.standard_normal(3000))
    limit = np.exp(0.5 + rng.standard_normal(3000))
    lower, upper = np.minimum(time, limit), np.where(time <= limit, time, np.inf)
    model = GBDTRegressor(n_estimators=50, objective="aft", params={"aft_scale": 0.3})
    model.fit(X, np.column_stack([lower, upper]), eval_set=(X, np.column_stack([lower, upper])))
    curve = model.evals_result_["valid_0"]["aft_nloglik"]
    assert curve[-1] < curve[0]
    assert np.corrcoef(np.log(model.predict(X)), X[:, 0])[0, 1] > 0.97
    cox = GBDTRegressor(n_estimators=50, objective="cox").fit(
        X, np.where(time <= limit, lower, -lower)
    )
    assert np.corrcoef(cox.predict(X, raw_score=True), X[:, 0])[0, 1] < -0.85


def test_base_margin_is_added_by_the_caller(counts):
    X, y, _ = counts
    margin = X[:, 0] * 3
    model = GBDTRegressor(n_estimators=20).fit(X, y, base_margin=margin)
    same = GBDTRegressor(n_estimators=20).fit(X, y - margin, base_margin=np.zeros(4000))
    np.testing.assert_allclose(model.predict(X), same.predict(X), atol=1e-6)


def test_monotone_and_interaction_constraints_by_name(counts):
    pd = pytest.importorskip("pandas")
    X, y, _ = counts
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = GBDTRegressor(
        n_estimators=40,
        monotone_constraints={"a": 1, "b": -1},
        interaction_constraints=[["a", "b"], ["c", "d"]],
    ).fit(frame, y)
    by_position = GBDTRegressor(
        n_estimators=40,
        monotone_constraints=[1, -1, 0, 0],
        interaction_constraints=[[0, 1], [2, 3]],
    ).fit(X, y)
    np.testing.assert_array_equal(model.predict(frame), by_position.predict(X))
    grid = np.repeat(X[:50], 20, axis=0).reshape(50, 20, 4)
    grid[:, :, 0] = np.linspace(-3, 3, 20)
    p = by_position.predict(grid.reshape(-1, 4)).reshape(50, 20)
    assert (np.diff(p, axis=1) >= 0).all()
    for nodes, _ in by_position.booster_.trees():
        assert len({node["feature"] // 2 for node in nodes}) <= 2
    with pytest.raises(cn.errors.ArgumentError, match="monotone_constraints"):
        GBDTRegressor(monotone_constraints={"e": 1}).fit(frame, y)


def test_partial_dependence_of_scikit_learn(counts):
    X, y, mean = counts
    model = GBDTRegressor(n_estimators=100, objective="poisson").fit(X, y)
    found = partial_dependence(model, X, [0], grid_resolution=15, kind="average")
    grid, average = found["grid_values"][0], found["average"][0]
    # By the definition, and close to the true effect up to a factor.
    for value, got in zip(grid, average, strict=True):
        changed = X.copy()
        changed[:, 0] = value
        assert got == pytest.approx(model.predict(changed).mean(), rel=1e-12)
    assert np.corrcoef(np.log(average), grid)[0, 1] > 0.99
    worth = permutation_importance(model, X, mean, n_repeats=2, random_state=0).importances_mean
    assert set(np.argsort(worth)[-2:]) == {0, 1}


def test_in_pipelines_and_searches(counts):
    X, y, _ = counts
    search = GridSearchCV(
        make_pipeline(StandardScaler(), GBDTRegressor(n_estimators=20)),
        {
            "gbdtregressor__num_leaves": [3, 15],
            "gbdtregressor__objective": ["poisson", "regression"],
        },
        cv=3,
    ).fit(X, y)
    assert search.best_score_ > 0.5
    assert cross_val_score(GBDTRegressor(n_estimators=20), X, y, cv=3).mean() > 0.5


def test_metadata_routing_of_weights(counts):
    import sklearn

    X, y, _ = counts
    weight = np.where(X[:, 3] > 0, 1.0, 0.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = GBDTRegressor(n_estimators=5).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        search = GridSearchCV(model, {"num_leaves": [7]}, cv=2).fit(X, y, sample_weight=weight)
    alone = GBDTRegressor(n_estimators=5, num_leaves=7).fit(X, y, weight)
    np.testing.assert_array_equal(search.predict(X), alone.predict(X))


@pytest.mark.parametrize(
    "options",
    [
        {"boosting": "dart", "params": {"drop_rate": 0.3}},
        {"boosting": "rf", "subsample": 0.5, "colsample": 0.7},
        {"data_sample_strategy": "goss"},
        {"data_sample_strategy": "mvs", "subsample": 0.5},
        {"data_sample_strategy": "bayesian"},
        {"grow_policy": "symmetric", "max_depth": 5},
        {"grow_policy": "depthwise", "num_leaves": None, "max_depth": 4},
        {"linear_tree": True, "params": {"linear_lambda": 0.1}},
        {"extra_trees": True, "path_smooth": 2.0, "max_delta_step": 7.0},
        {"gradient_bits": 8},
        {"colsample_bylevel": 0.5, "colsample_bynode": 0.5},
    ],
)
def test_options_reach_the_native_code(counts, options, native_train):
    X, y, _ = counts
    model = GBDTRegressor(n_estimators=15, random_state=3, **options).fit(X, y)
    native = {"n_estimators": 15, "seed": 3, **options, **options.get("params", {})}
    native.pop("params", None)
    native["num_leaves"] = native.get("num_leaves", 31) or 0
    booster, _, _ = native_train(X, y, **native)
    np.testing.assert_array_equal(model.predict(X), booster.predict(X))
    assert model.score(X, y) > 0.3


def test_the_model_does_not_depend_on_threads(counts):
    X, y, _ = counts
    before = cn.num_threads()
    models = [GBDTRegressor(n_estimators=10, n_jobs=n).fit(X, y) for n in (1, 2, 3, None)]
    assert cn.num_threads() == before
    assert len({model.booster_.to_bytes() for model in models}) == 1


def test_loaded_models_are_regressors(counts, tmp_path):
    X, y, _ = counts
    model = GBDTRegressor(n_estimators=5, objective="poisson").fit(X, y)
    model.save_model(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert isinstance(again, GBDTRegressor)
    assert again.objective == again.objective_ == "poisson"
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"objective": "binary"}, "an objective for numbers"),
        ({"class_weight": "balanced"}, "class_weight only"),
        ({"objective": "poisson"}, "y"),
    ],
)
def test_what_does_not_fit(counts, options, text):
    X, y, _ = counts
    with pytest.raises(cn.errors.ArgumentError, match=text):
        GBDTRegressor(**options).fit(X, y - 1)
