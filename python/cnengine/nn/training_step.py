"""One step of training, of evaluation and of prediction, as pure functions for `jit`."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.nn import classification_loss, ratio_loss, regression_loss
from cnengine.nn.adam import Adam, Adamax, AdamW, NAdam
from cnengine.nn.adam_variants import Lamb, SparseAdam
from cnengine.nn.adaptive import Adadelta, Adafactor, Adagrad, RMSprop
from cnengine.nn.auc import AUC
from cnengine.nn.classification_metrics import (
    Accuracy,
    F1Score,
    Precision,
    Recall,
    TopKAccuracy,
)
from cnengine.nn.label_range import LabelRange
from cnengine.nn.leaf import is_floating
from cnengine.nn.metrics import (
    Mean,
    MeanAbsoluteError,
    MeanMetric,
    MeanSquaredError,
    Metric,
    R2Score,
    RootMeanSquaredError,
)
from cnengine.nn.muon import Muon
from cnengine.nn.parameters import merge, split, value_and_grad
from cnengine.nn.precision import MixedPrecision
from cnengine.nn.radam import ASGD, RAdam, Rprop
from cnengine.nn.sgd import SGD, Lion
from cnengine.tensor.state_step import StateStep

Array = ct.Array
Loss = Callable[..., Array]

_LOSSES: dict[str, Loss] = {
    "binary_cross_entropy": classification_loss.binary_cross_entropy,
    "binary_cross_entropy_with_logits": classification_loss.binary_cross_entropy_with_logits,
    "cross_entropy": lambda p, y, **options: classification_loss.cross_entropy(
        p, y, axis=-1, **options
    ),
    "hinge": regression_loss.hinge_loss,
    "dice": ratio_loss.dice_loss,
    "huber": regression_loss.huber_loss,
    "kl_div": classification_loss.kl_div,
    "log_cosh": regression_loss.log_cosh_loss,
    "mae": regression_loss.mae_loss,
    "mape": ratio_loss.mape_loss,
    "mean_absolute_error": regression_loss.mae_loss,
    "mean_absolute_percentage_error": ratio_loss.mape_loss,
    "mean_squared_error": regression_loss.mse_loss,
    "mean_squared_logarithmic_error": ratio_loss.msle_loss,
    "mse": regression_loss.mse_loss,
    "msle": ratio_loss.msle_loss,
    "poisson": regression_loss.poisson_nll_loss,
    "smooth_l1": regression_loss.smooth_l1_loss,
    "squared_hinge": ratio_loss.squared_hinge_loss,
    "tversky": ratio_loss.tversky_loss,
}
# What others call losses and metrics, for the text of errors.
_ELSEWHERE = {
    "sparse_categorical_crossentropy": "cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "bce": "binary_cross_entropy",
    "kl_divergence": "kl_div",
    "l1": "mae",
    "nll_loss": "cross_entropy",
    "acc": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "binary_accuracy": "accuracy",
}
_OPTIMIZERS = {
    each.__name__.lower(): each
    for each in (SGD, ASGD, Lion, Muon, Adam, AdamW, Adamax, Lamb, NAdam, RAdam, SparseAdam)
} | {each.__name__.lower(): each for each in (Adadelta, Adafactor, Adagrad, RMSprop, Rprop)}


def _meant(given: Any, names: Iterable[str]) -> str:
    """The name that was meant, as a question."""
    if not isinstance(given, str):
        return ""
    close = difflib.get_close_matches(given.lower(), names, n=1)
    found = _ELSEWHERE.get(given.lower(), close[0] if close else None)
    return f"; did you mean {found!r}?" if found in names else ""


def loss_of(given: Any) -> Loss:
    """A loss (predictions, targets) -> number, from its name too."""
    if callable(given):
        return given
    if given not in _LOSSES:
        raise ArgumentError(
            f"loss: expected a function or one of {sorted(_LOSSES)}, got "
            f"{given!r}{_meant(given, _LOSSES)}"
        )
    return _LOSSES[given]


def optimizer_of(given: Any) -> Any:
    """An optimiser, from its name too."""
    if hasattr(given, "init") and hasattr(given, "update"):
        return given
    if not isinstance(given, str) or given.lower() not in _OPTIMIZERS:
        raise ArgumentError(
            f"optimizer: expected an optimiser or one of {sorted(_OPTIMIZERS)}, got "
            f"{given!r}{_meant(given, _OPTIMIZERS)}"
        )
    return _OPTIMIZERS[given.lower()]()


def metric_of(given: Any, loss: str | None) -> Metric:
    """A metric, from its name or a function too; accuracy and AUC know of losses with logits.

    Raises ArgumentError for names that there are not.
    """
    if isinstance(given, Metric):
        return given
    if callable(given):
        return MeanMetric(given)
    logits = loss is not None and ("logits" in loss or loss == "focal_loss")
    makers: dict[str, Callable[[], Metric]] = {
        "accuracy": lambda: Accuracy(from_logits=logits),
        "auc": lambda: AUC(from_logits=logits),
        "f1_score": lambda: F1Score(from_logits=logits),
        "mae": lambda: MeanAbsoluteError("mae"),
        "mean_absolute_error": MeanAbsoluteError,
        "mean_squared_error": MeanSquaredError,
        "mse": lambda: MeanSquaredError("mse"),
        "precision": lambda: Precision(from_logits=logits),
        "r2": R2Score,
        "recall": lambda: Recall(from_logits=logits),
        "rmse": lambda: RootMeanSquaredError("rmse"),
        "root_mean_squared_error": RootMeanSquaredError,
        "top_k_accuracy": TopKAccuracy,
    }
    if given not in makers:
        raise ArgumentError(
            f"metrics: expected a metric, a function or one of {sorted(makers)}, got "
            f"{given!r}{_meant(given, makers)}"
        )
    return makers[given]()


def batch_size_of(batch: Any) -> int:
    """The first extent of the arrays of a batch."""
    leaves = ct.tree_leaves(batch)
    if not leaves or leaves[0].ndim == 0:
        raise ArgumentError("Model: expected batches of arrays with rows")
    return leaves[0].shape[0]


def _call(module: Any, x: Any) -> Any:
    return module(*x) if type(x) is tuple else module(x)


def _fit_target(y: Any, prediction: Any) -> Any:
    """Targets (batch,) of predictions (batch, 1) as (batch, 1), floats in their type."""
    if not isinstance(y, ct.Array) or not isinstance(prediction, ct.Array):
        return y
    if prediction.ndim == y.ndim + 1 and prediction.shape[-1] == 1:
        y = ct.expand_dims(y, axis=-1)
    same = tuple(y.shape) == tuple(prediction.shape)
    return ct.astype(y, prediction.dtype, copy=False) if same or is_floating(y) else y


class Steps:
    """The functions of one compiled model. They take and give

    variables: ``(params, optimizer's state, rest)``; measures: states of the loss's mean, of the
    labels' range and of the metrics; a batch (x, y, weights), of which y and weights may be None.
    `train` writes the variables in place, so they have to be its alone (`own`).
    """

    def __init__(self, loss: Any, optimizer: Any, metrics: Sequence[Metric], jit: bool) -> None:
        self.loss = None if loss is None else loss_of(loss)
        self.optimizer, self.metrics = optimizer, list(metrics)
        self.mean, self.labels = Mean("loss"), LabelRange(loss)
        wrap = ct.jit if jit else (lambda f: f)
        # The rest is read early, when the step may still fail, and is small: it is not donated.
        self.train = StateStep(self._train, donate=2, jit=jit)
        self.evaluate = wrap(self._evaluate)
        self.predict = wrap(self._predict)

    def measures(self) -> list[Any]:
        """The states of the mean loss and of the metrics before the first batch."""
        return [self.mean.init(), self.labels.init(), *(each.init() for each in self.metrics)]

    def values(self, measures: list[Any]) -> dict[str, float]:
        """What the states say, by name. Raises ArgumentError for labels beyond the loss's."""
        mean, labels, *others = measures
        self.labels.check(labels)
        each = zip([self.mean, *self.metrics], [mean, *others], strict=True)
        return {metric.name: float(metric.result(state)) for metric, state in each}

    def _mean_loss(self, prediction: Any, y: Any, weight: Any) -> Array:
        if self.loss is None:
            raise ArgumentError("Model: expected a loss in `compile`")
        self._check(prediction, y)
        y = _fit_target(self.labels.target(y, prediction), prediction)
        if weight is None:
            losses = self.loss(prediction, y)
        elif "reduction" in _options(self.loss):
            losses = self.loss(prediction, y, reduction="none")
        else:
            losses = self.loss(prediction, y)
            if losses.ndim == 0:
                raise ArgumentError("Model: weights expect a loss that gives a number a row")
        if weight is not None:
            shape = (*weight.shape, *(1,) * (losses.ndim - weight.ndim))
            losses = losses * ct.reshape(ct.astype(weight, losses.dtype, copy=False), shape)
        return losses if losses.ndim == 0 else ct.mean(losses)

    def _check(self, prediction: Any, y: Any) -> None:
        """Raises ArgumentError where one of our losses, of two arrays, does not get them."""
        if not getattr(self.loss, "__module__", "").startswith(__package__):
            return
        if y is None:
            raise ArgumentError(
                f"Model: expected y beside x, of which {self.labels.name} is a loss"
            )
        if not isinstance(prediction, ct.Array):
            raise ArgumentError(
                f"Model: expected one array of predictions for {self.labels.name}, the module "
                f"gives {type(prediction).__name__}; take a part of it or write a loss of all of it"
            )

    def _measured(
        self, measures: list[Any], value: Array, prediction: Any, y: Any, weight: Any
    ) -> list[Any]:
        y = self.labels.target(y, prediction)
        out: list[Any] = [self.mean.include(measures[0], value, float(batch_size_of(prediction)))]
        out.append(self.labels.update(measures[1], y, prediction))
        for metric, state in zip(self.metrics, measures[2:], strict=True):
            out.append(metric.update(state, y, prediction, weight))
        return out

    def _train(
        self, params: Any, state: Any, rest: Any, measures: list[Any], x: Any, y: Any, w: Any
    ) -> Any:
        model = merge(params, rest)

        def loss(model: Any, x: Any) -> Any:
            prediction = _wide(_call(model, x))
            return self._mean_loss(prediction, y, w), prediction

        if isinstance(self.optimizer, MixedPrecision):
            derive = self.optimizer.value_and_grad(loss, has_aux=True)
            (value, prediction, model), grads = derive(state, model, x)
        else:
            (value, prediction, model), grads = value_and_grad(loss, has_aux=True)(model, x)
        # Before the update: where data makes this fail, the parameters are still there.
        measures = self._measured(measures, value, prediction, y, w)
        params, state = self.optimizer.update(grads, state, params)
        return (params, state, split(model)[1]), measures

    def _evaluate(self, params: Any, rest: Any, measures: list[Any], x: Any, y: Any, w: Any) -> Any:
        prediction = self._predict(params, rest, x)
        value = self._mean_loss(prediction, y, w)
        return self._measured(measures, value, prediction, y, w)

    def _predict(self, params: Any, rest: Any, x: Any) -> Any:
        model = merge(params, rest).eval()
        if isinstance(self.optimizer, MixedPrecision):
            params = self.optimizer.cast(params)
            model, x = merge(params, rest).eval(), self.optimizer.cast(x)
        return _wide(_call(model, x))


def _wide(tree: Any) -> Any:
    """Halves as float32: losses and metrics are not computed in them."""
    return ct.tree_map(
        lambda x: ct.astype(x, ct.float32) if is_floating(x) and x.dtype.itemsize < 4 else x, tree
    )


def _options(function: Any) -> set[str]:
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return set()
    names = {each.name for each in found}
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in found):
        names.add("reduction")
    return names
