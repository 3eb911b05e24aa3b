"""Steps of matrices whose singular values are made equal."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.adam import AdamW
from cnengine.nn.optimizer import Optimizer, Schedule

__all__ = ["Muon"]

Array = ct.Array


class Muon(Optimizer):
    """p -= rate' * O(m): the momentum of a matrix with all singular values near 1; p *= 1 - rate *
    weight_decay before.

    O is `ns_steps` turns of Newton and Schulz's iteration, in float32 (torch: bfloat16). Arrays
    that are no matrices step by `AdamW` with the rate times `other_ratio`. Jordan et al. 2024,
    https://kellerjordan.github.io/posts/muon; as torch.optim.Muon computes it.

    Parameters
    ----------
    adjust
        ``"original"``: rate' = rate * sqrt(max(1, rows / columns)); ``"match_rms_adamw"``: rate *
        0.2 sqrt(max(rows, columns)), so that rates of AdamW fit.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Muon(0.1, weight_decay=0.0)
    >>> params = {"w": ct.zeros((2, 2))}
    >>> after, _ = optimizer.update({"w": 9.0 * ct.eye(2)}, optimizer.init(params), params)
    >>> bool(ct.all(ct.abs(after["w"] + 0.1 * ct.eye(2)) < 0.04))
    True
    """

    slots: ClassVar = ("momentum", "mean", "square")

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        momentum: float = 0.95,
        *,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        ns_steps: int = 5,
        eps: float = 1e-7,
        adjust: str = "original",
        other_ratio: float = 1.0,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.1,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, **options)
        if adjust not in ("original", "match_rms_adamw"):
            raise ArgumentError(
                f'Muon: expected the adjustment "original" or "match_rms_adamw", got {adjust!r}'
            )
        self.momentum, self.nesterov = momentum, nesterov
        self.ns_coefficients, self.ns_steps, self.eps = ns_coefficients, ns_steps, eps
        self.adjust, self.other_ratio = adjust, other_ratio
        self.others = AdamW(learning_rate, betas)

    def _slots_of(self, p: Array) -> dict[str, Array]:
        zeros = super()._slots_of(p)
        unused = ("mean", "square") if p.ndim == 2 else ("momentum",)
        return {
            name: ct.zeros((0,), dtype=value.dtype) if name in unused else value
            for name, value in zeros.items()
        }

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        out = self.others._shared(state)
        return {**out, "first": out["first"] * self.other_ratio}

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        if p.ndim != 2:
            rates = {**shared, "rate": shared["rate"] * self.other_ratio}
            p, kept = self.others._apply(p, g, slots[1:], rates, decay)
            return p, [slots[0], *kept]
        m = slots[0] + (g - slots[0]) * (1.0 - self.momentum)
        step = self._made_orthogonal(g + (m - g) * self.momentum if self.nesterov else m)
        rows, columns = p.shape
        ratio = math.sqrt(max(1.0, rows / max(columns, 1)))
        if self.adjust == "match_rms_adamw":
            ratio = 0.2 * math.sqrt(max(rows, columns))
        if decay:
            p = p * (1.0 - shared["rate"] * decay)
        return p - step * (shared["rate"] * ratio), [m, *slots[1:]]

    def _made_orthogonal(self, x: Array) -> Array:
        a, b, c = self.ns_coefficients
        is_tall = x.shape[0] > x.shape[1]
        x = x.T if is_tall else x
        x = x / ct.maximum(ct.sqrt(ct.sum(x * x)), self.eps)
        for _ in range(self.ns_steps):
            square = x @ x.T
            x = x * a + (square * b + square @ square * c) @ x
        return x.T if is_tall else x
