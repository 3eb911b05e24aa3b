"""Programs of one example, run for a batch of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, axis_of
from cnengine.tensor.creation import asarray
from cnengine.tensor.tree import flatten_prefix, tree_flatten, tree_unflatten

__all__ = ["apply_along_axis", "vmap"]

Function = Callable[..., Any]


def _to_front(value: Array, axis: int) -> Array:
    if not hasattr(axis, "__index__"):
        raise ArgumentError(f"vmap: expected an axis or None, got {axis!r}")
    if not -value.ndim <= axis < value.ndim:
        raise ArgumentError(f"vmap: expected an axis of {value.shape}, got {axis}")
    return value if axis == 0 else _tensor.move_axis(value, axis % value.ndim, 0)


def _from_front(value: Array, axis: int) -> Array:
    if not hasattr(axis, "__index__"):
        raise ArgumentError(f"vmap: expected an axis of the result or None, got {axis!r}")
    if not -value.ndim <= axis < value.ndim:
        raise ArgumentError(f"vmap: expected an axis of the result {value.shape}, got {axis}")
    return value if axis == 0 else _tensor.move_axis(value, 0, axis % value.ndim)


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Function:
    """A function that gives f of every example of its arguments at once.

    Parameters
    ----------
    in_axes
        For each argument the axis of its examples, or None where all share it. One number for all,
        or a tuple by argument; within an argument a tree that may end earlier.
    out_axes
        The same for the result. None: the result must not depend on the example.

    Raises ShapeError when arguments have different numbers of examples.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> rows = ct.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> ct.vmap(ct.sum)(rows)
    Array([3., 7.], dtype=float32)
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = tree_flatten(args)
        spread = tuple(in_axes) if isinstance(in_axes, list) else in_axes
        axes = flatten_prefix(spread, args, "vmap: in_axes")
        values = [
            leaf if axis is None else _to_front(asarray(leaf), axis)
            for leaf, axis in zip(leaves, axes, strict=True)
        ]
        named, keywords = tree_flatten(kwargs)
        named = [_to_front(asarray(each), 0) for each in named]
        mapped = [v for v, axis in zip(values, axes, strict=True) if axis is not None] + named
        sizes = {value.shape[0] for value in mapped}
        if len(sizes) != 1:
            got = sorted(sizes) or "no argument that has any"
            raise ShapeError(f"vmap: expected arguments of one number of examples, got {got}")
        trace = _tensor.batch_trace(sizes.pop())
        try:
            inputs = [
                value if axis is None else trace.input(value)
                for value, axis in zip(values, axes, strict=True)
            ]
            result = f(
                *tree_unflatten(structure, inputs),
                **tree_unflatten(keywords, [trace.input(each) for each in named]),
            )
            outputs, shape = tree_flatten(result)
            out = []
            for each, axis in zip(
                outputs, flatten_prefix(out_axes, result, "vmap: out_axes"), strict=True
            ):
                value = asarray(each)
                if axis is None:
                    if trace.is_batched(value):
                        raise ArgumentError("vmap: out_axes is None for a result by example")
                    out.append(value)
                else:
                    out.append(_from_front(trace.whole(value), axis))
        finally:
            trace.close()
        return tree_unflatten(shape, out)

    return wrapped


def apply_along_axis(f: Function, axis: int, x: Array, /, *args: Any, **options: Any) -> Any:
    """f of each line along an axis, by `vmap`; the axes of its result come in place of that one.

    Parameters
    ----------
    f
        A function of a vector, and of `args` and `options` as they are.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.apply_along_axis(ct.max, 1, ct.asarray([[1, 5], [7, 2]]))
    Array([5, 7], dtype=int64)
    """
    x = asarray(x)
    place = axis_of(axis, x.ndim, "apply_along_axis")
    rest = [n for i, n in enumerate(x.shape) if i != place]
    lines = _tensor.reshape(_tensor.move_axis(x, place, x.ndim - 1), [math.prod(rest), -1])
    out = vmap(lambda line: f(line, *args, **options))(lines)
    whole = _tensor.reshape(out, [*rest, *out.shape[1:]])
    order = list(range(len(rest)))
    order[place:place] = range(len(rest), whole.ndim)
    return _tensor.permute_dims(whole, order)
