"""Training against independent references: brute force in float64, LightGBM, and identities."""

import warnings

import cnengine as cn
import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from cnengine import errors
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier, GBDTRegressor
from sklearn.metrics import roc_auc_score


def best_cut(x, g, h, least, l2):
    """The best (gain, feature, threshold, missing side) by trying all of them in float64."""

    def score(rows):
        return g[rows].sum() ** 2 / (h[rows].sum() + l2)

    best = (0.0, -1, None, None)
    everything = np.ones(len(g), bool)
    for f in range(x.shape[1]):
        values = np.unique(x[:, f][~np.isnan(x[:, f])])
        cuts = [*((values[:-1] + values[1:]) / 2), np.inf]
        missing = np.isnan(x[:, f])
        for cut in cuts:
            for side in (False, True) if missing.any() else (None,):
                left = np.where(missing, bool(side), np.nan_to_num(x[:, f], nan=np.inf) <= cut)
                if min(left.sum(), (~left).sum()) < max(1, least):
                    continue
                gain = (score(left) + score(~left) - score(everything)) / 2
                if gain > best[0] * (1 + 1e-9) + 1e-12:
                    best = (gain, f, cut, side)
    return best


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("l2", [0.0, 3.0])
def test_first_split_is_the_brute_force_one(seed, l2):
    rng = np.random.default_rng(seed)
    n = 150
    x = np.round(rng.standard_normal((n, 4)), 1)
    if seed % 2:
        x[rng.random(x.shape) < 0.15] = np.nan
    y = np.nan_to_num(x[:, 0]) ** 2 + rng.standard_normal(n)
    w = rng.integers(1, 4, n).astype(float)
    model = GBDTRegressor(
        n_estimators=1, num_leaves=2, learning_rate=1.0, min_child_samples=5, lambda_l2=l2
    ).fit(x, y, w)
    base = np.average(y, weights=w)
    gain, feature, cut, side = best_cut(x, w * (base - y), w, 5, l2)
    (node,), leaves = model.booster_.trees()[0]
    assert node["feature"] == feature
    assert node["gain"] == pytest.approx(gain, rel=1e-6)
    assert node["threshold"] == pytest.approx(cut)
    if side is not None and np.isfinite(cut):
        assert node["missing_left"] == side
    left = np.where(np.isnan(x[:, feature]), node["missing_left"], x[:, feature] <= cut)
    for rows, value in ((left, leaves[0]), (~left, leaves[1])):
        expected = (w * (y - base))[rows].sum() / (w[rows].sum() + l2)
        assert value == pytest.approx(expected, rel=1e-6)


def grown_by_hand(x, y, leaves):
    """Predictions of one least-squares tree grown best leaf first."""
    g, out = y.mean() - y, np.zeros(len(y))
    todo = [np.arange(len(y))]
    while len(todo) < leaves:
        cuts = [best_cut(x[rows], g[rows], np.ones(len(rows)), 1, 0.0) for rows in todo]
        at = int(np.argmax([cut[0] for cut in cuts]))
        _, f, cut, _ = cuts[at]
        rows = todo.pop(at)
        left = x[rows, f] <= cut
        todo += [rows[left], rows[~left]]
    for rows in todo:
        out[rows] = y.mean() - g[rows].mean()
    return out


def test_a_whole_tree_is_the_brute_force_one():
    rng = np.random.default_rng(1)
    x = np.round(rng.standard_normal((120, 3)), 1)
    y = np.sin(2 * x[:, 0]) + x[:, 1] + 0.1 * rng.standard_normal(120)
    model = GBDTRegressor(n_estimators=1, num_leaves=10, learning_rate=1.0, min_child_samples=1)
    got = model.fit(x, y).predict(x)
    np.testing.assert_allclose(got, grown_by_hand(x, y, 10), atol=1e-6)


