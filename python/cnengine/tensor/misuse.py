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

from cnengine.errors import Error, TypeError  # noqa: A004
from cnengine.tensor.array import Array

# What operations on objects of a wrong type raise.
RAW = (builtins.TypeError, AttributeError, IndexError)
_COUNTS = re.compile(r"\w+\(\) (missing|takes|got) ")
_FIT = (Array, np.ndarray, np.generic, numbers.Number, tuple, builtins.type(None))


def misuse(
    name: str, args: tuple[Any, ...], options: dict[str, Any], error: Exception
) -> Exception:
    """What is raised instead of an error of Python: it names the function and the objects."""
    if isinstance(error, Error) or _COUNTS.match(str(error)):
        return error  # says it already: ours, or arguments too many or too few
    odd = [f"{builtins.type(each).__name__} as argument {i + 1}"
           for i, each in enumerate(args) if not isinstance(each, _FIT)]  # fmt: skip
    odd += [f"{key}={builtins.type(each).__name__}"
            for key, each in options.items() if not isinstance(each, _FIT)]  # fmt: skip
    if not odd:
        odd = [f"None as argument {i + 1}" for i, each in enumerate(args) if each is None]
    reason = str(error).split("\n", 1)[0]
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
            raised = misuse(function.__name__, args, options, error)
            if raised is error:
                raise
            raise raised from error

    return call


def named_all(space: dict[str, Any], names: list[str]) -> None:
    """Puts `named` functions in place of those of a namespace."""
    for name in names:
        if isinstance(space[name], FunctionType):
            space[name] = named(space[name])
