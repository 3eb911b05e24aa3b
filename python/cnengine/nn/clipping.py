"""Derivatives that are kept from being too large."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.tensor.reduction import root_of

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value", "global_norm"]

Array = ct.Array


def _wide(x: Array) -> Array:
    return ct.astype(x, ct.float32) if x.dtype.itemsize < 4 else x


def _check(bound: float, what: str) -> None:
    if isinstance(bound, (int, float)) and bound <= 0:
        raise ArgumentError(f"{what}: expected a positive bound, got {bound}")


def global_norm(tree: Any) -> Array:
    """The square root of the sum of squares of all elements of a tree; its derivative at 0 is 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.global_norm({"a": ct.asarray([3.0]), "b": ct.asarray([4.0])}))
    5.0
    """
    total: Any = 0.0
    for leaf in ct.tree_leaves(tree):
        wide = _wide(leaf)
        total = total + ct.sum(wide * wide)
    return root_of(ct.asarray(total))


def _scaled(tree: Any, scale: Array) -> Any:
    return ct.tree_map(lambda x: x * ct.astype(scale, x.dtype, copy=False), tree)


def clip_by_global_norm(tree: Any, max_norm: float, *, eps: float = 1e-6) -> tuple[Any, Array]:
    """The tree scaled down to the norm `max_norm` where it has a larger one, and the norm it had.

    Scales by max_norm / (norm + eps), as torch does it. Not finite norms give what they give.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> grads, norm = nn.clip_by_global_norm([ct.asarray([3.0, 4.0])], 1.0)
    >>> float(norm), round(float(nn.global_norm(grads)), 4)
    (5.0, 1.0)
    """
    _check(max_norm, "clip_by_global_norm")
    norm = global_norm(tree)
    return _scaled(tree, ct.minimum(max_norm / (norm + eps), 1.0)), norm


def clip_by_norm(tree: Any, max_norm: float, *, eps: float = 1e-6) -> Any:
    """Each array of a tree scaled down to the norm `max_norm` where it has a larger one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.clip_by_norm([ct.asarray([0.5])], 1.0)
    [Array([0.5], dtype=float32)]
    """
    _check(max_norm, "clip_by_norm")
    return ct.tree_map(lambda x: clip_by_global_norm([x], max_norm, eps=eps)[0][0], tree)


def clip_by_value(tree: Any, bound: float) -> Any:
    """Each element brought within -bound to bound.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.clip_by_value([ct.asarray([0.5, -3.0])], 1.0)
    [Array([ 0.5, -1. ], dtype=float32)]
    """
    _check(bound, "clip_by_value")
    return ct.tree_map(lambda x: ct.minimum(ct.maximum(x, -bound), bound), tree)
