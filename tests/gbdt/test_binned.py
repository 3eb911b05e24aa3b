"""Rows that are binned once: training on the bins has the bits of training on the values."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from cnengine import errors
from cnengine._core import gbdt as native
from hypothesis import given, settings
from hypothesis import strategies as st


def train(x, y, *, weight=None, margin=None, categorical=(), sets=(), start=None, **options):
    options = {"n_estimators": 6, "min_child_samples": 3, "num_leaves": 15, **options}
    labels = {"y": np.ascontiguousarray(y, np.float64), "weight": weight, "base_margin": margin}
    sets = [(f"set{i}", x, {"y": np.asarray(y, np.float64)}) for i, (x, y) in enumerate(sets)]
    return native.train(x, labels, list(categorical), sets, options, "{}", start)


def bits(x, y, **options):
    booster, _, values, best, _ = train(x, y, **options)
    return booster.to_bytes(), values, best


def rows(seed=0, n=3000, width=12):
    """Numbers, some missing; mostly zeros; categories as numbers in feature 3."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, width))
    x[rng.random(x.shape) < 0.05] = np.nan
    x[:, width // 2 :] *= rng.random((n, width - width // 2)) < 0.1
    x[:, 3] = rng.integers(0, 20, n)
    x[:, 2] = 7  # nothing to split
    x[:, 1] = np.where(np.arange(n) == n - 5, np.nan, 1)  # one row misses it
    y = np.nan_to_num(x[:, 0]) + np.sin(x[:, 3]) + np.nan_to_num(x[:, width - 1])
    return x, y


OPTIONS = [
    {},
    {"categorical": (3,)},
    {"max_bins": 9, "seed": 4, "subsample_for_bin": 400},
    {"objective": "absolute", "colsample": 0.5},
    {"boosting": "dart", "skip_drop": 0.0, "drop_rate": 0.5},
    {"boosting": "rf", "subsample": 0.5},
    {"gradient_bits": 8, "data_sample_strategy": "goss"},
    {"grow_policy": "symmetric", "max_depth": 4},
]


def bin_options(options):
    names = ("categorical", "max_bins", "seed", "subsample_for_bin")
    return {name: options[name] for name in names if name in options}


def batches_of(x, sizes):
    ends = np.cumsum(sizes)
    return [x[b - s : b] for s, b in zip(sizes, ends, strict=True)]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_training_on_bins_has_the_bits_of_training_on_values(options):
    x, y = rows()
    weight = np.where(np.arange(len(x)) % 7 == 0, 0.0, 1.5)
    sets = [(x[:700], y[:700])]
    want = bits(x, y, weight=weight, sets=sets, **options)
    whole = native.bin_rows(x, weight=weight, **bin_options(options))
    assert bits(whole, y, weight=weight, sets=sets, **options) == want
    parts = batches_of(x, [1, 999, 0, 1500, 500])
    pieces = native.bin_batches(lambda: parts, weight=weight, **bin_options(options))
    assert bits(pieces, y, weight=weight, sets=sets, **options) == want
    assert pieces.nbytes == whole.nbytes


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 900), min_size=1, max_size=6),
    st.sampled_from([np.float64, np.float32, np.int16, "csr", "csc"]),
    st.sampled_from([30, 800, 200000]),
    st.sampled_from([2, 16, 255]),
)
def test_batches_of_any_sizes(seed, sizes, kind, sample, max_bins):
    sizes[0] += 1
    x, y = rows(seed, sum(sizes))
    x = np.nan_to_num(x * 3).round() if kind is np.int16 else x
    x = {"csr": sp.csr_array, "csc": sp.csc_array}[kind](x) if type(kind) is str else x.astype(kind)
    options = {"max_bins": max_bins, "subsample_for_bin": sample, "seed": seed % 5}
    options["categorical"] = [3] if seed % 2 else []
    parts = batches_of(x, sizes)
    got = native.bin_batches(lambda: iter(parts), **options)
    whole = native.bin_rows(x, **options)
    assert (got.rows, got.width, got.nbytes) == (whole.rows, whole.width, whole.nbytes)
    assert got.categories() == whole.categories()
    options["n_estimators"] = 2
    assert bits(got, y, **options) == bits(whole, y, **options) == bits(x, y, **options)


