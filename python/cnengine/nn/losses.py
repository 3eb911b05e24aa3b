"""What losses share: how many losses become one."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError

Array = ct.Array


def reduced(losses: Array, reduction: str, what: str, weight: Any = None) -> Array:
    """The losses ("none"), their sum ("sum"), or their mean ("mean").

    With weights, which are broadcast to them, each is multiplied first.
    """
    if weight is not None:
        losses = losses * weight
    if reduction == "mean":
        return ct.mean(losses)
    if reduction == "sum":
        return ct.sum(losses)
    if reduction != "none":
        raise ArgumentError(
            f'{what}: expected the reduction "mean", "sum" or "none", got {reduction!r}'
        )
    return losses


def check_same(prediction: Array, target: Array, what: str) -> None:
    """Raises ShapeError unless both have one shape: broadcasting hides mistakes here."""
    if tuple(prediction.shape) != tuple(target.shape):
        raise ShapeError(
            f"{what}: expected a target of the shape {prediction.shape}, got {target.shape}"
        )


def is_float(x: Array) -> bool:
    """Whether an array is of real floats."""
    return x.dtype.name in ("float16", "bfloat16", "float32", "float64")
