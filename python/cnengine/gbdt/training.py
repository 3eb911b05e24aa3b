"""`train`: boosting from parameters by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import inputs
from cnengine.gbdt import labels as _labels
from cnengine.gbdt import params as _params
from cnengine.gbdt.booster import Booster
from cnengine.gbdt.dataset import Dataset
from cnengine.gbdt.learner import (
    MULTICLASS,
    PROBABILITIES,
    RANKINGS,
    EvalSet,
    Task,
    boost,
    give_up,
    start_model,
)

_MOST_CLASSES = 65536


def train(
    params: Mapping[str, Any] | None,
    data: Dataset,
    num_boost_round: int | None = None,
    *,
    valid_sets: Any = None,
    valid_names: Sequence[str] | str | None = None,
    evals: Any = None,
    obj: Callable | None = None,
    feval: Callable | Sequence[Callable] | None = None,
    custom_metric: Callable | None = None,
    init_model: Any = None,
    callbacks: Sequence[Callable] | None = None,
    early_stopping_rounds: int | None = None,
    communicator: Any = None,
) -> Booster:
    """Trains a model with parameters by the names of cnengine, LightGBM, XGBoost or CatBoost.

    Parameters
    ----------
    params : mapping
        Objective and options, such as {"objective": "binary", "num_leaves": 63}; ArgumentError for
        a name that none of the libraries knows, and where two names of one option disagree.
    data : Dataset
        What is trained on.
    num_boost_round : int or None
        Rounds; None for `n_estimators` of `params`, else 100.
    valid_sets : Dataset, list of Dataset or (Dataset, name), or None
        Rows that are scored after each round; `data` itself, if it is among them, last.
    valid_names : list of str, or None
        Their names; "valid_0", "valid_1", ... without.
    evals : list of (Dataset, name), or None
        XGBoost's way to give `valid_sets`.
    obj : callable or None
        An objective of your own, as may be `params["objective"]`: it takes the raw scores, (rows,)
        or (rows, outputs), and `data`, and returns gradients and hessians in the same shape. It
        multiplies them by the weights of `data` itself, as with LightGBM and XGBoost; rows of
        weight 0 take no part in any case.
        `num_class` of `params` says how many outputs there are.
    feval, custom_metric : callable, list of callables, or None
        Metrics of your own: predictions and the Dataset to (name, value, larger is better).
        After an objective of your own the predictions are raw scores.
    init_model : Booster, estimator, path or None
        A model to go on from; its trees stay in front, its rounds count as if they were this
        training's own: they come first in the results of evaluation sets.
    callbacks : list of callables, or None
        See `cnengine.gbdt.callbacks`; those of LightGBM's interface work too.
    early_stopping_rounds : int or None
        Stop when the first metric of the first set has not improved for so many rounds.
    communicator : SocketCommunicator, or an object with the same methods, or None
        Each of several workers trains on its part of the rows; all get the same model. They give
        the same parameters, `num_class` among them.

    Returns
    -------
    Booster
        The same bits for the same data, parameters and seed, on any number of threads. After
        Ctrl-C, the model so far, with a warning.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.arange(400.0).reshape(200, 2)
    >>> data, held = gbdt.Dataset(X[::2], X[::2, 0]), gbdt.Dataset(X[1::2], X[1::2, 0])
    >>> model = gbdt.train({"eta": 0.3, "max_leaves": 15}, data, 50, valid_sets=[held])
    >>> losses = model.evals_result["valid_0"]["l2"]
    >>> len(losses), losses[-1] < losses[0] / 20
    (50, True)
    """
    try:
        options, custom = read_params(params, obj, num_boost_round, early_stopping_rounds)
        named = _named_sets(valid_sets, valid_names, evals)
        functions = [f for f in (*listed(feval), *listed(custom_metric)) if f is not None]
        task = _task(options, custom, data, named, functions, init_model, communicator)
        task.callbacks = callbacks or ()
        with _params.own_words(params or {}):
            return boost(task)
    except BaseException:
        give_up(communicator)  # nobody shall wait for this worker
        raise


def _task(
    options: dict[str, Any],
    custom: Callable | None,
    data: Dataset,
    named: list[tuple[Dataset, str]],
    functions: Sequence[Callable],
    init_model: Any,
    communicator: Any,
) -> Task:
    check_dataset(data, "train")
    wrong = [f for f in functions if not callable(f)]
    if wrong:
        raise errors.TypeError(f"train: expected feval as functions, got {wrong[0]!r}")
    objective = options["objective"]
    labels = data.labels(objective, "train")
    named.sort(key=lambda pair: pair[0] is data)  # early stopping looks at the first one
    _check_queries(objective, data, named)
    sets = [EvalSet(name, s.raw, s.labels(objective, "train"), s is data) for s, name in named]
    agreed = repr(_sorted_weights(options.get("class_weight")))
    if communicator is not None and options.get("class_weight") == "balanced":
        raise errors.UnsupportedError(
            'train: class_weight "balanced" looks at one worker; give the weights by class'
        )
    fill_options(options, data, labels, "train")
    start = start_model(init_model)
    _check_names(data, named, start)
    datasets = [s for s, _ in named]
    return Task(
        rows=data.raw if communicator is not None else data.rows(options, "train", start=start),
        labels=labels,
        options=options,
        categorical=data.categorical("train", options),
        sets=sets,
        attributes=class_attributes(options) | data.attributes,
        init_model=init_model,
        metrics=[lambda s, p, f=f: f(p, datasets[s]) for f in functions],
        objective=None if custom is None else lambda scores: custom(scores, data),
        communicator=communicator,
        feature_names=data.own_names,
        agreed=agreed,
    )


def _sorted_weights(weights: Any) -> Any:
    """Weights by class, in one order for all workers."""
    return sorted(weights.items(), key=repr) if isinstance(weights, Mapping) else weights


def check_dataset(given: Any, function: str) -> None:
    """TypeError for what is no Dataset of ours; it says whose it is."""
    if isinstance(given, Dataset):
        return
    kind = type(given)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    hint = ""
    if kind.__module__.partition(".")[0] in ("lightgbm", "xgboost", "catboost"):
        hint = "; cnengine.gbdt.Dataset(X, label) takes the rows that it was made of"
    raise errors.TypeError(f"{function}: expected a Dataset of cnengine.gbdt, got {name}{hint}")


def _check_queries(objective: str, data: Dataset, named: list[tuple[Dataset, str]]) -> None:
    """ArgumentError for a validation set that would count as one query, where training has many."""
    if objective not in RANKINGS or not data.has_queries():
        return
    for one, name in named:
        if not one.has_queries():
            raise errors.ArgumentError(
                f"train: expected group or qid for validation set {name!r}, as the rows trained on "
                f"have; group=[{one.num_rows}] makes one query of all its rows"
            )


def _check_names(data: Dataset, named: list[tuple[Dataset, str]], start: Any) -> None:
    """ArgumentError where names say that columns are not those of `data`."""
    known = data.feature_names
    for one, _ in named:
        if known and one.feature_names:
            inputs.check_names(known, one.feature_names, "train")
    before = start.feature_names if start is not None else []
    if known and before and all(before):
        inputs.check_names(before, known, "train")


def read_params(
    params: Mapping[str, Any] | None,
    obj: Callable | None,
    rounds: int | None,
    early_stopping_rounds: int | None,
    function: str = "train",
) -> tuple[dict[str, Any], Callable | None]:
    """Parameters by canonical names, and the objective of the caller, if there is one."""
    if params is not None and not isinstance(params, Mapping):
        raise errors.TypeError(f"{function}: expected params as a dict, got {params!r}")
    given = {name: value for name, value in (params or {}).items() if value is not None}
    if rounds is not None:
        other = {name: value for name, value in given.items()
                 if name in _params.names_of("n_estimators") and value != rounds}  # fmt: skip
        if other:
            name, value = next(iter(other.items()))
            raise errors.ArgumentError(
                f"{function}: num_boost_round={rounds} and {name}={value!r} disagree"
            )
        given = without(given, "n_estimators") | {"n_estimators": rounds}
    if early_stopping_rounds is not None:
        given = without(given, "early_stopping_rounds")
        given["early_stopping_rounds"] = early_stopping_rounds
    options = _params.resolve(given, function)
    if callable(options.get("objective")):
        if obj is not None:
            raise errors.ArgumentError(
                f"{function}: expected obj or an objective in params, got both"
            )
        obj = options["objective"]
    if obj is None:
        options.setdefault("objective", "regression")
        return options, None
    options["objective"] = "custom"
    outputs = options.pop("num_class", 1)
    options["outputs"] = outputs if outputs > 1 else 1
    return options, obj


def without(params: Mapping[str, Any], option: str) -> dict[str, Any]:
    """Parameters without one, by whichever name."""
    names = _params.names_of(option)
    return {name: value for name, value in params.items() if name not in names}


def fill_options(
    options: dict[str, Any], data: Dataset, labels: dict[str, Any], function: str
) -> None:
    """What follows from the data: features by position, classes, outputs, weights of classes."""
    placed = _params.place_features(options, data.feature_names, data.num_features, function)
    options.clear()
    options.update(placed)
    objective, targets = options["objective"], labels["y"]
    if objective in MULTICLASS and "num_class" not in options:
        top = np.max(targets, initial=1)
        options["num_class"] = int(min(top, _MOST_CLASSES)) + 1 if np.isfinite(top) else 2
    if options.get("num_class", 2) > _MOST_CLASSES:
        raise errors.ArgumentError(
            f"{function}: expected at most {_MOST_CLASSES} classes, got "
            f"{max(options['num_class'], np.max(targets, initial=0) + 1):.0f}"
        )
    if targets.ndim == 2:
        options.setdefault("outputs", len(targets))
    chosen = options.pop("class_weight", None)
    if chosen is not None:
        classes = np.arange(options.get("num_class", 2) if objective in MULTICLASS else 2)
        if objective not in (*MULTICLASS, "binary"):
            raise errors.ArgumentError(
                f"{function}: expected class_weight only with classes, got objective {objective!r}"
            )
        add_weights(labels, _labels.class_weights(_codes(targets, classes), classes, chosen))


def _codes(targets: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Labels as class numbers; those that are none are found later, by the native code."""
    with np.errstate(invalid="ignore"):
        return np.clip(np.nan_to_num(targets), 0, len(classes) - 1)


