"""Pictures of models: what is drawn, beside the model itself."""

import json
import re
import sys

import lightgbm
import matplotlib
import numpy as np
import pandas as pd
import pytest
from cnengine import errors, gbdt

matplotlib.use("Agg")
from matplotlib import pyplot

RNG = np.random.default_rng(1)
TOWN = RNG.choice(["oslo", "bern", "rome", "lima", "kyiv", "cork"], 800)
FRAME = pd.DataFrame({"a": RNG.standard_normal(800), "town": TOWN, "c": RNG.standard_normal(800)})
Y = np.isin(TOWN, ["oslo", "bern"]) * 2.0 + FRAME.a.to_numpy()
DATA = gbdt.Dataset(FRAME, Y)
MODEL = gbdt.train({"num_leaves": 7}, DATA, 5, valid_sets=[DATA], valid_names=["mine"])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def test_bars_are_the_importances():
    for kind in ("gain", "split", "mean_cover"):
        ax = gbdt.plot_importance(MODEL, kind=kind)
        values = MODEL.feature_importance(kind)
        used = np.flatnonzero(values)
        drawn = dict(zip([label.get_text() for label in ax.get_yticklabels()],
                         [bar.get_width() for bar in ax.patches], strict=True))  # fmt: skip
        assert drawn == {FRAME.columns[j]: values[j] for j in used}
        assert ax.get_xlabel() == kind
        widths = [bar.get_width() for bar in ax.patches]
        assert widths == sorted(widths)
    assert len(gbdt.plot_importance(MODEL, max_num_features=1).patches) == 1
    everything = gbdt.plot_importance(MODEL, ignore_zero=False, ax=pyplot.subplots()[1])
    assert len(everything.patches) == 3
    with pytest.raises(errors.ArgumentError, match="max_num_features >= 1"):
        gbdt.plot_importance(MODEL, max_num_features=0)
    with pytest.raises(errors.ArgumentError, match="expected kind as one of"):
        gbdt.plot_importance(MODEL, kind="size")


def test_lines_are_the_metrics():
    ax = gbdt.plot_metric(MODEL)
    assert ax.lines[0].get_ydata().tolist() == MODEL.evals_result["mine"]["l2"]
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3, 4, 5]
    assert ax.get_legend().get_texts()[0].get_text() == "mine"
    estimator = gbdt.GBDTRegressor(n_estimators=3, eval_metric=["l1", "l2"])
    estimator.fit(FRAME, Y, eval_set=[(FRAME, Y), (FRAME[:50], Y[:50])])
    ax = gbdt.plot_metric(estimator, "l1", sets=["valid_1"])
    assert [line.get_label() for line in ax.lines] == ["valid_1"]
    with pytest.raises(errors.ArgumentError, match="metric as one of l1, l2, got None"):
        gbdt.plot_metric(estimator)
    with pytest.raises(errors.ArgumentError, match="no set 'other'; there are: valid_1, valid_0"):
        gbdt.plot_metric(estimator, "l1", sets=["other"])
    with pytest.raises(errors.ArgumentError, match="with evaluation sets"):
        gbdt.plot_metric(gbdt.train({}, DATA, 1))


def test_the_histogram_counts_the_thresholds():
    values = [n["threshold"] for nodes, _ in MODEL.trees() for n in nodes if n["feature"] == 0]
    for feature in ("a", 0):
        ax = gbdt.plot_split_value_histogram(MODEL, feature, bins=5)
        counts, edges = np.histogram(values, bins=5)
        assert [bar.get_height() for bar in ax.patches] == counts.tolist()
        np.testing.assert_allclose([bar.get_x() for bar in ax.patches], edges[:-1])
    for feature, text in [("b", "no feature 'b'"), (7, "from 0 to 2, got 7"),
                          ("town", "a numeric feature, got 'town'")]:  # fmt: skip
        with pytest.raises(errors.ArgumentError, match=text):
            gbdt.plot_split_value_histogram(MODEL, feature)
    blind = gbdt.train({}, gbdt.Dataset(FRAME[["a", "c"]], Y * 0), 1)
    with pytest.raises(errors.ArgumentError, match="no tree splits 'a'"):
        gbdt.plot_split_value_histogram(blind, "a")


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_a_tree_shows_its_nodes_and_leaves():
    nodes, leaves = MODEL.trees()[2]
    ax = gbdt.plot_tree(MODEL, 2, show_info=["gain", "rows", "weight", "value"], precision=3)
    texts = texts_of(ax)
    assert sum(text.startswith("leaf") for text in texts) == len(leaves)
    assert len(texts) == len(nodes) + len(leaves) + 2 * len(nodes)
    assert len(ax.lines) == 2 * len(nodes)
    for node in nodes:
        (text,) = [t for t in texts if f"gain: {node['gain']:.3g}" in t]
        assert f"rows: {node['rows']}" in text
        assert f"value: {node['value']:.3g}" in text
        if node["categories_left"] is None:
            name = ["a", "town", "c"][node["feature"]]
            assert text.startswith(f"{name} <= {node['threshold']:.3g}\n")
        else:
            known = MODEL.categories()[1]
            for code in node["categories_left"][:4]:
                assert known[code] in text.split("\n")[0]
    for number, value in enumerate(leaves):
        assert any(t.startswith(f"leaf {number}\n{value:.3g}\nrows: ") for t in texts)
    # Missing values take the thick line of each pair.
    thick = [line.get_linewidth() > 2 for line in ax.lines]
    assert sum(thick) == len(nodes)
    # No two boxes of one level are in one place.
    places = {text.get_position() for text in ax.texts}
    assert len(places) == len(ax.texts)


