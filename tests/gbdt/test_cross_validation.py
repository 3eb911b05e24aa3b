"""`cv` against trainings of each fold by itself, LightGBM's folds, stopping by the mean."""

import threading

import cnengine as cn
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cnengine.gbdt import Dataset, cv, train
from sklearn.model_selection import GroupKFold, KFold


@pytest.fixture(scope="module")
def data(wave):
    return Dataset(*wave)


def test_each_fold_is_a_training_by_itself(wave, data):
    X, y = wave
    params = {"objective": "binary", "num_leaves": 15}
    folds = list(KFold(3, shuffle=True, random_state=0).split(X))
    result = cv(params, data, 12, folds=folds, metrics=["auc", "binary_logloss"],
                eval_train_metric=True, return_models=True)  # fmt: skip
    assert list(result) == [
        f"{name} {metric}-{kind}" for name in ("train", "valid")
        for metric in ("auc", "binary_logloss") for kind in ("mean", "stdv")
    ] + ["models"]  # fmt: skip
    curves = []
    for (rows, held), model in zip(folds, result["models"], strict=True):
        mine, other = Dataset(X[rows], y[rows]), Dataset(X[held], y[held])
        alone = train({**params, "metric": "auc"}, mine, 12, valid_sets=[other])
        curves.append(alone.evals_result["valid_0"]["auc"])
        assert model.num_rounds == 12
    # Folds share the bins of all rows, so trees differ a little.
    np.testing.assert_allclose(result["valid auc-mean"], np.mean(curves, axis=0), atol=0.01)
    judged = [
        cn._core.gbdt.evaluate("auc", {"objective": "binary"}, {"y": y[held].copy()},
                               np.ascontiguousarray(m.predict(X[held], raw_score=True)[None]))
        for (_, held), m in zip(folds, result["models"], strict=True)
    ]  # fmt: skip
    assert result["valid auc-mean"][-1] == pytest.approx(np.mean(judged), rel=1e-13)
    assert result["valid auc-stdv"][-1] == pytest.approx(np.std(judged), rel=1e-10)


def test_the_mean_stops_all_folds(data):
    params = {"objective": "binary", "learning_rate": 0.4}
    long = cv(params, data, 60, nfold=3)["valid binary_logloss-mean"]
    result = cv(params, data, 60, nfold=3, early_stopping_rounds=4, return_models=True)
    short = result["valid binary_logloss-mean"]
    best = int(np.argmin(long[: len(short) + 4])) + 1
    assert short == long[:best]
    assert best < 56
    assert {model.num_rounds for model in result["models"]} == {best + 4}


def test_folds_are_drawn_by_the_seed_and_stratified(data):
    params = {"objective": "binary"}
    a, b, c = (cv(params, data, 3, nfold=4, seed=s) for s in (1, 1, 2))
    assert a == b != c
    rare = Dataset(data.raw, (np.arange(4000) % 200 == 0).astype(float))
    result = cv(params, rare, 2, nfold=5, metrics="auc", return_models=True)
    assert np.isfinite(result["valid auc-mean"]).all()  # every fold has both classes
    plain = cv(params, data, 3, nfold=4, shuffle=False, stratified=False)
    stretches = [(np.flatnonzero(np.arange(4000) // 1000 != k), np.arange(1000 * k, 1000 * k + 1000))
                 for k in range(4)]  # fmt: skip
    assert plain == cv(params, data, 3, folds=stretches)


def test_queries_are_never_cut(wave):
    X, y = wave
    sizes = np.random.default_rng(0).integers(5, 30, 1000)
    sizes = sizes[np.cumsum(sizes) <= 4000]
    X, y = X[: sizes.sum()], y[: sizes.sum()]
    data = Dataset(X, y, group=sizes)
    result = cv({"objective": "lambdarank"}, data, 5, nfold=4, return_models=True)
    assert len(result["valid ndcg-mean"]) == 5
    assert result["valid ndcg-mean"][-1] > 0.5
    split = cv({"objective": "lambdarank"}, data, 2, folds=GroupKFold(3))
    assert len(split["valid ndcg-mean"]) == 2
    with pytest.raises(cn.errors.ArgumentError, match="the queries"):
        cv({"objective": "lambdarank"}, Dataset(X, y, group=[len(y)]), 2, nfold=2)


@pytest.mark.parametrize("make", [pa.table, pd.DataFrame])
def test_tables_with_text(wave, make):
    X, y = wave
    city = np.where(X[:, 0] > 0.5, "Oslo", np.where(X[:, 1] > 0, "Rome", "Lima"))
    table = make({"city": city, "a": X[:, 2], "y": y})
    result = cv({"objective": "binary"}, Dataset(table, "y"), 10, nfold=3, metrics="auc")
    assert result["valid auc-mean"][-1] > 0.6


def test_functions_of_your_own(data):
    def objective(scores, rows):
        return scores - rows.get_label(), np.ones_like(scores)

    def error(predictions, rows):
        return "mine", np.mean((predictions - rows.get_label()) ** 2), False

    result = cv({"metric": "l2"}, data, 5, nfold=3, obj=objective, feval=error)
    np.testing.assert_allclose(result["valid mine-mean"], result["valid l2-mean"], rtol=1e-12)


def test_a_fold_that_fails_ends_all(data):
    threads = threading.active_count()

    def fail(predictions, rows):
        if rows.num_rows == 1000 and rows.get_label()[0] == data.get_label()[0]:
            raise LookupError("mine")
        return "ok", 0.0, False

    with pytest.raises(LookupError, match="mine"):
        cv({}, data, 50, nfold=4, shuffle=False, feval=fail)
    assert threading.active_count() == threads
    with pytest.raises(cn.errors.ArgumentError, match="num_leaves"):
        cv({"num_leaves": 1}, data, 5, nfold=2)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"nfold": 1}, "nfold >= 2"),
        ({"nfold": 5000}, "at most 4000"),
        ({"folds": [([0, 1], [2])]}, "2 folds or more"),
        ({"folds": [([0, 1], [4000]), ([0], [1])]}, "from 0 to 3999"),
        ({"folds": [([0.5], [1.0]), ([0], [1])]}, "row numbers"),
    ],
)
def test_folds_that_do_not_fit(data, options, text):
    with pytest.raises(cn.Error, match=text):
        cv({}, data, 2, **options)
    with pytest.raises(cn.errors.TypeError, match="expected a Dataset"):
        cv({}, data.raw, 2)
