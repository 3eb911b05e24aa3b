"""What NumPy has beyond the standard: comparisons within a tolerance, quantiles, counts."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from numbers import Integral

from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, DType, float32, int64
from cnengine.tensor.composite import composite
from cnengine.tensor.creation import arange, asarray, astype, linspace, zeros
from cnengine.tensor.derivative import stop_gradient
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import exp, floor, isfinite, isinf, isnan, log, where
from cnengine.tensor.indexing import take
from cnengine.tensor.manipulation import expand_dims, reshape, squeeze
from cnengine.tensor.ordering import searchsorted, sort
from cnengine.tensor.reduction import all as _all
from cnengine.tensor.reduction import any as _any
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import sum as _sum

__all__ = [
    "allclose", "bincount", "histogram", "isclose", "logsumexp", "median", "nan_to_num", "one_hot",
    "outer", "quantile", "split",
]  # fmt: skip


@composite
def isclose(
    a: Array, b: Array, /, *, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether |a - b| <= atol + rtol |b|; infinities are close to themselves.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.isclose(ct.asarray([1.0, 2.0]), ct.asarray([1.0, 2.1]))
    Array([ True, False], dtype=bool)
    """
    a, b = asarray(a), asarray(b)
    near = (a == b) | (isfinite(b) & (_abs(a - b) <= atol + rtol * _abs(b)))
    return near | (isnan(a) & isnan(b)) if equal_nan else near


