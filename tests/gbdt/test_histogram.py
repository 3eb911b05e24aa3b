"""Histograms are exact integer sums, whatever the threads and the device."""

import cnengine as cn
import numpy as np
import pytest
from cnengine._core import gbdt as native


@pytest.fixture(params=["cpu", "emulated", "gpu"])
def on(request, no_gpu):
    """Where histograms are summed; "emulated": the kernels of a GPU, run by the CPU."""
    if request.param == "gpu" and no_gpu:
        pytest.skip(no_gpu)
    return request.param


def reference(x, gradients, rows):
    """Integer sums by feature and distinct value; missing values last."""
    out = []
    for column in x.T:
        values = np.unique(column[~np.isnan(column)])
        code = np.where(np.isnan(column), len(values), np.searchsorted(values, column))
        for slot in range(len(values) + 1):
            hit = rows[code[rows] == slot]
            out.append([*gradients[hit].astype(np.int64).sum(0), len(hit)])
    return np.array(out)


def data(n, width, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2 + rng.integers(0, 250, width), (n, width)).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = np.nan
    x[0], x[1] = 0, 1  # every feature has two values
    gradients = rng.integers(-(2**30), 2**30, (n, 2), dtype=np.int32)
    gradients[:, 1] = abs(gradients[:, 1])
    return x, gradients


@pytest.mark.parametrize(("n", "width"), [(2, 1), (100, 3), (5000, 9), (70001, 17)])
def test_matches_integer_sums(on, n, width):
    x, gradients = data(n, width)
    sums, slots = native.histogram(x, gradients, None, device=on)
    np.testing.assert_array_equal(sums, reference(x, gradients, np.arange(n)))
    assert slots[-1] == len(sums)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
def test_matches_for_a_subset_of_rows(on, share):
    x, gradients = data(40000, 10, seed=3)
    rows = np.flatnonzero(np.random.default_rng(1).random(40000) < share).astype(np.int32)
    sums, _ = native.histogram(x, gradients, rows, device=on)
    np.testing.assert_array_equal(sums, reference(x, gradients, rows))


def test_extreme_gradients_do_not_overflow(on):
    n = 140000
    x = np.tile(np.array([[0.0], [1.0]], np.float32), (n // 2, 1))
    for g in (-(2**30), 2**30):
        gradients = np.tile(np.array([[g, 2**30]], np.int32), (n, 1))
        sums, _ = native.histogram(x, gradients, None, device=on)
        half = n // 2
        assert sums.tolist() == [[half * g, half * 2**30, half]] * 2 + [[0, 0, 0]]


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
def test_the_number_of_threads_does_not_matter(threads):
    x, gradients = data(100_003, 20, seed=5)
    expected, _ = native.histogram(x, gradients, None)
    before = cn.num_threads()
    cn.set_num_threads(threads)
    try:
        got, _ = native.histogram(x, gradients, None)
    finally:
        cn.set_num_threads(before)
    np.testing.assert_array_equal(got, expected)


def test_bad_arguments_are_named():
    x, gradients = data(10, 2)
    with pytest.raises(cn.errors.ArgumentError, match="histogram: expected rows below 10, got 10"):
        native.histogram(x, gradients, np.array([10], np.int32))
    with pytest.raises(cn.errors.ShapeError, match="histogram: expected gradients of shape"):
        native.histogram(x, gradients[:5], None)
