"""Bodies of the Open Inference Protocol: what is taken, what is refused, and in which words."""

import json
import math

import numpy as np
import pytest
from cnengine.errors import ArgumentError, Error, NotFoundError
from cnengine.serve import TensorSpec
from cnengine.serve.protocol import DTYPES, InferRequest, decode, encode
from hypothesis import given, settings
from hypothesis import strategies as st


class Echo:
    """Takes one input of each datatype and two with more axes."""

    name, version, platform = "echo", "1", "test"
    inputs = (
        *(TensorSpec(name.lower(), name) for name in DTYPES),
        TensorSpec("matrix", "FP64", (-1, 2)),
        TensorSpec("cube", "INT32", (-1, 2, 2)),
    )
    outputs = (TensorSpec("a", "FP64"), TensorSpec("b", "BOOL", (-1, 2)), TensorSpec("c", "BYTES"))


def body(*inputs, **more):
    return json.dumps({"inputs": list(inputs), **more}).encode()


def tensor(name, data, shape=None, datatype=None):
    shape = [len(data)] if shape is None else shape
    return {"name": name, "datatype": datatype or name.upper(), "shape": shape, "data": data}


GOOD = {
    "BOOL": [True, False],
    **{f"INT{n}": [-(2 ** (n - 1)), 2 ** (n - 1) - 1] for n in (8, 16, 32, 64)},
    **{f"UINT{n}": [0, 2**n - 1] for n in (8, 16, 32, 64)},
    "FP16": [1.5, 65504],
    "FP32": [0.1, 3],
    "FP64": [0.1, 2**60],
    "BYTES": ["", "é"],
}


@pytest.mark.parametrize("datatype", DTYPES)
def test_each_datatype_arrives_as_its_numpy_type(datatype):
    request = decode(body(tensor(datatype.lower(), GOOD[datatype])), Echo)
    array = request.inputs[datatype.lower()]
    assert array.dtype == DTYPES[datatype]
    assert array.tolist() == np.array(GOOD[datatype], DTYPES[datatype]).tolist()
    assert request.outputs == ["a", "b", "c"]
    assert request.id is None


@pytest.mark.parametrize("data", [[1, 2, 3, 4, 5, 6], [[1, 2], [3, 4], [5, 6]]])
def test_data_may_be_flat_or_nested(data):
    item = tensor("matrix", data, [3, 2], "FP64")
    assert decode(body(item), Echo).inputs["matrix"].tolist() == [[1, 2], [3, 4], [5, 6]]
    cube = tensor("cube", [[[1, 2], [3, 4]]], [1, 2, 2], "INT32")
    assert decode(body(cube), Echo).inputs["cube"].tolist() == [[[1, 2], [3, 4]]]


def test_null_is_nan_and_no_rows_are_fine():
    inputs = decode(body(tensor("fp64", [None, 1]), tensor("int8", [])), Echo).inputs
    assert math.isnan(inputs["fp64"][0])
    assert inputs["int8"].shape == (0,)


ONE = tensor("int8", [1])
BAD = {
    "not JSON": b"{",
    "codec can't decode": b'{"inputs": "\xff"}',
    "NaN is not": body(tensor("fp64", [math.nan])),
    "to be a JSON object, got list": b"[]",
    "expected a list of inputs": b"{}",
    "list of inputs": b'{"inputs": []}',
    "each input to be": b'{"inputs": [1]}',
    "no input 'x'": body(tensor("x", [1])),
    "no input None": b'{"inputs": [{}]}',
    "expected datatype INT8, got 'INT16'": body(tensor("int8", [1], datatype="INT16")),
    "expected datatype INT8, got None": b'{"inputs": [{"name": "int8"}]}',
    "shape to be a list of sizes, got -1": body(tensor("int8", [1], -1)),
    "sizes, got \\[-1\\]": body(tensor("int8", [1], [-1])),
    "sizes, got \\[True\\]": body(tensor("int8", [1], [True])),
    "expected shape \\[-1\\], got \\[1, 1\\]": body(tensor("int8", [1], [1, 1])),
    "expected shape \\[-1, 2\\], got \\[1, 3\\]": body(tensor("matrix", [1, 2, 3], [1, 3], "FP64")),
    "needs 2 values, data has 1": body(tensor("int8", [1], [2])),
    "data to be a list, got int": body(tensor("int8", 1, [1])),
    "nested data": body(tensor("matrix", [[1, 2], [3]], [2, 2], "FP64")),
    "does not have shape": body(tensor("matrix", [[1, 2], 3], [2, 2], "FP64")),
    "whole numbers, got 1.5": body(tensor("int8", [1.5])),
    "whole numbers, got True": body(tensor("int8", [True])),
    "expected true or false, got 1": body(tensor("bool", [1])),
    "expected strings, got 1": body(tensor("bytes", [1])),
    "numbers or null, got '1'": body(tensor("fp32", ["1"])),
    "does not fit INT8": body(tensor("int8", [128])),
    "does not fit UINT8": body(tensor("uint8", [-1])),
    "does not fit INT64": body(tensor("int64", [2**63])),
    "does not fit FP16": body(tensor("fp16", [1e6])),
    "does not fit FP64": body(tensor("fp64", [1])).replace(b"[1]}", b"[1e999]}"),
    "is given twice": body(ONE, ONE),
    "id to be a string": body(ONE, id=1),
    "outputs to be a list": body(ONE, outputs={"name": "a"}),
    "each output to be": body(ONE, outputs=[1]),
    "output is asked for twice": body(ONE, outputs=[{"name": "a"}, {"name": "b"}, {"name": "a"}]),
}


