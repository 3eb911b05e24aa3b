"""LightGBM's text: models keep their raw predictions in both directions.

The bound is 1e-6 * max(1, |margin|) against LightGBM itself on the same rows.
"""

import cnengine as cn
import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, GBDTRegressor


def assert_margins(got, expected):
    assert got.shape == expected.shape
    assert np.isfinite(expected).all()
    error = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    assert error.max() <= 1e-6


def rows(seed, count=500, missing=0.1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, 6))
    X[:, 3] = rng.integers(-2, 3, count)
    X[:, 4] = rng.integers(0, 40, count)  # a category
    X[rng.random(X.shape) < missing] = np.nan
    X[rng.random(X.shape) < 0.1] = 0
    return rng, X


def labels(objective, rng, X):
    z = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) * np.nan_to_num(X[:, 3])
    z = z + (np.nan_to_num(X[:, 4]) % 3 == 1)
    if objective.startswith("multi"):
        return np.clip(z + 1, 0, 2).astype(int)
    if objective.startswith("binary"):
        return (z + rng.standard_normal(len(z)) > 0).astype(float)
    if objective.startswith("cross"):
        return 1 / (1 + np.exp(-z))
    if "rank" in objective:
        return np.clip(z + 2, 0, 4).astype(int)
    if objective in ("poisson", "gamma", "tweedie"):
        return np.exp(z / 2) + 0.1
    return 3 * z + 40


def train(objective, X, y, rounds=8, **params):
    data = lgb.Dataset(X, y, group=[len(y) // 5] * 5 if "rank" in objective else None)
    params = {
        "objective": objective,
        "num_leaves": 12,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "verbose": -1,
        **params,
    }
    categories = params.pop("categorical_feature", "auto")
    return lgb.train(params, data.set_categorical_feature(categories), rounds)


def there(booster):
    return native.read_model_bytes(booster.model_to_string().encode())


def back(booster):
    text = native.write_model_bytes(booster, "lightgbm").decode()
    return lgb.Booster(model_str=text, params={"num_threads": 1, "verbose": -1})


def both_ways(booster, X):
    expected = booster.predict(X, raw_score=True)
    ours = there(booster)
    assert_margins(ours.predict(X, True), expected)
    again = back(ours)
    assert_margins(again.predict(X, raw_score=True), expected)
    return ours, again


OBJECTIVES = {
    "regression": "regression",
    "regression_l1": "absolute",
    "huber": "huber",
    "fair": "fair",
    "quantile": "quantile",
    "mape": "mape",
    "poisson": "poisson",
    "gamma": "gamma",
    "tweedie": "tweedie",
    "binary": "binary",
    "cross_entropy": "cross_entropy",
    "multiclass": "multiclass",
    "multiclassova": "multiclassova",
    "lambdarank": "lambdarank",
    "rank_xendcg": "rank_xendcg",
}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_objectives(objective):
    rng, X = rows(1)
    extra = {"num_class": 3} if objective.startswith("multi") else {}
    if objective in ("binary", "multiclassova"):
        extra["sigmoid"] = 1.7
    booster = train(objective, X, labels(objective, rng, X), **extra)
    ours, again = both_ways(booster, X)
    assert ours.objective == OBJECTIVES[objective]
    np.testing.assert_allclose(ours.predict(X), booster.predict(X), rtol=2e-6, atol=1e-9)
    np.testing.assert_allclose(again.predict(X), booster.predict(X), rtol=2e-6, atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_random_models(seed):
    rng, X = rows(seed + 10, missing=[0.0, 0.1, 0.4][seed % 3])
    objective = str(rng.choice(["regression", "binary", "multiclass"]))
    params = {
        "num_leaves": int(rng.integers(2, 40)),
        "learning_rate": float(rng.choice([0.05, 0.3])),
        "boosting": str(rng.choice(["gbdt", "dart"])),
        "bagging_freq": 1,
        "bagging_fraction": 0.7,
        "feature_fraction": 0.8,
        "use_missing": bool(rng.random() < 0.8),
        "zero_as_missing": bool(rng.random() < 0.4),
        "min_data_per_group": 5,
        "cat_smooth": 1.0,
        "max_cat_to_onehot": int(rng.choice([1, 100])),
        "boost_from_average": bool(rng.random() < 0.7),
        "seed": seed,
    }
    if rng.random() < 0.7:
        params["categorical_feature"] = [4]
    if objective == "multiclass":
        params["num_class"] = 3
    booster = train(objective, X, labels(objective, rng, X), 12, **params)
    # Unknown categories, and numbers about zero.
    new = X[:8].copy()
    new[:, 4] = [40, 41, 1e6, -1, -5, np.nan, 63, 64]
    new[:, 0] = [0.0, -0.0, 1e-36, -1e-36, 1e-30, -1e-30, np.nan, 1e300]
    both_ways(booster, np.concatenate([X, new]))


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_kinds_of_missing_values(missing, zero):
    """NaN and zero go as each of LightGBM's three kinds says."""
    _, X = rows(2, missing=0.3)
    y = np.isnan(X[:, 0]) * 2.0 + (X[:, 1] == 0) + np.nan_to_num(X[:, 2])
    booster = train("regression", X, y, use_missing=missing, zero_as_missing=zero)
    assert f"decision_type={'' if missing else 2}" in booster.model_to_string()
    both_ways(booster, X)


def test_linear_trees():
    rng, X = rows(3, 2000, missing=0.02)
    X = X[:, :4]
    X[:, :3] += np.where(X[:, :3] == 0, 1e-3, 0)
    y = X[:, 0] * np.where(X[:, 1] > 0, 2, -3) + 0.1 * rng.standard_normal(2000)
    y = np.nan_to_num(y)
    booster = train("regression", X, y, linear_tree=True, linear_lambda=0.01)
    assert "is_linear=1" in booster.model_to_string()
    new = X.copy()
    new[::5, 0] = np.nan  # leaves fall back on their constants
    both_ways(booster, new)


@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass"])
def test_random_forest_is_a_mean(objective):
    """LightGBM's raw score of a forest is the sum of its trees; its predictions, and ours, come from
    the mean."""
    rng, X = rows(4)
    params = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}
    if objective == "multiclass":
        params["num_class"] = 3
    booster = train(objective, X, labels(objective, rng, X), 9, **params)
    assert "average_output" in booster.model_to_string()
    ours = there(booster)
    assert_margins(9 * ours.predict(X, True), booster.predict(X, raw_score=True))
    again = back(ours)
    np.testing.assert_allclose(ours.predict(X), booster.predict(X), rtol=1e-6)
    np.testing.assert_allclose(again.predict(X), booster.predict(X), rtol=1e-6)


def test_custom_objectives_keep_their_scores():
    _, X = rows(5)
    data = lgb.Dataset(X, np.nan_to_num(X[:, 0]))

    def squares(scores, data):
        return scores - data.get_label(), np.ones(len(scores))

    booster = lgb.train({"objective": squares, "verbose": -1, "num_threads": 1}, data, 5)
    ours, _ = both_ways(booster, X)
    assert ours.objective == "custom"


def frame(seed, count=500):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "x": rng.standard_normal(count),
            "word": pd.Categorical(rng.choice(["rot", "grün", "blau", ""], count)),
            "number": pd.Categorical(rng.choice([7, 3, 11, 5, 100], count), [7, 3, 11, 5, 100]),
            "truth": pd.Categorical(rng.choice([True, False], count)),
        }
    )
    y = (table.x > 0) ^ table.word.isin(["rot", ""]) ^ table.number.isin([7, 11])
    table.loc[rng.random(count) < 0.1, "word"] = None
    table.loc[rng.random(count) < 0.1, "number"] = None
    return table, y.astype(float).to_numpy()


