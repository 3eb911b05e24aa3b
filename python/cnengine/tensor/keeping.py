"""Who keeps the rules of custom derivatives alive.

A traced program holds rules in native code, where the collector of Python does not see them. A rule
that refers to its own jitted function would then never be let go of: function, program, rule,
function. So programs hold rules weakly, and what Python has of a program (the entry of a cache, a
tape) keeps them in a list.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cnengine.errors import StateError

_LOCAL = threading.local()


def _lists() -> list[list[Any]]:
    if not hasattr(_LOCAL, "lists"):
        _LOCAL.lists = []
    return _LOCAL.lists


@contextmanager
def keeping(kept: list[Any]) -> Iterator[None]:
    """Puts what is kept meanwhile, by this thread, into the list."""
    lists = _lists()
    lists.append(kept)
    try:
        yield
    finally:
        lists.pop()


def keep(owners: list[Any]) -> bool:
    """Has all that is being traced keep these; whether there is any."""
    lists = _lists()
    for each in lists:
        if each is not owners:
            each += owners
    return bool(lists)


def held(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of what `keep` was told of, without its object."""
    weak = weakref.WeakMethod(method)

    def call(*args: Any) -> Any:
        own = weak()
        if own is None:
            raise StateError(
                "custom: a derivative was asked for of a program whose function is gone"
            )
        return own(*args)

    return call
