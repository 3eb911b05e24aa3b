"""Adam that leaves rows without derivatives alone, and Adam whose steps are as long as weights."""

from __future__ import annotations

from typing import Any

import cnengine.tensor as ct
from cnengine.nn.adam import Adam
from cnengine.nn.optimizer import Schedule, decayed, moments

__all__ = ["Lamb", "SparseAdam"]

Array = ct.Array


def _norm(x: Array) -> Array:
    return ct.sqrt(ct.sum(x * x))


class SparseAdam(Adam):
    """`Adam` of rows (along the first axis) whose derivatives are not all 0; others stay.

    For tables of embeddings, of which a batch reads some rows: the moments of the rest do not fade.
    Derivatives are arrays as all are, so a row that was read and got zeros counts as not read; eps
    is beside the root of v before its bias goes, as torch has it. Without weight decay.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.SparseAdam(0.1)
    >>> params, g = {"w": ct.ones((2, 1))}, {"w": ct.asarray([[0.0], [2.0]])}
    >>> optimizer.update(g, optimizer.init(params), params)[0]["w"]
    Array([[1. ],
           [0.9]], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        global_clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, betas, eps, clip_value=clip_value, clip_norm=clip_norm,
                         global_clip_norm=global_clip_norm)  # fmt: skip

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        axes = tuple(range(1, p.ndim))
        is_read = ct.any(g != 0, axis=axes, keepdims=True) if p.ndim > 1 else g != 0
        m, v = moments(slots, g, self.betas)
        step = m / (ct.sqrt(v) + self.eps) * (shared["first"] / shared["second"])
        new = ct.where(is_read, p - step, p)
        return new, [ct.where(is_read, m, slots[0]), ct.where(is_read, v, slots[1])]


class Lamb(Adam):
    """`AdamW` whose step for each array is as long as rate times the array's norm.

    Of an array or step of norm 0 the step stays. For large batches; You et al. 2020,
    arXiv:1904.00962.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.Lamb(0.1)
    >>> params = {"w": ct.asarray([3.0, 4.0])}
    >>> after = optimizer.update({"w": ct.asarray([7.0, 7.0])}, optimizer.init(params), params)[0]
    >>> round(float(ct.linalg.vector_norm(after["w"] - params["w"])), 4)
    0.5
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        *,
        weight_decay: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, betas, eps, weight_decay=weight_decay, **options)

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        m, v = moments(slots, g, self.betas)
        unbiased = shared["first"] / shared["rate"]
        step = m * unbiased / (ct.sqrt(v) * shared["second"] + self.eps)
        _, step = decayed(p, step, shared, decay)
        length, own = _norm(p), _norm(step)
        fits = (length > 0) & (own > 0)
        ratio = ct.where(fits, length / ct.where(fits, own, 1.0), 1.0)
        return p - step * (ratio * shared["rate"]), [m, v]
