"""What arguments may be, read off the annotations of a function, and told where they are not."""

from __future__ import annotations

import builtins
import collections.abc as abc
import functools
import inspect
import math
import numbers
import os
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from cnengine.errors import ArgumentError, TracedError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, DType
from cnengine.tensor.creation import asarray
from cnengine.tensor.peer_names import tell_option

_MOST_TEXT = 60
_NUMBERS = frozenset((int, float))
_LISTS = frozenset((tuple, list))
_LOOSE = (numbers.Number, list, tuple)  # what many functions take for arrays


# Functions say themselves what these have to be.
_TOLD = ("callbacks", "class_weight")


class Rule(NamedTuple):
    """Which values an annotation takes, and what these are called."""

    fits: Callable[[Any], bool]
    words: str
    many: str
    # To be quick: exact classes that fit, and those that may be in a tuple or list of any length.
    kinds: frozenset[type] = frozenset()
    inner: frozenset[type] = frozenset()


class Bound(NamedTuple):
    """From where to where the numbers of a parameter go; `ends` says which ends they reach."""

    low: float
    high: float = math.inf
    ends: str = "[]"

    def holds(self, value: Any) -> bool:
        """Whether a number, or each of a sequence of them, lies within; all else does."""
        if value is None:
            return True
        if isinstance(value, (tuple, list)):
            return all(self.holds(each) for each in value if isinstance(each, numbers.Real))
        if type(value) not in _NUMBERS and not isinstance(value, numbers.Real):
            return True
        is_above = value > self.low if self.ends[0] == "(" else value >= self.low
        return is_above and (value < self.high if self.ends[1] == ")" else value <= self.high)

    def __str__(self) -> str:
        low, high = f"{self.low:g}", f"{self.high:g}"
        if self.low == -math.inf:
            return "that is finite"
        if self.high == math.inf:
            return f"above {low}" if self.ends[0] == "(" else f"of at least {low}"
        return f"in {self.ends[0]}{low}, {high}{self.ends[1]}"


def arrays_of(values: abc.Iterable[Any], what: str) -> list[Array]:
    """Arrays of the leaves of a tree; raises TypeError that says which leaf is none.

    `what` is the transformation and what these are of it.
    """
    out = []
    for each in values:
        try:
            out.append(asarray(each))
        except builtins.TypeError as error:
            if isinstance(error, TracedError):
                raise
            raise TypeError(f"{what}: expected arrays and numbers, got {told(each)}") from None
    return out


Bounds = Mapping[str, Bound | None]


def _is_real(value: Any) -> bool:
    if isinstance(value, (Array, np.ndarray)):
        return value.ndim == 0 and value.dtype.name != "bool"
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_array(value: Any) -> bool:
    kinds = (Array, np.ndarray, np.generic, numbers.Number, list, tuple)
    return isinstance(value, kinds) or hasattr(value, "__dlpack__") or hasattr(value, "__array__")


