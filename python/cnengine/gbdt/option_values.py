"""Values of training parameters: their types, and what names of other libraries mean here."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from cnengine import errors
from cnengine.gbdt import option_tables as names


def plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    return value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word."""
    close = get_close_matches(word, sorted(known), 1)
    return f'; did you mean "{close[0]}"?' if close else ""


@dataclass(frozen=True)
class Given:
    """A parameter as the user gave it to `function`."""

    function: str
    name: str
    value: Any

    def fail(self, expected: str, kind: type = errors.ArgumentError) -> NoReturn:
        raise kind(f"{self.function}: expected {self.name} {expected}, got {self.value!r}")

    def refuse(self, hint: str) -> NoReturn:
        raise errors.UnsupportedError(
            f"{self.function}: {self.name}={self.value!r} has no counterpart here; {hint}"
        )

    def integer(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fail("to be an integer", errors.TypeError)
        return self.value

    def number(self) -> int | float:
        if not _is_number(self.value):
            self.fail("to be a number", errors.TypeError)
        return self.value

    def flag(self) -> bool:
        value = self.value.lower() if isinstance(self.value, str) else self.value
        if value in ("true", "false"):
            return value == "true"
        if not isinstance(value, int) or value not in (0, 1):
            self.fail("to be True or False", errors.TypeError)
        return bool(value)

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.fail("to be text", errors.TypeError)
        return self.value

    def numbers(self) -> list:
        values = [self.value] if _is_number(self.value) else self.value
        if not isinstance(values, list | tuple) or not all(_is_number(v) for v in values):
            self.fail("to be a list of numbers", errors.TypeError)
        return list(values)

    def choose(self, choices: Mapping[str, Any]) -> Any:
        """What a word stands for, in small or capital letters; None stands for no counterpart."""
        word = self.text().lower()
        taken = ", ".join(f'"{c}"' for c, meaning in choices.items() if meaning is not None)
        if word not in choices:
            self.fail(f"to be one of {taken}")
        if choices[word] is None:
            self.refuse(f"it may be {taken}")
        return choices[word]


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not isinstance(value, int) or abs(value) < 2**1023


def _objective(given: Given) -> dict[str, Any]:
    if callable(given.value):
        return {"objective": given.value}
    word = given.text().lower()
    if word in names.OBJECTIVES:
        predicts = {"predicts": "class"} if word == "multi:softmax" else {}
        return {"objective": names.OBJECTIVES[word], **predicts}
    head, _, rest = word.partition(":")
    if {word, head} & set(names.REFUSED_OBJECTIVES.split()):
        given.refuse("its loss is not among those of this engine")
    if head not in names.OBJECTIVES:
        raise errors.ArgumentError(
            f'{given.function}: unknown objective "{given.value}"'
            + did_you_mean(word, names.OBJECTIVES)
        )
    known = names.OBJECTIVE_NUMBERS.get(head, {})
    out: dict[str, Any] = {"objective": names.OBJECTIVES[head]}
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        if name not in known:
            given.fail(f"with parameters from {sorted(known)}")
        option = known[name]
        if option == "aft_noise":
            out[option] = value
            continue
        try:
            values = [float(v) for v in value.split(",")]
        except ValueError:
            given.fail(f"with a number after {name}=")
        if option != "quantiles" and len(values) > 1:
            given.fail(f"with one number after {name}=")
        out[option] = values if option == "quantiles" else values[0]
    return out


def _boosting(given: Given) -> dict[str, Any]:
    return given.choose(
        {
            **{word: {"boosting": "gbdt"} for word in ("gbdt", "gbrt", "gbtree", "plain")},
            "dart": {"boosting": "dart"},
            **{word: {"boosting": "rf"} for word in ("rf", "random_forest")},
            "goss": {"boosting": "gbdt", "data_sample_strategy": "goss"},
            "gblinear": None,
            "ordered": None,
        }
    )


def _grow_policy(given: Given) -> dict[str, Any]:
    policies = {
        "leafwise": "leafwise",
        "lossguide": "leafwise",
        "depthwise": "depthwise",
        "symmetric": "symmetric",
        "symmetrictree": "symmetric",
    }
    return {"grow_policy": given.choose(policies)}


def _halved_gain(given: Given) -> dict[str, Any]:
    if not given.number() >= 0:
        given.fail(">= 0")
    return {"min_gain": given.value / 2}


def _max_bin(given: Given) -> dict[str, Any]:
    bins = given.integer()
    if not 2 <= bins <= 256:
        given.fail("from 2 to 256, of which 256 counts as 255")
    return {"max_bins": min(bins, 255)}


def _border_count(given: Given) -> dict[str, Any]:
    borders = given.integer()
    if not 1 <= borders <= 255:
        given.fail("from 1 to 255, of which 255 counts as 254")
    return {"max_bins": min(borders + 1, 255)}


def _quantiles(given: Given) -> dict[str, Any]:
    shares = given.numbers()
    if not shares or not all(0 < share < 1 for share in shares):
        given.fail("between 0 and 1")
    return {"quantiles": shares}


def _metrics(given: Given) -> dict[str, Any]:
    value = given.value
    listed = list(value) if isinstance(value, list | tuple | set) else [value]
    out: list[Any] = []
    for item in listed:
        if callable(item):
            out.append(item)
        elif isinstance(item, str):
            out += [_metric(part.strip()) for part in item.split(",") if part.strip()]
        elif item is not None:
            given.fail("to be names of metrics or functions", errors.TypeError)
    out = [m for i, m in enumerate(out) if m not in out[:i]]
    return {"metrics": out} if out else {}


def _metric(name: str) -> str:
    if name.lower() in ("none", "null", "na", "custom"):
        return "none"
    head, _, rest = name.partition(":")
    parts = [part for part in rest.split(";") if part and not part.startswith("hints=")]
    for word in (head, *(f"{head}:{part}" for part in parts)):
        if word not in names.METRICS:
            continue
        ours, key, number = names.METRICS[word]
        left = [part for part in parts if f"{head}:{part}" != word]
        if key and left and left[0].startswith(f"{key}="):
            number = left.pop(0).removeprefix(f"{key}=")
        if not left:
            end = "-" if ours.endswith("-") else ""
            return f"{ours.removesuffix('-')}@{number}{end}" if number else ours
    return name


def _rounds(given: Given) -> dict[str, Any]:
    rounds = 0 if given.value is False else given.integer()
    return {"early_stopping_rounds": max(0, rounds)}


def _seed(given: Given) -> dict[str, Any]:
    source = given.value
    if hasattr(source, "randint"):
        return {"seed": int(source.randint(2**31 - 1))}
    if hasattr(source, "integers"):
        return {"seed": int(source.integers(2**63 - 1))}
    if not 0 <= given.integer() < 2**64:
        given.fail(">= 0 and below 2**64")
    return {"seed": source}


def _verbosity(given: Given) -> dict[str, Any]:
    if given.name == "logging_level":
        return {"verbosity": given.choose({"silent": 0, "verbose": 1, "info": 2, "debug": 3})}
    if given.name == "silent":
        return {"verbosity": int(not given.flag())}
    return {"verbosity": int(given.value) if isinstance(given.value, bool) else given.integer()}


def _device(given: Given) -> dict[str, Any]:
    cpu, gpu = {"device": "cpu"}, {"device": "gpu"}
    choices: dict[str, Any] = {"cpu": cpu, "gpu": gpu, "cuda": gpu, "gpu:0": gpu, "cuda:0": gpu}
    if given.name in ("task", "task_type"):
        choices |= {"train": {}, "training": {}}
        choices |= dict.fromkeys(("predict", "prediction", "convert_model", "refit", "save_binary"))
    elif isinstance(given.value, str) and given.value.lower().startswith(("cuda:", "gpu:", "sycl")):
        choices.setdefault(given.value.lower(), None)
    return given.choose(choices)


def _tree_method(given: Given) -> dict[str, Any]:
    return given.choose(
        {"auto": {}, "hist": {}, "gpu_hist": {"device": "gpu"}, "exact": None, "approx": None}
    )


def _sampling_method(given: Given) -> dict[str, Any]:
    # The weight of the hessian is XGBoost's (kLambda in gradient_based_sampler).
    gradient_based = {"data_sample_strategy": "mvs", "mvs_reg": 0.1}
    uniform = {"data_sample_strategy": "bagging"}
    return given.choose({"uniform": uniform, "gradient_based": gradient_based})


def _bootstrap_type(given: Given) -> dict[str, Any]:
    return given.choose(
        {
            "bayesian": {"data_sample_strategy": "bayesian"},
            "bernoulli": {"data_sample_strategy": "bagging"},
            "mvs": {"data_sample_strategy": "mvs"},
            "no": {"data_sample_strategy": "bagging", "bagging_freq": 0},
            "poisson": None,
        }
    )


def _class_weight(given: Given) -> dict[str, Any]:
    value = given.value
    if value == "balanced":
        return {"class_weight": value}
    if isinstance(value, list | tuple) and all(_is_number(w) for w in value):
        return {"class_weight": list(value)}
    if not isinstance(value, Mapping) or not all(_is_number(w) for w in value.values()):
        given.fail('to be "balanced", or numbers by class', errors.TypeError)
    return {"class_weight": dict(value)}


def _auto_class_weights(given: Given) -> dict[str, Any]:
    return given.choose(
        {"none": {}, "balanced": {"class_weight": "balanced"}, "sqrtbalanced": None}
    )


def _categorical(given: Given) -> dict[str, Any]:
    value = given.value
    if value == "auto":
        return {"categorical_features": "auto"}
    if isinstance(value, str):
        named = value.startswith("name:")
        parts = [p.strip() for p in value.removeprefix("name:").split(",") if p.strip()]
        if not named and not all(_is_position(p) for p in parts):
            given.fail('as "auto", a list, "0,1" or "name:a,b"')
        return {"categorical_features": parts if named else [int(p) for p in parts]}
    if not isinstance(value, list | tuple | set) or not all(_is_feature(v) for v in value):
        given.fail("to be names or positions of features", errors.TypeError)
    return {"categorical_features": list(value)}


def _feature_types(given: Given) -> dict[str, Any]:
    kinds = given.value
    if not isinstance(kinds, list | tuple) or not all(isinstance(k, str) for k in kinds):
        given.fail("to be a list of text", errors.TypeError)
    wrong = [kind for kind in kinds if kind not in ("c", "q", "i", "int", "float")]
    if wrong:
        given.fail('with "c", "q", "i", "int" or "float" by feature')
    positions = [j for j, kind in enumerate(kinds) if kind == "c"]
    return {"categorical_features": positions, "num_feature_types": len(kinds)}


def _is_position(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _is_feature(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _monotone(given: Given) -> dict[str, Any]:
    value = given.value
    if isinstance(value, str):
        value = _monotone_text(given)
    if isinstance(value, Mapping):
        directions: Any = dict(value)
        good = all(_is_feature(key) for key in directions)
        listed = list(directions.values())
    else:
        good = isinstance(value, list | tuple)
        directions = listed = list(value) if good else []
    if not good or not all(isinstance(d, int) and not isinstance(d, bool) for d in listed):
        given.fail("to be -1, 0 or 1 by feature", errors.TypeError)
    if not all(-1 <= d <= 1 for d in listed):
        given.fail("to be -1, 0 or 1 by feature")
    return {"monotone_constraints": directions} if directions else {}


def _monotone_text(given: Given) -> Any:
    """ "(1,-1)" and "1,-1" as a list, "a:1,b:-1" as a dict."""
    parts = [p.strip() for p in given.value.strip().strip("()[]").split(",") if p.strip()]
    pairs = [p.rpartition(":") for p in parts]
    try:
        directions = [int(direction) for _, _, direction in pairs]
    except ValueError:
        given.fail('as "(1,-1)" or "name:1"')
    keys = [key.strip() for key, _, _ in pairs]
    if not any(keys):
        return directions
    places = [int(key) if _is_position(key) else key for key in keys]
    return dict(zip(places, directions, strict=True))


def _interaction(given: Given) -> dict[str, Any]:
    value = given.value
    unlisted = {}
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("[["):  # XGBoost; LightGBM writes no outer brackets
            unlisted = {"unlisted_features": "alone"}
        else:
            text = f"[{text}]"
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            given.fail('as "[[0, 1], [2, 3]]" or "[0,1],[2,3]"')
    if not isinstance(value, list | tuple) or not all(
        isinstance(group, list | tuple | set | frozenset) and all(_is_feature(f) for f in group)
        for group in value
    ):
        given.fail("to be lists of names or positions of features", errors.TypeError)
    groups = [sorted(g) if isinstance(g, set | frozenset) and _one_type(g) else list(g)
              for g in value]  # fmt: skip
    return {"interaction_constraints": groups, **unlisted} if groups else {}


def _one_type(group: Iterable[Any]) -> bool:
    return len({type(item) for item in group}) == 1


def _converters() -> dict[str, Callable[[Given], dict[str, Any]]]:
    by_option: dict[str, Callable[[Given], dict[str, Any]]] = {
        "objective": _objective,
        "boosting": _boosting,
        "grow_policy": _grow_policy,
        "min_gain": _halved_gain,
        "max_bins": _max_bin,
        "max_depth": lambda given: {"max_depth": max(0, given.integer())},
        "quantiles": _quantiles,
        "metrics": _metrics,
        "early_stopping_rounds": _rounds,
        "seed": _seed,
        "num_threads": lambda given: {"num_threads": max(0, given.integer())},
        "verbosity": _verbosity,
        "device": _device,
        "data_sample_strategy": _sampling_method,
        "bagging_by_query": lambda given: {
            "bagging_by_query": given.choose({"object": False, "group": True})
        },
        "uniform_drop": lambda given: {
            "uniform_drop": given.choose({"uniform": True, "weighted": False})
        },
        "normalize_type": lambda given: {"normalize_type": "tree"} if given.flag() else {},
        "gradient_bits": lambda given: {"gradient_bits": 8} if given.flag() else {},
        "snapshot_every": lambda given: {"snapshot_every": max(0, given.integer())},
        "class_weight": _class_weight,
        "categorical_features": _categorical,
        "monotone_method": lambda given: {
            "monotone_method": given.choose(
                {"basic": "basic", "intermediate": "intermediate", "advanced": None}
            )
        },
        "monotone_constraints": _monotone,
        "interaction_constraints": _interaction,
        "unlisted_features": lambda given: {
            "unlisted_features": given.choose({"alone": "alone", "excluded": "excluded"})
        },
    }
    out = {
        name: by_option[option]
        for option, listed in names.CONVERTED.items()
        for name in listed.split()
    }
    balanced = {"class_weight": "balanced"}
    for name in ("is_unbalance", "unbalance", "unbalanced_sets"):
        out[name] = lambda given: balanced if given.flag() else {}
    out["tree_method"] = _tree_method
    out["border_count"] = _border_count
    out["bootstrap_type"] = _bootstrap_type
    out["auto_class_weights"] = _auto_class_weights
    out["feature_types"] = _feature_types
    return out


_READERS = {
    "integer": Given.integer,
    "number": Given.number,
    "flag": Given.flag,
    "text": Given.text,
    "numbers": Given.numbers,
}


def _plain_reader(option: str, kind: str) -> Callable[[Given], dict[str, Any]]:
    read = _READERS[kind]
    return lambda given: {option: read(given)}


# By name: what turns its value into options.
CONVERTERS: dict[str, Callable[[Given], dict[str, Any]]] = {
    **{
        name: _plain_reader(option, kind)
        for option, (kind, aliases) in names.OPTIONS.items()
        for name in (option, *aliases.split())
    },
    **_converters(),
}
