"""Rows with their labels, for `train` and `cv`; also rows that do not fit in memory at once."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import gbdt as _native
from cnengine.gbdt import inputs
from cnengine.gbdt import labels as _labels
from cnengine.gbdt.learner import label_parts

_MAX_BINS, _SAMPLE = 255, 200_000


class Dataset:
    """Rows, labels and what else training needs to know of them.

    Parameters
    ----------
    data : array, sparse matrix or table of (rows, features)
        NumPy, CuPy, SciPy CSR or CSC, pyarrow, polars, pandas. NaN and null are missing values,
        absent elements of a sparse matrix are zeros.
    label : array of (rows,) or (rows, outputs), name of a column of `data`, or None
        A named column is no feature. Rankings: relevance. "aft": lower bounds, or both bounds.
    weight : array of (rows,), name of a column, or None
        Weights >= 0.
    group : list of int, or None
        Rows of each query, in order.
    qid : array of (rows,), name of a column, or None
        The query of each row, instead of `group`; those of a query are beside each other.
    base_margin : array of (rows,) or (rows, outputs), or None
        Scores to begin from (LightGBM: `init_score`). Predictions do not include them.
    label_upper_bound : array of (rows,), or None
        "aft": the upper bounds, infinite where there is none.
    categorical_features : "auto", None, or list of int or str
        As in `GBDTClassifier`.
    feature_names : list of str, or None
        Names for a matrix that has none.

    The values are binned at the first training and kept, so that later ones save that: they must
    not change.

    Raises
    ------
    cnengine.errors.ShapeError
        As many feature_names as features are expected. Labels, weights and queries are checked
        when they are used.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.arange(100.0).reshape(50, 2)
    >>> data = gbdt.Dataset(X, X[:, 0] > 50)
    >>> gbdt.train({"objective": "binary"}, data, 10).num_rounds
    10
    """

    def __init__(
        self,
        data: Any,
        label: Any = None,
        *,
        weight: Any = None,
        group: Any = None,
        qid: Any = None,
        base_margin: Any = None,
        label_upper_bound: Any = None,
        categorical_features: Any = "auto",
        feature_names: Sequence[str] | None = None,
    ) -> None:
        inputs.refuse_lazy(data, "Dataset")
        named = {"label": label, "weight": weight, "qid": qid}
        columns = [name for name in named.values() if isinstance(name, str)]
        if columns:
            data, found = split_columns(data, columns, "Dataset")
            label, weight, qid = (
                found[value] if isinstance(value, str) else value for value in named.values()
            )
        self._set(label, weight, group, qid, base_margin, label_upper_bound)
        self.categorical_features = categorical_features
        self._rows: Any = inputs.to_rows(data, "Dataset")
        self._auto = inputs.categorical_columns(data)
        self.attributes = inputs.column_attributes(data)
        names = inputs.column_names(data)
        self._names = list(feature_names if feature_names is not None else names or [])
        if names is not None and feature_names is not None and list(feature_names) != names:
            raise errors.ArgumentError(
                f"Dataset: expected feature_names for a matrix, got them beside columns {names}"
            )
        self._has_own_names = names is None and feature_names is not None
        self._binned: tuple[dict, Any, Any] | None = None
        self._batches: Callable[[], Iterable[Any]] | None = None
        self.num_rows = inputs.row_count(self._rows)
        self.num_features = inputs.width(self._rows)
        if self._has_own_names and len(self._names) != self.num_features:
            raise errors.ShapeError(
                f"Dataset: expected {self.num_features} feature_names, got {len(self._names)}"
            )

    def _set(self, label, weight, group, qid, base_margin, upper) -> None:
        self._label, self._weight, self._margin = label, weight, base_margin
        self._group, self._qid, self._upper = group, qid, upper

    @classmethod
    def from_batches(
        cls,
        batches: Callable[[], Iterable[Any]],
        *,
        label: str | None = None,
        weight: str | None = None,
        qid: str | None = None,
        categorical_features: Any = "auto",
    ) -> "Dataset":
        """Rows that come in pieces and are never in memory all at once: one byte or two a value.

        Parameters
        ----------
        batches : callable
            Gives a new iterator over the same batches each time, as a generator function does:
            tables with the columns that `label`, `weight` and `qid` name, or tuples (X, y) or
            (X, y, weight). It is called once for the labels and at most three times when the rows
            are binned.
        label, weight, qid : str or None
            Columns that are no features.
        categorical_features : "auto", None, or list of int or str
            "auto" goes by the types of the first batch.

        Not with such rows: `linear_tree`, `cat_method="ordered"`.

        Raises
        ------
        cnengine.errors.TypeError
            `batches` is an iterator, not a function that makes one.
        cnengine.errors.ArgumentError
            No batches, or not the same ones each time.

        Examples
        --------
        >>> import numpy as np, pyarrow as pa
        >>> from cnengine import gbdt
        >>> def batches():
        ...     for part in range(4):
        ...         x = np.arange(100.0) + 100 * part
        ...         yield pa.table({"x": x, "y": 2 * x})
        >>> data = gbdt.Dataset.from_batches(batches, label="y")
        >>> data.num_rows
        400
        >>> gbdt.train({}, data, 5).feature_names
        ['x']
        """
        self = cls.__new__(cls)
        self.categorical_features = categorical_features
        columns = [name for name in (label, weight, qid) if name is not None]
        parts: dict[str, list[np.ndarray]] = {"label": [], "weight": [], "qid": []}
        rows = 0
        first: Any = None
        last: list[Any] = []  # the iterator before, to find out whether it is handed out again
        for batch in _new_iterator(batches, last):
            X, found = _split_batch(batch, columns)
            for key, name in (("label", label), ("weight", weight), ("qid", qid)):
                value = found.get(name if name is not None else f"\0{key}")
                if value is not None:
                    parts[key].append(np.array(_labels.to_numpy(value)))
            rows += inputs.row_count(X)
            if first is None:
                first = True
                self._auto = inputs.categorical_columns(X)
                self.attributes = inputs.column_attributes(X)
                self._names = inputs.column_names(X) or []
                self.num_features = inputs.width(X)
        if first is None:
            raise errors.ArgumentError("from_batches: expected one batch or more, got none")
        joined = {key: np.concatenate(value) if value else None for key, value in parts.items()}
        self._set(joined["label"], joined["weight"], None, joined["qid"], None, None)
        self._has_own_names = False
        self._rows = self._binned = None
        self.num_rows = rows

        def features() -> Iterator[Any]:
            count = 0
            for batch in _new_iterator(batches, last):
                X = inputs.to_rows(_split_batch(batch, columns)[0], "from_batches")
                count += inputs.row_count(X)
                yield X
            if count != rows:
                raise errors.ArgumentError(
                    "from_batches: expected batches to give the same rows each time it is called, "
                    f"got {rows} at first and {count} now"
                )

        self._batches = features
        return self

    @classmethod
    def from_parquet(
        cls,
        path: str | os.PathLike | Sequence[str],
        *,
        label: str | None = None,
        weight: str | None = None,
        qid: str | None = None,
        columns: Sequence[str] | None = None,
        batch_rows: int = 131_072,
        categorical_features: Any = "auto",
    ) -> "Dataset":
        """The rows of Parquet files, read in batches of at most `batch_rows` rows.

        Parameters
        ----------
        path : str, path or list of them
            A file, a folder of files, or several, as `pyarrow.dataset.dataset` takes them.
        columns : list of str, or None
            The features; None for all columns but `label`, `weight` and `qid`.
        """
        import pyarrow.dataset

        source = pyarrow.dataset.dataset(os.fspath(path) if isinstance(path, os.PathLike) else path)
        others = [name for name in (label, weight, qid) if name is not None]
        chosen = None
        if columns is not None:
            chosen = [*columns, *(name for name in others if name not in columns)]

        def batches() -> Iterator[Any]:
            for batch in source.to_batches(columns=chosen, batch_size=batch_rows):
                if batch.num_rows:
                    yield pyarrow.Table.from_batches([batch])

        return cls.from_batches(
            batches,
            label=label,
            weight=weight,
            qid=qid,
            categorical_features=categorical_features,
        )

    @property
    def feature_names(self) -> list[str]:
        """Names of the features; empty when they have none."""
        return list(self._names)

    @property
    def own_names(self) -> list[str]:
        """Names that were given beside the rows; empty when the rows have theirs."""
        return self._names if self._has_own_names else []

    def get_label(self) -> np.ndarray | None:
        """The labels as they were given, for objectives and metrics of your own."""
        return None if self._label is None else _labels.to_numpy(self._label)

    def get_weight(self) -> np.ndarray | None:
        """The weights, None when there are none."""
        return _labels.to_weights(self._weight, self.num_rows)

    def get_base_margin(self) -> np.ndarray | None:
        """The scores to begin from, None when there are none."""
        return None if self._margin is None else _labels.to_numpy(self._margin)

    get_init_score = get_base_margin  # LightGBM's name

    def has_queries(self) -> bool:
        """Whether `group` or `qid` was given."""
        return self._group is not None or self._qid is not None

    def get_group(self) -> np.ndarray | None:
        """The rows of each query, None when there are none."""
        if not self.has_queries():
            return None
        sizes = _labels.to_group_sizes(
            self._group, self._qid, rows=self.num_rows, function="Dataset"
        )
        return np.asarray(sizes, dtype=np.int64)

    def num_data(self) -> int:
        """The number of rows, by LightGBM's name for it."""
        return self.num_rows

    def num_row(self) -> int:
        """The number of rows, by XGBoost's name for it."""
        return self.num_rows

    def labels(self, objective: str, function: str) -> dict[str, Any]:
        """Labels, weights and queries as the native code takes them for an objective."""
        if self._label is None:
            raise errors.ArgumentError(f"{function}: expected a Dataset with a label")
        return label_parts(
            objective,
            self._label,
            weight=self._weight,
            base_margin=self._margin,
            upper=self._upper,
            group=self._group,
            qid=self._qid,
            function=function,
        )

    def categorical(self, function: str, options: Mapping[str, Any] | None = None) -> list[int]:
        """Positions of the categorical features, those of `options` before our own."""
        chosen = (options or {}).get("categorical_features", self.categorical_features)
        if chosen is None or (isinstance(chosen, str) and chosen != "auto"):
            return inputs.categorical_positions(None, chosen, function)
        if isinstance(chosen, str):
            return self._auto
        return inputs.positions(chosen, self._names, "categorical_features", function)

    def rows(self, options: dict[str, Any], function: str, *, start: Any = None) -> Any:
        """The rows to train on: binned, or as they are where training looks at the values."""
        if self._batches is None and (start is not None or _needs_values(options)):
            return self._rows
        return self.binned(options, function, start=start)

    def binned(self, options: dict[str, Any], function: str, *, start: Any = None) -> Any:
        """The rows in the bins that the options ask for, made at the first call."""
        sample = options.get("subsample_for_bin", _SAMPLE)
        how = {
            "categorical": self.categorical(function, options),
            "max_bins": options.get("max_bins", _MAX_BINS),
            "subsample_for_bin": sample,
            # Without a sample there is nothing to draw.
            "seed": options.get("seed", 0) if self.num_rows > sample else 0,
        }
        if self._binned is None or self._binned[0] != how or self._binned[1] is not start:
            self._binned = None  # before the next ones take memory
            how_else = {"weight": self.get_weight(), "start": start}
            if self._batches is None:
                made = _native.bin_rows(self._rows, **how, **how_else, feature_names=self.own_names)
            else:
                made = _native.bin_batches(self._batches, **how, **how_else)
            self._binned = how, start, made
        return self._binned[2]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_binned": None}  # made again when it is needed

    def subset(self, rows: np.ndarray) -> "Dataset":
        """Some rows, with their labels; not of rows that came in batches."""
        sizes = self.get_group()
        query = None if sizes is None else np.repeat(np.arange(len(sizes)), sizes)

        def part(values: Any) -> Any:
            return None if values is None else _labels.to_numpy(values)[rows]

        return Dataset(
            inputs.take(self.raw, rows),
            part(self._label),
            weight=part(self._weight),
            qid=part(query),
            base_margin=part(self._margin),
            label_upper_bound=part(self._upper),
            categorical_features=self.categorical_features,
            feature_names=self._names if self._has_own_names else None,
        )

    def subset_rows(self, rows: np.ndarray, options: dict[str, Any], function: str) -> Any:
        """Some rows to train on, binned as all rows are where training allows it."""
        if _needs_values(options):
            return inputs.take(self.raw, rows)
        return self.binned(options, function).subset(np.ascontiguousarray(rows, dtype=np.int64))

    @property
    def raw(self) -> Any:
        """The rows as they are; UnsupportedError when they came in batches."""
        if self._batches is not None:
            raise errors.UnsupportedError(
                "Dataset: rows that came in batches can be trained on by one worker, not evaluated"
            )
        return self._rows


