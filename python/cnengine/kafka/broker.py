"""The broker: listens, and serves the topics of a log to Kafka clients."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnengine import log as _log_module
from cnengine._core import kafka as _kafka
from cnengine.errors import ArgumentError, IoError
from cnengine.kafka.acls import Acls
from cnengine.kafka.metrics_server import MetricsServer
from cnengine.kafka.users import Users

__all__ = ["Broker"]


class Broker:
    """A Kafka broker over a log; it listens as soon as it is made, until `stop`.

    Parameters
    ----------
    log
        An open `cnengine.log.Log`, which others may use beside it, or the path of one, which is
        opened and closed with the broker.
    listen
        ``"host:port"``; port 0 takes a free one. Or several as the setting ``listeners`` has them:
        ``"SASL_SSL://0.0.0.0:9093,PLAINTEXT://127.0.0.1:9092"``. Loopback unless told otherwise.
    config
        Settings under Kafka's names, such as ``{"num.partitions": 4}``.
    config_file
        A file of ``name=value`` lines; `config` and `listen` go before it.
    metrics_listen
        Where ``/metrics`` is served over HTTP, as ``"host:port"`` or ``"port"`` on loopback; None:
        nowhere.

    Raises
    ------
    ArgumentError
        An unknown setting, or a value that it cannot have.
    IoError
        The address cannot be listened on, or the file not read.
    LockedError
        Another process has the log open for writing.

    Examples
    --------
    >>> import tempfile, cnengine.kafka
    >>> with cnengine.kafka.Broker(tempfile.mkdtemp(), listen="127.0.0.1:0") as broker:
    ...     host, port = broker.address
    >>> host
    '127.0.0.1'
    """

    def __init__(
        self,
        log: _log_module.Log | str | os.PathLike[str],
        *,
        listen: str | None = None,
        config: Mapping[str, Any] | None = None,
        config_file: str | os.PathLike[str] | None = None,
        metrics_listen: str | None = None,
    ) -> None:
        files = []
        if config_file is not None:
            files.append((os.fspath(config_file), _read(config_file)))
        settings = [(name, _as_text(value)) for name, value in (config or {}).items()]
        if listen is not None:
            settings.append(("listeners", _listeners(listen)))
        self._own = not isinstance(log, _log_module.Log)
        self.log = _log_module.open(log) if self._own else log
        self._metrics: MetricsServer | None = None
        try:
            self._native = _kafka.broker(self.log._store, files=files, settings=settings)
        except BaseException:
            if self._own:
                self.log.close()
            raise
        if metrics_listen is not None:
            try:
                self._metrics = MetricsServer(metrics_listen, self._native.metrics_text)
            except BaseException:
                self.stop()
                raise

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the first listener."""
        _, host, port = self._native.endpoints()[0]
        return host, port

    @property
    def bootstrap(self) -> str:
        """``host:port`` of every listener, as clients' ``bootstrap.servers`` takes them."""
        parts = ((host or "localhost", port) for _, host, port in self._native.endpoints())
        return ",".join(f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for h, p in parts)

    @property
    def listeners(self) -> dict[str, str]:
        """``host:port`` by the name of the listener."""
        return {
            name: f"[{host}]:{port}" if ":" in host else f"{host or 'localhost'}:{port}"
            for name, host, port in self._native.endpoints()
        }

    @property
    def users(self) -> Users:
        """The users who may log in."""
        return Users._of(self._native.users())

    @property
    def acls(self) -> Acls:
        """The rules of who may do what; in force while ``authorizer.class.name`` is set."""
        return Acls._of(self._native.acls())

    @property
    def cluster_id(self) -> str:
        """The id that clients see; of the log's directory."""
        return self._native.cluster_id

    def settings(self) -> dict[str, str]:
        """All settings with their values, by Kafka's names."""
        return {name: value for name, value, *_ in self._native.settings()}

    def metrics(self) -> str:
        """The metrics in Prometheus' text format."""
        return self._native.metrics_text()

    @property
    def metrics_url(self) -> str | None:
        """Where the metrics are served; None when they are not."""
        return self._metrics.url if self._metrics else None

    def stop(self) -> None:
        """End connections and threads; a log that the broker opened is closed. Twice is fine."""
        if self._metrics:
            self._metrics.stop()
        self._native.stop()
        if self._own:
            self.log.close()

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"Broker({self.log!r}, {self.bootstrap!r})"


def _listeners(listen: Any) -> str:
    """The value of the setting ``listeners``."""
    if isinstance(listen, str):
        if "://" in listen:
            return listen
        _, colon, port = listen.rpartition(":")
        if colon and port.isascii() and port.isdigit() and int(port) <= 65535:
            return "PLAINTEXT://" + listen
    raise ArgumentError(
        f"Broker: expected an address to listen on as host:port, port 0 to 65535, got {listen!r}"
    )


def _read(path: str | os.PathLike[str]) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise IoError(f"Broker: cannot read settings of {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ArgumentError(
            f"Broker: expected settings of {path} in UTF-8, got byte {error.start} of value "
            f"{error.object[error.start]} in line {line}"
        ) from error


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise ArgumentError(f"Broker: expected settings of str, int or bool, got {value!r}")
