"""Methods of arrays, as NumPy's: the functions of the namespace by another way."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np

from cnengine.errors import ArgumentError
from cnengine.tensor import ordering, reduction
from cnengine.tensor.array import Array, DType, to_numpy
from cnengine.tensor.creation import astype
from cnengine.tensor.elementwise import clip
from cnengine.tensor.manipulation import permute_dims, reshape, squeeze
from cnengine.tensor.misuse import named


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


for _name in ("sum", "prod", "mean", "std", "var", "max", "min", "all", "any", "argmax", "argmin"):
    setattr(Array, _name, _reduced(getattr(reduction, _name)))
Array.argsort = lambda self, axis=-1: ordering.argsort(self, axis=axis)
Array.astype = _converted
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
for _name in ("astype", "clip", "flatten", "item", "reshape", "squeeze", "transpose"):
    setattr(Array, _name, named(getattr(Array, _name), _name))
