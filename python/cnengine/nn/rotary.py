"""Positions as turns of pairs of features."""

from __future__ import annotations

import math

import cnengine.tensor as ct
from cnengine.errors import ShapeError

__all__ = ["rotate"]

Array = ct.Array


def rotate(
    x: Array, positions: Array | None = None, *, theta: float = 10_000.0, interleaved: bool = False
) -> Array:
    """Turns the pair i of features at position p by the angle p / theta^(2 i / d).

    Parameters
    ----------
    x
        (..., length, d), d even.
    positions
        Whole numbers, broadcast to (..., length); None: 0, 1, ....
    interleaved
        Whether pairs are neighbours (2 i, 2 i + 1), as in GPT-J, or i and i + d / 2, as in Llama.

    Su et al. 2021, arXiv:2104.09864.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.rotate(ct.ones((2, 2)))[0]
    Array([1., 1.], dtype=float32)
    """
    length, d = x.shape[-2:]
    if d % 2:
        raise ShapeError(f"rotate: expected an even number of features, got {x.shape}")
    at = ct.arange(length) if positions is None else positions
    # Angles in float32 whatever x is: positions beyond 256 have no place in bfloat16.
    speed = ct.exp(ct.astype(ct.arange(0, d, 2), ct.float32) * (-math.log(theta) / d))
    angle = ct.expand_dims(ct.astype(at, ct.float32), axis=-1) * speed
    cos, sin = ct.astype(ct.cos(angle), x.dtype), ct.astype(ct.sin(angle), x.dtype)
    if interleaved:
        pairs = ct.reshape(x, (*x.shape[:-1], d // 2, 2))
        a, b = pairs[..., 0], pairs[..., 1]
        return ct.reshape(ct.stack([a * cos - b * sin, a * sin + b * cos], axis=-1), x.shape)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return ct.concat([a * cos - b * sin, a * sin + b * cos], axis=-1)
