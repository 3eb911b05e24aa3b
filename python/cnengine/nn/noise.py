"""Layers beside dropout that draw while training: other values in place of some, noise, slopes."""

from __future__ import annotations

import math
from typing import ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.activations import leaky_relu
from cnengine.nn.dropout import Drawing
from cnengine.nn.seed import next_key
from cnengine.tensor import random

__all__ = ["AlphaDropout", "FeatureAlphaDropout", "GaussianDropout", "GaussianNoise", "RReLU"]

Array = ct.Array
# -scale * alpha of selu: what it comes to far below 0.
_ALPHA = -1.7580993408473766


def alpha_dropout(x: Array, p: float, key: Array, shape: tuple[int, ...] | None = None) -> Array:
    """`AlphaDropout` of x with a key; one draw for each place of `shape`."""
    keep = random.bernoulli(key, 1.0 - p, shape or x.shape)
    a = 1.0 / math.sqrt((_ALPHA * _ALPHA * p + 1.0) * (1.0 - p))
    return ct.where(keep, x, _ALPHA) * a - _ALPHA * a * p


class _Share(Drawing):
    def __init__(self, p: float = 0.5, *, key: Array | None = None) -> None:
        if not 0.0 <= p < 1.0:
            raise ArgumentError(f"{type(self).__name__}: expected 0 <= p < 1, got {p}")
        self.p = p
        self.key = next_key() if key is None else key


class AlphaDropout(_Share):
    """Dropout behind `selu`: to what that is far below 0, so that mean and variance stay.

    Klambauer et al. 2017, arXiv:1706.02515.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> y = nn.AlphaDropout(0.5)(ct.random.normal(ct.random.key(0), (100_000,)))
    >>> bool(abs(ct.mean(y)) < 0.02), bool(abs(ct.std(y) - 1.0) < 0.02)
    (True, True)
    """

    #: How many axes in front are drawn for; None: all.
    drawn: ClassVar[int | None] = None

    def forward(self, x: Array) -> Array:
        """The result has the shape of x."""
        if not self.training or self.p == 0.0:
            return x
        drawn = x.ndim if self.drawn is None else self.drawn
        shape = (*x.shape[:drawn], *(1,) * (x.ndim - drawn))
        return alpha_dropout(x, self.p, self._draw(), shape)


class FeatureAlphaDropout(AlphaDropout):
    """`AlphaDropout` of whole channels of (batch, channels, ...).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> y = nn.FeatureAlphaDropout(0.5)(ct.ones((2, 3, 4)))
    >>> bool(ct.all(y == y[:, :, :1]))
    True
    """

    drawn: ClassVar = 2


class GaussianDropout(_Share):
    """While training x times normal numbers of mean 1 and variance p / (1 - p), as in Keras.

    Srivastava et al. 2014.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> y = nn.GaussianDropout(0.2)(ct.ones(100_000))
    >>> bool(abs(ct.mean(y) - 1.0) < 0.01), bool(abs(ct.std(y) - 0.5) < 0.01)
    (True, True)
    """

    def forward(self, x: Array) -> Array:
        """The result has the shape of x."""
        if not self.training or self.p == 0.0:
            return x
        noise = random.normal(self._draw(), x.shape, dtype=x.dtype)
        return x * (1.0 + noise * math.sqrt(self.p / (1.0 - self.p)))


class GaussianNoise(Drawing):
    """While training x plus normal numbers of a standard deviation.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> bool(abs(ct.std(nn.GaussianNoise(0.5)(ct.zeros(100_000))) - 0.5) < 0.01)
    True
    """

    def __init__(self, std: float, *, key: Array | None = None) -> None:
        if not 0.0 <= std < math.inf:
            raise ArgumentError(f"GaussianNoise: expected a deviation of at least 0, got {std}")
        self.std = std
        self.key = next_key() if key is None else key

    def forward(self, x: Array) -> Array:
        """The result has the shape of x."""
        if not self.training or self.std == 0.0:
            return x
        return x + random.normal(self._draw(), x.shape, dtype=x.dtype) * self.std


class RReLU(Drawing):
    """`leaky_relu` with slopes drawn between two bounds while training, else their mean.

    Xu et al. 2015, arXiv:1505.00853.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.RReLU(0.1, 0.3).eval()(ct.asarray([-1.0, 2.0]))
    Array([-0.2,  2. ], dtype=float32)
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, *, key: Array | None = None
    ) -> None:
        if not lower <= upper:
            raise ArgumentError(f"RReLU: expected lower <= upper, got {lower} and {upper}")
        self.lower, self.upper = lower, upper
        self.key = next_key() if key is None else key

    def forward(self, x: Array) -> Array:
        """The result has the shape of x."""
        if not self.training:
            return leaky_relu(x, (self.lower + self.upper) / 2)
        share = random.uniform(self._draw(), x.shape, dtype=x.dtype)
        return ct.where(x >= 0, x, x * (share * (self.upper - self.lower) + self.lower))
