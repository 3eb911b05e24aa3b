"""GPU source of fused kernels, without a GPU: run on the CPU as it is (host_kernels.h), compiled by NVRTC.

On the CPU every kernel has to give the bytes of the fused tiles, but for sums and products of floats,
which are put together in another order (2 units of float32 relative to the row), and for functions that
the C library computes.
"""

import functools
import os
import re

import cnengine as cn
import cnengine.tensor as ct
import host_kernels
import numpy as np
import pytest
from cnengine._core import tensor as core
from cnengine.errors import ArgumentError, TracedError
from cnengine.tensor import cuda

FLOATS = ["float16", "bfloat16", "float32", "float64"]
WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
needs_compiler = pytest.mark.skipif(
    not host_kernels.compiler() or "CNENGINE_SANITIZE" in os.environ,
    reason="there is no C++ compiler to run kernels on the CPU, or its stacks are watched",
)


def dtype(name):
    return getattr(ct, name)


def units_of(f, *args):
    program = cn.jit(f)
    compiled, leaves, _ = program._compiled(args, {})
    return core.cuda_units(compiled.program, leaves)


def array(*shape, name="float32", seed=0, low=-2.0, high=2.0):
    drawn = np.random.default_rng([seed, *shape]).uniform(low, high, shape)
    return ct.astype(ct.asarray(drawn), dtype(name))


def to_numpy(x):
    """bfloat16 as float32."""
    if x.dtype == ct.bfloat16:
        x = ct.astype(x, ct.float32)
    return np.asarray(x)


def softmax(x):
    e = ct.exp(x - ct.max(x, axis=-1, keepdims=True))
    return e / ct.sum(e, axis=-1, keepdims=True)


def layer_norm(x, weight, bias):
    mean = ct.mean(x, axis=-1, keepdims=True)
    centred = x - mean
    var = ct.mean(centred * centred, axis=-1, keepdims=True)
    return centred / ct.sqrt(var + 1e-5) * weight + bias


def gelu(x, bias):
    z = x + bias
    return z * 0.5 * (1.0 + ct.erf(z * 0.7071067811865476))


def cross_entropy(x, target):
    top = ct.max(x, axis=-1, keepdims=True)
    total = ct.log(ct.sum(ct.exp(x - top), axis=-1, keepdims=True))
    return -ct.sum((x - top - total) * target, axis=-1)


def several(x):
    """Every reduction of floats, of one row each."""
    positive = ct.abs(x) + 0.5
    return (
        ct.prod(positive, axis=-1),
        ct.max(positive, axis=-1) - ct.min(positive, axis=-1),
        ct.any(positive > 2.4, axis=-1),
        ct.all(positive > 0.6, axis=-1),
        ct.sum(positive, axis=-1),
    )


def whole_numbers(x):
    y = x * x + x
    return ct.sum(y, axis=-1), ct.prod(y, axis=-1), ct.max(y, axis=-1) - ct.min(y, axis=-1), y // 3


ROWS = [(1, 1), (5, 3), (7, 33), (3, 200), (130, 64), (2, 1000), (2, 4104), (3, 9001), (2, 40000)]


def row_cases():
    for shape in ROWS:
        yield softmax, (array(*shape),), shape
        columns = shape[-1]
        yield layer_norm, (array(*shape), array(columns), array(columns, seed=1)), shape
    for shape in [(5, 33), (2, 1000), (1, 200000), (3, 70000)]:
        yield several, (array(*shape),), shape
        yield cross_entropy, (array(*shape), softmax(array(*shape, seed=3))), shape
    for name in FLOATS:
        yield softmax, (array(4, 6, 40, name=name),), name
        yield layer_norm, (array(9, 72, name=name), *(array(72, name=name) for _ in "wb")), name
    for name in WHOLE:
        yield whole_numbers, (array(6, 50, name=name, low=0, high=9),), name
    yield softmax, (ct.permute_dims(array(60, 9), (1, 0)),), "transposed"
    yield softmax, (array(8, 60)[::2, ::-1],), "backwards"
    yield softmax, (array(8, 61)[:, 1:],), "off the alignment"
    yield softmax, (ct.broadcast_to(array(1, 60), (8, 60)),), "broadcast"
    yield (lambda x, y: ct.sum(x * y, axis=(1, 2))), (array(4, 5, 6), array(4, 1, 6)), "axes"
    yield (lambda x: ct.sum(x * x, axis=-1)), (array(5, 30) * (1 + 2j),), "complex"


