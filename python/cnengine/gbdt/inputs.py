"""Rows of any container, as what the native code takes."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt import labels
from cnengine.gbdt.base import WITH_SKLEARN
from cnengine.gbdt.text_rows import check_pandas, holds_text, to_text_table


def is_table(X: Any) -> bool:
    """Whether X hands out Arrow columns (pyarrow, polars, pandas from 2.2, a native table)."""
    return hasattr(X, "__arrow_c_stream__") and not isinstance(X, np.ndarray)


def column_names(X: Any) -> list[str] | None:
    """The names of a table's columns; None unless all are text, or when all are empty."""
    names = getattr(X, "column_names", None)  # pyarrow
    if names is None:
        names = getattr(X, "columns", None)  # pandas, polars
    if names is None and hasattr(X, "names"):
        names = X.names  # a native table
    if names is None or not all(isinstance(name, str) for name in names):
        return None
    return list(names) if any(names) else None


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


def column_attributes(X: Any) -> dict[str, list[int]]:
    """What a model keeps of the columns of a table: which are categories, but no text. Model files
    of other libraries list what their codes stand for."""
    columns = []
    for j in categorical_columns(X):
        dtype = X.dtypes.iloc[j] if hasattr(X, "iloc") else None
        if dtype is not None:
            kind = getattr(dtype.categories.dtype, "kind", "")
        elif hasattr(X, "schema") and hasattr(X, "column_names"):
            value = str(X.schema[j].type.value_type)
            kind = "f" if value.startswith(("int", "uint", "double", "float", "bool")) else ""
        else:
            kind = ""  # those of polars are text
        if kind and kind in "iufb":
            columns.append(j)
    return {"category_columns": columns} if columns else {}


def refuse_lazy(X: Any, function: str) -> None:
    """TypeError for a frame that has not been computed yet."""
    if hasattr(X, "collect") and type(X).__name__ == "LazyFrame" and not is_table(X):
        raise errors.TypeError(
            f"{function}: expected rows, got a LazyFrame; call its collect() first"
        )


def to_array(X: Any, function: str) -> np.ndarray:
    """X as NumPy has it; lists that hold text as an array of objects, so numbers stay numbers."""
    try:
        array = labels.to_numpy(X)
        if array.dtype.kind in "US" and isinstance(X, list | tuple):
            array = np.asarray(X, dtype=object)
    except ValueError as error:
        raise errors.ShapeError(f"{function}: expected rows of one length in X: {error}") from error
    return array


def to_row(X: Any, function: str) -> Any:
    """One row, as a vector or as rows of any container, as `to_rows` gives rows."""
    has_columns = any(hasattr(X, name) for name in ("column_names", "columns", "names"))
    if is_sparse(X) or (is_table(X) and has_columns):
        return to_rows(X, function)
    array = to_array(X, function)
    return to_rows(array.reshape(1, -1) if array.ndim == 1 else array, function)


