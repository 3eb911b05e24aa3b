"""The estimators inside scikit-learn's own tools: searches, pipelines, calibration, routing."""

import io
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from cnengine.gbdt import GBDTClassifier, GBDTRanker, GBDTRegressor
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import (
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

RNG = np.random.default_rng(11)
X = RNG.normal(size=(500, 4))
X[RNG.random(X.shape) < 0.05] = np.nan
SIGNAL = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) ** 2
Y = np.where(SIGNAL > 0.8, "high", "low")
Z = SIGNAL + RNG.normal(size=500) / 10
QID = np.repeat(np.arange(50), 10)
GRADE = np.clip(np.round(SIGNAL), 0, 4)


def classifier(**options):
    return GBDTClassifier(**{"n_estimators": 15, "num_leaves": 7, **options})


def regressor(**options):
    return GBDTRegressor(**{"n_estimators": 15, "num_leaves": 7, **options})


# --- parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [GBDTClassifier, GBDTRegressor, GBDTRanker])
def test_parameters_are_got_set_and_cloned(kind):
    model = kind(n_estimators=7, monotone_constraints=[1, 0, 0, 0], params={"cat_smooth": 3.0})
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy is not model
    assert copy.set_params(num_leaves=9, lambda_l2=2.0) is copy
    assert (copy.num_leaves, copy.get_params()["lambda_l2"], model.num_leaves) == (9, 2.0, 31)
    with pytest.raises(ValueError, match="num_leafs"):
        copy.set_params(num_leafs=3)
    assert "n_estimators=7" in repr(model)
    assert not hasattr(clone(model.fit(X, GRADE > 1)), "booster_")


def test_the_same_parameters_give_the_same_model():
    model = classifier(subsample=0.7, random_state=5)
    one, two = model.fit(X, Y), clone(model).fit(X, Y)
    assert one.booster_.to_bytes() == two.booster_.to_bytes()
    refitted = model.set_params(random_state=6).fit(X, Y)
    assert refitted.booster_.to_bytes() != two.booster_.to_bytes()


# --- searches -----------------------------------------------------------------------------------


def test_grid_search():
    search = GridSearchCV(classifier(), {"num_leaves": [2, 7], "learning_rate": [0.01, 0.3]}, cv=3)
    search.fit(X, Y)
    assert search.best_params_ == {"num_leaves": 7, "learning_rate": 0.3}
    by_hand = cross_val_score(classifier(num_leaves=7, learning_rate=0.3), X, Y, cv=3).mean()
    assert search.best_score_ == by_hand
    assert search.score(X, Y) > 0.9
    np.testing.assert_array_equal(search.classes_, ["high", "low"])
    nested = GridSearchCV(regressor(), {"params": [{"min_gain": 0.0}, {"min_gain": 1e9}]}, cv=3)
    assert nested.fit(X, Z).best_params_ == {"params": {"min_gain": 0.0}}


def test_grid_search_in_processes():
    search = GridSearchCV(regressor(), {"num_leaves": [2, 7]}, cv=3, n_jobs=2).fit(X, Z)
    alone = GridSearchCV(regressor(), {"num_leaves": [2, 7]}, cv=3).fit(X, Z)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )


def test_halving_and_random_searches():
    halving = HalvingGridSearchCV(
        classifier(), {"num_leaves": [3, 7]}, resource="n_estimators", max_resources=20,
        min_resources=5, cv=3, random_state=0,
    ).fit(X, Y)  # fmt: skip
    assert halving.best_estimator_.booster_.num_rounds == halving.best_params_["n_estimators"]
    by_rows = HalvingGridSearchCV(regressor(), {"num_leaves": [3, 7]}, cv=3, random_state=0)
    assert by_rows.fit(X, Z).score(X, Z) > 0.5
    random = RandomizedSearchCV(
        classifier(), {"learning_rate": [0.05, 0.2], "max_depth": [2, None]}, n_iter=3, cv=3,
        random_state=0, scoring="roc_auc",
    ).fit(X, Y == "high")  # fmt: skip
    assert random.best_score_ > 0.9


