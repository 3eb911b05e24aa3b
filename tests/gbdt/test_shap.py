"""Contributions of features against Shapley's formula over all subsets, and LightGBM and XGBoost."""

import json
from itertools import combinations
from math import factorial

import cnengine as cn
import lightgbm
import numpy as np
import pytest
import xgboost
from cnengine import errors
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTRegressor


def goes_left(node, value, categories):
    if np.isnan(value):
        return node["missing_left"]
    if node["categories_left"] is None:
        return value <= node["threshold"]
    known = categories[node["feature"]]
    if value not in known:
        return node["unknown_left"]
    return known.index(value) in node["categories_left"]


def expectation(booster, row, known, output):
    """What trees answer on average over training rows when only `known` features are known."""
    categories = booster.categories()
    total = booster.base_scores[output]
    for (nodes, _), leaves in zip(booster.trees(), booster.leaves(), strict=True):
        k = output - leaves["output"]
        if not 0 <= k < leaves["width"]:
            continue
        values = np.reshape(leaves["values"], (-1, leaves["width"]))[:, k]

        def answer(at, nodes=nodes, leaves=leaves, values=values):
            if at < 0:
                return values[~at]
            node = nodes[at]
            if node["feature"] in known:
                left = goes_left(node, row[node["feature"]], categories)
                return answer(node["left"] if left else node["right"])
            rows = [leaves["rows"][~c] if c < 0 else nodes[c]["rows"]
                    for c in (node["left"], node["right"])]  # fmt: skip
            sides = answer(node["left"]), answer(node["right"])
            if sum(rows) == 0:  # symmetric trees: no training row came here
                return sum(sides) / 2
            return (rows[0] * sides[0] + rows[1] * sides[1]) / sum(rows)

        total += answer(0) if nodes else values[0]
    return total


def shapley(booster, row, output=0):
    """Contributions, then the expectation, and interactions, from their definitions."""
    width = booster.width
    games = {}
    for size in range(width + 1):
        for known in combinations(range(width), size):
            games[frozenset(known)] = expectation(booster, row, known, output)
    values = np.zeros(width + 1)
    pairs = np.zeros((width + 1, width + 1))
    values[-1] = pairs[-1, -1] = games[frozenset()]
    for i in range(width):
        for known in games:
            if i in known:
                continue
            s = len(known)
            weight = factorial(s) * factorial(width - s - 1) / factorial(width)
            values[i] += weight * (games[known | {i}] - games[known])
            for j in range(width):
                if j == i or j in known:
                    continue
                weight = factorial(s) * factorial(width - s - 2) / (2 * factorial(width - 1))
                both = games[known | {i, j}] - games[known | {i}]
                pairs[i, j] += weight * (both - games[known | {j}] + games[known])
        pairs[i, i] = values[i] - pairs[i].sum()
    return values, pairs


def mixed(seed, n=600):
    """Two numbers, one of them with gaps, and two features of categories, with gaps."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.standard_normal((n, 3)), rng.integers(0, 9, n), rng.integers(0, 4, n)])
    y = X[:, 0] * X[:, 1] + (X[:, 3] % 3 == 1) * X[:, 0] + X[:, 4] + np.abs(X[:, 2])
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, y + 0.1 * rng.standard_normal(n)


@pytest.mark.parametrize(("policy", "depth"), [("leafwise", 8), ("symmetric", 4)])
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_formula(native_train, seed, policy, depth):
    X, y = mixed(seed)
    booster, _, _ = native_train(
        X, y, categorical=(3, 4), n_estimators=4, num_leaves=16, max_depth=depth,
        grow_policy=policy, min_child_samples=5,
    )  # fmt: skip
    rows = np.vstack([X[:6], [0.5, np.nan, -1, 77, np.nan]])  # an unknown category
    values = booster.predict_contributions(rows)
    pairs = booster.predict_interactions(rows)
    for i, row in enumerate(rows):
        expected = shapley(booster, row)
        np.testing.assert_allclose(values[i], expected[0], rtol=0, atol=1e-12)
        np.testing.assert_allclose(pairs[i], expected[1], rtol=0, atol=1e-12)


def test_several_outputs():
    X, y = mixed(5)
    y = np.digitize(y, np.quantile(y, [0.4, 0.8]))
    model = lightgbm.LGBMClassifier(n_estimators=3, num_leaves=8, verbose=-1)
    model.fit(X, y, categorical_feature=[3, 4])
    booster = native.read_model_bytes(model.booster_.model_to_string().encode())
    values = booster.predict_contributions(X[:4])
    pairs = booster.predict_interactions(X[:4])
    assert values.shape == (4, 3, 6)
    assert pairs.shape == (4, 3, 6, 6)
    for i in range(4):
        for k in range(3):
            expected = shapley(booster, X[i], k)
            np.testing.assert_allclose(values[i, k], expected[0], rtol=0, atol=1e-12)
            np.testing.assert_allclose(pairs[i, k], expected[1], rtol=0, atol=1e-12)


def test_sums_for_deep_trees_and_any_number_of_threads(native_train):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((4000, 40))
    y = np.sin(X).sum(axis=1)
    booster, _, _ = native_train(X, y, n_estimators=3, num_leaves=1500, min_child_samples=1)
    values = booster.predict_contributions(X)
    raw = booster.predict(X, raw_score=True)
    np.testing.assert_allclose(values.sum(axis=1), raw, rtol=0, atol=1e-11)
    pairs = booster.predict_interactions(X[:50])
    np.testing.assert_allclose(pairs.sum(axis=2), values[:50], rtol=0, atol=1e-11)
    np.testing.assert_array_equal(pairs, np.swapaxes(pairs, 1, 2))
    threads = cn.num_threads()
    try:
        cn.set_num_threads(1)
        np.testing.assert_array_equal(booster.predict_contributions(X), values)
    finally:
        cn.set_num_threads(threads)


@pytest.mark.parametrize("classes", [2, 3])
def test_lightgbm(classes):
    """Equal trees: LightGBM counts rows too. It adds in float64 by another formula."""
    X, y = mixed(1, 2000)
    y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
    theirs = lightgbm.LGBMClassifier(n_estimators=8, num_leaves=40, max_depth=12, verbose=-1)
    theirs.fit(X, y, categorical_feature=[3, 4])
    ours = native.read_model_bytes(theirs.booster_.model_to_string().encode())
    expected = theirs.predict(X[:200], pred_contrib=True).reshape(200, -1, 6).squeeze()
    np.testing.assert_allclose(ours.predict_contributions(X[:200]), expected, rtol=0, atol=1e-9)
    few = theirs.predict(X[:200], pred_contrib=True, num_iteration=2)
    np.testing.assert_allclose(
        ours.predict_contributions(X[:200], trees=2 * (classes if classes > 2 else 1)),
        few.reshape(200, -1, 6).squeeze(), rtol=0, atol=1e-9,
    )  # fmt: skip


def test_xgboost():
    """Equal trees, covers as sums of hessians. XGBoost computes in float32."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((2000, 6)).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = np.nan_to_num(X[:, 0] * X[:, 1] + X[:, 2]) > 0
    theirs = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 5}, xgboost.DMatrix(X, y), 6
    )
    ours = native.read_model_bytes(bytes(theirs.save_raw("json")))
    rows = xgboost.DMatrix(X[:100])
    np.testing.assert_allclose(
        ours.predict_contributions(X[:100]), theirs.predict(rows, pred_contribs=True), atol=2e-5
    )
    np.testing.assert_allclose(
        ours.predict_interactions(X[:100]), theirs.predict(rows, pred_interactions=True), atol=2e-5
    )


