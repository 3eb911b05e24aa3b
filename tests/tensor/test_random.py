"""Random numbers: the words of jax.random (JAX 0.10, threefry keys), and their distributions."""

import math

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from scipy import stats

# What JAX 0.10.2 gives for the key 42, with partitionable threefry.
KEY = ct.random.key(42)


def listed(array):
    return np.asarray(array).tolist()


def test_keys_are_those_of_jax():
    assert listed(KEY) == [0, 42]
    assert listed(ct.random.key(2**40 + 5)) == [256, 5]
    assert listed(ct.random.key(-3)) == [2**32 - 1, 2**32 - 3]
    three = [[1832780943, 270669613], [64467757, 2916123636], [2465931498, 255383827]]
    assert listed(ct.random.split(KEY, 3)) == three
    assert listed(ct.random.split(KEY, (2, 2))) == [three[:2], [three[2], [3134548294, 894150801]]]
    assert listed(ct.random.fold_in(KEY, 7)) == [2547012911, 1371500959]


def test_bits_and_uniform_numbers_are_those_of_jax():
    assert listed(ct.random.bits(KEY, 5, ct.uint8)) == [162, 217, 249, 215, 21]
    assert listed(ct.random.bits(KEY, 5, ct.uint16)) == [5026, 12505, 63993, 49623, 29461]
    assert listed(ct.random.bits(KEY, 5)) == [
        2098992034, 2919706841, 2646866425, 2409546199, 1935504149]  # fmt: skip
    assert listed(ct.random.bits(KEY, 3, ct.uint64)) == [
        7871734211187709741, 276886910877598708, 10591095138341673235]  # fmt: skip
    got = np.asarray(ct.random.uniform(KEY, (4,))).view(np.uint32)
    assert got.tolist() == [1056585764, 1059981104, 1058915320, 1057988288]
    half = ct.random.uniform(KEY, 4, ct.float16)
    assert listed(half) == [0.076171875, 0.1904296875, 0.9755859375, 0.7568359375]
    half = ct.astype(ct.random.uniform(KEY, 4, ct.bfloat16), ct.float32)
    assert listed(half) == [0.6328125, 0.84375, 0.96875, 0.8359375]
    assert listed(ct.random.uniform(KEY, 3, ct.float64)) == [
        0.4267275666499091, 0.015010069515314584, 0.5741444178995352]  # fmt: skip
    np.testing.assert_allclose(
        listed(ct.random.uniform(KEY, 4, minval=-2.0, maxval=5.0)),
        [1.4209669828414917, 2.758580207824707, 2.3139004707336426, 1.9271125793457031],
        rtol=1e-6)  # fmt: skip


def test_integers_are_those_of_jax():
    got = ct.random.randint(KEY, 6, -5, 1000, ct.int32)
    assert listed(got) == [184, 514, 736, 539, 804, 979]
    assert listed(ct.random.randint(KEY, 4, -5, 10**12)) == [
        463982253477, 604929009943, 848939357151, 550033836784]  # fmt: skip
    full = ct.random.randint(KEY, 1000, -128, 128, ct.int8)
    assert full.dtype == ct.int8
    assert len(set(listed(full))) > 200
    with pytest.raises(cnengine.errors.ArgumentError, match="randint: expected minval < maxval"):
        ct.random.randint(KEY, 3, 0, 300, ct.int8)


def test_distributions_are_those_of_jax():
    r = ct.random
    for got, expected in (
        (r.normal(KEY, 6), [-0.02830461598932743, 0.4671318531036377, 0.2957029640674591,
                            0.15354591608047485, -0.12403281778097153, 0.21692314743995667]),
        (r.gumbel(KEY, 4), [0.3340933918952942, 0.952019453048706, 0.7255305647850037,
                            0.5481715202331543]),
        (r.exponential(KEY, 4), [0.670817494392395, 1.1388006210327148, 0.9578199982643127,
                                 0.8232924938201904]),
        (r.truncated_normal(KEY, -1.0, 2.0, 4), [0.14770005643367767, 0.5684449076652527,
                                                 0.42102551460266113, 0.29997000098228455]),
        (r.laplace(KEY, 4), [0.022839652374386787, -0.4456535577774048, -0.2646729052066803,
                             -0.1301453858613968]),
        (r.logistic(KEY, 4), [-0.0451694130897522, 0.7528398036956787, 0.47375231981277466,
                              0.245286762714386]),
        (r.cauchy(KEY, 4), [-0.03548463061451912, 0.6337261199951172, 0.38244056701660156,
                            0.1940706968307495]),
    ):  # fmt: skip
        np.testing.assert_allclose(np.asarray(got), expected, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(
        np.asarray(r.normal(KEY, 3, ct.float64)),
        [-0.18471174528191162, -2.169824560397754, 0.18693555179382582], rtol=1e-13)  # fmt: skip
    bern = [False, False, False, False, False, False, True, False]
    assert listed(r.bernoulli(KEY, 0.3, 8)) == bern
    logits = ct.log(ct.asarray([0.1, 0.2, 0.3, 0.4]))
    assert listed(r.categorical(KEY, logits, shape=10)) == [3, 3, 3, 3, 3, 3, 1, 1, 1, 1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "law"), [
    ("uniform", stats.uniform), ("normal", stats.norm), ("exponential", stats.expon),
    ("gumbel", stats.gumbel_r), ("laplace", stats.laplace), ("logistic", stats.logistic),
    ("cauchy", stats.cauchy)])  # fmt: skip
