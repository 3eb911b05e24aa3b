"""Functions of single elements that are made of those of the standard, as NumPy has them."""

from __future__ import annotations

import math
from typing import Any

from cnengine._core import tensor as _tensor
from cnengine.errors import TypeError  # noqa: A004
from cnengine.tensor.array import Array, result_type
from cnengine.tensor.composite import composite
from cnengine.tensor.control import while_loop
from cnengine.tensor.creation import asarray, astype, full_like
from cnengine.tensor.data_types import floating
from cnengine.tensor.derivative import stop_gradient
from cnengine.tensor.elementwise import abs as _abs
from cnengine.tensor.elementwise import (
    atan2,
    copysign,
    imag,
    isfinite,
    isinf,
    isnan,
    log,
    logaddexp,
    maximum,
    minimum,
    nextafter,
    real,
    remainder,
    sign,
    signbit,
    sin,
    trunc,
    where,
)
from cnengine.tensor.reduction import any as _any

__all__ = [
    "angle", "bitwise_count", "cbrt", "deg2rad", "exp2", "fmax", "fmin", "fmod", "gcd", "heaviside",
    "iscomplex", "isneginf", "isposinf", "isreal", "lcm", "ldexp", "lerp", "logaddexp2", "logit",
    "modf", "rad2deg", "sinc", "spacing", "xlogy",
]  # fmt: skip

_BITS = (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F)


def angle(x: Array, /, deg: bool = False) -> Array:
    """The angle of complex numbers, from -pi to pi, or in degrees; of real ones 0 or pi.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.angle(ct.asarray([1j, -1.0]), deg=True)
    Array([ 90., 180.], dtype=float32)
    """
    x = floating(x)
    if x.dtype.kind == "complex":
        out = atan2(imag(x), real(x))
    else:
        out = where(isnan(x), stop_gradient(x), where(signbit(x), full_like(x, math.pi), 0))
    return rad2deg(out) if deg else out


def bitwise_count(x: Array, /) -> Array:
    """How many bits of |x| are set, as uint8. Raises TypeError for others than integers.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.bitwise_count(ct.asarray([255, -7, 0]))
    Array([8, 3, 0], dtype=uint8)
    """
    x = _integers(asarray(x), "bitwise_count")
    word = _tensor.cast(_abs(x) if x.dtype.kind == "int" else x, _tensor.uint64)
    masks = [_tensor.full([], each, _tensor.uint64) for each in _BITS]
    # Sums of 2, 4 and 8 bits side by side; then of the eight bytes, in the highest one.
    word = word - ((word >> 1) & masks[0])
    word = (word & masks[1]) + ((word >> 2) & masks[1])
    word = (word + (word >> 4)) & masks[2]
    for by in (8, 16, 32):
        word = word + (word >> by)
    return _tensor.cast(word & 127, _tensor.uint8)


def _integers(x: Array, function: str) -> Array:
    if x.dtype.kind not in ("int", "uint"):
        raise TypeError(f"{function}: expected integers, got {x.dtype.name}")
    return x


@composite
def cbrt(x: Array, /) -> Array:
    """The real cube root, also of negative numbers. Its slope at 0, which is infinite, is 0 here.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.cbrt(ct.asarray([27.0, -8.0]))
    Array([ 3., -2.], dtype=float32)
    """
    x = floating(x)
    is_plain = (x != 0) & isfinite(x)
    safe = where(is_plain, x, 1)
    root = copysign(_abs(safe) ** (1 / 3), safe)
    # The power of a third, which is rounded, is off by several units: a step of Newton's.
    root = root - (root - safe / (root * root)) / 3
    return where(is_plain, root, stop_gradient(x))


def deg2rad(x: Array, /) -> Array:
    """Degrees as radians: x pi / 180.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.deg2rad(ct.asarray([180.0]))
    Array([3.1415927], dtype=float32)
    """
    return floating(x) * (math.pi / 180)


def rad2deg(x: Array, /) -> Array:
    """Radians as degrees: x 180 / pi.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.rad2deg(ct.asarray([ct.pi]))
    Array([180.], dtype=float32)
    """
    return floating(x) * (180 / math.pi)


