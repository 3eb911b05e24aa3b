"""Choices and loops whose elements decide, and programs with derivatives of their own.

Outside `jit` they are run as the Python they are, so branches and loop bodies may do anything.
Under `jit` they become part of the program: bodies are traced, and what they use of outer
transformations is passed to them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.arguments import arrays_of, told
from cnengine.tensor.array import Array
from cnengine.tensor.compile import is_weak, trace_graph, traced_leaves
from cnengine.tensor.creation import asarray
from cnengine.tensor.keeping import held, keep
from cnengine.tensor.tree import Structure, tree_flatten, tree_map, tree_unflatten

__all__ = ["checkpoint", "cond", "custom_jvp", "custom_vjp", "scan", "while_loop"]

Function = Callable[..., Any]
_STEP = "scan: expected f to give (state, result)"


class _Traced:
    """A function as a graph, with what it uses of outer transformations.

    What is a number of Python is one inside too.
    """

    def __init__(self, f: Function, args: tuple[Any, ...]) -> None:
        leaves, structure = tree_flatten((args, {}))
        self.inputs, weak = traced_leaves(leaves)
        self.graph, self.structure = trace_graph(f, structure, self.inputs, weak)
        self.captured = _tensor.hoist(self.graph)

    def body(self, at: int = 0, unread: Any = ()) -> Any:
        return _tensor.body(self.graph, at, list(unread))


def _pair(result: Any, what: str) -> tuple[Any, Any]:
    """What a function gave that has to give two; raises TypeError."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(f"{what}, got {told(result)}")
    return tuple(result)  # type: ignore[return-value]


def _like(expected: Structure, got: Structure, what: str) -> None:
    if expected != got:
        raise TypeError(f"{what}: expected a result like {expected}, got {got}")


def cond(pred: Any, true_fun: Function, false_fun: Function, *operands: Any) -> Any:
    """true_fun(*operands) where `pred` is true, else false_fun(*operands).

    Under `vmap`, where `pred` may differ by example, both are computed and chosen from.

    Raises TypeError when the results of the two differ in structure or types.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> absolute = cn.jit(lambda x: cn.cond(x < 0, lambda v: -v, lambda v: v, x))
    >>> float(absolute(ct.asarray(-2.0)))
    2.0
    """
    (pred,) = arrays_of([pred], "cond: the condition")
    if pred.shape != ():
        raise ArgumentError(f"cond: expected one bool, got an array of the shape {pred.shape}")
    if pred.dtype.kind != "bool":
        pred = pred != 0
    if _tensor.is_known(pred):
        return (true_fun if bool(pred) else false_fun)(*operands)
    yes, no = _Traced(true_fun, operands), _Traced(false_fun, operands)
    _like(yes.structure, no.structure, "cond")
    out = _tensor.cond(
        pred,
        yes.body(len(yes.captured), no.captured),
        no.body(0, yes.captured),
        [*yes.captured, *no.captured, *yes.inputs],
    )
    return tree_unflatten(yes.structure, out)


def while_loop(cond_fun: Function, body_fun: Function, init_val: Any) -> Any:
    """`body_fun` again and again from `init_val` on, while `cond_fun` of the state is true.

    It has no derivative by reverse mode under `jit`, where the number of rounds is not known.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> double = cn.jit(lambda x: cn.while_loop(lambda v: v < 100, lambda v: v * 2, x))
    >>> int(double(ct.asarray(3)))
    192
    """
    state = tree_map(asarray, init_val)
    while _tensor.is_known(test := arrays_of([cond_fun(state)], "while_loop: the test")[0]):
        if test.shape != ():
            raise ArgumentError(f"while_loop: expected one bool of cond_fun, got {told(test)}")
        if not bool(test):
            return state
        state = tree_map(asarray, body_fun(state))
    tests, body = _Traced(cond_fun, (state,)), _Traced(body_fun, (state,))
    _like(tree_flatten(state)[1], body.structure, "while_loop")
    out = _tensor.while_loop(
        tests.body(len(tests.captured), body.captured),
        body.body(0, tests.captured),
        len(tests.captured) + len(body.captured),
        [*tests.captured, *body.captured, *body.inputs],
    )
    return tree_unflatten(body.structure, out)


