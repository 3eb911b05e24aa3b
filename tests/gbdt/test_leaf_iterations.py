"""More Newton steps for leaf values, beside a float64 formula and CatBoost."""

import catboost
import cnengine as cn
import numpy as np
import pytest
from cnengine import errors
from cnengine.gbdt import Dataset, GBDTClassifier, train
from scipy.optimize import minimize_scalar

RNG = np.random.default_rng(2)
X = RNG.standard_normal((4000, 5))
Z = 2 * X[:, 0] + X[:, 1] * X[:, 2]
Y = (RNG.random(4000) < 1 / (1 + np.exp(-Z))).astype(float)
W = RNG.integers(0, 3, 4000).astype(float)

LOSSES = {
    "binary": (Y, lambda y, s: np.log1p(np.exp(s)) - y * s),
    "poisson": (RNG.poisson(np.exp(Z / 4)).astype(float), lambda y, s: np.exp(s) - y * s),
    "gamma": (np.exp(Z / 3) + 0.01, lambda y, s: y * np.exp(-s) + s),
    "cross_entropy": (1 / (1 + np.exp(-Z)), lambda y, s: np.log1p(np.exp(s)) - y * s),
    "regression": (Z, lambda y, s: (s - y) ** 2 / 2),
}


@pytest.mark.parametrize("objective", LOSSES)
def test_many_steps_find_the_least_loss_of_each_leaf(objective):
    y, loss = LOSSES[objective]
    params = {"objective": objective, "num_leaves": 8, "leaf_estimation_iterations": 50,
              "learning_rate": 1.0, "poisson_max_delta_step": 0.0}  # fmt: skip
    model = train(params, Dataset(X, y, weight=W), 1)
    leaf = model.predict_leaves(X)[:, 0]
    for number, value in enumerate(model.trees()[0][1]):
        rows = (leaf == number) & (W > 0)
        base = model.base_scores[0]
        best = minimize_scalar(
            lambda v, r=rows, b=base: (W[r] * loss(y[r], b + v)).sum(), bounds=(-20, 20),
            method="bounded", options={"xatol": 1e-9},
        ).x  # fmt: skip
        assert value == pytest.approx(best, abs=2e-5)


def newton(y, w, start, steps, l2):
    """The Newton step of a leaf, so many times."""
    value = 0.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(start + value)))
        value -= (w * (p - y)).sum() / ((w * p * (1 - p)).sum() + l2)
    return value


def test_leaves_of_a_rare_class_are_not_overshot():
    """Newton alone steps by 26 where the value is 3.4, and from there to -1e10."""
    x = np.repeat([0.0, 1.0, 2.0], [900, 99_000, 100])
    y = np.zeros(len(x))
    y[:90], y[900:1180], y[-100:] = 1, 1, 1  # 10 %, 0.28 %, all
    params = {"objective": "binary", "grow_policy": "symmetric", "max_depth": 2,
              "leaf_estimation_iterations": 10, "learning_rate": 1.0}  # fmt: skip
    model = train(params, Dataset(x[:, None], y), 1)
    raw = model.predict(np.array([[0.0], [1.0], [2.0]]), raw_score=True)
    for score, rate in zip(raw[:2], [0.1, 280 / 99_000], strict=True):
        assert score == pytest.approx(np.log(rate / (1 - rate)), abs=1e-6)
    assert 10 < raw[2] < 1000
    model = train({**params, "learning_rate": 0.5}, Dataset(x[:, None], y), 200)
    p = model.predict(np.array([[0.0], [1.0]]))
    assert p == pytest.approx([0.1, 280 / 99_000], rel=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_each_step_is_newtons(steps):
    params = {"objective": "binary", "leaf_estimation_iterations": steps, "lambda_l2": 3.0,
              "num_leaves": 5, "learning_rate": 0.3}  # fmt: skip
    model = train(params, Dataset(X, Y, weight=W), 2)
    scores = np.full(len(Y), model.base_scores[0])
    for tree in range(2):
        leaf, values = model.predict_leaves(X)[:, tree], model.trees()[tree][1]
        for number, value in enumerate(values):
            rows = leaf == number
            want = 0.3 * newton(Y[rows], W[rows], scores[rows], steps, 3.0)
            assert value == pytest.approx(want, rel=1e-6, abs=1e-9)
        scores += np.array(values)[leaf]


def test_one_step_is_none_more():
    one = train({"objective": "binary", "leaf_estimation_iterations": 1}, Dataset(X, Y), 5)
    assert one.to_bytes() == train({"objective": "binary"}, Dataset(X, Y), 5).to_bytes()


@pytest.mark.parametrize(
    "options",
    [{"subsample": 0.5}, {"boosting": "goss"}, {"grow_policy": "symmetric"}, {"gradient_bits": 8},
     {"data_sample_strategy": "bayesian"}, {"boosting": "dart"}, {"boosting": "rf", "subsample": 0.5}],
    ids=str,
)  # fmt: skip
def test_threads_do_not_change_a_bit(options):
    params = {
        "objective": "binary",
        "leaf_estimation_iterations": 4,
        "learning_rate": 0.5,
    } | options
    x, y = np.tile(X, (6, 1)), np.tile(Y, 6)
    before, models = cn.num_threads(), set()
    try:
        for threads in (1, 2, 3):
            cn.set_num_threads(threads)
            models.add(train(params, Dataset(x, y), 4).to_bytes())
    finally:
        cn.set_num_threads(before)
    assert len(models) == 1


def test_trees_of_catboost_with_as_many_steps():
    """The same first split, hence the same leaves: their values are CatBoost's."""
    x = (X[:, :1] > 0.3).astype(float)
    params = {"iterations": 1, "depth": 1, "learning_rate": 0.5, "l2_leaf_reg": 3.0,
              "leaf_estimation_iterations": 6, "leaf_estimation_method": "Newton"}  # fmt: skip
    theirs = catboost.CatBoostClassifier(
        **params, bootstrap_type="No", random_strength=0, boost_from_average=True, verbose=False,
        allow_writing_files=False, leaf_estimation_backtracking="No",
    ).fit(x, Y)  # fmt: skip
    ours = GBDTClassifier(params=params | {"min_child_samples": 1}).fit(x, Y)
    got = ours.predict(x, raw_score=True)
    np.testing.assert_allclose(got, theirs.predict(x, "RawFormulaVal"), rtol=2e-5)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [({"objective": "multiclass", "num_class": 3}, errors.UnsupportedError, '"multiclass"'),
     ({"objective": "absolute"}, errors.UnsupportedError, "smooth sum over rows"),
     ({"linear_tree": True}, errors.ArgumentError, "leaf_estimation_iterations 1 with linear_tree"),
     ({"leaf_estimation_iterations": 0}, errors.ArgumentError, "from 1 to 1000, got 0"),
     ({"monotone_constraints": [1, 0, 0, 0, 0]}, errors.ArgumentError, "monotone_constraints")],
    ids=str,
)  # fmt: skip
def test_what_it_does_not_go_with(options, kind, text):
    with pytest.raises(kind, match=text):
        train({"leaf_estimation_iterations": 3} | options, Dataset(X, Y), 1)
