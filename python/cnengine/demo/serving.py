"""The flights model behind the Open Inference Protocol.

A request names flights by their plan; the server looks their features up. Without `at` it answers
as of the latest moment of the log, from the online store; with `at` as of any moment of the year,
from history. Ready-made feature vectors are taken as well, in the input `features` alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cnengine.demo.data import timestamps
from cnengine.demo.features import FEATURES, refs
from cnengine.demo.predictor import CATEGORIES_FILE, MODEL_FILE
from cnengine.demo.requests import STATIC, StaticEncoder
from cnengine.demo.zones import DAY, MINUTE, utc_offsets
from cnengine.errors import ArgumentError, ShapeError
from cnengine.serve import TensorSpec

if TYPE_CHECKING:
    from cnengine.feature import Store

MS = "milliseconds since 1970, UTC"


class Routes:
    """Distance and usual planned minutes of each (origin, dest) of the requests."""

    def __init__(self, requests: pa.Table) -> None:
        grouped = requests.group_by(["origin", "dest"]).aggregate(
            [("distance", "min"), ("planned_minutes", "approximate_median")]
        )
        keys = zip(grouped["origin"].to_pylist(), grouped["dest"].to_pylist(), strict=True)
        values = zip(
            grouped["distance_min"].to_pylist(),
            grouped["planned_minutes_approximate_median"].to_pylist(),
            strict=True,
        )
        self._known = dict(zip(keys, values, strict=True))

    def find(self, origin: np.ndarray, dest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance and planned minutes of each pair, NaN for an unknown one."""
        nothing = (np.nan, np.nan)
        pairs = [self._known.get(pair, nothing) for pair in zip(origin, dest, strict=True)]
        found = np.array(pairs, np.float64).reshape(-1, 2)
        return found[:, 0], found[:, 1]


class FlightsModel:
    """Model "flights": the probability that a flight arrives more than 15 minutes late."""

    name, version, platform = "flights", "1", "cnengine"
    # What is not optional is needed unless `features` comes alone, which the protocol cannot say.
    inputs = (
        TensorSpec("carrier", "BYTES", (-1,), False, "two letters, such as UA"),
        TensorSpec("origin", "BYTES", (-1,), False, "EWR, JFK or LGA"),
        TensorSpec("dest", "BYTES", (-1,), False, "airport, such as IAH"),
        TensorSpec("scheduled_departure", "INT64", (-1,), False, f"{MS}, from 2010 to 2019"),
        TensorSpec("tailnum", "BYTES", (-1,), True, "the plane; empty or left out: not known"),
        TensorSpec("scheduled_arrival", "INT64", (-1,), True, f"{MS}; left out: as usual"),
        TensorSpec("at", "INT64", (-1,), True, f"as of when, {MS}; left out: the latest"),
        TensorSpec("features", "FP64", (-1, len(FEATURES)), True,
                   "instead of all others: " + ", ".join(FEATURES)),
    )  # fmt: skip
    outputs = (
        TensorSpec("probability", "FP64", (-1,), False, "of arriving over 15 minutes late"),
        TensorSpec("late", "BOOL", (-1,), False, "whether the probability is above one half"),
        TensorSpec("features", "FP64", (-1, len(FEATURES)), False, ", ".join(FEATURES)),
    )
    _needed = tuple(spec.name for spec in inputs if not spec.optional)

    def __init__(self, store: Store, folder: Path, routes: Routes, clock_ms: int) -> None:
        from cnengine.gbdt import load_model

        self._model = load_model(folder / MODEL_FILE).booster_
        self._encoder = StaticEncoder.load(folder / CATEGORIES_FILE)
        self._store, self._routes, self._clock = store, routes, clock_ms
        self._refs = refs()
        self._prepared = store.prepare(self._refs)

    def ready(self) -> bool:
        """A model is made from a store and a model file that are there."""
        return True

    def infer(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Probabilities and the features they come from."""
        if "features" in inputs:
            if len(inputs) > 1:
                raise ArgumentError('infer: "features" comes alone, without other inputs')
            features = inputs["features"]
        else:
            features = self._features(inputs)
        probability = self._model.predict(features) if len(features) else np.empty(0)
        return {"probability": probability, "late": probability > 0.5, "features": features}

    def _features(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        for name in self._needed:
            if name not in inputs:
                raise ArgumentError(f'infer: the input "{name}" is missing')
        count = len(inputs["carrier"])
        for name, values in inputs.items():
            if len(values) != count:
                raise ShapeError(f'infer: carrier has {count} rows, "{name}" has {len(values)}')
        out = np.empty((count, len(FEATURES)))
        if count:
            out[:, : len(STATIC)] = self._encoder.matrix(self._plan(inputs))
            out[:, len(STATIC) :] = self._look_up(inputs, count)
        return out

    def _plan(self, inputs: dict[str, np.ndarray]) -> pa.Table:
        departure = inputs["scheduled_departure"]
        low, high = np.array(["2010", "2020"], "datetime64[ms]").astype(np.int64)
        if ((departure < low) | (departure > high)).any():
            raise ArgumentError(f"infer: expected scheduled_departure in {MS}, from 2010 to 2019")
        distance, planned = self._routes.find(inputs["origin"], inputs["dest"])
        if "scheduled_arrival" in inputs:
            # As floats: an arrival far off is far off, where int64 would wrap around.
            planned = (inputs["scheduled_arrival"].astype(np.float64) - departure) / MINUTE
        local = departure + utc_offsets(np.full(len(departure), "America/New_York"), departure)
        names = {
            name: pa.array(inputs[name], pa.string()) for name in ("carrier", "origin", "dest")
        }
        return pa.table(
            {
                **names,
                "local_minute": (local // MINUTE % 1440).astype(np.float64),
                "weekday": ((local // DAY + 3) % 7).astype(np.float64),
                "distance": distance,
                "planned_minutes": planned,
            }
        )

    def _look_up(self, inputs: dict[str, np.ndarray], count: int) -> np.ndarray:
        tailnum = inputs.get("tailnum", np.full(count, "", object))
        keys = {"carrier": inputs["carrier"], "origin": inputs["origin"], "tailnum": tailnum}
        if "at" not in inputs:
            lists = {name: values.tolist() for name, values in keys.items()}
            return self._prepared.lookup_matrix(lists, self._clock)
        entities = {name: pa.array(values, pa.string()) for name, values in keys.items()}
        table = pa.table({**entities, "at": timestamps(inputs["at"])})
        found = self._store.history(self._refs, table, event_time="at")
        columns = found.columns[-len(self._refs) :]
        arrays = [c.cast(pa.float64()).to_numpy(zero_copy_only=False) for c in columns]
        return np.column_stack(arrays)
