"""Values and derivatives beside torch's own table of operators with sample inputs (`op_db`).

The table needs the package expecttest, which is among the test requirements with torch. Every
operator of it is here, or has no counterpart, which `torch_left_out` says. Values of all samples,
derivatives of the first ones, as told by `jit` and without.
"""

import random

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
torch.set_num_threads(1)  # two libraries with threads starve each other
methods = pytest.importorskip(
    "torch.testing._internal.common_methods_invocations", reason="expecttest is not installed"
)

from torch_adapters import Other  # noqa: E402
from torch_arrangement import ARRANGEMENT, FOURIER, PLACES  # noqa: E402
from torch_composites import COMPOSITES  # noqa: E402
from torch_elementwise import ELEMENTWISE, LINEAR, REDUCTIONS  # noqa: E402
from torch_functions import FUNCTIONS  # noqa: E402
from torch_left_out import LEFT_OUT, NOT_OF, OTHER_DERIVATIVES  # noqa: E402

# Samples of an operator: of those that are traced, and of all.
MOST_DERIVATIVES = 3
MOST = {"float64": 40, "float32": 12, "complex128": 20, "int64": 20, "bool": 20}
OURS = ELEMENTWISE | REDUCTIONS | LINEAR | ARRANGEMENT | PLACES | FOURIER | FUNCTIONS | COMPOSITES
DTYPES = {"float64": torch.float64, "float32": torch.float32, "complex128": torch.complex128,
          "int64": torch.int64, "bool": torch.bool}  # fmt: skip
# Tolerances relative to the largest element.
RTOL = {"float64": 1e-10, "float32": 2e-5, "complex128": 1e-10}
# Which of several results are compared: what signs and phases leave as it is.
PARTS = {"linalg.slogdet": [1], "linalg.eigh": [0], "linalg.svd": [1], "svd": [1], "linalg.qr": [1],
         "linalg.eig": [], "linalg.lstsq": [0], "linalg.cholesky_ex": [0], "cummax": [0],
         "cummin": [0], "nn.functional.adaptive_max_pool1d": [0],
         "nn.functional.adaptive_max_pool2d": [0], "nn.functional.adaptive_max_pool3d": [0],
         "nn.functional.max_pool1d": [0], "nn.functional.max_pool2d": [0],
         "nn.functional.max_pool3d": [0]}  # fmt: skip


def key_of(op):
    return f"{op.name}|{op.variant_test_name}" if op.variant_test_name else op.name


OPERATORS = {key_of(op): op for op in reversed(methods.op_db)}


def test_every_operator_is_here_or_left_out_with_a_reason():
    names = {key.split("|")[0] for key in OPERATORS}
    reasons = {name for group in LEFT_OUT.values() for name in group}
    assert set(OURS) <= set(OPERATORS)
    here = {key.split("|")[0] for key in OURS}
    assert names - here - reasons == set()
    assert here & reasons == set()
    assert reasons <= names


def ours_of(value):
    if isinstance(value, torch.Tensor):
        return ct.asarray(value.detach().resolve_conj().resolve_neg().cpu().numpy())
    return value


def tree(value, f):
    if isinstance(value, (list, tuple, torch.Size)):
        return [tree(each, f) for each in value] if type(value) is list else tuple(
            tree(each, f) for each in value)  # fmt: skip
    return f(value)


def tensors_of(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [leaf for each in value for leaf in tensors_of(each)]
    return [torch.tensor(value)] if isinstance(value, bool) else []


def close(got, expected, dtype):
    got = np.asarray(got)
    expected = expected.detach().resolve_conj().resolve_neg().numpy(force=True)
    assert got.shape == expected.shape
    if got.dtype.kind in "biu":
        np.testing.assert_array_equal(got, expected)
        return
    scale = np.nanmax(np.abs(expected[np.isfinite(expected)]), initial=1.0)
    rtol = RTOL.get(dtype, 1e-5)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * scale)


