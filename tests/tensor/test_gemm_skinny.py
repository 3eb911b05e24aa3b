"""Products of a few rows, and by a vector: against NumPy's in float64, and against the same rows
among many."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest


def has_kernel():
    """Other processors leave floats to BLAS."""
    try:
        with open("/proc/cpuinfo") as lines:
            return "avx512bw" in lines.read()
    except OSError:
        return False


def turned(x):
    return np.ascontiguousarray(x.T).T


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows(dtype, threads):
    """Of k products the error is at most k + 1 units of their sizes; each row has the same bits
    whatever is beside it, and however a and b lie."""
    rng = np.random.default_rng(1)
    wide = np.float64 if dtype == "float32" else np.longdouble
    before = cn.num_threads()
    cn.set_num_threads(threads)
    try:
        for depth in (1, 15, 17, 385, 900):
            for columns in (1, 31, 32, 33, 129, 300):
                a = rng.normal(size=(70, depth)).astype(dtype)
                b = rng.normal(size=(depth, columns)).astype(dtype)
                exact = a.astype(wide) @ b.astype(wide)
                size = np.abs(a).astype(wide) @ np.abs(b).astype(wide)
                many = np.asarray(ct.asarray(a) @ ct.asarray(b))
                bound = (depth + 1) * np.finfo(dtype).eps * size
                assert np.all(np.abs(many - exact) <= bound)
                for rows in (1, 2, 5, 8, 9, 16, 17):
                    few = a[:rows]
                    for x, y in ((few, b), (few, turned(b)), (turned(few), b),
                                 (turned(few), turned(b))):  # fmt: skip
                        got = np.asarray(ct.asarray(x) @ ct.asarray(y))
                        assert np.all(np.abs(got - exact[:rows]) <= bound[:rows])
                        if has_kernel():
                            np.testing.assert_array_equal(got, many[:rows])
    finally:
        cn.set_num_threads(before)


def test_as_they_lie():
    """Rows apart, backwards, the same again, and a part of others."""
    rng = np.random.default_rng(2)
    a = rng.normal(size=(12, 100)).astype("f4")
    b = rng.normal(size=(100, 80)).astype("f4")
    pairs = [
        (a[::3], b[:, 3:60]),
        (a[::-2], b[::-1]),
        (a[:, ::2], b[::2]),
        (np.broadcast_to(a[:1], (4, 100)), b),
        (a[:4], np.broadcast_to(b[:1], (100, 80))),
        (a[:4], turned(b)[:, ::2]),
        (a[:4], np.broadcast_to(b[:, :1], (100, 80))),
        (a[:4, 1:99], turned(b)[1:99, 5:77]),
        (b.T[5:77], a[3, :, None]),
        (b.T[:, ::-1], a[3, :, None]),
    ]
    for x, y in pairs:
        got = np.asarray(ct.asarray(x) @ ct.asarray(y))
        np.testing.assert_allclose(got, x.astype("f8") @ y.astype("f8"), rtol=1e-4, atol=1e-4)


def test_what_is_not_finite():
    """An infinite weight, and NaN, reach their columns alone."""
    b = np.ones((40, 64), np.float32)
    b[3, 5], b[39, 63] = np.inf, np.nan
    for y in (b, turned(b)):
        for rows in (1, 4, 8, 12):
            x = np.ones((rows, 40), np.float32)
            np.testing.assert_array_equal(np.asarray(ct.asarray(x) @ ct.asarray(y)), x @ b)


def test_sums_go_on():
    """A derivative that several products add to."""
    x = ct.asarray(np.random.default_rng(3).normal(size=(2, 500)).astype("f4"))
    w = ct.asarray(np.random.default_rng(4).normal(size=(500, 40)).astype("f4"))
    got = cn.jit(cn.grad(lambda w: ct.sum(x @ w) + ct.sum((2 * x) @ w)))(w)
    want = 3 * np.asarray(x, dtype="f8").sum(0)[:, None]
    np.testing.assert_allclose(np.asarray(got), np.broadcast_to(want, (500, 40)), rtol=1e-5)
