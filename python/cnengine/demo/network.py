"""The second model: embeddings of the categories and a small network, on the rows of the trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import cnengine.tensor as ct
from cnengine import nn
from cnengine.demo.requests import CATEGORIES, PLAN, StaticEncoder

if TYPE_CHECKING:
    from cnengine.tensor import Array

# Thirty-four settings were compared; this one was chosen by log loss on August and September after
# training on January to July. More passes or fewer planes learn days and planes by heart.
EPOCHS, BATCH, RATE, DECAY = 2, 512, 0.002, 1.0
WIDTH, DROPOUT, SEED = 64, 0.2, 0
SEGMENTS = 16
PLANE_ROWS = 100
DIMS = {"carrier": 4, "origin": 2, "dest": 8, "tailnum": 4, "time of day": 4, "weekday": 2}
SLOT_MINUTES = 30


@dataclass(frozen=True)
class NetworkEncoder:
    """Rows of the demo's matrix and their tail numbers as inputs of the network.

    All that it knows comes from the rows that it was fitted on: the tail numbers of at least
    `PLANE_ROWS` of them, and for each column of numbers the ends of `SEGMENTS` pieces that hold as
    many rows each, and the mean share of each piece.
    """

    sizes: tuple[int, ...]
    planes: list[str]
    edges: list[np.ndarray]
    means: list[np.ndarray]
    has_gaps: np.ndarray

    @classmethod
    def fit(cls, encoder: StaticEncoder, matrix: np.ndarray, tailnum: pa.Array) -> NetworkEncoder:
        """Learn planes and pieces from rows to train on."""
        counts = pc.value_counts(tailnum)
        often = pc.greater_equal(counts.field("counts"), PLANE_ROWS)
        planes = sorted(name for name in counts.field("values").filter(often).to_pylist() if name)
        categories = [len(encoder.categories[name]) + 1 for name in CATEGORIES]
        sizes = (*categories, len(planes) + 1, 1440 // SLOT_MINUTES, 7)
        numbers = matrix[:, len(CATEGORIES) :]
        edges, means = [], []
        for column in numbers.T:
            known = column[~np.isnan(column)]
            steps = np.linspace(0.0, 1.0, SEGMENTS + 1)
            edges.append(np.unique(np.quantile(known, steps)) if len(known) else np.empty(0))
            shares = _shares(known, edges[-1])
            means.append(shares.mean(axis=0) if len(known) else np.empty(0))
        return cls(sizes, planes, edges, means, np.isnan(numbers).any(axis=0))

    def codes(self, matrix: np.ndarray, tailnum: pa.Array) -> np.ndarray:
        """int32 (rows, 6), in the order of `DIMS`; 0 is what was not there in training."""
        out = np.zeros((len(matrix), len(DIMS)), np.int32)
        places = len(CATEGORIES)
        out[:, :places] = np.nan_to_num(matrix[:, :places] + 1)
        found = pc.index_in(tailnum, pa.array(self.planes, pa.string()))
        out[:, places] = pc.fill_null(found, -1).to_numpy(zero_copy_only=False) + 1
        minute = matrix[:, places + PLAN.index("local_minute")]
        out[:, places + 1] = minute // SLOT_MINUTES
        out[:, places + 2] = matrix[:, places + PLAN.index("weekday")]
        return out

    def numbers(self, matrix: np.ndarray) -> np.ndarray:
        """float32 (rows, pieces and gaps): how much of each piece lies below each number.

        The mean in training is taken off, and stands for what is missing; of columns with gaps in
        training one more says where. Gorishniy et al. 2022, arXiv:2203.05556, section 3.1.
        """
        numbers = matrix[:, len(CATEGORIES) :]
        gaps = np.isnan(numbers)
        parts = [
            np.where(gaps[:, i, None], 0.0, _shares(numbers[:, i], edges) - mean)
            for i, (edges, mean) in enumerate(zip(self.edges, self.means, strict=True))
        ]
        return np.hstack([*parts, gaps[:, self.has_gaps]]).astype(np.float32)

    def inputs(self, matrix: np.ndarray, tailnum: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """What the network is called with, for all rows."""
        return self.codes(matrix, tailnum), self.numbers(matrix)


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    if len(edges) < 2:
        return np.empty((len(values), 0))
    return np.clip((values[:, None] - edges[:-1]) / np.diff(edges), 0.0, 1.0)


class FlightsNetwork(nn.Module):
    """A vector for each category, then two layers over all of them and the numbers."""

    def __init__(self, sizes: tuple[int, ...], numbers: int) -> None:
        small = nn.init.normal(0.05)
        self.tables = [
            nn.Embedding(size, dim, weight_init=small)
            for size, dim in zip(sizes, DIMS.values(), strict=True)
        ]
        self.body = nn.Sequential(
            nn.Linear(sum(DIMS.values()) + numbers, WIDTH),
            nn.relu,
            nn.Dropout(DROPOUT),
            nn.Linear(WIDTH, WIDTH),
            nn.relu,
            nn.Dropout(DROPOUT),
            nn.Linear(WIDTH, 1),
        )

    def forward(self, codes: Array, numbers: Array) -> Array:
        """The logit of each row: codes are (rows, 6), numbers (rows, n), the result (rows,)."""
        vectors = [table(codes[:, at]) for at, table in enumerate(self.tables)]
        return self.body(ct.concat([*vectors, numbers], axis=1))[:, 0]


def fit(encoder: NetworkEncoder, inputs: tuple[np.ndarray, np.ndarray], labels: np.ndarray):
    """Train the network on encoded rows; returns the `cnengine.nn.Model`."""
    nn.manual_seed(SEED)
    steps = EPOCHS * -(-len(labels) // BATCH)
    rate = nn.schedules.one_cycle(RATE, steps)
    network = FlightsNetwork(encoder.sizes, inputs[1].shape[1])
    model = nn.Model(network).compile(
        nn.AdamW(rate, weight_decay=DECAY), "binary_cross_entropy_with_logits"
    )
    rows = nn.Dataset.from_arrays(inputs, labels.astype(np.float32)).shuffle(seed=SEED)
    model.fit(rows.batch(BATCH).prefetch(2), epochs=EPOCHS, verbose=0)
    return model


def predict(model: nn.Model, inputs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The probability that each row arrives late, float64 (rows,)."""
    logits = model.predict(inputs, batch_size=8192)
    return np.asarray(ct.sigmoid(ct.astype(logits, ct.float64)))