def results(key, *args, **options):
    """The results of ours that are compared."""
    out = OURS[key](*args, **options)
    out = list(out) if isinstance(out, (list, tuple)) else [out]
    name = key.split("|")[0]
    if name in PARTS and len(out) > 1:
        out = [out[i] for i in PARTS[name]]
    return [each if isinstance(each, ct.Array) else ct.asarray(each) for each in out]


def samples_of(op, dtype, derives):
    for seeded in (torch.manual_seed, np.random.seed, random.seed):
        seeded(0)
    # Not by `sample_inputs`, which looks through the stack for each of them.
    for sample in op.sample_inputs_func(op, "cpu", DTYPES[dtype], derives):
        values = [sample.input, *sample.args]
        if op.name == "einsum":
            values = [*sample.args, *sample.input]
        expected = tensors_of(op.op(sample.input, *sample.args, **sample.kwargs))
        if op.name in PARTS and len(expected) > 1:
            expected = [expected[i] for i in PARTS[op.name]]
        yield values, sample.kwargs, expected


def same_types(got, expected):
    return [each.dtype.name for each in got] == [
        str(each.dtype).removeprefix("torch.") for each in expected
    ]


def operations():
    """All operators, by each type that torch has them of."""
    for key in sorted(OURS):
        for dtype in sorted(DTYPES):
            if key not in OPERATORS or DTYPES[dtype] in OPERATORS[key].supported_dtypes("cpu"):
                yield pytest.param(key, dtype, id=f"{key}-{dtype}")


@pytest.mark.parametrize(("key", "dtype"), list(operations()))
def test_values_and_derivatives(key, dtype):
    op = OPERATORS[key]
    derives = dtype in ("float64", "complex128") and op.supports_autograd
    tried, why = 0, set()
    for values, given, expected in samples_of(op, dtype, derives):
        inputs = [tree(each, ours_of) for each in values]
        options = {name: tree(value, ours_of) for name, value in given.items()}
        try:
            got = results(key, *inputs, **options)
        except (cnengine.errors.TypeError, Other) as reason:
            why.add(str(reason))
            continue
        if not same_types(got, expected):
            why.add("another type")
            continue
        for each, want in zip(got, expected, strict=True):
            close(each, want, dtype)
        tried += 1
        if tried > MOST[dtype]:
            break
        if derives and tried <= MOST_DERIVATIVES and key not in OTHER_DERIVATIVES:
            check_derivative(key, dtype, values, inputs, options, expected)
    if tried == 0:
        reason = NOT_OF.get((key, dtype)) or NOT_OF.get((key, None))
        assert dtype in ("int64", "bool") or reason, f"no sample was compared: {sorted(why)[:3]}"
        pytest.skip(reason or "types that the standard keeps apart")


def check_derivative(key, dtype, values, inputs, options, expected):
    """Beside torch's, of sums of the results with random weights."""
    which = [i for i, each in enumerate(expected) if each.grad_fn is not None and each.numel()]
    flat = list(tensors_of(values))
    by = [each for each in flat if each.requires_grad]
    if not which or not by:
        return
    generator = torch.Generator().manual_seed(0)
    weights = [torch.randn(expected[i].shape, dtype=expected[i].dtype, generator=generator)
               for i in which]  # fmt: skip
    wanted = torch.autograd.grad([expected[i] for i in which], by, weights, allow_unused=True)

    def f(*some):
        left = iter(some)

        def taken(value):
            is_input = isinstance(value, torch.Tensor) and value.requires_grad
            return next(left) if is_input else ours_of(value)

        out = results(key, *(tree(each, taken) for each in values), **options)
        return [out[i] for i in which]

    points = [ours_of(each) for each in by]
    pushed = [ours_of(each) for each in weights]
    got = cn.vjp(f, *points)[1](pushed)
    again = cn.jit(lambda w, *some: cn.vjp(f, *some)[1](w))(pushed, *points)
    for each, other, want in zip(got, again, wanted, strict=True):
        if want is None:
            want = torch.zeros(each.shape, dtype=DTYPES[dtype])
        if "cholesky" in key:  # torch's is not Hermitian for complex matrices
            want = (want + want.mH) / 2
        close(each, want, dtype)
        close(other, want, dtype)
