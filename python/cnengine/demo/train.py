"""Which rows train and which test, the model, and LightGBM with the same settings beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cnengine.demo import scores
from cnengine.demo.features import FEATURES
from cnengine.demo.requests import CATEGORIES
from cnengine.errors import ArgumentError

if TYPE_CHECKING:
    from cnengine.gbdt import GBDTClassifier

# Ten settings were compared; this one was
# chosen by log loss on August and September after training on January to July.
TREES, LEAVES, RATE = 200, 31, 0.05
MIN_ROWS, L2 = 1000, 10.0


@dataclass(frozen=True)
class Split:
    """Row numbers of the requests: to train on, to test on, to replay; labels by row."""

    train: np.ndarray
    test: np.ndarray
    replay: np.ndarray
    labels: np.ndarray
    unlabelled: int


def split(requests: pa.Table) -> Split:
    """January to September trains, October to December tests, December is replayed.

    Of a sample that ends before October the first 60 % of the requests train, the rest tests and
    the last 20 % are replayed. Rows without a label neither train nor test, and are counted.
    """
    month = requests["month"].to_numpy()
    known = requests["label"].is_valid().to_numpy()
    labels = requests["label"].fill_null(False).to_numpy()
    if (month >= 10).any():
        train, replay = month <= 9, month == 12
    else:
        place = np.arange(len(month)) / max(1, len(month))
        train, replay = place < 0.6, place >= 0.8
    chosen = [np.flatnonzero(rows) for rows in (train & known, ~train & known, replay)]
    if len(np.unique(labels[chosen[0]])) < 2:
        raise ArgumentError("demo: the training rows are all of one class; take more days")
    return Split(*chosen, labels, int((~known).sum()))


def fit(matrix: np.ndarray, labels: np.ndarray) -> GBDTClassifier:
    """Train our model on rows of `FEATURES`."""
    from cnengine.gbdt import GBDTClassifier

    model = GBDTClassifier(
        n_estimators=TREES,
        num_leaves=LEAVES,
        learning_rate=RATE,
        min_child_samples=MIN_ROWS,
        lambda_l2=L2,
        categorical_features=list(range(len(CATEGORIES))),
    )
    return model.fit(matrix, labels)


def fit_lightgbm(matrix: np.ndarray, labels: np.ndarray, threads: int):
    """LightGBM with the same settings on the same rows; None when it is not installed."""
    # Threads that spin while they wait starve each other on a busy machine. Read once, at import.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import lightgbm
    except ImportError:
        return None
    settings = {
        "objective": "binary", "num_leaves": LEAVES, "learning_rate": RATE,
        "min_data_in_leaf": MIN_ROWS, "lambda_l2": L2, "max_bin": 255, "num_threads": threads,
        "verbosity": -1, "seed": 0, "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    data = lightgbm.Dataset(
        matrix,
        labels.astype(np.float64),
        feature_name=list(FEATURES),
        categorical_feature=list(range(len(CATEGORIES))),
    )
    return lightgbm.train(settings, data, num_boost_round=TREES)


def judge(labels: np.ndarray, predicted: np.ndarray) -> dict:
    """The figures and curves of one set of predictions."""
    false, true = scores.roc_curve(labels, predicted)
    return {
        "auc": scores.auc(labels, predicted),
        "log_loss": scores.log_loss(labels, predicted),
        "calibration_error": scores.calibration_error(labels, predicted),
        "calibration": scores.calibration(labels, predicted),
        "roc": {"false": false.tolist(), "true": true.tolist()},
    }
