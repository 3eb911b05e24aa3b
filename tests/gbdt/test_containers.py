"""Rows in any container: the model and its answers have the bits of the dense float64 matrix."""

import numpy as np
import pytest
import scipy.sparse as sp
from cnengine import errors
from cnengine._core import gbdt as native
from hypothesis import given, settings
from hypothesis import strategies as st

TYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
         "float32", "float64"]  # fmt: skip


def train(x, y, *, categorical=(), sets=(), weight=None, start=None, **options):
    options = {"n_estimators": 5, "min_child_samples": 2, "num_leaves": 15, **options}
    labels = {"y": np.ascontiguousarray(y, dtype=np.float64), "weight": weight}
    sets = [(f"set{i}", x, {"y": np.asarray(y, np.float64)}) for i, (x, y) in enumerate(sets)]
    return native.train(x, labels, list(categorical), sets, options, "{}", start)


def model(x, y, **options):
    return train(x, y, **options)[0]


def numbers(rng, dtype, rows, width):
    """Numbers over the whole range of small types, a part of the range of large ones."""
    if dtype == "bool":
        return rng.random((rows, width)) < 0.4
    if dtype.startswith("float"):
        return rng.standard_normal((rows, width)).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -(2**40)), min(info.max, 2**40)
    return rng.integers(low, high, (rows, width), endpoint=True).astype(dtype)


def answers(booster, x):
    return [
        booster.predict(x),
        booster.predict(x[:3]),  # few rows go another way
        booster.predict_leaves(x),
        booster.predict_contributions(x),
    ]


def assert_same(booster, x, reference):
    for got, want in zip(answers(booster, x), answers(booster, reference), strict=True):
        np.testing.assert_array_equal(got, want)


def target(x):
    z = np.nan_to_num(np.asarray(x, np.float64))
    scale = np.abs(z).max(0) + 1
    return (z / scale) @ np.arange(1, z.shape[1] + 1) + np.sin(z[:, 0] / scale[0] * 5)


