"""CatBoost's JSON: models keep their raw values in both directions.

The bound is 1e-6 * max(1, |margin|) against CatBoost itself on the same rows.
"""

import json
from pathlib import Path

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, GBDTRegressor

cb = pytest.importorskip("catboost")


def assert_margins(got, expected):
    assert got.shape == expected.shape
    assert np.isfinite(expected).all()
    error = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    assert error.max() <= 1e-6


def rows(seed, count=400, missing=0.1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, 4)).astype(np.float32)
    X[:, 3] = rng.integers(0, 4, count)
    X[rng.random(X.shape) < missing] = np.nan
    return rng, X


def labels(loss, rng, X):
    z = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) * np.nan_to_num(X[:, 3])
    if loss in ("MultiClass", "MultiClassOneVsAll"):
        return np.clip(z + 1, 0, 2).astype(int)
    if loss in ("Logloss", "CrossEntropy", "Focal"):
        return (z > 0).astype(int)
    if loss.startswith("Multi") and "Quantile" not in loss:
        y = np.column_stack([z, np.sin(z)])
        return (y > 0).astype(int) if loss != "MultiRMSE" else y
    if loss in ("Poisson", "Tweedie"):
        return np.exp(z / 2)
    return 3 * z + 40


def train(loss, X, y, **params):
    params = {"iterations": 8, "depth": 4, "thread_count": 1, **params}
    model = cb.CatBoost(
        {"loss_function": loss, "allow_writing_files": False, "logging_level": "Silent", **params}
    )
    return model.fit(X, y)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "model.json")


def there(model, path, pool=None):
    model.save_model(path, format="json", pool=pool)
    return native.read_model(path)


def back(booster, path):
    native.write_model(booster, path, "catboost-json")
    return cb.CatBoost().load_model(path, format="json")


def raw(model, X):
    return model.predict(X, prediction_type="RawFormulaVal", thread_count=1)


def both_ways(model, X, path):
    expected = raw(model, X)
    ours = there(model, path)
    assert_margins(ours.predict(X, True), expected)
    again = back(ours, path)
    assert_margins(raw(again, X), expected)
    return ours, again


ONE = {
    "RMSE": "regression",
    "MAE": "absolute",
    "Quantile:alpha=0.3": "quantile",
    "Expectile:alpha=0.3": "expectile",
    "Huber:delta=2": "huber",
    "MAPE": "mape",
    "Poisson": "poisson",
    "Tweedie:variance_power=1.3": "tweedie",
    "Logloss": "binary",
    "CrossEntropy": "cross_entropy",
    "Focal:focal_alpha=0.3;focal_gamma=1.5": "focal",
    "LogCosh": "custom",
}


@pytest.mark.parametrize("loss", ONE)
def test_losses(loss, path):
    rng, X = rows(1)
    model = train(loss, X, labels(loss.split(":")[0], rng, X))
    ours, _ = both_ways(model, X, path)
    assert ours.objective == ONE[loss]
    if loss == "Logloss":
        p = model.predict(X, prediction_type="Probability")[:, 1]
        np.testing.assert_allclose(ours.predict(X), p, rtol=1e-6)
    if loss == "Poisson":
        p = model.predict(X, prediction_type="Exponent")
        np.testing.assert_allclose(ours.predict(X), p, rtol=1e-6)


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise", "Lossguide"])
@pytest.mark.parametrize("nan_mode", ["Min", "Max"])
@pytest.mark.parametrize("seed", range(3))
def test_random_models(seed, nan_mode, policy, path):
    rng, X = rows(seed + 10, missing=[0.0, 0.1, 0.5][seed])
    params = {
        "depth": int(rng.integers(1, 7)),
        "learning_rate": float(rng.choice([0.05, 0.5])),
        "l2_leaf_reg": float(rng.choice([1, 10])),
        "border_count": int(rng.choice([5, 254])),
        "random_seed": seed,
    }
    model = train(
        "RMSE", X, labels("RMSE", rng, X), nan_mode=nan_mode, grow_policy=policy, **params
    )
    both_ways(model, X, path)


