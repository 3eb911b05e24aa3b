"""The second model of the demo: its inputs know the training rows alone, and it learns."""

import numpy as np
import pyarrow as pa
import pytest
from cnengine.demo import network, scores
from cnengine.demo.features import FEATURES
from cnengine.demo.requests import CATEGORIES, PLAN, StaticEncoder

ROWS = 6000
MINUTE, WEEKDAY = (len(CATEGORIES) + PLAN.index(name) for name in ("local_minute", "weekday"))


@pytest.fixture(scope="module")
def rows():
    """A matrix whose label hangs on the carrier, the plane and one number, and the tail numbers."""
    rng = np.random.default_rng(7)
    encoder = StaticEncoder({"carrier": ["AA", "UA"], "origin": ["EWR"], "dest": ["IAH", "MIA"]})
    matrix = rng.normal(size=(ROWS, len(FEATURES)))
    matrix[:, 0], matrix[:, 1], matrix[:, 2] = rng.integers(0, 2, ROWS), 0, 1
    matrix[:, MINUTE], matrix[:, WEEKDAY] = rng.integers(0, 1440, ROWS), rng.integers(0, 7, ROWS)
    matrix[rng.random(ROWS) < 0.2, 10] = np.nan
    plane = rng.integers(0, 20, ROWS)
    tails = pa.array([f"N{n}" for n in plane])
    logit = 2 * (matrix[:, 0] - 0.5) + (plane % 2 * 2 - 1) + 2 * np.nan_to_num(matrix[:, 9])
    return encoder, matrix, tails, rng.random(ROWS) < 1 / (1 + np.exp(-logit))


def test_codes_leave_0_for_what_training_lacked(rows):
    encoder, matrix, tails, _ = rows
    made = network.NetworkEncoder.fit(encoder, matrix, tails)
    assert made.sizes == (3, 2, 3, 21, 48, 7)
    other = matrix[:2].copy()
    other[:, 0], other[:, MINUTE], other[:, WEEKDAY] = (np.nan, 1.0), (1439, 0), (6, 0)
    codes = made.codes(other, pa.array(["", "N11"]))
    assert codes.dtype == np.int32
    assert codes.tolist() == [[0, 1, 2, 0, 47, 6], [2, 1, 2, made.planes.index("N11") + 1, 0, 0]]


def test_rare_planes_are_unknown(rows):
    encoder, matrix, _, _ = rows
    names = ["N1"] * network.PLANE_ROWS + ["N2"] * (network.PLANE_ROWS - 1)
    made = network.NetworkEncoder.fit(encoder, matrix[: len(names)], pa.array(names))
    assert made.planes == ["N1"]


def test_numbers_are_shares_of_pieces(rows):
    """Against the formula, a value at a time; missing is the mean of training, with a mark."""
    encoder, matrix, tails, _ = rows
    made = network.NetworkEncoder.fit(encoder, matrix[:3000], tails[:3000])
    got = made.numbers(matrix[3000:3050])
    columns = matrix[3000:3050, len(CATEGORIES) :]
    for row, line in zip(columns, got, strict=True):
        want = []
        for value, edges, mean in zip(row, made.edges, made.means, strict=True):
            for low, high, middle in zip(edges[:-1], edges[1:], mean, strict=True):
                share = min(max((value - low) / (high - low), 0.0), 1.0)
                want.append(0.0 if np.isnan(value) else share - middle)
        want.append(float(np.isnan(row[10 - len(CATEGORIES)])))
        np.testing.assert_allclose(line, want, rtol=1e-6, atol=1e-7)


def test_other_rows_do_not_change_the_encoder(rows):
    encoder, matrix, tails, _ = rows
    a = network.NetworkEncoder.fit(encoder, matrix[:3000], tails[:3000])
    changed = matrix.copy()
    changed[3000:] *= 100
    b = network.NetworkEncoder.fit(encoder, changed[:3000], tails[:3000])
    for one, other in zip(a.inputs(matrix, tails), b.inputs(matrix, tails), strict=True):
        np.testing.assert_array_equal(one, other)


def test_columns_without_values_give_nothing(rows):
    encoder, matrix, tails, _ = rows
    empty = matrix.copy()
    empty[:, 9] = np.nan
    made = network.NetworkEncoder.fit(encoder, empty, tails)
    assert np.isfinite(made.numbers(matrix)).all()


def test_it_learns_and_gives_the_same_again(rows, monkeypatch):
    monkeypatch.setattr(network, "EPOCHS", 10)
    encoder, matrix, tails, labels = rows
    half = ROWS // 2
    made = network.NetworkEncoder.fit(encoder, matrix[:half], tails[:half])
    inputs = made.inputs(matrix[:half], tails[:half])
    others = made.inputs(matrix[half:], tails[half:])
    first, second = (
        network.predict(network.fit(made, inputs, labels[:half]), others) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert first.dtype == np.float64
    assert first.shape == (half,)
    assert scores.auc(labels[half:], first) > 0.8
