"""Contributions of 10 k rows x 28 floats to 100 trees x 63 leaves, beside three libraries.

Each explains trees that it grew itself from the same rows; CatBoost's are symmetric, 64 leaves.
"""

import sys
from pathlib import Path

import numpy as np

from bench.harness import THREADS, peer

sys.path.insert(0, str(Path(__file__).resolve().parent))
from data import higgs_like

RAW = {}


def OPS(scale):
    return int(10_000 * scale)


def cases(scale):
    from cnengine.gbdt import GBDTClassifier

    x, y = higgs_like(50_000)
    rows = x[: int(10_000 * scale)]
    ours = GBDTClassifier(n_estimators=100, num_leaves=63).fit(x, y)
    RAW["cnengine"] = ours.predict(rows, raw_score=True)
    yield "cnengine", lambda: ours.booster_.predict_contributions(rows)
    if lightgbm := peer("lightgbm"):
        light = lightgbm.LGBMClassifier(
            n_estimators=100, num_leaves=63, n_jobs=THREADS, verbose=-1
        ).fit(x, y)
        RAW["lightgbm"] = light.predict(rows, raw_score=True)
        yield "lightgbm", lambda: np.asarray(light.predict(rows, pred_contrib=True))
    if xgboost := peer("xgboost"):
        options = {"objective": "binary:logistic", "max_leaves": 63, "max_depth": 0, "eta": 0.1}
        options |= {"grow_policy": "lossguide", "tree_method": "hist", "nthread": THREADS}
        extreme = xgboost.train(options, xgboost.DMatrix(x, y), 100)
        RAW["xgboost"] = extreme.predict(xgboost.DMatrix(rows), output_margin=True)
        yield "xgboost", lambda: extreme.predict(xgboost.DMatrix(rows), pred_contribs=True)
    if catboost := peer("catboost"):
        options = {"depth": 6, "thread_count": THREADS, "verbose": False}
        cat = catboost.CatBoostClassifier(100, allow_writing_files=False, **options).fit(x, y)
        RAW["catboost"] = cat.predict(rows, prediction_type="RawFormulaVal")
        pool = catboost.Pool(rows)
        yield "catboost", lambda: cat.get_feature_importance(pool, type="ShapValues")


def check(results):
    for name, values in results.items():
        np.testing.assert_allclose(values.sum(axis=1), RAW[name], atol=1e-3, err_msg=name)