def test_inputs_are_rounded_to_float32(path):
    rng = np.random.default_rng(2)
    X = np.float32(1) + rng.integers(0, 50, (400, 2)) * 2.0**-23
    model = train("RMSE", X, X[:, 0] > X[:, 1], border_count=254)
    near = X + rng.uniform(-1, 1, X.shape) * 2.0**-24
    assert_margins(there(model, path).predict(near, True), raw(model, near))


SEVERAL = {
    "MultiClass": "multiclass",
    "MultiClassOneVsAll": "multiclassova",
    "MultiRMSE": "regression",
    "MultiLogloss": "binary",
    "MultiCrossEntropy": "cross_entropy",
    "MultiQuantile:alpha=0.1,0.5,0.9": "quantile",
}


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
@pytest.mark.parametrize("loss", SEVERAL)
def test_several_outputs(loss, policy, path):
    rng, X = rows(8)
    if loss == "MultiQuantile:alpha=0.1,0.5,0.9" and policy == "Depthwise":
        policy = "Lossguide"
    model = train(loss, X, labels(loss.split(":")[0], rng, X), grow_policy=policy)
    ours, again = both_ways(model, X, path)
    assert ours.objective == SEVERAL[loss]
    if loss == "MultiClass":
        p = model.predict(X, prediction_type="Probability")
        np.testing.assert_allclose(ours.predict(X), p, rtol=1e-6)
        np.testing.assert_allclose(again.predict(X, prediction_type="Probability"), p, rtol=1e-6)


# --- one-hot categories -------------------------------------------------------------------------


def frame(seed, count=400):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "x": rng.standard_normal(count).astype(np.float32),
            "word": rng.choice(["rot", "grün", "blau", ""], count),
            "number": rng.choice([7, -3, 11, 5], count),
        }
    )
    y = (table.x > 0) ^ table.word.isin(["rot", ""]) ^ table.number.isin([7, 11])
    return table, y.astype(int).to_numpy()


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
def test_one_hot_categories(policy, path):
    X, y = frame(0)
    kinds = {"cat_features": ["word", "number"], "one_hot_max_size": 10, "grow_policy": policy}
    model = train("Logloss", X, y, **kinds)
    with pytest.raises(cn.errors.UnsupportedError, match="save it as JSON with its pool"):
        there(model, path)
    ours = there(model, path, cb.Pool(X, y, cat_features=["word", "number"]))
    assert ours.feature_names == ["x", "word", "number"]
    assert set(ours.categories()[1]) == {"rot", "grün", "blau", ""}
    assert ours.categories()[2] == [-3, 5, 7, 11]
    assert_margins(ours.predict(X, True), raw(model, X))
    new, _ = frame(1)
    new.loc[::7, "number"] = 99
    assert_margins(ours.predict(new, True), raw(model, new))
    with pytest.raises(cn.errors.UnsupportedError, match=r"CatBoost.*categorical features"):
        native.write_model(ours, path, "catboost-json")


# --- target statistics --------------------------------------------------------------------------


KINDS = [
    ["Borders", "Counter"],
    ["Buckets:Prior=0.3/1", "Counter:Prior=0.7/1"],
    ["BinarizedTargetMeanValue"],
    ["Borders:TargetBorderCount=3"],
]


def crossed(seed, count=600):
    table, y = frame(seed, count)
    rng = np.random.default_rng(seed + 100)
    table["third"] = rng.choice(["a", "b", "c", "7"], count)
    y = y ^ (table.third.isin(["a", "7"]) & table.word.isin(["rot", "blau"])).to_numpy()
    table.loc[rng.random(count) < 0.1, "x"] = np.nan
    return table, y.astype(int)


