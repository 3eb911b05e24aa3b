"""Functions that are called after each round, in the manner of LightGBM's, whose own work too.

A callback takes a `CallbackEnv`. It ends the training by returning True or, to keep the rounds up
to the best one, by raising `EarlyStopException`. Callbacks are called by their attribute `order`,
those without one first.
"""

import os
import sys
import time
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cnengine import errors


class EvalResult(NamedTuple):
    """A metric of an evaluation set after a round."""

    dataset_name: str
    metric_name: str
    metric_value: float
    maximize: bool

    @property
    def metric_std_dev(self) -> None:
        """Only in `cv`."""
        return None

    def is_cv_result(self) -> bool:
        """Whether this is a mean over folds."""
        return False


class CvEvalResult(NamedTuple):
    """The mean of a metric over the folds, and its deviation."""

    dataset_name: str
    metric_name: str
    metric_value: float
    maximize: bool
    metric_std_dev: float

    def is_cv_result(self) -> bool:
        """Whether this is a mean over folds."""
        return True


@dataclass(frozen=True)
class CallbackEnv:
    """What a callback is told, by the names of LightGBM.

    Attributes
    ----------
    model : None
        The model is handed out when training ends; see `checkpoint`.
    params : dict
        The options of the training.
    iteration, begin_iteration, end_iteration : int
        The round, the first one (after those of `init_model`) and the one after the last.
    evaluation_result_list : list of EvalResult or CvEvalResult
    training_sets : tuple of str
        The sets that are the rows trained on, which do not stop a training.
    """

    model: Any
    params: dict[str, Any]
    iteration: int
    begin_iteration: int
    end_iteration: int
    evaluation_result_list: list[Any]
    training_sets: tuple[str, ...] = ()


class EarlyStopException(Exception):
    """Ends the training; the rounds from 0 to `best_iteration` are kept."""

    def __init__(self, best_iteration: int, best_score: Sequence[Any] = ()) -> None:
        super().__init__(f"best iteration {best_iteration}")
        self.best_iteration = best_iteration
        self.best_score = list(best_score)


def _shown(result: Any, with_deviation: bool = True) -> str:
    text = f"{result.dataset_name}'s {result.metric_name}: {result.metric_value:g}"
    deviation = result.metric_std_dev if with_deviation else None
    return text if deviation is None else f"{text} + {deviation:g}"


@dataclass
class _LogEvaluation:
    period: int
    show_stdv: bool
    order: int = 10

    def __call__(self, env: CallbackEnv) -> None:
        if env.evaluation_result_list and (env.iteration + 1) % self.period == 0:
            results = [_shown(r, self.show_stdv) for r in env.evaluation_result_list]
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
        deltas = self._deltas(results)
        for number, (result, delta) in enumerate(zip(results, deltas, strict=True)):
            sign = 1 if result.maximize else -1
            if number == len(self._best):
                self._best.append((result.metric_value, env.iteration, results))
            elif sign * result.metric_value > sign * self._best[number][0] + delta:
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
            print(why, f"[{iteration + 1}]", *map(_shown, results), sep="\t")
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

    Without a stop the best round of the first metric is kept. Trees of DART change after their
    round: use the parameter `early_stopping_rounds` there.

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
        if not isinstance(value, int | float) or not value >= 0:
            raise errors.ArgumentError(f"early_stopping: expected min_delta >= 0, got {value!r}")
    return _EarlyStopping(
        stopping_rounds, first_metric_only, verbose, list(min_delta) if listed else min_delta
    )


@dataclass
class _Options:
    """A callback that the native training does by itself."""

    make: Callable[[int], dict[str, Any]]
    order: int = 0


