"""Metrics by name and labels, and their text, read back by Prometheus' own library."""

import pytest
from cnengine.errors import ArgumentError
from cnengine.serve.metrics import Registry


def make():
    registry = Registry()
    registry.add("requests_total", "All of\nthem.")
    registry.counter("requests_total", path="/", status="200").add()
    registry.counter("requests_total", status="200", path="/").add(2)
    registry.counter("requests_total", path='a"b\\c\nd', status="404").add()
    registry.gauge("level", "A level.", lambda: 1.5)
    registry.add("seconds", "Latency.")
    for value in (50_000, 100_000, 3_000_000_000):
        registry.histogram("seconds", model="a").record(value)
    return registry


def test_text_is_as_the_format_says():
    lines = make().text().splitlines()
    assert lines[:7] == [
        "# HELP requests_total All of\\nthem.",
        "# TYPE requests_total counter",
        'requests_total{path="/",status="200"} 3',
        'requests_total{path="a\\"b\\\\c\\nd",status="404"} 1',
        "# HELP level A level.",
        "# TYPE level gauge",
        "level 1.5",
    ]
    assert 'seconds_count{model="a"} 3' in lines


def test_the_client_library_reads_it():
    parser = pytest.importorskip("prometheus_client.parser")
    families = {f.name: f for f in parser.text_string_to_metric_families(make().text())}
    labels = [s.labels for s in families["requests"].samples]
    assert {"path": 'a"b\\c\nd', "status": "404"} in labels
    assert families["seconds"].type == "histogram"
    sums = {s.name: s.value for s in families["seconds"].samples}
    assert sums["seconds_count"] == 3
    assert sums["seconds_sum"] == pytest.approx(3.00015)


def test_a_name_is_taken_once():
    registry = make()
    with pytest.raises(ArgumentError, match="level is there already"):
        registry.gauge("level", "", float)