@pytest.mark.parametrize("complexity", [1, 3])
@pytest.mark.parametrize("kinds", KINDS)
@pytest.mark.parametrize("loss", ["Logloss", "RMSE", "MultiClass"])
def test_target_statistics(loss, kinds, complexity, path):
    X, y = crossed(1)
    y = y + (X["number"] == 11) if loss != "Logloss" else y
    names = ["word", "number", "third"]
    if loss != "RMSE":  # the classes are the borders
        kinds = [k.split(":TargetBorder")[0] for k in kinds]
    params = {
        "cat_features": names,
        "one_hot_max_size": 2,
        "max_ctr_complexity": complexity,
        "simple_ctr": kinds,
        "combinations_ctr": kinds,
        "iterations": 25,
        "random_seed": 3,
    }
    model = train(loss, X, y, **params)
    ours = there(model, path, cb.Pool(X, y, cat_features=names))
    assert "OnlineCtr" in Path(path).read_text()
    assert_margins(ours.predict(X, True), raw(model, X))
    new, _ = crossed(2)
    new.loc[::7, "number"] = 99
    new.loc[::5, "word"] = "neu"
    new.loc[::11, "third"] = "rot"  # a category of another feature
    assert_margins(ours.predict(new, True), raw(model, new))
    again = native.from_bytes(ours.to_bytes())
    np.testing.assert_array_equal(again.predict(new, True), ours.predict(new, True))
    for kind in ("catboost-json", "lightgbm", "xgboost-json"):
        with pytest.raises(cn.errors.UnsupportedError, match=r"looked up in tables|categor"):
            native.write_model_bytes(ours, kind)


def test_statistics_of_unknown_text_are_refused(path):
    X, y = crossed(3)
    model = train("Logloss", X, y, cat_features=["word", "number", "third"], one_hot_max_size=2)
    with pytest.raises(cn.errors.UnsupportedError, match="save it as JSON with its pool"):
        there(model, path)
    part = X["word"] != "rot"
    pool = cb.Pool(X[part], y[part], cat_features=["word", "number", "third"])
    with pytest.raises(cn.errors.UnsupportedError, match="save it as JSON with its pool"):
        there(model, path, pool)


def test_classes_keep_their_names(path):
    rng, X = rows(3)
    y = np.where(labels("Logloss", rng, X) > 0, "yes", "no")
    ours = there(train("Logloss", X, y), path)
    assert json.loads(ours.attributes) == {"classes": ["no", "yes"]}


# --- models of our own --------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("kind", [GBDTClassifier, GBDTRegressor])
def test_our_models(kind, missing, path):
    """Missing values go by each split; CatBoost has one rule a feature, so splits are added."""
    rng, X = rows(4, 1000, missing)
    y = labels("Logloss" if kind is GBDTClassifier else "RMSE", rng, X)
    model = kind(n_estimators=10, num_leaves=15).fit(X, y)
    _, new = rows(5, 1000, 0.2)
    expected = model.predict(new, raw_score=True)
    peer = back(model.booster_.native, path)
    assert_margins(raw(peer, new), expected)
    assert_margins(native.read_model(path).predict(new, True), expected)
    if kind is GBDTClassifier:
        p = peer.predict(new, prediction_type="Probability")[:, 1]
        np.testing.assert_allclose(model.predict_proba(new)[:, 1], p, rtol=1e-6)