def far_apart():
    """Two rows of 5 that are 2^30 elements apart; what lies between is never touched."""
    rows = np.zeros((2, 1 << 30), np.int8)
    rows[:, :5] = np.arange(10).reshape(2, 5)
    return ct.from_dlpack(rows)[:, :5]


def point_cases():
    for shape in [(1,), (7,), (1023,), (5001,), (3, 4, 8)]:
        yield gelu, (array(*shape), array(shape[-1], seed=1)), shape
    for name in FLOATS:
        yield gelu, (array(70, 24, name=name), array(24, name=name)), name
    yield gelu, (ct.permute_dims(array(33, 40), (1, 0)), array(33)), "transposed"
    yield gelu, (array(40, 33)[::-3, 1:], array(32)), "backwards"
    yield gelu, (array(6, 1, 8), ct.broadcast_to(array(1, 5, 1), (6, 5, 8))), "broadcast"
    yield (lambda x: ct.where(x > 0.5, x * 2.0, -x)), (array(50),), "where"
    yield (lambda x: x * x + x), (far_apart(),), "far apart"
    yield (lambda x: (ct.abs(x * x + x), ct.real(x * x))), (array(50) * (1 + 2j),), "complex"


def names(text):
    return text.split()


UNARY = names("""negative abs sign square sqrt exp expm1 log log1p log2 log10 sin cos tan asin acos atan sinh
cosh tanh asinh acosh atanh floor ceil trunc round isnan isinf isfinite signbit""")
BINARY = names("""add subtract multiply divide floor_divide remainder pow atan2 hypot copysign nextafter polygamma maximum
minimum logaddexp equal not_equal less less_equal greater greater_equal""")
WHOLE_UNARY = names("negative abs sign square bitwise_invert")
WHOLE_BINARY = names("""add subtract multiply floor_divide remainder maximum minimum bitwise_and bitwise_or bitwise_xor
bitwise_left_shift bitwise_right_shift equal less greater_equal""")
COMPLEX_UNARY = names("""negative abs sign square sqrt exp expm1 log log1p log10 sin cos tan asin acos atan sinh cosh
tanh asinh acosh atanh conj real imag isfinite""")
COMPLEX_BINARY = names("add subtract multiply divide pow equal not_equal")


def every(unary, binary, x, y):
    """All operations in one unit: they read what it computes."""
    x, y = ct.where(x == x, x, x), ct.where(x == x, y, y)
    return [getattr(ct, each)(x) for each in unary] + [getattr(ct, each)(x, y) for each in binary]


def special(name):
    edges = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.5,
        -3.5,
        1e-40,
        3e38,
        1e6,
        700.0,
        -90.0,
        np.inf,
        -np.inf,
        np.nan,
    ]
    drawn = np.random.default_rng(1).normal(size=200) * np.exp(
        np.random.default_rng(2).normal(size=200) * 4
    )
    with np.errstate(over="ignore"):
        return [ct.astype(ct.asarray(np.random.default_rng(seed).permutation(np.repeat([*edges, *drawn], 3))),
                          dtype(name)) for seed in (3, 4)]  # fmt: skip


def operation_cases():
    for name in FLOATS:
        yield functools.partial(every, UNARY, BINARY), special(name), name
    for name in WHOLE:
        drawn = np.random.default_rng(0).integers(-100 if name[0] == "i" else 0, 100, (2, 60))
        args = [ct.astype(ct.asarray(each), dtype(name)) for each in drawn]
        yield functools.partial(every, WHOLE_UNARY, WHOLE_BINARY), args, name
    for name in ("complex64", "complex128"):
        parts = np.random.default_rng(5).normal(size=(2, 2, 90))
        args = [ct.astype(ct.asarray(each[0] + 1j * each[1]), dtype(name)) for each in parts]
        yield functools.partial(every, COMPLEX_UNARY, COMPLEX_BINARY), args, name
    bools = [array(40, seed=seed) > 0.0 for seed in (1, 2)]
    logic = ["logical_and", "logical_or", "logical_xor", "equal", "not_equal"]
    yield functools.partial(every, ["logical_not"], logic), bools, "bool"


def cast_cases():
    names = [*FLOATS, *WHOLE, "bool", "complex64", "complex128"]

    def to_all(x):
        x = ct.where(x == x, x, x)
        return [ct.astype(x, dtype(name)) for name in names if name != x.dtype.name]

    for name in names:
        if name.startswith("complex"):
            continue  # to complex alone, else Python warns
        x = array(37, low=0 if name[0] in "ub" else -9, high=9)
        yield to_all, (ct.astype(x, dtype(name)),), f"casts of {name}"


