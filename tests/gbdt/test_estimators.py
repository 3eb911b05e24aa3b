"""The estimators: scikit-learn's contract, inputs of every kind, errors."""

import pickle
import subprocess
import sys

import cnengine as cn
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from cnengine.gbdt import GBDTClassifier, GBDTRanker, GBDTRegressor, load_model
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

SAME_WEIGHT = (
    "a document twice is two documents of its query, which are compared with each other; a "
    "document of weight 2 is one"
)
# What cannot hold for a ranker.
EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": SAME_WEIGHT,
    "check_sample_weight_equivalence_on_sparse_data": SAME_WEIGHT,
}


@parametrize_with_checks(
    [
        GBDTClassifier(n_estimators=10),
        GBDTRegressor(n_estimators=10),
        GBDTRanker(n_estimators=10),
        GBDTRegressor(n_estimators=10, multi_strategy="multi_output_tree", grow_policy="depthwise"),
        GBDTClassifier(n_estimators=10, grow_policy="symmetric"),
    ],
    expected_failed_checks=lambda e: EXPECTED_FAILED_CHECKS if isinstance(e, GBDTRanker) else {},
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def table(n=600):
    rng = np.random.default_rng(2)
    city = rng.choice(["Rome", "Oslo", "Lima", "Bern", "Kyiv", "Cork"], n)
    a = rng.standard_normal(n)
    y = ((city == "Oslo") | (city == "Kyiv") | (a > 1)).astype(int)
    return city, a, y


def test_every_container_gives_the_same_model():
    city, a, y = table()
    frames = [
        pa.table({"city": city, "a": a}),
        pa.table({"city": pa.array(city).dictionary_encode(), "a": a}),
        pd.DataFrame({"city": pd.Categorical(city), "a": a}),
        pd.DataFrame({"city": city, "a": a}),
        pl.DataFrame({"city": city, "a": a}),
        pl.DataFrame({"city": pl.Series(city, dtype=pl.Categorical), "a": a}),
    ]
    codes = np.unique(city, return_inverse=True)[1]
    model = GBDTClassifier(n_estimators=10, categorical_features=[0])
    expected = model.fit(np.column_stack([codes, a]), y).predict_proba(np.column_stack([codes, a]))
    for frame in frames:
        model = GBDTClassifier(n_estimators=10).fit(frame, y)
        np.testing.assert_array_equal(model.predict_proba(frame), expected)
        assert list(model.feature_names_in_) == ["city", "a"]
        assert model.booster_.categories()[0] == sorted(set(city))
    other = pa.table({"city": ["Atlantis", None], "a": [0.1, 0.1]})
    unseen, missing = model.predict(other, raw_score=True)
    assert unseen == missing


def test_unknown_categories_are_missing_or_named():
    city, a, y = table()
    frame = pa.table({"city": city, "a": a})
    model = GBDTClassifier(n_estimators=5, handle_unknown="error").fit(frame, y)
    model.predict(frame)
    text = r"unknown category 'Atlantis' of feature 'city'; there are 6: 'Bern', 'Cork'"
    for town in (pa.array(["Oslo", "Atlantis", None]), pa.array(["Atlantis"]).dictionary_encode()):
        other = pa.table({"city": town, "a": np.zeros(len(town))})
        for container in (other, other.to_pandas(), pl.from_arrow(other)):
            with pytest.raises(cn.errors.ArgumentError, match=text):
                model.predict_proba(container)
            with pytest.raises(cn.errors.ArgumentError, match="predict: " + text):
                model.booster_.predict(container, handle_unknown="error")
            assert len(model.booster_.predict(container)) == len(town)
    codes = np.column_stack([np.unique(city, return_inverse=True)[1], a])
    model = GBDTClassifier(n_estimators=5, categorical_features=[0], handle_unknown="error")
    model.fit(codes, y).predict(np.array([[np.nan, 0.0], [5.0, 0.0]]))
    with pytest.raises(cn.errors.ArgumentError, match=r"unknown category 6\.0 of feature 0"):
        model.predict(np.array([[6.0, 0.0]]))
    with pytest.raises(cn.errors.ArgumentError, match='handle_unknown "missing" or'):
        model.set_params(handle_unknown="ignore").predict(codes)


def test_chunked_tables_and_nulls():
    city, a, y = table()
    whole = pa.table({"city": city, "a": pa.array(a, mask=a > 1.5), "n": np.arange(600)})
    parts = pa.concat_tables([whole.slice(0, 100), whole.slice(100)])
    model = GBDTClassifier(n_estimators=5).fit(parts, y)
    dense = np.column_stack(
        [np.unique(city, return_inverse=True)[1], np.where(a > 1.5, np.nan, a), np.arange(600)]
    )
    same = GBDTClassifier(n_estimators=5, categorical_features=[0]).fit(dense, y)
    np.testing.assert_array_equal(model.predict_proba(parts), same.predict_proba(dense))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_arrays_of_any_layout(wave, order, dtype):
    X = np.nan_to_num(wave[0] * 8).round().astype(dtype)
    expected = GBDTClassifier(n_estimators=3).fit(X.astype(float), wave[1])
    got = GBDTClassifier(n_estimators=3).fit(np.asarray(X, order=order), wave[1])
    np.testing.assert_array_equal(
        got.predict_proba(np.asarray(X, order=order)), expected.predict_proba(X.astype(float))
    )
    strided = np.repeat(X, 2, axis=0)[::2, ::-1]
    np.testing.assert_array_equal(
        GBDTClassifier(n_estimators=3).fit(strided, wave[1]).predict_proba(strided),
        GBDTClassifier(n_estimators=3).fit(strided.copy(), wave[1]).predict_proba(strided),
    )


def test_predict_row_is_predict(wave):
    model = GBDTClassifier(n_estimators=20).fit(*wave)
    rows = np.ascontiguousarray(wave[0][:50])
    probability = model.predict_proba(rows)[:, 1]
    raw = model.predict(rows, raw_score=True)
    for i, row in enumerate(rows):
        assert model.booster_.predict_row(row) == probability[i]
        assert model.booster_.predict_row(row, True) == raw[i]
    with pytest.raises(cn.errors.ShapeError, match="predict_row: X has 3 features"):
        model.booster_.predict_row(rows[0, :3].copy())


def test_leaves_add_up_to_the_score(wave):
    model = GBDTRegressor(n_estimators=7, num_leaves=9).fit(*wave)
    leaves = model.predict_leaves(wave[0])
    assert leaves.shape == (4000, 7)
    total = np.full(4000, model.booster_.base_scores[0])
    for t, (_, values) in enumerate(model.booster_.trees()):
        total += np.array(values)[leaves[:, t]]
    np.testing.assert_array_equal(total, model.predict(wave[0]))


def test_importances(wave):
    model = GBDTClassifier(n_estimators=20).fit(*wave)
    gains, splits = model.feature_importance("gain"), model.feature_importance("split")
    nodes = [node for tree, _ in model.booster_.trees() for node in tree]
    for f in range(8):
        mine = [node for node in nodes if node["feature"] == f]
        assert splits[f] == len(mine)
        assert gains[f] == pytest.approx(sum(node["gain"] for node in mine))
    assert set(np.argsort(gains)[-3:]) == {0, 1, 2}
    assert model.feature_importances_.sum() == pytest.approx(1)
    covers = model.feature_importance("cover")
    for f in range(8):
        weights = [node["weight"] for node in nodes if node["feature"] == f]
        assert covers[f] == pytest.approx(sum(weights))
        if weights:
            mean = model.feature_importance("mean_cover")[f]
            assert mean == pytest.approx(sum(weights) / len(weights))
    with pytest.raises(cn.errors.ArgumentError, match='expected kind as one of "gain", "split"'):
        model.feature_importance("permutation")


def test_pickle_and_classes_survive(tmp_path, wave):
    X, y = wave
    labels = np.where(y == 1, "yes", "no")
    model = GBDTClassifier(n_estimators=5).fit(X, labels)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    model.save_model(tmp_path / "m.cne")
    loaded = load_model(tmp_path / "m.cne")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.classes_.tolist() == ["no", "yes"]
    assert loaded.n_features_in_ == 8


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"n_estimators": 0}, "n_estimators"),
        ({"num_leaves": 1}, "num_leaves"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"max_depth": 0}, "max_depth"),
        ({"min_child_samples": -1}, "min_child_samples"),
        ({"min_sum_hessian": -1.0}, "min_sum_hessian"),
        ({"lambda_l1": -1.0}, "lambda_l1"),
        ({"lambda_l2": float("inf")}, "lambda_l2"),
        ({"min_gain": -0.1}, "min_gain"),
        ({"max_bins": 256}, "max_bins"),
        ({"max_bins": 1}, "max_bins"),
        ({"subsample": 0.0}, "subsample"),
        ({"colsample": 1.1}, "colsample"),
        ({"early_stopping_rounds": 0}, "early_stopping_rounds"),
        ({"early_stopping_rounds": 3}, "eval_set"),
        ({"random_state": -1}, "random_state"),
        ({"device": "tpu"}, "device"),
        ({"categorical_features": "all"}, "categorical_features"),
        ({"categorical_features": [8]}, "categorical_features"),
        ({"categorical_features": ["x"]}, "categorical_features"),
    ],
)
def test_bad_options_are_named(wave, options, name):
    with pytest.raises(cn.errors.ArgumentError, match=name):
        GBDTClassifier(**options).fit(*wave)


