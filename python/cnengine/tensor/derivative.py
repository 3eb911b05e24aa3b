"""Derivatives of programs: reverse mode (`grad`, `vjp`) and forward mode (`jvp`).

Values inside have elements, so programs may branch on them. Arguments and results may be nested
(`cnengine.tensor.tree`). Transformations may be nested in any order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.arguments import arrays_of
from cnengine.tensor.array import Array, DType
from cnengine.tensor.batching import vmap
from cnengine.tensor.compile import jit
from cnengine.tensor.creation import asarray
from cnengine.tensor.keeping import keep, keeping
from cnengine.tensor.tree import tree_flatten, tree_map, tree_structure, tree_unflatten

__all__ = [
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]


def stop_gradient(x: Any) -> Any:
    """The same values as constants: derivatives end here.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.grad(lambda x: x * ct.stop_gradient(x))(ct.asarray(3.0)))
    3.0
    """
    return tree_map(lambda each: _tensor.stop_gradient(asarray(each)), x)


def _positions(argnums: int | Sequence[int], count: int, name: str) -> list[int]:
    wanted = [argnums] if isinstance(argnums, Integral) else list(argnums)
    for each in wanted:
        if not -count <= each < count:
            raise ArgumentError(f"{name}: argnums has {each}, but there are {count} arguments")
    return [each % count for each in wanted]


def _zeros_like(value: Array) -> Array:
    return _tensor.number_like(0, value)


def _numbers_in_full(
    leaves: Sequence[Any], what: str
) -> tuple[list[Array], list[bool], list[DType]]:
    """What a transformation takes for leaves, which are numbers of Python, and their own types.

    A number of Python takes the type of what it meets, so it is taken without loss: as a float64 or
    a complex128.
    """
    arrays = arrays_of(leaves, what)
    wide = [None if isinstance(each, np.generic) else _tensor.wide(each) for each in leaves]
    values = [a if each is None else each for a, each in zip(arrays, wide, strict=True)]
    return values, [each is not None for each in wide], [each.dtype for each in arrays]


class _Tape:
    """A program that has run under reverse mode, with respect to the leaves of some arguments."""

    def __init__(self, f: Function, args: Sequence[Any], kwargs: Any, of: list[int]) -> None:
        self.trace = _tensor.grad_trace()
        self.structures = []
        self.inputs: list[Array] = []
        self._types: list[DType] = []  # of the derivatives: those of numbers of Python are theirs
        self._kept: list[Any] = []  # rules that what is written down holds weakly
        arguments = list(args)
        for position in of:
            leaves, structure = tree_flatten(args[position])
            values, weak, types = _numbers_in_full(leaves, f"grad: argument {position}")
            self.inputs += values
            self._types += types
            self.structures.append(structure)
            traced = self._traced(values, weak, args[position])
            arguments[position] = tree_unflatten(structure, traced)
        try:
            with keeping(self._kept):
                self.result = f(*arguments, **kwargs)
        except BaseException:
            self.trace.clear()
            raise

    def _traced(self, values: list[Array], weak: list[bool], tree: Any) -> list[Array]:
        try:
            return list(map(self.trace.input, values, weak))
        except TypeError as error:
            if not hasattr(tree, "__tree_flatten__"):
                raise
            raise TypeError(
                f"{error}; of a module, which has such state, take `cnengine.nn.value_and_grad`"
            ) from None

    def primal(self, tree: Any) -> Any:
        """The tree without derivatives."""
        return tree_map(lambda x: self.trace.primal(x) if isinstance(x, Array) else x, tree)

    def backward(self, outputs: list[Any], cotangents: list[Any]) -> list[Any]:
        """The derivatives by the arguments, as their trees."""
        keep(self._kept)
        found = self.trace.backward(outputs, cotangents)
        return self.trees(
            [
                _zeros_like(value) if each is None else each
                for value, each in zip(self.inputs, found, strict=True)
            ]
        )

    def trees(self, leaves: list[Any]) -> list[Any]:
        """Leaves as the trees of the arguments."""
        out = []
        leaves = [
            each if each.dtype == dtype else _tensor.cast(each, dtype)
            for each, dtype in zip(leaves, self._types, strict=True)
        ]
        for structure in self.structures:
            out.append(tree_unflatten(structure, leaves[: structure.num_leaves]))
            leaves = leaves[structure.num_leaves :]
        return out


Pull = Callable[[_Tape, Array, Array], tuple[Array, list[Any]]]


def _pull(tape: _Tape, result: Array, one: Array) -> tuple[Array, list[Any]]:
    slopes = tape.backward([result], [one])
    return tape.trace.primal(result), slopes


def differentiated(
    f: Function, argnums: int | Sequence[int], has_aux: bool, pull: Pull = _pull
) -> Function:
    """What `value_and_grad` gives; `pull` makes of a tape and its result the value and slopes."""

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        tape = _Tape(f, args, kwargs, _positions(argnums, len(args), "grad"))
        try:
            result, aux = tape.result if has_aux else (tape.result, None)
            if isinstance(result, (int, float, complex)):
                raise ArgumentError(
                    "grad: expected an array that depends on the arguments, got the number "
                    f"{result}; float() and math take it out of what is derived"
                )
            (result,) = arrays_of([result], "grad: the result")
            if result.shape != ():
                raise ShapeError(f"grad: expected a function of one number, got {result.shape}")
            if result.dtype.kind != "float":
                raise TypeError(f"grad: expected a function of a float, got {result.dtype.name}")
            one = _tensor.number_like(1, result)
            value, slopes = pull(tape, result, one)
            aux = tape.primal(aux)
        finally:
            tape.trace.clear()
        derivative = slopes[0] if isinstance(argnums, Integral) else tuple(slopes)
        return ((value, aux) if has_aux else value), derivative

    return wrapped


def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Function:
    """A function that gives f(...) and its derivatives by some of its arguments.

    Parameters
    ----------
    f
        Its result is one number; with `has_aux` a pair of that and anything else, passed on.
    argnums
        The places of the arguments, whose leaves are floats. With several the derivatives are a
        tuple. By a number of Python, which stays one inside, the derivative is a float32. Of
        complex arguments the derivative is such that a step against it descends.

    Raises ShapeError when the result is not one number, TypeError when it is not a float.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> value, slope = ct.value_and_grad(lambda x: x * x)(ct.asarray(3.0))
    >>> float(value), float(slope)
    (9.0, 6.0)
    """

    return differentiated(f, argnums, has_aux)


def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False) -> Function:
    """As `value_and_grad` without the value; with `has_aux` a pair of derivatives and the rest.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.grad(ct.grad(lambda x: x * x * x))(ct.asarray(2.0)))
    12.0
    """
    both = value_and_grad(f, argnums, has_aux=has_aux)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        value, derivative = both(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return wrapped


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> Any:
    """f(*primals) and a function that gives, from derivatives by the result, those by the primals.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> value, pull = ct.vjp(lambda a, b: a * b, ct.asarray(2.0), ct.asarray(5.0))
    >>> [float(each) for each in pull(ct.asarray(1.0))]
    [5.0, 2.0]
    """
    tape = _Tape(f, primals, {}, list(range(len(primals))))
    result, aux = tape.result if has_aux else (tape.result, None)
    leaves, structure = tree_flatten(result)
    outputs = arrays_of(leaves, "vjp: the result")
    value = tree_unflatten(structure, [tape.trace.primal(each) for each in outputs])
    aux = tape.primal(aux)
    tape.trace.close()

    def pull(cotangent: Any) -> tuple[Any, ...]:
        given, found = tree_flatten(cotangent)
        if found != structure:
            raise ArgumentError(f"vjp: expected cotangents like {structure}, got {found}")
        for output, each in zip(outputs, given, strict=True):
            if asarray(each).shape != output.shape:
                raise ShapeError(
                    f"vjp: expected a cotangent of the shape {output.shape}, "
                    f"got {asarray(each).shape}"
                )
        cotangents = [
            asarray(each, dtype=output.dtype) for output, each in zip(outputs, given, strict=True)
        ]
        return tuple(tape.backward(outputs, cotangents))

    return (value, pull, aux) if has_aux else (value, pull)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f(*primals) and how it changes when the primals change by the tangents.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> value, change = ct.jvp(ct.sin, (ct.asarray(0.0),), (ct.asarray(2.0),))
    >>> float(value), float(change)
    (0.0, 2.0)
    """
    leaves, structure = tree_flatten(tuple(primals))
    given, found = tree_flatten(tuple(tangents))
    if found != structure:
        raise ArgumentError(f"jvp: expected tangents like {structure}, got {found}")
    trace = _tensor.jvp_trace()
    try:
        inputs = [
            trace.input(value, asarray(tangent, dtype=value.dtype), is_weak)
            for value, is_weak, tangent in zip(
                *_numbers_in_full(leaves, "jvp: the primals")[:2], given, strict=True
            )
        ]
        result = f(*tree_unflatten(structure, inputs))
        outputs, shape = tree_flatten(result)
        outputs = arrays_of(outputs, "jvp: the result")
        values = [trace.primal(each) for each in outputs]
        changes = [trace.tangent(each) for each in outputs]
    finally:
        trace.close()
    changes = [
        _zeros_like(value) if each is None else each
        for value, each in zip(values, changes, strict=True)
    ]
    return tree_unflatten(shape, values), tree_unflatten(shape, changes)


