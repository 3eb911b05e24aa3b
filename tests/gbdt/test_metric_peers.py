"""Metrics against those of XGBoost, LightGBM and CatBoost, of the same scores.

Boosters without trees answer the margins that they begin with, so that the peers judge any scores.
XGBoost's and LightGBM's predictions are float32 or pass a sigmoid's table: 1e-5; CatBoost's: 1e-9.
"""

import lightgbm
import numpy as np
import pytest
import xgboost
from cnengine import errors
from cnengine._core import gbdt as native
from cnengine.gbdt.params import resolve
from sklearn import metrics as sk

cb_utils = pytest.importorskip("catboost.utils")


def evaluate(metric, options, labels, scores):
    parts = {k: np.ascontiguousarray(v, np.float64) if k != "groups" else v
             for k, v in labels.items()}  # fmt: skip
    return native.evaluate(metric, options, parts, np.atleast_2d(np.ascontiguousarray(scores)))


POINTS = {"objective": "regression"}
COUNTS = {"objective": "poisson"}


def xgboost_value(
    metric, params, y, scores, weight=None, sizes=None, upper=None, query_weight=None
):
    """The metric as XGBoost finds it; scores are (rows,) or (rows, outputs)."""
    rows = xgboost.DMatrix(np.zeros((len(scores), 1)), y, base_margin=scores)
    if weight is not None:
        rows.set_weight(weight)
    if sizes is not None:
        rows.set_group(sizes)
        if query_weight is not None:
            rows.set_weight(query_weight)
    if upper is not None:
        rows.set_float_info("label_lower_bound", y)
        rows.set_float_info("label_upper_bound", upper)
    params = {"verbosity": 0, "nthread": 1, "eval_metric": metric, "base_score": 0.5, **params}
    params["disable_default_eval_metric"] = True
    text = xgboost.train(params, rows, 0).eval(rows)
    return float(text.rpartition(":")[2])


def lightgbm_value(metric, params, y, scores, weight=None, sizes=None):
    """The metric as LightGBM finds it after a tree that has no split and says nothing."""
    data = lightgbm.Dataset(
        np.zeros((len(y), 1)), y, weight=weight, group=sizes,
        init_score=np.ravel(scores, order="F"), params={"verbose": -1},
    )  # fmt: skip
    found = {}
    params = {"metric": metric, "verbose": -1, "num_threads": 1, "boost_from_average": False,
              "learning_rate": 1e-30, **params}  # fmt: skip
    record = lightgbm.record_evaluation(found)
    lightgbm.train(params, data, 1, valid_sets=[data], callbacks=[record])
    ((value,),) = found["training"].values()
    return float(value)


def data(seed, kind, n=300):
    rng = np.random.default_rng(seed)
    s, w = rng.standard_normal(n).astype(np.float32), rng.integers(1, 5, n).astype(float)
    y = {
        "positive": lambda: rng.gamma(2, size=n) + 0.01,
        "count": lambda: rng.poisson(3, n),
        "real": lambda: 3 * rng.standard_normal(n),
        "binary": lambda: rng.integers(0, 2, n),
        "share": lambda: rng.random(n),
    }[kind]()
    return np.float32(y).astype(float), s.astype(float), w


XGBOOST = [
    ("mphe", "reg:squarederror", POINTS, "real"),
    ("rmsle", "reg:gamma", {"objective": "gamma"}, "positive"),
    ("rmse", "reg:squarederror", POINTS, "real"),
    ("mae", "reg:squarederror", POINTS, "real"),
    ("poisson-nloglik", "count:poisson", COUNTS, "count"),
    ("gamma-nloglik", "reg:gamma", {"objective": "gamma"}, "positive"),
    ("gamma-deviance", "reg:gamma", {"objective": "gamma"}, "positive"),
    ("tweedie-nloglik@1.3", "reg:tweedie", {"objective": "tweedie"}, "count"),
    ("tweedie-nloglik@1.5", "reg:tweedie", {"objective": "tweedie"}, "count"),
    ("logloss", "binary:logistic", {"objective": "binary"}, "binary"),
    ("error", "binary:logistic", {"objective": "binary"}, "binary"),
    ("error@0.7", "binary:logistic", {"objective": "binary"}, "binary"),
    ("error@0.2", "reg:logistic", {"objective": "cross_entropy"}, "share"),
    ("error", "reg:squarederror", POINTS, "binary"),
    ("auc", "binary:logistic", {"objective": "binary"}, "binary"),
    ("aucpr", "binary:logistic", {"objective": "binary"}, "binary"),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("metric", "theirs", "ours", "kind"), XGBOOST)
