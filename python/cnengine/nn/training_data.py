"""What `Model` is given, as batches (x, y, weights)."""

from __future__ import annotations

import builtins
import math
import numbers
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

import cnengine.tensor as ct
from cnengine.errors import ArgumentError, TypeError  # noqa: A004
from cnengine.nn.dataset import Dataset

Batch = tuple[Any, Any, Any]
_MOST_CLASSES = 10_000_000


def floats_as(tree: Any, dtype: ct.DType) -> Any:
    """Arrays of a tree, float64 and NumPy's included, with floats in the type of the parameters."""

    def convert(x: Any) -> ct.Array:
        array = _numbers(x)
        wide = array.dtype.name in ("float32", "float64")
        return ct.astype(array, dtype, copy=False) if wide else array

    return ct.tree_map(convert, tree)


def _numbers(x: Any) -> ct.Array:
    try:
        return ct.asarray(x)
    except (builtins.TypeError, ValueError) as error:  # strings, rows of several lengths
        kind = getattr(x, "dtype", type(x).__name__)
        is_list = isinstance(x, (list, tuple))
        hint = "; batches of a list go through nn.Dataset.from_items" if is_list else ""
        raise TypeError(f"Model: expected arrays of numbers, got {kind}{hint}") from error


def dataset_of(
    x: Any, y: Any, sample_weight: Any, batch_size: int, dtype: ct.DType, order: int | None
) -> Iterable[Any]:
    """Batches of what was given: arrays are cast, cut, and shuffled where `order` is a seed."""
    if isinstance(x, Dataset) or (y is None and hasattr(x, "__iter__") and not _is_data(x)):
        if y is not None or sample_weight is not None:
            raise ArgumentError("Model: expected no y and weights beside a dataset, which has them")
        # Rows that are not in batches yet.
        return x.batch(batch_size) if isinstance(x, Dataset) and x.has_rows else x
    if x is None:
        raise TypeError("Model: expected arrays of numbers or a dataset as x, got None")
    parts = [floats_as(_of_list(x), dtype)]
    if y is not None:
        parts.append(floats_as(_of_list(y), dtype))
    elif sample_weight is not None:
        raise ArgumentError("Model: expected y beside weights")
    if sample_weight is not None:
        parts.append(floats_as(sample_weight, ct.float32))
    rows = Dataset.from_arrays(tuple(parts))
    if order is not None:
        rows = rows.shuffle(seed=order)
    return rows.batch(batch_size)


def _of_list(x: Any) -> Any:
    """A list of arrays with axes as several inputs, any other as an array of numbers."""
    if not isinstance(x, list):
        return x
    is_array = [getattr(each, "ndim", 0) > 0 for each in x]
    return tuple(x) if x and all(is_array) else _numbers(x)


def _is_data(x: Any) -> bool:
    """Whether an argument is arrays, not something that gives batches."""
    if hasattr(x, "__array__") or hasattr(x, "__dlpack__") or isinstance(x, (list, dict)):
        return True
    return isinstance(x, tuple) and all(_is_data(each) for each in x)


def parts_of(item: Any) -> tuple[Any, ...]:
    """The parts of a batch; a list of arrays has them as a tuple does (torch's loaders give it)."""
    if isinstance(item, list) and any(getattr(each, "ndim", 0) > 0 for each in item):
        return tuple(item)
    return item if isinstance(item, tuple) else (item,)


def batch_of(item: Any, table: ct.Array | None, dtype: ct.DType) -> Batch:
    """x, y and weights of an element of a dataset; a single one is x.

    `table` has the weights of classes (`class_table`).
    """
    item = parts_of(item)
    if not 1 <= len(item) <= 3:
        raise ArgumentError(f"Model: expected batches (x, y, weights), got {len(item)} parts")
    x, y, weight = (*item, None, None)[:3]
    x, y = floats_as(x, dtype), (None if y is None else floats_as(y, dtype))
    weight = None if weight is None else ct.asarray(weight)
    if table is not None:
        of_class = _weights_of_classes(y, table)
        weight = of_class if weight is None else weight * of_class
    return x, y, weight


def class_table(class_weight: Mapping[int, float] | None) -> ct.Array | None:
    """Weights by class, and 1 as that of all beyond; raises ArgumentError of what are none."""
    if class_weight is None:
        return None
    what = "class_weight: expected weights of at least 0 by class"
    if not isinstance(class_weight, Mapping) or not class_weight:
        raise ArgumentError(f"{what}, got {class_weight!r}")
    for key, weight in class_weight.items():
        is_class = isinstance(key, numbers.Integral) and not isinstance(key, bool)
        if not is_class or not 0 <= key < _MOST_CLASSES:
            raise ArgumentError(f"{what} (from 0 to {_MOST_CLASSES - 1}), got the class {key!r}")
        if not isinstance(weight, numbers.Real) or not 0.0 <= weight < math.inf:
            raise ArgumentError(f"{what}, got {weight!r} for the class {key!r}")
    table = np.ones(max(class_weight) + 2, np.float32)
    table[[*class_weight]] = [*class_weight.values()]
    return ct.asarray(table)


def _weights_of_classes(y: Any, table: ct.Array) -> ct.Array:
    if not isinstance(y, ct.Array):
        raise ArgumentError("class_weight: expected one array of labels")
    if y.ndim > 1 and y.shape[-1] > 1:
        labels = ct.argmax(y, axis=-1)
    else:
        labels = ct.astype(ct.reshape(y, (y.shape[0],)), ct.int64, copy=False)
    last = table.shape[0] - 1  # the weight of classes beyond the table, and of -100
    labels = ct.where(labels < 0, last, ct.minimum(labels, last))
    return ct.take(table, labels, axis=0)


def split_off(parts: tuple[Any, ...], share: float) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The first rows of trees of arrays, and the last `share` of them."""
    if not 0.0 < share < 1.0:
        raise ArgumentError(f"validation_split: expected a share between 0 and 1, got {share}")
    if not _is_data(parts[0]):
        raise ArgumentError("validation_split: expected arrays; of a dataset use `take` and `skip`")
    parts = tuple(None if each is None else ct.tree_map(ct.asarray, each) for each in parts)
    total = ct.tree_leaves(parts[0])[0].shape[0]
    at = int(total * (1.0 - share))
    if at in (0, total):
        raise ArgumentError(f"validation_split: {share} of {total} rows leaves nothing")

    def cut(each: Any, low: int, high: int) -> Any:
        return None if each is None else ct.tree_map(lambda x: x[low:high], each)

    first = tuple(cut(each, 0, at) for each in parts)
    return first, tuple(cut(each, at, total) for each in parts)


def check_passes(x: Any, passes: int, steps_per_epoch: int | None) -> None:
    """Raises ArgumentError for an iterator, which has one pass, where several are to be made."""
    if isinstance(x, Iterator) and passes > 1 and steps_per_epoch is None:
        raise ArgumentError(
            f"fit: expected data for {passes} passes, got {type(x).__name__}, which is used up "
            "after one; give a Dataset (`from_items` of a function that makes it), a list of "
            "batches, or steps_per_epoch"
        )


def limited(items: Iterator[Any], steps: int | None) -> Iterator[Any]:
    """The next `steps` elements, or all; what is beyond stays."""
    count = 0
    while steps is None or count < steps:
        try:
            yield next(items)
        except StopIteration:
            return
        count += 1