def linearize(f: Function, *primals: Any) -> tuple[Any, Function]:
    """f(*primals) and the linear function of changes that `jvp` computes there.

    The function is traced once, and what does not depend on the changes is kept in its program.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> value, change = ct.linearize(ct.sin, ct.asarray(0.0))
    >>> float(value), float(change(ct.asarray(2.0)))
    (0.0, 2.0)
    """
    value = f(*primals)
    wanted = tree_structure(tuple(primals))
    linear = jit(lambda *tangents: jvp(f, primals, tangents)[1])

    def change(*tangents: Any) -> Any:
        if (found := tree_structure(tangents)) != wanted:
            raise ArgumentError(f"linearize: expected changes like {wanted}, got {found}")
        return linear(*tangents)

    return value, change


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of f, which gives one number, times `tangents`: a tuple of trees like `primals`.

    Forward mode over reverse mode, so it costs a few calls of f and no matrix. Pearlmutter 1994,
    "Fast exact multiplication by the Hessian".

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x, v = ct.asarray([1.0, 2.0]), ct.asarray([1.0, 0.0])
    >>> ct.hvp(lambda x: ct.sum(x * x * x), (x,), (v,))[0]
    Array([6., 0.], dtype=float32)
    """
    slopes = grad(f, argnums=tuple(range(len(primals))))
    return tuple(jvp(slopes, tuple(primals), tuple(tangents))[1])


def _basis(value: Array) -> Array:
    """One row for each element, 1 at its place."""
    rows = _tensor.cast(asarray(np.eye(value.size, dtype=np.float32)), value.dtype)
    return _tensor.reshape(rows, [value.size, *value.shape])


def jacrev(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives all derivatives of f, by reverse mode: for few results of many inputs.

    Of a result of the shape s by an argument of the shape t they have the shape s + t.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.jacrev(lambda x: x * x)(ct.asarray([1.0, 2.0]))
    Array([[2., 0.],
           [0., 4.]], dtype=float32)
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        of = _positions(argnums, len(args), "jacrev")

        def of_some(*some: Any) -> Any:
            arguments = list(args)
            for position, each in zip(of, some, strict=True):
                arguments[position] = each
            return f(*arguments, **kwargs)

        value, pull = vjp(of_some, *(args[position] for position in of))
        leaves, structure = tree_flatten(value)
        rows = []
        for at, leaf in enumerate(leaves):

            def pull_one(row: Array, at: int = at) -> Any:
                return pull(
                    tree_unflatten(
                        structure,
                        [row if i == at else _zeros_like(each) for i, each in enumerate(leaves)],
                    )
                )

            slopes = vmap(pull_one)(_basis(leaf))
            shaped = tree_map(
                lambda x, leaf=leaf: _tensor.reshape(x, [*leaf.shape, *x.shape[1:]]), slopes
            )
            rows.append(shaped[0] if isinstance(argnums, Integral) else tuple(shaped))
        return tree_unflatten(structure, rows)

    return wrapped


def jacfwd(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """As `jacrev`, by forward mode: for many results of few inputs.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.jacfwd(lambda x: x * x)(ct.asarray([1.0, 2.0]))
    Array([[2., 0.],
           [0., 4.]], dtype=float32)
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        of = _positions(argnums, len(args), "jacfwd")
        leaves, structure = tree_flatten(tuple(args[position] for position in of))
        values = [asarray(each) for each in leaves]

        def of_leaves(*some: Any) -> Any:
            arguments = list(args)
            for position, each in zip(of, tree_unflatten(structure, some), strict=True):
                arguments[position] = each
            return f(*arguments, **kwargs)

        columns = []
        for at, value in enumerate(values):

            def push(row: Array, at: int = at) -> Any:
                tangents = [row if i == at else _zeros_like(v) for i, v in enumerate(values)]
                return jvp(of_leaves, leaves, tangents)[1]

            slopes = vmap(push, out_axes=-1)(_basis(value))
            columns.append(
                tree_map(
                    lambda x, value=value: _tensor.reshape(x, [*x.shape[:-1], *value.shape]), slopes
                )
            )
        shape = tree_structure(columns[0])
        trees = [
            tree_unflatten(structure, list(row))
            for row in zip(*(tree_flatten(each)[0] for each in columns), strict=True)
        ]
        picked = [each[0] if isinstance(argnums, Integral) else each for each in trees]
        return tree_unflatten(shape, picked)

    return wrapped


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that gives all second derivatives of f: forward over reverse mode.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.hessian(lambda x: ct.sum(x * x * x))(ct.asarray([1.0, 2.0]))
    Array([[ 6.,  0.],
           [ 0., 12.]], dtype=float32)
    """
    return jacfwd(jacrev(f, argnums), argnums)
