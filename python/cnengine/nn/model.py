"""Training, evaluation and prediction in the manner of Keras."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, StateError
from cnengine.nn.averaging import Accumulate
from cnengine.nn.callback_list import CallbackList
from cnengine.nn.callbacks import Callback
from cnengine.nn.checkpoint import (
    arrays_into,
    load_arrays,
    load_weights,
    named_arrays,
    save_weights,
)
from cnengine.nn.facts import summary_of
from cnengine.nn.history import History, LazyLogs
from cnengine.nn.module import Module
from cnengine.nn.parameters import merge, split
from cnengine.nn.precision import MixedPrecision
from cnengine.nn.training_data import (
    batch_of,
    check_passes,
    class_table,
    dataset_of,
    limited,
    parts_of,
    split_off,
)
from cnengine.nn.training_files import reading_training, write_training
from cnengine.nn.training_step import Steps, metric_of, optimizer_of
from cnengine.nn.variables import Variables

__all__ = ["Model"]


class Model:
    """A module with what it is trained by; every step is one jitted program.

    It trains a copy: `module` is the trained one, what was given stays as it is.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import nn
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(512, 2)); y = (x[:, 0] * x[:, 1] > 0).astype(int)
    >>> net = nn.Sequential(nn.Linear(2, 32), nn.relu, nn.Linear(32, 2))
    >>> model = nn.Model(net).compile(nn.Adam(0.02), "cross_entropy", ["accuracy"])
    >>> history = model.fit(x, y, batch_size=64, epochs=20, verbose=0)
    >>> history.history["accuracy"][-1] > 0.9
    True
    """

    def __init__(self, module: Module) -> None:
        self._module: Module | None = module
        self._variables = Variables({}, None)
        self._steps: Steps | None = None
        self._inference: Steps | None = None
        self._names: dict[str, str] = {}
        self.stop_training = False
        self.epoch = 0

    @property
    def module(self) -> Module:
        """The module as it is now, with what was trained."""
        if self._module is None:
            self._module = merge(*self._variables.model())
        return self._module

    @module.setter
    def module(self, module: Module) -> None:
        self._module = module
        if self._steps is not None:
            self._variables.put(*split(module))

    def compile(
        self,
        optimizer: Any = "adam",
        loss: Any = None,
        metrics: Sequence[Any] = (),
        *,
        mixed_precision: str | None = None,
        accumulate: int = 1,
        jit: bool = True,
    ) -> Model:
        """Says what it is trained by; returns the model.

        Parameters
        ----------
        optimizer
            An optimiser or its name.
        loss
            A function (predictions, targets) -> number, or a name: ``"cross_entropy"`` (of logits,
            classes in the last axis; `nn.cross_entropy` itself takes those of axis 1),
            ``"binary_cross_entropy_with_logits"``, ``"mse"``, ....
        metrics
            Metrics, functions (y_true, y_pred) or names.
        mixed_precision
            ``"bfloat16"`` or ``"float16"``: what is computed in; parameters stay as they are.
        accumulate
            Batches whose derivatives make one step.
        jit
            False runs Python, operation by operation, to look for mistakes.
        """
        self._names = {"loss": loss if isinstance(loss, str) else getattr(loss, "__name__", "")}
        chosen: Any = optimizer_of(optimizer)
        if accumulate > 1:
            chosen = Accumulate(chosen, accumulate)
        if mixed_precision is not None:
            if mixed_precision not in ("float16", "bfloat16"):
                raise ArgumentError(
                    f"mixed_precision: expected float16 or bfloat16, got {mixed_precision!r}"
                )
            chosen = MixedPrecision(chosen, getattr(ct, mixed_precision))
        made = [metric_of(each, self._names["loss"]) for each in metrics]
        names = ["loss", *(each.name for each in made)]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ArgumentError(f"metrics: expected names of their own, got {sorted(twice)} twice")
        steps = Steps(loss, chosen, made, jit)
        params, rest = split(self.module)
        self._variables = Variables(params, rest, chosen.init(params))
        self._steps = steps
        return self

    def _compiled(self, what: str) -> Steps:
        if self._steps is None:
            raise StateError(f"{what}: expected a call of `compile` before")
        return self._steps

    @property
    def optimizer(self) -> Any:
        """The optimiser, with what `compile` has put around it."""
        return self._compiled("optimizer").optimizer

    @property
    def learning_rate(self) -> float:
        """The rate of the next step. Setting it raises StateError where it follows a schedule."""
        return float(self.optimizer.rate(self._variables.state()))

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        def changed(state: Any) -> Any:
            if "inner" in state:
                return {**state, "inner": changed(state["inner"])}
            if "learning_rate" not in state:
                raise StateError("learning_rate: cannot be set, the optimiser follows a schedule")
            return {**state, "learning_rate": ct.full((), float(rate), dtype=ct.float64)}

        self._variables.put(*self._variables.model(), changed(self._variables.state()))

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: bool | int = 1,
        callbacks: Sequence[Callback] | Callback | None = (),
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        seed: int = 0,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: int = 1,
    ) -> History:
        """Trains for `epochs` passes; `module` is what is trained, not the one given to `Model`.

        Parameters
        ----------
        x, y
            Arrays (several inputs as a tuple or list of arrays, which the module gets one by one),
            or as x a `Dataset` or iterable of batches (x, y) or (x, y, weights). Floats are cast to
            the type of the parameters.
        verbose
            0: silent; 1: a bar; 2: a line for each epoch.
        validation_split
            The share of rows at the end that are kept for validation.
        validation_data
            (x, y), (x, y, weights), or a dataset.
        shuffle, seed
            Whether rows of arrays are drawn anew in each epoch, and by which seed.
        class_weight
            Weights of rows by class; classes that it lacks weigh 1.
        steps_per_epoch
            Batches of an epoch; a dataset goes on where it was then. For those without end.

        Returns the metrics of each epoch, with the learning rate at its end.
        """
        steps, weights = self._compiled("fit"), class_table(class_weight)
        if validation_freq < 1:
            raise ArgumentError(f"validation_freq: expected at least 1, got {validation_freq}")
        check_passes(x, epochs - initial_epoch, steps_per_epoch)
        if validation_split:
            (x, y, sample_weight), validation_data = split_off(
                (x, y, sample_weight), validation_split
            )
        order = seed if shuffle else None
        data = dataset_of(x, y, sample_weight, batch_size, self._variables.dtype, order)
        size = steps_per_epoch or getattr(data, "size", None)
        told = {"epochs": epochs, "steps": size, "batch_size": batch_size, "verbose": verbose}
        watchers = CallbackList(callbacks, self, told, verbose)
        history, logs = History(), {}
        self.stop_training, self.epoch = False, initial_epoch
        watchers.tell("on_train_begin")  # may go on from an epoch that was saved
        items: Iterator[Any] | None = None
        # Orders are those of a training that was not cut in two; a dataset of the caller's goes on
        # by itself in one that begins.
        if hasattr(data, "set_epoch") and (data is not x or self.epoch > 0):
            data.set_epoch(self.epoch)
        try:
            for epoch in range(self.epoch, epochs):
                watchers.tell("on_epoch_begin", epoch)
                if items is None or steps_per_epoch is None:
                    items = iter(data)
                logs = self._run_epoch(steps, limited(items, steps_per_epoch), watchers, weights)
                if validation_data is not None and (epoch + 1) % validation_freq == 0:
                    watchers.tell("on_test_begin")
                    found = self._validate(validation_data, batch_size, validation_steps)
                    watchers.tell("on_test_end", found)
                    logs.update({f"val_{name}": value for name, value in found.items()})
                if hasattr(steps.optimizer, "rate"):
                    logs["learning_rate"] = self.learning_rate
                history.add(epoch, logs)
                self.epoch = epoch + 1
                watchers.tell("on_epoch_end", epoch, logs)
                if self.stop_training:
                    break
        finally:
            if hasattr(items, "close"):
                items.close()
            watchers.tell("on_train_end", logs)
        return history

    def _run_epoch(
        self, steps: Steps, items: Iterator[Any], watchers: CallbackList, weights: Any
    ) -> dict[str, float]:
        measures, dtype = steps.measures(), self._variables.dtype
        at = -1
        for at, item in enumerate(items):
            for each in watchers.begin_batch:
                each.on_train_batch_begin(at)
            x, y, weight = batch_of(item, weights, dtype)
            measures = self._step(steps, measures, (x, y, weight))
            if at == 0:
                steps.labels.check(measures[1])  # before a whole epoch goes by
            if watchers.end_batch:
                logs = LazyLogs(lambda measures=measures: steps.values(measures))
                for each in watchers.end_batch:
                    each.on_train_batch_end(at, logs)
                if self.stop_training:
                    break
        if at < 0:
            raise ArgumentError("fit: expected data, got no batch")
        return steps.values(measures)

    def _step(self, steps: Steps, measures: list[Any], batch: tuple[Any, ...]) -> list[Any]:
        self._module = None  # before, for an interrupt, and after, for other threads that look
        measures = self._variables.step(steps, measures, batch)
        self._module = None
        return measures

    def _validate(self, data: Any, batch_size: int, steps: int | None) -> dict[str, float]:
        parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
        x, y, weight = (*parts, None, None)[:3]
        return self.evaluate(x, y, sample_weight=weight, batch_size=batch_size, steps=steps)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        *,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> dict[str, float]:
        """One step; returns the loss and metrics of the batch before it."""
        steps = self._compiled("train_on_batch")
        batch = batch_of((x, y, sample_weight), class_table(class_weight), self._variables.dtype)
        return steps.values(self._step(steps, steps.measures(), batch))

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        *,
        batch_size: int = 32,
        sample_weight: Any = None,
        steps: int | None = None,
        verbose: bool | int = 0,
    ) -> dict[str, float]:
        """The loss and metrics of data, without training; with `verbose` they are printed."""
        functions = self._compiled("evaluate")
        data = dataset_of(x, y, sample_weight, batch_size, self._variables.dtype, None)
        measures, params, rest = functions.measures(), *self._variables.model()
        batch = None
        for item in limited(iter(data), steps):
            batch = batch_of(item, None, self._variables.dtype)
            measures = functions.evaluate(params, rest, measures, *batch)
        if batch is None:
            raise ArgumentError("evaluate: expected data, got no batch (an iterator has one pass)")
        found = functions.values(measures)
        if verbose:
            print(" ".join(f"{name}={value:.4g}" for name, value in found.items()))
        return found

    def _untrained(self) -> Steps:
        """What predicts before `compile`."""
        if self._inference is None:
            self._inference = Steps(None, None, [], True)
        self._variables = Variables(*split(self.module))
        return self._inference

    def predict(
        self, x: Any, *, batch_size: int = 32, steps: int | None = None, verbose: bool | int = 0
    ) -> Any:
        """What the module gives in evaluation mode, batches put together; it prints nothing.

        Of a dataset whose elements are tuples, the first part is x.
        """
        functions = self._steps or self._untrained()
        data = dataset_of(x, None, None, batch_size, self._variables.dtype, None)
        (params, rest), dtype = self._variables.model(), self._variables.dtype
        out = []
        for item in limited(iter(data), steps):
            part = parts_of(item)[:1]
            out.append(functions.predict(params, rest, batch_of(part, None, dtype)[0]))
        if not out:
            raise ArgumentError("predict: expected data, got no batch")
        return ct.tree_map(lambda *parts: ct.concat(list(parts), axis=0), *out)

    def __call__(self, *args: Any) -> Any:
        """The module's own call, in the mode that it is in."""
        return self.module(*args)

    def get_weights(self) -> tuple[Any, Any]:
        """Parameters and state as they are now; nothing is copied before the next step."""
        self._compiled("get_weights")
        return self._variables.model()

    def set_weights(self, weights: tuple[Any, Any]) -> None:
        """Takes back what `get_weights` gave."""
        self._variables.put(*weights)
        self._module = None

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Writes the module's arrays as a safetensors file, named as torch names them."""
        save_weights(self.module, path)

    def load_weights(self, path: str | os.PathLike[str], *, strict: bool = True) -> None:
        """Takes the module's arrays from a file; raises as `nn.load_weights`."""
        self.module = load_weights(self.module.copy(), path, strict=strict)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the whole training as a folder, to go on from with `load`.

        ``model.safetensors`` (with keys of random numbers), ``optimizer.safetensors`` and
        ``training.json``. A save that is cut off leaves the training that was there before. Raises
        IoError.
        """
        self._compiled("save")
        facts = {"epoch": self.epoch, "module": repr(self.module), **self.facts()}
        arrays = {
            "model": self.module.state_dict(volatile=True),
            "optimizer": named_arrays(self._variables.state()),
        }
        write_training(Path(path), arrays, facts)

    def load(self, path: str | os.PathLike[str]) -> Model:
        """Goes on from a training that was saved; the model is compiled as that one was.

        Raises NotFoundError with what is missing or unknown, ShapeError, CorruptionError, IoError.
        Nothing is changed then.
        """
        self._compiled("load")
        with reading_training(path) as (files, facts):
            module = load_weights(self.module.copy(), files["model"])
            arrays, _ = load_arrays(files["optimizer"])
        what = f"load: {os.fspath(path)}: optimizer"
        state = arrays_into(self._variables.state(), arrays, what)
        self._variables.put(*split(module), state)
        self._module = module
        self.epoch = facts["epoch"]
        return self

    def facts(self) -> dict[str, Any]:
        """What it is trained by, as text, for logs."""
        optimizer = self.optimizer
        while hasattr(optimizer, "optimizer"):
            optimizer = optimizer.optimizer
        return {
            "optimizer": type(optimizer).__name__,
            "loss": self._names["loss"],
            "parameters": self.module.num_parameters(),
        }

    def summary(self) -> str:
        """A table of the arrays: names, shapes, types, numbers of elements.

        Examples
        --------
        >>> from cnengine import nn
        >>> print(nn.Model(nn.Linear(2, 3)).summary())
        name    shape   type     elements
        weight  (3, 2)  float32         6
        bias    (3,)    float32         3
        9 parameters, 9 of them trained
        """
        return summary_of(self.module)

    def __repr__(self) -> str:
        facts = [repr(self.module)]
        if self._steps is not None:
            facts.append(f"optimizer={self.optimizer!r}")
            facts.append(f"loss={self._names['loss']!r}")
            facts.append(f"metrics={[each.name for each in self._steps.metrics]}")
        return f"Model({', '.join(facts)}, epoch={self.epoch})"
