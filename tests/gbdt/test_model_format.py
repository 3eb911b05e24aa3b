"""load_model tells the format of a file by its bytes and gives an estimator that predicts alike."""

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine.gbdt import GBDTClassifier, GBDTRegressor, load_model


def data(classes):
    rng = np.random.default_rng(classes)
    table = pd.DataFrame(rng.standard_normal((300, 3)).astype(np.float32), columns=list("abc"))
    z = table.a.to_numpy() * 2 + table.b.to_numpy() ** 2 + rng.standard_normal(300) / 4
    if classes == 0:
        return table, z
    return table, np.searchsorted(np.quantile(z, np.linspace(0, 1, classes + 1)[1:-1]), z)


def xgboost_model(table, y, path):
    xgb = pytest.importorskip("xgboost")
    kind = xgb.XGBRegressor if y.dtype == float else xgb.XGBClassifier
    model = kind(n_estimators=5, n_jobs=1).fit(table, y)
    model.save_model(path)
    return model


def lightgbm_model(table, y, path):
    lgb = pytest.importorskip("lightgbm")
    kind = lgb.LGBMRegressor if y.dtype == float else lgb.LGBMClassifier
    model = kind(n_estimators=5, n_jobs=1, verbose=-1).fit(table, y)
    model.booster_.save_model(path)
    return model


def catboost_model(table, y, path):
    cb = pytest.importorskip("catboost")
    kind = cb.CatBoostRegressor if y.dtype == float else cb.CatBoostClassifier
    model = kind(iterations=5, thread_count=1, verbose=False, allow_writing_files=False)
    model.fit(table, y)
    model.save_model(path, format="json")
    return model


MAKERS = [
    (xgboost_model, "m.json"),
    (xgboost_model, "m.ubj"),
    (lightgbm_model, "m.txt"),
    (catboost_model, "m.json"),
]


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize(("maker", "name"), MAKERS)
def test_estimators_of_other_libraries(maker, name, classes, tmp_path):
    table, y = data(classes)
    peer = maker(table, y, str(tmp_path / name))
    (tmp_path / name).rename(tmp_path / "model")  # the name tells nothing
    model = load_model(tmp_path / "model")
    assert isinstance(model, GBDTRegressor if classes == 0 else GBDTClassifier)
    assert list(model.feature_names_in_) == list("abc")
    if classes == 0:
        np.testing.assert_allclose(model.predict(table), peer.predict(table), rtol=1e-5, atol=1e-6)
        return
    assert model.classes_.tolist() == list(range(classes))
    np.testing.assert_allclose(
        model.predict_proba(table), peer.predict_proba(table), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(model.predict(table), np.ravel(peer.predict(table)))


@pytest.mark.parametrize("kind", ["cnengine", "xgboost-json", "xgboost-ubj", "lightgbm"])
def test_estimators_of_our_own(kind, tmp_path):
    table, y = data(2)
    model = GBDTClassifier(n_estimators=5).fit(table, y)
    model.save_model(tmp_path / "model", format=kind)
    again = load_model(tmp_path / "model")
    np.testing.assert_allclose(
        again.predict_proba(table), model.predict_proba(table), rtol=1e-6, atol=1e-7
    )


@pytest.mark.parametrize("kind", ["cnengine", "xgboost-json", "xgboost-ubj", "catboost-json"])
@pytest.mark.parametrize("classes", [["no", "yes"], [7, 9], [False, True]])
def test_names_of_classes_are_kept(classes, kind, tmp_path):
    table, y = data(2)
    model = GBDTClassifier(n_estimators=5).fit(table, np.array(classes)[y])
    model.save_model(tmp_path / "model", format=kind)
    again = load_model(tmp_path / "model")
    assert again.classes_.tolist() == classes
    np.testing.assert_array_equal(again.predict(table), model.predict(table))
    if kind == "catboost-json":
        peer = pytest.importorskip("catboost").CatBoostClassifier()
        peer.load_model(str(tmp_path / "model"), format="json")
        np.testing.assert_array_equal(peer.predict(table), model.predict(table))


def test_wrong_formats_are_named(tmp_path):
    model = GBDTRegressor(n_estimators=1).fit(*data(0))
    with pytest.raises(cn.errors.ArgumentError, match="save_model: expected format"):
        model.save_model(tmp_path / "model", format="pmml")
    (tmp_path / "model").write_text("tree of life")
    with pytest.raises(cn.errors.CorruptionError, match=r"load_model: .*model"):
        load_model(tmp_path / "model")
