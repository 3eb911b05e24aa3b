"""The bodies of the Open Inference Protocol, version 2: JSON to arrays and back.

Source: https://github.com/kserve/open-inference-protocol, REST. A tensor's `data` may be flat in
row-major order or nested as its shape says. As an extension, `null` stands for NaN in FP tensors,
in requests and in responses, because JSON has no NaN.
"""

from __future__ import annotations

import json
import math
import reprlib
from dataclasses import dataclass

import numpy as np

from cnengine.errors import ArgumentError, NotFoundError
from cnengine.serve.model import Model, TensorSpec

DTYPES: dict[str, np.dtype] = {
    "BOOL": np.dtype(np.bool_),
    **{f"UINT{8 << i}": np.dtype(f"u{1 << i}") for i in range(4)},
    **{f"INT{8 << i}": np.dtype(f"i{1 << i}") for i in range(4)},
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
    "FP64": np.dtype(np.float64),
    "BYTES": np.dtype(object),
}


@dataclass
class InferRequest:
    """One decoded request: arrays by input name, and the names of the outputs that are wanted."""

    inputs: dict[str, np.ndarray]
    outputs: list[str]
    id: str | None = None


def _fail(message: str) -> ArgumentError:
    return ArgumentError(f"infer: {message}")


def _show(value: object) -> str:
    """What came, cut short: a body may hold megabytes, or lists a thousand levels deep."""
    return reprlib.repr(value)


def _object(value: object, what: str) -> dict:
    if not isinstance(value, dict):
        raise _fail(f"expected {what} to be a JSON object, got {type(value).__name__}")
    return value


def _shape(name: str, shape: object, spec: TensorSpec) -> tuple[int, ...]:
    whole = isinstance(shape, list) and all(type(n) is int and 0 <= n < 2**31 for n in shape)
    if not whole:
        raise _fail(f'input "{name}": expected shape to be a list of sizes, got {_show(shape)}')
    fits = len(shape) == len(spec.shape) and all(
        want in (-1, got) for want, got in zip(spec.shape, shape, strict=True)
    )
    if not fits:
        raise _fail(f'input "{name}": expected shape {list(spec.shape)}, got {_show(shape)}')
    return tuple(shape)


def _flatten(name: str, data: object, shape: tuple[int, ...]) -> list:
    """`data` as one flat list, whether it came flat or nested."""
    if not isinstance(data, list):
        raise _fail(f'input "{name}": expected data to be a list, got {type(data).__name__}')
    if len(shape) > 1 and any(isinstance(item, list) for item in data):
        for size in shape[1:]:
            if any(not isinstance(item, list) or len(item) != size for item in data):
                raise _fail(f'input "{name}": nested data does not have shape {list(shape)}')
            data = [value for item in data for value in item]
    count = math.prod(shape)
    if len(data) != count:
        raise _fail(
            f'input "{name}": shape {list(shape)} needs {count} values, data has {len(data)}'
        )
    return data


_TAKES: dict[str, tuple[tuple[type, ...], str]] = {
    "b": ((bool,), "true or false"),
    "i": ((int,), "whole numbers"),
    "u": ((int,), "whole numbers"),
    "f": ((int, float, type(None)), "numbers or null"),
    "O": ((str,), "strings"),
}


def _array(name: str, datatype: str, values: list, shape: tuple[int, ...]) -> np.ndarray:
    dtype = DTYPES[datatype]
    types, words = _TAKES[dtype.kind]
    found = set(map(type, values))
    if not found <= set(types):
        odd = next(value for value in values if type(value) not in types)
        raise _fail(f'input "{name}" of {datatype}: expected {words}, got {_show(odd)}')
    try:
        if dtype.kind == "f":
            with np.errstate(over="ignore"):
                array = np.array([math.nan if v is None else v for v in values], dtype)
            if np.isinf(array).any():
                raise OverflowError
            return array.reshape(shape)
        if dtype.kind == "O":
            "".join(values).encode()  # JSON can write half a character, which no text column holds
        return np.array(values, dtype).reshape(shape)
    except UnicodeEncodeError as error:
        raise _fail(f'input "{name}": a text is not valid Unicode') from error
    except OverflowError as error:
        raise _fail(f'input "{name}": a value does not fit {datatype}') from error
    except ValueError as error:  # sizes beside a 0 that NumPy cannot hold
        raise _fail(f'input "{name}": shape {_show(list(shape))} is too large') from error


def _tensor(item: object, specs: dict[str, TensorSpec]) -> tuple[str, np.ndarray]:
    item = _object(item, "each input")
    name = item.get("name")
    if not isinstance(name, str) or name not in specs:
        raise _fail(f"no input {_show(name)}; the model takes {', '.join(specs)}")
    datatype = item.get("datatype")
    if datatype != specs[name].datatype:
        raise _fail(
            f'input "{name}": expected datatype {specs[name].datatype}, got {_show(datatype)}'
        )
    shape = _shape(name, item.get("shape"), specs[name])
    return name, _array(name, datatype, _flatten(name, item.get("data"), shape), shape)


def _outputs(items: object, model: Model) -> list[str]:
    known = [spec.name for spec in model.outputs]
    if items is None or items == []:
        return known
    if not isinstance(items, list):
        raise _fail(f"expected outputs to be a list, got {type(items).__name__}")
    names = [_object(item, "each output").get("name") for item in items]
    for name in names:
        if name not in known:
            raise NotFoundError(f"infer: no output {_show(name)}; the model has {', '.join(known)}")
    if len(set(names)) < len(names):  # a short request for an endless answer
        raise _fail("an output is asked for twice")
    return names


def _reject_constant(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number")


def decode(body: bytes, model: Model) -> InferRequest:
    """Read a request body for `model`.

    Raises
    ------
    ArgumentError
        Not JSON, or a part that does not fit the protocol or the model; the message names it.
    NotFoundError
        An output that the model does not have.
    """
    try:
        request = json.loads(body, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise _fail(f"the body is not JSON: {error}") from error
    request = _object(request, "the body")
    identity = request.get("id")
    if identity is not None and not isinstance(identity, str):
        raise _fail(f"expected id to be a string, got {_show(identity)}")
    items = request.get("inputs")
    if not isinstance(items, list) or not items:
        raise _fail("expected a list of inputs")
    specs = {spec.name: spec for spec in model.inputs}
    inputs: dict[str, np.ndarray] = {}
    for item in items:
        name, array = _tensor(item, specs)
        if name in inputs:
            raise _fail(f'input "{name}" is given twice')
        inputs[name] = array
    return InferRequest(inputs, _outputs(request.get("outputs"), model), identity)


def _data(array: np.ndarray) -> list:
    flat = array.ravel().tolist()
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return [value if math.isfinite(value) else None for value in flat]
    return flat


def encode(model: Model, request: InferRequest, results: dict[str, np.ndarray]) -> bytes:
    """The response body for `results`, which `model` computed for `request`."""
    specs = {spec.name: spec for spec in model.outputs}
    body: dict = {"model_name": model.name, "model_version": model.version}
    if request.id is not None:
        body["id"] = request.id
    body["outputs"] = [
        {
            "name": name,
            "datatype": specs[name].datatype,
            "shape": list(results[name].shape),
            "data": _data(results[name]),
        }
        for name in request.outputs
    ]
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
