"""The command `cnengine`. Each subcommand is one entry of `COMMANDS`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from cnengine.errors import ArgumentError, Error


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    add("--report", type=Path, metavar="FILE", default=Path("demo-report.html"),
        help="where the page goes (%(default)s)")  # fmt: skip
    add("--data", type=Path, metavar="DIR",
        help="keep log, features and model here, and go on from what is there; "
        "else a folder that is removed at the end")  # fmt: skip
    add("--days", type=_positive, metavar="N", help="only the first N days of the year")
    add("--seed", type=_seed, default=2013, help="of the delays of events (%(default)s)")
    add("--serve", action="store_true", help="then answer HTTP until stopped")
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=_port, default=8080, help="port to listen on (%(default)s)")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {text}")
    return value


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 on, got {text}")
    return value


def _port(text: str) -> int:
    """A port; 0 lets the system choose one."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text}")
    return int(text)


def _demo(options: argparse.Namespace) -> None:
    from cnengine.demo import main as demo

    demo.check_extra(serve=options.serve)
    with ExitStack() as stack:
        if options.serve:
            listener = stack.enter_context(demo.bind(options.host, options.port))
        folder = options.data
        if folder is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cnengine-demo-"))
        settings = demo.Options(
            Path(folder), options.days, options.seed, options.json, options.report
        )
        finished = demo.run(settings)
        if options.serve:
            listener.listen(1024)
            port = listener.getsockname()[1]
            print(f"serving http://{options.host}:{port}/ until Ctrl+C", flush=True)
            demo.serve(finished, listener)


def _broker_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", type=Path, metavar="DIR", required=True, help="the log's directory")
    add("--listen", default=None, metavar="HOST:PORT",
        help="address to listen on (127.0.0.1:9092, or listeners of the settings)")  # fmt: skip
    add("--config", type=Path, metavar="FILE", help="settings as name=value lines, Kafka's names")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting; repeatable")
    add("--fsync", choices=("always", "interval", "none"), default="interval",
        help="when acknowledged records are forced to the disk (%(default)s)")  # fmt: skip


def _broker(options: argparse.Namespace) -> None:
    import signal
    import threading

    from cnengine import kafka, log

    config = {}
    for text in options.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise ArgumentError(f"broker: expected --set name=value, got {text!r}")
        config[name] = value
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with (
        log.open(options.data, fsync=options.fsync) as store,
        kafka.Broker(store, listen=options.listen, config=config,
                     config_file=options.config) as broker,
    ):  # fmt: skip
        print(f"broker {broker.bootstrap} on {options.data} until Ctrl+C", flush=True)
        stopped.wait()


# name: (help, adds its arguments, runs)
COMMANDS: dict[str, tuple[str, Callable, Callable]] = {
    "broker": ("serve a log to Kafka clients", _broker_arguments, _broker),
    "demo": ("run the main job on the flights of New York, 2013", _demo_arguments, _demo),
}


def build_parser() -> argparse.ArgumentParser:
    """The parser with all subcommands."""
    from cnengine import __version__

    parser = argparse.ArgumentParser(
        prog="cnengine", description="From live events to predictions."
    )
    parser.add_argument("--version", action="version", version=f"cnengine {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (text, add_arguments, run) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        add_arguments(command)
        command.set_defaults(run=run)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command line; errors of cnengine are printed, without a traceback, with status 1."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (Error, OSError) as error:
        print(f"cnengine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
