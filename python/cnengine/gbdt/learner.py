"""One training: what `train`, `cv` and the estimators hand to the native code."""

import contextlib
import json
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import core as _core
from cnengine._core import gbdt as _native
from cnengine.gbdt import callbacks as _callbacks
from cnengine.gbdt import labels as _labels
from cnengine.gbdt.booster import Booster
from cnengine.gbdt.communicator import native_of
from cnengine.gbdt.user_functions import (
    MetricFunction,
    ObjectiveFunction,
    plain_metric,
    plain_objective,
)

_LOCK = threading.Lock()
_USERS: list[object] = []  # trainings that have set the number of threads
_BEFORE: list[int] = []  # what it was before the first of them

RANKINGS = ("lambdarank", "lambdarank_map", "pairwise", "rank_xendcg")
MULTICLASS = ("multiclass", "multiclassova")
PROBABILITIES = ("binary", "cross_entropy", "focal")


@dataclass
class EvalSet:
    """Rows that are scored after each round."""

    name: str
    rows: Any
    labels: dict[str, Any]
    is_training: bool = False  # the rows that are trained on


@dataclass
class Task:
    """All that one training depends on."""

    rows: Any
    labels: dict[str, Any]
    options: dict[str, Any]  # as `params.resolve` gives them
    categorical: list[int] = field(default_factory=list)
    sets: list[EvalSet] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    init_model: Any = None
    callbacks: Sequence[Callable] = ()
    metrics: list[MetricFunction] = field(default_factory=list)
    objective: ObjectiveFunction | None = None
    communicator: Any = None
    feature_names: list[str] = field(default_factory=list)
    agreed: str = ""  # what else has to be the same on all workers


def boost(task: Task) -> Booster:
    """Trains; the functions of the user see NumPy arrays and may return arrays of any kind."""
    options = dict(task.options)
    threads = options.pop("num_threads", None)
    options.pop("verbosity", None)
    options.pop("categorical_features", None)  # by position in the task
    rounds = options.setdefault("n_estimators", 100)
    start = start_model(task.init_model)
    begin = start.num_trees // start.trees_per_round if start is not None else 0
    earlier = [options.get("learning_rate", 0.1)] * begin
    from_callbacks, per_round = _callbacks.split(task.callbacks, rounds, earlier=earlier)
    for name, value in from_callbacks.items():
        if options.get(name, value) != value:
            raise errors.ArgumentError(
                f"train: expected {name} by a parameter or a callback, got both: "
                f"{options[name]!r} and {value!r}"
            )
        options[name] = value
    caller = None
    if per_round:
        training = [s.name for s in task.sets if s.is_training]
        caller = _callbacks.RoundCaller(
            per_round, dict(task.options), begin, begin + rounds, training
        )
    group = native_of(task.communicator)
    attributes = dict(task.attributes)
    if options.get("boosting") == "rf":
        attributes["boosting"] = "rf"  # its leaves are divided by the number of trees
    if options.pop("predicts", None) == "class":
        attributes["predicts"] = "class"
    known = {} if group is None else {"communicator": group, "agreed": task.agreed}
    if any(task.feature_names):
        known["feature_names"] = task.feature_names
    with thread_count(threads), caller or contextlib.nullcontext():
        native, metrics, values, best, interrupted = _native.train(
            task.rows,
            task.labels,
            task.categorical,
            [(s.name, s.rows, s.labels) for s in task.sets],
            options,
            json.dumps(attributes),
            start,
            caller,
            [plain_metric(function) for function in task.metrics],
            None if task.objective is None else plain_objective(task.objective),
            **known,
        )
    if interrupted:
        warnings.warn(
            f"train: interrupted; the model has the first {native.num_trees} trees",
            RuntimeWarning,
            stacklevel=3,
        )
    result = {
        s.name: dict(zip(_different(metrics), by_metric, strict=True))
        for s, by_metric in zip(task.sets, values, strict=True)
    }
    return Booster(native, best_iteration=best, evals_result=result, interrupted=interrupted)


def _different(names: list[str]) -> list[str]:
    """Names of metrics; one that is there already gets a number."""
    out: list[str] = []
    for name in names:
        number = 2
        while name in out:
            name, number = f"{name.rsplit('_', 1)[0] if number > 2 else name}_{number}", number + 1
        out.append(name)
    return out


def give_up(communicator: Any) -> None:
    """Tells the other workers that this one has failed."""
    if communicator is not None and hasattr(communicator, "abort"):
        communicator.abort()


@contextlib.contextmanager
def thread_count(threads: int | None) -> Iterator[None]:
    """Trains on so many threads; None and numbers below 1 leave it at `cnengine.num_threads()`."""
    if threads is None or threads < 1:
        yield
        return
    with _LOCK:
        if not _USERS:
            _BEFORE.append(_core.num_threads())
        user = object()
        _USERS.append(user)
        _core.set_num_threads(int(threads))
    try:
        yield
    finally:
        with _LOCK:
            _USERS.remove(user)
            if not _USERS:  # the last of several trainings at once
                _core.set_num_threads(_BEFORE.pop())


def start_model(model: Any) -> Any:
    """The native model to go on from: of a Booster, a fitted estimator, or a file."""
    if model is None:
        return None
    model = getattr(model, "booster_", model)
    if isinstance(model, Booster):
        return model.native
    if isinstance(model, str) or hasattr(model, "__fspath__"):
        return _native.read_model(str(model))
    raise errors.TypeError(
        f"train: expected init_model as a Booster, a fitted estimator or a path, got {model!r}"
    )


def label_parts(
    objective: str,
    y: Any,
    *,
    weight: Any = None,
    base_margin: Any = None,
    upper: Any = None,
    group: Any = None,
    qid: Any = None,
    function: str = "train",
) -> dict[str, Any]:
    """Labels of any container by what the objective makes of them, as the native code takes them.

    For "aft" a y of two columns, or y and `upper`, bound the time; rankings get their queries.
    """
    targets = _labels.to_targets(y, function)
    if objective == "aft":
        if upper is None and targets.ndim == 2 and len(targets) == 2:
            targets, upper = np.ascontiguousarray(targets[0]), targets[1]
        elif upper is None:
            upper = targets
    elif upper is not None:
        raise errors.ArgumentError(
            f'{function}: expected label_upper_bound only with objective "aft", got {objective!r}'
        )
    rows = targets.shape[-1]
    parts: dict[str, Any] = {
        "y": targets,
        "weight": _labels.to_weights(weight, rows, function=function),
        "base_margin": _labels.to_margins(base_margin, function=function),
    }
    if upper is not None:
        parts["upper"] = _labels.to_weights(
            upper, rows, name="label_upper_bound", function=function
        )
    if objective in RANKINGS or group is not None or qid is not None:
        parts["groups"] = _labels.to_group_sizes(group, qid, rows=rows, function=function)
    # Checked once and then relied on: a copy, which functions of the user can only read.
    for name, values in parts.items():
        if isinstance(values, np.ndarray):
            parts[name] = np.array(values, order="C")
            parts[name].setflags(write=False)
    return parts
