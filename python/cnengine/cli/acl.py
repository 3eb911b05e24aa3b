"""`cnengine acl`: rules of who may do what on a cluster, in the manner of kafka-acls."""

from __future__ import annotations

import argparse
from itertools import product
from typing import Any

from cnengine.cli.cluster import Cluster, add_actions
from cnengine.cli.printing import print_rows
from cnengine.errors import ArgumentError

HELP = "add, list and remove access rules (ACLs) of a cluster"
CLUSTER_NAME = "kafka-cluster"
OPERATIONS = ("all", "read", "write", "create", "delete", "alter", "describe", "cluster-action",
              "describe-configs", "alter-configs", "idempotent-write")  # fmt: skip
COLUMNS = ("principal", "permission", "operation", "resource", "name", "pattern", "host")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_actions(parser, ACTIONS)


def run(options: argparse.Namespace) -> None:
    cluster = Cluster(options, f"acl {options.action}")
    ACTIONS[options.action][2](cluster, options)


def _resources(parser: argparse.ArgumentParser, patterns: tuple[str, ...]) -> None:
    add = parser.add_argument
    add("--topic", action="append", default=[], metavar="NAME", help="`*` for all; repeatable")
    add("--group", action="append", default=[], metavar="NAME", help="`*` for all; repeatable")
    add("--transactional-id", action="append", default=[], metavar="NAME")
    add("--cluster", action="store_true", help="the cluster itself")
    add("--resource-pattern-type", choices=patterns, default=patterns[0],
        help="how names are meant (%(default)s)")  # fmt: skip


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    _resources(parser, ("literal", "prefixed"))
    add = parser.add_argument
    for permission in ("allow", "deny"):
        add(f"--{permission}-principal", action="append", default=[], metavar="User:NAME")
        add(f"--{permission}-host", action="append", default=[], metavar="ADDRESS",
            help="from where (anywhere)")  # fmt: skip
    add("--operation", action="append", default=[], type=str.lower, choices=OPERATIONS,
        help="what (all); repeatable")  # fmt: skip
    add("--producer", action="store_true",
        help="what producers need: write, describe and create of --topic")  # fmt: skip
    add("--consumer", action="store_true",
        help="what consumers need: read and describe of --topic, read of --group")  # fmt: skip


def _add(cluster: Cluster, options: argparse.Namespace) -> None:
    who = [
        (permission, principal, host)
        for permission in ("allow", "deny")
        for principal, host in product(
            getattr(options, f"{permission}_principal"),
            getattr(options, f"{permission}_host") or ["*"],
        )
    ]
    if not who:
        raise ArgumentError(f"{cluster.what}: expected --allow-principal or --deny-principal")
    rules = []
    for kind, name, operations in _what(cluster, options):
        for operation, (permission, principal, host) in product(operations, who):
            rules.append(
                _binding(cluster, cluster.models.AclBinding, kind, name,
                         options.resource_pattern_type, principal, host, operation, permission)
            )  # fmt: skip
    cluster.metadata()
    rules = list(dict.fromkeys(rules))
    cluster.ask_each(cluster.admin.create_acls(rules, request_timeout=cluster.timeout))
    print_rows([_row(rule) for rule in rules], COLUMNS, as_json=options.json)


def _named_resources(options: argparse.Namespace) -> list[tuple[str, str]]:
    named = [
        (kind, name)
        for kind in ("topic", "group", "transactional_id")
        for name in getattr(options, kind)
    ]
    return named + ([("broker", CLUSTER_NAME)] if options.cluster else [])


