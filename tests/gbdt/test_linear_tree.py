"""Linear leaves against ridge regressions in NumPy and LightGBM's linear trees."""

import warnings

import cnengine as cn
import lightgbm
import numpy as np
import pytest
from cnengine import errors


def data(seed=0, n=3000):
    """Slopes that change at two places; some values missing."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 4))
    y = np.where(X[:, 0] > 0.3, 2 * X[:, 0] + 3 * X[:, 1], X[:, 1] - X[:, 2]) + 0.1 * X[:, 3]
    y += 0.2 * rng.standard_normal(n)
    X[rng.random(X.shape) < 0.04] = np.nan
    return X, y


def paths(nodes, at=0, above=()):
    """(leaf, features split on above it) of every leaf."""
    if at < 0:
        yield ~at, sorted(set(above))
        return
    for side in ("left", "right"):
        yield from paths(nodes, nodes[at][side], (*above, nodes[at]["feature"]))


def ridge(X, y, w, penalty):
    """Constant and coefficients of the least weighted squares with a free constant."""
    design = np.column_stack([np.ones(len(X)), X])
    matrix = design.T @ (w[:, None] * design) + np.diag([0.0] + [penalty] * X.shape[1])
    return np.linalg.solve(matrix, design.T @ (w * y))


@pytest.mark.parametrize("penalty", [0.0, 20.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_leaves_are_ridge_regressions(native_train, penalty, weighted):
    X, y = data()
    w = np.random.default_rng(1).integers(1, 4, len(y)).astype(float) if weighted else None
    options = {"n_estimators": 1, "learning_rate": 1.0, "num_leaves": 6, "min_child_samples": 30}
    plain, _, _ = native_train(X, y, w, **options)
    booster, losses, _ = native_train(
        X, y, w, valid=(X, y), linear_tree=True, linear_lambda=penalty, **options
    )
    weights = np.ones(len(y)) if w is None else w
    expected = plain.predict(X)  # rows with a missing value on their path
    leaves = plain.predict_leaves(X)[:, 0]
    for leaf, features in paths(plain.trees()[0][0]):
        rows = np.flatnonzero((leaves == leaf) & ~np.isnan(X[:, features]).any(axis=1))
        beta = ridge(X[np.ix_(rows, features)], y[rows], weights[rows], penalty)
        expected[rows] = beta[0] + X[np.ix_(rows, features)] @ beta[1:]
    assert losses[0] == pytest.approx(np.mean((expected - y) ** 2), rel=1e-6)
    np.testing.assert_allclose(booster.predict(X), expected, atol=1e-5)


def test_features_that_say_the_same_share_nothing(native_train):
    rng = np.random.default_rng(2)
    x = rng.standard_normal(600)
    X = np.column_stack([x, 2 * x + 1, x**3])  # the second one adds nothing to the first
    booster, losses, _ = native_train(
        X, 3 * x, valid=(X, 3 * x), n_estimators=2, learning_rate=1.0, linear_tree=True
    )
    assert losses[-1] < 1e-10
    assert np.isfinite(booster.predict(X)).all()


def test_a_straight_line_needs_one_tree(native_train):
    x = np.linspace(1e6, 1e6 + 1, 500)[:, None]  # far from 0: the sums must not cancel
    y = 5 * (x[:, 0] - 1e6)
    _, losses, _ = native_train(
        x, y, valid=(x, y), n_estimators=1, learning_rate=1.0, linear_tree=True
    )
    assert losses[0] < 1e-8


@pytest.mark.parametrize("objective", ["regression", "binary"])
def test_quality_is_that_of_lightgbm(native_train, objective):
    X, y = data(4, 8000)
    if objective == "binary":
        y = (y > 0).astype(float)
    options = {"n_estimators": 30, "num_leaves": 15, "linear_lambda": 1.0, "linear_tree": True}
    held = (X[5000:], y[5000:])
    _, losses, _ = native_train(X[:5000], y[:5000], valid=held, objective=objective, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner = lightgbm.train(
            {**options, "objective": objective, "verbose": -1, "num_threads": 1},
            lightgbm.Dataset(X[:5000], y[:5000], params={"linear_tree": True, "verbose": -1}),
            30,
        )
        p = learner.predict(held[0])
    if objective == "binary":
        theirs = -np.mean(np.where(held[1] == 1, np.log(p), np.log(1 - p)))
    else:
        theirs = np.mean((p - held[1]) ** 2)
    assert losses[-1] < theirs * 1.03


@pytest.mark.parametrize("more", [
    {}, {"boosting": "dart", "skip_drop": 0.0}, {"boosting": "rf", "subsample": 0.5},
    {"subsample": 0.4},
])  # fmt: skip
def test_models_are_the_same_and_their_losses_true(native_train, more):
    X, y = data(5, 30000)
    before, models = cn.num_threads(), []
    try:
        for threads in (1, 2, 4):
            cn.set_num_threads(threads)
            booster, losses, _ = native_train(
                X, y, valid=(X, y), n_estimators=8, linear_tree=True, **more
            )
            models.append(booster.to_bytes())
    finally:
        cn.set_num_threads(before)
    assert models[1:] == models[:1] * 2
    assert losses[-1] == pytest.approx(np.mean((booster.predict(X) - y) ** 2), rel=1e-9)


def test_going_on_is_exact(native_train, wave):
    options = {"linear_tree": True, "objective": "binary"}
    first, _, _ = native_train(*wave, n_estimators=3, **options)
    both, _, _ = native_train(*wave, n_estimators=3, start=first, **options)
    assert both.to_bytes() == native_train(*wave, n_estimators=6, **options)[0].to_bytes()


def test_wrong_use_is_named(native_train, wave):
    X, y = wave
    with pytest.raises(errors.ArgumentError, match="linear_lambda >= 0"):
        native_train(X, y, linear_tree=True, linear_lambda=-1.0)
    with pytest.raises(errors.ArgumentError, match="linear_tree without monotone_constraints"):
        native_train(X, y, linear_tree=True, monotone_constraints=[1] + [0] * 7)
    far = np.array([[0.0], [np.inf], [1.0]] * 30)
    with pytest.raises(errors.ArgumentError, match="got inf in feature 0 at row 1"):
        native_train(far, np.arange(90.0), linear_tree=True)
