"""Elements of an iterator: made ahead by threads, kept, put together, taken apart."""

from __future__ import annotations

import itertools
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import StateError
from cnengine.tensor.batch_loader import PATIENCE_S, stopped_at_exit

_END = object()


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def check_process(process: int) -> None:
    """Raises StateError in a forked child, where none of the threads of a pass is."""
    if os.getpid() != process:
        raise StateError(
            "Dataset: this pass was begun in another process; begin one here, by iter(dataset)"
        )


def prefetched(make: Callable[[], Iterator[Any]], count: int) -> Iterator[Any]:
    """The elements of make(), which a thread goes through, at most `count` ahead.

    Its errors are raised in their place. The thread ends, and the iterator is closed within it,
    when this generator is: at its end, on an error, by `close`, or when it is no longer held. Where
    the iterator waits for something then, nothing waits for it for more than a second.
    """
    ahead: queue.Queue[Any] = queue.Queue(count)
    stopped = threading.Event()

    def put(item: Any) -> bool:
        while not stopped.is_set():
            try:
                ahead.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def run() -> None:
        source = None
        try:
            source = make()
            for item in source:
                if not put(item):
                    return
            put(_END)
        except BaseException as error:
            put(_Failure(error))
        finally:
            if hasattr(source, "close"):
                source.close()

    def stop() -> None:
        if os.getpid() != process:  # a forked child has no thread, and its queue may be locked
            return
        stopped.set()
        # A place in the queue wakes a thread that waits for one.
        while not ahead.empty():
            ahead.get_nowait()
        thread.join(PATIENCE_S)

    thread = threading.Thread(target=run, name="cnengine-prefetch", daemon=True)
    process = os.getpid()
    thread.start()
    with stopped_at_exit(stop):
        for number in itertools.count():
            check_process(process)
            item = ahead.get()
            if item is _END:
                return
            if isinstance(item, _Failure):
                item.error.add_note(f"in element {number} of this pass")
                raise item.error
            yield item


def calling(f: Callable[..., Any]) -> Callable[[Any], Any]:
    """f of an element, of tuples f(*element).

    StopIteration in it, which would end a pass as if it was whole, is raised as StateError.
    """

    def call(item: Any) -> Any:
        try:
            return f(*item) if type(item) is tuple else f(item)
        except StopIteration as error:
            raise StateError("Dataset: a function of elements raised StopIteration") from error

    return call


def map_ahead(f: Callable[[Any], Any], source: Iterator[Any], threads: int) -> Iterator[Any]:
    """f of each element in order, computed by so many threads, at most twice as many ahead."""
    waiting: deque[Future[Any]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="cnengine-map")
    process = os.getpid()
    try:
        for item in source:
            check_process(process)
            waiting.append(pool.submit(f, item))
            if len(waiting) >= 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            check_process(process)
            yield waiting.popleft().result()
    finally:
        if os.getpid() == process:
            for each in waiting:
                each.cancel()
            _, late = wait(waiting, PATIENCE_S)
            pool.shutdown(wait=not late)
        if hasattr(source, "close"):
            source.close()


def once_only(items: Iterator[Any]) -> Callable[..., Iterator[Any]]:
    """The one pass of an iterator; StateError of a second one."""
    is_taken = False

    def passes(epoch: int, ahead: Any) -> Iterator[Any]:
        nonlocal is_taken
        if is_taken:
            raise StateError(
                "from_items: the iterator is used up after one pass; give a function that makes one"
            )
        is_taken = True
        return items

    return passes


def kept_of_first(make: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Passes like make(epoch, ahead), which is called until one of its passes came to an end."""
    kept: list[Any] | None = None

    def items(epoch: int, ahead: Any) -> Iterator[Any]:
        nonlocal kept
        if kept is not None:
            yield from kept
            return
        seen = []
        for item in make(epoch, ahead):
            seen.append(item)
            yield item
        kept = seen

    return items


def between(source: Iterator[Any], start: int, stop: int | None) -> Iterator[Any]:
    """The elements from `start` to `stop`; then the iterator is closed."""
    try:
        yield from itertools.islice(source, start, stop)
    finally:
        if hasattr(source, "close"):
            source.close()


def put_together(source: Iterator[Any], n: int, drop_remainder: bool) -> Iterator[Any]:
    """Batches of n elements, stacked along a first axis; the last may have fewer."""
    while group := list(itertools.islice(source, n)):
        if len(group) < n and drop_remainder:
            return
        yield ct.tree_map(lambda *leaves: ct.stack([ct.asarray(x) for x in leaves]), *group)


def taken_apart(batches: Iterator[Any]) -> Iterator[Any]:
    """The elements of batches along their first axis."""
    for batch in batches:
        for at in range(ct.tree_leaves(batch)[0].shape[0]):
            yield ct.tree_map(lambda x, at=at: x[at], batch)
