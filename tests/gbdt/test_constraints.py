"""Monotone and interaction constraints: checked on predictions over grids and on paths of trees."""

import warnings

import lightgbm
import numpy as np
import pytest
from cnengine import errors

OBJECTIVES = ["regression", "binary"]


def data(seed=0, n=3000):
    rng = np.random.default_rng(seed)
    X = rng.random((n, 4))
    z = 3 * X[:, 0] - np.sin(9 * X[:, 0]) + np.cos(8 * X[:, 1]) * X[:, 2] - 2 * X[:, 3] ** 2
    z += 0.5 * rng.standard_normal(n)
    X[rng.random(X.shape) < 0.03] = np.nan
    return X, z


def along(booster, X, feature):
    """Scores of 200 rows while one of their features runs over a grid: (rows, grid)."""
    rows = np.repeat(X[:200], 60, axis=0)
    rows[:, feature] = np.tile(np.linspace(-0.2, 1.2, 60), 200)
    return booster.predict(rows, True).reshape(200, 60)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("policy", ["leafwise", "depthwise", "symmetric"])
@pytest.mark.parametrize(
    "more", [{}, {"path_smooth": 5.0, "max_delta_step": 0.5}, {"extra_trees": True}]
)
def test_scores_are_monotone(native_train, objective, policy, more):
    X, z = data()
    y = (z > np.median(z)).astype(float) if objective == "binary" else z
    options = {"objective": objective, "n_estimators": 40, "grow_policy": policy, **more}
    booster, _, _ = native_train(X, y, monotone_constraints=[1, -1, 0, -1], **options)
    for feature, direction in ((0, 1), (1, -1), (3, -1)):
        assert (direction * np.diff(along(booster, X, feature), axis=1) >= 0).all()
    free, _, _ = native_train(X, y, **options)
    assert (np.diff(along(free, X, 0), axis=1) < 0).any()  # the test can fail


def test_quality_is_that_of_lightgbm(native_train):
    X, z = data(1, 6000)
    options = {"monotone_constraints": [1, -1, 0, -1], "n_estimators": 60, "num_leaves": 15}
    ours = native_train(X[:4000], z[:4000], **options)[0].predict(X[4000:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lightgbm.LGBMRegressor(**options, verbose=-1, n_jobs=1).fit(X[:4000], z[:4000])
        peer = theirs.predict(X[4000:])
    mine, other = (np.mean((p - z[4000:]) ** 2) for p in (ours, peer))
    assert mine == pytest.approx(other, rel=0.03)


def test_the_penalty_keeps_monotone_splits_from_the_top(native_train):
    X, z = data(2)
    options = {"monotone_constraints": [1, 0, 0, 0], "n_estimators": 10}
    booster, _, _ = native_train(X, z, monotone_penalty=2.0, **options)
    for nodes, _ in booster.trees():
        for node in [nodes[0]] + [
            nodes[c] for c in (nodes[0]["left"], nodes[0]["right"]) if c >= 0
        ]:
            assert node["feature"] != 0
    assert any(n["feature"] == 0 for nodes, _ in booster.trees() for n in nodes)
    free, _, _ = native_train(X, z, **options)
    assert free.trees()[0][0][0]["feature"] == 0


def paths(nodes, at=0, above=frozenset()):
    """The set of features on every path to a leaf."""
    if not nodes or at < 0:
        yield above
        return
    for side in ("left", "right"):
        yield from paths(nodes, nodes[at][side], above | {nodes[at]["feature"]})


@pytest.mark.parametrize("policy", ["leafwise", "depthwise", "symmetric"])
def test_paths_stay_in_one_set(native_train, policy):
    X, z = data(3)
    sets = [{0, 1}, {1, 2}]  # feature 3 is in none
    booster, _, _ = native_train(
        X, z, interaction_constraints=[sorted(s) for s in sets], n_estimators=30, grow_policy=policy
    )
    found = {path for nodes, _ in booster.trees() for path in paths(nodes)}
    assert all(any(path <= s for s in sets) for path in found)
    assert {0, 1} in found or {1, 2} in found
    free, _, _ = native_train(X, z, n_estimators=30, grow_policy=policy)
    assert any(len(path) > 2 for nodes, _ in free.trees() for path in paths(nodes))


def test_sets_as_in_lightgbm(native_train):
    X, z = data(4)
    X = np.nan_to_num(X, nan=0.5)
    options = {"interaction_constraints": [[0, 3], [1, 2]], "n_estimators": 5, "num_leaves": 7}
    ours = native_train(X, z, **options)[0].predict(X)
    theirs = lightgbm.LGBMRegressor(**options, verbose=-1, n_jobs=1).fit(X, z).predict(X)
    assert np.mean((ours - z) ** 2) == pytest.approx(np.mean((theirs - z) ** 2), rel=0.02)


@pytest.mark.parametrize(("options", "text"), [
    ({"monotone_constraints": [1]}, "monotone_constraints for 2 features, got 1"),
    ({"monotone_constraints": [0, 2]}, "-1, 0 or 1 in monotone_constraints, got 2 for feature 1"),
    ({"monotone_constraints": [0, 1], "categorical": [1]}, "feature 1, which holds categories"),
    ({"monotone_penalty": -1.0}, "monotone_penalty >= 0"),
    ({"interaction_constraints": [[0, 2]]}, "from 0 to 1 in interaction_constraints, got 2"),
])  # fmt: skip
def test_wrong_constraints_are_named(native_train, options, text):
    with pytest.raises(errors.ArgumentError, match=text):
        native_train(np.ones((5, 2)), np.ones(5), **options)
