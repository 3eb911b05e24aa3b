"""Steps by the size of past derivatives: RMSprop, Adagrad, Adadelta, Adafactor."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.nn.optimizer import Optimizer, Schedule

__all__ = ["Adadelta", "Adafactor", "Adagrad", "RMSprop"]

Array = ct.Array


class RMSprop(Optimizer):
    """p -= rate * g / (sqrt(v) + eps), v a running mean of g^2, as in torch.

    `centered` takes the variance of g instead; `momentum` is that of the quotient. `weight_decay` *
    p is added to g before.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.RMSprop(0.01, momentum=0.9).slots
    ('square', 'momentum')
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        *,
        momentum: float = 0.0,
        centered: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered
        self.slots = (
            "square",
            *(["mean"] if centered else []),
            *(["momentum"] if momentum else []),
        )

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if decay:
            g = g + p * decay
        v = slots[0] * self.alpha + g * g * (1.0 - self.alpha)
        kept, spread = [v], v
        if self.centered:
            mean = slots[1] + (g - slots[1]) * (1.0 - self.alpha)
            kept.append(mean)
            spread = v - mean * mean
        step = g / (ct.sqrt(spread) + self.eps)
        if self.momentum:
            step = slots[-1] * self.momentum + step
            kept.append(step)
        return p - step * shared["rate"], kept


class Adagrad(Optimizer):
    """p -= rate / (1 + (step - 1) lr_decay) * g / (sqrt(sum of g^2) + eps). Duchi et al. 2011.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Adagrad(0.5)
    >>> params = {"w": ct.asarray([1.0])}
    >>> optimizer.update({"w": ct.asarray([7.0])}, optimizer.init(params), params)[0]["w"]
    Array([0.5], dtype=float32)
    """

    slots: ClassVar = ("sum",)

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-2,
        *,
        lr_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.lr_decay, self.eps = lr_decay, eps
        self.initial_accumulator_value = initial_accumulator_value

    def _slots_of(self, p: Array) -> dict[str, Array]:
        return {"sum": super()._slots_of(p)["sum"] + self.initial_accumulator_value}

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if decay:
            g = g + p * decay
        total = slots[0] + g * g
        rate = shared["rate"]
        if self.lr_decay:
            rate = rate / ((shared["count"] - 1.0) * self.lr_decay + 1.0)
        return p - g / (ct.sqrt(total) + self.eps) * rate, [total]


class Adadelta(Optimizer):
    """Steps of the size of past steps: d = sqrt(u + eps) / sqrt(v + eps) * g; p -= rate * d.

    v and u are running means of g^2 and d^2. Zeiler 2012, arXiv:1212.5701.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.Adadelta().rho
    0.9
    """

    slots: ClassVar = ("square", "step_square")

    def __init__(
        self,
        learning_rate: float | Schedule = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.eps = rho, eps

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if decay:
            g = g + p * decay
        v = slots[0] * self.rho + g * g * (1.0 - self.rho)
        d = ct.sqrt(slots[1] + self.eps) / ct.sqrt(v + self.eps) * g
        return p - d * shared["rate"], [v, slots[1] * self.rho + d * d * (1.0 - self.rho)]


class Adafactor(Optimizer):
    """Steps by g^2 of which only means of rows and columns are kept, as torch computes them.

    With t the step, the share of the new g^2 is t^beta2_decay; the rate is min(rate, 1 / sqrt(t))
    times the root mean square of p, at least `eps[1]`; a step's root mean square is at most `d`.
    p *= 1 - rate * weight_decay. Shazeer and Stern 2018, arXiv:1804.04235.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> state = nn.Adafactor().init({"w": ct.ones((30, 20))})
    >>> state["rows"]["w"].shape, state["columns"]["w"].shape, state["square"]["w"].shape
    ((30, 1), (1, 20), (0,))
    """

    slots: ClassVar = ("rows", "columns", "square")

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-2,
        *,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta2_decay, self.eps, self.d = beta2_decay, eps, d

    def _slots_of(self, p: Array) -> dict[str, Array]:
        dtype = ct.float32 if p.dtype.itemsize < 4 else p.dtype
        nothing = ct.zeros((0,), dtype=dtype)
        if p.ndim < 2:
            whole = ct.zeros(p.shape, dtype=dtype)
            return {"rows": nothing, "columns": nothing, "square": whole}
        return {
            "rows": ct.zeros((*p.shape[:-1], 1), dtype=dtype),
            "columns": ct.zeros((*p.shape[:-2], 1, p.shape[-1]), dtype=dtype),
            "square": nothing,
        }

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        share = shared["count"] ** self.beta2_decay
        least = (
            (2.0**-52 if p.dtype.itemsize > 4 else 2.0**-23) if self.eps[0] is None else self.eps[0]
        )
        size = max(p.size, 1)
        root = ct.sqrt(ct.sum(p * p) / size)
        alpha = ct.maximum(root, self.eps[1]) * ct.minimum(
            shared["rate"], ct.rsqrt(shared["count"])
        )
        if decay:
            p = p * (1.0 - shared["rate"] * decay)
        square = g * g
        if p.ndim < 2:
            v = slots[2] + (square - slots[2]) * share
            kept = [slots[0], slots[1], v]
        else:
            rows = slots[0] + (ct.mean(square, axis=-1, keepdims=True) - slots[0]) * share
            columns = slots[1] + (ct.mean(square, axis=-2, keepdims=True) - slots[1]) * share
            v = rows * columns / ct.maximum(ct.mean(rows, axis=-2, keepdims=True), least)
            kept = [rows, columns, slots[2]]
        step = ct.rsqrt(ct.maximum(v, least * least)) * g
        norm = ct.sqrt(ct.sum(step * step)) / (math.sqrt(size) * self.d)
        return p - step * (alpha / ct.maximum(norm, 1.0)), kept
