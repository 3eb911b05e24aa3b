"""Arrays of numbers by axes, in the manner of the Python Array API standard.

An `Array` never changes; slices and other views share its bytes. DLPack passes arrays to and from
NumPy, PyTorch, JAX and CuPy without copies.
"""

from cnengine.tensor import (
    batching,
    columns,
    control,
    convolution,
    creation,
    derivative,
    elementwise,
    fft,
    linear_algebra,
    manipulation,
    parallel,
    random,
    reduction,
    tree,
)
from cnengine.tensor import (
    compile as _compile,
)
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
    result_type,
    uint8,
    uint16,
    uint32,
    uint64,
)
from cnengine.tensor.array import bool_ as bool  # noqa: A004
from cnengine.tensor.batching import *  # noqa: F403
from cnengine.tensor.columns import *  # noqa: F403
from cnengine.tensor.compile import *  # noqa: F403
from cnengine.tensor.control import *  # noqa: F403
from cnengine.tensor.convolution import *  # noqa: F403
from cnengine.tensor.creation import *  # noqa: F403
from cnengine.tensor.derivative import *  # noqa: F403
from cnengine.tensor.elementwise import *  # noqa: F403
from cnengine.tensor.linear_algebra import *  # noqa: F403
from cnengine.tensor.manipulation import *  # noqa: F403
from cnengine.tensor.reduction import *  # noqa: F403
from cnengine.tensor.tree import *  # noqa: F403

__all__ = [
    "Array",
    "DType",
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "fft",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "parallel",
    "random",
    "result_type",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    *batching.__all__,
    *columns.__all__,
    *control.__all__,
    *convolution.__all__,
    *creation.__all__,
    *derivative.__all__,
    *elementwise.__all__,
    *_compile.__all__,
    *linear_algebra.__all__,
    *manipulation.__all__,
    *reduction.__all__,
    *tree.__all__,
]
