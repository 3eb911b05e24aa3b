"""A thread that waits, so that asyncio need not."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["WaitingThread"]


class WaitingThread:
    """Runs calls that block, one after the other, on a thread that the first of them starts.

    Not a pool of `concurrent.futures`: the interpreter would wait at its end for a call that only
    its end stops.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def run(self, call: Callable[[], Any]) -> asyncio.Future[Any]:
        """The result of a call. Who no longer wants it cancels the future; the call goes on."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._calls.put((loop, future, call))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        return future

    def stop(self) -> None:
        """Ends the thread behind the calls that it has."""
        if self._thread is not None:
            self._calls.put(None)
            self._thread = None

    def _work(self) -> None:
        while (task := self._calls.get()) is not None:
            loop, future, call = task
            result, error = None, None
            try:
                result = call()
            except Exception as raised:
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_settle, future, result, error)
            del task, loop, future, call, result, error


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
