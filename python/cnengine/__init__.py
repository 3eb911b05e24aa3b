"""cnengine: from live events to predictions in one native engine.

Subsystems are modules: `log`, `stream`, `feature`, `gbdt`, `tensor`, `nn`, `serve`. Tables and
expressions are functions of the package itself (`from_arrow`, `col`, `sum`, ...), and so are
transformations of programs (`jit`, `grad`, `vmap`, ...). Each module is imported when it is first
used, and nothing optional is imported before a call needs it.
"""

import importlib
from typing import Any

from cnengine._core.core import num_threads, set_num_threads
from cnengine.errors import Error

__version__ = "0.1.0"

_MODULES = (
    "errors",
    "feature",
    "frame",
    "gbdt",
    "kafka",
    "log",
    "nn",
    "serve",
    "stream",
    "tensor",
)

# Tables, expressions and aggregates; documented in cnengine.frame.
_FRAME = (
    "Expr",
    "Frame",
    "coalesce",
    "col",
    "count",
    "first",
    "from_arrow",
    "last",
    "lit",
    "max",
    "mean",
    "min",
    "read_parquet",
    "stddev",
    "sum",
    "variance",
    "when",
)

# Transformations of programs on arrays; documented in cnengine.tensor.
_TENSOR = (
    "checkpoint",
    "cond",
    "custom_jvp",
    "custom_vjp",
    "debug_nans",
    "grad",
    "hessian",
    "jacfwd",
    "jacrev",
    "jit",
    "jvp",
    "scan",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
)

__all__ = ["Error", "num_threads", "set_num_threads"]
__all__ += [*_MODULES, *_FRAME, *_TENSOR]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"cnengine.{name}")
    if name in _FRAME:
        return getattr(importlib.import_module("cnengine.frame"), name)
    if name in _TENSOR:
        return getattr(importlib.import_module("cnengine.tensor"), name)
    raise AttributeError(f"module 'cnengine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
