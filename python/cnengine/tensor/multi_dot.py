"""The product of several matrices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array
from cnengine.tensor.creation import asarray
from cnengine.tensor.linear_algebra import matmul

__all__ = ["multi_dot"]


def _splits(sides: list[int]) -> dict[tuple[int, int], int]:
    """Before which matrix a product of i to j is cut, so that it takes the fewest steps.

    Matrix i has sides[i] rows and sides[i + 1] columns. Cormen et al., Introduction to Algorithms,
    section 15.2: O(n^3) of n matrices.
    """
    count = len(sides) - 1
    cost = {(i, i): 0 for i in range(count)}
    split: dict[tuple[int, int], int] = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            steps = {cut: cost[i, cut - 1] + cost[cut, j] + sides[i] * sides[cut] * sides[j + 1]
                     for cut in range(i + 1, j + 1)}  # fmt: skip
            split[i, j] = min(steps, key=lambda cut: steps[cut])
            cost[i, j] = steps[split[i, j]]
    return split


def multi_dot(arrays: Sequence[Array], /) -> Array:
    """The product of two matrices or more, in the order that takes the fewest steps.

    The first may be a vector, a row then, and the last a column. Raises ArgumentError for less than
    two, ShapeError for others than matrices and sides that do not match.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> ct.linalg.multi_dot([ct.ones((2, 9)), ct.ones((9, 9)), ct.ones(9)])
    Array([81., 81.], dtype=float32)
    """
    parts = [asarray(each) for each in arrays]
    if len(parts) < 2:
        raise ArgumentError(f"multi_dot: expected two arrays or more, got {len(parts)}")
    is_row, is_column = parts[0].ndim == 1, parts[-1].ndim == 1
    parts[0] = parts[0][None] if is_row else parts[0]
    parts[-1] = parts[-1][:, None] if is_column else parts[-1]
    shapes = [each.shape for each in parts]
    if any(len(shape) != 2 for shape in shapes) or any(
        one[1] != two[0] for one, two in itertools.pairwise(shapes)
    ):
        raise ShapeError(f"multi_dot: expected matrices that can be multiplied, got the shapes "
                         f"{', '.join(map(str, shapes))}")  # fmt: skip
    split = _splits([shapes[0][0], *(shape[1] for shape in shapes)])

    def product(i: int, j: int) -> Array:
        return parts[i] if i == j else matmul(product(i, split[i, j] - 1), product(split[i, j], j))

    out = product(0, len(parts) - 1)
    return out[0 if is_row else slice(None), 0 if is_column else slice(None)]