def table(x, seed=0):
    pa = pytest.importorskip("pyarrow")
    rng = np.random.default_rng(seed)
    words = np.array(["ash", "birch", "cedar", "yew", None], object)
    return pa.table(
        {
            "x": x[:, 0],
            "count": pa.array(
                rng.integers(0, 5, len(x)), pa.int32(), mask=rng.random(len(x)) < 0.1
            ),
            "tree": pa.array(words[np.sort(rng.integers(0, 5, len(x)))], pa.string()),
            "none": pa.array([None] * len(x), pa.string()),
            "flag": rng.random(len(x)) < 0.5,
        }
    )


def test_tables_learn_their_texts_over_all_batches():
    x, y = rows()
    whole = table(x)
    parts = [whole.slice(at, 700) for at in range(0, len(x), 700)]
    assert len(set(parts[0]["tree"].to_pylist())) < 5  # none of them knows all texts
    got = native.bin_batches(lambda: parts)
    assert got.feature_names == whole.column_names
    assert got.categories() == [None, None, ["ash", "birch", "cedar", "yew"], None, None]
    sets = [(whole.slice(0, 500), y[:500])]
    want = bits(whole, y, sets=sets)
    assert bits(got, y, sets=sets) == bits(native.bin_rows(whole), y, sets=sets) == want
    more = train(got, y)[0]
    assert more.predict(whole).shape == (len(x),)


def test_a_batch_may_be_of_another_type():
    x, y = rows()
    x = np.nan_to_num(x).round()
    parts = [x[:900].astype(np.float32), sp.csr_array(x[900:2000]), x[2000:].astype(np.int16)]
    assert bits(native.bin_batches(lambda: parts), y) == bits(x, y)


@pytest.mark.parametrize("chosen", ["some", "twice", "one", "none of 0"])
def test_subsets_keep_the_bins_of_the_whole(chosen):
    x, y = rows()
    rng = np.random.default_rng(3)
    picked = {
        "some": np.flatnonzero(rng.random(len(x)) < 0.4),
        "twice": rng.integers(0, len(x), 2000),
        "one": np.array([17]),
        "none of 0": np.flatnonzero(x[:, -1] != 0),
    }[chosen]
    whole = native.bin_rows(x, categorical=[3], max_bins=30)
    part = whole.subset(picked)
    assert (part.rows, part.width, part.max_bins) == (len(picked), x.shape[1], 30)
    # Rows of weight 0 are as if they were not there; row sets of bins are gathered the same way.
    got = train(part, y[picked], categorical=[3], max_bins=30)[0]
    weight = np.bincount(picked, minlength=len(x)).astype(float)
    if chosen in ("some", "none of 0"):  # equal but for how rows are added up to the base score
        want = train(whole, y, weight=weight, categorical=[3], max_bins=30)[0]
        np.testing.assert_allclose(got.predict(x), want.predict(x), rtol=1e-6, atol=1e-7)
    thresholds = {n["threshold"] for nodes, _ in got.trees() for n in nodes if n["feature"] == 0}
    all_nodes = train(whole, y, categorical=[3], max_bins=30, n_estimators=60)[0].trees()
    assert thresholds <= {n["threshold"] for nodes, _ in all_nodes for n in nodes}
    # A subset of a subset is a subset.
    again = part.subset(np.arange(0, len(picked), 2))
    direct = whole.subset(picked[::2].copy())
    options = {"categorical": [3], "max_bins": 30}
    assert bits(again, y[picked][::2], **options) == bits(direct, y[picked][::2], **options)


