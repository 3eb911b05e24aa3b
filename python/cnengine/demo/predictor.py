"""One prediction at a time: look the features up, add the static ones, ask the model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnengine.demo.features import FEATURES, refs
from cnengine.demo.requests import STATIC, StaticEncoder

if TYPE_CHECKING:
    from cnengine.feature import Store

MODEL_FILE, CATEGORIES_FILE = "model.cnb", "categories.json"


class Predictor:
    """Answers requests from a store and a model. Not thread safe: it reuses the row it fills."""

    def __init__(self, store: Store, folder: Path) -> None:
        from cnengine.gbdt import load_model

        self.model = load_model(folder / MODEL_FILE).booster_
        self.encoder = StaticEncoder.load(folder / CATEGORIES_FILE)
        self._codes = self.encoder.tables()
        self._prepared = store.prepare(refs())
        self._matrix = np.empty((1, len(FEATURES)))
        self.row = self._matrix[0]

    def predict(self, carrier: str, origin: str, dest: str, tailnum: str, plan, at: int) -> float:
        """The probability that the flight arrives late, as of `at` (ms).

        `plan` holds the values of `requests.PLAN`. The features stay in `row` until the next call.
        """
        row, (carriers, origins, dests) = self.row, self._codes
        found = self._prepared.lookup_matrix(
            {"carrier": [carrier], "origin": [origin], "tailnum": [tailnum]}, at
        )
        row[len(STATIC) :] = found[0]
        row[0] = carriers.get(carrier, math.nan)
        row[1] = origins.get(origin, math.nan)
        row[2] = dests.get(dest, math.nan)
        row[3 : len(STATIC)] = plan
        return self.model.predict_row(row)
