"""Derivatives of every objective against their losses in float64, and against peers' formulas."""

import itertools

import cnengine as cn
import numpy as np
import pytest
from cnengine import errors
from cnengine._core import gbdt as native
from scipy.special import expit, logsumexp
from scipy.stats import norm


def derivatives(options, labels, scores, round=0):  # noqa: A002
    """Gradients and hessians of the shape of `scores`."""
    parts = {k: np.ascontiguousarray(v, np.float64) if k != "groups" else v
             for k, v in labels.items()}  # fmt: skip
    flat = np.atleast_2d(np.ascontiguousarray(scores, np.float64))
    g, h = native.derivatives(options, parts, flat, round)
    return g.reshape(np.shape(scores)), h.reshape(np.shape(scores))


def slope(loss, s, step=1e-5):
    """d loss(s) / ds by central differences; `loss` gives one number a row."""
    return (loss(s + step) - loss(s - step)) / (2 * step)


def pinball(a):
    return lambda s, y: np.where(y >= s, a * (y - s), (1 - a) * (s - y))


def focal(gamma, alpha):
    def loss(s, y):
        p = np.where(y > 0, expit(s), expit(-s))
        weight = 1.0 if alpha < 0 else np.where(y > 0, alpha, 1 - alpha)
        return -weight * (1 - p) ** gamma * np.log(p)

    return loss


def huber(d):
    return lambda s, y: np.where(abs(s - y) <= d, (s - y) ** 2 / 2, d * (abs(s - y) - d / 2))


# objective, options, loss(s, y), labels, hessian: "curve" (second derivative) or what it is
POINT = [
    ("regression", {}, lambda s, y: (s - y) ** 2 / 2, "real", "curve"),
    ("absolute", {}, lambda s, y: abs(s - y), "real", 1.0),
    ("huber", {"huber_delta": 0.7}, huber(0.7), "real", 1.0),
    ("quantile", {"quantiles": [0.3]}, pinball(0.3), "real", 1.0),
    ("expectile", {"quantiles": [0.8]},
     lambda s, y: np.where(s > y, 0.2, 0.8) * (s - y) ** 2, "real", "curve"),
    ("fair", {"fair_c": 1.5},
     lambda s, y: 1.5**2 * (abs(s - y) / 1.5 - np.log1p(abs(s - y) / 1.5)), "real", "curve"),
    ("mape", {}, lambda s, y: abs(s - y) / np.maximum(1, abs(y)), "real", 1.0),
    ("poisson", {"poisson_max_delta_step": 0.0}, lambda s, y: np.exp(s) - y * s, "count", "curve"),
    ("gamma", {}, lambda s, y: y * np.exp(-s) + s, "positive", "curve"),
    ("tweedie", {"tweedie_power": 1.3},
     lambda s, y: np.exp(0.7 * s) / 0.7 + y * np.exp(-0.3 * s) / 0.3, "count", "curve"),
    ("binary", {}, lambda s, y: np.logaddexp(0, s) - y * s, "binary", "curve"),
    ("binary", {"sigmoid": 2.0, "scale_pos_weight": 3.0},
     lambda s, y: np.where(y > 0, 3, 1) * (np.logaddexp(0, 2 * s) - y * 2 * s), "binary", "curve"),
    ("cross_entropy", {"sigmoid": 3.0},
     lambda s, y: np.logaddexp(0, 3 * s) - y * 3 * s, "share", "curve"),
    ("cross_entropy", {}, lambda s, y: np.logaddexp(0, s) - y * s, "share", "curve"),
    ("focal", {}, focal(2.0, -1), "binary", "clipped"),
    ("focal", {"focal_gamma": 1.5, "focal_alpha": 0.3}, focal(1.5, 0.3), "binary", "clipped"),
]  # fmt: skip


def labels_of(kind, n, rng):
    return {"real": rng.standard_normal(n) * 2, "count": rng.poisson(2, n).astype(float),
            "positive": rng.gamma(2, size=n) + 0.1, "binary": rng.integers(0, 2, n).astype(float),
            "share": rng.random(n)}[kind]  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("objective", "options", "loss", "kind", "hessian"), POINT)