def test_distributions(name, law, dtype):
    """Kolmogorov and Smirnov's distance of 40,000 numbers (p below 1e-3 one time in 1,000)."""
    x = np.asarray(getattr(ct.random, name)(ct.random.key(1), 40_000, getattr(ct, dtype)))
    assert x.dtype == dtype
    assert stats.kstest(x.astype(np.float64), law.cdf).pvalue > 1e-3


def test_half_precision():
    for dtype in (ct.float16, ct.bfloat16):
        x = np.asarray(ct.astype(ct.random.normal(KEY, 20_000, dtype), ct.float32))
        assert abs(x.mean()) < 0.03
        assert abs(x.std() - 1) < 0.03
        u = np.asarray(ct.astype(ct.random.uniform(KEY, 20_000, dtype), ct.float32))
        assert (u.min(), abs(u.mean() - 0.5) < 0.02) == (0, True)


def test_tiles_threads_and_counts_agree():
    """Numbers depend on their place alone: those of a short array are the first of a long one."""
    long = np.asarray(ct.random.bits(KEY, 300_001))
    np.testing.assert_array_equal(np.asarray(ct.random.bits(KEY, 1500)), long[:1500])
    shaped = np.asarray(ct.random.bits(KEY, (3, 7, 11)))
    np.testing.assert_array_equal(shaped.ravel(), long[: 3 * 7 * 11])
    assert ct.random.bits(KEY, (3, 0)).shape == (3, 0)
    assert ct.random.normal(KEY).shape == ()


def test_batches_of_keys():
    keys = ct.random.split(KEY, 5)
    by_key = np.stack([np.asarray(ct.random.normal(k, (2, 3))) for k in keys])
    np.testing.assert_array_equal(cn.vmap(lambda k: ct.random.normal(k, (2, 3)))(keys), by_key)
    np.testing.assert_array_equal(cn.jit(lambda k: ct.random.normal(k, (2, 3)))(keys[2]), by_key[2])
    steps = ct.asarray(np.arange(5, dtype=np.uint32))
    folded = np.stack([np.asarray(ct.random.fold_in(KEY, i)) for i in range(5)])
    np.testing.assert_array_equal(cn.vmap(lambda i: ct.random.fold_in(KEY, i))(steps), folded)


def test_derivatives_by_scale_and_logits():
    def loss(scale):
        return ct.sum(ct.random.normal(KEY, 8) * scale)

    slope = cn.grad(loss)(ct.asarray(2.0))
    np.testing.assert_allclose(slope, np.asarray(ct.random.normal(KEY, 8)).sum(), rtol=1e-6)

    def bounded(high):
        return ct.sum(ct.random.uniform(KEY, 4, minval=0.0, maxval=high))

    got = cn.grad(bounded)(ct.asarray(3.0))
    np.testing.assert_allclose(got, np.asarray(ct.random.uniform(KEY, 4)).sum(), rtol=1e-6)


def test_categorical_frequencies():
    p = np.array([[0.5, 0.2, 0.3], [0.1, 0.1, 0.8]], np.float32)
    draws = np.asarray(ct.random.categorical(KEY, ct.log(ct.asarray(p)), shape=(20_000, 2)))
    for row in range(2):
        got = np.bincount(draws[:, row], minlength=3) / 20_000
        np.testing.assert_allclose(got, p[row], atol=0.02)
    by_column = ct.random.categorical(KEY, ct.log(ct.asarray(p.T)), axis=0)
    assert by_column.shape == (2,)
    with pytest.raises(cnengine.errors.ShapeError, match="categorical: expected a shape that ends"):
        ct.random.categorical(KEY, ct.asarray(p), shape=(3,))


