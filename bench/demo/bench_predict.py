"""Request to prediction, one at a time: 2,000 requests looked up, completed and scored.

Ours is what the demo's server does: features from the online store, static ones from the plan,
one row through the model. The peer keeps the same features in Python dicts by entity and scores the
row with LightGBM.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from cnengine import feature
from cnengine.demo.data import timestamps
from cnengine.demo.features import FEATURES, VIEWS, create_views
from cnengine.demo.predictor import CATEGORIES_FILE, MODEL_FILE, Predictor
from cnengine.demo.requests import CATEGORIES, STATIC, StaticEncoder
from cnengine.demo.train import fit, fit_lightgbm

from bench.harness import THREADS, peer

REQUESTS = 2000
NOW = 1_388_534_400_000


def OPS(scale: float) -> int:
    """Requests a call."""
    return max(10, int(REQUESTS * scale))


def make(scale: float):
    """Names of entities, a training matrix with labels, and requests."""
    random = np.random.default_rng(0)
    names = {
        "carrier": [f"{c}" for c in "ABCDEFGHIJKLMNOP"],
        "origin": ["EWR", "JFK", "LGA"],
        "dest": [f"D{i:02}" for i in range(100)],
        "tailnum": [f"N{i:04}" for i in range(4000)],
    }
    matrix = random.normal(size=(max(2000, int(50_000 * scale)), len(FEATURES)))
    for i, name in enumerate(CATEGORIES):
        matrix[:, i] = random.integers(0, len(names[name]), len(matrix))
    labels = matrix[:, 3:].sum(axis=1) + random.normal(size=len(matrix)) > 3
    rows = [
        (*(values[random.integers(len(values))] for values in names.values()), plan)
        for plan in random.normal(size=(OPS(scale), len(STATIC) - 3)).tolist()
    ]
    return names, matrix, labels, rows


def fill(store, names: dict, random: np.random.Generator) -> dict:
    """A row for every entity of every view; returns them as a dict of dicts."""
    kept = {}
    create_views(store, history=False)
    for view in VIEWS:
        grid = np.meshgrid(*(np.arange(len(names[n])) for n in view.entities), indexing="ij")
        columns = {
            n: [names[n][i] for i in g.ravel()] for n, g in zip(view.entities, grid, strict=True)
        }
        values = random.integers(0, 1000, (grid[0].size, len(view.features)))
        for i, name in enumerate(view.features):
            kind = pa.int64() if "_flights_" in name else pa.float64()
            columns[name] = pa.array(values[:, i]).cast(kind)
        at = timestamps(np.full(len(values), NOW))
        store.write(view.name, pa.table({**columns, "t": at}), event_time="t")
        keys = zip(*(columns[n] for n in view.entities), strict=True)
        kept[view.name] = dict(zip(keys, values.astype(float).tolist(), strict=True))
    return kept


def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each returns the features of all requests, (requests, features)."""
    names, matrix, labels, rows = make(scale)
    store = feature.open()
    kept = fill(store, names, np.random.default_rng(1))
    encoder = StaticEncoder({name: names[name] for name in CATEGORIES})
    with tempfile.TemporaryDirectory() as folder:
        fit(matrix, labels).save_model(Path(folder) / MODEL_FILE)
        encoder.save(Path(folder) / CATEGORIES_FILE)
        predictor = Predictor(store, Path(folder))

    def ours() -> np.ndarray:
        out = np.empty((len(rows), len(FEATURES)))
        for i, (carrier, origin, dest, tailnum, plan) in enumerate(rows):
            predictor.predict(carrier, origin, dest, tailnum, plan, NOW)
            out[i] = predictor.row
        return out

    yield "cnengine", ours
    if peer("lightgbm") is None:
        return
    model = fit_lightgbm(matrix, labels, THREADS)
    codes = encoder.tables()

    def theirs() -> np.ndarray:
        out = np.empty((len(rows), len(FEATURES)))
        for i, (carrier, origin, dest, tailnum, plan) in enumerate(rows):
            known = {"carrier": carrier, "origin": origin, "tailnum": tailnum}
            row = [t[n] for t, n in zip(codes, (carrier, origin, dest), strict=True)]
            row += plan
            for view in VIEWS:
                row += kept[view.name][tuple(known[n] for n in view.entities)]
            out[i] = row
            model.predict(out[i : i + 1], num_threads=1)
        return out

    yield "dict + lightgbm", theirs


def check(results: dict[str, object]) -> None:
    """All see the same features."""
    first, *others = results.values()
    for other in others:
        np.testing.assert_array_equal(first, other)
