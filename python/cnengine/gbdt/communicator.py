"""Workers that train one model together, each on its part of the rows."""

from numbers import Integral, Real
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import gbdt as _native

_MOST = 2**31 - 1


class SocketCommunicator:
    """Joins workers over TCP; `train(..., communicator=...)` takes it.

    All workers call `train` with the same parameters, each with its part of the rows; parts count
    in the order of the ranks, and a query lies in one part. Every worker gets the model of a single
    one that has all rows, bit for bit, and the metrics over the evaluation sets of all.

    A worker keeps the features of its own rows, and labels, scores and gradients (about 40 bytes)
    of all rows; histograms are added up by worker 0. Not shared: `linear_tree`,
    `cat_method="ordered"`, objectives and metrics of your own.

    Parameters
    ----------
    rank : int
        This worker's number, from 0.
    size : int
        How many workers there are.
    address : str
        "host:port" of worker 0, which listens there. Port 0 lets worker 0 choose a free one; see
        `address`.
    token : str
        A secret that all workers know; connections without it are turned away. Nothing is
        encrypted.
    timeout : float
        Seconds that workers wait for each other.

    Any object with `rank`, `size`, `allreduce(array) -> array` (sums of int64),
    `allgather(bytes) -> list of bytes` and perhaps `abort()` does as well.

    Raises
    ------
    cnengine.errors.IoError
        Another worker is gone or does not answer; the connections are closed.

    Examples
    --------
    >>> import threading
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.arange(400.0).reshape(200, 2)
    >>> root = gbdt.SocketCommunicator(0, 2, "127.0.0.1:0", token="secret")
    >>> models = {}
    >>> def work(rank, rows):
    ...     group = root
    ...     if rank > 0:
    ...         group = gbdt.SocketCommunicator(rank, 2, root.address, token="secret")
    ...     models[rank] = gbdt.train({}, gbdt.Dataset(X[rows], X[rows, 0]), 5, communicator=group)
    >>> parts = [(0, slice(0, 100)), (1, slice(100, 200))]
    >>> threads = [threading.Thread(target=work, args=part) for part in parts]
    >>> for thread in threads: thread.start()
    >>> for thread in threads: thread.join()
    >>> whole = gbdt.train({}, gbdt.Dataset(X, X[:, 0]), 5)
    >>> models[0].to_bytes() == models[1].to_bytes() == whole.to_bytes()
    True
    """

    def __init__(
        self,
        rank: int,
        size: int,
        address: str = "127.0.0.1:0",
        *,
        token: str = "",
        timeout: float = 120.0,
    ) -> None:
        _check_integer("rank", rank)
        _check_integer("size", size)
        for name, text in (("address", address), ("token", token)):
            if not isinstance(text, str):
                raise errors.TypeError(f"SocketCommunicator: expected {name} as text, got {text!r}")
        if isinstance(timeout, bool) or not isinstance(timeout, Real):
            raise errors.TypeError(
                f"SocketCommunicator: expected timeout as a number of seconds, got {timeout!r}"
            )
        if not timeout * 1000 < _MOST:
            raise errors.ArgumentError(
                f"SocketCommunicator: expected timeout below {_MOST // 1000} seconds, "
                f"got {timeout!r}"
            )
        host, _, port = address.rpartition(":")
        self._host = host.strip("[]") or "127.0.0.1"
        number = int(port) if port.isascii() and port.isdigit() and len(port) < 7 else -1
        self._native = _native.SocketCommunicator(
            int(rank), int(size), self._host, number, token.encode(), max(-1, int(1000 * timeout))
        )

    @property
    def rank(self) -> int:
        """This worker's number."""
        return self._native.rank

    @property
    def size(self) -> int:
        """How many workers there are."""
        return self._native.size

    @property
    def address(self) -> str:
        """Where the workers meet, "host:port"."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._native.port}"

    def connect(self) -> None:
        """Meets the other workers; training does so where this has not been called."""
        self._native.connect()

    def allreduce(self, values: np.ndarray) -> np.ndarray:
        """The sums of int64 vectors over all workers."""
        return self._native.allreduce(np.ascontiguousarray(values, dtype=np.int64))

    def allgather(self, data: bytes) -> list[bytes]:
        """What each worker gives, by rank."""
        return self._native.allgather(data)

    def abort(self) -> None:
        """Closes the connections, so that the others need not wait."""
        self._native.abort()


def _check_integer(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise errors.TypeError(f"SocketCommunicator: expected {name} as an integer, got {value!r}")
    if not -_MOST <= value <= _MOST:
        raise errors.ArgumentError(
            f"SocketCommunicator: expected {name} as an integer of 32 bits, got {value}"
        )


def native_of(communicator: Any) -> Any:
    """What the native training takes."""
    return getattr(communicator, "_native", communicator)
