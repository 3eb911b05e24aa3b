"""XGBoost's JSON and UBJSON: models keep their margins in both directions, hostile bytes are refused.

The bound is 1e-6 * max(1, |margin|) against XGBoost itself on the same rows.
"""

import copy
import json

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, GBDTRegressor

xgb = pytest.importorskip("xgboost")
KINDS = ["json", "ubj"]


def assert_margins(got, expected):
    expected = np.asarray(expected, np.float64)
    assert got.shape == expected.shape
    assert np.isfinite(expected).all()
    error = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    assert error.max() <= 1e-6


def rows(seed, count=300, missing=0.1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, 5)).astype(np.float32)
    X[:, 3] = rng.integers(0, 4, count)  # repeated values
    X[rng.random(X.shape) < missing] = np.nan
    return rng, X


def labels(objective, rng, X):
    z = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) * np.nan_to_num(X[:, 3])
    if objective.startswith("multi"):
        return np.clip(z + 1, 0, 2).astype(int).astype(float)
    if objective.startswith(("binary", "reg:logistic", "rank:map")):
        return (z + rng.standard_normal(len(z)) > 0).astype(float)
    if objective.startswith("rank"):
        return np.clip(z + 2, 0, 4).astype(int).astype(float)
    if objective.startswith(("count", "reg:gamma", "reg:tweedie", "survival", "reg:squaredlog")):
        return np.exp(z / 2) + 0.1
    return 3 * z + 40  # a base score far from 0