def test_derivatives_of_one_score(objective, options, loss, kind, hessian, weighted):
    rng = np.random.default_rng(len(objective))
    y = labels_of(kind, 500, rng)
    s = rng.standard_normal(500) * 1.5
    s = np.where(abs(s - y) < 1e-3, s + 0.01, s)  # away from the corners
    w = rng.random(500) * 3 if weighted else np.ones(500)
    labels = {"y": y, "weight": w} if weighted else {"y": y}
    g, h = derivatives({"objective": objective, **options}, labels, s)
    np.testing.assert_allclose(g, w * slope(lambda t: loss(t, y), s), rtol=1e-5, atol=1e-7)
    if hessian == 1.0:
        np.testing.assert_array_equal(h, w)
        return
    curve = slope(lambda t: slope(lambda u: loss(u, y), t, 1e-4), s, 1e-4)
    want = curve
    if hessian == "clipped":  # at least what is left without the factor's own slope
        p, alpha = expit(s), options.get("focal_alpha", -1)
        c = 1 if alpha < 0 else np.where(y > 0, alpha, 1 - alpha)
        miss = np.where(y > 0, 1 - p, p) ** options.get("focal_gamma", 2.0)
        want = np.maximum(curve, c * miss * p * (1 - p))
    np.testing.assert_allclose(h, w * want, rtol=1e-4, atol=1e-5)


def test_poisson_has_lightgbms_hessian():
    y, s = np.array([0.0, 3.0]), np.array([0.2, -1.0])
    _, h = derivatives({"objective": "poisson"}, {"y": y}, s)
    np.testing.assert_allclose(h, np.exp(s + 0.7), rtol=1e-12)


def test_several_quantiles_at_once():
    rng = np.random.default_rng(1)
    y, s = rng.standard_normal(100), rng.standard_normal((2, 100))
    g, _ = derivatives({"objective": "quantile", "quantiles": [0.1, 0.9]}, {"y": y}, s)
    for k, a in enumerate([0.1, 0.9]):
        np.testing.assert_allclose(g[k], slope(lambda t, a=a: pinball(a)(t, y), s[k]), atol=1e-6)


@pytest.mark.parametrize("objective", ["multiclass", "multiclassova"])
def test_derivatives_of_classes(objective):
    rng = np.random.default_rng(2)
    y, s, w = rng.integers(0, 4, 200).astype(float), rng.standard_normal((4, 200)), rng.random(200)
    g, h = derivatives({"objective": objective, "num_class": 4}, {"y": y, "weight": w}, s)
    hit = np.eye(4)[y.astype(int)].T
    p = np.exp(s - logsumexp(s, axis=0)) if objective == "multiclass" else expit(s)
    np.testing.assert_allclose(g, w * (p - hit), rtol=1e-9, atol=1e-12)
    factor = 4 / 3 if objective == "multiclass" else 1
    np.testing.assert_allclose(h, w * factor * p * (1 - p), rtol=1e-9, atol=1e-12)


BASES = [
    ("regression", {}, "real", lambda y, w: np.average(y, weights=w)),
    ("huber", {}, "real", lambda y, w: np.average(y, weights=w)),
    ("poisson", {}, "count", lambda y, w: np.log(np.average(y, weights=w))),
    ("gamma", {}, "positive", lambda y, w: np.log(np.average(y, weights=w))),
    ("tweedie", {}, "count", lambda y, w: np.log(np.average(y, weights=w))),
    ("binary", {}, "binary", lambda y, w: np.log(np.average(y, weights=w) / np.average(1 - y, weights=w))),
]  # fmt: skip


@pytest.mark.parametrize(("objective", "options", "kind", "want"), BASES)
def test_base_scores(objective, options, kind, want):
    rng = np.random.default_rng(3)
    y, w = labels_of(kind, 301, rng), rng.random(301)
    (got,) = native.base_scores({"objective": objective, **options}, {"y": y, "weight": w})
    assert got == pytest.approx(want(y, w), rel=1e-12)


@pytest.mark.parametrize(("objective", "options"), [
    ("absolute", {}), ("mape", {}), ("quantile", {"quantiles": [0.2, 0.7]}),
    ("expectile", {"quantiles": [0.2, 0.7]}),
])  # fmt: skip
def test_base_scores_minimise_the_loss(objective, options):
    rng = np.random.default_rng(4)
    y, w = rng.standard_normal(150), rng.random(150)
    given = {"objective": objective, **options}
    metric = {"absolute": "l1"}.get(objective, objective)

    def total(scores):
        flat = np.ascontiguousarray(np.repeat(np.atleast_1d(scores)[:, None], 150, 1))
        return native.evaluate(metric, given, {"y": y, "weight": w}, flat)

    base = np.array(native.base_scores(given, {"y": y, "weight": w}))
    for k in range(len(base)):
        for step in (-0.05, -1e-4, 1e-4, 0.05):
            other = base.copy()
            other[k] += step
            assert total(other) >= total(base) - 1e-12


def queries(rng, sizes):
    n = sum(sizes)
    return rng.integers(0, 5, n).astype(float), rng.standard_normal(n)


