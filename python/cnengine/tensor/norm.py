"""Lengths of vectors and norms of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, float32
from cnengine.tensor.composite import composite
from cnengine.tensor.elementwise import where
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import min as _min
from cnengine.tensor.reduction import root_of
from cnengine.tensor.reduction import sum as _sum

__all__ = ["matrix_norm", "vector_norm"]

_INF = float("inf")


def _size(x: Array) -> Array:
    return _tensor.unary("abs", x)


def _powers(x: Array, power: float) -> Array:
    """abs(x)^power; of elements that are 0 the slope, which may be infinite, is 0 here."""
    size = _size(x)
    if power > 1:
        return size**power
    is_zero = size == 0
    return where(is_zero, 0 if power > 0 else _INF, where(is_zero, 1, size) ** power)


def _squares(x: Array) -> Array:
    if x.dtype.kind != "complex":
        return x * x
    real, imag = _tensor.unary("real", x), _tensor.unary("imag", x)
    return real * real + imag * imag


@composite
def vector_norm(
    x: Array,
    /,
    *,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
    ord: float = 2,  # noqa: A002
) -> Array:
    """The length of vectors: (sum of abs(x)^ord)^(1 / ord) along axes; None: of all elements.

    Its derivative where it is 0 is 0. Integers become float32, sums of half precision are made in
    float32.

    Parameters
    ----------
    ord
        Also `inf`, the largest absolute value, `-inf`, the smallest, and 0, how many are not 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.vector_norm(ct.asarray([3.0, 4.0])))
    5.0
    """
    if not isinstance(ord, (int, float)):
        raise ArgumentError(f"vector_norm: expected a number as ord, got {ord!r}")
    own = x.dtype
    if own.kind not in ("float", "complex") or own.itemsize == 2:
        x = _tensor.cast(x, float32)
    if ord in (_INF, -_INF):
        out = (_max if ord > 0 else _min)(_size(x), axis=axis, keepdims=keepdims)
    elif ord == 0:
        out = _sum(_tensor.cast(x != 0, _size(x[:0] if x.ndim else x).dtype), axis=axis,
                   keepdims=keepdims)  # fmt: skip
    elif ord == 1:
        out = _sum(_size(x), axis=axis, keepdims=keepdims)
    else:
        powers = _squares(x) if ord == 2 else _powers(x, ord)
        out = root_of(_sum(powers, axis=axis, keepdims=keepdims), ord)
    return _tensor.cast(out, own) if own.kind == "float" and out.dtype != own else out


def matrix_norm(
    x: Array,
    /,
    *,
    keepdims: bool = False,
    ord: float | Literal["fro", "nuc"] | None = "fro",  # noqa: A002
) -> Array:
    """The norm of the matrices that the last two axes are.

    Parameters
    ----------
    ord
        "fro": the root of the sum of squares; "nuc": the sum of singular values; 2 and -2: the
        largest and the smallest one; 1 and -1: the largest and the smallest sum of absolute values
        of a column; inf and -inf: of a row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.matrix_norm(ct.asarray([[1.0, -2.0], [3.0, 4.0]]), ord=1))
    6.0
    """
    if x.ndim < 2:
        raise ShapeError(f"matrix_norm: expected at least two axes, got the shape {x.shape}")
    if ord is None or ord == "fro":
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if x.dtype.kind not in ("float", "complex"):
        x = _tensor.cast(x, float32)
    if ord in (1, -1, _INF, -_INF):
        summed, left = (-2, -1) if abs(ord) == 1 else (-1, -2)
        sums = _sum(_size(x), axis=summed, keepdims=True)
        out = (_max if ord > 0 else _min)(sums, axis=left, keepdims=True)
        return out if keepdims else _tensor.squeeze(out, [-2, -1])
    if ord not in (2, -2, "nuc"):
        raise ArgumentError(f'matrix_norm: expected 1, 2, inf, their negatives, "fro" or "nuc" '
                            f"as ord, got {ord!r}")  # fmt: skip
    values = _tensor.svdvals(x)
    out = {2: _max, -2: _min, "nuc": _sum}[ord](values, axis=-1)
    return _tensor.expand_dims(out, [-2, -1]) if keepdims else out