def test_data_frames():
    X, y = frame(0)
    booster = train("binary", X, y, min_data_per_group=5, cat_smooth=1, max_cat_to_onehot=2)
    ours, again = both_ways(booster, X)
    assert ours.feature_names == ["x", "word", "number", "truth"]
    assert set(ours.categories()[1]) == {"rot", "grün", "blau", ""}
    assert ours.categories()[2] == [3, 5, 7, 11, 100]
    assert again.pandas_categorical == [
        sorted(["rot", "grün", "blau", ""]),
        [3, 5, 7, 11, 100],
        [0, 1],
    ]
    # Other categories, in another order; LightGBM knows none of the new ones.
    other, _ = frame(1)
    other["word"] = other["word"].cat.rename_categories({"rot": "red"})
    other["number"] = other["number"].cat.reorder_categories([100, 5, 11, 3, 7])
    expected = booster.predict(other, raw_score=True)
    assert_margins(ours.predict(other, True), expected)
    assert_margins(again.predict(other, raw_score=True), expected)


def test_categories_of_pandas_and_others_together_are_refused():
    X, y = frame(2)
    X["code"] = np.arange(len(X)) % 5
    data = lgb.Dataset(X, y, categorical_feature=["word", "number", "truth", "code"])
    booster = lgb.train({"verbose": -1, "min_data_per_group": 1}, data, 2)
    with pytest.raises(cn.errors.UnsupportedError, match="pandas for other columns"):
        there(booster)


