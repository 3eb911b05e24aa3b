"""The Prometheus text, read back by its own client library where that is installed."""

import math

import pytest
from cnengine.serve.metrics import Counter, Gauge, Histogram, Registry


def make():
    registry = Registry()
    requests = registry.add(Counter("requests_total", "All of\nthem.", ("path", "status")))
    requests.add("/", "200")
    requests.add("/", "200", by=2)
    requests.add('a"b\\c\nd', "404")
    registry.add(Counter("plain_total", "No labels."))
    registry.add(Gauge("level", "A level.", lambda: 1.5))
    registry.add(Gauge("lost", "Not a number.", lambda: math.nan))
    latency = registry.add(Histogram("seconds", "Latency.", (0.1, 1.0)))
    for value in (0.05, 0.1, 0.5, 3.0):
        latency.observe(value)
    return registry


def test_text_is_as_the_format_says():
    assert make().text().splitlines() == [
        "# HELP requests_total All of\\nthem.",
        "# TYPE requests_total counter",
        'requests_total{path="/",status="200"} 3',
        'requests_total{path="a\\"b\\\\c\\nd",status="404"} 1',
        "# HELP plain_total No labels.",
        "# TYPE plain_total counter",
        "plain_total 0",
        "# HELP level A level.",
        "# TYPE level gauge",
        "level 1.5",
        "# HELP lost Not a number.",
        "# TYPE lost gauge",
        "lost NaN",
        "# HELP seconds Latency.",
        "# TYPE seconds histogram",
        'seconds_bucket{le="0.1"} 2',
        'seconds_bucket{le="1"} 3',
        'seconds_bucket{le="+Inf"} 4',
        "seconds_sum 3.65",
        "seconds_count 4",
    ]


def test_the_client_library_reads_it():
    parser = pytest.importorskip("prometheus_client.parser")
    families = {f.name: f for f in parser.text_string_to_metric_families(make().text())}
    assert families["requests"].samples[1].labels == {"path": 'a"b\\c\nd', "status": "404"}
    assert families["seconds"].type == "histogram"
    assert [s.value for s in families["seconds"].samples] == [2, 3, 4, 3.65, 4]


def test_a_name_is_taken_once():
    registry = make()
    with pytest.raises(ValueError, match="level is registered twice"):
        registry.add(Gauge("level", "", float))
