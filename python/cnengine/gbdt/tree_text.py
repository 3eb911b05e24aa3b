"""What nodes and leaves of a tree say, for pictures; and a tree as DOT."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnengine import errors
from cnengine.gbdt.booster import Booster

INFO = ("gain", "rows", "weight", "value")
_LEVELS = 4  # categories that a node shows at most


@dataclass
class TreeNode:
    """A split (with children) or a leaf of a tree that is drawn."""

    text: str
    left: "TreeNode | None" = None
    right: "TreeNode | None" = None
    missing_left: bool = False

    @property
    def is_leaf(self) -> bool:
        return self.left is None


def booster_of(model: Any, function: str) -> Booster:
    """The Booster of a model or a fitted estimator."""
    booster = getattr(model, "booster_", model)
    if not isinstance(booster, Booster):
        raise errors.TypeError(
            f"{function}: expected a Booster or a fitted estimator, got {type(model).__name__}"
        )
    return booster


def feature_names(booster: Booster) -> list[str]:
    """The names, or "feature 3" where there is none."""
    names = booster.feature_names or [""] * booster.num_features
    return [name or f"feature {number}" for number, name in enumerate(names)]


def read_tree(booster: Booster, tree: int, show_info: Sequence[str], precision: int, function: str):
    """The root of tree number `tree`."""
    if not isinstance(tree, int) or not 0 <= tree < booster.num_trees:
        raise errors.ArgumentError(
            f"{function}: expected tree from 0 to {booster.num_trees - 1}, got {tree!r}"
        )
    for item in show_info:
        if item not in INFO:
            raise errors.ArgumentError(
                f"{function}: expected show_info from {', '.join(INFO)}, got {item!r}"
            )
    nodes = booster.trees()[tree][0]
    leaves = booster.native.leaves()[tree]
    names, categories = feature_names(booster), booster.categories()
    width = leaves["width"]

    def number(value: float) -> str:
        return f"{value:.{precision}g}"

    def leaf(at: int) -> TreeNode:
        values = leaves["values"][at * width : at * width + width]
        lines = [f"leaf {at}" + (" (linear)" if leaves["linear"] else "")]
        lines.append(", ".join(map(number, values)))
        lines += [f"{item}: {number(leaves[item + ('s' if item == 'weight' else '')][at])}"
                  for item in show_info if item in ("rows", "weight")]  # fmt: skip
        return TreeNode("\n".join(lines))

    def build(at: int) -> TreeNode:
        if at < 0:
            return leaf(~at)
        node = nodes[at]
        name = names[node["feature"]]
        if node["categories_left"] is None and math.isinf(node["threshold"]):
            lines = [f"{name} is {'not ' * (node['threshold'] > 0)}missing"]
        elif node["categories_left"] is None:
            lines = [f"{name} <= {number(node['threshold'])}"]
        else:
            known = categories[node["feature"]] or []
            chosen = [str(known[code]) if code < len(known) else str(code)
                      for code in node["categories_left"]]  # fmt: skip
            more = f", ... ({len(chosen)})" if len(chosen) > _LEVELS else ""
            lines = [f"{name} in {{{', '.join(chosen[:_LEVELS])}{more}}}"]
        lines += [f"{item}: {number(node[item])}" for item in show_info]
        return TreeNode(
            "\n".join(lines), build(node["left"]), build(node["right"]), node["missing_left"]
        )

    return build(0 if nodes else -1)


def create_tree_digraph(
    model: Any, tree: int = 0, *, show_info: Sequence[str] = ("gain", "rows"), precision: int = 4
) -> str:
    """A tree in the DOT language, for `dot -Tsvg` or `graphviz.Source`.

    Parameters
    ----------
    model : Booster or fitted estimator
    tree : int
        Its number, from 0.
    show_info : sequence of "gain", "rows", "weight", "value"
        What nodes tell besides their split; leaves tell rows and weight.
    precision : int
        Digits of numbers.

    The edge that missing values take is bold.

    Raises
    ------
    cnengine.errors.ArgumentError
        There is no such tree.

    Examples
    --------
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.arange(100.0)[:, None]
    >>> model = gbdt.train({"num_leaves": 2}, gbdt.Dataset(X, X[:, 0] > 40), 1)
    >>> print(gbdt.create_tree_digraph(model, show_info=["rows"]))
    digraph tree {
      node [shape=box, fontname=Helvetica];
      n0 [label="feature 0 <= 40.5\\nrows: 100"];
      n1 [label="leaf 0\\n-0.059\\nrows: 41", style=rounded];
      n0 -> n1 [label="yes", style=solid];
      n2 [label="leaf 1\\n0.041\\nrows: 59", style=rounded];
      n0 -> n2 [label="no", style=bold];
    }
    """
    function = "create_tree_digraph"
    root = read_tree(booster_of(model, function), tree, show_info, precision, function)
    lines = ["digraph tree {", "  node [shape=box, fontname=Helvetica];"]
    count = 0

    def write(node: TreeNode) -> int:
        nonlocal count
        number = count
        count += 1
        style = ", style=rounded" if node.is_leaf else ""
        lines.append(f"  n{number} [label={_quoted(node.text)}{style}];")
        if not node.is_leaf:
            for child, word, is_left in ((node.left, "yes", True), (node.right, "no", False)):
                below = write(child)
                weight = "bold" if node.missing_left == is_left else "solid"
                lines.append(f'  n{number} -> n{below} [label="{word}", style={weight}];')
        return number

    write(root)
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    """A string of DOT: what a name holds stays text."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ")
    return '"' + plain.replace("\0", "").replace("\n", "\\n") + '"'
