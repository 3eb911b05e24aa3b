"""Adam whose steps are rectified at first, SGD that keeps a mean, and steps by signs alone."""

from __future__ import annotations

from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.optimizer import Optimizer, Schedule, decayed, moments

__all__ = ["ASGD", "RAdam", "Rprop"]

Array = ct.Array


class RAdam(Optimizer):
    """Adam, but while v rests on few steps they are those of momentum; then they are rectified.

    `weight_decay` * p is added to g, or with `decoupled_weight_decay` p *= 1 - rate * decay. Liu et
    al. 2019, arXiv:1908.03265, as torch computes it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.RAdam(0.1)
    >>> params = {"w": ct.asarray([1.0])}
    >>> optimizer.update({"w": ct.asarray([2.0])}, optimizer.init(params), params)[0]["w"]
    Array([0.8], dtype=float32)
    """

    slots: ClassVar = ("mean", "square")

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        decoupled_weight_decay: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        if not all(0.0 <= beta < 1.0 for beta in betas):
            raise ArgumentError(f"RAdam: expected 0 <= beta < 1, got {betas}")
        self.betas, self.eps = betas, eps
        self.decoupled_weight_decay = decoupled_weight_decay

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        out = super()._shared(state)
        (first, second), count = self.betas, out["count"]
        bias = 1.0 - second**count
        most = 2.0 / (1.0 - second) - 1.0
        length = most - 2.0 * count * second**count / bias
        is_long = length > 5.0
        safe = ct.where(is_long, length, 6.0)
        square = (safe - 4.0) * (safe - 2.0) * most / ((most - 4.0) * (most - 2.0) * safe)
        out["first"] = out["rate"] / (1.0 - first**count)
        out["rectified"] = ct.sqrt(square * bias)
        out["is_long"] = ct.astype(is_long, count.dtype)
        return out

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        p, g = decayed(p, g, shared, decay, self.decoupled_weight_decay)
        m, v = moments(slots, g, self.betas)
        scale = shared["rectified"] / (ct.sqrt(v) + self.eps)
        step = ct.where(shared["is_long"] > 0, scale, 1.0)
        return p - m * step * shared["first"], [m, v]


class ASGD(Optimizer):
    """SGD with a rate that falls, beside it the mean of parameters, ``state["average"]``.

    At step t the rate is rate / (1 + lambd * rate * (t - 1))^alpha and p *= 1 - lambd * it before;
    the mean begins after `t0` steps. Polyak and Juditsky 1992, as torch computes it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.ASGD(0.1, lambd=0.0)
    >>> params = {"w": ct.asarray([1.0])}
    >>> optimizer.update({"w": ct.asarray([2.0])}, optimizer.init(params), params)[0]["w"]
    Array([0.8], dtype=float32)
    """

    slots: ClassVar = ("average",)

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-2,
        *,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.lambd, self.alpha, self.t0 = lambd, alpha, t0

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        out = super()._shared(state)
        before = out["count"] - 1.0
        out["eta"] = out["rate"] / (out["rate"] * self.lambd * before + 1.0) ** self.alpha
        out["share"] = 1.0 / ct.maximum(before - self.t0, 1.0)
        return out

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if decay:
            g = g + p * decay
        p = p * (1.0 - shared["eta"] * self.lambd) - g * shared["eta"]
        return p, [slots[0] + (p - slots[0]) * shared["share"]]


class Rprop(Optimizer):
    """p -= sign(g) * s, with steps s of their own that grow while g keeps its sign; whole batches.

    s is multiplied by `etas[1]` or, where the sign changed, by `etas[0]` without a step, within
    `step_sizes`; it begins as the learning rate. Riedmiller and Braun 1993.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Rprop(0.5)
    >>> params = {"w": ct.asarray([1.0])}
    >>> optimizer.update({"w": ct.asarray([9.0])}, optimizer.init(params), params)[0]["w"]
    Array([0.5], dtype=float32)
    """

    slots: ClassVar = ("previous", "step_size")

    def __init__(
        self,
        learning_rate: float = 1e-2,
        *,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        if callable(learning_rate) or not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ArgumentError(
                f"Rprop: expected a rate that is a number and 0 < etas[0] < 1 < etas[1], got "
                f"{learning_rate} and {etas}"
            )
        self.etas, self.step_sizes = etas, step_sizes

    def _slots_of(self, p: Array) -> dict[str, Array]:
        zeros = super()._slots_of(p)
        first = zeros["step_size"] + float(self.learning_rate)  # type: ignore[arg-type]
        return {**zeros, "step_size": first}

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if decay:
            g = g + p * decay
        sign = ct.sign(g * slots[0])
        low, high = self.step_sizes
        shrunk = ct.where(sign < 0, slots[1] * self.etas[0], slots[1])
        size = ct.where(sign > 0, slots[1] * self.etas[1], shrunk)
        size = ct.minimum(ct.maximum(size, low), high)
        g = ct.where(sign < 0, 0.0, g)
        return p - ct.sign(g) * size, [g, size]
