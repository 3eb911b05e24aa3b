"""Programs traced once for each kind of arguments, then run as fused kernels."""

from __future__ import annotations

import functools
import inspect
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, TracedError
from cnengine.tensor.arguments import arrays_of
from cnengine.tensor.array import Array, DType, integers_of
from cnengine.tensor.creation import asarray
from cnengine.tensor.keeping import keep, keeping
from cnengine.tensor.tree import Structure, tree_flatten, tree_unflatten

__all__ = ["ShapeDtypeStruct", "debug_nans", "eval_shape", "jit", "make_graph"]

Function = Callable[..., Any]
_LOCAL = threading.local()


def is_compiling() -> bool:
    """Whether this thread runs a function to make a program of it: what it sees is seen once."""
    return getattr(_LOCAL, "depth", 0) > 0


class _Compiled:
    """What was traced for one kind of arguments."""

    __slots__ = ("donated", "graph", "kept", "program", "structure", "updated")

    def __init__(self, graph: Any, structure: Structure) -> None:
        self.graph = graph
        self.structure = structure
        self.program = _tensor.Program(graph) if graph.is_closed else None
        self.donated: list[tuple[int, str]] = []  # numbers of arrays and what they are
        self.kept: list[Any] = []  # rules that the graph holds weakly
        self.updated = 0  # how many arrays become the first of the result (`StateStep`)

    def run(self, leaves: list[Array], is_traced: bool) -> Any:
        if self.program is None or is_traced:
            keep(self.kept)
            out = self.graph.interpret(leaves)
            _tensor.rebind(leaves[: self.updated], out[: self.updated])
        elif self.donated and getattr(_LOCAL, "traces", 0) == 0:
            if not self.updated:  # those are objects of their own
                self._check_donated(leaves)
            out = self.program.run(leaves, self.donated, self.updated)
        else:
            out = self.program.run(leaves, None, self.updated)
        return tree_unflatten(self.structure, out)

    def _check_donated(self, leaves: list[Array]) -> None:
        """Raises ArgumentError for an array that is donated and given once more."""
        seen: dict[int, int] = {}
        for leaf in leaves:
            seen[id(leaf)] = seen.get(id(leaf), 0) + 1
        for at, what in self.donated:
            if seen[id(leaves[at])] > 1:
                raise ArgumentError(f"jit: an array that is donated as {what} is given twice")


def is_weak(leaf: Any) -> bool:
    """Whether it is a number of Python, which takes the type of what it meets."""
    return isinstance(leaf, (bool, int, float, complex))


def traced_leaves(leaves: Sequence[Any]) -> tuple[list[Array], list[bool]]:
    """The arrays that a program is given for its arguments, and which are numbers of Python.

    Those are without loss: a float becomes float64, a complex number complex128.
    """
    wide = list(map(_tensor.wide, leaves))
    weak = [each is not None for each in wide]
    pairs = zip(leaves, wide, strict=True)
    mixed = [leaf if each is None else each for leaf, each in pairs]
    return arrays_of(mixed, "jit: arguments that are not static"), weak


def trace_graph(
    f: Function, structure: Structure, leaves: list[Array], weak: list[bool]
) -> tuple[Any, Structure]:
    """What `f` of a tuple of arguments and a dict of keywords computes, as a graph.

    `weak` says which leaves are numbers of Python.
    """
    trace = _tensor.graph_trace()
    _LOCAL.traces = getattr(_LOCAL, "traces", 0) + 1
    try:
        inputs = [trace.input(each, is_so) for each, is_so in zip(leaves, weak, strict=True)]
        args, kwargs = tree_unflatten(structure, inputs)
        outputs, shape = tree_flatten(f(*args, **kwargs))
        return trace.finish(arrays_of(outputs, "jit: results of a function")), shape
    finally:
        _LOCAL.traces -= 1
        trace.close()


def _typed(value: Any) -> Any:
    """What tells values apart that are equal: 1 and 1.0, 0.0 and -0.0, also in tuples."""
    if type(value) is tuple:
        return tuple(map(_typed, value))
    return (float, math.copysign(1.0, value)) if type(value) is float else type(value)


