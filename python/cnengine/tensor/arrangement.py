"""Arrays put together, apart, and their elements repeated and moved."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, axis_of, integers_of, result_type
from cnengine.tensor.creation import asarray
from cnengine.tensor.linear_algebra import matrix_transpose

__all__ = [
    "broadcast_arrays",
    "broadcast_shapes",
    "concat",
    "meshgrid",
    "moveaxis",
    "repeat",
    "roll",
    "stack",
    "tile",
    "unstack",
]


def _as_one_type(arrays: Sequence[Array]) -> list[Array]:
    first = arrays[0].dtype if arrays else None
    if all(x.dtype == first for x in arrays):
        return list(arrays)
    common = result_type(*arrays)
    return [x if x.dtype == common else _tensor.cast(x, common) for x in arrays]


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that all are broadcast to. Raises ShapeError if there is none.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    out: list[int] = []
    for shape in shapes:
        out = [1] * (len(shape) - len(out)) + out
        for i in range(1, len(shape) + 1):
            if out[-i] == 1:
                out[-i] = shape[-i]
            elif shape[-i] not in (1, out[-i]):
                text = ", ".join(str(tuple(each)) for each in shapes)
                raise ShapeError(f"broadcast_shapes: the shapes {text} cannot be broadcast")
    return tuple(out)


def broadcast_arrays(*arrays: Array) -> list[Array]:
    """All of one shape, without a copy.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> [x.shape for x in ct.broadcast_arrays(ct.zeros((3, 1)), ct.zeros(4))]
    [(3, 4), (3, 4)]
    """
    shape = list(broadcast_shapes(*(x.shape for x in arrays)))
    return [_tensor.broadcast_to(x, shape) for x in arrays]


def concat(arrays: Sequence[Array], /, *, axis: int | None = 0) -> Array:
    """Arrays one behind the other along an axis; None: all elements in one row.

    They are cast to one type (`result_type`). Raises ShapeError where other extents differ.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.concat([ct.asarray([1, 2]), ct.asarray([3])])
    Array([1, 2, 3], dtype=int64)
    """
    out = None if axis is None else _tensor.concat_alike(arrays, axis)
    if out is not None:
        return out
    arrays = [asarray(each) for each in arrays]
    if not arrays:
        raise ArgumentError("concat: expected at least one array")
    parts = _as_one_type(arrays)
    if axis is None:
        parts = [_tensor.reshape(x, [-1] if x.size else [0]) for x in parts]
    return _tensor.concat(parts, axis or 0)


def stack(arrays: Sequence[Array], /, *, axis: int = 0) -> Array:
    """Arrays of one shape side by side along a new axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.stack([ct.asarray([1, 2]), ct.asarray([3, 4])], axis=1)
    Array([[1, 3],
           [2, 4]], dtype=int64)
    """
    out = _tensor.stack_alike(arrays, axis)
    if out is not None:
        return out
    arrays = [asarray(each) for each in arrays]
    if not arrays:
        raise ArgumentError("stack: expected at least one array")
    shape = arrays[0].shape
    for x in arrays:
        if x.shape != shape:
            raise ShapeError(f"stack: expected arrays of one shape, got {shape} and {x.shape}")
    axis = axis_of(axis, arrays[0].ndim + 1, "stack")
    if axis == 0 and arrays[0].ndim > 0:
        return _tensor.reshape(_tensor.concat(_as_one_type(arrays), 0), [len(arrays), *shape])
    return _tensor.concat([_tensor.expand_dims(x, [axis]) for x in _as_one_type(arrays)], axis)


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The arrays that are side by side along an axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.unstack(ct.asarray([[1, 2], [3, 4]]))[1]
    Array([3, 4], dtype=int64)
    """
    axis = axis_of(axis, x.ndim, "unstack")
    return tuple(_tensor.take_one(x, axis, i) for i in range(x.shape[axis]))