def test_thresholds_of_float64_are_rounded_towards_the_rows(path):
    X = (1 + np.arange(640) * 2.0**-26)[:, None]
    model = GBDTRegressor(n_estimators=5, num_leaves=200, min_child_samples=1)
    model.fit(X, np.arange(640) // 5 % 7)
    X = (1 + np.arange(80) * 2.0**-23).astype(np.float32)[:, None]
    assert_margins(raw(back(model.booster_.native, path), X), model.predict(X))


def test_missing_values_that_ask_for_too_many_splits_are_refused(path):
    rng, X = rows(6, 4000, 0.3)
    X = np.column_stack([rng.permutation(X) for _ in range(6)])
    model = GBDTRegressor(n_estimators=1, num_leaves=1000, min_child_samples=1)
    model.fit(X, rng.standard_normal(4000))
    with pytest.raises(cn.errors.UnsupportedError, match="too many splits of a feature"):
        native.write_model(model.booster_.native, path, "catboost-json")


# --- what is refused ----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["SymmetricTree", "Depthwise", "statistics"])
def text(request, tmp_path_factory):
    X, y = frame(2)
    kinds = {"cat_features": ["word", "number"], "one_hot_max_size": 10}
    if request.param == "statistics":
        kinds["one_hot_max_size"] = 1
    else:
        kinds["grow_policy"] = request.param
    model = train("Logloss", X, y, depth=2, iterations=2, **kinds)
    path = tmp_path_factory.mktemp("catboost") / "model.json"
    pool = cb.Pool(X, y, cat_features=["word", "number"])
    model.save_model(str(path), format="json", pool=pool)
    whole = json.loads(path.read_text())
    whole["model_info"] = {"params": {"loss_function": {"type": "Logloss", "params": {}}}}
    return json.dumps(whole)


def edited(text, change):
    model = json.loads(text)
    change(model)
    return json.dumps(model).encode()


def first_split(model):
    if "trees" in model:
        return model["trees"][0]["split"]
    return model["oblivious_trees"][0]["splits"][0]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda m: m.update(features_info={}), "no such (feature|statistic)"),
        (lambda m: m.update(scale_and_bias=[1]), "expected a scale and a list"),
        (lambda m: m.update(scale_and_bias=[1, [0, 0]]), "number|numbers"),
        (lambda m: first_split(m).update(split_type=7), "expected a text"),
        (
            lambda m: first_split(m).update(split_type="FloatFeature", float_feature_index=9),
            "no such feature",
        ),
        (
            lambda m: first_split(m).update(
                split_type="FloatFeature", float_feature_index=0, border=1e300
            ),
            "border is out of range",
        ),
        (
            lambda m: first_split(m).update(
                split_type="OneHotFeature", cat_feature_index=0, value=12345
            ),
            "no such category",
        ),
        (
            lambda m: m["features_info"]["float_features"][0].update(flat_feature_index=10**9),
            "expected features up to",
        ),
        (
            lambda m: m["features_info"]["float_features"][0].update(flat_feature_index=1),
            "there twice",
        ),
    ],
)
def test_what_does_not_fit_is_named(text, change, match):
    with pytest.raises(cn.errors.CorruptionError, match=match) as error:
        native.read_model_bytes(edited(text, change))
    assert str(error.value).startswith("read_model: not a whole CatBoost model")


def test_trees_that_are_too_deep_are_refused():
    split = {"split_type": "FloatFeature", "float_feature_index": 0, "border": 0.5}
    model = {
        "features_info": {"float_features": [{"feature_index": 0, "flat_feature_index": 0}]},
        "oblivious_trees": [{"splits": [split] * 40, "leaf_values": []}],
    }
    with pytest.raises(cn.errors.CorruptionError, match="too deep"):
        native.read_model_bytes(json.dumps(model).encode())
    tree = '{"left":' * 100_000
    data = json.dumps({**model, "trees": 0}).replace('"trees": 0', '"trees": [' + tree)
    with pytest.raises(cn.errors.CorruptionError, match="nested too deep"):
        native.read_model_bytes(data.encode())


def survives(data):
    try:
        booster = native.read_model_bytes(data)
    except (cn.errors.CorruptionError, cn.errors.UnsupportedError):
        return False
    try:
        native.write_model_bytes(booster, "catboost-json")
        native.write_model_bytes(booster, "lightgbm")
    except cn.errors.UnsupportedError:
        return True
    return True


def test_every_cut_is_refused(text):
    data = text.encode()
    for length in range(0, len(data), 5):
        assert not survives(data[:length])


def test_changed_bytes_do_not_crash(text):
    data = text.encode()
    rng = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(data)
        for at in rng.integers(0, len(data), rng.integers(1, 4)):
            changed[at] = rng.choice(np.frombuffer(b"0123456789-e.[]{},\xff\x00", np.uint8))
        survives(bytes(changed))
