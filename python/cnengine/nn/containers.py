"""Modules made of modules, and those without arrays."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.nn.module import Module

__all__ = ["Flatten", "Lambda", "ModuleDict", "ModuleList", "Residual", "Sequential", "Unflatten"]


class Sequential(Module):
    """Modules and functions, one after the other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> model = nn.Sequential(nn.Linear(3, 4), nn.relu, nn.Linear(4, 1))
    >>> model(ct.ones((2, 3))).shape
    (2, 1)
    >>> list(model.parameters())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    unnamed: ClassVar = ("layers",)

    def __init__(self, *layers: Module | Callable[..., Any]) -> None:
        self.layers = [_as_module(each, "Sequential") for each in layers]

    def forward(self, x: Any) -> Any:
        """What the last layer gives for what the ones before it have made of x."""
        for at, layer in enumerate(self.layers):
            is_tuple = at > 0 and type(x) is tuple
            x = _of_tuple(layer, x, self.layers[at - 1]) if is_tuple else layer(x)
        return x

    def append(self, layer: Module | Callable[..., Any]) -> Sequential:
        """Adds a layer at the end; returns the module."""
        self.layers.append(_as_module(layer, "Sequential"))
        return self

    def __getitem__(self, at: int | slice) -> Any:
        return Sequential(*self.layers[at]) if isinstance(at, slice) else self.layers[at]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)


def _of_tuple(layer: Module, x: tuple[Any, ...], before: Module) -> Any:
    """What a layer makes of several results of the one before it; says so where it takes one."""
    try:
        return layer(x)
    except (AttributeError, builtins.TypeError) as error:
        name = type(before).__name__
        raise TypeError(
            f"Sequential: {name} gives a tuple of {len(x)}, which {type(layer).__name__} does not "
            f"take ({error}); put `lambda out: out[0]` after {name} for its first part"
        ) from error


def _as_module(layer: Any, what: str) -> Module:
    if isinstance(layer, Module):
        return layer
    if not callable(layer):
        raise ArgumentError(f"{what}: expected modules and functions, got {layer!r}")
    return Lambda(layer)


class Lambda(Module):
    """A function as a module.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.Lambda(abs)(-3)
    3
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """function(*args, **kwargs)."""
        return self.function(*args, **kwargs)


class ModuleList(Module):
    """A list of modules, named as torch names them; a plain list does as well.

    Examples
    --------
    >>> from cnengine import nn
    >>> len(nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)]))
    2
    """

    unnamed: ClassVar = ("items",)

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.items = list(modules)

    def append(self, module: Module) -> ModuleList:
        """Adds a module at the end; returns the list."""
        self.items.append(module)
        return self

    def __getitem__(self, at: Any) -> Any:
        return ModuleList(self.items[at]) if isinstance(at, slice) else self.items[at]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.items)


class ModuleDict(Module):
    """Modules by name; a plain dict does as well.

    Examples
    --------
    >>> from cnengine import nn
    >>> list(nn.ModuleDict({"a": nn.Linear(1, 1)}).parameters())
    ['a.weight', 'a.bias']
    """

    unnamed: ClassVar = ("items",)

    def __init__(self, modules: dict[str, Module] | None = None) -> None:
        self.items = dict(modules or {})

    def __getitem__(self, name: str) -> Module:
        return self.items[name]

    def __setitem__(self, name: str, module: Module) -> None:
        self.items[name] = module

    def __contains__(self, name: str) -> bool:
        return name in self.items

    def __iter__(self) -> Iterator[str]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Residual(Module):
    """x + module(x).

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.Residual(abs)(-3)
    0
    """

    def __init__(self, module: Module | Callable[..., Any]) -> None:
        self.module = _as_module(module, "Residual")

    def forward(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """x + module(x, ...)."""
        return x + self.module(x, *args, **kwargs)


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` as one.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Flatten()(ct.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: ct.Array) -> ct.Array:
        """The same elements."""
        first, last = self.start_dim % x.ndim, self.end_dim % x.ndim
        if first > last:
            raise ArgumentError(
                f"Flatten: expected axes in order, got {self.start_dim} to {self.end_dim}"
            )
        extent = math.prod(x.shape[first : last + 1])
        return ct.reshape(x, (*x.shape[:first], extent, *x.shape[last + 1 :]))


class Unflatten(Module):
    """One axis as several, whose extents are given; one of them may be -1.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Unflatten(1, (3, -1))(ct.zeros((2, 12))).shape
    (2, 3, 4)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: ct.Array) -> ct.Array:
        """The same elements."""
        if not -x.ndim <= self.dim < x.ndim:
            raise ArgumentError(f"Unflatten: expected an axis of {x.shape}, got {self.dim}")
        at = self.dim % x.ndim
        return ct.reshape(x, (*x.shape[:at], *self.unflattened_size, *x.shape[at + 1 :]))
