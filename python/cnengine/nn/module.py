"""Modules: objects that hold arrays and other modules, and are trees of them."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, Self

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, Error, NotFoundError, ShapeError
from cnengine.nn.leaf import Leaf, is_floating, refuse_shared
from cnengine.tensor.misuse import RAW, misuse
from cnengine.tensor.peer_names import MODULE_NAMES

__all__ = ["Module"]


def holds_arrays(value: Any) -> bool:
    """Whether a value of an attribute is a child of the tree; all else is structure."""
    if isinstance(value, (ct.Array, Module, np.ndarray)):
        return True
    if type(value) in (list, tuple):
        return any(holds_arrays(each) for each in value)
    if type(value) is dict:
        return any(holds_arrays(each) for each in value.values())
    return False


def named_leaves(tree: Any) -> list[Leaf]:
    """The arrays of a tree of modules, in the order in which `tree_flatten` gives them."""
    out: list[Leaf] = []
    _walk(tree, (), None, Leaf("", "parameter", None, None, None, False), out)
    return out


def _walk(value: Any, path: tuple[str, ...], key: Any, above: Leaf, out: list[Leaf]) -> None:
    if isinstance(value, Module):
        _walk_module(value, path, out)
    elif type(value) in (list, tuple):
        for at, each in enumerate(value):
            _walk(each, (*path, str(at)), at, above._replace(holder=value), out)
    elif type(value) is dict:
        for each in sorted(value):
            _walk(value[each], (*path, str(each)), each, above._replace(holder=value), out)
    elif value is not None:
        if not hasattr(value, "dtype"):
            raise ArgumentError(
                f"Module: {'.'.join(path)}: expected arrays and modules only in a container that "
                f"has one, got {value!r}"
            )
        # Numbers that are counted (steps, keys) have no derivatives: they are state as well.
        is_state = above.role != "state" and not is_floating(value)
        role = "state" if is_state else above.role
        out.append(above._replace(name=".".join(path), role=role, value=value, key=key))


def _walk_module(module: Module, path: tuple[str, ...], out: list[Leaf]) -> None:
    frozen = module.__dict__.get("_frozen", ())
    buffers = dict(module.__dict__.get("_buffers", ()))
    for name, value in module.__dict__.items():
        if not holds_arrays(value):
            continue
        if name in module.state_names or name in buffers:
            role = "state"
        else:
            role = "frozen" if name in frozen else "parameter"
        inner = path if name in module.unnamed else (*path, name)
        is_volatile = name in module.volatile_names or not buffers.get(name, True)
        place = Leaf("", role, None, module, name, is_volatile)
        _walk(value, inner, name, place, out)


def _copied(value: Any) -> Any:
    """Lists and dicts as they are now: a traced program holds no later changes."""
    if type(value) is list:
        return [_copied(each) for each in value]
    if type(value) is dict:
        return {key: _copied(each) for key, each in value.items()}
    return value


class Module:
    """What a layer or a network derives from.

    Attributes that hold arrays, modules, or lists, tuples and dicts of these are its children in
    the tree (`cnengine.tensor.tree`); all others are part of its structure: `jit` traces anew when
    they change. Write `forward`; a call of the module calls it.

    Arrays of floats, NumPy's too, are parameters, which are trained, unless the class lists the
    attribute in `state_names` (running statistics, keys) or `register_buffer` sets it. A module
    changes its state by setting attributes. Within `jit` and derivatives it is a copy that changes:
    return the module to have what was changed (`nn.value_and_grad` does).

    An array or module may be at one place of a model only.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.slope = ct.asarray(2.0)
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> float(Line()(ct.asarray(3.0)))
    6.0
    >>> list(Line().parameters())
    ['slope']
    """

    #: Attributes whose arrays are state: no derivatives are taken by them.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: State that files need not have, such as keys of random numbers.
    volatile_names: ClassVar[tuple[str, ...]] = ()
    #: Containers whose own name is left out of the names of what they hold.
    unnamed: ClassVar[tuple[str, ...]] = ()
    #: Whether it runs as in training (dropout, statistics of the batch); see `train` and `eval`.
    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; subclasses write it."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method `forward`")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for each in args:
            if type(each) is np.ndarray:
                args = tuple(ct.asarray(x) if type(x) is np.ndarray else x for x in args)
                break
        try:
            return self.forward(*args, **kwargs)
        except Error as error:  # says in which layer, from the innermost on
            text = repr(self)
            error.add_note(f"in {type(self).__name__ if chr(10) in text else text}")
            raise
        except RAW as error:
            if not type(self).__module__.startswith("cnengine."):
                raise
            raised = misuse(
                type(self).__name__,
                (self, *args),
                kwargs,
                error,
                type(self).forward,
                is_strict=True,
            )
            if raised is error:
                raise
            raise raised from error

    def __tree_flatten__(self) -> tuple[list[Any], Any]:
        names, children, static = [], [], []
        for name, value in self.__dict__.items():
            if holds_arrays(value):
                names.append(name)
                children.append(value)
            else:
                static.append((name, _copied(value)))
        return children, (tuple(names), tuple(static))

    @classmethod
    def __tree_unflatten__(cls, detail: Any, children: Sequence[Any]) -> Self:
        out = object.__new__(cls)
        out.__dict__.update(zip(detail[0], children, strict=True))
        out.__dict__.update((name, _copied(value)) for name, value in detail[1])
        return out

    def register_buffer(self, name: str, value: Any, *, persistent: bool = True) -> None:
        """Sets an attribute to an array that is no parameter: tables, statistics of the data.

        Without `persistent` files need not have it. It may be set anew as any attribute.

        Examples
        --------
        >>> from cnengine import nn
        >>> class Scaled(nn.Module):
        ...     def __init__(self):
        ...         self.register_buffer("mean", [1.0, 2.0])
        ...     def forward(self, x):
        ...         return x - self.mean
        >>> list(Scaled().parameters()), list(Scaled().state())
        ([], ['mean'])
        """
        setattr(self, name, ct.asarray(value, copy=True))
        marked = {**dict(self.__dict__.get("_buffers", ())), name: persistent}
        self._buffers = tuple(marked.items())

    def named_parameters(self) -> Iterator[tuple[str, ct.Array]]:
        """Names and arrays that training changes, in the order of definition."""
        return ((leaf.name, leaf.value) for leaf in named_leaves(self) if leaf.role == "parameter")

    def parameters(self) -> dict[str, ct.Array]:
        """What training changes, by name: a tree, as optimisers take it.

        Examples
        --------
        >>> from cnengine import nn
        >>> [(name, value.shape) for name, value in nn.Linear(2, 3).parameters().items()]
        [('weight', (3, 2)), ('bias', (3,))]
        """
        return dict(self.named_parameters())

    def state(self) -> dict[str, ct.Array]:
        """Arrays that the module itself changes (running statistics, keys), by name."""
        return {leaf.name: leaf.value for leaf in named_leaves(self) if leaf.role == "state"}

    def num_parameters(self, *, trainable_only: bool = False) -> int:
        """The number of elements of all parameters, frozen ones too unless `trainable_only`.

        Examples
        --------
        >>> from cnengine import nn
        >>> nn.Linear(2, 3).num_parameters()
        9
        """
        roles = ("parameter",) if trainable_only else ("parameter", "frozen")
        return sum(leaf.value.size for leaf in named_leaves(self) if leaf.role in roles)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """The module itself (named "") and all within it, by name."""
        return _named_modules(self, ())

    def modules(self) -> Iterator[Module]:
        """The module itself and all within it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly within, also in its containers, by name.

        Examples
        --------
        >>> from cnengine import nn
        >>> [name for name, _ in nn.Sequential(nn.Linear(2, 3), nn.ReLU()).named_children()]
        ['0', '1']
        """
        return _children(self, ())

    def children(self) -> Iterator[Module]:
        """The modules directly within."""
        return (module for _, module in self.named_children())

    def apply(self, f: Callable[[Module], Any]) -> Self:
        """Calls f of all modules within and then of the module itself; returns the module.

        Examples
        --------
        >>> import cnengine.tensor as ct
        >>> from cnengine import nn
        >>> def clear(module):
        ...     if isinstance(module, nn.Linear):
        ...         module.bias = ct.zeros_like(module.bias)
        >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU()).apply(clear)[0].bias
        Array([0., 0., 0.], dtype=float32)
        """
        for module in self.children():
            module.apply(f)
        f(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Sets training mode here and in all modules within; returns the module.

        Examples
        --------
        >>> from cnengine import nn
        >>> nn.Dropout(0.5).eval().training
        False
        """
        for module in self.modules():
            if mode:
                module.__dict__.pop("training", None)  # the class says True
            else:
                module.training = False
        return self

    def eval(self) -> Self:
        """Leaves training mode: no dropout, statistics of the past; returns the module."""
        return self.train(False)

    def freeze(self, *patterns: str) -> Self:
        """Keeps parameters from being trained: those whose names match one of the patterns.

        Without patterns all. Patterns are those of file names (``"encoder.*"``). Raises
        NotFoundError for a pattern that no parameter has. Returns the module.

        Examples
        --------
        >>> from cnengine import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)).freeze("0.*")
        >>> list(model.parameters())
        ['1.weight', '1.bias']
        """
        self._mark(patterns, "freeze", True)
        return self

    def unfreeze(self, *patterns: str) -> Self:
        """Takes back `freeze`; patterns as there."""
        self._mark(patterns, "unfreeze", False)
        return self

    def _mark(self, patterns: tuple[str, ...], what: str, frozen: bool) -> None:
        leaves = [leaf for leaf in named_leaves(self) if leaf.role != "state"]
        for pattern in patterns:
            if not fnmatch.filter((leaf.name for leaf in leaves), pattern):
                raise NotFoundError(f"{what}: no parameter is named {pattern!r}")
        for leaf in leaves:
            if patterns and not any(fnmatch.fnmatchcase(leaf.name, each) for each in patterns):
                continue
            if not isinstance(leaf.holder, Module):
                raise ArgumentError(f"{what}: {leaf.name} is in a container, not in a module")
            names = {*leaf.holder.__dict__.get("_frozen", ())} - {leaf.key}
            names |= {leaf.key} if frozen else set()
            leaf.holder.__dict__.pop("_frozen", None)
            if names:
                leaf.holder._frozen = tuple(sorted(names))

    def state_dict(self, *, volatile: bool = False) -> dict[str, ct.Array]:
        """All arrays by name, as torch names them; with `volatile` keys of random numbers too."""
        return {
            each.name: each.value for each in named_leaves(self) if volatile or not each.volatile
        }

    def load_state_dict(self, values: Mapping[str, Any], *, strict: bool = True) -> Self:
        """Copies of arrays by name, taken in place; they are cast to the types that are there.

        Raises NotFoundError where names are missing or unknown, unless `strict` is False, and
        ShapeError where shapes differ. Nothing is changed then. Returns the module.

        Examples
        --------
        >>> from cnengine import nn
        >>> a, b = nn.Linear(2, 3), nn.Linear(2, 3)
        >>> bool((a.load_state_dict(b.state_dict()).weight == b.weight)[0, 0])
        True
        """
        return self._load(values, strict, True)

    def _load(self, values: Mapping[str, Any], strict: bool, copy: bool) -> Self:
        """As `load_state_dict`; without `copy` the module holds the arrays that are given."""
        found_leaves = named_leaves(self)
        refuse_shared(found_leaves, "load_state_dict")  # each would get an array of its own
        leaves = {leaf.name: leaf for leaf in found_leaves}
        missing = [n for n, leaf in leaves.items() if n not in values and not leaf.volatile]
        unknown = [name for name in values if name not in leaves]
        if strict and (missing or unknown):
            raise NotFoundError(
                f"load_state_dict: missing {missing or 'nothing'}, unknown {unknown or 'nothing'}"
            )
        found = {name: ct.asarray(value) for name, value in values.items() if name in leaves}
        different = [
            f"{name}: expected {leaves[name].value.shape}, got {value.shape}"
            for name, value in found.items()
            if tuple(value.shape) != tuple(leaves[name].value.shape)
        ]
        if different:
            raise ShapeError(f"load_state_dict: {'; '.join(different)}")
        for name, value in found.items():
            _, _, old, holder, key, _ = leaves[name]
            _set(holder, key, ct.astype(value, ct.asarray(old).dtype, copy=copy), name)
        return self

    def astype(self, dtype: ct.DType) -> Self:
        """A copy whose parameters and statistics of floats have another type.

        Examples
        --------
        >>> import cnengine.tensor as ct
        >>> from cnengine import nn
        >>> nn.Linear(2, 3).astype(ct.float64).weight.dtype.name
        'float64'
        """
        return ct.tree_map(lambda x: ct.astype(ct.asarray(x), dtype) if is_floating(x) else x, self)

    def to(self, dtype: ct.DType | str | None = None, device: str | None = None) -> Self:
        """A copy with floats of another type (`astype`), and all arrays on another device.

        The device may stand alone: ``to("cuda")``.

        Examples
        --------
        >>> from cnengine import nn
        >>> nn.Linear(2, 3).to("float64", device="cpu").weight.dtype.name
        'float64'
        """
        if isinstance(dtype, str) and dtype.split(":")[0] in ("cpu", "cuda"):
            dtype, device = None, dtype
        out = self.copy() if dtype is None else self.astype(dtype)
        if device is None:
            return out
        return ct.tree_map(lambda x: ct.asarray(x).to_device(device), out)

    def copy(self) -> Self:
        """The same modules anew, with the same arrays: what is set in one is not in the other."""
        return ct.tree_map(lambda x: x, self)

    def __getattr__(self, name: str) -> NoReturn:
        hint = f"; {MODULE_NAMES[name]}" if name in MODULE_NAMES else ""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def __repr__(self) -> str:
        facts = [
            f"{name}={getattr(value, '__name__', None) or repr(value)}"
            for name, value in self.__dict__.items()
            if not name.startswith("_") and name != "training" and not holds_arrays(value)
        ]
        inner = [
            f"  ({name}): " + repr(module).replace("\n", "\n  ")
            for name, module in _children(self, ())
        ]
        head = f"{type(self).__name__}({', '.join(facts)}"
        return head + ("\n" + "\n".join(inner) + "\n)" if inner else ")")


def _children(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Module]]:
    """The modules directly within a module or container, by name."""
    items: list[tuple[tuple[str, ...], Any]] = []
    if isinstance(value, Module):
        for name, each in value.__dict__.items():
            items.append((path if name in value.unnamed else (*path, name), each))
    elif type(value) in (list, tuple):
        items = [((*path, str(at)), each) for at, each in enumerate(value)]
    elif type(value) is dict:
        items = [((*path, str(key)), value[key]) for key in sorted(value, key=str)]
    for where, each in items:
        if isinstance(each, Module):
            yield ".".join(where), each
        else:
            yield from _children(each, where)


def _named_modules(module: Module, path: tuple[str, ...]) -> Iterator[tuple[str, Module]]:
    yield ".".join(path), module
    for name, each in _children(module, path):
        yield from _named_modules(each, (name,))


def _set(holder: Any, key: Any, value: ct.Array, name: str) -> None:
    if isinstance(holder, Module):
        setattr(holder, key, value)
    elif isinstance(holder, tuple):
        raise ArgumentError(f"load_state_dict: {name} is in a tuple, which cannot be changed")
    else:
        holder[key] = value