def lambdas(y, s, sizes, change, *, normalize, top=30):
    """Burges 2010, with LightGBM's normalisation, pair by pair."""
    g, h, begin = np.zeros(len(y)), np.zeros(len(y)), 0
    for n in sizes:
        q = slice(begin, begin + n)
        order = np.argsort(-s[q], kind="stable")
        total, gq, hq = 0.0, np.zeros(n), np.zeros(n)
        for i in range(min(top, n)):
            for j in range(i + 1, n):
                a, b = order[i], order[j]
                if y[q][a] == y[q][b]:
                    continue
                high, low = (a, b) if y[q][a] > y[q][b] else (b, a)
                apart = s[q][high] - s[q][low]
                delta = change(y[q][order], i, j)
                if normalize and s[q].max() != s[q].min():
                    delta /= 0.01 + abs(apart)
                p = expit(-apart)
                gq[high] -= delta * p
                gq[low] += delta * p
                hq[[high, low]] += delta * p * (1 - p)
                total += 2 * delta * p
        if normalize and total > 0:
            factor = np.log2(1 + total) / total
            gq, hq = gq * factor, hq * factor
        g[q], h[q], begin = gq, hq, begin + n
    return g, h


def dcg(labels):
    return ((2**labels - 1) / np.log2(np.arange(2, len(labels) + 2))).sum()


def ndcg_change(ordered, i, j):
    best = dcg(np.sort(ordered)[::-1][:30])
    swapped = ordered.copy()
    swapped[[i, j]] = swapped[[j, i]]
    return abs(dcg(swapped) - dcg(ordered)) / best if best > 0 else 0.0


def average_precision(ordered):
    hits = ordered > 0
    return (np.cumsum(hits) / np.arange(1, len(ordered) + 1))[hits].sum() / max(1, hits.sum())


def map_change(ordered, i, j):
    swapped = ordered.copy()
    swapped[[i, j]] = swapped[[j, i]]
    return abs(average_precision(swapped) - average_precision(ordered))


