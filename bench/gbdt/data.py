"""Synthetic data for the boosting benchmarks, with fixed seeds."""

import numpy as np


def higgs_like(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Dense float32 (rows, 28) and labels 0/1: a noisy mixture of products, waves and steps."""
    rng = np.random.default_rng(11)
    x = rng.standard_normal((rows, 28), dtype=np.float32)
    z = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.5 * x[:, 3] ** 2 - 0.5
    z += 0.7 * x[:, 4] * (x[:, 5] > 0) + 0.3 * x[:, 6] + 0.2 * x[:, 7:15].sum(1) * x[:, 15]
    y = (rng.random(rows) < 1 / (1 + np.exp(-z))).astype(np.float64)
    return x, y


def auc(y: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve by ranks (Mann and Whitney); scores without many ties."""
    rank = np.empty(len(y))
    rank[np.argsort(score, kind="stable")] = np.arange(1, len(y) + 1)
    ones = y == 1
    n1, n0 = ones.sum(), (~ones).sum()
    return float((rank[ones].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))
