"""Neural networks: modules, layers, losses, optimisers, training."""

from cnengine.nn import (
    activations,
    adam,
    adaptive,
    attention,
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
    dropout,
    embedding,
    history,
    linear,
    metrics,
    mlflow_logger,
    model,
    module,
    normalization,
    optimizer,
    parameters,
    pooling,
    precision,
    recurrent,
    regression_loss,
    rotary,
    schedules,
    seed,
    sgd,
    training_callbacks,
)
from cnengine.nn import initializers as init
from cnengine.nn.activations import *  # noqa: F403
from cnengine.nn.adam import *  # noqa: F403
from cnengine.nn.adaptive import *  # noqa: F403
from cnengine.nn.attention import *  # noqa: F403
from cnengine.nn.averaging import *  # noqa: F403
from cnengine.nn.callbacks import *  # noqa: F403
from cnengine.nn.checkpoint import *  # noqa: F403
from cnengine.nn.classification_loss import *  # noqa: F403
from cnengine.nn.classification_metrics import *  # noqa: F403
from cnengine.nn.clipping import *  # noqa: F403
from cnengine.nn.containers import *  # noqa: F403
from cnengine.nn.convolution import *  # noqa: F403
from cnengine.nn.ctc import *  # noqa: F403
from cnengine.nn.dataset import *  # noqa: F403
from cnengine.nn.dropout import *  # noqa: F403
from cnengine.nn.embedding import *  # noqa: F403
from cnengine.nn.history import *  # noqa: F403
from cnengine.nn.linear import *  # noqa: F403
from cnengine.nn.metrics import *  # noqa: F403
from cnengine.nn.mlflow_logger import *  # noqa: F403
from cnengine.nn.model import *  # noqa: F403
from cnengine.nn.module import *  # noqa: F403
from cnengine.nn.normalization import *  # noqa: F403
from cnengine.nn.optimizer import *  # noqa: F403
from cnengine.nn.parameters import *  # noqa: F403
from cnengine.nn.pooling import *  # noqa: F403
from cnengine.nn.precision import *  # noqa: F403
from cnengine.nn.recurrent import *  # noqa: F403
from cnengine.nn.regression_loss import *  # noqa: F403
from cnengine.nn.rotary import *  # noqa: F403
from cnengine.nn.seed import *  # noqa: F403
from cnengine.nn.sgd import *  # noqa: F403
from cnengine.nn.training_callbacks import *  # noqa: F403

__all__ = [
    "init",
    "schedules",
    *activations.__all__,
    *adam.__all__,
    *adaptive.__all__,
    *attention.__all__,
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
    *dropout.__all__,
    *embedding.__all__,
    *history.__all__,
    *linear.__all__,
    *metrics.__all__,
    *mlflow_logger.__all__,
    *model.__all__,
    *module.__all__,
    *normalization.__all__,
    *optimizer.__all__,
    *parameters.__all__,
    *pooling.__all__,
    *precision.__all__,
    *recurrent.__all__,
    *regression_loss.__all__,
    *rotary.__all__,
    *seed.__all__,
    *sgd.__all__,
    *training_callbacks.__all__,
]