@pytest.mark.parametrize("options", [{"n_estimators": "ten"}, {"lambda_l2": "x"}])
def test_options_of_a_wrong_type_are_named(wave, options):
    with pytest.raises(cn.errors.TypeError, match=f"fit: expected {next(iter(options))} to be"):
        GBDTRegressor(**options).fit(*wave)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_labels_that_are_not_finite_are_named(wave, bad):
    X, y = wave
    y = y.copy()
    y[17] = bad
    for model in (GBDTClassifier(), GBDTRegressor()):
        with pytest.raises(ValueError, match=r"(?i)nan|inf"):
            model.fit(X, y)
    with pytest.raises(cn.errors.ArgumentError, match=r"expected finite labels in y.* at row 17"):
        GBDTRegressor().fit(pa.table({"x": X[:, 0]}), y)


def test_a_single_class_is_no_class(wave):
    X, y = wave
    with pytest.raises(cn.errors.ArgumentError, match="only one class"):
        GBDTClassifier().fit(X, np.zeros(len(y)))


def test_lengths_and_weights(wave):
    X, y = wave
    for bad in (y[:-1], np.append(y, 1)):
        with pytest.raises(ValueError, match="as many labels as rows"):
            GBDTRegressor().fit(X, bad)
    with pytest.raises(cn.errors.ShapeError, match="as many weights as labels"):
        GBDTRegressor().fit(X, y, y[:-1])
    for weight, text in ((-1.0, "weights >= 0"), (np.nan, "finite weights"), (0.0, "are zero")):
        with pytest.raises(cn.errors.ArgumentError, match=text):
            GBDTRegressor().fit(X, y, np.full(len(y), weight))


