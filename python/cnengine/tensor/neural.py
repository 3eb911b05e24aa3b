"""What neural networks compute again and again, in one go over memory."""

from __future__ import annotations

from cnengine._core import tensor as _tensor
from cnengine.tensor.array import Array

__all__ = ["softmax_cross_entropy"]


def softmax_cross_entropy(logits: Array, labels: Array, /) -> Array:
    """-log softmax(logits)[label] over the last axis, which is read once.

    Parameters
    ----------
    logits
        Floats (..., classes).
    labels
        Whole numbers (...). One that is no class has the loss 0, and no derivative.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.softmax_cross_entropy(ct.asarray([[0.0, 0.0], [99.0, 0.0]]), ct.asarray([1, 0]))
    Array([0.6931472, 0.       ], dtype=float32)
    """
    return _tensor.softmax_cross_entropy(logits, labels)[0]
