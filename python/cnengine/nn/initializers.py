"""First values of parameters.

An initialiser is a function (key, shape, dtype) -> array. A weight has the shape (outputs, inputs,
*kernel): its fan in is inputs times the kernel's places, its fan out outputs times these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError
from cnengine.tensor import random

__all__ = ["constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity",
           "lecun_normal", "lecun_uniform", "normal", "ones", "orthogonal", "truncated_normal",
           "uniform", "variance_scaling", "zeros"]  # fmt: skip

Initializer = Callable[..., ct.Array]

# The deviation of a normal distribution that is cut off at 2 deviations.
_CUT_DEVIATION = 0.87962566103423978


def _values(name: str, f: Initializer) -> Initializer:
    def initialize(key: ct.Array, shape: Sequence[int], dtype: ct.DType = ct.float32) -> ct.Array:
        return f(key, tuple(shape), dtype)

    initialize.__name__ = initialize.__qualname__ = name
    return initialize


def zeros(key: ct.Array | None, shape: Sequence[int], dtype: ct.DType = ct.float32) -> ct.Array:
    """Zeros; the key is not used.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.zeros(None, (2,))
    Array([0., 0.], dtype=float32)
    """
    return ct.zeros(tuple(shape), dtype=dtype)


def ones(key: ct.Array | None, shape: Sequence[int], dtype: ct.DType = ct.float32) -> ct.Array:
    """Ones; the key is not used.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.ones(None, (2,))
    Array([1., 1.], dtype=float32)
    """
    return ct.ones(tuple(shape), dtype=dtype)


def constant(value: float) -> Initializer:
    """One number everywhere.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.constant(0.5)(None, (2,))
    Array([0.5, 0.5], dtype=float32)
    """
    return _values("constant", lambda key, shape, dtype: ct.full(shape, value, dtype=dtype))


def uniform(low: float = 0.0, high: float = 1.0) -> Initializer:
    """Uniform from `low` to `high`.

    Examples
    --------
    >>> from cnengine import nn
    >>> x = nn.init.uniform(-1.0, 1.0)(nn.next_key(), (100,))
    >>> bool((abs(x) <= 1.0)[0])
    True
    """
    return _values(
        "uniform",
        lambda key, shape, dtype: random.uniform(key, shape, dtype=dtype, minval=low, maxval=high),
    )


def normal(std: float = 1.0, mean: float = 0.0) -> Initializer:
    """Normal with a deviation and a mean.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.normal(0.02)(nn.next_key(), (3, 4)).shape
    (3, 4)
    """
    return _values(
        "normal", lambda key, shape, dtype: random.normal(key, shape, dtype=dtype) * std + mean
    )


def truncated_normal(
    std: float = 1.0, mean: float = 0.0, low: float = -2.0, high: float = 2.0
) -> Initializer:
    """Normal, drawn again outside of `low` to `high`, which count deviations from the mean.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> x = nn.init.truncated_normal(0.1)(nn.next_key(), (1000,))
    >>> float(ct.max(abs(x))) <= 0.2
    True
    """
    return _values(
        "truncated_normal",
        lambda key, shape, dtype: (
            random.truncated_normal(key, low, high, shape, dtype=dtype) * std + mean
        ),
    )


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Fan in and fan out of a weight of the shape (outputs, inputs, *kernel)."""
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


def variance_scaling(scale: float, mode: str, distribution: str) -> Initializer:
    """Values of the variance scale / fan.

    Parameters
    ----------
    mode
        ``"fan_in"``, ``"fan_out"`` or ``"fan_avg"``.
    distribution
        ``"uniform"``, ``"normal"`` or ``"truncated_normal"`` (cut off at 2 deviations).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> make = nn.init.variance_scaling(1.0, "fan_in", "normal")
    >>> abs(float(ct.std(make(nn.next_key(), (100, 100)))) - 0.1) < 0.01
    True
    """
    if mode not in ("fan_in", "fan_out", "fan_avg"):
        raise ArgumentError(f"variance_scaling: expected fan_in, fan_out or fan_avg, got {mode!r}")
    if distribution not in ("uniform", "normal", "truncated_normal"):
        raise ArgumentError(
            f"variance_scaling: expected uniform, normal or truncated_normal, got {distribution!r}"
        )

    def make(key: ct.Array, shape: tuple[int, ...], dtype: ct.DType) -> ct.Array:
        into, out = fans(shape)
        fan = {"fan_in": into, "fan_out": out, "fan_avg": (into + out) / 2}[mode]
        std = math.sqrt(scale / max(fan, 1))
        if distribution == "uniform":
            return uniform(-math.sqrt(3) * std, math.sqrt(3) * std)(key, shape, dtype)
        if distribution == "normal":
            return normal(std)(key, shape, dtype)
        return truncated_normal(std / _CUT_DEVIATION)(key, shape, dtype)

    return _values("variance_scaling", make)