def add_weights(labels: dict[str, Any], more: np.ndarray | None) -> None:
    """Multiplies the weights of the labels."""
    if more is not None:
        given = labels.get("weight")
        labels["weight"] = more if given is None else given * more


def class_attributes(options: dict[str, Any]) -> dict[str, Any]:
    """The class labels of a model that was trained on class numbers."""
    if options["objective"] in MULTICLASS:
        return {"classes": list(range(options["num_class"]))}
    return {"classes": [0, 1]} if options["objective"] in PROBABILITIES[:1] else {}


def listed(functions: Any) -> Sequence[Callable]:
    """One function, or several, as a sequence."""
    return functions if isinstance(functions, list | tuple) else [functions]


def _named_sets(valid_sets: Any, names: Any, evals: Any) -> list[tuple[Dataset, str]]:
    if valid_sets is not None and evals is not None:
        raise errors.ArgumentError("train: expected valid_sets or evals, got both")
    given = valid_sets if valid_sets is not None else evals if evals is not None else []
    if isinstance(given, Dataset) or not isinstance(given, Iterable):
        given = [given]
    names = [names] if isinstance(names, str) else list(names or [])
    if names and len(names) != len(given):
        raise errors.ShapeError(
            f"train: expected {len(given)} names in valid_names, got {len(names)}"
        )
    out = []
    for number, item in enumerate(given):
        pair = item if isinstance(item, tuple) else (item, None)
        if len(pair) != 2:
            raise errors.TypeError(
                f"train: expected a Dataset or (Dataset, name) in valid_sets, got {item!r}"
            )
        check_dataset(pair[0], "train: valid_sets")
        name = names[number] if names else pair[1] or f"valid_{number}"
        out.append((pair[0], str(name)))
    if len({name for _, name in out}) != len(out):
        raise errors.ArgumentError(f"train: expected different valid_names, got {names}")
    return out