def meshgrid(*arrays: Array, indexing: str = "xy") -> list[Array]:
    """The coordinates of all points of a grid, without a copy.

    Parameters
    ----------
    arrays
        Those along each axis, one axis each.
    indexing
        "xy": the first two axes of the grid are exchanged; "ij": they are not.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.meshgrid(ct.asarray([1, 2]), ct.asarray([3, 4]), indexing="ij")[1]
    Array([[3, 4],
           [3, 4]], dtype=int64)
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f'meshgrid: expected the indexing "xy" or "ij", got "{indexing}"')
    order = list(range(len(arrays)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    shape = [0] * len(arrays)
    for i, x in enumerate(arrays):
        shape[order[i]] = x.size
    out = []
    for i, x in enumerate(arrays):
        own = [1] * len(arrays)
        own[order[i]] = x.size
        out.append(_tensor.broadcast_to(_tensor.reshape(x, own), shape))
    return out


def moveaxis(x: Array, source: int | Sequence[int], destination: int | Sequence[int], /) -> Array:
    """Axes in other places; the rest stays in order.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.moveaxis(ct.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = asarray(x)
    sources, targets = (
        [axis_of(a, x.ndim, "moveaxis") for a in integers_of(each)]
        for each in (source, destination)
    )
    if len(sources) != len(targets) or any(
        len(set(each)) != len(each) for each in (sources, targets)
    ):
        raise ArgumentError(
            f"moveaxis: expected as many places as axes, each once, got {source} and {destination}"
        )
    order = [axis for axis in range(x.ndim) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return _tensor.permute_dims(x, order)


def repeat(x: Array, repeats: int | Array, /, *, axis: int | None = None) -> Array:
    """Each element `repeats` times in a row.

    Parameters
    ----------
    repeats
        A number, or one for each element of the axis.
    axis
        None: of all elements row by row.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.repeat(ct.asarray([5, 6]), 2)
    Array([5, 5, 6, 6], dtype=int64)
    """
    x = asarray(x)
    if axis is None:
        x, axis = _tensor.reshape(x, [x.size]), 0
    axis = axis_of(axis, x.ndim, "repeat")
    extent = x.shape[axis]
    if isinstance(repeats, Array) and repeats.dtype.kind not in ("int", "uint", "bool"):
        raise TypeError(f"repeat: expected integers, got {repeats.dtype.name}")
    if isinstance(repeats, Array) and repeats.ndim == 1 and repeats.shape[0] != 1:
        if repeats.shape[0] != extent:
            raise ShapeError(f"repeat: expected {extent} numbers, got {repeats.shape[0]}")
        ends = _tensor.cumulative("cumulative_sum", _tensor.cast(repeats, _tensor.int64), 0, False)
        total = int(ends[-1]) if extent else 0
        places = _tensor.search_sorted(ends, _tensor.iota([total], 0, _tensor.int64), True)
        return _tensor.take(x, places, axis, "checked")
    count = int(repeats)
    if count < 0:
        raise ArgumentError(f"repeat: expected a number of at least 0, got {count}")
    wide = list(x.shape)
    wide.insert(axis + 1, count)
    shape = list(x.shape)
    shape[axis] = extent * count
    return _tensor.reshape(_tensor.broadcast_to(_tensor.expand_dims(x, [axis + 1]), wide), shape)


def tile(x: Array, repetitions: int | Sequence[int], /) -> Array:
    """The whole array again and again along each axis.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.tile(ct.asarray([1, 2]), (2, 2))
    Array([[1, 2, 1, 2],
           [1, 2, 1, 2]], dtype=int64)
    """
    x, repetitions = asarray(x), integers_of(repetitions)
    ndim = max(x.ndim, len(repetitions))
    shape = [1] * (ndim - x.ndim) + list(x.shape)
    counts = [1] * (ndim - len(repetitions)) + list(repetitions)
    x = _tensor.reshape(x, shape)
    for axis in range(ndim - 1, -1, -1):
        if counts[axis] == 1:
            continue
        wide = list(x.shape)
        wide.insert(axis, counts[axis])
        out = list(x.shape)
        out[axis] *= counts[axis]
        x = _tensor.reshape(_tensor.broadcast_to(_tensor.expand_dims(x, [axis]), wide), out)
    return x


def roll(
    x: Array, /, shift: int | Sequence[int], *, axis: int | Sequence[int] | None = None
) -> Array:
    """The elements `shift` places further along an axis, the last ones in front.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.roll(ct.asarray([1, 2, 3]), 1)
    Array([3, 1, 2], dtype=int64)
    """
    if axis is None:
        if not isinstance(shift, Integral):
            raise ArgumentError("roll: expected one number without axes")
        return _tensor.reshape(roll(_tensor.reshape(x, [x.size]), shift, axis=0), list(x.shape))
    axes, shifts = integers_of(axis), integers_of(shift)
    if isinstance(shift, Integral):
        shifts *= len(axes)
    if len(shifts) != len(axes):
        raise ArgumentError(f"roll: expected {len(axes)} numbers, got {len(shifts)}")
    for each, by in zip(axes, shifts, strict=True):
        along = axis_of(each, x.ndim, "roll")
        extent = x.shape[along]
        at = -by % extent if extent else 0
        if at:
            rest = (slice(None),) * along
            x = _tensor.concat([x[(*rest, slice(at, None))], x[(*rest, slice(None, at))]], along)
    return x


def _transposed(self: Array) -> Array:
    if self.ndim != 2:
        raise ShapeError(f"T: expected a matrix, got the shape {self.shape}")
    return _tensor.move_axis(self, 1, 0)


def _length(self: Array) -> int:
    if self.ndim == 0:
        raise TypeError("len: expected an array with axes")
    return self.shape[0]


Array.T = property(_transposed, doc="A matrix with rows as columns.")
Array.mT = property(matrix_transpose, doc="The last two axes exchanged.")
Array.__len__ = _length
