"""Whole trees under each option of growth against a grower written out in float64 NumPy."""

import cnengine as cn
import numpy as np
import pytest
from cnengine import errors

INF = np.inf


class Reference:
    """One tree of squared error grown by trying every cut in float64.

    Values and gains as in LightGBM's documentation: soft thresholding by `lambda_l1`, clipping to
    `max_delta_step`, the pull of `path_smooth` to the parent's value, bounds of `monotone`.
    """

    def __init__(self, x, y, **options):
        self.x, self.g = x, y.mean() - y
        self.mean = y.mean()
        self.o = {"l1": 0, "l2": 0, "step": 0, "smooth": 0, "least": 1, "monotone": None, **options}

    def shrunk(self, g):
        return np.sign(g) * max(abs(g) - self.o["l1"], 0)

    def value(self, rows, parent=None, bounds=(-INF, INF)):
        v = -self.shrunk(self.g[rows].sum()) / (len(rows) + self.o["l2"])
        if self.o["step"]:
            v = np.clip(v, -self.o["step"], self.o["step"])
        if self.o["smooth"] and parent is not None:
            share = len(rows) / self.o["smooth"]
            v = (v * share + parent) / (share + 1)
        return float(np.clip(v, *bounds))

    def loss(self, rows, v):
        """Of the quadratic model with value v, regularisation included."""
        return self.shrunk(self.g[rows].sum()) * v + (len(rows) + self.o["l2"]) * v * v / 2

    def cuts(self, rows, f):
        values = np.unique(self.x[rows, f][~np.isnan(self.x[rows, f])])
        everywhere = np.unique(self.x[:, f][~np.isnan(self.x[:, f])])
        for low in values if np.isnan(self.x[rows, f]).any() else values[:-1]:
            above = everywhere[everywhere > low]
            yield (low + above[0]) / 2 if len(above) else INF

    def sides(self, rows, f, cut, missing_left):
        column = self.x[rows, f]
        left = np.where(np.isnan(column), missing_left, np.nan_to_num(column, nan=INF) <= cut)
        return rows[left.astype(bool)], rows[~left.astype(bool)]

    def gain(self, leaf, f, cut, missing_left):
        left, right = self.sides(leaf["rows"], f, cut, missing_left)
        if min(len(left), len(right)) < self.o["least"]:
            return None
        a, b = (self.value(side, leaf["value"], leaf["bounds"]) for side in (left, right))
        direction = self.o["monotone"][f] if self.o["monotone"] else 0
        if direction * (b - a) < 0:
            return -INF
        return self.loss(leaf["rows"], leaf["value"]) - self.loss(left, a) - self.loss(right, b)

    def best(self, leaf):
        best = (1e-12, None)
        for f in range(self.x.shape[1]):
            for cut in self.cuts(leaf["rows"], f):
                for side in (False, True) if np.isnan(self.x[leaf["rows"], f]).any() else (False,):
                    gain = self.gain(leaf, f, cut, side)
                    if gain is not None and gain > best[0] * (1 + 1e-9):
                        best = (gain, (f, cut, side))
        return best

    def split(self, leaf, f, cut, missing_left):
        children = []
        counts = self.gain(leaf, f, cut, missing_left) is not None
        for rows in self.sides(leaf["rows"], f, cut, missing_left):
            v = self.value(rows, leaf["value"], leaf["bounds"]) if counts else leaf["value"]
            children.append({"rows": rows, "value": v, "depth": leaf["depth"] + 1})
        middle = (children[0]["value"] + children[1]["value"]) / 2
        direction = self.o["monotone"][f] if self.o["monotone"] else 0
        low, high = leaf["bounds"]
        for child, rising in zip(children, (1, -1), strict=True):
            child["bounds"] = (low, high)
            if direction:
                below = direction == rising
                child["bounds"] = (low, min(high, middle)) if below else (max(low, middle), high)
        return children

    def root(self):
        rows = np.arange(len(self.g))
        return {"rows": rows, "value": self.value(rows), "depth": 0, "bounds": (-INF, INF)}

    def predict(self, leaves):
        out = np.empty(len(self.g))
        for leaf in leaves:
            out[leaf["rows"]] = self.mean + leaf["value"]
        return out

    def leafwise(self, num_leaves, by_depth=False):
        leaves = [self.root()]
        while len(leaves) < num_leaves:
            found = [self.best(leaf) for leaf in leaves]
            ranks = [
                (-leaf["depth"] if by_depth else 0, gain) if cut else (-INF, 0)
                for leaf, (gain, cut) in zip(leaves, found, strict=True)
            ]
            at = max(range(len(leaves)), key=lambda i: ranks[i])
            if found[at][1] is None:
                break
            leaf = leaves.pop(at)
            leaves += self.split(leaf, *found[at][1])
        return self.predict(leaves)

    def symmetric(self, depth):
        leaves = [self.root()]
        for _ in range(depth):
            best = (1e-12, None)
            for f in range(self.x.shape[1]):
                for cut in self.cuts(np.arange(len(self.g)), f):
                    for side in (False, True) if np.isnan(self.x[:, f]).any() else (False,):
                        gain = sum(self.gain(leaf, f, cut, side) or 0 for leaf in leaves)
                        if gain > best[0] * (1 + 1e-9):
                            best = (gain, (f, cut, side))
            if best[1] is None:
                break
            leaves = [child for leaf in leaves for child in self.split(leaf, *best[1])]
        return self.predict(leaves)


