"""Times cnengine beside its peers: same data, same threads, results checked equal, in turns.

A benchmark module `bench/<subsystem>/bench_<noun>.py` has a docstring that says what is measured,
and

    def cases(scale: float) -> Iterator[tuple[str, Callable[[], object]]]
        # "cnengine" first, then each peer that `peer("name")` finds. scale 1.0 is the size that the
        # docstring names; the smoke test passes a small one.
    def check(results: dict[str, object]) -> None
        # raises AssertionError when the results (name -> what the callable returned) differ
    OPS = lambda scale: 1_000_000        # optional: operations a call, for a rate
    ROUNDS = 5                           # optional; a number, or a function of the data set
    WARM_UP = True                       # optional; False for what takes minutes

A callable with an attribute `seconds` times itself: what it set is taken after each call.

`pytest bench` (or `make bench`) runs all of them through pytest-benchmark and writes
`bench/results/<subsystem>_<noun>.json`.
"""

import importlib
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

THREADS = int(os.environ.get("CNENGINE_NUM_THREADS", "2"))
ROOT = Path(__file__).resolve().parent.parent
BOUNDS = ("copy",)  # cases that say what the machine allows
PEERS = ("duckdb", "polars", "pyarrow", "lightgbm", "xgboost-cpu", "catboost", "scikit-learn",
         "numpy", "lmdb", "bytewax", "pandas", "torch", "jax", "numexpr", "tensorflow")  # fmt: skip


def peer(name: str) -> ModuleType | None:
    """The module of a peer library, or None when it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def limit_threads() -> None:
    """Gives every library the same number of threads; to be called before they are imported."""
    for variable in ("CNENGINE_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS",
                     "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"):  # fmt: skip
        os.environ[variable] = str(THREADS)
    if pyarrow := peer("pyarrow"):
        pyarrow.set_cpu_count(THREADS)


class Times(dict[str, list[float]]):
    """Wall seconds by case and round; processor seconds in `cpu`, of calls that return a number
    that number in `quality`."""

    def __init__(self, names) -> None:
        super().__init__((name, []) for name in names)
        self.cpu: dict[str, list[float]] = {name: [] for name in names}
        self.quality: dict[str, float] = {}


def measure(
    cases: dict[str, Callable[[], object]],
    check: Callable[[dict[str, object]], None],
    *,
    rounds: int,
    seconds: float = 120.0,
    warm_up: bool = True,
) -> Times:
    """Seconds of every round of every case, taken in turns (A B A B) after one checked warm-up;
    without `warm_up` the checked round counts, too.

    Stops early, after at least three rounds, when `seconds` are used up.
    """
    times = Times(cases)
    first = {}

    def time_once(name: str, call: Callable[[], object]) -> object:
        start, cpu = time.perf_counter(), time.process_time()
        result = call()
        # A case may time a part of itself.
        seconds = getattr(call, "seconds", None)
        times[name].append(time.perf_counter() - start if seconds is None else seconds)
        times.cpu[name].append(time.process_time() - cpu)
        return result

    for name, call in cases.items():
        first[name] = call() if warm_up else time_once(name, call)
    check(first)
    times.quality = {name: value for name, value in first.items() if isinstance(value, float)}
    del first
    end = time.perf_counter() + seconds
    for done in range(0 if warm_up else 1, rounds):
        if done >= 3 and time.perf_counter() > end:
            break
        for name, call in cases.items():
            time_once(name, call)
    return times


def summary(times: dict[str, list[float]], ops: float | None) -> dict[str, dict[str, float]]:
    """Median, spread and rate of each case, and how often it is faster than the best peer."""
    medians = {name: statistics.median(values) for name, values in times.items()}
    peers = [value for name, value in medians.items()
             if not name.startswith("cnengine") and name not in BOUNDS]  # fmt: skip
    out = {}
    for name, values in times.items():
        row = {"median_s": medians[name], "min_s": min(values), "max_s": max(values),
               "rounds": len(values)}  # fmt: skip
        if ops:
            row["ops_per_s"] = ops / medians[name]
        if name == "cnengine" and peers:
            row["speedup_over_best_peer"] = min(peers) / medians[name]
        elif "cnengine" in medians:
            row["times_of_cnengine"] = medians[name] / medians["cnengine"]
        out[name] = row
    return out


def write_result(name: str, doc: str, rows: dict, *, scale: float) -> Path:
    """Writes one benchmark's figures with what is needed to judge them."""
    versions = {}
    for package in ("cnengine", *PEERS):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True,
                            text=True, check=False).stdout.strip()  # fmt: skip
    path = ROOT / "bench" / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    machine = {"processor": processor(), "cores": os.cpu_count(), "threads": THREADS,
               "python": platform.python_version(), "system": platform.system()}  # fmt: skip
    path.write_text(json.dumps({
        "benchmark": name, "what": doc.strip().splitlines()[0], "scale": scale, "commit": commit,
        "machine": machine, "versions": versions, "cases": rows,
    }, indent=2) + "\n")  # fmt: skip
    return path


def processor() -> str:
    """The processor's name, as the kernel tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


def modules() -> Iterator[Path]:
    """All benchmark modules, sorted."""
    yield from sorted((ROOT / "bench").glob("*/bench_*.py"))
