"""Distributions that are made of others, beside SciPy's; and that numbers depend on keys alone."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from scipy import stats

KEY, N = ct.random.key(3), 20_000

# By parameters, with the law of SciPy.
LAWS = [
    ("chisquare", (3.0,), stats.chi2(3)), ("chisquare", (0.2,), stats.chi2(0.2)),
    ("f", (3.0, 7.0), stats.f(3, 7)), ("t", (1.5,), stats.t(1.5)), ("t", (30.0,), stats.t(30)),
    ("loggamma", (0.5,), stats.loggamma(0.5)), ("lognormal", (0.7,), stats.lognorm(0.7)),
    ("pareto", (2.5,), stats.pareto(2.5)), ("rayleigh", (2.0,), stats.rayleigh(scale=2)),
    ("weibull_min", (2.0, 1.5), stats.weibull_min(1.5, scale=2)),
    ("triangular", (-1.0, 0.0, 3.0), stats.triang(0.25, -1, 4)),
    ("triangular", (-1.0, 3.0, 3.0), stats.triang(1, -1, 4)), ("wald", (2.0,), stats.invgauss(2.0)),
    ("wald", (0.01,), stats.invgauss(0.01)), ("maxwell", (), stats.maxwell()),
    ("generalized_normal", (1.5,), stats.gennorm(1.5)),
    ("generalized_normal", (0.5,), stats.gennorm(0.5)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "law"), LAWS)
def test_laws(name, parameters, law):
    """Kolmogorov and Smirnov's distance (p below 1e-3 one time in 1,000)."""
    x = getattr(ct.random, name)(KEY, *parameters, (N,), ct.float64)
    assert x.dtype == ct.float64
    assert stats.kstest(np.asarray(x), law.cdf).pvalue > 1e-3
    assert getattr(ct.random, name)(KEY, *parameters, (0,)).shape == (0,)
    assert getattr(ct.random, name)(KEY, *parameters, (2, 1)).dtype == ct.float32


def fits(x, law):
    """Chi-squared over up to 30 ranges of whole numbers, p above 1e-3."""
    ends = np.unique(np.linspace(*law.ppf([0.01, 0.99]), 28).astype(int))
    expected = np.diff(np.concatenate([[0], law.cdf(ends), [1]])) * len(x)
    got = np.histogram(x, np.concatenate([[-1], ends, [2**40]]) + 0.5)[0]
    few = expected > 0
    assert got[~few].sum() == 0
    assert stats.chisquare(got[few], expected[few]).pvalue > 1e-3


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (20, 0.1), (25, 0.9), (40, 0.5), (1000, 0.02),
                                      (10**6, 0.7), (100, 0.001), (30, 0.34)])  # fmt: skip
def test_binomial(n, p):
    fits(np.asarray(ct.random.binomial(KEY, n, p, (N,))), stats.binom(n, p))


@pytest.mark.parametrize("p", [0.02, 0.5, 0.97])
def test_geometric(p):
    fits(np.asarray(ct.random.geometric(KEY, p, (N,))), stats.geom(p))


def test_edges_of_counts():
    got = ct.random.binomial(KEY, ct.asarray([0, 5, 5, 100]), ct.asarray([0.5, 0.0, 1.0, 1.0]))
    assert np.asarray(got).tolist() == [0, 0, 5, 100]
    assert ct.random.binomial(KEY, 5, 0.5, (0, 2)).shape == (0, 2)
    odd = ct.random.binomial(
        KEY, ct.asarray([5.0, 5.0]), ct.asarray([0.5, np.nan]), None, ct.float64
    )
    assert np.isnan(np.asarray(odd)).tolist() == [False, True]
    with pytest.raises(ValueError, match=r"binomial: expected p in \[0, 1\], got 1.5"):
        ct.random.binomial(KEY, 5, 1.5)
    with pytest.raises(ValueError, match=r"geometric: expected p in \(0, 1\], got 0"):
        ct.random.geometric(KEY, 0)


def test_multinomial():
    p = np.array([0.1, 0.0, 0.6, 0.3])
    x = np.asarray(ct.random.multinomial(KEY, 20, ct.asarray(p * 5), (N, 4)))
    assert (x.sum(axis=-1) == 20).all()
    assert (x[:, 1] == 0).all()
    for i in (0, 2, 3):
        fits(x[:, i], stats.binom(20, p[i]))
    np.testing.assert_allclose(np.cov(x.T)[0, 2], -20 * p[0] * p[2], rtol=0.1)
    assert np.asarray(ct.random.multinomial(KEY, 7, ct.asarray([1.0]))).tolist() == [7]
    many = ct.random.multinomial(KEY, ct.asarray([3, 9]), ct.asarray(np.full((5, 1, 3), 1.0)))
    assert np.asarray(many.sum(axis=-1)).tolist() == [[3, 9]] * 5


