"""Categories of data frames that are numbers: other libraries see codes, and the files say of what."""

import json

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xgboost
from cnengine import errors
from cnengine.gbdt import Dataset, GBDTClassifier, GBDTRegressor, cv, load_booster, train

RNG = np.random.default_rng(6)
N = 800
CODES = np.array([10, 20, 35, 7, 1000])
NUMBER = RNG.integers(0, 5, N)
WORD = RNG.choice(["b", "a", "d"], N)
A = RNG.normal(size=N).astype(np.float32).astype(float)
Y = (NUMBER % 3) + 2.0 * (WORD == "a") * (A > 0) + A / 3
PARAMS = {"num_leaves": 15, "min_child_samples": 5, "max_cat_to_onehot": 1, "cat_smooth": 1.0,
          "min_data_per_group": 5}  # fmt: skip


def frame(rows=slice(None), *, word=True, missing=False):
    """A frame whose category column holds integers that are not 0, 1, 2, ..."""
    number = pd.Categorical(CODES[NUMBER[rows]], categories=[35, 10, 1000, 20, 7])
    out = pd.DataFrame({"number": number, "a": A[rows]})
    if word:
        out.insert(1, "word", pd.Categorical(WORD[rows], categories=["d", "a", "b"]))
    if missing:
        out.loc[::5, "number"] = None
    return out


def peers_agree(model, rows, tmp_path):
    """LightGBM and XGBoost give the model's margins from its files on the same frame."""
    want = model.predict(rows, raw_score=True)
    model.save_model(tmp_path / "m.txt", format="lightgbm")
    model.save_model(tmp_path / "m.json", format="xgboost-json")
    model.save_model(tmp_path / "m.ubj", format="xgboost-ubj")
    lgb = lightgbm.Booster(model_file=str(tmp_path / "m.txt"))
    np.testing.assert_allclose(lgb.predict(rows, raw_score=True), want, rtol=1e-6, atol=1e-6)
    data = xgboost.DMatrix(rows, enable_categorical=True)
    for name in ("m.json", "m.ubj"):
        xgb = xgboost.Booster(model_file=str(tmp_path / name))
        np.testing.assert_allclose(
            xgb.predict(data, output_margin=True), want, rtol=1e-5, atol=1e-6
        )
    for name in ("m.txt", "m.json", "m.ubj"):
        again = load_booster(tmp_path / name)
        np.testing.assert_allclose(again.predict(rows, raw_score=True), want, rtol=1e-5, atol=1e-6)
    return lgb


def other_order(rows):
    """The same values, as categories in another order, one of them new."""
    return rows.assign(number=rows["number"].cat.set_categories([20, 7, 35, 99, 1000, 10]))


@pytest.mark.parametrize("word", [True, False])
@pytest.mark.parametrize("missing", [True, False])
def test_peers_give_the_same_margins(word, missing, tmp_path):
    rows = frame(word=word, missing=missing)
    model = train(PARAMS, Dataset(rows, Y), 10)
    assert model.attributes["category_columns"] == [0]
    assert model.categories()[0] == sorted(CODES)
    splits = [node for nodes, _ in model.trees() for node in nodes]
    assert any(node["feature"] == 0 for node in splits)
    lgb = peers_agree(model, rows, tmp_path)
    assert lgb.pandas_categorical[0] == sorted(CODES)
    peers_agree(model, other_order(rows), tmp_path)


def test_files_go_on_from_library_to_library(tmp_path):
    """What was read is written again: ours, LightGBM's, XGBoost's, ours."""
    rows = frame()
    model = train(PARAMS, Dataset(rows, Y), 10)
    want = model.predict(rows)
    for step, kind in enumerate(
        ["cnengine", "lightgbm", "xgboost-json", "lightgbm", "xgboost-ubj"]
    ):
        model.save_model(tmp_path / str(step), format=kind)
        model = load_booster(tmp_path / str(step))
        np.testing.assert_allclose(model.predict(rows), want, rtol=1e-5, atol=1e-6)
        peers_agree(model, other_order(rows), tmp_path)


def test_files_of_the_peers_go_on(tmp_path):
    rows = frame()
    lgb = lightgbm.train({**PARAMS, "verbose": -1}, lightgbm.Dataset(rows, Y), 10)
    lgb.save_model(str(tmp_path / "theirs.txt"))
    model = load_booster(tmp_path / "theirs.txt")
    np.testing.assert_allclose(model.predict(rows), lgb.predict(rows), rtol=1e-9, atol=1e-9)
    peers_agree(model, rows, tmp_path)
    data = xgboost.DMatrix(rows, Y, enable_categorical=True)
    xgb = xgboost.train({"max_cat_to_onehot": 1, "max_depth": 4}, data, 10)
    xgb.save_model(tmp_path / "theirs.json")
    model = load_booster(tmp_path / "theirs.json")
    np.testing.assert_allclose(model.predict(rows), xgb.predict(data), rtol=1e-5, atol=1e-6)
    assert model.attributes["category_columns"] == [0]
    model.save_model(tmp_path / "m.txt", format="lightgbm")
    again = lightgbm.Booster(model_file=str(tmp_path / "m.txt"))
    np.testing.assert_allclose(again.predict(rows), xgb.predict(data), rtol=1e-5, atol=1e-6)


