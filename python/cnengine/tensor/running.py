"""What goes along an axis step by step: running sums, products and extremes, and differences."""

from __future__ import annotations

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError
from cnengine.tensor.array import Array, DType
from cnengine.tensor.creation import full

__all__ = [
    "cumulative_logsumexp",
    "cumulative_max",
    "cumulative_min",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "linear_recurrence",
]


def _axis_of(x: Array, axis: int | None, function: str) -> int:
    if axis is None:
        if x.ndim != 1:
            raise ArgumentError(f"{function}: expected an axis of an array with {x.ndim}")
        return 0
    return axis


def _line(x: Array, axis: int, value: int) -> Array:
    """One element along an axis in the shape of x."""
    shape = list(x.shape)
    shape[axis] = 1
    return full(shape, value, dtype=x.dtype)


def _cumulative(
    name: str,
    x: Array,
    axis: int | None,
    dtype: DType | None,
    include_initial: bool,
    reverse: bool,
    initial: int,
) -> Array:
    x = x if isinstance(x, Array) else Array(x)
    x = _tensor.cast(x, _tensor.int64) if x.dtype == _tensor.bool else x
    axis = _axis_of(x, axis, name)
    out = _tensor.cumulative(name, x if dtype is None else _tensor.cast(x, dtype), axis, reverse)
    if dtype is not None:
        out = _tensor.cast(out, dtype)
    if not include_initial:
        return out
    first = _line(out, axis, initial)
    return _tensor.concat([out, first] if reverse else [first, out], axis)


def cumulative_sum(
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DType | None = None,
    include_initial: bool = False,
    reverse: bool = False,
) -> Array:
    """The sums of all elements of an axis up to each one.

    Parameters
    ----------
    axis
        None: of an array with one axis.
    dtype
        That of the result; None: 64 bits for integers, else that of `x`. Floats are added in
        float64.
    include_initial
        With a 0 in front.
    reverse
        From each element on.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cumulative_sum(ct.asarray([1, 2, 3]), include_initial=True)
    Array([0, 1, 3, 6], dtype=int64)
    """
    return _cumulative("cumulative_sum", x, axis, dtype, include_initial, reverse, 0)


def cumulative_prod(
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DType | None = None,
    include_initial: bool = False,
    reverse: bool = False,
) -> Array:
    """The products of all elements of an axis up to each one; as `cumulative_sum`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cumulative_prod(ct.asarray([2, 3, 4]))
    Array([ 2,  6, 24], dtype=int64)
    """
    return _cumulative("cumulative_prod", x, axis, dtype, include_initial, reverse, 1)


def cumulative_max(x: Array, /, *, axis: int | None = None, reverse: bool = False) -> Array:
    """The largest of all elements of an axis up to each one; NaN if there is one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cumulative_max(ct.asarray([2, 1, 4]))
    Array([2, 2, 4], dtype=int64)
    """
    return _tensor.cumulative("cumulative_max", x, _axis_of(x, axis, "cumulative_max"), reverse)


def cumulative_min(x: Array, /, *, axis: int | None = None, reverse: bool = False) -> Array:
    """The smallest of all elements of an axis up to each one; as `cumulative_max`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cumulative_min(ct.asarray([2, 1, 4]))
    Array([2, 1, 1], dtype=int64)
    """
    return _tensor.cumulative("cumulative_min", x, _axis_of(x, axis, "cumulative_min"), reverse)


def cumulative_logsumexp(x: Array, /, *, axis: int | None = None, reverse: bool = False) -> Array:
    """The logarithm of the running sum of e^x, without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cumulative_logsumexp(ct.asarray([1000.0, 1000.0]))
    Array([1000.    , 1000.6932], dtype=float32)
    """
    name = "cumulative_logsumexp"
    return _tensor.cumulative(name, x, _axis_of(x, axis, name), reverse)


def linear_recurrence(a: Array, b: Array, /, *, axis: int = -1, reverse: bool = False) -> Array:
    """h[i] = a[i] * h[i - 1] + b[i] along an axis, from h[-1] = 0 on.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linear_recurrence(ct.full(3, 2.0), ct.ones(3))
    Array([1., 3., 7.], dtype=float32)
    """
    return _tensor.linear_recurrence(a, b, axis, reverse)


def diff(
    x: Array,
    /,
    n: int = 1,
    *,
    axis: int = -1,
    prepend: Array | None = None,
    append: Array | None = None,
) -> Array:
    """The differences of neighbours along an axis, `n` times.

    Parameters
    ----------
    prepend, append
        Elements that are put in front or behind before.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.diff(ct.asarray([1, 4, 9]))
    Array([3, 5], dtype=int64)
    """
    if n < 0:
        raise ArgumentError(f"diff: expected a number of at least 0, got {n}")
    parts = [part for part in (prepend, x, append) if part is not None]
    if len(parts) > 1 and n > 0:  # as NumPy, which joins nothing where it subtracts nothing
        x = _tensor.concat(parts, axis)
    along = axis + x.ndim if axis < 0 else axis
    op = "not_equal" if x.dtype == _tensor.bool else "subtract"
    for _ in range(n):
        behind, before = (
            x[(slice(None),) * along + (part,)] for part in (slice(1, None), slice(None, -1))
        )
        x = _tensor.binary(op, behind, before)
    return x