def test_xgboost(metric, theirs, ours, kind, weighted):
    y, s, w = data(1, kind)
    weight = w if weighted else None
    want = xgboost_value(metric, {"objective": theirs}, y, s, weight)
    got = evaluate(metric, ours, {"y": y, **({"weight": w} if weighted else {})}, s)
    assert np.isfinite(want)
    assert got == pytest.approx(want, rel=1e-5)


def test_mape_of_small_labels_is_lightgbms():
    """XGBoost divides by |y|, LightGBM and CatBoost by max(1, |y|), and so do we."""
    y, s, _ = data(2, "real")
    assert (abs(y) < 1).any()
    got = evaluate("mape", POINTS, {"y": y}, s)
    assert got == pytest.approx(lightgbm_value("mape", POINTS, y, s), rel=1e-5)
    assert got == pytest.approx(cb_utils.eval_metric(y, s, "MAPE")[0], rel=1e-9)
    large = np.sign(y) * (1 + abs(y))
    theirs = xgboost_value("mape", {}, large, s)
    assert evaluate("mape", POINTS, {"y": large}, s) == pytest.approx(theirs, rel=1e-5)


def ties(s):
    return np.round(2 * s) / 2


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric", ["mlogloss", "merror", "auc", "aucpr"])
def test_xgboost_classes(metric, weighted, tied):
    rng = np.random.default_rng(3)
    y, s = rng.integers(0, 4, 300).astype(float), rng.standard_normal((300, 4))
    if tied and metric == "mlogloss":  # chances that are equal but for rounding have no order
        s = ties(s)
    w = rng.integers(1, 5, 300).astype(float)
    params = {"objective": "multi:softprob", "num_class": 4}
    want = xgboost_value(metric, params, y, s, w if weighted else None)
    options = {"objective": "multiclass", "num_class": 4}
    got = evaluate(metric, options, {"y": y, **({"weight": w} if weighted else {})}, s.T)
    assert got == pytest.approx(want, rel=2e-5)


RANKINGS = ["ndcg", "ndcg@1", "ndcg@5", "ndcg-", "ndcg@3-", "map", "map@3", "map-", "map@4-",
            "pre@1", "pre@4", "pre@50"]  # fmt: skip


def ranking(seed, grades, some=0):
    rng = np.random.default_rng(seed)
    sizes = [1, 3, 20, 7, 30, 12]  # up to 32, where XGBoost stops
    n = sum(sizes)
    y, s = rng.integers(0, grades, n).astype(float), rng.standard_normal(n)
    y[0] = 1
    y[4:24] *= some  # a query without anything good
    return y, np.float32(s).astype(float), sizes


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric", RANKINGS)
def test_xgboost_rankings(metric, weighted):
    # XGBoost forgets the weight of queries without anything good.
    y, s, sizes = ranking(4, 2 if metric[0] in "mp" else 4, int(weighted))
    queries = np.arange(1.0, 7.0) if weighted else None
    want = xgboost_value(metric, {"objective": "rank:ndcg"}, y, s, None, sizes, None, queries)
    labels = {"y": y, "groups": sizes}
    if weighted:
        labels["weight"] = np.repeat(queries, sizes)
    got = evaluate(metric, {"objective": "lambdarank"}, labels, s)
    assert got == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize("metric", ["aft-nloglik", "interval-regression-accuracy"])
