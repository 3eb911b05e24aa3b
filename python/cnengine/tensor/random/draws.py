"""Keys, and the numbers that one draw gives."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from numbers import Integral

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.array import (
    Array,
    DType,
    float32,
    float64,
    int64,
    integers_of,
    uint8,
    uint16,
    uint32,
)
from cnengine.tensor.array import uint64 as _uint64
from cnengine.tensor.creation import asarray, astype
from cnengine.tensor.elementwise import (
    copysign,
    erf,
    erfinv,
    log,
    log1p,
    maximum,
    minimum,
    tan,
)
from cnengine.tensor.indexing import take
from cnengine.tensor.manipulation import expand_dims, reshape
from cnengine.tensor.ordering import argsort
from cnengine.tensor.reduction import argmax

__all__ = [
    "bernoulli", "bits", "categorical", "cauchy", "choice", "exponential", "fold_in", "gumbel",
    "key", "laplace", "logistic", "normal", "permutation", "rademacher", "randint", "split",
    "truncated_normal", "uniform",
]  # fmt: skip

Shape = int | Sequence[int]
_UNSIGNED = {1: uint8, 2: uint16, 4: uint32, 8: _uint64}
_TINY = {"float16": 2.0**-14, "bfloat16": 2.0**-126, "float32": 2.0**-126, "float64": 2.0**-1022}


def _check(key: Array, function: str) -> Array:
    if not isinstance(key, Array) or key.shape != (2,) or key.dtype != uint32:
        raise TypeError(f"{function}: expected a key (uint32 of shape (2,)), got {key!r:.80}")
    return key


def _plain(key: Array, shape: Shape, dtype: DType, function: str) -> Array:
    """Uniform in [0, 1)."""
    return _tensor.random_uniform(_check(key, function), integers_of(shape), dtype)


def _from_tiny(key: Array, shape: Shape, dtype: DType, function: str) -> Array:
    """Uniform in (0, 1), never 0."""
    dtype = DType(dtype)
    if dtype.name not in _TINY:
        raise TypeError(f"{function}: expected a type of floats, got {dtype.name}")
    tiny = _TINY[dtype.name]
    return maximum(_plain(key, shape, dtype, function) * (1 - tiny) + tiny, tiny)


def key(seed: int) -> Array:
    """The key of a number below 2^64; negative ones count from there.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.key(7)
    Array([0, 7], dtype=uint32)
    """
    seed = operator.index(seed) & (2**64 - 1)
    return asarray(np.array([seed >> 32, seed & 0xFFFFFFFF], np.uint32))


def split(key: Array, num: Shape = 2) -> Array:
    """New keys, `num` of them or an array of that shape: uint32 of shape (..., 2).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> first, second = ct.random.split(ct.random.key(0))
    >>> first
    Array([1797259609, 2579123966], dtype=uint32)
    """
    return _tensor.random_split(_check(key, "split"), integers_of(num))


def fold_in(key: Array, data: int | Array) -> Array:
    """The key of a key and a number below 2^32, such as that of a step or a worker."""
    if not isinstance(data, Array):
        data = asarray(np.uint32(operator.index(data) & 0xFFFFFFFF))
    return _tensor.random_fold_in(_check(key, "fold_in"), astype(data, uint32))


def bits(key: Array, shape: Shape = (), dtype: DType = uint32) -> Array:
    """Random bits as uint8, uint16, uint32 or uint64."""
    return _tensor.random_bits(_check(key, "bits"), integers_of(shape), dtype)


def uniform(
    key: Array,
    shape: Shape = (),
    dtype: DType = float32,
    minval: float | Array = 0.0,
    maxval: float | Array = 1.0,
) -> Array:
    """Numbers of [minval, maxval), each of 2^-23 (float32) or 2^-52 (float64) of the way.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.random.uniform(ct.random.key(0), (2,))
    Array([0.947667 , 0.9785799], dtype=float32)
    """
    plain = _plain(key, shape, dtype, "uniform")
    if not isinstance(minval, Array) and not isinstance(maxval, Array):
        if minval == 0.0 and maxval == 1.0:
            return plain
        if minval == 0.0:
            return plain * maxval
    return maximum(plain * (maxval - minval) + minval, minval)


def normal(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """Numbers of the normal distribution with mean 0 and deviation 1."""
    return _tensor.random_normal(_check(key, "normal"), integers_of(shape), dtype)


def truncated_normal(
    key: Array,
    lower: float | Array,
    upper: float | Array,
    shape: Shape = (),
    dtype: DType = float32,
) -> Array:
    """Normal numbers, as they are distributed between two bounds."""
    root = math.sqrt(2)
    low, high = (
        astype(x, dtype) if isinstance(x, Array) else asarray(x, dtype=dtype)
        for x in (lower, upper)
    )
    a, b = erf(low / root), erf(high / root)
    out = root * erfinv(uniform(key, shape, dtype, a, b))
    return minimum(maximum(out, low), high)


def bernoulli(key: Array, p: float | Array = 0.5, shape: Shape | None = None) -> Array:
    """True with the probability `p`; `shape` is that of `p` by default."""
    if shape is None:
        shape = p.shape if isinstance(p, Array) else ()
    dtype = p.dtype if isinstance(p, Array) else float32
    return _plain(key, shape, dtype, "bernoulli") < p


def rademacher(key: Array, shape: Shape = (), dtype: DType = int64) -> Array:
    """-1 or 1."""
    return 2 * astype(bernoulli(key, 0.5, shape), dtype) - 1


def randint(key: Array, shape: Shape, minval: int, maxval: int, dtype: DType = int64) -> Array:
    """Whole numbers of [minval, maxval), all with the same probability to 2^-bits of it.

    Raises ArgumentError for bounds that the type does not hold, or none between them.
    """
    _check(key, "randint")
    info = np.iinfo(dtype.name)
    minval, maxval = operator.index(minval), operator.index(maxval)
    span = maxval - minval
    if not (info.min <= minval < maxval <= info.max + 1):
        raise ArgumentError(
            f"randint: expected minval < maxval within {dtype.name}, got {minval} and {maxval}"
        )
    unsigned, width = _UNSIGNED[info.bits // 8], info.bits
    higher, lower = (bits(k, shape, unsigned) for k in (split(key)[0], split(key)[1]))
    if span == 2**width:
        return astype(lower, dtype) + minval
    divisor = asarray(np.array(span, unsigned.name))
    # 2^width modulo the span, in arithmetic modulo 2^width.
    half = 2 ** (width // 2) % span
    multiplier = asarray(np.array(half * half % 2**width % span, unsigned.name))
    offset = ((higher % divisor) * multiplier + lower % divisor) % divisor
    return astype(offset, dtype) + minval


def gumbel(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """-log(-log(u)) of uniform numbers u."""
    return -log(-log(_from_tiny(key, shape, dtype, "gumbel")))


def exponential(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """Numbers of the density exp(-x) for x >= 0."""
    return -log1p(-_plain(key, shape, dtype, "exponential"))


def laplace(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """Numbers of the density exp(-|x|) / 2."""
    eps = float(np.finfo(dtype.name).eps) if dtype in (float32, float64) else 2.0**-7
    u = uniform(key, shape, dtype, -1 + eps, 1.0)
    return -copysign(log1p(-abs(u)), u)


def logistic(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """Numbers of which the sigmoid is uniform."""
    u = _from_tiny(key, shape, dtype, "logistic")
    return log(u / (1 - u))


def cauchy(key: Array, shape: Shape = (), dtype: DType = float32) -> Array:
    """Numbers of the density 1 / (pi (1 + x^2))."""
    return tan(math.pi * (_from_tiny(key, shape, dtype, "cauchy") - 0.5))


def categorical(key: Array, logits: Array, axis: int = -1, shape: Shape | None = None) -> Array:
    """Places along an axis, with probabilities proportional to exp(logits).

    `shape` is that of the logits without the axis, or ends in it: then there are as many draws of
    each as the axes before say.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> logits = ct.log(ct.asarray([0.0, 1.0, 0.0]))
    >>> ct.random.categorical(ct.random.key(0), logits, shape=(3,))
    Array([1, 1, 1], dtype=int64)
    """
    axis %= logits.ndim
    rest = [n for i, n in enumerate(logits.shape) if i != axis]
    wanted = rest if shape is None else integers_of(shape)
    before = wanted[: len(wanted) - len(rest)]
    if wanted[len(before) :] != rest:
        raise ShapeError(f"categorical: expected a shape that ends in {rest}, got {wanted}")
    noise = gumbel(key, [*before, *logits.shape], logits.dtype)
    if before:
        logits = expand_dims(logits, axis=list(range(len(before))))
    return argmax(noise + logits, axis=len(before) + axis)


def permutation(key: Array, x: int | Array) -> Array:
    """The numbers below `x`, or the rows of an array, in a random order."""
    is_count = hasattr(x, "__index__") and not isinstance(x, Array)
    order = argsort(bits(key, x if is_count else x.shape[0], _uint64), stable=True)
    return order if is_count else take(x, order, axis=0)


def choice(
    key: Array,
    a: int | Array,
    shape: Shape = (),
    replace: bool = True,
    p: Array | None = None,
) -> Array:
    """Numbers below `a`, or rows of it, with the same probability or those of `p`.

    Without replacement no one comes twice: ArgumentError when there are not as many.
    """
    is_count = isinstance(a, Integral)
    a = operator.index(a) if is_count else asarray(a)
    count = a if is_count else a.shape[0]
    wanted = integers_of(shape)
    size = math.prod(wanted)
    if not replace and size > count:
        raise ArgumentError(f"choice: {size} of {count} without replacement")
    if replace and p is None:
        places = randint(key, wanted, 0, count)
    elif replace:
        places = categorical(key, log(p), shape=wanted)
    elif p is None:
        places = reshape(permutation(key, count)[:size], wanted)
    else:
        # The largest of the logits with Gumbel's noise (Kool, van Hoof and Welling 2019).
        noisy = log(p) + gumbel(key, count, p.dtype)
        places = reshape(argsort(noisy, descending=True, stable=True)[:size], wanted)
    if is_count:
        return places
    return reshape(take(a, reshape(places, [-1]), axis=0), [*wanted, *a.shape[1:]])