def _length(xs: list[Array], length: int | None) -> int:
    found = {each.shape[0] if each.ndim else None for each in xs}
    if length is not None:
        found.add(length)
    if len(found) != 1 or None in found:
        got = "neither arrays nor a length" if not found else sorted(found - {None})
        got = "an array without axes" if None in found else got
        raise ArgumentError(f"scan: expected arrays of one number of rows, got {got}")
    return found.pop()  # type: ignore[return-value]


def scan(
    f: Function, init: Any, xs: Any = None, length: int | None = None, *, reverse: bool = False
) -> tuple[Any, Any]:
    """f(state, row) -> (state, result) over the rows of `xs`, one after the other.

    Parameters
    ----------
    init
        The state before the first row.
    xs
        Arrays whose first axis is gone through; None: `length` rounds without rows.
    reverse
        From the last row to the first; results are at the places of their rows.

    Returns the last state, and the results with one more axis in front.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> cn.scan(lambda s, x: (s + x, s), ct.asarray(0.0), ct.asarray([1.0, 2.0, 3.0]))
    (Array(6., dtype=float32), Array([0., 1., 3.], dtype=float32))
    """
    rows, row_structure = tree_flatten(xs)
    rows = [asarray(each) for each in rows]
    length = _length(rows, length)
    state, state_structure = tree_flatten(init)
    state = [asarray(each) for each in state]
    if length < 0:
        raise ArgumentError(f"scan: expected a length of at least 0, got {length}")
    if length and all(_tensor.is_known(each) for each in [*rows, *state]):
        return _scan_eagerly(f, (state, state_structure), (rows, row_structure), length, reverse)
    first = [_tensor.full(list(each.shape[1:]), 0, each.dtype) for each in rows]
    body = _Traced(
        f, (tree_unflatten(state_structure, state), tree_unflatten(row_structure, first))
    )
    if not body.structure.is_tuple or len(body.structure.children) != 2:
        raise TypeError(f"{_STEP}, got {body.structure}")
    after, result = body.structure.children
    _like(state_structure, after, "scan")
    captured = list(body.captured)
    out = _tensor.scan(
        body.body(), len(captured), len(state), length, reverse, [*captured, *state, *rows]
    )
    return tree_unflatten(after, out[: len(state)]), tree_unflatten(result, out[len(state) :])


def _scan_eagerly(f: Function, init: Any, xs: Any, length: int, reverse: bool) -> tuple[Any, Any]:
    state = tree_unflatten(init[1], init[0])
    results: list[list[Array]] = []
    structure: Structure | None = None
    for at in range(length - 1, -1, -1) if reverse else range(length):
        row = tree_unflatten(xs[1], [_tensor.take_one(each, 0, at) for each in xs[0]])
        state, result = _pair(f(state, row), _STEP)
        leaves, found = tree_flatten(result)
        if structure is not None and found != structure:
            raise TypeError(f"scan: expected a result like {structure} of each row, got {found}")
        structure = found
        results.append([asarray(each) for each in leaves])
    if reverse:
        results.reverse()
    stacked = [_stack(list(column)) for column in zip(*results, strict=True)]
    return tree_map(asarray, state), tree_unflatten(structure, stacked)


def _stack(rows: list[Array]) -> Array:
    try:
        return _tensor.concat([_tensor.expand_dims(each, [0]) for each in rows], 0)
    except (TypeError, ShapeError):
        kinds = dict.fromkeys(f"{each.dtype.name}{list(each.shape)}" for each in rows)
        raise TypeError(
            f"scan: expected results of one type and shape of all rows, got {' and '.join(kinds)}"
        ) from None


def checkpoint(f: Function) -> Function:
    """The same function, which is run again for its derivative: what it computes is not kept.

    It is traced, so that values inside have no elements.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> float(cn.grad(cn.checkpoint(lambda x: ct.sin(ct.sin(x))))(ct.asarray(0.0)))
    1.0
    """

    @functools.wraps(f)
    def wrapped(*args: Any) -> Any:
        traced = _Traced(f, args)
        captured = list(traced.captured)
        out = _tensor.checkpoint(traced.body(), [*captured, *traced.inputs])
        return tree_unflatten(traced.structure, out)

    return wrapped