@pytest.mark.parametrize("method", ["cholesky", "eigh", "svd"])
def test_multivariate_normal(method):
    mean, cov = (
        np.array([1.0, -2.0, 0.5]),
        np.array([[2.0, 0.6, 0], [0.6, 1, -0.3], [0, -0.3, 0.5]]),
    )
    given = ct.asarray(mean), ct.asarray(cov)
    x = ct.random.multivariate_normal(KEY, *given, (N,), method=method)
    assert x.dtype == ct.float64
    white = np.linalg.solve(np.linalg.cholesky(cov), (np.asarray(x) - mean).T)
    for line in white:
        assert stats.kstest(line, stats.norm.cdf).pvalue > 1e-3
    np.testing.assert_allclose(np.cov(np.asarray(x).T), cov, atol=0.06)
    slope = cn.grad(lambda m: ct.sum(ct.random.multivariate_normal(KEY, m, given[1], (5,))))(
        given[0]
    )
    np.testing.assert_allclose(np.asarray(slope), 5.0)
    by_cov = cn.grad(
        lambda c: ct.sum(ct.random.multivariate_normal(KEY, given[0], c, method=method))
    )
    assert np.isfinite(np.asarray(by_cov(given[1]))).all()
    assert ct.random.multivariate_normal(KEY, ct.zeros((4, 1, 2)), ct.eye(2)).shape == (4, 1, 2)
    for alpha in (2.0, ct.zeros((3, 0))):
        with pytest.raises(cnengine.errors.ShapeError, match="dirichlet: expected rows"):
            ct.random.dirichlet(KEY, alpha)
    with pytest.raises(cnengine.errors.ShapeError, match="multivariate_normal: expected means"):
        ct.random.multivariate_normal(KEY, ct.zeros(2), ct.eye(3))
    with pytest.raises(cnengine.errors.ShapeError, match="multivariate_normal: expected a shape"):
        ct.random.multivariate_normal(KEY, ct.zeros((3, 2)), ct.eye(2), (2,))


def test_balls_and_rotations():
    for p in (1.0, 2.0):
        x = np.asarray(ct.random.ball(KEY, 3, p, (N,), ct.float64))
        share = (np.abs(x) ** p).sum(axis=-1) ** (3 / p)  # of the volume that is further inside
        assert stats.kstest(share, stats.uniform.cdf).pvalue > 1e-3
    q = np.asarray(ct.random.orthogonal(KEY, 4, (50,), ct.float64, m=2))
    np.testing.assert_allclose(q.transpose(0, 2, 1) @ q, np.tile(np.eye(2), (50, 1, 1)), atol=1e-12)
    assert ct.random.orthogonal(KEY, 2, m=5).shape == (2, 5)
    angles = np.asarray(ct.random.orthogonal(KEY, 2, (N,), ct.float64))[:, :, 0]
    turns = np.arctan2(angles[:, 1], angles[:, 0]) / (2 * np.pi) + 0.5
    assert stats.kstest(turns, stats.uniform.cdf).pvalue > 1e-3
    x = np.asarray(ct.random.double_sided_maxwell(KEY, 1.0, 2.0, (N,), ct.float64))
    assert stats.kstest(np.abs(x - 1) / 2, stats.maxwell.cdf).pvalue > 1e-3
    assert abs((x > 1).mean() - 0.5) < 0.02


@pytest.mark.parametrize(("name", "values"), [
    ("chisquare", [0.3, 2.0, 50.0]), ("t", [0.3, 2.0, 50.0]), ("lognormal", [0.3, 2.0, 1.0]),
    ("pareto", [0.3, 2.0, 50.0]), ("rayleigh", [0.3, 2.0, 50.0]), ("wald", [0.3, 2.0, 50.0]),
    ("geometric", [0.3, 0.01, 1.0]), ("generalized_normal", [0.3, 2.0, 5.0]),
    ("binomial", [0.3, 0.01, 0.6])])  # fmt: skip
def test_numbers_are_the_same_in_any_batch(name, values):
    function = getattr(ct.random, name)
    draw = (lambda key, p: function(key, 60, p)) if name == "binomial" else function
    keys, given = ct.random.split(KEY, 3), ct.asarray(values)
    alone = [float(draw(keys[i], given[i])) for i in range(3)]
    np.testing.assert_array_equal(np.asarray(cn.vmap(draw)(keys, given)), alone)
    compiled = np.asarray(cn.jit(cn.vmap(draw))(keys, given))
    np.testing.assert_allclose(compiled, alone, rtol=3e-7)  # powers of a fused kernel may differ


def test_derivatives_by_parameters():
    for name, value in (("lognormal", 0.5), ("pareto", 2.0), ("rayleigh", 2.0)):

        def total(x, name=name):
            return ct.sum(getattr(ct.random, name)(KEY, x, (5,), ct.float64))

        slope = cn.grad(total)(ct.asarray(np.float64(value)))
        step = (float(total(ct.asarray(value + 1e-6, dtype=ct.float64)))
                - float(total(ct.asarray(value - 1e-6, dtype=ct.float64)))) / 2e-6  # fmt: skip
        np.testing.assert_allclose(float(slope), step, rtol=1e-6)
