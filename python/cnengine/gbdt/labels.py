"""Labels, weights, margins and query groups of any container, as what the native code takes."""

from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt.base import WITH_SKLEARN


def to_numpy(values: Any) -> np.ndarray:
    """An array, column or list as a NumPy array; a null becomes NaN."""
    if isinstance(values, np.ma.MaskedArray):
        return values.astype(np.float64).filled(np.nan)
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "to_numpy"):
        # A pyarrow array refuses to copy, as it must for text, unless told to.
        nullable = hasattr(values, "null_count") and hasattr(values, "type")
        return values.to_numpy(zero_copy_only=False) if nullable else values.to_numpy()
    if hasattr(values, "__cuda_array_interface__"):
        values = values.get() if hasattr(values, "get") else values.cpu()
    if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
        return np.from_dlpack(values)
    return np.asarray(values)


def to_labels(y: Any, *, numeric: bool, function: str = "fit") -> np.ndarray:
    """One label a row, as a vector; of a table or matrix with one column, that column."""
    if y is None:
        raise errors.ArgumentError(f"{function}: requires y to be passed, but the target y is None")
    y = to_numpy(y)
    if WITH_SKLEARN:
        from sklearn.utils import column_or_1d

        labels = column_or_1d(y, warn=True)
    else:
        labels = y
        if labels.ndim != 1:
            raise errors.ShapeError(
                f"{function}: expected one label a row in y, got {labels.ndim} dimensions"
            )
    return _numbers(labels, "y", function) if numeric else labels


def to_targets(y: Any, function: str = "fit") -> np.ndarray:
    """Numbers to be predicted: (rows,), or (outputs, rows) of a y with several columns."""
    if y is not None:
        y = to_numpy(y)
        if y.ndim == 2 and y.shape[1] > 1:
            return np.ascontiguousarray(_numbers(y, "y", function).T)
    return to_labels(y, numeric=True, function=function)


def _numbers(values: np.ndarray, name: str, function: str) -> np.ndarray:
    if values.dtype.kind == "c":
        raise errors.TypeError(f"{function}: Complex data not supported in {name}")
    try:
        return np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise errors.TypeError(f"{function}: expected numbers in {name}: {error}") from error


def to_weights(
    weights: Any, rows: int, *, name: str = "sample_weight", function: str = "fit"
) -> np.ndarray | None:
    """Weights as a vector of float64; a number counts for every row."""
    if weights is None:
        return None
    array = _numbers(to_numpy(weights), name, function)
    if array.ndim == 0:
        array = np.full(rows, float(array))
    if array.ndim != 1:
        raise errors.ShapeError(
            f"{function}: expected {name} as one number a row (1D), got {array.ndim} dimensions"
        )
    return array


def to_margins(margins: Any, *, function: str = "fit") -> np.ndarray | None:
    """Scores to begin from: (rows,), or (outputs, rows) of (rows, outputs)."""
    if margins is None:
        return None
    array = _numbers(to_numpy(margins), "base_margin", function)
    if array.ndim == 2:
        return array.ravel() if array.shape[1] == 1 else np.ascontiguousarray(array.T)
    return array


