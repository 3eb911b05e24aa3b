"""Lengths of vectors and distances between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ShapeError
from cnengine.nn.losses import check_same, reduced
from cnengine.nn.module import Module
from cnengine.nn.regression_loss import cosine_similarity

__all__ = ["CosineSimilarity", "PairwiseDistance", "normalize", "pairwise_distance", "pdist",
           "triplet_margin_with_distance_loss"]  # fmt: skip

Array = ct.Array


def normalize(x: Array, p: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Array:
    """x over its p-norm along an axis, which is at least eps.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.normalize(ct.asarray([[3.0, 4.0]]))
    Array([[0.6, 0.8]], dtype=float32)
    """
    return x / ct.maximum(ct.linalg.vector_norm(x, axis=axis, keepdims=True, ord=p), eps)


def pairwise_distance(
    x1: Array, x2: Array, p: float = 2.0, eps: float = 1e-6, keepdims: bool = False
) -> Array:
    """The p-norm of x1 - x2 + eps along the last axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.pairwise_distance(ct.asarray([[3.0, 4.0]]), ct.zeros((1, 2)), eps=0.0)
    Array([5.], dtype=float32)
    """
    return ct.linalg.vector_norm(x1 - x2 + eps, axis=-1, keepdims=keepdims, ord=p)


def pdist(x: Array, p: float = 2.0) -> Array:
    """The p-norms of differences of all pairs of rows i < j, row by row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.pdist(ct.asarray([[0.0], [1.0], [3.0]]))
    Array([1., 3., 2.], dtype=float32)
    """
    if x.ndim != 2:
        raise ShapeError(f"pdist: expected (rows, features), got {x.shape}")
    first, second = (ct.asarray(each) for each in np.triu_indices(x.shape[0], 1))
    difference = ct.take(x, first, axis=0) - ct.take(x, second, axis=0)
    return ct.linalg.vector_norm(difference, axis=-1, ord=p)


def triplet_margin_with_distance_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    distance_function: Callable[[Array, Array], Array] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Array:
    """`triplet_margin_loss` by another distance; None: `pairwise_distance`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> a = ct.zeros((1, 2))
    >>> l1 = lambda x, y: ct.sum(ct.abs(x - y), axis=-1)
    >>> loss = nn.triplet_margin_with_distance_loss(a, a, a + 1.0, distance_function=l1, margin=3.0)
    >>> float(loss)
    1.0
    """
    for each in (positive, negative):
        check_same(anchor, each, "triplet_margin_with_distance_loss")
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ct.minimum(far, distance(positive, negative))
    losses = near - far + margin
    losses = ct.where(losses > 0, losses, 0.0)
    return reduced(losses, reduction, "triplet_margin_with_distance_loss")


class CosineSimilarity(Module):
    """`cosine_similarity` as a layer.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.CosineSimilarity()(ct.asarray([[3.0, 4.0]]), ct.asarray([[6.0, 8.0]]))
    Array([1.], dtype=float32)
    """

    def __init__(self, axis: int = 1, eps: float = 1e-8) -> None:
        self.axis, self.eps = axis, eps

    def forward(self, x1: Array, x2: Array) -> Array:
        """Without the axis."""
        return cosine_similarity(x1, x2, self.axis, self.eps)


class PairwiseDistance(Module):
    """`pairwise_distance` as a layer.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.PairwiseDistance(p=1.0, eps=0.0)(ct.asarray([[3.0, 4.0]]), ct.zeros((1, 2)))
    Array([7.], dtype=float32)
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdims: bool = False) -> None:
        self.p, self.eps, self.keepdims = p, eps, keepdims

    def forward(self, x1: Array, x2: Array) -> Array:
        """Without the last axis."""
        return pairwise_distance(x1, x2, self.p, self.eps, self.keepdims)
