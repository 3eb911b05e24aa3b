"""The metrics of one server by name and labels; numbers and text come from `cnengine._metrics`."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cnengine._metrics import Counter, Histogram, prometheus_text
from cnengine.errors import ArgumentError


class Registry:
    """Named metrics, shown in the order in which they were added. Any thread may use it.

    >>> registry = Registry()
    >>> registry.gauge("level", "A level.", lambda: 1.5)
    >>> registry.add("answers_total", "All answers.")
    >>> registry.counter("answers_total", status="200").add()
    >>> print(registry.text().strip())
    # HELP level A level.
    # TYPE level gauge
    level 1.5
    # HELP answers_total All answers.
    # TYPE answers_total counter
    answers_total{status="200"} 1
    """

    def __init__(self) -> None:
        self._help: dict[str, str] = {}
        self._series: dict[str, dict[tuple, Counter | Histogram | Callable[[], float]]] = {}
        self._lock = threading.Lock()

    def add(self, name: str, text: str) -> None:
        """Declare a metric; ArgumentError when there is one of that name."""
        with self._lock:
            if name in self._help:
                raise ArgumentError(f"metrics: {name} is there already")
            self._help[name], self._series[name] = text, {}

    def counter(self, name: str, **labels: str) -> Counter:
        """The counter of a declared metric with these labels, made when it is first asked for."""
        return self._get(name, labels, Counter)

    def histogram(self, name: str, **labels: str) -> Histogram:
        """The same for a histogram, which records nanoseconds and is shown in seconds."""
        return self._get(name, labels, Histogram)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A metric whose value is read when it is shown."""
        self.add(name, text)
        self._series[name][()] = read

    def _get(self, name: str, labels: dict[str, str], make: type):
        key = tuple(sorted(labels.items()))
        with self._lock:
            series = self._series[name]
            if key not in series:
                series[key] = make()
            return series[key]

    def text(self) -> str:
        """All metrics in the Prometheus text format."""
        samples = []
        with self._lock:
            for name, series in self._series.items():
                for key, value in sorted(series.items()):
                    shown = float(value()) if callable(value) else value
                    samples.append((name, self._help[name], dict(key), shown))
        return prometheus_text(samples)
