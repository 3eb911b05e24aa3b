"""Parameters that are made of others each time a module looks at them: norms of weights apart from
their directions, weights of a bounded norm, and functions of one's own."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, NotFoundError, ShapeError
from cnengine.nn.leaf import is_floating
from cnengine.nn.module import Module
from cnengine.nn.seed import keys_of
from cnengine.tensor import random

__all__ = [
    "Parametrization",
    "parametrize",
    "remove_parametrization",
    "spectral_norm",
    "weight_norm",
]

Array = ct.Array


class Parametrization(Module):
    """What makes a parameter of the arrays that it holds instead; a base of one's own.

    `set` takes the value that it shall have and sets attributes to arrays, of which `forward`,
    without arguments, makes it. Names of torch's files: ``parametrizations.weight.original``.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> class Positive(nn.Parametrization):
    ...     def set(self, value):
    ...         self.original = ct.log(value)
    ...     def forward(self):
    ...         return ct.exp(self.original)
    >>> layer = nn.parametrize(nn.Linear(2, 1, weight_init=nn.init.ones), "weight", Positive())
    >>> list(layer.parameters()), float(layer(ct.ones((1, 2)))[0, 0]) > 1.0
    (['bias', 'parametrizations.weight.original'], True)
    """

    def set(self, value: Array) -> None:
        """Keeps what makes this value."""
        self.original = value

    def forward(self) -> Array:
        """The parameter."""
        return self.original


class _Parametrized:
    """Beside a class of modules: attributes that are made when they are looked at."""

    def __reduce_ex__(self, protocol: Any) -> Any:  # classes of this kind have no name to import
        base, names = type(self)._of  # type: ignore[attr-defined]
        return _made_anew, (base, names), dict(self.__dict__)

    def __repr__(self) -> str:
        own = type(self)._of[0].__repr__(self)  # type: ignore[attr-defined]
        return own.replace("Parametrized", "", 1)


def _made_anew(base: type, names: tuple[str, ...]) -> Any:
    kind = _parametrized(base, names)
    return object.__new__(kind)


@functools.cache
def _parametrized(base: type, names: tuple[str, ...]) -> type:
    """The class of modules of a class whose attributes of these names are made.

    One for all of them: programs of `jit` know modules by class.
    """

    def made(name: str) -> property:
        def get(module: Any) -> Array:
            return module.parametrizations[name]()

        def put(module: Any, value: Any) -> None:
            module.parametrizations[name].set(ct.asarray(value))

        return property(get, put)

    body: dict[str, Any] = {name: made(name) for name in names}
    return type(f"Parametrized{base.__name__}", (_Parametrized, base),
                {**body, "_of": (base, names), "__module__": base.__module__})  # fmt: skip


def _plain(module: Module) -> tuple[type, tuple[str, ...]]:
    return getattr(type(module), "_of", (type(module), ()))


def parametrize(module: Module, name: str, parametrization: Parametrization) -> Module:
    """Has a parameter of a module made by a `Parametrization`; returns the module, which changes.

    Raises NotFoundError where it has no array of this name, ArgumentError where that is made
    already.

    Examples
    --------
    >>> from cnengine import nn
    >>> layer = nn.parametrize(nn.Linear(2, 3), "weight", nn.Parametrization())
    >>> layer.weight.shape
    (3, 2)
    """
    base, names = _plain(module)
    if name in names:
        raise ArgumentError(f"parametrize: {base.__name__}.{name} has a parametrization already")
    value = module.__dict__.get(name)
    if value is None or not hasattr(value, "dtype") or not is_floating(value):
        raise NotFoundError(f"parametrize: {base.__name__} has no parameter {name!r}")
    parametrization.set(ct.asarray(value))
    del module.__dict__[name]
    made = {**module.__dict__.get("parametrizations", {}), name: parametrization}
    module.parametrizations = made
    module.__class__ = _parametrized(base, (*names, name))
    return module


def remove_parametrization(module: Module, name: str = "weight") -> Module:
    """Makes a parameter once and for all; returns the module, which changes.

    Raises NotFoundError where it has no parametrization.

    Examples
    --------
    >>> from cnengine import nn
    >>> layer = nn.weight_norm(nn.Linear(2, 3))
    >>> list(nn.remove_parametrization(layer).parameters())
    ['bias', 'weight']
    """
    base, names = _plain(module)
    if name not in names:
        raise NotFoundError(f"remove_parametrization: no parametrization of {name!r} here")
    value = getattr(module, name)
    left = tuple(each for each in names if each != name)
    module.__class__ = _parametrized(base, left) if left else base
    made = dict(module.__dict__.pop("parametrizations"))
    del made[name]
    if made:
        module.parametrizations = made
    setattr(module, name, value)
    return module


class _WeightNorm(Parametrization):
    """original0 * original1 / |original1|, norms over all axes but one."""

    def __init__(self, axis: int | None) -> None:
        self.axis = axis

    def _norm(self, value: Array) -> Array:
        axes = None if self.axis is None else tuple(
            each for each in range(value.ndim) if each != self.axis % value.ndim)  # fmt: skip
        if axes == ():
            return ct.abs(value)
        return ct.sqrt(ct.sum(value * value, axis=axes, keepdims=axes is not None))

    def set(self, value: Array) -> None:
        if self.axis is not None and not -value.ndim <= self.axis < value.ndim:
            raise ShapeError(f"weight_norm: expected an axis of {value.shape}, got {self.axis}")
        self.original0 = self._norm(value)
        self.original1 = value

    def forward(self) -> Array:
        return self.original1 * (self.original0 / self._norm(self.original1))


def weight_norm(module: Module, name: str = "weight", axis: int | None = 0) -> Module:
    """g v / |v| in place of a weight, with g and v trained; returns the module, which changes.

    `axis` is that whose elements have a norm each; None: one for all. In files g and v are
    ``parametrizations.weight.original0`` and ``original1``, as those of torch's
    `parametrizations.weight_norm`. Salimans and Kingma 2016, arXiv:1602.07868.

    Examples
    --------
    >>> from cnengine import nn
    >>> layer = nn.weight_norm(nn.Linear(2, 3))
    >>> {name: value.shape for name, value in layer.parameters().items() if name != "bias"}
    {'parametrizations.weight.original0': (3, 1), 'parametrizations.weight.original1': (3, 2)}
    """
    return parametrize(module, name, _WeightNorm(axis))


class _Directions(Module):
    """Left and right vectors of the largest singular value, which steps come nearer to."""

    state_names: ClassVar = ("_u", "_v")

    def __init__(self, u: Array, v: Array, eps: float) -> None:
        self._u, self._v, self._eps = u, v, eps

    def step(self, matrix: Array, count: int) -> None:
        """So many steps of the power method."""
        u, v = self._u, self._v
        for _ in range(count):
            u = _unit(ct.matmul(matrix, v), self._eps)
            v = _unit(ct.matmul(u, matrix), self._eps)
        self._u, self._v = u, v


def _unit(x: Array, eps: float) -> Array:
    return x / ct.maximum(ct.sqrt(ct.sum(x * x)), eps)


class _SpectralNorm(Parametrization):
    """original / (u^T original v)."""

    def __init__(self, steps: int, axis: int, eps: float, key: Array | None) -> None:
        self.steps, self.axis, self.eps = steps, axis, eps
        self._key = key

    def _matrix(self, value: Array) -> Array:
        return ct.reshape(ct.moveaxis(value, self.axis, 0), (value.shape[self.axis], -1))

    def set(self, value: Array) -> None:
        self.original = value
        key = self.__dict__.pop("_key", None)
        if value.ndim < 2 or "0" in self.__dict__:
            return
        matrix = self._matrix(value)
        first, second = keys_of(key, 2)
        u = _unit(random.normal(first, (matrix.shape[0],), dtype=value.dtype), self.eps)
        v = _unit(random.normal(second, (matrix.shape[1],), dtype=value.dtype), self.eps)
        near = _Directions(u, v, self.eps)
        near.step(matrix, 15)
        self.__dict__["0"] = near  # its name in torch's files

    def forward(self) -> Array:
        value = self.original
        if value.ndim < 2:
            return _unit(value, self.eps)
        near, matrix = self.__dict__["0"], self._matrix(value)
        if self.training:
            near.step(ct.stop_gradient(matrix), self.steps)
        sigma = ct.sum(near._u * ct.matmul(matrix, near._v))
        return value / sigma


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    axis: int | None = None,
    *,
    key: Array | None = None,
) -> Module:
    """A weight over its largest singular value; returns the module, which changes.

    The weight is a matrix with the rows of `axis` (None: that of the outputs). Each look at it
    while training makes `n_power_iterations` steps of the power method, whose vectors are state:
    return the module where `jit` and derivatives run it. As torch's
    `parametrizations.spectral_norm`; Miyato et al. 2018, arXiv:1802.05957.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.manual_seed(0)
    >>> layer = nn.spectral_norm(nn.Linear(4, 3)).eval()
    >>> bool(abs(ct.linalg.svdvals(layer.weight)[0] - 1.0) < 1e-3)
    True
    """
    if n_power_iterations < 1:
        raise ArgumentError(
            f"spectral_norm: expected at least one iteration, got {n_power_iterations}"
        )
    value = module.__dict__.get(name)
    if axis is None:
        axis = 1 if getattr(module, "is_transposed", False) else 0
    if value is not None and not -max(value.ndim, 1) <= axis < max(value.ndim, 1):
        raise ShapeError(f"spectral_norm: expected an axis of {value.shape}, got {axis}")
    return parametrize(module, name, _SpectralNorm(n_power_iterations, axis, eps, key))
