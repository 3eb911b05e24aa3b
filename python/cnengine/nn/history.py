"""Metrics of a training, by epoch and within one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

__all__ = ["History"]


class History:
    """Metrics of a training: `history` has a list by name, `epoch` the epochs' numbers.

    Examples
    --------
    >>> from cnengine import nn
    >>> history = nn.History()
    >>> history.add(0, {"loss": 2.0})
    >>> history.history
    {'loss': [2.0]}
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def __repr__(self) -> str:
        last = "".join(f", {name}={values[-1]:.4g}" for name, values in self.history.items())
        return f"History(epochs={len(self.epoch)}{last})"

    def add(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Takes the metrics of one more epoch."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class LazyLogs(Mapping[str, float]):
    """Metrics that are computed when one of them is asked for."""

    def __init__(self, compute: Callable[[], dict[str, float]]) -> None:
        self._compute: Callable[[], dict[str, float]] | None = compute
        self._values: dict[str, float] = {}

    def _all(self) -> dict[str, float]:
        if self._compute is not None:
            self._values, self._compute = self._compute(), None
        return self._values

    def __getitem__(self, name: str) -> float:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
