"""Data sets that several tests share."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def wave():
    """4,000 rows, 8 features, some missing; the chance of label 1 depends on three of them."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((4000, 8))
    z = 2 * np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
    X[rng.random(X.shape) < 0.05] = np.nan
    y = (rng.random(4000) < 1 / (1 + np.exp(-z))).astype(float)
    return X, y


@pytest.fixture(scope="session")
def native_train():
    """Trains by options as the native code names them: (booster, losses, best iteration)."""
    from cnengine._core import gbdt

    def train(X, y, weight=None, *, categorical=(), valid=None, **options):
        valid_x, valid_y = valid if valid is not None else (None, None)
        X, y = np.asarray(X), np.ascontiguousarray(y, dtype=np.float64)
        return gbdt.train(X, y, weight, list(categorical), valid_x, valid_y, None, options, "{}")

    return train
