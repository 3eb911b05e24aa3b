"""Predictions and contributions on a GPU have the bits of the CPU's; without one its kernels are run
by the CPU ("emulated"). Models of all kinds are in test_device_predict.cpp and test_device_shap.cpp."""

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine import errors


@pytest.fixture(params=["emulated", "gpu"])
def device(request, no_gpu):
    if request.param == "gpu" and no_gpu:
        pytest.skip(no_gpu)
    return request.param


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    rows = 700
    frame = pd.DataFrame({"x": rng.standard_normal(rows), "n": rng.integers(0, 9, rows)})
    frame["text"] = pd.Categorical(rng.choice(list("abcdefgh"), rows))
    frame.loc[::7, "x"] = np.nan
    label = (frame["x"].fillna(1) > 0).to_numpy() + 2.0 * frame["text"].isin(list("ace")).to_numpy()
    return frame, label


PARAMS = [
    {"objective": "regression", "num_leaves": 300, "min_child_samples": 1},
    {"objective": "binary"},
    {"objective": "multiclass", "num_class": 4},
    {"objective": "poisson", "multi_strategy": "one_output_per_tree"},
]


@pytest.mark.parametrize("params", PARAMS, ids=str)
def test_tables_with_categories(device, frame, params):
    X, y = frame
    y = y > 1 if params["objective"] == "binary" else y
    booster = cn.gbdt.train(params, cn.gbdt.Dataset(X, y), 12)
    for more in ({}, {"raw_score": True}, {"num_iteration": 5}):
        np.testing.assert_array_equal(
            booster.predict(X, device=device, **more), booster.predict(X, **more)
        )
    np.testing.assert_array_equal(
        booster.predict_contributions(X, device=device), booster.predict_contributions(X)
    )
    none = X.iloc[:0]
    assert booster.predict(none, device=device).shape == booster.predict(none).shape


def test_wrong_use_is_named(frame):
    X, y = frame
    booster = cn.gbdt.train({"linear_tree": True}, cn.gbdt.Dataset(X[["x", "n"]], y), 2)
    rows = X[["x", "n"]]
    with pytest.raises(errors.UnsupportedError, match="predict: linear leaves do not run on a GPU"):
        booster.predict(rows, device="emulated")
    with pytest.raises(errors.ArgumentError, match='predict: expected device "cpu" or "gpu"'):
        booster.predict(rows, device="tpu")
    with pytest.raises(errors.ArgumentError, match='predict_contributions: expected device "cpu"'):
        booster.predict_contributions(rows, device="tpu")
    with pytest.raises(errors.ShapeError, match="predict: X has 1 features"):
        booster.predict(np.zeros((3, 1)), device="emulated")


def test_without_a_gpu_the_error_says_so(frame, no_gpu):
    if no_gpu is None:
        pytest.skip("there is a GPU")
    X, y = frame
    booster = cn.gbdt.train({}, cn.gbdt.Dataset(X, y), 2)
    for call in (booster.predict, booster.predict_contributions):
        with pytest.raises(errors.DeviceError, match=r"predict.*(no CUDA|CUDA device)"):
            call(X, device="gpu")
