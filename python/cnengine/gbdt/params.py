"""Training parameters by the names of LightGBM, XGBoost, CatBoost and our own.

A name means what it means in its library; defaults are always ours. Where libraries give one name
two meanings, or ours differs:

- `subsample` and its other names (`bagging_fraction`, ...) draw rows for every tree unless
  `bagging_freq` says otherwise; in LightGBM they do nothing until it is set.
- `alpha` is the quantile or the delta of the objectives "quantile", "expectile" and "huber", the L1
  regularisation (`lambda_l1`) of all others, XGBoost's "reg:quantileerror" among them.
- `min_gain` is the loss reduction itself; `gamma`, `min_split_loss` and `min_gain_to_split` are
  twice as much.
- `max_delta_step` with "count:poisson" is also `poisson_max_delta_step`, as in XGBoost.
- Depth-wise growth with `max_depth` has no limit of leaves unless one is given.
- Features that `interaction_constraints` does not list are excluded, as in LightGBM. They stand
  alone, as in XGBoost, with `unlisted_features="alone"`, beside a name that only XGBoost has
  (`booster`, `tree_method`, `gamma`, ...; "reg:squarederror" and its like), or where the
  constraints are XGBoost's text "[[0, 1], [2, 3]]".
- `bootstrap_type="No"` is no sampling; `rsm` is `colsample_bylevel`, as CatBoost has it itself.
- A Booster of "multi:softmax" predicts numbers of classes, as in XGBoost; LightGBM's "softmax" and
  "multiclass", as "multi:softprob", give probabilities.
- "quantile" without `alpha` or `quantiles` is the median; LightGBM's is the 0.9 quantile.
- "mape" divides by max(1, |label|), as objective and as metric, as LightGBM's does; XGBoost's
  metric divides by |label|.
- Early stopping looks at the first metric of the first set that is not trained on (XGBoost: the
  last one of the last set), and keeps the best round whatever `use_best_model` says.
- `use_quantized_grad` is `gradient_bits=8`. All seeds but `seed` are without effect.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from cnengine import errors
from cnengine.gbdt import option_tables as tables
from cnengine.gbdt.option_values import CONVERTERS, Given, did_you_mean, plain

_TOGETHER = {name: first for first, all_ in tables.TOGETHER.items() for name in all_.split()}
_REFUSED = {name: taken for all_, taken in tables.REFUSED.items() for name in all_.split()}
_NO_EFFECT = set(tables.NO_EFFECT.split())
KNOWN = {*CONVERTERS, *_TOGETHER, *_REFUSED, *_NO_EFFECT}

_OPTION_OF = {
    name: option
    for option in [*tables.OPTIONS, *tables.CONVERTED]
    for name in (*tables.OPTIONS.get(option, ("", ""))[1].split(),
                 *tables.CONVERTED.get(option, "").split())
}  # fmt: skip

_XGBOOST_ONLY = (
    "booster tree_method gamma min_split_loss num_parallel_tree process_type refresh_leaf updater "
    "base_score missing disable_default_eval_metric enable_categorical feature_types "
    "sampling_method quantile_alpha validate_parameters"
)
_XGBOOST_OBJECTIVES = ("reg:", "binary:", "multi:", "rank:", "count:", "survival:")
_ALPHA_OPTION = {"quantile": "quantiles", "expectile": "quantiles", "huber": "huber_delta"}


class _Options:
    """Options with who gave them: two names that disagree raise."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.values: dict[str, Any] = {}
        self.givers: dict[str, Given] = {}

    def put(self, options: Mapping[str, Any], giver: Given) -> None:
        for option, value in options.items():
            first = self.givers.setdefault(option, giver)
            if first is not giver and self.values[option] != value:
                raise errors.ArgumentError(
                    f"{self.function}: {first.name}={first.value!r} and "
                    f"{giver.name}={giver.value!r} disagree: both are {option}"
                )
            self.values[option] = value


