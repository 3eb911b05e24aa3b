"""XGBoost files from outside: what is cut, changed or hostile is refused, never a crash."""

import json

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine._core import gbdt as native

xgb = pytest.importorskip("xgboost")
KINDS = ["json", "ubj"]


def frame(seed, count=60):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "x": rng.standard_normal(count),
            "word": pd.Categorical(rng.choice(["red", "green", ""], count)),
            "number": pd.Categorical(rng.choice([7, 3, 11], count), [7, 3, 11]),
        }
    )
    return table, ((table.x > 0) ^ (table.word == "red")).astype(float).to_numpy()


def small():
    X, y = frame(5)
    d = xgb.DMatrix(X, y, enable_categorical=True)
    return xgb.train({"objective": "binary:logistic", "max_depth": 2}, d, 2)


def test_linear_boosters_are_refused():
    X = np.arange(10.0)[:, None]
    booster = xgb.train({"booster": "gblinear"}, xgb.DMatrix(X, X[:, 0]), 2)
    with pytest.raises(cn.errors.UnsupportedError, match='booster "gblinear"'):
        native.read_model_bytes(bytes(booster.save_raw("json")))


@pytest.mark.parametrize("prefix", [b"binf\0\0\0\0", b"CONFIG-offset:1"])
def test_the_old_binary_form_is_refused(prefix):
    with pytest.raises(cn.errors.UnsupportedError, match="old binary form"):
        native.read_model_bytes(prefix)


def test_unknown_objectives_are_refused():
    text = bytes(small().save_raw("json")).replace(b"binary:logistic", b"binary:magic")
    with pytest.raises(cn.errors.UnsupportedError, match='objective "binary:magic"'):
        native.read_model_bytes(text)


def edit(*path, to):
    model = json.loads(bytes(small().save_raw("json")))
    at = model
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return json.dumps(model).encode()


TREE = ("learner", "gradient_booster", "model", "trees", 0)
PARAMS = ("learner", "learner_model_param")


@pytest.mark.parametrize(
    ("path", "to", "match"),
    [
        ((*PARAMS, "base_score"), "[1.5]", "base score is out of range"),
        ((*PARAMS, "base_score"), "[0.5,0.5]", "do not fit the number of outputs"),
        ((*PARAMS, "base_score"), "[", "not a whole JSON text"),
        ((*PARAMS, "num_feature"), "2000000000", "expected num_feature up to"),
        ((*PARAMS, "num_target"), "-1", "out of range"),
        ((*PARAMS, "num_feature"), "two", "expected an integer"),
        ((*PARAMS, "num_feature"), "2", "does not fit the number of features"),
        ((*TREE, "left_children"), [0] * 7, "two parents"),
        ((*TREE, "left_children", 0), 100, "child number is out of range"),
        ((*TREE, "left_children"), [], "numbers"),
        ((*TREE, "split_indices", 0), 3, "feature number is out of range"),
        ((*TREE, "split_conditions", 0), None, "expected"),
        ((*TREE, "sum_hessian"), [1.0], "expected . numbers, got 1"),
        ((*TREE, "categories_segments"), [1000000] * 2, "segment|differ"),
        ((*TREE, "categories_sizes"), [10**15] * 2, "segment|differ"),
        ((*TREE, "tree_param"), {"size_leaf_vector": "7"}, "leaf has no values|out of range"),
        (("learner", "gradient_booster", "model", "tree_info"), [0, 5], "output is out of range"),
        (("learner", "gradient_booster", "model", "tree_info"), [0], "tree_info does not fit"),
        (("learner", "gradient_booster"), {"name": "gbtree"}, 'expected a member "model"'),
        (("learner",), 7, 'expected a member "objective"|expected a member'),
    ],
)
def test_what_does_not_fit_is_named(path, to, match):
    with pytest.raises(cn.errors.CorruptionError, match=match) as error:
        native.read_model_bytes(edit(*path, to=to))
    assert str(error.value).startswith("read_model: not a whole")


