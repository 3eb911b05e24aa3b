"""Names, signatures and results against array-api-strict, a plain implementation of the standard."""

import contextlib
import inspect

import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

strict = pytest.importorskip("array_api_strict")

# Extensions, and what is strict's own.
OTHERS = {"Device", "fft", "linalg", "get_array_api_strict_flags", "reset_array_api_strict_flags",
          "set_array_api_strict_flags", "ArrayAPIStrictFlags", "__version__"}  # fmt: skip
NAMES = sorted(set(strict.__all__) - OTHERS)
EXTENSIONS = [f"{part}.{name}" for part in ("fft", "linalg")
              for name in sorted(set(getattr(strict, part).__all__) - {"annotations"})]  # fmt: skip


def named(library, name):
    """Of a library or of one of its extensions."""
    for part in name.split("."):
        library = getattr(library, part)
    return library


@pytest.mark.parametrize("name", [*NAMES, *EXTENSIONS])
def test_there_is_all_of_the_standard(name):
    assert named(ct, name) is not None or name == "newaxis"


METHODS = [
    name for name in dir(strict.asarray(1))
    if (not name.startswith("_") or name.startswith("__")) and name not in dir(object)
    and name not in ("__module__", "__dict__", "__weakref__", "__buffer__", "__annotations__", "__iter__", "__slots__")
]  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_arrays_have_all_of_the_standard(name):
    in_place = name.startswith("__i") and name.replace("__i", "__", 1) in METHODS
    assert hasattr(ct.Array, name.replace("__i", "__", 1) if in_place else name)


@pytest.mark.parametrize(
    "name", [n for n in NAMES + EXTENSIONS if inspect.isfunction(named(strict, n))]
)
def test_signatures(name):
    """Each parameter can be given as the standard has it; ours may have more."""
    ours = inspect.signature(named(ct, name)).parameters
    theirs = inspect.signature(named(strict, name)).parameters
    positional = [
        p for p in theirs.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    own = [p for p in ours.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    assert len(own) >= len(positional)
    for mine, other in zip(own, positional, strict=False):
        if other.kind == other.POSITIONAL_OR_KEYWORD:
            assert mine.name == other.name or mine.kind == mine.POSITIONAL_ONLY
        assert mine.default is not mine.empty or other.default is other.empty
    for other in theirs.values():
        if other.kind == other.KEYWORD_ONLY:
            assert other.name in ours


DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float32", "float64", "complex64", "complex128"]  # fmt: skip


def test_promotion():
    for a in DTYPES:
        for b in DTYPES:
            try:
                expected = strict.result_type(getattr(strict, a), getattr(strict, b))
            except TypeError:  # left open
                assert not ct.can_cast(getattr(ct, a), getattr(ct, b))
                continue
            ours = ct.result_type(getattr(ct, a), getattr(ct, b))
            assert ours.name == np.dtype(expected._np_dtype).name
            assert ct.can_cast(getattr(ct, a), getattr(ct, b)) == (ours.name == b)


def numbers(dtype, shape, seed):
    rng = np.random.default_rng(seed)
    x = (
        rng.integers(-3, 4, shape)
        if not dtype.startswith(("u", "b"))
        else rng.integers(0, 4, shape)
    )
    out = x.astype(dtype)
    return out + (1j * rng.integers(-2, 3, shape)).astype(dtype) if dtype.startswith("c") else out


def agree(ours, theirs, rtol=1e-5):
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            agree(a, b, rtol)
        return
    expected = np.asarray(theirs._array)
    got = np.asarray(ours)
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if expected.dtype.kind in "fc":
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=1e-6)
    else:
        np.testing.assert_array_equal(got, expected)


def compare(name, arrays, *args, **options):
    """Both give the same, where the standard says what."""

    def call(library):
        given = [library.asarray(x) for x in arrays]
        settings = {
            key: getattr(library, value) if key == "dtype" else value
            for key, value in options.items()
        }
        return named(library, name)(*given, *args, **settings)

    with np.errstate(all="ignore"):
        try:
            expected = call(strict)
        except (TypeError, ValueError, IndexError) as error:
            # What the standard leaves open may have a result here.
            if isinstance(error, TypeError):
                with contextlib.suppress(TypeError, ValueError, IndexError):
                    call(ct)
            return
        agree(call(ct), expected)


shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
dtypes = st.sampled_from(DTYPES)
seeds = st.integers(0, 1000)

ONE = ["abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "bitwise_invert", "ceil", "conj", "cos", "cosh", "exp", "expm1", "floor", "imag", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "logical_not", "negative", "positive", "real", "reciprocal", "round", "sign", "signbit", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc", "unique_values", "unique_counts", "unique_inverse", "nonzero", "zeros_like", "ones_like", "matrix_transpose", "tril", "triu", "sum", "prod", "max", "min", "mean", "std", "var", "any", "all", "argmax", "argmin", "sort", "argsort", "cumulative_sum", "cumulative_prod", "count_nonzero", "diff", "flip"]  # fmt: skip


@pytest.mark.parametrize("name", ONE)
@settings(max_examples=20, deadline=None)
@given(shape=shapes, dtype=dtypes, seed=seeds)
def test_of_one(name, shape, dtype, seed):
    if not shape and name in ("argsort", "sort", "cumulative_sum", "cumulative_prod"):
        return  # NumPy has an axis 0 in arrays without axes
    compare(name, [numbers(dtype, shape, seed)])


TWO = ["add", "atan2", "bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "copysign", "divide", "equal", "floor_divide", "greater", "greater_equal", "hypot", "less", "less_equal", "logaddexp", "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "nextafter", "not_equal", "pow", "remainder", "subtract", "matmul", "vecdot", "isin"]  # fmt: skip


@pytest.mark.parametrize("name", TWO)
@settings(max_examples=20, deadline=None)
@given(
    shape=shapes, dtype=dtypes, other=dtypes, same=st.booleans(), seed=seeds, ones=st.integers(0, 7)
)
def test_of_two(name, shape, dtype, other, same, seed, ones):
    second = tuple(1 if ones >> i & 1 else n for i, n in enumerate(shape))
    other = dtype if same else other
    a, b = numbers(dtype, shape, seed), numbers(other, second, seed + 1)
    if name in ("matmul", "vecdot") and np.dtype(dtype).kind != np.dtype(other).kind:
        return  # strict has types for int8 with float32, of which the standard has none
    if name == "pow" and np.dtype(other).kind in "iu":
        b = np.abs(b)
    if name in ("floor_divide", "remainder") and np.dtype(other).kind in "iu":
        b = b + (b == 0).astype(other)  # what a division by 0 gives is left open
    if name.endswith("shift"):
        b = np.abs(b)
    compare(name, [a, b])


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean", "std", "var", "any", "all", "argmax", "argmin",
                                  "sort", "argsort", "cumulative_sum", "cumulative_prod", "count_nonzero", "diff",
                                  "flip", "squeeze", "expand_dims", "unstack", "repeat", "roll", "stack", "concat"])  # fmt: skip
