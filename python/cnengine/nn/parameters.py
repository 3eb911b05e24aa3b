"""Parameters of a model apart from all else, and derivatives by them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.leaf import refuse_shared
from cnengine.nn.module import named_leaves

__all__ = ["Rest", "grad", "merge", "split", "update", "value_and_grad"]


class Rest:
    """A model without its parameters: state, frozen parameters and structure; a tree of arrays.

    Examples
    --------
    >>> from cnengine import nn
    >>> len(nn.split(nn.BatchNorm(3))[1].values)
    3
    """

    def __init__(
        self, values: Sequence[Any], names: tuple[str | None, ...], structure: Any
    ) -> None:
        self.values = list(values)  # of the leaves that are no parameters
        self.names = names  # of every leaf; None where it is no parameter
        self.structure = structure

    def __tree_flatten__(self) -> tuple[list[Any], Any]:
        return self.values, (self.names, self.structure)

    @classmethod
    def __tree_unflatten__(cls, detail: Any, children: Sequence[Any]) -> Rest:
        return cls(children, *detail)


def split(model: Any) -> tuple[dict[str, ct.Array], Rest]:
    """The parameters that are trained, by name, and what is left of the model.

    `model` is a module or a tree of modules. Raises ArgumentError when an array or module is at two
    places of it, since it would be two after the next step.

    Examples
    --------
    >>> from cnengine import nn
    >>> params, rest = nn.split(nn.Linear(2, 3))
    >>> sorted(params)
    ['bias', 'weight']
    >>> nn.merge(params, rest)
    Linear(in_features=2, out_features=3)
    """
    found = named_leaves(model)
    leaves, structure = ct.tree_flatten(model)
    refuse_shared(found, "split")
    if len(found) != len(leaves):
        raise ArgumentError("split: expected modules, lists, tuples, dicts and arrays")
    params: dict[str, ct.Array] = {}
    names: list[str | None] = []
    others = []
    for leaf, value in zip(found, leaves, strict=True):
        is_parameter = leaf.role == "parameter"
        names.append(leaf.name if is_parameter else None)
        if is_parameter:
            params[leaf.name] = ct.asarray(value)
        else:
            others.append(value)
    return params, Rest(others, tuple(names), structure)


def merge(params: Mapping[str, Any], rest: Rest) -> Any:
    """The model of parameters and the rest; the other way round of `split`.

    Raises ArgumentError when names are missing or unknown.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.merge(*nn.split(nn.Linear(2, 3)))
    Linear(in_features=2, out_features=3)
    """
    wanted = {name for name in rest.names if name is not None}
    if wanted != set(params):
        raise ArgumentError(
            f"merge: missing {sorted(wanted - set(params))}, unknown {sorted(set(params) - wanted)}"
        )
    others = iter(rest.values)
    leaves = [next(others) if name is None else params[name] for name in rest.names]
    return ct.tree_unflatten(rest.structure, leaves)


def update(model: Any, params: Mapping[str, Any]) -> Any:
    """A copy of the model with other parameters.

    Raises ArgumentError when names are missing or unknown, ShapeError when shapes differ.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> model = nn.Linear(1, 1)
    >>> doubled = ct.tree_map(lambda p: 2.0 * p, model.parameters())
    >>> float(nn.update(model, doubled).weight[0, 0] / model.weight[0, 0])
    2.0
    """
    old, rest = split(model)
    for name, value in params.items():
        if name in old and tuple(old[name].shape) != tuple(value.shape):
            raise ShapeError(f"update: {name} has the shape {old[name].shape}, got {value.shape}")
    return merge(params, rest)


def value_and_grad(f: Callable[..., Any], *, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives f(model, ...), the changed model, and derivatives by its parameters.

    Parameters
    ----------
    f
        Its first argument is a module or a tree of modules, its result one number; with `has_aux` a
        pair of that and anything else.

    Returns a function that gives ``(value, model), grads``, with `has_aux` ``(value, aux, model),
    grads``. The model is the copy whose state (running statistics, keys) has changed in the call;
    `grads` are by name, like `split(model)[0]`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> model = nn.Linear(2, 1)
    >>> (loss, model), grads = nn.value_and_grad(lambda m, x: ct.sum(m(x)))(model, ct.ones((4, 2)))
    >>> grads["weight"]
    Array([[4., 4.]], dtype=float32)
    """

    @functools.wraps(f)
    def wrapped(model: Any, *args: Any, **kwargs: Any) -> Any:
        params, rest = split(model)

        def inner(params: dict[str, ct.Array]) -> Any:
            copy = merge(params, rest)
            result = f(copy, *args, **kwargs)
            value, aux = result if has_aux else (result, None)
            return value, (aux, copy)

        (value, (aux, copy)), grads = ct.value_and_grad(inner, has_aux=True)(params)
        return ((value, aux, copy) if has_aux else (value, copy)), grads

    return wrapped


def grad(f: Callable[..., Any], *, has_aux: bool = False) -> Callable[..., Any]:
    """As `value_and_grad` without the value: gives ``model, grads`` or ``(aux, model), grads``.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> _, grads = nn.grad(lambda m, x: ct.sum(m(x)))(nn.Linear(2, 1), ct.ones((4, 2)))
    >>> float(grads["bias"][0])
    4.0
    """
    both = value_and_grad(f, has_aux=has_aux)

    @functools.wraps(f)
    def wrapped(model: Any, *args: Any, **kwargs: Any) -> Any:
        values, grads = both(model, *args, **kwargs)
        return (values[1:] if has_aux else values[1]), grads

    return wrapped
