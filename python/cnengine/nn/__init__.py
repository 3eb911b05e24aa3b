"""Neural networks: modules, layers, losses, optimisers, training."""

from cnengine.nn import (
    activations,
    attention,
    containers,
    convolution,
    dropout,
    embedding,
    linear,
    module,
    normalization,
    parameters,
    pooling,
    recurrent,
    rotary,
    seed,
)
from cnengine.nn import initializers as init
from cnengine.nn.activations import *  # noqa: F403
from cnengine.nn.attention import *  # noqa: F403
from cnengine.nn.containers import *  # noqa: F403
from cnengine.nn.convolution import *  # noqa: F403
from cnengine.nn.dropout import *  # noqa: F403
from cnengine.nn.embedding import *  # noqa: F403
from cnengine.nn.linear import *  # noqa: F403
from cnengine.nn.module import *  # noqa: F403
from cnengine.nn.normalization import *  # noqa: F403
from cnengine.nn.parameters import *  # noqa: F403
from cnengine.nn.pooling import *  # noqa: F403
from cnengine.nn.recurrent import *  # noqa: F403
from cnengine.nn.rotary import *  # noqa: F403
from cnengine.nn.seed import *  # noqa: F403

__all__ = [
    "init",
    *activations.__all__,
    *attention.__all__,
    *containers.__all__,
    *convolution.__all__,
    *dropout.__all__,
    *embedding.__all__,
    *linear.__all__,
    *module.__all__,
    *normalization.__all__,
    *parameters.__all__,
    *pooling.__all__,
    *recurrent.__all__,
    *rotary.__all__,
    *seed.__all__,
]