LAYOUTS = {
    "by rows": lambda x: x,
    "by columns": np.asfortranarray,
    "every second row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "every third column": lambda x: np.repeat(x, 3, axis=1)[:, ::3],
    "unaligned": lambda x: np.frombuffer(b"x" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
    "read only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    "one row again and again": lambda x: np.broadcast_to(x[0], x.shape),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_type_and_layout(dtype, layout):
    rng = np.random.default_rng(5)
    x = LAYOUTS[layout](numbers(rng, dtype, 700, 20))
    wide = np.array(x, dtype=np.float64)
    y = target(wide)
    booster = model(x, y)
    assert booster.to_bytes() == model(wide, y).to_bytes()
    assert_same(booster, x, wide)


def test_types_side_by_side_in_a_table():
    pa = pytest.importorskip("pyarrow")
    rng = np.random.default_rng(6)
    columns = {t: numbers(rng, t, 900, 1)[:, 0] for t in TYPES}
    table = pa.table(columns)
    wide = pa.table({t: v.astype(np.float64) for t, v in columns.items()})
    y = target(np.column_stack([v.astype(np.float64) for v in columns.values()]))
    booster = model(table, y)
    assert booster.to_bytes() == model(wide, y).to_bytes()
    for got, want in ((table, wide), (table.slice(100, 50), wide.slice(100, 50))):
        np.testing.assert_array_equal(booster.predict(got), booster.predict(want))


def test_large_integers_round_as_a_cast_does():
    base = 2**60
    x = (base + np.arange(0, 4096 * 300, 300, dtype=np.int64)).reshape(-1, 1)
    y = np.arange(len(x)) % 512 // 100.0
    booster = model(x, y)
    assert booster.to_bytes() == model(x.astype(np.float64), y).to_bytes()
    assert_same(booster, x, x.astype(np.float64))


def test_types_that_are_no_numbers_are_named():
    y = np.zeros(4)
    for x in (np.zeros((4, 2), np.float16), np.zeros((4, 2), np.complex128)):
        with pytest.raises(errors.TypeError, match=r"^train: expected"):
            train(x, y)
    with pytest.raises(errors.Error, match=r"^train: "):
        train(np.array([["a", "b"]] * 4), y)


def sparse(rng, rows, width, dtype="float64", density=0.1):
    """A dense matrix of mostly zeros, some of them negative, with NaN where the type has it."""
    x = np.where(rng.random((rows, width)) < density, numbers(rng, dtype, rows, width), 0)
    x = x.astype(dtype)
    if dtype.startswith("float"):
        x[rng.random(x.shape) < 0.02] = np.nan
        x[rng.random(x.shape) < 0.02] = -0.0
    x[:, width // 2] = numbers(rng, dtype, rows, 1)[:, 0]  # one that is not sparse
    x[:, width // 3] = 0  # one without stored elements
    return x


def stored(x, form, index=np.int32):
    """Zeros of either sign are absent; NaN is stored."""
    out = {"csr": sp.csr_matrix, "csc": sp.csc_matrix}[form](x)
    out.indices, out.indptr = out.indices.astype(index), out.indptr.astype(index)
    return out


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("dtype", TYPES)
def test_sparse_has_the_bits_of_dense(form, dtype):
    rng = np.random.default_rng(8)
    x = sparse(rng, 3000, 40, dtype)
    y = target(x)
    wide = np.array(x, dtype=np.float64)
    for index in (np.int32, np.int64):
        s = stored(x, form, index)
        booster = model(s, y)
        assert booster.to_bytes() == model(wide, y).to_bytes()
        for got, want in (
            (booster.predict(s), booster.predict(wide)),
            (booster.predict_leaves(s), booster.predict_leaves(wide)),
            (booster.predict_contributions(s[:70]), booster.predict_contributions(wide[:70])),
            (booster.predict_interactions(s[:5]), booster.predict_interactions(wide[:5])),
            (booster.predict(s[:3]), booster.predict(wide[:3])),
        ):
            np.testing.assert_array_equal(got, want)


OPTIONS = [
    {"subsample_for_bin": 500, "seed": 3},
    {"subsample_for_bin": 500, "max_bins": 7, "colsample": 0.5},
    {"linear_tree": True, "linear_lambda": 1.0},
    {"categorical": (1, 4, 13)},
    {"categorical": (1, 4), "cat_method": "ordered", "max_cat_to_onehot": 1},
    {"boosting": "dart", "skip_drop": 0.0, "drop_rate": 0.5},
    {"boosting": "rf", "subsample": 0.5},
    {"data_sample_strategy": "goss", "objective": "absolute"},
]


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_sparse_with_options_weights_and_sets(form, options):
    rng = np.random.default_rng(9)
    x = sparse(rng, 2000, 30)
    x[:, [1, 4, 13]] = np.where(rng.random((2000, 3)) < 0.3, rng.integers(0, 9, (2000, 3)), 0)
    y = target(x)
    weight = np.where(rng.random(2000) < 0.2, 0.0, rng.random(2000) + 0.5)
    results = []
    for rows in (stored(x, form), x):
        sets = [(rows[:500], y[:500])]
        booster, _, values, *_ = train(rows, y, weight=weight, sets=sets, **options)
        more = model(rows, y, weight=weight, start=booster, **{**options, "seed": 5})
        results.append((booster.to_bytes(), values, more.to_bytes()))
    assert results[0] == results[1]


def test_any_number_of_threads():
    import cnengine as cn

    rng = np.random.default_rng(10)
    x = sparse(rng, 6000, 50)
    x = np.concatenate([x] * 4)  # so many elements that rows are turned in pieces
    y = target(x)
    found = []
    for threads in (1, 2, 3):
        cn.set_num_threads(threads)
        for form in ("csr", "csc"):
            booster = model(stored(x, form), y)
            found.append((booster.to_bytes(), booster.predict(stored(x, form)).tobytes()))
    cn.set_num_threads(2)
    assert len(set(found)) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 700),
    st.integers(1, 24),
    st.floats(0, 1),
    st.sampled_from(TYPES),
    st.sampled_from(["csr", "csc"]),
    st.sampled_from([2, 5, 255]),
    st.sampled_from([50, 200000]),
)
def test_random_sparse_matrices(seed, rows, width, density, dtype, form, max_bins, sample):
    rng = np.random.default_rng(seed)
    x = sparse(rng, rows, width, dtype, density)
    if rng.random() < 0.5 and dtype != "bool":  # few values, so that bins are exact
        x = np.where(np.isnan(x), x, np.clip(x, 0, 3)).astype(dtype)
    y = rng.standard_normal(rows)
    weight = np.where(rng.random(rows) < 0.3, 0.0, 1.0)
    weight[rng.integers(rows)] = 1.0
    options = {"max_bins": max_bins, "subsample_for_bin": sample, "seed": seed % 7}
    options["categorical"] = [0] if rng.random() < 0.5 else []
    s = stored(x, form, rng.choice([np.int32, np.int64]))
    booster = model(s, y, weight=weight, **options)
    wide = np.array(x, dtype=np.float64)
    assert booster.to_bytes() == model(wide, y, weight=weight, **options).to_bytes()
    np.testing.assert_array_equal(booster.predict(s), booster.predict(wide))


def test_explicit_zeros_are_zeros():
    rng = np.random.default_rng(11)
    x = sparse(rng, 1000, 12)
    s = stored(x, "csc")
    s.data[::3] = 0
    y = rng.standard_normal(1000)
    assert model(s, y).to_bytes() == model(s.toarray(), y).to_bytes()


def test_arrays_and_subclasses_of_scipy():
    rng = np.random.default_rng(12)
    x = sparse(rng, 500, 8)
    y = target(x)
    want = model(x, y).to_bytes()
    for made in (sp.csr_array, sp.csc_array, sp.csr_matrix, sp.csc_matrix):
        assert model(made(x), y).to_bytes() == want


def wide(rows=20_000, width=1_000_000):
    """Five elements a row in a million columns: 160 GB as float64, 20 GB as bytes."""
    rng = np.random.default_rng(13)
    parts = rng.integers(0, width // 5, (rows, 5))
    parts[:, 0] = np.where(rng.random(rows) < 0.5, 3, parts[:, 0])
    columns = parts + np.arange(5) * (width // 5)
    values = rng.integers(1, 3, rows * 5).astype(float)
    s = sp.csr_array((values, columns.ravel(), np.arange(rows + 1) * 5), (rows, width))
    return s, (parts[:, 0] == 3).astype(float) * values[::5]


def test_matrices_wider_than_memory_would_hold():
    s, y = wide()
    s = s[:, :100_000]  # of a million, trees would take minutes
    binned = native.bin_rows(s)
    assert (binned.rows, binned.width) == s.shape
    # 5 bytes an element by columns, at most 4 by rows, and 4 a row and group of up to 255 features.
    groups = -(-s.shape[1] // 255) + 1
    assert binned.nbytes <= 9 * s.nnz + 4 * (s.shape[0] + 1) * groups + 64 * s.shape[0]
    assert binned.nbytes < s.shape[0] * s.shape[1] / 40
    booster = model(s, y, n_estimators=1)
    assert booster.trees()[0][0][0]["feature"] == 3
    assert booster.to_bytes() == model(s.tocsc(), y, n_estimators=1).to_bytes()
    np.testing.assert_array_equal(booster.predict(s)[:999], booster.predict(s[:999].toarray()))


def test_a_model_of_a_million_features_reads_sparse_rows():
    s, _ = wide()
    booster = model(sp.csr_array((1, s.shape[1])), [1.0], n_estimators=1)
    np.testing.assert_array_equal(booster.predict(s), np.ones(s.shape[0]))


class Fake:
    """Looks like a matrix of SciPy."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


def fake(form="csr", rows=3, width=4, **parts):
    lines = rows if form == "csr" else width
    whole = {
        "format": form,
        "shape": (rows, width),
        "data": np.ones(2 * lines),
        "indices": np.tile(np.array([0, 2], np.int32), lines),
        "indptr": np.arange(0, 2 * lines + 1, 2, dtype=np.int32),
    }
    return Fake(**{**whole, **parts})


HOSTILE = {
    "index too large": {"indices": np.array([0, 9] * 4, np.int32)},
    "index of 64 bits too large": {"indices": np.array([0, 2**40] * 4)},
    "index negative": {"indices": np.array([-1, 2] * 4, np.int32)},
    "twice": {"indices": np.array([1, 1] * 4, np.int32)},
    "not in order": {"indices": np.array([2, 0] * 4, np.int32)},
    "indices too few": {"indices": np.array([0, 2], np.int32)},
    "data too few": {"data": np.ones(2)},
    "starts too few": {"indptr": np.array([0, 2], np.int32)},
    "starts too many": {"indptr": np.zeros(50, np.int32)},
    "starts not from 0": {"indptr": np.array([1, 2, 4, 6, 8])},
    "starts negative": {"indptr": np.array([0, -2, 4, 6, 8])},
    "starts fall": {"indptr": np.array([0, 6, 4, 6, 8])},
    "starts too large": {"indptr": np.array([0, 2, 4, 6, 2**62])},
    "starts are floats": {"indptr": np.arange(5.0)},
    "indices are floats": {"indices": np.zeros(8)},
    "indices are short": {"indices": np.array([0, 2] * 4, np.int16)},
    "indices are no array": {"indices": "abc"},
    "data is complex": {"data": np.ones(8, complex)},
    "data is a matrix": {"data": np.ones((8, 1))},
    "data is missing": {"data": None},
    "rows negative": {"shape": (-1, 4)},
    "too many rows": {"shape": (2**31, 4)},
    "too many columns": {"shape": (4, 2**60)},
    "shape of three": {"shape": (4, 4, 4)},
    "shape is text": {"shape": "ab"},
    "another form": {"format": "bsr"},
}


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_matrices_are_refused(form, case):
    matrix = fake(form, 4, 4, **HOSTILE[case])
    with pytest.raises(errors.Error, match=r"^train: expected"):
        train(matrix, np.zeros(4))
    booster = model(np.random.default_rng(0).random((50, 4)), np.arange(50.0))
    for function in ("predict", "predict_leaves", "predict_contributions"):
        with pytest.raises(errors.Error, match=rf"^{function}: expected"):
            getattr(booster, function)(matrix)


def test_a_duck_is_enough():
    booster = model(np.random.default_rng(0).random((50, 4)), np.arange(50.0))
    dense = np.tile([1.0, 0.0, 1.0, 0.0], (3, 1))
    np.testing.assert_array_equal(booster.predict(fake("csr")), booster.predict(dense))
    strided = fake("csr", indptr=np.repeat(np.arange(0, 7, 2), 3)[::3], data=np.ones(12)[::-2])
    np.testing.assert_array_equal(booster.predict(strided), booster.predict(dense))
    empty = Fake(format="csr", shape=(0, 4), data=np.ones(0), indices=np.ones(0, np.int32),
                 indptr=np.zeros(1, np.int32))  # fmt: skip
    assert booster.predict(empty).shape == (0,)
    with pytest.raises(errors.ShapeError, match=r"^predict: X has 5 features"):
        booster.predict(fake("csr", width=5))


def records(x):
    """A field of packed records: 8 bytes of every 9, in the other byte order."""
    other = np.zeros(x.shape, [("flag", "i1"), ("value", x.dtype.newbyteorder())])
    other["value"] = x
    return other["value"]


class OnDevice:
    """An array of another library that hands itself out by DLPack alone."""

    def __init__(self, x):
        self.x, self.shape = x, x.shape

    def __dlpack__(self, **options):
        return self.x.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.x.__dlpack_device__()


WAYS = {
    "csr": lambda x: sp.csr_matrix(x),
    "csc": lambda x: sp.csc_array(x.astype(np.float32)),
    "coo": lambda x: sp.coo_matrix(x),
    "twice": lambda x: sp.csr_matrix(
        (np.repeat(sp.csr_matrix(x).data, 2) / 2, np.repeat(sp.csr_matrix(x).indices, 2),
         2 * sp.csr_matrix(x).indptr), x.shape),
    "int8": lambda x: x.astype(np.int8),
    "int64": lambda x: x.astype(np.int64),
    "records": records,
    "dlpack": OnDevice,
    "list": lambda x: x.tolist(),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["GBDTClassifier", "GBDTRegressor", "GBDTRanker"])
def test_estimators_take_every_container(name, way):
    from cnengine import gbdt

    rng = np.random.default_rng(14)
    x = np.where(rng.random((1200, 12)) < 0.3, rng.integers(-9, 10, (1200, 12)), 0).astype(float)
    label = np.clip(target(x).round(), 0, 2).astype(int)
    fit = {"group": [100] * 12} if name == "GBDTRanker" else {}
    if name == "GBDTClassifier":
        fit = {"eval_set": [(x[:200], label[:200])]}
    want = getattr(gbdt, name)(n_estimators=5).fit(x, label, **fit)
    if "eval_set" in fit:
        fit = {"eval_set": [(WAYS[way](x[:200]), label[:200])]}
    got = getattr(gbdt, name)(n_estimators=5).fit(WAYS[way](x), label, **fit)
    assert got.booster_.to_bytes() == want.booster_.to_bytes()
    np.testing.assert_array_equal(got.predict(WAYS[way](x)), want.predict(x))
    np.testing.assert_array_equal(got.predict(WAYS[way](x[:2])), want.predict(x[:2]))