def test_subsets_of_nothing_and_of_wrong_rows():
    x, y = rows(n=50)
    whole = native.bin_rows(x)
    empty = whole.subset(np.zeros(0, np.int64))
    assert empty.rows == 0
    with pytest.raises(errors.ShapeError, match=r"^train: expected at least one row"):
        train(empty, y[:0])
    for wrong in (-1, 50, 2**40):
        with pytest.raises(errors.ArgumentError, match=rf"^subset: expected rows .*{wrong}"):
            whole.subset(np.array([0, wrong]))
    for wrong in ("abc", np.zeros(3), np.zeros((2, 2), np.int64)):
        with pytest.raises(errors.TypeError, match=r"^subset: expected rows as"):
            whole.subset(wrong)


@pytest.mark.parametrize("options", [{}, {"categorical": (3,)}, {"boosting": "dart"},
                                     {"boosting": "rf", "subsample": 0.5}], ids=str)  # fmt: skip
def test_going_on_from_the_same_rows(options):
    x, y = rows()
    start = train(x, y, **options)[0]
    want = bits(x, y, start=start, sets=[(x, y)], **options)
    assert bits(native.bin_rows(x, **bin_options(options)), y, start=start, sets=[(x, y)],
                **options) == want  # fmt: skip
    parts = batches_of(x, [1000, 2000])
    got = native.bin_batches(lambda: parts, start=start, **bin_options(options))
    assert bits(got, y, start=start, sets=[(x, y)], **options) == want
    half = got.subset(np.arange(0, len(x), 2))
    assert train(half, y[::2], start=start, **options)[0].num_trees == 12


@pytest.mark.parametrize("options", [{}, {"categorical": (3,)}, {"objective": "binary"},
                                     {"boosting": "rf", "subsample": 0.5}], ids=str)  # fmt: skip
@pytest.mark.parametrize("linear", [False, True])
def test_going_on_from_other_rows(options, linear):
    """Thresholds of the model lie inside of bins: its scores are found when the rows are binned."""
    x, y = rows()
    y = (y > 0).astype(float) if "objective" in options else y
    other, label = rows(5, 900)
    other[:, 3] += 15  # some categories are known to one side only
    label = (label > 0).astype(float) if "objective" in options else label
    start = train(other, label, linear_tree=linear, linear_lambda=0.1, **options)[0]
    want = bits(x, y, start=start, **options)
    whole = native.bin_rows(x, start=start, **bin_options(options))
    assert bits(whole, y, start=start, **options) == want
    parts = batches_of(x, [1, 2000, 999])
    got = native.bin_batches(lambda: parts, start=start, **bin_options(options))
    assert bits(got, y, start=start, **options) == want
    assert got.categories() == whole.categories()
    half = np.arange(0, len(x), 2)
    assert train(whole.subset(half), y[half], start=start, **options)[0].num_trees == 12
    if options.get("boosting") == "rf":
        return
    with pytest.raises(errors.ArgumentError, match=r"^train: expected rows that were binned with"):
        train(native.bin_rows(x, **bin_options(options)), y, start=start, **options)
    with pytest.raises(errors.UnsupportedError, match=r"^train: base_margin"):
        train(got, y, start=start, margin=np.zeros(len(x)), **options)
    with pytest.raises(errors.UnsupportedError, match=r'^train: boosting "dart"'):
        train(got, y, start=start, **{**options, "boosting": "dart"})


def test_going_on_with_texts():
    x, y = rows()
    whole = table(x)
    start = train(whole.slice(0, 1200), y[:1200])[0]  # has not seen all texts
    parts = [whole.slice(0, 1000), whole.slice(1000)]
    got = native.bin_batches(lambda: parts, start=start)
    assert bits(got, y, start=start) == bits(whole, y, start=start)
    with pytest.raises(errors.ArgumentError, match=r"^train: cannot go on .*other texts"):
        train(native.bin_rows(whole), y, start=start)


REFUSED = [
    ({"linear_tree": True}, errors.UnsupportedError, "linear_tree"),
    ({"cat_method": "ordered"}, errors.UnsupportedError, 'cat_method "ordered"'),
    ({"max_bins": 63}, errors.ArgumentError, "expected max_bins 31"),
    ({"categorical": [0]}, errors.ArgumentError, "expected the categorical features"),
    ({"categorical": [99]}, errors.ArgumentError, "expected categorical_features from 0 to 11"),
]


