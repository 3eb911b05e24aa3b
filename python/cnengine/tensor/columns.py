"""Columns of tables as arrays, and arrays as columns: the same bytes where they can be."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.tensor.array import Array, to_numpy

__all__ = ["from_column", "to_column"]


def from_column(column: Any, /) -> Array:
    """A column without nulls as an array of one axis; fixed-size lists as rows of two.

    Parameters
    ----------
    column
        A pyarrow array or anything with the Arrow PyCapsule interface (`__arrow_c_array__`,
        `__arrow_c_stream__`): a column of `Frame.collect`, of polars, pandas or DuckDB. Numbers in
        one chunk are taken without a copy; bools and several chunks are copied. Dates and times
        are their integers.

    Raises ArgumentError for nulls, TypeError for columns of text and the like.

    Examples
    --------
    >>> import pyarrow as pa, cnengine.tensor as ct
    >>> ct.from_column(pa.array([1.5, 2.5]))
    Array([1.5, 2.5], dtype=float64)
    """
    import pyarrow as pa

    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        values = column
    elif hasattr(column, "__arrow_c_stream__"):
        values = pa.chunked_array(column)
    elif hasattr(column, "__arrow_c_array__"):
        values = pa.array(column)
    else:
        raise TypeError(f"from_column: expected an Arrow column, got {type(column).__name__}")
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # combine_chunks of none
        values = pa.array([], values.type)
    if values.null_count:
        raise ArgumentError(f"from_column: expected no nulls, got {values.null_count}; fill them")
    kind = values.type
    if pa.types.is_fixed_size_list(kind):
        return _tensor.reshape(from_column(values.flatten()), [len(values), kind.list_size])
    if pa.types.is_boolean(kind):
        return _tensor.from_dlpack(values.to_numpy(zero_copy_only=False))
    if pa.types.is_temporal(kind):
        values = values.view(f"int{kind.bit_width}")
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise TypeError(f"from_column: expected a column of numbers, got {kind}")
    return _tensor.from_dlpack(values.to_numpy())


def to_column(array: Array, /) -> Any:
    """An array of one axis as a pyarrow array of the same bytes; of two as fixed-size lists.

    Bools are packed into bits, which is a copy. Raises TypeError for bfloat16 and complex numbers,
    which Arrow does not have, ArgumentError for other numbers of axes.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.to_column(ct.asarray([[1, 2], [3, 4]])).to_pylist()
    [[1, 2], [3, 4]]
    """
    import pyarrow as pa

    if array.dtype.kind == "complex" or array.dtype.name == "bfloat16":
        raise TypeError(f"to_column: Arrow has no type for {array.dtype.name}")
    if array.ndim not in (1, 2):
        raise ArgumentError(f"to_column: expected one axis or two, got the shape {array.shape}")
    values = pa.array(np.ascontiguousarray(to_numpy(array)).reshape(-1))
    if array.ndim == 1:
        return values
    if array.shape[1] == 0:
        raise ArgumentError(f"to_column: expected rows with elements, got {array.shape}")
    return pa.FixedSizeListArray.from_arrays(values, array.shape[1])
