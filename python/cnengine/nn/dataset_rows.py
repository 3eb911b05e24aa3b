"""Rows of arrays, and of blocks that come one after the other, before they are in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import (
    ArgumentError,
    NotFoundError,
    ShapeError,
    TypeError,  # noqa: A004
)
from cnengine.nn.prefetch import prefetched
from cnengine.tensor.batch_loader import batches_of_blocks, batches_of_rows

Block = tuple[Any, "ct.Array | None"]  # a tree of arrays, and the order of its rows
Indices = np.ndarray[Any, np.dtype[np.int64]]


def generator_of(seed: int, epoch: int) -> np.random.Generator:
    """Random numbers of one pass."""
    return np.random.Generator(np.random.PCG64([seed & (2**63 - 1), epoch]))


def drawn(items: Iterable[Any], buffer: int | None, rng: np.random.Generator) -> Iterator[Any]:
    """Each next element drawn from the `buffer` that come next; None: from all."""
    held: list[Any] = []
    for item in items:
        if buffer is None or len(held) < buffer:
            held.append(item)
            continue
        at = int(rng.integers(len(held)))
        yield held[at]
        held[at] = item
    for at in rng.permutation(len(held)):
        yield held[at]


def drawn_numbers(numbers: Indices, buffer: int, rng: np.random.Generator) -> Indices:
    """What `drawn` gives of numbers, whose places are drawn in one call."""
    held, rest = numbers[:buffer].tolist(), numbers[buffer:].tolist()
    out = []
    for at, number in zip(rng.integers(buffer, size=len(rest)).tolist(), rest, strict=True):
        out.append(held[at])
        held[at] = number
    out.extend(held[at] for at in rng.permutation(len(held)))
    return np.asarray(out, np.int64)


class Ahead(NamedTuple):
    """How far a pass is read ahead, and by how many threads that gather rows."""

    count: int
    num_threads: int


class Rows:
    """Rows of a tree of arrays, in an order; a value that does not change."""

    count: int | None

    def items(self, epoch: int) -> Iterator[Any]:
        """Row by row."""
        for batch in self.batches(epoch, 1, False):
            yield ct.tree_map(lambda x: x[0], batch)

    def batches(
        self, epoch: int, n: int, drop_remainder: bool, ahead: Ahead | None = None
    ) -> Iterator[Any]:
        """Batches of n rows, gathered by threads where they are wanted ahead."""
        raise NotImplementedError

    def shuffle(self, buffer: int | None, seed: int, reshuffle: bool) -> Rows:
        """In a drawn order."""
        raise NotImplementedError

    def cut(self, start: int, stop: int | None) -> Rows | None:
        """Rows from `start` to `stop` of a pass; None where it has to be done by element."""
        return None

    def repeat(self, count: int) -> Rows | None:
        """So many passes; None where it has to be done by element."""
        return None


class ArrayRows(Rows):
    """Rows of arrays that are all there: an order is an array of numbers of rows."""

    def __init__(self, tree: Any, order: Callable[[int], Indices] | None = None,
                 count: int | None = None) -> None:  # fmt: skip
        leaves, self._structure = ct.tree_flatten(tree)
        self._leaves = [each if isinstance(each, ct.Array) else ct.asarray(each) for each in leaves]
        extents = {each.shape[0] if each.ndim else None for each in self._leaves}
        if len(extents) != 1 or None in extents:
            got = " and ".join(dict.fromkeys(str(each.shape) for each in self._leaves))
            raise ShapeError(
                f"from_arrays: expected arrays of one number of rows, got {got or 'none'}"
            )
        self._tree = tree
        self._order = order  # None: as they lie
        self.count = extents.pop() if count is None else count

    def _with(self, order: Callable[[int], Indices], count: int) -> ArrayRows:
        return ArrayRows(ct.tree_unflatten(self._structure, self._leaves), order, count)

    def _indices(self, epoch: int) -> Indices:
        return np.arange(self.count) if self._order is None else self._order(epoch)

    def batches(
        self, epoch: int, n: int, drop_remainder: bool, ahead: Ahead | None = None
    ) -> Iterator[Any]:
        """Batches of n rows; without an order they are views."""
        if ahead is not None and any(each.device != "cpu" for each in self._leaves):
            # Of another device's memory a thread of Python has the batches gathered there.
            yield from prefetched(lambda: self.batches(epoch, n, drop_remainder), ahead.count)
            return
        total = self.count or 0
        indices = None if self._order is None else self._order(epoch)
        if ahead is not None:
            order = None if indices is None else ct.asarray(indices)
            for leaves in batches_of_rows(
                self._leaves,
                order,
                n,
                drop_remainder=drop_remainder,
                ahead=ahead.count,
                num_threads=ahead.num_threads,
            ):
                yield ct.tree_unflatten(self._structure, leaves)
            return
        stop = total // n * n if drop_remainder else total
        for start in range(0, stop, n):
            end = min(start + n, total)
            if indices is None:
                leaves = [each[start:end] for each in self._leaves]
            else:
                chosen = ct.asarray(indices[start:end])
                leaves = [ct.take(each, chosen, axis=0) for each in self._leaves]
            yield ct.tree_unflatten(self._structure, leaves)

    def shuffle(self, buffer: int | None, seed: int, reshuffle: bool) -> Rows:
        """In a drawn order, by numbers of rows."""

        def order(epoch: int) -> Indices:
            rng = generator_of(seed, epoch if reshuffle else 0)
            before = self._indices(epoch)
            if buffer is None or buffer >= len(before):
                return before[rng.permutation(len(before))]
            return drawn_numbers(before, buffer, rng)

        return self._with(order, self.count or 0)

    def cut(self, start: int, stop: int | None) -> Rows:
        """Numbers of rows from `start` to `stop`."""
        count = len(range(self.count or 0)[start:stop])
        return self._with(lambda epoch: self._indices(epoch)[start:stop], count)

    def repeat(self, count: int) -> Rows:
        """The numbers of so many passes, one after the other: batches go on over their ends."""

        def order(epoch: int) -> Indices:
            passes = [self._indices(epoch * 1_000_003 + turn) for turn in range(count)]
            return np.concatenate(passes)

        return self._with(order, (self.count or 0) * count)


class BlockRows(Rows):
    """Rows of blocks that come one after the other, from a file or a log."""

    def __init__(self, blocks: Callable[[int], Iterator[Block]], count: int | None) -> None:
        self._blocks = blocks
        self.count = count

    def _trees(self, epoch: int) -> Iterator[Any]:
        """Blocks with their rows in order."""
        with closing(self._blocks(epoch)) as blocks:
            for tree, order in blocks:
                yield tree if order is None else _taken(tree, order)

    def batches(
        self, epoch: int, n: int, drop_remainder: bool, ahead: Ahead | None = None
    ) -> Iterator[Any]:
        """Batches of n rows, which may come from several blocks."""
        if ahead is not None:
            yield from self._batches_ahead(epoch, n, drop_remainder, ahead)
            return
        for block in _cut_into(self._trees(epoch), n):
            if drop_remainder and _rows_of(block) < n:
                return
            yield block

    def _batches_ahead(
        self, epoch: int, n: int, drop_remainder: bool, ahead: Ahead
    ) -> Iterator[Any]:
        structure = None

        def blocks() -> Iterator[tuple[list[ct.Array], ct.Array | None]]:
            nonlocal structure
            with closing(self._blocks(epoch)) as source:
                for tree, order in source:
                    leaves, structure = ct.tree_flatten(tree)
                    yield leaves, order

        for leaves in batches_of_blocks(
            blocks,
            n,
            drop_remainder=drop_remainder,
            ahead=ahead.count,
            num_threads=ahead.num_threads,
        ):
            yield ct.tree_unflatten(structure, leaves)

    def shuffle(self, buffer: int | None, seed: int, reshuffle: bool) -> Rows:
        """Blocks of `buffer` rows (None: one of all), each in a drawn order."""

        def blocks(epoch: int) -> Iterator[Block]:
            rng = generator_of(seed, epoch if reshuffle else 0)
            source = self._trees(epoch)
            if buffer is None:
                whole = list(source)
                source = iter([_joined(whole)] if whole else [])
            else:
                source = _cut_into(source, buffer)
            for tree in source:
                yield tree, ct.asarray(rng.permutation(_rows_of(tree)))

        return BlockRows(blocks, self.count)

    def repeat(self, count: int) -> Rows:
        """The blocks of so many passes, one after the other."""

        def blocks(epoch: int) -> Iterator[Block]:
            passes = (self._blocks(epoch * 1_000_003 + turn) for turn in range(count))
            for each in passes:
                yield from each

        return BlockRows(blocks, None if self.count is None else self.count * count)


def _rows_of(block: Any) -> int:
    return ct.tree_leaves(block)[0].shape[0]


def _taken(tree: Any, order: ct.Array) -> Any:
    return ct.tree_map(lambda x: ct.take(x, order, axis=0), tree)


def _joined(blocks: Sequence[Any]) -> Any:
    if len(blocks) == 1:
        return blocks[0]
    return ct.tree_map(lambda *parts: ct.concat(list(parts), axis=0), *blocks)


def _cut_into(blocks: Iterator[Any], n: int) -> Iterator[Any]:
    """The same rows in blocks of n; the last may have fewer."""
    held: list[Any] = []
    rows = 0
    try:
        for block in blocks:
            held.append(block)
            rows += _rows_of(block)
            if rows < n:
                continue
            whole = _joined(held)
            start = 0
            while rows - start >= n:
                yield _slice(whole, start, start + n)
                start += n
            held = [_slice(whole, start, rows)] if start < rows else []
            rows -= start
        if held:
            yield _joined(held)
    finally:
        if hasattr(blocks, "close"):
            blocks.close()


def _slice(block: Any, start: int, stop: int) -> Any:
    return ct.tree_map(lambda x: x[start:stop], block)


def _column(table: Any, name: str) -> ct.Array:
    import pyarrow as pa

    if name not in table.column_names:
        raise NotFoundError(f"from_frame: no column {name!r} in {table.column_names}")
    column = table.column(name)
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise TypeError(f"from_frame: expected numbers in {name!r}, got {kind}")
    if column.null_count:
        if not pa.types.is_floating(kind):
            raise ArgumentError(f"from_frame: column {name!r} ({kind}) has nulls; fill or cast it")
        column = column.fill_null(float("nan"))
    return ct.from_column(column)


def arrays_of_table(
    table: Any, features: Sequence[str] | None, target: str | None, dtype: ct.DType | None
) -> Any:
    """Columns of an Arrow table as a dict of arrays, a matrix, or a matrix and the target."""
    if features is None:
        if target is not None:
            raise ArgumentError("from_frame: a target expects features")
        return {name: _column(table, name) for name in table.column_names}
    columns = [_column(table, name) for name in features]
    if dtype is not None:
        columns = [ct.astype(each, dtype, copy=False) for each in columns]
    matrix = ct.stack(columns, axis=1)
    return matrix if target is None else (matrix, _column(table, target))