def _is_integral(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _is_dtype(value: Any) -> bool:
    """Whether it is a type of elements, as `dtype` takes them: of NumPy's too, or by name."""
    if value is None or isinstance(value, (Array, np.ndarray)):
        return False
    try:
        DType(value)
    except Exception:  # NumPy's words of what is no type are of many classes
        return False
    return True


_PLAIN: dict[Any, Rule] = {
    int: Rule(_is_integral, "a whole number", "whole numbers", frozenset((int,))),
    float: Rule(_is_real, "a number", "numbers", _NUMBERS),
    complex: Rule(lambda v: isinstance(v, numbers.Number), "a number", "numbers"),
    bool: Rule(
        lambda v: isinstance(v, (bool, np.bool_)) or (_is_integral(v) and v in (0, 1)),
        "True or False",
        "bools",
        frozenset((bool,)),
    ),
    str: Rule(lambda v: isinstance(v, str), "a string", "strings", frozenset((str,))),
    types.NoneType: Rule(lambda v: v is None, "None", "Nones", frozenset((types.NoneType,))),
    DType: Rule(_is_dtype, "a type of elements", "types of elements", frozenset((DType,))),
    Array: Rule(_is_array, "an array", "arrays", frozenset((Array,))),
}


_NO_NUMBER = Rule(
    lambda v: _is_array(v) and (not isinstance(v, numbers.Number) or isinstance(v, np.generic)),
    "an array", "arrays", frozenset((Array,)),
)  # fmt: skip
_SELF = Rule(lambda v: True, "", "")  # in its place comes that of the first argument's class


def _rule(hint: Any) -> Rule | None:
    """The rule of an annotation; None: it takes anything, or is not understood."""
    if hint is Any:
        return None
    if hint is typing.Self:
        return _SELF
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        parts = [_rule(each) for each in inner]
        if _PLAIN[int] in parts or _PLAIN[float] in parts:  # the others are no arrays beside these
            parts = [_NO_NUMBER if each is _PLAIN[Array] else each for each in parts]
        known = [each for each in parts if each is not None]
        if len(known) < len(parts):
            return None
        return Rule(lambda v: any(each.fits(v) for each in known),
                    " or ".join(each.words for each in known),
                    " or ".join(each.many for each in known),
                    frozenset().union(*(each.kinds for each in known)),
                    frozenset().union(*(each.inner for each in known)))  # fmt: skip
    if origin is typing.Literal:
        words = " or ".join(map(repr, inner))
        return Rule(lambda v: isinstance(v, str) and v in inner, words, words)
    if origin is os.PathLike:
        return Rule(lambda v: isinstance(v, os.PathLike), "a path", "paths")
    if origin is abc.Callable or hint is abc.Callable:
        return Rule(callable, "a function", "functions", frozenset((types.FunctionType,)))
    if origin in (abc.Mapping, dict):
        return Rule(lambda v: isinstance(v, Mapping), "a dict", "dicts")
    if origin in (abc.Sequence, abc.Iterable, list, tuple):
        return _sequence_rule(origin, inner)
    if isinstance(hint, type) and origin is None:
        name = hint.__name__
        return Rule(lambda v: isinstance(v, hint), f"a {name}", f"{name}s")
    return None


def _sequence_rule(origin: Any, inner: tuple[Any, ...]) -> Rule:
    is_fixed = origin is tuple and inner and inner[-1] is not Ellipsis
    of = _rule(inner[0]) if inner else None
    kinds: tuple[Any, ...] = (abc.Sequence, np.ndarray, Array)
    kinds += (abc.Iterable,) if origin is abc.Iterable else ()

    def fits(value: Any) -> bool:
        if isinstance(value, (str, bytes, abc.Mapping)):
            return origin is abc.Iterable and of is None
        is_table = hasattr(value, "__len__") and hasattr(value, "__getitem__")  # names of pandas
        if not isinstance(value, kinds) and not (is_table and hasattr(value, "__iter__")):
            return False
        if is_fixed and len(value) != len(inner):
            return False
        if of is None or isinstance(value, abc.Iterator):
            return True
        if isinstance(value, Array) and value._trace is not None:
            return not of.kinds.isdisjoint(_NUMBERS)
        return all(map(of.fits, value.tolist() if hasattr(value, "tolist") else value))

    count = f"{len(inner)} " if is_fixed else ""
    if count:
        return Rule(fits, f"{count}{'values' if of is None else of.many}", "sequences")
    words = f"a sequence of {of.many}" if of else "a sequence"
    return Rule(fits, words, "sequences", inner=of.kinds if of else frozenset())


@functools.cache
def rules_of(function: Callable[..., Any]) -> dict[str, Rule]:
    """The rules of the parameters of a function that take not everything, in their order."""
    try:
        hints = typing.get_type_hints(function)
    except NameError:  # a name that only checkers of types see
        return {}
    found = {name: _rule(hints[name]) for name in inspect.signature(function).parameters
             if name in hints and name not in _TOLD}  # fmt: skip
    out = {name: rule for name, rule in found.items() if rule is not None}
    if (rate := out.get("learning_rate")) is not None:
        out["learning_rate"] = rate._replace(words=rate.words.replace("function", "schedule"))
    return out


@functools.cache
def _names(function: Callable[..., Any]) -> tuple[tuple[str, ...], str | None]:
    """The parameters that have places, and the one that takes all further places."""
    parameters = inspect.signature(function).parameters.values()
    more = [each.name for each in parameters if each.kind is each.VAR_POSITIONAL]
    placed = tuple(each.name for each in parameters if each.kind <= each.POSITIONAL_OR_KEYWORD)
    return placed, more[0] if more else None


def told(value: Any) -> str:
    """What came, for a message."""
    kind = type(value).__name__
    if isinstance(value, (Array, np.ndarray)):
        return f"an array of {value.dtype.name} of the shape {tuple(value.shape)}"
    if value is None or isinstance(value, (bool, numbers.Number)):
        return repr(value)
    if type(value) not in (str, bytes, list, tuple, dict):
        return kind
    text = repr(value)
    return f"{kind} {text}" if len(text) <= _MOST_TEXT else f"{kind} of {len(value)}"


def given(
    function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """The parameters of a call and what they got."""
    names, more = _names(function)
    out = list(zip(names, args, strict=False))
    if more is not None:
        out += [(more, each) for each in args[len(names) :]]
    return [*out, *options.items()]


def misfit(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: Mapping[str, Any],
    *,
    is_strict: bool = False,
) -> str | None:
    """What is said of the first argument that is not what its annotation takes.

    If `is_strict`, numbers and sequences of them are no arrays.
    """
    rules = rules_of(function)
    for name, value in given(function, args, options):
        rule = rules.get(name)
        if rule is None:
            continue
        if rule is _SELF:
            rule = _rule(args[0] if isinstance(args[0], type) else type(args[0])) or _SELF
        is_loose = isinstance(value, _LOOSE) and rule.words.startswith("an array")
        if not rule.fits(value) or (is_strict and is_loose):
            return f"expected {rule.words} as {name}, got {told(value)}"
    return None


def check_options(what: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Raises TypeError of options that a function will be given."""
    if (reason := misfit(function, (), options)) is not None:
        raise TypeError(f"{what}: {reason}")


class _Plan:
    """What is looked at in every call of a function: of each parameter the rule and the bound."""

    def __init__(self, function: Callable[..., Any], bounds: Bounds, is_strict: bool) -> None:
        names, self.more = _names(function)
        rules = rules_of(function)
        loose = _LOOSE if is_strict else ()
        self.by_name: dict[str, Any] = {}
        for name in inspect.signature(function).parameters:
            rule, bound = rules.get(name), bounds.get(name, bounds.get("*"))
            if rule is not None or bound is not None:
                is_array = rule is not None and rule.words.startswith("an array")
                self.by_name[name] = (rule, bound, loose if is_array else ())
        self.placed = [self.by_name.get(name) for name in names]

    def holds(self, args: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
        """Whether all arguments are what they have to be."""
        for value, wanted in zip(args, self.placed, strict=False):
            if wanted is not None and not _holds(value, *wanted):
                return False
        if self.more in self.by_name:
            wanted = self.by_name[self.more]
            if not all(_holds(value, *wanted) for value in args[len(self.placed) :]):
                return False
        for name, value in options.items():
            wanted = self.by_name.get(name)
            if wanted is not None and not _holds(value, *wanted):
                return False
        return True


def _holds(value: Any, rule: Rule | None, bound: Bound | None, loose: tuple[type, ...]) -> bool:
    kind = type(value)
    if rule is None or kind in rule.kinds:
        fits = True
    elif rule.inner and kind in _LISTS and rule.inner.issuperset(map(type, value)):
        fits = not isinstance(value, loose)
    else:
        fits = rule is not _SELF and not isinstance(value, loose) and rule.fits(value)
    return fits and (bound is None or bound.holds(value))


def checked(function: Callable[..., Any], bounds: Bounds, *, is_strict: bool = False) -> Any:
    """The function, whose arguments are checked before each call; that takes a microsecond.

    Bounds are by parameter; those of "*" hold for all others, None for none. If `is_strict`,
    numbers are no arrays.

    Raises TypeError, or ArgumentError for numbers beyond their bounds, that name the function, or
    the class whose constructor it is.
    """
    plans: list[_Plan] = []  # made when it is called first

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if not plans:
            plans.append(_Plan(function, bounds, is_strict))
        if not plans[0].holds(args, options):
            _refuse(function, args, options, bounds, is_strict)
        try:
            return function(*args, **options)
        except builtins.TypeError as error:
            is_of_call = error.__traceback__ is not None and error.__traceback__.tb_next is None
            if is_of_call and function.__name__ == "__init__" and args:
                # Arguments too few or too many: the class, not its base that has the constructor.
                name = f"{type(args[0]).__name__}.__init__"
                error.args = (str(error).replace(function.__qualname__, name),)
                tell_option(error, function)
            raise

    call.is_checked = True  # type: ignore[attr-defined]
    return call


def _refuse(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: Mapping[str, Any],
    bounds: Bounds,
    is_strict: bool,
) -> None:
    """Raises the error of the first argument that does not hold, if there is one."""
    what = function.__name__
    what = type(args[0]).__name__ if what == "__init__" and args else what
    if (reason := misfit(function, args, options, is_strict=is_strict)) is not None:
        raise TypeError(f"{what}: {reason}")
    for name, value in given(function, args, options):
        bound = bounds.get(name, bounds.get("*"))
        if bound is not None and not bound.holds(value):
            raise ArgumentError(f"{what}: expected {name} {bound}, got {value!r}")


def checked_class(
    cls: type, root: str, bounds: Bounds, methods: tuple[str, ...] = ("__init__",)
) -> None:
    """Has methods of a class, and of its bases in a package, check their arguments."""
    for each in cls.__mro__:
        if not each.__module__.startswith(root):
            continue
        for name in methods:
            made = each.__dict__.get(name)
            is_of_class = isinstance(made, classmethod)
            function = made.__func__ if is_of_class else made
            if isinstance(function, types.FunctionType) and not hasattr(function, "is_checked"):
                call = checked(function, bounds, is_strict=True)
                setattr(each, name, classmethod(call) if is_of_class else call)
