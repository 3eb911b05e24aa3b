"""Where the offsets of a group shall go, and how they get there."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from cnengine.cli.cluster import Cluster
from cnengine.cli.values import natural
from cnengine.errors import ArgumentError, NotFoundError, StateError

Place = tuple[str, int]


def add_reset_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--topic", action="append", default=[], metavar="TOPIC[:PARTITION,...]",
        help="what to reset; repeatable")  # fmt: skip
    add("--all-topics", action="store_true", help="everything that the group has offsets of")
    to = parser.add_mutually_exclusive_group(required=True).add_argument
    to("--to-earliest", action="store_true", help="to the first record that is there")
    to("--to-latest", action="store_true", help="to the end")
    to("--to-current", action="store_true", help="to what is committed now")
    to("--to-offset", type=natural, metavar="N", help="to an offset")
    to(
        "--to-datetime",
        type=_milliseconds,
        metavar="TIME",
        help="to the first record from a time on: 2026-01-31T12:00:00.000; UTC without a zone",
    )
    to("--shift-by", type=int, metavar="N", help="by so many records, back when below 0")
    how = parser.add_mutually_exclusive_group().add_argument
    how("--dry-run", action="store_true", help="only show what would be done (the default)")
    how("--execute", action="store_true", help="do it")


def reset_offsets(
    cluster: Cluster, group: str, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """The rows of what was done, or would be done without `--execute`."""
    if bool(options.topic) == options.all_topics:
        raise ArgumentError(f"{cluster.what}: expected either --topic or --all-topics")
    partitions = cluster.topic_partitions([])
    committed = cluster.committed(group)
    if options.all_topics:
        places = [(t, p) for t, p in sorted(committed) if p in partitions.get(t, ())]
    else:
        places = _places(cluster, options.topic, partitions)
    _check_unused(cluster, group)
    target = _targets(cluster, places, committed, options)
    rows = [
        {"group": group, "topic": place[0], "partition": place[1],
         "current_offset": committed.get(place), "new_offset": offset}
        for place, offset in target.items()
    ]  # fmt: skip
    if options.execute and target:
        wanted = [cluster.kafka.TopicPartition(*place, offset) for place, offset in target.items()]
        request = cluster.kafka.ConsumerGroupTopicPartitions(group, wanted)
        futures = cluster.admin.alter_consumer_group_offsets(
            [request], request_timeout=cluster.timeout
        )
        for done in cluster.ask(futures[group]).topic_partitions:
            if done.error is not None:
                raise cluster.translated(done.error)
    return rows


def _places(cluster: Cluster, texts: list[str], partitions: dict[str, list[int]]) -> list[Place]:
    out: list[Place] = []
    for text in texts:
        topic, colon, numbers = text.partition(":")
        if topic not in partitions:
            raise NotFoundError(f'{cluster.what}: no topic "{topic}"')
        wanted = numbers.split(",") if colon else map(str, partitions[topic])
        for number in wanted:
            if not number.isdigit() or int(number) not in partitions[topic]:
                raise ArgumentError(f'{cluster.what}: topic "{topic}" has no partition "{number}"')
            out.append((topic, int(number)))
    return sorted(set(out))


def _check_unused(cluster: Cluster, group: str) -> None:
    """StateError while the group has members: they would commit over it."""
    future = cluster.admin.describe_consumer_groups([group], request_timeout=cluster.timeout)[group]
    try:
        members = cluster.ask(future).members
    except NotFoundError:  # a group that shall begin there
        return
    if members:
        raise StateError(
            f'{cluster.what}: group "{group}" has {len(members)} members; stop them first'
        )


def _targets(
    cluster: Cluster, places: list[Place], committed: dict[Place, int], options: argparse.Namespace
) -> dict[Place, int]:
    """The new offsets, none before the first record or behind the end."""
    spec = cluster.models.OffsetSpec
    first = cluster.offsets(places, spec.earliest())
    last = cluster.offsets(places, spec.latest())
    if options.to_earliest:
        wanted = first
    elif options.to_latest:
        wanted = last
    elif options.to_offset is not None:
        wanted = dict.fromkeys(places, options.to_offset)
    elif options.to_datetime is not None:
        found = cluster.offsets(places, spec.for_timestamp(options.to_datetime))
        wanted = {place: last[place] if at < 0 else at for place, at in found.items()}
    elif options.to_current:
        wanted = {place: committed.get(place, last[place]) for place in places}
    else:
        lacking = [f"{topic}-{index}" for topic, index in places if (topic, index) not in committed]
        if lacking:
            raise StateError(
                f"{cluster.what}: --shift-by needs committed offsets; none of {', '.join(lacking)}"
            )
        wanted = {place: committed[place] + options.shift_by for place in places}
    return {place: min(max(wanted[place], first[place]), last[place]) for place in places}


def _milliseconds(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a time such as 2026-01-31T12:00:00.000, got {text}"
        ) from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return round(time.timestamp() * 1000)
