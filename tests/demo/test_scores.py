"""Scores against scikit-learn, whose definitions they share."""

import math

import numpy as np
import pytest
from cnengine.demo import scores
from cnengine.errors import ShapeError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

metrics = pytest.importorskip("sklearn.metrics")

rows = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        hnp.arrays(bool, n), hnp.arrays(float, n, elements=st.sampled_from([0, 0.1, 0.5, 0.7, 1]))
    )
)


@given(rows)
def test_auc_and_log_loss_agree(data):
    labels, predicted = data
    want = metrics.log_loss(labels, predicted, labels=[False, True])
    assert scores.log_loss(labels, predicted) == pytest.approx(want, rel=1e-12)
    if labels.all() or not labels.any():
        assert math.isnan(scores.auc(labels, predicted))
        return
    want = metrics.roc_auc_score(labels, predicted)
    assert scores.auc(labels, predicted) == pytest.approx(want, abs=1e-12)
    false, true = scores.roc_curve(labels, predicted)
    assert np.trapezoid(true, false) == pytest.approx(want, abs=1e-12)


def test_roc_curve_is_thinned_but_whole():
    random = np.random.default_rng(0)
    predicted = random.random(5000)
    labels = random.random(5000) < predicted
    false, true = scores.roc_curve(labels, predicted, points=100)
    assert len(false) <= 100
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(true, false) == pytest.approx(scores.auc(labels, predicted), abs=0.002)


def test_calibration_of_true_probabilities():
    random = np.random.default_rng(1)
    predicted = random.random(100_000)
    labels = random.random(100_000) < predicted
    table = scores.calibration(labels, predicted, bins=10)
    assert [row["rows"] for row in table] == [10_000] * 10
    for row in table:  # a share of 10,000 draws deviates by less than five of its errors
        assert row["observed"] == pytest.approx(row["predicted"], abs=5 * 0.005)
    assert scores.calibration_error(labels, predicted) < 0.01
    assert scores.calibration_error(labels, predicted**3) > 0.1


def test_empty_and_unequal():
    assert math.isnan(scores.log_loss([], []))
    assert math.isnan(scores.auc([], []))
    assert math.isnan(scores.calibration_error([], []))
    assert scores.calibration([], []) == []
    for call in (scores.auc, scores.log_loss, scores.roc_curve, scores.calibration):
        with pytest.raises(ShapeError, match=r"one length, got shapes \(1,\) and \(2,\)"):
            call([1], [0.5, 0.5])
