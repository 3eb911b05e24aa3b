"""The group of ranks that this process belongs to, and what they do together."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray
from cnengine.tensor.tree import tree_flatten, tree_map, tree_unflatten

__all__ = ["allgather", "allreduce", "barrier", "broadcast", "close", "init", "rank",
           "reduce_scatter", "shard", "size"]  # fmt: skip

TIMEOUT = 120.0


class Group:
    """Connections to the other ranks, and the thread that sends gradients."""

    def __init__(self, native: Any) -> None:
        self.native = native
        self.queue = _tensor.AllreduceQueue(native)

    def close(self) -> None:
        self.native.close()
        self.queue.close()


_current: Group | None = None


def current() -> Group:
    """The group of this process; one of this process alone where there was no `init`."""
    global _current
    if _current is None:
        _current = Group(_tensor.process_group(0, 1, "127.0.0.1", 0, "", 1000, 1000, "auto"))
    return _current


def listen(
    rank: int,
    size: int,
    host: str,
    port: int,
    token: str,
    *,
    meet: float,
    timeout: float,
    transport: str,
) -> Any:
    """A group that `join` makes that of this process; rank 0 listens already."""
    meet_ms, timeout_ms = (max(1, round(each * 1000)) for each in (meet, timeout))
    return _tensor.process_group(rank, size, host, port, token, meet_ms, timeout_ms, transport)


def join(native: Any) -> None:
    """Meets the others of a group and makes it that of this process."""
    global _current
    native.connect()
    close()
    _current = Group(native)


def _variable(env: Mapping[str, str], name: str) -> str:
    if name not in env:
        raise ArgumentError(f"parallel.init: expected it as an argument or the variable {name}")
    return env[name]


def init(
    *,
    rank: int | None = None,
    size: int | None = None,
    address: str | None = None,
    token: str | None = None,
    timeout: float = TIMEOUT,
    transport: str = "auto",
) -> None:
    """Joins the processes that something else has started; returns when all have come.

    Parameters
    ----------
    rank, size
        The number of this process, and how many there are; None: RANK and WORLD_SIZE, as torchrun
        sets them.
    address
        "host:port" of rank 0, which listens there; None: MASTER_ADDR and MASTER_PORT.
    token
        A secret of the processes; None: CNENGINE_PARALLEL_TOKEN. It is not sent; what the processes
        say to each other is not encrypted.
    timeout
        Seconds for all to come, and for one of them to answer.
    transport
        "shared" (memory of one machine), "tcp", or "auto": shared where all can open it.

    Raises IoError, which names the rank, when one does not come in time.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.init(rank=0, size=1, address="127.0.0.1:0", token="secret")
    >>> parallel.rank(), parallel.size()
    (0, 1)
    """
    env = os.environ
    if address is None:
        address = f"{_variable(env, 'MASTER_ADDR')}:{_variable(env, 'MASTER_PORT')}"
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise ArgumentError(f"parallel.init: expected address as host:port, got {address!r}")
    native = listen(
        int(_variable(env, "RANK")) if rank is None else rank,
        int(_variable(env, "WORLD_SIZE")) if size is None else size,
        host.strip("[]"),
        int(port),
        _variable(env, "CNENGINE_PARALLEL_TOKEN") if token is None else token,
        meet=timeout,
        timeout=timeout,
        transport=transport,
    )
    join(native)


def close() -> None:
    """Leaves the group: the others can do nothing together any more.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.close()
    >>> parallel.size()
    1
    """
    global _current
    group, _current = _current, None
    if group is not None:
        group.close()


atexit.register(close)


def rank() -> int:
    """The number of this process among those of its group.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.rank()
    0
    """
    return 0 if _current is None else _current.native.rank


def size() -> int:
    """How many processes its group has.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.size()
    1
    """
    return 1 if _current is None else _current.native.size


def allreduce(tree: Any, op: str = "sum") -> Any:
    """The tree with each element put together over the ranks, in their order.

    The bits are the same on all ranks. float16 and bfloat16 are added in float32 and rounded once.

    Parameters
    ----------
    op
        "sum", "mean" (of floats), "max" or "min".

    Raises IoError, which names the rank, when one is gone or does not answer in time; StateError
    when the ranks do different things.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.allreduce({"loss": 2.0}, "mean")
    {'loss': Array(2., dtype=float32)}
    """
    leaves, structure = tree_flatten(tree)
    arrays = [asarray(leaf) for leaf in leaves]
    return tree_unflatten(structure, current().native.allreduce(arrays, op))


def allgather(tree: Any) -> Any:
    """The tree with the leaves of all ranks along a new first axis.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.allgather([1.0, 2.0])
    [Array([1.], dtype=float32), Array([2.], dtype=float32)]
    """
    group = current().native
    return tree_map(lambda leaf: group.allgather(asarray(leaf)), tree)


def reduce_scatter(tree: Any, op: str = "sum") -> Any:
    """As `allreduce`, of which each rank gets its part of the first axis.

    Raises ShapeError where that cannot be split among the ranks.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.tensor import parallel
    >>> parallel.reduce_scatter(ct.asarray([1.0, 2.0]))
    Array([1., 2.], dtype=float32)
    """
    group = current().native
    return tree_map(lambda leaf: group.reduce_scatter(asarray(leaf), op), tree)


def broadcast(tree: Any, root: int = 0) -> Any:
    """The tree of rank `root`; those of the others have the same structure, shapes and types.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.broadcast((3,))
    (Array(3, dtype=int64),)
    """
    group = current().native
    return tree_map(lambda leaf: group.broadcast(asarray(leaf), root), tree)


def barrier() -> None:
    """Returns when all ranks have called it.

    Examples
    --------
    >>> from cnengine.tensor import parallel
    >>> parallel.barrier()
    """
    current().native.barrier()


def shard(tree: Any, axis: int = 0) -> Any:
    """This rank's part of each leaf along an axis: parts differ in length by at most one.

    Where they differ, the mean of the ranks' means is not that of all; divide sums by the whole
    length and use ``value_and_grad(f, op="sum")`` then.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine.tensor import parallel
    >>> parallel.shard({"x": ct.asarray([1.0, 2.0, 3.0])})
    {'x': Array([1., 2., 3.], dtype=float32)}
    """
    mine, ranks = rank(), size()

    def part(leaf: Any) -> Array:
        value = asarray(leaf)
        if not -value.ndim <= axis < value.ndim:
            raise ShapeError(f"shard: expected an axis {axis}, got the shape {value.shape}")
        length = value.shape[axis]
        where: list[Any] = [slice(None)] * value.ndim
        where[axis] = slice(length * mine // ranks, length * (mine + 1) // ranks)
        return value[tuple(where)]

    return tree_map(part, tree)
