"""What is named as in NumPy, beside it: values of float64, `jit`, `vmap` and derivatives."""

import cnengine.tensor as ct
import numpy as np
import pytest
from against_numpy import check
from scipy import linalg, special

RNG = np.random.default_rng(3)
M = RNG.normal(size=(4, 5))  # a matrix, a vector, and an array of three axes
V = RNG.normal(size=7)
T = RNG.normal(size=(3, 4, 2))
UP = np.sort(RNG.normal(size=9)) * 3
I = np.array([3, 0, 7, 3, 12, -9])  # noqa: E741
MISSING = np.where(RNG.random((4, 6)) < 0.3, np.nan, RNG.normal(size=(4, 6)))
MISSING[2] = np.nan


def both(name, *arrays, theirs=None, **options):
    """A case: the function of one name in both, with options by the names of ours and of NumPy's."""
    checks = {
        key: options.pop(key) for key in ("derives", "batches", "rtol", "args") if key in options
    }
    args = checks.pop("args", ())
    numpy_options = {{"correction": "ddof"}.get(k, k): v for k, v in options.items()}
    function = getattr(np, theirs or name)
    told = ",".join([name, *map(str, args), *(f"{k}={v}" for k, v in options.items())])
    return pytest.param(lambda *x: getattr(ct, name)(*x, *args, **options),
                        lambda *x: function(*x, *args, **numpy_options), arrays, checks, id=told)  # fmt: skip


def of_others(name, theirs, *arrays, **checks):
    """A case with a function of SciPy or of the test's own."""
    return pytest.param(getattr(ct, name), theirs, arrays, checks, id=name)


