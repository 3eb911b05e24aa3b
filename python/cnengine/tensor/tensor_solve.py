"""Equations of arrays with several axes, as those of matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.arrangement import moveaxis
from cnengine.tensor.array import Array, axis_of, result_type
from cnengine.tensor.creation import asarray, astype
from cnengine.tensor.factors import inexact
from cnengine.tensor.manipulation import reshape

__all__ = ["tensorinv", "tensorsolve"]


def tensorinv(x: Array, /, ind: int = 2) -> Array:
    """The inverse of x by `tensordot` over the last axes: (later extents..., first ones...).

    Parameters
    ----------
    ind
        How many axes are the first ones; their extents multiply to as much as those of the others.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.tensorinv(ct.reshape(ct.eye(6), (6, 2, 3)), ind=1).shape
    (2, 3, 6)
    """
    x = inexact(asarray(x))
    if ind < 1:
        raise ArgumentError(f"tensorinv: expected ind of at least 1, got {ind}")
    first, later = x.shape[:ind], x.shape[ind:]
    if math.prod(first) != math.prod(later):
        raise ShapeError(f"tensorinv: expected as many elements along the first {ind} axes as "
                         f"along the others, got the shape {x.shape}")  # fmt: skip
    side = math.prod(first)
    return reshape(_tensor.inv(reshape(x, (side, side))), (*later, *first))


def tensorsolve(a: Array, b: Array, /, axes: Sequence[int] | None = None) -> Array:
    """The x with tensordot(a, x, x.ndim) = b.

    Parameters
    ----------
    axes
        Axes of `a` that are moved behind the others before.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.tensorsolve(ct.reshape(ct.eye(4), (4, 2, 2)), ct.arange(4.0))
    Array([[0., 1.],
           [2., 3.]], dtype=float32)
    """
    a, b = asarray(a), asarray(b)
    common = result_type(a, b)
    a, b = inexact(astype(a, common)), inexact(astype(b, common))
    if axes is not None:
        places = [axis_of(each, a.ndim, "tensorsolve") for each in axes]
        a = moveaxis(a, places, list(range(a.ndim - len(places), a.ndim)))
    shape = a.shape[b.ndim :]
    if a.shape[: b.ndim] != b.shape or math.prod(shape) != b.size:
        raise ShapeError(f"tensorsolve: expected as many unknowns as equations of the shape "
                         f"{b.shape}, got {a.shape}")  # fmt: skip
    return reshape(_tensor.solve(reshape(a, (b.size, b.size)), reshape(b, (-1, 1))), shape)
