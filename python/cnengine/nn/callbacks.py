"""What is done between epochs and steps of a training."""

from __future__ import annotations

import csv
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cnengine.errors import ArgumentError, StateError
from cnengine.nn.facts import line_of

__all__ = ["CSVLogger", "Callback", "EarlyStopping", "LambdaCallback", "LearningRateScheduler",
           "ModelCheckpoint", "ProgressBar", "ReduceLROnPlateau", "TerminateOnNaN"]  # fmt: skip

Logs = Mapping[str, float]


class Callback:
    """Methods that `Model.fit` calls; a subclass writes those that it needs.

    `model` is the model, `params` what `fit` was told (epochs, steps, verbose).

    Examples
    --------
    >>> from cnengine import nn
    >>> class Count(nn.Callback):
    ...     epochs = 0
    ...     def on_epoch_end(self, epoch, logs):
    ...         self.epochs += 1
    """

    model: Any
    params: Mapping[str, Any]

    def set_model(self, model: Any, params: Mapping[str, Any]) -> None:
        """Called once before the training."""
        self.model, self.params = model, params

    def on_train_begin(self) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs) -> None:
        """After the last epoch."""

    def on_epoch_begin(self, epoch: int) -> None:
        """Before each epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """After each epoch, with metrics of it, those of the validation as ``"val_..."``."""

    def on_train_batch_begin(self, batch: int) -> None:
        """Before each step."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """After each step; metrics of the epoch so far are computed when they are asked for."""

    def on_test_begin(self) -> None:
        """Before each validation."""

    def on_test_end(self, logs: Logs) -> None:
        """After each validation, with its metrics."""

    def _say(self, text: str) -> None:
        """Prints a line, of those that have `verbose` set."""
        if getattr(self, "verbose", 0):
            print(f"{type(self).__name__}: {text}")

    def __repr__(self) -> str:
        return line_of(self, [name for name in vars(self) if name not in ("model", "params")])


class LambdaCallback(Callback):
    """Functions as a callback.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.LambdaCallback(on_epoch_end=lambda epoch, logs: print(logs)).on_epoch_end(0, {"a": 1.0})
    {'a': 1.0}
    """

    def __init__(self, **functions: Callable[..., Any]) -> None:
        for name, function in functions.items():
            if not name.startswith("on_") or not hasattr(Callback, name):
                raise ArgumentError(f"LambdaCallback: no method {name!r}")
            setattr(self, name, function)


class _Watcher(Callback):
    """What callbacks share that watch one metric."""

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("auto", "min", "max"):
            raise ArgumentError(
                f'{type(self).__name__}: expected "auto", "min" or "max", got {mode!r}'
            )
        large_is_good = ("accuracy", "auc", "precision", "recall", "f1_score", "r2")
        is_max = mode == "max" or (mode == "auto" and monitor.endswith(large_is_good))
        self.monitor, self.is_max, self.min_delta = monitor, is_max, abs(min_delta)
        self.best = -math.inf if is_max else math.inf

    def _is_better(self, value: float) -> bool:
        if self.is_max:
            return value > self.best + self.min_delta
        return value < self.best - self.min_delta

    def _value(self, logs: Logs) -> float:
        if self.monitor not in logs:
            raise ArgumentError(
                f"{type(self).__name__}: no metric {self.monitor!r} in {sorted(logs)}"
            )
        return logs[self.monitor]


class EarlyStopping(_Watcher):
    """Ends a training when a metric has not become better by `min_delta` for `patience` epochs.

    With `verbose` it says when it does, and which epoch's weights it takes back.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.EarlyStopping("val_accuracy", patience=3).is_max
    True
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
        verbose: bool | int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience, self.baseline, self.verbose = patience, baseline, verbose
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.stopped_epoch: int | None = None
        self.best_epoch = 0

    def on_train_begin(self) -> None:
        """Forgets an earlier training."""
        self.best = -math.inf if self.is_max else math.inf
        if self.baseline is not None:
            self.best = self.baseline
        self.wait, self.stopped_epoch = 0, None
        self._weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Looks at the metric."""
        if epoch < self.start_from_epoch:
            return
        value = self._value(logs)
        if self._is_better(value):
            self.best, self.wait, self.best_epoch = value, 0, epoch
            if self.restore_best_weights:
                self._weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= max(self.patience, 1):
            self.stopped_epoch = epoch
            self.model.stop_training = True
            self._say(f"epoch {epoch + 1} is the last one, {self.monitor}={value:.4g}")

    def on_train_end(self, logs: Logs) -> None:
        """Takes the best weights back."""
        if self.restore_best_weights and self._weights is not None:
            self.model.set_weights(self._weights)
            self._say(f"weights of epoch {self.best_epoch + 1}, {self.monitor}={self.best:.4g}")


class ModelCheckpoint(_Watcher):
    """Saves the model after each epoch, or after those that were the best so far.

    `path` may name the epoch and metrics: ``"model-{epoch:03d}-{val_loss:.3f}"``. The whole
    training is saved as by `Model.save`, or with `save_weights_only` a safetensors file.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.ModelCheckpoint("best", save_best_only=True).monitor
    'val_loss'
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        verbose: bool | int = 0,
    ) -> None:
        super().__init__(monitor, mode)
        self.path, self.verbose = str(path), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Saves where it is to."""
        if self.save_best_only:
            value = self._value(logs)
            if not self._is_better(value):
                return
            self.best = value
        try:
            path = self.path.format(epoch=epoch + 1, **logs)
        except (KeyError, IndexError, ValueError) as error:
            raise ArgumentError(
                f"ModelCheckpoint: expected epoch and {sorted(logs)} in {self.path!r}, got {error}"
            ) from None
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        self._say(f"epoch {epoch + 1} is saved as {path}")


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch: schedule(epoch, rate) gives the new one.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.LearningRateScheduler(lambda epoch, rate: rate * 0.5).schedule(0, 1.0)
    0.5
    """

    def __init__(self, schedule: Callable[[int, float], float], verbose: bool | int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int) -> None:
        """Sets the rate."""
        self.model.learning_rate = float(self.schedule(epoch, self.model.learning_rate))
        self._say(f"epoch {epoch + 1}, the learning rate is {self.model.learning_rate:.4g}")


