"""What optimisers share: pure functions of parameters, derivatives and a state."""

from __future__ import annotations

import builtins
import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.nn.clipping import clip_by_global_norm, clip_by_norm, clip_by_value

__all__ = ["Optimizer"]

Array = ct.Array
Schedule = Callable[[Array], Any]
# What others call options.
_ELSEWHERE = {
    "lr": "learning_rate",
    "beta_1": "betas",
    "beta_2": "betas",
    "epsilon": "eps",
    "clipvalue": "clip_value",
    "clipnorm": "clip_norm",
    "global_clipnorm": "global_clip_norm",
}


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
    #: Names of the numbers that a state has beside its step and rate.
    numbers: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _, *own = inspect.signature(cls.__init__).parameters.values()
        cls.__signature__ = inspect.Signature(own)  # that of __init__, not of __new__

    def __new__(cls, *args: Any, **options: Any) -> Optimizer:
        """Tells how options are called here; all else is for `__init__`."""
        for name in options.keys() & _ELSEWHERE.keys():
            raise ArgumentError(
                f"{cls.__name__}: no option {name!r}; it is called {_ELSEWHERE[name]!r} here"
            )
        return object.__new__(cls)

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
        if not callable(learning_rate):
            _check_rate(name, learning_rate)
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

        Raises ArgumentError when the trees differ, or the state is not one of this optimiser and
        these parameters.
        """
        self._check_state(state, ct.tree_structure(params))
        leaves, structure = ct.tree_flatten(params)
        given = ct.tree_structure(grads)
        if given != structure:
            raise ArgumentError(
                f"{type(self).__name__}: expected derivatives like {structure}, got {given}"
            )
        leaves = [ct.asarray(p) for p in leaves]
        slopes = ct.tree_leaves(self._clipped(ct.tree_map(ct.asarray, grads)))
        slots = [ct.tree_leaves(state[name]) for name in self.slots]
        self._check_slots(leaves, slots, params)
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

    def _check_state(self, state: Any, structure: Any) -> None:
        name, wanted = type(self).__name__, {"step", *self.slots, *self.numbers}
        if not callable(self.learning_rate):
            wanted.add("learning_rate")
        found = set(state) if isinstance(state, dict) else {type(state).__name__}
        if wanted - found or found - wanted - {"learning_rate"}:
            raise ArgumentError(
                f"{name}: update: expected (grads, state, params) with a state of this optimiser, "
                f"which has {sorted(wanted)}; got {sorted(map(str, found))}"
            )
        for slot in self.slots:
            if (given := ct.tree_structure(state[slot])) != structure:
                raise ArgumentError(
                    f"{name}: update: expected the state of parameters like {structure}, "
                    f"got {slot} of {given}"
                )

    def _check_slots(self, leaves: list[Array], slots: list[list[Array]], params: Any) -> None:
        """Raises ShapeError that names the parameter whose slots are those of another one."""
        for slot, arrays in zip(self.slots, slots, strict=True):
            for at, (p, kept) in enumerate(zip(leaves, arrays, strict=True)):
                wanted = self._slots_of(p)[slot].shape if kept.shape != p.shape else p.shape
                if tuple(kept.shape) != tuple(wanted):
                    names = sorted(params) if isinstance(params, dict) else range(len(leaves))
                    name = names[at] if len(names) == len(leaves) else at
                    raise ShapeError(
                        f"{type(self).__name__}: update: expected {slot} of {name!r} with the "
                        f"shape {tuple(wanted)}, got {tuple(kept.shape)}"
                    )

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


def decayed(
    p: Array, g: Array, shared: dict[str, Any], decay: float, is_decoupled: bool = False
) -> tuple[Array, Array]:
    """p and g with weight decay: p *= 1 - rate * decay, or g += decay * p."""
    if not decay:
        return p, g
    return (p * (1.0 - shared["rate"] * decay), g) if is_decoupled else (p, g + p * decay)


def moments(slots: list[Array], g: Array, betas: tuple[float, float]) -> tuple[Array, Array]:
    """The running means of derivatives and of their squares with one more."""
    first, second = betas
    return slots[0] + (g - slots[0]) * (1.0 - first), slots[1] * second + g * g * (1.0 - second)


def checked_optimizer(name: str, given: Any) -> Any:
    """An optimiser, to be put something around; raises TypeError of what is none."""
    if not hasattr(given, "init") or not hasattr(given, "update"):
        raise TypeError(f"{name}: expected an optimiser, got {given!r}")
    return given


def _check_rate(name: str, rate: Any) -> None:
    try:
        value = float(rate)
    except (builtins.TypeError, ValueError):
        value = None
    if value is None or isinstance(rate, (str, bool)):
        raise TypeError(f"{name}: expected a number or a schedule as learning_rate, got {rate!r}")
    if not 0.0 <= value < math.inf:
        raise ArgumentError(f"{name}: expected a rate of at least 0 that is finite, got {rate}")
