"""Functions that are called after each round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class CallbackEnv:
    """What a callback is told, by the names of LightGBM."""

    model: Any
    params: Any
    iteration: int
    begin_iteration: int
    end_iteration: int
    evaluation_result_list: list


def split(callbacks: Sequence[Callable], rounds: int) -> tuple[dict[str, Any], Sequence[Callable]]:
    """Options that callbacks stand for, and those that are called."""
    return {}, list(callbacks)


class RoundCaller:
    """Calls all; one that returns True ends the training."""

    def __init__(self, callables: Sequence[Callable], params: Any, begin: int, end: int) -> None:
        self._callables = callables
        self._params = params
        self._range = begin, end

    def __call__(self, number: int, results: list) -> bool:
        env = CallbackEnv(None, self._params, number, *self._range, list(results))
        stops = [callback(env) is True for callback in self._callables]
        return not any(stops)