class ReduceLROnPlateau(_Watcher):
    """Multiplies the learning rate by `factor` when a metric has not become better for a while.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.ReduceLROnPlateau(factor=0.5, patience=2).patience
    2
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        verbose: bool | int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.verbose = verbose
        if not 0.0 < factor < 1.0:
            raise ArgumentError(f"ReduceLROnPlateau: expected 0 < factor < 1, got {factor}")
        self.factor, self.patience, self.cooldown, self.min_lr = factor, patience, cooldown, min_lr

    def on_train_begin(self) -> None:
        """Forgets an earlier training."""
        self.best = -math.inf if self.is_max else math.inf
        self.wait = self.resting = 0

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Looks at the metric."""
        value = self._value(logs)
        if self.resting:
            self.resting -= 1
            self.wait = 0
        if self._is_better(value):
            self.best, self.wait = value, 0
        elif not self.resting:
            self.wait += 1
            rate = self.model.learning_rate
            if self.wait >= self.patience and rate > self.min_lr:
                self.model.learning_rate = max(rate * self.factor, self.min_lr)
                self.resting, self.wait = self.cooldown, 0
                self._say(f"epoch {epoch + 1}, the learning rate is {self.model.learning_rate:.4g}")


class TerminateOnNaN(Callback):
    """Ends a training when the loss is not finite after a step.

    Examples
    --------
    >>> from cnengine import nn
    >>> isinstance(nn.TerminateOnNaN(), nn.Callback)
    True
    """

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Looks at the loss."""
        if not math.isfinite(logs["loss"]):
            self.model.stop_training = True


class CSVLogger(Callback):
    """Writes metrics of each epoch as a line of a CSV file.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.CSVLogger("training.csv").append
    False
    """

    def __init__(
        self, path: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        self.path, self.separator, self.append = Path(path), separator, append
        self._file: Any = None

    def on_train_begin(self) -> None:
        """Opens the file."""
        has_head = self.append and self.path.exists() and self.path.stat().st_size > 0
        self._file = self.path.open("a" if self.append else "w", newline="")
        self._writer = csv.writer(self._file, delimiter=self.separator)
        self._keys: list[str] | None = None
        self._has_head = has_head

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Writes a line."""
        if self._file is None:
            raise StateError("CSVLogger: expected a training that has begun")
        if self._keys is None:
            self._keys = sorted(logs)
            if not self._has_head:
                self._writer.writerow(["epoch", *self._keys])
        self._writer.writerow([epoch, *(logs.get(key, "") for key in self._keys)])
        self._file.flush()

    def on_train_end(self, logs: Logs) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class ProgressBar(Callback):
    """Prints how far an epoch is, its metrics and its time.

    A line that is written over on terminals, else a line for each epoch. `interval` seconds lie
    between two looks at the metrics.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.ProgressBar(interval=1.0).interval
    1.0
    """

    def __init__(self, interval: float = 0.2, stream: Any = None) -> None:
        self.interval, self.stream = interval, stream

    def _write(self, text: str) -> None:
        stream = self.stream or sys.stdout
        stream.write(text)
        stream.flush()

    def on_epoch_begin(self, epoch: int) -> None:
        """Begins a line."""
        self._start = self._last = time.perf_counter()
        self._live = self.params["verbose"] == 1 and (self.stream or sys.stdout).isatty()
        self._head = f"epoch {epoch + 1}/{self.params['epochs']}"

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Writes the line anew."""
        now = time.perf_counter()
        if not self._live or now - self._last < self.interval:
            return
        self._last = now
        steps = self.params["steps"]
        done = batch + 1
        where = f"step {done}" if steps is None else f"{_bar(done / steps)} {done}/{steps}"
        rate = done / (now - self._start)
        self._write(f"\r{self._head} {where} {rate:.0f}/s {_text(logs)}\x1b[K")

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Ends the line."""
        seconds = time.perf_counter() - self._start
        begin = "\r" if self._live else ""
        end = "\x1b[K\n" if self._live else "\n"
        self._write(f"{begin}{self._head} {seconds:.1f} s {_text(logs)}{end}")


def _bar(share: float, width: int = 20) -> str:
    full = min(int(share * width), width)
    return "[" + "=" * full + " " * (width - full) + "]"


def _text(logs: Logs) -> str:
    return " ".join(f"{name}={value:.4g}" for name, value in logs.items())