def resolve(params: Mapping[str, Any], function: str = "train") -> dict[str, Any]:
    """Parameters of any of the libraries as options of the native training.

    Parameters
    ----------
    params : mapping of name to value
        Names of LightGBM (with all its aliases), XGBoost (native and scikit-learn), CatBoost, or
        ours. None is as if the name were not there. NumPy's numbers and arrays are taken.
    function : str
        The name that messages begin with.

    Returns
    -------
    dict
        Options of `_core.gbdt.train`, of which `monotone_constraints` may be a dict by feature and
        `interaction_constraints` may hold names (see `place_features`), `objective` may be a
        function, and `metrics` may hold functions; besides, where they were given,
        `categorical_features` (list of names and positions, or "auto"), `class_weight` (dict, or
        "balanced", or a list by the order of the classes), `num_threads` (0: the default),
        `verbosity`, `predicts` ("class"), `num_feature_types` (how many kinds of features were
        given) and `unlisted_features` ("alone" or "excluded").

    Raises
    ------
    cnengine.errors.ArgumentError
        Unknown names, two names of one parameter that disagree, values that are out of range.
    cnengine.errors.TypeError
        Values of a wrong type.
    cnengine.errors.UnsupportedError
        A parameter of another library that has no counterpart, with another value than its default.

    Examples
    --------
    >>> from cnengine.gbdt.params import resolve
    >>> resolve({"eta": 0.3, "max_leaves": 15, "gamma": 1.0, "objective": "binary:logistic"})
    {'objective': 'binary', 'learning_rate': 0.3, 'num_leaves': 15, 'min_gain': 0.5}
    >>> resolve({"num_leafs": 15})
    Traceback (most recent call last):
    cnengine.errors.ArgumentError: train: unknown parameter "num_leafs"; did you mean "num_leaves"?
    """
    given = _given(params, function)
    options = _Options(function)
    together: dict[str, Given] = {}
    for name in sorted(given, key=lambda name: CONVERTERS.get(name) is not CONVERTERS["objective"]):
        item = given[name]
        if name in CONVERTERS:
            options.put(CONVERTERS[name](item), item)
        elif name in _TOGETHER:
            first = together.setdefault(_TOGETHER[name], item)
            if first.value != item.value:
                options.put({_TOGETHER[name]: first.value}, first)
                options.put({_TOGETHER[name]: item.value}, item)
        elif name in _REFUSED and not _is_taken(item.value, _REFUSED[name]):
            taken = ", ".join(repr(value) for value in _REFUSED[name] if value is not None)
            item.refuse(f"it may be {taken}" if taken else "leave it out")
    _read_alpha(options, together.get("alpha"))
    _read_poisson(options)
    _read_metrics(options, together)
    _read_classes(options, together.get("class_names"))
    _limit_leaves(options)
    _check_positive_weight(options)
    _check_classes(options)
    _place_unlisted(options, given)
    return options.values


def _given(params: Mapping[str, Any], function: str) -> dict[str, Given]:
    """What was given, unknown names refused."""
    if not isinstance(params, Mapping):
        raise errors.TypeError(f"{function}: expected params as a dict, got {params!r}")
    out = {}
    for name, value in params.items():
        if not isinstance(name, str):
            raise errors.TypeError(f"{function}: expected names as text in params, got {name!r}")
        if name not in KNOWN:
            raise errors.ArgumentError(f'{function}: unknown parameter "{name}"{_hint(name)}')
        if value is not None:
            out[name] = Given(function, name, plain(value))
    return out


def _hint(name: str) -> str:
    """The closest name, or the option it stands for if that is close, too."""
    close = get_close_matches(name, sorted(KNOWN), 3)
    option = _OPTION_OF.get(close[0]) if close else None
    return did_you_mean(name, {option} if option in close else KNOWN)


def _is_taken(value: Any, taken: tuple) -> bool:
    if isinstance(value, float) and value != value:  # XGBoost's `missing`
        return "nan" in taken
    if isinstance(value, list | tuple | dict | set):
        return not value and "" in taken
    if isinstance(value, str):
        words = {str(item).lower() for item in taken}
        return value.lower() in words
    numbers = [item for item in taken if not isinstance(item, str)]
    if isinstance(value, float):  # CatBoost hands out numbers of 32 bits
        return any(item is not None and abs(value - item) <= 1e-6 * abs(item) for item in numbers)
    return value in numbers


def _read_alpha(options: _Options, alpha: Given | None) -> None:
    if alpha is None:
        return
    objective = options.givers.get("objective")
    word = objective.value.lower() if objective and isinstance(objective.value, str) else ""
    option = _ALPHA_OPTION.get(word, "lambda_l1")
    if option == "quantiles":
        options.put(CONVERTERS["quantile_alpha"](alpha), alpha)
    else:
        options.put({option: alpha.number()}, alpha)


def _read_poisson(options: _Options) -> None:
    objective = options.givers.get("objective")
    step = options.givers.get("max_delta_step")
    if step and objective and objective.value == "count:poisson":
        options.put({"poisson_max_delta_step": step.value}, step)