POINTWISE = [
    both("round", V, args=(1,), derives=False), both("round", V * 1e3, args=(-2,), derives=False),
    both("round", I * 5, args=(-1,)), both("round", I, args=(2,)), both("angle", V),
    both("cbrt", V), both("deg2rad", V), both("rad2deg", V), both("exp2", V),
    both("fmax", V, V[::-1].copy()), both("fmin", V, V[::-1].copy()), both("fmax", I, I[::-1].copy()),
    both("fmod", V * 9.1, V[::-1].copy()), both("fmod", I, np.array([2, -3, 4, 5, -7, 2])),
    both("gcd", I, np.array([6, 0, 21, -9, 8, 6])), both("lcm", I, np.array([6, 0, 21, -9, 8, 6])),
    both("heaviside", V, V[::-1].copy()), both("isneginf", V), both("isposinf", V), both("isreal", V),
    both("iscomplex", V), both("ldexp", V, I[[0, 1, 2, 3, 4, 5, 0]]),
    both("logaddexp2", V, V[::-1].copy()), both("modf", V * 3), both("sinc", V), both("spacing", V, derives=False),
    both("bitwise_count", I), both("sinc", V * 1e-2),
]  # fmt: skip
SCIPY = [
    of_others("logit", special.logit, np.array([0.1, 0.5, 0.999])),
    of_others("xlogy", special.xlogy, V, np.abs(V[::-1])),
    of_others("xlogy", special.xlogy, np.array([0.0, 0.0, 0.0, 2.0]), np.array([0.0, -1, np.nan, 0]), derives=False),
    of_others("lerp", lambda a, b, w: a + w * (b - a), V, V[::-1].copy(), np.abs(V)),
    of_others("block_diag", linalg.block_diag, M, V, M[:1]),
]  # fmt: skip
SHAPES = [
    both("atleast_1d", V), both("atleast_2d", V), both("atleast_3d", M), both("atleast_3d", V),
    both("atleast_2d", V, M), both("fliplr", M), both("flipud", T), both("rot90", M),
    both("rot90", T, k=2, axes=(1, 2)), both("rot90", T, k=-1, axes=(2, 0)), both("swapaxes", T, args=(0, -1)),
    both("diagflat", M), both("diagflat", V, k=-2),
    *[both("pad", each, args=(widths, mode), derives=True)
      for mode in ("constant", "edge", "reflect", "symmetric", "wrap")
      for each, widths in ((V, 3), (V, (17, 9)), (M, ((2, 0), (1, 6))), (T, ((1, 2),)))],
    *[both("array_split", each, args=args) for each, args in ((V, (3,)), (V, (9,)), (M, (2, 1)), (M, ([1, 3], -1)))],
    both("split", M, args=(2,)), both("split", M, args=([-1], 1)), both("hsplit", M, args=([2],)), both("hsplit", V, args=(7,)),
    both("vsplit", M, args=(2,)), both("dsplit", T, args=(2,)),
    both("delete", V, args=(2,)), both("delete", M, args=([0, -1], 1)), both("delete", M, args=(slice(1, 4),)),
    both("insert", V, args=(2, 9.0)), both("insert", M, args=([0, 2], 9.0, 1)), both("insert", V, args=([1, 1, 6], [1.0, 2.0, 3.0])),
]  # fmt: skip
PRODUCTS = [
    both("dot", M, M.T.copy()), both("dot", V, V), both("dot", T, M.T[:2].copy()), both("inner", M, M),
    both("inner", T, T[0]), both("kron", M, V), both("kron", M[:2], T), both("outer", M, V),
    both("vdot", M, M), both("matvec", T, V[:2].copy()), both("vecmat", T[:, :, 0].copy(), T),
    both("convolve", V, UP), both("convolve", V, UP, mode="same"), both("convolve", UP, V, mode="valid"),
    both("convolve", I, I[:4]), both("convolve", V, UP[:4], mode="same"),
    *[both("correlate", a, b, mode=mode) for mode in ("full", "same", "valid")
      for a, b in ((V, UP), (UP, V), (V, UP[:4].copy()), (UP[:4].copy(), V))],
    both("correlate", I, I[:2]),
]  # fmt: skip
STATISTICS = [
    both("ptp", M), both("ptp", M, axis=1, keepdims=True), both("average", M), both("average", M, axis=(0, 1)),
    both("cov", M), both("cov", V), both("cov", M, rowvar=False, bias=True), both("cov", M, correction=0),
    both("corrcoef", M), both("corrcoef", V, UP[:7].copy()), both("corrcoef", V),
    *[both(name, M, args=(0.3 * scale,), method=method, axis=axis)
      for name, scale in (("quantile", 1), ("percentile", 100))
      for method in ("linear", "lower", "higher", "nearest", "midpoint") for axis in (None, 0)],
    both("quantile", T, args=(np.array([[0.0, 0.25], [0.5, 1.0]]),), axis=(0, 2), keepdims=True),
    both("median", T, axis=(0, 2)), both("median", M, axis=1),
    *[both(name, MISSING, axis=axis, keepdims=True)
      for name in ("nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar", "nanmedian")
      for axis in (None, 1)],
    both("nanstd", MISSING[[0, 1, 3]], axis=1, correction=1), both("nanvar", MISSING[[0, 1, 3]], axis=0, correction=1),
    both("nanquantile", MISSING, args=(np.array([0.1, 0.5]),), axis=1), both("nanpercentile", MISSING, args=(30,)),
    both("nanquantile", MISSING, args=(0.5,), axis=1, method="lower"),
    both("nancumsum", MISSING, axis=1), both("nancumprod", MISSING), both("nancumsum", MISSING),
    both("nanargmax", MISSING[[0, 1, 3]], axis=1), both("nanargmin", MISSING),
]  # fmt: skip
CURVES = [
    both("ediff1d", M), both("ediff1d", V, to_begin=[1.0, 2.0], to_end=3.0),
    both("trapezoid", V), both("trapezoid", M, axis=0, dx=0.5), both("trapezoid", UP, UP),
    both("gradient", V), both("gradient", M), both("gradient", M, axis=1), both("gradient", V, edge_order=2),
    both("gradient", M, args=(0.5, 2.0), edge_order=2), both("gradient", UP * UP, UP, edge_order=2), both("gradient", UP, UP),
    both("gradient", V[:2].copy()), both("gradient", T, args=(0.1,), axis=(0, 1)),
    both("interp", V, UP, UP * UP), both("interp", V * 5, UP, UP * UP, left=-1.0, right=4.0),
    both("interp", V * 5, UP, UP * UP, period=2.5, batches=False), both("interp", M, UP, np.sin(UP)),
    both("unwrap", UP * 3), both("unwrap", M * 4, axis=0), both("unwrap", V * 4, period=3.0), both("unwrap", UP, discont=4.0),
    both("vander", V), both("vander", V, args=(3,), increasing=True), both("vander", I, args=(3,)), both("vander", V, args=(1,)),
    both("polyval", V, UP), both("polyval", V, M), both("polyder", V, m=2), both("polyint", V, m=2, k=[1.0, 2.0]),
    both("polymul", V, UP), both("polyadd", V, UP), both("polysub", UP, V), both("poly", V),
    both("polyfit", UP, np.sin(UP), args=(3,), rtol=1e-9), both("polyfit", UP, np.stack([UP * UP, UP], 1), args=(2,), rtol=1e-9),
]  # fmt: skip
COUNTS = [
    both("digitize", V, UP), both("digitize", V, UP[::-1].copy()), both("digitize", UP, UP, right=True),
    both("digitize", UP, UP[::-1].copy(), right=True), both("histogram_bin_edges", V, args=(4,), derives=False),
    both("histogram", V, args=(4,), derives=False), both("histogram", V, UP, derives=False),
    both("histogram", V, args=(4, (-1.0, 1.0)), density=True, derives=False),
    both("histogram2d", V, UP[:7].copy(), args=(3,), derives=False),
    both("unravel_index", np.array([[0, 5], [7, 11]]), args=((2, 3, 2),)),
    both("lexsort", np.array([[1, 0, 1, 0], [2, 2, 1, 1]])), both("array_equal", V, V), both("array_equiv", M, M[0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "arrays", "options"),
    POINTWISE + SCIPY + SHAPES + PRODUCTS + STATISTICS + CURVES + COUNTS,
)
@pytest.mark.filterwarnings("ignore:All-NaN", "ignore:Mean of empty", "ignore:Degrees of freedom")
def test_beside_numpy(ours, theirs, arrays, options):
    check(ours, theirs, *arrays, **options)
