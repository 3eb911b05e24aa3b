"""CatBoost's binary models: those that its JSON holds give the same model, hostile bytes are refused.

The bound is 1e-6 * max(1, |margin|) against CatBoost itself on the same rows.
"""

import json
import struct

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, load_model

cb = pytest.importorskip("catboost")


def rows(seed, count=400, missing=0.1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, 4)).astype(np.float32)
    X[:, 3] = rng.integers(0, 4, count)
    X[rng.random(X.shape) < missing] = np.nan
    z = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) * np.nan_to_num(X[:, 3])
    return rng, X, z


def train(loss, X, y, **params):
    fixed = {"loss_function": loss, "allow_writing_files": False, "logging_level": "Silent"}
    return cb.CatBoost({"iterations": 8, "depth": 4, "thread_count": 1, **fixed, **params}).fit(
        X, y
    )


def binary(model, path):
    model.save_model(str(path), format="cbm")
    return path.read_bytes()


def assert_margins(model, ours, X):
    expected = model.predict(X, prediction_type="RawFormulaVal", thread_count=1)
    got = ours.predict(X, True)
    assert got.shape == expected.shape
    assert (np.abs(got - expected) <= 1e-6 * np.maximum(1, np.abs(expected))).all()


POLICIES = ["SymmetricTree", "Depthwise", "Lossguide"]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("nan_mode", ["Min", "Max"])
@pytest.mark.parametrize("seed", range(4))
def test_random_models(seed, nan_mode, policy, tmp_path):
    rng, X, z = rows(seed, missing=[0.0, 0.1, 0.5, 0.1][seed])
    params = {
        "depth": int(rng.integers(1, 7)), "iterations": int(rng.integers(1, 20)),
        "learning_rate": float(rng.choice([0.05, 0.5])), "random_seed": seed,
        "border_count": int(rng.choice([5, 254])),
    }  # fmt: skip
    model = train("RMSE", X, 3 * z + 40, nan_mode=nan_mode, grow_policy=policy, **params)
    ours = native.read_model_bytes(binary(model, tmp_path / "m.cbm"))
    assert_margins(model, ours, X)
    model.save_model(str(tmp_path / "m.json"), format="json")
    text = native.read_model(str(tmp_path / "m.json"))
    assert ours.trees() == text.trees()
    assert ours.base_scores == text.base_scores
    np.testing.assert_array_equal(ours.importance("total_cover"), text.importance("total_cover"))


LOSSES = {
    "Logloss": "binary", "Quantile:alpha=0.3": "quantile", "Poisson": "poisson",
    "MultiClass": "multiclass", "MultiClassOneVsAll": "multiclassova", "MultiRMSE": "regression",
}  # fmt: skip


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses(loss, policy, tmp_path):
    _, X, z = rows(5)
    y = {"Logloss": (z > 0).astype(int), "Poisson": np.exp(z / 2),
         "MultiClass": np.clip(z + 1, 0, 2).astype(int), "MultiRMSE": np.c_[z, np.sin(z)],
         "MultiClassOneVsAll": np.clip(z + 1, 0, 2).astype(int)}.get(loss, z)  # fmt: skip
    model = train(loss, X, y, grow_policy=policy)
    ours = native.read_model_bytes(binary(model, tmp_path / "m.cbm"))
    assert ours.objective == LOSSES[loss]
    assert_margins(model, ours, X)


def test_classes_and_names(tmp_path):
    _, X, z = rows(6)
    table = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    y = np.where(z > 0, "yes", "no")
    model = cb.CatBoostClassifier(iterations=8, verbose=0, allow_writing_files=False).fit(table, y)
    binary(model, tmp_path / "m.cbm")
    ours = load_model(tmp_path / "m.cbm")
    assert isinstance(ours, GBDTClassifier)
    assert ours.classes_.tolist() == ["no", "yes"]
    assert ours.booster_.feature_names == ["a", "b", "c", "d"]
    np.testing.assert_allclose(ours.predict_proba(table), model.predict_proba(table), rtol=1e-5)
    assert (ours.predict(table) == model.predict(table)).all()


def test_trees_without_splits(tmp_path):
    _, X, z = rows(7)
    model = train("RMSE", X, z + 3, iterations=2, grow_policy="Lossguide", min_data_in_leaf=10_000)
    assert len(model.get_leaf_values()) == 2
    ours = native.read_model_bytes(binary(model, tmp_path / "m.cbm"))
    assert_margins(model, ours, X)


