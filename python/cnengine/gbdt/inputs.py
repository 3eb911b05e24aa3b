"""What the estimators take as X and y, turned into what the native code takes."""

from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt.base import WITH_SKLEARN


def is_table(X: Any) -> bool:
    """Whether X hands out Arrow columns (pyarrow, polars, pandas from 2.2, a native table)."""
    return hasattr(X, "__arrow_c_stream__") and not isinstance(X, np.ndarray)


def column_names(X: Any) -> list[str] | None:
    """The names of a table's columns; None unless all are text."""
    names = getattr(X, "column_names", None)  # pyarrow
    if names is None:
        names = getattr(X, "columns", None)  # pandas, polars
    if names is None and hasattr(X, "names"):
        names = X.names  # a native table
    if names is None or not all(isinstance(name, str) for name in names):
        return None
    return list(names)


def categorical_columns(X: Any) -> list[int]:
    """Columns whose type says that they hold categories; text is found by the native code."""
    dtypes = getattr(X, "dtypes", None)
    if dtypes is not None:  # pandas, polars
        return [j for j, dtype in enumerate(dtypes) if _is_category(dtype)]
    schema = getattr(X, "schema", None)
    if schema is not None and hasattr(X, "column_names"):  # pyarrow
        return [j for j, field in enumerate(schema) if str(field.type).startswith("dictionary")]
    return []


def _is_category(dtype: Any) -> bool:
    return str(dtype).split("(")[0] in ("category", "Categorical", "Enum")


def to_native(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Checks X against what `estimator` was fitted on (or notes it, with `reset`) and returns an
    array of float32 or float64, or the table itself."""
    if is_table(X):
        if WITH_SKLEARN and not hasattr(X, "names"):
            from sklearn.utils.validation import validate_data

            validate_data(estimator, X, reset=reset, skip_check_array=True)
        _check_table(estimator, X, reset=reset)
        if hasattr(X, "reset_index"):  # pandas would hand its index out as one more column
            return X.reset_index(drop=True)
        return X
    if WITH_SKLEARN:
        from sklearn.utils.validation import validate_data

        return validate_data(
            estimator,
            X,
            reset=reset,
            dtype=[np.float64, np.float32],
            ensure_all_finite=False,
        )
    return _check_array(estimator, X, reset=reset)


def _check_table(estimator: Any, X: Any, *, reset: bool) -> None:
    names = column_names(X)
    if reset:
        if names is not None:
            estimator.feature_names_in_ = np.asarray(names, dtype=object)
            estimator.n_features_in_ = len(names)
        return
    known = getattr(estimator, "feature_names_in_", None)
    if known is not None and names is not None and list(known) != names:
        raise errors.ArgumentError(
            "predict: expected the columns of training in their order, "
            f"{_differences(list(known), names)}"
        )


def _differences(known: list[str], names: list[str]) -> str:
    missing = [name for name in known if name not in names]
    new = [name for name in names if name not in known]
    if missing or new:
        return f"missing: {missing}, unknown: {new}"
    return f"which was {known}, got {names}"


def _check_array(estimator: Any, X: Any, *, reset: bool) -> np.ndarray:
    array = np.asarray(X)
    if array.dtype not in (np.float32, np.float64):
        if array.dtype.kind == "c":
            raise errors.TypeError("fit: Complex data not supported in X")
        array = array.astype(np.float64)
    if array.ndim != 2:
        raise errors.ShapeError(
            f"fit: expected X with rows and columns, got {array.ndim} dimensions"
        )
    if reset:
        estimator.n_features_in_ = array.shape[1]
    elif array.shape[1] != estimator.n_features_in_:
        raise errors.ShapeError(
            f"predict: X has {array.shape[1]} features, but {type(estimator).__name__} "
            f"was fitted on {estimator.n_features_in_}"
        )
    return array


def to_labels(y: Any, *, numeric: bool) -> np.ndarray:
    """One label a row, as a vector."""
    if y is None:
        raise errors.ArgumentError("fit: requires y to be passed, but the target y is None")
    if hasattr(y, "to_numpy") and not isinstance(y, np.ndarray):
        # A single pyarrow array refuses to copy, as it must for text, unless told to.
        y = y.to_numpy(zero_copy_only=False) if hasattr(y, "null_count") else y.to_numpy()
    if WITH_SKLEARN:
        from sklearn.utils import column_or_1d

        labels = column_or_1d(y, warn=True)
    else:
        labels = np.asarray(y)
        if labels.ndim != 1:
            raise errors.ShapeError(
                f"fit: expected one label a row in y, got {labels.ndim} dimensions"
            )
    if numeric:
        if labels.dtype.kind == "c":
            raise errors.TypeError("fit: Complex data not supported in y")
        labels = np.ascontiguousarray(labels, dtype=np.float64)
    return labels


def to_weights(weights: Any, rows: int) -> np.ndarray | None:
    """Weights as a vector of float64; a number counts for every row."""
    if weights is None:
        return None
    if hasattr(weights, "to_numpy") and not isinstance(weights, np.ndarray):
        nullable = hasattr(weights, "null_count")  # as in to_labels; a null becomes NaN
        weights = weights.to_numpy(zero_copy_only=False) if nullable else weights.to_numpy()
    try:
        array = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise errors.TypeError(f"fit: expected numbers in sample_weight: {error}") from error
    if array.ndim == 0:
        array = np.full(rows, float(array))
    array = np.ascontiguousarray(array)
    if array.ndim != 1:
        raise errors.ShapeError(
            f"fit: expected sample_weight as one number a row (1D), got {array.ndim} dimensions"
        )
    return array


def encode_classes(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two classes in order, and each label as 0 or 1."""
    if WITH_SKLEARN:
        from sklearn.utils.multiclass import check_classification_targets

        check_classification_targets(y)
    if y.dtype.kind == "f" and not np.all(np.isfinite(y)):
        row = int(np.flatnonzero(~np.isfinite(y))[0])
        raise errors.ArgumentError(f"fit: expected finite labels in y, got {y[row]} at row {row}")
    if y.dtype.kind == "O" and any(v is None or v != v for v in y):
        raise errors.ArgumentError("fit: expected labels in y, got None or NaN")
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) > 2:
        raise errors.ArgumentError(
            "fit: Only binary classification is supported. The type of the target is multiclass: "
            f"expected 2 classes in y, got {len(classes)}"
        )
    if len(classes) < 2:
        raise errors.ArgumentError(
            f"fit: expected 2 classes in y, got only one class: {list(classes)}"
        )
    return classes, codes.astype(np.float64)


def codes_of(y: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Labels of a validation set as 0 and 1."""
    known = np.isin(y, classes)
    if not np.all(known):
        raise errors.ArgumentError(
            f"fit: eval_set has a label that is not in y: {y[np.flatnonzero(~known)[0]]!r}; "
            f"there are: {list(classes)}"
        )
    return (y == classes[1]).astype(np.float64)
