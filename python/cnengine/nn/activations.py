"""Functions between layers, of single elements or along an axis, and their layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn.module import Module
from cnengine.tensor.arguments import check_options
from cnengine.tensor.composite import composite

__all__ = ["celu", "elu", "gelu", "glu", "hard_sigmoid", "hard_swish", "hard_tanh", "leaky_relu",
           "log_sigmoid", "log_softmax", "mish", "prelu", "relu", "relu6", "selu", "sigmoid",
           "silu", "softmax", "softmin", "softplus", "softsign", "swiglu", "tanh", "tanhshrink",
           "threshold"]  # fmt: skip

Array = ct.Array

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017


@composite
def relu(x: Array) -> Array:
    """max(x, 0), with the derivative 0 at 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.relu(ct.asarray([-1.0, 2.0]))
    Array([0., 2.], dtype=float32)
    """
    return ct.where(x <= 0, 0.0, x)


def relu6(x: Array) -> Array:
    """min(max(x, 0), 6).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.relu6(ct.asarray([-1.0, 2.0, 7.0]))
    Array([0., 2., 6.], dtype=float32)
    """
    return hard_tanh(x, 0.0, 6.0)


@composite
def hard_tanh(x: Array, low: float = -1.0, high: float = 1.0) -> Array:
    """x within `low` to `high`, else the nearer of them, where the derivative is 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.hard_tanh(ct.asarray([-2.0, 0.5]))
    Array([-1. ,  0.5], dtype=float32)
    """
    return ct.where(x <= low, low, ct.where(x >= high, high, x))


@composite
def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """x where it is positive, else negative_slope * x.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.leaky_relu(ct.asarray([-1.0, 2.0]), 0.5)
    Array([-0.5,  2. ], dtype=float32)
    """
    return ct.where(x > 0, x, x * negative_slope)


@composite
def prelu(x: Array, weight: Array) -> Array:
    """`leaky_relu` whose slope is an array: one number, or one for each channel (axis 1).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.prelu(ct.asarray([-2.0, 1.0]), ct.asarray([0.5]))
    Array([-1.,  1.], dtype=float32)
    """
    if weight.size == 1:
        weight = ct.reshape(weight, ())
    elif x.ndim > 1:
        weight = ct.reshape(weight, (-1,) + (1,) * (x.ndim - 2))
    return ct.where(x > 0, x, x * weight)


@composite
def threshold(x: Array, threshold: float, value: float) -> Array:
    """x where it is above `threshold`, else `value`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.threshold(ct.asarray([0.5, 2.0]), 1.0, -1.0)
    Array([-1.,  2.], dtype=float32)
    """
    return ct.where(x > threshold, x, value)


@composite
def elu(x: Array, alpha: float = 1.0) -> Array:
    """x where it is positive, else alpha * (e^x - 1). Clevert et al. 2016, arXiv:1511.07289.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.elu(ct.asarray(0.0)))
    0.0
    """
    # What is not chosen must be finite, or its derivative would be a NaN.
    return ct.where(x > 0, x, ct.expm1(ct.where(x > 0, 0.0, x)) * alpha)


@composite
def celu(x: Array, alpha: float = 1.0) -> Array:
    """x where it is positive, else alpha * (e^(x / alpha) - 1). arXiv:1704.07483.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.celu(ct.asarray(2.0)))
    2.0
    """
    return ct.where(x > 0, x, ct.expm1(ct.where(x > 0, 0.0, x) / alpha) * alpha)


@composite
def selu(x: Array) -> Array:
    """`elu` scaled such that layers keep mean 0 and variance 1. arXiv:1706.02515.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.selu(ct.asarray(1.0))), 4)
    1.0507
    """
    return elu(x, _SELU_ALPHA) * _SELU_SCALE


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.sigmoid(ct.asarray(0.0)))
    0.5
    """
    return ct.sigmoid(x)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.tanh(ct.asarray(0.0)))
    0.0
    """
    return ct.tanh(x)


@composite
def log_sigmoid(x: Array) -> Array:
    """log(1 / (1 + e^-x)), without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.log_sigmoid(ct.asarray(-200.0)))
    -200.0
    """
    return -ct.logaddexp(-x, 0.0)


@composite
def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """log(1 + e^(beta x)) / beta; x itself where beta x is above `threshold`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.softplus(ct.asarray(100.0)))
    100.0
    """
    scaled = x * beta
    large = scaled > threshold
    return ct.where(large, x, ct.log1p(ct.exp(ct.where(large, 0.0, scaled))) / beta)


@composite
def softsign(x: Array) -> Array:
    """x / (1 + |x|).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.softsign(ct.asarray(1.0)))
    0.5
    """
    return x / (ct.abs(x) + 1.0)


@composite
def tanhshrink(x: Array) -> Array:
    """x - tanh(x).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.tanhshrink(ct.asarray(0.0)))
    0.0
    """
    return x - ct.tanh(x)


@composite
def silu(x: Array) -> Array:
    """x * sigmoid(x), also called swish. arXiv:1702.03118.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.silu(ct.asarray(0.0)))
    0.0
    """
    return x * ct.sigmoid(x)


@composite
def gelu(x: Array, approximate: str = "none") -> Array:
    """x * Phi(x), Phi the normal distribution's function; ``"tanh"``: its approximation.

    Hendrycks and Gimpel 2016, arXiv:1606.08415.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.gelu(ct.asarray(1.0))), 4)
    0.8413
    """
    if approximate == "none":
        return x * ((ct.erf(x * math.sqrt(0.5)) + 1.0) * 0.5)
    if approximate != "tanh":
        raise ArgumentError(f'gelu: expected approximate "none" or "tanh", got {approximate!r}')
    inner = (x + x * x * x * 0.044715) * math.sqrt(2.0 / math.pi)
    return x * ((ct.tanh(inner) + 1.0) * 0.5)


@composite
def mish(x: Array) -> Array:
    """x * tanh(softplus(x)). arXiv:1908.08681.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> round(float(nn.mish(ct.asarray(1.0))), 4)
    0.8651
    """
    return x * ct.tanh(softplus(x))


@composite
def hard_sigmoid(x: Array) -> Array:
    """min(max(x / 6 + 1/2, 0), 1).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.hard_sigmoid(ct.asarray([-4.0, 0.0, 4.0]))
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    return ct.where(x <= -3, 0.0, ct.where(x >= 3, 1.0, x * (1 / 6) + 0.5))


