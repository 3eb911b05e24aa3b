"""What producers and consumers of both kinds of logs share: who is open, and who ends them."""

from __future__ import annotations

import atexit
import contextlib
import os
import weakref
from typing import Any

# Ended before the interpreter is: their threads wait outside of it.
_open: weakref.WeakSet[Any] = weakref.WeakSet()


def take_log(log: Any) -> tuple[Any, bool]:
    """The log that a client was given, and whether it is the client's to close."""
    from cnengine.log.address import connect

    connected = connect(log)
    return connected, connected is not log


def register(client: Any, log: Any) -> None:
    """Closes the client with its log, and at the end of the program."""
    _open.add(client)
    log._clients.add(client)


def close_all(clients: weakref.WeakSet[Any]) -> None:
    """Close clients; the first error is raised when all are closed."""
    first: BaseException | None = None
    for client in list(clients):
        try:
            client.close()
        except Exception as error:
            first = first or error
    clients.clear()
    if first is not None:
        raise first


@atexit.register
def _close_at_exit() -> None:
    with contextlib.suppress(Exception):
        close_all(_open)


# A forked child has no part in the clients of its parent.
os.register_at_fork(after_in_child=_open.clear)