@pytest.mark.parametrize(("options", "error", "what"), REFUSED, ids=str)
def test_options_that_need_values_or_other_bins_are_refused(options, error, what):
    x, y = rows(n=100)
    binned = native.bin_rows(x, max_bins=31)
    with pytest.raises(error, match=rf"^train: {what}"):
        train(binned, y, **options)


def test_max_bins_need_not_be_said_twice():
    x, y = rows()
    assert bits(native.bin_rows(x, max_bins=31), y) == bits(x, y, max_bins=31)


def test_names_are_kept():
    x, y = rows(n=100)
    names = [f"f{j}" for j in range(x.shape[1])]
    binned = native.bin_rows(x, feature_names=names)
    assert binned.feature_names == names == train(binned, y)[0].feature_names
    with pytest.raises(errors.ShapeError, match=r"^bin_rows: expected 12 feature_names, got 1"):
        native.bin_rows(x, feature_names=["a"])
    with pytest.raises(errors.ArgumentError, match=r"^train: expected the feature_names"):
        native.train(binned, {"y": y}, [], [], {}, feature_names=names[::-1])


def test_wrong_arguments_of_binning():
    x, y = rows(n=100)
    booster = train(x[:, :5], y)[0]
    for match, error, options in (
        ("expected max_bins from 2 to 255, got 1", errors.ArgumentError, {"max_bins": 1}),
        ("expected subsample_for_bin >= 1", errors.ArgumentError, {"subsample_for_bin": 0}),
        ("expected categorical_features", errors.ArgumentError, {"categorical": [12]}),
        ("expected as many weights", errors.ShapeError, {"weight": np.ones(7)}),
        ("expected weights >= 0, got -1 at row 3", errors.ArgumentError,
         {"weight": np.where(np.arange(100) == 3, -1.0, 1)}),
        ("expected weights >= 0, got nan", errors.ArgumentError, {"weight": np.full(100, np.nan)}),
        ("expected the 5 features of the model", errors.ShapeError, {"start": booster}),
    ):  # fmt: skip
        with pytest.raises(error, match=rf"^bin_rows: {match}"):
            native.bin_rows(x, **options)
        with pytest.raises(error, match=rf"^bin_batches: {match}"):
            native.bin_batches(lambda: [x], **options)
    many = np.broadcast_to(np.float32(1), (2**31 + 1, 1))
    with pytest.raises(errors.ArgumentError, match=r"^bin_rows: expected fewer than 2\^31 rows"):
        native.bin_rows(many)
    with pytest.raises(errors.ArgumentError, match=r"^bin_batches: expected fewer than 2\^31"):
        native.bin_batches(lambda: [many[: 2**30]] * 3)
    with pytest.raises(errors.ShapeError, match=r"^bin_rows: expected at least one row"):
        native.bin_rows(x[:0])


def test_batches_that_do_not_fit():
    pa = pytest.importorskip("pyarrow")
    x, _ = rows(n=100)
    named = pa.table({"a": [1.0], "b": ["x"]})
    for batches, error, match in (
        ([], errors.ShapeError, "expected at least one row"),
        ([x[:0]], errors.ShapeError, "expected at least one row"),
        ([x, x[:, :3]], errors.ShapeError, "expected 12 features in batch 2, .*got 3"),
        ([named, named.rename_columns(["a", "c"])], errors.ArgumentError,
         r'expected the columns \["a", "b"\] in batch 2, .*got \["a", "c"\]'),
        ([named, pa.table({"a": [1.0], "b": [2]})], errors.TypeError, 'expected column "b"'),
        ([x, "abc"], errors.Error, ""),
        ([x, x.astype(complex)], errors.TypeError, "expected an array"),
    ):  # fmt: skip
        with pytest.raises(error, match=f"^bin_batches: {match}"):
            native.bin_batches(lambda batches=batches: iter(batches))


