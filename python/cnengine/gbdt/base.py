"""scikit-learn's base classes, or what is needed of them where it is not installed."""

import inspect
from typing import Any

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import NotFittedError

    WITH_SKLEARN = True
except ImportError:
    import numpy as np

    WITH_SKLEARN = False

    class NotFittedError(ValueError, AttributeError):  # type: ignore[no-redef]
        """The estimator has not been fitted."""

    class BaseEstimator:  # type: ignore[no-redef]
        """Parameters are the arguments of `__init__`, kept under their names."""

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            """The parameters by name."""
            del deep  # there are no estimators inside
            names = inspect.signature(type(self).__init__).parameters
            return {name: getattr(self, name) for name in names if name != "self"}

        def set_params(self, **params: Any) -> "BaseEstimator":
            """Changes parameters by name; ValueError for an unknown one."""
            known = self.get_params()
            for name, value in params.items():
                if name not in known:
                    raise ValueError(f"set_params: no parameter {name!r}; there are: {list(known)}")
                setattr(self, name, value)
            return self

        def __repr__(self) -> str:
            defaults = inspect.signature(type(self).__init__).parameters
            shown = [
                f"{name}={value!r}"
                for name, value in self.get_params().items()
                if value != defaults[name].default
            ]
            return f"{type(self).__name__}({', '.join(shown)})"

    class ClassifierMixin:  # type: ignore[no-redef]
        """Accuracy as the score."""

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
            """The share of rows whose class is predicted right."""
            right = np.asarray(self.predict(X)) == np.asarray(y)
            return float(np.average(right, weights=sample_weight))

    class RegressorMixin:  # type: ignore[no-redef]
        """The coefficient of determination as the score."""

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
            """1 - squared error / squared deviation from the mean of y."""
            y = np.asarray(y, dtype=np.float64)
            mean = np.average(y, weights=sample_weight)
            error = np.average((y - self.predict(X)) ** 2, weights=sample_weight)
            return float(1 - error / np.average((y - mean) ** 2, weights=sample_weight))


__all__ = ["WITH_SKLEARN", "BaseEstimator", "ClassifierMixin", "NotFittedError", "RegressorMixin"]
