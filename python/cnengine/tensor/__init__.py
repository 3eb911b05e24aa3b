"""Arrays of numbers by axes, in the manner of the Python Array API standard.

An `Array` never changes; slices and other views share its bytes. DLPack passes arrays to and from
NumPy, PyTorch, JAX and CuPy without copies.
"""

import importlib as _importlib
import math as _math
from types import ModuleType as _ModuleType

from cnengine.tensor import (
    arrangement,
    band,
    batching,
    binning,
    columns,
    control,
    convolution,
    creation,
    curves,
    data_types,
    derivative,
    diagonals,
    elementwise,
    fft,
    indexing,
    linalg,
    linear_algebra,
    loops,
    manipulation,
    methods,  # noqa: F401  (of the class)
    nan_reductions,
    neural,
    numeric,
    ordering,
    padding,
    pieces,
    places,
    pointwise,
    polynomials,
    products,
    quantiles,
    random,
    reduction,
    running,
    sequences,
    sets,
    statistics,
    tree,
)
from cnengine.tensor import (
    compile as _compile,
)
from cnengine.tensor.arrangement import *  # noqa: F403
from cnengine.tensor.array import (
    Array,
    DType,
    bfloat16,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from cnengine.tensor.array import bool_ as bool  # noqa: A004
from cnengine.tensor.band import *  # noqa: F403
from cnengine.tensor.batching import *  # noqa: F403
from cnengine.tensor.binning import *  # noqa: F403
from cnengine.tensor.columns import *  # noqa: F403
from cnengine.tensor.compile import *  # noqa: F403
from cnengine.tensor.control import *  # noqa: F403
from cnengine.tensor.convolution import *  # noqa: F403
from cnengine.tensor.creation import *  # noqa: F403
from cnengine.tensor.curves import *  # noqa: F403
from cnengine.tensor.data_types import *  # noqa: F403
from cnengine.tensor.data_types import __array_namespace_info__
from cnengine.tensor.derivative import *  # noqa: F403
from cnengine.tensor.diagonals import *  # noqa: F403
from cnengine.tensor.einsum import einsum
from cnengine.tensor.elementwise import *  # noqa: F403
from cnengine.tensor.indexing import *  # noqa: F403
from cnengine.tensor.linalg import cross
from cnengine.tensor.linear_algebra import *  # noqa: F403
from cnengine.tensor.loops import *  # noqa: F403
from cnengine.tensor.manipulation import *  # noqa: F403
from cnengine.tensor.misuse import checked_all as _checked_all
from cnengine.tensor.misuse import named_all as _named_all
from cnengine.tensor.nan_reductions import *  # noqa: F403
from cnengine.tensor.neural import *  # noqa: F403
from cnengine.tensor.numeric import *  # noqa: F403
from cnengine.tensor.ordering import *  # noqa: F403
from cnengine.tensor.padding import *  # noqa: F403
from cnengine.tensor.peer_names import TENSOR_NAMES as _TENSOR_NAMES
from cnengine.tensor.peer_names import absent as _absent
from cnengine.tensor.pieces import *  # noqa: F403
from cnengine.tensor.places import *  # noqa: F403
from cnengine.tensor.pointwise import *  # noqa: F403
from cnengine.tensor.polynomials import *  # noqa: F403
from cnengine.tensor.products import *  # noqa: F403
from cnengine.tensor.quantiles import *  # noqa: F403
from cnengine.tensor.reduction import *  # noqa: F403
from cnengine.tensor.running import *  # noqa: F403
from cnengine.tensor.sequences import *  # noqa: F403
from cnengine.tensor.sets import *  # noqa: F403
from cnengine.tensor.statistics import *  # noqa: F403
from cnengine.tensor.tree import *  # noqa: F403

__array_api_version__ = "2024.12"

e, pi, inf, nan = _math.e, _math.pi, _math.inf, _math.nan
newaxis = None

__all__ = [
    "Array",
    "DType",
    "__array_api_version__",
    "__array_namespace_info__",
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "cross",
    "e",
    "einsum",
    "fft",
    "float16",
    "float32",
    "float64",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "linalg",
    "nan",
    "newaxis",
    "parallel",  # noqa: F405  (by __getattr__)
    "pi",
    "random",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    *arrangement.__all__,
    *band.__all__,
    *batching.__all__,
    *binning.__all__,
    *columns.__all__,
    *_compile.__all__,
    *control.__all__,
    *convolution.__all__,
    *creation.__all__,
    *curves.__all__,
    *data_types.__all__,
    *derivative.__all__,
    *diagonals.__all__,
    *elementwise.__all__,
    *indexing.__all__,
    *linear_algebra.__all__,
    *loops.__all__,
    *manipulation.__all__,
    *nan_reductions.__all__,
    *neural.__all__,
    *numeric.__all__,
    *ordering.__all__,
    *padding.__all__,
    *pieces.__all__,
    *places.__all__,
    *pointwise.__all__,
    *polynomials.__all__,
    *products.__all__,
    *quantiles.__all__,
    *reduction.__all__,
    *running.__all__,
    *sequences.__all__,
    *sets.__all__,
    *statistics.__all__,
    *tree.__all__,
]

for _module in (arrangement, band, binning, columns, convolution, creation, curves, data_types,
                diagonals, indexing, linear_algebra, manipulation, nan_reductions, neural, numeric,
                ordering, padding, pieces, places, pointwise, polynomials, products, quantiles,
                reduction, running, sequences, sets, statistics):  # fmt: skip
    _named_all(globals(), _module.__all__)
# Those that are told functions raise what these raise; that they are some is checked before.
for _module in (batching, control, derivative, _compile, loops):
    _checked_all(globals(), _module.__all__)
_checked_all(globals(), ["allclose", "bincount", "broadcast_shapes", "diag", "histogram", "isclose",
                         "nan_to_num", "nanpercentile", "nanquantile", "one_hot", "percentile",
                         "quantile", "repeat", "tree_unflatten"])  # fmt: skip
for _module in (linalg, fft, random):
    _named_all(vars(_module), _module.__all__)
_checked_all(vars(random), random.__all__)
_checked_all(vars(fft), ["fftfreq", "rfftfreq"])
_checked_all(vars(linalg), ["diagonal", "trace"])
_named_all(globals(), ["cross", "einsum", "bitwise_invert", "clip", "positive", "reciprocal",
                       "round", "where"])  # fmt: skip


# Files are found by `import`; these would hide that functions of their names are called otherwise.
for _name in ("array", "compile", "lu", "matrix_exp", "multi_dot", "norm"):
    del globals()[_name]


def __getattr__(name: str) -> _ModuleType:
    """`parallel`, which loads sockets and processes that few programs need, at its first use."""
    if name == "parallel":
        return _importlib.import_module("cnengine.tensor.parallel")
    raise _absent("cnengine.tensor", name, _TENSOR_NAMES)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