@pytest.mark.parametrize(("objective", "change", "normalize"), [
    ("lambdarank", ndcg_change, True), ("lambdarank", ndcg_change, False),
    ("lambdarank_map", map_change, True), ("pairwise", lambda *_: 1.0, False),
])  # fmt: skip
def test_derivatives_of_pairs(objective, change, normalize):
    rng = np.random.default_rng(5)
    sizes = [1, 2, 7, 25, 12]
    y, s = queries(rng, sizes)
    options = {"objective": objective, "ranking_normalize": normalize}
    g, h = derivatives(options, {"y": y, "groups": sizes}, s)
    want_g, want_h = lambdas(y, s, sizes, change, normalize=normalize)
    np.testing.assert_allclose(g, want_g, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(h, want_h, rtol=1e-9, atol=1e-12)


def test_documents_of_weight_0_are_not_there():
    rng = np.random.default_rng(10)
    y, s = queries(rng, [20])
    keep = rng.random(20) < 0.6
    for objective in ("lambdarank", "lambdarank_map", "pairwise"):
        given = {"objective": objective}
        g, h = derivatives(given, {"y": y, "weight": keep.astype(float)}, s)
        want_g, want_h = derivatives(given, {"y": y[keep].copy()}, s[keep])
        np.testing.assert_array_equal(g[keep], want_g)
        np.testing.assert_array_equal(h[keep], want_h)
        assert not g[~keep].any()


def test_xendcg_draws_by_round_and_adds_up_to_nothing():
    rng = np.random.default_rng(6)
    sizes = [30, 40]
    y, s = queries(rng, sizes)
    labels = {"y": y, "groups": sizes}
    first, h = derivatives({"objective": "rank_xendcg"}, labels, s, 0)
    again, _ = derivatives({"objective": "rank_xendcg"}, labels, s, 0)
    other, _ = derivatives({"objective": "rank_xendcg"}, labels, s, 1)
    assert (first == again).all()
    assert (first != other).any()
    rho = np.concatenate([np.exp(q) / np.exp(q).sum() for q in (s[:30], s[30:])])
    np.testing.assert_allclose(h, rho * (1 - rho), rtol=1e-9)
    assert np.corrcoef(first[:30], y[:30])[0, 1] < -0.3  # better grades are pushed up


def xendcg(s, y, draw):
    """Bruch 2021, with the second and third order terms of LightGBM's rank_xendcg."""
    rho = np.exp(s - s.max())
    rho /= rho.sum()
    gain = 2.0**y - draw
    first = rho - gain / gain.sum()
    second = first / (1 - rho)
    third = rho * (second.sum() - second)
    fourth = third / (1 - rho)
    return first + third + rho * (fourth.sum() - fourth)


@pytest.mark.parametrize(("seed", "round_"), [(0, 0), (0, 3), (7, 0), (2**63, 9)])
def test_xendcg_draws_by_seed_round_and_query(draws, seed, round_):
    rng = np.random.default_rng(16)
    sizes = [5, 1, 30, 12]
    y, s = queries(rng, sizes)
    options = {"objective": "rank_xendcg", "seed": seed}
    got, _ = derivatives(options, {"y": y, "groups": sizes}, s, round_)
    ends = np.cumsum([0, *sizes])
    for q, (a, b) in enumerate(itertools.pairwise(ends)):
        draw = draws(seed, "query", round_, np.arange(b - a), q)
        want = xendcg(s[a:b], y[a:b], draw) if b - a > 1 else np.zeros(1)
        np.testing.assert_allclose(got[a:b], want, rtol=1e-9, atol=1e-12)


def cox_loss(s, y, w):
    """Breslow."""
    t, out = abs(y), 0.0
    for i in np.flatnonzero(y > 0):
        risk = t >= t[i]
        out -= w[i] * (s[i] - np.log((w[risk] * np.exp(s[risk])).sum()))
    return out


def test_cox_with_ties_censoring_and_weights():
    rng = np.random.default_rng(7)
    n = 60
    y = np.round(rng.exponential(5, n)) + 1
    y[rng.random(n) < 0.3] *= -1
    s, w = rng.standard_normal(n), rng.random(n) + 0.2
    g, h = derivatives({"objective": "cox"}, {"y": y, "weight": w}, s)
    for i in range(n):

        def at(v, i=i):
            return cox_loss(np.where(np.arange(n) == i, v, s), y, w)

        assert g[i] == pytest.approx(slope(at, s[i]), rel=1e-5, abs=1e-8)
        curve = (at(s[i] + 1e-4) - 2 * at(s[i]) + at(s[i] - 1e-4)) / 1e-8
        assert h[i] == pytest.approx(curve, rel=1e-3, abs=1e-5)


def test_cox_with_scores_far_apart():
    """The largest score leaves first; what stays at risk must not cancel."""
    y, s = np.array([1.0, 2.0, 3.0]), np.array([40.0, 0.0, 0.0])
    g, _ = derivatives({"objective": "cox"}, {"y": y}, s)
    np.testing.assert_allclose(g, [0.0, -0.5, 0.5], atol=1e-12)


DISTRIBUTIONS = {
    "normal": (norm.cdf, norm.pdf),
    "logistic": (expit, lambda z: expit(z) * expit(-z)),
    "extreme": (lambda z: 1 - np.exp(-np.exp(z)), lambda z: np.exp(z - np.exp(z))),
}


@pytest.mark.parametrize("noise", DISTRIBUTIONS)
@pytest.mark.parametrize("censored", ["no", "right", "left", "interval"])
def test_accelerated_failure_time(noise, censored):
    rng = np.random.default_rng(8)
    cdf, pdf = DISTRIBUTIONS[noise]
    low = rng.exponential(2, 80) + 0.2
    high = {"no": low, "right": np.full(80, np.inf), "left": low, "interval": low * 1.7}[censored]
    if censored == "left":
        low = np.zeros(80)
    s, scale = rng.standard_normal(80) * 0.5 + 0.5, 1.3

    def loss(t):
        with np.errstate(divide="ignore"):
            upper, lower = (np.log(high) - t) / scale, (np.log(low) - t) / scale
        if censored == "no":
            return -np.log(pdf(upper) / (scale * low))
        return -np.log(cdf(upper) - cdf(lower))

    options = {"objective": "aft", "aft_noise": noise, "aft_scale": scale}
    g, h = derivatives(options, {"y": low, "upper": high}, s)
    np.testing.assert_allclose(g, np.clip(slope(loss, s), -15, 15), rtol=1e-5, atol=1e-7)
    curve = slope(lambda t: slope(loss, t, 1e-4), s, 1e-4)
    np.testing.assert_allclose(h, np.clip(curve, 1e-16, 15), rtol=1e-3, atol=1e-5)


def test_far_from_the_interval_a_step_towards_it():
    labels = {"y": np.array([1.0, 1.0]), "upper": np.array([1.0, 1.0])}
    g, h = derivatives({"objective": "aft"}, labels, np.array([60.0, -60.0]))
    assert g.tolist() == [15, -15]
    assert (h > 0).all()


BAD = [
    ({"objective": "binary"}, {"y": [0.0, 2.0]}, "labels 0 and 1 in y, got 2 at row 1"),
    ({"objective": "focal"}, {"y": [0.5]}, "labels 0 and 1"),
    ({"objective": "cross_entropy"}, {"y": [1.5]}, "labels from 0 to 1"),
    ({"objective": "poisson"}, {"y": [-1.0]}, "labels >= 0"),
    ({"objective": "gamma"}, {"y": [0.0]}, "labels > 0"),
    ({"objective": "multiclass", "num_class": 3}, {"y": [3.0]}, "integer labels from 0 to 2"),
    ({"objective": "multiclass", "num_class": 3}, {"y": [0.5]}, "integer labels from 0 to 2"),
    ({"objective": "lambdarank"}, {"y": [-1.0]}, "integer grades from 0"),
    ({"objective": "lambdarank"}, {"y": [1e6]}, "integer grades from 0"),
    ({"objective": "cox"}, {"y": [0.0]}, "times other than 0"),
    ({"objective": "aft"}, {"y": [2.0], "upper": [1.0]}, "upper bounds .* got 2 to 1 at row 0"),
    ({"objective": "regression"}, {"y": [np.nan]}, "finite labels in y, got nan at row 0"),
    ({"objective": "regression"}, {"y": [1.0], "weight": [-1.0]}, "weights >= 0"),
    ({"objective": "custom"}, {"y": [1.0]}, "derivatives of a custom objective"),
]


@pytest.mark.parametrize(("options", "labels", "match"), BAD)
def test_labels_that_do_not_fit(options, labels, match):
    outputs = options.get("num_class", 1)
    with pytest.raises(errors.ArgumentError, match=match):
        derivatives(options, labels, np.zeros((outputs, len(labels["y"]))))


@pytest.mark.parametrize(("options", "match"), [
    ({"objective": "regression", "outputs": 0}, "outputs >= 1"),
    ({"objective": "absolute", "outputs": 2}, "outputs 1 for this objective"),
    ({"objective": "lambdarank", "outputs": 2}, "outputs 1 for this objective"),
    ({"objective": "multiclass", "num_class": 1}, "num_class >= 2"),
    ({"objective": "quantile", "quantiles": [1.5]}, "quantiles between 0 and 1"),
    ({"objective": "huber", "huber_delta": -1.0}, "huber_delta > 0"),
    ({"objective": "fair", "fair_c": 0.0}, "fair_c > 0"),
    ({"objective": "tweedie", "tweedie_power": 3.0}, "tweedie_power between 1 and 2"),
    ({"objective": "focal", "focal_gamma": float("nan")}, "focal_gamma >= 0"),
    ({"objective": "binary", "sigmoid": -1.0}, "sigmoid > 0"),
    ({"objective": "aft", "aft_scale": 0.0}, "aft_scale > 0"),
    ({"objective": "lambdarank", "ranking_truncation": 0}, "ranking_truncation >= 1"),
])  # fmt: skip
def test_numbers_of_objectives_out_of_range(options, match):
    y, x = np.zeros(4), np.zeros((4, 1))
    with pytest.raises(errors.ArgumentError, match=f"derivatives: expected {match}"):
        derivatives(options, {"y": y}, np.zeros((max(1, options.get("outputs", 1)), 4)))
    with pytest.raises(errors.ArgumentError, match=f"train: expected {match}"):
        native.train(x, {"y": y}, [], [], options)


def test_labels_are_as_many_as_outputs():
    with pytest.raises(errors.ShapeError, match="expected 2 labels a row in y, got 1"):
        derivatives({"objective": "regression", "outputs": 2}, {"y": np.zeros(4)}, np.zeros((2, 4)))


def test_groups_that_do_not_add_up():
    with pytest.raises(errors.ShapeError, match="hold all 3 rows"):
        derivatives({"objective": "lambdarank"}, {"y": np.zeros(3), "groups": [2, 2]}, np.zeros(3))


@pytest.mark.parametrize("objective", ["lambdarank", "rank_xendcg", "cox", "multiclass"])
def test_threads_do_not_matter(objective):
    rng = np.random.default_rng(9)
    n = 40000
    y = rng.integers(0, 5, n).astype(float) + (1.0 if objective == "cox" else 0.0)
    options = {"objective": objective}
    labels = {"y": y}
    if objective == "multiclass":
        options["num_class"] = 5
    elif objective != "cox":
        labels["groups"] = [100] * 400
    s = rng.standard_normal((5 if objective == "multiclass" else 1, n))
    found = []
    for threads in (1, 4):
        cn.set_num_threads(threads)
        found.append(derivatives(options, labels, s))
    cn.set_num_threads(2)
    np.testing.assert_array_equal(found[0], found[1])
