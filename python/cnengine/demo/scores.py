"""How good are the predictions: AUC, log loss, ROC and calibration, from their definitions."""

from __future__ import annotations

import numpy as np

from cnengine.errors import ShapeError


def _check(name: str, labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    labels, scores = np.asarray(labels, bool), np.asarray(scores, np.float64)
    if labels.shape != scores.shape or labels.ndim != 1:
        raise ShapeError(
            f"{name}: expected labels and scores of one length, "
            f"got shapes {labels.shape} and {scores.shape}"
        )
    return labels, scores


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties one half.

    NaN when one of the classes is missing.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    labels, scores = _check("auc", labels, scores)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean_rank = last - (counts - 1) / 2  # ranks from 1; ties share their mean
    rank_sum = mean_rank[which][labels].sum()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean of ``-log(probability given to what happened)``; NaN for no rows.

    >>> round(log_loss([1, 0], [0.5, 0.5]), 6)
    0.693147
    """
    labels, scores = _check("log_loss", labels, scores)
    if len(labels) == 0:
        return float("nan")
    tiny = np.finfo(np.float64).eps
    given = np.clip(np.where(labels, scores, 1 - scores), tiny, 1.0)
    return float(-np.log(given).mean())


def roc_curve(labels: np.ndarray, scores: np.ndarray, points: int = 400):
    """False and true positive rates from (0, 0) to (1, 1), thinned to about `points`.

    >>> false, true = roc_curve([0, 1], [0.2, 0.9])
    >>> false.tolist(), true.tolist()
    ([0.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    """
    labels, scores = _check("roc_curve", labels, scores)
    order = np.argsort(-scores, kind="stable")
    hits, ranked = labels[order], scores[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else []
    true = np.cumsum(hits)[ends] / max(1, hits.sum())
    false = np.cumsum(~hits)[ends] / max(1, (~hits).sum())
    true, false = np.append(0.0, true), np.append(0.0, false)
    if len(true) > points:
        keep = np.unique(np.linspace(0, len(true) - 1, points).astype(int))
        true, false = true[keep], false[keep]
    return false, true


def calibration(labels: np.ndarray, scores: np.ndarray, bins: int = 10) -> list[dict]:
    """Predicted against observed share in `bins` groups of equal size, lowest scores first.

    >>> [row["observed"] for row in calibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], bins=2)]
    [0.0, 1.0]
    """
    labels, scores = _check("calibration", labels, scores)
    order = np.argsort(scores, kind="stable")
    groups = [rows for rows in np.array_split(order, bins) if len(rows)]
    return [
        {
            "predicted": float(scores[rows].mean()),
            "observed": float(labels[rows].mean()),
            "rows": len(rows),
        }
        for rows in groups
    ]


def calibration_error(labels: np.ndarray, scores: np.ndarray, bins: int = 10) -> float:
    """Mean distance of predicted from observed share over the groups, weighted by their rows."""
    table = calibration(labels, scores, bins)
    total = sum(row["rows"] for row in table)
    if total == 0:
        return float("nan")
    return sum(row["rows"] * abs(row["predicted"] - row["observed"]) for row in table) / total
