"""Wrong arguments raise our errors, which name the argument and what would be right."""

import catboost
import lightgbm
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import xgboost
from cnengine import gbdt
from cnengine.errors import ArgumentError, CorruptionError, ShapeError, TypeError  # noqa: A004
from cnengine.gbdt import (
    Dataset,
    GBDTClassifier,
    GBDTRanker,
    GBDTRegressor,
    SocketCommunicator,
    train,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = X[:, 0]
GRADE = np.clip(np.round(X[:, 0]), 0, 4)
RANK = {"objective": "lambdarank"}


def ranked(**queries):
    return train(RANK, Dataset(X, GRADE, **queries), 1)


def lazy():
    return pl.DataFrame(X, schema=["a", "b", "c"]).lazy()


CASES = {
    # queries
    "group of infinity": (lambda: ranked(group=[np.inf]), TypeError, "group as a list of whole"),
    "group of NaN": (lambda: ranked(group=[np.nan, 200]), TypeError, "group as a list of whole"),
    "huge group": (lambda: ranked(group=[1e300]), TypeError, "group as a list of whole"),
    "group of text": (lambda: ranked(group=["a"]), TypeError, "group as a list of whole"),
    "group as a number": (lambda: ranked(group=200), TypeError, "group as a list of whole"),
    "negative group": (lambda: ranked(group=[-1, 201]), ArgumentError, "group|quer"),
    "groups of too few rows": (lambda: ranked(group=[100]), ShapeError, "group|quer"),
    "qid of several types": (
        lambda: ranked(qid=np.array(["a"] * 100 + [1] * 100, dtype=object)),
        TypeError, "query ids of one type in qid, got 'a' and 1"),
    "qid of NaN": (lambda: ranked(qid=np.r_[np.zeros(100), np.full(100, np.nan)]),
                   ArgumentError, "qid, got NaN at row 100"),
    "qid with None": (lambda: ranked(qid=np.array([None] * 100 + ["a"] * 100, dtype=object)),
                      TypeError, "query ids of one type in qid"),
    "ranker's group": (lambda: GBDTRanker().fit(X, GRADE, group=[np.inf]), TypeError, "group"),
    # communicators
    "endless timeout": (lambda: SocketCommunicator(0, 2, timeout=np.inf), ArgumentError,
                        "SocketCommunicator: expected timeout below"),
    "timeout of NaN": (lambda: SocketCommunicator(0, 2, timeout=np.nan), ArgumentError, "timeout"),
    "negative timeout": (lambda: SocketCommunicator(0, 2, timeout=-1e300), ArgumentError, "timeout"),
    "timeout of text": (lambda: SocketCommunicator(0, 2, timeout="9"), TypeError, "timeout"),
    "large rank": (lambda: SocketCommunicator(2**40, 2), ArgumentError, "rank as an integer of 32"),
    "large size": (lambda: SocketCommunicator(0, 2**40), ArgumentError, "size as an integer of 32"),
    "broken rank": (lambda: SocketCommunicator(0.5, 2), TypeError, "rank as an integer, got 0.5"),
    "no token": (lambda: SocketCommunicator(0, 2, token=None), TypeError, "token as text, got None"),
    "token of bytes": (lambda: SocketCommunicator(0, 2, token=b"a"), TypeError, "token as text"),
    "no address": (lambda: SocketCommunicator(0, 2, None), TypeError, "address as text, got None"),
    "long port": (lambda: SocketCommunicator(0, 2, "a:" + "9" * 5000), ArgumentError, "port"),
    # features
    "a category by itself": (lambda: train({}, Dataset(X, Y, categorical_features=0), 1), TypeError,
                             "categorical_features as .* or a list of names and positions, got 0"),
    "true categories": (lambda: train({}, Dataset(X, Y, categorical_features=True), 1), TypeError,
                        "categorical_features"),
    "half a category": (lambda: train({}, Dataset(X, Y, categorical_features=[0.5]), 1), TypeError,
                        "names or positions in categorical_features, got 0.5"),
    "no such category": (lambda: train({}, Dataset(X, Y, categorical_features=[-1]), 1),
                         ArgumentError, "categorical_features from 0 to 2, got -1"),
    "an estimator's category": (lambda: GBDTRegressor(categorical_features=0).fit(X, Y), TypeError,
                                "categorical_features"),
    "categories by name of a matrix": (
        lambda: GBDTRegressor(categorical_features=["a"]).fit(X, Y), ArgumentError, "no column 'a'"),
    "too few feature types": (lambda: train({"feature_types": ["q", "c"]}, Dataset(X, Y), 1),
                              ShapeError, "feature_types of 3 features, one for each, got 2"),
    "too many feature types": (
        lambda: GBDTRegressor(params={"feature_types": ["q"] * 4}).fit(X, Y), ShapeError,
        "fit: expected feature_types of 3 features, one for each, got 4"),
    "unknown feature types": (lambda: train({"feature_types": ["q", "x", "c"]}, Dataset(X, Y), 1),
                              ArgumentError, 'feature_types with "c", "q"'),
    # cv
    "negative seed": (lambda: gbdt.cv({}, Dataset(X, Y), 1, seed=-1), ArgumentError,
                      "cv: expected seed as an integer >= 0, got -1"),
    "seed of text": (lambda: gbdt.cv({}, Dataset(X, Y), 1, seed="a"), ArgumentError, "cv: .*seed"),
    "no seed": (lambda: gbdt.cv({}, Dataset(X, Y), 1, seed=None), ArgumentError, "cv: .*seed"),
    "folds as a number": (lambda: gbdt.cv({}, Dataset(X, Y), 1, folds=5), TypeError, "cv: .*folds"),
    "folds without pairs": (lambda: gbdt.cv({}, Dataset(X, Y), 1, folds=[1, 2]), TypeError,
                            "cv: expected folds as pairs"),
    "true folds": (lambda: gbdt.cv({}, Dataset(X, Y), 1, nfold=True), ArgumentError, "cv: .*nfold"),
    # containers
    "lazy frame": (lambda: Dataset(lazy(), Y), TypeError, r"Dataset: .*LazyFrame; call its collect\(\)"),
    "lazy frame with a label": (lambda: Dataset(lazy(), label="a"), TypeError, "collect"),
    "lazy frame to fit": (lambda: GBDTRegressor().fit(lazy(), Y), TypeError,
                          r"fit: .*LazyFrame; call its collect\(\)"),
    "lazy frame to predict": (lambda: train({}, Dataset(X, Y), 1).predict(lazy()), TypeError,
                              r"predict: .*LazyFrame; call its collect\(\)"),
    "lazy batches": (lambda: Dataset.from_batches(lambda: iter([lazy()]), label="a"), TypeError,
                     r"from_batches: .*LazyFrame; call its collect\(\)"),
    "rows of several lengths": (lambda: Dataset([[1.0, 2.0], [3.0]], [1, 2]), ShapeError,
                                "rows of one length in X"),
    # datasets of others
    "LightGBM's Dataset": (lambda: train({}, lightgbm.Dataset(X, Y)), TypeError,
                           r"Dataset of cnengine\.gbdt, got lightgbm\.basic\.Dataset; cnengine"),
    "XGBoost's matrix": (lambda: train({}, xgboost.DMatrix(X, Y)), TypeError,
                         r"Dataset of cnengine\.gbdt, got xgboost\.core\.DMatrix; cnengine"),
    "CatBoost's pool": (lambda: gbdt.cv({}, catboost.Pool(X, Y)), TypeError,
                        r"cv: expected a Dataset of cnengine\.gbdt, got .*catboost.*Pool; cnengine"),
    "another's evaluation set": (
        lambda: train({}, Dataset(X, Y), 1, valid_sets=[lightgbm.Dataset(X, Y)]), TypeError,
        r"valid_sets: expected a Dataset of cnengine\.gbdt, got lightgbm\.basic\.Dataset"),
    "an evaluation set that is none": (lambda: train({}, Dataset(X, Y), 1, valid_sets=5), TypeError,
                                       "valid_sets: expected a Dataset .*, got int"),
    "a matrix": (lambda: train({}, X), TypeError, r"got numpy\.ndarray"),
    # batches
    "a generator": (lambda: Dataset.from_batches(b for b in [(X, Y)]), TypeError,
                    "a function that makes a new iterator each time.*, got generator"),
    "a list": (lambda: Dataset.from_batches([(X, Y)]), TypeError, "a function that makes.*, got list"),
    "a function of no iterator": (lambda: Dataset.from_batches(lambda: 5), TypeError,
                                  "a function that makes.*, got one that gives int"),
    "no batches": (lambda: Dataset.from_batches(lambda: iter([])), ArgumentError, "one batch or more"),
    # metrics
    "misspelled metric": (
        lambda: train({"metric": "aucc", "objective": "binary"}, Dataset(X, Y > 0), 1,
                      valid_sets=[Dataset(X, Y > 0)]),
        ArgumentError, 'unknown metric "aucc"; did you mean "auc"?'),
    "misspelled metric of an estimator": (
        lambda: GBDTClassifier(eval_metric="binary_loglos").fit(X, Y > 0, eval_set=(X, Y > 0)),
        ArgumentError, 'unknown metric "binary_loglos"; did you mean "binary_logloss"?'),
    "rounds of text": (lambda: train({}, Dataset(X, Y), 1).predict(X, num_iteration="a"), TypeError,
                       "num_iteration as an integer"),
    "rounds below none": (lambda: train({}, Dataset(X, Y), 1).predict(X, num_iteration=-1),
                          ArgumentError, "num_iteration >= 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_wrong_arguments(name):
    call, kind, text = CASES[name]
    with pytest.raises(kind, match=text.replace("?", r"\?")):
        call()


def test_one_iterator_for_all_calls():
    table = pa.table({"x": X[:, 0], "y": Y})
    again = iter([table, table])
    data = Dataset.from_batches(lambda: again, label="y")
    with pytest.raises(
        ArgumentError, match=r"a function that makes a new iterator.*the same iterator"
    ):
        train({}, data, 1)
    counted = iter([3, 1, 1, 1])
    fewer = Dataset.from_batches(lambda: [table] * next(counted), label="y")
    with pytest.raises(
        ArgumentError, match="the same rows each time it is called, got 600 at first"
    ):
        train({}, fewer, 1)
    listed = Dataset.from_batches(lambda: [table, table], label="y")
    assert train({}, listed, 1).num_rounds == 1


@pytest.mark.parametrize(
    "content", [b"hello world", b"\x08\x07onnx", b"PK\x03\x04" + b"0" * 100, b"[]"]
)
def test_files_that_hold_no_model(content, tmp_path):
    (tmp_path / "junk").write_bytes(content)
    for load in (gbdt.load_model, gbdt.load_booster):
        with pytest.raises(CorruptionError, match=r"load_model: .*junk: .*cnengine, XGBoost \(JSON or "
                           r"UBJSON\), LightGBM \(text\) or CatBoost \(JSON or cbm\)"):  # fmt: skip
            load(tmp_path / "junk")
    (tmp_path / "cut").write_bytes(train({}, Dataset(X, Y), 1).to_bytes()[:6])
    with pytest.raises(CorruptionError, match="not a whole cnengine model"):
        gbdt.load_model(tmp_path / "cut")


def test_evaluation_sets_of_a_ranker_have_queries():
    group, held = [20] * 10, (X[:40], GRADE[:40])
    for queries in ({"group": group}, {"qid": np.repeat(np.arange(10), 20)}):
        model = GBDTRanker(n_estimators=2)
        with pytest.raises(ArgumentError, match="fit: expected eval_group or eval_qid for set 0"):
            model.fit(X, GRADE, eval_set=held, **queries)
        with pytest.raises(ArgumentError, match="expected eval_group or eval_qid for set 1"):
            model.fit(X, GRADE, eval_set=[held, held], eval_group=[[40], None], **queries)
        model.fit(X, GRADE, eval_set=held, eval_group=[[40]], **queries)
        one = model.evals_result_["valid_0"]["ndcg"]
        model.fit(X, GRADE, eval_set=held, eval_qid=[np.repeat([0, 1], 20)], **queries)
        assert model.evals_result_["valid_0"]["ndcg"] != one
        # The rows that are trained on have their queries.
        model.fit(X, GRADE, eval_set=(X, GRADE), **queries)
        own = model.evals_result_["valid_0"]["ndcg"]
        model.fit(X, GRADE, eval_set=(X, GRADE), eval_group=[group], **queries)
        assert model.evals_result_["valid_0"]["ndcg"] == own
    # Without queries all rows are one, here as there.
    GBDTRanker(n_estimators=2).fit(X, GRADE, eval_set=held)
    data, bare = Dataset(X, GRADE, group=group), Dataset(*held)
    with pytest.raises(
        ArgumentError, match=r"group or qid for validation set 'valid_0'.*group=\[40\]"
    ):
        train(RANK, data, 1, valid_sets=[bare])
    train(RANK, data, 1, valid_sets=[data, Dataset(*held, group=[40])])
    train(RANK, Dataset(X, GRADE), 1, valid_sets=[bare])
