"""Means with weights, ranges, and how variables go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ShapeError
from cnengine.tensor.arrangement import concat
from cnengine.tensor.array import Array, axis_of, result_type
from cnengine.tensor.band import diagonal
from cnengine.tensor.creation import asarray
from cnengine.tensor.data_types import floating
from cnengine.tensor.elementwise import clip, conj, imag, real, sqrt
from cnengine.tensor.linear_algebra import matmul
from cnengine.tensor.manipulation import broadcast_to, reshape
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import mean
from cnengine.tensor.reduction import min as _min
from cnengine.tensor.reduction import sum as _sum

__all__ = ["average", "corrcoef", "cov", "ptp"]

Axes = int | Sequence[int] | None


def ptp(x: Array, /, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """From peak to peak: the largest element less the smallest along axes; None: of all.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.ptp(ct.asarray([3, 9, 5])))
    6
    """
    return _max(x, axis=axis, keepdims=keepdims) - _min(x, axis=axis, keepdims=keepdims)


def average(
    x: Array,
    /,
    axis: Axes = None,
    weights: Array | None = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Array | tuple[Array, Array]:
    """The mean along axes with weights: sum(weights x) / sum(weights); NaN where these are 0.

    Parameters
    ----------
    weights
        In the shape of `x`, or along the one axis that is given. None: all are 1.
    returned
        Whether the sums of weights come with it.

    Raises ShapeError for weights of other shapes.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.average(ct.asarray([1.0, 4.0]), weights=ct.asarray([1.0, 2.0])))
    3.0
    """
    x = floating(x)
    if weights is None:
        out = mean(x, axis=axis, keepdims=keepdims)
        count = asarray(x.size / out.size if out.size else 0.0, dtype=out.dtype)
        return (out, broadcast_to(count, out.shape)) if returned else out
    weights = asarray(weights)
    if weights.shape != x.shape:
        if not hasattr(axis, "__index__") or weights.shape != (
            x.shape[axis_of(axis, x.ndim, "average")],
        ):
            raise ShapeError(f"average: expected weights of {x.shape} or along one axis, got "
                             f"{weights.shape}")  # fmt: skip
        weights = reshape(weights, [-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
    common = result_type(x, weights)
    x, weights = (_tensor.cast(each, common) for each in (x, weights))
    total = _sum(broadcast_to(weights, x.shape), axis=axis, keepdims=keepdims)
    out = _sum(x * weights, axis=axis, keepdims=keepdims) / total
    return (out, total) if returned else out


def _variables(x: Any, y: Any, rowvar: bool, function: str) -> Array:
    """One variable a row."""
    parts = []
    for each in (x,) if y is None else (x, y):
        part = floating(each)
        if part.ndim > 2:
            raise ShapeError(f"{function}: expected at most two axes, got the shape {part.shape}")
        if part.ndim < 2:
            part = reshape(part, (1, -1))
        elif not rowvar:
            part = _tensor.permute_dims(part, [1, 0])
        parts.append(part)
    return concat(parts) if len(parts) > 1 else parts[0]


def cov(
    x: Array,
    /,
    y: Array | None = None,
    rowvar: bool = True,
    bias: bool = False,
    *,
    correction: float | None = None,
    fweights: Array | None = None,
    aweights: Array | None = None,
) -> Array:
    """The covariances of variables: the means of products of what they are off their means.

    Parameters
    ----------
    x
        Variables by rows, observations by columns; a vector is one variable.
    y
        More of them, with as many observations.
    rowvar
        False: variables are columns.
    bias
        Whether sums are divided by the count; else by one less (NumPy's default, and torch's).
    correction
        What the count is diminished by in place of both (`ddof` of NumPy).
    fweights, aweights
        How often each observation comes, and how much it counts.

    Raises ShapeError for more than two axes and for weights that do not match.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cov(ct.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    Array([[ 1., -1.],
           [-1.,  1.]], dtype=float32)
    """
    rows = _variables(x, y, rowvar, "cov")
    count = rows.shape[1]
    real_type = rows.dtype if rows.dtype.kind == "float" else real(rows[:0]).dtype
    weights = None
    for each in (fweights, aweights):
        if each is not None:
            if asarray(each).shape != (count,):
                raise ShapeError(f"cov: expected weights of ({count},), got {asarray(each).shape}")
            weight = _tensor.cast(asarray(each), real_type)
            weights = weight if weights is None else weights * weight
    less = (0.0 if bias else 1.0) if correction is None else correction
    if weights is None:
        other = off = rows - mean(rows, axis=1, keepdims=True)
        scale = max(count - less, 0.0)
    else:
        total = _sum(weights)
        off = rows - _sum(rows * weights, axis=1, keepdims=True) / total
        other = off * weights
        if aweights is not None:
            less = less * _sum(weights * _tensor.cast(asarray(aweights), real_type)) / total
        scale = clip(total - less, 0.0)
    other = conj(other) if other.dtype.kind == "complex" else other
    out = matmul(off, _tensor.permute_dims(other, [1, 0])) / scale
    return reshape(out, ()) if out.size == 1 else out


def corrcoef(x: Array, /, y: Array | None = None, rowvar: bool = True) -> Array:
    """The coefficients of correlation of Pearson: `cov` by both deviations, from -1 to 1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.corrcoef(ct.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    Array([[ 1., -1.],
           [-1.,  1.]], dtype=float32)
    """
    out = cov(x, y, rowvar)
    if out.ndim == 0:
        return out / out
    spread = diagonal(out)
    deviation = sqrt(real(spread) if out.dtype.kind == "complex" else spread)
    out = out / reshape(deviation, (-1, 1)) / deviation
    if out.dtype.kind == "complex":
        return clip(real(out), -1, 1) + 1j * clip(imag(out), -1, 1)
    return clip(out, -1, 1)
