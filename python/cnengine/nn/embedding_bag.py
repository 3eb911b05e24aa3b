"""Sums, means and maxima of the vectors of bags of whole numbers."""

from __future__ import annotations

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.embedding import Embedding
from cnengine.nn.initializers import Initializer

__all__ = ["EmbeddingBag"]

Array = ct.Array


class EmbeddingBag(Embedding):
    """One vector for each bag of whole numbers: the sum, mean or maximum of their rows.

    Parameters
    ----------
    num_embeddings, embedding_dim, padding_idx, weight_init
        As of `Embedding`; numbers equal to `padding_idx` do not count.
    mode
        ``"sum"``, ``"mean"`` or ``"max"``; of a bag without numbers each gives zeros.
    include_last_offset
        Whether the last offset is the end of the last bag, not the begin of one more.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> bag = nn.EmbeddingBag(10, 4, mode="sum")
    >>> bag(ct.asarray([[1, 2, 3], [4, 5, 5]])).shape
    (2, 4)
    >>> bag(ct.asarray([1, 2, 3, 4]), ct.asarray([0, 3])).shape
    (2, 4)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        mode: str = "mean",
        *,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        weight_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, weight_init=weight_init,
                         dtype=dtype, key=key)  # fmt: skip
        if mode not in ("sum", "mean", "max"):
            raise ArgumentError(f"EmbeddingBag: expected sum, mean or max as mode, got {mode!r}")
        self.mode, self.include_last_offset = mode, bool(include_last_offset)

    def forward(
        self, ids: Array, offsets: Array | None = None, per_sample_weights: Array | None = None
    ) -> Array:
        """ids are (bags, n), or (n,) with `offsets` (bags,), where bags begin, in order from 0.

        `per_sample_weights`, of the shape of ids, are factors of the rows; for sums alone. The
        result is (bags, embedding_dim). Raises ShapeError and ArgumentError.
        """
        if per_sample_weights is not None and self.mode != "sum":
            raise ArgumentError(f"EmbeddingBag: expected weights with sums, got {self.mode!r}")
        if per_sample_weights is not None and per_sample_weights.shape != ids.shape:
            raise ShapeError(
                f"EmbeddingBag: expected weights {ids.shape}, got {per_sample_weights.shape}"
            )
        if ids.ndim != (2 if offsets is None else 1):
            raise ShapeError(
                "EmbeddingBag: expected ids (bags, n), or (n,) with offsets, got "
                f"{ids.shape} {'without' if offsets is None else 'with'} offsets"
            )
        rows = super().forward(ids)
        counts = ct.ones(ids.shape, dtype=ct.bool)
        if self.padding_idx is not None:
            counts = ids != self.padding_idx
        if per_sample_weights is not None:
            rows = rows * ct.expand_dims(per_sample_weights, axis=-1)
        if offsets is None:
            bags = ids.shape[0]
            place = ct.repeat(ct.arange(bags), ids.shape[1])
            rows = ct.reshape(rows, (-1, self.embedding_dim))
            return self._collect(rows, ct.reshape(counts, (-1,)), place, bags)
        return self._collect(rows, counts, *self._places(ids, offsets))

    def _places(self, ids: Array, offsets: Array) -> tuple[Array, int]:
        """The bag of each number, and how many bags there are."""
        bags = offsets.shape[0] - (1 if self.include_last_offset else 0)
        if offsets.ndim != 1 or bags < 0:
            raise ShapeError(f"EmbeddingBag: expected offsets (bags,), got {offsets.shape}")
        begins = offsets[:bags]
        at = ct.astype(ct.arange(ids.shape[0]), begins.dtype)
        return ct.searchsorted(begins, at, side="right") - 1, bags

    def _collect(self, rows: Array, counts: Array, place: Array, bags: int) -> Array:
        shape = (bags, self.embedding_dim)
        if self.mode == "max":
            low = ct.where(ct.expand_dims(counts, axis=-1), rows, -float("inf"))
            out = ct.full(shape, -float("inf"), dtype=rows.dtype).at[place].max(low)
            some = ct.zeros((bags,), dtype=ct.int32).at[place].add(ct.astype(counts, ct.int32)) > 0
            return ct.where(ct.expand_dims(some, axis=-1), out, 0.0)
        rows = ct.where(ct.expand_dims(counts, axis=-1), rows, 0.0)
        out = ct.zeros(shape, dtype=rows.dtype).at[place].add(rows)
        if self.mode == "sum":
            return out
        sizes = ct.zeros((bags,), dtype=rows.dtype).at[place].add(ct.astype(counts, rows.dtype))
        return out / ct.expand_dims(ct.maximum(sizes, 1.0), axis=-1)
