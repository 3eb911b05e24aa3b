"""Predict 1 M x 28 floats with 100 trees x 63 leaves, beside LightGBM, same training data."""

import sys
from pathlib import Path

import numpy as np

from bench.harness import THREADS, peer

sys.path.insert(0, str(Path(__file__).resolve().parent))
from data import auc, higgs_like

LABELS = []


def OPS(scale):
    return int(1_000_000 * scale)


def cases(scale):
    from cnengine.gbdt import GBDTClassifier

    x, y = higgs_like(int(1_000_000 * scale))
    LABELS[:] = [y]
    few = min(len(x), 100_000)
    size = {"n_estimators": 100, "num_leaves": 63}
    ours = GBDTClassifier(**size).fit(x[:few], y[:few])
    yield "cnengine", lambda: ours.predict(x, raw_score=True)
    if lightgbm := peer("lightgbm"):
        theirs = lightgbm.LGBMClassifier(**size, n_jobs=THREADS, verbose=-1).fit(x[:few], y[:few])
        yield "lightgbm", lambda: np.asarray(theirs.predict(x, raw_score=True))


def check(results):
    aucs = {name: auc(LABELS[0], scores) for name, scores in results.items()}
    assert max(aucs.values()) - aucs["cnengine"] < 0.02, aucs
