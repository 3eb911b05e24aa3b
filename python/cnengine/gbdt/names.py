"""All names of options, objectives and metrics, from the tables that read them."""

from collections.abc import Mapping, Sequence

from cnengine._core import gbdt as _native
from cnengine.gbdt import option_tables as tables
from cnengine.gbdt.params import names_of


def option_names() -> dict[str, list[str]]:
    """The options of `train`, each with its other names, of LightGBM, XGBoost and CatBoost.

    A value means what it means in the library that the name is from: see `cnengine.gbdt.params`.
    Arguments of the estimators have the first names; `params` takes all.

    Examples
    --------
    >>> from cnengine import gbdt
    >>> gbdt.option_names()["learning_rate"]
    ['eta', 'shrinkage_rate']
    """
    options = dict.fromkeys([*tables.OPTIONS, *tables.CONVERTED])
    out = {name: [other for other in names_of(name) if other != name] for name in options}
    return out | {
        first: [name for name in names.split() if name != first]
        for first, names in tables.TOGETHER.items()
    }


def objective_names() -> dict[str, list[str]]:
    """What `objective` may be, each with its other names; letters may be capitals.

    Examples
    --------
    >>> from cnengine import gbdt
    >>> gbdt.objective_names()["binary"]
    ['logloss', 'binary:logistic']
    """
    out: dict[str, list[str]] = {}
    for name, objective in tables.OBJECTIVES.items():
        out.setdefault(objective, []).append(name)
    return {name: others[1:] for name, others in out.items()}


def metric_names() -> dict[str, list[str]]:
    """What `metric` may be, each with its other names.

    After "@" follows a number of documents ("ndcg@5", "multi_error@2") or the metric's own number
    ("quantile@0.9", "error@0.7"); "-" after "ndcg" and "map" counts queries without anything good
    as 0.

    Examples
    --------
    >>> from cnengine import gbdt
    >>> gbdt.metric_names()["l1"]
    ['mae', 'mean_absolute_error', 'regression_l1', 'absolute', 'MAE']
    """
    out = {}
    for kind, *others in _native.metric_names():
        catboost = [
            name
            for name, (ours, _, _) in tables.METRICS.items()
            if ours.rstrip("-") in (kind, *others) and name not in others
        ]
        out[kind] = [*others, *catboost]
    return out


def _listed(names: Mapping[str, Sequence[str]]) -> str:
    lines = [f"{name}: {', '.join(others)}" if others else name for name, others in names.items()]
    return "\n".join(f"    {line}" for line in lines)


# The lists themselves, for help().
for _function in (option_names, objective_names, metric_names):
    _function.__doc__ = f"{_function.__doc__}\n    Names\n    -----\n{_listed(_function())}\n"
