"""`cnengine broker`: a log served to Kafka clients."""

from __future__ import annotations

import argparse
from pathlib import Path

from cnengine.cli.values import settings
from cnengine.errors import ArgumentError

HELP = "serve a log to Kafka clients"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", type=Path, metavar="DIR", required=True,
        help="the log's directory; made where there is none")  # fmt: skip
    add("--listen", default=None, metavar="HOST:PORT",
        help="address to listen on (127.0.0.1:9092, or listeners of the settings)")  # fmt: skip
    add("--config", type=Path, metavar="FILE", help="settings as name=value lines, Kafka's names")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting; repeatable")
    add("--metrics", nargs="?", const="127.0.0.1:9308", metavar="HOST:PORT",
        help="serve http://HOST:PORT/metrics to Prometheus (%(const)s)")  # fmt: skip
    add("--fsync", choices=("always", "interval", "none"), default="interval",
        help="when acknowledged records are forced to the disk (%(default)s)")  # fmt: skip


def run(options: argparse.Namespace) -> None:
    import signal
    import threading

    from cnengine import kafka, log

    config = settings(options.set, "broker: expected --set")
    if (options.data / "meta.properties").exists():
        raise ArgumentError(
            f'broker: "{options.data}" holds the data of another Kafka broker, which is laid out in'
            " another way; choose another --data"
        )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with (
        log.open(options.data, fsync=options.fsync) as store,
        kafka.Broker(store, listen=options.listen, config=config,
                     config_file=options.config, metrics_listen=options.metrics) as broker,
    ):  # fmt: skip
        metrics = f", metrics {broker.metrics_url}," if broker.metrics_url else ""
        print(f"broker {broker.bootstrap} on {options.data}{metrics} until Ctrl+C", flush=True)
        stopped.wait()
