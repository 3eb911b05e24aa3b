"""Losses by torch's names, as modules that are made with their options: `MSELoss()(x, y)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from cnengine.errors import ArgumentError
from cnengine.nn import classification_loss, ctc, margin_loss, regression_loss
from cnengine.nn.module import Module
from cnengine.tensor.arguments import check_options

__all__: list[str] = []


def _loss(name: str, function: Callable[..., Any]) -> type[Module]:
    """The module of a loss: its options are all arguments of the function beside its inputs."""
    parameters = inspect.signature(function).parameters.values()
    options = {each.name: each.default for each in parameters if each.default is not each.empty}
    inputs = [each.name for each in parameters if each.default is each.empty]

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > len(options) or set(kwargs) - set(options):
            raise ArgumentError(f"{name}: expected at most {list(options)}, got {args} {kwargs}")
        given = dict(zip(options, args, strict=False))
        if twice := set(given) & set(kwargs):
            raise ArgumentError(f"{name}: {sorted(twice)} came twice")
        check_options(name, function, {**given, **kwargs})
        for key, value in {**options, **given, **kwargs}.items():
            if hasattr(value, "dtype"):  # weights of classes are no parameters
                self.register_buffer(key, value)
            else:
                setattr(self, key, value)

    def forward(self: Any, *given: Any) -> Any:
        if len(given) != len(inputs):
            raise ArgumentError(f"{name}: expected {', '.join(inputs)}, got {len(given)} arguments")
        return function(*given, **{key: getattr(self, key) for key in options})

    shown = ", ".join(f"{key}={value!r}" for key, value in options.items())
    example = f">>> from cnengine import nn\n    >>> nn.{name}()\n    {name}({shown})"
    head = f"`{function.__name__}` as a module, with its options."
    doc = f"{head}\n\n    Examples\n    --------\n    {example}\n    "
    __all__.append(name)
    return type(name, (Module,), {"__init__": __init__, "forward": forward, "__doc__": doc,
                                  "__module__": __name__, "__qualname__": name})  # fmt: skip


BCELoss = _loss("BCELoss", classification_loss.binary_cross_entropy)
BCEWithLogitsLoss = _loss("BCEWithLogitsLoss", classification_loss.binary_cross_entropy_with_logits)
CTCLoss = _loss("CTCLoss", ctc.ctc_loss)
CosineEmbeddingLoss = _loss("CosineEmbeddingLoss", regression_loss.cosine_embedding_loss)
CrossEntropyLoss = _loss("CrossEntropyLoss", classification_loss.cross_entropy)
GaussianNLLLoss = _loss("GaussianNLLLoss", regression_loss.gaussian_nll_loss)
HingeEmbeddingLoss = _loss("HingeEmbeddingLoss", regression_loss.hinge_embedding_loss)
HuberLoss = _loss("HuberLoss", regression_loss.huber_loss)
KLDivLoss = _loss("KLDivLoss", classification_loss.kl_div)
L1Loss = _loss("L1Loss", regression_loss.mae_loss)
MSELoss = _loss("MSELoss", regression_loss.mse_loss)
MarginRankingLoss = _loss("MarginRankingLoss", regression_loss.margin_ranking_loss)
MultiLabelMarginLoss = _loss("MultiLabelMarginLoss", margin_loss.multilabel_margin_loss)
MultiLabelSoftMarginLoss = _loss(
    "MultiLabelSoftMarginLoss", margin_loss.multilabel_soft_margin_loss
)
MultiMarginLoss = _loss("MultiMarginLoss", margin_loss.multi_margin_loss)
NLLLoss = _loss("NLLLoss", classification_loss.nll_loss)
PoissonNLLLoss = _loss("PoissonNLLLoss", regression_loss.poisson_nll_loss)
SmoothL1Loss = _loss("SmoothL1Loss", regression_loss.smooth_l1_loss)
SoftMarginLoss = _loss("SoftMarginLoss", margin_loss.soft_margin_loss)
TripletMarginLoss = _loss("TripletMarginLoss", regression_loss.triplet_margin_loss)
