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

    def train(X, y, weight=None, *, categorical=(), valid=None, start=None, **options):
        sets = [("valid", valid[0], {"y": valid[1]})] if valid is not None else []
        labels = {"y": np.ascontiguousarray(y, dtype=np.float64), "weight": weight}
        booster, _, values, best, _ = gbdt.train(
            np.asarray(X), labels, list(categorical), sets, options, "{}", start
        )
        return booster, values[0][0] if sets else [], best

    return train


class Draws:
    """The random numbers of training, after the comments of cpp/gbdt/random_unit.h."""

    KINDS = ("rows", "tree features", "level features", "node features", "thresholds",
             "row weights", "drop round", "drop tree", "permutation", "quantize",
             "query")  # fmt: skip
    STEP = np.uint64(0x9E3779B97F4A7C15)

    @staticmethod
    def mix(x):
        """The finaliser of MurmurHash3."""
        x = np.asarray(x, np.uint64)
        for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
            x = (x ^ (x >> np.uint64(33))) * np.uint64(factor)
        return x ^ (x >> np.uint64(33))

    def __call__(self, seed, kind, a, index, b=0):
        """Numbers in [0, 1) for each of `index`."""
        with np.errstate(over="ignore"):
            number = np.uint64(self.KINDS.index(kind) + 1)
            start = self.mix(np.uint64(seed) + self.STEP * number)
            inner = self.mix(start ^ (np.uint64(a) * self.STEP))
            key = self.mix(inner + np.uint64(b) * self.STEP + np.uint64(1))
            bits = self.mix(key + np.asarray(index, np.uint64) + np.uint64(1))
        return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


@pytest.fixture(scope="session")
def draws():
    return Draws()
