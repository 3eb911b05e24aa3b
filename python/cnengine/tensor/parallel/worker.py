"""What runs in a process that `run` started: programs that it is told to, one after the other."""

from __future__ import annotations

import os
import queue
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from cnengine._core.core import set_num_threads
from cnengine.errors import StateError
from cnengine.tensor import array as types
from cnengine.tensor.array import Array, to_numpy
from cnengine.tensor.creation import asarray, astype
from cnengine.tensor.parallel import group, session
from cnengine.tensor.tree import tree_map

__all__ = ["Order", "pack", "unpack", "work"]


class Order(NamedTuple):
    """A program is to run as a rank of a group."""

    generation: int
    rank: int
    size: int
    port: int
    token: str
    timeout: float
    transport: str
    checkpoint: str | None


class _Packed:
    """An array on its way to another process."""

    def __init__(self, array: Array) -> None:
        self.values, self.dtype = to_numpy(array), array.dtype.name

    def unpack(self) -> Array:
        return astype(asarray(self.values), getattr(types, self.dtype, types.bool_))


def pack(tree: Any) -> Any:
    """The tree with arrays that can be sent."""
    return tree_map(lambda leaf: _Packed(leaf) if isinstance(leaf, Array) else leaf, tree)


def unpack(tree: Any) -> Any:
    """What was packed."""
    return tree_map(lambda leaf: leaf.unpack() if isinstance(leaf, _Packed) else leaf, tree)


class _Worker:
    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self.aborted = -1  # generation that shall end
        self.native: Any = None
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self) -> None:
        """Takes what comes from the process that started this one, which ends with it."""
        try:
            order = self.pipe.recv()
            while order is not None:
                if isinstance(order, int):
                    self.aborted = order
                    if self.native is not None:
                        self.native.close()
                else:
                    self.orders.put(order)
                order = self.pipe.recv()
            self.orders.put(None)
        except (EOFError, OSError):
            os._exit(1)

    def join(self, order: Order) -> None:
        self.native = group.listen(
            order.rank,
            order.size,
            "127.0.0.1",
            order.port,
            order.token,
            meet=max(order.timeout, group.TIMEOUT),
            timeout=order.timeout,
            transport=order.transport,
        )
        if self.aborted >= order.generation:
            raise StateError("run: another worker ended")
        if order.rank == 0:
            self.pipe.send(("port", self.native.port))
        group.join(self.native)

    def obey(self, order: Order, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        has_joined = False
        try:
            self.join(order)
            has_joined = True
            session.begin(order.checkpoint)
            self.pipe.send(("result", pack(f(*args))))
        except BaseException:
            text = traceback.format_exc()
            missed = -1 if self.native is None else self.native.missed
            is_lost = missed >= 0 or not has_joined or self.aborted >= order.generation
            self.pipe.send(("lost", (missed, text)) if is_lost else ("error", text))
        finally:
            self.native = None
            group.close()


def work(
    pipe: Connection, f: Callable[..., Any], args: tuple[Any, ...], threads: int | None
) -> None:
    """The main function of such a process."""
    if threads is not None:
        set_num_threads(threads)
    arguments = unpack(args)
    worker = _Worker(pipe)
    while (order := worker.orders.get()) is not None:
        worker.obey(order, f, arguments)
    worker.listener.join()