def test_edges():
    X, y = mixed(0)
    X = np.nan_to_num(X)
    stump = GBDTRegressor(n_estimators=1, min_gain=1e9).fit(X, y).booster_.native
    values = stump.predict_contributions(X[:3])
    assert np.all(values[:, :-1] == 0)
    np.testing.assert_array_equal(values[:, -1], stump.predict(X[:3]))
    assert stump.predict_contributions(X[:0]).shape == (0, 6)
    none = stump.predict_contributions(X[:2], trees=0)
    np.testing.assert_array_equal(none[:, -1], stump.base_scores * 2)


def test_what_has_no_contributions(native_train):
    X, y = mixed(0)
    booster, _, _ = native_train(X, y, n_estimators=2)
    for name in ("predict_contributions", "predict_interactions"):
        with pytest.raises(errors.ShapeError, match=f"{name}: X has 3 features, but .* 5"):
            getattr(booster, name)(X[:, :3])
    linear, _, _ = native_train(X, y, n_estimators=2, linear_tree=True)
    with pytest.raises(errors.UnsupportedError, match="contributions: linear leaves"):
        linear.predict_contributions(X)
    theirs = xgboost.train({"max_depth": 2}, xgboost.DMatrix(X, y), 1)
    model = json.loads(bytes(theirs.save_raw("json")))
    tree = model["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["sum_hessian"] = [0.0] * len(tree["sum_hessian"])
    without = native.read_model_bytes(json.dumps(model).encode())
    with pytest.raises(errors.UnsupportedError, match="does not tell how many rows"):
        without.predict_contributions(X)


def test_dump(native_train):
    X, y = mixed(4)
    booster, _, _ = native_train(X, y, categorical=(3, 4), n_estimators=2, num_leaves=9)
    dump = json.loads(booster.dump())
    assert dump["base_scores"] == booster.base_scores
    assert dump["features"] == ["0", "1", "2", "3", "4"]
    kinds = set()
    for (nodes, values), entry in zip(booster.trees(), dump["trees"], strict=True):
        assert [leaf["value"] for leaf in entry["leaves"]] == values
        for node, other in zip(nodes, entry["nodes"], strict=True):
            assert other["feature"] == str(node["feature"])
            for name in ("left", "right", "gain", "value", "weight", "rows"):
                assert other[name] == node[name]
            assert other["missing"] == ("left" if node["missing_left"] else "right")
            kinds.add("categories" in other)
            if "categories" in other:
                known = booster.categories()[node["feature"]]
                assert other["categories"] == [known[c] for c in node["categories_left"]]
            else:
                assert other["threshold"] == node["threshold"]
        for child in (n[side] for n in entry["nodes"] for side in ("left", "right")):
            assert -len(entry["leaves"]) <= child < len(entry["nodes"])
        whole = sum(leaf["rows"] for leaf in entry["leaves"])
        assert whole == entry["nodes"][0]["rows"] == len(y)
    assert kinds == {True, False}
