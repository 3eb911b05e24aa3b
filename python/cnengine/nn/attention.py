"""Attention: each position takes in what others hold, by the likeness of queries and keys."""

from __future__ import annotations

import math

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.activations import shift_of, softmax
from cnengine.nn.dropout import Dropout
from cnengine.nn.initializers import Initializer, glorot_uniform
from cnengine.nn.linear import Linear, linear
from cnengine.nn.module import Module
from cnengine.nn.rotary import rotate
from cnengine.nn.seed import keys_of

__all__ = ["MultiHeadAttention", "scaled_dot_product_attention"]

Array = ct.Array


def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    *,
    is_causal: bool = False,
    scale: float | None = None,
    dropout: Dropout | None = None,
) -> Array:
    """softmax(query key^T * scale + mask) value.

    Parameters
    ----------
    query, key, value
        (..., heads, length, d); keys and values have one length. Where they have fewer heads, each
        of these serves heads / theirs queries in a row.
    mask
        Of bools: what may be attended to; of floats: what is added. It is broadcast to (..., heads,
        queries, keys).
    is_causal
        Whether a query sees keys at its own place and before only; the last query sees all keys.
    scale
        None: 1 / sqrt(d).

    Rows in which nothing may be attended to are 0. Vaswani et al. 2017, arXiv:1706.03762.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x = ct.ones((1, 2, 5, 4))
    >>> nn.scaled_dot_product_attention(x, x, x, is_causal=True).shape
    (1, 2, 5, 4)
    """
    heads, groups = query.shape[-3], key.shape[-3]
    if groups == 0 or heads % groups or value.shape[-3] != groups:
        raise ShapeError(
            f"attention: expected heads that {groups} heads of keys divide, got {query.shape}, "
            f"{key.shape}, {value.shape}"
        )
    if _is_plain(query, key, value, mask, dropout):
        return ct.attention(query, key, value, mask=mask, is_causal=is_causal, scale=scale)
    if heads != groups:
        # Queries of one group as one matrix, so that keys are not repeated.
        query = ct.reshape(query, (*query.shape[:-3], groups, heads // groups, *query.shape[-2:]))
        key, value = ct.expand_dims(key, axis=-3), ct.expand_dims(value, axis=-3)
        if mask is not None and mask.ndim >= 3:
            split = (groups, heads // groups) if mask.shape[-3] > 1 else (1, 1)
            mask = ct.reshape(mask, (*mask.shape[:-3], *split, *mask.shape[-2:]))
    scale = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    swapped = ct.permute_dims(key, (*range(key.ndim - 2), key.ndim - 1, key.ndim - 2))
    scores = ct.matmul(query * scale, swapped)
    if is_causal:
        mask = _both(_causal(*scores.shape[-2:]), mask)
    if mask is not None:
        is_bool = mask.dtype.name == "bool"
        scores = ct.where(mask, scores, -math.inf) if is_bool else scores + mask
    weights = softmax(scores) if mask is None else _masked_softmax(scores)
    if dropout is not None:
        weights = dropout(weights)
    out = ct.matmul(weights, value)
    return ct.reshape(out, (*out.shape[:-4], heads, *out.shape[-2:])) if heads != groups else out


def _is_plain(
    query: Array, key: Array, value: Array, mask: Array | None, dropout: Dropout | None
) -> bool:
    """Whether it is what `ct.attention` computes: masks of bools at most, nothing repeated."""
    if dropout is not None and dropout.training:
        return False
    if mask is not None and (mask.dtype.name != "bool" or mask.ndim > query.ndim):
        return False
    shapes = {tuple(each.shape[:-3]) for each in (query, key, value)}
    types = {each.dtype.name for each in (query, key, value)}
    return len(shapes) == len(types) == 1 and types <= _FLOATS


_FLOATS = {"float16", "bfloat16", "float32", "float64"}


def _masked_softmax(scores: Array) -> Array:
    """As `softmax`, but 0 for rows of -infinity, where that would divide 0 by 0."""
    e = ct.exp(scores - shift_of(scores, -1))
    total = ct.sum(e, axis=-1, keepdims=True)
    return e / ct.where(total > 0, total, 1.0)


def _causal(queries: int, keys: int) -> Array:
    rows = ct.expand_dims(ct.arange(queries), axis=1) + (keys - queries)
    return rows >= ct.expand_dims(ct.arange(keys), axis=0)


def _both(allowed: Array, mask: Array | None) -> Array:
    if mask is None:
        return allowed
    if mask.dtype.name == "bool":
        return allowed & mask
    return ct.where(allowed, mask, -math.inf)


class MultiHeadAttention(Module):
    """Attention in several heads, with projections before and after.

    Parameters
    ----------
    embed_dim, num_heads
        Each head has embed_dim / num_heads of the features.
    num_kv_heads
        Heads of keys and values, which share queries in groups (arXiv:2305.13245); None: num_heads.
    kdim, vdim
        Features of keys and values; None: embed_dim.
    dropout
        Of weights of attention, while training.
    rope
        Whether positions turn queries and keys (`rotate`), with the base `rope_theta`.
    is_causal
        Whether positions see those before them only, in every call.

    Where all features are embed_dim, the three projections are one matrix `in_proj_weight`, named
    and laid out as in torch.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> attention = nn.MultiHeadAttention(8, 4, num_kv_heads=2, rope=True, is_causal=True)
    >>> attention(ct.ones((2, 5, 8))).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        num_kv_heads: int | None = None,
        kdim: int | None = None,
        vdim: int | None = None,
        rope: bool = False,
        rope_theta: float = 10_000.0,
        is_causal: bool = False,
        weight_init: Initializer | None = None,
        dtype: ct.DType = ct.float32,
        key: Array | None = None,
    ) -> None:
        num_kv_heads = num_heads if num_kv_heads is None else num_kv_heads
        if num_heads < 1 or embed_dim % num_heads or num_kv_heads < 1 or num_heads % num_kv_heads:
            raise ArgumentError(
                f"MultiHeadAttention: expected heads that divide {embed_dim} and each other, "
                f"got {num_heads} and {num_kv_heads}"
            )
        self.embed_dim, self.num_heads, self.num_kv_heads = embed_dim, num_heads, num_kv_heads
        self.head_dim = embed_dim // num_heads
        self.rope, self.rope_theta, self.is_causal = rope, rope_theta, is_causal
        kdim, vdim = kdim or embed_dim, vdim or embed_dim
        inner = num_kv_heads * self.head_dim
        init = weight_init or glorot_uniform()
        keys = keys_of(key, 5)
        if kdim == vdim == embed_dim:
            self.in_proj_weight = init(keys[0], (embed_dim + 2 * inner, embed_dim), dtype)
        else:
            self.q_proj_weight = init(keys[0], (embed_dim, embed_dim), dtype)
            self.k_proj_weight = init(keys[1], (inner, kdim), dtype)
            self.v_proj_weight = init(keys[2], (inner, vdim), dtype)
        self.in_proj_bias = ct.zeros((embed_dim + 2 * inner,), dtype=dtype) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, key=keys[3])
        if bias:
            self.out_proj.bias = ct.zeros((embed_dim,), dtype=dtype)
        self.dropout = Dropout(dropout, key=keys[4]) if dropout else None

    def forward(
        self,
        query: Array,
        key: Array | None = None,
        value: Array | None = None,
        mask: Array | None = None,
        *,
        is_causal: bool | None = None,
        positions: Array | None = None,
    ) -> Array:
        """The attention of `query` (batch, length, embed_dim) to keys and values.

        `key` None: to itself; `value` None: `key`. `mask` as in `scaled_dot_product_attention`,
        broadcast to (batch, heads, queries, keys). `positions` (of the queries and keys, for rope)
        None: 0, 1, ....
        """
        if query.ndim != 3 or query.shape[-1] != self.embed_dim:
            raise ShapeError(
                f"MultiHeadAttention: expected (batch, length, {self.embed_dim}), got {query.shape}"
            )
        value = key if value is None else value
        q, k, v = (self._heads(each) for each in self._project(query, key, value))
        if self.rope:
            q = rotate(q, positions, theta=self.rope_theta)
            k = rotate(k, positions, theta=self.rope_theta)
        causal = self.is_causal if is_causal is None else is_causal
        out = scaled_dot_product_attention(q, k, v, mask, is_causal=causal, dropout=self.dropout)
        out = ct.permute_dims(out, (0, 2, 1, 3))
        return self.out_proj(ct.reshape(out, query.shape))

    def _project(self, query: Array, key: Array | None, value: Array | None) -> list[Array]:
        width, inner = self.embed_dim, self.num_kv_heads * self.head_dim
        cuts = [(0, width), (width, width + inner), (width + inner, width + 2 * inner)]
        bias = self.in_proj_bias
        if key is None and hasattr(self, "in_proj_weight"):
            out = linear(query, self.in_proj_weight, bias)
            return [out[..., low:high] for low, high in cuts]
        key = query if key is None else key
        value = key if value is None else value
        if hasattr(self, "in_proj_weight"):
            weights = [self.in_proj_weight[low:high] for low, high in cuts]
        else:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        biases = [None] * 3 if bias is None else [bias[low:high] for low, high in cuts]
        parts = zip((query, key, value), weights, biases, strict=True)
        return [linear(x, weight, each) for x, weight, each in parts]

    def _heads(self, x: Array) -> Array:
        """(batch, length, heads * d) as (batch, heads, length, d)."""
        shape = (*x.shape[:2], x.shape[2] // self.head_dim, self.head_dim)
        return ct.permute_dims(ct.reshape(x, shape), (0, 2, 1, 3))
