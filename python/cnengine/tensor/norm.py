"""Lengths of vectors and norms of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Literal

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, axis_of, float32, integers_of
from cnengine.tensor.composite import composite
from cnengine.tensor.creation import asarray
from cnengine.tensor.derivative import stop_gradient
from cnengine.tensor.elementwise import where
from cnengine.tensor.factors import check_matrices, inexact
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import min as _min
from cnengine.tensor.reduction import root_of
from cnengine.tensor.reduction import sum as _sum

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]

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


def norm(
    x: Array,
    /,
    ord: float | Literal["fro", "nuc"] | None = None,  # noqa: A002
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
) -> Array:
    """`vector_norm` along one axis, `matrix_norm` of the matrices of two, as NumPy's and torch's.

    Parameters
    ----------
    ord
        None: the root of the sum of squares.
    axis
        None: of all elements if `ord` is None too, else that of a vector or those of a matrix.

    Raises ShapeError for other numbers of axes.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.norm(ct.asarray([[3.0, 0.0], [0.0, 4.0]])))
    5.0
    """
    x = asarray(x)
    if ord is None and (axis is None or isinstance(axis, Integral)):
        return vector_norm(x, axis=axis, keepdims=keepdims)
    axes = list(range(x.ndim)) if axis is None else integers_of(axis)
    if len(axes) == 1:
        return vector_norm(x, axis=axes[0], keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ShapeError(f"norm: expected one axis or two, got {len(axes)}")
    places = [axis_of(each, x.ndim, "norm") for each in axes]
    out = matrix_norm(_moved(x, places), ord=ord)
    return _tensor.expand_dims(out, sorted(places)) if keepdims else out


def _moved(x: Array, places: list[int]) -> Array:
    """With these two axes as the last ones."""
    if len(set(places)) < 2:
        raise ArgumentError(f"norm: expected different axes, got {places}")
    rest = [i for i in range(x.ndim) if i not in places]
    return _tensor.permute_dims(x, [*rest, *places])


def cond(x: Array, /, p: float | Literal["fro", "nuc"] | None = None) -> Array:
    """How much matrices make relative errors larger: norm(x) norm(x^-1); of singular ones infinity.

    Parameters
    ----------
    p
        The `ord` of `matrix_norm`; None and 2: the largest singular value by the smallest, of any
        matrices; -2: the smallest by the largest. Others are of square matrices.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.linalg.cond(ct.asarray([[2.0, 0.0], [0.0, 8.0]])))
    4.0
    """
    x = inexact(asarray(x))
    check_matrices(x, "cond")
    if p in (None, 2, -2):
        values = _tensor.svdvals(x)
        if values.shape[-1] == 0:
            raise ShapeError(f"cond: expected elements, got the shape {x.shape}")
        largest, smallest = values[..., 0], values[..., -1]
        return where(largest == 0, _INF, smallest / largest if p == -2 else largest / smallest)
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"cond: expected square matrices, got the shape {x.shape}")
    is_singular = _tensor.slogdet(stop_gradient(x))[0] == 0
    unit = _tensor.band(x.shape[-1], x.shape[-1], 0, 0, x.dtype)
    safe = where(_tensor.expand_dims(is_singular, [-2, -1]), unit, x)
    out = matrix_norm(x, ord=p) * matrix_norm(_tensor.inv(safe), ord=p)
    return where(is_singular, _INF, out)