@settings(max_examples=20, deadline=None)
@given(data=st.data(), shape=shapes, dtype=dtypes, seed=seeds)
def test_along_an_axis(name, data, shape, dtype, seed):
    x = numbers(dtype, shape, seed)
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    if not shape and name not in ("stack", "concat", "expand_dims"):
        return None  # NumPy has an axis 0 in arrays without axes
    if name in ("stack", "concat"):
        strict_parts, our_parts = ([lib.asarray(x), lib.asarray(x)] for lib in (strict, ct))
        try:
            expected = getattr(strict, name)(strict_parts, axis=axis)
        except (ValueError, IndexError):
            with pytest.raises((ValueError, IndexError)):
                getattr(ct, name)(our_parts, axis=axis)
            return None
        return agree(getattr(ct, name)(our_parts, axis=axis), expected)
    options = {"axis": axis}
    if name in ("sum", "prod", "max", "min", "mean", "std", "var", "any", "all", "argmax", "argmin",
                "count_nonzero"):  # fmt: skip
        options["keepdims"] = data.draw(st.booleans())
    if name in ("sum", "prod", "cumulative_sum", "cumulative_prod") and not dtype.startswith("c"):
        options["dtype"] = data.draw(st.sampled_from(["float64", "complex128"]))
        if dtype == "bool":
            del options["dtype"]
    if name.startswith("cumulative"):
        options["include_initial"] = data.draw(st.booleans())
    if name in ("std", "var"):
        options["correction"] = data.draw(st.sampled_from([0.0, 0.5]))
    if name in ("sort", "argsort"):
        options["descending"] = data.draw(st.booleans())
    if name == "diff":
        options["n"] = data.draw(st.integers(0, 2))
    if name == "roll":
        return compare(name, [x], data.draw(st.integers(-5, 5)), axis=axis)
    if name == "repeat":
        return compare(name, [x], data.draw(st.integers(0, 3)), axis=axis)
    compare(name, [x], **options)
    return None


@pytest.mark.parametrize("name", ["cross", "diagonal", "matrix_norm", "matrix_power", "matrix_rank", "outer", "pinv",
                                  "solve", "svdvals", "tensordot", "trace", "vector_norm", "det", "inv", "eigvalsh"])  # fmt: skip