@pytest.mark.parametrize("words", BAD)
def test_bad_bodies_are_refused_with_the_reason(words):
    with pytest.raises(ArgumentError, match=words) as caught:
        decode(BAD[words], Echo)
    assert str(caught.value).startswith("infer: ")


def test_deep_nesting_is_refused():
    with pytest.raises(ArgumentError):
        decode(b'{"inputs":' + b"[" * 100_000, Echo)


def test_an_unknown_output_is_not_found():
    with pytest.raises(NotFoundError, match="no output 'z'; the model has a, b, c"):
        decode(body(ONE, outputs=[{"name": "z"}]), Echo)


def test_response_has_the_wanted_outputs_in_order():
    request = decode(body(ONE, id="7", outputs=[{"name": "c"}, {"name": "a"}]), Echo)
    results = {
        "a": np.array([0.1, math.nan, math.inf]),
        "b": np.zeros((0, 2), bool),
        "c": np.array(["x", 'y"'], object),
    }
    assert json.loads(encode(Echo, request, results)) == {
        "model_name": "echo",
        "model_version": "1",
        "id": "7",
        "outputs": [
            {"name": "c", "datatype": "BYTES", "shape": [2], "data": ["x", 'y"']},
            {"name": "a", "datatype": "FP64", "shape": [3], "data": [0.1, None, None]},
        ],
    }
    empty = json.loads(encode(Echo, InferRequest({}, ["b"]), results))
    assert empty["outputs"][0]["shape"] == [0, 2]
    assert "id" not in empty


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_float64_values_keep_every_bit(values):
    array = decode(body(tensor("fp64", values)), Echo).inputs["fp64"]
    assert array.tobytes() == np.array(values, np.float64).tobytes()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["inputs", "outputs", "name", "shape", "datatype", "data", "id"]), inner
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300)
@given(
    json_values
    | st.builds(
        lambda item: {"inputs": [{"name": "matrix", **item}]},
        st.dictionaries(st.sampled_from(["shape", "datatype", "data"]), json_values),
    )
)
def test_any_json_is_either_decoded_or_refused(value):
    try:
        request = decode(json.dumps(value).encode(), Echo)
    except Error:
        return
    assert request.inputs


@given(st.binary(max_size=64))
def test_any_bytes_are_either_decoded_or_refused(data):
    with pytest.raises(Error):
        decode(data, Echo)


class Wide(Echo):
    """Inputs that may have any size in two directions, and text."""

    inputs = (TensorSpec("x", "FP64", (-1, -1)), TensorSpec("s", "BYTES"))


def wide(name, datatype, shape, values):
    item = {"name": name, "datatype": datatype, "shape": shape, "data": values}
    return decode(json.dumps({"inputs": [item]}).encode(), Wide())


@pytest.mark.parametrize("shape", [[0, 2**70], [0, 2**62], [2**40, 0], [-1, 0]])
def test_sizes_that_no_array_has_are_refused(shape):
    with pytest.raises(ArgumentError, match="list of sizes"):
        wide("x", "FP64", shape, [])


def test_half_a_character_is_refused():
    with pytest.raises(ArgumentError, match='input "s": a text is not valid Unicode'):
        wide("s", "BYTES", [2], ["good", "\ud800"])


@pytest.mark.parametrize("shape", [list(range(100_000)), "x" * 100_000, [[[[[[[[[1]]]]]]]]]])
def test_a_refusal_is_short_however_long_the_mistake(shape):
    with pytest.raises(ArgumentError) as caught:
        wide("x", "FP64", shape, [1])
    assert len(str(caught.value)) < 200
    with pytest.raises(ArgumentError) as caught:
        wide("n" * 100_000, "FP64", [1, 1], [1])
    assert len(str(caught.value)) < 200
