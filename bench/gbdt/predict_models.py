"""Models of one size by all libraries, for the prediction benchmarks."""

from bench.harness import THREADS, peer

TREES, LEAVES = 500, 63
TRAINING_ROWS = 100_000


def fit_all(x, y, trees: int) -> dict:
    """The trained models by library, ours first; CatBoost's trees are symmetric, of 64 leaves."""
    from cnengine.gbdt import GBDTClassifier

    x, y = x[:TRAINING_ROWS], y[:TRAINING_ROWS]
    size = {"n_estimators": trees, "num_leaves": LEAVES, "learning_rate": 0.1}
    out = {"cnengine": GBDTClassifier(**size).fit(x, y)}
    if lightgbm := peer("lightgbm"):
        out["lightgbm"] = lightgbm.LGBMClassifier(**size, n_jobs=THREADS, verbose=-1).fit(x, y)
    if xgboost := peer("xgboost"):
        out["xgboost"] = xgboost.XGBClassifier(
            n_estimators=trees, max_leaves=LEAVES, max_depth=0, grow_policy="lossguide",
            tree_method="hist", learning_rate=0.1, n_jobs=THREADS,
        ).fit(x, y)  # fmt: skip
    if catboost := peer("catboost"):
        out["catboost"] = catboost.CatBoostClassifier(
            iterations=trees, depth=6, learning_rate=0.1, thread_count=THREADS, verbose=False,
            allow_writing_files=False,
        ).fit(x, y)  # fmt: skip
    return out


def scorer(name: str, model, threads: int):
    """A function from rows to raw scores, by the library's shortest way."""
    if name.startswith("cnengine"):
        return lambda x: model.booster_.predict(x, raw_score=True)
    if name == "lightgbm":
        booster = model.booster_
        return lambda x: booster.predict(x, raw_score=True, num_threads=threads)
    if name == "xgboost":
        booster = model.get_booster()
        booster.set_param({"nthread": threads})
        return lambda x: booster.inplace_predict(x, predict_type="margin")
    return lambda x: model.predict(x, prediction_type="RawFormulaVal", thread_count=threads)
