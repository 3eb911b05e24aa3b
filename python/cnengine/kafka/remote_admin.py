"""What a remote log asks of a cluster about its topics, through confluent-kafka's AdminClient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnengine.kafka import librdkafka

__all__ = [
    "add_partitions",
    "alter_topic",
    "create_topic",
    "delete_records",
    "delete_topic",
    "topic_config",
]

_ALREADY_EXISTS = 36


def setting(value: object) -> str:
    """As Kafka writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def create_topic(
    admin: Any,
    name: str,
    partitions: int,
    replicas: int,
    settings: Mapping[str, object],
    exist_ok: bool,
    timeout: float,
) -> None:
    topic = librdkafka.load().admin.NewTopic(
        name,
        num_partitions=partitions,
        replication_factor=replicas,
        config={key: setting(value) for key, value in settings.items()},
    )
    with librdkafka.translated("create_topic"):
        future = admin.create_topics([topic], request_timeout=timeout)[name]
        try:
            future.result()
        except librdkafka.load().KafkaException as error:
            if not exist_ok or error.args[0].code() != _ALREADY_EXISTS:
                raise


def delete_topic(admin: Any, name: str, timeout: float) -> None:
    with librdkafka.translated("delete_topic"):
        admin.delete_topics([name], request_timeout=timeout)[name].result()


def add_partitions(admin: Any, topic: str, partitions: int, timeout: float) -> None:
    with librdkafka.translated("add_partitions"):
        wanted = [librdkafka.load().admin.NewPartitions(topic, partitions)]
        admin.create_partitions(wanted, request_timeout=timeout)[topic].result()


def topic_config(admin: Any, topic: str, timeout: float) -> dict[str, str]:
    kind = librdkafka.load().admin.ConfigResource
    resource = kind(kind.Type.TOPIC, topic)
    with librdkafka.translated("topic_config"):
        entries = admin.describe_configs([resource], request_timeout=timeout)[resource].result()
    return {name: entry.value for name, entry in entries.items()}


def alter_topic(admin: Any, topic: str, config: Mapping[str, object], timeout: float) -> None:
    models = librdkafka.load().admin
    operations, kind = models.AlterConfigOpType, models.ConfigResource
    entries = [
        models.ConfigEntry(
            name,
            "" if value is None else setting(value),
            incremental_operation=operations.DELETE if value is None else operations.SET,
        )
        for name, value in config.items()
    ]
    resource = kind(kind.Type.TOPIC, topic, incremental_configs=entries)
    with librdkafka.translated("alter_topic"):
        admin.incremental_alter_configs([resource], request_timeout=timeout)[resource].result()


def delete_records(admin: Any, topic: str, partition: int, before: int, timeout: float) -> int:
    place = librdkafka.load().TopicPartition(topic, partition, before)
    with librdkafka.translated("delete_records"):
        done = admin.delete_records([place], request_timeout=timeout)[place].result()
    return done.low_watermark
