"""Functions of several operations that run as one also where nothing is traced."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.tensor.array import Array
from cnengine.tensor.compile import trace_graph
from cnengine.tensor.tree import tree_flatten

__all__ = ["composite"]

Function = Callable[..., Array]


def _trace(f: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The graph of f(*args, **kwargs) as a function of the arrays among `args`."""
    places = [at for at, each in enumerate(args) if isinstance(each, Array)]

    def of_arrays(*arrays: Array) -> Array:
        values = list(args)
        for at, each in zip(places, arrays, strict=True):
            values[at] = each
        return f(*values, **kwargs)

    arrays = tuple(args[at] for at in places)
    leaves, structure = tree_flatten((arrays, {}))
    return trace_graph(of_arrays, structure, leaves, [False] * len(leaves))[0]


def composite(f: Function) -> Function:
    """The function, run as `jit` would run it where an array has 16,384 elements or more.

    Where all have fewer and are not traced it is called as it is; from the eighth call for the same
    types and shapes on it is a program, too, if that gives the same bits.
    Its arrays are arguments by position; its result is one array; the other arguments are None,
    bools, numbers, strings and tuples of these, else it is called as it is. Derivatives keep the
    arrays alone and compute again what else they need, fused, too. Inside `jit` its operations are
    part of the whole program.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.tensor.composite import composite
    >>> f = composite(lambda x, power: ct.sum(x * power))
    >>> float(f(ct.ones(20_000), 2.0))
    40000.0
    """
    programs = _tensor.Composites()
    run = programs.run

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        out = run(*args, **kwargs)
        if out is NotImplemented:
            programs.add(_trace(f, args, kwargs), *args, **kwargs)
            out = run(*args, **kwargs)
        return f(*args, **kwargs) if out is None or out is NotImplemented else out

    return call
