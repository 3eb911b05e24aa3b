"""Functions beyond the standard, beside NumPy's and SciPy's."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.errors import ArgumentError
from scipy import special

X = np.random.default_rng(1).normal(size=(4, 5, 3))


def same(got, expected, rtol=1e-12):
    np.testing.assert_allclose(np.asarray(got), expected, rtol=rtol)


@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_quantiles(axis, keepdims):
    x = ct.asarray(X)
    q = np.array([[0.0, 0.3], [0.5, 1.0]])
    for f, peer in ((lambda: ct.quantile(x, ct.asarray(q), axis=axis, keepdims=keepdims),
                     np.quantile(X, q, axis=axis, keepdims=keepdims)),
                    (lambda: ct.quantile(x, 0.3, axis=axis, keepdims=keepdims),
                     np.quantile(X, 0.3, axis=axis, keepdims=keepdims)),
                    (lambda: ct.median(x, axis=axis, keepdims=keepdims),
                     np.median(X, axis=axis, keepdims=keepdims))):  # fmt: skip
        got = f()
        assert got.shape == peer.shape
        same(got, peer)
    with_nan = X.copy()
    with_nan[0, 0, 0] = np.nan
    same(ct.median(ct.asarray(with_nan), axis=0), np.median(with_nan, axis=0))
    with pytest.raises(ArgumentError, match="median: expected elements"):
        ct.median(ct.zeros(0))


def test_closeness():
    a = np.array([1.0, np.inf, np.nan, 1e-9, -np.inf, 2.0])
    b = np.array([1.000001, np.inf, np.nan, 0.0, np.inf, 2.1])
    for options in ({}, {"equal_nan": True}, {"rtol": 0.1}):
        got = ct.isclose(ct.asarray(a), ct.asarray(b), **options)
        np.testing.assert_array_equal(np.asarray(got), np.isclose(a, b, **options))
        assert bool(ct.allclose(ct.asarray(a), ct.asarray(b), **options)) == np.allclose(
            a, b, **options
        )
    for options in ({}, {"nan": 3.0, "posinf": 1.0, "neginf": -2.0}):
        got = ct.nan_to_num(ct.asarray([np.nan, np.inf, -np.inf, 1.0], dtype=ct.float64), **options)
        np.testing.assert_array_equal(
            np.asarray(got), np.nan_to_num([np.nan, np.inf, -np.inf, 1.0], **options)
        )


def test_counts():
    i = np.random.default_rng(2).integers(0, 7, 50)
    w = np.random.default_rng(3).normal(size=50)
    np.testing.assert_array_equal(
        np.asarray(ct.bincount(ct.asarray(i), length=9)), np.bincount(i, minlength=9)
    )
    same(ct.bincount(ct.asarray(i), weights=ct.asarray(w), length=7), np.bincount(i, w, 7), 1e-9)
    same(ct.bincount(ct.asarray(i)), np.bincount(i))
    same(ct.bincount(ct.asarray(i), ct.asarray(w), minlength=12), np.bincount(i, w, 12), 1e-9)
    same(ct.bincount(ct.asarray(i[:0]), minlength=2), np.bincount(i[:0], minlength=2))
    with pytest.raises(ValueError, match="bincount: expected numbers of at least 0, got -1"):
        ct.bincount(ct.asarray([0, -1]))
    for bins in (4, np.array([-1.0, 0.0, 0.5, 2.0])):
        given = bins if isinstance(bins, int) else ct.asarray(bins)
        got, edges = ct.histogram(ct.asarray(X), given)
        expected, peer_edges = np.histogram(X, bins)
        np.testing.assert_array_equal(np.asarray(got), expected)
        same(edges, peer_edges, 1e-5)
    one = ct.one_hot(ct.asarray([[0, 2], [5, 1]]), 3, axis=0)
    assert one.shape == (3, 2, 2)
    np.testing.assert_array_equal(np.asarray(one).sum(axis=0), [[1, 1], [0, 1]])


def test_pieces_and_products():
    x = ct.asarray(X)
    for parts, axis in ((2, 0), ([1, 4], 1), ([2, 9], -1)):
        for got, expected in zip(
            ct.split(x, parts, axis=axis), np.split(X, parts, axis=axis), strict=True
        ):
            np.testing.assert_array_equal(np.asarray(got), expected)
    with pytest.raises(ArgumentError, match="split: 5 is not divided by 2"):
        ct.split(x, 2, axis=1)
    same(ct.outer(x[0, 0], x[1, 0]), np.outer(X[0, 0], X[1, 0]))


@pytest.mark.parametrize("axis", [None, 1, (0, 2)])
def test_logsumexp(axis):
    x = X * 400
    same(ct.logsumexp(ct.asarray(x), axis=axis), special.logsumexp(x, axis=axis))
    same(cn.jit(lambda x: ct.logsumexp(x, axis=axis, keepdims=True))(ct.asarray(x)),
         special.logsumexp(x, axis=axis, keepdims=True))  # fmt: skip
    assert float(ct.logsumexp(ct.asarray([-ct.inf, -ct.inf]))) == -np.inf