def test_permutations_and_choices():
    assert sorted(listed(ct.random.permutation(KEY, 100))) == list(range(100))
    rows = ct.asarray(np.arange(12.0).reshape(6, 2))
    shuffled = np.asarray(ct.random.permutation(KEY, rows))
    assert sorted(map(tuple, shuffled)) == sorted(map(tuple, np.asarray(rows)))
    few = listed(ct.random.choice(KEY, 50, 20, replace=False))
    assert len(set(few)) == 20
    assert set(few) <= set(range(50))
    weighted = ct.random.choice(KEY, 3, (1000,), p=ct.asarray([0.0, 1.0, 0.0]))
    assert set(listed(weighted)) == {1}
    some = ct.random.choice(KEY, rows, 2, replace=False, p=ct.full(6, 1 / 6))
    assert some.shape == (2, 2)
    with pytest.raises(cnengine.errors.ArgumentError, match="choice: 5 of 3 without replacement"):
        ct.random.choice(KEY, 3, 5, replace=False)


def test_wrong_keys():
    with pytest.raises(cnengine.errors.TypeError, match="normal: expected a key"):
        ct.random.normal(ct.asarray([1.0, 2.0]), 3)
    with pytest.raises(cnengine.errors.TypeError, match="random: expected a type of floats"):
        ct.random.uniform(KEY, 3, ct.int32)
    with pytest.raises(cnengine.errors.TypeError, match="random: expected a type of unsigned"):
        ct.random.bits(KEY, 3, ct.int32)


def test_truncated_normal_stays_within():
    x = np.asarray(ct.random.truncated_normal(KEY, -0.5, 1.5, 10_000))
    assert x.min() >= -0.5
    assert x.max() <= 1.5
    law = stats.truncnorm(-0.5, 1.5)
    assert stats.kstest(x.astype(np.float64), law.cdf).pvalue > 1e-3
    assert math.isclose(float(np.asarray(ct.erfinv(ct.asarray(1.0)))), math.inf)


@pytest.mark.parametrize("law", [
    ("gamma", (0.05,), stats.gamma), ("gamma", (1.0,), stats.gamma), ("gamma", (7.5,), stats.gamma),
    ("beta", (0.1, 0.2), stats.beta), ("beta", (5.0, 2.0), stats.beta)])  # fmt: skip
def test_gamma_and_beta(law):
    """As `test_distributions`."""
    name, parameters, peer = law
    x = getattr(ct.random, name)(KEY, *parameters, (40_000,), ct.float64)
    assert stats.kstest(np.asarray(x), peer(*parameters).cdf).pvalue > 1e-3


@pytest.mark.parametrize("rate", [0.3, 9.99, 10.0, 33.0, 1e4])
def test_poisson(rate):
    """Chi-squared of 40,000 counts over up to 30 ranges (p below 1e-3 one time in 1,000)."""
    x = np.asarray(ct.random.poisson(KEY, rate, (40_000,)))
    ends = np.unique(np.linspace(*stats.poisson(rate).ppf([0.01, 0.99]), 28).astype(int))
    expected = np.diff(np.concatenate([[0], stats.poisson(rate).cdf(ends), [1]])) * len(x)
    got = np.histogram(x, np.concatenate([[-1], ends, [2**40]]) + 0.5)[0]
    assert stats.chisquare(got, expected).pvalue > 1e-3


def test_numbers_of_several_tries_are_the_same_in_any_batch():
    rates = ct.asarray([0.0, 2.0, 50.0])
    concentrations = ct.asarray([0.3, 2.0, 50.0])
    keys = ct.random.split(KEY, 3)
    for draw, values in ((ct.random.poisson, rates), (ct.random.gamma, concentrations)):
        alone = [float(draw(keys[i], values[i])) for i in range(3)]
        assert listed(cn.vmap(draw)(keys, values)) == alone
        assert listed(cn.jit(cn.vmap(draw))(keys, values)) == alone
    shares = np.asarray(ct.random.dirichlet(KEY, concentrations, (1000,), ct.float64))
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(shares.mean(axis=0), np.array([0.3, 2, 50]) / 52.3, atol=0.01)
    assert ct.random.poisson(KEY, 3.0, (0,)).shape == (0,)
    with pytest.raises(cnengine.errors.ShapeError, match="gamma: expected a shape"):
        ct.random.gamma(KEY, concentrations, (2,))
    with pytest.raises(cnengine.errors.UnsupportedError, match="gamma: numbers have no derivative"):
        cn.grad(lambda a: ct.random.gamma(KEY, a))(ct.asarray(2.0))


def test_permutations_under_jit():
    rows = ct.asarray(np.arange(12.0).reshape(6, 2))
    for f in (lambda key: ct.random.permutation(key, rows),
              lambda key: ct.random.choice(key, rows, (3,), replace=False),
              lambda key: ct.random.choice(key, 6, (3,), False, ct.full(6, 1 / 6))):  # fmt: skip
        np.testing.assert_array_equal(np.asarray(cn.jit(f)(KEY)), np.asarray(f(KEY)))
