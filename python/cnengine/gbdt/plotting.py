"""Pictures of models with matplotlib (`pip install cnengine[plot]`)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cnengine import errors
from cnengine.gbdt.tree_text import TreeNode, booster_of, feature_names, read_tree


def _axes(ax: Any, figsize: tuple[float, float] | None) -> Any:
    """`ax`, or axes of a new figure."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise errors.NotFoundError(
            "plot: expected matplotlib to be installed; pip install cnengine[plot]"
        ) from error
    return pyplot.subplots(figsize=figsize)[1]


def plot_importance(
    model: Any,
    *,
    kind: str = "gain",
    max_num_features: int | None = None,
    ignore_zero: bool = True,
    precision: int = 3,
    ax: Any = None,
    figsize: tuple[float, float] | None = None,
) -> Any:
    """Bars of the feature importances, the largest at the top; returns the axes.

    Parameters
    ----------
    model : Booster or fitted estimator
    kind : str
        As in `Booster.feature_importance`.
    max_num_features : int or None
        Only the largest so many.
    ignore_zero : bool
        Leave out features that no tree uses.
    precision : int
        Digits of the numbers at the bars.
    ax : matplotlib axes or None
    figsize : (width, height) in inches of a new figure

    Examples
    --------
    >>> import matplotlib; matplotlib.use("Agg")
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> model = gbdt.train({}, gbdt.Dataset(X, X[:, 2], feature_names=["a", "b", "c"]), 3)
    >>> ax = gbdt.plot_importance(model, kind="split")
    >>> ax.get_yticklabels()[-1].get_text()
    'c'
    """
    booster = booster_of(model, "plot_importance")
    values = booster.feature_importance(kind)
    order = np.argsort(values, kind="stable")
    if ignore_zero:
        order = order[values[order] > 0]
    if max_num_features is not None:
        if max_num_features < 1:
            raise errors.ArgumentError(
                f"plot_importance: expected max_num_features >= 1, got {max_num_features}"
            )
        order = order[-max_num_features:]
    names = feature_names(booster)
    ax = _axes(ax, figsize)
    ax.barh(np.arange(len(order)), values[order], height=0.7)
    for place, value in enumerate(values[order]):
        ax.text(value, place, f" {value:.{precision}g}", va="center")
    ax.set_yticks(np.arange(len(order)), [names[feature] for feature in order])
    ax.set(title="feature importance", xlabel=kind)
    return ax


def plot_metric(
    model: Any,
    metric: str | None = None,
    *,
    sets: Sequence[str] | None = None,
    ax: Any = None,
    figsize: tuple[float, float] | None = None,
) -> Any:
    """A metric by rounds, a line for each evaluation set; returns the axes.

    Parameters
    ----------
    model : Booster, fitted estimator, or dict as their `evals_result`
    metric : str or None
        Its name; None where there is only one.
    sets : sequence of str or None
        The evaluation sets; None for all.
    ax, figsize
        As in `plot_importance`.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("Agg")
    >>> from cnengine import gbdt
    >>> ax = gbdt.plot_metric({"held out": {"auc": [0.6, 0.7, 0.8]}})
    >>> ax.get_ylabel(), ax.lines[0].get_ydata().tolist()
    ('auc', [0.6, 0.7, 0.8])
    """
    results = model if isinstance(model, Mapping) else None
    if results is None:
        results = booster_of(model, "plot_metric").evals_result
    if not results:
        raise errors.ArgumentError("plot_metric: expected a model trained with evaluation sets")
    unknown = [name for name in sets or () if name not in results]
    if unknown:
        raise errors.ArgumentError(
            f"plot_metric: no set {unknown[0]!r}; there are: {', '.join(results)}"
        )
    curves = {name: results[name] for name in sets or results}
    known = list(dict.fromkeys(m for by_metric in curves.values() for m in by_metric))
    if metric is None and len(known) == 1:
        metric = known[0]
    if metric not in known:
        raise errors.ArgumentError(
            f"plot_metric: expected metric as one of {', '.join(known)}, got {metric!r}"
        )
    ax = _axes(ax, figsize)
    for name, by_metric in curves.items():
        if metric in by_metric:
            ax.plot(np.arange(1, len(by_metric[metric]) + 1), by_metric[metric], label=name)
    ax.set(title="metric during training", xlabel="round", ylabel=metric)
    ax.legend()
    return ax