def changing(*ways):
    """Gives other batches each time it is called."""
    calls = iter(ways)
    return lambda: iter(next(calls))


def test_batches_that_are_others_the_second_time():
    x, _ = rows(n=100)
    wide = np.ones((100, 13))
    for ways, error, match in (
        (([x], [x, x]), errors.ArgumentError, "the same batches each time, got 100 rows .* more"),
        (([x], [x[:60]]), errors.ArgumentError, "the same batches .* 100 rows at first and 60 now"),
        (([x], [x], [x[:99]]), errors.ArgumentError, "the same batches .* and 99 now"),
        (([x], [x], [x, x[:1]]), errors.ArgumentError, "the same batches .* more now"),
        (([x], [wide]), errors.ShapeError, "expected 12 features in batch 1"),
        (([x], [x], [wide]), errors.ShapeError, "expected 12 features in batch 1"),
    ):
        with pytest.raises(error, match=f"^bin_batches: expected {match}|^bin_batches: {match}"):
            native.bin_batches(changing(*ways))
    other = np.where(x > 0, np.nan, -x)  # other values, as many rows: no crash, some model
    assert native.bin_batches(changing([x], [x], [other])).rows == 100


def test_errors_of_the_callable_are_its_own():
    x, _ = rows(n=100)

    class Mine(Exception):
        pass

    def broken_at(call, batch):
        calls = iter(range(9))

        def batches():
            number = next(calls)
            for i in range(3):
                if (number, i) == (call, batch):
                    raise Mine(f"{call} {batch}")
                yield x

        return batches

    for call in range(3):
        for batch in range(3):
            with pytest.raises(Mine, match=f"{call} {batch}"):
                native.bin_batches(broken_at(call, batch))
    with pytest.raises(ZeroDivisionError):
        native.bin_batches(lambda: 1 / 0)
    with pytest.raises(TypeError, match="not iterable"):
        native.bin_batches(lambda: 5)
    with pytest.raises(TypeError, match="not callable"):
        native.bin_batches([x])
    with pytest.raises(KeyboardInterrupt):
        native.bin_batches(lambda: (_ for _ in ()).throw(KeyboardInterrupt))


def test_called_three_times_one_batch_at_a_time():
    import gc
    import weakref

    x, y = rows()
    calls, alive = [], []

    def batches():
        calls.append(0)
        for at in range(0, 3000, 500):
            gc.collect()
            assert sum(ref() is not None for ref in alive) <= 1  # that of the generator
            batch = x[at : at + 500].copy()
            alive.append(weakref.ref(batch))
            yield batch

    assert bits(native.bin_batches(batches), y) == bits(x, y)
    assert len(calls) == 3


MEMORY = """
import resource, sys
import numpy as np
from cnengine._core import gbdt as native

rows, width, parts = 40_000, 50, 30

def batches():
    for part in range(parts):
        yield np.random.default_rng(part).standard_normal((rows, width))

next(batches())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
binned = native.bin_batches(batches, subsample_for_bin=50_000)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) * 1024, binned.nbytes, rows * width * 8, binned.rows)
"""


def test_memory_is_that_of_bins_sample_and_one_batch():
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=300
    )
    grown, binned, batch, count = map(int, done.stdout.split())
    assert count == 1_200_000
    sample = 50_000 * 50 * 8
    marks = 5 * count  # which rows count, and which are in the sample
    assert grown < binned + sample + 2 * batch + marks + 2**25
    assert grown < 30 * batch / 2  # the whole is 480 MB


def test_threads_do_not_change_a_bit():
    import cnengine as cn

    x, y = rows(n=9000)
    parts = batches_of(x, [5000, 4000])
    found = []
    for threads in (1, 2, 3):
        cn.set_num_threads(threads)
        found.append(bits(native.bin_batches(lambda: parts), y))
    cn.set_num_threads(2)
    assert found[0] == found[1] == found[2]
