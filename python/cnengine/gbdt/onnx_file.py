"""ONNX-ML graphs of models, by the optional package `onnx`."""

import json
from typing import Any

import numpy as np

from cnengine import errors
from cnengine._core import gbdt as _native


def to_onnx(booster: Any) -> Any:
    """A model as an ONNX graph: one TreeEnsembleRegressor and the link.

    Parameters
    ----------
    booster : the native model

    Returns
    -------
    onnx.ModelProto
        Input `X`, float32 (rows, features), categories as their numbers (of text: its place in
        the model's list, which is in the metadata). Outputs `score`, float32 (rows, outputs),
        before the link, and `prediction` after it; of a classifier also `label`, int64 or text
        (rows,).

    Raises
    ------
    cnengine.errors.UnsupportedError
        Linear leaves, zeros that are missing, categories that float32 does not hold; no `onnx`.

    Notes
    -----
    Thresholds are rounded down to float32, so rows that float32 holds go the same way; leaves and
    sums are float32. A category set becomes a chain of comparisons. ONNX-ML operators, version 3.
    """
    try:
        import onnx
        from onnx import TensorProto, helper
    except ImportError as error:
        raise errors.UnsupportedError(
            'save_model: expected the package onnx for format="onnx": pip install cnengine[onnx]'
        ) from error
    parts = _native.onnx_trees(booster)
    outputs = booster.outputs
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor",
            ["X"],
            ["score"],
            domain="ai.onnx.ml",
            n_targets=outputs,
            post_transform="NONE",
            aggregate_function="SUM",
            **parts["attributes"],
        )
    ]
    results = [_value(helper, TensorProto.FLOAT, "score", outputs)]
    constants = []
    _add_link(parts, nodes, constants)
    results.append(_value(helper, TensorProto.FLOAT, "prediction", outputs))
    classes = _classes(booster)
    if classes is not None:
        labels = np.asarray(classes)
        labels = labels.astype(np.int64) if labels.dtype.kind in "biu" else labels.astype(object)
        if labels.dtype == object:
            labels = np.asarray([str(c) for c in classes], dtype=object)
        _add_label(outputs, nodes, constants)
        constants.append(onnx.numpy_helper.from_array(labels, "classes"))
        kind = TensorProto.STRING if labels.dtype == object else TensorProto.INT64
        results.append(helper.make_tensor_value_info("label", kind, [None]))
    graph = helper.make_graph(
        nodes,
        "cnengine",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, booster.width])],
        results,
        constants,
    )
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=imports, producer_name="cnengine", ir_version=8)
    helper.set_model_props(
        model,
        {
            "objective": booster.objective,
            "feature_names": json.dumps(booster.feature_names),
            "categories": json.dumps(booster.categories()),
        },
    )
    onnx.checker.check_model(model)
    return model


def _value(helper: Any, kind: int, name: str, outputs: int) -> Any:
    return helper.make_tensor_value_info(name, kind, [None, outputs])


def _classes(booster: Any) -> list | None:
    try:
        classes = json.loads(booster.attributes)["classes"]
    except (ValueError, KeyError, TypeError):
        return None
    return classes if len(classes) == max(2, booster.outputs) else None


def _add_link(parts: dict[str, Any], nodes: list, constants: list) -> None:
    from onnx import helper, numpy_helper

    link, scale = parts["link"], parts["scale"]
    source = "score"
    if link == "sigmoid" and scale != 1:
        constants.append(numpy_helper.from_array(np.array(scale, np.float32), "scale"))
        nodes.append(helper.make_node("Mul", ["score", "scale"], ["scaled"]))
        source = "scaled"
    operator = {"identity": "Identity", "sigmoid": "Sigmoid", "softmax": "Softmax", "exp": "Exp"}
    more = {"axis": 1} if link == "softmax" else {}
    nodes.append(helper.make_node(operator[link], [source], ["prediction"], **more))


def _add_label(outputs: int, nodes: list, constants: list) -> None:
    """The class with the largest score; of two classes, the second where the score is above 0."""
    from onnx import helper, numpy_helper

    if outputs == 1:
        constants.append(numpy_helper.from_array(np.array(0, np.float32), "zero"))
        constants.append(numpy_helper.from_array(np.array([-1], np.int64), "flat"))
        nodes.append(helper.make_node("Greater", ["score", "zero"], ["above"]))
        nodes.append(helper.make_node("Cast", ["above"], ["column"], to=7))
        nodes.append(helper.make_node("Reshape", ["column", "flat"], ["number"]))
    else:
        nodes.append(helper.make_node("ArgMax", ["score"], ["number"], axis=1, keepdims=0))
    nodes.append(helper.make_node("Gather", ["classes", "number"], ["label"]))
