"""The cluster that a command speaks to, ours or Kafka's, through confluent-kafka's AdminClient."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any

from cnengine.cli.client_properties import client_settings, place_of
from cnengine.cli.values import positive
from cnengine.errors import (
    ArgumentError,
    Error,
    IoError,
    NotFoundError,
    StateError,
    UnsupportedError,
)

_POLL_S = 0.05
# What librdkafka puts before a broker's words.
_CLIENT_WORDS = re.compile(r"^([A-Z]+ worker (coordinator )?request failed: )?(Broker: )?")
# What Kafka's codes mean here; every other one is an IoError.
_KINDS: tuple[tuple[type[Error], tuple[str, ...]], ...] = (
    (NotFoundError, ("UNKNOWN_TOPIC_OR_PART", "GROUP_ID_NOT_FOUND", "RESOURCE_NOT_FOUND",
                     "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION")),
    (StateError, ("TOPIC_ALREADY_EXISTS", "NON_EMPTY_GROUP", "UNKNOWN_MEMBER_ID",
                  "SECURITY_DISABLED", "GROUP_SUBSCRIBED_TO_TOPIC")),
    (UnsupportedError, ("UNSUPPORTED_VERSION", "_UNSUPPORTED_FEATURE",
                        "UNSUPPORTED_SASL_MECHANISM")),
    (ArgumentError, ("INVALID_CONFIG", "INVALID_PARTITIONS", "INVALID_REPLICATION_FACTOR",
                     "INVALID_REQUEST", "OFFSET_OUT_OF_RANGE", "TOPIC_EXCEPTION", "_INVALID_ARG",
                     "UNACCEPTABLE_CREDENTIAL", "POLICY_VIOLATION", "INVALID_GROUP_ID")),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that speaks to a cluster."""
    add = parser.add_argument_group("cluster").add_argument
    add("--bootstrap-server", default="127.0.0.1:9092", metavar="HOST:PORT",
        help="a broker of the cluster, or several with commas (%(default)s)")  # fmt: skip
    add("--command-config", type=Path, metavar="FILE",
        help="settings of the client (TLS, SASL) as name=value lines")  # fmt: skip
    add("--timeout", type=positive, default=30, metavar="SECONDS",
        help="of one request (%(default)s)")  # fmt: skip
    add("--json", action="store_true", help="print JSON")


