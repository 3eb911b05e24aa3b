"""Functions that take small numbers to 0, and layers of functions that need no more options."""

from __future__ import annotations

import cnengine.tensor as ct
from cnengine.errors import ShapeError
from cnengine.nn.activations import _layer, softmax, softmin, tanhshrink, threshold
from cnengine.nn.module import Module
from cnengine.tensor.composite import composite

__all__ = ["Hardshrink", "Softmax2d", "Softmin", "Softshrink", "Tanhshrink", "Threshold",
           "hard_shrink", "soft_shrink"]  # fmt: skip

Array = ct.Array


@composite
def hard_shrink(x: Array, lambd: float = 0.5) -> Array:
    """x, or 0 where |x| <= `lambd`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.hard_shrink(ct.asarray([-1.0, 0.5, 2.0]))
    Array([-1.,  0.,  2.], dtype=float32)
    """
    return ct.where((x >= -lambd) & (x <= lambd), 0.0, x)


@composite
def soft_shrink(x: Array, lambd: float = 0.5) -> Array:
    """x brought nearer to 0 by `lambd`, or 0 where |x| <= `lambd`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.soft_shrink(ct.asarray([-1.0, 0.5, 2.0]))
    Array([-0.5,  0. ,  1.5], dtype=float32)
    """
    return ct.where(x > lambd, x - lambd, ct.where(x < -lambd, x + lambd, x * 0.0))


Hardshrink = _layer("Hardshrink", hard_shrink, lambd=0.5)
Softshrink = _layer("Softshrink", soft_shrink, lambd=0.5)
Softmin = _layer("Softmin", softmin, axis=-1)
Tanhshrink = _layer("Tanhshrink", tanhshrink)
Threshold = _layer("Threshold", threshold, threshold=0.0, value=0.0)


class Softmax2d(Module):
    """`softmax` over the channels of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.Softmax2d()(ct.ones((1, 4, 2, 2)))[0, 0, 0, 0])
    0.25
    """

    def forward(self, x: Array) -> Array:
        """x is (batch, channels, height, width) or without the batch. Raises ShapeError."""
        if x.ndim not in (3, 4):
            raise ShapeError(f"Softmax2d: expected (batch, channels, height, width), got {x.shape}")
        return softmax(x, axis=-3)
