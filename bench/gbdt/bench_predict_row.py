"""Predict one row of 28 floats, 500 trees x 63 leaves, beside LightGBM, XGBoost and CatBoost.

A case predicts 500 rows from NumPy, one call each, on one thread; `cnengine predict` goes through
the method that takes many rows, `cnengine` through the one for a row. A rate is rows a second.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from data import higgs_like
from predict_models import TREES, fit_all, scorer

ROWS = 500


def OPS(scale):
    return ROWS


def one_by_one(score, rows):
    return np.array([np.asarray(score(row)).item() for row in rows])


def cases(scale):
    x, y = higgs_like(max(2000, int(100_000 * scale)))
    rows = [x[i : i + 1].copy() for i in range(ROWS)]
    flat = [row[0].astype(np.float64) for row in rows]
    for name, model in fit_all(x, y, TREES if scale >= 1 else 20).items():
        if name == "cnengine":
            score_row = model.booster_.predict_row
            yield name, lambda score=score_row: np.array([score(row, True) for row in flat])
        shown = "cnengine predict" if name == "cnengine" else name
        yield shown, partial(one_by_one, scorer(name, model, 1), rows)


def check(results):
    np.testing.assert_array_equal(results["cnengine"], results["cnengine predict"])
    for name, scores in results.items():
        assert np.corrcoef(scores, results["cnengine"])[0, 1] > 0.7, name