@pytest.mark.parametrize("noise", ["normal", "logistic", "extreme"])
def test_xgboost_intervals(metric, noise):
    rng = np.random.default_rng(5)
    s = np.float32(rng.standard_normal(300)).astype(float)
    low = np.exp(s + rng.standard_normal(300)) * 0.7
    high = low * rng.choice([1.0, 1.5, 3.0, np.inf], 300)
    low[high == low * 3.0] = 0.0
    params = {"objective": "survival:aft", "aft_loss_distribution": noise,
              "aft_loss_distribution_scale": 1.0}  # fmt: skip
    want = xgboost_value(metric, params, low, s, upper=high)
    options = {"objective": "aft", "aft_noise": noise}
    got = evaluate(metric, options, {"y": low, "upper": high}, s)
    assert got == pytest.approx(want, rel=2e-5)


def test_xgboost_cox():
    rng = np.random.default_rng(6)
    y = np.round(rng.exponential(5, 200)) + 1
    y[rng.random(200) < 0.4] *= -1
    s = np.float32(rng.standard_normal(200)).astype(float)
    want = xgboost_value("cox-nloglik", {"objective": "survival:cox"}, y, s)
    assert evaluate("cox-nloglik", {"objective": "cox"}, {"y": y}, s) == pytest.approx(
        want, rel=1e-5
    )


LIGHTGBM = [
    ("l1", POINTS, "real"), ("l2", POINTS, "real"), ("rmse", POINTS, "real"),
    ("r2", POINTS, "real"), ("mape", POINTS, "real"),
    ("huber", {"objective": "huber", "alpha": 0.4}, "real"),
    ("fair", {"objective": "fair", "fair_c": 2.0}, "real"),
    ("quantile", {"objective": "quantile", "alpha": 0.3}, "real"),
    ("poisson", COUNTS, "count"), ("gamma", {"objective": "gamma"}, "positive"),
    ("tweedie", {"objective": "tweedie", "tweedie_variance_power": 1.3}, "count"),
    ("binary_logloss", {"objective": "binary"}, "binary"),
    ("binary_error", {"objective": "binary"}, "binary"),
    ("auc", {"objective": "binary"}, "binary"),
    ("average_precision", {"objective": "binary"}, "binary"),
    ("cross_entropy", {"objective": "cross_entropy"}, "share"),
    ("kullback_leibler", {"objective": "cross_entropy"}, "share"),
    ("kldiv", {"objective": "cross_entropy"}, "binary"),
]  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("metric", "params", "kind"), LIGHTGBM)
def test_lightgbm(metric, params, kind, weighted):
    y, s, w = data(7, kind)
    want = lightgbm_value(metric, params, y, s, w if weighted else None)
    options = resolve({**params, "metric": metric})
    labels = {"y": y, **({"weight": w} if weighted else {})}
    got = evaluate(options.pop("metrics")[0], options, labels, s)
    assert got == pytest.approx(want, rel=1e-5, abs=1e-7)


def test_gamma_deviance_is_a_mean():
    """XGBoost's is a mean and so is ours; LightGBM's is that mean times the weight of all rows."""
    y, s, w = data(8, "positive")
    got = evaluate("gamma_deviance", {"objective": "gamma"}, {"y": y, "weight": w}, s)
    want = lightgbm_value("gamma_deviance", {"objective": "gamma"}, y, s, w)
    assert got * w.sum() == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric", ["auc_mu", "multi_error", "multi_logloss", "multi_error@2"])
def test_lightgbm_classes(metric, weighted, tied):
    rng = np.random.default_rng(9)
    y, s = rng.integers(0, 4, 300).astype(float), rng.standard_normal((300, 4))
    s = ties(s) if tied else s  # of two best classes LightGBM takes none
    w = rng.integers(1, 5, 300).astype(float)
    name, _, top = metric.partition("@")
    params = {"objective": "multiclass", "num_class": 4, "multi_error_top_k": int(top or 1)}
    want = lightgbm_value(name, params, y, s, w if weighted else None)
    options = resolve({**params, "metric": name})
    labels = {"y": y, **({"weight": w} if weighted else {})}
    got = evaluate(options.pop("metrics")[0], options, labels, s.T)
    assert got == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("metric", ["ndcg", "map"])
