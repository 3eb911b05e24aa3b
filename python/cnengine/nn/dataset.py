"""Input pipelines: what is read, in which order, in which batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.nn.dataset_rows import ArrayRows, Rows, arrays_of_table, drawn, generator_of
from cnengine.nn.dataset_sources import log_rows, parquet_rows, table_of
from cnengine.nn.prefetch import (
    between,
    calling,
    kept_of_first,
    map_ahead,
    once_only,
    prefetched,
    put_together,
    taken_apart,
)

__all__ = ["Dataset"]

# Passes of `repeat` within one iteration draw other orders than those of the next iteration.
_PASSES = 1_000_003


class Dataset:
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

    def __init__(
        self,
        items: Callable[[int], Iterator[Any]],
        count: int | None = None,
        rows: Rows | None = None,
    ) -> None:
        self._items = items  # the elements of a pass, by its number
        self._count = count  # None: not known; -1: without end
        self._rows = rows  # where elements are rows that are not in batches yet
        self._epoch = 0

    @classmethod
    def _of_rows(cls, rows: Rows) -> Dataset:
        return cls(rows.items, rows.count, rows)

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
            return cls(lambda epoch: iter(items()))
        if isinstance(items, Iterator):
            return cls(once_only(items))
        return cls(lambda epoch: iter(items), len(items) if hasattr(items, "__len__") else None)

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
        return self._items(epoch)

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
        self._epoch = epoch
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
        if buffer is not None and buffer < 1:
            raise ArgumentError(f"shuffle: expected a buffer of at least one row, got {buffer}")
        if self._rows is not None:
            return Dataset._of_rows(self._rows.shuffle(buffer, seed, reshuffle))

        def items(epoch: int) -> Iterator[Any]:
            rng = generator_of(seed, epoch if reshuffle else 0)
            return drawn(self._items(epoch), buffer, rng)

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
        if n < 1:
            raise ArgumentError(f"batch: expected at least one row, got {n}")
        count = self._count
        if count is not None and count >= 0:
            count = count // n if drop_remainder else -(-count // n)
        rows = self._rows
        if rows is not None:
            return Dataset(lambda epoch: rows.batches(epoch, n, drop_remainder), count)

        return Dataset(lambda epoch: put_together(self._items(epoch), n, drop_remainder), count)

    def map(self, f: Callable[..., Any], *, num_threads: int = 1) -> Dataset:
        """f of each element; of tuples f(*element).

        With more threads f runs ahead in them; results keep their order.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(3)).map(lambda x: x * x, num_threads=2))
        [0, 1, 4]
        """
        if num_threads < 1:
            raise ArgumentError(f"map: expected at least one thread, got {num_threads}")

        call = calling(f)

        def items(epoch: int) -> Iterator[Any]:
            source = self._items(epoch)
            return map(call, source) if num_threads == 1 else map_ahead(call, source, num_threads)

        return Dataset(items, self._count)

    def filter(self, f: Callable[..., Any]) -> Dataset:
        """Elements of which f is true; of tuples f(*element).

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(4)).filter(lambda x: x % 2))
        [1, 3]
        """

        call = calling(f)
        return Dataset(lambda epoch: filter(call, self._items(epoch)))

    def repeat(self, count: int | None = None) -> Dataset:
        """So many passes as one; None: without end.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items([1, 2]).repeat(2))
        [1, 2, 1, 2]
        """
        if count is not None and count < 0:
            raise ArgumentError(f"repeat: expected at least 0 passes, got {count}")

        def items(epoch: int) -> Iterator[Any]:
            for turn in itertools.count() if count is None else range(count):
                empty = True
                for item in self._items(epoch * _PASSES + turn):
                    empty = False
                    yield item
                if empty:
                    return

        known = self._count is not None and self._count >= 0
        total = -1 if count is None else self._count * count if known else None  # type: ignore[operator]
        return Dataset(items, total, self._rows.repeat(count) if self._rows and count else None)

    def take(self, count: int) -> Dataset:
        """The first elements of each pass.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(9)).take(2))
        [0, 1]
        """
        return self._cut(0, count)

    def skip(self, count: int) -> Dataset:
        """Each pass without its first elements.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(4)).skip(2))
        [2, 3]
        """
        return self._cut(count, None)

    def _cut(self, start: int, stop: int | None) -> Dataset:
        if start < 0 or (stop is not None and stop < 0):
            raise ArgumentError(f"take: expected at least 0 elements, got {stop or start}")
        count = self._count
        if count is not None and count >= 0:
            count = len(range(count)[start:stop])
        elif count == -1:
            count = -1 if stop is None else stop
        rows = None if self._rows is None else self._rows.cut(start, stop)
        if rows is not None:
            return Dataset._of_rows(rows)

        return Dataset(lambda epoch: between(self._items(epoch), start, stop), count)

    def unbatch(self) -> Dataset:
        """Batches taken apart: elements without their first axis.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import nn
        >>> [int(x) for x in nn.Dataset.from_arrays(np.arange(3)).batch(2).unbatch()]
        [0, 1, 2]
        """

        return Dataset(lambda epoch: taken_apart(self._items(epoch)))

    def concatenate(self, other: Dataset) -> Dataset:
        """The elements of this one, then those of the other.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items([1, 2]).concatenate(nn.Dataset.from_items([3])))
        [1, 2, 3]
        """
        counts = (self._count, other._count)
        known = all(count is not None and count >= 0 for count in counts)
        return Dataset(
            lambda epoch: itertools.chain(self._items(epoch), other._items(epoch)),
            sum(counts) if known else None,  # type: ignore[arg-type]
        )

    @classmethod
    def zip(cls, *datasets: Dataset) -> Dataset:
        """Tuples of one element of each, as long as all have one.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.zip(nn.Dataset.from_items([1, 2]), nn.Dataset.from_items("ab")))
        [(1, 'a'), (2, 'b')]
        """
        if not datasets:
            raise ArgumentError("zip: expected at least one dataset, got none")
        counts = [each._count for each in datasets]
        finite = [count for count in counts if count is not None and count >= 0]
        count = None if None in counts else min(finite, default=-1)
        return cls(
            lambda epoch: zip(*(each._items(epoch) for each in datasets), strict=False), count
        )

    def cache(self) -> Dataset:
        """The elements of the first whole pass, kept for all later ones: shuffle after it.

        Examples
        --------
        >>> from cnengine import nn
        >>> data = nn.Dataset.from_items(range(2)).map(lambda x: print("made", x) or x).cache()
        >>> list(data), list(data)
        made 0
        made 1
        ([0, 1], [0, 1])
        """
        return Dataset(kept_of_first(self._items), self._count)

    def prefetch(self, count: int = 2) -> Dataset:
        """The same elements, made up to `count` ahead by a thread of each iteration.

        What goes wrong there is raised here. The thread ends with the iteration, also when that is
        left early.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(3)).prefetch(2))
        [0, 1, 2]
        """
        if count < 1:
            raise ArgumentError(f"prefetch: expected at least one element, got {count}")
        return Dataset(lambda epoch: prefetched(lambda: self._items(epoch), count), self._count)