def to_rows(X: Any, function: str) -> Any:
    """A matrix of numbers, a sparse matrix or the table itself, unchecked but for its shape."""
    refuse_lazy(X, function)
    if is_table(X):
        if not hasattr(X, "iloc"):
            return X
        check_pandas(X, function)
        return X.reset_index(drop=True)  # pandas would hand its index out as one more column
    if is_sparse(X):
        return to_sparse(X, function)
    array = to_array(X, function)
    if holds_text(array):
        return to_text_table(array, function)
    if array.dtype.kind in "mM":
        missing = np.isnat(array)
        array = array.astype(np.int64).astype(np.float64)
        array[missing] = np.nan
    if array.dtype.kind == "c":
        raise errors.TypeError(f"{function}: Complex data not supported in X")
    if array.dtype.kind not in "fiub" or array.dtype in (np.float16, np.longdouble):
        try:
            array = array.astype(np.float32 if array.dtype == np.float16 else np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            hint = ""
            if array.dtype.kind in "US":  # numbers are text in it, too
                hint = "; text beside numbers goes in an array of dtype=object, or in a data frame"
            raise errors.TypeError(f"{function}: expected numbers in X: {error}{hint}") from error
    if array.ndim != 2:
        raise errors.ShapeError(
            f"{function}: expected X with rows and columns, got {array.ndim} dimensions"
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if any(step % array.itemsize for step in array.strides):  # a field of records
        array = np.ascontiguousarray(array)
    return array


def is_sparse(X: Any) -> bool:
    """Whether X is a sparse matrix or array of SciPy."""
    return hasattr(X, "tocsr") and hasattr(X, "nnz")


def to_sparse(X: Any, function: str) -> Any:
    """X by rows or columns (CSR or CSC), each element once."""
    if X.ndim != 2:
        raise errors.ShapeError(f"{function}: expected X with rows and columns")
    X = X if X.format in ("csr", "csc") else X.tocsr()
    if X.data.dtype.kind not in "fiub":
        raise errors.TypeError(f"{function}: expected numbers in X, got {X.data.dtype}")
    if X.data.dtype in (np.float16, np.longdouble) or not X.data.dtype.isnative:
        X = X.astype(np.float64)
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def row_count(X: Any) -> int:
    """How many rows X has."""
    rows = getattr(X, "num_rows", None)  # pyarrow, a native table
    return int(rows if rows is not None else X.shape[0])


def width(X: Any) -> int:
    """How many features X has."""
    return int(X.shape[1]) if hasattr(X, "shape") else len(X.names)


def take(X: Any, rows: np.ndarray) -> Any:
    """Some rows of X, in the same kind of container."""
    if hasattr(X, "take") and hasattr(X, "num_rows"):  # pyarrow
        return X.take(rows)
    if hasattr(X, "iloc"):  # pandas
        return X.iloc[rows]
    return X[rows]  # NumPy, SciPy, polars


def to_native(estimator: Any, X: Any, *, reset: bool, function: str = "predict") -> Any:
    """Checks X against what `estimator` was fitted on (or notes it, with `reset`) and returns what
    the native code takes."""
    function = "fit" if reset else function
    refuse_lazy(X, function)
    if is_table(X):
        if WITH_SKLEARN and not hasattr(X, "names"):
            from sklearn.utils.validation import validate_data

            validate_data(estimator, X, reset=reset, skip_check_array=True)
        _check_table(estimator, X, reset=reset)
        return to_rows(X, function)
    if WITH_SKLEARN:
        from sklearn.utils.validation import validate_data

        if not isinstance(X, np.ndarray) and not is_sparse(X) and hasattr(X, "__dlpack__"):
            X = labels.to_numpy(X)
        objects = X if is_sparse(X) else _with_text(X, function)
        if objects is not X:
            validate_data(estimator, objects, reset=reset, skip_check_array=True)
            return to_text_table(objects, function)
        X = validate_data(
            estimator,
            X,
            reset=reset,
            dtype="numeric",
            ensure_all_finite=False,
            accept_sparse=("csr", "csc"),
        )
        return to_rows(X, function)
    array = to_rows(X, function)
    if reset:
        estimator.n_features_in_ = array.shape[1]
    elif array.shape[1] != estimator.n_features_in_:
        raise errors.ShapeError(
            f"{function}: X has {array.shape[1]} features, but {type(estimator).__name__} "
            f"was fitted on {estimator.n_features_in_}"
        )
    return array


def _with_text(X: Any, function: str) -> Any:
    """X as a matrix of objects where it holds text, else as it is."""
    if not isinstance(X, list | tuple | np.ndarray):
        return X
    if isinstance(X, np.ndarray) and X.dtype.kind != "O":
        return X
    array = to_array(X, function) if isinstance(X, np.ndarray) or _has_text(X) else None
    return array if array is not None and array.ndim == 2 and holds_text(array) else X


def _has_text(rows: list | tuple) -> bool:
    """Whether a list of rows has text in it."""
    return any(
        isinstance(row, list | tuple) and any(isinstance(v, str) for v in row) for row in rows
    )


def _check_table(estimator: Any, X: Any, *, reset: bool) -> None:
    names = column_names(X)
    if reset:
        if names is not None:
            estimator.feature_names_in_ = np.asarray(names, dtype=object)
            estimator.n_features_in_ = len(names)
        return
    known = getattr(estimator, "feature_names_in_", None)
    if known is not None and names is not None:
        check_names(list(known), names, "predict")


def check_names(known: list[str], names: list[str], function: str) -> None:
    """ArgumentError that says how the columns of a table differ from those of training."""
    if known == names:
        return
    missing = [name for name in known if name not in names]
    new = [name for name in names if name not in known]
    difference = f"which was {known}, got {names}"
    if missing or new:
        difference = f"missing: {missing}, unknown: {new}"
    raise errors.ArgumentError(
        f"{function}: expected the columns of training in their order, {difference}"
    )


def check_handling(handle_unknown: str, function: str) -> None:
    """ArgumentError for what is no way to handle an unknown category."""
    if handle_unknown not in ("missing", "error"):
        raise errors.ArgumentError(
            f'{function}: expected handle_unknown "missing" or "error", got {handle_unknown!r}'
        )


def check_unknown(X: Any, booster: Any, handle_unknown: str, function: str) -> None:
    """ArgumentError that names the first category in X that `booster` does not know."""
    check_handling(handle_unknown, function)
    if handle_unknown == "missing":
        return
    names = column_names(X) or booster.feature_names
    if not is_table(X):
        X = to_rows(X, function)  # text in an array becomes a table
    for position, known in enumerate(booster.categories()):
        if known is None:
            continue
        left = set(_distinct(X, position)) - set(known)
        if left:
            name = names[position] or position
            raise errors.ArgumentError(
                f"{function}: unknown category {min(left)!r} of feature {name!r}; there are "
                f"{len(known)}: {', '.join(map(repr, known[:20]))}{' ...' * (len(known) > 20)}"
            )


def _distinct(X: Any, position: int) -> list:
    """The different values of a column that are not missing."""
    if is_table(X):
        import pyarrow

        column = pyarrow.table(to_rows(X, "predict")).column(position)
        if str(column.type) == "string_view":  # pyarrow 26 makes '' of the null of its `unique`
            column = column.cast(pyarrow.large_string())
        if pyarrow.types.is_dictionary(column.type):
            values = [
                chunk.dictionary[code].as_py()
                for chunk in column.chunks
                for code in chunk.indices.unique().to_pylist()
                if code is not None
            ]
        else:
            values = column.unique().to_pylist()
    else:
        column = X[:, [position]].toarray() if is_sparse(X) else labels.to_numpy(X)[:, position]
        values = np.unique(column).tolist()
    return [value for value in values if value is not None and value == value]


def categorical_positions(X: Any, chosen: Any, function: str = "fit") -> list[int]:
    """The positions of the features that `chosen` names: "auto", None, or names and positions."""
    if chosen is None:
        return []
    if isinstance(chosen, str):
        if chosen != "auto":
            raise errors.ArgumentError(
                f'{function}: expected categorical_features "auto", None or a list, got {chosen!r}'
            )
        return categorical_columns(X)
    return positions(chosen, column_names(X) or [], "categorical_features", function)


def positions(chosen: Any, names: list[str], argument: str, function: str) -> list[int]:
    """Features by name or position, as positions."""
    if not isinstance(chosen, Iterable):
        raise errors.TypeError(
            f'{function}: expected {argument} as "auto", None or a list of names and positions, '
            f"got {chosen!r}"
        )
    out = []
    for item in chosen:
        if isinstance(item, str):
            if item not in names:
                raise errors.ArgumentError(
                    f"{function}: no column {item!r} for {argument}; there are: {names}"
                )
            out.append(names.index(item))
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            out.append(int(item))
        else:
            raise errors.TypeError(
                f"{function}: expected names or positions in {argument}, got {item!r}"
            )
    return out
