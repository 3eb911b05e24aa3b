"""Methods of arrays, as NumPy's: the functions of the namespace by another way."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np

from cnengine.errors import ArgumentError
from cnengine.tensor import elementwise, ordering, reduction, running
from cnengine.tensor.arrangement import repeat
from cnengine.tensor.array import Array, DType, to_numpy
from cnengine.tensor.creation import asarray, astype
from cnengine.tensor.elementwise import clip
from cnengine.tensor.indexing import take
from cnengine.tensor.manipulation import permute_dims, reshape, squeeze, swapaxes
from cnengine.tensor.misuse import named
from cnengine.tensor.peer_names import ARRAY_NAMES
from cnengine.tensor.products import dot


def _reduced(function: Callable[..., Array]) -> Callable[..., Array]:
    def method(self: Array, axis: Any = None, **options: Any) -> Array:
        # `numpy.sum(array)` and its kin call the method so.
        if options.pop("out", None) is not None:
            raise ArgumentError(f"{function.__name__}: expected no out, since arrays never change")
        dtype = options.pop("dtype", None)
        if function in (reduction.sum, reduction.prod):
            options["dtype"] = dtype
        elif dtype is not None:
            self = astype(self, dtype)
        if "ddof" in options:
            options["correction"] = options.pop("ddof")
        return function(self, axis=axis, **options)

    method.__doc__ = f"`{function.__name__}` of the elements, along axes or of all."
    return method


def _item(self: Array, *index: int) -> complex:
    """The one element, or that at `index`, as a number of Python."""
    one = self[index] if index else self
    if one.size != 1:
        raise ArgumentError(f"item: expected one element, got the shape {one.shape}")
    return reshape(one, ())._scalar()


def _reshaped(self: Array, *shape: Any) -> Array:
    """`reshape`: the extents as a tuple or one by one."""
    return reshape(self, shape[0] if len(shape) == 1 else shape)


def _transposed(self: Array, *axes: Any) -> Array:
    """`permute_dims`: the axes as a tuple or one by one; none: in reverse."""
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], Integral) else axes
    return permute_dims(self, order or tuple(reversed(range(self.ndim))))


def _flattened(self: Array) -> Array:
    """`reshape` to one axis."""
    return reshape(self, (-1,))


_flattened.__qualname__ = "Array.flatten"  # as Python's own errors call it


def _squeezed(self: Array, axis: Any = None) -> Array:
    """`squeeze`; None: all axes of the extent 1."""
    return squeeze(self, axis)


def _converted(self: Array, dtype: DType, copy: bool = True) -> Array:
    """`astype`."""
    return astype(self, dtype, copy=copy)


def _copied(self: Array) -> Array:
    """The same elements in bytes of their own."""
    return asarray(self, copy=True)


def _rounded(self: Array, decimals: int = 0) -> Array:
    """`round`."""
    return elementwise.round(self, decimals)


def _running(function: Callable[..., Array]) -> Callable[..., Array]:
    def method(self: Array, axis: int | None = None, dtype: DType | None = None) -> Array:
        line = reshape(self, (-1,)) if axis is None else self
        return function(line, axis=0 if axis is None else axis, dtype=dtype)

    method.__doc__ = f"`{function.__name__}` along an axis; None: of all elements in a row."
    return method


def _taken(self: Array, indices: Any, axis: int | None = None) -> Array:
    """`take`; None: of all elements in a row."""
    return take(reshape(self, (-1,)) if axis is None else self, asarray(indices), axis=axis or 0)


def _real(self: Array) -> Array:
    return elementwise.real(self) if self.dtype.kind == "complex" else self


def _rounds(self: Array, digits: int | None = None) -> Any:
    """Of one number as Python rounds it, else `round`."""
    return round(self._scalar("round"), digits) if self.ndim == 0 else self.round(digits or 0)


class _Elsewhere:
    """In place of a method that others have: has no value, and says what is used instead."""

    def __init__(self, name: str, hint: str) -> None:
        self.words = f"'Array' object has no attribute {name!r}; {hint}"

    def __get__(self, array: Any, owner: type | None = None) -> Any:
        raise AttributeError(self.words)


for _name, _hint in ARRAY_NAMES.items():
    setattr(Array, _name, _Elsewhere(_name, _hint))
Array.__dir__ = lambda self: sorted(set(object.__dir__(self)) - set(ARRAY_NAMES))
for _name in ("sum", "prod", "mean", "std", "var", "max", "min", "all", "any", "argmax", "argmin"):
    setattr(Array, _name, _reduced(getattr(reduction, _name)))
Array.argsort = lambda self, axis=-1: ordering.argsort(self, axis=axis)
Array.astype = _converted
Array.conj = Array.conjugate = lambda self: elementwise.conj(self)
Array.copy = _copied
Array.cumprod = _running(running.cumulative_prod)
Array.cumsum = _running(running.cumulative_sum)
Array.dot = lambda self, other: dot(self, other)
Array.imag = property(lambda self: elementwise.imag(self), doc="The imaginary parts.")
Array.nonzero = lambda self: ordering.nonzero(self)
Array.real = property(_real, doc="The real parts.")
Array.repeat = lambda self, repeats, axis=None: repeat(self, repeats, axis=axis)
Array.round = _rounded
Array.__round__ = _rounds
Array.swapaxes = lambda self, axis1, axis2: swapaxes(self, axis1, axis2)
Array.take = _taken
Array.clip = lambda self, min=None, max=None: clip(self, min, max)  # noqa: A006
Array.flatten = Array.ravel = _flattened
Array.__divmod__ = lambda self, other: (self // other, self % other)
Array.__rdivmod__ = lambda self, other: (other // self, other % self)
Array.item = _item
Array.itemsize = property(lambda self: self.dtype.itemsize, doc="The bytes of an element.")
Array.nbytes = property(lambda self: self.size * self.dtype.itemsize, doc="The bytes of all.")
Array.numpy = to_numpy
Array.reshape = _reshaped
Array.squeeze = _squeezed
Array.tolist = lambda self: to_numpy(self).tolist()
Array.transpose = _transposed
# numpy.dtype(array.dtype), numpy.zeros(3, dtype=array.dtype): NumPy 2.4 and later ask for it.
DType.__numpy_dtype__ = property(lambda self: np.dtype(self.name))
for _name in ("astype", "clip", "conj", "cumprod", "cumsum", "dot", "flatten", "item", "repeat",
              "reshape", "round", "squeeze", "swapaxes", "take", "transpose"):  # fmt: skip
    setattr(Array, _name, named(getattr(Array, _name), _name))
