"""Look-alikes of public data sets for the boosting benchmarks, with fixed seeds.

The originals cannot be shipped; these have their shapes, kinds of features and signal strengths:

    higgs       dense floats, products, waves and steps                  (rows, 28)    2 classes
    airline     six categories of up to 300 levels, two numbers          (rows, 8)     2 classes
    epsilon     many dense floats, each of them weak                     (rows, 2000)  2 classes
    covertype   ten numbers and two one-hot groups                       (rows, 54)    7 classes
    mslr        counts, scores and flags of documents; about 120 a query (rows, 137)   ranking
    bosch       measurements of stations, 80 % missing, few positive     (rows, 968)   2 classes
    flights     the demo's matrix: the real flights of 2013              (rows, 24)    2 classes
"""

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class Data:
    """One set, split into what is trained on and what is held out."""

    x: np.ndarray
    y: np.ndarray
    held_x: np.ndarray
    held_y: np.ndarray
    task: str = "binary"  # or "multiclass", "rank"
    categorical: list[int] = field(default_factory=list)
    groups: np.ndarray | None = None  # sizes of queries
    held_groups: np.ndarray | None = None


ROWS = {"higgs": 1_000_000, "higgs11": 11_000_000, "airline": 10_000_000, "epsilon": 400_000,
        "covertype": 581_012, "mslr": 2_000_000, "bosch": 1_000_000, "flights": 0}  # fmt: skip


