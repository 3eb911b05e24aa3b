"""What the server asks of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class TensorSpec:
    """Name, datatype and shape of one input or output; -1 in the shape stands for any length."""

    name: str
    datatype: str
    shape: tuple[int, ...] = (-1,)
    optional: bool = False
    description: str = ""

    def metadata(self) -> dict:
        """The spec as the protocol writes it."""
        out: dict = {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}
        parameters: dict = {"optional": True} if self.optional else {}
        if self.description:
            parameters["description"] = self.description
        return out | ({"parameters": parameters} if parameters else {})


class Model(Protocol):
    """A served model. `infer` may be called from several threads at once."""

    name: str
    version: str
    platform: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def ready(self) -> bool:
        """Whether `infer` can answer now."""
        ...

    def infer(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Outputs by name for inputs by name, each of a datatype and shape that `inputs` declares.

        BYTES tensors are object arrays of `str`. Raises `ArgumentError`, `TypeError` or
        `NotFoundError` of `cnengine.errors` for inputs that do not fit each other; the message goes
        to the client. Of any other exception the client learns only that the server failed.
        """
        ...
