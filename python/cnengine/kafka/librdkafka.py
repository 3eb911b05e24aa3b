"""confluent-kafka, loaded only when a remote log is asked for; its errors as ours; its forks."""

from __future__ import annotations

import logging
import os
import re
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cnengine.errors import (
    ArgumentError,
    Error,
    IoError,
    NotFoundError,
    StateError,
    UnsupportedError,
)

__all__ = [
    "Trouble",
    "because",
    "check",
    "configuration",
    "keep_over_forks",
    "load",
    "reason_of",
    "translate",
    "translated",
]

# Kafka's error codes, and librdkafka's own, which are negative.
UNKNOWN_TOPIC, UNKNOWN_PARTITION = {3, -188}, {-190}
_NOT_FOUND = UNKNOWN_TOPIC | UNKNOWN_PARTITION | {33, 100}  # 100: an unknown topic id
_ARGUMENT = {1, 10, 17, 18, 32, 36, 37, 38, 39, 40, 44, 72, 87, -182, -186}
_STATE = {16, 22, 25, 27, 82, 110, 113, -172, -144}  # members of groups that are none any more
_UNSUPPORTED = {35, 43, 76, -165}
GROUP_AUTHORIZATION_FAILED = 30
NO_ANSWER = {-195, -187, -185}  # connection lost, all brokers down, timed out
_ALL_BROKERS_DOWN = -187
_SAY_AGAIN_S = 60.0
_logger = logging.getLogger("cnengine.kafka")
# Client errors that say: ask again.
PARTITION_EOF, TIMED_OUT, STATE, NO_OFFSET = -191, -185, -172, -168
MESSAGE_TIMED_OUT = -192


def load(what: str = "connect: a kafka:// address") -> Any:
    """The module confluent_kafka with its `admin`, which `what` needs.

    Raises UnsupportedError, which begins with `what`, where it is not installed.
    """
    try:
        import confluent_kafka.admin
    except ImportError as error:
        raise UnsupportedError(
            f"{what} needs confluent-kafka: pip install 'cnengine[kafka]'"
        ) from error
    return confluent_kafka


def reason_of(error: Any) -> str:
    """Its text without what differs each time: how long it took, and how often it came."""
    return re.sub(r" \(after \d+ms in state .*\)$", "", error.str())


class Trouble:
    """What keeps a client from its brokers, as its ``error_cb``: the last reason, for messages.

    The logger ``cnengine.kafka`` gets each reason as a warning, again after a minute.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._said: dict[str, float] = {}

    def __call__(self, error: Any) -> None:
        if error.code() != _ALL_BROKERS_DOWN:
            self.reason = reason_of(error)
        elif not self.reason:
            self.reason = (
                "no connection lasts: the broker stopped, or wants TLS or SASL (security_protocol)"
            )
        now = time.monotonic()
        if now - self._said.get(self.reason, -_SAY_AGAIN_S) >= _SAY_AGAIN_S:
            self._said[self.reason] = now
            _logger.warning("%s", self.reason)


def because(trouble: Any) -> str:
    """``": reason"``, where one is known. A user's own ``error_cb`` knows none."""
    reason = getattr(trouble, "reason", "")
    return f": {reason}" if reason else ""


def configuration(servers: str, *layers: Mapping[str, Any]) -> dict[str, Any]:
    """Settings for a client, the later layers before the earlier.

    A client's own lines about connections that fail, twenty a second, are left out for `Trouble`,
    unless the settings ask for them by ``debug`` or ``log_level``.
    """
    out: dict[str, Any] = {
        "bootstrap.servers": servers, "client.id": "cnengine", "error_cb": Trouble(),
    }  # fmt: skip
    for layer in layers:
        out |= layer
    if "debug" not in out and "log.level" not in out:
        out.setdefault("log_level", 2)
    return out


def translate(error: Any, function: str) -> Error:
    """One of our exceptions for a KafkaError."""
    code = error.code()
    text = f"{function}: {error.str()}"
    if code == TIMED_OUT:
        text = f"{function}: no answer in time ({error.str()})"
    for codes, kind in (
        (_NOT_FOUND, NotFoundError),
        (_ARGUMENT, ArgumentError),
        (_STATE, StateError),
        (_UNSUPPORTED, UnsupportedError),
    ):
        if code in codes:
            return kind(text)
    return IoError(text)


@contextmanager
def translated(function: str) -> Iterator[None]:
    """Raises what confluent-kafka raises within as ours."""
    try:
        yield
    except load().KafkaException as raised:
        raise translate(raised.args[0], function) from raised


def check(errors: list[Any], function: str) -> None:
    """Raises the first of the errors that are not None."""
    for error in errors:
        if error is not None:
            raise translate(error, function)


# Handles of this process. In a forked child they have no threads, and freeing them would wait for
# these for ever: so they are kept.
_handles: weakref.WeakSet[Any] = weakref.WeakSet()


class Handle:
    """Holds a client of librdkafka."""

    __slots__ = ("__weakref__", "client")

    def __init__(self, client: Any) -> None:
        self.client = client


def keep_over_forks(client: Any) -> Handle:
    """The client in a holder, which has to live as long as it."""
    handle = Handle(client)
    _handles.add(handle)
    return handle


def _after_fork() -> None:
    import ctypes

    for handle in list(_handles):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(handle.client))
    _handles.clear()


os.register_at_fork(after_in_child=_after_fork)