@pytest.mark.parametrize("at", [1, 3, 10])
def test_lightgbm_rankings(metric, at):
    y, s, sizes = ranking(10, 4 if metric == "ndcg" else 2)
    params = {"objective": "lambdarank", "eval_at": [at], "metric": metric}
    want = lightgbm_value(metric, params, y, s, sizes=sizes)
    options = resolve(params)
    got = evaluate(options.pop("metrics")[0], options, {"y": y, "groups": sizes}, s)
    assert got == pytest.approx(want, rel=1e-9)


CATBOOST = {
    "real": ["RMSE", "MAE", "MAPE", "R2", "Quantile", "Quantile:alpha=0.3", "Expectile:alpha=0.3",
             "Huber:delta=1.5", "FairLoss:smoothness=2", "SMAPE", "LogCosh"],
    "positive": ["MSLE"],
    "count": ["Poisson", "Tweedie:variance_power=1.3"],
    "binary": ["Logloss", "BrierScore", "Accuracy", "Accuracy:proba_border=0.7", "F1", "Precision",
               "Recall", "BalancedAccuracy", "MCC", "Kappa", "AUC", "AUC:type=Classic", "PRAUC",
               "Logloss:hints=skip_train~true"],
}  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("kind", "metric"), [(k, m) for k, all_ in CATBOOST.items() for m in all_])
def test_catboost(kind, metric, weighted):
    y, s, w = data(11, kind)
    s = abs(s) if metric == "MSLE" else s
    weighted = weighted and metric not in ("Kappa", "MCC")
    peer = metric.partition(":hints")[0]
    want = cb_utils.eval_metric(y, s, peer, weight=w if weighted else None)[0]
    objective = {"binary": "binary", "count": "poisson"}.get(kind, "regression")
    objective = "tweedie" if metric.startswith("Tweedie") else objective
    (name,) = resolve({"eval_metric": metric})["metrics"]
    labels = {"y": y, **({"weight": w} if weighted else {})}
    got = evaluate(name, {"objective": objective}, labels, s)
    assert got == pytest.approx(want, rel=1e-4 if metric == "LogCosh" else 1e-6)  # a table there


@pytest.mark.parametrize(
    "metric", ["Accuracy", "MCC", "Kappa", "MultiClass", "MultiClassOneVsAll", "AUC:type=Mu"]
)
def test_catboost_classes(metric):
    rng = np.random.default_rng(12)
    y, s = rng.integers(0, 4, 300), rng.standard_normal((300, 4))
    want = cb_utils.eval_metric(y, s, metric)[0]
    (name,) = resolve({"eval_metric": metric})["metrics"]
    options = {"objective": "multiclass", "num_class": 4}
    got = evaluate(name, options, {"y": y.astype(float)}, s.T)
    assert got == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize(
    "metric", ["NDCG:type=Exp", "NDCG:top=3;type=Exp", "MAP", "MAP:top=3", "MRR", "MRR:top=2",
               "PrecisionAt:top=3"]
)  # fmt: skip
def test_catboost_rankings(metric):
    y, s, sizes = ranking(13, 4 if metric.startswith("NDCG") else 2)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    want = cb_utils.eval_metric(y, s, metric, group_id=groups)[0]
    (name,) = resolve({"eval_metric": metric})["metrics"]
    got = evaluate(name, {"objective": "lambdarank"}, {"y": y, "groups": sizes}, s)
    assert got == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("classes", [2, 4])
