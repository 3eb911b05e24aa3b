"""What NumPy, PyTorch, JAX and Keras have by other names is called here, for errors."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping
from typing import Any

_OPTION = re.compile(r"unexpected keyword argument '(\w+)'")

# By name elsewhere; the standard's names are the ones that are here. What begins with "x" is of
# arrays, and what is there in linalg and nn by the same name is listed below.
TENSOR_NAMES = {
    "PRNGKey": "random.key",
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
    "argpartition": "argsort or top_k",
    "around": "round",
    "array": "asarray",
    "as_tensor": "asarray",
    "asanyarray": "asarray",
    "ascontiguousarray": "asarray",
    "asfortranarray": "asarray",
    "bernoulli": "random.bernoulli",
    "bitwise_not": "bitwise_invert",
    "bmm": "matmul",
    "broadcast_tensors": "broadcast_arrays",
    "bucketize": "digitize",
    "cat": "concat",
    "choose": "select or take_along_axis",
    "chunk": "array_split",
    "clamp": "clip",
    "clone": "asarray(x, copy=True)",
    "compress": "take or x[mask]",
    "concatenate": "concat",
    "compile": "jit",
    "conjugate": "conj",
    "copy": "asarray(x, copy=True)",
    "cummax": "cumulative_max",
    "cummin": "cumulative_min",
    "cumprod": "cumulative_prod",
    "cumsum": "cumulative_sum",
    "degrees": "rad2deg",
    "detach": "stop_gradient",
    "div": "divide",
    "eq": "equal",
    "extract": "x[mask]",
    "fabs": "abs",
    "fill_diagonal": "x.at",
    "fix": "trunc",
    "flatten": "reshape(x, (-1,))",
    "float_power": "pow",
    "from_numpy": "asarray",
    "fromfunction": "indices or meshgrid",
    "gather": "take_along_axis",
    "ge": "greater_equal",
    "gt": "greater",
    "histc": "histogram",
    "identity": "eye",
    "index_add": "x.at",
    "index_put": "x.at",
    "index_select": "take",
    "inverse": "linalg.inv",
    "invert": "bitwise_invert",
    "is_complex": "isdtype",
    "is_floating_point": "isdtype",
    "iscomplexobj": "isdtype",
    "isrealobj": "isdtype",
    "issubdtype": "isdtype",
    "kthvalue": "top_k",
    "le": "less_equal",
    "left_shift": "bitwise_left_shift",
    "logcumsumexp": "cumulative_logsumexp",
    "logdet": "linalg.slogdet",
    "lt": "less",
    "manual_seed": "random.key",
    "masked_fill": "where",
    "masked_select": "x[mask]",
    "mm": "matmul",
    "mod": "remainder",
    "movedim": "moveaxis",
    "mul": "multiply",
    "multinomial": "random.categorical",
    "mv": "matvec",
    "narrow": "dynamic_slice",
    "ndim": "x.ndim",
    "ne": "not_equal",
    "neg": "negative",
    "no_grad": "stop_gradient",
    "normal": "random.normal",
    "numel": "x.size",
    "partition": "sort or top_k",
    "permute": "permute_dims",
    "piecewise": "select or cond",
    "pinverse": "linalg.pinv",
    "place": "x.at",
    "power": "pow",
    "promote_types": "result_type",
    "put": "x.at",
    "putmask": "where",
    "radians": "deg2rad",
    "rand": "random.uniform",
    "randint": "random.randint",
    "randn": "random.normal",
    "randperm": "random.permutation",
    "ravel": "reshape",
    "repeat_interleave": "repeat",
    "right_shift": "bitwise_right_shift",
    "rint": "round",
    "rollaxis": "moveaxis",
    "row_stack": "vstack",
    "scatter": "put_along_axis",
    "scatter_add": "put_along_axis",
    "sgn": "sign",
    "shape": "x.shape",
    "size": "x.size",
    "sub": "subtract",
    "swapdims": "swapaxes",
    "t": "matrix_transpose",
    "take_along_dim": "take_along_axis",
    "tensor": "asarray",
    "tensor_split": "array_split",
    "topk": "top_k",
    "transpose": "permute_dims or matrix_transpose",
    "trapz": "trapezoid",
    "true_divide": "divide",
    "unbind": "unstack",
    "unflatten": "reshape",
    "unique": "unique_values",
    "unsqueeze": "expand_dims",
    "vectorize": "vmap",
}
TENSOR_NAMES |= {name: f"linalg.{name}" for name in (
    "cholesky", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "inv", "lstsq",
    "lu", "matrix_exp", "matrix_power", "matrix_rank", "norm", "pinv", "qr", "slogdet", "solve",
    "svd", "trace", "vector_norm",
)}  # fmt: skip
TENSOR_NAMES |= dict.fromkeys(
    ["celu", "elu", "gelu", "log_softmax", "relu", "selu", "silu", "softmax", "softplus"],
    "in cnengine.nn")  # fmt: skip

LINALG_NAMES = {
    "chain_matmul": "multi_dot",
    "expm": "matrix_exp",
    "inverse": "inv",
    "pinverse": "pinv",
}
# Of arrays: what is used in place of methods that others have.
_NEW = "arrays never change: x.at has copies with other elements"
_TAPE = "cnengine.grad and cnengine.value_and_grad have derivatives of functions"
_MOVE = "x.to_device moves"
_TYPE = "x.astype converts"
ARRAY_NAMES = {
    "backward": _TAPE,
    "bool": _TYPE,
    "clamp": "x.clip is it",
    "clone": "arrays never change, and need no copies",
    "contiguous": "arrays never show how they lie in memory",
    "cpu": _MOVE,
    "cuda": _MOVE,
    "detach": "cnengine.tensor.stop_gradient(x) is it",
    "dim": "x.ndim is it",
    "double": _TYPE,
    "expand": "cnengine.tensor.broadcast_to(x, shape) is it",
    "fill": _NEW,
    "float": _TYPE,
    "gather": "cnengine.tensor.take_along_axis(x, places) is it",
    "grad": _TAPE,
    "half": _TYPE,
    "int": _TYPE,
    "long": _TYPE,
    "mm": "x @ y is it",
    "norm": "cnengine.tensor.linalg.vector_norm(x) is it",
    "numel": "x.size is it",
    "permute": "x.transpose is it",
    "put": _NEW,
    "requires_grad": _TAPE,
    "requires_grad_": _TAPE,
    "resize": "x.reshape gives arrays of other shapes",
    "retain_grad": _TAPE,
    "scatter": _NEW,
    "sigmoid": "cnengine.tensor.sigmoid(x) is it",
    "sort": "cnengine.tensor.sort(x) is it",
    "t": "x.T is it",
    "to": "x.astype converts, x.to_device moves",
    "tobytes": "x.numpy() has it",
    "topk": "cnengine.tensor.top_k(x, k) is it",
    "unsqueeze": "cnengine.tensor.expand_dims(x, axis) is it",
    "view": "x.reshape has other shapes, x.astype other types",
} | dict.fromkeys(
    ["add_", "clamp_", "copy_", "div_", "fill_", "masked_fill_", "mul_", "sub_", "zero_"], _NEW
) | {name: f"cnengine.tensor.{name}(x) is it" for name in (
    "abs", "cos", "exp", "log", "pow", "sin", "sqrt", "tanh")}  # fmt: skip
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
# Of modules, with what is used in place of torch's methods.
_COPY = "to(dtype, device) is a copy of it"
MODULE_NAMES = {
    "add_module": "setting an attribute does it",
    "buffers": "state() has them",
    "cpu": _COPY,
    "cuda": _COPY,
    "double": _COPY,
    "float": _COPY,
    "half": _COPY,
    "named_buffers": "state() has them",
    "register_module": "setting an attribute does it",
    "register_parameter": "setting an attribute to an array does it",
    "requires_grad_": "freeze and unfreeze say what is trained",
    "zero_grad": "derivatives are results, and not added up",
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
