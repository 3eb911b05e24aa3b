"""Datasets: containers, batches, files, bins that are kept, subsets."""

import numpy as np
import pytest
import scipy.sparse as sp
from cnengine import errors
from cnengine.gbdt import Dataset, GBDTRegressor, cv, train


def rows(n=2400, seed=0):
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((n, 9)) < 0.5, rng.integers(-20, 21, (n, 9)), 0).astype(float)
    return x, x[:, 0] + np.abs(x[:, 1]) + 0.1 * x[:, 8] * x[:, 2]


def bits(data, params=None, n=8, **options):
    return train({"num_leaves": 15, **(params or {})}, data, n, **options).to_bytes()


class OnDevice:
    """As an array of CuPy: `get` copies to NumPy, DLPack hands itself out."""

    def __init__(self, x):
        self.x, self.shape, self.__cuda_array_interface__ = x, x.shape, {}

    def get(self):
        return self.x


class ByDlpack:
    def __init__(self, x):
        self.x, self.shape = x, x.shape

    def __dlpack__(self, **options):
        return self.x.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.x.__dlpack_device__()


CONTAINERS = {
    "float32": lambda x: x.astype(np.float32),
    "int8": lambda x: x.astype(np.int8),
    "int64 by columns": lambda x: np.asfortranarray(x.astype(np.int64)),
    "csr": sp.csr_matrix,
    "csc": sp.csc_array,
    "coo": sp.coo_array,
    "device": OnDevice,
    "dlpack": ByDlpack,
    "lists": lambda x: x.tolist(),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_every_container_gives_the_same_model(kind):
    x, y = rows()
    data = Dataset(CONTAINERS[kind](x), y)
    assert (data.num_rows, data.num_features) == x.shape
    assert bits(data) == bits(Dataset(x, y))
    held = [Dataset(CONTAINERS[kind](x[:300]), y[:300])]
    assert bits(data, valid_sets=held) == bits(Dataset(x, y))
    whole = cv({"num_leaves": 7}, data, 4, nfold=3, seed=2)
    assert whole == cv({"num_leaves": 7}, Dataset(x, y), 4, nfold=3, seed=2)


def test_bins_are_made_once_and_again_for_other_options(monkeypatch):
    from cnengine.gbdt import dataset

    x, y = rows()
    made = []
    real = dataset._native.bin_rows

    class Counting:
        def __getattr__(self, name):
            return getattr(dataset_native, name)

        def bin_rows(self, *args, **options):
            made.append(options["max_bins"])
            return real(*args, **options)

    dataset_native = dataset._native
    monkeypatch.setattr(dataset, "_native", Counting())
    data = Dataset(x, y)
    first = bits(data)
    assert bits(data) == first == bits(Dataset(x, y))
    assert bits(data, {"num_leaves": 4, "learning_rate": 0.3}) != first
    assert bits(data, {"seed": 5, "feature_fraction": 0.5}) == bits(
        Dataset(x, y), {"seed": 5, "feature_fraction": 0.5}
    )
    assert made == [255] * 3  # of data once, of two others
    assert bits(data, {"max_bin": 16}) == bits(Dataset(x, y), {"max_bin": 16})
    assert made == [255] * 3 + [16] * 2
    assert bits(data, {"linear_tree": True}) == bits(Dataset(x, y), {"linear_tree": True})
    assert len(made) == 5


def test_weights_of_zero_do_not_count_for_bins():
    x, y = rows()
    weight = (np.arange(len(x)) % 3 > 0).astype(float)
    want = GBDTRegressor(n_estimators=8, num_leaves=15, max_bins=9)
    want.fit(x, y, sample_weight=weight)
    got = train({"num_leaves": 15, "max_bin": 9}, Dataset(x, y, weight=weight), 8)
    np.testing.assert_array_equal(got.predict(x), want.predict(x))


def batches_of(x, y, size=700):
    return lambda: ((x[at : at + size], y[at : at + size]) for at in range(0, len(x), size))


@pytest.mark.parametrize("kind", ["numpy", "int16", "csr", "csc"])
def test_batches_have_the_bits_of_the_whole(kind):
    x, y = rows()
    made = {"numpy": x, "int16": x.astype(np.int16), "csr": sp.csr_array(x),
            "csc": sp.csc_array(x)}[kind]  # fmt: skip
    if kind == "csc":  # SciPy cuts rows of CSC, too
        made = sp.csc_array(made)
    parts = [(made[a : a + 700], y[a : a + 700]) for a in range(0, len(x), 700)]
    data = Dataset.from_batches(lambda: iter(parts))
    assert (data.num_rows, data.num_features) == x.shape
    np.testing.assert_array_equal(data.get_label(), y)
    for params in ({}, {"max_bin": 8, "bin_construct_sample_cnt": 300, "seed": 3}):
        assert bits(data, params) == bits(Dataset(x, y), params)


def test_batches_of_tables_with_weights_and_texts():
    pa = pytest.importorskip("pyarrow")
    x, y = rows()
    rng = np.random.default_rng(1)
    table = pa.table(
        {
            "a": x[:, 0],
            "word": np.sort(rng.choice(["ash", "oak", "yew", "fir"], len(x))),
            "b": pa.array(x[:, 1].astype(int), mask=rng.random(len(x)) < 0.2),
            "y": y,
            "w": rng.integers(0, 3, len(x)).astype(float),
        }
    )
    parts = table.to_batches(max_chunksize=500)
    data = Dataset.from_batches(lambda: parts, label="y", weight="w")
    whole = Dataset(table, "y", weight="w")
    assert data.feature_names == ["a", "word", "b"]
    assert bits(data) == bits(whole)
    with pytest.raises(errors.UnsupportedError, match="evaluated"):
        train({}, whole, 2, valid_sets=[data])


def test_parquet_files_have_the_bits_of_the_table(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    x, y = rows()
    table = pa.table({**{f"f{j}": x[:, j] for j in range(9)}, "y": y, "other": y})
    pq.write_table(table.slice(0, 1000), tmp_path / "0.parquet", row_group_size=300)
    pq.write_table(table.slice(1000), tmp_path / "1.parquet")
    names = [f"f{j}" for j in range(9)]
    whole = Dataset(table.drop_columns(["other"]), "y")
    for size in (100, 131_072):
        data = Dataset.from_parquet(tmp_path, label="y", columns=names, batch_rows=size)
        assert data.num_rows == len(x)
        assert bits(data) == bits(whole)


def test_going_on_from_a_model_of_other_rows():
    x, y = rows()
    other, label = rows(500, seed=9)
    start = train({"num_leaves": 15}, Dataset(other + 0.5, label), 5)
    want = bits(Dataset(x, y), init_model=start)
    data = Dataset.from_batches(batches_of(x, y))
    assert bits(data, init_model=start) == want
    assert bits(data) == bits(Dataset(x, y))  # without it the bins are others
    assert bits(data, init_model=start) == want


@pytest.mark.parametrize("params", [{"linear_tree": True}, {"cat_method": "ordered"}], ids=str)
def test_what_needs_values_is_refused_for_batches(params):
    x, y = rows()
    data = Dataset.from_batches(batches_of(x, y))
    with pytest.raises(errors.UnsupportedError, match=rf"^train: {next(iter(params))}"):
        train(params, data, 2)
    assert train(params, Dataset(x, y), 2).num_rounds == 2


def test_subsets():
    x, y = rows()
    chosen = np.flatnonzero(np.arange(len(x)) % 3)
    weight = np.linspace(0.5, 2, len(x))
    data = Dataset(x, y, weight=weight).subset(chosen)
    assert bits(data) == bits(Dataset(x[chosen], y[chosen], weight=weight[chosen]))


def test_folds_share_the_bins_of_the_whole():
    """A fold splits where the whole has cuts, as in LightGBM; the values of a fold differ."""
    x, y = rows()
    x = x + np.random.default_rng(0).random(x.shape)
    found = cv({"max_bin": 5, "num_leaves": 15}, Dataset(x, y), 6, nfold=3, return_models=True)
    cuts = [{n["threshold"] for nodes, _ in b.native.trees() for n in nodes if n["feature"] == 0}
            for b in found["models"]]  # fmt: skip
    assert len(set.union(*cuts)) <= 4
    assert all(cuts)


def test_iterators_that_run_dry_are_named():
    x, y = rows(300)
    once = iter([(x, y)])
    data = Dataset.from_batches(lambda: once)
    with pytest.raises(errors.Error, match=r"^from_batches: .* got the same iterator again"):
        train({}, data, 2)