class Cluster:
    """A client of the cluster that a command line names.

    Raises UnsupportedError where confluent-kafka is not installed, IoError when no broker answers.
    `what` is what messages begin with, such as ``"topic create"``.
    """

    def __init__(self, options: argparse.Namespace, what: str) -> None:
        from cnengine.kafka import librdkafka

        self.kafka = librdkafka.load(what)
        self.models = self.kafka.admin
        self.what, self.servers = what, options.bootstrap_server
        self.timeout: float = options.timeout
        self._fatal: Any = None
        self._file: Path | None = options.command_config
        settings = client_settings(self._file) if self._file else {}
        settings |= {"bootstrap.servers": self.servers, "error_cb": self._note, "log_level": 0}
        settings.setdefault("client.id", "cnengine-cli")
        try:
            self.admin = self.models.AdminClient(settings)
        except (self.kafka.KafkaException, TypeError, ValueError) as error:
            text = _text(error)
            if self._file:
                text = f"--command-config: {text} ({place_of(self._file, text)})"
            raise ArgumentError(f"{what}: {text}") from error

    def _note(self, error: Any) -> None:
        """Keeps what says that no answer will come: the first reason, which names the cause."""
        codes = self.kafka.KafkaError
        if error.code() in (codes._AUTHENTICATION, codes._SSL):
            self._fatal = error
        elif error.code() in (codes._TRANSPORT, codes._RESOLVE, codes._ALL_BROKERS_DOWN):
            self._fatal = self._fatal or error

    def ask(self, future: Future, timeout: float | None = None) -> Any:
        """What the cluster answers. Raises our exceptions for its errors."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while True:
            self.admin.poll(0)
            try:
                return future.result(_POLL_S)
            except (FutureTimeout, TimeoutError):
                if self._fatal is not None or time.monotonic() > deadline:
                    raise self._unreachable() from None
            except self.kafka.KafkaException as raised:
                raise self.translated(raised.args[0]) from raised

    def ask_each(self, futures: dict[Any, Future]) -> dict[Any, Any]:
        """The answers by what was asked for; the first error ends it."""
        return {key: self.ask(future) for key, future in futures.items()}

    def metadata(self, topic: str | None = None) -> Any:
        """Brokers and topics (confluent_kafka.admin.ClusterMetadata)."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                return self.admin.list_topics(topic, timeout=1.0)
            except self.kafka.KafkaException as raised:
                self.admin.poll(0)
                error = raised.args[0]
                codes = self.kafka.KafkaError
                slow = error.code() in (codes._TRANSPORT, codes._TIMED_OUT)
                if self._fatal is None and not slow:
                    raise self.translated(error) from raised
                if self._fatal is not None or time.monotonic() > deadline:
                    raise self._unreachable() from None

    def check_may_describe(self) -> None:
        """Raises IoError for a user who may not describe the cluster.

        To be asked before what needs that right: librdkafka 2.16 takes the refusal of rules for no
        rules, and that of users corrupts its memory.
        """
        allowed = self.ask(
            self.admin.describe_cluster(
                include_authorized_operations=True, request_timeout=self.timeout
            )
        ).authorized_operations
        if self.models.AclOperation.DESCRIBE not in (allowed or ()):
            raise IoError(
                f"{self.what}: the user may not describe the cluster (CLUSTER_AUTHORIZATION_FAILED)"
            )

    def topic_partitions(self, names: list[str]) -> dict[str, list[int]]:
        """Partitions of topics, of all of them without names. NotFoundError for a missing one."""
        known = self.metadata().topics
        for name in names:
            if name not in known or known[name].error is not None:
                raise NotFoundError(f'{self.what}: no topic "{name}"')
        return {name: sorted(known[name].partitions) for name in names or sorted(known)}

    def offsets(self, places: list[tuple[str, int]], spec: Any) -> dict[tuple[str, int], int]:
        """The offset that `spec` (a confluent_kafka.admin.OffsetSpec) means in each partition."""
        if not places:
            return {}
        asked = {self.kafka.TopicPartition(*place): spec for place in places}
        futures = self.admin.list_offsets(asked, request_timeout=self.timeout)
        return {
            (place.topic, place.partition): self.ask(future).offset
            for place, future in futures.items()
        }

    def committed(self, group: str) -> dict[tuple[str, int], int]:
        """The offsets of a group that are committed."""
        request = self.kafka.ConsumerGroupTopicPartitions(group)
        futures = self.admin.list_consumer_group_offsets([request], request_timeout=self.timeout)
        out = {}
        for place in self.ask(futures[group]).topic_partitions:
            if place.error is not None:
                raise self.translated(place.error)
            if place.offset >= 0:
                out[place.topic, place.partition] = place.offset
        return out

    def _unreachable(self) -> Error:
        from cnengine.kafka import librdkafka

        why = ""
        if self._fatal is not None:
            why = f": {librdkafka.reason_of(self._fatal)}"
            if "Connection refused" in why:
                why += "; no broker runs there, or --bootstrap-server names another place"
            if self._fatal.code() == self.kafka.KafkaError._ALL_BROKERS_DOWN:
                # They take connections, or the first reason would be another.
                why = ": it ends the connection; a listener of TLS or SASL needs --command-config"
                why += f" with its security.protocol, not that of {self._file}" * bool(self._file)
        return IoError(f"{self.what}: no answer from {self.servers}{why}")

    def translated(self, error: Any) -> Error:
        """Our exception for a KafkaError."""
        codes = self.kafka.KafkaError
        if error.code() in (codes._TIMED_OUT, codes._TRANSPORT):
            self.admin.poll(0)
            return self._unreachable()
        said = error.str()
        if said in ("", "(null)"):  # of brokers that send no text
            said = codes(error.code()).str()
        said = _CLIENT_WORDS.sub("", said)
        text = f"{self.what}: {said} ({error.name()})"
        if error.name() == "SECURITY_DISABLED":
            text += "; the broker's setting authorizer.class.name turns rules on"
        for kind, names in _KINDS:
            if error.name() in names or error.name().lstrip("_") in names:
                return kind(text)
        return IoError(text)


def _text(error: Exception) -> str:
    first = error.args[0] if error.args else error
    return first.str() if hasattr(first, "str") else str(first)


def add_actions(
    parser: argparse.ArgumentParser,
    actions: dict[str, tuple[str, Callable, Callable]],
) -> None:
    """Subcommands by name: (help, adds its arguments, runs on (cluster, options))."""
    parsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (text, add, _) in actions.items():
        action = parsers.add_parser(name, help=text, description=text)
        add(action)
        add_arguments(action)