def _what(cluster: Cluster, options: argparse.Namespace) -> list[tuple[str, str, list[str]]]:
    """(kind, name, operations) of the resources that rules are added to."""
    resources = _named_resources(options)
    if not resources:
        raise ArgumentError(
            f"{cluster.what}: expected --topic, --group, --transactional-id or --cluster"
        )
    if not (options.producer or options.consumer):
        return [(kind, name, options.operation or ["all"]) for kind, name in resources]
    if options.operation:
        raise ArgumentError(f"{cluster.what}: expected --operation, or --producer and --consumer")
    if not options.topic or (options.consumer and not options.group):
        raise ArgumentError(f"{cluster.what}: expected --topic, and with --consumer also --group")
    needed: dict[str, list[str]] = {}
    if options.producer:
        needed["topic"] = ["write", "describe", "create"]
        needed["transactional_id"] = ["write", "describe"]
    if options.consumer:
        needed["topic"] = [*needed.get("topic", []), "read", "describe"]
        needed["group"] = ["read"]
    return [(kind, name, needed[kind]) for kind, name in resources if kind in needed]


def _filter_arguments(parser: argparse.ArgumentParser) -> None:
    _resources(parser, ("any", "literal", "prefixed", "match"))
    add = parser.add_argument
    add("--principal", metavar="User:NAME")
    add("--host", metavar="ADDRESS")
    add("--operation", type=str.lower, choices=OPERATIONS)
    add("--permission", choices=("allow", "deny"))


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    _filter_arguments(parser)
    parser.add_argument("--all", action="store_true", help="every rule")


def _filters(cluster: Cluster, options: argparse.Namespace) -> list[Any]:
    return [
        _binding(cluster, cluster.models.AclBindingFilter, kind, name,
                 options.resource_pattern_type, options.principal, options.host,
                 options.operation or "any", options.permission or "any")
        for kind, name in _named_resources(options) or [("any", None)]
    ]  # fmt: skip


def _list(cluster: Cluster, options: argparse.Namespace) -> None:
    cluster.metadata()
    cluster.check_may_describe()
    found = [
        _row(rule)
        for asked in _filters(cluster, options)
        for rule in cluster.ask(cluster.admin.describe_acls(asked, request_timeout=cluster.timeout))
    ]
    _print(found, options)


def _remove(cluster: Cluster, options: argparse.Namespace) -> None:
    some = _named_resources(options) or any(
        (options.principal, options.host, options.operation, options.permission)
    )
    if bool(some) == options.all:
        raise ArgumentError(f"{cluster.what}: expected either what to remove or --all")
    cluster.metadata()
    futures = cluster.admin.delete_acls(_filters(cluster, options), request_timeout=cluster.timeout)
    _print([_row(rule) for future in futures.values() for rule in cluster.ask(future)], options)


def _print(rows: list[dict[str, str]], options: argparse.Namespace) -> None:
    unique = {tuple(row.values()): row for row in rows}
    print_rows([unique[key] for key in sorted(unique)], COLUMNS, as_json=options.json,
               none="no such rules")  # fmt: skip


def _binding(
    cluster: Cluster, make: Any, kind: str, name: str | None, pattern: str, principal: str | None,
    host: str | None, operation: str, permission: str,
) -> Any:  # fmt: skip
    """An AclBinding, or a filter of them."""
    models = cluster.models
    try:
        return make(
            models.ResourceType[kind.upper()],
            name,
            models.ResourcePatternType[pattern.upper()],
            principal,
            host,
            models.AclOperation[operation.upper().replace("-", "_")],
            models.AclPermissionType[permission.upper()],
        )
    except KeyError as error:
        raise ArgumentError(
            f"{cluster.what}: this version of confluent-kafka knows no {error.args[0]}"
        ) from error


def _row(rule: Any) -> dict[str, str]:
    kind = rule.restype.name.lower()
    return {
        "principal": rule.principal,
        "permission": rule.permission_type.name.lower(),
        "operation": rule.operation.name.lower().replace("_", "-"),
        "resource": "cluster" if kind == "broker" else kind.replace("_", "-"),
        "name": rule.name,
        "pattern": rule.resource_pattern_type.name.lower(),
        "host": rule.host,
    }


ACTIONS = {
    "add": ("add rules", _add_arguments, _add),
    "list": ("list rules", _filter_arguments, _list),
    "remove": ("remove rules", _remove_arguments, _remove),
}
