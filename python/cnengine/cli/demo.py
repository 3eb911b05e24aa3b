"""`cnengine demo`: the main job on the flights of New York, 2013."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from cnengine.cli.values import natural, port, positive

HELP = "run the main job on the flights of New York, 2013"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    add("--report", type=Path, metavar="FILE", default=Path("demo-report.html"),
        help="where the page goes (%(default)s)")  # fmt: skip
    add("--data", type=Path, metavar="DIR",
        help="keep log, features and model here, and go on from what is there; "
        "else a folder that is removed at the end")  # fmt: skip
    add("--days", type=positive, metavar="N", help="only the first N days of the year")
    add("--seed", type=natural, default=2013, help="of the delays of events (%(default)s)")
    add("--serve", action="store_true", help="then answer HTTP until stopped")
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=port, default=8080, help="port to listen on (%(default)s)")


def run(options: argparse.Namespace) -> None:
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