def load(name: str, scale: float = 1.0) -> Data:
    """The set with `scale` times its rows for training and a quarter as many (at most 250,000) held
    out."""
    if name == "flights":
        return flights()
    rows = max(2000, int(ROWS[name] * scale))
    held = min(max(rows // 4, 1000), 250_000)
    if name == "mslr":
        return mslr_like(rows, held)
    make = {
        "higgs": higgs_like,
        "higgs11": higgs_like,
        "airline": airline_like,
        "epsilon": epsilon_like,
        "covertype": covertype_like,
        "bosch": bosch_like,
    }[name]
    x, y = make(rows + held)
    return Data(x[:rows], y[:rows], x[rows:], y[rows:],
                task="multiclass" if name == "covertype" else "binary",
                categorical=list(range(6)) if name == "airline" else [])  # fmt: skip


def _labels(rng: np.random.Generator, z: np.ndarray) -> np.ndarray:
    return (rng.random(len(z)) < 1 / (1 + np.exp(-z))).astype(np.float64)


def higgs_like(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Dense float32 (rows, 28) and labels 0/1: a noisy mixture of products, waves and steps."""
    rng = np.random.default_rng(11)
    x = rng.standard_normal((rows, 28), dtype=np.float32)
    z = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.5 * x[:, 3] ** 2 - 0.5
    z += 0.7 * x[:, 4] * (x[:, 5] > 0) + 0.3 * x[:, 6] + 0.2 * x[:, 7:15].sum(1) * x[:, 15]
    return x, _labels(rng, z)


def airline_like(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Month, day, weekday, carrier, origin, destination (categories), time of day, distance."""
    rng = np.random.default_rng(12)
    x = np.empty((rows, 8), np.float32)
    z = np.full(rows, -1.2, np.float32)
    for j, (levels, power) in enumerate(
        [(12, 0.0), (31, 0.0), (7, 0.0), (22, 0.7), (300, 0.9), (300, 0.9)]
    ):
        share = np.arange(1, levels + 1) ** -power
        codes = rng.choice(levels, rows, p=share / share.sum())
        x[:, j] = codes
        z += (rng.standard_normal(levels) * 0.35).astype(np.float32)[codes]
    pair = (rng.standard_normal((22, 300)) * 0.3).astype(np.float32)  # carriers at airports
    z += pair[x[:, 3].astype(int), x[:, 4].astype(int)]
    x[:, 6] = np.round(np.clip(rng.normal(13.5, 4.5, rows), 0, 23.99) * 60) / 60
    x[:, 7] = np.round(np.exp(rng.normal(6.4, 0.7, rows)))
    z += 0.08 * (x[:, 6] - 13) + 0.15 * np.sin(x[:, 6]) - 0.0001 * x[:, 7]
    return x, _labels(rng, z)


def epsilon_like(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Dense float32 (rows, 2000); a weak linear signal in all and a few products."""
    rng = np.random.default_rng(13)
    x = rng.standard_normal((rows, 2000), dtype=np.float32)
    weights = (rng.standard_normal(2000) * 0.04 * (1 + 4 * (rng.random(2000) < 0.03))).astype(
        np.float32
    )
    z = x @ weights + 0.5 * x[:, 3] * x[:, 7] + 0.4 * np.abs(x[:, 11]) * x[:, 13]
    return x, _labels(rng, z)


def covertype_like(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten numbers, four areas and forty soils one-hot, seven classes of very different sizes."""
    rng = np.random.default_rng(14)
    x = np.zeros((rows, 54), np.float32)
    numbers = rng.standard_normal((rows, 10), dtype=np.float32)
    scale = np.array([280, 112, 7.5, 212, 58, 1559, 27, 20, 38, 1324], np.float32)
    x[:, :10] = np.round(numbers * scale + 3 * scale)
    area = rng.choice(4, rows, p=[0.45, 0.05, 0.44, 0.06])
    share = np.arange(1, 41) ** -0.8
    soil = rng.choice(40, rows, p=share / share.sum())
    x[np.arange(rows), 10 + area] = 1
    x[np.arange(rows), 14 + soil] = 1
    by_soil = rng.standard_normal((40, 7)).astype(np.float32)
    by_area = rng.standard_normal((4, 7)).astype(np.float32)
    linear = rng.standard_normal((10, 7)).astype(np.float32)
    bent = rng.standard_normal((10, 7)).astype(np.float32)
    size = np.log(np.array([0.36, 0.49, 0.06, 0.005, 0.016, 0.03, 0.035])).astype(np.float32)
    z = size + by_soil[soil] + by_area[area] + numbers @ linear + np.sin(2 * numbers) @ bent
    noise = rng.gumbel(size=z.shape).astype(np.float32)
    return x, np.argmax(1.5 * z + noise, axis=1).astype(np.float64)


def mslr_like(rows: int, held: int) -> Data:
    """Documents with grades 0 to 4: heavy-tailed counts, scores in [0, 1], flags, many repeats."""
    rng = np.random.default_rng(15)
    total = rows + held
    sizes = np.maximum(1, rng.poisson(120, total // 100))
    ends = np.cumsum(sizes)
    cut = int(np.searchsorted(ends, rows)) + 1
    last = int(np.searchsorted(ends, total))
    sizes = sizes[:last]
    n = int(sizes.sum())
    query = np.repeat(np.arange(last), sizes)
    x = rng.standard_normal((n, 137), dtype=np.float32)
    z = (
        x[:, 0]
        + 0.8 * x[:, 1] * (x[:, 2] > 0)
        + 0.5 * np.sin(2 * x[:, 3])
        + x[:, 4:30].sum(1) * 0.15
    )
    z += rng.standard_normal(last).astype(np.float32)[query]  # easy and hard queries
    z += 1.5 * rng.standard_normal(n).astype(np.float32)
    y = np.digitize(z, np.quantile(z, [0.52, 0.75, 0.9, 0.98])).astype(np.float64)
    x[:, :50] = np.floor(np.exp(x[:, :50]))  # counts
    x[:, 50:100] = np.round(1 / (1 + np.exp(-x[:, 50:100])), 4)
    x[:, 100:137] = x[:, 100:137] > 1.0
    at = int(sizes[:cut].sum())
    return Data(x[:at], y[:at], x[at:], y[at:], task="rank", groups=sizes[:cut],
                held_groups=sizes[cut:])  # fmt: skip


def bosch_like(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Stations of 8 to 40 measurements; a part goes through some stations only: 80 % is missing."""
    rng = np.random.default_rng(16)
    x = rng.standard_normal((rows, 968), dtype=np.float32)
    np.round(x, 2, out=x)
    z = np.full(rows, -5.6, np.float32)
    first = 0
    while first < 968:
        last = min(968, first + int(rng.integers(8, 41)))
        through = rng.random(rows) < rng.uniform(0.05, 0.35)
        weight = rng.standard_normal(last - first).astype(np.float32) * 0.12
        z += np.where(through, x[:, first:last] @ weight + 0.3 * rng.standard_normal(), 0)
        x[~through, first:last] = np.nan
        first = last
    return x, _labels(rng, z)


class _Silent:
    """The demo's stages without their progress bars."""

    @contextlib.contextmanager
    def stage(self, name: str, what: str):
        yield lambda done, total: None


def flights() -> Data:
    """The demo's matrix, from its own code: January to September, and October to December."""
    from cnengine.demo.main import Demo, Options
    from cnengine.demo.requests import CATEGORIES

    with tempfile.TemporaryDirectory() as folder:
        from cnengine import feature, log

        demo = Demo(Options(Path(folder)), _Silent())
        demo.read()
        with log.open(Path(folder) / "log", fsync="none") as demo.log:
            demo.ingest()
            with feature.open(Path(folder) / "features") as demo.store:
                demo.stream()
                demo.join()
    y = demo.split.labels.astype(np.float64)
    train, test = demo.split.train, demo.split.test
    x = demo.matrix.astype(np.float32)
    return Data(x[train], y[train], x[test], y[test], categorical=list(range(len(CATEGORIES))))


def auc(y: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve by ranks (Mann and Whitney); scores without many ties."""
    rank = np.empty(len(y))
    rank[np.argsort(score, kind="stable")] = np.arange(1, len(y) + 1)
    ones = y == 1
    n1, n0 = ones.sum(), (~ones).sum()
    return float((rank[ones].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def multi_log_loss(y: np.ndarray, p: np.ndarray) -> float:
    """Mean of -log of the probability of the true class."""
    return float(-np.log(np.clip(p[np.arange(len(y)), y.astype(int)], 1e-15, 1)).mean())


def ndcg(y: np.ndarray, score: np.ndarray, sizes: np.ndarray, at: int = 10) -> float:
    """Mean NDCG of the first documents, gains 2^grade - 1; a query of zeros counts as 1."""
    discount = 1 / np.log2(np.arange(2, at + 2))
    out, begin = [], 0
    for size in sizes:
        gain = 2 ** y[begin : begin + size] - 1
        order = np.argsort(-score[begin : begin + size], kind="stable")[:at]
        best = np.sort(gain)[::-1][:at]
        ideal = (best * discount[: len(best)]).sum()
        out.append((gain[order] * discount[: len(order)]).sum() / ideal if ideal > 0 else 1.0)
        begin += size
    return float(np.mean(out))