def exp2(x: Array, /) -> Array:
    """2^x.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.exp2(ct.asarray([3.0, -1.0]))
    Array([8. , 0.5], dtype=float32)
    """
    return 2.0 ** floating(x)


def _of_numbers(choose: Any, x1: Any, x2: Any) -> Array:
    out = choose(x1, x2)
    if out.dtype.kind != "float":
        return out
    x1, x2 = (_tensor.cast(asarray(each), out.dtype) for each in (x1, x2))
    return where(isnan(x1), x2, where(isnan(x2), x1, out))


def fmax(x1: Array | complex, x2: Array | complex, /) -> Array:
    """The larger of both; where one is NaN the other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fmax(ct.asarray([1.0, ct.nan]), 0.0)
    Array([1., 0.], dtype=float32)
    """
    return _of_numbers(maximum, x1, x2)


def fmin(x1: Array | complex, x2: Array | complex, /) -> Array:
    """The smaller of both; where one is NaN the other.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fmin(ct.asarray([1.0, ct.nan]), 0.0)
    Array([0., 0.], dtype=float32)
    """
    return _of_numbers(minimum, x1, x2)


def fmod(x1: Array | complex, x2: Array | complex, /) -> Array:
    """What is left of x1 / x2, with the sign of x1, as C has it; `remainder` has that of x2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.fmod(ct.asarray([-7, 7]), 3)
    Array([-1,  1], dtype=int64)
    """
    left = remainder(_abs(x1), _abs(x2))
    return copysign(left, x1) if left.dtype.kind == "float" else sign(asarray(x1)) * left


def gcd(x1: Array | int, x2: Array | int, /) -> Array:
    """The largest number that divides both integers, of each pair; Euclid's.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.gcd(ct.asarray([12, 0]), 18)
    Array([ 6, 18], dtype=int64)
    """
    a, b = _pair(x1, x2, "gcd")

    def divided(pair: tuple[Array, Array]) -> tuple[Array, Array]:
        big, small = pair
        is_over = small == 0
        return where(is_over, big, small), where(
            is_over, small, remainder(big, where(is_over, 1, small))
        )

    return while_loop(lambda pair: _any(pair[1] != 0), divided, (_abs(a), _abs(b)))[0]


