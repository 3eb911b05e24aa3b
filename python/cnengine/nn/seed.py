"""Where layers take keys of random numbers from when none is given."""

from __future__ import annotations

import threading
import warnings

import cnengine.tensor as ct
from cnengine.tensor import random
from cnengine.tensor.compile import is_compiling

__all__ = ["manual_seed", "next_key"]


class _Source:
    """A seed and how many keys it has given; a key depends on both alone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset(0)

    def reset(self, seed: int) -> None:
        with self.lock:
            self.seed, self.count = seed, 0

    def next(self) -> ct.Array:
        with self.lock:
            self.count += 1
            return random.fold_in(random.key(self.seed), self.count)


_SOURCE = _Source()


def manual_seed(seed: int) -> None:
    """Starts the keys of layers that get none anew; they begin with the seed 0.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.manual_seed(1); a = nn.Linear(2, 2)
    >>> nn.manual_seed(1); b = nn.Linear(2, 2)
    >>> bool((a.weight == b.weight)[0, 0])
    True
    """
    _SOURCE.reset(seed)


def next_key() -> ct.Array:
    """The next key of the seed that `manual_seed` has set.

    Where `jit` makes a program it warns: the key is a constant of that, the same in each call.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.next_key().shape
    (2,)
    """
    if is_compiling():
        warnings.warn(
            "next_key: a program that `jit` makes holds the key as a constant, every call of it "
            "draws the same; take keys outside and give them as arguments",
            RuntimeWarning,
            stacklevel=2,
        )
    return _SOURCE.next()


def keys_of(key: ct.Array | None, count: int) -> list[ct.Array]:
    """So many keys, from one that is given or from the seed."""
    parts = random.split(next_key() if key is None else key, count)
    return [parts[at] for at in range(count)]
