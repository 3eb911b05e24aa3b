"""Steps along the derivatives, with momentum or without."""

from __future__ import annotations

from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.optimizer import Optimizer, Schedule

__all__ = ["SGD", "Lion"]

Array = ct.Array


class SGD(Optimizer):
    """p -= rate * m, with m = momentum * m + (1 - dampening) * g, as in torch.

    `nesterov` steps along g + momentum * m instead. `weight_decay` * p is added to g before.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.SGD(0.1, momentum=0.9)
    >>> params = {"w": ct.asarray([1.0])}
    >>> params, state = optimizer.update({"w": ct.asarray([2.0])}, optimizer.init(params), params)
    >>> params["w"]
    Array([0.8], dtype=float32)
    """

    slots: ClassVar = ("momentum",)

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        *,
        dampening: float = 0.0,
        nesterov: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ArgumentError("SGD: nesterov expects a momentum and no dampening")
        self.momentum, self.dampening, self.nesterov = momentum, dampening, nesterov
        if momentum == 0.0:
            self.slots = ()

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        out = super()._shared(state)
        # The first step takes all of g.
        if self.dampening:
            later = ct.full((), 1.0 - self.dampening, dtype=ct.float64)
            out["share"] = ct.where(state["step"] == 0, 1.0, later)
        return out

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if decay:
            g = g + p * decay
        if not slots:
            return p - g * shared["rate"], []
        m = slots[0] * self.momentum + (g * shared["share"] if self.dampening else g)
        step = g + m * self.momentum if self.nesterov else m
        return p - step * shared["rate"], [m]


class Lion(Optimizer):
    """p -= rate * (sign(beta1 m + (1 - beta1) g) + weight_decay p); m = beta2 m + (1 - beta2) g.

    Chen et al. 2023, arXiv:2302.06675, algorithm 2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Lion(0.5)
    >>> params = {"w": ct.asarray([1.0])}
    >>> optimizer.update({"w": ct.asarray([9.0])}, optimizer.init(params), params)[0]["w"]
    Array([0.5], dtype=float32)
    """

    slots: ClassVar = ("momentum",)

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.betas = betas

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        first, second = self.betas
        m = slots[0]
        step = ct.sign(m * first + g * (1.0 - first))
        if decay:
            step = step + p * decay
        return p - step * shared["rate"], [m * second + g * (1.0 - second)]
