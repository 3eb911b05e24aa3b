"""Functions of single elements.

Two arrays are broadcast to one shape and cast to one type (`result_type`); one of two may be a
number of Python. Each function says what types it takes by TypeError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import TypeError  # noqa: A004
from cnengine.tensor.array import Array, bool_, result_type
from cnengine.tensor.composite import composite
from cnengine.tensor.misuse import RAW, misuse
from cnengine.tensor.ordering import nonzero

_NUMBERS = (bool, int, float, complex)  # of Python

_ONE = {
    "abs": "|x|; of complex numbers their absolute value",
    "acos": "arc cosine",
    "acosh": "inverse hyperbolic cosine",
    "asin": "arc sine",
    "asinh": "inverse hyperbolic sine",
    "atan": "arc tangent",
    "atanh": "inverse hyperbolic tangent",
    "ceil": "the smallest whole number that is not smaller",
    "conj": "the complex conjugate",
    "digamma": "the derivative of lgamma",
    "cos": "cosine",
    "cosh": "hyperbolic cosine",
    "erf": "2/sqrt(pi) times the integral of exp(-t^2) from 0 to x",
    "erfc": "1 - erf(x), without the loss of digits",
    "erfinv": "the y with erf(y) = x",
    "exp": "e^x",
    "expm1": "e^x - 1, without the loss of digits near 0",
    "floor": "the largest whole number that is not larger",
    "imag": "the imaginary part",
    "isfinite": "whether it is neither infinite nor NaN",
    "isinf": "whether it is infinite",
    "isnan": "whether it is NaN",
    "lgamma": "the logarithm of |gamma(x)|",
    "log": "the natural logarithm",
    "log10": "the logarithm to base 10",
    "log1p": "log(1 + x), without the loss of digits near 0",
    "log2": "the logarithm to base 2",
    "negative": "-x",
    "real": "the real part",
    "rsqrt": "1 / sqrt(x)",
    "sigmoid": "1 / (1 + e^-x)",
    "sign": "-1, 0 or 1; of complex numbers x / |x|",
    "signbit": "whether the sign bit is set, also of -0 and NaN",
    "sin": "sine",
    "sinh": "hyperbolic sine",
    "sqrt": "the square root",
    "square": "x * x",
    "tan": "tangent",
    "tanh": "hyperbolic tangent",
    "trunc": "the whole number next to it towards zero",
}
_TWO = {
    "add": ("add", "x1 + x2"),
    "atan2": ("atan2", "the angle of the point (x2, x1)"),
    "copysign": ("copysign", "|x1| with the sign of x2"),
    "divide": ("divide", "x1 / x2"),
    "equal": ("equal", "x1 == x2"),
    "floor_divide": ("floor_divide", "the floor of x1 / x2; x1 / x2 if one is infinite"),
    "greater": ("greater", "x1 > x2"),
    "greater_equal": ("greater_equal", "x1 >= x2"),
    "hypot": ("hypot", "sqrt(x1^2 + x2^2), without overflow"),
    "less": ("less", "x1 < x2"),
    "less_equal": ("less_equal", "x1 <= x2"),
    "logaddexp": ("logaddexp", "log(e^x1 + e^x2), without overflow"),
    "maximum": ("maximum", "the larger of both; NaN if one is"),
    "minimum": ("minimum", "the smaller of both; NaN if one is"),
    "multiply": ("multiply", "x1 * x2"),
    "nextafter": ("nextafter", "the next number after x1 towards x2"),
    "not_equal": ("not_equal", "x1 != x2"),
    "polygamma": ("polygamma", "the derivative of order x1, a whole number, of digamma at x2"),
    "pow": ("power", "x1 to the power of x2"),
    "remainder": ("remainder", "what is left of x1 / x2, with the sign of x2"),
    "subtract": ("subtract", "x1 - x2"),
    "bitwise_and": ("and", "the bits that both have"),
    "bitwise_left_shift": ("shift_left", "the bits of x1, x2 places higher"),
    "bitwise_or": ("or", "the bits that one of them has"),
    "bitwise_right_shift": ("shift_right", "the bits of x1, x2 places lower"),
    "bitwise_xor": ("xor", "the bits that just one of them has"),
}

# Of truth: numbers other than 0 are true.
_LOGICAL = {
    "logical_and": ("and", "whether both are true"),
    "logical_or": ("or", "whether one of them is true"),
    "logical_xor": ("xor", "whether just one of them is true"),
}

__all__ = sorted(
    [
        *_ONE,
        *_TWO,
        *_LOGICAL,
        "bitwise_invert",
        "clip",
        "logical_not",
        "positive",
        "reciprocal",
        "round",
        "where",
    ]
)


def _one(name: str, op: str, what: str) -> Callable[[Array], Array]:
    def function(x: Array, /) -> Array:
        try:  # costs nothing where nothing is raised
            return _tensor.unary(op, x)
        except RAW as error:
            raise misuse(name, (x,), {}, error) from None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"For each element {what}."
    return function


def _two(name: str, op: str, what: str) -> Callable[[Any, Any], Array]:
    def function(x1: Array | complex, x2: Array | complex, /) -> Array:
        try:
            return _tensor.binary(op, x1, x2)
        except RAW as error:
            raise misuse(name, (x1, x2), {}, error) from None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"For each pair of elements {what}."
    return function


def _truth(x: Any) -> Any:
    if isinstance(x, Array):
        return x if x.dtype == bool_ else _tensor.binary("not_equal", x, 0)
    if isinstance(x, _NUMBERS):
        return bool(x)
    return x.astype(bool) if isinstance(x, np.ndarray) else x


def _logical(name: str, op: str, what: str) -> Callable[[Any, Any], Array]:
    def function(x1: Array | complex, x2: Array | complex, /) -> Array:
        try:
            return _tensor.binary(op, _truth(x1), _truth(x2))
        except RAW as error:
            raise misuse(name, (x1, x2), {}, error) from None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"For each pair of elements {what}; numbers other than 0 are true."
    return function


globals().update({name: _one(name, name, what) for name, what in _ONE.items()})
globals().update({name: _two(name, *facts) for name, facts in _TWO.items()})
globals().update({name: _logical(name, *facts) for name, facts in _LOGICAL.items()})
bitwise_invert = _one("bitwise_invert", "invert", "its bits the other way round")


def logical_not(x: Array, /) -> Array:
    """For each element whether it is false; numbers other than 0 are true.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.logical_not(ct.asarray([2, 0]))
    Array([False,  True], dtype=bool)
    """
    try:
        return _tensor.unary("invert", _truth(x))
    except RAW as error:
        raise misuse("logical_not", (x,), {}, error) from None


def where(
    condition: Array, x1: Array | complex | None = None, x2: Array | complex | None = None, /
) -> Array | tuple[Array, ...]:
    """For each element that of `x1` where the condition, a bool, is true, else that of `x2`.

    Of the condition alone it is `nonzero`, as in NumPy.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.where(ct.asarray([True, False]), ct.asarray([1, 2]), 0)
    Array([1, 0], dtype=int64)
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if isinstance(x1, _NUMBERS) and isinstance(x2, _NUMBERS):
        x1 = _tensor.full([], x1, result_type(x1, x2))
    return _tensor.where(condition, x1, x2)