def reset_parameter(**schedules: Sequence[float] | Callable[[int], float]) -> Any:
    """A learning rate for each round: `learning_rate` as a list, or a function of the round.

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
    if not callable(schedule) and not isinstance(schedule, list | tuple):
        raise errors.TypeError(f"reset_parameter: expected a list or function, got {schedule!r}")

    def make(rounds: int) -> dict[str, Any]:
        if callable(schedule):
            return {"learning_rates": [float(schedule(number)) for number in range(rounds)]}
        if len(schedule) != rounds:
            raise errors.ShapeError(
                f"reset_parameter: expected {rounds} learning rates, one a round, "
                f"got {len(schedule)}"
            )
        return {"learning_rates": [float(rate) for rate in schedule]}

    return _Options(make)


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
    return _Options(lambda rounds: {"snapshot_every": every, "snapshot_path": os.fspath(path)})


class _ProgressBar:
    """One line that is written anew at most ten times a second."""

    order = 40
    width = 30

    def __init__(self, file: Any, shown: bool | None) -> None:
        self._file, self._shown = file, shown
        self._begin = self._next = 0.0

    def __call__(self, env: CallbackEnv) -> None:
        file = self._file or sys.stderr
        if not (file.isatty() if self._shown is None else self._shown):
            return
        now = time.monotonic()
        if env.iteration == env.begin_iteration:
            self._begin, self._next = now, 0.0
        done = env.iteration - env.begin_iteration + 1
        total = env.end_iteration - env.begin_iteration
        if now < self._next and done < total:
            return
        self._next = now + 0.1
        filled = self.width * done // total
        bar = "#" * filled + "." * (self.width - filled)
        rate = f"{(done - 1) / (now - self._begin):.1f}" if now > self._begin else "?"
        results = "  ".join(_shown(result) for result in env.evaluation_result_list[:2])
        end = "\n" if done == total else ""
        file.write(f"\r[{bar}] {done}/{total} rounds, {rate} a second  {results}\x1b[K{end}")
        file.flush()


def progress_bar(file: Any = None, shown: bool | None = None) -> Callable[[CallbackEnv], None]:
    """A bar with the rounds, their rate and the first two metrics.

    Parameters
    ----------
    file : text file or None
        Where it is drawn; None for `sys.stderr`.
    shown : bool or None
        None draws it on terminals only.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> data = gbdt.Dataset(np.arange(100.0).reshape(50, 2), np.arange(50.0))
    >>> screen = io.StringIO()
    >>> _ = gbdt.train({}, data, 7, callbacks=[gbdt.callbacks.progress_bar(screen, shown=True)])
    >>> "7/7 rounds" in screen.getvalue()
    True
    """
    return _ProgressBar(file, shown)


def _whole(function: str, name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise errors.TypeError(f"{function}: expected {name} to be an integer, got {value!r}")
    if value < least:
        raise errors.ArgumentError(f"{function}: expected {name} >= {least}, got {value}")


def split(
    callbacks: Sequence[Any], rounds: int, function: str = "train"
) -> tuple[dict[str, Any], list[Callable]]:
    """What the native training does by itself, as its options, and what is called each round.

    Examples
    --------
    >>> from cnengine.gbdt import callbacks
    >>> rates = callbacks.reset_parameter(learning_rate=[0.1, 0.2])
    >>> callbacks.split([rates, print], 2)
    ({'learning_rates': [0.1, 0.2]}, [<built-in function print>])
    """
    options: dict[str, Any] = {}
    called = []
    for callback in callbacks:
        if isinstance(callback, _Options):
            more = callback.make(rounds)
            for name in more:
                if name in options:
                    raise errors.ArgumentError(f"{function}: expected one callback for {name}")
            options.update(more)
        elif not callable(callback):
            raise errors.TypeError(
                f"{function}: expected callbacks to be callables, got {callback!r}"
            )
        elif getattr(callback, "before_iteration", False):
            raise errors.UnsupportedError(
                f"{function}: callbacks are called after a round, got one to be called before: "
                f"{type(callback).__name__}; see cnengine.gbdt.callbacks.reset_parameter"
            )
        else:
            called.append(callback)
    return options, sorted(called, key=lambda callback: getattr(callback, "order", 0))


class RoundCaller:
    """Calls all callbacks after a round, as the native training and `cv` take it.

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
        self._callables = callables
        self._params = params
        self._range = begin, end
        self._training_sets = tuple(training_sets)

    def __call__(self, number: int, results: Sequence[tuple]) -> bool | int:
        """True to go on, False to stop, or how many rounds to keep."""
        rows = [EvalResult(*r) if len(r) == 4 else CvEvalResult(*r) for r in results]
        env = CallbackEnv(None, self._params, number, *self._range, rows, self._training_sets)
        go_on: bool | int = True
        for callback in self._callables:
            try:
                if callback(env) is True:
                    go_on = False
            except Exception as error:
                best = getattr(error, "best_iteration", None)
                if type(error).__name__ != "EarlyStopException" or not isinstance(best, int):
                    raise
                return int(best) + 1
        return go_on
