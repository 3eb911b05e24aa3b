"""Models of some rounds: slices, stages and texts predict as that many rounds do."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from cnengine import errors
from cnengine.gbdt import (
    Booster,
    Dataset,
    GBDTClassifier,
    GBDTRanker,
    GBDTRegressor,
    load_booster,
    load_model,
    train,
)
from sklearn.ensemble import GradientBoostingRegressor

RNG = np.random.default_rng(2)
X = RNG.normal(size=(700, 4))
X[RNG.random(X.shape) < 0.05] = np.nan
Z = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) ** 2 + RNG.normal(size=700) / 4
CLASSES = np.digitize(Z, [0, 1, 2])
ROUNDS = 6
KINDS = {
    "numbers": ({}, Z),
    "counts": ({"objective": "poisson"}, np.round(np.abs(Z))),
    "two classes": ({"objective": "binary", "sigmoid": 2.0}, Z > 1),
    "classes": ({"objective": "multiclass"}, CLASSES),
    "one against all": ({"objective": "multiclassova"}, CLASSES),
    "vector leaves": ({"objective": "multiclass", "multi_strategy": "multi_output_tree"}, CLASSES),
    "several outputs": ({}, np.column_stack([Z, -Z, Z**2])),
    "linear leaves": ({"linear_tree": True}, Z),
    "symmetric": ({"grow_policy": "symmetric"}, Z),
    "dart": ({"boosting": "dart", "drop_rate": 0.5}, Z),
    "numbers of classes": ({"objective": "multi:softmax", "num_class": 4}, CLASSES),
}


@pytest.fixture(params=KINDS, scope="module")
def model(request):
    params, y = KINDS[request.param]
    return train({"num_leaves": 7, **params}, Dataset(X, y), ROUNDS)


def test_slices_predict_as_so_many_rounds(model):
    for n in (0, 1, 4, ROUNDS, 100):
        part = model[:n]
        assert isinstance(part, Booster)
        assert part.num_rounds == part.best_iteration == min(n, ROUNDS)
        for raw_score in (False, True):
            np.testing.assert_array_equal(
                part.predict(X, raw_score=raw_score),
                model.predict(X, raw_score=raw_score, num_iteration=n),
            )
    assert model[:].to_bytes() == model.to_bytes()
    base = np.asarray(model.base_scores).squeeze()
    scores = [part.predict(X, raw_score=True) - base for part in model]
    assert len(scores) == ROUNDS
    np.testing.assert_allclose(
        sum(scores) + base, model.predict(X, raw_score=True), rtol=1e-9, atol=1e-9
    )
    odd = model[1::2].predict(X, raw_score=True) - base
    np.testing.assert_allclose(odd, sum(scores[1::2]), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(model[-1].predict(X), model[ROUNDS - 1 :].predict(X))
    assert model[2:4][1].to_bytes() == model[3].to_bytes()
    with pytest.raises(IndexError, match="expected a round below 6, got 6"):
        model[ROUNDS]
    for wrong in ("a", 1.5, slice("a"), None):
        with pytest.raises(errors.TypeError, match="Booster"):
            model[wrong]


def test_stages_predict_as_so_many_rounds(model):
    for raw_score in (False, True):
        for rows in (X, X[:3], pd.DataFrame(X, columns=list("abcd")), X.astype(np.float32)):
            stages = list(model.staged_predict(rows, raw_score=raw_score))
            assert len(stages) == ROUNDS
            for n, stage in enumerate(stages, 1):
                np.testing.assert_array_equal(
                    stage, model.predict(rows, raw_score=raw_score, num_iteration=n)
                )


def test_texts_predict_as_so_many_rounds(model):
    if "predicts" not in model.attributes:
        for n in (None, 1, 4):
            again = Booster.model_from_string(model.model_to_string(n))
            np.testing.assert_allclose(
                again.predict(X), model.predict(X, num_iteration=n), rtol=1e-10, atol=1e-12
            )
            peer = lightgbm.Booster(model_str=model.model_to_string(n))
            np.testing.assert_allclose(
                peer.predict(X, raw_score=True),
                model.predict(X, raw_score=True, num_iteration=n), rtol=1e-10, atol=1e-12,
            )  # fmt: skip


def test_numbers_of_classes_in_texts():
    model = train({"objective": "multi:softmax", "num_class": 4}, Dataset(X, CLASSES), ROUNDS)
    for kind in ("lightgbm", "xgboost-json"):
        again = Booster.model_from_string(model.model_to_string(format=kind))
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
    text = model.model_to_string(3, format="xgboost-json")
    np.testing.assert_array_equal(
        Booster.model_from_string(text).predict(X.astype(np.float32)),
        model.predict(X.astype(np.float32), num_iteration=3),
    )


def test_texts_that_cannot_be():
    model = train({}, Dataset(X, Z), 2)
    with pytest.raises(errors.ArgumentError, match=r"format as one of lightgbm, .*got 'onnx'"):
        model.model_to_string(format="onnx")
    with pytest.raises(errors.TypeError, match="expected the text of a model, got bytes"):
        Booster.model_from_string(b"tree")
    with pytest.raises(errors.CorruptionError, match="model_from_string: expected a model of"):
        Booster.model_from_string("junk")
    with pytest.raises(errors.ArgumentError, match="num_iteration >= 0"):
        model.model_to_string(-1)
    with pytest.raises(errors.UnsupportedError, match=r"LightGBM.*objective"):
        train({"objective": "cox"}, Dataset(X, np.abs(Z)), 1).model_to_string()


def test_slices_are_those_of_xgboost(tmp_path):
    rows = X.astype(np.float32)
    data = xgboost.DMatrix(rows, CLASSES)
    params = {"objective": "multi:softprob", "num_class": 4, "max_depth": 3, "num_parallel_tree": 2}
    peer = xgboost.train(params, data, 4)
    peer.set_attr(best_iteration="1")
    peer.save_model(tmp_path / "m.json")
    model = load_booster(tmp_path / "m.json")
    # Two trees of each class make a round there, and two rounds here.
    for n in (1, 2, 4):
        ours, theirs = model[: 2 * n], peer[:n]
        np.testing.assert_allclose(ours.predict(rows), theirs.predict(data), rtol=1e-5, atol=1e-6)
    assert "best_iteration" in model.attributes
    assert "best_iteration" not in model[:3].attributes
    for n, stage in enumerate(model.staged_predict(rows, raw_score=True), 1):
        np.testing.assert_array_equal(stage, model.predict(rows, raw_score=True, num_iteration=n))
    model[:7].save_model(tmp_path / "part")
    assert load_model(tmp_path / "part").booster_.num_rounds == 7


def test_random_forests_have_no_part():
    model = train({"boosting": "rf", "subsample": 0.5}, Dataset(X, Z), 4)
    for use in (
        lambda: model[:2],
        lambda: model.staged_predict(X),
        lambda: model.model_to_string(2),
    ):
        with pytest.raises(errors.UnsupportedError, match="not for random forests"):
            use()
    assert model.model_to_string()
    estimator = GBDTRegressor(boosting="rf", subsample=0.5, n_estimators=3).fit(X, Z)
    with pytest.raises(errors.UnsupportedError, match="not for random forests"):
        estimator.staged_predict(X)


def test_stages_of_estimators():
    two = GBDTClassifier(n_estimators=ROUNDS).fit(X, np.where(Z > 1, "yes", "no"))
    more = GBDTClassifier(n_estimators=ROUNDS).fit(X, CLASSES)
    numbers = GBDTRegressor(n_estimators=ROUNDS, objective="gamma").fit(X, np.abs(Z) + 0.1)
    ranks = GBDTRanker(n_estimators=ROUNDS).fit(X, CLASSES, group=[70] * 10)
    own = GBDTClassifier(
        n_estimators=ROUNDS,
        objective=lambda y, s: (1 / (1 + np.exp(-s)) - y, np.full_like(s, 0.25)),
    ).fit(X, Z > 1)
    softmax = GBDTClassifier(n_estimators=ROUNDS, objective="multi:softmax").fit(X, CLASSES)
    np.testing.assert_array_equal(softmax.predict_proba(X), more.predict_proba(X))
    for estimator, names in [
        (two, ["predict", "predict_proba", "decision_function"]),
        (more, ["predict", "predict_proba", "decision_function"]),
        (own, ["predict", "predict_proba", "decision_function"]),
        (softmax, ["predict", "predict_proba", "decision_function"]),
        (numbers, ["predict"]),
        (ranks, ["predict"]),
    ]:
        for name in names:
            stages = list(getattr(estimator, f"staged_{name}")(X))
            assert len(stages) == ROUNDS
            for n, stage in enumerate(stages, 1):
                want = getattr(estimator, name)(X, num_iteration=n)
                np.testing.assert_array_equal(stage, want)
                assert stage.dtype == want.dtype
    raw = list(numbers.staged_predict(X, raw_score=True))
    np.testing.assert_array_equal(raw[-1], numbers.predict(X, raw_score=True))
    with pytest.raises(ValueError, match="not fitted"):
        GBDTRegressor().staged_predict(X)
    with pytest.raises(ValueError, match="features"):
        numbers.staged_predict(X[:, :2])


def test_stages_find_the_best_round_as_with_scikit_learn():
    """What staged_predict is for: the number of rounds with the least error on other rows."""
    filled = np.nan_to_num(X)
    model = GBDTRegressor(n_estimators=80, learning_rate=0.3).fit(filled[:350], Z[:350])
    peer = GradientBoostingRegressor(n_estimators=5, random_state=0).fit(filled[:350], Z[:350])
    assert len(list(peer.staged_predict(filled))) == 5  # one a round, as ours
    errors_ = [np.mean((p - Z[350:]) ** 2) for p in model.staged_predict(filled[350:])]
    stopped = GBDTRegressor(n_estimators=80, learning_rate=0.3, early_stopping_rounds=79)
    stopped.fit(filled[:350], Z[:350], eval_set=(filled[350:], Z[350:]))
    assert stopped.best_iteration_ == int(np.argmin(errors_)) + 1
    np.testing.assert_allclose(stopped.evals_result_["valid_0"]["l2"], errors_, rtol=1e-9)
