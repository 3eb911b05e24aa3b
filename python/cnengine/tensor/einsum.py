"""Sums of products by the names of axes (Einstein's notation)."""

from __future__ import annotations

import math

from cnengine._core import tensor as _tensor
from cnengine.errors import ArgumentError, ShapeError
from cnengine.tensor.array import Array, result_type
from cnengine.tensor.creation import asarray

__all__ = ["einsum"]


class _Term:
    """An array with a name for each axis, none twice."""

    def __init__(self, array: Array, names: str) -> None:
        self.array, self.names = array, names

    def ordered(self, names: str) -> Array:
        return _tensor.permute_dims(self.array, [self.names.index(name) for name in names])

    def without(self, names: set[str]) -> _Term:
        """Summed over these."""
        axes = [i for i, name in enumerate(self.names) if name in names]
        if not axes:
            return self
        left = "".join(name for name in self.names if name not in names)
        dtype = self.array.dtype  # sums of small integers would be int64
        return _Term(_tensor.cast(_tensor.reduce("sum", self.array, axes, False), dtype), left)


def _spelled(names: str, ndim: int, text: str) -> str:
    """Names of an operand with one for each axis that "..." stands for: "0" is the last one."""
    if any(not (c.isascii() and c.isalpha()) for c in names.replace("...", "", 1)):
        raise ArgumentError(
            f'einsum: expected letters, ",", "->" and at most one "..." an array, got {text!r}'
        )
    if "..." not in names:
        return names
    more = ndim - len(names) + 3
    if more < 0:
        raise ShapeError(f"einsum: {names!r} has more names than an array has axes ({ndim})")
    return names.replace("...", "".join(chr(ord("0") + i) for i in reversed(range(more))))


def _parsed(text: str, arrays: list[Array]) -> tuple[list[str], str]:
    """The names of all axes of the operands and of the result."""
    whole = text.replace(" ", "")
    left, arrow, out = whole.partition("->")
    parts = left.split(",")
    if len(parts) != len(arrays):
        raise ArgumentError(f"einsum: {text!r} is of {len(parts)} arrays, got {len(arrays)}")
    names = [_spelled(part, x.ndim, text) for part, x in zip(parts, arrays, strict=True)]
    for part, each, x in zip(parts, names, arrays, strict=True):
        if len(each) != x.ndim:
            raise ShapeError(f"einsum: {part!r} does not name the axes of the shape {x.shape}")
    joined = "".join(names)
    others = ("".join(name for name in each if not name.isalpha()) for each in names)
    extra = max(others, key=len)
    if not arrow:
        once = sorted(name for name in set(joined) if name.isalpha() and joined.count(name) == 1)
        return names, extra + "".join(once)
    if "..." in out:
        out = _spelled(out, len(out) - 3 + len(extra), text)
    elif any(not (c.isascii() and c.isalpha()) for c in out):
        raise ArgumentError(f"einsum: expected letters behind the arrow, got {text!r}")
    for name in out:
        if name not in joined or out.count(name) > 1:
            raise ArgumentError(f"einsum: the result of {text!r} needs each name of it once in it "
                                "and in an array")  # fmt: skip
    return names, out


def _term(x: Array, names: str, extents: dict[str, int], text: str) -> _Term:
    """Of a name that is there twice the diagonal; without axes of 1 that are to be broadcast."""
    for name in sorted(set(names)):
        while names.count(name) > 1:
            i = names.index(name)
            j = names.index(name, i + 1)
            if x.shape[i] != x.shape[j]:
                raise ShapeError(f"einsum: {name!r} of {text!r} is {x.shape[i]} and {x.shape[j]}")
            x = _tensor.move_axis(_tensor.move_axis(x, j, x.ndim - 1), i, x.ndim - 2)
            *batch, n, _ = x.shape
            x = _tensor.reshape(x, [*batch, n * n])[..., :: n + 1]
            names = names[:i] + names[i + 1 : j] + names[j + 1 :] + name
    single = [i for i, name in enumerate(names) if x.shape[i] == 1 and extents[name] != 1]
    if single:
        x = _tensor.squeeze(x, single)
        names = "".join(name for i, name in enumerate(names) if i not in single)
    return _Term(x, names)


