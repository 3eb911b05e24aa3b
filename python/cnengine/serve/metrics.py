"""Counters, gauges and histograms, written in the Prometheus text format 0.0.4."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable

LATENCY_SECONDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _labels(names: Iterable[str], values: Iterable[str]) -> str:
    pairs = [f'{n}="{_escape(str(v))}"' for n, v in zip(names, values, strict=True)]
    return "{" + ",".join(pairs) + "}" if pairs else ""


class Counter:
    """A number that only grows, one for each combination of label values."""

    kind = "counter"

    def __init__(self, name: str, text: str, labels: tuple[str, ...] = ()) -> None:
        self.name, self.text, self.labels = name, text, labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0}
        self._lock = threading.Lock()

    def add(self, *values: str, by: float = 1) -> None:
        """Add `by` to the counter with these label values."""
        with self._lock:
            self._values[values] = self._values.get(values, 0) + by

    def lines(self) -> list[str]:
        """The samples as text."""
        with self._lock:
            items = sorted(self._values.items())
        return [f"{self.name}{_labels(self.labels, k)} {_number(v)}" for k, v in items]


class Gauge:
    """A number that is read when it is asked for."""

    kind = "gauge"

    def __init__(self, name: str, text: str, read: Callable[[], float]) -> None:
        self.name, self.text, self._read = name, text, read

    def lines(self) -> list[str]:
        """The sample as text."""
        return [f"{self.name} {_number(float(self._read()))}"]


class Histogram:
    """Counts of observations up to each bound, with their sum."""

    kind = "histogram"

    def __init__(self, name: str, text: str, bounds: tuple[float, ...] = LATENCY_SECONDS) -> None:
        self.name, self.text, self.bounds = name, text, tuple(sorted(bounds))
        self._counts = [0] * (len(self.bounds) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, value: float) -> None:
        """Count `value` in the first bucket whose bound is at least `value`."""
        with self._lock:
            self._counts[bisect_left(self.bounds, value)] += 1
            self._sum += value

    def lines(self) -> list[str]:
        """The cumulative buckets, sum and count as text."""
        with self._lock:
            counts, total = list(self._counts), self._sum
        out, running = [], 0
        for bound, count in zip((*self.bounds, math.inf), counts, strict=True):
            running += count
            out.append(f'{self.name}_bucket{{le="{_number(bound)}"}} {running}')
        return [*out, f"{self.name}_sum {_number(total)}", f"{self.name}_count {running}"]


class Registry:
    """The metrics of one server, in the order in which they were added."""

    def __init__(self) -> None:
        self._metrics: dict[str, Counter | Gauge | Histogram] = {}

    def add(self, metric):
        """Add a metric and give it back; a second one of the same name is a ValueError."""
        if metric.name in self._metrics:
            raise ValueError(f"metrics: {metric.name} is registered twice")
        self._metrics[metric.name] = metric
        return metric

    def text(self) -> str:
        """All metrics in the text format."""
        out: list[str] = []
        for metric in self._metrics.values():
            help_text = metric.text.replace("\\", r"\\").replace("\n", r"\n")
            out += [f"# HELP {metric.name} {help_text}", f"# TYPE {metric.name} {metric.kind}"]
            out += metric.lines()
        return "\n".join(out) + "\n"