def test_cross_validation():
    cv = KFold(4)
    scores = cross_val_score(regressor(), X, Z, cv=cv)
    by_hand = [regressor().fit(X[a], Z[a]).score(X[b], Z[b]) for a, b in cv.split(X)]
    np.testing.assert_array_equal(scores, by_hand)
    out = cross_validate(classifier(), X, Y, cv=cv, return_estimator=True,
                         scoring=["accuracy", "neg_log_loss"])  # fmt: skip
    assert out["test_accuracy"].min() > 0.8
    assert all(isinstance(model, GBDTClassifier) for model in out["estimator"])
    p = cross_val_predict(classifier(), X, Y, cv=cv, method="predict_proba")
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    _, train, test = learning_curve(regressor(), X, Z, cv=3, train_sizes=[0.3, 1.0])
    assert train.shape == test.shape == (2, 3)
    train, test = validation_curve(regressor(), X, Z, cv=3, param_name="n_estimators",
                                   param_range=[1, 30])  # fmt: skip
    assert test[1].mean() > test[0].mean()


def test_scorers():
    two, three = classifier().fit(X, Y == "high"), classifier().fit(X, GRADE.clip(0, 2))
    for name in (
        "accuracy",
        "roc_auc",
        "neg_log_loss",
        "average_precision",
        "neg_brier_score",
        "f1",
    ):
        assert np.isfinite(get_scorer(name)(two, X, Y == "high"))
    assert get_scorer("roc_auc_ovr")(three, X, GRADE.clip(0, 2)) > 0.9
    assert get_scorer("r2")(regressor().fit(X, Z), X, Z) > 0.5
    own = make_scorer(lambda y, p: float(np.abs(y - p).max()), greater_is_better=False)
    assert cross_val_score(regressor(), X, Z, cv=3, scoring=own).max() < 0


# --- pipelines ----------------------------------------------------------------------------------


def test_a_pipeline_with_a_scaler():
    pipe = make_pipeline(StandardScaler(), classifier()).fit(X, Y)
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(
        pipe.predict_proba(X), classifier().fit(scaled, Y).predict_proba(scaled)
    )
    assert list(pipe[:-1].get_feature_names_out()) == [f"x{i}" for i in range(4)]
    pipe.set_params(gbdtclassifier__num_leaves=3).fit(X, Y)
    assert pipe[-1].num_leaves == 3
    search = GridSearchCV(pipe, {"gbdtclassifier__num_leaves": [2, 7]}, cv=3).fit(X, Y)
    assert search.best_params_["gbdtclassifier__num_leaves"] == 7


