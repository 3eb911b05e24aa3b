"""Steps by mean and spread of derivatives: Adam and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.optimizer import Optimizer, Schedule, decayed, moments

__all__ = ["Adam", "AdamW", "Adamax", "NAdam"]

Array = ct.Array


class Adam(Optimizer):
    """p -= rate * m / (sqrt(v) + eps), m and v running means of g and g^2 without their bias.

    `weight_decay` * p is added to g before (AdamW differs). `amsgrad` divides by the largest v so
    far. Kingma and Ba 2015, arXiv:1412.6980; eps is outside the root, as in torch.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Adam(0.1)
    >>> params = {"w": ct.asarray([1.0])}
    >>> optimizer.update({"w": ct.asarray([7.0])}, optimizer.init(params), params)[0]["w"]
    Array([0.9], dtype=float32)
    """

    slots: ClassVar = ("mean", "square")
    #: Whether the decay is apart from the derivatives.
    is_decoupled: ClassVar[bool] = False

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        if not all(0.0 <= beta < 1.0 for beta in betas):
            raise ArgumentError(f"{type(self).__name__}: expected 0 <= beta < 1, got {betas}")
        self.betas, self.eps, self.amsgrad = betas, eps, amsgrad
        if amsgrad:
            self.slots = ("mean", "square", "largest")

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        out = super()._shared(state)
        first, second = self.betas
        # The bias of both means as one factor each, computed once for all parameters.
        out["first"] = out["rate"] / (1.0 - first ** out["count"])
        out["second"] = ct.rsqrt(1.0 - second ** out["count"])
        return out

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        p, g = decayed(p, g, shared, decay, self.is_decoupled)
        m, v = moments(slots, g, self.betas)
        kept = [m, v]
        spread = v
        if self.amsgrad:
            spread = ct.maximum(slots[2], v)
            kept.append(spread)
        scale = ct.sqrt(spread) * shared["second"] + self.eps
        return p - m / scale * shared["first"], kept


class AdamW(Adam):
    """`Adam`, with p *= 1 - rate * weight_decay apart from the derivatives.

    Loshchilov and Hutter 2019, arXiv:1711.05101.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.AdamW(1e-3).weight_decay
    0.01
    """

    is_decoupled: ClassVar = True

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.01,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, betas, eps, weight_decay=weight_decay, **options)


class NAdam(Adam):
    """`Adam` with Nesterov's momentum, whose strength grows by `momentum_decay`.

    With `decoupled_weight_decay` p *= 1 - rate * weight_decay, as in AdamW. Dozat 2016, as torch
    computes it.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.NAdam().betas
    (0.9, 0.999)
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, betas, eps, **options)
        self.momentum_decay = momentum_decay
        self.decoupled_weight_decay = decoupled_weight_decay

    numbers: ClassVar = ("product",)

    def init(self, params: Any) -> dict[str, Any]:
        """As `Optimizer.init`; ``"product"`` is that of all strengths so far."""
        return {**super().init(params), "product": ct.ones((), dtype=ct.float64)}

    def update(self, grads: Any, state: dict[str, Any], params: Any) -> tuple[Any, dict[str, Any]]:
        """As `Optimizer.update`."""
        params, out = super().update(grads, state, params)
        return params, {**out, "product": self._shared(state)["product"]}

    def _strength(self, count: Array) -> Array:
        return (1.0 - 0.96 ** (count * self.momentum_decay) * 0.5) * self.betas[0]

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        out = super()._shared(state)
        now, later = self._strength(out["count"]), self._strength(out["count"] + 1.0)
        out["product"] = state["product"] * now
        out["of_g"] = out["rate"] * (1.0 - now) / (1.0 - out["product"])
        out["of_m"] = out["rate"] * later / (1.0 - out["product"] * later)
        return out

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        p, g = decayed(p, g, shared, decay, self.decoupled_weight_decay)
        m, v = moments(slots, g, self.betas)
        scale = ct.sqrt(v) * shared["second"] + self.eps
        return p - (g * shared["of_g"] + m * shared["of_m"]) / scale, [m, v]


class Adamax(Adam):
    """`Adam` that divides by a running maximum of |g| instead of the root of a mean.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.Adamax().eps
    1e-08
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, betas, eps, **options)

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        first, second = self.betas
        if decay:
            g = g + p * decay
        m = slots[0] + (g - slots[0]) * (1.0 - first)
        u = ct.maximum(slots[1] * second, ct.abs(g) + self.eps)
        return p - m / u * shared["first"], [m, u]
