"""`train`, `cv` and `Dataset` where they are used wrongly, or where data changes under them."""

import pickle
import threading

import cnengine as cn
import numpy as np
import pyarrow as pa
import pytest
from cnengine import gbdt
from cnengine.gbdt import Dataset, GBDTRegressor, train


def split(wave):
    X, y = wave
    return Dataset(X[:3000], y[:3000]), Dataset(X[3000:], y[3000:])


def test_labels_are_read_once_and_cannot_be_changed(wave):
    """What was checked stays: functions of the user see copies that they can only read."""
    X, y = wave
    classes = (y + (X[:, 0] > 0)).astype(float)
    given = classes.copy()

    def metric(labels, p):
        with pytest.raises(ValueError, match="read-only"):
            labels *= 1000000
        return "mine", 0.0, False

    model = gbdt.GBDTClassifier(n_estimators=3, eval_metric=["multi_logloss", metric])
    model.fit(X, given, eval_set=(X, given))
    data = Dataset(X, given)

    def callback(env):
        given[:] = 1e8

    changed = train({"objective": "multiclass"}, data, 4, valid_sets=[data], callbacks=[callback])
    same = train({"objective": "multiclass"}, Dataset(X, classes), 4)
    assert changed.to_bytes() == same.to_bytes()


def test_a_dataset_is_not_changed_by_a_training(wave):
    X = np.column_stack([np.digitize(wave[0][:, 0], [-1, 0, 1]) * 7.0 % 5, wave[0][:, 1]])
    data = Dataset(X, wave[1])
    first = train({}, data, 3)
    with_categories = train({"categorical_features": [0]}, data, 3)
    assert with_categories.categories()[0] is not None
    with pytest.raises(cn.errors.ArgumentError, match="categorical_features from 0 to 1, got 9"):
        gbdt.cv({"categorical_features": [9]}, data, 1)
    assert train({}, data, 3).to_bytes() == first.to_bytes()
    again = pickle.loads(pickle.dumps(data))
    assert train({}, again, 3).to_bytes() == first.to_bytes()


def test_columns_of_another_order_are_refused(wave):
    X, y = wave
    names = list("abcdefgh")
    table = pa.table(dict(zip(names, X.T, strict=True)))
    other = table.select(names[::-1])
    with pytest.raises(cn.errors.ArgumentError, match="train: expected the columns of training"):
        train({}, Dataset(table, y), 2, valid_sets=[Dataset(other, y)])
    start = train({}, Dataset(table, y), 2)
    with pytest.raises(cn.errors.ArgumentError, match="train: expected the columns of training"):
        train({}, Dataset(other, y), 2, init_model=start)


