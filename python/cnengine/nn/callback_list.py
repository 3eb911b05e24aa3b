"""The callbacks of one training, told together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cnengine.errors import ArgumentError
from cnengine.nn.callbacks import Callback, ProgressBar


class CallbackList:
    """Calls a method of all callbacks, in their order; of batches only of those that have it."""

    def __init__(
        self,
        callbacks: Iterable[Callback] | Callback | None,
        model: Any,
        told: Mapping[str, Any],
        verbose: int,
    ) -> None:
        given = [callbacks] if isinstance(callbacks, Callback) else [*(callbacks or ())]
        for each in given:
            if not isinstance(each, Callback):
                raise ArgumentError(f"callbacks: expected callbacks, got {each!r}")
        self.all = [*given, *([ProgressBar()] if verbose else [])]
        for each in self.all:
            each.set_model(model, told)
        self.begin_batch = self._having("on_train_batch_begin")
        self.end_batch = self._having("on_train_batch_end")

    def _having(self, name: str) -> list[Callback]:
        own = getattr(Callback, name)
        return [
            each for each in self.all if getattr(type(each), name) is not own
            or name in each.__dict__
        ]  # fmt: skip

    def tell(self, name: str, *arguments: Any) -> None:
        """Calls the method `name` of each."""
        for each in self.all:
            getattr(each, name)(*arguments)
