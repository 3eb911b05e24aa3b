"""What can be made of a dataset: its elements changed, chosen, joined, made ahead."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from typing import Any, Self

from cnengine.errors import ArgumentError
from cnengine.nn.dataset_rows import Ahead, Rows
from cnengine.nn.prefetch import (
    between,
    calling,
    kept_of_first,
    map_ahead,
    prefetched,
    taken_apart,
)

# Passes of `repeat` within one iteration draw other orders than those of the next iteration.
_PASSES = 1_000_003


class Steps:
    """Methods that give another dataset, whose passes go through this one's."""

    def __init__(
        self,
        items: Callable[[int, Ahead | None], Iterator[Any]],
        count: int | None = None,
        rows: Rows | None = None,
        is_native: bool = False,
    ) -> None:
        # The elements of a pass, by its number. Batches of rows are gathered ahead by C++ threads
        # where that is wanted; what functions of Python make of them is not.
        self._items = items
        self._count = count  # None: not known; -1: without end
        self._rows = rows  # where elements are rows that are not in batches yet
        self._is_native = is_native  # whether all of it is made ahead in C++
        self._epoch = 0

    def _made(
        self,
        items: Callable[[int, Ahead | None], Iterator[Any]],
        count: int | None = None,
        rows: Rows | None = None,
        is_native: bool = False,
    ) -> Self:
        return type(self)(items, count, rows, is_native)

    def map(self, f: Callable[..., Any], *, num_threads: int = 1) -> Self:
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

        def items(epoch: int, ahead: Ahead | None) -> Iterator[Any]:
            source = self._items(epoch, ahead)
            return map(call, source) if num_threads == 1 else map_ahead(call, source, num_threads)

        return self._made(items, self._count)

    def filter(self, f: Callable[..., Any]) -> Self:
        """Elements of which f is true; of tuples f(*element).

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(4)).filter(lambda x: x % 2))
        [1, 3]
        """

        call = calling(f)
        return self._made(lambda epoch, ahead: filter(call, self._items(epoch, ahead)))

    def repeat(self, count: int | None = None) -> Self:
        """So many passes as one; None: without end.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items([1, 2]).repeat(2))
        [1, 2, 1, 2]
        """
        count = None if count is None else operator.index(count)  # NumPy's would overflow
        if count is not None and count < 0:
            raise ArgumentError(f"repeat: expected at least 0 passes, got {count}")

        def items(epoch: int, ahead: Ahead | None) -> Iterator[Any]:
            for turn in itertools.count() if count is None else range(count):
                empty = True
                for item in self._items(epoch * _PASSES + turn, ahead):
                    empty = False
                    yield item
                if empty:
                    return

        known = self._count is not None and self._count >= 0
        total = -1 if count is None else self._count * count if known else None  # type: ignore[operator]
        rows = self._rows.repeat(count) if self._rows and count else None
        return self._made(items, total, rows, self._is_native)

    def take(self, count: int) -> Self:
        """The first elements of each pass.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(9)).take(2))
        [0, 1]
        """
        return self._cut(0, operator.index(count))

    def skip(self, count: int) -> Self:
        """Each pass without its first elements.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(4)).skip(2))
        [2, 3]
        """
        return self._cut(operator.index(count), None)

    def _cut(self, start: int, stop: int | None) -> Self:
        if start < 0 or (stop is not None and stop < 0):
            raise ArgumentError(f"take: expected at least 0 elements, got {stop or start}")
        count = self._count
        if count is not None and count >= 0:
            count = len(range(count)[start:stop])
        elif count == -1:
            count = -1 if stop is None else stop
        rows = None if self._rows is None else self._rows.cut(start, stop)
        if rows is not None:
            return self._made(lambda epoch, ahead: rows.items(epoch), rows.count, rows)

        return self._made(
            lambda epoch, ahead: between(self._items(epoch, ahead), start, stop),
            count,
            is_native=self._is_native,
        )

    def unbatch(self) -> Self:
        """Batches taken apart: elements without their first axis.

        Examples
        --------
        >>> import numpy as np
        >>> from cnengine import nn
        >>> [int(x) for x in nn.Dataset.from_arrays(np.arange(3)).batch(2).unbatch()]
        [0, 1, 2]
        """

        return self._made(lambda epoch, ahead: taken_apart(self._items(epoch, ahead)))

    def concatenate(self, other: Self) -> Self:
        """The elements of this one, then those of the other.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items([1, 2]).concatenate(nn.Dataset.from_items([3])))
        [1, 2, 3]
        """
        counts = (self._count, other._count)
        known = all(count is not None and count >= 0 for count in counts)
        return self._made(
            lambda epoch, ahead: itertools.chain(
                self._items(epoch, ahead), other._items(epoch, ahead)
            ),
            sum(counts) if known else None,  # type: ignore[arg-type]
            is_native=self._is_native and other._is_native,
        )

    @classmethod
    def zip(cls, *datasets: Self) -> Self:
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
            lambda epoch, ahead: zip(
                *(each._items(epoch, ahead) for each in datasets), strict=False
            ),
            count,
            is_native=all(each._is_native for each in datasets),
        )

    def cache(self) -> Self:
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
        return self._made(kept_of_first(self._items), self._count)

    def prefetch(self, count: int = 2, *, num_threads: int = 1) -> Self:
        """The same elements, made up to `count` ahead by threads of each iteration.

        Batches of rows (`batch` and what cuts or joins it) are gathered by `num_threads` threads of
        C++, without the interpreter; blocks of Parquet and of topics are read by a thread of Python
        for them. Where functions make the elements, one thread of Python calls them, behind those.
        Orders are the same for any number of threads.

        What goes wrong there is raised here, after the elements before it. The threads end with the
        iteration, also when that is left early; a forked process cannot go on with it.

        Examples
        --------
        >>> from cnengine import nn
        >>> list(nn.Dataset.from_items(range(3)).prefetch(2))
        [0, 1, 2]
        """
        for value, what in ((count, "element"), (num_threads, "thread")):
            if value < 1:
                raise ArgumentError(f"prefetch: expected at least one {what}, got {value}")
        own = Ahead(count, num_threads)

        def items(epoch: int, ahead: Ahead | None) -> Iterator[Any]:
            if self._is_native:
                return self._items(epoch, own)
            return prefetched(lambda: self._items(epoch, own), count)

        return self._made(items, self._count, is_native=self._is_native)
