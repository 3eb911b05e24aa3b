"""`cv`: the folds grow side by side, so that their mean can stop them."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import callbacks as _callbacks
from cnengine.gbdt import labels as _labels
from cnengine.gbdt.booster import Booster
from cnengine.gbdt.dataset import Dataset
from cnengine.gbdt.learner import MULTICLASS, EvalSet, Task, boost, thread_count
from cnengine.gbdt.training import (
    check_dataset,
    class_attributes,
    fill_options,
    listed,
    read_params,
)

_STOPPING = ("early_stopping_rounds", "early_stopping_min_delta", "first_metric_only")


def cv(
    params: Mapping[str, Any] | None,
    data: Dataset,
    num_boost_round: int | None = None,
    *,
    nfold: int = 5,
    folds: Any = None,
    stratified: bool = True,
    shuffle: bool = True,
    seed: int = 0,
    metrics: str | Sequence[str] | None = None,
    obj: Callable | None = None,
    feval: Callable | Sequence[Callable] | None = None,
    callbacks: Sequence[Callable] | None = None,
    early_stopping_rounds: int | None = None,
    eval_train_metric: bool = False,
    return_models: bool = False,
) -> dict[str, Any]:
    """Trains on all folds but one, judges by that one, for each fold.

    Parameters
    ----------
    params, data, num_boost_round, obj, feval, callbacks
        As in `train`.
    nfold : int
        Number of folds, at least 2.
    folds : iterable of (train rows, test rows), or scikit-learn splitter, or None
        The folds, instead of `nfold`.
    stratified : bool
        Classes have the same shares in all folds. Queries are never cut.
    shuffle : bool
        Draw the folds; else they are stretches of rows.
    seed : int
        Seed of the draw.
    metrics : str, list of str, or None
        Instead of those of `params`.
    early_stopping_rounds : int or None
        Stop when the mean over the folds of the first metric has not improved for so many rounds;
        the results end at the best round.
    eval_train_metric : bool
        Also judge by the rows that were trained on ("train ...").
    return_models : bool
        Add "models", the Booster of each fold, with all rounds that were trained.

    Returns
    -------
    dict
        "valid METRIC-mean" and "valid METRIC-stdv", lists by round (population deviation).

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.random.default_rng(0).normal(size=(500, 3))
    >>> data = gbdt.Dataset(X, X[:, 0] > 0)
    >>> result = gbdt.cv({"objective": "binary"}, data, 20, metrics="auc")
    >>> result["valid auc-mean"][-1] > 0.99, len(result["valid auc-stdv"])
    (True, 20)
    """
    check_dataset(data, "cv")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise errors.ArgumentError(f"cv: expected seed as an integer >= 0, got {seed!r}")
    given = dict(params or {})
    if metrics is not None:
        given["metric"] = metrics
    options, custom = read_params(given, obj, num_boost_round, early_stopping_rounds, "cv")
    labels = data.labels(options["objective"], "cv")
    held_labels = dict(labels)  # weights of classes are for training
    fill_options(options, data, labels, "cv")
    rounds = options.setdefault("n_estimators", 100)
    native, per_round = _callbacks.split(callbacks or (), rounds, "cv")
    options.update(native)
    if "snapshot_every" in options:
        raise errors.UnsupportedError(
            "cv: folds are not saved; leave out snapshot_every, checkpoint"
        )
    stopping = {name: options.pop(name) for name in _STOPPING if name in options}
    parts = list(_folds(folds, nfold, stratified, shuffle, seed, data, labels, options))
    if len(parts) < 2:
        raise errors.ArgumentError(f"cv: expected 2 folds or more, got {len(parts)}")
    board = _Board(len(parts), stopping, per_round, dict(options), rounds)
    functions = [f for f in listed(feval) if f is not None]
    tasks = [
        _task(data, labels, held_labels, options, custom, functions, train, test, eval_train_metric)
        for train, test in parts
    ]
    with thread_count(options.pop("num_threads", None)):
        models = board.run(tasks)
    out: dict[str, Any] = board.results()
    if return_models:
        out["models"] = models
    return out


def _folds(
    folds: Any,
    nfold: int,
    stratified: bool,
    shuffle: bool,
    seed: int,
    data: Dataset,
    labels: dict[str, Any],
    options: dict[str, Any],
) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    rows = data.num_rows
    groups = labels.get("groups")
    if folds is not None:
        if hasattr(folds, "split"):
            query = None if groups is None else np.repeat(np.arange(len(groups)), groups)
            folds = folds.split(np.zeros(rows), data.get_label(), query)
        if not isinstance(folds, Iterable):
            raise errors.TypeError(
                f"cv: expected folds as pairs of row numbers or a splitter, got {folds!r}"
            )
        for fold in folds:
            if not isinstance(fold, tuple | list) or len(fold) != 2:
                raise errors.TypeError(
                    f"cv: expected folds as pairs (train rows, test rows), got {fold!r}"
                )
            yield _row_numbers(fold[0], rows), _row_numbers(fold[1], rows)
        return
    if isinstance(nfold, bool) or not isinstance(nfold, int | np.integer) or nfold < 2:
        raise errors.ArgumentError(f"cv: expected nfold >= 2, got {nfold!r}")
    units = rows if groups is None else len(groups)
    if units < nfold:
        what = "rows" if groups is None else "queries"
        raise errors.ArgumentError(f"cv: expected nfold at most {units}, the {what}, got {nfold}")
    rng = np.random.default_rng(seed)
    order = rng.permutation(units) if shuffle else np.arange(units)
    if stratified and options["objective"] in ("binary", *MULTICLASS):
        # Round and round over rows sorted by class, so that every fold gets its share of each.
        order = order[np.argsort(labels["y"][order], kind="stable")]
        fold = np.empty(units, np.int64)
        fold[order] = np.arange(units) % nfold
    else:
        fold = np.empty(units, np.int64)
        fold[order] = np.arange(units) * nfold // units
    by_row = fold if groups is None else np.repeat(fold, groups)
    for number in range(nfold):
        yield np.flatnonzero(by_row != number), np.flatnonzero(by_row == number)


def _row_numbers(chosen: Any, rows: int) -> np.ndarray:
    numbers = np.asarray(chosen)
    if numbers.dtype == bool and numbers.shape == (rows,):
        return np.flatnonzero(numbers)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise errors.TypeError("cv: expected row numbers in folds")
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < rows:
        raise errors.ArgumentError(f"cv: expected row numbers from 0 to {rows - 1} in folds")
    return np.sort(numbers).astype(np.int64)


def _task(
    data: Dataset,
    labels: dict[str, Any],
    held_labels: dict[str, Any],
    options: dict[str, Any],
    custom: Callable | None,
    functions: Sequence[Callable],
    train: np.ndarray,
    test: np.ndarray,
    eval_train_metric: bool,
) -> Task:
    held = data.subset(test)
    mine = data.subset(train)
    sets = [EvalSet("valid", held.raw, labels_of(held_labels, test))]
    datasets = [held]
    if eval_train_metric:
        sets.insert(0, EvalSet("train", mine.raw, labels_of(held_labels, train)))
        datasets.insert(0, mine)
    return Task(
        rows=data.subset_rows(train, options, "cv"),
        labels=labels_of(labels, train),
        options=options,
        categorical=data.categorical("cv", options),
        sets=sets,
        attributes=class_attributes(options) | data.attributes,
        metrics=[lambda s, p, f=f: f(p, datasets[s]) for f in functions],
        objective=None if custom is None else lambda scores: custom(scores, mine),
        feature_names=data.own_names,
    )


def labels_of(labels: dict[str, Any], rows: np.ndarray) -> dict[str, Any]:
    """The native labels of some rows; queries are whole."""
    out = {}
    for name, values in labels.items():
        if name == "groups":
            query = np.repeat(np.arange(len(values)), values)[rows]
            out[name] = _labels.to_group_sizes(qid=query, rows=len(rows), function="cv")
        else:
            out[name] = None if values is None else np.ascontiguousarray(values[..., rows])
    return out


class _Board:
    """The folds train in a thread each and meet after every round, where their mean decides."""

    def __init__(
        self,
        folds: int,
        stopping: dict[str, Any],
        per_round: Sequence[Callable],
        params: dict[str, Any],
        rounds: int,
    ) -> None:
        self.rounds: list[list[list[tuple[str, str, float, bool]]]] = []  # round, fold, results
        self._latest: list[Any] = [None] * folds
        self._patience = stopping.get("early_stopping_rounds", 0)
        self._delta = stopping.get("early_stopping_min_delta", 0.0)
        self._first_only = stopping.get("first_metric_only", True)
        self._best: dict[tuple[str, str], tuple[float, int]] = {}
        self._stop = False
        self._kept: int | None = None
        self._barrier = threading.Barrier(folds, action=self._decide)
        self._caller = None
        if per_round:
            self._caller = _callbacks.RoundCaller(per_round, params, 0, rounds, ["train"])

    def run(self, tasks: Sequence[Task]) -> list[Booster]:
        """Trains all; the first error of a fold is raised after the others have ended."""
        models: list[Any] = [None] * len(tasks)
        failures: list[BaseException] = []

        def work(number: int) -> None:
            def after_round(env: Any) -> bool:
                self._latest[number] = list(env.evaluation_result_list)
                self._barrier.wait()
                return self._stop

            try:
                task = tasks[number]
                task.callbacks = (after_round,)
                models[number] = boost(task)
                if models[number].interrupted:
                    self._barrier.abort()  # the others would wait for it
            except threading.BrokenBarrierError:
                pass  # another fold failed, and says why
            except BaseException as error:
                failures.append(error)
                self._barrier.abort()

        threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(len(tasks))]
        try:
            for thread in threads:
                thread.start()
            with self._caller or contextlib.nullcontext():
                for thread in threads:
                    thread.join()
        except KeyboardInterrupt:
            self._barrier.abort()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
            raise
        if failures:
            raise failures[0]
        if any(model is None for model in models):  # one ended without the others
            raise KeyboardInterrupt
        return models

    def _decide(self) -> None:
        """Runs in one thread while all wait: looks at the means of the round."""
        self.rounds.append(list(self._latest))
        number = len(self.rounds) - 1
        means = []
        for k, (name, metric, _, larger) in enumerate(self._latest[0]):
            values = [fold[k][2] for fold in self._latest]
            means.append((name, metric, float(np.mean(values)), larger, float(np.std(values))))
        answer = True if self._caller is None else self._caller(number, means)
        if answer is not True:
            self._stop = True
        if not isinstance(answer, bool):
            self._kept = answer
            return
        judged = [m for m in means if m[0] != "train"]
        for name, metric, value, larger, _ in judged[:1] if self._first_only else judged:
            best = self._best.get((name, metric))
            better = (
                best is None
                or (value > best[0] + self._delta if larger else value < best[0] - self._delta)
                or (best is not None and np.isnan(best[0]) and not np.isnan(value))
            )
            if better:
                self._best[name, metric] = value, number
            elif self._patience and number - best[1] >= self._patience:
                self._stop = True
                self._kept = best[1] + 1
                return
        if self._patience and self._best:
            self._kept = next(iter(self._best.values()))[1] + 1

    def results(self) -> dict[str, Any]:
        """Means and deviations by round, up to the best one where training stopped early."""
        out: dict[str, Any] = {}
        for number in self.rounds[: self._kept]:
            for k, (name, metric, _, _) in enumerate(number[0]):
                values = [fold[k][2] for fold in number]
                out.setdefault(f"{name} {metric}-mean", []).append(float(np.mean(values)))
                out.setdefault(f"{name} {metric}-stdv", []).append(float(np.std(values)))
        return out