def test_estimators_and_folds_note_them(tmp_path):
    rows = frame()
    model = GBDTRegressor(n_estimators=10, params=PARAMS).fit(rows, Y)
    peers_agree(model.booster_, rows, tmp_path)
    two = GBDTClassifier(n_estimators=10, params=PARAMS).fit(rows, Y > 1)
    peers_agree(two.booster_, rows, tmp_path)
    for fold in cv(PARAMS, Dataset(rows, Y), 3, nfold=3, return_models=True)["models"]:
        peers_agree(fold, rows, tmp_path)

    def batches():
        for begin in range(0, N, 300):
            yield rows.iloc[begin : begin + 300], Y[begin : begin + 300]

    peers_agree(train(PARAMS, Dataset.from_batches(batches), 5), rows, tmp_path)


def test_the_model_is_that_of_any_container():
    rows = frame(word=False)
    table = pa.table({"number": pa.array(CODES[NUMBER]).dictionary_encode(), "a": A})
    by_frame, by_table = (train(PARAMS, Dataset(r, Y), 5) for r in (rows, table))
    assert by_frame.to_bytes() == by_table.to_bytes()
    text = pd.DataFrame({"word": pd.Categorical(WORD), "a": A})
    assert "category_columns" not in train({}, Dataset(text, Y), 1).attributes


def test_numbers_that_are_categories_by_value(tmp_path):
    """A column of plain numbers is one of plain numbers for the peers, too, beside lists of others."""
    rows = frame().assign(code=NUMBER * 3 + 2)
    model = train(
        {**PARAMS, "categorical_features": ["number", "word", "code"]}, Dataset(rows, Y), 10
    )
    assert model.categories()[3] == [2, 5, 8, 11, 14]
    lgb = peers_agree(model, rows, tmp_path)
    assert len(lgb.pandas_categorical) == 2
    array = np.column_stack([CODES[NUMBER], A])
    by_array = train({**PARAMS, "categorical_features": [0]}, Dataset(array, Y), 10)
    assert "category_columns" not in by_array.attributes
    by_array.save_model(tmp_path / "m.txt", format="lightgbm")
    peer = lightgbm.Booster(model_file=str(tmp_path / "m.txt"))
    np.testing.assert_allclose(peer.predict(array), by_array.predict(array), rtol=1e-9)
    assert peer.pandas_categorical is None


def test_other_numbers(tmp_path):
    """Negative ones have codes, as have fractions in LightGBM; XGBoost's list holds integers."""
    rows = pd.DataFrame({"c": pd.Categorical(CODES[NUMBER] * -1.0), "a": A})
    model = train(PARAMS, Dataset(rows, Y), 5)
    model.save_model(tmp_path / "m.txt", format="lightgbm")
    peer = lightgbm.Booster(model_file=str(tmp_path / "m.txt"))
    np.testing.assert_allclose(peer.predict(rows), model.predict(rows), rtol=1e-9)
    rows = rows.assign(c=pd.Categorical(-CODES[NUMBER]))
    peers_agree(train(PARAMS, Dataset(rows, Y), 5), rows, tmp_path)
    rows = rows.assign(c=pd.Categorical(CODES[NUMBER] / 4))
    model = train(PARAMS, Dataset(rows, Y), 5)
    model.save_model(tmp_path / "m.txt", format="lightgbm")
    peer = lightgbm.Booster(model_file=str(tmp_path / "m.txt"))
    np.testing.assert_allclose(peer.predict(rows), model.predict(rows), rtol=1e-9)
    with pytest.raises(errors.UnsupportedError, match=r'XGBoost.*category 1\.75 of feature "c"'):
        model.save_model(tmp_path / "m.json", format="xgboost-json")


@pytest.mark.parametrize("kind", ["lightgbm", "xgboost-json", "xgboost-ubj"])
def test_a_category_column_as_a_number_is_refused(kind, tmp_path):
    """The peers would compare codes with its thresholds."""
    model = train({"categorical_features": ["word"]}, Dataset(frame(), Y), 3)
    with pytest.raises(errors.UnsupportedError, match='feature "number", a category column'):
        model.save_model(tmp_path / "m", format=kind)


def test_hostile_lines(tmp_path):
    model = GBDTClassifier(n_estimators=3, params=PARAMS).fit(frame(), np.where(Y > 1, "y", "n"))
    text = model.booster_.model_to_string()
    line = next(line for line in text.split("\n") if line.startswith("cnengine:"))
    kept = json.loads(line.removeprefix("cnengine:"))
    assert kept == {"classes": ["n", "y"], "category_columns": [0, 1]}
    for columns in ([0], [1, 1], [5, -1, 0.5, 1e300], "a", [], {"a": 1}, [0, 2], [[0]]):
        changed = text.replace(
            line, "cnengine:" + json.dumps({**kept, "category_columns": columns})
        )
        try:
            again = type(model.booster_).model_from_string(changed)
        except errors.Error:
            continue
        np.testing.assert_allclose(again.predict(frame()), model.booster_.predict(frame()))
    for bad in ("cnengine:[]", "cnengine:{", "cnengine:3", 'cnengine:{"a": "\\ud800"}'):
        with pytest.raises(errors.CorruptionError):
            type(model.booster_).model_from_string(text.replace(line, bad))