@pytest.mark.parametrize(
    ("params", "y"),
    [({"objective": "multiclass", "num_class": 3}, np.digitize(Y, [0, 1])),
     ({"objective": "multiclass", "num_class": 3, "multi_strategy": "multi_output_tree"},
      np.digitize(Y, [0, 1])),
     ({"linear_tree": True}, Y), ({"min_gain": 1e9}, Y)],
    ids=["classes", "vectors", "linear", "one leaf"],
)  # fmt: skip
def test_trees_of_every_kind(params, y):
    model = gbdt.train(params, gbdt.Dataset(FRAME[["a", "c"]], y), 1)
    texts = texts_of(gbdt.plot_tree(model, model.num_trees - 1))
    leaves = [text for text in texts if text.startswith("leaf")]
    dot = gbdt.create_tree_digraph(model, model.num_trees - 1)
    assert len(leaves) == dot.count("style=rounded") >= 1
    if "min_gain" in params:
        assert texts == [f"leaf 0\n0\nrows: {len(Y)}"] or len(texts) == 1
    if "multi_strategy" in params:
        assert leaves[0].split("\n")[1].count(",") == 2
    assert ("linear" in leaves[0]) == ("linear_tree" in params)


def test_dot_keeps_hostile_names_as_text():
    names = ['a"]; x [label="', "back\\slash", "line\nbreak"]
    X = RNG.standard_normal((500, 3))
    model = gbdt.train({}, gbdt.Dataset(X, X @ [1, 2, 3], feature_names=names), 1)
    dot = gbdt.create_tree_digraph(model, show_info=[])
    for line in dot.split("\n")[2:-1]:
        # One statement a line: a label in quotes that ends where it should.
        assert re.fullmatch(r'  n\d+( -> n\d+)? \[label="([^"\\]|\\.)*"(, style=\w+)?\];', line)
    assert 'a\\"]; x [label=\\"' in dot
    assert "back\\\\slash" in dot
    edges = re.findall(r"n(\d+) -> n(\d+)", dot)
    assert len(edges) == len({child for _, child in edges}) == 2 * len(model.trees()[0][0])
    assert dot.count("style=bold") == len(model.trees()[0][0])


def test_a_split_on_missing_values_alone():
    x = np.where(np.arange(200) % 2, np.nan, 1.0)[:, None]
    model = gbdt.train({}, gbdt.Dataset(x, np.isnan(x[:, 0]), feature_names=["gap"]), 1)
    nodes, _ = model.trees()[0]
    assert np.isinf(nodes[0]["threshold"])
    assert "gap is not missing" in gbdt.create_tree_digraph(model)
    document = json.loads(model.dump(0))
    assert document["trees"][0]["nodes"][0]["threshold"] == "inf"
    assert json.loads(model.dump()) == document
    for number in (1, -1):
        with pytest.raises(errors.ArgumentError, match=r"expected tree in \[0, 1\), got"):
            model.dump(number)
    with pytest.raises(errors.ArgumentError, match="no tree splits 'gap'"):
        gbdt.plot_split_value_histogram(model, "gap")


def test_models_of_others(tmp_path):
    theirs = lightgbm.train({"verbosity": -1}, lightgbm.Dataset(FRAME[["a", "c"]], Y), 2)
    theirs.save_model(tmp_path / "m.txt")
    model = gbdt.load_booster(tmp_path / "m.txt")
    frame = theirs.trees_to_dataframe()
    leaves = (frame[frame.tree_index == 1].left_child.isna()).sum()
    assert gbdt.create_tree_digraph(model, 1).count("style=rounded") == leaves
    assert len(gbdt.plot_importance(model).patches) == 2


def test_what_cannot_be_drawn(monkeypatch):
    with pytest.raises(errors.TypeError, match="plot_tree: expected a Booster or a fitted est"):
        gbdt.plot_tree(gbdt.GBDTRegressor())
    for number in (5, -1, "0"):
        with pytest.raises(errors.ArgumentError, match="expected tree from 0 to 4, got"):
            gbdt.create_tree_digraph(MODEL, number)
    with pytest.raises(errors.ArgumentError, match="show_info from gain, rows, weight, value"):
        gbdt.plot_tree(MODEL, show_info=["size"])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(errors.NotFoundError, match=r"pip install cnengine\[plot\]"):
        gbdt.plot_importance(MODEL)
