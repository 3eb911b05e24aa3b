"""Metrics against NumPy formulas and scikit-learn, batch by batch, with weights; 1e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError

skl = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")


def run(metric, truth, predicted, weight=None, batches=3, jit=True):
    """The metric over batches, as pure functions."""
    update = ct.jit(metric.update) if jit else metric.update
    state = metric.init()
    parts = np.array_split(np.arange(len(truth)), batches)
    for part in parts:
        w = None if weight is None else ct.asarray(weight[part])
        state = update(state, ct.asarray(truth[part]), ct.asarray(predicted[part]), w)
    return float(metric.result(state))


@pytest.fixture
def binary(rng):
    truth = (rng.random(200) < 0.4).astype(np.int64)
    score = np.clip(truth * 0.3 + rng.random(200) * 0.7, 0, 1).astype(np.float32)
    return truth, score, rng.random(200).astype(np.float32)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["accuracy", "precision", "recall", "f1"])
def test_binary(binary, name, weighted):
    truth, score, weight = binary
    weight = weight if weighted else None
    ours = {
        "accuracy": nn.Accuracy(),
        "precision": nn.Precision(),
        "recall": nn.Recall(),
        "f1": nn.F1Score(),
    }[name]
    theirs = {
        "accuracy": skl.accuracy_score,
        "precision": skl.precision_score,
        "recall": skl.recall_score,
        "f1": skl.f1_score,
    }[name]
    want = theirs(truth, score > 0.5, sample_weight=weight)
    assert run(ours, truth, score, weight) == pytest.approx(want, rel=1e-5)
    assert run(ours, truth, score[:, None], weight) == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_auc(binary, weighted):
    truth, score, weight = binary
    weight = weight if weighted else None
    want = skl.roc_auc_score(truth, score, sample_weight=weight)
    assert run(nn.AUC(2000), truth, score, weight) == pytest.approx(want, abs=1e-3)
    logits = np.log(score.clip(1e-6, 1 - 1e-6) / (1 - score.clip(1e-6, 1 - 1e-6)))
    assert run(nn.AUC(2000, from_logits=True), truth, logits, weight) == pytest.approx(
        want, abs=1e-3
    )
    want = skl.average_precision_score(truth, score, sample_weight=weight)
    assert run(nn.AUC(2000, "PR"), truth, score, weight) == pytest.approx(want, abs=0.02)


def test_auc_at_the_ends():
    assert run(nn.AUC(), np.array([0, 1]), np.array([0.0, 1.0], np.float32), batches=1) == 1.0
    assert run(nn.AUC(), np.array([1, 0]), np.array([0.0, 1.0], np.float32), batches=1) == 0.0
    assert float(nn.AUC().result()) == 0.0


def test_classes(rng):
    scores = rng.normal(size=(60, 5)).astype(np.float32)
    labels = rng.integers(0, 5, 60)
    want = (scores.argmax(1) == labels).mean()
    assert run(nn.Accuracy(), labels, scores) == pytest.approx(want)
    assert run(nn.Accuracy(), np.eye(5, dtype=np.float32)[labels], scores) == pytest.approx(want)
    assert run(nn.Accuracy(axis=1), labels, scores) == pytest.approx(want)
    for k in (1, 2, 5):
        want = skl.top_k_accuracy_score(labels, scores, k=k) if k < 5 else 1.0
        assert run(nn.TopKAccuracy(k), labels, scores) == pytest.approx(want)
        assert run(
            nn.TopKAccuracy(k), np.eye(5, dtype=np.float32)[labels], scores
        ) == pytest.approx(want)


def test_logits_are_cut_at_zero():
    assert (
        run(nn.Accuracy(0.0), np.array([1, 0]), np.array([0.2, -0.2], np.float32), batches=1) == 1.0
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_numbers(rng, weighted):
    truth, predicted = (
        rng.normal(size=50).astype(np.float32),
        rng.normal(size=50).astype(np.float32),
    )
    weight = rng.random(50).astype(np.float32) if weighted else None
    mse = skl.mean_squared_error(truth, predicted, sample_weight=weight)
    assert run(nn.MeanSquaredError(), truth, predicted, weight) == pytest.approx(mse, rel=1e-5)
    assert run(nn.RootMeanSquaredError(), truth, predicted, weight) == pytest.approx(
        mse**0.5, rel=1e-5
    )
    mae = skl.mean_absolute_error(truth, predicted, sample_weight=weight)
    assert run(nn.MeanAbsoluteError(), truth, predicted[:, None], weight) == pytest.approx(
        mae, rel=1e-5
    )


def test_objects_keep_a_state():
    metric = nn.MeanMetric(lambda t, p: p - t, name="bias")
    assert metric.name == "bias"
    metric.update_state([1.0], [2.0], sample_weight=[3.0])
    metric.update_state([0.0], [0.0])
    assert float(metric.result()) == 0.75
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_wrong_use():
    with pytest.raises(ArgumentError, match="AUC: expected two thresholds"):
        nn.AUC(1)
    with pytest.raises(ArgumentError, match="TopKAccuracy: expected k"):
        nn.TopKAccuracy(0)
    with pytest.raises(ArgumentError, match="Precision: expected labels like"):
        nn.Precision().update_state([1.0, 0.0], [0.5])


@pytest.mark.parametrize("weighted", [False, True])
def test_r2_of_batches_is_that_of_all(rng, weighted):
    """Against the formula in float64, with labels far from 0; 1e-4."""
    t = rng.normal(size=(50, 2)) + 100
    p = t + rng.normal(size=(50, 2)) * 0.5
    w = rng.random(50) if weighted else np.ones(50)
    metric = nn.R2Score()
    for at in range(0, 50, 20):
        metric.update_state(t[at : at + 20], p[at : at + 20], w[at : at + 20] if weighted else None)
    each = np.repeat(w[:, None], 2, axis=1)
    mean = (t * each).sum() / each.sum()
    want = 1 - ((p - t) ** 2 * each).sum() / ((t - mean) ** 2 * each).sum()
    assert float(metric.result()) == pytest.approx(want, abs=1e-4)
    metric.reset_state()
    metric.update_state([2.0, 2.0], [2.0, 3.0])
    assert float(metric.result()) == 0.0


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s,
        lambda s: 5 * s,
        lambda s: np.exp(s - 8),
        lambda s: 1e-30 * np.exp(s),
        lambda s: 1 - np.exp(s - 7),
        lambda s: -np.exp(4 * s),
        lambda s: np.exp(2 * s + 3),
    ],
    ids=["normal", "wide", "small", "tiny", "near_one", "negative", "large"],
)
def test_auc_is_that_of_the_order(rng, change):
    """Of scores of any range; 1e-3 for those that share a bin."""
    truth = (rng.random(2000) < 0.3).astype(np.int64)
    score = change(0.5 * truth + rng.normal(size=2000)).astype(np.float32)
    want = skl.roc_auc_score(truth, score)
    assert run(nn.AUC(), truth, score) == pytest.approx(want, abs=1e-3)
    want = skl.average_precision_score(truth, score)
    assert run(nn.AUC(curve="PR"), truth, score) == pytest.approx(want, abs=3e-3)


def test_small_scores_and_nan():
    truth, score = np.array([0, 1, 0, 1]), np.array([1, 2, 3, 4], np.float32)
    for factor in (1e-7, 1e-3, 1.0, 1e6):
        assert run(nn.AUC(), truth, factor * score) == 0.75
    score[1] = np.nan
    assert np.isnan(run(nn.AUC(), truth, score))
    assert np.isnan(run(nn.AUC(curve="PR"), truth, score))


def test_nan_is_no_hit():
    scores = np.full((3, 4), np.nan, np.float32)
    scores[1:] = [0.1, 0.2, 0.3, 0.4]
    scores[2, 0] = np.nan
    labels = np.array([1, 3, 2])
    assert run(nn.TopKAccuracy(2), labels, scores, batches=1) == pytest.approx(1 / 3)


def test_labels_that_are_left_out(rng):
    scores = rng.normal(size=(60, 7, 5)).astype(np.float32)
    labels = rng.integers(0, 5, (60, 7))
    labels[rng.random((60, 7)) < 0.3] = -100
    kept = labels != -100
    want = (scores.argmax(-1) == labels)[kept].mean()
    assert run(nn.Accuracy(), labels, scores) == pytest.approx(want)
    want = skl.top_k_accuracy_score(labels[kept], scores[kept], k=2)
    assert run(nn.TopKAccuracy(2), labels, scores) == pytest.approx(want)
    rows = (np.arange(60) % 2).astype(np.float32)
    want = (scores.argmax(-1) == labels)[1::2][kept[1::2]].mean()
    assert run(nn.Accuracy(), labels, scores, rows) == pytest.approx(want)
    assert run(nn.Accuracy(ignore_index=3), np.full(4, 3), scores[:4, 0]) == 0.0


@pytest.mark.parametrize("name", ["accuracy", "precision", "recall", "f1_score"])
def test_names_agree_with_objects_on_logits(binary, name):
    truth, score, _ = binary
    logits = (6 * score - 3)[:, None]
    kinds = {"accuracy": nn.Accuracy, "precision": nn.Precision, "recall": nn.Recall,
             "f1_score": nn.F1Score}  # fmt: skip
    other = kinds[name](from_logits=True, name="other")
    half = kinds[name](1 / (1 + np.exp(-0.5)), from_logits=True, name="half")
    model = nn.Model(nn.Lambda(lambda x: x))
    model.compile("sgd", "binary_cross_entropy_with_logits", [name, other, half])
    got = model.evaluate(logits, truth)
    assert got[name] == got["other"]
    assert got["half"] == pytest.approx(run(kinds[name](0.5), truth, logits[:, 0]))
    with pytest.raises(ArgumentError, match="a threshold between 0 and 1"):
        kinds[name](1.0, from_logits=True)