def test_deep_nesting_is_refused():
    for data in (b'{"learner":' + b"[" * 100_000, b'{"learner":' + b'{"a":' * 100_000):
        with pytest.raises(cn.errors.CorruptionError, match="nested too deep"):
            native.read_model_bytes(data)
    for data in (b"{U\x01a" + b"[" * 100_000, b"{" + b"U\x01a{" * 100_000):
        with pytest.raises(cn.errors.CorruptionError, match="nested too deep"):
            native.read_model_bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"{U\x01a[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"{U\x01a[#L\x00\x00\x00\x7f\xff\xff\xff\xff",
        b"{U\x01a[$Z#L\x00\x00\x00\x00\x7f\xff\xff\xff",
        b"{U\x01a[$T#l\x7f\xff\xff\xff",
        b"{L\xff\xff\xff\xff\xff\xff\xff\xffa",
        b"{U\xffa",
        b"{i\x80a",
        b"{U\x01a[$d",
        b"{U\x01aS",
        b"{",
        b"{}",
        b"{L",
    ],
)
def test_hostile_lengths(data):
    with pytest.raises(cn.errors.CorruptionError):
        native.read_model_bytes(data)


def survives(data, X):
    try:
        booster = native.read_model_bytes(data)
    except (cn.errors.CorruptionError, cn.errors.UnsupportedError):
        return False
    if booster.width == 3:
        booster.predict(X, True)
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_every_cut_is_refused(kind):
    data = bytes(small().save_raw(kind))
    X, _ = frame(6)
    for length in {*range(0, len(data), 11), *range(len(data) - 40, len(data))}:
        assert not survives(data[:length], X)


@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes_do_not_crash(kind):
    data = bytes(small().save_raw(kind))
    X = np.zeros((3, 3))
    rng = np.random.default_rng(0)
    for _ in range(400):
        changed = bytearray(data)
        for at in rng.integers(0, len(data), rng.integers(1, 4)):
            changed[at] = rng.integers(0, 256)
        try:
            booster = native.read_model_bytes(bytes(changed))
            if booster.width == 3 and not any(booster.categories()[1] or []):
                booster.predict(X, True)
            native.write_model_bytes(booster, "xgboost-ubj")
        except (cn.errors.CorruptionError, cn.errors.UnsupportedError, cn.errors.TypeError):
            continue


def test_too_many_category_sets():
    """A small file must not ask for much memory: every split its own far category."""
    model = json.loads(small().save_raw("json"))
    n = 4001
    learner = model["learner"]
    learner["learner_model_param"]["num_feature"] = "1"
    learner["feature_names"], learner["feature_types"] = [], ["c"]
    del learner["gradient_booster"]["model"]["cats"]
    inner = n // 2
    learner["gradient_booster"]["model"]["trees"] = [
        {
            "base_weights": [0.0] * n,
            "categories": list(range(inner)),
            "categories_nodes": list(range(inner)),
            "categories_segments": list(range(inner)),
            "categories_sizes": [1] * inner,
            "default_left": [0] * n,
            "id": 0,
            "left_children": [2 * i + 1 for i in range(inner)] + [-1] * (inner + 1),
            "right_children": [2 * i + 2 for i in range(inner)] + [-1] * (inner + 1),
            "loss_changes": [0.0] * n,
            "parents": [0] * n,
            "split_conditions": [0.0] * n,
            "split_indices": [0] * n,
            "split_type": [1] * n,
            "sum_hessian": [0.0] * n,
            "tree_param": {"num_nodes": str(n), "size_leaf_vector": "1"},
        }
    ]
    learner["gradient_booster"]["model"]["tree_info"] = [0]
    booster = native.read_model_bytes(json.dumps(model).encode())
    assert booster.predict(np.array([[5.0]])).shape == (1,)


def test_formats_are_listed():
    booster = native.read_model_bytes(bytes(small().save_raw("ubj")))
    with pytest.raises(cn.errors.ArgumentError, match=r'"xgboost-json".*got "xml"'):
        native.write_model_bytes(booster, "xml")
    with pytest.raises(cn.errors.CorruptionError, match="another kind"):
        native.read_model_bytes(b'{"a":1}')
