"""Every benchmark runs once on small data, and its cases agree with each other."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import harness  # noqa: E402


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem.removeprefix('bench_')}"


@pytest.mark.parametrize("path", list(harness.modules()), ids=name_of)
def test_cases_agree(path):
    spec = importlib.util.spec_from_file_location(f"bench_{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.__doc__
    cases = dict(module.cases(0.002))
    assert next(iter(cases)) == "cnengine"
    module.check({name: call() for name, call in cases.items()})


def test_harness_takes_turns_and_compares():
    calls = []
    cases = {name: lambda name=name: calls.append(name) for name in ("cnengine", "a", "b")}
    times = harness.measure(cases, lambda results: None, rounds=3)
    assert calls == ["cnengine", "a", "b"] * 4
    assert all(len(values) == 3 for values in times.values())
    rows = harness.summary({"cnengine": [1.0, 2.0, 3.0], "a": [4.0], "b": [8.0]}, ops=10)
    assert rows["cnengine"]["speedup_over_best_peer"] == 2.0
    assert rows["b"]["times_of_cnengine"] == 4.0
    assert rows["a"]["ops_per_s"] == 2.5


def test_harness_refuses_unequal_results():
    def check(results):
        assert results["cnengine"] == results["a"]

    with pytest.raises(AssertionError):
        harness.measure({"cnengine": lambda: 1, "a": lambda: 2}, check, rounds=1)
