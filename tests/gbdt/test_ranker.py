"""Rankings: queries by sizes or ids, metrics, beside LightGBM and scikit-learn."""

import cnengine as cn
import lightgbm
import numpy as np
import pytest
import xgboost
from cnengine.gbdt import GBDTRanker, load_model
from sklearn.metrics import ndcg_score


@pytest.fixture(scope="module")
def queries():
    rng = np.random.default_rng(6)
    sizes = rng.integers(2, 40, 300)
    X = rng.standard_normal((sizes.sum(), 6))
    z = X[:, 0] + X[:, 1] * X[:, 2] + rng.standard_normal(len(X))
    y = np.clip(np.floor(z + 1.5), 0, 4)
    return X, y, sizes


def mean_ndcg(y, scores, sizes, k=None):
    """scikit-learn's NDCG with gains 2^grade - 1; a query without a relevant document counts as 1."""
    out, begin = [], 0
    for size in sizes:
        part = slice(begin, begin + size)
        begin += size
        gain = 2.0 ** y[part] - 1
        out.append(ndcg_score([gain], [scores[part]], k=k) if gain.any() else 1.0)
    return np.mean(out)


@pytest.mark.parametrize("objective", [None, "pairwise", "rank_xendcg", "lambdarank_map"])
def test_as_good_as_the_peers(queries, objective):
    X, y, sizes = queries
    cut = int(sizes[:200].sum())
    graded = (y >= 3).astype(float) if objective == "lambdarank_map" else y
    model = GBDTRanker(n_estimators=60, num_leaves=15, objective=objective)
    model.fit(X[:cut], graded[:cut], group=sizes[:200])
    if objective == "pairwise":  # which LightGBM has not
        peer = xgboost.XGBRanker(
            n_estimators=60, max_leaves=15, grow_policy="lossguide", max_depth=0, learning_rate=0.1,
            objective="rank:pairwise", n_jobs=2,
        )  # fmt: skip
    else:
        peer = lightgbm.LGBMRanker(n_estimators=60, num_leaves=15, verbosity=-1, n_jobs=2)
    peer.fit(X[:cut], graded[:cut], group=sizes[:200])
    ours = mean_ndcg(graded[cut:], model.predict(X[cut:]), sizes[200:])
    theirs = mean_ndcg(graded[cut:], peer.predict(X[cut:]), sizes[200:])
    assert ours > theirs - 0.03
    assert model.score(X[cut:], graded[cut:], group=sizes[200:]) == pytest.approx(ours, rel=1e-12)
    at5 = mean_ndcg(graded[cut:], model.predict(X[cut:]), sizes[200:], k=5)
    assert model.score(X[cut:], graded[cut:], group=sizes[200:], metric="ndcg@5") == pytest.approx(
        at5
    )


def test_sizes_and_ids_are_the_same(queries):
    X, y, sizes = queries
    by_size = GBDTRanker(n_estimators=5).fit(X, y, group=sizes)
    for names in (np.arange(len(sizes)), np.array([f"q{n}" for n in range(len(sizes))])):
        by_id = GBDTRanker(n_estimators=5).fit(X, y, qid=np.repeat(names, sizes))
        np.testing.assert_array_equal(by_id.predict(X), by_size.predict(X))
    one = GBDTRanker(n_estimators=5).fit(X, y)
    same = GBDTRanker(n_estimators=5).fit(X, y, group=[len(X)])
    np.testing.assert_array_equal(one.predict(X), same.predict(X))


def test_evaluation_sets(queries):
    X, y, sizes = queries
    model = GBDTRanker(n_estimators=200, early_stopping_rounds=4, eval_metric=["ndcg@5", "map"])
    model.fit(X, y, group=sizes, eval_set=[(X, y), (X, y)], eval_group=[sizes[::1], sizes])
    result = model.evals_result_
    assert result["valid_0"] == result["valid_1"]
    assert list(result["valid_0"]) == ["ndcg@5", "map"]
    want = mean_ndcg(y, model.predict(X), sizes, 5)
    assert result["valid_0"]["ndcg@5"][model.best_iteration_ - 1] == pytest.approx(want, rel=1e-12)
    by_id = GBDTRanker(n_estimators=3).fit(
        X, y, group=sizes, eval_set=(X, y), eval_qid=np.repeat(np.arange(len(sizes)), sizes)
    )
    assert by_id.evals_result_["valid_0"]["ndcg"][-1] == pytest.approx(
        by_id.score(X, y, group=sizes), rel=1e-12
    )


def test_an_objective_of_your_own_sees_queries(queries):
    X, y, sizes = queries
    seen = []

    def pointwise(y, scores, weight, groups):
        seen.append((weight, list(groups)))
        return scores - y, np.ones_like(y)

    model = GBDTRanker(n_estimators=3, objective=pointwise).fit(X, y, group=sizes)
    assert seen == [(None, sizes.tolist())] * 3
    assert model.score(X, y, group=sizes) > 0.7


def test_loaded_models_are_rankers(queries, tmp_path):
    X, y, sizes = queries
    model = GBDTRanker(n_estimators=3).fit(X, y, group=sizes)
    model.save_model(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert isinstance(again, GBDTRanker)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_queries_that_do_not_fit(queries):
    X, y, sizes = queries
    model = GBDTRanker(n_estimators=2)
    with pytest.raises(cn.errors.ArgumentError, match="query 0 of qid begins again at row 4"):
        model.fit(X[:6], y[:6], qid=[0, 0, 1, 1, 0, 0])
    with pytest.raises(cn.errors.ShapeError, match="as many query ids as rows"):
        model.fit(X, y, qid=[0, 0, 1])
    with pytest.raises(cn.errors.ShapeError, match="hold all"):
        model.fit(X, y, group=sizes[:-1])
    with pytest.raises(cn.errors.ArgumentError, match="groups of 1 or more"):
        model.fit(X, y, group=[0, len(X)])
    with pytest.raises(cn.errors.TypeError, match="whole numbers"):
        model.fit(X, y, group=[0.5, 1.5])
    with pytest.raises(cn.errors.ArgumentError, match="group or qid, got both"):
        model.fit(X, y, group=sizes, qid=np.zeros(len(X)))
    with pytest.raises(cn.errors.ArgumentError, match="an objective for rankings"):
        GBDTRanker(objective="binary").fit(X, y, group=sizes)
    with pytest.raises(cn.errors.ArgumentError, match="y"):
        model.fit(X, y + 0.5, group=sizes)
