"""What optimisers share: pure functions of parameters, derivatives and a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn.clipping import clip_by_global_norm, clip_by_norm, clip_by_value

__all__ = ["Optimizer"]

Array = ct.Array
Schedule = Callable[[Array], Any]


class Optimizer:
    """``state = init(params)``, then ``params, state = update(grads, state, params)`` each step.

    Both are functions of trees of arrays without side effects, to be called under `jit` with the
    optimiser itself as a constant. Slots of float16 and bfloat16 parameters are float32.

    Parameters
    ----------
    learning_rate
        A number, or a function of the step (from 0) as in `cnengine.nn.schedules`.
    weight_decay
        How it acts is told by each optimiser.
    decay_mask
        Which parameters decay: a tree of bools like the parameters, or a function that gives it;
        None: all.
    clip_value, clip_norm, global_clip_norm
        Bounds of derivatives: of their elements, of the norm of each array, of the norm of all.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> optimizer = nn.SGD(1.0, clip_value=0.5)
    >>> params = {"w": ct.asarray(1.0)}
    >>> params, state = optimizer.update({"w": ct.asarray(9.0)}, optimizer.init(params), params)
    >>> float(params["w"]), int(state["step"])
    (0.5, 1)
    """

    #: Names of the arrays that are kept for each parameter, which begin as zeros.
    slots: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        learning_rate: float | Schedule,
        *,
        weight_decay: float = 0.0,
        decay_mask: Any = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        global_clip_norm: float | None = None,
    ) -> None:
        name = type(self).__name__
        if not callable(learning_rate) and learning_rate < 0:
            raise ArgumentError(f"{name}: expected a rate of at least 0, got {learning_rate}")
        if weight_decay < 0:
            raise ArgumentError(f"{name}: expected a decay of at least 0, got {weight_decay}")
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.decay_mask = decay_mask
        self.clip_value, self.clip_norm = clip_value, clip_norm
        self.global_clip_norm = global_clip_norm

    def init(self, params: Any) -> dict[str, Any]:
        """The state before the first step.

        Its ``"step"`` counts steps; ``"learning_rate"``, unless that is a schedule, may be changed
        between them.
        """
        state: dict[str, Any] = {"step": ct.zeros((), dtype=ct.int32)}
        if not callable(self.learning_rate):
            rate = ct.full((), float(self.learning_rate), dtype=ct.float64)
            state["learning_rate"] = rate
        leaves, structure = ct.tree_flatten(params)
        made = [self._slots_of(ct.asarray(leaf)) for leaf in leaves]
        for name in self.slots:
            state[name] = ct.tree_unflatten(structure, [each[name] for each in made])
        return state

    def update(self, grads: Any, state: dict[str, Any], params: Any) -> tuple[Any, dict[str, Any]]:
        """Parameters and state after one step along `grads`, a tree like `params`.

        Raises ArgumentError when the trees differ.
        """
        leaves, structure = ct.tree_flatten(params)
        given = ct.tree_structure(grads)
        if given != structure:
            raise ArgumentError(
                f"{type(self).__name__}: expected derivatives like {structure}, got {given}"
            )
        slopes = ct.tree_leaves(self._clipped(grads))
        slots = [ct.tree_leaves(state[name]) for name in self.slots]
        # Numbers of the step are exact to float64; most parameters need them in float32.
        wide = self._shared(state)
        narrow = {name: ct.astype(value, ct.float32) for name, value in wide.items()}
        shared = {"float32": narrow, "float64": wide}
        decays = self._decays(params, len(leaves))
        after, kept = [], []
        for at, (p, g) in enumerate(zip(leaves, slopes, strict=True)):
            numbers = shared["float64" if p.dtype.itemsize > 4 else "float32"]
            new, more = self._step_one(p, g, [each[at] for each in slots], numbers, decays[at])
            after.append(new)
            kept.append(more)
        out = {**state, "step": state["step"] + 1}
        for at, name in enumerate(self.slots):
            out[name] = ct.tree_unflatten(structure, [each[at] for each in kept])
        return ct.tree_unflatten(structure, after), out

    def rate(self, state: dict[str, Any]) -> Array:
        """The learning rate of the next step."""
        if callable(self.learning_rate):
            return ct.asarray(self.learning_rate(state["step"]))
        return state["learning_rate"]

    def _clipped(self, grads: Any) -> Any:
        if self.clip_value is not None:
            grads = clip_by_value(grads, self.clip_value)
        if self.clip_norm is not None:
            grads = clip_by_norm(grads, self.clip_norm)
        if self.global_clip_norm is not None:
            grads, _ = clip_by_global_norm(grads, self.global_clip_norm)
        return grads

    def _decays(self, params: Any, count: int) -> list[bool]:
        if self.weight_decay == 0.0:
            return [False] * count
        mask = self.decay_mask(params) if callable(self.decay_mask) else self.decay_mask
        if mask is None:
            return [True] * count
        flags = [bool(each) for each in ct.tree_leaves(mask)]
        if len(flags) != count:
            raise ArgumentError(f"decay_mask: expected {count} bools, got {len(flags)}")
        return flags

    def _step_one(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decays: bool
    ) -> tuple[Array, list[Array]]:
        dtype = p.dtype
        if dtype.itemsize < 4:
            p = ct.astype(p, ct.float32)
        g = ct.astype(g, p.dtype, copy=False)
        decay = self.weight_decay if decays else 0.0
        new, more = self._apply(p, g, slots, shared, decay)
        return ct.astype(new, dtype, copy=False), more

    def _slots_of(self, p: Array) -> dict[str, Array]:
        """The slots of one parameter before the first step."""
        dtype = ct.float32 if p.dtype.itemsize < 4 else p.dtype
        return {name: ct.zeros(p.shape, dtype=dtype) for name in self.slots}

    def _shared(self, state: dict[str, Any]) -> dict[str, Array]:
        """Numbers of this step that all parameters use, in float64: at least rate and count."""
        return {
            "rate": ct.astype(self.rate(state), ct.float64, copy=False),
            "count": ct.astype(state["step"] + 1, ct.float64),
        }

    def _apply(
        self, p: Array, g: Array, slots: list[Array], shared: dict[str, Any], decay: float
    ) -> tuple[Array, list[Array]]:
        """One parameter and its slots after the step."""
        raise NotImplementedError

    def __repr__(self) -> str:
        facts = ", ".join(
            f"{name}={value}" for name, value in self.__dict__.items() if value is not None
        )
        return f"{type(self).__name__}({facts})"
