"""What functions that NumPy, PyTorch and JAX have by other names are called here, for errors."""

from __future__ import annotations

from collections.abc import Mapping

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


def absent(module: str, name: str, elsewhere: Mapping[str, str]) -> AttributeError:
    """The error of a name that a module lacks, with what is used in its place if that is known."""
    hint = elsewhere.get(name)
    if hint is not None:
        hint = f"; it is {hint}" if hint.startswith("in ") else f"; it is called {hint} here"
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint or ''}")
