"""Layers that leave out at random while training."""

from __future__ import annotations

import warnings
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.module import Module
from cnengine.nn.seed import keys_of, next_key
from cnengine.tensor import random
from cnengine.tensor.compile import is_compiling

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d"]

Array = ct.Array


def dropout(x: Array, p: float, key: Array, shape: tuple[int, ...] | None = None) -> Array:
    """x / (1 - p), or 0 with the probability p; one draw for each place of `shape`."""
    keep = random.bernoulli(key, 1.0 - p, shape or x.shape)
    return ct.where(keep, x * (1.0 / (1.0 - p)), 0.0)


class Drawing(Module):
    """What layers that draw while training share: a key, state that splits in every call."""

    state_names: ClassVar = ("key",)
    volatile_names: ClassVar = ("key",)

    def _draw(self) -> Array:
        """A key for this call."""
        if is_compiling() and getattr(self.key, "_trace", None) is None:
            warnings.warn(
                f"{type(self).__name__}: a program that `jit` makes holds its key as a constant, "
                "every call of it draws the same; give the module as an argument, return it",
                RuntimeWarning,
                stacklevel=4,
            )
        self.key, key = keys_of(self.key, 2)
        return key


class Dropout(Drawing):
    """While training 0 with the probability p, else x / (1 - p); x itself otherwise.

    Its key is state: every call in training splits it. Srivastava et al. 2014.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> y = nn.Dropout(0.5)(ct.ones((1000,)))
    >>> sorted({float(y[i]) for i in range(1000)})
    [0.0, 2.0]
    """

    #: How many axes in front are drawn for; None: all.
    drawn: ClassVar[int | None] = None

    def __init__(self, p: float = 0.5, *, key: Array | None = None) -> None:
        if not 0.0 <= p < 1.0:
            raise ArgumentError(f"{type(self).__name__}: expected 0 <= p < 1, got {p}")
        self.p = p
        self.key = next_key() if key is None else key

    def forward(self, x: Array) -> Array:
        """The result has the shape of x."""
        if not self.training or self.p == 0.0:
            return x
        drawn = x.ndim if self.drawn is None else self.drawn
        return dropout(x, self.p, self._draw(), (*x.shape[:drawn], *(1,) * (x.ndim - drawn)))


class Dropout1d(Dropout):
    """`Dropout` of whole channels of (batch, channels, length).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> y = nn.Dropout1d(0.5)(ct.ones((2, 3, 4)))
    >>> bool(ct.all(y == y[:, :, :1]))
    True
    """

    drawn: ClassVar = 2


class Dropout2d(Dropout):
    """`Dropout` of whole channels of (batch, channels, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Dropout2d(0.5)(ct.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    drawn: ClassVar = 2


class Dropout3d(Dropout):
    """`Dropout` of whole channels of (batch, channels, depth, height, width).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Dropout3d(0.5)(ct.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    drawn: ClassVar = 2