@composite
def hard_swish(x: Array) -> Array:
    """x * hard_sigmoid(x). arXiv:1905.02244.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> float(nn.hard_swish(ct.asarray(3.0)))
    3.0
    """
    inner = ct.where(ct.abs(x) >= 3, 0.0, x)  # whose product with a derivative of 0 is no NaN
    return ct.where(x <= -3, 0.0, ct.where(x >= 3, x, inner * (inner + 3) * (1 / 6)))


@composite
def softmax(x: Array, axis: int = -1) -> Array:
    """e^x / sum of e^x along an axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.softmax(ct.asarray([1.0, 1.0]))
    Array([0.5, 0.5], dtype=float32)
    """
    e = ct.exp(x - shift_of(x, axis))
    total = ct.sum(e, axis=axis, keepdims=True)
    # One division for a row; not of 16 bits, whose inverses of long sums have few digits.
    return e / total if x.dtype.itemsize < 4 else e * (1.0 / total)


@composite
def softmin(x: Array, axis: int = -1) -> Array:
    """softmax(-x).

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.softmin(ct.asarray([1.0, 1.0]))
    Array([0.5, 0.5], dtype=float32)
    """
    return softmax(-x, axis)


@composite
def log_softmax(x: Array, axis: int = -1) -> Array:
    """log(softmax(x)), without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.log_softmax(ct.asarray([1000.0, 0.0]))
    Array([    0., -1000.], dtype=float32)
    """
    shifted = x - shift_of(x, axis)
    return shifted - ct.log(ct.sum(ct.exp(shifted), axis=axis, keepdims=True))


def logsumexp(x: Array, axis: int = -1, keepdims: bool = False) -> Array:
    """log(sum of e^x) along an axis, without overflow."""
    return ct.logsumexp(x, axis=axis, keepdims=keepdims)


def shift_of(x: Array, axis: int) -> Array:
    """The maximum, as a constant; 0 where all is -infinity, so that the rest is no NaN, and where
    there is nothing."""
    if 0 in x.shape:
        return ct.zeros((), dtype=x.dtype)
    top = ct.stop_gradient(ct.max(x, axis=axis, keepdims=True))
    return ct.where(ct.isfinite(top), top, 0.0)


@composite
def glu(x: Array, axis: int = -1) -> Array:
    """The first half along an axis times the sigmoid of the second. arXiv:1612.08083.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.glu(ct.asarray([4.0, 0.0]))
    Array([2.], dtype=float32)
    """
    first, second = halves(x, axis, "glu")
    return first * ct.sigmoid(second)


