"""What a training changes, held so that each step is made whole or not at all."""

from __future__ import annotations

import threading
from typing import Any

import cnengine.tensor as ct
from cnengine.nn.training_step import Steps
from cnengine.tensor.state_step import own


class Variables:
    """Parameters, the optimiser's state, and the rest of a model: arrays that steps write in place.

    What is given out are arrays of their own: steps change these no more, and copy what somebody
    still holds before they write. Threads may look while another one trains; they wait for a step.
    """

    def __init__(self, params: Any, rest: Any, state: Any = None) -> None:
        self._lock = threading.RLock()
        self._trees: tuple[Any, ...] = own((params, state, rest))

    def step(self, steps: Steps, measures: list[Any], batch: tuple[Any, ...]) -> list[Any]:
        """The measures after one step; when it is interrupted all is as before it or after it."""
        with self._lock:
            self._trees, measures = steps.train(self._trees, measures, *batch)
        return measures

    def model(self) -> tuple[Any, Any]:
        """Parameters and the rest as they are."""
        with self._lock:
            params, _, rest = own(self._trees)
        return params, rest

    @property
    def dtype(self) -> ct.DType:
        """The type of the first parameter; float32 where there is none."""
        for value in self._trees[0].values():
            return value.dtype
        return ct.float32

    def state(self) -> Any:
        """The optimiser's state as it is."""
        with self._lock:
            return own(self._trees[1])

    def put(self, params: Any, rest: Any, state: Any = None) -> None:
        """Takes parameters, the rest, and the state where one is given."""
        trees = own((params, state, rest))
        with self._lock:
            self._trees = trees if state is not None else (trees[0], self._trees[1], trees[2])
