"""Classes: several of them, their weights, objectives and metrics, beside scikit-learn and LightGBM."""

import pickle

import cnengine as cn
import lightgbm
import numpy as np
import pytest
from cnengine.gbdt import GBDTClassifier, load_model
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.utils.class_weight import compute_sample_weight


@pytest.fixture(scope="module")
def classes():
    """Three classes with text labels, the last one rare; train and test rows."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((6000, 5))
    scores = np.column_stack([X[:, 0] * 2, X[:, 1] ** 2, X[:, 2] - 2.5])
    scores += rng.gumbel(size=scores.shape)
    y = np.array(["ant", "bee", "cat"])[scores.argmax(1)]
    return X[:4000], y[:4000], X[4000:], y[4000:]


@pytest.mark.parametrize("objective", [None, "multiclass", "multiclassova"])
def test_several_classes_are_as_good_as_lightgbm(classes, objective):
    X, y, X_test, y_test = classes
    model = GBDTClassifier(n_estimators=50, num_leaves=15, objective=objective).fit(X, y)
    peer = lightgbm.LGBMClassifier(
        n_estimators=50, num_leaves=15, objective=objective or "multiclass", verbosity=-1
    ).fit(X, y)
    p = model.predict_proba(X_test)
    assert p.shape == (2000, 3)
    assert model.classes_.tolist() == ["ant", "bee", "cat"]
    assert model.n_classes_ == 3
    assert model.booster_.num_rounds == 50
    assert model.booster_.num_trees == 150
    ours, theirs = log_loss(y_test, p / p.sum(1, keepdims=True)), log_loss(
        y_test, peer.predict_proba(X_test) / peer.predict_proba(X_test).sum(1, keepdims=True)
    )  # fmt: skip
    assert ours < theirs * 1.02
    np.testing.assert_array_equal(model.predict(X_test), model.classes_[p.argmax(1)])
    np.testing.assert_array_equal(
        model.predict(X_test, raw_score=True), model.decision_function(X_test)
    )


def test_softmax_of_the_scores(classes):
    X, y, X_test, _ = classes
    model = GBDTClassifier(n_estimators=5).fit(X, y)
    scores = np.exp(model.decision_function(X_test))
    np.testing.assert_allclose(
        model.predict_proba(X_test), scores / scores.sum(1, keepdims=True), rtol=1e-13
    )


def test_two_classes_by_softmax(wave):
    model = GBDTClassifier(n_estimators=30, objective="multiclass").fit(*wave)
    p = model.predict_proba(wave[0])
    assert p.shape == (4000, 2)
    assert roc_auc_score(wave[1], p[:, 1]) > 0.9


@pytest.mark.parametrize("chosen", ["balanced", {"cat": 5.0}, {"ant": 0.5, "bee": 2, "cat": 3.0}])
def test_class_weights_are_sample_weights(classes, chosen):
    X, y, X_test, _ = classes
    weight = compute_sample_weight(
        chosen if chosen == "balanced" else {"ant": 1.0, "bee": 1.0, **chosen}, y
    )
    mine = np.random.default_rng(0).random(len(y)) + 0.5
    for given in (None, mine):
        model = GBDTClassifier(n_estimators=5, class_weight=chosen).fit(X, y, given)
        same = GBDTClassifier(n_estimators=5).fit(X, y, weight if given is None else weight * given)
        np.testing.assert_array_equal(model.predict_proba(X_test), same.predict_proba(X_test))
    by_params = GBDTClassifier(n_estimators=5, params={"class_weight": chosen}).fit(X, y)
    model = GBDTClassifier(n_estimators=5, class_weight=chosen).fit(X, y)
    np.testing.assert_array_equal(by_params.predict_proba(X_test), model.predict_proba(X_test))


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ({"dog": 1.0}, "'dog'"),
        ("even", "'even'"),
        ([1.0, 2.0], "3 classes"),
        ({"ant": -1}, "weights >= 0"),
    ],
)
def test_class_weights_that_do_not_fit(classes, chosen, text):
    with pytest.raises(cn.errors.ArgumentError, match=text):
        GBDTClassifier(n_estimators=2, class_weight=chosen).fit(*classes[:2])


def test_evaluation_sets_and_early_stopping(classes):
    X, y, X_test, y_test = classes
    model = GBDTClassifier(
        n_estimators=400, eval_metric=["multi_error", "multi_logloss"],
        early_stopping_rounds=5,
    ).fit(X, y, eval_set=[(X_test, y_test), (X, y)], eval_names=["held", "train"])  # fmt: skip
    assert list(model.evals_result_) == ["held", "train"]
    curve = model.evals_result_["held"]["multi_error"]
    assert list(model.evals_result_["held"]) == ["multi_error", "multi_logloss"]
    best = int(np.argmin(curve)) + 1
    assert model.best_iteration_ == best == model.booster_.num_rounds < 400
    assert len(curve) == best + 5
    assert model.best_score_ == min(curve)
    assert curve[best - 1] == pytest.approx(np.mean(model.predict(X_test) != y_test), abs=1e-15)
    assert best > 3
    early = model.predict_proba(X_test, num_iteration=3)
    short = GBDTClassifier(n_estimators=3).fit(X, y)
    np.testing.assert_array_equal(early, short.predict_proba(X_test))
    with pytest.raises(cn.errors.ArgumentError, match="num_iteration >= 0"):
        model.predict(X_test, num_iteration=-2)


def test_metrics_of_your_own(classes):
    X, y, X_test, y_test = classes
    seen = []

    def wrong(y_true, p):
        seen.append((y_true.shape, p.shape))
        return np.mean(p.argmax(1) != y_true)

    def weighted(y_true, p, weight):
        return "weighted", np.float32(np.average(p.argmax(1) == y_true, weights=weight)), True

    model = GBDTClassifier(n_estimators=4, eval_metric=[wrong, weighted]).fit(
        X, y, eval_set=(X_test, y_test), eval_sample_weight=np.ones(len(y_test))
    )
    result = model.evals_result_["valid_0"]
    assert list(result) == ["wrong", "weighted"]
    assert seen == [((2000,), (2000, 3))] * 4
    error = np.mean(model.predict(X_test) != y_test)
    assert result["wrong"][-1] == pytest.approx(error)
    assert result["weighted"][-1] == pytest.approx(1 - error)


def test_an_objective_of_your_own(wave, classes):
    def logistic(y, scores, weight):
        p = 1 / (1 + np.exp(-scores))
        assert weight is None
        return (p - y).astype(np.float32), p * (1 - p)

    X, y = wave
    model = GBDTClassifier(n_estimators=20, objective=logistic).fit(X, y)
    same = GBDTClassifier(n_estimators=20).fit(X, y)
    assert roc_auc_score(y, model.predict_proba(X)[:, 1]) == pytest.approx(
        roc_auc_score(y, same.predict_proba(X)[:, 1]), abs=0.01
    )

    def softmax(y, scores):
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return p - (y[:, None] == np.arange(3)), 2 * p * (1 - p)

    X, y, X_test, y_test = classes
    model = GBDTClassifier(n_estimators=30, objective=softmax).fit(X, y)
    assert model.predict_proba(X_test).shape == (2000, 3)
    assert np.mean(model.predict(X_test) == y_test) > 0.6


def test_models_keep_their_classes(classes, tmp_path):
    X, y, X_test, _ = classes
    model = GBDTClassifier(n_estimators=3).fit(X, y)
    model.save_model(tmp_path / "m.cne")
    for again in (load_model(tmp_path / "m.cne"), pickle.loads(pickle.dumps(model))):
        assert again.classes_.tolist() == ["ant", "bee", "cat"]
        np.testing.assert_array_equal(again.predict_proba(X_test), model.predict_proba(X_test))
        assert again.objective_ == "multiclass"
    for kind in ("xgboost-json", "xgboost-ubj", "lightgbm"):
        model.save_model(tmp_path / "m", format=kind)
        again = load_model(tmp_path / "m")
        np.testing.assert_allclose(
            again.predict_proba(X_test.astype(np.float32)),
            model.predict_proba(X_test.astype(np.float32)), rtol=1e-5, atol=1e-7,
        )  # fmt: skip


def test_going_on_from_a_model(classes):
    X, y, X_test, _ = classes
    whole = GBDTClassifier(n_estimators=9).fit(X, y)
    first = GBDTClassifier(n_estimators=4).fit(X, y)
    rest = GBDTClassifier(n_estimators=5).fit(X, y, init_model=first)
    np.testing.assert_array_equal(rest.predict_proba(X_test), whole.predict_proba(X_test))
    assert rest.booster_.num_rounds == 9


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"objective": "regression"}, "an objective for classes"),
        ({"objective": "binary"}, "expected 2 classes in y"),
        ({"objective": "multiclass", "params": {"num_class": 4}}, "num_class 3"),
        ({"eval_metric": 3}, "eval_metric"),
        ({"max_depth": 3, "params": {"max_depth": 4}}, "got both"),
    ],
)
def test_options_that_do_not_fit(classes, options, text):
    with pytest.raises(cn.Error, match=text):
        GBDTClassifier(**options).fit(*classes[:2])


def test_evaluation_sets_that_do_not_fit(classes):
    X, y, X_test, y_test = classes
    model = GBDTClassifier(n_estimators=2)
    with pytest.raises(cn.errors.ArgumentError, match="'dog'"):
        model.fit(X, y, eval_set=(X_test, np.where(y_test == "cat", "dog", y_test)))
    with pytest.raises(cn.errors.ArgumentError, match="eval_set as"):
        model.fit(X, y, eval_set=[X_test, y_test])
    with pytest.raises(cn.errors.ArgumentError, match="2 different eval_names"):
        model.fit(X, y, eval_set=[(X_test, y_test)] * 2, eval_names=["a"])
    with pytest.raises(cn.errors.ShapeError, match="eval_sample_weight"):
        model.fit(X, y, eval_set=[(X_test, y_test)] * 2, eval_sample_weight=[np.ones(2000)])


def test_class_numbers_outside_the_classes(wave):
    with pytest.raises(cn.errors.ArgumentError, match="y"):
        cn.gbdt.train(
            {"objective": "multiclass", "num_class": 2}, cn.gbdt.Dataset(wave[0], wave[1] * 2)
        )
