"""Histograms against exact percentiles; the Prometheus page against its grammar."""

import re

import numpy as np
import pytest
from cnengine._metrics import Counter, Histogram, prometheus_text
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=60), st.floats(0, 1))
def test_percentiles_are_within_a_bucket(values, fraction):
    h = Histogram()
    for value in values:
        h.record(value)
    exact = sorted(values)[max(0, int(np.ceil(fraction * len(values))) - 1)]
    got = h.percentile(fraction)
    assert exact <= got <= exact * (1 + 1 / 32) + 1
    assert (h.count, h.max) == (len(values), max(values))
    assert h.count_up_to(got) >= fraction * len(values) - 1e-6


def test_small_values_are_exact_and_weights_count():
    h = Histogram()
    h.record(7, 99)
    h.record(31)
    h.record(-5, 0)
    assert [h.percentile(p) for p in (0, 0.5, 0.99, 1)] == [7, 7, 7, 31]
    assert h.mean == (7 * 99 + 31) / 100
    h.clear()
    assert (h.count, h.percentile(0.5), h.mean) == (0, 0, 0)
    with pytest.raises(ValueError, match="percentile: expected a fraction from 0 to 1"):
        h.percentile(1.5)


def test_prometheus_text():
    records, latency = Counter(), Histogram()
    records.add(3)
    latency.record(2_000_000, 4)
    page = prometheus_text([
        ("records_total", "Read\nso far.", {"topic": 'a"b\\'}, records),
        ("records_total", "again", {"topic": "c"}, records),
        ("lag", "Of the clock.", {}, 1.5),
        ("seconds", "Latency.", {"job": "j"}, latency),
    ])  # fmt: skip
    lines = page.splitlines()
    assert lines[:4] == [
        "# HELP records_total Read\\nso far.",
        "# TYPE records_total counter",
        'records_total{topic="a\\"b\\\\"} 3',
        'records_total{topic="c"} 3',
    ]
    assert "lag 1.5" in lines
    assert 'seconds_bucket{job="j",le="0.001"} 0' in lines
    assert 'seconds_bucket{job="j",le="0.0025"} 4' in lines
    assert 'seconds_bucket{job="j",le="+Inf"} 4' in lines
    assert lines[-2:] == ['seconds_sum{job="j"} 0.008', 'seconds_count{job="j"} 4']
    line = r'# (HELP|TYPE) .*|[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [-+0-9.e]+'
    assert all(re.fullmatch(line, text) for text in lines)


@pytest.mark.parametrize(("name", "labels"), [("", {}), ("1a", {}), ("a-b", {}), ("a", {"x:y": 1})])
def test_bad_names(name, labels):
    with pytest.raises(ValueError, match=r"prometheus_text: .* cannot name a"):
        prometheus_text([(name, "", labels, 1.0)])
