"""Errors that name the function and what it was given, where Python's own name neither."""

from __future__ import annotations

import builtins
import functools
import inspect
import numbers
import re
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from cnengine.errors import (
    ArgumentError,
    Error,
    OutOfMemoryError,
    RangeError,
    TypeError,  # noqa: A004
)
from cnengine.tensor.arguments import Bound, checked, checked_class, misfit
from cnengine.tensor.array import Array
from cnengine.tensor.peer_names import tell_option

# What operations on objects of a wrong type or value raise.
RAW = (builtins.TypeError, AttributeError, LookupError, ValueError, ArithmeticError, MemoryError)
_COUNTS = re.compile(r"\S+\(\) (missing|takes|got) ")
_FIT = (Array, np.ndarray, np.generic, numbers.Number, tuple, builtins.type(None))
_OF_VALUES = (ValueError, ArithmeticError, KeyError)


def is_of_user(error: BaseException) -> bool:
    """Whether it was raised by a function of the user's, which is to be seen as it is."""
    trace, name = error.__traceback__, "cnengine"
    while trace is not None:
        name, trace = trace.tb_frame.f_globals.get("__name__", ""), trace.tb_next
    return name.split(".")[0] not in ("cnengine", "numpy", "pyarrow")


def misuse(
    name: str,
    args: tuple[Any, ...],
    options: dict[str, Any],
    error: Exception,
    function: Callable[..., Any] | None = None,
    *,
    is_strict: bool = False,
) -> Exception:
    """What is raised instead of an error of Python: it names the function and the objects.

    `function` has the annotations of the parameters; if `is_strict`, numbers are no arrays.
    """
    if isinstance(error, Error) or _COUNTS.match(str(error)) or is_of_user(error):
        return error  # says it already: ours, or arguments too many or too few, or is not ours
    if isinstance(error, MemoryError):
        return OutOfMemoryError(f"{name}: expected memory for the result, there is not enough")
    if function is not None:
        reason = misfit(function, args, options, is_strict=is_strict)
        if reason is not None:
            return TypeError(f"{name}: {reason}")
    reason = str(error).split("\n", 1)[0]
    if "incompatible function arguments" in reason:
        reason = "its arguments are of other types"
    kind: Any = TypeError
    if isinstance(error, _OF_VALUES):
        kind = RangeError if isinstance(error, OverflowError) else ArgumentError
    elif not is_strict:
        odd = [f"{builtins.type(each).__name__} as argument {i + 1}"
               for i, each in enumerate(args) if not isinstance(each, _FIT)]  # fmt: skip
        odd += [f"{key}={builtins.type(each).__name__}"
                for key, each in options.items() if not isinstance(each, _FIT)]  # fmt: skip
        odd = odd or [f"None as argument {i + 1}" for i, each in enumerate(args) if each is None]
        reason = f"got {', '.join(odd)}" if odd else reason
        return TypeError(f"{name}: expected arrays and numbers, {reason}")
    return kind(f"{name}: expected arguments that fit each other, {reason}")


def named(function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
    """The function, whose errors of wrong types name it, as `name` if that is given."""
    name = name or function.__name__

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except RAW as error:
            raised = misuse(name, args, options, error, function)
            if raised is error:
                if isinstance(error, builtins.TypeError):
                    tell_option(error, inspect.unwrap(function))
                raise
            raise raised from error

    return call


def named_method(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method, whose errors name the class and it."""

    @functools.wraps(function)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        try:
            return function(self, *args, **options)
        except RAW as error:
            owner = self if isinstance(self, type) else builtins.type(self)
            name = f"{owner.__name__}.{function.__name__}"
            raised = misuse(name, (self, *args), options, error, function, is_strict=True)
            if raised is error:
                raise
            raise raised from error

    return call


def named_methods(cls: type, root: str) -> None:
    """Puts `named_method` in place of the methods of a class, and of its bases in a package."""
    for each in cls.__mro__:
        if not each.__module__.startswith(root) or "_named" in each.__dict__:
            continue
        for name, made in list(each.__dict__.items()):
            if name.startswith("_"):
                continue
            if isinstance(made, FunctionType):
                setattr(each, name, named_method(made))
            elif isinstance(made, classmethod):
                setattr(each, name, classmethod(named_method(made.__func__)))
        each._named = True  # type: ignore[attr-defined]


def _public(function: Callable[..., Any], space: dict[str, Any]) -> Callable[..., Any]:
    """The function, which `pickle` looks up in the namespace where it is."""
    function.__module__ = space["__name__"]
    return function


def named_all(space: dict[str, Any], names: list[str]) -> None:
    """Puts `named` functions in place of those of a namespace."""
    for name in names:
        if isinstance(space[name], FunctionType):
            space[name] = _public(named(space[name]), space)


# Numbers that functions take, beside what their annotations say.
_SHARE, _ABOVE_0 = Bound(0, 1), Bound(0, ends="(]")
_BOUNDS: dict[str, dict[str, Bound | None]] = {
    "bernoulli": {"p": _SHARE},
    "beta": {"a": _ABOVE_0, "b": _ABOVE_0},
    "binomial": {"n": Bound(0), "p": _SHARE},
    "bincount": {"minlength": Bound(0), "length": Bound(0)},
    "chisquare": {"df": _ABOVE_0},
    "choice": {"p": Bound(0)},
    "dirichlet": {"alpha": _ABOVE_0},
    "f": {"dfnum": _ABOVE_0, "dfden": _ABOVE_0},
    "fftfreq": {"n": Bound(1)},
    "gamma": {"a": _ABOVE_0},
    "generalized_normal": {"p": _ABOVE_0},
    "geometric": {"p": Bound(0, 1, "(]")},
    "histogram": {"bins": Bound(1)},
    "key": {"seed": Bound(-(2**63), 2**64 - 1)},
    "one_hot": {"num_classes": Bound(0)},
    "poisson": {"lam": Bound(0, 1e18)},
    "loggamma": {"a": _ABOVE_0},
    "multinomial": {"n": Bound(0)},
    "nanpercentile": {"q": Bound(0, 100)},
    "nanquantile": {"q": _SHARE},
    "pareto": {"b": _ABOVE_0},
    "percentile": {"q": Bound(0, 100)},
    "quantile": {"q": _SHARE},
    "rfftfreq": {"n": Bound(1)},
    "t": {"df": _ABOVE_0},
    "wald": {"mean": _ABOVE_0},
    "weibull_min": {"scale": _ABOVE_0, "concentration": _ABOVE_0},
}


def checked_all(space: dict[str, Any], names: list[str]) -> None:
    """Has functions and classes of a namespace check their arguments before each call."""
    for name in names:
        value = space[name]
        if isinstance(value, FunctionType):
            space[name] = _public(checked(value, _BOUNDS.get(name, {})), space)
        elif isinstance(value, type):
            checked_class(value, "cnengine.tensor", {}, ("__init__", "defvjp", "defjvp"))
