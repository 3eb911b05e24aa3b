"""How many elements lie where: counts of whole numbers, and of bins with edges."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Sequence
from numbers import Integral

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, bool_, float32, int64
from cnengine.tensor.creation import asarray, astype, linspace, zeros
from cnengine.tensor.data_types import floating
from cnengine.tensor.elementwise import where
from cnengine.tensor.manipulation import flip, reshape
from cnengine.tensor.ordering import searchsorted
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import min as _min
from cnengine.tensor.reduction import sum as _sum
from cnengine.tensor.running import diff

__all__ = [
    "bincount", "digitize", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd",
]  # fmt: skip

Bins = int | Array | Sequence[float]
Range = tuple[float, float] | None


def _number(x: Array) -> Array:
    """Bools as 0 and 1."""
    return astype(x, int64) if x.dtype == bool_ else x


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
    x = asarray(x)
    weights = None if weights is None else asarray(weights)
    places, count = reshape(_number(x), (-1,)), length
    if weights is not None and weights.size != x.size:
        raise ShapeError(f"bincount: expected a weight of each element, got the shapes {x.shape} "
                         f"and {weights.shape}")  # fmt: skip
    if length is None:
        if x.size and int(places.min()) < 0:
            raise ArgumentError(
                f"bincount: expected numbers of at least 0, got {int(places.min())}"
            )
        count = max(minlength, int(places.max()) + 1 if x.size else 0)
    else:  # what is outside goes to a place of its own
        places = where((places >= 0) & (places < length), places, length)
        count = length + 1
    dtype = int64 if weights is None else weights.dtype
    each = 1 if weights is None else reshape(weights, (-1,))
    out = zeros(count, dtype=dtype, device=x.device).at[places].add(each)
    return out if length is None else out[:length]


def digitize(x: Array, bins: Array, /, right: bool = False) -> Array:
    """The number of the bin that each element is in: i of bins[i - 1] <= x < bins[i].

    Elements below all edges get 0, those above them as many as there are edges. Edges may go down
    as well: then bins[i - 1] > x >= bins[i].

    Parameters
    ----------
    right
        Whether bins have their right end instead of the left one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.digitize(ct.asarray([0.5, 2.0, 9.0]), ct.asarray([1.0, 2.0, 3.0]))
    Array([0, 2, 3], dtype=int64)
    """
    x, bins = asarray(x), asarray(bins)
    if bins.ndim != 1:
        raise ShapeError(f"digitize: expected edges along one axis, got the shape {bins.shape}")
    count = bins.shape[0]
    side = "left" if right else "right"
    up = searchsorted(bins, x, side=side)
    if count < 2:
        return up
    down = count - searchsorted(flip(bins), x, side=side)
    return where(bins[-1] >= bins[0], up, down)


def histogram_bin_edges(
    x: Array,
    /,
    bins: Bins = 10,
    range: Range = None,  # noqa: A002
) -> Array:
    """The edges of so many bins of one width from the smallest element to the largest.

    Parameters
    ----------
    bins
        Edges are given back as they are. NumPy's rules by name are not here.
    range
        The first and the last edge instead. Equal ones are moved apart by 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.histogram_bin_edges(ct.asarray([0.0, 0.4, 1.0]), 2)
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    if isinstance(bins, str):
        raise ArgumentError(f"histogram: expected a number of bins or their edges, got {bins!r}")
    if not isinstance(bins, Integral):
        return asarray(bins)
    x = _number(asarray(x))
    dtype = x.dtype if x.dtype.kind == "float" else float32
    if range is None:
        low, high = (_min(x), _max(x)) if x.size else (0.0, 1.0)
    else:
        low, high = range
        if low > high:
            raise ArgumentError(f"histogram: expected a range (low, high), got {(low, high)}")
    low, high = (astype(asarray(each), _tensor.float64) for each in (low, high))
    half = where(low == high, 0.5, 0.0)
    return linspace(low - half, high + half, operator.index(bins) + 1, dtype=dtype, device=x.device)


def _bin_of(x: Array, edges: Array) -> Array:
    """The bin of each element; the last one has its upper edge. Outside: -1, or their number."""
    count = edges.shape[0] - 1
    at = searchsorted(edges, astype(x, edges.dtype), side="right") - 1
    return where(x == edges[-1], count - 1, at)