def random_cases():
    """Random chains with reductions of rows between."""
    for seed in range(24):
        rng = np.random.default_rng(seed)
        shape = tuple(int(each) for each in rng.choice([1, 2, 3, 5, 8, 33, 70], rng.integers(1, 4)))
        name = str(rng.choice(["float32", "float64", "float16", "int32"]))

        def f(*inputs, seed=seed):
            rng = np.random.default_rng(seed + 1000)
            values = [each + each for each in inputs]
            for _ in range(int(rng.integers(3, 12))):
                a, b = (values[int(rng.integers(len(values)))] for _ in "ab")
                kind = int(rng.integers(7))
                if kind == 0:
                    out = ct.maximum(a, b)
                elif kind == 1:
                    out = a - b
                elif kind == 2:
                    out = ct.where(a > b, a, -b)
                elif kind == 3:
                    out = ct.max(a, axis=-1, keepdims=True) - b
                elif kind == 4:
                    out = ct.min(a, axis=-1, keepdims=True)
                elif kind == 5:
                    out = ct.abs(a)
                else:
                    out = ct.square(a)
                values.append(out)
            return values[-1], values[len(values) // 2]

        args = []
        for i in range(2):
            x = array(*shape, name=name, seed=seed + i, low=-3, high=3)
            if rng.integers(3) == 0:
                x = ct.permute_dims(
                    array(*shape[::-1], name=name, seed=seed), range(len(shape))[::-1]
                )
            if rng.integers(4) == 0:
                x = ct.broadcast_to(x[:1], shape)
            args.append(x)
        yield f, tuple(args), f"random {seed}"


LOOSE = {"softmax", "layer_norm", "cross_entropy", "several", "<lambda>"}


@pytest.fixture(scope="module")
def cases():
    """Name, tolerance of the largest element (None: bits), and the unit."""
    out = []
    for family in (row_cases, point_cases, operation_cases, cast_cases, random_cases):
        for f, args, name in family():
            of = getattr(f, "__name__", "every")
            loose = (of in LOOSE and family is row_cases) or "complex" in str(name)
            units = units_of(f, *args)
            assert units or family is random_cases, f"{of} of {name}: nothing was fused"
            out += [(f"{of} of {name}", loose, each) for each in units]
    return out


@pytest.fixture(scope="module")
def on_host(cases, tmp_path_factory):
    return host_kernels.HostKernels(
        [unit for _, _, unit in cases], tmp_path_factory.mktemp("kernels")
    )


TOLERANCE = {"float16": 1e-3, "bfloat16": 1e-2, "float32": 1e-6, "complex64": 1e-6}


def check(name, loose, got, expected):
    kind = expected.dtype.name
    wanted = to_numpy(expected)
    if kind == "bfloat16":
        got = (np.frombuffer(got, np.uint16).astype(np.uint32) << 16).view(np.float32)
    else:
        got = np.frombuffer(got, wanted.dtype)
    got = got.reshape(wanted.shape)
    if loose and kind in {*FLOATS, "complex64", "complex128"}:
        rtol = TOLERANCE.get(kind, 1e-13)
        largest = np.abs(wanted).max(initial=0)
        np.testing.assert_allclose(got, wanted, rtol=rtol, atol=rtol * largest, err_msg=name)
    else:
        np.testing.assert_array_equal(got, wanted, err_msg=name)
        if kind in FLOATS:
            zero = wanted == 0
            np.testing.assert_array_equal(
                np.signbit(got)[zero], np.signbit(wanted)[zero], err_msg=name
            )


@needs_compiler
def test_kernels_give_what_the_tiles_give(cases, on_host):
    for i, (name, loose, unit) in enumerate(cases):
        for got, expected in zip(on_host.run(i), unit.outputs, strict=True):
            check(name, loose, got, expected)


def test_softmax_in_float64():
    """The unit's own results, against the formula: 4 units of float32."""
    x = array(7, 1000)
    (unit,) = units_of(softmax, x)
    wide = np.exp(np.asarray(x, np.float64))
    np.testing.assert_allclose(unit.outputs[0], wide / wide.sum(-1, keepdims=True), rtol=5e-7)


def test_softmax_reads_and_writes_once():
    (unit,) = units_of(softmax, array(4096, 1024))
    assert unit.kernels.count("load_pack") == 1
    assert unit.kernels.count("store_pack") == 1
    assert unit.launches == [("fused_0", 1024, 128)]  # a warp for each row
    (unit,) = units_of(softmax, array(2, 100000))  # computed again in every phase
    assert unit.kernels.count("load_pack") == 3
    assert unit.launches == [("fused_0", 2, 512)]


def test_what_is_cheap_is_computed_again_and_not_held():
    """A norm holds its input alone; a softmax the exponentials."""
    (unit,) = units_of(layer_norm, array(4096, 1024), array(1024), array(1024))
    assert unit.kernels.count("load_pack") == 3
    assert len(set(re.findall(r"h\d+\[", unit.kernels))) == 1
    assert unit.launches == [("fused_0", 1024, 128)]
    (unit,) = units_of(softmax, array(4096, 1024))
    assert len(set(re.findall(r"h\d+\[", unit.kernels))) == 2
    args = [array(4096, 64, name="float16"), *(array(64, name="float16") for _ in "wb")]
    (unit,) = units_of(layer_norm, *args)
    assert "across_lanes" in unit.kernels  # a row of 64 is no work for a block
    assert unit.kernels.count("load_pack") == 3


def test_a_long_row_is_shared():
    (unit,) = units_of(lambda x: ct.sum(x * x), array(1 << 18))
    assert [each[0] for each in unit.launches] == ["fused_0", "fused_0_finish"]
    assert unit.launches[0][1] > 16
    assert unit.scratch_bytes > 0


def test_places_are_counted_by_64_bits_where_needed():
    assert "uint64_t Place" in units_of(lambda x: x * x + x, far_apart())[0].kernels
    one = ct.broadcast_to(ct.ones((1, 1, 2)), (3, 4, 2))
    assert "uint32_t Place" in units_of(gelu, one, one)[0].kernels


@pytest.fixture(scope="module")
def compiler():
    if cuda.compiler_version() is None:
        pytest.skip("NVRTC is not there: pip install nvidia-cuda-nvrtc")
    return cuda.compile_source


@pytest.mark.parametrize(("architecture", "every"), [("sm_80", 9), ("sm_90", 5)])
def test_sources_compile(compiler, architecture, every, cases, tmp_path):
    """Kernels together: a cubin that has each of them, for a family with and without Hopper."""
    cases = cases[::every]
    parts = []
    for i, (_, _, unit) in enumerate(cases):
        text = unit.kernels
        for name, _, _ in reversed(unit.launches):
            text = text.replace(f"{name}(", f"{name}_of_{i}(")
        parts.append(text)
    cubin = compiler("\n".join(parts), architecture, cache=tmp_path)
    assert cubin[:4] == b"\x7fELF"
    assert int.from_bytes(cubin[18:20], "little") == 190  # EM_CUDA
    for i, (_, _, unit) in enumerate(cases):
        for name, _, _ in unit.launches:
            assert f"{name}_of_{i}\0".encode() in cubin


def test_machine_code_is_kept(compiler, tmp_path):
    source = cn.jit(lambda x: ct.exp(x) * 2.0).cuda_source(array(9))
    first = compiler(source, "sm_90", cache=tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o77 == 0
    before = file.stat().st_mtime_ns
    assert compiler(source, "sm_90", cache=tmp_path) == first
    assert file.stat().st_mtime_ns == before
    for torn in (b"", file.read_bytes()[:100], file.read_bytes()[:-1] + b"?"):
        file.write_bytes(torn)
        assert compiler(source, "sm_90", cache=tmp_path) == first
    compiler(source, "sm_80", cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    tmp_path.chmod(0o777)  # of others: neither read nor written
    compiler(source, "sm_86", cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_errors_of_the_compiler(compiler, tmp_path):
    with pytest.raises(ArgumentError, match=r"nvrtc: .*COMPILATION for sm_90\n(.|\n)*undefined"):
        compiler("__global__ void f() { none(); }", cache=tmp_path)
    with pytest.raises(ArgumentError, match=r"nvrtc: .*sm_1"):
        compiler("", "sm_1", cache=tmp_path)


def test_source_of_traced_values():
    def f(x):
        return cn.jit(lambda y: y * y + y).cuda_source(x)

    with pytest.raises(TracedError, match="cuda_source: expected arrays"):
        cn.jit(f)(array(3))