def plot_split_value_histogram(
    model: Any,
    feature: str | int,
    *,
    bins: Any = None,
    ax: Any = None,
    figsize: tuple[float, float] | None = None,
) -> Any:
    """How often the trees split a feature at which values; returns the axes.

    Parameters
    ----------
    model : Booster or fitted estimator
    feature : str or int
        A numeric feature by name or position.
    bins : int, sequence or str, or None
        As in `numpy.histogram`; None for as many as there are different values, at most 30.
    ax, figsize
        As in `plot_importance`.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("Agg")
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.random.default_rng(0).normal(size=(500, 2))
    >>> model = gbdt.train({}, gbdt.Dataset(X, X[:, 0]), 3)
    >>> ax = gbdt.plot_split_value_histogram(model, 0)
    >>> drawn = sum(bar.get_height() for bar in ax.patches)
    >>> bool(drawn == model.feature_importance("split")[0])
    True
    """
    function = "plot_split_value_histogram"
    booster = booster_of(model, function)
    names = feature_names(booster)
    if isinstance(feature, str) and feature not in names:
        raise errors.ArgumentError(
            f"{function}: no feature {feature!r}; there are: {', '.join(names)}"
        )
    number = names.index(feature) if isinstance(feature, str) else feature
    if not 0 <= number < len(names):
        raise errors.ArgumentError(
            f"{function}: expected feature from 0 to {len(names) - 1}, got {feature!r}"
        )
    if booster.categories()[number] is not None:
        raise errors.ArgumentError(f"{function}: expected a numeric feature, got {names[number]!r}")
    values = [node["threshold"] for nodes, _ in booster.trees() for node in nodes
              if node["feature"] == number and np.isfinite(node["threshold"])]  # fmt: skip
    if not values:
        raise errors.ArgumentError(f"{function}: no tree splits {names[number]!r}")
    counts, edges = np.histogram(values, bins=bins or min(30, len(set(values))))
    ax = _axes(ax, figsize)
    ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge")
    ax.set(title=f"splits of {names[number]}", xlabel="value", ylabel="splits")
    return ax


def plot_tree(
    model: Any,
    tree: int = 0,
    *,
    show_info: Sequence[str] = ("gain", "rows"),
    precision: int = 4,
    fontsize: float | None = None,
    ax: Any = None,
    figsize: tuple[float, float] | None = None,
) -> Any:
    """A tree with its splits, left for yes; returns the axes.

    Parameters
    ----------
    model : Booster or fitted estimator
    tree : int
        Its number, from 0.
    show_info : sequence of "gain", "rows", "weight", "value"
        What nodes tell besides their split; leaves tell rows and weight.
    precision : int
        Digits of numbers.
    fontsize : float or None
        In points; None for what the leaves have room for.
    ax, figsize
        As in `plot_importance`; a new figure grows with the tree.

    The line that missing values take is thick.

    Examples
    --------
    >>> import matplotlib; matplotlib.use("Agg")
    >>> import numpy as np
    >>> from cnengine import gbdt
    >>> X = np.arange(100.0)[:, None]
    >>> model = gbdt.train({"num_leaves": 2}, gbdt.Dataset(X, X[:, 0] > 40), 1)
    >>> [text.get_text().split("\\n")[0] for text in gbdt.plot_tree(model).texts]
    ['feature 0 <= 40.5', 'leaf 0', 'leaf 1', 'yes', 'no']
    """
    root = read_tree(booster_of(model, "plot_tree"), tree, show_info, precision, "plot_tree")
    places: list[tuple[TreeNode, float, int]] = []
    width, depth = _place(root, 0, 0, places)
    if ax is None:
        ax = _axes(None, figsize or (max(4.0, 1.6 * width), max(3.0, 1.6 * (depth + 1))))
    size = fontsize or min(10.0, max(4.0, 90.0 / max(1, width)))
    at = {id(node): (x, -y) for node, x, y in places}
    box = {"boxstyle": "round", "facecolor": "white", "edgecolor": "0.4"}
    for node, x, y in places:
        color = {**box, "facecolor": "0.92"} if node.is_leaf else box
        ax.text(x, -y, node.text, ha="center", va="center", fontsize=size, bbox=color, zorder=2)
    for node, x, y in places:
        for child, is_left in ((node.left, True), (node.right, False)):
            if child is None:
                continue
            below = at[id(child)]
            thick = 2.4 if node.missing_left == is_left else 0.8
            ax.plot([x, below[0]], [-y, below[1]], color="0.4", linewidth=thick, zorder=1)
            ax.text((x + below[0]) / 2, (below[1] - y) / 2, "yes" if is_left else "no",
                    ha="center", va="center", fontsize=size)  # fmt: skip
    ax.set(xlim=(-0.7, width - 0.3), ylim=(-depth - 0.6, 0.6))
    ax.set_axis_off()
    return ax


def _place(
    node: TreeNode, leaves: int, level: int, places: list[tuple[TreeNode, float, int]]
) -> tuple[int, int]:
    """Leaves side by side from number `leaves` on, parents in the middle above, into `places`,
    parents first; returns how many leaves there are now, and the depth."""
    slot = len(places)
    places.append((node, float(leaves), level))
    if node.left is None or node.right is None:
        return leaves + 1, level
    first = len(places)
    middle, one = _place(node.left, leaves, level + 1, places)
    second = len(places)
    end, two = _place(node.right, middle, level + 1, places)
    places[slot] = node, (places[first][1] + places[second][1]) / 2, level
    return end, max(one, two)