def _density(counts: Array, edges: Sequence[Array]) -> Array:
    out = astype(counts, edges[0].dtype)
    out = out / _sum(out)
    for axis, each in enumerate(edges):
        widths = diff(each)
        out = out / reshape(widths, [-1 if i == axis else 1 for i in range(out.ndim)])
    return out


def histogram(
    x: Array,
    /,
    bins: Bins = 10,
    range: Range = None,  # noqa: A002
    weights: Array | None = None,
    density: bool = False,
) -> tuple[Array, Array]:
    """How many elements lie in each bin, and the bins' edges; the last bin has its upper edge.

    Parameters
    ----------
    bins, range
        Those of `histogram_bin_edges`.
    weights
        What each element counts, in the shape of `x`.
    density
        Whether counts are divided by their sum and the widths, so that their integral is 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.histogram(ct.asarray([0.0, 0.4, 1.0]), 2)[0]
    Array([2, 1], dtype=int64)
    """
    flat = reshape(_number(asarray(x)), (-1,))
    edges = histogram_bin_edges(flat, bins, range)
    if weights is not None:
        weights = reshape(asarray(weights), (-1,))
    counts = bincount(_bin_of(flat, edges), weights, length=edges.shape[0] - 1)
    return (_density(counts, [edges]) if density else counts), edges


def histogramdd(
    x: Array | Sequence[Array],
    /,
    bins: int | Sequence[Bins] = 10,
    range: Sequence[Range] | None = None,  # noqa: A002
    weights: Array | None = None,
    density: bool = False,
) -> tuple[Array, list[Array]]:
    """How many points lie in each cell of a grid, and the edges along each axis; as `histogram`.

    Parameters
    ----------
    x
        Points by rows: (points, axes); or a sequence of the coordinates along each axis.
    bins, range
        One for all axes, or a sequence of one for each.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.histogramdd(ct.asarray([[0.0, 0.0], [1.0, 1.0], [1.0, 0.9]]), 2)[0]
    Array([[1, 0],
           [0, 2]], dtype=int64)
    """
    if isinstance(x, Array):
        if x.ndim != 2:
            raise ShapeError(f"histogramdd: expected points by rows, got the shape {x.shape}")
        columns = [x[:, i] for i in builtins.range(x.shape[1])]
    else:
        columns = [reshape(asarray(each), (-1,)) for each in x]
    ndim = len(columns)
    each_bins = [bins] * ndim if isinstance(bins, Integral) else list(bins)
    each_range = [None] * ndim if range is None else list(range)
    if len(each_bins) != ndim or len(each_range) != ndim:
        raise ArgumentError(
            f"histogramdd: expected bins and ranges of {ndim} axes, got {len(each_bins)} and "
            f"{len(each_range)}"
        )
    edges = [histogram_bin_edges(*each)
             for each in zip(columns, each_bins, each_range, strict=True)]  # fmt: skip
    place, inside = asarray(0), asarray(True)
    for column, line in zip(columns, edges, strict=True):
        count, at = line.shape[0] - 1, _bin_of(column, line)
        inside = inside & (at >= 0) & (at < count)
        place = place * count + at
    shape = [line.shape[0] - 1 for line in edges]
    at = where(inside, place, -1)
    counts = reshape(bincount(at, weights, length=math.prod(shape)), shape)
    return (_density(counts, [floating(line) for line in edges]) if density else counts), edges


def histogram2d(
    x: Array,
    y: Array,
    /,
    bins: int | Sequence[Bins] = 10,
    range: Sequence[Range] | None = None,  # noqa: A002
    weights: Array | None = None,
    density: bool = False,
) -> tuple[Array, Array, Array]:
    """`histogramdd` of points (x, y): the counts, the edges along x and those along y.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.histogram2d(ct.asarray([0.0, 1.0]), ct.asarray([0.0, 1.0]), 2)[0]
    Array([[1, 0],
           [0, 1]], dtype=int64)
    """
    counts, edges = histogramdd((x, y), bins, range, weights, density)
    return counts, edges[0], edges[1]
