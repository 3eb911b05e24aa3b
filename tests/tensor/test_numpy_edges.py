"""Edges of what is named as in NumPy: nothing, one element, NaN, infinities; and wrong use."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from against_numpy import same

NAN, INF = np.nan, np.inf
EMPTY, ONE = np.zeros(0), np.array([2.5])
ODD = np.array([NAN, INF, -INF, 0.0, -0.0, 1.5])


@pytest.mark.parametrize("values", [EMPTY, ONE, ODD], ids=["empty", "one", "odd"])
@pytest.mark.parametrize("name", [
    "angle", "cbrt", "deg2rad", "exp2", "isneginf", "isposinf", "iscomplex", "modf", "sinc", "round",
    "nansum", "nanprod", "nancumsum", "nancumprod", "atleast_3d", "flipud", "diagflat", "ediff1d",
    "trapezoid", "vander", "argwhere", "flatnonzero", "spacing", "union1d"])  # fmt: skip
def test_edges_of_one_array(name, values):
    with np.errstate(all="ignore"):
        if name == "vander" and values is ODD:
            values = values[3:]
        given = ct.asarray(values)
        got = ct.union1d(given, given) if name == "union1d" else getattr(ct, name)(given)
        expected = np.union1d(values, values) if name == "union1d" else getattr(np, name)(values)
    if name == "union1d":  # every NaN is another one, as the standard has it
        got, expected = got[~ct.isnan(got)], expected[~np.isnan(expected)]
    same(got, expected)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("other", [-1.5, 0.0, 3.0, INF, NAN])
def test_edges_of_pairs(other):
    for name in ("fmax", "fmin", "fmod", "heaviside", "logaddexp2"):
        expected = getattr(np, name)(ODD, np.full(6, other))
        same(getattr(ct, name)(ct.asarray(ODD), ct.asarray(np.full(6, other))), expected)
        assert getattr(ct, name)(ct.asarray(ODD), other).dtype == ct.float64
    same(ct.ldexp(ct.asarray(ODD), 1500), np.ldexp(ODD, 1500))
    same(ct.ldexp(ct.asarray([1e-300, 1e300]).astype(ct.float64), ct.asarray([900, -900])),
         np.ldexp(np.float32([1e-300, 1e300]).astype(float), [900, -900]))  # fmt: skip


def test_whole_numbers():
    big = np.array([2**62, -(2**62), 0, 1, -1])
    same(ct.gcd(ct.asarray(big), 6), np.gcd(big, 6))
    same(ct.bitwise_count(ct.asarray(big)), np.bitwise_count(big))
    for dtype in ("int8", "uint8", "uint64"):
        x = np.arange(0, 128, dtype=dtype)
        same(ct.bitwise_count(ct.asarray(x)), np.bitwise_count(x))
        same(ct.gcd(ct.asarray(x), ct.asarray(x[::-1].copy())), np.gcd(x, x[::-1]))
    tens = np.arange(-50, 51)
    same(ct.round(ct.asarray(tens), -1), np.round(tens, -1))
    assert ct.round(ct.asarray([1, 2]), 3).dtype == ct.int64
    with pytest.raises(TypeError, match="gcd: expected integers"):
        ct.gcd(ct.asarray([1.5]), 2)
    with pytest.raises(TypeError, match="bitwise_count: expected integers"):
        ct.bitwise_count(ct.asarray([1.5]))


def test_derivatives_at_points():
    for function, x, slope in ((ct.sinc, 0.0, 0.0), (ct.cbrt, 0.0, 0.0), (ct.cbrt, 8.0, 1 / 12),
                               (lambda x: ct.nanstd(ct.stack([x, x])), 2.0, 0.0)):  # fmt: skip
        got = cn.grad(lambda v, f=function: ct.sum(ct.nan_to_num(f(v))))(ct.asarray(np.float64(x)))
        np.testing.assert_allclose(float(got), slope, rtol=1e-9, err_msg=str(function))
    curve = cn.grad(cn.grad(lambda x: ct.sinc(x)))(ct.asarray(np.float64(0)))
    np.testing.assert_allclose(float(curve), -(np.pi**2) / 3, rtol=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_quantiles_of_odd_numbers():
    for values in (ONE, np.array([NAN, 2.0])):
        for q in (0.0, 0.5, 1.0):
            same(ct.quantile(ct.asarray(values), q), np.quantile(values, q))
            same(ct.nanquantile(ct.asarray(values[:1]), q), np.nanquantile(values[:1], q))
    assert float(ct.quantile(ct.asarray([1.0, INF]), 0.0)) == 1  # NumPy: NaN, of 0 * INF
    same(ct.quantile(ct.asarray([-INF, 1.0, INF]), ct.asarray([0.0, 0.5])), np.array([-INF, 1.0]))
    for name in ("quantile", "nanquantile"):
        assert getattr(ct, name)(ct.ones((2, 3), dtype=ct.float16), 0.5, 0).dtype == ct.float16
    long = np.arange(3e6, dtype=np.float32)
    assert float(ct.quantile(ct.asarray(long), 0.1)) == pytest.approx(
        0.1 * (len(long) - 1), abs=0.3
    )
    assert ct.quantile(ct.zeros((0, 3)), 0.5, 1).shape == (0,)


@pytest.mark.filterwarnings("ignore")
def test_reductions_without_numbers():
    nothing = np.full((2, 3), NAN)
    for name in (
        "nansum",
        "nanprod",
        "nanmean",
        "nanvar",
        "nanstd",
        "nanmax",
        "nanmin",
        "nanmedian",
    ):
        same(getattr(ct, name)(ct.asarray(nothing), 1), getattr(np, name)(nothing, 1))
        same(
            getattr(ct, name)(ct.asarray([[1, 2], [3, 5]]), 1),
            getattr(np, name)([[1, 2], [3, 5]], 1),
            1e-6,
        )
        got = cn.grad(lambda x, f=name: ct.sum(ct.nan_to_num(getattr(ct, f)(x, 1))))(
            ct.asarray(nothing)
        )
        same(got, np.zeros((2, 3)))
    same(ct.nanargmax(ct.asarray(nothing), 1), np.array([-1, -1]))
    same(ct.nanargmin(ct.asarray(nothing), 1), np.array([-1, -1]))
    assert ct.nanmean(ct.full(8, 60000.0, dtype=ct.float16)).dtype == ct.float16
    same(ct.average(ct.ones(2), weights=ct.asarray([0.0, 0.0])), NAN)
    total = ct.average(ct.asarray([[1.0, 2.0], [3.0, 4.0]]), 0, ct.asarray([1.0, 3.0]), True)
    same(total, [[2.5, 3.5], [4.0, 4.0]], 1e-6)


def test_covariances_with_weights():
    x, rng = np.random.default_rng(0).normal(size=(3, 6)), np.random.default_rng(1)
    often, much = rng.integers(1, 4, 6), rng.random(6)
    for options in ({"fweights": often}, {"aweights": much}, {"fweights": often, "aweights": much}):
        given = {key: ct.asarray(each) for key, each in options.items()}
        same(ct.cov(ct.asarray(x), **given), np.cov(x, **options))
    z = x + 1j * x[::-1]
    same(ct.cov(ct.asarray(z)), np.cov(z))
    same(ct.corrcoef(ct.asarray(z)), np.corrcoef(z))


def test_pieces():
    a, b = ct.ones((2, 2)), ct.zeros((2, 1))
    values = [np.asarray(a), np.asarray(b)]
    for name in ("hstack", "column_stack"):
        same(getattr(ct, name)([a, b]), getattr(np, name)(values))
    for name in ("vstack", "dstack", "hstack", "column_stack"):
        same(getattr(ct, name)([ct.arange(3), ct.arange(3) + 1]),
             getattr(np, name)([np.arange(3), np.arange(3) + 1]))  # fmt: skip
    same(ct.vstack(a), np.vstack(values[0]))
    same(ct.block([[a, b], [ct.ones((1, 3))]]), np.block([values, [np.ones((1, 3))]]))
    same(ct.block([ct.asarray(1), ct.asarray([2, 3])]), np.array([1, 2, 3]))
    same(
        ct.insert(a, 1, ct.asarray([[5.0, 6.0]]), axis=0), np.insert(values[0], 1, [[5, 6]], axis=0)
    )
    same(
        ct.insert(a, [1], ct.asarray([[5.0], [6.0]]), axis=1),
        np.insert(values[0], [1], [[5], [6]], axis=1),
    )
    same(ct.delete(ct.arange(5), ct.arange(5) > 2), np.array([0, 1, 2]))
    same(ct.delete(ct.arange(5), []), np.arange(5))
    same(ct.array_split(ct.asarray(EMPTY), 2), [EMPTY, EMPTY])
    same(ct.apply_along_axis(lambda line: ct.stack([line, line * 2]), 1, ct.ones((2, 3, 4))),
         np.apply_along_axis(lambda line: np.stack([line, line * 2]), 1, np.ones((2, 3, 4))))  # fmt: skip


@pytest.mark.parametrize("places", [[2, 0], [-1, 0], [1, 1], [0, 3, 1], slice(None, None, 2)])
def test_values_go_to_the_places_that_they_are_given_for(places):
    x = np.arange(12.0).reshape(3, 4)
    count = 2 if isinstance(places, slice) else len(places)
    values = 10.0 + np.arange(count)
    got = ct.insert(ct.asarray(x), places, ct.asarray(values), axis=1)
    same(got, np.insert(x, places, values, axis=1))
    same(ct.insert(ct.arange(3), places, 7), np.insert(np.arange(3), places, 7))


def test_places():
    for k, m in ((0, None), (1, 5), (-2, 2), (9, 3)):
        same(ct.tril_indices(4, k, m), np.tril_indices(4, k, m))
        same(ct.triu_indices(4, k, m), np.triu_indices(4, k, m))
    same(ct.tri(3, 4, 1), np.tri(3, 4, 1))
    same(ct.indices((2, 3)), np.indices((2, 3)))
    same(ct.indices((2, 3), sparse=True), np.indices((2, 3), sparse=True))
    same(ct.diag_indices(3, 3), np.diag_indices(3, 3))
    same(ct.ix_([True, False, True], [1, 0]), np.ix_([True, False, True], [1, 0]))
    same(ct.argwhere(ct.asarray([[0, 1], [2, 0]])), np.argwhere([[0, 1], [2, 0]]))
    places = ([3, 0, 5], [2, 1, -4])
    given = [ct.asarray(each) for each in places]
    for mode in ("wrap", "clip"):
        same(ct.ravel_multi_index(given, (4, 3), mode), np.ravel_multi_index(places, (4, 3), mode))
    same(
        cn.jit(lambda x: ct.unravel_index(x, (2, 3)))(ct.asarray([5])),
        np.unravel_index([5], (2, 3)),
    )


def test_counts():
    x = np.array([0.0, 0.2, NAN, 1.0, 7.0])
    got = ct.histogram(ct.asarray(x), 2, (0, 1))
    same(got, np.histogram(x, 2, (0, 1)))
    weights = np.arange(5.0)
    same(ct.histogram(ct.asarray(x), ct.asarray([0.0, 0.5, 8.0]), None, ct.asarray(weights))[0],
         np.histogram(x, [0.0, 0.5, 8.0], weights=weights)[0])  # fmt: skip
    points = np.random.default_rng(0).normal(size=(50, 3))
    got, edges = ct.histogramdd(ct.asarray(points), (2, 3, 4), density=True)
    expected, wanted = np.histogramdd(points, (2, 3, 4), density=True)
    same([got, *edges], [expected, *wanted])
    same(cn.jit(lambda x: ct.histogram(x, 4))(ct.asarray(points)), np.histogram(points, 4))
    same(ct.histogram(ct.asarray(EMPTY), 2), np.histogram(EMPTY, 2))
    same(ct.digitize(ct.asarray(ODD), ct.asarray([0.0])), np.digitize(ODD, [0.0]))


def test_counts_of_bools():
    x = np.array([True, False, True])
    same(ct.bincount(ct.asarray(x)), np.bincount(x))
    assert [int(each) for each in ct.histogram(ct.asarray(x), 2)[0]] == [1, 2]


@pytest.mark.filterwarnings("ignore")
def test_neighbours_of_odd_numbers():
    x = np.array([1.0, 2.0, NAN, 8.0, INF, 32.0])
    same(ct.gradient(ct.asarray(x), 0.5), np.gradient(x, 0.5))
    points, values = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, INF, 2.0, 4.0])
    at = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 9.0])
    same(ct.interp(*map(ct.asarray, (at, points, values))), np.interp(at, points, values))
    same(ct.nanvar(ct.asarray([INF, 1.0, NAN])), np.nanvar([INF, 1.0, NAN]))
    same(ct.poly(ct.asarray([INF, 2.0])), np.poly([INF, 2.0]))
    z = np.array([complex(NAN, 1), complex(-INF, NAN), 2j])
    same(ct.nan_to_num(ct.asarray(z)), np.nan_to_num(z))


def test_sets():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, (3, 4)), rng.integers(5, 14, 7)
    for name in ("intersect1d", "setdiff1d", "setxor1d", "union1d"):
        for one, two in ((a, b), (a, b[:0]), (a[:0], b)):
            same(getattr(ct, name)(ct.asarray(one), ct.asarray(two)), getattr(np, name)(one, two))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_sequences(count):
    for name in ("hanning", "hamming", "blackman", "bartlett"):
        same(getattr(ct, name)(count, ct.float64), getattr(np, name)(count), atol=1e-15)
    for endpoint in (True, False):
        same(
            ct.logspace(-1, 2, count, endpoint, 2.0, ct.float64),
            np.logspace(-1, 2, count, endpoint, 2.0),
        )
        for ends in ((1, 1000), (-8.0, -0.5)):
            same(
                ct.geomspace(*ends, count, endpoint, ct.float64),
                np.geomspace(*ends, count, endpoint),
            )


def test_polynomials():
    x, y, w = np.arange(6.0), np.array([1.0, 3.0, 2.0, 5.0, 7.0, 6.0]), np.linspace(1, 2, 6)
    given = [ct.asarray(each) for each in (x, y)]
    got = ct.polyfit(*given, 2, w=ct.asarray(w), cov=True)
    same(got, np.polyfit(x, y, 2, w=w, cov=True), 1e-9)
    same(ct.polyfit(*given, 1, cov="unscaled"), np.polyfit(x, y, 1, cov="unscaled"), 1e-9)
    fits, residual, rank, values, cut = ct.polyfit(*given, 2, full=True)
    wanted = np.polyfit(x, y, 2, full=True)
    same([fits, residual, values], [wanted[0], wanted[1][0], wanted[3]], 1e-9)
    assert (int(rank), cut) == (wanted[2], pytest.approx(wanted[4]))
    p = np.array([2.0, -3.0, 1.0, 4.0])
    got = np.sort_complex(np.asarray(ct.roots(ct.asarray(p))))
    np.testing.assert_allclose(got, np.sort_complex(np.roots(p)), rtol=1e-10)
    assert ct.roots(ct.asarray([3.0])).shape == (0,)
    m = np.array([[1.0, 2.0], [3.0, 4.0]])
    same(ct.real(ct.poly(ct.asarray(m))), np.poly(m), 1e-9)


WRONG = [
    (lambda: ct.insert(ct.ones(3), 9, 1), "insert: expected places of the axis, index 9"),
    (lambda: ct.delete(ct.ones(3), -4), "delete: expected places of the axis, index -4"),
    (lambda: ct.vsplit(ct.ones(3), 3), "vsplit: expected 2 axes or more"),
    (lambda: ct.bincount(ct.arange(3), ct.ones(1)), "bincount: expected a weight of each element"),
    (lambda: ct.broadcast_to(ct.zeros(1, dtype=ct.int8), (2**61,)).astype(ct.float64),
     "array: an array of the shape .* is larger than memory can be"),
    (lambda: ct.pad(ct.ones(3), 1, "mirror"), "pad: expected a mode of constant, edge"),
    (lambda: ct.pad(ct.zeros(0), 1, "edge"), "pad: expected elements along the axis 0"),
    (lambda: ct.pad(ct.ones(3), -1, "wrap"), "pad: expected widths of at least 0"),
    (lambda: ct.quantile(ct.ones(3), 0.5, method="median"), "quantile: expected .*'midpoint'"),
    (lambda: ct.percentile(ct.ones(3), 200), r"percentile: expected q in \[0, 100\]"),
    (lambda: ct.median(ct.zeros((0, 2)), 0), "median: expected elements, got none"),
    (lambda: ct.median(ct.ones((2, 2)), (0, 0)), "median: expected different axes"),
    (lambda: ct.convolve(ct.zeros(0), ct.ones(2)), "convolve: expected vectors with elements"),
    (lambda: ct.convolve(ct.ones(2), ct.ones(2), "half"), "convolve: expected .*'valid'|mode of full"),
    (lambda: ct.interp(ct.ones(2), ct.ones(2), ct.ones(3)), "interp: expected points of two vectors"),
    (lambda: ct.gradient(ct.ones(1)), "gradient: expected 2 samples or more"),
    (lambda: ct.gradient(ct.ones((3, 3)), 1.0, 2.0, 3.0), "gradient: expected a spacing of 2 axes"),
    (lambda: ct.rot90(ct.ones((2, 2)), axes=(0, 0)), "rot90: expected two axes"),
    (lambda: ct.swapaxes(ct.ones((2, 2)), 0, 2), "swapaxes: expected an axis of -2 to 1, got 2"),
    (lambda: ct.fliplr(ct.ones(2)), "fliplr: expected 2 axes or more"),
    (lambda: ct.dsplit(ct.ones((2, 2)), 2), "dsplit: expected 3 axes or more"),
    (lambda: ct.array_split(ct.ones(2), 0), "array_split: expected a number of at least 1"),
    (lambda: ct.average(ct.ones((2, 3)), 0, ct.ones(3)), "average: expected weights of"),
    (lambda: ct.cov(ct.ones((2, 3, 2))), "cov: expected at most two axes"),
    (lambda: ct.cov(ct.ones((2, 3)), fweights=ct.ones(2)), r"cov: expected weights of \(3,\)"),
    (lambda: ct.ravel_multi_index(([2],), (2,)), r"ravel_multi_index: expected indices of \(2,\)"),
    (lambda: ct.unravel_index(ct.asarray([6]), (2, 3)), "unravel_index: expected numbers of elements"),
    (lambda: ct.vander(ct.ones((2, 2))), "vander: expected a vector"),
    (lambda: ct.polyfit(ct.ones(3), ct.ones(2), 1), "polyfit: expected points"),
    (lambda: ct.polyfit(ct.ones(2), ct.ones(2), 1, cov=True), "polyfit: expected more than 2 points"),
    (lambda: ct.geomspace(-1, 1), "geomspace: expected numbers of one sign"),
    (lambda: ct.block([[ct.ones(1)], ct.ones(1)]), "block: expected lists of one depth"),
    (lambda: ct.trace(ct.ones((2, 2)), 0, 0, 2), "diagonal: expected an axis|trace: expected an axis"),
    (lambda: ct.diagonal(ct.ones((2, 2)), 0, 1, -1), "diagonal: expected two axes"),
    (lambda: ct.select([], []), "select: expected as many conditions as choices"),
    (lambda: ct.matvec(ct.ones((2, 3)), ct.ones(2)), "matvec: expected matrices and vectors"),
    (lambda: ct.histogramdd(ct.ones((2, 2)), (2, 2, 2)), "histogramdd: expected bins and ranges of 2"),
    (lambda: ct.std(ct.asarray([1, 2])), "std: expected floats, got int64"),
    (lambda: ct.std(ct.ones((2, 2)), axis=5), "std: expected an axis of -2 to 1, got 5"),
]  # fmt: skip


@pytest.mark.parametrize(("use", "says"), WRONG)
def test_wrong_use(use, says):
    with pytest.raises(cnengine.errors.Error, match=f"^{says}"):
        use()


def test_flags_of_numpy():
    x = ct.ones((2, 3))
    for flag in (np.True_, 1):
        for function in (
            ct.sum,
            ct.mean,
            ct.max,
            ct.all,
            ct.argmax,
            ct.std,
            ct.median,
            ct.nanmean,
            ct.ptp,
        ):
            assert function(x, axis=0, keepdims=flag).shape == (1, 3)
    with pytest.raises(TypeError, match="sum: expected True or False as keepdims"):
        ct.sum(x, keepdims="yes")


def test_lists_of_numbers_are_arrays():
    rows = [[1.0, 2.0], [3.0, 5.0]]
    for name in (
        "rot90",
        "flipud",
        "fliplr",
        "mean",
        "std",
        "var",
        "median",
        "cov",
        "diag",
        "trace",
    ):
        same(getattr(ct, name)(rows), getattr(np, name)(rows), 1e-6)
    for name in ("norm", "cond"):
        same(getattr(ct.linalg, name)(rows), getattr(np.linalg, name)(rows), 1e-5)
    same(ct.linalg.matrix_exp([[0.0]]), np.array([[1.0]]))
    same(ct.tile([1, 2], 2), np.tile([1, 2], 2))
    same(ct.tile(rows, 2), np.tile(np.float32(rows), 2))
    same(ct.repeat([1, 2], 2), np.repeat([1, 2], 2))
    same(ct.moveaxis(rows, 0, 1), np.float32(rows).T)
    same(ct.swapaxes(rows, 0, 1), np.float32(rows).T)
    same(ct.bincount([0, 1, 1], [1.0, 2.0, 3.0]), np.array([1.0, 5.0]))
    assert int(ct.count_nonzero([0, 2])) == 1
