"""Parameter names of LightGBM, XGBoost, CatBoost and our own, and what their values become."""

import json
from collections import Counter

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from cnengine import errors
from cnengine._core import gbdt
from cnengine.gbdt import option_tables as tables
from cnengine.gbdt.params import KNOWN, names_of, own_words, place_features, resolve
from hypothesis import given, settings
from hypothesis import strategies as st

EXTRAS = {"categorical_features", "class_weight", "num_threads", "verbosity", "unlisted_features"}


def tree_options(params, width=3, names=None):
    options = place_features(resolve(params), names, width)
    return {name: value for name, value in options.items() if name not in EXTRAS}


def train(params, X, y):
    return gbdt.train(X, {"y": y}, [], [], tree_options(params, X.shape[1]))[0]


def outcome(name, value):
    try:
        return resolve({name: value})
    except errors.Error as error:
        return type(error).__name__


VALUES = [3, 0, 1, -1, 0.5, True, False, "", "gbdt", "l2", "cpu", "train", "basic", "serial",
          "balanced", "auto", "none", "(1,-1)", "[0,1]", [1, 0], [[0], [1]], [5],
          "LightGBM_model.txt"]  # fmt: skip


@pytest.mark.parametrize("main", sorted(lightgbm.basic._ConfigAliases._get_all_param_aliases()))
def test_aliases_of_lightgbm_agree(main):
    aliases = lightgbm.basic._ConfigAliases.get(main)
    assert aliases <= KNOWN
    aliases = aliases - {"max_bins"}  # ours: up to 255, which the native code checks
    for value in VALUES:
        found = {name: outcome(name, value) for name in aliases}
        if main == "min_gain_to_split":
            assert "min_gain" not in found  # which is ours, and half of it
        assert all(got == found[main] for got in found.values()), (value, found)


def test_each_name_is_in_one_table():
    listed = [name for option, (_, others) in tables.OPTIONS.items()
              for name in (option, *others.split())]  # fmt: skip
    for table in (tables.CONVERTED, tables.TOGETHER):
        listed += [name for names in table.values() for name in names.split()]
    listed += [name for names in tables.REFUSED for name in names.split()]
    listed += tables.NO_EFFECT.split()
    assert [name for name, count in Counter(listed).items() if count > 1] == []


def test_what_the_tables_give_the_native_code_takes(wave):
    """Each option has a place in the native training, each objective is one of it."""
    assert set(tables.OBJECTIVES.values()) == set(gbdt.objectives())
    X, y = wave
    for option in tables.OPTIONS:
        with pytest.raises(errors.TypeError, match=f"expected {option} to be"):
            gbdt.train(X, {"y": y}, [], [], {option: object()})


def test_defaults_of_xgboost_are_taken(wave):
    X, y = wave
    model = xgboost.train({"booster": "dart"}, xgboost.DMatrix(X[:100], y[:100]), 1)
    learner = json.loads(model.save_config())["learner"]

    def leaves(config):
        for name, value in config.items():
            if isinstance(value, dict):
                yield from leaves(value)
            elif name not in {
                "updater",
                "specified_updater",
                "name",
                "base_score",
                "boost_from_average",
                "metrics",
            }:
                yield name, value

    found = dict(leaves(learner))
    assert {"gamma", "max_bin", "sampling_method", "normalize_type", "process_type"} <= set(found)
    for name, text in found.items():
        if isinstance(text, bool):
            resolve({name: text})
            continue
        value = float(text) if text.replace(".", "").isdigit() else text
        value = int(value) if isinstance(value, float) and value.is_integer() else value
        resolve({name: value})
    for cls in (xgboost.XGBClassifier, xgboost.XGBRFRegressor, xgboost.XGBRanker):
        names = set(cls().get_params()) - {"callbacks"}
        assert names <= KNOWN
    own = {"callbacks", "missing"}
    params = xgboost.XGBClassifier(n_estimators=5, reg_alpha=0.5).get_params()
    got = resolve({name: value for name, value in params.items() if name not in own})
    assert (got["objective"], got["n_estimators"], got["lambda_l1"]) == ("binary", 5, 0.5)


def test_defaults_of_lightgbm_are_taken():
    got = resolve(lightgbm.LGBMClassifier().get_params())
    assert got["num_leaves"] == 31
    assert got["bagging_freq"] == 0
    assert "class_weight" not in got


