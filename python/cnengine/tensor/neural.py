"""What neural networks compute again and again, in one go over memory."""

from __future__ import annotations

import math

from cnengine._core import tensor as _tensor
from cnengine.tensor.array import Array

__all__ = ["attention", "matmul_int8", "softmax_cross_entropy"]


def attention(
    query: Array,
    key: Array,
    value: Array,
    /,
    *,
    mask: Array | None = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Array:
    """softmax(scale * query key^T) value, without the likeness of all queries and keys in memory.

    Parameters
    ----------
    query, key, value
        Floats of one type (..., heads, length, d), with the same axes in front of the heads. Keys
        and values have one length and number of heads, which divides that of the queries: each
        serves as many of them in a row.
    mask
        Bools, broadcast to (..., heads, queries, keys): what may be attended to. Rows without
        anything are 0.
    is_causal
        Whether a query sees keys at its own place and before only; the last query sees all keys.
    scale
        None: 1 / sqrt(d).

    float16 and bfloat16 are computed as float32. Dao et al. 2022, arXiv:2205.14135, with keys in
    one piece.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.reshape(ct.arange(4.0), (1, 2, 2))
    >>> ct.attention(x, x, x, is_causal=True)[0, 0]  # the first sees itself alone
    Array([0., 1.], dtype=float32)
    """
    dtype = query.dtype
    if dtype.itemsize < 4:
        query, key, value = (_tensor.cast(each, _tensor.float32) for each in (query, key, value))
    if mask is not None:
        front = query.shape[:-3] if query.ndim > 4 else (1,) * (query.ndim - 3)
        whole = (1,) * (query.ndim - mask.ndim) + tuple(mask.shape)
        shape = whole if query.ndim <= 4 else (*front, *whole[-3:])
        mask = _tensor.broadcast_to(mask, shape)
    scale = 1.0 / math.sqrt(max(query.shape[-1], 1)) if scale is None else scale
    out = _tensor.attention(query, key, value, mask, scale, is_causal)
    return _tensor.cast(out, dtype) if dtype.itemsize < 4 else out


def matmul_int8(a: Array, b: Array, /) -> Array:
    """The product of matrices of int8, or batches of them, in int32; exact up to 2^17 products.

    It has no derivative. Raises TypeError for other types.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.full((1, 2), 100, dtype=ct.int8)
    >>> ct.matmul_int8(x, ct.permute_dims(x, (1, 0)))
    Array([[20000]], dtype=int32)
    """
    return _tensor.matmul_int8(a, b)


def softmax_cross_entropy(logits: Array, labels: Array, /) -> Array:
    """-log softmax(logits)[label] over the last axis, which is read once.

    Parameters
    ----------
    logits
        Floats (..., classes).
    labels
        Whole numbers (...). One that is no class has the loss 0, and no derivative.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.softmax_cross_entropy(ct.asarray([[0.0, 0.0], [99.0, 0.0]]), ct.asarray([1, 0]))
    Array([0.6931472, 0.       ], dtype=float32)
    """
    return _tensor.softmax_cross_entropy(logits, labels)[0]