def test_queries_count_for_metrics_of_any_objective():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 3))
    y = np.clip(np.round(X[:, 0] + rng.standard_normal(600)), 0, 4)
    data = Dataset(X, y, group=[60] * 10)
    by_rank = train({"objective": "lambdarank", "metric": "ndcg@5"}, data, 3, valid_sets=[data])
    assert len(by_rank.evals_result["valid_0"]["ndcg@5"]) == 3
    model = train({"objective": "regression", "metric": "ndcg@5"}, data, 3, valid_sets=[data])
    scores = model.predict(X)

    def dcg(order, labels):
        return ((2 ** labels[order][:5] - 1) / np.log2(np.arange(2, 7))).sum()

    want = np.mean([
        dcg(np.argsort(-scores[q : q + 60], kind="stable"), y[q : q + 60])
        / dcg(np.argsort(-y[q : q + 60], kind="stable"), y[q : q + 60])
        for q in range(0, 600, 60)
    ])  # fmt: skip
    assert model.evals_result["valid_0"]["ndcg@5"][-1] == pytest.approx(want, rel=1e-9)
    with pytest.raises(cn.errors.ShapeError):
        train({}, Dataset(X, y, group=[60] * 9), 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_margins_are_finite(wave, bad):
    margin = np.zeros(len(wave[1]))
    margin[7] = bad
    with pytest.raises(cn.errors.ArgumentError, match=r"finite numbers in base_margin.*at row 7"):
        train({"objective": "binary"}, Dataset(*wave, base_margin=margin), 1)


def test_the_number_of_threads_is_put_back_by_all(wave):
    before = cn.num_threads()
    gbdt.cv({"num_threads": 1}, Dataset(*wave), 5)
    assert cn.num_threads() == before
    threads = [threading.Thread(target=lambda: train({"num_threads": 1}, Dataset(*wave), 5))
               for _ in range(4)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cn.num_threads() == before


@pytest.mark.parametrize(
    ("params", "other", "text"),
    [({"objective": "binary", "sigmoid": 5.0}, {"objective": "binary"}, "its sigmoid is 5, not 1"),
     ({"objective": "quantile", "quantiles": [0.1, 0.9]},
      {"objective": "quantile", "quantiles": [0.9, 0.1]}, "other quantiles")],
)  # fmt: skip
def test_models_with_other_links_are_not_gone_on_from(wave, params, other, text):
    start = train(params, Dataset(*wave), 2)
    with pytest.raises(cn.errors.ArgumentError, match=text):
        train(other, Dataset(*wave), 1, init_model=start)


def test_a_value_is_better_than_none(wave):
    data, held = split(wave)
    values = iter([np.nan, 1.0, 0.5, 0.4, 0.3, 0.6, 0.6, 0.6, 0.6, 0.6])
    model = train({"metric": "none"}, data, 10, valid_sets=[held], early_stopping_rounds=3,
                  feval=lambda p, d: ("mine", next(values), False))  # fmt: skip
    assert model.best_iteration == 5


def test_rounds_of_a_forest_cannot_be_taken_apart(wave):
    model = train({"boosting": "rf", "subsample": 0.5}, Dataset(*wave), 4)
    model.predict(wave[0])
    with pytest.raises(cn.errors.UnsupportedError, match="num_iteration is not for random forests"):
        model.predict(wave[0], num_iteration=2)


def test_names_of_metrics_that_are_there_already(wave):
    data, held = split(wave)
    mine = [lambda p, d: ("l2", 7.0, True), lambda p, d: ("l2", 8.0, True)]
    model = train({"metric": "l2"}, data, 2, valid_sets=[held], feval=mine)
    assert list(model.evals_result["valid_0"]) == ["l2", "l2_2", "l2_3"]
    assert model.evals_result["valid_0"]["l2_3"] == [8.0, 8.0]


def test_missing_values_of_numpys_other_kinds(wave):
    X, y = wave[0][:, :2], wave[1]
    masked = np.ma.MaskedArray(np.nan_to_num(X), np.isnan(X))
    assert train({}, Dataset(masked, y), 3).to_bytes() == train({}, Dataset(X, y), 3).to_bytes()
    days = np.arange(4000).astype("datetime64[D]").reshape(2000, 2)
    numbers = days.astype(np.int64).astype(float)
    days[::3, 0] = np.datetime64("NaT")
    numbers[::3, 0] = np.nan
    by_days, by_numbers = (train({}, Dataset(x, y[:2000]), 3) for x in (days, numbers))
    assert by_days.to_bytes() == by_numbers.to_bytes()


def test_what_is_wrong_has_a_name(wave):
    X, y = wave
    for labels in (np.r_[np.zeros(3999), 3e8], np.r_[np.zeros(3999), 1e30]):
        with pytest.raises(cn.errors.ArgumentError, match="at most 65536 classes"):
            train({"objective": "multiclass"}, Dataset(X, labels), 1)
    with pytest.raises(cn.errors.TypeError, match=r"expected params as a dict, got 'eta=0\.1'"):
        train("eta=0.1", Dataset(X, y), 1)
    with pytest.raises(cn.errors.TypeError, match="expected feval as functions, got 'auc'"):
        train({}, Dataset(X, y), 1, feval="auc")
    with pytest.raises(cn.errors.ArgumentError, match="scale_pos_weight only with objective"):
        train({"objective": "reg:logistic", "scale_pos_weight": 9.0}, Dataset(X, y), 1)
    with pytest.raises(cn.errors.ArgumentError, match="num_boost_round=5 and num_trees=7 disagree"):
        train({"num_trees": 7}, Dataset(X, y), 5)
    assert train({"num_trees": 5, "num_class": 1}, Dataset(X, y), 5).num_rounds == 5
    with pytest.raises(cn.errors.ArgumentError, match='num_class only with objective "multiclass"'):
        train({"objective": "regression", "num_class": 5}, Dataset(X, y), 1)
    with pytest.raises(cn.errors.ArgumentError, match="feature_names for a matrix"):
        Dataset(pa.table({"a": X[:, 0]}), y, feature_names=["b"])
    with pytest.raises(cn.errors.ShapeError, match="eval_sample_weight as a list of one array"):
        GBDTRegressor().fit(X, y, eval_set=[(X[:2], y[:2])] * 2, eval_sample_weight=[1.0, 2.0])


@pytest.mark.parametrize(
    "alias", ["reg:squarederror", "RMSE", "l1", "count:poisson", "Huber:delta=2"]
)
def test_objectives_by_other_names(wave, alias):
    X, y = wave
    by_argument = GBDTRegressor(n_estimators=2, objective=alias).fit(X, y)
    by_params = GBDTRegressor(n_estimators=2, params={"objective": alias}).fit(X, y)
    assert by_argument.booster_.to_bytes() == by_params.booster_.to_bytes()
    with pytest.raises(cn.errors.ArgumentError, match="objective as an argument or in params"):
        GBDTRegressor(objective=alias, params={"objective": "mape"}).fit(X, y)


def test_estimators_do_not_stop_by_the_rows_trained_on(wave):
    X, y = wave
    train_part, held = (X[:3000], y[:3000]), (X[3000:], y[3000:])
    model = GBDTRegressor(n_estimators=300, learning_rate=0.3, early_stopping_rounds=5)
    both = model.fit(*train_part, eval_set=[train_part, held], eval_names=["train", "held"])
    curve = both.evals_result_["held"]["l2"]
    assert both.best_iteration_ == int(np.argmin(curve)) + 1 == len(curve) - 5 < 300


def test_going_on_with_early_stopping_keeps_what_was_there(wave):
    """The rounds before had gone past their best for these rows: they stay, and new ones are tried."""
    data, held = split(wave)
    start = train({"objective": "binary", "learning_rate": 0.5}, data, 60)
    for patience in (3, 6):
        model = train({"objective": "binary", "learning_rate": 0.5}, data, 20, init_model=start,
                      valid_sets=[held], early_stopping_rounds=patience)  # fmt: skip
        curve = model.evals_result["valid_0"]["binary_logloss"]
        assert len(curve) > 60
        assert model.num_rounds == 60 + int(np.argmin(curve[59:])) >= 60
        np.testing.assert_array_equal(model.predict(held.raw, num_iteration=60),
                                      start.predict(held.raw))  # fmt: skip


def test_ways_to_handle_unknown_categories_are_checked_at_once(wave):
    with pytest.raises(cn.errors.ArgumentError, match='fit: expected handle_unknown "missing" or'):
        GBDTRegressor(handle_unknown="ignore").fit(*wave)
    frame = pa.table({"a": ["x", "y"] * 50})
    model = GBDTRegressor(n_estimators=1, handle_unknown="error").fit(frame, np.arange(100.0))
    for function in (model.predict_leaves, model.predict_contributions, model.predict_interactions):
        with pytest.raises(cn.errors.ArgumentError, match="unknown category 'z' of feature 'a'"):
            function(pa.table({"a": ["z"]}))
