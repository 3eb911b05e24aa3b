"""Layers that multiply by a matrix."""

from __future__ import annotations

import math

import cnengine.tensor as ct
from cnengine.errors import ShapeError, TypeError  # noqa: A004
from cnengine.nn.initializers import Initializer, fan_in_uniform
from cnengine.nn.leaf import is_floating
from cnengine.nn.module import Module
from cnengine.nn.seed import keys_of

__all__ = ["Bilinear", "Identity", "Linear"]

Array = ct.Array


class Linear(Module):
    """y = x W^T + b over the last axis of x.

    Parameters
    ----------
    in_features, out_features
        The last extents of x and y. The weight has the shape (out_features, in_features).
    bias
        Whether b is added.
    weight_init, bias_init
        See `cnengine.nn.init`; None: uniform within 1 / sqrt(in_features), as torch does it.
    key
        Of the random values; None: the next of `manual_seed`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Linear(3, 2)(ct.ones((4, 3))).shape
    (4, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        first, second = keys_of(key, 2)
        default = fan_in_uniform(in_features)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = (weight_init or default)(first, (out_features, in_features), dtype)
        self.bias = (bias_init or default)(second, (out_features,), dtype) if bias else None

    def forward(self, x: Array) -> Array:
        """x is (..., in_features), the result (..., out_features)."""
        return linear(x, self.weight, self.bias)


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x W^T + b over the last axis of x; W is (outputs, inputs). Raises ShapeError,
    TypeError unless x has floats."""
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ShapeError(f"linear: expected a last extent of {weight.shape[1]}, got {x.shape}")
    if not is_floating(x):
        raise TypeError(f"linear: expected floats, got {x.dtype.name}")
    # One product of matrices, however many axes there are in front.
    rows = x if x.ndim <= 2 else ct.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    out = ct.matmul(rows, ct.permute_dims(weight, (1, 0)))
    if x.ndim > 2:  # before the sum, which then is one pass with what comes after it
        out = ct.reshape(out, (*x.shape[:-1], weight.shape[0]))
    return out if bias is None else out + bias


def bilinear(x1: Array, x2: Array, weight: Array, bias: Array | None = None) -> Array:
    """x1^T W_k x2 + b_k over the last axes; W is (outputs, of x1, of x2). Raises ShapeError."""
    outputs, first, second = weight.shape
    if x1.shape[-1] != first or x2.shape[-1] != second or x1.shape[:-1] != x2.shape[:-1]:
        raise ShapeError(
            f"bilinear: expected (..., {first}) and (..., {second}), got {x1.shape}, {x2.shape}"
        )
    # (rows, outputs * second), then a product with x2 row by row.
    flat = ct.reshape(ct.permute_dims(weight, (1, 0, 2)), (first, outputs * second))
    rows = math.prod(x1.shape[:-1])
    part = ct.matmul(ct.reshape(x1, (rows, first)), flat)
    part = ct.reshape(part, (rows, outputs, second)) * ct.reshape(x2, (rows, 1, second))
    out = ct.reshape(ct.sum(part, axis=-1), (*x1.shape[:-1], outputs))
    return out if bias is None else out + bias


class Bilinear(Module):
    """y_k = x1^T W_k x2 + b_k over the last axes of x1 and x2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Bilinear(3, 4, 2)(ct.ones((5, 3)), ct.ones((5, 4))).shape
    (5, 2)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        first, second = keys_of(key, 2)
        default = fan_in_uniform(in1_features)
        self.weight = default(first, (out_features, in1_features, in2_features), dtype)
        self.bias = default(second, (out_features,), dtype) if bias else None

    def forward(self, x1: Array, x2: Array) -> Array:
        """x1 is (..., in1_features), x2 (..., in2_features), the result (..., out_features)."""
        return bilinear(x1, x2, self.weight, self.bias)


class Identity(Module):
    """x itself.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.Identity()(3)
    3
    """

    def forward(self, x: Array) -> Array:
        """x."""
        return x