def _extents(names: list[str], arrays: list[Array], text: str) -> dict[str, int]:
    out: dict[str, int] = {}
    for each, x in zip(names, arrays, strict=True):
        for name, extent in zip(each, x.shape, strict=True):
            have = out.setdefault(name, extent)
            if have == 1:
                out[name] = extent
            elif extent not in (1, have):
                axis = name if name.isalpha() else "..."
                raise ShapeError(f"einsum: {axis!r} of {text!r} is {have} and {extent}")
    return out


def _product(a: _Term, b: _Term, kept: set[str]) -> _Term:
    """The product of two, summed over what is not kept, by one product of matrices."""
    of_a, of_b = set(a.names), set(b.names)
    a, b = a.without(of_a - kept - of_b), b.without(of_b - kept - of_a)
    batch = "".join(name for name in a.names if name in b.names and name in kept)
    summed = "".join(name for name in a.names if name in b.names and name not in kept)
    rows = "".join(name for name in a.names if name not in b.names)
    columns = "".join(name for name in b.names if name not in a.names)
    left, right = a.ordered(batch + rows + summed), b.ordered(batch + summed + columns)
    shape = [*left.shape[: len(batch) + len(rows)], *right.shape[len(batch) + len(summed) :]]
    if not summed:
        left = _tensor.expand_dims(left, [left.ndim + i for i in range(len(columns))])
        at = [len(batch) + i for i in range(len(rows))]
        return _Term(left * _tensor.expand_dims(right, at), batch + rows + columns)
    many, inner = shape[: len(batch)], math.prod(left.shape[len(batch) + len(rows) :])
    height = math.prod(shape[len(batch) : len(batch) + len(rows)])
    width = math.prod(shape[len(batch) + len(rows) :])
    out = _tensor.matmul(
        _tensor.reshape(left, [*many, height, inner]), _tensor.reshape(right, [*many, inner, width])
    )
    return _Term(_tensor.reshape(out, shape), batch + rows + columns)


def _best_pair(terms: list[_Term], out: str, extents: dict[str, int]) -> tuple[int, int]:
    """That whose result is smallest against what goes into it, of these the cheapest."""

    def size(names: set[str]) -> int:
        return math.prod(extents[name] for name in names)

    def cost(pair: tuple[int, int]) -> tuple[int, int]:
        both = [set(terms[i].names) for i in pair]
        others = (set(each.names) for k, each in enumerate(terms) if k not in pair)
        kept = set(out).union(*others)
        union = both[0] | both[1]
        return size(union & kept) - size(both[0]) - size(both[1]), size(union)

    pairs = [(i, j) for j in range(len(terms)) for i in range(j)]
    return min(pairs, key=cost) if len(pairs) > 1 else pairs[0]


def einsum(subscripts: str, /, *arrays: Array) -> Array:
    """The sum of products of elements, by a letter for each axis.

    ``"ij,jk->ik"`` is a product of matrices: an axis whose letter is not behind the arrow is summed
    over. A letter twice at one array is its diagonal. "..." are other axes, which are broadcast, as
    are axes of the extent 1. Without an arrow the result has "..." and the letters that are there
    once, by the alphabet. More than two arrays are put together two by two, those first whose
    product is smallest; each product is one of matrices.

    Raises ArgumentError for other text, ShapeError where extents do not fit.

    Examples
    --------
    >>> import cnengine.tensor as ct
    >>> x = ct.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> ct.einsum("ij,jk->ik", x, x)
    Array([[ 7., 10.],
           [15., 22.]], dtype=float32)
    >>> float(ct.einsum("ii", x))
    5.0
    """
    operands = [asarray(x) for x in arrays]
    if not operands:
        raise ArgumentError("einsum: expected at least one array")
    names, out = _parsed(subscripts, operands)
    extents = _extents(names, operands, subscripts)
    common = result_type(*operands)
    terms = [
        _term(x if x.dtype == common else _tensor.cast(x, common), each, extents, subscripts)
        for x, each in zip(operands, names, strict=True)
    ]
    while len(terms) > 1:
        i, j = _best_pair(terms, out, extents)
        pair = terms[i], terms[j]
        terms = [each for k, each in enumerate(terms) if k not in (i, j)]
        terms.append(_product(*pair, set(out).union(*(each.names for each in terms))))
    (term,) = terms
    term = term.without(set(term.names) - set(out))
    return term.ordered(out)
