"""Metrics against scikit-learn and against their formulas in float64."""

import itertools

import numpy as np
import pytest
from cnengine import errors
from cnengine._core import gbdt as native
from scipy.special import expit, softmax
from sklearn import metrics as sk


def evaluate(metric, options, labels, scores):
    parts = {k: np.ascontiguousarray(v, np.float64) if k != "groups" else v
             for k, v in labels.items()}  # fmt: skip
    flat = np.atleast_2d(np.ascontiguousarray(scores, np.float64))
    return native.evaluate(metric, options, parts, flat)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("metric", "want"), [
    ("l2", sk.mean_squared_error), ("rmse", sk.root_mean_squared_error),
    ("l1", sk.mean_absolute_error), ("mae", sk.mean_absolute_error), ("r2", sk.r2_score),
])  # fmt: skip
def test_regression(metric, want, weighted):
    rng = np.random.default_rng(1)
    y, s, w = rng.standard_normal(300), rng.standard_normal(300), rng.random(300)
    labels = {"y": y, "weight": w} if weighted else {"y": y}
    expected = want(y, s, sample_weight=w if weighted else None)
    assert evaluate(metric, {}, labels, s) == pytest.approx(expected, rel=1e-12)


FORMULAS = [
    ("mape", {}, lambda y, s: abs(y - s) / np.maximum(1, abs(y))),
    ("huber", {"huber_delta": 0.5},
     lambda y, s: np.where(abs(y - s) <= 0.5, (y - s) ** 2 / 2, 0.5 * (abs(y - s) - 0.25))),
    ("fair", {"fair_c": 2.0}, lambda y, s: 4 * (abs(y - s) / 2 - np.log1p(abs(y - s) / 2))),
    ("quantile", {"objective": "quantile", "quantiles": [0.2]},
     lambda y, s: np.where(y >= s, 0.2 * (y - s), 0.8 * (s - y))),
    ("poisson", {"objective": "poisson"}, lambda y, s: np.exp(s) - y * s),
    ("gamma", {"objective": "gamma"}, lambda y, s: y * np.exp(-s) + s),
    ("gamma_deviance", {"objective": "gamma"},
     lambda y, s: 2 * (y * np.exp(-s) - np.log(y * np.exp(-s)) - 1)),
    ("tweedie", {"objective": "tweedie"},
     lambda y, s: np.exp(0.5 * s) / 0.5 + y * np.exp(-0.5 * s) / 0.5),
]  # fmt: skip


@pytest.mark.parametrize(("metric", "options", "formula"), FORMULAS)
def test_formulas(metric, options, formula):
    rng = np.random.default_rng(2)
    y, s, w = rng.gamma(2, size=200), rng.standard_normal(200), rng.random(200)
    want = np.average(formula(y, s), weights=w)
    assert evaluate(metric, options, {"y": y, "weight": w}, s) == pytest.approx(want, rel=1e-10)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ties", [False, True])
def test_binary(weighted, ties):
    rng = np.random.default_rng(3)
    y, s = rng.integers(0, 2, 400).astype(float), rng.standard_normal(400)
    s = np.round(s) if ties else s
    w = rng.random(400) if weighted else None
    labels = {"y": y, "weight": w} if weighted else {"y": y}
    for metric, want in [
        ("auc", sk.roc_auc_score(y, s, sample_weight=w)),
        ("average_precision", sk.average_precision_score(y, s, sample_weight=w)),
        ("binary_logloss", sk.log_loss(y, expit(s), sample_weight=w)),
        ("error", np.average((s > 0) != y, weights=w)),
    ]:
        got = evaluate(metric, {"objective": "binary"}, labels, s)
        assert got == pytest.approx(want, rel=1e-9), metric


def test_classes():
    rng = np.random.default_rng(4)
    y, s = rng.integers(0, 5, 300), rng.standard_normal((300, 5))
    options = {"objective": "multiclass", "num_class": 5}
    labels = {"y": y.astype(float)}
    p = softmax(s, axis=1)
    got = evaluate("mlogloss", options, labels, s.T)
    assert got == pytest.approx(sk.log_loss(y, p, labels=range(5)), rel=1e-10)
    for at in (1, 2, 3):
        want = 1 - sk.top_k_accuracy_score(y, p, k=at)
        got = evaluate("multi_error" + (f"@{at}" if at > 1 else ""), options, labels, s.T)
        assert got == pytest.approx(want, abs=1e-12)


