"""random_strength: noise in the comparison of cuts, beside CatBoost's."""

import catboost
import cnengine as cn
import numpy as np
import pytest
from cnengine import errors
from cnengine.gbdt import Dataset, train
from sklearn.metrics import roc_auc_score

RNG = np.random.default_rng(8)
X = RNG.standard_normal((20_000, 12))
Z = X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] + np.sin(2 * X[:, 4]) + 0.5 * X[:, 5]
Y = (RNG.random(len(X)) < 1 / (1 + np.exp(-2 * Z))).astype(float)
FIT, HELD = slice(0, 12_000), slice(12_000, None)
POLICIES = ["leafwise", "depthwise", "symmetric"]


def fit(rounds=60, **params):
    params = {"objective": "binary", "num_leaves": 63, "max_depth": 6, **params}
    return train(params, Dataset(X[FIT], Y[FIT]), rounds)


def auc(model):
    return roc_auc_score(Y[HELD], model.predict(X[HELD]))


@pytest.mark.parametrize("policy", POLICIES)
def test_none_is_the_default_and_some_changes_trees(policy):
    plain, none, some, other = (
        fit(5, grow_policy=policy, **more).dump()
        for more in ({}, {"random_strength": 0}, {"random_strength": 1},
                     {"random_strength": 1, "seed": 9})
    )  # fmt: skip
    assert plain == none
    assert len({plain, some, other}) == 3


@pytest.mark.parametrize("policy", POLICIES)
def test_threads_do_not_change_a_bit(policy):
    dumps = []
    before = cn.num_threads()
    for threads in (1, 3, before):
        cn.set_num_threads(threads)
        dumps.append(fit(5, grow_policy=policy, random_strength=2.0).dump())
    assert len(set(dumps)) == 1


def test_features_that_only_tell_together_are_found_as_by_catboost():
    """With noise as without, within 0.01 of CatBoost's AUC with the same settings."""
    for strength in (0, 1):
        ours = auc(fit(grow_policy="symmetric", random_strength=strength, lambda_l2=3.0,
                       leaf_estimation_iterations=10))  # fmt: skip
        peer = catboost.CatBoostClassifier(
            iterations=60, depth=6, learning_rate=0.1, border_count=254, random_strength=strength,
            bootstrap_type="No", verbose=False, allow_writing_files=False,
        )  # fmt: skip
        peer.fit(X[FIT], Y[FIT])
        theirs = roc_auc_score(Y[HELD], peer.predict_proba(X[HELD])[:, 1])
        assert ours > theirs - 0.01, (strength, ours, theirs)


def test_strong_noise_uses_every_feature():
    model = fit(20, random_strength=1000.0)
    assert (model.feature_importance("split") > 0).all()


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_numbers_that_cannot_be(value):
    with pytest.raises(errors.ArgumentError, match="random_strength"):
        fit(1, random_strength=value)
