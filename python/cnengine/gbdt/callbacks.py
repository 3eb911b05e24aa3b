"""Functions that are called after each round, in the manner of LightGBM's, whose own work too.

A callback takes a `CallbackEnv`. It ends the training by returning True or, to keep the rounds up
to the best one, by raising `EarlyStopException`. Callbacks are called by their attribute `order`,
those without one first; those with a true attribute `before_iteration` before each round.
"""

import math
import os
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt.callback_env import (
    CallbackEnv,
    CvEvalResult,
    EarlyStopException,
    EvalResult,
    metric_text,
)
from cnengine.gbdt.progress import progress_bar

__all__ = [
    "CallbackEnv",
    "CvEvalResult",
    "EarlyStopException",
    "EvalResult",
    "checkpoint",
    "early_stopping",
    "log_evaluation",
    "progress_bar",
    "record_evaluation",
    "reset_parameter",
]


@dataclass
class _LogEvaluation:
    period: int
    show_stdv: bool
    order: int = 10

    def __call__(self, env: CallbackEnv) -> None:
        if env.evaluation_result_list and (env.iteration + 1) % self.period == 0:
            results = [metric_text(r, self.show_stdv) for r in env.evaluation_result_list]
            print(f"[{env.iteration + 1}]", *results, sep="\t")


def log_evaluation(period: int = 1, show_stdv: bool = True) -> Callable[[CallbackEnv], None]:
    """Prints the metrics of every `period`-th round; 0 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.zeros((50, 2))
    >>> data = gbdt.Dataset(X, np.tile([1.0, 3.0], 25))
    >>> log = gbdt.callbacks.log_evaluation(2)
    >>> _ = gbdt.train({}, data, 4, evals=[(data, "train")], callbacks=[log])
    [2]	train's l2: 1
    [4]	train's l2: 1
    """
    _whole("log_evaluation", "period", period, 0)
    return _LogEvaluation(period, show_stdv) if period else _nothing


def _nothing(env: CallbackEnv) -> None:
    del env


@dataclass
class _RecordEvaluation:
    eval_result: MutableMapping[str, Any]
    order: int = 20

    def __call__(self, env: CallbackEnv) -> None:
        if env.iteration == env.begin_iteration:
            self.eval_result.clear()
        for result in env.evaluation_result_list:
            by_metric = self.eval_result.setdefault(result.dataset_name, {})
            if result.is_cv_result():
                by_metric.setdefault(f"{result.metric_name}-mean", []).append(result.metric_value)
                by_metric.setdefault(f"{result.metric_name}-stdv", []).append(result.metric_std_dev)
            else:
                by_metric.setdefault(result.metric_name, []).append(result.metric_value)


def record_evaluation(eval_result: MutableMapping[str, Any]) -> Callable[[CallbackEnv], None]:
    """Writes the metrics into a dict: by set and metric, the value after each round.

    In `cv` the metrics are "METRIC-mean" and "METRIC-stdv".

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> data = gbdt.Dataset(np.zeros((50, 2)), np.tile([1.0, 3.0], 25))
    >>> seen = {}
    >>> record = gbdt.callbacks.record_evaluation(seen)
    >>> _ = gbdt.train({}, data, 2, evals=[(data, "train")], callbacks=[record])
    >>> seen
    {'train': {'l2': [1.0, 1.0]}}
    """
    if not isinstance(eval_result, MutableMapping):
        raise errors.TypeError(f"record_evaluation: expected a dict, got {eval_result!r}")
    return _RecordEvaluation(eval_result)


def _better(value: float, best: float, delta: float) -> bool:
    """Whether a value, the larger the better, improves; any number is better than NaN."""
    return value > best + delta or (math.isnan(best) and not math.isnan(value))


