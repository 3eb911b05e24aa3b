"""Predict 1 M x 28 floats with 500 trees x 63 leaves, beside LightGBM, XGBoost and CatBoost.

Raw scores of float32 rows from NumPy, models trained on the same 100,000 rows. CatBoost's trees are
symmetric. `cnengine, catboost's` is a model of CatBoost read and scored by cnengine, and so on;
margins may differ by 1e-6 * max(1, |margin|).
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from bench.harness import THREADS

sys.path.insert(0, str(Path(__file__).resolve().parent))
from data import auc, higgs_like
from predict_models import TREES, fit_all, scorer

LABELS = []


def OPS(scale):
    return int(1_000_000 * scale)


SAVE = {
    "lightgbm": lambda model, path: model.booster_.save_model(path),
    "xgboost": lambda model, path: model.get_booster().save_model(path + ".json"),
    "catboost": lambda model, path: model.save_model(path, format="json"),
}


def read_from(name, model):
    """A peer's model, read by cnengine."""
    from cnengine.gbdt import load_model

    with tempfile.TemporaryDirectory() as folder:
        SAVE[name](model, f"{folder}/model")
        return load_model(next(Path(folder).iterdir()))


def cases(scale):
    x, y = higgs_like(int(1_000_000 * scale))
    LABELS[:] = [y]
    for name, model in fit_all(x, y, TREES if scale >= 1 else 20).items():
        yield name, partial(scorer(name, model, THREADS), x)
        if name != "cnengine":
            ours = read_from(name, model)
            yield f"cnengine, {name}'s", partial(scorer("cnengine", ours, THREADS), x)


def check(results):
    aucs = {name: auc(LABELS[0], scores) for name, scores in results.items()}
    assert max(aucs.values()) - aucs["cnengine"] < 0.02, aucs
    for name in SAVE:
        if name in results:
            theirs, ours = results[name], results[f"cnengine, {name}'s"]
            assert np.all(np.abs(ours - theirs) <= 1e-6 * np.maximum(1, np.abs(theirs))), name