def lcm(x1: Array | int, x2: Array | int, /) -> Array:
    """The smallest number that both integers divide, of each pair; 0 where one is 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.lcm(ct.asarray([12, 0]), 18)
    Array([36,  0], dtype=int64)
    """
    a, b = (_abs(each) for each in _pair(x1, x2, "lcm"))
    return where((a == 0) | (b == 0), 0, a // maximum(gcd(a, b), 1) * b)


def _pair(x1: Any, x2: Any, function: str) -> tuple[Array, Array]:
    common = result_type(*(each if isinstance(each, (Array, int)) else asarray(each)
                           for each in (x1, x2)))  # fmt: skip
    a, b = (_integers(_tensor.cast(asarray(each), common), function) for each in (x1, x2))
    both = _tensor.broadcast_to
    shape = list((a + b).shape)
    return both(a, shape), both(b, shape)


@composite
def heaviside(x1: Array | float, x2: Array | float, /) -> Array:
    """0 for x1 < 0, 1 for x1 > 0, x2 at 0.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.heaviside(ct.asarray([-1.5, 0.0, 2.0]), 0.5)
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    x1 = floating(x1)
    return where(x1 == 0, x2, where(isnan(x1), stop_gradient(x1), astype(x1 > 0, x1.dtype)))


def isneginf(x: Array, /) -> Array:
    """Whether it is -infinity.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.isneginf(ct.asarray([-ct.inf, ct.inf]))
    Array([ True, False], dtype=bool)
    """
    x = asarray(x)
    return isinf(x) & (x < 0)


def isposinf(x: Array, /) -> Array:
    """Whether it is infinity.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.isposinf(ct.asarray([-ct.inf, ct.inf]))
    Array([False,  True], dtype=bool)
    """
    x = asarray(x)
    return isinf(x) & (x > 0)


def iscomplex(x: Array, /) -> Array:
    """Whether the imaginary part is not 0; of real numbers False. The type: `isdtype`.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.iscomplex(ct.asarray([1j, 2.0]))
    Array([ True, False], dtype=bool)
    """
    x = asarray(x)
    return imag(x) != 0 if x.dtype.kind == "complex" else full_like(x, False, dtype=_tensor.bool)


def isreal(x: Array, /) -> Array:
    """Whether the imaginary part is 0; of real numbers True.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.isreal(ct.asarray([1j, 2.0]))
    Array([False,  True], dtype=bool)
    """
    return ~iscomplex(x)


def ldexp(x1: Array | float, x2: Array | int, /) -> Array:
    """x1 2^x2 of whole numbers x2.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.ldexp(ct.asarray([0.75]), 4)
    Array([12.], dtype=float32)
    """
    x1 = floating(x1)
    places = _integers(asarray(x2), "ldexp")
    half = places // 2  # in two steps, since a power alone may be beyond the range
    for each in (half, places - half):
        x1 = x1 * 2.0 ** _tensor.cast(each, x1.dtype)
    return x1


@composite
def lerp(start: Array, end: Array | float, weight: Array | float, /) -> Array:
    """A share `weight` of the way from start to end: start + weight (end - start), as torch's.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.lerp(ct.asarray([0.0, 2.0]), 10.0, 0.25)
    Array([2.5, 4. ], dtype=float32)
    """
    start = floating(start)
    way = end - start
    near = start + weight * way
    # From the nearer end, so that both ends are exact.
    return where(_abs(asarray(weight)) < 0.5, near, end - way * (1 - weight))


@composite
def logit(x: Array, /) -> Array:
    """log(x / (1 - x)), of which `sigmoid` is the inverse.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.logit(ct.asarray([0.5, 0.0]))
    Array([  0., -inf], dtype=float32)
    """
    x = floating(x)
    return log(x / (1 - x))


@composite
def xlogy(x: Array | float, y: Array | float, /) -> Array:
    """x log(y), and 0 where x is 0 unless y is NaN; as SciPy's and torch's.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.xlogy(ct.asarray([0.0, 2.0]), ct.asarray([0.0, 1.0]))
    Array([0., 0.], dtype=float32)
    """
    x, y = floating(x), floating(y)
    is_zero = (x == 0) & ~isnan(y)
    return where(is_zero, 0, x * log(where(is_zero, 1, y)))


def logaddexp2(x1: Array | float, x2: Array | float, /) -> Array:
    """log2(2^x1 + 2^x2), without overflow.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.logaddexp2(ct.asarray([3.0]), 3.0)
    Array([4.], dtype=float32)
    """
    x1, x2 = (each if isinstance(each, float) else floating(each) for each in (x1, x2))
    return logaddexp(x1 * math.log(2), x2 * math.log(2)) / math.log(2)


def modf(x: Array, /) -> tuple[Array, Array]:
    """The parts of numbers behind and before the point, both with their sign.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.modf(ct.asarray([-2.5]))
    (Array([-0.5], dtype=float32), Array([-2.], dtype=float32))
    """
    x = floating(x)
    whole = trunc(x)
    return copysign(where(isinf(x), 0, x - whole), x), whole


@composite
def sinc(x: Array, /) -> Array:
    """sin(pi x) / (pi x), and 1 at 0; derivatives of all orders there are those of its series.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.sinc(ct.asarray([0.0, 0.5]))
    Array([1.        , 0.63661975], dtype=float32)
    """
    x = floating(x) * math.pi
    square = x * x
    is_near = _abs(x) < 0.1
    series = full_like(x, 1)
    for n in (10, 8, 6, 4, 2):
        series = 1 - where(is_near, square, 0) / (n * (n + 1)) * series
    away = where(is_near, 1, x)
    return where(is_near, series, sin(away) / away)


def spacing(x: Array, /) -> Array:
    """The distance to the next number that the type has, away from 0, with the sign of x.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> float(ct.spacing(ct.asarray(1.0))) == ct.finfo(ct.float32).eps
    True
    """
    x = floating(x)
    size = _abs(x)
    return copysign(nextafter(size, full_like(size, math.inf)) - size, x)
