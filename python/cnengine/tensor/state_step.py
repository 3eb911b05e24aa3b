"""Steps that change a state in place: its arrays are donated, and become those after the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.tensor.array import Array
from cnengine.tensor.compile import Jitted
from cnengine.tensor.creation import asarray
from cnengine.tensor.tree import tree_flatten, tree_map, tree_structure

State = tuple[Any, ...]


class _OtherStateError(Exception):
    """The state after the step is built otherwise than the one before."""


class StateStep:
    """step(state, *args) of f(*state, *args) -> (state, more): gives the state and `more`.

    The arrays of `state`, a tuple of trees that nobody else has (see `own`), become those that f
    gives in their place, so that who holds the trees holds the new state: all of them, once all is
    computed, or none when the step fails, whatever is raised meanwhile. The first `donate` trees
    are donated as by `jit`: let go of, or written, where they are read last. An error before that
    gives them back; so what may fail belongs before it, which leaves want of memory.

    A state that is built otherwise after the step than before is returned as a new one, and then
    nothing is donated. Without `jit` f is called as it is. Not for two threads at once.
    """

    def __init__(self, f: Callable[..., Any], *, donate: int, jit: bool) -> None:
        self._f = f
        self._extent = 0
        self._flat = Jitted(self._flattened, (), (), tuple(range(donate))) if jit else None
        self._plain = Jitted(f, (), ()) if jit else f

    def _flattened(self, *args: Any) -> tuple[list[Any], Any]:
        state, more = self._f(*args)
        leaves, structure = tree_flatten(tuple(state))
        if structure != tree_structure(args[: self._extent]):
            raise _OtherStateError
        return leaves, more

    def __call__(self, state: State, *args: Any) -> tuple[State, Any]:
        if self._flat is not None:
            self._extent = len(state)
            try:
                compiled, leaves, is_traced = self._flat._compiled((*state, *args), {})
                compiled.updated = compiled.updated or tree_structure(state).num_leaves
                return state, compiled.run(leaves, is_traced)[1]
            except _OtherStateError:
                self._flat = None
        before, structure = tree_flatten(state)
        after, more = self._plain(*own(state), *args)
        found, wanted = tree_flatten(tuple(after))
        if wanted != structure:
            return tuple(after), more
        _tensor.rebind(before, own(found))
        return state, more


def own(tree: Any) -> Any:
    """The same arrays as objects of their own, which `StateStep` may change; nothing is copied."""
    return tree_map(_alone, tree)


def _alone(each: Any) -> Array:
    return _tensor.alias(each if type(each) is Array else asarray(each))
