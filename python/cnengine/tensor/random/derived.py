"""Numbers that are functions of those of other distributions."""

from __future__ import annotations

from typing import Literal

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.arrangement import broadcast_shapes
from cnengine.tensor.array import Array, DType, float32, float64, integers_of
from cnengine.tensor.creation import astype
from cnengine.tensor.data_types import floating
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import exp, sign, sqrt, where
from cnengine.tensor.linalg import cholesky, diagonal, eigh, norm, qr, svd
from cnengine.tensor.manipulation import expand_dims
from cnengine.tensor.products import matvec
from cnengine.tensor.random.draws import (
    Shape,
    exponential,
    normal,
    rademacher,
    split,
    uniform,
)
from cnengine.tensor.random.sampling import check_shape, log_gamma, spread
from cnengine.tensor.reduction import sum as _sum

__all__ = [
    "ball", "chisquare", "double_sided_maxwell", "f", "generalized_normal", "loggamma", "lognormal",
    "maxwell", "multivariate_normal", "orthogonal", "pareto", "rayleigh", "t", "triangular", "wald",
    "weibull_min",
]  # fmt: skip

Number = float | Array


def chisquare(key: Array, df: Number, shape: Shape | None = None, dtype: DType = float32) -> Array:
    """Sums of the squares of `df` normal numbers, df > 0: 2 gamma(df / 2).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.chisquare(ct.random.key(0), 3.0) > 0)
    True
    """
    (half,) = spread((df,), shape, float64, "chisquare")
    return astype(2 * exp(log_gamma(key, half / 2)), dtype)


def f(
    key: Array,
    dfnum: Number,
    dfden: Number,
    shape: Shape | None = None,
    dtype: DType = float32,
) -> Array:
    """Quotients of `chisquare` numbers by their degrees of freedom, `dfnum` and `dfden` > 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.f(ct.random.key(0), 3.0, 5.0) > 0)
    True
    """
    above, below = spread((dfnum, dfden), shape, float64, "f")
    keys = split(key, 2)
    quotient = exp(log_gamma(keys[0], above / 2) - log_gamma(keys[1], below / 2))
    return astype(quotient * below / above, dtype)


def t(key: Array, df: Number, shape: Shape | None = None, dtype: DType = float32) -> Array:
    """Numbers of Student's t with `df` degrees of freedom, df > 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.t(ct.random.key(0), 3.0, (2,)).shape
    (2,)
    """
    (half,) = spread((df,), shape, float64, "t")
    half, keys = half / 2, split(key, 2)
    return astype(
        normal(keys[0], half.shape, float64) * sqrt(half / exp(log_gamma(keys[1], half))), dtype
    )


def loggamma(key: Array, a: Number, shape: Shape | None = None, dtype: DType = float32) -> Array:
    """The logarithms of `gamma` numbers, also of those that are too small for the type.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.loggamma(ct.random.key(0), 1e-4) > -ct.inf)
    True
    """
    (concentration,) = spread((a,), shape, float64, "loggamma")
    return astype(log_gamma(key, concentration), dtype)


def lognormal(
    key: Array, sigma: Number = 1.0, shape: Shape | None = None, dtype: DType = float32
) -> Array:
    """exp(sigma x) of normal numbers x.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.lognormal(ct.random.key(0), 0.5) > 0)
    True
    """
    (scale,) = spread((sigma,), shape, dtype, "lognormal")
    return exp(scale * normal(key, scale.shape, dtype))


def pareto(key: Array, b: Number, shape: Shape | None = None, dtype: DType = float32) -> Array:
    """Numbers of the density b / x^(b + 1) for x >= 1, b > 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.pareto(ct.random.key(0), 2.0) >= 1)
    True
    """
    (power,) = spread((b,), shape, dtype, "pareto")
    return exp(exponential(key, power.shape, dtype) / power)


def rayleigh(
    key: Array, scale: Number = 1.0, shape: Shape | None = None, dtype: DType = float32
) -> Array:
    """The lengths of vectors of two normal numbers of the deviation `scale`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.rayleigh(ct.random.key(0), 2.0) >= 0)
    True
    """
    (sigma,) = spread((scale,), shape, dtype, "rayleigh")
    return sigma * sqrt(2 * exponential(key, sigma.shape, dtype))


def weibull_min(
    key: Array,
    scale: Number,
    concentration: Number,
    shape: Shape | None = None,
    dtype: DType = float32,
) -> Array:
    """scale x^(1 / concentration) of `exponential` numbers x.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.weibull_min(ct.random.key(0), 2.0, 1.5) >= 0)
    True
    """
    by, power = spread((scale, concentration), shape, dtype, "weibull_min")
    return by * exponential(key, by.shape, dtype) ** (1 / power)


def triangular(
    key: Array,
    left: Number,
    mode: Number,
    right: Number,
    shape: Shape | None = None,
    dtype: DType = float32,
) -> Array:
    """Numbers whose density goes up from `left` to `mode` and down to `right` by straight lines.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.triangular(ct.random.key(0), 0.0, 1.0, 2.0) < 2)
    True
    """
    low, top, high = spread((left, mode, right), shape, dtype, "triangular")
    u = uniform(key, low.shape, dtype)
    is_left = u * (high - low) < top - low
    rises = low + sqrt(u * (high - low) * (top - low))
    return where(is_left, rises, high - sqrt((1 - u) * (high - low) * (high - top)))


