"""Places of elements: indices of axes and numbers row by row, and those of parts of matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.arrangement import stack
from cnengine.tensor.array import Array, DType, bool_, int64, integers_of
from cnengine.tensor.creation import arange, asarray
from cnengine.tensor.elementwise import maximum, minimum
from cnengine.tensor.manipulation import reshape
from cnengine.tensor.ordering import nonzero
from cnengine.tensor.reduction import any as _any

__all__ = [
    "argwhere", "diag_indices", "flatnonzero", "indices", "ix_", "ravel_multi_index",
    "tril_indices", "triu_indices", "unravel_index",
]  # fmt: skip


def argwhere(x: Array, /) -> Array:
    """The indices of elements that are not zero by rows: (elements, axes); as `nonzero`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.argwhere(ct.asarray([[0, 5], [6, 0]]))
    Array([[0, 1],
           [1, 0]], dtype=int64)
    """
    x = asarray(x)
    if x.ndim == 0:
        return asarray(nonzero(reshape(x, (1,)))[0])[:, None][:, :0]
    return stack(nonzero(x), axis=1)


def flatnonzero(x: Array, /) -> Array:
    """The numbers, row by row, of elements that are not zero; as `nonzero`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.flatnonzero(ct.asarray([[0, 5], [6, 0]]))
    Array([1, 2], dtype=int64)
    """
    return nonzero(reshape(asarray(x), (-1,)))[0]


def diag_indices(n: int, ndim: int = 2, /) -> tuple[Array, ...]:
    """The indices of the main diagonal of an array with `ndim` axes of the extent `n`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ones((2, 2))[ct.diag_indices(2)]
    Array([1., 1.], dtype=float32)
    """
    return (arange(n),) * ndim


def _band_indices(n: int, low: int | None, high: int | None, m: int | None) -> tuple[Array, ...]:
    columns = n if m is None else m
    first, last = -n if low is None else low, columns if high is None else high
    return nonzero(_tensor.band(n, columns, first, last, bool_))


def tril_indices(n: int, k: int = 0, m: int | None = None, /) -> tuple[Array, Array]:
    """The indices of an n by m matrix on and below the diagonal `k` places above the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.tril_indices(2)
    (Array([0, 1, 1], dtype=int64), Array([0, 0, 1], dtype=int64))
    """
    return _band_indices(n, None, k, m)


def triu_indices(n: int, k: int = 0, m: int | None = None, /) -> tuple[Array, Array]:
    """The indices of an n by m matrix on and above the diagonal `k` places above the first.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.triu_indices(2)
    (Array([0, 0, 1], dtype=int64), Array([0, 1, 1], dtype=int64))
    """
    return _band_indices(n, k, None, m)


def indices(
    dimensions: Sequence[int], /, dtype: DType = int64, sparse: bool = False
) -> Array | tuple[Array, ...]:
    """The indices of all elements along each axis: (axes, extents...).

    Parameters
    ----------
    sparse
        Whether they come one by one, with the extent 1 along all other axes.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.indices((2, 2))[1]
    Array([[0, 1],
           [0, 1]], dtype=int64)
    """
    shape = integers_of(dimensions)
    if sparse:
        return tuple(_tensor.iota([n if i == axis else 1 for i, n in enumerate(shape)], axis, dtype)
                     for axis in range(len(shape)))  # fmt: skip
    if not shape:
        return reshape(arange(0, dtype=dtype), (0,))
    return stack([_tensor.iota(shape, axis, dtype) for axis in range(len(shape))])


def ix_(*lines: Array) -> tuple[Array, ...]:
    """Indices of an open grid: x[ix_(rows, columns)] are these rows at these columns.

    Bools are places that are true. Raises ShapeError for others than vectors.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.asarray([[1, 2, 3], [4, 5, 6]])
    >>> x[ct.ix_([1, 0], [0, 2])]
    Array([[4, 6],
           [1, 3]], dtype=int64)
    """
    out = []
    for at, each in enumerate(lines):
        line = asarray(each, dtype=None if isinstance(each, Array) or len(each) else int64)
        if line.ndim != 1:
            raise ShapeError(f"ix_: expected vectors, got the shape {line.shape}")
        line = nonzero(line)[0] if line.dtype == bool_ else line
        out.append(reshape(line, [-1 if i == at else 1 for i in range(len(lines))]))
    return tuple(out)


def _whole(x: Array, function: str) -> Array:
    x = asarray(x)
    if x.dtype.kind not in ("int", "uint"):
        raise TypeError(f"{function}: expected integers, got {x.dtype.name}")
    return _tensor.cast(x, int64)


def _is_told(bad: Array) -> bool:
    """Whether one is true; inside `jit` and `vmap` nothing is known."""
    return not bad._trace and bool(_any(bad))


def unravel_index(places: Array, shape: int | Sequence[int], /) -> tuple[Array, ...]:
    """The indices along each axis of elements that are numbered row by row.

    Raises ArgumentError for numbers beyond the array; those that `jit` or `vmap` trace are taken to
    be within.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unravel_index(ct.asarray([1, 5]), (2, 3))
    (Array([0, 1], dtype=int64), Array([1, 2], dtype=int64))
    """
    extents = integers_of(shape)
    places = _whole(places, "unravel_index")
    if _is_told((places < 0) | (places >= math.prod(extents))):
        raise ArgumentError(f"unravel_index: expected numbers of elements of {tuple(extents)}")
    out = []
    for n in reversed(extents):
        out.append(places % max(n, 1))
        places = places // max(n, 1)
    return tuple(reversed(out))


def ravel_multi_index(
    places: Sequence[Array] | Array,
    shape: Sequence[int],
    /,
    mode: Literal["raise", "wrap", "clip"] = "raise",
) -> Array:
    """The numbers, row by row, of elements with these indices along each axis.

    Parameters
    ----------
    mode
        Of indices beyond an axis: "raise" an ArgumentError, unless `jit` or `vmap` trace them;
        "wrap" around; "clip" to the ends.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ravel_multi_index((ct.asarray([0, 1]), ct.asarray([1, 2])), (2, 3))
    Array([1, 5], dtype=int64)
    """
    extents = integers_of(shape)
    if mode not in ("raise", "wrap", "clip"):
        raise ArgumentError(
            f"ravel_multi_index: expected a mode of raise, wrap, clip, got {mode!r}"
        )
    if len(places) != len(extents):
        raise ArgumentError(f"ravel_multi_index: expected indices along {len(extents)} axes, got "
                            f"{len(places)}")  # fmt: skip
    out = asarray(0)
    for each, n in zip(places, extents, strict=True):
        at = _whole(each, "ravel_multi_index")
        if mode == "wrap":
            at = at % max(n, 1)
        elif mode == "clip":
            at = maximum(minimum(at, n - 1), 0)
        elif _is_told((at < 0) | (at >= n)):
            raise ArgumentError(f"ravel_multi_index: expected indices of {tuple(extents)}")
        out = out * n + at
    return out