def glorot_uniform(gain: float = 1.0) -> Initializer:
    """Uniform with the variance gain^2 * 2 / (fan in + fan out); torch's xavier_uniform.

    Glorot and Bengio 2010.

    Examples
    --------
    >>> from cnengine import nn
    >>> x = nn.init.glorot_uniform()(nn.next_key(), (3, 3))
    >>> bool((abs(x) <= 1.0)[0, 0])
    True
    """
    return variance_scaling(gain * gain, "fan_avg", "uniform")


def glorot_normal(gain: float = 1.0) -> Initializer:
    """Normal with the variance gain^2 * 2 / (fan in + fan out); torch's xavier_normal.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.glorot_normal()(nn.next_key(), (3, 3)).shape
    (3, 3)
    """
    return variance_scaling(gain * gain, "fan_avg", "normal")


def he_uniform(mode: str = "fan_in") -> Initializer:
    """Uniform with the variance 2 / fan, for layers before relu; torch's kaiming_uniform.

    He et al. 2015, arXiv:1502.01852.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.he_uniform()(nn.next_key(), (3, 3)).shape
    (3, 3)
    """
    return variance_scaling(2.0, mode, "uniform")


def he_normal(mode: str = "fan_in") -> Initializer:
    """Normal with the variance 2 / fan, for layers before relu; torch's kaiming_normal.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.he_normal()(nn.next_key(), (3, 3)).shape
    (3, 3)
    """
    return variance_scaling(2.0, mode, "normal")


def lecun_uniform() -> Initializer:
    """Uniform with the variance 1 / fan in, for layers before selu.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.lecun_uniform()(nn.next_key(), (3, 3)).shape
    (3, 3)
    """
    return variance_scaling(1.0, "fan_in", "uniform")


def lecun_normal() -> Initializer:
    """Normal with the variance 1 / fan in, cut off at 2 deviations, as in Keras and JAX.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.lecun_normal()(nn.next_key(), (3, 3)).shape
    (3, 3)
    """
    return variance_scaling(1.0, "fan_in", "truncated_normal")


def orthogonal(gain: float = 1.0) -> Initializer:
    """A random matrix with orthogonal rows or columns, by axes (first, all others).

    Not under `jit` and `vmap`: NumPy decomposes the matrix. Saxe et al. 2014, arXiv:1312.6120.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> q = nn.init.orthogonal()(nn.next_key(), (3, 5))
    >>> bool(ct.max(abs(q @ ct.permute_dims(q, (1, 0)) - ct.eye(3))) < 1e-5)
    True
    """

    def make(key: ct.Array, shape: tuple[int, ...], dtype: ct.DType) -> ct.Array:
        if len(shape) < 2:
            raise ArgumentError(f"orthogonal: expected two axes or more, got the shape {shape}")
        rows, columns = shape[0], math.prod(shape[1:])
        flat = random.normal(key, (max(rows, columns), min(rows, columns)), dtype=ct.float64)
        q, r = np.linalg.qr(np.asarray(flat))
        # Without the signs of the diagonal the distribution would not be uniform.
        q = q * np.sign(np.diagonal(r))
        values = q.T if rows < columns else q
        return ct.asarray((values * gain).reshape(shape), dtype=dtype)

    return _values("orthogonal", make)


def identity(gain: float = 1.0) -> Initializer:
    """The unit matrix.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.init.identity()(None, (2, 2))
    Array([[1., 0.],
           [0., 1.]], dtype=float32)
    """

    def make(key: ct.Array, shape: tuple[int, ...], dtype: ct.DType) -> ct.Array:
        if len(shape) != 2:
            raise ArgumentError(f"identity: expected two axes, got the shape {shape}")
        return ct.eye(shape[0], shape[1], dtype=dtype) * gain

    return _values("identity", make)


def fan_in_uniform(fan_in: int) -> Initializer:
    """Uniform within 1 / sqrt(fan in): what torch's layers begin with."""
    bound = 1.0 / math.sqrt(fan_in) if fan_in else 0.0
    return uniform(-bound, bound)