def synthetic(kind, n=40000):
    rng = np.random.default_rng(len(kind))
    x = rng.standard_normal((n, 10))
    z = x[:, 0] + 1.5 * np.sin(2 * x[:, 2]) + 0.5 * x[:, 0] * x[:, 3]
    categorical = []
    if kind == "missing":
        x[rng.random(x.shape) < 0.3] = np.nan
    if kind == "categories":
        x[:, 4] = rng.integers(0, 40, n)
        z = z + rng.standard_normal(40)[x[:, 4].astype(int)] * 1.5
        categorical = [4]
    if kind == "skewed":
        z, x = 2 * z - 4, np.exp(2 * x)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float)
    return x, y, categorical


@pytest.mark.parametrize("kind", ["dense", "missing", "categories", "skewed"])
def test_auc_agrees_with_lightgbm(kind):
    x, y, categorical = synthetic(kind)
    half = len(y) // 2
    ours = GBDTClassifier(n_estimators=40, categorical_features=categorical or None)
    mine = ours.fit(x[:half], y[:half]).predict_proba(x[half:])[:, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lightgbm.LGBMClassifier(n_estimators=40, verbose=-1, n_jobs=2)
        theirs.fit(x[:half], y[:half], categorical_feature=categorical or "auto")
        peer = theirs.predict_proba(x[half:])[:, 1]
    assert roc_auc_score(y[half:], mine) == pytest.approx(roc_auc_score(y[half:], peer), abs=3e-3)


@pytest.mark.parametrize("estimator", [GBDTClassifier, GBDTRegressor])
@pytest.mark.parametrize("options", [{}, {"subsample": 0.5, "colsample": 0.5}])
def test_threads_do_not_change_a_bit(wave, estimator, options):
    X, y = np.tile(wave[0], (10, 1)), np.tile(wave[1], 10)
    X[:, 0] += np.linspace(0, 1, len(y))
    before, models = cn.num_threads(), []
    try:
        for threads in (1, 2, 3, 4):
            cn.set_num_threads(threads)
            models.append(estimator(n_estimators=5, **options).fit(X, y).booster_.to_bytes())
    finally:
        cn.set_num_threads(before)
    assert models[1:] == models[:1] * 3


def test_devices_do_not_change_a_bit(on, wave):
    model = GBDTClassifier(n_estimators=5, device=on).fit(*wave)
    assert (
        model.booster_.to_bytes() == GBDTClassifier(n_estimators=5).fit(*wave).booster_.to_bytes()
    )


@pytest.mark.parametrize("estimator", [GBDTClassifier, GBDTRegressor])
def test_a_weight_is_as_many_rows(wave, estimator):
    X, y = np.round(wave[0][:1500], 1), wave[1][:1500]
    w = np.random.default_rng(0).integers(0, 4, 1500)
    options = {"n_estimators": 10, "min_child_samples": 0, "min_sum_hessian": 5.0, "num_leaves": 8}
    weighted = estimator(**options).fit(X, y, w)
    repeated = estimator(**options).fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    np.testing.assert_allclose(
        weighted.predict(X, raw_score=True), repeated.predict(X, raw_score=True), atol=1e-5
    )


def test_missing_values_learn_their_side():
    x = np.array([[0.0], [1.0], [np.nan]] * 50)
    for high in (0, 1):  # missing behaves like 0, then like 1
        y = np.tile([0.0, 1.0, float(high)], 50)
        model = GBDTRegressor(n_estimators=1, learning_rate=1.0).fit(x, y)
        np.testing.assert_allclose(
            model.predict([[np.nan], [float(high)]]), [high, high], atol=1e-6
        )


def test_missing_only_at_predict_goes_with_most_rows():
    x = np.arange(100.0)[:, None]
    model = GBDTRegressor(n_estimators=1, num_leaves=2, learning_rate=1.0).fit(x, x[:, 0] > 70)
    assert model.predict([[np.nan]])[0] == model.predict([[3.0]])[0]


def test_infinite_features_are_numbers():
    x = np.array([[-np.inf], [0.0], [np.inf]] * 40)
    y = np.tile([1.0, 2.0, 3.0], 40)
    model = GBDTRegressor(n_estimators=1, learning_rate=1.0).fit(x, y)
    np.testing.assert_allclose(model.predict(x), y, atol=1e-6)


@pytest.mark.parametrize("levels", [3, 12, 400])
def test_categories_split_by_subset(levels):
    rng = np.random.default_rng(levels)
    code = rng.integers(0, levels, 8000)
    y = (code * 7919 % levels) % 2.0  # no order of the codes helps
    model = GBDTClassifier(n_estimators=30, categorical_features=[0], min_child_samples=5)
    model.fit(code[:, None].astype(float), y)
    assert model.score(code[:, None].astype(float), y) > (0.95 if levels < 255 else 0.8)
    assert len(model.booster_.categories()[0]) == min(levels, 254)
    unseen = model.predict(np.array([[-5.0], [1e6], [0.5], [np.nan]]), raw_score=True)
    assert len(set(unseen)) == 1


def test_early_stopping_keeps_the_best_round(wave):
    X, y = wave
    held = (X[3000:], y[3000:])
    long = GBDTClassifier(n_estimators=200, learning_rate=0.3).fit(
        X[:3000], y[:3000], eval_set=held
    )
    losses = np.array(long.evals_result_["valid_0"]["binary_logloss"])
    assert len(losses) == 200
    p = long.predict_proba(held[0])[:, 1]
    expected = -np.mean(np.where(held[1] == 1, np.log(p), np.log(1 - p)))
    assert losses[-1] == pytest.approx(expected, rel=1e-9)
    model = GBDTClassifier(n_estimators=200, learning_rate=0.3, early_stopping_rounds=10)
    model.fit(X[:3000], y[:3000], eval_set=[held])
    short = model.evals_result_["valid_0"]["binary_logloss"]
    best = int(np.argmin(losses[: len(short)]))
    assert model.best_iteration_ == model.booster_.num_trees == best + 1
    assert model.best_score_ == losses[best]
    assert len(short) == best + 11 < 200
    assert short == losses[: best + 11].tolist()
    with pytest.raises(cn.errors.ArgumentError, match="a label that is not in y"):
        model.fit(X, y, eval_set=(X, y + 5))
    with pytest.raises(cn.errors.ArgumentError, match="eval_set as"):
        model.fit(X, y, eval_set=[held, 3])


def depth_of(nodes, at=0):
    return 0 if at < 0 else 1 + max(depth_of(nodes, nodes[at][s]) for s in ("left", "right"))


def test_growth_limits_hold(wave):
    X, y = wave
    model = GBDTRegressor(n_estimators=5, num_leaves=64, max_depth=3, min_child_samples=77)
    model.fit(X, y)
    leaves = model.predict_leaves(X)
    for t, (nodes, values) in enumerate(model.booster_.trees()):
        assert depth_of(nodes) <= 3
        assert np.bincount(leaves[:, t], minlength=len(values)).min() >= 77
    assert GBDTRegressor(n_estimators=1, min_gain=1e9).fit(X, y).booster_.trees()[0][0] == []
    shrunk = GBDTRegressor(n_estimators=1, lambda_l1=1e9).fit(X, y)
    np.testing.assert_array_equal(shrunk.predict(X), shrunk.booster_.base_scores[0])


def test_seed_and_sampling(wave):
    def bits(seed):
        model = GBDTClassifier(n_estimators=5, subsample=0.5, colsample=0.4, random_state=seed)
        return model.fit(*wave).booster_.to_bytes()

    assert bits(1) == bits(1) != bits(2)


@pytest.mark.parametrize("scale", [1e-100, 1e-12, 1.0, 1e12, 1e150])
def test_labels_of_any_size(wave, scale):
    X, y = wave
    model = GBDTRegressor(n_estimators=20, min_sum_hessian=0.0).fit(X, y * scale)
    plain = GBDTRegressor(n_estimators=20, min_sum_hessian=0.0).fit(X, y)
    np.testing.assert_allclose(model.predict(X) / scale, plain.predict(X), rtol=1e-4, atol=1e-4)


def numbers():
    X = np.random.default_rng(0).normal(size=(300, 3))
    return X, X[:, 0] * 2 + X[:, 1]


@pytest.mark.parametrize("rate", [1e100, 1e308])
def test_a_learning_rate_beyond_float64_is_the_users_mistake(rate):
    with pytest.raises(errors.ArgumentError, match="numbers grew beyond float64 in tree"):
        GBDTRegressor(n_estimators=10, learning_rate=rate).fit(*numbers())


def test_labels_and_weights_beyond_float64_are_refused():
    X, y = numbers()
    far = np.where(np.arange(300) % 2, 1e308, -1e308)
    with pytest.raises(errors.ArgumentError, match="beyond float64"):
        GBDTRegressor(n_estimators=10).fit(X, far)
    heavy = np.where(np.arange(300) == 5, 1e308, 1.0)
    with pytest.raises(errors.ArgumentError, match="beyond float64"):
        GBDTRegressor(n_estimators=10).fit(X, y * 100, heavy)


def test_weights_as_one_number_as_arrow_and_as_text():
    X, y = numbers()
    want = GBDTRegressor(n_estimators=3).fit(X, y, np.full(300, 2.0)).predict(X)
    for weights in (2.0, pa.array([2] * 300), pa.chunked_array([[2.0] * 100, [2.0] * 200])):
        model = GBDTRegressor(n_estimators=3).fit(X, y, weights)
        np.testing.assert_array_equal(model.predict(X), want)
    with pytest.raises(errors.ArgumentError, match="finite weights >= 0 in sample_weight, got nan"):
        GBDTRegressor().fit(X, y, pa.array([1.0] * 299 + [None]))
    with pytest.raises(errors.TypeError, match="expected numbers in sample_weight"):
        GBDTRegressor().fit(X, y, ["heavy"] * 300)


def test_a_fractional_category_is_one_of_its_own(native_train, tmp_path):
    """Every number is a category: 1.5 is neither 1 (LightGBM's, which cuts it off) nor an error
    (CatBoost's). The model is that of the same categories numbered from 0."""
    rng = np.random.default_rng(31)
    values = np.array([-2.5, -1.0, 0.0, 0.25, 0.5, 1.0, 1.5, 1e300])
    code = rng.integers(0, 8, 800)
    y = rng.standard_normal(8)[code] + 0.1 * rng.standard_normal(800)
    other = rng.standard_normal(800)
    options = {"categorical": [0], "n_estimators": 12, "cat_smooth": 1.0, "min_data_per_group": 10}
    own = native_train(np.c_[values[code], other], y, **options)[0]
    numbered = native_train(np.c_[code.astype(float), other], y, **options)[0]
    rows = np.c_[values[code], other]
    assert (own.predict(rows) == numbered.predict(np.c_[code.astype(float), other])).all()
    assert own.categories()[0] == values.tolist()
    means = [own.predict(np.array([[v, 0.0]]))[0] for v in values]
    assert len(set(means)) > 5
    between = own.predict(np.array([[0.75, 0.0], [2.0, 0.0], [np.nan, 0.0]]))
    assert between[0] == between[1] == between[2]  # unknown ones go the way of missing ones
    for kind in ("lightgbm", "xgboost-json"):
        with pytest.raises(errors.UnsupportedError, match="which is no integer"):
            native.write_model(own, str(tmp_path / "m"), kind)
    native.write_model(own, str(tmp_path / "m.cne"), "cnengine")
    again = native.read_model(str(tmp_path / "m.cne"))
    assert (again.predict(rows) == own.predict(rows)).all()