# --- models of our own --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [GBDTClassifier, GBDTRegressor])
def test_our_models(kind):
    rng, X = rows(6, 2000)
    y = labels("binary" if kind is GBDTClassifier else "regression", rng, X)
    model = kind(n_estimators=20, num_leaves=20, categorical_features=[4], min_child_samples=5)
    model.fit(X, y)
    expected = model.booster_.native.predict(X, True)
    peer = back(model.booster_.native)
    assert_margins(peer.predict(X, raw_score=True), expected)
    assert_margins(there(peer).predict(X, True), expected)
    np.testing.assert_allclose(model.booster_.native.predict(X), peer.predict(X), rtol=1e-6)


def test_our_model_of_a_data_frame():
    X, y = frame(3)
    model = GBDTClassifier(n_estimators=10, min_child_samples=5).fit(X, y)
    peer = back(model.booster_.native)
    assert_margins(peer.predict(X, raw_score=True), model.predict(X, raw_score=True))
    assert peer.feature_name() == ["x", "word", "number", "truth"]


def test_statistics_are_kept():
    rng, X = rows(7)
    booster = train("regression", X, labels("regression", rng, X), 3)
    again = back(there(booster))
    first, second = (b.dump_model()["tree_info"] for b in (booster, again))
    for a, b in zip(first, second, strict=True):
        stack = [(a["tree_structure"], b["tree_structure"])]
        while stack:
            a, b = stack.pop()
            for key in a:
                if key.endswith("child"):
                    stack.append((a[key], b[key]))
                elif isinstance(a[key], float):
                    assert b[key] == pytest.approx(a[key], rel=1e-5)
                else:
                    assert a[key] == b[key]
    np.testing.assert_array_equal(there(booster).split_importance(), booster.feature_importance())


@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass"])
def test_importances(objective):
    rng, X = rows(14)
    X[:, 3] = 1  # never split on
    extra = {"num_class": 3} if objective == "multiclass" else {}
    booster = train(objective, X, labels(objective, rng, X), **extra)
    ours = there(booster)
    for name, peer in {"split": "split", "total_gain": "gain"}.items():
        want = booster.feature_importance(peer)
        assert want[3] == 0 < want[0]
        np.testing.assert_allclose(ours.importance(name), want, rtol=1e-5)
    splits = booster.feature_importance("split")
    mean = booster.feature_importance("gain") / np.maximum(splits, 1)
    np.testing.assert_allclose(ours.importance("gain"), mean, rtol=1e-5)
    weights = np.zeros(X.shape[1])  # LightGBM has no such importance, but each node's weight
    table = booster.trees_to_dataframe().dropna(subset=["split_feature"])
    np.add.at(weights, table["split_feature"].str.slice(7).astype(int), table["weight"])
    np.testing.assert_allclose(ours.importance("total_cover"), weights, rtol=1e-5)


def test_vector_leaves_become_trees():
    xgb = pytest.importorskip("xgboost")
    _, X = rows(9)
    y = np.column_stack([np.nan_to_num(X[:, 0]), np.nan_to_num(X[:, 1])])
    params = {"multi_strategy": "multi_output_tree", "nthread": 1}
    ours = native.read_model_bytes(bytes(xgb.train(params, xgb.DMatrix(X, y), 5).save_raw("ubj")))
    assert ours.num_trees == 5
    peer = back(ours)
    assert peer.num_trees() == 10
    rounded = X.astype(np.float32).astype(float)
    assert_margins(peer.predict(rounded, raw_score=True), ours.predict(rounded, True))


def test_a_model_of_xgboost_written_as_lightgbm():
    """XGBoost compares in float32; float64 thresholds half way to the next one do the same."""
    xgb = pytest.importorskip("xgboost")
    rng = np.random.default_rng(8)
    X = np.float32(1) + rng.integers(0, 50, (500, 3)) * 2.0**-23  # neighbours in float32
    y = (X[:, 0] > X[:, 1]) + X[:, 2]
    booster = xgb.train({"max_depth": 6}, xgb.DMatrix(X, y), 10)
    peer = back(native.read_model_bytes(bytes(booster.save_raw("ubj"))))
    near = X + rng.uniform(-1, 1, X.shape) * 2.0**-24
    for rows in (X, near, X + 2.0**-24, X - 2.0**-24):
        expected = booster.predict(xgb.DMatrix(rows), output_margin=True).astype(float)
        assert_margins(peer.predict(rows, raw_score=True), expected)


