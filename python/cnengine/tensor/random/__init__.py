"""Random numbers from keys: the same key and shape give the same numbers, on any machine.

A key is two words (`uint32` of shape (2,)); nothing is drawn from a hidden state. `split` makes new
keys of one, each for one use. Keys, bits, uniform numbers and integers are those of `jax.random`
with its threefry keys. All functions go under `jit`, `vmap` (over keys and the other arguments) and
`grad` (with respect to bounds, scales and logits).
"""

from typing import NoReturn

from cnengine.tensor.peer_names import RANDOM_NAMES, absent
from cnengine.tensor.random import counts, derived, draws, sampling
from cnengine.tensor.random.counts import *  # noqa: F403
from cnengine.tensor.random.derived import *  # noqa: F403
from cnengine.tensor.random.draws import *  # noqa: F403
from cnengine.tensor.random.sampling import *  # noqa: F403

__all__ = [*counts.__all__, *derived.__all__, *draws.__all__, *sampling.__all__]


def __getattr__(name: str) -> NoReturn:
    raise absent("cnengine.tensor.random", name, RANDOM_NAMES)