def small(seed, n=140):
    rng = np.random.default_rng(seed)
    x = np.round(rng.standard_normal((n, 3)), 1)
    if seed % 2:
        x[rng.random(x.shape) < 0.1] = np.nan
    y = np.sin(2 * np.nan_to_num(x[:, 0])) + np.nan_to_num(x[:, 1]) + 0.3 * rng.standard_normal(n)
    return x, y


OPTIONS = {
    "plain": ({}, {}),
    "l1": ({"lambda_l1": 4.0}, {"l1": 4.0}),
    "l2": ({"lambda_l2": 7.0}, {"l2": 7.0}),
    "step": ({"max_delta_step": 0.4}, {"step": 0.4}),
    "smooth": ({"path_smooth": 9.0}, {"smooth": 9.0}),
    "least": ({"min_child_samples": 12}, {"least": 12}),
    "rising": ({"monotone_constraints": [1, 0, -1]}, {"monotone": [1, 0, -1]}),
    "all": (
        {"monotone_constraints": [-1, 1, 0], "path_smooth": 4.0, "max_delta_step": 0.8,
         "lambda_l1": 1.0, "lambda_l2": 2.0, "min_child_samples": 4},
        {"monotone": [-1, 1, 0], "smooth": 4.0, "step": 0.8, "l1": 1.0, "l2": 2.0, "least": 4},
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("policy", ["leafwise", "depthwise", "symmetric"])
def test_a_tree_is_the_brute_force_one(native_train, policy, name, seed):
    x, y = small(seed)
    native, reference = OPTIONS[name]
    booster, _, _ = native_train(
        x, y,
        **{"n_estimators": 1, "learning_rate": 1.0, "num_leaves": 7, "max_depth": 3,
           "min_child_samples": 1, "grow_policy": policy, **native},
    )  # fmt: skip
    by_hand = Reference(x, y, **reference)
    if policy == "symmetric":
        expected = by_hand.symmetric(3)
    else:
        # A depth of 3 is no limit for the reference: it is checked below.
        booster, _, _ = native_train(
            x, y,
            **{"n_estimators": 1, "learning_rate": 1.0, "num_leaves": 7, "min_child_samples": 1,
               "grow_policy": policy, **native},
        )  # fmt: skip
        expected = by_hand.leafwise(7, by_depth=policy == "depthwise")
    np.testing.assert_allclose(booster.predict(x, True), expected, atol=2e-6)


def levels_of(nodes):
    """The nodes of each level, from the root."""
    level = [0] if nodes else []
    while level:
        yield [nodes[at] for at in level]
        level = [c for at in level for c in (nodes[at]["left"], nodes[at]["right"]) if c >= 0]


def test_depthwise_fills_levels(native_train, wave):
    booster, _, _ = native_train(
        *wave, n_estimators=4, grow_policy="depthwise", max_depth=5, num_leaves=0
    )
    for nodes, values in booster.trees():
        sizes = [len(level) for level in levels_of(nodes)]
        assert len(sizes) == 5
        assert len(values) == len(nodes) + 1 > 24
        assert sizes[:3] == [1, 2, 4]


@pytest.mark.parametrize("categorical", [[], [1]])
def test_symmetric_levels_share_one_split(native_train, categorical):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3000, 4))
    X[:, 1] = rng.integers(0, 20, 3000)
    y = X[:, 0] * X[:, 2] + np.sin(X[:, 1] * 5) + 0.1 * rng.standard_normal(3000)
    X[rng.random(X.shape) < 0.05] = np.nan
    booster, _, _ = native_train(
        X, y, n_estimators=20, grow_policy="symmetric", max_depth=5, categorical=categorical
    )
    used = set()
    for nodes, values in booster.trees():
        for depth, level in enumerate(levels_of(nodes)):
            assert len(level) == 2**depth
            cuts = {
                (n["feature"], n["threshold"], n["missing_left"], str(n["categories_left"]))
                for n in level
            }
            assert len(cuts) == 1
            used |= {n["categories_left"] is not None for n in level}
        assert len(values) == 2 ** (depth + 1)
    assert used == ({True, False} if categorical else {False})
    assert np.mean((booster.predict(X) - y) ** 2) < 0.7 * np.var(y)