def test_what_lightgbm_cannot_hold_is_named():
    X = np.column_stack([np.tile([0.5, 1.5, 2.5, 7.0], 50), np.arange(200)])
    model = GBDTRegressor(n_estimators=1, categorical_features=[0], min_child_samples=1)
    model.fit(X, X[:, 0] == 7)
    with pytest.raises(cn.errors.UnsupportedError, match=r"save_model: .*LightGBM.*category 0\.5"):
        native.write_model_bytes(model.booster_.native, "lightgbm")
    table = pd.DataFrame({"two words": np.arange(100.0)})
    model = GBDTRegressor(n_estimators=1).fit(table, table["two words"])
    with pytest.raises(cn.errors.UnsupportedError, match="white space"):
        native.write_model_bytes(model.booster_.native, "lightgbm")


# --- what is refused ----------------------------------------------------------------------------


def small():
    X, y = frame(4)
    return train("binary", X, y, 2, num_leaves=4, min_data_per_group=5, linear_tree=True)


TEXT = small().model_to_string()


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("objective=binary", "objective=cross_entropy_lambda", "cross_entropy_lambda"),
        ("objective=binary", "objective=regression sqrt", "regression sqrt"),
        ("objective=binary", "objective=magic", "magic"),
    ],
)
def test_objectives_that_differ_are_refused(old, new, match):
    with pytest.raises(cn.errors.UnsupportedError, match=match):
        native.read_model_bytes(TEXT.replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("max_feature_idx=3", "max_feature_idx=2000000000", "expected features up to"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=2000000000", "expected outputs up to"),
        (
            "num_tree_per_iteration=1",
            "num_tree_per_iteration=2",
            "does not fit its number of trees",
        ),
        ("max_feature_idx=3", "max_feature_idx=x", "expected an integer"),
        ("max_feature_idx=3", "max=3", 'expected a line "max_feature_idx="'),
        ("num_leaves=4", "num_leaves=2000000000", "expected 1999999999 numbers"),
        ("num_leaves=4", "num_leaves=0", "expected an integer in"),
        ("left_child=", "left_child=7 ", "expected 3 numbers"),
        ("leaf_value=", "leaf_value=nan ", "expected numbers"),
        ("cat_boundaries=0", "cat_boundaries=1", "cat_boundaries does not rise"),
        ("num_features=", "num_features=2000000000 ", "numbers in"),
        ("end of trees", "", 'before "end of trees"'),
        ("feature_names=x", "feature_names=", "no name"),
        ("feature_names=x", "feature_names=x y", "more feature_names"),
        ("pandas_categorical:[[", "pandas_categorical:[", "JSON"),
        ("[7, 3, 11, 5, 100]", "[7]", "not in the list of pandas"),
        ("[7, 3, 11, 5, 100]", "[7, 7, 11, 5, 100]", "a category is there twice"),
    ],
)
def test_what_does_not_fit_is_named(old, new, match):
    assert old in TEXT
    with pytest.raises(cn.errors.CorruptionError, match=match) as error:
        native.read_model_bytes(TEXT.replace(old, new).encode())
    assert str(error.value).startswith("read_model: not a whole")


def test_children_in_a_circle_are_refused():
    lines = [
        "left_child=0 0 0" if line.startswith("left_child") else line for line in TEXT.split("\n")
    ]
    with pytest.raises(cn.errors.CorruptionError, match="child number is out of range"):
        native.read_model_bytes("\n".join(lines).encode())


def test_every_cut_of_the_trees_is_refused():
    end = TEXT.index("end of trees")
    for length in range(0, end, 7):
        with pytest.raises((cn.errors.CorruptionError, cn.errors.UnsupportedError)):
            native.read_model_bytes(TEXT[:length].encode())
    for length in range(end + 12, len(TEXT), 11):
        survives(TEXT[:length].encode())


def survives(data):
    try:
        booster = native.read_model_bytes(data)
    except (cn.errors.CorruptionError, cn.errors.UnsupportedError):
        return
    if booster.width == 4 and not any(isinstance(c, list) and c for c in booster.categories()):
        booster.predict(np.zeros((3, 4)), True)
    try:
        native.write_model_bytes(booster, "lightgbm")
        native.write_model_bytes(booster, "xgboost-json")
    except cn.errors.UnsupportedError:
        return


def test_changed_bytes_do_not_crash():
    data = TEXT.encode()
    rng = np.random.default_rng(0)
    end = TEXT.index("end of trees")
    for _ in range(400):
        changed = bytearray(data)
        for at in rng.integers(0, end, rng.integers(1, 4)):
            changed[at] = rng.choice(np.frombuffer(b"0123456789-e. =\n\xff\x00", np.uint8))
        survives(bytes(changed))