def test_a_pipeline_that_makes_frames():
    city = RNG.choice(["oslo", "rome", "bern"], 500)
    frame = pd.DataFrame({"city": pd.Categorical(city), "a": X[:, 0], "b": X[:, 1]})
    z = Z + 3 * (city == "rome")
    direct = regressor().fit(frame, z)
    steps = ColumnTransformer(
        [("keep", "passthrough", make_column_selector(dtype_include="category")),
         ("scale", StandardScaler(), make_column_selector(dtype_include=float))],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")  # fmt: skip
    pipe = Pipeline([("columns", steps), ("model", regressor())]).fit(frame, z)
    assert list(pipe[-1].feature_names_in_) == ["city", "a", "b"]
    assert pipe[-1].booster_.categories()[0] == ["bern", "oslo", "rome"]
    assert pipe.score(frame, z) == pytest.approx(direct.score(frame, z), abs=0.05)
    codes = ColumnTransformer([("code", OrdinalEncoder(), ["city"])], remainder="passthrough")
    by_code = make_pipeline(codes, regressor(categorical_features=[0])).fit(frame, z)
    np.testing.assert_array_equal(by_code.predict(frame), direct.predict(frame))


def test_selection_by_importance():
    kept = SelectFromModel(regressor(), threshold="mean").fit(X, Z).get_support()
    assert kept[:2].all()
    assert not kept[2:].any()
    assert RFE(regressor(), n_features_to_select=2).fit(X, Z).support_.tolist() == kept.tolist()


# --- estimators made of estimators --------------------------------------------------------------


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(method):
    model = CalibratedClassifierCV(classifier(), method=method, cv=3).fit(X, Y)
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    assert model.score(X, Y) > 0.85
    three = CalibratedClassifierCV(classifier(), method=method, cv=3).fit(X, GRADE.clip(0, 2))
    assert three.predict_proba(X).shape == (500, 3)
    from sklearn.frozen import FrozenEstimator

    frozen = CalibratedClassifierCV(FrozenEstimator(classifier().fit(X, Y)), method=method)
    assert frozen.fit(X, Y).score(X, Y) > 0.85


def test_voting_and_stacking():
    filled = np.nan_to_num(X)
    voting = VotingClassifier([("a", classifier()), ("b", classifier(num_leaves=3))], voting="soft")
    voting.fit(filled, Y)
    mean = np.mean([m.predict_proba(filled) for m in voting.estimators_], axis=0)
    np.testing.assert_allclose(voting.predict_proba(filled), mean, rtol=1e-12)
    numbers = VotingRegressor([("a", regressor()), ("b", Ridge())]).fit(filled, Z)
    assert numbers.score(filled, Z) > 0.5
    stack = StackingClassifier([("a", classifier()), ("b", LogisticRegression())],
                               final_estimator=classifier(n_estimators=5), cv=3)  # fmt: skip
    assert stack.fit(filled, Y).score(filled, Y) > 0.85
    stacked = StackingRegressor(
        [("a", regressor())], final_estimator=Ridge(), cv=3, passthrough=True
    )
    assert stacked.fit(filled, Z).score(filled, Z) > 0.7


def test_bagging_and_targets():
    bag = BaggingRegressor(regressor(), n_estimators=3, max_samples=0.5, random_state=0)
    assert bag.fit(X, Z).score(X, Z) > 0.5
    log = TransformedTargetRegressor(regressor(), func=np.log1p, inverse_func=np.expm1)
    assert log.fit(X, np.exp(Z)).predict(X).min() > 0
    several = MultiOutputRegressor(regressor()).fit(X, np.column_stack([Z, -Z]))
    np.testing.assert_array_equal(several.predict(X)[:, 0], regressor().fit(X, Z).predict(X))
    rest = OneVsRestClassifier(classifier()).fit(X, GRADE.clip(0, 2))
    assert rest.score(X, GRADE.clip(0, 2)) > 0.9


# --- inspection ---------------------------------------------------------------------------------


def test_inspection():
    model = regressor(n_estimators=40).fit(X, Z)
    found = permutation_importance(model, X, Z, n_repeats=3, random_state=0)
    assert set(np.argsort(found.importances_mean)[-2:]) == {0, 1}
    curve = partial_dependence(model, X[:100], [0], grid_resolution=8)
    for value, mean in zip(curve["grid_values"][0], curve["average"][0], strict=True):
        changed = X[:100].copy()
        changed[:, 0] = value
        assert mean == pytest.approx(model.predict(changed).mean(), rel=1e-12)
    two = classifier().fit(X, Y)
    assert partial_dependence(two, X[:100], [0], grid_resolution=5)["average"].shape == (1, 5)
    frame = pd.DataFrame({"city": pd.Categorical(RNG.choice(["a", "b"], 500)), "x": X[:, 0]})
    on_frame = regressor().fit(frame, Z)
    assert partial_dependence(on_frame, frame, ["x"], grid_resolution=5)["average"].shape == (1, 5)
    assert permutation_importance(on_frame, frame, Z, n_repeats=2).importances.shape == (2, 2)


# --- metadata routing ---------------------------------------------------------------------------


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
def test_sample_weights_are_routed():
    weight = RNG.integers(1, 4, 500).astype(float)
    model = regressor().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    cv = KFold(3)
    got = cross_validate(model, X, Z, cv=cv, params={"sample_weight": weight})["test_score"]
    by_hand = [
        regressor().fit(X[a], Z[a], weight[a]).score(X[b], Z[b], weight[b]) for a, b in cv.split(X)
    ]
    np.testing.assert_array_equal(got, by_hand)
    pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
    pipe.fit(X, Z, sample_weight=weight)
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(
        pipe.predict(X), regressor().fit(scaled, Z, weight).predict(scaled)
    )
    search = GridSearchCV(model, {"num_leaves": [2, 7]}, cv=cv).fit(X, Z, sample_weight=weight)
    np.testing.assert_array_equal(
        search.predict(X), regressor(**search.best_params_).fit(X, Z, weight).predict(X)
    )


@pytest.mark.usefixtures("routing")
def test_what_was_not_asked_for_is_refused():
    weight = np.ones(500)
    with pytest.raises(ValueError, match="sample_weight"):
        cross_validate(regressor(), X, Z, cv=3, params={"sample_weight": weight})


@pytest.mark.usefixtures("routing")
def test_queries_are_routed_to_the_ranker():
    model = GBDTRanker(n_estimators=10, num_leaves=7)
    model.set_fit_request(qid=True).set_score_request(qid=True)
    cv = GroupKFold(5)
    got = cross_validate(model, X, GRADE, cv=cv, params={"qid": QID, "groups": QID})["test_score"]
    by_hand = [
        GBDTRanker(n_estimators=10, num_leaves=7)
        .fit(X[a], GRADE[a], qid=QID[a])
        .score(X[b], GRADE[b], qid=QID[b])
        for a, b in cv.split(X, GRADE, QID)
    ]
    np.testing.assert_array_equal(got, by_hand)
    search = GridSearchCV(model, {"num_leaves": [2, 7]}, cv=cv).fit(X, GRADE, qid=QID, groups=QID)
    assert search.best_score_ > 0.8
    ranked = make_pipeline(
        StandardScaler(), GBDTRanker(n_estimators=5).set_fit_request(group=True)
    ).fit(X, GRADE, group=[10] * 50)
    scaled = StandardScaler().fit_transform(X)
    direct = GBDTRanker(n_estimators=5).fit(scaled, GRADE, group=[10] * 50)
    np.testing.assert_array_equal(ranked.predict(X), direct.predict(scaled))


# --- copies -------------------------------------------------------------------------------------


def joblib_copy(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


@pytest.mark.parametrize("copy", [joblib_copy, lambda m: pickle.loads(pickle.dumps(m))],
                         ids=["joblib", "pickle"])  # fmt: skip
def test_copies_predict_the_same_bits(copy):
    frame = pd.DataFrame({"city": pd.Categorical(RNG.choice(["a", "b"], 500)), "x": X[:, 0]})
    for model, rows, method in [
        (classifier(handle_unknown="error").fit(frame, Y), frame, "predict_proba"),
        (classifier().fit(X, GRADE), X, "predict_proba"),
        (regressor(linear_tree=True).fit(X, Z), X, "predict"),
        (regressor(boosting="dart").fit(X, Z, eval_set=(X, Z)), X, "predict"),
        (GBDTRanker(n_estimators=5).fit(X, GRADE, qid=QID), X, "predict"),
        (make_pipeline(StandardScaler(), regressor()).fit(X, Z), X, "predict"),
    ]:
        again = copy(model)
        np.testing.assert_array_equal(getattr(again, method)(rows), getattr(model, method)(rows))
        if isinstance(model, Pipeline):
            continue
        assert again.get_params() == model.get_params()
        assert again.evals_result_ == model.evals_result_
        assert again.booster_.to_bytes() == model.booster_.to_bytes()
        assert copy(clone(again)).get_params() == model.get_params()


def test_frames_as_output_and_input():
    with sklearn.config_context(transform_output="pandas"):
        pipe = make_pipeline(StandardScaler(), classifier())
        frame = pd.DataFrame(X, columns=list("abcd"))
        assert pipe.fit(frame, Y).score(frame, Y) > 0.9
    with pytest.raises(ValueError, match=r"columns|feature names"):
        pipe[-1].predict(frame[list("dcba")])
