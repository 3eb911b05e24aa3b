"""Features of which most rows are in one bin: listed by rows, summed as if they were dense."""

import itertools

import numpy as np
import pytest
from cnengine._core import gbdt as native
from cnengine.gbdt import GBDTClassifier


def one_hot(n, rng):
    """Numbers, a group of 40 flags of which one is set, and measurements that are mostly missing."""
    x = np.zeros((n, 60), np.float32)
    x[:, 5:45] = np.eye(40)[rng.integers(0, 40, n)]
    x[:, :5] = rng.standard_normal((n, 5))
    x[:, 45:] = np.where(rng.random((n, 15)) < 0.85, np.nan, rng.standard_normal((n, 15)))
    return x[:, rng.permutation(60)]


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_sums_are_those_of_numpy(share):
    rng = np.random.default_rng(3)
    x = one_hot(20000, rng)
    pairs = rng.integers(-(2**29), 2**29, (len(x), 2)).astype(np.int32)
    rows = np.flatnonzero(rng.random(len(x)) < share).astype(np.int32)
    sums, slots = native.histogram(x, pairs, None if share == 1.0 else rows, 16)
    rows = np.arange(len(x)) if share == 1.0 else rows
    got = {tuple(map(tuple, sums[a:b][sums[a:b, 2] > 0])) for a, b in itertools.pairwise(slots)}
    for column in x.T:
        # What a value of few has to sum to; features come in an order of their own.
        values = column[rows]
        if np.isnan(values).any() or len(np.unique(values)) > 2:
            continue
        want = tuple(
            (*pairs[rows[values == v]].sum(0, dtype=np.int64), (values == v).sum())
            for v in np.unique(values)
        )
        assert want in got
    for a, b in itertools.pairwise(slots):
        np.testing.assert_array_equal(
            sums[a:b].sum(0), [*pairs[rows].sum(0, dtype=np.int64), len(rows)]
        )


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 9])
@pytest.mark.parametrize("even", [True, False])
def test_rows_with_as_many_entries_and_with_fewer(most, even):
    """Rows of up to 8 entries are stored at even distances; a row may have none."""
    rng = np.random.default_rng(most)
    n = 9001
    x = np.zeros((n, 40), np.float32)
    count = np.full(n, most) if even else rng.integers(0, most + 1, n)
    for k in range(most):
        part = k * 4 + rng.integers(0, 4, n)
        rows = np.flatnonzero(count > k)
        x[rows, part[rows]] = rng.integers(1, 4, len(rows))
    x[::7, 37] = np.nan
    pairs = rng.integers(-(2**29), 2**29, (n, 2)).astype(np.int32)
    rows = np.flatnonzero(rng.random(n) < 0.5).astype(np.int32)
    for chosen in (None, rows):
        sums, slots = native.histogram(x, pairs, chosen, 16)
        at = np.arange(n) if chosen is None else chosen
        got = sorted(
            tuple(map(tuple, sums[a:b][sums[a:b, 2] > 0])) for a, b in itertools.pairwise(slots)
        )
        want = []
        for column in x.T[[len(np.unique(column)) > 1 for column in x.T]]:
            codes = np.nan_to_num(column[at], nan=99)
            want.append(tuple((*pairs[at[codes == v]].sum(0, dtype=np.int64), (codes == v).sum())
                              for v in np.unique(codes)))  # fmt: skip
        assert got == sorted(want)


def test_threads_and_order_do_not_matter():
    import cnengine as cn

    rng = np.random.default_rng(4)
    x = one_hot(30000, rng)
    y = (np.nan_to_num(x) @ rng.standard_normal(60) + rng.standard_normal(len(x)) > 0).astype(int)
    models = []
    for threads in (1, 2, 3):
        cn.set_num_threads(threads)
        models.append(GBDTClassifier(n_estimators=5).fit(x, y).booster_.to_bytes())
    cn.set_num_threads(2)
    assert models[0] == models[1] == models[2]


def test_quality_with_sparse_features_is_lightgbms():
    import lightgbm
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(5)
    x = one_hot(20000, rng)
    z = np.nan_to_num(x) @ rng.standard_normal(60)
    y = (rng.random(len(x)) < 1 / (1 + np.exp(-2 * z))).astype(int)
    ours = GBDTClassifier(n_estimators=40).fit(x[:10000], y[:10000])
    peer = lightgbm.LGBMClassifier(n_estimators=40, verbose=-1, n_jobs=2).fit(x[:10000], y[:10000])
    mine = roc_auc_score(y[10000:], ours.predict_proba(x[10000:])[:, 1])
    assert mine > roc_auc_score(y[10000:], peer.predict_proba(x[10000:])[:, 1]) - 0.004
