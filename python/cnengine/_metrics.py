"""Counters and latency histograms that live in native memory, and their Prometheus page.

>>> latency = Histogram()
>>> latency.record(120_000)  # nanoseconds
>>> print(prometheus_text([("request_seconds", "Time of a request.", {"view": "a"}, latency)]))
... # doctest: +ELLIPSIS
# HELP request_seconds Time of a request.
# TYPE request_seconds histogram
request_seconds_bucket{view="a",le="1e-06"} 0
...
"""

from cnengine._core.metrics import Counter, Histogram, prometheus_text

__all__ = ["Counter", "Histogram", "prometheus_text"]
