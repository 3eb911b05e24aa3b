"""Input pipelines: what is read, in which order, in which batches."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.nn.dataset_rows import (
    Ahead,
    ArrayRows,
    Rows,
    arrays_of_table,
    drawn,
    generator_of,
)
from cnengine.nn.dataset_sources import log_rows, parquet_rows, table_of
from cnengine.nn.dataset_steps import Steps
from cnengine.nn.prefetch import once_only, put_together

__all__ = ["Dataset"]


class Dataset(Steps):
    """Elements that are gone through again and again; each iteration is one pass.

    Built by `from_arrays`, `from_frame`, `from_parquet`, `from_log` or `from_items`, then changed
    by methods that give a new dataset. Orders depend on seeds and the number of the iteration
    alone. Elements are trees of arrays; rows become batches by `batch`, which gathers whole arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import nn
    >>> x = np.arange(10, dtype=np.float32)
    >>> batches = nn.Dataset.from_arrays(x).shuffle(seed=0).batch(4, drop_remainder=True)
    >>> [batch.shape for batch in batches]
    [(4,), (4,)]
    """

    @classmethod
    def _of_rows(cls, rows: Rows) -> Dataset:
        return cls(lambda epoch, ahead: rows.items(epoch), rows.count, rows)

    @classmethod
    def from_arrays(cls, *arrays: Any) -> Dataset:
        """Rows of arrays: one array, several (elements are tuples), or a tree of them.

        They are not copied and must not change. Raises ShapeError unless all have one first extent.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import nn
        >>> data = nn.Dataset.from_arrays(np.zeros((6, 3)), np.arange(6))
        >>> [(x.shape, y.shape) for x, y in data.batch(4)]
        [((4, 3), (4,)), ((2, 3), (2,))]
        """
        return cls._of_rows(ArrayRows(arrays[0] if len(arrays) == 1 else arrays))

    @classmethod
    def from_items(cls, items: Iterable[Any] | Callable[[], Iterable[Any]]) -> Dataset:
        """What an iterable gives, or the iterable that a function gives for each pass.

        An iterator (a generator) gives one pass; StateError is raised of a second one.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(3)))
        [0, 1, 2]
        """
        if callable(items):
            return cls(lambda epoch, ahead: iter(items()))
        if isinstance(items, Iterator):
            return cls(once_only(items))
        return cls(
            lambda epoch, ahead: iter(items), len(items) if hasattr(items, "__len__") else None
        )

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        features: Sequence[str] | None = None,
        target: str | None = None,
        *,
        dtype: ct.DType | None = ct.float32,
    ) -> Dataset:
        """Rows of a `cnengine.frame.Frame`, an Arrow table, or a frame of pandas or polars.

        Parameters
        ----------
        features
            Columns that become one matrix of `dtype`; None: elements are dicts of all columns.
        target
            A column that comes beside it, as it is: elements are (features, target).
        dtype
            Of the features; None: their own, which has to be one.

        Raises NotFoundError for columns that there are not, TypeError for those that are no
        numbers, ArgumentError for nulls in others than floats, where they are NaN.

        Examples
        --------
        >>> import cnengine as cn, pyarrow as pa
        >>> from cnengine import nn
        >>> table = pa.table({"a": [1, 2], "b": [0.5, 1.5], "y": [0, 1]})
        >>> for x, y in nn.Dataset.from_frame(cn.from_arrow(table), ["a", "b"], "y").batch(2):
        ...     print(x.shape, y.dtype.name)
        (2, 2) int64
        """
        return cls._of_rows(ArrayRows(arrays_of_table(table_of(frame), features, target, dtype)))

    @classmethod
    def from_parquet(
        cls,
        path: Any,
        features: Sequence[str] | None = None,
        target: str | None = None,
        *,
        dtype: ct.DType | None = ct.float32,
        block_rows: int = 65_536,
    ) -> Dataset:
        """Rows of Parquet files, read anew in every pass, `block_rows` at a time.

        `path` is a file, a folder, or a list of files; other arguments as in `from_frame`.

        Examples
        --------
        >>> import pyarrow as pa, pyarrow.parquet as pq
        >>> from cnengine import nn
        >>> pq.write_table(pa.table({"a": [1.0, 2.0, 3.0], "y": [0, 1, 0]}), "rows.parquet")
        >>> [x.shape for x, y in nn.Dataset.from_parquet("rows.parquet", ["a"], "y").batch(2)]
        [(2, 1), (1, 1)]
        """
        return cls._of_rows(parquet_rows(path, features, target, dtype, block_rows))

    @classmethod
    def from_log(
        cls,
        log: Any,
        topic: str,
        schema: Any,
        features: Sequence[str] | None = None,
        target: str | None = None,
        *,
        partitions: Sequence[int] | None = None,
        dtype: ct.DType | None = ct.float32,
        block_rows: int = 65_536,
    ) -> Dataset:
        """Records of a topic whose values are JSON, partition by partition, read in every pass.

        A pass ends at what the topic had at its start. `log` is an open `cnengine.log.Log`;
        `schema` as in its consumers' `poll_arrow`; other arguments as in `from_frame`.

        Examples
        --------
        >>> import tempfile, cnengine as cn, pyarrow as pa
        >>> from cnengine import nn
        >>> log = cn.log.open(tempfile.mkdtemp())
        >>> log.create_topic("rides")
        >>> _ = log.produce("rides", pa.table({"km": [1.0, 2.0], "price": [3.0, 5.0]}))
        >>> schema = {"km": "float32", "price": "float32"}
        >>> for x, y in nn.Dataset.from_log(log, "rides", schema, ["km"], "price").batch(2):
        ...     print(y)
        Array([3., 5.], dtype=float32)
        """

        return cls._of_rows(
            log_rows(log, topic, schema, features, target, partitions, dtype, block_rows)
        )

    def __iter__(self) -> Iterator[Any]:
        epoch = self._epoch
        self._epoch += 1
        return self._items(epoch, None)

    def __len__(self) -> int:
        if self._count is None or self._count < 0:
            # What list() takes for "not known".
            raise TypeError("Dataset: the number of its elements is not known before a pass")
        return self._count

    @property
    def size(self) -> int | None:
        """The number of elements of a pass; None where it is not known or without end."""
        return None if self._count is None or self._count < 0 else self._count

    @property
    def has_rows(self) -> bool:
        """Whether its elements are rows that are not in batches yet."""
        return self._rows is not None

    def __repr__(self) -> str:
        count = "" if self.size is None else f"{self.size} "
        what = "rows" if self.has_rows else "elements"
        return f"Dataset({count}{what}{' without end' if self._count == -1 else ''})"

    def set_epoch(self, epoch: int) -> Dataset:
        """Makes the next iteration the pass of this number; returns the dataset."""
        self._epoch = operator.index(epoch)
        return self

    def _needs_rows(self, what: str) -> Rows:
        if self._rows is None:
            raise ArgumentError(f"{what}: expected rows that are not in batches yet")
        return self._rows

    def shuffle(
        self, buffer: int | None = None, seed: int = 0, *, reshuffle: bool = True
    ) -> Dataset:
        """Rows in an order that is drawn, another one in each pass unless `reshuffle` is False.

        `buffer` None: all rows. Else each next row is drawn from the `buffer` rows that come next
        (from arrays), or blocks of that many rows are shuffled (from files and logs).

        Examples
        --------
        >>> from cnengine import nn
        >>> data = nn.Dataset.from_items(range(5)).shuffle(3, seed=1)
        >>> sorted(data)
        [0, 1, 2, 3, 4]
        """
        buffer = None if buffer is None else operator.index(buffer)
        if buffer is not None and buffer < 1:
            raise ArgumentError(f"shuffle: expected a buffer of at least one row, got {buffer}")
        if self._rows is not None:
            return Dataset._of_rows(self._rows.shuffle(buffer, seed, reshuffle))

        def items(epoch: int, ahead: Ahead | None) -> Iterator[Any]:
            rng = generator_of(seed, epoch if reshuffle else 0)
            return drawn(self._items(epoch, ahead), buffer, rng)

        return Dataset(items, self._count)

    def batch(self, n: int, *, drop_remainder: bool = False) -> Dataset:
        """Elements of `n` rows as arrays with one more axis in front; the last may have fewer.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import nn
        >>> len(nn.Dataset.from_arrays(np.zeros(10)).batch(4))
        3
        """
        n = operator.index(n)  # NumPy's would overflow
        if n < 1:
            raise ArgumentError(f"batch: expected at least one row, got {n}")
        count = self._count
        if count is not None and count >= 0:
            count = count // n if drop_remainder else -(-count // n)
        rows = self._rows
        if rows is not None:
            return Dataset(
                lambda epoch, ahead: rows.batches(epoch, n, drop_remainder, ahead),
                count,
                is_native=True,
            )
        return Dataset(
            lambda epoch, ahead: put_together(self._items(epoch, ahead), n, drop_remainder), count
        )
