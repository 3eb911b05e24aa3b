"""`cnengine user`: who may log in to a cluster with SCRAM, in the manner of kafka-configs."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from cnengine.cli.cluster import Cluster, add_actions
from cnengine.cli.printing import print_rows, report
from cnengine.cli.values import positive
from cnengine.errors import ArgumentError, NotFoundError

HELP = "add, list and remove users of a cluster (SCRAM)"
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_actions(parser, ACTIONS)


def run(options: argparse.Namespace) -> None:
    cluster = Cluster(options, f"user {options.action}")
    ACTIONS[options.action][2](cluster, options)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="USER")
    add("--mechanism", choices=MECHANISMS, default="SCRAM-SHA-512", help="(%(default)s)")
    add("--iterations", type=positive, default=4096, help="(%(default)s)")
    secret = parser.add_mutually_exclusive_group().add_argument
    secret("--password", help="seen by everybody who sees the processes of this machine; "
           "without it, it is asked for, or read from the standard input")  # fmt: skip
    secret("--password-file", type=Path, metavar="FILE", help="its first line")


def _password(cluster: Cluster, options: argparse.Namespace) -> str:
    if options.password is not None:
        password = options.password
    elif options.password_file is not None:
        password = options.password_file.read_text().split("\n", 1)[0]
    elif sys.stdin.isatty():
        try:
            password = getpass.getpass(f"password of {options.name}: ")
        except EOFError:  # Ctrl-D
            password = ""
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise ArgumentError(f"{cluster.what}: expected a password, got an empty one")
    return password


def _add(cluster: Cluster, options: argparse.Namespace) -> None:
    models = cluster.models
    info = models.ScramCredentialInfo(_mechanism(cluster, options.mechanism), options.iterations)
    change = models.UserScramCredentialUpsertion(
        options.name, info, _password(cluster, options).encode()
    )
    cluster.metadata()
    futures = cluster.admin.alter_user_scram_credentials([change], request_timeout=cluster.timeout)
    cluster.ask_each(futures)
    with report(as_json=options.json) as done:
        done(
            {"user": options.name, "mechanism": options.mechanism, "added": True},
            f"user {options.name} may log in by {options.mechanism}",
        )


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="USER", help="(all users)")


def _credentials(cluster: Cluster) -> dict[str, list[tuple[str, int]]]:
    """(mechanism, iterations) of every user."""
    cluster.metadata()
    cluster.check_may_describe()
    found = cluster.ask(
        cluster.admin.describe_user_scram_credentials(request_timeout=cluster.timeout)
    )
    return {
        name: [(_mechanism_name(info.mechanism), info.iterations)
               for info in each.scram_credential_infos]
        for name, each in sorted(found.items())
    }  # fmt: skip


def _list(cluster: Cluster, options: argparse.Namespace) -> None:
    known = _credentials(cluster)
    for name in options.names:
        if name not in known:
            raise NotFoundError(f'{cluster.what}: no user "{name}"')
    rows = [
        {"user": name, "mechanism": mechanism, "iterations": iterations}
        for name in options.names or known
        for mechanism, iterations in known[name]
    ]
    print_rows(rows, ("user", "mechanism", "iterations"), as_json=options.json, none="no users")


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="USER")
    parser.add_argument("--mechanism", choices=MECHANISMS, help="only of this one (all)")


def _remove(cluster: Cluster, options: argparse.Namespace) -> None:
    known = [mechanism for mechanism, _ in _credentials(cluster).get(options.name, [])]
    gone = [m for m in known if options.mechanism in (None, m)]
    if not gone:
        raise NotFoundError(f'{cluster.what}: no user "{options.name}" to remove')
    for mechanism in gone:  # a request may name a user once
        change = cluster.models.UserScramCredentialDeletion(
            options.name, _mechanism(cluster, mechanism)
        )
        cluster.ask_each(
            cluster.admin.alter_user_scram_credentials([change], request_timeout=cluster.timeout)
        )
    with report(as_json=options.json) as done:
        done(
            {"user": options.name, "mechanisms": gone, "removed": True},
            f"removed user {options.name} of {', '.join(gone)}",
        )


def _mechanism(cluster: Cluster, name: str):
    return cluster.models.ScramMechanism[name.replace("-", "_")]


def _mechanism_name(mechanism) -> str:
    return mechanism.name.replace("_", "-")


ACTIONS = {
    "add": ("add a user, or give one another password", _add_arguments, _add),
    "list": ("list users", _list_arguments, _list),
    "remove": ("remove a user", _remove_arguments, _remove),
}