def train(objective, X, y, rounds=8, **params):
    d = xgb.DMatrix(X, y, nthread=1)
    if objective == "survival:aft":
        d = xgb.DMatrix(X, label_lower_bound=y, label_upper_bound=y * 1.5)
    if objective.startswith("rank"):
        d.set_group([len(y) // 3] * 3)
    params = {"objective": objective, "max_depth": 4, "nthread": 1, **params}
    return xgb.train(params, d, rounds)


def there(booster, kind="json"):
    return native.read_model_bytes(bytes(booster.save_raw(kind)))


def back(booster, kind="json"):
    return xgb.Booster(model_file=bytearray(native.write_model_bytes(booster, f"xgboost-{kind}")))


def both_ways(booster, X, matrix=None, kind="json"):
    matrix = xgb.DMatrix(X) if matrix is None else matrix
    expected = booster.predict(matrix, output_margin=True)
    ours = there(booster, kind)
    assert_margins(ours.predict(X, True), expected)
    again = back(ours, kind)
    assert_margins(np.asarray(again.predict(matrix, output_margin=True), np.float64), expected)
    return ours, again


OBJECTIVES = {
    "reg:squarederror": "regression",
    "reg:absoluteerror": "absolute",
    "reg:pseudohubererror": "huber",
    "reg:logistic": "cross_entropy",
    "binary:logistic": "binary",
    "binary:logitraw": "custom",
    "multi:softprob": "multiclass",
    "multi:softmax": "multiclass",
    "count:poisson": "poisson",
    "reg:gamma": "gamma",
    "reg:tweedie": "tweedie",
    "survival:cox": "cox",
    "survival:aft": "aft",
    "rank:ndcg": "lambdarank",
    "rank:map": "lambdarank_map",
    "rank:pairwise": "pairwise",
    "reg:squaredlogerror": "custom",
    "binary:hinge": "custom",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_objectives(objective, kind):
    rng, X = rows(1)
    extra = {"num_class": 3} if objective.startswith("multi") else {}
    booster = train(objective, X, labels(objective, rng, X), **extra)
    ours, again = both_ways(booster, X, kind=kind)
    assert ours.objective == OBJECTIVES[objective]
    if OBJECTIVES[objective] != "custom" and objective != "multi:softmax":
        np.testing.assert_allclose(
            ours.predict(X), again.predict(xgb.DMatrix(X)), rtol=2e-6, atol=1e-7
        )


@pytest.mark.parametrize("seed", range(8))
def test_random_models(seed):
    rng, X = rows(seed + 10, count=400, missing=rng_share(seed))
    objective = rng.choice(["reg:squarederror", "binary:logistic", "multi:softprob"])
    params = {
        "max_depth": int(rng.integers(1, 9)),
        "eta": float(rng.choice([0.05, 0.3, 1.0])),
        "subsample": float(rng.choice([0.5, 1.0])),
        "grow_policy": str(rng.choice(["depthwise", "lossguide"])),
        "tree_method": str(rng.choice(["hist", "exact", "approx"])),
        "num_parallel_tree": int(rng.integers(1, 4)),
        "gamma": float(rng.choice([0.0, 1.0])),  # prunes: nodes that are deleted
        "seed": seed,
    }
    if params["grow_policy"] == "lossguide" and params["tree_method"] == "exact":
        params["tree_method"] = "hist"
    if objective == "multi:softprob":
        params["num_class"] = 3
    both_ways(train(objective, X, labels(objective, rng, X), 15, **params), X)


def test_both_kinds_of_file_are_the_same_model():
    rng, X = rows(9)
    booster = train("reg:squarederror", X, labels("reg", rng, X))
    ours = there(booster, "json")
    assert ours.to_bytes() == there(booster, "ubj").to_bytes()
    for kind in KINDS:  # and float32 numbers come back equal
        data = native.write_model_bytes(ours, f"xgboost-{kind}")
        again = native.read_model_bytes(data)
        assert native.write_model_bytes(again, f"xgboost-{kind}") == data


def rng_share(seed):
    return [0.0, 0.1, 0.5, 0.9][seed % 4]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("objective", ["reg:squarederror", "multi:softprob"])
def test_dart(objective, kind):
    rng, X = rows(2)
    extra = {"num_class": 3} if objective.startswith("multi") else {}
    booster = train(
        objective, X, labels(objective, rng, X), 12, booster="dart", rate_drop=0.5, **extra
    )
    saved = json.loads(bytes(booster.save_raw("json")))
    assert min(saved["learner"]["gradient_booster"]["weight_drop"]) < 1
    both_ways(booster, X, kind=kind)


def test_random_forest():
    rng, X = rows(3)
    booster = train(
        "binary:logistic",
        X,
        labels("binary", rng, X),
        1,
        num_parallel_tree=20,
        eta=1,
        subsample=0.6,
        colsample_bynode=0.6,
    )
    ours, _ = both_ways(booster, X)
    assert ours.num_trees == 20


def test_quantiles():
    rng, X = rows(4)
    booster = train(
        "reg:quantileerror", X, labels("reg", rng, X), quantile_alpha=np.array([0.1, 0.5, 0.9])
    )
    ours, again = both_ways(booster, X)
    assert ours.outputs == 3
    saved = json.loads(bytes(again.save_raw("json")))["learner"]["objective"]
    alpha = json.loads(saved["quantile_loss_param"]["quantile_alpha"])
    np.testing.assert_allclose(alpha, [0.1, 0.5, 0.9], rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
@pytest.mark.parametrize("objective", ["reg:squarederror", "binary:logistic"])
def test_several_targets(objective, strategy, kind):
    rng, X = rows(5)
    y = np.column_stack([labels(objective, rng, X), labels(objective, rng, -X)])
    booster = train(objective, X, y, multi_strategy=strategy)
    ours, _ = both_ways(booster, X, kind=kind)
    assert ours.outputs == 2
    assert ours.num_trees == (16 if strategy.startswith("one") else 8)


def test_multiclass_vector_leaves():
    rng, X = rows(6)
    booster = train(
        "multi:softprob",
        X,
        labels("multi", rng, X),
        num_class=3,
        multi_strategy="multi_output_tree",
    )
    both_ways(booster, X)


def test_inputs_are_rounded_to_float32():
    rng = np.random.default_rng(2)
    X = np.float32(1) + rng.integers(0, 50, (400, 2)) * 2.0**-23
    booster = train("reg:squarederror", X, X[:, 0] > X[:, 1])
    near = X + rng.uniform(-1, 1, X.shape) * 2.0**-24
    both_ways(booster, near)


def test_sums_are_those_of_xgboost_bit_for_bit():
    rng, X = rows(9, 1000)
    for objective in ("reg:squarederror", "binary:logistic"):
        booster = train(objective, X, labels(objective, rng, X), 300, eta=0.05)
        expected = booster.predict(xgb.DMatrix(X), output_margin=True).astype(float)
        np.testing.assert_array_equal(there(booster).predict(X, True), expected)


# --- categories ---------------------------------------------------------------------------------


def frame(seed, count=400):
    rng = np.random.default_rng(seed)
    words = np.array(["red", "green", "blue", "", "white"])
    table = pd.DataFrame(
        {
            "x": rng.standard_normal(count),
            "word": pd.Categorical(rng.choice(words, count), categories=words[::-1]),
            "number": pd.Categorical(rng.choice([7, 3, 11, 5, 100], count), [7, 3, 11, 5, 100]),
        }
    )
    y = (table.x > 0) ^ table.word.isin(["red", ""]) ^ table.number.isin([7, 11])
    table.loc[rng.random(count) < 0.1, "word"] = None
    table.loc[rng.random(count) < 0.1, "number"] = None
    return table, y.astype(float).to_numpy()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("onehot", [1, 100])
def test_data_frames(kind, onehot):
    X, y = frame(0)
    d = xgb.DMatrix(X, y, enable_categorical=True)
    params = {"objective": "binary:logistic", "max_depth": 5, "max_cat_to_onehot": onehot}
    booster = xgb.train(params, d, 10)
    ours, again = both_ways(booster, X, d, kind=kind)
    assert ours.feature_names == ["x", "word", "number"]
    assert set(ours.categories()[1]) == {"red", "green", "blue", "", "white"}
    assert ours.categories()[2] == [3, 5, 7, 11, 100]
    # Another frame, whose categories are in another order.
    other, _ = frame(1)
    other["word"] = other["word"].cat.reorder_categories(["red", "green", "blue", "", "white"])
    other["number"] = other["number"].cat.reorder_categories([3, 5, 7, 11, 100])
    d = xgb.DMatrix(other, enable_categorical=True)
    expected = booster.predict(d, output_margin=True)
    assert_margins(ours.predict(other, True), expected)
    assert_margins(again.predict(d, output_margin=True).astype(float), expected)


def test_text_that_xgboost_may_have_cut_is_refused():
    """Version 3.2 counts characters, not bytes, when it takes text from pandas."""
    X, y = frame(0)
    X["word"] = X["word"].cat.rename_categories({"green": "grün"})
    booster = xgb.train({}, xgb.DMatrix(X, y, enable_categorical=True), 1)
    with pytest.raises(cn.errors.UnsupportedError, match=r"not ASCII.*pandas"):
        there(booster)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("onehot", [1, 100])
@pytest.mark.parametrize("seed", range(3))
def test_codes_in_arrays(seed, onehot, kind):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 70, 500), rng.standard_normal(500)]).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (X[:, 0] % 3 == 0) ^ (X[:, 1] > 0)
    d = xgb.DMatrix(X, y, feature_types=["c", "q"], enable_categorical=True)
    booster = xgb.train({"max_cat_to_onehot": onehot, "max_depth": 4}, d, 10)
    # Categories that training did not see, and some that no category can be.
    new = np.array([[70], [200], [-1], [2e7], [np.nan]]) * [[1, 0]] + [[0, 0.5]]
    new = np.concatenate([X, new]).astype(np.float32)
    both_ways(booster, new, xgb.DMatrix(new, feature_types=["c", "q"]), kind=kind)


# --- older versions -----------------------------------------------------------------------------


def as_version(model, major):
    """The same model in the schema of XGBoost 1 or 2, of which no release is at hand: a scalar base
    score, no list of categories; in version 1 flags as booleans and nothing of several targets."""
    model = copy.deepcopy(model)
    learner = model["learner"]
    scores = json.loads(learner["learner_model_param"]["base_score"])
    assert len(set(scores)) == 1
    learner["learner_model_param"]["base_score"] = repr(scores[0])
    booster = learner["gradient_booster"]["model"]
    del booster["cats"]
    if major == 1:
        del booster["iteration_indptr"]
        del learner["learner_model_param"]["num_target"]
        del learner["learner_model_param"]["boost_from_average"]
        del learner["feature_names"], learner["feature_types"]
        for tree in booster["trees"]:
            tree["default_left"] = [bool(flag) for flag in tree["default_left"]]
            tree["split_type"] = [0] * len(tree["split_type"])
            tree["tree_param"]["size_leaf_vector"] = "0"
            for name in list(tree):
                if name.startswith("categories"):
                    del tree[name]
    model["version"] = [major, 0, 0]
    return json.dumps(model)


@pytest.mark.parametrize("major", [1, 2])
@pytest.mark.parametrize("objective", ["reg:squarederror", "binary:logistic", "multi:softprob"])
def test_older_versions(objective, major):
    rng, X = rows(7)
    extra = {"num_class": 3} if objective.startswith("multi") else {}
    booster = train(objective, X, labels(objective, rng, X), base_score=0.3, **extra)
    text = as_version(json.loads(bytes(booster.save_raw("json"))), major)
    expected = booster.predict(xgb.DMatrix(X), output_margin=True)
    assert_margins(native.read_model_bytes(text.encode()).predict(X, True), expected)


def test_the_best_iteration_is_kept():
    rng, X = rows(8)
    booster = train("binary:logistic", X, labels("binary", rng, X))
    booster.set_attr(best_iteration="3")
    assert json.loads(there(booster).attributes) == {"classes": [0, 1], "best_iteration": 3}


STOPPED = {
    "regressor": (xgb.XGBRegressor, {}),
    "classifier": (xgb.XGBClassifier, {}),
    "classes": (xgb.XGBClassifier, {"num_parallel_tree": 2, "subsample": 0.7}),
    "dart": (xgb.XGBRegressor, {"booster": "dart", "rate_drop": 0.3}),
    "outputs": (xgb.XGBRegressor, {"multi_strategy": "multi_output_tree"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", STOPPED)
def test_a_model_that_stopped_early_predicts_as_xgboosts_estimator(case, kind, tmp_path):
    rng, X = rows(11, 400)
    y = {"regressor": lambda: labels("reg", rng, X) + 20 * rng.standard_normal(400),
         "dart": lambda: labels("reg", rng, X) + 20 * rng.standard_normal(400),
         "classifier": lambda: labels("binary", rng, X).astype(int),
         "classes": lambda: labels("multi", rng, X).astype(int),
         "outputs": lambda: rng.standard_normal((400, 2)) + X[:, :2] * 0.1}[case]()  # fmt: skip
    y = np.nan_to_num(y)
    make, more = STOPPED[case]
    model = make(n_estimators=60, learning_rate=0.5, max_depth=4, early_stopping_rounds=5,
                 n_jobs=1, random_state=0, **more)  # fmt: skip
    model.fit(X[:250], y[:250], eval_set=[(X[250:], y[250:])], verbose=False)
    rounds = model.get_booster().num_boosted_rounds()
    assert model.best_iteration + 1 < rounds  # there is something to leave out
    path = tmp_path / f"model.{kind}"
    model.save_model(path)
    ours = cn.gbdt.load_model(path)
    assert ours.best_iteration_ == (model.best_iteration + 1) * more.get("num_parallel_tree", 1)
    assert_margins(ours.booster_.predict(X, raw_score=True), model.predict(X, output_margin=True))
    if case.startswith("class"):
        assert (ours.predict(X) == model.predict(X)).all()
        np.testing.assert_allclose(ours.predict_proba(X), model.predict_proba(X), atol=1e-6)
    whole = cn.gbdt.load_booster(path)
    everything = model.get_booster().predict(xgb.DMatrix(X), output_margin=True)
    assert_margins(whole.predict(X, raw_score=True), everything)
    assert abs(everything - model.predict(X, output_margin=True)).max() > 1e-3
    ours.save_model(tmp_path / "again.cne")
    again = cn.gbdt.load_model(tmp_path / "again.cne")
    assert (again.booster_.predict(X) == ours.booster_.predict(X)).all()


@pytest.mark.parametrize("best", [0, 7, 100, 2**31 - 1])
def test_a_best_iteration_beyond_the_rounds_changes_nothing(best, tmp_path):
    rng, X = rows(12)
    booster = train("reg:squarederror", X, labels("reg", rng, X))
    booster.set_attr(best_iteration=str(best))
    booster.save_model(tmp_path / "m.json")
    kept = cn.gbdt.load_model(tmp_path / "m.json").booster_.num_rounds
    assert kept == min(best + 1, 8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["reg:squarederror", "multi:softprob", "binary:logistic"])
def test_importances(case, kind):
    rng, X = rows(13)
    X[:, 4] = 1  # never split on
    extra = {"num_class": 3} if case.startswith("multi") else {}
    booster = train(case, X, labels(case, rng, X), **extra)
    ours = there(booster, kind)
    for name, peer in {"split": "weight", "gain": "gain", "total_gain": "total_gain",
                       "cover": "cover", "total_cover": "total_cover"}.items():  # fmt: skip
        scores = booster.get_score(importance_type=peer)
        want = [scores.get(f"f{j}", 0.0) for j in range(5)]
        assert want[4] == 0 < want[0]
        np.testing.assert_allclose(ours.importance(name), want, rtol=1e-5, err_msg=name)


# --- models of our own --------------------------------------------------------------------------


def test_our_regressor_with_categories(tmp_path):
    table, y = frame(3)
    model = GBDTRegressor(n_estimators=20, min_child_samples=5).fit(table, y * 3 + 100)
    peer = back(model.booster_.native)
    margins = peer.predict(xgb.DMatrix(table.astype({"x": np.float32}), enable_categorical=True))
    table = table.assign(x=table.x.astype(np.float32))
    assert_margins(margins.astype(float), model.booster_.native.predict(table, True))


@pytest.mark.parametrize("seed", range(4))
def test_our_classifier(seed):
    rng, X = rows(seed + 40, 1000)
    y = labels("binary", rng, X) if seed else np.arange(1000) > 2  # a base score near 6
    model = GBDTClassifier(n_estimators=30, num_leaves=20, random_state=seed).fit(X, y)
    expected = model.predict(X, raw_score=True)
    for kind in KINDS:
        assert_margins(
            back(model.booster_.native, kind)
            .predict(xgb.DMatrix(X), output_margin=True)
            .astype(float),
            expected,
        )
        again = native.read_model_bytes(
            native.write_model_bytes(model.booster_.native, f"xgboost-{kind}")
        )
        assert_margins(again.predict(X, True), expected)


def test_thresholds_of_float64_are_rounded_towards_the_rows():
    """Rows that float32 holds keep their side of thresholds that it does not."""
    X = (1 + np.arange(640) * 2.0**-26)[:, None]
    y = np.arange(640) // 5 % 7
    model = GBDTRegressor(n_estimators=5, num_leaves=200, min_child_samples=1).fit(X, y)
    thresholds = [n["threshold"] for n in model.booster_.native.trees()[0][0]]
    assert any(t != float(np.float32(t)) for t in thresholds)
    X = (1 + np.arange(80) * 2.0**-23).astype(np.float32)[:, None]
    margins = back(model.booster_.native).predict(xgb.DMatrix(X)).astype(float)
    assert_margins(margins, model.predict(X))


def test_categories_that_are_no_small_integers_are_refused():
    X = np.column_stack([np.tile([0.5, 1.5, 2.5, 7.0], 50), np.arange(200)])
    model = GBDTRegressor(n_estimators=1, categorical_features=[0], min_child_samples=1)
    model.fit(X, X[:, 0] == 7)
    with pytest.raises(cn.errors.UnsupportedError, match=r"save_model: .*XGBoost.*category 0\.5"):
        native.write_model_bytes(model.booster_.native, "xgboost-json")


def test_ordered_categories_can_be_written():
    """Sets of categories that hold none: XGBoost does not read them empty."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 8, 2000)
    frame = pd.DataFrame({"c": pd.Categorical(np.array(list("abcdefgh"))[codes])})
    frame["x"] = rng.standard_normal(2000)
    y = (codes % 3) + frame["x"] * (codes > 4)
    model = GBDTRegressor(n_estimators=12, cat_method="ordered").fit(frame, y)
    for kind in KINDS:
        file = native.write_model_bytes(model.booster_.native, f"xgboost-{kind}")
        peer = xgb.Booster(model_file=bytearray(file))
        data = xgb.DMatrix(frame, enable_categorical=True)
        assert_margins(peer.predict(data, output_margin=True).astype(float), model.predict(frame))


def test_text_that_xgboost_cuts_is_refused():
    frame = pd.DataFrame({"c": pd.Categorical(["\u00e4", "b", "c"] * 40)})
    model = GBDTRegressor(n_estimators=1).fit(frame, np.arange(120.0) % 3)
    with pytest.raises(
        cn.errors.UnsupportedError, match='category "\u00e4" of feature "c", which is not ASCII'
    ):
        native.write_model_bytes(model.booster_.native, "xgboost-json")
