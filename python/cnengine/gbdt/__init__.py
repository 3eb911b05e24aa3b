"""Histogram gradient boosting: regression, classes, rankings, times to an event.

`GBDTClassifier`, `GBDTRegressor` and `GBDTRanker` follow scikit-learn (and derive from its classes
where it is installed); `train` and `cv` take a `Dataset` and parameters by the names of cnengine,
LightGBM, XGBoost or CatBoost; `load_model` reads the model files of all four. Missing values and
categories are native, and a model has the same bits for any number of threads. `option_names`,
`objective_names` and `metric_names` list all names, also in their help.
"""

import importlib
from typing import Any

# By module: what it defines. Each is imported when it is first used.
_HOMES = {
    "booster": ("Booster", "load_booster"),
    "communicator": ("SocketCommunicator",),
    "cross_validation": ("cv",),
    "dataset": ("Dataset",),
    "estimators": ("GBDTClassifier", "GBDTRanker", "GBDTRegressor", "load_model"),
    "names": ("metric_names", "objective_names", "option_names"),
    "plotting": ("plot_importance", "plot_metric", "plot_split_value_histogram", "plot_tree"),
    "training": ("train",),
    "tree_text": ("create_tree_digraph",),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*_MODULE_OF, "callbacks"]


def __getattr__(name: str) -> Any:
    if name == "callbacks":
        return importlib.import_module("cnengine.gbdt.callbacks")
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'cnengine.gbdt' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cnengine.gbdt.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
