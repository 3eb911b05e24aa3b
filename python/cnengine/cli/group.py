"""`cnengine group`: consumer groups of a cluster, in the manner of kafka-consumer-groups."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from cnengine.cli.cluster import Cluster, add_actions
from cnengine.cli.offset_reset import add_reset_arguments, reset_offsets
from cnengine.cli.printing import print_rows, report
from cnengine.errors import ArgumentError, NotFoundError

HELP = "list, describe and delete consumer groups of a cluster, and move their offsets"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_actions(parser, ACTIONS)


def run(options: argparse.Namespace) -> None:
    cluster = Cluster(options, f"group {options.action}")
    ACTIONS[options.action][2](cluster, options)


def _groups(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("groups", nargs="*", metavar="GROUP")
    parser.add_argument("--group", action="append", default=[], metavar="GROUP",
                        help="the same, as Kafka's tools have it")  # fmt: skip


def _named(cluster: Cluster, options: argparse.Namespace) -> list[str]:
    names = list(dict.fromkeys([*options.groups, *options.group]))
    if not names:
        raise ArgumentError(f"{cluster.what}: expected the name of a group")
    return names


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", action="store_true", help="with the state of each")


def _listed(cluster: Cluster) -> list[dict[str, Any]]:
    cluster.metadata()  # says at once when nobody answers
    found = cluster.ask(cluster.admin.list_consumer_groups(request_timeout=cluster.timeout))
    for error in found.errors:
        raise cluster.translated(error)
    rows = [
        {"group": each.group_id, "state": _word(each.state), "type": _word(each.type)}
        for each in found.valid
    ]
    return sorted(rows, key=lambda row: row["group"])


def _list(cluster: Cluster, options: argparse.Namespace) -> None:
    rows = _listed(cluster)
    if options.json or options.state:
        print_rows(rows, ("group", "state", "type"), as_json=options.json)
    else:
        for row in rows:
            print(row["group"])


def _describe_arguments(parser: argparse.ArgumentParser) -> None:
    _groups(parser)
    add = parser.add_argument
    add("--all-groups", action="store_true", help="every group of the cluster")
    add("--members", action="store_true", help="who is in it, instead of the offsets")
    add("--state", action="store_true", help="state, assignor and size, instead of the offsets")


def _describe(cluster: Cluster, options: argparse.Namespace) -> None:
    if options.members and options.state:
        raise ArgumentError(f"{cluster.what}: expected --members or --state, not both")
    if options.all_groups:
        names = [row["group"] for row in _listed(cluster)]
    else:
        names = _named(cluster, options)
        cluster.metadata()
    futures = cluster.admin.describe_consumer_groups(names, request_timeout=cluster.timeout)
    groups = [cluster.ask(futures[name]) for name in names]
    for group in groups:
        if group.state == cluster.kafka.ConsumerGroupState.DEAD and not options.all_groups:
            raise NotFoundError(f'{cluster.what}: no group "{group.group_id}"')
    if options.state:
        rows = [
            {"group": g.group_id, "state": _word(g.state), "assignor": g.partition_assignor,
             "coordinator": _node(g.coordinator), "members": len(g.members)}
            for g in groups
        ]  # fmt: skip
        columns: tuple[str, ...] = ("group", "state", "assignor", "coordinator", "members")
    elif options.members:
        rows = [row for g in groups for row in _member_rows(g)]
        columns = ("group", "consumer_id", "instance_id", "host", "client_id", "assignment")
    else:
        rows = [row for g in groups for row in _lag_rows(cluster, g)]
        columns = ("group", "topic", "partition", "current_offset", "log_end_offset", "lag",
                   "consumer_id", "host", "client_id")  # fmt: skip
    print_rows(rows, columns, as_json=options.json, none="nothing to show")


def _member_rows(group: Any) -> list[dict[str, Any]]:
    return [
        {"group": group.group_id, "consumer_id": m.member_id, "instance_id": m.group_instance_id,
         "host": m.host, "client_id": m.client_id,
         "assignment": [f"{p.topic}-{p.partition}" for p in _assigned(m)]}
        for m in group.members
    ]  # fmt: skip


def _lag_rows(cluster: Cluster, group: Any) -> list[dict[str, Any]]:
    """Committed offsets, and assigned partitions without one; how far each is behind the end."""
    committed = cluster.committed(group.group_id)
    owners = {(p.topic, p.partition): m for m in group.members for p in _assigned(m)}
    places = sorted(committed.keys() | owners.keys())
    partitions = cluster.metadata().topics
    there = [
        (topic, index) for topic, index in places
        if topic in partitions and index in partitions[topic].partitions
    ]  # fmt: skip
    ends = cluster.offsets(there, cluster.models.OffsetSpec.latest())
    rows = []
    for place in places:
        offset, end, owner = committed.get(place), ends.get(place), owners.get(place)
        rows.append(
            {"group": group.group_id, "topic": place[0], "partition": place[1],
             "current_offset": offset, "log_end_offset": end,
             "lag": None if offset is None or end is None else max(end - offset, 0),
             "consumer_id": owner and owner.member_id, "host": owner and owner.host,
             "client_id": owner and owner.client_id}
        )  # fmt: skip
    return rows


def _delete(cluster: Cluster, options: argparse.Namespace) -> None:
    names = _named(cluster, options)
    cluster.metadata()
    futures = cluster.admin.delete_consumer_groups(names, request_timeout=cluster.timeout)
    with report(as_json=options.json) as done:
        for name in names:
            try:
                cluster.ask(futures[name])
            except NotFoundError as error:
                raise NotFoundError(f'{cluster.what}: no group "{name}"') from error
            done({"group": name, "deleted": True}, f"deleted group {name}")


def _reset_arguments(parser: argparse.ArgumentParser) -> None:
    _groups(parser)
    add_reset_arguments(parser)


def _reset(cluster: Cluster, options: argparse.Namespace) -> None:
    rows = [
        row for name in _named(cluster, options) for row in reset_offsets(cluster, name, options)
    ]
    print_rows(rows, ("group", "topic", "partition", "current_offset", "new_offset"),
               as_json=options.json, none="no partitions to reset")  # fmt: skip
    if options.to_offset is not None:
        for row in rows:
            if row["new_offset"] != options.to_offset:
                side = "first" if row["new_offset"] > options.to_offset else "end"
                print(f"{cluster.what}: {row['topic']}-{row['partition']} has no offset "
                      f"{options.to_offset}: {row['new_offset']}, its {side}, instead",
                      file=sys.stderr)  # fmt: skip
    if not options.execute:
        print(f"{cluster.what}: nothing was changed; --execute does it", file=sys.stderr)


def _assigned(member: Any) -> list[Any]:
    return member.assignment.topic_partitions if member.assignment else []


def _word(value: Any) -> str | None:
    """An enum's name as Kafka's tools write it: PREPARING_REBALANCING is PreparingRebalancing."""
    return None if value is None else "".join(part.capitalize() for part in value.name.split("_"))


def _node(node: Any) -> str | None:
    return None if node is None else f"{node.host}:{node.port}"


ACTIONS = {
    "list": ("list the names of groups", _list_arguments, _list),
    "describe": ("show offsets and lag, members or state", _describe_arguments, _describe),
    "delete": ("delete groups without members, with their offsets", _groups, _delete),
    "reset-offsets": ("move the offsets of a group without members", _reset_arguments, _reset),
}