@pytest.mark.parametrize("policy", ["leafwise", "depthwise", "symmetric"])
def test_threads_do_not_change_a_bit(native_train, wave, policy):
    X, y = np.tile(wave[0], (10, 1)), np.tile(wave[1], 10)
    X[:, 0] += np.linspace(0, 1, len(y))
    before, models = cn.num_threads(), []
    try:
        for threads in (1, 2, 4):
            cn.set_num_threads(threads)
            booster, _, _ = native_train(
                X, y, n_estimators=4, grow_policy=policy, extra_trees=True, path_smooth=2.0,
                colsample=0.9, colsample_bylevel=0.8, colsample_bynode=0.7, subsample=0.7,
                monotone_constraints=[0, 1, 0, 0, 0, 0, 0, 0], objective="binary",
            )  # fmt: skip
            models.append(booster.to_bytes())
    finally:
        cn.set_num_threads(before)
    assert models[1:] == models[:1] * 2


def test_extra_trees_draw_every_cut_alike(native_train):
    x = np.repeat(np.arange(8.0), 30)[:, None]
    seen = np.zeros(7)
    for seed in range(210):
        booster, _, _ = native_train(
            x, x[:, 0], n_estimators=1, num_leaves=2, extra_trees=True, seed=seed
        )
        seen[int(booster.trees()[0][0][0]["threshold"])] += 1
    assert seen.min() >= 12  # 30 each are expected; 12 is 3.5 standard deviations below
    assert seen.sum() == 210


def test_features_by_level_and_by_node(native_train):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((4000, 12))
    y = X.sum(axis=1)
    options = {"n_estimators": 8, "num_leaves": 31, "grow_policy": "depthwise"}
    by_level = native_train(X, y, colsample=0.5, colsample_bylevel=0.5, **options)[0]
    for nodes, _ in by_level.trees():
        in_tree = set()
        for level in levels_of(nodes):
            features = {n["feature"] for n in level}
            assert len(features) <= 3  # of 6 that the tree may use
            in_tree |= features
        assert 3 < len(in_tree) <= 6
    by_node = native_train(X, y, colsample_bynode=1 / 12, **options)[0]
    for nodes, _ in by_node.trees():
        assert len({n["feature"] for n in nodes}) > 6  # one random feature a node


@pytest.mark.parametrize("options", [
    ({"grow_policy": "widthwise"}, 'grow_policy to be one of "leafwise", "depthwise", "symmetric"'),
    ({"grow_policy": "symmetric", "max_depth": 17}, "max_depth up to 16 for symmetric"),
    ({"num_leaves": 0}, "num_leaves from 2 to 131072"),
    ({"max_delta_step": -1.0}, "max_delta_step >= 0"),
    ({"path_smooth": -1.0}, "path_smooth >= 0"),
    ({"colsample_bylevel": 0.0}, "colsample_bylevel in"),
    ({"colsample_bynode": 1.5}, "colsample_bynode in"),
])  # fmt: skip
def test_wrong_options_are_named(native_train, options):
    with pytest.raises(errors.ArgumentError, match=options[1]):
        native_train(np.ones((5, 2)), np.ones(5), **options[0])