def test_rankings():
    rng = np.random.default_rng(5)
    sizes = [1, 4, 20, 9, 30]
    n = sum(sizes)
    y, s = rng.integers(0, 4, n).astype(float), rng.standard_normal(n)
    y[1:5] = 0  # a query without anything good
    labels, options = {"y": y, "groups": sizes}, {"objective": "lambdarank"}
    ends = np.cumsum([0, *sizes])
    parts = [(y[a:b], s[a:b]) for a, b in itertools.pairwise(ends)]
    for at in (None, 1, 5, 100):
        name = "" if at is None else f"@{at}"
        ndcg = [
            sk.ndcg_score([2**q - 1], [t], k=at) if len(q) > 1 and q.max() > 0 else 1.0
            for q, t in parts
        ]
        assert evaluate("ndcg" + name, options, labels, s) == pytest.approx(np.mean(ndcg), rel=1e-9)
    full = [sk.average_precision_score(q > 0, t) if q.max() > 0 else 1.0 for q, t in parts]
    assert evaluate("map", options, labels, s) == pytest.approx(np.mean(full), rel=1e-9)
    first = [
        1 / (1 + np.flatnonzero(q[np.argsort(-t)] > 0)[0]) if q.max() > 0 else 0 for q, t in parts
    ]
    assert evaluate("mrr", options, labels, s) == pytest.approx(np.mean(first), rel=1e-12)


def test_times():
    rng = np.random.default_rng(6)
    y = np.round(rng.exponential(5, 120)) + 1
    y[::3] *= -1
    s = rng.standard_normal(120)
    t, event = abs(y), y > 0
    likelihood = [np.log(np.exp(s[t >= t[i]]).sum()) - s[i] for i in np.flatnonzero(event)]
    options = {"objective": "cox"}
    got = evaluate("cox-nloglik", options, {"y": y}, s)
    assert got == pytest.approx(np.mean(likelihood), rel=1e-10)
    pairs = [(s[i] > s[j]) + 0.5 * (s[i] == s[j])
             for i in np.flatnonzero(event) for j in range(120) if t[i] < t[j]]  # fmt: skip
    assert evaluate("c_index", options, {"y": y}, s) == pytest.approx(np.mean(pairs), rel=1e-12)


def pairwise_c_index(time, event, later_is_larger, s, w):
    """Harrell's: all pairs, one by one."""
    good = known = 0.0
    for i in np.flatnonzero(event):
        after = time > time[i]
        apart = (s[i] - s[after]) * (-1 if later_is_larger else 1)
        good += w[i] * (w[after] * np.where(apart == 0, 0.5, apart > 0)).sum()
        known += w[i] * w[after].sum()
    return good / known if known else 0.5


@pytest.mark.parametrize("objective", ["cox", "aft"])
@pytest.mark.parametrize(("n", "ties"), [(1, False), (2, True), (500, False), (500, True)])
@pytest.mark.parametrize("weighted", [False, True])
def test_c_index_is_that_of_all_pairs(objective, n, ties, weighted):
    rng = np.random.default_rng(n + ties)
    time = rng.exponential(5, n) + 0.1
    time = np.ceil(time) if ties else time
    event = rng.random(n) < 0.6
    s = rng.standard_normal(n)
    s = np.round(s) if ties else s
    w = rng.random(n) + 0.01 if weighted else np.ones(n)
    if objective == "cox":
        labels = {"y": np.where(event, time, -time)}
    else:
        labels = {"y": time, "upper": np.where(event, time, np.inf)}
    want = pairwise_c_index(time, event, objective == "aft", s, w)
    got = evaluate("c_index", {"objective": objective}, {**labels, "weight": w}, s)
    assert got == pytest.approx(want, rel=1e-12)


def test_c_index_of_many_rows_needs_no_pairs():
    n = 300_000  # all pairs: 9e10 comparisons
    y = np.arange(1.0, n + 1)
    s = np.where(np.arange(n) < n // 2, y, -y)  # the first half is in the wrong order
    good = n * (n - 1) / 2 - (n // 2) * (n // 2 - 1) / 2
    got = evaluate("c_index", {"objective": "cox"}, {"y": y}, s)
    assert got == pytest.approx(good / (n * (n - 1) / 2), rel=1e-12)


@pytest.mark.parametrize("name", ["nothing", "ndcg@0", "ndcg@x", "auc@3", "@"])
def test_metrics_that_there_are_not(name):
    with pytest.raises(errors.ArgumentError, match="evaluate: unknown metric"):
        evaluate(name, {"objective": "lambdarank"}, {"y": np.zeros(2)}, np.zeros(2))


def test_metrics_that_do_not_fit():
    with pytest.raises(errors.ArgumentError, match='"multi_error" does not fit objective "binary"'):
        evaluate("multi_error", {"objective": "binary"}, {"y": np.zeros(2)}, np.zeros(2))


def test_a_query_weighs_the_mean_of_its_rows():
    y, s = np.array([0.0, 1, 1, 0]), np.array([1.0, 0, 1, 0])
    options, labels = {"objective": "lambdarank"}, {"y": y, "groups": [2, 2]}
    one = np.log(2) / np.log(3)
    for w, share in (([1.0, 3, 1, 1], 2 / 3), ([1.0, 1, 1, 1], 1 / 2)):
        got = evaluate("ndcg", options, {**labels, "weight": w}, s)
        assert got == pytest.approx(share * one + (1 - share), rel=1e-12)


@pytest.mark.parametrize("metric", ["ndcg", "map", "c_index", "aft-nloglik"])
def test_rankings_and_times_need_their_labels(metric):
    with pytest.raises(errors.ArgumentError, match="does not fit objective"):
        evaluate(metric, {}, {"y": np.array([1e9, -3.5])}, np.zeros(2))
