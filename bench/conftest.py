"""Runs each `bench_*.py` as one pytest-benchmark group, one entry a case."""

import importlib.util
import os
import statistics
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import harness

harness.limit_threads()


def pytest_addoption(parser):
    parser.addoption("--scale", type=float, default=1.0, help="size of the data; 1.0 is as stated")
    parser.addoption("--set", default=None, help="the data set, where a benchmark has several")
    parser.addoption(
        "--kafka-home", default=None, help="an unpacked Apache Kafka 4, to be a peer; needs Java"
    )


def pytest_configure(config):
    if home := config.getoption("--kafka-home"):
        os.environ["KAFKA_HOME"] = str(Path(home).resolve())


def pytest_collect_file(file_path, parent):
    if file_path.name.startswith("bench_") and file_path.suffix == ".py":
        return BenchFile.from_parent(parent, path=file_path)
    return None


class BenchFile(pytest.File):
    def collect(self):
        yield BenchGroup.from_parent(self, name=self.path.stem)


class BenchGroup(pytest.Function):
    """One module: measures all its cases in turns, then reports them to pytest-benchmark."""

    @classmethod
    def from_parent(cls, parent, *, name):
        module = load(parent.path)

        def run(request):
            run_module(module, parent.path, request)

        return super().from_parent(parent, name=name, callobj=run)


def load(path: Path):
    spec = importlib.util.spec_from_file_location(f"bench.{path.parent.name}.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run_module(module, path: Path, request) -> None:
    scale = request.config.getoption("--scale")
    chosen = request.config.getoption("--set")
    if chosen is not None:
        if chosen not in getattr(module, "SETS", ()):
            pytest.skip(f"no set {chosen!r} here")
        module.SET = chosen
    cases = dict(module.cases(scale))
    rounds = getattr(module, "ROUNDS", 5)
    times = harness.measure(
        cases,
        module.check,
        rounds=rounds(module.SET) if callable(rounds) else rounds,
        warm_up=getattr(module, "WARM_UP", True),
    )
    cpu, quality = times.cpu, times.quality
    ops = getattr(module, "OPS", None)
    rows = harness.summary(times, ops(scale) if ops else None)
    for case, row in rows.items():
        row["cpu_s"] = statistics.median(cpu[case])
        if case in quality:
            row["quality"] = quality[case]
    name = f"{path.parent.name}_{path.stem.removeprefix('bench_')}"
    if hasattr(module, "SETS"):
        name += f"_{module.SET}"
    if scale == 1.0:
        harness.write_result(name, module.__doc__ or name, rows, scale=scale)
    session = request.config._benchmarksession
    from pytest_benchmark.fixture import BenchmarkFixture

    for case, seconds in times.items():
        fixture = BenchmarkFixture(request.node, group=name, **session.options,
                                   add_stats=session.benchmarks.append, logger=session.logger,
                                   warner=request.node.warn, disabled=False)  # fmt: skip
        fixture.name = f"{name}[{case}]"
        fixture.fullname = fixture.name
        stats = fixture._make_stats(iterations=1)
        for value in seconds:
            stats.update(value)
    for case, row in rows.items():
        print(f"{name:32} {case:12} " + "  ".join(f"{k}={v:.4g}" for k, v in row.items()))
