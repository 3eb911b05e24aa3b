"""`cnengine topic`: topics of a cluster, in the manner of kafka-topics and kafka-configs."""

from __future__ import annotations

import argparse
from typing import Any

from cnengine.cli.cluster import Cluster, add_actions
from cnengine.cli.printing import print_rows, report
from cnengine.cli.values import positive, settings
from cnengine.errors import ArgumentError, Error, NotFoundError

HELP = "create, list, describe, alter and delete topics of a cluster"
_TOPIC_ALREADY_EXISTS = "TOPIC_ALREADY_EXISTS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_actions(parser, ACTIONS)


def run(options: argparse.Namespace) -> None:
    cluster = Cluster(options, f"topic {options.action}")
    ACTIONS[options.action][2](cluster, options)


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="TOPIC")
    parser.add_argument("--topic", action="append", default=[], metavar="TOPIC",
                        help="the same, as Kafka's tools have it")  # fmt: skip


def _named(cluster: Cluster, options: argparse.Namespace, *, at_least: int = 1) -> list[str]:
    names = [*options.names, *options.topic]
    if len(names) < at_least:
        raise ArgumentError(f"{cluster.what}: expected the name of a topic")
    return list(dict.fromkeys(names))


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", action="append", default=[], metavar="NAME=VALUE",
                        help="a setting of the topic; repeatable")  # fmt: skip


