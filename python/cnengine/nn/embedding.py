"""Vectors for whole numbers."""

from __future__ import annotations

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.nn.initializers import Initializer, normal
from cnengine.nn.linear import linear
from cnengine.nn.module import Module
from cnengine.nn.seed import keys_of

__all__ = ["Embedding"]

Array = ct.Array


class Embedding(Module):
    """The row of a table for each whole number.

    Parameters
    ----------
    num_embeddings, embedding_dim
        The shape of the table, `weight`.
    padding_idx
        A number whose row begins as zeros and gets no derivative.
    weight_init
        None: normal with the deviation 1, as torch does it.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.Embedding(10, 4)(ct.asarray([[1, 2, 3]])).shape
    (1, 3, 4)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        weight_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ArgumentError(
                    f"Embedding: expected a padding_idx within {num_embeddings}, got {padding_idx}"
                )
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        (only,) = keys_of(key, 1)
        weight = (weight_init or normal())(only, (num_embeddings, embedding_dim), dtype)
        if padding_idx is not None:
            weight = ct.where(self._is_padding(ct.arange(num_embeddings)), 0.0, weight)
        self.weight = weight

    def _is_padding(self, ids: Array) -> Array:
        return ct.expand_dims(ids == self.padding_idx, axis=-1)

    def forward(self, ids: Array) -> Array:
        """ids are whole numbers of any shape s; the result is (*s, embedding_dim)."""
        if ids.dtype.name in ("float16", "bfloat16", "float32", "float64", "bool"):
            raise TypeError(f"Embedding: expected whole numbers, got {ids.dtype.name}")
        rows = ct.take(self.weight, ct.reshape(ids, (-1,)), axis=0)
        out = ct.reshape(rows, (*ids.shape, self.embedding_dim))
        if self.padding_idx is not None:
            out = ct.where(self._is_padding(ids), ct.stop_gradient(out), out)
        return out

    def attend(self, x: Array) -> Array:
        """x W^T: scores of all numbers, for a model whose output shares the table of its input.

        x is (..., embedding_dim), the result (..., num_embeddings).
        """
        return linear(x, self.weight)
