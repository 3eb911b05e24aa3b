"""Neural networks: modules, layers, losses, optimisers, training."""

from cnengine.nn import (
    activations,
    adam,
    adam_variants,
    adaptive,
    attention,
    auc,
    averaging,
    callbacks,
    checkpoint,
    classification_loss,
    classification_metrics,
    clipping,
    containers,
    convolution,
    ctc,
    dataset,
    distance,
    dropout,
    embedding,
    embedding_bag,
    functional,
    grid,
    history,
    instance_norm,
    interpolation,
    lbfgs,
    linear,
    loss_modules,
    margin_loss,
    metrics,
    mlflow_logger,
    model,
    module,
    muon,
    noise,
    normalization,
    optimizer,
    padding,
    parameters,
    parametrization,
    pooling,
    pooling3d,
    precision,
    radam,
    ratio_loss,
    recurrent,
    recurrent_cell,
    regression_loss,
    resizing,
    rotary,
    schedules,
    seed,
    sgd,
    shrinkage,
    training_callbacks,
    transformer,
)
from cnengine.nn import initializers as init
from cnengine.nn.activations import *  # noqa: F403
from cnengine.nn.adam import *  # noqa: F403
from cnengine.nn.adam_variants import *  # noqa: F403
from cnengine.nn.adaptive import *  # noqa: F403
from cnengine.nn.attention import *  # noqa: F403
from cnengine.nn.auc import *  # noqa: F403
from cnengine.nn.averaging import *  # noqa: F403
from cnengine.nn.bounds import check_all as _check_all
from cnengine.nn.bounds import check_functions as _check_functions
from cnengine.nn.callbacks import *  # noqa: F403
from cnengine.nn.checkpoint import *  # noqa: F403
from cnengine.nn.classification_loss import *  # noqa: F403
from cnengine.nn.classification_metrics import *  # noqa: F403
from cnengine.nn.clipping import *  # noqa: F403
from cnengine.nn.containers import *  # noqa: F403
from cnengine.nn.convolution import *  # noqa: F403
from cnengine.nn.ctc import *  # noqa: F403
from cnengine.nn.dataset import *  # noqa: F403
from cnengine.nn.distance import *  # noqa: F403
from cnengine.nn.dropout import *  # noqa: F403
from cnengine.nn.embedding import *  # noqa: F403
from cnengine.nn.embedding_bag import *  # noqa: F403
from cnengine.nn.grid import *  # noqa: F403
from cnengine.nn.history import *  # noqa: F403
from cnengine.nn.instance_norm import *  # noqa: F403
from cnengine.nn.interpolation import *  # noqa: F403
from cnengine.nn.lbfgs import *  # noqa: F403
from cnengine.nn.linear import *  # noqa: F403
from cnengine.nn.loss_modules import *  # noqa: F403
from cnengine.nn.margin_loss import *  # noqa: F403
from cnengine.nn.metrics import *  # noqa: F403
from cnengine.nn.mlflow_logger import *  # noqa: F403
from cnengine.nn.model import *  # noqa: F403
from cnengine.nn.module import *  # noqa: F403
from cnengine.nn.muon import *  # noqa: F403
from cnengine.nn.noise import *  # noqa: F403
from cnengine.nn.normalization import *  # noqa: F403
from cnengine.nn.optimizer import *  # noqa: F403
from cnengine.nn.padding import *  # noqa: F403
from cnengine.nn.parameters import *  # noqa: F403
from cnengine.nn.parametrization import *  # noqa: F403
from cnengine.nn.pooling import *  # noqa: F403
from cnengine.nn.pooling3d import *  # noqa: F403
from cnengine.nn.precision import *  # noqa: F403
from cnengine.nn.radam import *  # noqa: F403
from cnengine.nn.ratio_loss import *  # noqa: F403
from cnengine.nn.recurrent import *  # noqa: F403
from cnengine.nn.recurrent_cell import *  # noqa: F403
from cnengine.nn.regression_loss import *  # noqa: F403
from cnengine.nn.resizing import *  # noqa: F403
from cnengine.nn.rotary import *  # noqa: F403
from cnengine.nn.seed import *  # noqa: F403
from cnengine.nn.sgd import *  # noqa: F403
from cnengine.nn.shrinkage import *  # noqa: F403
from cnengine.nn.training_callbacks import *  # noqa: F403
from cnengine.nn.transformer import *  # noqa: F403
from cnengine.tensor.misuse import named_all as _named_all
from cnengine.tensor.peer_names import NN_NAMES as _NN_NAMES
from cnengine.tensor.peer_names import absent as _absent

__all__ = [
    "functional",
    "init",
    "schedules",
    *activations.__all__,
    *adam.__all__,
    *adam_variants.__all__,
    *adaptive.__all__,
    *attention.__all__,
    *auc.__all__,
    *averaging.__all__,
    *callbacks.__all__,
    *checkpoint.__all__,
    *classification_loss.__all__,
    *classification_metrics.__all__,
    *clipping.__all__,
    *containers.__all__,
    *convolution.__all__,
    *ctc.__all__,
    *dataset.__all__,
    *distance.__all__,
    *dropout.__all__,
    *embedding.__all__,
    *embedding_bag.__all__,
    *grid.__all__,
    *history.__all__,
    *instance_norm.__all__,
    *interpolation.__all__,
    *lbfgs.__all__,
    *linear.__all__,
    *loss_modules.__all__,
    *margin_loss.__all__,
    *metrics.__all__,
    *mlflow_logger.__all__,
    *model.__all__,
    *module.__all__,
    *muon.__all__,
    *noise.__all__,
    *normalization.__all__,
    *optimizer.__all__,
    *padding.__all__,
    *parameters.__all__,
    *parametrization.__all__,
    *pooling.__all__,
    *pooling3d.__all__,
    *precision.__all__,
    *radam.__all__,
    *ratio_loss.__all__,
    *recurrent.__all__,
    *recurrent_cell.__all__,
    *regression_loss.__all__,
    *resizing.__all__,
    *rotary.__all__,
    *seed.__all__,
    *sgd.__all__,
    *shrinkage.__all__,
    *training_callbacks.__all__,
    *transformer.__all__,
]

# Wrong objects are told by the function's name; grad and value_and_grad raise what is told them.
_named_all(globals(), [name for name in __all__ if name not in ("grad", "value_and_grad")])
_check_all(globals(), __all__)
for _module in (init, schedules):
    _check_functions(_module, _module.__all__)


def __getattr__(name: str) -> object:
    raise _absent("cnengine.nn", name, _NN_NAMES)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
