"""Errors that name the function and what it was given, where Python's own name neither."""

from __future__ import annotations

import builtins
import functools
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
from cnengine.tensor.arguments import checked, checked_class, misfit
from cnengine.tensor.array import Array

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
    return name.split(".")[0] not in ("cnengine", "numpy")


def misuse(
    name: str,
    args: tuple[Any, ...],
    options: dict[str, Any],
    error: Exception,
    function: Callable[..., Any] | None = None,
) -> Exception:
    """What is raised instead of an error of Python: it names the function and the objects.

    `function` has the annotations of the parameters.
    """
    if isinstance(error, Error) or _COUNTS.match(str(error)) or is_of_user(error):
        return error  # says it already: ours, or arguments too many or too few, or is not ours
    if isinstance(error, MemoryError):
        return OutOfMemoryError(f"{name}: expected memory for the result, there is not enough")
    if function is not None:
        is_strict = hasattr(args[0], "forward") if args else False  # of a layer's call
        reason = misfit(function, args, options, is_strict=is_strict)
        if reason is not None:
            return TypeError(f"{name}: {reason}")
    reason = str(error).split("\n", 1)[0]
    if isinstance(error, _OF_VALUES):
        kind = RangeError if isinstance(error, OverflowError) else ArgumentError
        return kind(f"{name}: expected arguments that fit each other, {reason}")
    odd = [f"{builtins.type(each).__name__} as argument {i + 1}"
           for i, each in enumerate(args) if not isinstance(each, _FIT)]  # fmt: skip
    odd += [f"{key}={builtins.type(each).__name__}"
            for key, each in options.items() if not isinstance(each, _FIT)]  # fmt: skip
    if not odd:
        odd = [f"None as argument {i + 1}" for i, each in enumerate(args) if each is None]
    if "incompatible function arguments" in reason:
        reason = "its arguments are of other types"
    came = f"got {', '.join(odd)}" if odd else reason
    return TypeError(f"{name}: expected arrays and numbers, {came}")


def named(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose errors of wrong types name it."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except RAW as error:
            raised = misuse(function.__name__, args, options, error, function)
            if raised is error:
                raise
            raise raised from error

    return call


def _public(function: Callable[..., Any], space: dict[str, Any]) -> Callable[..., Any]:
    """The function, which `pickle` looks up in the namespace where it is."""
    function.__module__ = space["__name__"]
    return function


def named_all(space: dict[str, Any], names: list[str]) -> None:
    """Puts `named` functions in place of those of a namespace."""
    for name in names:
        if isinstance(space[name], FunctionType):
            space[name] = _public(named(space[name]), space)


def checked_all(space: dict[str, Any], names: list[str]) -> None:
    """Has functions and classes of a namespace check their arguments."""
    for name in names:
        value = space[name]
        if isinstance(value, FunctionType):
            space[name] = _public(checked(value, {}), space)
        elif isinstance(value, type):
            checked_class(value, "cnengine.tensor", {}, ("__init__", "defvjp", "defjvp"))
