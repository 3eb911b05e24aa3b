"""Histogram gradient boosting: binary classification and regression.

`GBDTClassifier` and `GBDTRegressor` follow scikit-learn (and derive from its classes where it is
installed); `load_model` reads what their `save_model` wrote. Missing values and categories are
native, and a model has the same bits for any number of threads.
"""

from typing import Any

__all__ = ["GBDTClassifier", "GBDTRegressor", "load_model"]


def __getattr__(name: str) -> Any:
    # The estimators need NumPy and look for scikit-learn: only when they are first used.
    if name in __all__:
        from cnengine.gbdt import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'cnengine.gbdt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