def allclose(
    a: Array, b: Array, /, *, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether all elements are close, as `isclose` says."""
    return _all(isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))


@composite
def nan_to_num(
    x: Array, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """Numbers in place of NaN and infinities; None: the largest and smallest finite ones.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.nan_to_num(ct.asarray([1.0, ct.nan, ct.inf]), posinf=9.0)
    Array([1., 0., 9.], dtype=float32)
    """
    from cnengine.tensor.data_types import finfo

    if x.dtype.kind != "float":
        return x
    limits = finfo(x.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    finite = where(isinf(x), where(x > 0, asarray(high, dtype=x.dtype), low), x)
    return where(isnan(x), asarray(nan, dtype=x.dtype), finite)


def one_hot(x: Array, num_classes: int, /, *, dtype: DType = float32, axis: int = -1) -> Array:
    """1 where the class is, 0 elsewhere, along a new axis; classes out of range give zeros.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.one_hot(ct.asarray([1, 0]), 2)
    Array([[0., 1.],
           [1., 0.]], dtype=float32)
    """
    place = axis % (x.ndim + 1)
    shape = [num_classes if i == place else 1 for i in range(x.ndim + 1)]
    return astype(expand_dims(x, axis=place) == reshape(arange(num_classes), shape), dtype)


def outer(a: Array, b: Array, /) -> Array:
    """The products of each element of one array with each of another: (a.size, b.size)."""
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def split(x: Array, parts: int | Sequence[int], /, *, axis: int = 0) -> list[Array]:
    """Pieces along an axis: so many of one size, or cut before the places given.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [each.shape for each in ct.split(ct.zeros((7, 2)), [2, 3])]
    [(2, 2), (1, 2), (4, 2)]
    """
    place = axis % x.ndim
    extent = x.shape[place]
    if isinstance(parts, Integral):
        parts = operator.index(parts)
        if parts <= 0 or extent % parts:
            raise ArgumentError(f"split: {extent} is not divided by {parts}")
        parts = range(extent // parts, extent, extent // parts)
    bounds = [0, *(min(max(cut, 0), extent) for cut in parts), extent]
    before = (slice(None),) * place
    return [x[(*before, slice(a, b))] for a, b in itertools.pairwise(bounds)]


@composite
def logsumexp(
    x: Array, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Array:
    """log(sum(exp(x))) along axes, without overflow."""
    top = stop_gradient(_max(x, axis=axis, keepdims=True))
    top = where(isfinite(top), top, 0.0)
    out = log(_sum(exp(x - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return out
    axes = tuple(range(x.ndim)) if axis is None else axis
    return squeeze(out, axes)


def quantile(
    x: Array, q: float | Array, /, *, axis: int | None = None, keepdims: bool = False
) -> Array:
    """Values below which a share `q` of the elements lies, between two of them by a straight line.

    The axes of `q` are in front. NaN where there is one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.quantile(ct.asarray([1.0, 2.0, 4.0]), ct.asarray([0.0, 0.75]))
    Array([1., 3.], dtype=float32)
    """
    flat = reshape(x, (-1,)) if axis is None else x
    place = 0 if axis is None else axis % x.ndim
    if flat.shape[place] == 0:
        raise ArgumentError("quantile: expected elements, got none")
    line = sort(flat, axis=place)
    shares = asarray(q, dtype=x.dtype if x.dtype.kind == "float" else float32)
    out = [_at(line, share, place) for share in reshape(shares, (-1,))]
    is_nan = _any(isnan(flat), axis=place, keepdims=True)
    out = [where(is_nan, asarray(float("nan"), dtype=each.dtype), each) for each in out]
    if axis is None and keepdims:
        out = [reshape(each, (1,) * x.ndim) for each in out]
    elif not keepdims:
        out = [squeeze(each, place) for each in out]
    from cnengine.tensor.arrangement import stack

    return reshape(stack(out), (*shares.shape, *out[0].shape))


def _at(line: Array, share: Array, axis: int) -> Array:
    """The value at a share of the way along an axis in order, which stays with the extent 1."""
    last = line.shape[axis] - 1
    at = share * last
    low = astype(floor(at), int64)
    high = where(low < last, low + 1, low)
    below, above = (take(line, reshape(i, (1,)), axis=axis) for i in (low, high))
    return below + (above - below) * (at - astype(low, at.dtype))


def median(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The value in the middle, or half way between the two there; NaN where there is one."""
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


def bincount(
    x: Array,
    /,
    weights: Array | None = None,
    minlength: int = 0,
    *,
    length: int | None = None,
) -> Array:
    """How often each number from 0 on comes, or the sum of its weights.

    Parameters
    ----------
    minlength
        At least so many numbers are counted; more if there are larger ones, as in NumPy.
    length
        So many are, as in JAX: what is outside of them is left out. To be given inside `jit`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.bincount(ct.asarray([0, 2, 2]), length=4)
    Array([1, 0, 2, 0], dtype=int64)
    """
    if length is None:
        if x.size and int(x.min()) < 0:
            raise ArgumentError(f"bincount: expected numbers of at least 0, got {int(x.min())}")
        length = max(minlength, int(x.max()) + 1 if x.size else 0)
    dtype = int64 if weights is None else weights.dtype
    each = asarray(1) if weights is None else weights
    inside = (x >= 0) & (x < length)
    spare = where(inside, x, length)
    out = (
        zeros(length + 1, dtype=dtype)
        .at[reshape(spare, (-1,))]
        .add(each if weights is None else reshape(each, (-1,)))
    )
    return out[:length]


def histogram(
    x: Array,
    bins: int | Array = 10,
    /,
    *,
    range: tuple[float, float] | None = None,  # noqa: A002
) -> tuple[Array, Array]:
    """How many elements lie in each bin, and the bins' edges; the last bin has its upper edge.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.histogram(ct.asarray([0.0, 0.4, 1.0]), 2)[0]
    Array([2, 1], dtype=int64)
    """
    flat = reshape(x, (-1,))
    if isinstance(bins, Integral):
        low, high = (float(flat.min()), float(flat.max())) if range is None else range
        if low > high:
            raise ArgumentError(f"histogram: expected a range (low, high), got {(low, high)}")
        if low == high:
            low, high = low - 0.5, high + 0.5
        dtype = x.dtype if x.dtype.kind == "float" else float32
        edges = linspace(low, high, operator.index(bins) + 1, dtype=dtype)
    else:
        edges = bins
    count = edges.shape[0] - 1
    at = searchsorted(edges, astype(flat, edges.dtype), side="right") - 1
    at = where(flat == edges[-1], count - 1, at)
    return bincount(at, length=count), edges