@settings(max_examples=20, deadline=None)
@given(data=st.data(), batch=shapes, m=st.integers(0, 3), dtype=st.sampled_from(DTYPES[9:]), seed=seeds)  # fmt: skip
def test_linalg(name, data, batch, m, dtype, seed):
    """Of matrices whose pivots are at least 4, so that results do not depend on the rounding."""
    n = m if name in ("matrix_power", "solve", "det", "inv", "eigvalsh") else data.draw(
        st.integers(0, 3))  # fmt: skip
    x = numbers(dtype, (*batch[:2], m, n), seed) + (12 * np.eye(m, n)).astype(dtype)
    arrays, args, options = [x], [], {}
    if name == "cross":
        x = numbers(dtype, (*batch, 3), seed)
        arrays = [x, numbers(dtype, data.draw(st.sampled_from([(3,), x.shape])), seed + 1)]
    if name in ("diagonal", "trace"):
        options["offset"] = data.draw(st.integers(-4, 4))
    if name == "matrix_norm":
        options["ord"] = data.draw(st.sampled_from(["fro", "nuc", 1, 2, np.inf, -1, -2, -np.inf]))
        if 0 in (m, n):
            return
    if name == "vector_norm":
        options["ord"] = data.draw(st.sampled_from([0, 1, 2, 3.5, np.inf, -np.inf, -1]))
        options["axis"] = data.draw(st.sampled_from([None, -1, (0, 1)]))
        if x.size == 0:
            return
    if name in ("matrix_norm", "vector_norm"):
        options["keepdims"] = data.draw(st.booleans())
    if name == "matrix_power":
        args = [data.draw(st.integers(-2, 4))]
    if name == "outer":
        arrays = [x.reshape(-1), numbers(dtype, (m,), seed)]
    if name == "solve":
        arrays = [
            x,
            numbers(dtype, data.draw(st.sampled_from([(m,), (m, 2), (*batch[:2], m, 1)])), seed),
        ]
    if name == "tensordot":
        arrays = [x, numbers(dtype, (m, n, 2), seed)]
        options["axes"] = data.draw(st.sampled_from([2, 0, ((-2,), (0,)), ((-1, -2), (1, 0))]))
    compare(f"linalg.{name}", arrays, *args, **options)


def indices(shape, draw):
    out = []
    for extent in shape:
        kind = draw(st.integers(0, 3))
        if kind == 0 and extent:
            out.append(draw(st.integers(-extent, extent - 1)))
        elif kind == 1:
            out.append(slice(None))
        else:
            bounds = sorted((draw(st.integers(0, extent)), draw(st.integers(0, extent))))
            out.append(slice(*bounds, draw(st.integers(1, 2))))
    if draw(st.booleans()):
        out.insert(draw(st.integers(0, len(out))), None)
    return tuple(out)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), shape=shapes, dtype=dtypes, seed=seeds)
def test_indices(data, shape, dtype, seed):
    x = numbers(dtype, shape, seed)
    key = indices(shape, data.draw)
    if dtype != "bool":
        agree(ct.asarray(x)[key], strict.asarray(x)[key])
    mask = numbers("bool", shape, seed + 1)
    agree(ct.asarray(x)[ct.asarray(mask)], strict.asarray(x)[strict.asarray(mask)])
    value = numbers(dtype, (), seed + 2)
    key = tuple(each for each in key if each is not None)
    ours, theirs = ct.asarray(x.copy()), strict.asarray(x.copy())
    ours[key] = ct.asarray(value)
    theirs[key] = strict.asarray(value)
    agree(ours, theirs)
    ours[ct.asarray(mask)] = ct.asarray(value)
    theirs[strict.asarray(mask)] = strict.asarray(value)
    agree(ours, theirs)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), shape=shapes.filter(len), dtype=dtypes, seed=seeds)
def test_take(data, shape, dtype, seed):
    x = numbers(dtype, shape, seed)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    extent = shape[axis]
    if not extent:
        return
    places = np.random.default_rng(seed).integers(0, extent, 4)
    compare("take", [x, places], axis=axis)
    along = np.random.default_rng(seed).integers(0, extent, shape)
    compare("take_along_axis", [x, along], axis=axis)
    if len(shape) == 1 and np.dtype(dtype).kind in "iuf":
        compare("searchsorted", [np.sort(x), x], side=data.draw(st.sampled_from(["left", "right"])))


@settings(max_examples=100, deadline=None)
@given(start=st.integers(-20, 20), stop=st.integers(-20, 20), step=st.integers(-5, 5).filter(bool),
       part=st.sampled_from([1, 2, 4]), num=st.integers(0, 9), dtype=st.sampled_from(["float64", "int64"]))  # fmt: skip
def test_ranges(start, stop, step, part, num, dtype):
    if dtype == "int64":
        compare("arange", [], start, stop, step, dtype="int64")
    else:
        compare("arange", [], start / part, stop / part, step / part, dtype="float64")
    compare("linspace", [], start / part, stop / part, num, dtype="float64", endpoint=bool(num % 2))
    compare("eye", [], num, num // 2, k=step, dtype=dtype)
    compare("full", [], (num, 2), start, dtype=dtype)
