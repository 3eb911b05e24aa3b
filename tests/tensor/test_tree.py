"""Nested containers: leaves in order, structures that compare, prefixes."""

import collections
import dataclasses
from typing import NamedTuple

import cnengine.errors
import cnengine.tensor as ct
import pytest
from hypothesis import given
from hypothesis import strategies as st


class Point(NamedTuple):
    x: object
    y: object


@dataclasses.dataclass(frozen=True)
class Layer:
    weight: object
    bias: object
    name: str = dataclasses.field(default="", metadata={"static": True})


class Custom:
    def __init__(self, items, label):
        self.items, self.label = items, label

    def __tree_flatten__(self):
        return self.items, self.label

    @classmethod
    def __tree_unflatten__(cls, label, items):
        return cls(items, label)


TREES = st.recursive(
    st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner)
    | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    | st.builds(Point, inner, inner) | st.builds(Layer, inner, inner, st.text(max_size=2)),
    max_leaves=20,
)  # fmt: skip


@given(TREES)
def test_flatten_and_back(tree):
    leaves, structure = ct.tree_flatten(tree)
    assert structure.num_leaves == len(leaves)
    assert ct.tree_unflatten(structure, leaves) == tree
    again = ct.tree_structure(tree)
    assert again == structure
    assert hash(again) == hash(structure)
    assert ct.tree_map(lambda x: x, tree) == tree


def test_order_of_leaves():
    tree = {"b": [1, (2, None)], "a": Point(3, Layer(4, 5, "n"))}
    assert ct.tree_leaves(tree) == [3, 4, 5, 1, 2]
    assert ct.tree_leaves(Custom([6, {"k": 7}], "l")) == [6, 7]


def test_structures_differ_by_what_is_static():
    assert ct.tree_structure(Layer(1, 2, "a")) != ct.tree_structure(Layer(1, 2, "b"))
    assert ct.tree_structure(Custom([1], "a")) == ct.tree_structure(Custom([2], "a"))
    assert ct.tree_structure(Custom([1], {})) != ct.tree_structure(Custom([1], {"a": 1}))
    assert ct.tree_structure([1]) != ct.tree_structure((1,))
    assert ct.tree_structure({"a": 1}) != ct.tree_structure({"b": 1})


def test_classes_come_back():
    out = ct.tree_map(lambda x: x * 10, Custom([1, 2], "l"))
    assert (out.items, out.label) == ([10, 20], "l")
    assert ct.tree_map(lambda a, b: a + b, Layer(1, 2, "n"), Layer(10, 20, "n")) == Layer(
        11, 22, "n"
    )


def test_dicts_of_collections():
    ordered = collections.OrderedDict(b=1, a=2)
    assert ct.tree.tree_leaves(ordered) == [1, 2]
    got = ct.tree.tree_map(lambda x: x + 1, ordered)
    assert type(got) is collections.OrderedDict
    assert list(got.items()) == [("b", 2), ("a", 3)]
    counts = collections.defaultdict(int, b=1, a=2)
    assert ct.tree.tree_leaves(counts) == [2, 1]
    got = ct.tree.tree_map(lambda x: x + 1, counts)
    assert type(got) is collections.defaultdict
    assert got.default_factory is int
    assert got == {"a": 3, "b": 2}
    kinds = [{"a": 1}, collections.OrderedDict(a=1), collections.defaultdict(int, a=1),
             collections.defaultdict(list, a=1)]  # fmt: skip
    structures = [ct.tree.tree_structure(kind) for kind in kinds]
    for i, one in enumerate(structures):
        assert [one == other for other in structures] == [i == j for j in range(len(kinds))]


def test_wrong_use():
    with pytest.raises(cnengine.errors.ArgumentError, match="3 leaves"):
        ct.tree_unflatten(ct.tree_structure([1, 2, 3]), [1])
    with pytest.raises(cnengine.errors.ArgumentError, match="structure"):
        ct.tree_map(lambda a, b: a, [1], (1,))
    with pytest.raises(cnengine.errors.ArgumentError, match="sorted"):
        ct.tree_leaves({1: 0, "a": 0})


def test_a_tree_that_holds_itself():
    tree = []
    tree.append(tree)
    with pytest.raises(RecursionError):
        ct.tree_leaves(tree)