def to_group_sizes(
    group: Any = None, qid: Any = None, *, rows: int, function: str = "fit"
) -> list[int]:
    """The rows of each query, in order: from their numbers, or from a query id a row.

    Neither given: all rows are one query.
    """
    if group is not None and qid is not None:
        raise errors.ArgumentError(f"{function}: expected group or qid, got both")
    if group is not None:
        sizes = to_numpy(group)
        if sizes.ndim != 1 or sizes.dtype.kind not in "iuf" or not _are_whole(sizes):
            raise errors.TypeError(f"{function}: expected group as a list of whole numbers")
        return [int(size) for size in sizes]
    if qid is None:
        return [rows] if rows else []
    ids = to_numpy(qid)
    if ids.ndim != 1:
        raise errors.ShapeError(f"{function}: expected one query id a row in qid")
    if len(ids) != rows:
        raise errors.ShapeError(
            f"{function}: expected as many query ids as rows, got {len(ids)} of {rows} rows"
        )
    first = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]])) if rows else np.zeros(0)
    values = ids[first.astype(np.int64)]
    if values.dtype.kind == "f" and np.any(np.isnan(values)):
        row = int(first[np.isnan(values)][0])
        raise errors.ArgumentError(
            f"{function}: expected a query id a row in qid, got NaN at row {row}"
        )
    try:
        _, where = np.unique(values, return_index=True)
    except TypeError as error:
        kinds = {type(value).__name__: value for value in values.tolist()}
        examples = " and ".join(repr(value) for value in list(kinds.values())[:2])
        raise errors.TypeError(
            f"{function}: expected query ids of one type in qid, got {examples}"
        ) from error
    if len(where) != len(values):
        again = min(set(range(len(values))) - set(where.tolist()))
        raise errors.ArgumentError(
            f"{function}: expected the rows of a query beside each other, but query "
            f"{values[again]} of qid begins again at row {int(first[again])}; sort by qid"
        )
    return [int(size) for size in np.diff(np.append(first, rows))]


def _are_whole(sizes: np.ndarray) -> bool:
    """Whether all are whole numbers that int64 and float64 hold."""
    return bool(np.all(np.abs(sizes.astype(np.float64)) < 2.0**53) and np.all(sizes % 1 == 0))


def encode_classes(y: np.ndarray, function: str = "fit") -> tuple[np.ndarray, np.ndarray]:
    """The classes in order, and the number of each label's class."""
    if WITH_SKLEARN:
        from sklearn.utils.multiclass import check_classification_targets

        check_classification_targets(y)
    if y.dtype.kind == "f" and not np.all(np.isfinite(y)):
        row = int(np.flatnonzero(~np.isfinite(y))[0])
        raise errors.ArgumentError(
            f"{function}: expected finite labels in y, got {y[row]} at row {row}"
        )
    if y.dtype.kind == "O" and any(v is None or v != v for v in y):
        raise errors.ArgumentError(f"{function}: expected labels in y, got None or NaN")
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise errors.ArgumentError(
            f"{function}: expected 2 classes or more in y, got only one class: {list(classes)}"
        )
    return classes, codes.astype(np.float64)


def codes_of(y: np.ndarray, classes: np.ndarray, function: str = "fit") -> np.ndarray:
    """The class numbers of a validation set's labels."""
    known = np.isin(y, classes)
    if not np.all(known):
        raise errors.ArgumentError(
            f"{function}: eval_set has a label that is not in y: "
            f"{y[np.flatnonzero(~known)[0]]!r}; there are: {list(classes)}"
        )
    return np.searchsorted(classes, y).astype(np.float64)


def class_weights(
    codes: np.ndarray, classes: np.ndarray, chosen: Any, function: str = "fit"
) -> np.ndarray | None:
    """The weight of each row by its class: `chosen` is "balanced" (rows / (classes * rows of the
    class)), or a weight by class label, 1 for those that it leaves out."""
    if chosen is None:
        return None
    if isinstance(chosen, str) and chosen == "balanced":
        counts = np.bincount(codes.astype(np.int64), minlength=len(classes))
        by_class = len(codes) / (len(classes) * np.maximum(counts, 1))
    elif isinstance(chosen, dict):
        unknown = [label for label in chosen if not np.any(classes == label)]
        if unknown:
            raise errors.ArgumentError(
                f"{function}: expected classes of y in class_weight, got {unknown[0]!r}; "
                f"there are: {classes.tolist()}"
            )
        by_class = np.array([float(chosen.get(c, 1.0)) for c in classes.tolist()])
    elif isinstance(chosen, list | tuple | np.ndarray) and len(chosen) == len(classes):
        by_class = _numbers(np.asarray(chosen), "class_weight", function)
    else:
        raise errors.ArgumentError(
            f'{function}: expected class_weight "balanced", None, or a weight for each of '
            f"{len(classes)} classes, got {chosen!r}"
        )
    return by_class[codes.astype(np.int64)]