class _Arguments:
    """Where the arrays are among arguments; numbers of Python stay what they are.

    Those that are traced are arrays of their values in full, and numbers again when filled in.
    """

    def __init__(self, args: Any) -> None:
        leaves, self.structure = tree_flatten(args)
        self._numbers = [each if is_weak(each) else None for each in leaves]
        wide = [None if is_weak(each) else _tensor.wide(each) for each in leaves]
        self._types = self.among([None if each is None else each.dtype for each in wide])

    def arrays(self, args: Any) -> list[Array]:
        """Those among these arguments, numbers that are traced in full."""
        leaves = self.among(tree_flatten(args)[0])
        pairs = zip(leaves, self._types, strict=True)
        return [_tensor.wide(each) if dtype else asarray(each) for each, dtype in pairs]

    def among(self, leaves: Sequence[Any]) -> list[Any]:
        """What belongs to arrays, of as many as there are arguments."""
        pairs = zip(leaves, self._numbers, strict=True)
        return [each for each, number in pairs if number is None]

    def slopes_among(self, slopes: Sequence[Any]) -> list[Any]:
        """Of derivatives those that belong to arrays; by traced numbers those of them in full."""
        pairs = zip(self.among(slopes), self._types, strict=True)
        return [
            each if each is None or dtype is None else _tensor.cast(each, dtype)
            for each, dtype in pairs
        ]

    def filled(self, arrays: Sequence[Any], *, changes: bool = False) -> Any:
        """Arguments with these arrays; or with their changes, which numbers have none of."""
        pairs = zip(arrays, self._types, strict=True)
        rest = (_tensor.number_of_wide(each) if dtype else each for each, dtype in pairs)
        leaves = [
            next(rest) if number is None else 0.0 if changes else number for number in self._numbers
        ]
        return tree_unflatten(self.structure, leaves)


class custom_vjp:
    """A function whose derivative by reverse mode is given.

    ``defvjp(forward, backward)``: `forward` takes the arguments and gives (result, kept);
    `backward` takes (kept, derivative by the result) and gives a tuple of those by the arguments,
    of which some may be None. A third one, as `custom_jvp` has it, is for forward mode, which is an
    error without it. All are functions of values, so they may be transformed too. Numbers of Python
    stay numbers in them; those that are traced, as arguments of `jit` or of `grad`, take the type
    of what they meet there, too.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> @cn.custom_vjp
    ... def clipped(x):
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda _, g: (ct.minimum(g, 1.0),))
    >>> float(cn.grad(lambda x: 5.0 * clipped(x))(ct.asarray(2.0)))
    1.0
    """

    def __init__(self, f: Function) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._forward: Function | None = None
        self._backward: Function | None = None
        self._tangent: Function | None = None

    def defvjp(
        self, forward: Function, backward: Function, tangent: Function | None = None
    ) -> None:
        """Sets the two halves of the derivative, and that by forward mode."""
        self._forward, self._backward, self._tangent = forward, backward, tangent

    def __call__(self, *args: Any) -> Any:
        if self._forward is None or self._backward is None:
            raise ArgumentError("custom_vjp: expected a call of defvjp before")
        given = _Arguments(args)
        inputs = given.arrays(args)
        if not any(each._trace for each in inputs):
            return self._f(*args)
        traced = _Traced(lambda *arrays: self._f(*given.filled(arrays)), tuple(inputs))
        if traced.captured:
            raise ArgumentError(
                "custom_vjp: it uses values of a transformation that are not its arguments"
            )
        rules = _Reverse(self._forward, self._backward, args, given, traced.structure)
        forward, backward = _rules_of(rules, rules.forward, rules.backward)
        tangent = None
        if self._tangent is not None:
            changes = _Forward(self._tangent, given)
            (tangent,) = _rules_of(changes, changes.tangent)
        out = _tensor.custom(
            traced.body(), forward, backward, tangent, traced.structure.num_leaves, inputs
        )
        return tree_unflatten(traced.structure, out)


def _rules_of(owner: Any, *rules: Function) -> tuple[Function, ...]:
    """Methods of an object as programs hold them."""
    return tuple(map(held, rules)) if keep([owner]) else rules


