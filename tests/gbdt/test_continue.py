"""Going on from a model, snapshots, learning-rate schedules and early stopping."""

import numpy as np
import pytest
from cnengine import errors
from cnengine._core import gbdt

MODES = {
    "plain": {},
    "sampled": {"subsample": 0.5, "bagging_freq": 3, "colsample": 0.6, "colsample_bynode": 0.7},
    "goss": {"data_sample_strategy": "goss", "learning_rate": 0.5},
    "bayesian": {"data_sample_strategy": "bayesian", "extra_trees": True},
    "rates": {"learning_rates": [0.3, 0.2, 0.1, 0.05, 0.02]},
    "symmetric": {"grow_policy": "symmetric", "max_depth": 4},
    "smooth": {"path_smooth": 3.0, "monotone_constraints": [1, 0, 0, 0, 0, 0, 0, 0]},
    "forest": {"boosting": "rf", "subsample": 0.5},
    "dart": {"boosting": "dart", "skip_drop": 0.1, "drop_rate": 0.3},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("objective", ["binary", "regression"])
def test_a_snapshot_resumes_bit_for_bit(native_train, wave, tmp_path, mode, objective):
    X, y = wave
    train = (X[:3000], y[:3000])
    options = {
        "objective": objective, "num_leaves": 10, "valid": (X[3000:], y[3000:]), "snapshot_every": 4,
        "snapshot_path": str(tmp_path / "at_{round}.cne"), **MODES[mode],
    }  # fmt: skip
    whole, losses, _ = native_train(*train, n_estimators=11, **options)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["at_4.cne", "at_8.cne"]
    for rounds in (4, 8):
        snapshot = gbdt.load(str(tmp_path / f"at_{rounds}.cne"))
        assert snapshot.num_trees == rounds
        resumed, again, _ = native_train(
            *train, start=snapshot, n_estimators=11 - rounds, **options
        )
        assert resumed.to_bytes() == whole.to_bytes()
        assert again[rounds:] == losses[rounds:]


@pytest.mark.parametrize("mode", [m for m in MODES if m != "dart"])
def test_rounds_in_two_parts_are_those_in_one(native_train, wave, mode):
    options = {"objective": "binary", **MODES[mode]}
    first, _, _ = native_train(*wave, n_estimators=3, **options)
    both, _, best = native_train(*wave, n_estimators=4, start=first, **options)
    whole, _, _ = native_train(*wave, n_estimators=7, **options)
    assert both.to_bytes() == whole.to_bytes()
    assert best == both.num_trees == 7


def test_early_stopping_remembers_what_was_before(native_train, wave):
    X, y = wave
    options = {
        "objective": "binary", "learning_rate": 0.3, "early_stopping_rounds": 6,
        "valid": (X[3000:], y[3000:]),
    }  # fmt: skip
    whole, losses, best = native_train(X[:3000], y[:3000], n_estimators=100, **options)
    assert len(losses) < 100
    rounds = best + 2  # the best round is in the past
    part, _, _ = native_train(
        X[:3000], y[:3000], n_estimators=rounds, objective="binary", learning_rate=0.3
    )
    resumed, again, same = native_train(X[:3000], y[:3000], n_estimators=100, start=part, **options)
    assert (same, again) == (best, losses)
    assert resumed.to_bytes() == whole.to_bytes()


def test_other_data_goes_on_from_what_the_model_says(native_train, wave):
    """Other bins: the first trees are walked by numbers. Checked by the loss of both parts."""
    X, y = wave
    start, _, _ = native_train(X[:2000], y[:2000], n_estimators=20)
    other = np.where(np.isnan(X[2000:]), np.nan, X[2000:] * 1.01 + 0.003)
    booster, losses, _ = native_train(
        other, y[2000:], start=start, n_estimators=20, valid=(other, y[2000:])
    )
    before = np.mean((start.predict(other) - y[2000:]) ** 2)
    after = np.mean((booster.predict(other) - y[2000:]) ** 2)
    assert losses[19] == pytest.approx(before, rel=1e-12)
    assert losses[-1] == pytest.approx(after, rel=1e-12)
    assert after < 0.8 * before


@pytest.mark.parametrize("first", [[0, 1, 2, 3, 4], [1, 3, 5, 7, 9, 11], list(range(12))])
def test_new_categories_join_those_of_the_model(native_train, first):
    rng = np.random.default_rng(len(first))
    levels = rng.standard_normal(12) * 3

    def draw(codes, n):
        code = rng.choice(codes, n).astype(float)
        X = np.column_stack([code, rng.standard_normal(n)])
        X[rng.random(n) < 0.05, 0] = np.nan
        return X, np.nan_to_num(levels[np.nan_to_num(code).astype(int)]) + X[:, 1]

    X1, y1 = draw(first, 2000)
    X2, y2 = draw([0, 2, 4, 6, 8, 10, 11], 2000)
    options = {
        "categorical": [0],
        "n_estimators": 15,
        "max_cat_to_onehot": 2,
        "min_data_per_group": 5,
    }
    start, _, _ = native_train(X1, y1, **options)
    alone, _, _ = native_train(X2, y2, **options, start=start, min_gain=1e30)
    # 15 trees without a split that are 0: the old trees answer as they did, new categories too.
    rows = np.column_stack([[*range(12), np.nan, 77.0], np.zeros(14)])
    constant = alone.predict(rows) - start.predict(rows)
    np.testing.assert_allclose(constant, constant[0], atol=1e-12)
    both, losses, _ = native_train(X2, y2, **options, start=start, valid=(X2, y2))
    assert losses[-1] == pytest.approx(np.mean((both.predict(X2) - y2) ** 2), rel=1e-9)
    assert losses[-1] < 0.5 * losses[14]


def test_models_that_do_not_fit_are_refused(native_train, wave):
    X, y = wave
    start, _, _ = native_train(X, y, n_estimators=1)
    with pytest.raises(errors.ShapeError, match="the 8 features of the model to go on from, got 3"):
        native_train(X[:, :3], y, start=start)
    with pytest.raises(errors.ArgumentError, match='its objective is "regression", not "binary"'):
        native_train(X, y, start=start, objective="binary")
    with pytest.raises(errors.ArgumentError, match="feature 2 does not hold categories there"):
        native_train(np.round(X), y, start=start, categorical=[2])


def test_too_many_categories_together(native_train):
    codes = np.arange(500.0)[:, None]
    start, _, _ = native_train(codes[:200], codes[:200, 0], categorical=[0], n_estimators=1)
    with pytest.raises(errors.UnsupportedError, match="at most 254 categories in feature 0"):
        native_train(codes[200:400], codes[:200, 0], categorical=[0], start=start)


def test_rates_by_round(native_train):
    X = np.repeat([[0.0], [1.0]], 50, axis=0)
    y = X[:, 0] * 8
    rates = [0.5, 0.25, 0.1]
    booster, _, _ = native_train(X, y, n_estimators=5, learning_rates=rates)
    left = 4 * np.prod([1 - r for r in [*rates, 0.1, 0.1]])
    np.testing.assert_allclose(booster.predict(X[-1:]), [8 - left], atol=1e-6)
    with pytest.raises(errors.ArgumentError, match="learning_rates > 0, got 0"):
        native_train(X, y, learning_rates=[0.1, 0.0])


def test_an_improvement_below_min_delta_is_none(native_train, wave):
    X, y = wave
    options = {
        "objective": "binary", "n_estimators": 60, "early_stopping_rounds": 3,
        "valid": (X[3000:], y[3000:]),
    }  # fmt: skip
    _, losses, best = native_train(X[:3000], y[:3000], early_stopping_min_delta=0.01, **options)
    curve, at = np.array(losses), 0
    for r in range(1, len(curve)):
        at = r if curve[r] < curve[at] - 0.01 else at
    assert best == at + 1
    assert len(losses) == at + 4
    assert best < native_train(X[:3000], y[:3000], **options)[2]
    with pytest.raises(errors.ArgumentError, match="early_stopping_min_delta >= 0"):
        native_train(X, y, early_stopping_min_delta=-1.0)


def test_snapshots_need_a_path(native_train, wave):
    with pytest.raises(errors.ArgumentError, match="snapshot_path with snapshot_every"):
        native_train(*wave, snapshot_every=2)
    with pytest.raises(errors.IoError):
        native_train(*wave, snapshot_every=1, snapshot_path="/nowhere/at/all.cne", n_estimators=1)
