"""The command `cnengine`. Each subcommand is a module with HELP, `add_arguments` and `run`."""

from __future__ import annotations

import argparse
import sys

from cnengine.cli import acl, broker, demo, group, topic, user
from cnengine.errors import Error

COMMANDS = {
    "acl": acl,
    "broker": broker,
    "demo": demo,
    "group": group,
    "topic": topic,
    "user": user,
}


def build_parser() -> argparse.ArgumentParser:
    """The parser with all subcommands."""
    from cnengine import __version__

    parser = argparse.ArgumentParser(
        prog="cnengine", description="From live events to predictions."
    )
    parser.add_argument("--version", action="version", version=f"cnengine {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command line; errors of cnengine are printed, without a traceback, with status 1."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except BrokenPipeError:  # `cnengine topic list | head`
        sys.stderr.close()
        return 141
    except (Error, OSError) as error:
        print(f"cnengine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