def test_features_that_do_not_fit_the_model(wave):
    X, y = wave
    model = GBDTRegressor(n_estimators=2).fit(X, y)
    with pytest.raises(ValueError, match="X has 7 features"):
        model.predict(X[:, :7])
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    model.fit(frame, y)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])
    arrow = pa.table({"a": X[:, 0], "b": X[:, 1]})
    with pytest.raises(ValueError, match=r"feature names|columns of training"):
        model.predict(arrow.rename_columns(["a", "c"]))
    with pytest.raises(cn.errors.TypeError, match='expected column "b" to be numbers'):
        model.predict(pa.table({"a": X[:3, 0], "b": ["x", "y", "z"]}))
    with pytest.raises(cn.errors.TypeError, match='numbers or text in column "b"'):
        model.fit(pa.table({"b": [[1.0], [2.0]]}), [1.0, 2.0])


def test_works_without_scikit_learn():
    code = """
import sys
sys.modules["sklearn"] = None
import numpy as np, pickle
from cnengine.gbdt import GBDTClassifier, GBDTRegressor
X = np.random.default_rng(0).random((300, 3)); y = X[:, 0] > 0.5
m = GBDTClassifier(n_estimators=10).set_params(num_leaves=7).fit(X, y)
assert m.score(X, y) > 0.95 and m.get_params()["num_leaves"] == 7, m
assert repr(m) == "GBDTClassifier(n_estimators=10, num_leaves=7)", repr(m)
assert (pickle.loads(pickle.dumps(m)).predict(X) == m.predict(X)).all()
assert GBDTRegressor().fit(X.tolist(), X[:, 1]).score(X, X[:, 1]) > 0.9
for call, text in ((lambda: m.predict(X[:, :2]), "X has 2 features"),
                   (lambda: m.fit(X[:, 0], y), "rows and columns"),
                   (lambda: m.fit(X, None), "requires y"),
                   (lambda: GBDTClassifier().predict(X), "not fitted"),
                   (lambda: m.set_params(leaves=3), "no parameter 'leaves'")):
    try:
        call()
    except ValueError as error:
        assert text in str(error), error
    else:
        raise AssertionError(text)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_module_imports_nothing_heavy():
    code = (
        "import sys, cnengine.gbdt as g; dir(g)\n"
        "print('numpy' in sys.modules, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
    with pytest.raises(AttributeError, match="no attribute 'GBDTRanker2'"):
        cn.gbdt.GBDTRanker2  # noqa: B018


def test_the_index_of_a_pandas_frame_is_no_feature():
    city, a, y = table()
    frame = pd.DataFrame({"city": city, "a": a})
    kept = np.arange(len(y)) % 3 > 0
    model = GBDTClassifier(n_estimators=5).fit(frame[kept], y[kept])
    assert list(model.feature_names_in_) == ["city", "a"]
    assert model.n_features_in_ == 2
    whole = GBDTClassifier(n_estimators=5).fit(frame[kept].reset_index(drop=True), y[kept])
    named = frame.set_index(pd.Index(np.arange(len(y))[::-1], name="id"))
    expected = whole.predict_proba(frame[~kept].reset_index(drop=True))
    np.testing.assert_array_equal(model.predict_proba(frame[~kept]), expected)
    np.testing.assert_array_equal(model.predict_proba(named[~kept]), expected)
    scores = cross_val_score(GBDTClassifier(n_estimators=5), frame, y, cv=3)
    assert len(scores) == 3
    assert scores.min() > 0.5


@pytest.mark.parametrize("chunked", [False, True])
def test_text_labels_of_pyarrow(chunked):
    city, a, y = table()
    labels = pa.array(np.where(y == 1, "yes", "no"))
    labels = pa.chunked_array([labels[:100], labels[100:]]) if chunked else labels
    model = GBDTClassifier(n_estimators=5).fit(pa.table({"city": city, "a": a}), labels)
    assert list(model.classes_) == ["no", "yes"]
