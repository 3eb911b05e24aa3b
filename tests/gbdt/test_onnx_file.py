"""ONNX export, run by onnxruntime. Everything there is float32, so scores agree to 1e-5."""

import json
import sys

import cnengine as cn
import numpy as np
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, GBDTRegressor
from cnengine.gbdt.model_files import read_model, write_model

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")


def rows(seed, count=600):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, 4)).astype(np.float32)
    X[:, 3] = rng.integers(0, 20, count)
    X[rng.random(X.shape) < 0.1] = np.nan
    return rng, X


def run(booster, X, tmp_path):
    path = str(tmp_path / "model.onnx")
    write_model(booster, path, "onnx")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    out = session.run(None, {"X": X})
    return dict(zip((o.name for o in session.get_outputs()), out, strict=True))


def assert_same(got, expected):
    got = got[:, 0] if expected.ndim == 1 else got
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("categorical", [None, [3]])
@pytest.mark.parametrize("seed", range(3))
def test_classifiers(seed, categorical, tmp_path):
    rng, X = rows(seed)
    y = (np.nan_to_num(X[:, 0] * X[:, 1]) + (X[:, 3] % 3 == 1) + rng.standard_normal(600)) > 0
    names = np.array(["no", "yes"])[y.astype(int)] if seed == 0 else y.astype(int) + 5
    model = GBDTClassifier(n_estimators=15, categorical_features=categorical).fit(X, names)
    new = X.copy()
    new[:6, 3] = [20, 1e6, -1, 3.5, np.nan, np.inf]  # no categories of the model
    out = run(model.booster_.native, new, tmp_path)
    assert_same(out["score"], model.predict(new, raw_score=True))
    assert_same(out["prediction"], model.predict_proba(new)[:, 1])
    np.testing.assert_array_equal(out["label"], model.predict(new))


@pytest.mark.parametrize("categorical", [None, [3]])
def test_regressors(categorical, tmp_path):
    _, X = rows(5)
    y = np.nan_to_num(X[:, 0]) * 3 + 100 + (X[:, 3] % 2 == 1)
    model = GBDTRegressor(n_estimators=15, categorical_features=categorical).fit(X, y)
    out = run(model.booster_.native, X, tmp_path)
    assert set(out) == {"score", "prediction"}
    assert_same(out["prediction"], model.predict(X))


def test_rows_of_float32_keep_their_way(tmp_path):
    X = (1 + np.arange(640) * 2.0**-26)[:, None]
    model = GBDTRegressor(n_estimators=5, num_leaves=200, min_child_samples=1)
    model.fit(X, np.arange(640) // 5 % 7)
    X = (1 + np.arange(80) * 2.0**-23).astype(np.float32)[:, None]
    assert_same(run(model.booster_.native, X, tmp_path)["score"], model.predict(X))


@pytest.mark.parametrize(
    ("objective", "link"),
    [
        ("multiclass num_class:3", lambda s: np.exp(s) / np.exp(s).sum(1, keepdims=True)),
        ("multiclassova num_class:3 sigmoid:1.5", lambda s: 1 / (1 + np.exp(-1.5 * s))),
    ],
)
def test_several_classes(objective, link, tmp_path):
    lgb = pytest.importorskip("lightgbm")
    _, X = rows(6)
    y = np.clip(np.nan_to_num(X[:, 0]) + 1, 0, 2).astype(int)
    params = {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1}
    peer = lgb.train(params, lgb.Dataset(X, y), 5)
    text = peer.model_to_string().replace("multiclass num_class:3", objective)
    booster = native.read_model_bytes(text.encode())
    out = run(booster, X, tmp_path)
    score = peer.predict(X, raw_score=True)
    assert_same(out["score"], score)
    assert_same(out["prediction"], link(score))
    np.testing.assert_array_equal(out["label"], score.argmax(1))


def test_names_and_categories_are_in_the_metadata(tmp_path):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"x": np.arange(100.0), "s": ["left", "right"] * 50})
    model = GBDTRegressor(n_estimators=3, min_child_samples=1).fit(table, np.arange(100) % 2)
    codes = np.column_stack([table.x, table.s == "right"]).astype(np.float32)
    assert_same(run(model.booster_.native, codes, tmp_path)["score"], model.predict(table))
    props = {p.key: p.value for p in onnx.load(tmp_path / "model.onnx").metadata_props}
    assert json.loads(props["feature_names"]) == ["x", "s"]
    assert json.loads(props["categories"]) == [None, ["left", "right"]]


def test_what_onnx_cannot_hold_is_named(tmp_path):
    lgb = pytest.importorskip("lightgbm")
    _, X = rows(7)
    y = np.nan_to_num(X[:, 0])
    for params, match in [
        ({"zero_as_missing": True}, "zeros are missing"),
        ({"linear_tree": True}, "linear leaves"),
    ]:
        peer = lgb.train({"verbose": -1, "num_threads": 1, **params}, lgb.Dataset(X, y), 3)
        booster = native.read_model_bytes(peer.model_to_string().encode())
        with pytest.raises(cn.errors.UnsupportedError, match=f"ONNX.*{match}"):
            write_model(booster, tmp_path / "m.onnx", "onnx")
    X = np.column_stack([np.tile([0.1, 0.2, 3.0], 50)])
    model = GBDTRegressor(n_estimators=1, categorical_features=[0]).fit(X, X[:, 0])
    with pytest.raises(cn.errors.UnsupportedError, match="float32 does not hold"):
        write_model(model.booster_.native, tmp_path / "m.onnx", "onnx")


def test_without_the_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    model = GBDTRegressor(n_estimators=1).fit(np.arange(50.0)[:, None], np.arange(50))
    with pytest.raises(cn.errors.UnsupportedError, match="expected the package onnx"):
        write_model(model.booster_.native, tmp_path / "m.onnx", "onnx")


def test_formats_by_name(tmp_path):
    _, X = rows(8)
    model = GBDTClassifier(n_estimators=3).fit(X, np.nan_to_num(X[:, 0]) > 0)
    expected = model.predict(X, raw_score=True)
    for kind in ("cnengine", "xgboost-json", "xgboost-ubj", "lightgbm", "catboost-json"):
        write_model(model.booster_.native, tmp_path / "m", kind)
        np.testing.assert_allclose(
            read_model(tmp_path / "m").predict(X, True), expected, rtol=1e-6, atol=1e-6
        )
    with pytest.raises(cn.errors.ArgumentError, match="expected format as one of"):
        write_model(model.booster_.native, tmp_path / "m", "pickle")
    with pytest.raises(cn.errors.IoError, match="absent"):
        read_model(tmp_path / "absent")
    (tmp_path / "m").write_bytes(b"\x08\x08\x12\x00 not read")
    with pytest.raises(cn.errors.CorruptionError):
        read_model(tmp_path / "m")