@composite
def swiglu(x: Array, axis: int = -1) -> Array:
    """silu of the first half along an axis times the second. arXiv:2002.05202.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> from cnengine import nn
    >>> nn.swiglu(ct.asarray([0.0, 5.0]))
    Array([0.], dtype=float32)
    """
    first, second = halves(x, axis, "swiglu")
    return silu(first) * second


def halves(x: Array, axis: int, what: str) -> tuple[Array, Array]:
    """Both halves along an axis."""
    extent = x.shape[axis]
    if extent % 2:
        raise ShapeError(f"{what}: expected an even extent of axis {axis}, got {x.shape}")
    before = (slice(None),) * (axis % x.ndim)
    return x[(*before, slice(0, extent // 2))], x[(*before, slice(extent // 2, extent))]


_BY_NAME: dict[str, Callable[..., Array]] = {
    name: globals()[name] for name in __all__ if name not in ("glu", "prelu", "swiglu", "threshold")
} | {"linear": lambda x: x, "swish": silu}


def activation_of(given: Any) -> Callable[..., Array]:
    """A function, from its name too; None: x itself. Raises ArgumentError for unknown names."""
    if given is None:
        return _BY_NAME["linear"]
    if callable(given):
        return given
    if given not in _BY_NAME:
        raise ArgumentError(f"activation: expected one of {sorted(_BY_NAME)}, got {given!r}")
    return _BY_NAME[given]


def _layer(name: str, function: Callable[..., Array], **defaults: Any) -> type[Module]:
    """A layer that applies a function; its options are arguments and attributes."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > len(defaults) or set(kwargs) - set(defaults):
            raise ArgumentError(f"{name}: expected at most {list(defaults)}, got {args} {kwargs}")
        options = {**defaults, **dict(zip(defaults, args, strict=False)), **kwargs}
        check_options(name, function, options)
        self.__dict__.update(options)

    def forward(self: Any, x: Array) -> Array:
        return function(x, **{option: getattr(self, option) for option in defaults})

    shown = ", ".join(f"{option}={value!r}" for option, value in defaults.items())
    example = f">>> from cnengine import nn\n    >>> nn.{name}()\n    {name}({shown})"
    doc = f"The layer of `{function.__name__}`.\n\n    Examples\n    --------\n    {example}\n    "
    return type(name, (Module,), {"__init__": __init__, "forward": forward, "__doc__": doc,
                                  "__module__": __name__, "__qualname__": name})  # fmt: skip


CELU = _layer("CELU", celu, alpha=1.0)
ELU = _layer("ELU", elu, alpha=1.0)
GELU = _layer("GELU", gelu, approximate="none")
GLU = _layer("GLU", glu, axis=-1)
Hardsigmoid = _layer("Hardsigmoid", hard_sigmoid)
Hardswish = _layer("Hardswish", hard_swish)
Hardtanh = _layer("Hardtanh", hard_tanh, low=-1.0, high=1.0)
LeakyReLU = _layer("LeakyReLU", leaky_relu, negative_slope=0.01)
LogSigmoid = _layer("LogSigmoid", log_sigmoid)
LogSoftmax = _layer("LogSoftmax", log_softmax, axis=-1)
Mish = _layer("Mish", mish)
ReLU = _layer("ReLU", relu)
ReLU6 = _layer("ReLU6", relu6)
SELU = _layer("SELU", selu)
SiLU = _layer("SiLU", silu)
Sigmoid = _layer("Sigmoid", sigmoid)
Softmax = _layer("Softmax", softmax, axis=-1)
Softplus = _layer("Softplus", softplus, beta=1.0, threshold=20.0)
Softsign = _layer("Softsign", softsign)
SwiGLU = _layer("SwiGLU", swiglu, axis=-1)
Tanh = _layer("Tanh", tanh)


class PReLU(Module):
    """`leaky_relu` whose slopes are trained, one for each of `num_parameters` channels, or one.

    He et al. 2015, arXiv:1502.01852.

    Examples
    --------
    >>> from cnengine import nn
    >>> nn.PReLU().weight
    Array([0.25], dtype=float32)
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.weight = ct.full((num_parameters,), init, dtype=ct.float32)

    def forward(self, x: Array) -> Array:
        """The result has the shape of x."""
        return prelu(x, self.weight)


__all__ += [
    name
    for name, value in list(globals().items())
    if isinstance(value, type) and issubclass(value, Module) and value is not Module
]
