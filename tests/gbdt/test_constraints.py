"""Monotone and interaction constraints: checked on predictions over grids and on paths of trees."""

import warnings

import lightgbm
import numpy as np
import pytest
from cnengine import errors
from cnengine.gbdt.params import resolve

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


WAYS = [("leafwise", "basic"), ("depthwise", "basic"), ("symmetric", "basic"),
        ("leafwise", "intermediate"), ("depthwise", "intermediate")]  # fmt: skip


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("policy", "method"), WAYS)
@pytest.mark.parametrize(
    "more", [{}, {"path_smooth": 5.0, "max_delta_step": 0.5}, {"extra_trees": True},
             {"gradient_bits": 8}, {"boosting": "dart"}]
)  # fmt: skip
def test_scores_are_monotone(native_train, objective, policy, method, more):
    X, z = data()
    y = (z > np.median(z)).astype(float) if objective == "binary" else z
    options = {"objective": objective, "n_estimators": 40, "grow_policy": policy, **more}
    options["monotone_method"] = method
    booster, _, _ = native_train(X, y, monotone_constraints=[1, -1, 0, -1], **options)
    for feature, direction in ((0, 1), (1, -1), (3, -1)):
        assert (direction * np.diff(along(booster, X, feature), axis=1) >= 0).all()
    free, _, _ = native_train(X, y, **options)
    assert (np.diff(along(free, X, 0), axis=1) < 0).any()  # the test can fail


@pytest.mark.parametrize("method", ["basic", "intermediate"])
def test_quality_is_that_of_lightgbm(native_train, method):
    X, z = data(1, 6000)
    options = {"monotone_constraints": [1, -1, 0, -1], "n_estimators": 60, "num_leaves": 15}
    ours = native_train(X[:4000], z[:4000], monotone_method=method, **options)[0].predict(X[4000:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lightgbm.LGBMRegressor(
            **options, monotone_constraints_method=method, verbose=-1, n_jobs=1
        ).fit(X[:4000], z[:4000])
        peer = theirs.predict(X[4000:])
    mine, other = (np.mean((p - z[4000:]) ** 2) for p in (ours, peer))
    assert mine == pytest.approx(other, rel=0.03)


def test_intermediate_fits_better_than_basic(native_train):
    better = 0
    for seed in range(10):
        X, z = data(seed)
        losses = {}
        for method in ("basic", "intermediate"):
            options = {"monotone_constraints": [1, -1, 0, -1], "n_estimators": 30}
            booster = native_train(X, z, monotone_method=method, **options)[0]
            losses[method] = np.mean((booster.predict(X) - z) ** 2)
        better += losses["intermediate"] <= losses["basic"]
    assert better >= 8


@pytest.mark.parametrize("seed", range(12))
def test_every_cell_of_the_grid_is_in_order(native_train, seed):
    """Few bins, so that all combinations of them, missing and unknown ones too, can be looked at."""
    rng = np.random.default_rng(seed)
    n, levels = 600, 5
    X = np.round(rng.random((n, 4)) * (levels - 1))
    X[rng.random(X.shape) < 0.1] = np.nan
    y = rng.standard_normal((levels + 1, 4))[np.nan_to_num(X, nan=levels).astype(int), range(4)]
    y = y.sum(axis=1) + np.nan_to_num(X[:, 0] * X[:, 1]) + rng.standard_normal(n)
    directions = [*rng.choice([-1, 1], 2).tolist(), int(rng.integers(-1, 2)), 0]
    options = {
        "monotone_constraints": directions, "monotone_method": "intermediate", "n_estimators": 6,
        "num_leaves": int(rng.integers(4, 60)), "learning_rate": 0.7, "min_child_samples": 2,
        "grow_policy": str(rng.choice(["leafwise", "depthwise"])), "min_data_per_group": 2,
        "gradient_bits": int(rng.choice([8, 32])), "cat_smooth": 1.0, "max_cat_to_onehot": 2,
        "subsample": float(rng.choice([0.5, 1.0])), "seed": seed,
    }  # fmt: skip
    booster = native_train(X, y, categorical=[3], **options)[0]
    values = [np.r_[np.arange(levels) * 1.0, np.nan]] * 3 + [np.r_[np.arange(levels), 9, np.nan]]
    grid = np.stack(np.meshgrid(*values, indexing="ij"), axis=-1)
    scores = booster.predict(grid.reshape(-1, 4), True).reshape(grid.shape[:-1])
    for feature, direction in enumerate(directions):
        numbers = np.moveaxis(scores, feature, 0)[:levels]
        assert (direction * np.diff(numbers, axis=0) >= 0).all()
    assert np.ptp(scores) > 1


def test_symmetric_trees_are_bounded_by_their_splits(native_train):
    with pytest.raises(errors.ArgumentError, match='monotone_method "basic" with grow_policy'):
        native_train(np.ones((5, 2)), np.ones(5), grow_policy="symmetric",
                     monotone_constraints=[1, 0], monotone_method="intermediate")  # fmt: skip
    with pytest.raises(errors.ArgumentError, match='one of "basic", "intermediate"'):
        native_train(np.ones((5, 2)), np.ones(5), monotone_method="advanced")


def test_the_name_of_lightgbm():
    for name in ("monotone_constraints_method", "mc_method", "monotone_method"):
        assert resolve({name: "intermediate"}) == {"monotone_method": "intermediate"}


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