@composite
def clip(
    x: Array,
    /,
    min: Array | complex | None = None,  # noqa: A002
    max: Array | complex | None = None,  # noqa: A002
) -> Array:
    """For each element the nearest number from `min` to `max`; None: no bound.

    The derivative of an element on a bound is 1, as torch has it, and that of the bound 0.
    Raises TypeError for a bound whose type does not go into that of `x`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.clip(ct.asarray([1, 5, 9]), 2, 7)
    Array([2, 5, 7], dtype=int64)
    """
    out = x
    for op, within, bound in (("maximum", "greater_equal", min), ("minimum", "less_equal", max)):
        if bound is None:
            continue
        inside, out = out, _tensor.binary(op, out, bound)
        if out._trace and out.dtype == x.dtype:
            out = _tensor.where(_tensor.binary(within, inside, bound), inside, out)
    if out.dtype != x.dtype:
        raise TypeError(f"clip: a bound of {out.dtype.name} does not go into {x.dtype.name}")
    return out


def positive(x: Array, /) -> Array:
    """For each element itself.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.positive(ct.asarray([-1]))
    Array([-1], dtype=int64)
    """
    return +x


def reciprocal(x: Array, /) -> Array:
    """For each element 1 / x.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.reciprocal(ct.asarray([4.0]))
    Array([0.25], dtype=float32)
    """
    return 1 / x


def round(x: Array, /, decimals: int = 0) -> Array:  # noqa: A001
    """For each element the nearest number of so many decimals; of two the even one.

    As NumPy: what x 10^decimals is nearest to, by 10^decimals. Negative `decimals` are places
    before the point, of integers as well. The derivative is 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.round(ct.asarray([1.25, 2.5]), 1)
    Array([1.2, 2.5], dtype=float32)
    """
    if decimals == 0:
        return _tensor.unary("round", x)
    x = x if isinstance(x, Array) else Array(x)
    if x.dtype.kind == "complex":
        raise TypeError(f"round: expected no complex numbers with decimals, got {x.dtype.name}")
    if x.dtype.kind != "float":
        if decimals > 0:
            return _tensor.unary("round", x)
        step = _tensor.full([], 10**-decimals, x.dtype)
        half, low = step // 2, x // step
        rest = x - low * step
        is_up = (rest > half) | ((rest == half) & (low % 2 == 1))
        return (low + _tensor.cast(is_up, x.dtype)) * step
    scale = 10.0 ** abs(decimals)
    if decimals < 0:
        return _tensor.unary("round", x / scale) * scale
    return _tensor.unary("round", x * scale) / scale
