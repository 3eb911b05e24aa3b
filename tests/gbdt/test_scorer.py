"""A model as a function of tables, against predict."""

import gc

import numpy as np
import pyarrow as pa
import pytest
from cnengine import errors
from cnengine.gbdt import GBDTClassifier, GBDTRegressor


def table(n=500, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    gaps = pa.array(x, mask=rng.random(n) < 0.1)
    kinds = pa.array(rng.choice(["a", "b", "c"], n))
    return pa.table({"id": range(n), "gaps": gaps, "kind": kinds, "x": rng.random(n)})


TABLE = table()
FEATURES = TABLE.select(["kind", "x", "gaps"])
LABEL = np.nan_to_num(TABLE["gaps"].to_numpy()) + (TABLE["kind"].to_numpy() == "b")
MODEL = GBDTRegressor(n_estimators=5).fit(FEATURES, LABEL)


@pytest.mark.parametrize("rows", [0, 1, 500])
def test_adds_a_column(rows):
    some = TABLE.slice(0, rows)
    out = pa.table(MODEL.booster_.scorer()(some))
    assert out.column_names == ["id", "gaps", "kind", "x", "prediction"]
    assert out.drop_columns("prediction").equals(some)
    expected = MODEL.booster_.predict(FEATURES.slice(0, rows))
    np.testing.assert_array_equal(out["prediction"], expected)


def test_other_names_and_raw_scores():
    label = LABEL > 0.5
    model = GBDTClassifier(n_estimators=5).fit(FEATURES, label).booster_
    renamed = TABLE.rename_columns(["id", "g", "k", "u"])
    out = pa.table(model.scorer(columns=["k", "u", "g"], name="score", raw_score=True)(renamed))
    np.testing.assert_array_equal(out["score"], model.predict(FEATURES, raw_score=True))


def test_a_model_without_names_takes_columns_by_position():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((100, 2))
    model = GBDTRegressor(n_estimators=3).fit(X, X[:, 0]).booster_
    out = pa.table(model.scorer()(pa.table({"p": X[:, 0], "q": X[:, 1]})))
    np.testing.assert_array_equal(out["prediction"], model.predict(X))
    with pytest.raises(errors.ShapeError, match="X has 1 features"):
        model.scorer()(pa.table({"p": X[:, 0]}))


def test_keeps_its_model():
    scorer = GBDTRegressor(n_estimators=5).fit(FEATURES, LABEL).booster_.scorer()
    gc.collect()
    np.testing.assert_array_equal(
        pa.table(scorer(TABLE))["prediction"], MODEL.booster_.predict(FEATURES)
    )


def test_wrong_use():
    with pytest.raises(errors.ShapeError, match=r"scorer: expected the 3 features .* got 1"):
        MODEL.booster_.scorer(columns=["x"])
    with pytest.raises(errors.NotFoundError, match='scorer: no column "gaps"'):
        MODEL.booster_.scorer()(TABLE.drop_columns("gaps"))
    with pytest.raises(errors.ArgumentError, match='has a column "x" already'):
        MODEL.booster_.scorer(name="x")(TABLE)
    with pytest.raises(errors.Error, match=r"scorer: .*kind"):
        MODEL.booster_.scorer()(TABLE.set_column(2, "kind", pa.array(np.zeros(500))))
