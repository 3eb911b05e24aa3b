"""`predict_row`: one row in any shape gives the bits of `predict`."""

import cnengine as cn
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from cnengine.gbdt import Dataset, GBDTClassifier, GBDTRanker, GBDTRegressor, train

RNG = np.random.default_rng(3)
X = np.round(RNG.normal(size=(400, 3)) * 4)
Y = X[:, 0] + X[:, 1] ** 2
MODEL = train({"num_leaves": 7}, Dataset(X, Y), 10)
ROW = X[5]
WAYS = {
    "vector": ROW,
    "list": ROW.tolist(),
    "integers in a list": [int(v) for v in ROW],
    "tuple": tuple(ROW),
    "float32": ROW.astype(np.float32),
    "float16": ROW.astype(np.float16),
    "long double": ROW.astype(np.longdouble),
    "int64": ROW.astype(np.int64),
    "int8": ROW.astype(np.int8),
    "objects": ROW.astype(object),
    "big-endian": ROW.astype(">f8"),
    "strided": np.repeat(ROW, 2)[::2],
    "backwards": ROW[::-1].copy()[::-1],
    "read only": np.frombuffer(ROW.tobytes()),
    "matrix": X[5:6],
    "matrix of float32": X[5:6].astype(np.float32),
    "matrix of integers": X[5:6].astype(np.int32),
    "matrix by columns": np.asfortranarray(X[5:6]),
    "list of one list": [ROW.tolist()],
    "series": pd.Series(ROW),
    "polars series": pl.Series(ROW),
    "arrow array": pa.array(ROW),
    "frame": pd.DataFrame(X[5:6]),
    "named frame": pd.DataFrame(X[5:6], columns=list("abc")),
    "polars frame": pl.DataFrame(X[5:6]),
    "table": pa.table(dict(zip("abc", X[5:6].T, strict=True))),
    "sparse": sp.csr_matrix(X[5:6]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_row_in_any_shape(way):
    for raw_score in (False, True):
        got = MODEL.predict_row(WAYS[way], raw_score)
        assert type(got) is float
        assert got == MODEL.predict(X[5:6], raw_score=raw_score)[0]
    assert MODEL.predict_row(row=WAYS[way], raw_score=True) == got


def test_missing_values():
    row = np.array([np.nan, 1.0, 2.0])
    expected = MODEL.predict(row.reshape(1, -1))[0]
    for given in (row, row.tolist(), [None, 1, 2], row.astype(np.float32), [float("nan"), 1, 2],
                  np.array([None, 1.0, 2.0], dtype=object), pa.array([None, 1.0, 2.0])):  # fmt: skip
        assert MODEL.predict_row(given) == expected
    flags = train({}, Dataset(X > 0, Y), 3)
    assert flags.predict_row([True, False, True]) == flags.predict(np.array([[1.0, 0, 1]]))[0]


def test_what_is_no_row_is_named():
    for given, kind in [
        (X[:2], cn.errors.ShapeError), (X[:0], cn.errors.ShapeError), (X[5, :2], cn.errors.ShapeError),
        ([1.0, 2.0], cn.errors.ShapeError), ([], cn.errors.ShapeError), (3.0, cn.errors.ShapeError),
        (np.zeros((1, 1, 3)), cn.errors.ShapeError), (None, cn.errors.Error), ("abc", cn.errors.Error),
        (["a", "b", "c"], cn.errors.TypeError), ([1, 2, {}], cn.errors.TypeError),
        ([[1, 2], [3]], cn.errors.ShapeError), (X[5:6, :2].tolist(), cn.errors.ShapeError),
        (X[5] * 1j, cn.errors.TypeError),
    ]:  # fmt: skip
        with pytest.raises(kind, match="predict_row"):
            MODEL.predict_row(given)


def test_text_in_a_row():
    city = np.array(["oslo", "rome", "bern"])[RNG.integers(0, 3, 400)]
    frame = pd.DataFrame({"city": city, "x": X[:, 0]})
    model = train({}, Dataset(frame, Y + 9 * (city == "rome")), 10)
    expected = model.predict(frame.iloc[5:6])[0]
    for row in ([city[5], X[5, 0]], np.array([city[5], X[5, 0]], dtype=object), frame.iloc[5],
                frame.iloc[5:6], pa.Table.from_pandas(frame.iloc[5:6], preserve_index=False)):  # fmt: skip
        assert model.predict_row(row) == expected
    assert model.predict_row(["paris", 1.0]) == model.predict_row([None, 1.0])


def test_estimators():
    two = GBDTClassifier(n_estimators=5).fit(X, Y > 3)
    three = GBDTClassifier(n_estimators=5).fit(X, np.digitize(Y, [0, 9]))
    for model, want in [
        (GBDTRegressor(n_estimators=5).fit(X, Y), lambda m: m.predict(X[5:6])[0]),
        (two, lambda m: m.predict_proba(X[5:6])[0, 1]),
        (three, lambda m: m.predict_proba(X[5:6])[0]),
        (GBDTRanker(n_estimators=5).fit(X, np.clip(Y, 0, 4).round()), lambda m: m.predict(X[5:6])[0]),
    ]:  # fmt: skip
        for row in (ROW, ROW.tolist(), X[5:6], ROW.astype(np.float32)):
            np.testing.assert_array_equal(model.predict_row(row), want(model))
    assert two.predict_row(ROW, True) == two.decision_function(X[5:6])[0]
    np.testing.assert_array_equal(three.predict_row(ROW, True), three.decision_function(X[5:6])[0])
    with pytest.raises(ValueError, match="predict_row: this GBDTRegressor instance is not fitted"):
        GBDTRegressor().predict_row  # noqa: B018


def test_unknown_categories_of_a_row():
    frame = pd.DataFrame({"city": ["oslo", "rome"] * 50, "x": np.arange(100.0)})
    model = GBDTRegressor(n_estimators=3, handle_unknown="error", min_child_samples=2)
    model.fit(frame, np.arange(100.0))
    assert model.predict_row(["rome", 3.0]) == model.predict(frame.iloc[3:4])[0]
    with pytest.raises(cn.errors.ArgumentError, match="predict_row: unknown category 'paris'"):
        model.predict_row(["paris", 3.0])
    codes = np.column_stack([np.arange(100) % 3, np.arange(100.0)])
    model = GBDTRegressor(n_estimators=3, handle_unknown="error", categorical_features=[0])
    model.fit(codes, np.arange(100.0))
    assert model.predict_row(codes[5]) == model.predict(codes[5:6])[0]
    with pytest.raises(cn.errors.ArgumentError, match=r"predict_row: unknown category 7\.0"):
        model.predict_row(np.array([7.0, 1.0]))
