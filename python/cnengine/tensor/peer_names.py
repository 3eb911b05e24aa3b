"""What NumPy, PyTorch, JAX and Keras have by other names is called here, for errors."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping
from typing import Any

_OPTION = re.compile(r"unexpected keyword argument '(\w+)'")

# By name elsewhere; the standard's names are the ones that are here.
TENSOR_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "append": "concat",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "bitwise_not": "bitwise_invert",
    "cat": "concat",
    "clamp": "clip",
    "concatenate": "concat",
    "cummax": "cumulative_max",
    "cummin": "cumulative_min",
    "cumprod": "cumulative_prod",
    "cumsum": "cumulative_sum",
    "dot": "matmul or vecdot",
    "float_power": "pow",
    "from_numpy": "asarray",
    "gather": "take_along_axis",
    "hstack": "concat",
    "inner": "vecdot",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "mm": "matmul",
    "mod": "remainder",
    "permute": "permute_dims",
    "power": "pow",
    "ravel": "reshape",
    "right_shift": "bitwise_right_shift",
    "scatter": "put_along_axis",
    "tensor": "asarray",
    "topk": "top_k",
    "transpose": "permute_dims or matrix_transpose",
    "true_divide": "divide",
    "unbind": "unstack",
    "unique": "unique_values",
    "unsqueeze": "expand_dims",
    "vstack": "concat",
} | dict.fromkeys(["gelu", "log_softmax", "relu", "silu", "softmax", "softplus"], "in cnengine.nn")

LINALG_NAMES = {"multi_dot": "matmul", "norm": "vector_norm or matrix_norm"}
# Of torch.nn and Keras.
NN_NAMES = {
    "AveragePooling1D": "AvgPool1d",
    "AveragePooling2D": "AvgPool2d",
    "BatchNormalization": "BatchNorm",
    "Conv1D": "Conv1d",
    "Conv2D": "Conv2d",
    "Conv3D": "Conv3d",
    "Conv2DTranspose": "ConvTranspose2d",
    "Dense": "Linear",
    "GlobalAveragePooling1D": "GlobalAvgPool1d",
    "GlobalAveragePooling2D": "GlobalAvgPool2d",
    "GlobalMaxPooling2D": "GlobalMaxPool2d",
    "LayerNormalization": "LayerNorm",
    "MaxPooling1D": "MaxPool1d",
    "MaxPooling2D": "MaxPool2d",
    "MultiheadAttention": "MultiHeadAttention",
    "clip_grad_norm_": "clip_by_global_norm",
    "clip_grad_value_": "clip_by_value",
}
# Of functions and constructors.
OPTION_NAMES = {
    "ddof": "correction",
    "dim": "axis",
    "dims": "axis",
    "filename": "path",
    "filepath": "path",
    "keepdim": "keepdims",
}


def absent(module: str, name: str, elsewhere: Mapping[str, str]) -> AttributeError:
    """The error of a name that a module lacks, with what is used in its place if that is known."""
    hint = elsewhere.get(name)
    if hint is not None:
        hint = f"; it is {hint}" if hint.startswith("in ") else f"; it is called {hint} here"
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint or ''}")


def tell_option(error: builtins.TypeError, function: Callable[..., Any]) -> None:
    """Adds to the error of a call what an option that the function lacks is called here."""
    found = _OPTION.search(str(error))
    here = OPTION_NAMES.get(found[1]) if found else None
    code = getattr(function, "__code__", None)
    if here and code and here in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        error.args = (f"{error}; it is called {here!r} here",)
