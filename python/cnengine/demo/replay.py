"""The last month again, live: a new process, an empty store, one event at a time.

`write_task` leaves what the process needs in a folder: the requests, and what history says about
them. ``python -m cnengine.demo.replay FOLDER LOG`` answers the requests in the order of their time,
compares every feature and prediction with history, and prints its progress and findings as JSON
lines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather

from cnengine.demo.features import FEATURES, STREAMED, create_views
from cnengine.demo.pipeline import build_job, run_to_end
from cnengine.demo.predictor import Predictor
from cnengine.demo.requests import PLAN, STATIC
from cnengine.errors import Error

REQUESTS_FILE, HISTORY_FILE, LATENCY_FILE = "replay.arrow", "history.npy", "latency.npy"


def write_task(
    folder: Path, requests: pa.Table, matrix: np.ndarray, predicted: np.ndarray, start_ms: int
) -> None:
    """Write the requests to replay with their features and predictions from history.

    `start_ms` is the arrival time of the first event of the log.
    """
    table = requests.replace_schema_metadata({"start_ms": str(start_ms)})
    pyarrow.feather.write_feather(table, folder / REQUESTS_FILE, compression="uncompressed")
    np.save(folder / HISTORY_FILE, np.column_stack([matrix, predicted]))


def different(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where two float64 arrays differ in any bit; NaN equals NaN."""
    bits = np.ascontiguousarray(a).view(np.int64) != np.ascontiguousarray(b).view(np.int64)
    return bits & ~(np.isnan(a) & np.isnan(b))


def percentiles(nanoseconds: np.ndarray) -> dict[str, float]:
    """p50, p99 and p99.9 in microseconds."""
    points = np.percentile(nanoseconds, [50, 99, 99.9]) / 1000 if len(nanoseconds) else [0.0] * 3
    return dict(zip(("p50", "p99", "p999"), (round(float(p), 2) for p in points), strict=True))


def answer_all(
    job, predictor: Predictor, requests: pa.Table, report: Callable[[int], None]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Answer the requests in order, letting the job take in first what has arrived until then.

    Returns features and prediction of each request, float64 (rows, features + 1), the nanoseconds
    of each answer, and the seconds that the job took.
    """
    columns = [requests[name].to_pylist() for name in ("carrier", "origin", "dest", "tailnum")]
    times = requests["time"].cast(pa.int64()).to_pylist()
    plans = np.column_stack([requests[name].to_numpy() for name in PLAN]).tolist()
    out = np.empty((len(times), len(FEATURES) + 1))
    took = np.empty(len(times), np.int64)
    clock, streaming = None, 0.0
    now = time.perf_counter_ns
    for i, (at, plan, *keys) in enumerate(zip(times, plans, *columns, strict=True)):
        if at != clock:
            begin = now()
            job.run(until=at, max_batch=1)
            streaming += (now() - begin) / 1e9
            clock = at
        begin = now()
        probability = predictor.predict(*keys, plan, at)
        took[i] = now() - begin
        out[i, :-1] = predictor.row
        out[i, -1] = probability
        if i % 500 == 0:
            report(i)
    return out, took, streaming


def replay(folder: Path, log_path: Path, report: Callable[[dict], None]) -> dict:
    """Run the whole replay in this process and compare it with history."""
    from cnengine import feature
    from cnengine import log as logs

    requests = pyarrow.feather.read_table(folder / REQUESTS_FILE)
    start = int(requests.schema.metadata[b"start_ms"])
    store = feature.open()
    create_views(store, history=False)
    predictor = Predictor(store, folder)
    with logs.open(log_path, read_only=True) as log:
        job = build_job(log, store)
        first = requests["time"][0].cast(pa.int64()).as_py()
        total = requests.num_rows
        begin = time.perf_counter()
        run_to_end(
            job,
            start,
            first - 1,
            max_batch=1,
            progress=lambda done, days: report({"warm": done, "of": days}),
        )
        warm = time.perf_counter() - begin
        got, took, streaming = answer_all(
            job, predictor, requests, lambda done: report({"answered": done, "of": total})
        )
        metrics = job.metrics()
    want = np.load(folder / HISTORY_FILE)
    np.save(folder / LATENCY_FILE, took)
    differs = different(got, want)
    looked_up = differs[:, len(STATIC) : -1]
    names = FEATURES[len(STATIC) :]
    return {
        "requests": total,
        "mismatches": int(looked_up.sum()),
        "mismatches_by_feature": {
            n: int(c) for n, c in zip(names, looked_up.sum(axis=0), strict=True) if c
        },
        "compared": int(looked_up.size),
        "present": int((~np.isnan(got[:, len(STATIC) : len(STATIC) + len(STREAMED)])).sum()),
        "static_mismatches": int(differs[:, : len(STATIC)].sum()),
        "prediction_mismatches": int(differs[:, -1].sum()),
        "latency_us": percentiles(took),
        "events": metrics["records"],
        "events_per_s": metrics["records"] / (warm + streaming),
        "event_us": event_latency(metrics),
    }


def event_latency(metrics: dict) -> dict[str, float]:
    """p50, p99 and p99.9 from event to updated feature in microseconds, as the job measured."""
    record = metrics["record_ns"]
    return {name: round(record[name] / 1000, 2) for name in ("p50", "p99", "p999")}


def replay_in_new_process(
    folder: Path, log_path: Path, progress: Callable[[int, int], None] | None = None
) -> dict:
    """Start the replay in a process of its own and wait for its findings.

    `progress` is called with (done, all). Raises Error with the process's last words if it fails.
    """
    command = [sys.executable, "-m", "cnengine.demo.replay", str(folder), str(log_path)]
    words: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout:
            try:
                found = json.loads(line)
            except ValueError:
                words = [*words[-19:], line]
                continue
            if "mismatches" in found:
                result = found
            elif progress:
                half = found["of"]
                warm, answered = found.get("warm", half), found.get("answered", 0)
                progress(round(500 * warm / half + 500 * answered / half), 1000)
    if process.returncode != 0:
        raise Error(f"demo: the replay ended with status {process.returncode}:\n{''.join(words)}")
    return result


def main(arguments: list[str] | None = None) -> None:
    """The command ``python -m cnengine.demo.replay``."""
    parser = argparse.ArgumentParser(
        description="Replay requests against a log, one event at a time."
    )
    parser.add_argument("folder", type=Path, help="what write_task and the training left")
    parser.add_argument("log", type=Path, help="the log to read")
    options = parser.parse_args(arguments)

    def report(line: dict) -> None:
        print(json.dumps(line), flush=True)

    report(replay(options.folder, options.log, report))


if __name__ == "__main__":
    main()