class _Reverse:
    """The rules of one call of a `custom_vjp`, on lists of values."""

    def __init__(
        self,
        forward: Function,
        backward: Function,
        args: tuple[Any, ...],
        given: _Arguments,
        result: Structure,
    ) -> None:
        self._forward = forward
        self._backward = backward
        self._given = given
        self._counts = [tree_flatten(each)[1].num_leaves for each in args]
        self._result = result
        self._kept: dict[int, _Arguments] = {}  # what forward kept, by the number of its arrays

    def forward(self, values: list[Array]) -> list[Array]:
        result, residuals = _pair(
            self._forward(*self._given.filled(values)),
            "custom_vjp: expected forward to give (result, kept)",
        )
        flat, shape = tree_flatten(result)
        _like(self._result, shape, "custom_vjp")
        saved = _Arguments(residuals)
        for before in self._kept.values():
            if before.structure != saved.structure:
                raise ArgumentError(
                    f"custom_vjp: expected forward to keep {before.structure} every time, "
                    f"got {saved.structure}"
                )
        arrays = saved.arrays(residuals)
        self._kept[len(arrays)] = saved
        return [*map(asarray, flat), *arrays]

    def backward(self, values: list[Array]) -> list[Array | None]:
        count = len(values) - self._result.num_leaves
        residuals = self._kept[count].filled(values[:count])
        cotangent = tree_unflatten(self._result, values[count:])
        slopes = _spread_slopes(self._counts, self._backward(residuals, cotangent))
        return self._given.slopes_among(slopes)


def _spread_slopes(counts: list[int], slopes: Any) -> list[Array | None]:
    if not isinstance(slopes, tuple) or len(slopes) != len(counts):
        raise ArgumentError(
            f"custom_vjp: expected a tuple of {len(counts)} derivatives, got {told(slopes)}"
        )
    out: list[Array | None] = []
    for count, slope in zip(counts, slopes, strict=True):
        if slope is None:
            out += [None] * count
        else:
            out += arrays_of(tree_flatten(slope)[0], "custom_vjp: derivatives")
    return out


class custom_jvp:
    """A function whose derivative by forward mode is given; reverse mode follows from it.

    ``defjvp(tangent)``: `tangent` takes (arguments, their changes) as two tuples and gives
    (result, its change), which is linear in the changes.

    Examples
    --------
    >>> import cnengine as cn, cnengine.tensor as ct
    >>> @cn.custom_jvp
    ... def f(x):
    ...     return ct.sin(x)
    >>> f.defjvp(lambda args, changes: (f(*args), 7.0 * changes[0]))
    >>> float(cn.grad(f)(ct.asarray(0.5)))
    7.0
    """

    def __init__(self, f: Function) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._tangent: Function | None = None

    def defjvp(self, tangent: Function) -> None:
        """Sets the derivative."""
        self._tangent = tangent

    def __call__(self, *args: Any) -> Any:
        if self._tangent is None:
            raise ArgumentError("custom_jvp: expected a call of defjvp before")
        given = _Arguments(args)
        inputs = given.arrays(args)
        if not any(each._trace for each in inputs):
            return self._f(*args)
        traced = _Traced(lambda *arrays: self._f(*given.filled(arrays)), tuple(inputs))
        if traced.captured:
            raise ArgumentError(
                "custom_jvp: it uses values of a transformation that are not its arguments"
            )

        rules = _Forward(self._tangent, given)
        (tangent,) = _rules_of(rules, rules.tangent)
        out = _tensor.custom(
            traced.body(), None, None, tangent, traced.structure.num_leaves, inputs
        )
        return tree_unflatten(traced.structure, out)


class _Forward:
    """The rule of one call of a `custom_jvp`, on a list of values."""

    def __init__(self, tangent: Function, given: _Arguments) -> None:
        self._tangent = tangent
        self._given = given

    def tangent(self, values: list[Array]) -> list[Array]:
        half = len(values) // 2
        _, change = _pair(
            self._tangent(
                self._given.filled(values[:half]), self._given.filled(values[half:], changes=True)
            ),
            "custom_jvp: expected tangent to give (result, its change)",
        )
        return arrays_of(tree_flatten(change)[0], "custom_jvp: changes")
