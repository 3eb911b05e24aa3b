"""Batches of rows of arrays, which C++ threads gather ahead of who takes them.

These threads hold nothing of the interpreter: they run while programs of Python do. They end when
the iterator of a pass does, is closed or let go of. A pass belongs to the process that began it: in
a forked child the next batch of it is a StateError.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

from cnengine._core import tensor as _tensor
from cnengine.tensor.array import Array

__all__ = ["batches_of_blocks", "batches_of_rows"]

PATIENCE_S = 1.0  # how long a source that waits for something is waited for at an early end

Block = tuple[Sequence[Array], Array | None]
Stop = Callable[[], None]
_OPEN: set[Stop] = set()


@contextlib.contextmanager
def stopped_at_exit(stop: Stop) -> Iterator[None]:
    """Calls what ends a thread at the end of the block, or of the process if that comes first.

    A thread that comes back from C++ while the interpreter ends would end the process with an
    abort. `stop` is called once more where both come.
    """
    _OPEN.add(stop)
    try:
        yield
    finally:
        _OPEN.discard(stop)
        stop()


@atexit.register
def _stop_all() -> None:
    while _OPEN:
        _OPEN.pop()()


def _given_out(loader: _tensor.BatchLoader) -> Iterator[list[Array]]:
    number = 0
    while True:
        try:
            batch = loader.next()
        except Exception as error:
            error.add_note(f"in batch {number} of this pass")
            raise
        if batch is None:
            return
        number += 1
        yield batch


def batches_of_rows(
    arrays: Sequence[Array],
    order: Array | None,
    rows: int,
    *,
    drop_remainder: bool = False,
    ahead: int = 2,
    num_threads: int = 1,
) -> Iterator[list[Array]]:
    """Batches of so many rows of all arrays, in an order of row numbers, at most `ahead` ready.

    Without an order they are views. The last batch may have fewer rows. Raises ShapeError for
    arrays of several numbers of rows, ArgumentError for the number of a row that is not there, in
    its batch.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.tensor.batch_loader import batches_of_rows
    >>> x, order = ct.arange(5) * 10, ct.asarray([4, 0, 3, 1, 2])
    >>> [batch[0].tolist() for batch in batches_of_rows([x], order, 2)]
    [[40, 0], [30, 10], [20]]
    """
    loader = _tensor.BatchLoader(rows, drop_remainder, ahead, num_threads)
    try:
        loader.feed(arrays, order)
        loader.finish()
        yield from _given_out(loader)
    finally:
        loader.close()


def batches_of_blocks(
    make: Callable[[], Iterator[Block]],
    rows: int,
    *,
    drop_remainder: bool = False,
    ahead: int = 2,
    num_threads: int = 1,
) -> Iterator[list[Array]]:
    """The same of blocks (arrays, order) that come one after the other, one behind the other.

    A thread of Python goes through make(), up to two blocks ahead, and closes it. What that raises
    comes after the batches before it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.tensor.batch_loader import batches_of_blocks
    >>> blocks = [([ct.asarray([1, 2, 3])], ct.asarray([2, 1, 0])), ([ct.asarray([4])], None)]
    >>> [batch[0].tolist() for batch in batches_of_blocks(lambda: iter(blocks), 2)]
    [[3, 2], [1, 4]]
    """
    loader = _tensor.BatchLoader(rows, drop_remainder, ahead, num_threads)
    failures: list[BaseException] = []

    def run() -> None:
        source = None
        try:
            source = make()
            for arrays, order in source:
                loader.feed(arrays, order)
                if not loader.wait_for_room():
                    return
        except BaseException as error:
            failures.append(error)
        finally:
            try:
                if hasattr(source, "close"):
                    source.close()
            finally:
                loader.finish()

    def stop() -> None:
        loader.close()
        thread.join(PATIENCE_S)

    thread = threading.Thread(target=run, name="cnengine-blocks", daemon=True)
    thread.start()
    with stopped_at_exit(stop):
        yield from _given_out(loader)
        if failures:
            raise failures[0]
