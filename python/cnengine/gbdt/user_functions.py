"""Objectives and metrics that are Python functions of the user."""

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import labels as _labels

# What the native code calls: of the number of a set and predictions, and of scores.
MetricFunction = Callable[[int, np.ndarray], tuple[str, float, bool]]
ObjectiveFunction = Callable[[np.ndarray], tuple[Any, Any]]


def plain_metric(function: MetricFunction) -> MetricFunction:
    """The value as a Python float, so that NumPy and CuPy numbers will do."""

    def call(number: int, predictions: np.ndarray) -> Any:
        result = function(number, predictions)
        if isinstance(result, tuple) and len(result) in (2, 3):
            name, value, *larger = result
            with contextlib.suppress(TypeError, ValueError):
                return str(name), float(value), bool(larger and larger[0])
        return result

    return call


def plain_objective(function: ObjectiveFunction) -> ObjectiveFunction:
    """Gradients and hessians as float64 arrays in the shape of the scores."""

    def call(scores: np.ndarray) -> Any:
        result = function(scores)
        if not isinstance(result, tuple | list) or len(result) != 2:
            return result
        parts = []
        for part in result:
            array = np.ascontiguousarray(_labels.to_numpy(part), dtype=np.float64)
            if array.size != scores.size:
                return result
            parts.append(array.reshape(scores.shape))
        return tuple(parts)

    return call


def split_metrics(given: Any) -> tuple[list[str], list[Callable]]:
    """`eval_metric` as names and functions."""
    items = [] if given is None else list(given) if isinstance(given, list | tuple) else [given]
    wrong = [item for item in items if not isinstance(item, str) and not callable(item)]
    if wrong:
        raise errors.TypeError(f"fit: expected eval_metric as names or functions, got {wrong[0]!r}")
    return [i for i in items if isinstance(i, str)], [i for i in items if callable(i)]


def by_rows(values: np.ndarray) -> np.ndarray:
    """(outputs, rows) as (rows, outputs)."""
    return values.T if values.ndim == 2 else values


def arguments(function: Callable, labels: dict[str, Any], scores: np.ndarray) -> tuple:
    """(y, scores) and as much of weight and query sizes as the function takes."""
    known = (by_rows(labels["y"]), scores, labels.get("weight"), labels.get("groups"))
    try:
        kinds = [p for p in inspect.signature(function).parameters.values()
                 if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
                 and p.default is p.empty]  # fmt: skip
    except (TypeError, ValueError):
        return known[:2]
    return known[: min(max(len(kinds), 2), 4)]


def derivatives_of(function: Callable, labels: dict[str, Any]) -> Callable:
    """An objective of (y, scores, ...) as one of scores."""
    return lambda scores: function(*arguments(function, labels, scores))


def of_labels(function: Callable, labels: list[dict[str, Any]]) -> Callable:
    """A metric of (y, prediction, ...) as one of the set's number and its predictions."""

    def call(number: int, predictions: np.ndarray) -> Any:
        result = function(*arguments(function, labels[number], predictions))
        if isinstance(result, tuple):
            return result
        return getattr(function, "__name__", type(function).__name__), result, False

    return call