def _read_metrics(options: _Options, together: Mapping[str, Given]) -> None:
    values = options.values
    if "custom_metric" in together:
        more = CONVERTERS["metric"](together["custom_metric"]).get("metrics", [])
        values["metrics"] = [*values.get("metrics", []), *more]
    if "disable_default_eval_metric" in together:
        off = together["disable_default_eval_metric"].flag()
        if off and "metrics" not in values:
            values["metrics"] = ["none"]
    if "eval_at" in together:
        _spread_metrics(values, together["eval_at"])
    if "multi_error_top_k" in together:
        top = together["multi_error_top_k"]
        if top.integer() < 1:
            top.fail(">= 1")
        if top.value > 1 and "metrics" in values:
            values["metrics"] = [
                f"{m}@{top.value}" if m == "multi_error" else m for m in values["metrics"]
            ]
    if "metrics" in values:
        values["metrics"] = [m for i, m in enumerate(values["metrics"])
                             if m not in values["metrics"][:i]]  # fmt: skip


def _spread_metrics(values: dict[str, Any], eval_at: Given) -> None:
    """Each ranking metric for each number of documents."""
    text = eval_at.value
    places = text
    if isinstance(text, str):
        parts = [part.strip() for part in text.split(",")]
        places = [int(p) if p.isascii() and p.isdigit() and len(p) < 10 else None for p in parts]
    places = places if isinstance(places, list | tuple) else [places]
    if not all(isinstance(k, int) and not isinstance(k, bool) for k in places):
        eval_at.fail("to be integers", errors.TypeError)
    if not all(k >= 1 for k in places):
        eval_at.fail(">= 1")
    if "metrics" not in values:
        own = {"lambdarank": "ndcg", "rank_xendcg": "ndcg", "pairwise": "ndcg"}
        own["lambdarank_map"] = "map"
        objective = values.get("objective")
        if not isinstance(objective, str) or objective not in own:
            return
        values["metrics"] = [own[objective]]
    ranking = {"ndcg", "map", "lambdarank", "rank_xendcg", "mean_average_precision"}
    values["metrics"] = [
        spread
        for m in values["metrics"]
        for spread in ([f"{m}@{k}" for k in places] if isinstance(m, str) and m in ranking else [m])
    ]


def _read_classes(options: _Options, class_names: Given | None) -> None:
    weight = options.givers.get("class_weight")
    if weight and weight.name != "class_weight" and options.values.get("scale_pos_weight", 1) != 1:
        both = options.givers["scale_pos_weight"]
        raise errors.ArgumentError(
            f"{options.function}: expected one of {weight.name} and {both.name}, got both"
        )
    if class_names is None:
        return
    labels = class_names.value
    if not isinstance(labels, list | tuple):
        class_names.fail("to be a list of labels", errors.TypeError)
    if weight and isinstance(weight.value, list | tuple):
        if len(labels) != len(weight.value):
            class_names.fail(f"to be as many as {weight.name}")
        try:
            options.values["class_weight"] = dict(zip(labels, weight.value, strict=True))
        except TypeError:  # a list as a label
            class_names.fail("to be a list of labels", errors.TypeError)
        return
    try:
        ordered = sorted(labels) == list(labels)
    except TypeError:
        ordered = False
    if not ordered:
        class_names.refuse("classes are in the order of their labels")


def _check_positive_weight(options: _Options) -> None:
    values = options.values
    objective = values.get("objective", "binary")
    if values.get("scale_pos_weight", 1) != 1 and objective != "binary":
        giver = options.givers["scale_pos_weight"]
        raise errors.ArgumentError(
            f'{options.function}: expected {giver.name} only with objective "binary", got '
            f"{objective!r}"
        )


def _check_classes(options: _Options) -> None:
    values = options.values
    objective = values.get("objective")
    most = {"multiclass": None, "multiclassova": None, "binary": 2}.get(objective, 1)
    if isinstance(objective, str) and objective != "custom" and most is not None:
        if values.get("num_class", most) > most:
            giver = options.givers["num_class"]
            raise errors.ArgumentError(
                f'{options.function}: expected {giver.name} only with objective "multiclass" or '
                f'"multiclassova", got "{objective}"'
            )
        values.pop("num_class", None)


def _limit_leaves(options: _Options) -> None:
    values = options.values
    depth = values.get("max_depth", 0)
    if values.get("num_leaves") == 0 and depth == 0:  # XGBoost's "no limit", beside its own depth
        del values["num_leaves"]
    elif values.get("grow_policy") == "depthwise" and depth > 0:
        values.setdefault("num_leaves", 0)