def _needs_values(options: dict[str, Any]) -> bool:
    return bool(options.get("linear_tree")) or options.get("cat_method") == "ordered"


def split_columns(data: Any, names: Sequence[str], function: str) -> tuple[Any, dict[str, Any]]:
    """A table without the columns `names`, and these."""
    known = inputs.column_names(data) if inputs.is_table(data) else None
    if known is None:
        raise errors.TypeError(
            f"{function}: expected a table with a column {names[0]!r}, got {type(data).__name__}"
        )
    for name in names:
        if name not in known:
            raise errors.ArgumentError(f"{function}: no column {name!r}; there are: {known}")
    found = {name: data[name] for name in names}
    if hasattr(data, "drop_columns"):  # pyarrow
        return data.drop_columns(list(names)), found
    if hasattr(data, "iloc"):  # pandas
        return data.drop(columns=list(names)), found
    return data.drop(list(names)), found  # polars


def _new_iterator(batches: Callable[[], Iterable[Any]], last: list[Any]) -> Iterator[Any]:
    """What `batches` makes; `last` holds what it made before."""
    wanted = (
        "from_batches: expected batches as a function that makes a new iterator each time it is "
        "called, such as a generator function itself"
    )
    if not callable(batches):
        raise errors.TypeError(f"{wanted}, got {type(batches).__name__}")
    made = batches()
    if not isinstance(made, Iterable):
        raise errors.TypeError(f"{wanted}, got one that gives {type(made).__name__}")
    iterator = iter(made)
    if iterator is made and last and last[0] is made:
        raise errors.ArgumentError(f"{wanted}, got the same iterator again")
    last[:] = [made] if iterator is made else []
    return iterator


def _split_batch(batch: Any, columns: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    """The features of a batch, and what else it holds, by column or as "\\0label"."""
    inputs.refuse_lazy(batch, "from_batches")
    if isinstance(batch, tuple):
        if not 1 <= len(batch) <= 3:
            raise errors.TypeError("from_batches: expected (X, y) or (X, y, weight)")
        found = dict(zip(("\0label", "\0weight"), batch[1:], strict=False))
        rest, more = split_columns(batch[0], columns, "from_batches") if columns else (batch[0], {})
        return rest, {**found, **more}
    if hasattr(batch, "to_struct_array") and not hasattr(batch, "drop_columns"):
        import pyarrow

        batch = pyarrow.Table.from_batches([batch])
    return split_columns(batch, columns, "from_batches") if columns else (batch, {})
