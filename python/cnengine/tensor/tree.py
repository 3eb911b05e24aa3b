"""Nested containers of arrays (pytrees): arguments and results of transformations.

Containers are dicts and defaultdicts (by their sorted keys), OrderedDicts (by their order), lists,
tuples, named tuples, None, dataclasses (fields with ``metadata={"static": True}`` are part of the
structure) and classes that have ``__tree_flatten__`` and ``__tree_unflatten__``. All else is a
leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError

__all__ = ["Structure", "tree_flatten", "tree_leaves", "tree_map", "tree_structure",
           "tree_unflatten"]  # fmt: skip


Structure = _tensor.Structure


def tree_flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of a tree in order, and what is left of it.

    Examples
    --------
    >>> from cnengine.tensor import tree
    >>> tree.tree_flatten({"b": [1, 2], "a": 3})
    ([3, 1, 2], {'a': '*', 'b': ['*', '*']})
    """
    return _tensor.tree_flatten(tree)


def tree_unflatten(structure: Structure, leaves: Sequence[Any]) -> Any:
    """The tree of a structure with other leaves.

    Raises ArgumentError when there are more or fewer than it has.

    Examples
    --------
    >>> from cnengine.tensor import tree
    >>> leaves, structure = tree.tree_flatten((1, [2]))
    >>> tree.tree_unflatten(structure, ["x", "y"])
    ('x', ['y'])
    """
    return _tensor.tree_unflatten(structure, leaves)


def tree_leaves(tree: Any) -> list[Any]:
    """The leaves of a tree in order.

    Examples
    --------
    >>> from cnengine.tensor import tree
    >>> tree.tree_leaves(((1, 2), None, {"k": 3}))
    [1, 2, 3]
    """
    return tree_flatten(tree)[0]


def tree_structure(tree: Any) -> Structure:
    """What is left of a tree without its leaves.

    Examples
    --------
    >>> from cnengine.tensor import tree
    >>> tree.tree_structure((1, 2)) == tree.tree_structure((3, 4))
    True
    """
    return tree_flatten(tree)[1]


def tree_map(f: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """The tree of f(leaf, ...) over the leaves of trees of one structure.

    Raises ArgumentError where the structures differ.

    Examples
    --------
    >>> from cnengine.tensor import tree
    >>> tree.tree_map(lambda a, b: a + b, {"k": 1}, {"k": 10})
    {'k': 11}
    """
    leaves, structure = tree_flatten(tree)
    columns = [leaves]
    for each in rest:
        more, other = tree_flatten(each)
        if other != structure:
            raise ArgumentError(f"tree_map: expected the structure {structure}, got {other}")
        columns.append(more)
    return tree_unflatten(structure, [f(*row) for row in zip(*columns, strict=True)])


def flatten_prefix(prefix: Any, tree: Any, what: str) -> list[Any]:
    """A value for each leaf of `tree`, from a tree that may end earlier: None is a value too."""
    out: list[Any] = []
    _spread(prefix, tree, what, out)
    return out


def _spread(prefix: Any, tree: Any, what: str, out: list[Any]) -> None:
    opened = None if prefix is None else _tensor.tree_children(prefix)
    if opened is None:
        out.extend([prefix] * tree_structure(tree).num_leaves)
        return
    inner = _tensor.tree_children(tree)
    if inner is None or len(opened) != len(inner):
        raise ArgumentError(f"{what}: {prefix!r} does not fit the arguments {tree_structure(tree)}")
    for part, child in zip(opened, inner, strict=True):
        _spread(part, child, what, out)
