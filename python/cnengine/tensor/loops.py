"""Loops and choices that are made of `scan`, `while_loop` and `cond`, and sums of any kind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, int64
from cnengine.tensor.control import cond, scan, while_loop
from cnengine.tensor.creation import arange, asarray
from cnengine.tensor.tree import tree_flatten, tree_leaves, tree_map, tree_unflatten

__all__ = ["associative_scan", "fori_loop", "map", "switch"]

Function = Callable[..., Any]


def fori_loop(lower: Any, upper: Any, body_fun: Function, init_val: Any) -> Any:
    """``for i in range(lower, upper): value = body_fun(i, value)``, from `init_val` on.

    With bounds that are known it has derivatives in both directions; bounds that are values inside
    `jit` make it a `while_loop`, which has none by reverse mode.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> int(ct.fori_loop(1, 5, lambda i, product: product * i, ct.asarray(1)))
    24
    """
    bounds = [asarray(each) for each in (lower, upper)]
    for each in bounds:
        if each.ndim or each.dtype.kind not in ("int", "uint"):
            raise TypeError(
                f"fori_loop: expected integers as bounds, got {each.dtype.name}{each.shape}"
            )
    if all(_tensor.is_known(each) for each in bounds):
        first, end = (operator.index(each) for each in bounds)
        places = arange(first, max(first, end), dtype=int64)
        return scan(lambda value, i: (body_fun(i, value), None), init_val, places)[0]
    first, end = (_tensor.cast(each, int64) for each in bounds)
    return while_loop(
        lambda state: state[0] < end,
        lambda state: (state[0] + 1, body_fun(*state)),
        (first, init_val),
    )[1]


def map(f: Function, xs: Any) -> Any:  # noqa: A001
    """f of each row of the arrays of `xs`, one after the other, results put together.

    As `vmap`, which computes them at once and takes more memory.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.map(lambda x: ct.sum(x * x), ct.asarray([[1.0, 2.0], [3.0, 4.0]]))
    Array([ 5., 25.], dtype=float32)
    """
    if not tree_leaves(xs):
        raise ArgumentError("map: expected arrays of rows, got none")
    return scan(lambda _, row: (None, f(row)), None, xs)[1]


def switch(index: Any, branches: Sequence[Function], *operands: Any) -> Any:
    """branches[index](*operands); an index beyond them takes the nearest one.

    Under `vmap`, where the index may differ by example, all are computed and chosen from. Raises
    TypeError when results differ in structure or types.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> pick = cn.jit(lambda i, x: ct.switch(i, [ct.sin, ct.negative, ct.exp], x))
    >>> float(pick(ct.asarray(1), ct.asarray(2.0)))
    -2.0
    """
    branches = list(branches)
    if not branches:
        raise ArgumentError("switch: expected at least one function, got none")
    index = asarray(index)
    if index.ndim or index.dtype.kind not in ("int", "uint"):
        raise TypeError(
            f"switch: expected an integer as index, got {index.dtype.name}{index.shape}"
        )
    if _tensor.is_known(index):
        at = min(max(operator.index(index), 0), len(branches) - 1)
        return branches[at](*operands)
    return _choose(index, branches, 0, operands)


def _choose(index: Array, branches: list[Function], first: int, operands: Any) -> Any:
    """By halves: a choice among n takes log2(n) questions."""
    if len(branches) == 1:
        return branches[0](*operands)
    half = len(branches) // 2
    return cond(
        index < first + half,
        lambda i, *rest: _choose(i, branches[:half], first, rest),
        lambda i, *rest: _choose(i, branches[half:], first + half, rest),
        index,
        *operands,
    )


def associative_scan(fn: Function, elems: Any, *, reverse: bool = False, axis: int = 0) -> Any:
    """All running combinations of elements along an axis, by log2(n) steps over whole arrays.

      out[0] = elems[0],  out[i] = fn(out[i - 1], elems[i])

    Parameters
    ----------
    fn
        An associative function of two trees like `elems`, whose arrays are slices along the axis.
    elems
        A tree of arrays of one extent along `axis`.
    reverse
        From the last element to the first: out[i] = fn(out[i + 1], elems[i]).

    Blelloch 1990, "Prefix sums and their applications".

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.associative_scan(ct.multiply, ct.asarray([1, 2, 3, 4]))
    Array([ 1,  2,  6, 24], dtype=int64)
    """
    leaves, structure = tree_flatten(tree_map(asarray, elems))
    extents = set()
    for each in leaves:
        if not -each.ndim <= axis < each.ndim:
            raise ArgumentError(
                f"associative_scan: expected the axis {axis} in all arrays, got {each.shape}"
            )
        extents.add(each.shape[axis])
    if len(extents) != 1:
        raise ArgumentError(
            f"associative_scan: expected arrays of one extent, got {sorted(extents)}"
        )

    def part(array: Array, *bounds: int | None) -> Array:
        return array[(slice(None),) * (axis % array.ndim) + (slice(*bounds),)]

    def combined(a: list[Array], b: list[Array]) -> list[Array]:
        first, second = tree_unflatten(structure, a), tree_unflatten(structure, b)
        out, found = tree_flatten(fn(first, second))
        if found != structure:
            raise TypeError(f"associative_scan: expected a result like {structure}, got {found}")
        return [asarray(each) for each in out]

    def woven(even: Array, odd: Array) -> Array:
        """Elements of the two in turns."""
        at = axis % even.ndim
        count = odd.shape[at]
        both = [_tensor.expand_dims(each, [at + 1]) for each in (part(even, 0, count), odd)]
        shape = [*even.shape[:at], 2 * count, *even.shape[at + 1 :]]
        out = _tensor.reshape(_tensor.concat(both, at + 1), shape)
        return (
            out if even.shape[at] == count else _tensor.concat([out, part(even, count, None)], at)
        )

    def running(values: list[Array]) -> list[Array]:
        count = values[0].shape[axis]
        if count < 2:
            return values
        pairs = [part(each, 0, count - count % 2) for each in values]
        odd = running(combined([part(p, 0, None, 2) for p in pairs],
                               [part(p, 1, None, 2) for p in pairs]))  # fmt: skip
        rest = [part(each, 2, None, 2) for each in values]
        even = [part(each, 0, 1) for each in values]
        if count > 2:
            before = [part(each, 0, (count - 1) // 2) for each in odd]
            more = combined(before, rest)
            even = [_tensor.concat([a, b], axis % a.ndim) for a, b in zip(even, more, strict=True)]
        return [woven(a, b) for a, b in zip(even, odd, strict=True)]

    def turned(values: list[Array]) -> list[Array]:
        return [part(each, None, None, -1) for each in values] if reverse else values

    return tree_unflatten(structure, turned(running(turned(leaves))))