def numbered(seed, count=600):
    """Categories that are whole numbers: those that have hashes of their own in the file."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({
        "x": rng.standard_normal(count).astype(np.float32),
        "few": rng.choice([7, -3, 11, 500], count),
        "many": rng.integers(0, 30, count) * 1111,
        "third": rng.choice([0, 1, 2, 99999], count),
    })  # fmt: skip
    y = (table.x > 0) ^ table.few.isin([7, 11]) ^ (table.many % 3 == 0) ^ (table.third == 2)
    return table, y.astype(int).to_numpy()


CTRS = [["Borders", "Counter"], ["Buckets:Prior=0.3/1"], ["BinarizedTargetMeanValue"],
        ["Borders:TargetBorderCount=3"]]  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("one_hot", [2, 10])
@pytest.mark.parametrize("kinds", CTRS)
def test_categories_that_are_numbers(kinds, one_hot, policy, tmp_path):
    X, y = numbered(1)
    loss = "RMSE" if "TargetBorder" in kinds[0] else "Logloss"
    names = ["few", "many", "third"]
    model = train(loss, X, y, cat_features=names, one_hot_max_size=one_hot, simple_ctr=kinds,
                  max_ctr_complexity=1, iterations=20, grow_policy=policy)  # fmt: skip
    ours = native.read_model_bytes(binary(model, tmp_path / "m.cbm"))
    assert_margins(model, ours, X)
    new, _ = numbered(2)
    new.loc[::7, "many"] = 12  # training did not see it
    new.loc[::5, "few"] = 99
    assert_margins(model, ours, new)
    pool = cb.Pool(X, y, cat_features=names)
    model.save_model(str(tmp_path / "m.json"), format="json", pool=pool)
    text = native.read_model(str(tmp_path / "m.json"))
    assert ours.trees() == text.trees()
    assert ours.categories() == text.categories()


def test_combinations_of_categories(tmp_path):
    X, y = numbered(3)
    names = ["few", "many", "third"]
    model = train("Logloss", X, y, cat_features=names, one_hot_max_size=2, max_ctr_complexity=3,
                  iterations=25, random_seed=3)  # fmt: skip
    ours = native.read_model_bytes(binary(model, tmp_path / "m.cbm"))
    model.save_model(
        str(tmp_path / "m.json"), format="json", pool=cb.Pool(X, y, cat_features=names)
    )
    ctrs = json.loads((tmp_path / "m.json").read_text())["features_info"]["ctrs"]
    assert any(len(ctr["elements"]) > 1 for ctr in ctrs)
    assert_margins(model, ours, numbered(4)[0])


@pytest.mark.parametrize("one_hot", [2, 10])
def test_text_is_not_in_the_file(one_hot, tmp_path):
    X, y = numbered(5)
    X["few"] = X["few"].map({7: "rot", -3: "blau", 11: "gelb", 500: "7"})
    model = train("Logloss", X, y, cat_features=["few", "many", "third"], one_hot_max_size=one_hot)
    with pytest.raises(cn.errors.UnsupportedError, match="save it as JSON with its pool"):
        native.read_model_bytes(binary(model, tmp_path / "m.cbm"))


def test_text_features_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    words = rng.choice(["red apple", "green pear", "blue plum"], 200)
    table = pd.DataFrame({"t": words, "x": rng.standard_normal(200)})
    y = (table.t == "red apple").astype(int)
    model = cb.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False)
    model.fit(table, y, text_features=["t"])
    with pytest.raises(cn.errors.UnsupportedError, match="text or embedding features"):
        native.read_model_bytes(binary(model, tmp_path / "m.cbm"))


# --- hostile bytes ------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["SymmetricTree", "Lossguide", "statistics"])
def data(request, tmp_path_factory):
    X, y = numbered(6, 150)
    kinds = {"cat_features": ["few", "many", "third"], "max_ctr_complexity": 1}
    if request.param == "statistics":
        kinds["one_hot_max_size"] = 2
    else:
        kinds |= {"one_hot_max_size": 50, "grow_policy": request.param}
    model = train("Logloss", X, y, iterations=3, depth=2, **kinds)
    path = tmp_path_factory.mktemp("cbm") / "m.cbm"
    whole = binary(model, path)
    native.read_model_bytes(whole)
    return whole


def survives(bytes_):
    try:
        booster = native.read_model_bytes(bytes_)
    except (cn.errors.CorruptionError, cn.errors.UnsupportedError):
        return False
    width = booster.width
    if width <= 1000:
        booster.predict(np.zeros((3, width)), True)
        booster.predict(np.full((3, width), np.nan), True)
    return True


def test_every_cut_is_refused(data):
    for length in range(0, len(data), 3):
        assert not survives(data[:length])


def test_changed_bytes_do_not_crash(data):
    rng = np.random.default_rng(0)
    tables = len(data) - 3000  # the texts of training come last and count for little
    for number in range(3000):
        changed = bytearray(data)
        last = max(tables, 2000) if number % 2 else len(data)
        for at in rng.integers(4, last, rng.integers(1, 5)):
            changed[at] = rng.choice([0, 1, 2, 4, 127, 128, 255, int(rng.integers(0, 256))])
        survives(bytes(changed))


def test_changed_offsets_do_not_crash(data):
    """Every word in turn becomes small, large, or another place of the file."""
    rng = np.random.default_rng(1)
    words = range(4, min(len(data) - 4, 4000), 4)
    for at in words:
        for value in (0, 0xFFFFFFFF, 0x7FFFFFFF, int(rng.integers(0, len(data)))):
            changed = bytearray(data)
            struct.pack_into("<I", changed, at, value)
            survives(bytes(changed))


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0, 1, 3])
def test_lengths_that_do_not_fit(data, length):
    assert not survives(data[:4] + struct.pack("<I", length) + data[8:])


def test_another_version_is_named(data):
    changed = data.replace(b"FlabuffersModel_v1", b"FlabuffersModel_v9")
    with pytest.raises(cn.errors.UnsupportedError, match="FlabuffersModel_v9"):
        native.read_model_bytes(changed)
