"""Polynomials by their coefficients, that of the highest power first, as NumPy's functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.arrangement import concat
from cnengine.tensor.array import Array, result_type
from cnengine.tensor.band import diag
from cnengine.tensor.convolution import convolve
from cnengine.tensor.creation import arange, asarray, astype, full, full_like, ones, zeros
from cnengine.tensor.data_types import finfo, floating
from cnengine.tensor.elementwise import sqrt
from cnengine.tensor.linalg import eigvals, inv, lstsq
from cnengine.tensor.linear_algebra import matmul, matrix_transpose
from cnengine.tensor.manipulation import flip, reshape
from cnengine.tensor.reduction import sum as _sum
from cnengine.tensor.running import cumulative_prod

__all__ = [
    "poly", "polyadd", "polyder", "polyfit", "polyint", "polymul", "polysub", "polyval", "roots",
    "vander",
]  # fmt: skip


def _vector(p: Any, function: str) -> Array:
    p = asarray(p)
    p = reshape(p, (1,)) if p.ndim == 0 else p
    if p.ndim != 1:
        raise ShapeError(f"{function}: expected coefficients along one axis, got {p.shape}")
    return p


def vander(x: Array, /, N: int | None = None, increasing: bool = False) -> Array:
    """The matrix of Vandermonde: the powers of each element, the highest of `N` first.

    Parameters
    ----------
    N
        How many, from 0 on; None: as many as elements.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.vander(ct.asarray([2, 3]), 3)
    Array([[4, 2, 1],
           [9, 3, 1]], dtype=int64)
    """
    x = asarray(x)
    if x.ndim != 1:
        raise ShapeError(f"vander: expected a vector, got the shape {x.shape}")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise ArgumentError(f"vander: expected a number of powers of at least 0, got {count}")
    one = ones((x.shape[0], min(count, 1)), dtype=x.dtype, device=x.device)
    if count < 2:
        return one
    column = reshape(x, (-1, 1))
    more = _tensor.broadcast_to(column, [x.shape[0], count - 1])
    out = concat([one, cumulative_prod(more, axis=1, dtype=x.dtype)], axis=1)
    return out if increasing else flip(out, axis=1)


def polyval(p: Array, x: Array, /) -> Array:
    """p[0] x^(n - 1) + ... + p[n - 1], by Horner's scheme.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.polyval(ct.asarray([1, 0, 2]), ct.asarray([3, 4]))
    Array([11, 18], dtype=int64)
    """
    p, x = _vector(p, "polyval"), asarray(x)
    out = full_like(x, 0, dtype=result_type(p, x))
    for i in range(p.shape[0]):
        out = out * x + p[i]
    return out


def polyfit(
    x: Array,
    y: Array,
    deg: int,
    /,
    rcond: float | None = None,
    full: bool = False,
    w: Array | None = None,
    cov: bool | str = False,
) -> Any:
    """The coefficients of the polynomial of a degree that is next to points, by least squares.

    Parameters
    ----------
    x, y
        Points (m); `y` may have several columns (m, k).
    rcond
        Singular values up to it times the largest one count as 0; None: m times `eps`.
    full
        Whether the squared residual, the rank, the singular values and `rcond` come with it.
    w
        By what the difference at each point is multiplied before it is squared.
    cov
        Whether the covariances of the coefficients come with it, scaled by the residuals; of
        "unscaled" they are not.

    Raises ArgumentError for a negative degree, ShapeError for points that do not match.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.asarray([0.0, 1.0, 2.0])
    >>> ct.round(ct.polyfit(x, 2 * x + 1, 1), 4)
    Array([2., 1.], dtype=float32)
    """
    x, y = floating(x), floating(y)
    common = result_type(x, y)
    x, y = astype(x, common), astype(y, common)
    if deg < 0:
        raise ArgumentError(f"polyfit: expected a degree of at least 0, got {deg}")
    if x.ndim != 1 or x.size == 0 or y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise ShapeError(f"polyfit: expected points (m,) and (m,) or (m, k), got {x.shape} and "
                         f"{y.shape}")  # fmt: skip
    if cov and cov != "unscaled" and x.shape[0] <= deg + 1:
        raise ArgumentError(
            f"polyfit: expected more than {deg + 1} points for covariances, got {x.shape[0]}"
        )
    cut = x.shape[0] * finfo(x.dtype).eps if rcond is None else rcond
    left, right = vander(x, deg + 1), y
    if w is not None:
        weights = reshape(astype(asarray(w), common), (-1, 1))
        left, right = left * weights, right * (weights[:, 0] if y.ndim == 1 else weights)
    # Columns of one length, so that powers of large numbers do not hide the small ones.
    scale = sqrt(_sum(left * left, axis=0))
    out, residuals, rank, values = lstsq(left / scale, right, rtol=cut)
    out = out / (scale if y.ndim == 1 else reshape(scale, (-1, 1)))
    if full:
        return out, residuals, rank, values, cut
    if not cov:
        return out
    base = inv(matmul(matrix_transpose(left), left))
    if cov == "unscaled":
        return out, base
    factor = residuals / (x.shape[0] - deg - 1)
    return out, base * factor if y.ndim == 1 else base[:, :, None] * factor


def _aligned(a1: Any, a2: Any, function: str) -> tuple[Array, Array]:
    """Zeros in front of the shorter one."""
    one, two = (_vector(each, function) for each in (a1, a2))
    count = max(one.shape[0], two.shape[0])
    return tuple(
        concat([zeros(count - p.shape[0], dtype=p.dtype, device=p.device), p]) for p in (one, two)
    )


def polyadd(a1: Array, a2: Array, /) -> Array:
    """The coefficients of the sum of two polynomials.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.polyadd(ct.asarray([1, 2]), ct.asarray([5]))
    Array([1, 7], dtype=int64)
    """
    one, two = _aligned(a1, a2, "polyadd")
    return one + two


def polysub(a1: Array, a2: Array, /) -> Array:
    """The coefficients of the difference of two polynomials.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.polysub(ct.asarray([1, 2]), ct.asarray([5]))
    Array([ 1, -3], dtype=int64)
    """
    one, two = _aligned(a1, a2, "polysub")
    return one - two


def polymul(a1: Array, a2: Array, /) -> Array:
    """The coefficients of the product of two polynomials.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.polymul(ct.asarray([1, 2]), ct.asarray([1, 3]))
    Array([1, 5, 6], dtype=int64)
    """
    return convolve(_vector(a1, "polymul"), _vector(a2, "polymul"))


def polyder(p: Array, /, m: int = 1) -> Array:
    """The coefficients of the derivative of order `m`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.polyder(ct.asarray([1, 2, 3]))
    Array([2, 2], dtype=int64)
    """
    p = _vector(p, "polyder")
    if m < 0:
        raise ArgumentError(f"polyder: expected an order of at least 0, got {m}")
    for _ in range(m):
        powers = arange(p.shape[0] - 1, 0, -1, device=p.device)
        p = p[:-1] * astype(powers, p.dtype)
    return p


def polyint(p: Array, /, m: int = 1, k: float | Sequence[float] | None = None) -> Array:
    """The coefficients of the integral, `m` times, with the constants `k` in turn; None: 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.polyint(ct.asarray([2.0, 2.0]), k=5.0)
    Array([1., 2., 5.], dtype=float32)
    """
    p = floating(_vector(p, "polyint"))
    if m < 0:
        raise ArgumentError(f"polyint: expected an order of at least 0, got {m}")
    constants = [0.0 if k is None else k] * m if not isinstance(k, Sequence) else list(k)
    if len(constants) != m:
        raise ArgumentError(f"polyint: expected {m} constants, got {len(constants)}")
    for each in constants:
        powers = astype(arange(p.shape[0], 0, -1, device=p.device), p.dtype)
        p = concat([p / powers, full(1, each, dtype=p.dtype, device=p.device)])
    return p


def poly(x: Array, /) -> Array:
    """The coefficients of the polynomial with these zeros, or of a matrix the characteristic one.

    Those of a matrix are complex, as its `eigvals` are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.poly(ct.asarray([1.0, 2.0]))
    Array([ 1., -3.,  2.], dtype=float32)
    """
    x = floating(x)
    if x.ndim == 2:
        x = eigvals(x)
    zeros_ = _vector(x, "poly")
    out = ones(1, dtype=zeros_.dtype, device=zeros_.device)
    nothing = full_like(out, 0)
    for i in range(zeros_.shape[0]):
        out = concat([out, nothing]) - concat([nothing, zeros_[i] * out])
    return out


def roots(p: Array, /) -> Array:
    """The zeros of a polynomial, complex: the eigenvalues of its companion matrix.

    The first coefficient must not be 0: nothing is cut off, so that it goes under `jit`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.sort(ct.real(ct.roots(ct.asarray([1.0, -3.0, 2.0]))))
    Array([1., 2.], dtype=float32)
    """
    p = floating(_vector(p, "roots"))
    if p.shape[0] < 2:
        return eigvals(zeros((0, 0), dtype=p.dtype))
    below = diag(ones(p.shape[0] - 2, dtype=p.dtype), k=-1)
    first = reshape(-p[1:] / p[0], (1, -1))
    return eigvals(concat([first, below[1:]]))
