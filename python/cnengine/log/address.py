"""Where a log is: a directory of this machine, or a Kafka cluster."""

from __future__ import annotations

import os
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from cnengine.errors import ArgumentError
from cnengine.log.store import Log
from cnengine.log.store import open as open_log

if TYPE_CHECKING:
    from cnengine.kafka.remote_log import RemoteLog

__all__ = ["connect"]

_SCHEME = "kafka://"
_HOST_AND_PORT = re.compile(r"[\w.-]+:\d+(,[\w.-]+:\d+)*")


def connect(where: str | os.PathLike[str] | Log | RemoteLog, **options: Any) -> Log | RemoteLog:
    """Open a log by its path or address; both kinds have the same methods.

    Parameters
    ----------
    where
        The path of a log, which is opened as by `open`; or
        ``"kafka://host:port[,host:port][?setting=value&...]"``, a Kafka cluster (or a
        `cnengine.kafka.Broker`), which is reached through ``confluent-kafka``: install
        ``cnengine[kafka]``. Settings are librdkafka's, such as ``security.protocol=SASL_SSL``.
        A log that is open already is returned as it is.
    options
        For a path those of `open`; for an address settings of librdkafka by their own names with
        underscores, ``security_protocol="SASL_SSL"``.

    Returns
    -------
    Log or cnengine.kafka.RemoteLog

    Raises
    ------
    ArgumentError
        Something that is not an address.
    UnsupportedError
        ``confluent-kafka`` is not installed.

    Examples
    --------
    >>> import tempfile, cnengine as cn
    >>> with cn.log.connect(tempfile.mkdtemp()) as log:
    ...     log.create_topic("clicks")
    ...     with log.producer() as producer:
    ...         producer.send("clicks", b"first").result()
    Placed(partition=0, offset=0)
    """
    if isinstance(where, str) and where.startswith(_SCHEME):
        from cnengine.kafka.remote_log import RemoteLog

        servers, settings = parse_address(where)
        settings |= {name.replace("_", "."): value for name, value in options.items()}
        return RemoteLog(servers, settings)
    if isinstance(where, str) and "://" in where:
        raise ArgumentError(f'connect: expected a path or "kafka://host:port", got {where!r}')
    if isinstance(where, str) and not os.path.exists(where):
        servers = where.removeprefix("kafka:").lstrip("/")
        if _HOST_AND_PORT.fullmatch(servers) and (servers == where or where.startswith("kafka:")):
            raise ArgumentError(
                f'connect: expected a path or "kafka://host:port", got {where!r}; did you mean '
                f'"kafka://{servers}"? A directory of that name is "./{where}"'
            )
    if isinstance(where, str | os.PathLike):
        return open_log(where, **options)
    if not hasattr(where, "producer") or not hasattr(where, "consumer"):
        raise ArgumentError(
            f'connect: expected a path, "kafka://host:port" or an open log, got {where!r}'
        )
    if options:
        raise ArgumentError("connect: expected no options for a log that is open already")
    return where


def parse_address(address: str) -> tuple[str, dict[str, str]]:
    """The bootstrap servers and the settings of a ``kafka://`` address."""
    servers, _, query = address.removeprefix(_SCHEME).partition("?")
    parts = []
    for server in servers.rstrip("/").split(","):
        if not server or "/" in server or "@" in server:
            raise ArgumentError(
                'connect: expected "kafka://host:port[,host:port][?setting=value]", '
                f"got {address!r}"
            )
        has_port = ":" in server.rpartition("]")[2]
        parts.append(server if has_port else f"{server}:9092")
    try:
        pairs = urllib.parse.parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=100
        )
    except ValueError as error:
        raise ArgumentError(
            f"connect: expected settings as name=value&name=value, got {query!r}"
        ) from error
    return ",".join(parts), dict(pairs)