class Jitted:
    """A function that `jit` gives; see there."""

    def __init__(
        self,
        f: Function,
        static: tuple[int, ...],
        names: tuple[str, ...],
        donate: tuple[int, ...] = (),
    ) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._static = static
        self._names = names
        self._donate = donate
        self._cache: dict[Any, _Compiled] = {}

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def _split(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
        """Static arguments, and the others."""
        found = [(at, args[at]) for at in self._static if at < len(args)]
        found += [(name, kwargs[name]) for name in self._names if name in kwargs]
        static = tuple((at, _typed(value), value) for at, value in found)
        try:
            hash(static)
        except TypeError:
            raise ArgumentError(
                f"jit: expected static arguments that can be hashed, got {static!r}"
            ) from None
        rest = tuple(each for at, each in enumerate(args) if at not in self._static)
        return static, rest, {k: v for k, v in kwargs.items() if k not in self._names}

    def _call(self, static: Any, *args: Any, **kwargs: Any) -> Any:
        arguments = list(args)
        keywords = dict(kwargs)
        for at, _, value in static:
            if isinstance(at, int):
                arguments.insert(at, value)
            else:
                keywords[at] = value
        return self._f(*arguments, **keywords)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        compiled, leaves, is_traced = self._compiled(args, kwargs)
        return compiled.run(leaves, is_traced)

    def _compiled(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[_Compiled, list[Array], bool]:
        """What was traced for these arguments, the arrays among them, whether they are traced."""
        static: Any = ()
        given = args
        if self._static or self._names:
            static, args, kwargs = self._split(args, kwargs)
        leaves, structure = tree_flatten((args, kwargs))
        weak: list[bool] = []
        signature = _tensor.signature(leaves)
        is_traced = False
        if signature is None:
            leaves, weak = traced_leaves(leaves)
            signature = _tensor.signature(leaves)
            is_traced = signature is None
        if is_traced:
            signature = tuple((each.dtype, each.shape, each.device) for each in leaves)
        if any(weak):
            signature = (signature, tuple(weak))
        key = (structure, static, signature)
        compiled = self._cache.get(key)
        if compiled is None:
            call = functools.partial(self._call, static)
            _LOCAL.depth = getattr(_LOCAL, "depth", 0) + 1
            kept: list[Any] = []
            numbers = weak or [False] * len(leaves)
            try:
                with keeping(kept):
                    compiled = _Compiled(*trace_graph(call, structure, leaves, numbers))
            finally:
                _LOCAL.depth -= 1
            compiled.kept = kept
            if self._donate:
                compiled.donated = self._donated(given)
            if compiled.program is not None:
                self._cache[key] = compiled
        return compiled, leaves, is_traced

    def _donated(self, args: tuple[Any, ...]) -> list[tuple[int, str]]:
        """Which arrays are donated: their numbers among all, and what messages call them."""
        out: list[tuple[int, str]] = []
        first = 0
        for at, each in enumerate(args):
            if at in self._static:
                continue
            count = tree_flatten(each)[1].num_leaves
            if at in self._donate:
                what = f"argument {at} of {getattr(self._f, '__name__', 'a function')}"
                out += [(number, what) for number in range(first, first + count)]
            first += count
        return out

    def cuda_source(self, *args: Any, **kwargs: Any) -> str:
        """The fused kernels of the function for these arguments as CUDA C++, which needs no GPU.

        One kernel (of few long rows two) for each chain of operations that `jit` fuses, for arrays
        that lie as these do; other operations have none. It runs the function, to see how the
        arrays between its operations lie. `cnengine.tensor.cuda.compile_source` makes machine code
        of it.

        Examples
        --------
        >>> import cnengine as cn, cnengine.tensor as ct
        >>> source = cn.jit(lambda x: ct.exp(x) * 2.0).cuda_source(ct.ones(8))
        >>> "op_exp(r0)" in source
        True
        """
        compiled, leaves, is_traced = self._compiled(args, kwargs)
        if compiled.program is None or is_traced:
            raise TracedError("cuda_source: expected arrays, got values inside a transformation")
        units = _tensor.cuda_units(compiled.program, leaves)
        return "\n".join(each.kernels for each in units)

    def clear_cache(self) -> None:
        """Forgets what was traced."""
        self._cache.clear()


def jit(
    f: Function | None = None,
    *,
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
    donate_argnums: int | Sequence[int] = (),
) -> Any:
    """The same function, traced once for each kind of arguments (structure, shapes, types).

    While it is traced, values have no elements: `if` and `while` on them raise TracedError; use
    `cond`, `while_loop`, `scan` or `where`. What it does beside its result (printing, changing
    lists) happens while it is traced only.

    Integers of Python among the arguments are int64 while it is traced, and wrap around as arrays
    do: beside an int8 a traced 300 is 44, where eagerly it is an OverflowError, since its value is
    not known. Integers beyond int64 are an OverflowError; those of `static_argnums` stay Python's.

    Parameters
    ----------
    static_argnums, static_argnames
        Arguments that are not arrays but part of the program: traced anew for each value of them.
        They are hashed.
    donate_argnums
        Places of arguments whose arrays are not used any more (of each all arrays of the tree).
        Who uses such an array afterwards gets a StateError. Results take its memory where one
        fused pass reads it once, in order, and gives an array of the same shape and type, and
        nobody else holds the memory: no other array or view, no NumPy or DLPack export, no tape of
        `grad`. Otherwise it is never written, only let go of. One array may not be given twice
        when it is donated (ArgumentError, before anything runs). Arrays given by keyword, numbers
        and arrays of other libraries are not donated, nor is anything in a call whose arguments
        belong to a transformation, that is made while another function is traced, or under
        `debug_nans`. When the call fails what was not read for the last time yet is given back.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> float(cn.jit(lambda x: ct.sum(x * 2.0))(ct.asarray([1.0, 2.0])))
    6.0
    """
    if f is None:
        return functools.partial(
            jit,
            static_argnums=static_argnums,
            static_argnames=static_argnames,
            donate_argnums=donate_argnums,
        )
    donate = tuple(integers_of(donate_argnums))
    numbers = tuple(integers_of(static_argnums))
    names = (static_argnames,) if isinstance(static_argnames, str) else tuple(static_argnames)
    if any(each < 0 for each in numbers):
        raise ArgumentError(f"jit: expected static_argnums of at least 0, got {numbers}")
    numbers, names = _both_ways(f, numbers, names)
    if any(each < 0 or each in numbers for each in donate):
        raise ArgumentError(
            f"jit: expected donate_argnums of at least 0 that are not static, got {donate}"
        )
    return Jitted(f, tuple(sorted(numbers)), names, tuple(sorted(set(donate))))


def _both_ways(
    f: Function, numbers: tuple[int, ...], names: tuple[str, ...]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Static arguments may be given by place or by name, whichever way they were declared."""
    if not numbers and not names:
        return numbers, names
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # a builtin
        return numbers, names
    by_place = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    places = {p.name: at for at, p in enumerate(by_place)}
    kinds = {each.kind for each in parameters}
    if inspect.Parameter.VAR_POSITIONAL not in kinds and max(numbers, default=-1) >= len(by_place):
        raise ArgumentError(
            f"jit: expected static_argnums below {len(by_place)}, got {max(numbers)}"
        )
    unknown = sorted({*names} - {p.name for p in parameters})
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        raise ArgumentError(
            f"jit: expected static_argnames of {[p.name for p in parameters]}, got {unknown}"
        )
    both_numbers = {*numbers, *(places[name] for name in names if name in places)}
    both_names = {*names, *(by_place[at].name for at in numbers if at < len(by_place))}
    return tuple(both_numbers), tuple(sorted(both_names))


def make_graph(f: Function) -> Function:
    """A function that gives the graph of f(...), which prints as a line per operation.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.make_graph(lambda x: x + x)(ct.asarray([1.0])).size
    1
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = tree_flatten((args, kwargs))
        return trace_graph(f, structure, *traced_leaves(leaves))[0]

    return wrapped


class ShapeDtypeStruct:
    """The shape and type of an array without its elements.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ShapeDtypeStruct((2, 3), ct.float32)
    ShapeDtypeStruct(shape=(2, 3), dtype=float32)
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Sequence[int], dtype: DType) -> None:
        self.shape, self.dtype = tuple(shape), DType(dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, ShapeDtypeStruct)
        return same and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __repr__(self) -> str:
        return f"ShapeDtypeStruct(shape={self.shape}, dtype={self.dtype.name})"


def eval_shape(f: Function, *args: Any, **kwargs: Any) -> Any:
    """The result of f(...) with a `ShapeDtypeStruct` for each array; nothing is computed.

    Arguments may have `ShapeDtypeStruct` where arrays would be, so no memory is needed for them.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> big = ct.ShapeDtypeStruct((1_000_000, 1_000_000), ct.float32)
    >>> ct.eval_shape(lambda a, b: {"product": a @ b}, big, big)
    {'product': ShapeDtypeStruct(shape=(1000000, 1000000), dtype=float32)}
    """
    leaves, structure = tree_flatten((args, kwargs))
    trace = _tensor.graph_trace()
    try:
        # One element that is broadcast has the type and takes no memory.
        stand_ins = [
            _tensor.broadcast_to(_tensor.full([], 0, each.dtype), list(each.shape))
            if isinstance(each, ShapeDtypeStruct)
            else each
            for each in leaves
        ]
        inputs = list(map(trace.input, *traced_leaves(stand_ins)))
        given, keywords = tree_unflatten(structure, inputs)
        found, shape = tree_flatten(f(*given, **keywords))
        made = [asarray(each) for each in found]
        return tree_unflatten(shape, [ShapeDtypeStruct(each.shape, each.dtype) for each in made])
    finally:
        trace.close()


#: Who has asked for errors, in their order; the last one says whether there are any.
_ASKED: list[debug_nans] = []
_ASKED_LOCK = threading.Lock()


class debug_nans:
    """Has every operation raise NumericError when its result has a NaN; of the whole process.

    Called, or as a context. Jitted programs are then run operation by operation. The error names
    the line of your program that has called the operation: also under `jit`, `vmap` and `jvp`, and
    for a NaN of a derivative under `grad`.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> with cn.debug_nans():
    ...     ct.log(ct.asarray(-1.0))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cnengine.errors.NumericError: log: a NaN in the result float32[] of (float32[]), called at ...
    """

    def __init__(self, on: bool = True) -> None:
        self._on = on
        with _ASKED_LOCK:
            _ASKED.append(self)
            _tensor.set_debug_nans(on)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        # Contexts of several threads may end in any order.
        with _ASKED_LOCK:
            _ASKED[:] = [each for each in _ASKED if each is not self]
            _tensor.set_debug_nans(bool(_ASKED) and _ASKED[-1]._on)
