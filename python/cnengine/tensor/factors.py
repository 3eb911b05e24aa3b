"""Factors of matrices: what `linalg` has of them, and what all of it begins with."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, float32
from cnengine.tensor.linear_algebra import matrix_transpose

__all__ = ["cholesky", "eig", "eigh", "eigvals", "eigvalsh", "qr", "svd", "svdvals"]


class EigResult(NamedTuple):
    """Eigenvalues, in no order, and eigenvectors by columns."""

    eigenvalues: Array
    eigenvectors: Array


class EighResult(NamedTuple):
    """Eigenvalues, ascending, and eigenvectors by columns."""

    eigenvalues: Array
    eigenvectors: Array


class QRResult(NamedTuple):
    """Orthonormal columns and an upper triangle."""

    Q: Array
    R: Array


class SVDResult(NamedTuple):
    """Singular vectors by columns, singular values, and the other vectors by rows."""

    U: Array
    S: Array
    Vh: Array


def inexact(x: Array) -> Array:
    """As a type that LAPACK has."""
    is_known = x.dtype.kind == "complex" or (x.dtype.kind == "float" and x.dtype.itemsize > 2)
    return x if is_known else _tensor.cast(x, float32)


def adjoint(x: Array) -> Array:
    """The conjugate of the transpose."""
    turned = matrix_transpose(x)
    return _tensor.unary("conj", turned) if x.dtype.kind == "complex" else turned


def check_matrices(x: Array, function: str) -> None:
    """Raises ShapeError for less than two axes."""
    if x.ndim < 2:
        raise ShapeError(f"{function}: expected at least two axes, got the shape {x.shape}")


def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    """The factor L of x = L L^H, or U of x = U^H U, of positive definite matrices.

    The triangle that is asked for is the one that is read. Raises ArgumentError where a matrix is
    not positive definite.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.cholesky(ct.asarray([[4.0, 2.0], [2.0, 2.0]]))
    Array([[2., 0.],
           [1., 1.]], dtype=float32)
    """
    check_matrices(x, "cholesky")
    x = inexact(x)
    return adjoint(_tensor.cholesky(adjoint(x))) if upper else _tensor.cholesky(x)


def eig(x: Array, /) -> EigResult:
    """Eigenvalues and eigenvectors of any square matrices: x v = v diag(w), both complex.

    Derivatives are those of different eigenvalues, and of functions that do not depend on the
    phases of vectors.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.eig(ct.asarray([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
    Array([2.+0.j, 1.+0.j], dtype=complex64)
    """
    return EigResult(*_tensor.eig(inexact(x)))


def eigvals(x: Array, /) -> Array:
    """The eigenvalues of `eig` alone.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.eigvals(ct.asarray([[2.0, 0.0], [0.0, 1.0]]))
    Array([2.+0.j, 1.+0.j], dtype=complex64)
    """
    return _tensor.eigvals(inexact(x))


def eigh(x: Array, /) -> EighResult:
    """Eigenvalues and eigenvectors of symmetric or Hermitian matrices x = v diag(w) v^H.

    The lower triangle is read. Derivatives of the vectors are those of different eigenvalues.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.eigh(ct.asarray([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
    Array([1., 2.], dtype=float32)
    """
    return EighResult(*_tensor.eigh(inexact(x)))


def eigvalsh(x: Array, /) -> Array:
    """The eigenvalues of `eigh` alone.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.eigvalsh(ct.asarray([[2.0, 0.0], [0.0, 1.0]]))
    Array([1., 2.], dtype=float32)
    """
    return _tensor.eigvalsh(inexact(x))


def qr(x: Array, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """Q with orthonormal columns and an upper triangular R of x = Q R.

    Parameters
    ----------
    mode
        "reduced": as many columns of Q as the shorter side has; "complete": a square Q.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.qr(ct.ones((3, 2)), mode="complete").Q.shape
    (3, 3)
    """
    if mode not in ("reduced", "complete"):
        raise ArgumentError(f'qr: expected the mode "reduced" or "complete", got {mode!r}')
    return QRResult(*_tensor.qr(inexact(x), mode == "complete"))


def svd(x: Array, /, *, full_matrices: bool = True) -> SVDResult:
    """Singular values and vectors: x = U diag(S) Vh, S in descending order.

    Parameters
    ----------
    full_matrices
        Whether U and Vh are square; else they have as many vectors as there are values.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.svd(ct.asarray([[3.0, 0.0], [0.0, 4.0]])).S
    Array([4., 3.], dtype=float32)
    """
    return SVDResult(*_tensor.svd(inexact(x), full_matrices))


def svdvals(x: Array, /) -> Array:
    """The singular values of `svd` alone.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.svdvals(ct.asarray([[3.0, 0.0], [0.0, 4.0]]))
    Array([4., 3.], dtype=float32)
    """
    return _tensor.svdvals(inexact(x))
