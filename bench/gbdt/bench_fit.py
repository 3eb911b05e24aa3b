"""Fit, 100 trees x 63 leaves, 255 bins, beside LightGBM, XGBoost and CatBoost; `--set NAME`.

The sets are those of data.py, "higgs" when none is named. CatBoost grows its own symmetric trees of
depth 6 (64 leaves) with 254 borders. Sets in float32; what a learner makes of them first (bins,
pools) counts. `quality` is the AUC on the held out rows, for covertype the log loss, for mslr
NDCG@10.
"""

import sys
from pathlib import Path

import numpy as np

from bench.harness import THREADS, peer

sys.path.insert(0, str(Path(__file__).resolve().parent))
import data

SETS = tuple(data.ROWS)
SET = "higgs"  # `--set` changes it
WARM_UP = False
ROUNDS = lambda name: LONG.get(name, 3)  # noqa: E731
LONG = {"higgs11": 2, "airline": 2, "epsilon": 1, "mslr": 1, "bosch": 1}  # minutes a fit
TREES, LEAVES, BINS, RATE = 100, 63, 255, 0.1


def judge(held: data.Data, score: np.ndarray) -> float:
    """AUC, log loss or NDCG@10 of the scores of the held out rows."""
    if held.task == "multiclass":
        return data.multi_log_loss(held.held_y, score)
    if held.task == "rank":
        return data.ndcg(held.held_y, score, held.held_groups)
    return data.auc(held.held_y, score)


def cases(scale):
    d = data.load(SET, scale)
    yield "cnengine", lambda: judge(d, ours(d))
    if d.task == "binary":  # CatBoost's default
        yield "cnengine-random", lambda: judge(d, ours(d, params={"random_strength": 1}))
    if d.task == "binary" and not d.categorical:
        # CatBoost's kind of tree and of leaf values.
        more = {"grow_policy": "symmetric", "max_depth": 6, "num_leaves": 64,
                "params": {"leaf_estimation_iterations": 10}}  # fmt: skip
        yield "cnengine-symmetric", lambda: judge(d, ours(d, **more))
    peers = {"lightgbm": with_lightgbm, "xgboost": with_xgboost, "catboost": with_catboost}
    for name, fit in peers.items():
        if module := peer(name):
            yield name, lambda fit=fit, module=module: judge(d, fit(module, d))


def ours(d: data.Data, **options) -> np.ndarray:
    """Scores of the held out rows."""
    from cnengine import gbdt

    size = {"n_estimators": TREES, "num_leaves": LEAVES, "learning_rate": RATE, **options}
    if d.task == "rank":
        model = gbdt.GBDTRanker(**size).fit(d.x, d.y, group=d.groups)
        return model.predict(d.held_x)
    model = gbdt.GBDTClassifier(categorical_features=d.categorical or None, **size).fit(d.x, d.y)
    probability = model.predict_proba(d.held_x)
    return probability if d.task == "multiclass" else probability[:, 1]


def with_lightgbm(lightgbm, d: data.Data) -> np.ndarray:
    objective = {"binary": "binary", "multiclass": "multiclass", "rank": "lambdarank"}[d.task]
    params = {"objective": objective, "num_leaves": LEAVES, "learning_rate": RATE, "max_bin": BINS,
              "num_threads": THREADS, "verbose": -1}  # fmt: skip
    if d.task == "multiclass":
        params["num_class"] = int(d.y.max()) + 1
    rows = lightgbm.Dataset(d.x, d.y, group=d.groups, categorical_feature=d.categorical or "auto",
                            params=params)  # fmt: skip
    return lightgbm.train(params, rows, TREES).predict(d.held_x)


def with_xgboost(xgboost, d: data.Data) -> np.ndarray:
    objective = {"binary": "binary:logistic", "multiclass": "multi:softprob",
                 "rank": "rank:ndcg"}[d.task]  # fmt: skip
    params = {"objective": objective, "tree_method": "hist", "grow_policy": "lossguide",
              "max_leaves": LEAVES, "max_depth": 0, "max_bin": BINS, "eta": RATE,
              "nthread": THREADS}  # fmt: skip
    if d.task == "multiclass":
        params["num_class"] = int(d.y.max()) + 1
    types = ["c" if j in d.categorical else "q" for j in range(d.x.shape[1])]
    kinds = {"feature_types": types, "enable_categorical": True} if d.categorical else {}
    rows = xgboost.QuantileDMatrix(d.x, d.y, group=d.groups, max_bin=BINS, nthread=THREADS, **kinds)
    model = xgboost.train(params, rows, TREES)
    return model.predict(xgboost.DMatrix(d.held_x, nthread=THREADS, **kinds))


def with_catboost(catboost, d: data.Data) -> np.ndarray:
    objective = {"binary": "Logloss", "multiclass": "MultiClass", "rank": "YetiRank"}[d.task]
    params = {"iterations": TREES, "depth": 6, "learning_rate": RATE, "border_count": 254,
              "thread_count": THREADS, "loss_function": objective, "verbose": False,
              "allow_writing_files": False}  # fmt: skip
    x, held_x = d.x, d.held_x
    if d.categorical:
        import pandas as pd

        types = dict.fromkeys(d.categorical, "int32")
        x, held_x = (pd.DataFrame(part).fillna(dict.fromkeys(types, -1)).astype(types)
                     for part in (x, held_x))  # fmt: skip
    query = None if d.groups is None else np.repeat(np.arange(len(d.groups)), d.groups)
    rows = catboost.Pool(x, d.y, group_id=query, cat_features=d.categorical or None)
    model = catboost.CatBoost(params).fit(rows)
    kind = "RawFormulaVal" if d.task == "rank" else "Probability"
    out = model.predict(catboost.Pool(held_x, cat_features=d.categorical or None), kind)
    return out[:, 1] if d.task == "binary" else out


def check(results):
    # Small data leaves more to chance; the written results hold every quality.
    best = min(results.values()) if SET == "covertype" else max(results.values())
    assert abs(results["cnengine"] - best) < 0.08, results