def _create_arguments(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    _settings(parser)
    add = parser.add_argument
    add("--partitions", type=positive, default=-1, help="how many (what the broker is set to)")
    add("--replication-factor", type=positive, default=-1, help="(what the broker is set to)")
    add("--if-not-exists", action="store_true", help="leave a topic that is there as it is")


def _create(cluster: Cluster, options: argparse.Namespace) -> None:
    config = settings(options.config, f"{cluster.what}: expected --config")
    names = _named(cluster, options)
    wanted = [
        cluster.models.NewTopic(name, options.partitions, options.replication_factor, config=config)
        for name in names
    ]
    futures = cluster.admin.create_topics(wanted, request_timeout=cluster.timeout)
    with report(as_json=options.json) as done:
        for name in names:
            try:
                cluster.ask(futures[name])
                done({"topic": name, "created": True}, f"created topic {name}")
            except Error as error:
                if not options.if_not_exists or _TOPIC_ALREADY_EXISTS not in str(error):
                    raise
                done({"topic": name, "created": False}, f"topic {name} is there already")


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exclude-internal", action="store_true", help="without those of a broker")


def _list(cluster: Cluster, options: argparse.Namespace) -> None:
    rows = [
        {"topic": name, "partitions": len(topic.partitions)}
        for name, topic in sorted(cluster.metadata().topics.items())
        if not (options.exclude_internal and name.startswith("__"))
    ]
    if options.json:
        print_rows(rows, ("topic", "partitions"), as_json=True)
    else:
        for row in rows:
            print(row["topic"])


def _describe(cluster: Cluster, options: argparse.Namespace) -> None:
    partitions = cluster.topic_partitions(_named(cluster, options, at_least=0))
    metadata = cluster.metadata().topics
    places = [(name, index) for name, indexes in partitions.items() for index in indexes]
    first = cluster.offsets(places, cluster.models.OffsetSpec.earliest())
    last = cluster.offsets(places, cluster.models.OffsetSpec.latest())
    configs = _own_settings(cluster, list(partitions))
    described = []
    for name, indexes in partitions.items():
        known = metadata[name].partitions
        rows = [
            {"partition": index, "leader": known[index].leader, "replicas": known[index].replicas,
             "isr": known[index].isrs, "earliest": first[name, index], "latest": last[name, index]}
            for index in indexes
        ]  # fmt: skip
        described.append({"topic": name, "configs": configs[name], "partitions": rows})
    if options.json:
        print_rows(described, (), as_json=True)
        return
    for topic in described:
        rows = topic["partitions"]
        config = ",".join(f"{name}={value}" for name, value in sorted(topic["configs"].items()))
        count = f"{len(rows)} partition{'s' * (len(rows) != 1)}"
        print(f"topic {topic['topic']}, {count}, settings: {config or 'none'}")
        print_rows(rows, ("partition", "leader", "replicas", "isr", "earliest", "latest"),
                   as_json=False)  # fmt: skip


def _own_settings(cluster: Cluster, names: list[str]) -> dict[str, dict[str, str]]:
    """The settings that topics have of their own."""
    if not names:
        return {}
    kind = cluster.models.ConfigResource
    resources = {name: kind(kind.Type.TOPIC, name) for name in names}
    futures = cluster.admin.describe_configs(
        list(resources.values()), request_timeout=cluster.timeout
    )
    own = cluster.models.ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    return {
        name: {
            entry.name: entry.value
            for entry in cluster.ask(futures[resource]).values()
            if _source(entry) == own
        }
        for name, resource in resources.items()
    }


def _source(entry: Any) -> int:
    return getattr(entry.source, "value", entry.source)


def _alter_arguments(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    _settings(parser)
    add = parser.add_argument
    add("--partitions", type=positive, help="how many it shall have, more than now")
    add("--delete-config", action="append", default=[], metavar="NAME",
        help="a setting to take from the topic: the broker's applies; repeatable")  # fmt: skip


def _alter(cluster: Cluster, options: argparse.Namespace) -> None:
    change = settings(options.config, f"{cluster.what}: expected --config")
    names = _named(cluster, options)
    if not (change or options.delete_config or options.partitions):
        raise ArgumentError(f"{cluster.what}: expected --partitions, --config or --delete-config")
    cluster.topic_partitions(names)
    if change or options.delete_config:
        _alter_settings(cluster, names, change, options.delete_config)
    if options.partitions:
        wanted = [cluster.models.NewPartitions(name, options.partitions) for name in names]
        cluster.ask_each(cluster.admin.create_partitions(wanted, request_timeout=cluster.timeout))
    with report(as_json=options.json) as done:
        for name in names:
            done({"topic": name, "altered": True}, f"altered topic {name}")


def _alter_settings(
    cluster: Cluster, names: list[str], change: dict[str, str], remove: list[str]
) -> None:
    models = cluster.models
    entries = [
        models.ConfigEntry(name, value, incremental_operation=models.AlterConfigOpType.SET)
        for name, value in change.items()
    ]
    entries += [
        models.ConfigEntry(name, "", incremental_operation=models.AlterConfigOpType.DELETE)
        for name in remove
    ]
    kind = models.ConfigResource
    resources = [kind(kind.Type.TOPIC, name, incremental_configs=entries) for name in names]
    cluster.ask_each(
        cluster.admin.incremental_alter_configs(resources, request_timeout=cluster.timeout)
    )


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument(
        "--if-exists", action="store_true", help="a topic that is not there is fine"
    )


def _delete(cluster: Cluster, options: argparse.Namespace) -> None:
    names = _named(cluster, options)
    futures = cluster.admin.delete_topics(names, request_timeout=cluster.timeout)
    with report(as_json=options.json) as done:
        for name in names:
            try:
                cluster.ask(futures[name])
                done({"topic": name, "deleted": True}, f"deleted topic {name}")
            except NotFoundError:
                if not options.if_exists:
                    raise NotFoundError(f'{cluster.what}: no topic "{name}"') from None
                done({"topic": name, "deleted": False}, f"no topic {name}")


def _place(text: str) -> tuple[int, int]:
    """PARTITION:OFFSET; `latest` is -1."""
    partition, colon, offset = text.partition(":")
    if not colon or not partition.isdigit() or not (offset.isdigit() or offset == "latest"):
        raise argparse.ArgumentTypeError(f"expected PARTITION:OFFSET or PARTITION:latest: {text}")
    return int(partition), -1 if offset == "latest" else int(offset)


def _records_delete_arguments(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    add = parser.add_argument
    add("--before", action="append", type=_place, default=[], metavar="PARTITION:OFFSET",
        help="where the records end that go; `latest` for all of them; repeatable")  # fmt: skip
    add("--all", action="store_true", help="all records of all partitions")


def _records_delete(cluster: Cluster, options: argparse.Namespace) -> None:
    names = _named(cluster, options)
    if bool(options.before) == options.all:
        raise ArgumentError(f"{cluster.what}: expected either --before or --all")
    partitions = cluster.topic_partitions(names)
    make = cluster.kafka.TopicPartition
    places = [
        make(name, index, offset)
        for name in names
        for index, offset in (options.before or [(i, -1) for i in partitions[name]])
    ]
    futures = cluster.admin.delete_records(places, request_timeout=cluster.timeout)
    rows = [
        {"topic": place.topic, "partition": place.partition,
         "earliest": cluster.ask(future).low_watermark}
        for place, future in futures.items()
    ]  # fmt: skip
    print_rows(rows, ("topic", "partition", "earliest"), as_json=options.json)


ACTIONS = {
    "create": ("create topics", _create_arguments, _create),
    "list": ("list the names of topics", _list_arguments, _list),
    "describe": ("show partitions, offsets and settings of topics", _names, _describe),
    "alter": ("change settings, add partitions", _alter_arguments, _alter),
    "delete": ("delete topics", _delete_arguments, _delete),
    "records-delete": ("delete the oldest records", _records_delete_arguments, _records_delete),
}
