"""Training that computes in float16 or bfloat16 and keeps parameters in float32."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.leaf import is_floating
from cnengine.nn.optimizer import checked_optimizer
from cnengine.nn.parameters import merge, split

__all__ = ["DynamicLossScale", "MixedPrecision", "all_finite"]

Array = ct.Array


def all_finite(tree: Any) -> Array:
    """Whether a tree has no infinity and no NaN.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> bool(nn.all_finite([ct.ones((2,)), ct.asarray(float("nan"))]))
    False
    """
    # What is finite is 0 times itself; a sum tells of all in one pass.
    total: Any = 0.0
    for leaf in ct.tree_leaves(tree):
        total = total + ct.astype(ct.sum(leaf * 0.0), ct.float32, copy=False)
    return ct.asarray(total) == 0.0


class DynamicLossScale:
    """A factor of the loss that keeps small derivatives from becoming 0 in float16.

    It grows by `growth` after `interval` steps whose derivatives were finite, and shrinks by
    `backoff` after one in which they were not. Micikevicius et al. 2018, arXiv:1710.03740.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> scaling = nn.DynamicLossScale(initial=8.0, interval=1)
    >>> float(scaling.update(scaling.init(), ct.asarray(True))["scale"])
    16.0
    """

    def __init__(
        self,
        initial: float = 2.0**15,
        growth: float = 2.0,
        backoff: float = 0.5,
        interval: int = 2000,
    ) -> None:
        if initial <= 0 or growth < 1 or not 0 < backoff <= 1 or interval < 1:
            raise ArgumentError(
                "DynamicLossScale: expected initial > 0, growth >= 1, 0 < backoff <= 1, interval "
                f">= 1, got {initial}, {growth}, {backoff}, {interval}"
            )
        self.initial, self.growth, self.backoff = initial, growth, backoff
        self.interval = interval

    def init(self) -> dict[str, Array]:
        """The scale before the first step."""
        return {"scale": ct.asarray(float(self.initial)), "good": ct.zeros((), dtype=ct.int32)}

    def update(self, state: dict[str, Array], finite: Array) -> dict[str, Array]:
        """The scale after a step whose derivatives were finite or not."""
        good = state["good"] + 1
        is_due = good >= self.interval
        grown = ct.where(is_due, state["scale"] * self.growth, state["scale"])
        # Beyond float32 there is nothing to gain.
        grown = ct.minimum(grown, 2.0**100)
        zero = ct.zeros((), dtype=ct.int32)
        return {
            "scale": ct.where(finite, grown, state["scale"] * self.backoff),
            "good": ct.where(finite, ct.where(is_due, zero, good), zero),
        }


class MixedPrecision:
    """An optimiser for models that compute in `dtype` while parameters stay as they are.

    ``state = init(params)``; ``value_and_grad(f)(state, model, ...)`` runs f on a copy of the model
    whose parameters and arguments are `dtype`, and gives derivatives of the parameters' own type;
    ``params, state = update(grads, state, params)`` leaves all as it is when they are not finite.

    Parameters
    ----------
    optimizer
        What steps.
    dtype
        ``ct.bfloat16`` or ``ct.float16``.
    loss_scale
        None: a `DynamicLossScale` for float16, none for bfloat16, which has float32's range.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer, model = nn.MixedPrecision(nn.SGD(0.1), ct.bfloat16), nn.Linear(2, 1)
    >>> params, rest = nn.split(model)
    >>> state = optimizer.init(params)
    >>> loss = lambda m, x: ct.mean(ct.astype(m(x), ct.float32))
    >>> (value, _), grads = optimizer.value_and_grad(loss)(state, model, ct.ones((4, 2)))
    >>> grads["weight"].dtype
    cnengine.tensor.float32
    """

    def __init__(
        self, optimizer: Any, dtype: ct.DType, loss_scale: DynamicLossScale | None = None
    ) -> None:
        dtype = ct.DType(dtype)
        if dtype.name not in ("float16", "bfloat16"):
            raise ArgumentError(f"MixedPrecision: expected float16 or bfloat16, got {dtype.name}")
        if loss_scale is None and dtype.name == "float16":
            loss_scale = DynamicLossScale()
        self.optimizer = checked_optimizer("MixedPrecision", optimizer)
        self.dtype, self.loss_scale = dtype, loss_scale

    def __repr__(self) -> str:
        return f"MixedPrecision({self.optimizer!r}, {self.dtype.name})"

    def init(self, params: Any) -> dict[str, Any]:
        """The state before the first step."""
        state = {"inner": self.optimizer.init(params)}
        if self.loss_scale is not None:
            state["loss_scale"] = self.loss_scale.init()
        return state

    def cast(self, tree: Any) -> Any:
        """A tree whose floats are `dtype`."""
        return ct.tree_map(
            lambda x: ct.astype(x, self.dtype, copy=False) if is_floating(x) else x, tree
        )

    def value_and_grad(self, f: Callable[..., Any], *, has_aux: bool = False) -> Callable[..., Any]:
        """As `nn.value_and_grad`, called with the optimiser's state before the model.

        f gets the model and its positional arguments in `dtype`; its value should be computed in
        float32 from what the model gives. State of the model keeps its type.
        """

        @functools.wraps(f)
        def wrapped(state: dict[str, Any], model: Any, *args: Any, **kwargs: Any) -> Any:
            params, rest = split(model)
            scale = state["loss_scale"]["scale"] if self.loss_scale is not None else None

            def inner(params: dict[str, Array]) -> Any:
                copy = merge(self.cast(params), rest)
                result = f(copy, *self.cast(args), **kwargs)
                value, aux = result if has_aux else (result, None)
                scaled = value if scale is None else value * ct.astype(scale, value.dtype)
                return scaled, (value, aux, split(copy)[1])

            (_, (value, aux, after)), grads = ct.value_and_grad(inner, has_aux=True)(params)
            if scale is not None:
                grads = ct.tree_map(lambda g: g / ct.astype(scale, g.dtype), grads)
            copy = merge(params, after)
            return ((value, aux, copy) if has_aux else (value, copy)), grads

        return wrapped

    def update(self, grads: Any, state: dict[str, Any], params: Any) -> tuple[Any, dict[str, Any]]:
        """As `Optimizer.update`; where derivatives are not finite only the scale changes."""
        if self.loss_scale is None:
            params, inner = self.optimizer.update(grads, state["inner"], params)
            return params, {"inner": inner}
        finite = all_finite(grads)
        params, inner = ct.cond(
            finite,
            self.optimizer.update,
            lambda grads, inner, params: (params, inner),
            grads,
            state["inner"],
            params,
        )
        return params, {
            "inner": inner,
            "loss_scale": self.loss_scale.update(state["loss_scale"], finite),
        }

    def rate(self, state: dict[str, Any]) -> Array:
        """The learning rate of the next step."""
        return self.optimizer.rate(state["inner"])
