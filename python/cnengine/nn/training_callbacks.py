"""Callbacks that keep something beside a training: averaged weights, a copy to go on from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cnengine.tensor as ct
from cnengine.nn.averaging import EMA
from cnengine.nn.callbacks import Callback, Logs
from cnengine.nn.training_files import FACTS, remove_training
from cnengine.tensor.state_step import StateStep, own

__all__ = ["BackupAndRestore", "EMAWeights"]


class EMAWeights(Callback):
    """Averages parameters over steps; validations use the mean, and the training ends with it.

    `decay` and `warmup` as in `EMA`. Callbacks that save at the end of an epoch see parameters as
    they are, without the mean.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.EMAWeights(0.99).ema.decay
    0.99
    """

    def __init__(self, decay: float = 0.999, *, warmup: bool = False) -> None:
        self.ema = EMA(decay, warmup=warmup)
        self._update = StateStep(
            lambda state, params: ((self.ema.update(state, params),), None), donate=1, jit=True
        )

    def on_train_begin(self) -> None:
        """Begins with the parameters as they are."""
        self._states = own((self.ema.init(self.model.get_weights()[0]),))

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Takes the parameters after a step."""
        self._states, _ = self._update(self._states, self.model.get_weights()[0])

    @property
    def state(self) -> Any:
        """The state of `ema` as it is."""
        return own(self._states[0])

    def _take_mean(self) -> None:
        params, rest = self.model.get_weights()
        mean = ct.tree_map(
            lambda a, p: ct.astype(a, p.dtype, copy=False), self.ema.value(self.state), params
        )
        self.model.set_weights((mean, rest))

    def on_test_begin(self) -> None:
        """Puts the mean in."""
        self._own = self.model.get_weights()
        self._take_mean()

    def on_test_end(self, logs: Logs) -> None:
        """Puts the parameters back."""
        self.model.set_weights(self._own)
        del self._own  # else the next step could not write them

    def on_train_end(self, logs: Logs) -> None:
        """Puts the mean in for good."""
        self._take_mean()


class BackupAndRestore(Callback):
    """Saves the training after each epoch, and goes on from there when it is begun again.

    `path` is a folder as `Model.save` writes it; it is removed when the training ends as it should,
    unless `delete` is False. Of a crash in the midst of a save the epoch before is left. Orders of
    a `Dataset` go on where they were, too.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.BackupAndRestore("backup").path.name
    'backup'
    """

    def __init__(self, path: str | os.PathLike[str], *, delete: bool = True) -> None:
        self.path, self.delete = Path(path), delete

    def on_train_begin(self) -> None:
        """Loads what there is."""
        if (self.path / FACTS).exists():
            self.model.load(self.path)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Saves the training."""
        self.model.save(self.path)  # the old one until it is the new one

    def on_train_end(self, logs: Any) -> None:
        """Removes the folder."""
        if self.delete and (self.model.stop_training or self.model.epoch >= self.params["epochs"]):
            remove_training(self.path)
