"""Labels that a loss cannot take: they are told of, not trained on."""

from __future__ import annotations

import math
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.leaf import is_floating

Array = ct.Array
_OF_CLASSES = "cross_entropy"
_OF_PROBABILITIES = "binary_cross_entropy"
_OF_TRUTH = (_OF_PROBABILITIES, "binary_cross_entropy_with_logits")
_IGNORED = -100  # as `cross_entropy` has it


class LabelRange:
    """The smallest and the largest label so far, where a loss has bounds; a part of the step.

    Of a loss of probabilities the smallest and the largest prediction, too. `loss` is a loss's name
    or the function itself; losses that are not known have no bounds. The state is an array of four,
    on which nothing waits until `check`.
    """

    def __init__(self, loss: Any) -> None:
        options = getattr(loss, "keywords", {})  # of a functools.partial
        function = getattr(loss, "func", loss)
        self.name = loss if isinstance(loss, str) else getattr(function, "__name__", "")
        self._axis = -1 if isinstance(loss, str) else options.get("axis", 1)
        self._is_told = "axis" in options
        self._bounds: tuple[int, int] | None = None

    def init(self) -> Array:
        """The state before the first batch."""
        return ct.asarray([math.inf, -math.inf] * 2)

    def target(self, y: Any, prediction: Any) -> Any:
        """Labels of classes (batch, 1) as (batch,), others than int32 as int64.

        Raises ArgumentError for labels as floats, and where the axis of the classes can be two.
        """
        if self.name != _OF_CLASSES or not isinstance(y, ct.Array) or prediction.ndim < 2:
            return y
        shape = tuple(prediction.shape)
        if not is_floating(y) and y.dtype.name not in ("int32", "int64"):
            y = ct.astype(y, ct.int64)  # numbers of classes and -100 may be beyond its type
        if y.ndim == len(shape) and y.shape[-1] == 1 and shape[-1] > 1 and not is_floating(y):
            return y[..., 0]
        last, second = shape[:-1], (shape[0], *shape[2:])
        if tuple(y.shape) == last == second and len(shape) > 2 and not self._is_told:
            raise ArgumentError(
                f"cross_entropy: predictions {shape} have classes in the last axis by the loss's "
                "name and in axis 1 by `nn.cross_entropy`; say which by "
                "`functools.partial(nn.cross_entropy, axis=...)`"
            )
        if is_floating(y) and tuple(y.shape) != shape:
            raise ArgumentError(
                f"cross_entropy: expected labels as whole numbers, or a share of each class of the "
                f"shape {shape}; got {y.dtype.name} of the shape {tuple(y.shape)}"
            )
        return y

    def update(self, state: Array, y: Any, prediction: Any) -> Array:
        """The state after one more batch."""
        if not isinstance(y, ct.Array) or not isinstance(prediction, ct.Array) or y.size == 0:
            return state
        if self.name == _OF_CLASSES and not is_floating(y):
            axis = self._axis if prediction.ndim > 1 else 0
            self._bounds = (0, prediction.shape[axis] - 1)
            y = ct.astype(y, ct.int64, copy=False)
            y = ct.where(y == _IGNORED, 0, y)
        elif self.name in _OF_TRUTH:
            self._bounds = (0, 1)
        else:
            return state
        y = ct.astype(y, ct.float32, copy=False)
        low, high = ct.minimum(state[0], ct.min(y)), ct.maximum(state[1], ct.max(y))
        if self.name != _OF_PROBABILITIES or prediction.size == 0:
            return ct.stack([low, high, state[2], state[3]])
        p = ct.astype(prediction, ct.float32, copy=False)
        return ct.stack(
            [low, high, ct.minimum(state[2], ct.min(p)), ct.maximum(state[3], ct.max(p))]
        )

    def check(self, state: Array) -> None:
        """Raises ArgumentError when a label, or a probability, was beyond the bounds."""
        if self._bounds is None:
            return
        low, high, least, most = (float(state[at]) for at in range(4))
        if self.name == _OF_PROBABILITIES and (least < 0.0 or most > 1.0):
            raise ArgumentError(
                f"{self.name}: expected predictions from 0 to 1, got predictions from {least:g} to "
                f"{most:g}; of logits take binary_cross_entropy_with_logits"
            )
        if low < self._bounds[0] or high > self._bounds[1]:
            raise ArgumentError(
                f"{self.name}: expected labels from {self._bounds[0]} to {self._bounds[1]}, "
                f"got labels from {low:g} to {high:g}"
            )
