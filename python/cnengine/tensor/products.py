"""Products of vectors, of matrices with vectors, and of all elements with all others."""

from __future__ import annotations

from cnengine._core import tensor as _tensor
from cnengine.errors import ShapeError
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray
from cnengine.tensor.linear_algebra import matmul, tensordot, vecdot
from cnengine.tensor.manipulation import expand_dims, reshape, squeeze

__all__ = ["dot", "inner", "kron", "matvec", "outer", "vdot", "vecmat"]


def _conjugate(x: Array) -> Array:
    return _tensor.unary("conj", x) if x.dtype.kind == "complex" else x


def dot(a: Array, b: Array, /) -> Array:
    """The sums of products over the last axis of `a` and the last but one of `b`, or its only one.

    Of two matrices their product, of numbers and any array the product of elements. Batches of
    matrices are `matmul`'s: here the axes of `b` come behind those of `a`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.dot(ct.asarray([1.0, 2.0]), ct.asarray([3.0, 4.0])))
    11.0
    """
    a, b = asarray(a), asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim <= 2 and b.ndim <= 2:
        return matmul(a, b)
    return tensordot(a, b, axes=([a.ndim - 1], [max(b.ndim - 2, 0)]))


def inner(a: Array, b: Array, /) -> Array:
    """The sums of products over the last axes; the other axes of `b` come behind those of `a`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.inner(ct.asarray([[1, 2], [3, 4]]), ct.asarray([1, 10]))
    Array([21, 43], dtype=int64)
    """
    a, b = asarray(a), asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return tensordot(a, b, axes=([a.ndim - 1], [b.ndim - 1]))


def kron(a: Array, b: Array, /) -> Array:
    """The product of Kronecker: each element of `a` in the place of `b` times it.

    The one with fewer axes gets axes of 1 in front; the extents are multiplied.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.kron(ct.asarray([1, 10]), ct.asarray([1, 2]))
    Array([ 1,  2, 10, 20], dtype=int64)
    """
    a, b = asarray(a), asarray(b)
    ndim = max(a.ndim, b.ndim)
    one, two = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    spread = [extent for pair in zip(one, (1,) * ndim, strict=True) for extent in pair]
    inside = [extent for pair in zip((1,) * ndim, two, strict=True) for extent in pair]
    return reshape(reshape(a, spread) * reshape(b, inside),
                   [m * n for m, n in zip(one, two, strict=True)])  # fmt: skip


def matvec(x1: Array, x2: Array, /) -> Array:
    """Matrices (..., m, n) times vectors (..., n), broadcast over the axes before.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.matvec(ct.asarray([[1, 2], [3, 4]]), ct.asarray([1, 10]))
    Array([21, 43], dtype=int64)
    """
    x1, x2 = asarray(x1), asarray(x2)
    if x1.ndim < 2 or x2.ndim < 1 or x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(f"matvec: expected matrices and vectors of their columns, got the shapes "
                         f"{x1.shape} and {x2.shape}")  # fmt: skip
    return squeeze(matmul(x1, expand_dims(x2, axis=-1)), -1)


def outer(a: Array, b: Array, /) -> Array:
    """The products of each element of one array with each of another: (a.size, b.size).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.outer(ct.asarray([1, 2]), ct.asarray([3, 4]))
    Array([[3, 4],
           [6, 8]], dtype=int64)
    """
    return reshape(asarray(a), (-1, 1)) * reshape(asarray(b), (1, -1))


def vdot(a: Array, b: Array, /) -> Array:
    """The sum of conj(a) * b over all elements of both, which have as many.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.vdot(ct.asarray([1j, 2.0]), ct.asarray([1j, 1.0]))
    Array(3.+0.j, dtype=complex64)
    """
    return vecdot(reshape(asarray(a), (-1,)), reshape(asarray(b), (-1,)))


def vecmat(x1: Array, x2: Array, /) -> Array:
    """conj(x1) (..., m) times matrices (..., m, n), broadcast over the axes before.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.vecmat(ct.asarray([1, 10]), ct.asarray([[1, 2], [3, 4]]))
    Array([31, 42], dtype=int64)
    """
    x1, x2 = asarray(x1), asarray(x2)
    if x1.ndim < 1 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-2]:
        raise ShapeError(f"vecmat: expected vectors of the rows of matrices and these, got the "
                         f"shapes {x1.shape} and {x2.shape}")  # fmt: skip
    return squeeze(matmul(expand_dims(_conjugate(x1), axis=-2), x2), -2)