def wald(key: Array, mean: Number, shape: Shape | None = None, dtype: DType = float32) -> Array:
    """Numbers of Wald's distribution (inverse Gaussian) of the scale 1, mean > 0.

    Michael, Schucany and Haas 1976.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.wald(ct.random.key(0), 2.0) > 0)
    True
    """
    (mu,) = spread((mean,), shape, float64, "wald")
    keys = split(key, 2)
    y = normal(keys[0], mu.shape, float64) ** 2
    root = sqrt(4 * mu * y + (mu * y) ** 2)
    x = mu * 2 * mu / (2 * mu + mu * mu * y + mu * root)  # the smaller root, without cancellation
    u = uniform(keys[1], mu.shape, float64)
    return astype(where(u * (mu + x) <= mu, x, mu * mu / x), dtype)


def maxwell(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """The lengths of vectors of three normal numbers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.random.maxwell(ct.random.key(0)) > 0)
    True
    """
    return norm(normal(key, [*integers_of(shape), 3], dtype), axis=-1)


def double_sided_maxwell(
    key: Array, loc: Number, scale: Number, shape: Shape | None = None, dtype: DType = float32
) -> Array:
    """loc + scale x of `maxwell` numbers x with a random sign.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.double_sided_maxwell(ct.random.key(0), 1.0, 2.0, (2,)).shape
    (2,)
    """
    center, by = spread((loc, scale), shape, dtype, "double_sided_maxwell")
    keys = split(key, 2)
    sides = rademacher(keys[0], center.shape, dtype)
    return center + by * sides * maxwell(keys[1], center.shape, dtype)


def generalized_normal(
    key: Array, p: Number, shape: Shape | None = None, dtype: DType = float32
) -> Array:
    """Numbers of the density proportional to exp(-|x|^p), p > 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.generalized_normal(ct.random.key(0), 1.5, (2,)).shape
    (2,)
    """
    (power,) = spread((p,), shape, float64, "generalized_normal")
    keys = split(key, 2)
    size = exp(log_gamma(keys[0], 1 / power) / power)
    return astype(size * rademacher(keys[1], power.shape, float64), dtype)


def ball(key: Array, d: int, p: float = 2.0, shape: Shape = (), dtype: DType = float32) -> Array:
    """Points (..., d) spread evenly over the ball sum(|x|^p) <= 1.

    Barthe, Guedon, Mendelson and Naor 2005, arXiv:math/0503650.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.norm(ct.random.ball(ct.random.key(0), 3))) <= 1
    True
    """
    keys, whole = split(key, 2), integers_of(shape)
    x = generalized_normal(keys[0], p, [*whole, d], float64)
    total = _sum(_abs(x) ** p, axis=-1) + exponential(keys[1], whole, float64)
    return astype(x / expand_dims(total, axis=-1) ** (1 / p), dtype)


def orthogonal(
    key: Array, n: int, shape: Shape = (), dtype: DType = float32, m: int | None = None
) -> Array:
    """Matrices (..., n, m) with orthonormal columns, or rows if there are fewer, evenly spread.

    Parameters
    ----------
    m
        None: n. Mezzadri 2007, arXiv:math-ph/0609050.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.orthogonal(ct.random.key(0), 3, m=2).shape
    (3, 2)
    """
    columns = n if m is None else m
    sides = [max(n, columns), min(n, columns)]
    q, r = qr(normal(key, [*integers_of(shape), *sides], dtype))
    out = q * expand_dims(sign(diagonal(r)), axis=-2)
    return out if n >= columns else _tensor.move_axis(out, out.ndim - 1, out.ndim - 2)


def multivariate_normal(
    key: Array,
    mean: Array,
    cov: Array,
    shape: Shape | None = None,
    dtype: DType | None = None,
    method: Literal["cholesky", "eigh", "svd"] = "cholesky",
) -> Array:
    """Vectors (..., n) of the normal distribution with these means (n) and covariances (n, n).

    Parameters
    ----------
    shape
        That of the axes before the last; None: that which those of `mean` and `cov` are broadcast
        to.
    method
        How a matrix A of A A^T = cov is made; "cholesky" takes positive definite ones alone.

    Raises ShapeError for means and covariances that do not match.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.multivariate_normal(ct.random.key(0), ct.zeros(2), ct.eye(2), (3,)).shape
    (3, 2)
    """
    mean, cov = floating(mean), floating(cov)
    if mean.ndim < 1 or cov.ndim < 2 or cov.shape[-2:] != mean.shape[-1:] * 2:
        raise ShapeError(f"multivariate_normal: expected means (..., n) and covariances (..., n, "
                         f"n), got {mean.shape} and {cov.shape}")  # fmt: skip
    if method not in ("cholesky", "eigh", "svd"):
        raise ArgumentError(
            f"multivariate_normal: expected a method of cholesky, eigh, svd, got {method!r}"
        )
    dtype = (_tensor.promote(mean.dtype, cov.dtype) or float32) if dtype is None else dtype
    batch = list(broadcast_shapes(mean.shape[:-1], cov.shape[:-2]))
    whole = batch if shape is None else integers_of(shape)
    check_shape(batch, whole, "multivariate_normal")
    noise = normal(key, [*whole, mean.shape[-1]], dtype)
    return astype(mean, dtype) + matvec(_factor(astype(cov, dtype), method), noise)


def _factor(cov: Array, method: str) -> Array:
    if method == "cholesky":
        return cholesky(cov)
    if method == "eigh":
        values, vectors = eigh(cov)
        return vectors * expand_dims(sqrt(where(values > 0, values, 0)), axis=-2)
    u, s, _ = svd(cov)
    return u * expand_dims(sqrt(s), axis=-2)