def test_confusion_against_scikit_learn(classes):
    rng = np.random.default_rng(14)
    y, w = rng.integers(0, classes, 300), rng.random(300)
    s = rng.standard_normal((classes if classes > 2 else 1, 300))
    guess = (s[0] > 0).astype(int) if classes == 2 else s.argmax(0)
    options = {"objective": "binary"}
    if classes > 2:
        options = {"objective": "multiclass", "num_class": classes}
    known = {"accuracy": sk.accuracy_score, "balanced_accuracy": sk.balanced_accuracy_score,
             "mcc": sk.matthews_corrcoef, "kappa": sk.cohen_kappa_score}  # fmt: skip
    if classes == 2:
        known |= {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
    for name, function in known.items():
        want = function(y, guess, sample_weight=w)
        got = evaluate(name, options, {"y": y.astype(float), "weight": w}, s)
        assert got == pytest.approx(want, rel=1e-10), name


@pytest.mark.parametrize("metric", ["precision", "recall", "f1", "mcc", "kappa"])
def test_ratios_of_nothing_are_zero(metric):
    got = evaluate(metric, {"objective": "binary"}, {"y": np.zeros(5)}, -np.ones(5))
    assert got == 0.0


def test_r2_of_several_outputs_is_their_mean():
    rng = np.random.default_rng(15)
    y, s, w = rng.standard_normal((200, 3)) * [1, 10, 100] + 5, None, rng.random(200)
    s = y + rng.standard_normal((200, 3)) * [0.5, 1, 150]
    labels = {"y": np.ascontiguousarray(y.T), "weight": w}
    got = evaluate("r2", {"outputs": 3}, labels, s.T)
    assert got == pytest.approx(sk.r2_score(y, s, sample_weight=w), rel=1e-12)
    y[:, 0] = 2.0
    for first, value in ((2.0, 1.0), (3.0, 0.0)):  # labels that are all the same
        s[:, 0] = first
        got = evaluate("r2", {"outputs": 3}, {"y": np.ascontiguousarray(y.T)}, s.T)
        assert got == pytest.approx(sk.r2_score(y, s), rel=1e-12)
        alone = evaluate("r2", {}, {"y": y[:, 0].copy()}, s[:, 0])
        assert alone == value


@pytest.mark.parametrize(("name", "value"), [
    ("quantile@0.9", lambda y, s: np.where(y >= s, 0.9 * (y - s), 0.1 * (s - y))),
    ("expectile@0.2", lambda y, s: np.where(y > s, 0.2, 0.8) * (y - s) ** 2),
    ("huber@2", lambda y, s: np.where(abs(y - s) <= 2, (y - s) ** 2 / 2, 2 * abs(y - s) - 2)),
    ("fair@0.5", lambda y, s: 0.25 * (abs(y - s) / 0.5 - np.log1p(abs(y - s) / 0.5))),
    ("mphe@3", lambda y, s: 9 * (np.sqrt(1 + ((y - s) / 3) ** 2) - 1)),
    ("accuracy@0.1", lambda y, s: (s > 0.1) == (y > 0.5)),
])  # fmt: skip
def test_numbers_after_the_name(name, value):
    y, s, _ = data(16, "real")
    got = evaluate(name, POINTS, {"y": y}, s)
    assert got == pytest.approx(np.mean(value(y, s)), rel=1e-10)


@pytest.mark.parametrize("name", [
    "quantile@1", "quantile@x", "quantile@", "tweedie-nloglik@2", "huber@0", "error@nan", "error@inf",
    "auc@0.5", "auc-", "pre-", "ndcg@2.5", "ndcg@3--", "-", "rmse-", "l2@1", "mphe@-1",
])  # fmt: skip
def test_numbers_that_do_not_fit(name):
    with pytest.raises(errors.ArgumentError, match="evaluate: unknown metric"):
        evaluate(name, {"objective": "lambdarank"}, {"y": np.zeros(2)}, np.zeros(2))


@pytest.mark.parametrize(("name", "objective"), [
    ("auc_mu", "binary"), ("f1", "multiclass"), ("cox-nloglik", "aft"), ("aft-nloglik", "cox"),
    ("interval-regression-accuracy", "regression"), ("ova_logloss", "regression"),
])  # fmt: skip
def test_metrics_that_do_not_fit_the_objective(name, objective):
    options = {"objective": objective, **({"num_class": 3} if objective == "multiclass" else {})}
    scores = np.zeros((3 if objective == "multiclass" else 1, 2))
    with pytest.raises(errors.ArgumentError, match=f'"{name}" does not fit'):
        evaluate(name, options, {"y": np.ones(2)}, scores)


def test_unknown_numbers_of_catboost_are_not_dropped():
    for name in ("Quantile:alpha=0.3;border=2", "NDCG", "RMSE:top=3", "NDCG:type=Base"):
        assert resolve({"eval_metric": name})["metrics"] == [name]
