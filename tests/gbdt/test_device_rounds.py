"""Training on a GPU gives the model of the CPU, bit for bit. Without one its kernels are run by the
CPU ("emulated"): the same code, one thread after the other."""

import numpy as np
import pytest
from cnengine import errors


@pytest.fixture(params=["emulated", "gpu"])
def device(request, no_gpu):
    if request.param == "gpu" and no_gpu:
        pytest.skip(no_gpu)
    return request.param


def data(rows, width=7, seed=0, classes=0):
    """Numbers with few and with many levels, missing ones, and one column that is mostly zero."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, width))
    X[:, 1] = np.round(X[:, 1])
    X[:, 2] = rng.random(rows) < 0.03
    X[rng.random(X.shape) < 0.05] = np.nan
    X[:, 3] = np.round(X[:, 3], 1)
    z = np.nan_to_num(2 * np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 3] + X[:, 2])
    if classes:
        return X, np.digitize(z + rng.normal(size=rows), np.linspace(-1, 1, classes - 1)).astype(
            float
        )
    return X, z + 0.1 * rng.normal(size=rows)


def check(native_train, device, X, y, weight=None, **options):
    options = {"n_estimators": 4, "num_leaves": 15, "min_child_samples": 5, **options}
    want, losses, best = native_train(X, y, weight, **options)
    got, own_losses, own_best = native_train(X, y, weight, device=device, **options)
    assert got.to_bytes() == want.to_bytes()
    assert (own_losses, own_best) == (losses, best)


OBJECTIVES = [
    {"objective": "regression"},
    {"objective": "binary"},
    {"objective": "binary", "scale_pos_weight": 3.0, "sigmoid": 0.7},
    {"objective": "multiclass", "num_class": 4},
    {"objective": "multiclassova", "num_class": 3, "sigmoid": 1.3},
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("options", OBJECTIVES, ids=str)
def test_objectives(native_train, device, options, weighted):
    classes = options.get("num_class", 2 if options["objective"] == "binary" else 0)
    X, y = data(1500, seed=1, classes=classes)
    weight = None
    if weighted:
        weight = np.random.default_rng(2).integers(0, 4, len(y)) / 2.0  # some rows do not count
    check(native_train, device, X, y, weight, **options)


GROWTH = [
    {"num_leaves": 2},
    {"num_leaves": 3},
    {"num_leaves": 200},
    {"num_leaves": 64, "max_depth": 4},
    {"num_leaves": 0, "max_depth": 5},
    {"grow_policy": "depthwise", "num_leaves": 40},
    {"grow_policy": "depthwise", "num_leaves": 0, "max_depth": 7, "min_child_samples": 1},
    {"lambda_l1": 2.0, "lambda_l2": 5.0, "min_gain": 0.1},
    {"max_delta_step": 0.05},
    {"path_smooth": 10.0},
    {"min_child_samples": 0, "min_sum_hessian": 30.0},
    {"min_child_samples": 2000},
    {"monotone_constraints": [1, -1, 0, 1, 0, 0, 0], "num_leaves": 31},
    {"monotone_constraints": [1, -1, 0, 1, 0, 0, 0], "monotone_penalty": 1.5},
    {"interaction_constraints": [[0, 1], [1, 3], [4, 5, 6]]},
    {"colsample": 0.5},
    {"colsample_bylevel": 0.5, "seed": 3},
    {"colsample_bynode": 0.5, "seed": 4},
    {"colsample_bynode": 0.5, "grow_policy": "depthwise", "num_leaves": 20},
    {"subsample": 0.6},
    {"subsample": 0.5, "bagging_freq": 3, "n_estimators": 7},
    {"pos_bagging_fraction": 0.3},
    {"max_bins": 15},
    {"learning_rates": [0.5, 0.25, 0.1, 0.05]},
]


@pytest.mark.parametrize("options", GROWTH, ids=str)
def test_growth(native_train, device, options):
    check(native_train, device, *data(2500, seed=5), **options)


@pytest.mark.parametrize("rows", [1, 2, 3, 30, 257])
def test_few_rows(native_train, device, rows):
    X, y = data(rows, seed=rows)
    check(native_train, device, X, y, min_child_samples=1, num_leaves=31)


def test_features_that_cannot_split(native_train, device):
    X, y = data(300)
    check(native_train, device, np.ones_like(X), y)
    X[:, ::2] = 0
    check(native_train, device, X, y)


def test_many_features_in_groups(native_train, device):
    X, y = data(400, width=150, seed=9)
    check(native_train, device, X, y, num_leaves=31)


def test_several_labels(native_train, device):
    X, y = data(800)
    labels = np.stack([y, -2 * y + X[:, 1].astype(bool)], axis=0)
    from cnengine._core import gbdt

    def train(**more):
        options = {"outputs": 2, "n_estimators": 3, "num_leaves": 7, **more}
        return gbdt.train(X, {"y": labels}, [], [], options, "{}", None)[0].to_bytes()

    assert train(device=device) == train()


def test_early_stopping_and_going_on(native_train, device):
    X, y = data(2000, classes=2)
    options = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.5}
    check(native_train, device, X[:1500], y[:1500], valid=(X[1500:], y[1500:]), n_estimators=40,
          early_stopping_rounds=3, **options)  # fmt: skip
    start, _, _ = native_train(X, y, n_estimators=3, device=device, **options)
    whole, _, _ = native_train(X, y, n_estimators=6, **options)
    more, _, _ = native_train(X, y, n_estimators=3, device=device, start=start, **options)
    assert more.to_bytes() == whole.to_bytes()


METRICS = [
    ({"objective": "regression"}, ["l2", "rmse", "l1", "mape", "r2"]),
    (
        {"objective": "binary", "sigmoid": 0.8},
        ["binary_logloss", "l2", "auc", "binary_error", "l1"],
    ),
    (
        {"objective": "multiclass", "num_class": 3},
        ["multi_logloss", "multi_error", "multi_error@2"],
    ),
    ({"objective": "multiclassova", "num_class": 3}, ["multi_logloss", "multi_error"]),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("options", "metrics"), METRICS, ids=str)
def test_metrics(device, options, metrics, weighted):
    from cnengine._core import gbdt

    classes = options.get("num_class", 2 if options["objective"] == "binary" else 0)
    X, y = data(40_000, seed=3, classes=classes)  # several pieces of a sum
    weight = np.random.default_rng(1).random(len(y)) if weighted else None

    def values(**more):
        sets = [(f"set {at}", X[at:], {"y": y[at:], "weight": None if weight is None else weight[at:]})
                for at in (0, 7000)]  # fmt: skip
        own = {"n_estimators": 3, "num_leaves": 9, "metrics": metrics, **options, **more}
        return gbdt.train(X[:5000], {"y": y[:5000]}, [], sets, own, "{}", None)[2]

    assert values(device=device) == values()


def test_a_metric_that_does_not_fit(native_train, device):
    X, y = data(300, classes=2)
    with pytest.raises(errors.ArgumentError, match="does not fit objective"):
        native_train(
            X, y, objective="binary", metrics=["multi_logloss"], valid=(X, y), device=device
        )


def test_ordered_categories_are_numbers(native_train, device):
    X, y = data(1200, seed=4)
    X[:, 4] = np.random.default_rng(1).integers(0, 30, len(X))
    check(native_train, device, X, y, categorical=[4], cat_method="ordered")


REFUSED = [
    ({"objective": "absolute"}, 'objective "absolute"'),
    ({"boosting": "dart"}, 'boosting "dart"'),
    ({"boosting": "rf", "subsample": 0.5}, 'boosting "rf"'),
    ({"multi_strategy": "multi_output_tree"}, "multi_strategy"),
    ({"linear_tree": True}, "linear_tree"),
    ({"gradient_bits": 16}, "gradient_bits"),
    ({"data_sample_strategy": "goss"}, "goss"),
    ({"data_sample_strategy": "mvs"}, "mvs"),
    ({"data_sample_strategy": "bayesian"}, "bayesian"),
    ({"grow_policy": "symmetric"}, "symmetric"),
    ({"extra_trees": True}, "extra_trees"),
    ({"leaf_estimation_iterations": 3}, "leaf_estimation_iterations"),
    ({"monotone_constraints": [1] * 7, "monotone_method": "intermediate"}, "monotone_method"),
]


@pytest.mark.parametrize(("options", "name"), REFUSED, ids=str)
def test_what_a_gpu_does_not_do_is_named(native_train, options, name):
    X, y = data(100)
    with pytest.raises(errors.UnsupportedError, match=f"train: .*{name}.* does not run on a GPU"):
        native_train(X, y, device="emulated", **options)


def test_categories_are_named(native_train):
    X, y = data(200)
    X[:, 5] = np.arange(200) % 9
    with pytest.raises(errors.UnsupportedError, match="the categorical feature 5 does not run"):
        native_train(X, y, device="emulated", categorical=[5])


def test_without_a_gpu_the_error_says_so(native_train, no_gpu):
    if no_gpu is None:
        pytest.skip("there is a GPU")
    with pytest.raises(errors.DeviceError, match=r"train: .*(no CUDA|CUDA device)"):
        native_train(*data(100), device="gpu")


@pytest.mark.parametrize("seed", range(30))
def test_random_options(native_train, device, seed):
    rng = np.random.default_rng(seed)

    def one_of(*choices):
        return choices[rng.integers(len(choices))]

    options = {
        **one_of(*OBJECTIVES),
        "num_leaves": int(rng.integers(2, 90)),
        "max_depth": one_of(0, 3, 6),
        "grow_policy": one_of("leafwise", "depthwise"),
        "min_child_samples": one_of(0, 1, 7, 40),
        "min_sum_hessian": one_of(0.0, 1e-3, 2.0),
        "lambda_l1": one_of(0.0, 0.5),
        "lambda_l2": one_of(0.0, 1.0),
        "min_gain": one_of(0.0, 1e-3),
        "max_delta_step": one_of(0.0, 0.0, 0.3),
        "path_smooth": one_of(0.0, 0.0, 2.0),
        "subsample": one_of(1.0, 0.7),
        "colsample": one_of(1.0, 0.6),
        "colsample_bylevel": one_of(1.0, 0.6),
        "colsample_bynode": one_of(1.0, 0.6),
        "max_bins": one_of(255, 31, 2),
        "monotone_constraints": one_of([], [], [1, 0, -1, 0, 1, 0]),
        "interaction_constraints": one_of([], [], [[0, 1, 2], [2, 3, 4, 5]]),
        "seed": seed,
    }
    classes = options.get("num_class", 2 if options["objective"] == "binary" else 0)
    X, y = data(int(rng.integers(50, 4000)), width=6, seed=seed, classes=classes)
    weight = one_of(None, rng.random(len(y)))
    check(native_train, device, X, y, weight, **options)
