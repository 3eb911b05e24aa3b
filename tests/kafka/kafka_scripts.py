"""What librdkafka's tests call of Kafka's scripts and of their own Java programs, by confluent-kafka.

    python tests/kafka/kafka_scripts.py kafka-topics.sh|kafka-acls.sh|TransactionProducerCli ARGUMENTS

The arguments are those of the original; only what the tests use is known.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import confluent_kafka
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)


def parsed(arguments: list[str], flags: list[str], options: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for flag in flags:
        parser.add_argument(f"--{flag}", action="store_true")
    for option in ["bootstrap-server", "topic", *options]:
        parser.add_argument(f"--{option}")
    parser.add_argument("--config", action="append", default=[])
    return parser.parse_args(arguments)


def wait(futures: Mapping[Any, Future[Any]]) -> None:
    for future in futures.values():
        future.result(30)


def topics(arguments: list[str]) -> None:
    told = parsed(arguments, ["create", "alter", "delete"], ["partitions", "replication-factor"])
    admin = AdminClient({"bootstrap.servers": told.bootstrap_server})
    partitions = int(told.partitions or 1)
    if told.create:
        config = dict(each.split("=", 1) for each in told.config)
        wait(admin.create_topics([NewTopic(told.topic, partitions, 1, config=config)]))
    elif told.alter:
        wait(admin.create_partitions([NewPartitions(told.topic, partitions)]))
    else:
        wait(admin.delete_topics([told.topic]))


def acls(arguments: list[str]) -> None:
    told = parsed(arguments, ["add", "remove", "force"],
                  ["allow-principal", "allow-host", "deny-principal", "deny-host", "operation"])  # fmt: skip
    admin = AdminClient({"bootstrap.servers": told.bootstrap_server})
    allows = told.allow_principal is not None
    rule = (
        ResourceType.TOPIC,
        told.topic,
        ResourcePatternType.LITERAL,
        told.allow_principal if allows else told.deny_principal,
        told.allow_host if allows else told.deny_host,
        AclOperation[told.operation.upper()],
        AclPermissionType.ALLOW if allows else AclPermissionType.DENY,
    )
    if told.add:
        wait(admin.create_acls([AclBinding(*rule)]))
    else:
        wait(admin.delete_acls([AclBindingFilter(*rule)]))


def produce_in_transactions(arguments: list[str]) -> None:
    """Commands: `topic,NAME`, `testid,ID`, `sleep,MS`, `exit,STATUS`, and
    `producerN,PARTITION,FIRST KEY,COUNT,None|Begin...|Continue...,DoFlush|DontFlush`."""
    servers, *commands = arguments
    producers: dict[str, confluent_kafka.Producer] = {}
    in_transaction = set()
    topic = testid = ""
    for command in commands:
        name, *words = [word.strip() for word in command.split(",")]
        if name == "sleep":
            time.sleep(int(words[0], 0) / 1000)
        elif name == "exit":
            os._exit(int(words[0], 0))  # transactions stay open
        elif name == "topic":
            topic = words[0]
        elif name == "testid":
            testid = words[0]
        else:
            partition, first, count = (int(word, 0) for word in words[:3])
            kind, flush = words[3:]
            if name not in producers:
                config = {"bootstrap.servers": servers, "client.id": name, "linger.ms": 5,
                          "enable.idempotence": True}  # fmt: skip
                if kind != "None":
                    config["transactional.id"] = f"test-transactional-id-{testid}-{name}"
                producers[name] = confluent_kafka.Producer(config)
                if kind != "None":
                    producers[name].init_transactions()
            producer = producers[name]
            if kind.startswith("Begin"):
                producer.begin_transaction()
                in_transaction.add(name)
            where = {} if partition == -1 else {"partition": partition}
            for i in range(first, first + count):
                producer.produce(topic, key=bytes([i % 256]), value=b"\x10\x20\x30\x40", **where)
            if flush == "DoFlush":
                producer.flush()
            if kind.endswith("Abort"):
                producer.abort_transaction()
                in_transaction.discard(name)
            elif kind.endswith("Commit"):
                producer.commit_transaction()
                in_transaction.discard(name)
    for name, producer in producers.items():
        if name in in_transaction:  # as Java's close() does
            producer.abort_transaction()
        producer.flush()


if __name__ == "__main__":
    {
        "kafka-topics.sh": topics,
        "kafka-acls.sh": acls,
        "TransactionProducerCli": produce_in_transactions,
    }[sys.argv[1]](sys.argv[2:])
