"""What NumPy and SciPy have beyond the standard: comparisons of whole arrays, choices."""

from __future__ import annotations

from collections.abc import Sequence

from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.arrangement import broadcast_shapes
from cnengine.tensor.array import Array, DType, float32
from cnengine.tensor.composite import composite
from cnengine.tensor.creation import arange, asarray, astype
from cnengine.tensor.derivative import stop_gradient
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import exp, imag, isfinite, isinf, isnan, log, real, where
from cnengine.tensor.manipulation import expand_dims, reshape, squeeze
from cnengine.tensor.reduction import all as _all
from cnengine.tensor.reduction import max as _max
from cnengine.tensor.reduction import sum as _sum

__all__ = [
    "allclose", "array_equal", "array_equiv", "isclose", "logsumexp", "nan_to_num", "one_hot",
    "select",
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
    """Whether all elements are close, as `isclose` says.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.allclose(ct.asarray([1.0, 2.0]), ct.asarray([1.0, 2.000001])))
    True
    """
    return _all(isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))


def array_equal(a: Array, b: Array, /, equal_nan: bool = False) -> Array:
    """Whether both have one shape and the same elements, as a bool without axes.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.array_equal(ct.asarray([1, 2]), ct.asarray([1, 2])))
    True
    """
    a, b = asarray(a), asarray(b)
    return _same(a, b, equal_nan) if a.shape == b.shape else asarray(False)


def array_equiv(a: Array, b: Array, /) -> Array:
    """Whether both have the same elements when one is broadcast to the shape of the other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> bool(ct.array_equiv(ct.asarray([[1, 2], [1, 2]]), ct.asarray([1, 2])))
    True
    """
    a, b = asarray(a), asarray(b)
    try:
        broadcast_shapes(a.shape, b.shape)
    except ShapeError:
        return asarray(False)
    return _same(a, b, False)


def _same(a: Array, b: Array, equal_nan: bool) -> Array:
    return _all((a == b) | (isnan(a) & isnan(b)) if equal_nan else a == b)


def select(
    conditions: Sequence[Array], choices: Sequence[Array | complex], /, default: Array | complex = 0
) -> Array:
    """For each element that of the first choice whose condition is true, else the default.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.arange(4)
    >>> ct.select([x < 1, x < 3], [x - 10, x * 10])
    Array([-10,  10,  20,   0], dtype=int64)
    """
    if len(conditions) != len(choices) or not conditions:
        raise ArgumentError(f"select: expected as many conditions as choices, at least one, got "
                            f"{len(conditions)} and {len(choices)}")  # fmt: skip
    out = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        out = where(asarray(condition), choice, out)
    return out


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

    if x.dtype.kind == "complex":  # of both parts
        parts = [nan_to_num(part(x), nan=nan, posinf=posinf, neginf=neginf)
                 for part in (real, imag)]  # fmt: skip
        return parts[0] + 1j * parts[1]
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


@composite
def logsumexp(
    x: Array, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Array:
    """log(sum(exp(x))) along axes, without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.logsumexp(ct.asarray([1000.0, 1000.0]))
    Array(1000.6932, dtype=float32)
    """
    top = stop_gradient(_max(x, axis=axis, keepdims=True))
    top = where(isfinite(top), top, 0.0)
    out = log(_sum(exp(x - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return out
    axes = tuple(range(x.ndim)) if axis is None else axis
    return squeeze(out, axes)