def _place_unlisted(options: _Options, given: Mapping[str, Given]) -> None:
    if "interaction_constraints" not in options.values or "unlisted_features" in options.values:
        return
    objective = options.givers.get("objective")
    word = objective.value if objective and isinstance(objective.value, str) else ""
    if set(_XGBOOST_ONLY.split()) & set(given) or word.startswith(_XGBOOST_OBJECTIVES):
        options.values["unlisted_features"] = "alone"


def place_features(
    options: Mapping[str, Any],
    feature_names: Sequence[str] | None,
    width: int,
    function: str = "train",
) -> dict[str, Any]:
    """Options of `resolve` with constraints by position, as the native training takes them.

    Parameters
    ----------
    options : mapping, from `resolve`
    feature_names : sequence of str, or None where features have no names
    width : int
        How many features there are.
    function : str
        The name that messages begin with.

    Returns
    -------
    dict
        Without `unlisted_features` and `num_feature_types`, which are used up.

    Raises
    ------
    cnengine.errors.ArgumentError
        A name that no feature has, or a position that is not below `width`.
    cnengine.errors.ShapeError
        As many feature_types as features are expected.

    Examples
    --------
    >>> from cnengine.gbdt.params import place_features
    >>> options = {"monotone_constraints": {"b": 1}, "interaction_constraints": [["a", "b"]],
    ...            "unlisted_features": "alone"}
    >>> place_features(options, ["a", "b", "c"], 3)
    {'monotone_constraints': [0, 1, 0], 'interaction_constraints': [[0, 1], [2]]}
    """
    names = {name: place for place, name in enumerate(feature_names or ())}

    def position(feature: str | int, what: str) -> int:
        place = names.get(feature) if isinstance(feature, str) else feature
        if place is None:
            raise errors.ArgumentError(
                f'{function}: no feature "{feature}" for {what}' + did_you_mean(feature, names)
            )
        if not 0 <= place < width:
            raise errors.ArgumentError(
                f"{function}: expected features from 0 to {width - 1} in {what}, got {place}"
            )
        return place

    kinds = options.get("num_feature_types", width)
    if kinds != width:
        raise errors.ShapeError(
            f"{function}: expected feature_types of {width} features, one for each, got {kinds}"
        )
    used_up = ("unlisted_features", "num_feature_types")
    out = {name: value for name, value in options.items() if name not in used_up}
    directions = out.get("monotone_constraints")
    if isinstance(directions, Mapping):
        placed = [0] * width
        for feature, direction in directions.items():
            placed[position(feature, "monotone_constraints")] = direction
        out["monotone_constraints"] = placed
    if "interaction_constraints" in out:
        sets = [[position(f, "interaction_constraints") for f in group]
                for group in out["interaction_constraints"]]  # fmt: skip
        if options.get("unlisted_features") == "alone":
            listed = {feature for group in sets for feature in group}
            sets += [[feature] for feature in range(width) if feature not in listed]
        out["interaction_constraints"] = sets
    return out


def names_of(canonical: str) -> list[str]:
    """All names that give an option, its own first.

    Examples
    --------
    >>> from cnengine.gbdt.params import names_of
    >>> names_of("colsample")
    ['colsample', 'feature_fraction', 'sub_feature', 'colsample_bytree']
    """
    listed = [*([canonical] if canonical in CONVERTERS else []),
              *tables.OPTIONS.get(canonical, ("", ""))[1].split(),
              *tables.CONVERTED.get(canonical, "").split()]  # fmt: skip
    if not listed:
        raise errors.ArgumentError(
            f'names_of: unknown option "{canonical}"' + did_you_mean(canonical, CONVERTERS)
        )
    return list(dict.fromkeys(listed))


@contextmanager
def own_words(params: Mapping[str, Any]) -> Iterator[None]:
    """Errors of the native training inside name a parameter as the user did in `params`.

    Examples
    --------
    >>> from cnengine import errors
    >>> from cnengine.gbdt.params import own_words
    >>> with own_words({"eta": -1.0}):
    ...     raise errors.ArgumentError("train: expected learning_rate > 0, got -1")
    Traceback (most recent call last):
    cnengine.errors.ArgumentError: train: expected eta > 0, got -1
    """
    try:
        yield
    except (errors.ArgumentError, errors.TypeError) as error:
        text = str(error)
        for name, value in params.items():
            option = _OPTION_OF.get(name)
            if value is not None and option is not None and option not in params:
                text = re.sub(rf"\bexpected {option}\b", f"expected {name}", text)
        if text == str(error):
            raise
        raise type(error)(text) from error