@pytest.mark.parametrize(
    "estimator",
    [catboost.CatBoostClassifier(loss_function="Logloss"), catboost.CatBoostRegressor(loss_function="MAE"),
     catboost.CatBoostRegressor(loss_function="Quantile:alpha=0.3")],
)  # fmt: skip
def test_defaults_of_catboost_are_taken(estimator, wave, tmp_path):
    estimator.set_params(iterations=1, verbose=False, train_dir=str(tmp_path))
    X, y = wave
    estimator.fit(X[:200], y[:200])
    every = estimator.get_all_params()
    del every["pool_metainfo_options"], every["boost_from_average"], every["use_best_model"]
    got = resolve(every)
    assert got["grow_policy"] == "symmetric"
    assert got["max_bins"] == 255
    assert got["lambda_l2"] == 3
    assert got["data_sample_strategy"] == "mvs"
    if got["objective"] == "quantile":
        assert got["quantiles"] == [0.3]


def test_names_of_catboost_are_known():
    import inspect

    for cls in (catboost.CatBoostClassifier, catboost.CatBoostRanker):
        names = set(inspect.signature(cls.__init__).parameters) - {"self", "callback"}
        assert names <= KNOWN


CONVERSIONS = [
    ({"gamma": 2.0}, {"min_gain": 1.0}),
    ({"min_split_gain": 3, "min_gain": 1.5}, {"min_gain": 1.5}),
    ({"alpha": 0.2}, {"lambda_l1": 0.2}),
    ({"alpha": 0.2, "objective": "quantile"}, {"quantiles": [0.2]}),
    ({"alpha": [0.2, 0.8], "loss": "quantile"}, {"quantiles": [0.2, 0.8]}),
    ({"alpha": 1.5, "objective": "huber"}, {"huber_delta": 1.5}),
    ({"alpha": 1, "objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]},
     {"lambda_l1": 1, "quantiles": [0.1, 0.9]}),
    ({"max_bin": 256}, {"max_bins": 255}),
    ({"max_bin": 63}, {"max_bins": 63}),
    ({"border_count": 254}, {"max_bins": 255}),
    ({"border_count": 32}, {"max_bins": 33}),
    ({"max_depth": -1}, {"max_depth": 0}),
    ({"grow_policy": "depthwise", "max_depth": 5}, {"max_depth": 5, "num_leaves": 0}),
    ({"grow_policy": "Depthwise", "depth": 5, "max_leaves": 9}, {"max_depth": 5, "num_leaves": 9}),
    ({"grow_policy": "lossguide", "max_leaves": 0}, {"grow_policy": "leafwise"}),
    ({"max_leaves": 0, "max_depth": 6}, {"num_leaves": 0, "max_depth": 6}),
    ({"boosting": "goss"}, {"boosting": "gbdt", "data_sample_strategy": "goss"}),
    ({"booster": "gbtree"}, {"boosting": "gbdt"}),
    ({"boosting": "random_forest"}, {"boosting": "rf"}),
    ({"sampling_method": "gradient_based"}, {"data_sample_strategy": "mvs", "mvs_reg": 0.1}),
    ({"bootstrap_type": "Bayesian"}, {"data_sample_strategy": "bayesian"}),
    ({"bootstrap_type": "No"}, {"data_sample_strategy": "bagging", "bagging_freq": 0}),
    ({"rsm": 0.5}, {"colsample_bylevel": 0.5}),
    ({"sample_type": "weighted"}, {"uniform_drop": False}),
    ({"xgboost_dart_mode": True}, {"normalize_type": "tree"}),
    ({"tree_method": "gpu_hist"}, {"device": "gpu"}),
    ({"task_type": "GPU"}, {"device": "gpu"}),
    ({"device": "cuda", "tree_method": "hist"}, {"device": "gpu"}),
    ({"objective": "Huber:delta=2"}, {"objective": "huber", "huber_delta": 2.0}),
    ({"loss_function": "Tweedie:variance_power=1.3"}, {"tweedie_power": 1.3}),
    ({"objective": "MultiQuantile:alpha=0.1,0.5"}, {"quantiles": [0.1, 0.5]}),
    ({"objective": "count:poisson", "max_delta_step": 1.0},
     {"max_delta_step": 1.0, "poisson_max_delta_step": 1.0}),
    ({"objective": "poisson", "max_delta_step": 1.0}, {"max_delta_step": 1.0}),
    ({"metric": "auc,logloss"}, {"metrics": ["auc", "logloss"]}),
    ({"eval_metric": ["AUC", "Logloss"], "custom_metric": "l1"},
     {"metrics": ["auc", "binary_logloss", "l1"]}),
    ({"metric": "None"}, {"metrics": ["none"]}),
    ({"metric": "ndcg,l2", "eval_at": [1, 3]}, {"metrics": ["ndcg@1", "ndcg@3", "l2"]}),
    ({"objective": "lambdarank", "ndcg_eval_at": "2,5"}, {"metrics": ["ndcg@2", "ndcg@5"]}),
    ({"metric": "multi_error", "multi_error_top_k": 2}, {"metrics": ["multi_error@2"]}),
    ({"disable_default_eval_metric": 1}, {"metrics": ["none"]}),
    ({"od_wait": 7, "od_type": "Iter"}, {"early_stopping_rounds": 7}),
    ({"early_stopping_round": -1}, {"early_stopping_rounds": 0}),
    ({"is_unbalance": True}, {"class_weight": "balanced"}),
    ({"auto_class_weights": "Balanced"}, {"class_weight": "balanced"}),
    ({"class_weights": [1, 3]}, {"class_weight": [1, 3]}),
    ({"class_weights": [1, 3], "class_names": ["no", "yes"]}, {"class_weight": {"no": 1, "yes": 3}}),
    ({"n_jobs": -1}, {"num_threads": 0}),
    ({"thread_count": 2}, {"num_threads": 2}),
    ({"monotone_constraints": "(1,-1)"}, {"monotone_constraints": [1, -1]}),
    ({"mc": (1, 0)}, {"monotone_constraints": [1, 0]}),
    ({"monotone_constraints": "a:1,2:-1"}, {"monotone_constraints": {"a": 1, 2: -1}}),
    ({"monotone_constraints": np.array([0, 1])}, {"monotone_constraints": [0, 1]}),
    ({"interaction_constraints": "[0,1],[2]"}, {"interaction_constraints": [[0, 1], [2]]}),
    ({"interaction_constraints": "[[0, 1], [2]]"},
     {"interaction_constraints": [[0, 1], [2]], "unlisted_features": "alone"}),
    ({"interaction_constraints": [[0, 1]], "tree_method": "hist"}, {"unlisted_features": "alone"}),
    ({"categorical_feature": "name:a,b"}, {"categorical_features": ["a", "b"]}),
    ({"categorical_feature": "0,2"}, {"categorical_features": [0, 2]}),
    ({"feature_types": ["q", "c"]}, {"categorical_features": [1]}),
    ({"seed": np.int64(5), "subsample": np.float32(0.5)}, {"seed": 5, "subsample": 0.5}),
    ({"random_state": np.random.RandomState(3)},
     {"seed": int(np.random.RandomState(3).randint(2**31 - 1))}),
    ({"num_leaves": 15, "max_leaves": 15, "max_leaf": None}, {"num_leaves": 15}),
    ({"force_col_wise": True, "bagging_seed": 7, "linear_tree": None}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("params", "expected"), CONVERSIONS,
                         ids=lambda v: str(v).split(" at 0x")[0])  # fmt: skip
def test_conversions(params, expected):
    got = resolve(params)
    assert {name: got.get(name) for name in expected} == expected
    assert {name: type(got[name]) for name in expected} == {
        name: type(value) for name, value in expected.items()
    }


def test_callables_stay():
    def mine(*_):
        return None

    assert resolve({"objective": mine, "metric": ["auc", mine]}) == {
        "objective": mine, "metrics": ["auc", mine]}  # fmt: skip


WRONG = [
    ({"num_leafs": 3}, "ArgumentError", 'train: unknown parameter "num_leafs"; did you mean "num_leaves"?'),
    ({"gama": 3}, "ArgumentError", 'train: unknown parameter "gama"; did you mean "gamma"?'),
    ({"xyzzy": 3}, "ArgumentError", 'train: unknown parameter "xyzzy"'),
    ({3: 3}, "TypeError", "train: expected names as text in params, got 3"),
    ({"max_leaves": 3, "num_leaf": 4}, "ArgumentError",
     "train: max_leaves=3 and num_leaf=4 disagree: both are num_leaves"),
    ({"gamma": 1.0, "min_gain": 1.0}, "ArgumentError",
     "train: gamma=1.0 and min_gain=1.0 disagree: both are min_gain"),
    ({"boosting": "goss", "data_sample_strategy": "bagging"}, "ArgumentError",
     "train: boosting='goss' and data_sample_strategy='bagging' disagree: both are data_sample_strategy"),
    ({"map_at": [1], "ndcg_at": [2]}, "ArgumentError",
     "train: map_at=[1] and ndcg_at=[2] disagree: both are eval_at"),
    ({"eta": "fast"}, "TypeError", "train: expected eta to be a number, got 'fast'"),
    ({"eta": True}, "TypeError", "train: expected eta to be a number, got True"),
    ({"max_leaf": 3.5}, "TypeError", "train: expected max_leaf to be an integer, got 3.5"),
    ({"extra_tree": 2}, "TypeError", "train: expected extra_tree to be True or False, got 2"),
    ({"gamma": -1.0}, "ArgumentError", "train: expected gamma >= 0, got -1.0"),
    ({"gamma": float("nan")}, "ArgumentError", "train: expected gamma >= 0, got nan"),
    ({"max_bin": 512}, "ArgumentError",
     "train: expected max_bin from 2 to 256, of which 256 counts as 255, got 512"),
    ({"quantile_alpha": 1.5}, "ArgumentError", "train: expected quantile_alpha between 0 and 1, got 1.5"),
    ({"alpha": 2, "objective": "quantile"}, "ArgumentError", "train: expected alpha between 0 and 1, got 2"),
    ({"objective": "regresion"}, "ArgumentError", 'train: unknown objective "regresion"; did you mean "regression"?'),
    ({"objective": "YetiRank"}, "UnsupportedError",
     "train: objective='YetiRank' has no counterpart here; its loss is not among those of this engine"),
    ({"objective": "Huber:delta=x"}, "ArgumentError",
     "train: expected objective with a number after delta=, got 'Huber:delta=x'"),
    ({"objective": "Huber:slope=1"}, "ArgumentError",
     "train: expected objective with parameters from ['delta'], got 'Huber:slope=1'"),
    ({"tree_method": "exact"}, "UnsupportedError",
     "train: tree_method='exact' has no counterpart here; it may be \"auto\", \"hist\", \"gpu_hist\""),
    ({"process_type": "update"}, "UnsupportedError",
     "train: process_type='update' has no counterpart here; it may be 'default'"),
    ({"langevin": True}, "UnsupportedError", "train: langevin=True has no counterpart here; it may be False"),
    ({"mc_method": "advanced"}, "UnsupportedError",
     "train: mc_method='advanced' has no counterpart here; it may be \"basic\", \"intermediate\""),
    ({"bootstrap_type": "Poisson"}, "UnsupportedError",
     "train: bootstrap_type='Poisson' has no counterpart here; it may be "
     '"bayesian", "bernoulli", "mvs", "no"'),
    ({"one_drop": 1}, "UnsupportedError", "train: one_drop=1 has no counterpart here; it may be False"),
    ({"base_score": 0.5}, "UnsupportedError", "train: base_score=0.5 has no counterpart here; leave it out"),
    ({"missing": 0}, "UnsupportedError", "train: missing=0 has no counterpart here; it may be 'nan'"),
    ({"device": "cuda:1"}, "UnsupportedError",
     "train: device='cuda:1' has no counterpart here; it may be "
     '"cpu", "gpu", "cuda", "gpu:0", "cuda:0"'),
    ({"grow_policy": "sideways"}, "ArgumentError",
     'train: expected grow_policy to be one of "leafwise", "lossguide", "depthwise", "symmetric", '
     "\"symmetrictree\", got 'sideways'"),
    ({"random_state": -1}, "ArgumentError", "train: expected random_state >= 0 and below 2**64, got -1"),
    ({"is_unbalance": True, "scale_pos_weight": 2}, "ArgumentError",
     "train: expected one of is_unbalance and scale_pos_weight, got both"),
    ({"mc": [2]}, "ArgumentError", "train: expected mc to be -1, 0 or 1 by feature, got [2]"),
    ({"mc": "(a)"}, "ArgumentError", "train: expected mc as \"(1,-1)\" or \"name:1\", got '(a)'"),
    ({"interaction_constraints": [1]}, "TypeError",
     "train: expected interaction_constraints to be lists of names or positions of features, got [1]"),
    ({"class_names": ["b", "a"]}, "UnsupportedError",
     "train: class_names=['b', 'a'] has no counterpart here; classes are in the order of their labels"),
    ({"eval_at": [0]}, "ArgumentError", "train: expected eval_at >= 1, got [0]"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "kind", "text"), WRONG, ids=lambda v: str(v)[:40])
def test_what_is_wrong_is_named(params, kind, text):
    with pytest.raises(errors.Error) as raised:
        resolve(params)
    assert (type(raised.value).__name__, str(raised.value)) == (kind, text)


def test_native_errors_use_the_words_of_the_user(wave):
    X, y = wave
    params = {"eta": -1.0, "num_leaves": 7, "feature_fraction": 0.5}
    with own_words(params), pytest.raises(errors.ArgumentError, match="expected learning_rate"):
        train(params, X, y)
    for params, text in [({"eta": -1.0}, "train: expected eta > 0, got -1"),
                         ({"sub_row": 0}, r"train: expected sub_row in \(0, 1\], got 0"),
                         ({"seed": 2**64 - 1, "iterations": 2**40},
                          "train: expected iterations to be an integer that fits")]:  # fmt: skip
        with pytest.raises((errors.ArgumentError, errors.TypeError), match=text), own_words(params):
            train(params, X, y)


def test_names_of_options():
    assert names_of("seed") == ["seed", "random_seed", "random_state"]
    assert set(names_of("lambda_l2")) == {
        "lambda_l2", "reg_lambda", "lambda", "l2_regularization", "l2_leaf_reg"}  # fmt: skip
    assert {"gamma", "min_gain"} <= set(names_of("min_gain"))
    for option in {*tables.OPTIONS, *tables.CONVERTED}:
        assert set(names_of(option)) <= KNOWN
    with pytest.raises(errors.ArgumentError, match="names_of: unknown option"):
        names_of("nothing")


def test_constraints_by_name_and_position():
    options = {"monotone_constraints": {"b": -1, 0: 1}, "interaction_constraints": [["c", 0]]}
    assert place_features(options, ["a", "b", "c"], 3) == {
        "monotone_constraints": [1, -1, 0], "interaction_constraints": [[2, 0]]}  # fmt: skip
    alone = place_features(options | {"unlisted_features": "alone"}, ["a", "b", "c"], 3)
    assert alone["interaction_constraints"] == [[2, 0], [1]]
    with pytest.raises(errors.ArgumentError, match='no feature "d" for monotone_constraints'):
        place_features({"monotone_constraints": {"d": 1}}, ["a"], 1)
    with pytest.raises(errors.ArgumentError, match="features from 0 to 1 in interaction_constr"):
        place_features({"interaction_constraints": [[2]]}, None, 2)


def few_values(rows=1000, width=3, seed=0):
    """Features of few values, so that the bins of both engines are the same."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 12, (rows, width)).astype(float)
    y = np.sin(X[:, 0]) + 0.3 * X[:, 1] + 0.2 * X[:, 0] * X[:, 2] + rng.standard_normal(rows)
    return X, y


def test_gamma_is_that_of_xgboost():
    """A split stays where XGBoost keeps it: gamma beside the gain that it reports."""
    X, y = few_values()
    params = {"tree_method": "hist", "max_depth": 1, "lambda": 1.0, "eta": 0.3,
              "min_child_weight": 1.0, "min_child_samples": 1}  # fmt: skip
    data = xgboost.DMatrix(X, y)
    theirs = {name: value for name, value in params.items() if name != "min_child_samples"}
    gain = xgboost.train(theirs, data, 1).trees_to_dataframe()["Gain"][0]
    for factor, kept in ((0.999, True), (1.001, False)):
        gamma = {"gamma": float(gain * factor)}
        frame = xgboost.train(theirs | gamma, data, 1).trees_to_dataframe()
        ours = train(params | gamma | {"num_boost_round": 1}, X, y).trees()
        assert (len(frame) == 3) == kept
        assert (len(ours) == 1 and len(ours[0][0]) == 1) == kept


@pytest.mark.parametrize("gamma", [0.0, 30.0, 200.0])
def test_depth_wise_trees_are_those_of_xgboost(gamma):
    X, y = few_values()
    params = {"tree_method": "hist", "max_depth": 3, "lambda": 1.0, "eta": 0.3, "max_bin": 256,
              "min_child_weight": 5.0, "gamma": gamma, "grow_policy": "depthwise"}  # fmt: skip
    frame = xgboost.train(params, xgboost.DMatrix(X, y), 1).trees_to_dataframe()
    ours = train(params | {"num_round": 1, "min_child_samples": 1}, X, y).trees()[0]
    splits = frame[frame["Feature"] != "Leaf"]
    expected = Counter(
        zip(splits["Feature"].str[1:].astype(int), np.ceil(splits["Split"]), strict=True)
    )
    # Ours lie between the values, XGBoost's on the next one.
    assert Counter((n["feature"], np.ceil(n["threshold"])) for n in ours[0]) == expected
    assert len(expected) > 1
    gains = sorted(2 * n["gain"] for n in ours[0])
    np.testing.assert_allclose(gains, sorted(splits["Gain"]), rtol=1e-4)


def paths_of(nodes, node=0, path=()):
    """The features from the root to each leaf."""
    if node < 0:
        yield frozenset(path)
        return
    path = (*path, nodes[node]["feature"])
    yield from paths_of(nodes, nodes[node]["left"], path)
    yield from paths_of(nodes, nodes[node]["right"], path)


def test_features_that_no_set_lists():
    X, y = few_values(2000, 4)
    y = y + 2 * X[:, 3]
    params = {"n_estimators": 20, "num_leaves": 8, "interaction_constraints": [[0, 2], [1, 2]]}

    def found(params):
        return {path for nodes, _ in train(params, X, y).trees() for path in paths_of(nodes)}

    excluded = found(params)
    assert all(path <= {0, 2} or path <= {1, 2} for path in excluded)
    alone = found(params | {"tree_method": "hist"})
    assert alone == found(params | {"unlisted_features": "alone"})
    assert {3} in alone
    assert all(path <= {0, 2} or path <= {1, 2} or path == {3} for path in alone)
    theirs = {"interaction_constraints": "[[0, 2], [1, 2]]", "max_depth": 3, "tree_method": "hist"}
    frame = xgboost.train(theirs, xgboost.DMatrix(X, y), 20).trees_to_dataframe()
    with_3 = frame.groupby("Tree")["Feature"].agg(set)
    assert any("f3" in features for features in with_3)
    assert all(features <= {"f3", "Leaf"} for features in with_3 if "f3" in features)


def test_alpha_is_the_quantile_of_lightgbm():
    X, y = few_values()
    params = {"objective": "quantile", "alpha": 0.8, "num_iterations": 1, "verbosity": -1,
              "num_leaves": 4, "learning_rate": 1.0, "boost_from_average": True}  # fmt: skip
    theirs = lightgbm.train(params, lightgbm.Dataset(X, y)).predict(X)
    ours = train(params, X, y).predict(X)
    np.testing.assert_allclose(ours, theirs, rtol=0.02)  # LightGBM puts weights on the ranks
    assert np.mean(y <= ours) == pytest.approx(0.8, abs=0.01)


SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TEXTS = st.sampled_from([*tables.OBJECTIVES, *tables.METRICS, "Quantile:alpha=", "none", "gpu",
                         "dart", "[[0, 1]]", "(1,0)", "a:1", "name:a", "No", "GPU", "depthwise",
                         "balanced"])  # fmt: skip
LISTS = st.lists(SIMPLE | st.lists(SIMPLE, max_size=2), max_size=3)
DICTS = st.dictionaries(st.text(max_size=2) | st.integers(), SIMPLE, max_size=2)
ANY = SIMPLE | TEXTS | LISTS | DICTS


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.text(max_size=6) | st.sampled_from(sorted(KNOWN)), ANY, max_size=5))
def test_only_errors_of_cnengine_are_raised(params):
    try:
        resolve(params)
    except errors.Error as error:
        assert str(error).startswith("train: ")  # noqa: PT017


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(KNOWN)), st.integers(0, 9) | st.floats(0, 1) | TEXTS,
                       max_size=3))  # fmt: skip
def test_what_is_resolved_is_read_by_the_native_code(params):
    """Options that were taken are known there, of the right types, or refused with a reason."""
    try:
        options = tree_options(params, 3, ["a", "b", "c"])
        if callable(options.get("objective")):
            return
        gbdt.evaluate("l2", options, {"y": np.zeros(2)}, np.zeros((1, 2)))
    except errors.Error as error:
        assert "unknown option" not in str(error)  # noqa: PT017
