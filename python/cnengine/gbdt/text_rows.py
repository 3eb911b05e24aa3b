"""Matrices of Python objects that hold text: tables whose columns of text are categories."""

from typing import Any

import numpy as np

from cnengine import errors


def is_missing(value: Any) -> bool:
    """Whether a value stands for none: None, NaN, and pandas' own."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and value != value


def holds_text(array: np.ndarray) -> bool:
    """Whether a matrix of objects has text in it."""
    return array.dtype.kind == "O" and any(isinstance(value, str) for value in array.flat)


def to_text_table(array: np.ndarray, function: str) -> Any:
    """The matrix as an Arrow table without names: columns of text, and columns of numbers."""
    import pyarrow

    if array.ndim != 2:
        raise errors.ShapeError(
            f"{function}: expected X with rows and columns, got {array.ndim} dimensions"
        )
    columns = [_column(array[:, j], j, function) for j in range(array.shape[1])]
    return pyarrow.Table.from_arrays(columns, names=[""] * len(columns))


def _column(values: np.ndarray, position: int, function: str) -> Any:
    import pyarrow

    listed = [None if is_missing(value) else value for value in values.tolist()]
    texts = [value for value in listed if isinstance(value, str)]
    if not texts:
        numbers = [np.nan if value is None else value for value in listed]
        try:
            return pyarrow.array(np.asarray(numbers, dtype=np.float64))
        except (TypeError, ValueError, OverflowError) as error:
            raise errors.TypeError(
                f"{function}: expected numbers or text in column {position} of X: {error}"
            ) from error
    for value in listed:
        if value is not None and not isinstance(value, str):
            raise errors.TypeError(
                f"{function}: expected text or numbers in column {position} of X, got both: "
                f"{texts[0]!r} and {value!r}"
            )
    return pyarrow.array(listed, pyarrow.large_string())


def check_pandas(frame: Any, function: str) -> None:
    """TypeError that names a column of a pandas frame whose objects are of several kinds."""
    columns = [(j, dtype) for j, dtype in enumerate(frame.dtypes) if _holds_objects(dtype)]
    if not columns:
        return
    from pandas.api.types import infer_dtype

    for position, dtype in columns:
        values = dtype.categories if hasattr(dtype, "categories") else frame.iloc[:, position]
        kind = infer_dtype(values, skipna=True)
        if kind.startswith("mixed") and kind != "mixed-integer-float":
            kinds = {type(v).__name__: v for v in values.tolist() if not is_missing(v)}
            examples = " and ".join(repr(value) for value in list(kinds.values())[:2])
            raise errors.TypeError(
                f"{function}: expected values of one kind, text or numbers, in column "
                f"{frame.columns[position]!r} of X, got {examples}"
            )


def _holds_objects(dtype: Any) -> bool:
    return str(getattr(getattr(dtype, "categories", dtype), "dtype", dtype)) == "object"