@dataclass
class _EarlyStopping:
    rounds: int
    first_metric_only: bool
    verbose: bool
    min_delta: float | list[float]
    order: int = 30
    _best: list[tuple[float, int, list[Any]]] = field(default_factory=list)

    def __call__(self, env: CallbackEnv) -> None:
        results = env.evaluation_result_list
        if not results:
            raise errors.ArgumentError(
                "early_stopping: expected an evaluation set with a metric, got none"
            )
        if env.iteration == env.begin_iteration:
            self._best = []
            if env.params.get("boosting") == "dart" and not results[0].is_cv_result():
                raise errors.UnsupportedError(
                    'early_stopping: boosting "dart" changes trees after their round; use the '
                    "parameter early_stopping_rounds, which keeps the best model as it was"
                )
        deltas = self._deltas(results)
        for number, (result, delta) in enumerate(zip(results, deltas, strict=True)):
            sign = 1 if result.maximize else -1
            if number == len(self._best):
                self._best.append((result.metric_value, env.iteration, results))
            elif _better(sign * result.metric_value, sign * self._best[number][0], delta):
                self._best[number] = result.metric_value, env.iteration, results
        judges = [
            number
            for number, result in enumerate(results)
            if result.dataset_name not in env.training_sets
            and (not self.first_metric_only or result.metric_name == results[0].metric_name)
        ]
        for number in judges:
            if env.iteration - self._best[number][1] >= self.rounds:
                self._end(number, "Early stopping, best iteration is:")
        if env.iteration == env.end_iteration - 1 and judges:
            self._end(judges[0], "Did not meet early stopping. Best iteration is:")

    def _deltas(self, results: list[Any]) -> list[float]:
        given = self.min_delta
        if not isinstance(given, list):
            return [given] * len(results)
        metrics = len({result.metric_name for result in results})
        if len(given) not in (0, 1, metrics):
            raise errors.ArgumentError(
                f"early_stopping: expected min_delta to be one number or {metrics}, one for each "
                f"metric, got {len(given)}"
            )
        one_set = given if len(given) == metrics else (given or [0.0]) * metrics
        return one_set * (len(results) // metrics)

    def _end(self, number: int, why: str) -> None:
        _, iteration, results = self._best[number]
        if self.verbose:
            print(why, f"[{iteration + 1}]", *map(metric_text, results), sep="\t")
        raise EarlyStopException(iteration, results)


def early_stopping(
    stopping_rounds: int,
    first_metric_only: bool = False,
    verbose: bool = True,
    min_delta: float | Sequence[float] = 0.0,
) -> Callable[[CallbackEnv], None]:
    """Stops when a metric of a set has not improved for so many rounds, and keeps its best round.

    Parameters
    ----------
    stopping_rounds : int
    first_metric_only : bool
        Only the first metric (of any set) stops; else any of them.
    verbose : bool
        Print why training ended.
    min_delta : float, or list of one for each metric
        What an improvement must exceed.

    Without a stop the best round of the first metric is kept. Sets that are the rows trained on do
    not stop. Trees of DART change after their round: use the parameter `early_stopping_rounds`.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 3)); y = X[:, 0] + rng.normal(size=600)
    >>> data, held = gbdt.Dataset(X[:300], y[:300]), gbdt.Dataset(X[300:], y[300:])
    >>> stop = gbdt.callbacks.early_stopping(5, verbose=False)
    >>> model = gbdt.train({}, data, 500, valid_sets=[held], callbacks=[stop])
    >>> losses = model.evals_result["valid_0"]["l2"]
    >>> model.num_rounds == int(np.argmin(losses)) + 1, len(losses) == model.num_rounds + 5
    (True, True)
    """
    _whole("early_stopping", "stopping_rounds", stopping_rounds, 1)
    listed = isinstance(min_delta, list | tuple)
    for value in min_delta if listed else [min_delta]:
        if not isinstance(value, Real) or not value >= 0:
            raise errors.ArgumentError(f"early_stopping: expected min_delta >= 0, got {value!r}")
    deltas = [float(delta) for delta in min_delta] if listed else float(min_delta)
    return _EarlyStopping(int(stopping_rounds), first_metric_only, verbose, deltas)


@dataclass
class _Options:
    """A callback that the native training does by itself: of the number of rounds and the rates of
    the rounds before them, its options."""

    make: Callable[[int, list[float]], dict[str, Any]]


def reset_parameter(**schedules: Sequence[float] | Callable[[int], float]) -> Any:
    """A learning rate for each round: `learning_rate` as a list, or a function of the round.

    Rounds count from 0, after those of `init_model`. All rates are asked for before training.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> data = gbdt.Dataset(np.arange(100.0).reshape(50, 2), np.arange(50.0))
    >>> decay = gbdt.callbacks.reset_parameter(learning_rate=lambda round: 0.3 * 0.9**round)
    >>> gbdt.train({}, data, 5, callbacks=[decay]).num_rounds
    5
    """
    names = ("learning_rate", "eta", "shrinkage_rate")
    other = [name for name in schedules if name not in names]
    if other or len(schedules) != 1:
        raise errors.UnsupportedError(
            f"reset_parameter: expected learning_rate, got {', '.join(other or schedules) or None}"
        )
    (schedule,) = schedules.values()
    if not callable(schedule) and not isinstance(schedule, list | tuple | np.ndarray):
        raise errors.TypeError(f"reset_parameter: expected a list or function, got {schedule!r}")

    def make(rounds: int, earlier: list[float]) -> dict[str, Any]:
        rates = [schedule(number) for number in range(rounds)] if callable(schedule) else schedule
        if len(rates) != rounds:
            raise errors.ShapeError(
                f"reset_parameter: expected {rounds} learning rates, one a round, got {len(rates)}"
            )
        # The native training counts rounds from those of the model that it goes on from.
        return {"learning_rates": earlier + [_rate(*item) for item in enumerate(rates)]}

    return _Options(make)


def _rate(number: int, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < np.inf:
        raise errors.ArgumentError(
            f"reset_parameter: expected a learning rate above 0 for round {number}, got {value!r}"
        )
    return float(value)


def checkpoint(path: str | os.PathLike, every: int = 10) -> Any:
    """Saves the model every so many rounds; "{round}" in the path stands for the round.

    A training that goes on from such a file, with the same data and options, gives the bits of one
    that was not interrupted.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from cnengine import gbdt
    >>> data = gbdt.Dataset(np.arange(100.0).reshape(50, 2), np.arange(50.0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save = gbdt.callbacks.checkpoint(folder + "/at_{round}", every=4)
    ...     whole = gbdt.train({}, data, 6, callbacks=[save])
    ...     rest = gbdt.train({}, data, 2, init_model=folder + "/at_4")
    >>> rest.to_bytes() == whole.to_bytes()
    True
    """
    _whole("checkpoint", "every", every, 1)
    options = {"snapshot_every": int(every), "snapshot_path": os.fspath(path)}
    return _Options(lambda rounds, earlier: options)


def _whole(function: str, name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise errors.TypeError(f"{function}: expected {name} to be an integer, got {value!r}")
    if value < least:
        raise errors.ArgumentError(f"{function}: expected {name} >= {least}, got {value}")


def split(
    callbacks: Iterable[Any], rounds: int, function: str = "train", earlier: Sequence[float] = ()
) -> tuple[dict[str, Any], list[Callable]]:
    """What the native training does by itself, as its options, and what is called each round.

    `earlier` are the learning rates of the rounds that are there already.

    Examples
    --------
    >>> from cnengine.gbdt import callbacks
    >>> rates = callbacks.reset_parameter(learning_rate=[0.1, 0.2])
    >>> callbacks.split([rates, print], 2)
    ({'learning_rates': [0.1, 0.2]}, [<built-in function print>])
    """
    if not isinstance(callbacks, Iterable):
        raise errors.TypeError(f"{function}: expected a list of callbacks, got {callbacks!r}")
    options: dict[str, Any] = {}
    called = []
    for callback in map(_native, callbacks):
        if isinstance(callback, _Options):
            more = callback.make(rounds, list(earlier))
            for name in more:
                if name in options:
                    raise errors.ArgumentError(f"{function}: expected one callback for {name}")
            options.update(more)
        elif not callable(callback):
            raise errors.TypeError(
                f"{function}: expected callbacks to be callables, got {callback!r}"
            )
        else:
            called.append(callback)
    return options, sorted(called, key=lambda callback: getattr(callback, "order", 0))


def _native(callback: Any) -> Any:
    """LightGBM's reset_parameter would change its own Booster: ours does the same."""
    schedules = getattr(callback, "kwargs", None)
    if type(callback).__name__ == "_ResetParameterCallback" and isinstance(schedules, dict):
        return reset_parameter(**schedules)
    return callback


class RoundCaller:
    """Calls all callbacks after a round, as the native training and `cv` take it.

    Those to be called before a round are called when this is made, and after the round before. As
    a context it tells callbacks that have a method `finish` when the training is over.

    Examples
    --------
    >>> from cnengine.gbdt.callbacks import RoundCaller
    >>> ask = RoundCaller([lambda env: env.evaluation_result_list[0].metric_value < 1], {}, 0, 9)
    >>> ask(0, [("valid", "l2", 2.0, False)]), ask(1, [("valid", "l2", 0.5, False)])
    (True, False)
    """

    def __init__(
        self,
        callables: Sequence[Callable],
        params: dict[str, Any],
        begin: int,
        end: int,
        training_sets: Sequence[str] = (),
    ) -> None:
        early = [bool(getattr(c, "before_iteration", False)) for c in callables]
        self._before = [c for c, first in zip(callables, early, strict=True) if first]
        self._after = [c for c, first in zip(callables, early, strict=True) if not first]
        self._params = params
        self._range = begin, end
        self._training_sets = tuple(training_sets)
        self._call_before(begin)

    def __call__(self, number: int, results: Sequence[tuple]) -> bool | int:
        """True to go on, False to stop, or how many rounds to keep."""
        env = self._env(number, [EvalResult(*r) if len(r) == 4 else CvEvalResult(*r)
                                 for r in results])  # fmt: skip
        go_on = True
        try:
            for callback in self._after:
                answer = callback(env)
                if isinstance(answer, bool | np.bool_) and answer:
                    go_on = False
            if go_on and number + 1 < self._range[1]:
                self._call_before(number + 1)
        except Exception as error:
            best = getattr(error, "best_iteration", None)
            if type(error).__name__ != "EarlyStopException" or not isinstance(best, Integral):
                raise
            return int(best) + 1
        return go_on

    def _call_before(self, number: int) -> None:
        for callback in self._before:
            callback(self._env(number, None))

    def _env(self, number: int, results: list[Any] | None) -> CallbackEnv:
        return CallbackEnv(None, self._params, number, *self._range, results, self._training_sets)

    def __enter__(self) -> "RoundCaller":
        return self

    def __exit__(self, *_: object) -> None:
        for callback in (*self._before, *self._after):
            if hasattr(callback, "finish"):
                callback.finish()
