"""Arrays that are made, and what is known of their types, against NumPy's."""

import array
import math
import operator

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from samples import INTS


@pytest.mark.parametrize("args", [(5,), (0,), (-3,), (2, 9), (9, 2, -2), (2, 9, 3), (9, 2), (-7, 7, 5),
                                  (0.5, 3), (3.0,), (1, 2, 0.1), (0, -1, -0.25), (2**40, 2**40 + 5)])  # fmt: skip
def test_arange(args):
    got = ct.arange(*args)
    expected = np.arange(*args)
    assert got.dtype == (ct.int64 if expected.dtype == np.int64 else ct.float32)
    np.testing.assert_allclose(np.asarray(got), expected.astype(got.dtype.name))
    for name in ("float64", "int32", "float16"):
        if not (name == "int32" and max(map(abs, args)) > 2**31):
            exact = np.asarray(ct.arange(*args, dtype=getattr(ct, name)))
            if all(isinstance(each, int) for each in args) or name != "int32":
                # Each is computed on its own: NumPy adds up a step that was rounded.
                np.testing.assert_allclose(
                    exact, np.arange(*args, dtype=np.float64).astype(name), rtol=1e-15
                )
    top = 2**64 - 1
    np.testing.assert_array_equal(
        np.asarray(ct.arange(top - 3, top, dtype=ct.uint64)),
        np.arange(top - 3, top, dtype=np.uint64),
    )


def test_linspace():
    for start, stop, num in ((0, 1, 5), (-2, 7, 10), (3, 3, 4), (0, 1, 1), (0, 1, 0), (1, -1, 3)):
        for endpoint in (True, False):
            got = ct.linspace(start, stop, num, dtype=ct.float64, endpoint=endpoint)
            expected = np.linspace(start, stop, num, endpoint=endpoint)
            np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-15, atol=1e-15)
    assert ct.linspace(0, 1, 3).dtype == ct.float32
    assert ct.linspace(0, 1j, 3).dtype == ct.complex64
    values = np.asarray(ct.linspace(0.1, 0.7, 7))
    assert values[0] == np.float32(0.1)
    assert values[-1] == np.float32(0.7)


@pytest.mark.parametrize("name", ["float32", "float64", "float16", "int32", "uint8"])
def test_long_lines(name):
    """Longer than tiles and pieces of threads; of NumPy in float64, rounded once."""
    dtype = getattr(ct, name)
    for count in (1023, 1025, 40_000):
        got = np.asarray(ct.linspace(0.5, 99.25, count, dtype=dtype))
        share = np.arange(count) / (count - 1)
        exact = (1 - share) * 0.5 + share * 99.25
        expected = np.floor(exact) if name.startswith(("int", "uint")) else exact
        np.testing.assert_array_equal(got, expected.astype(name))
        down = np.asarray(ct.arange(count, 0, -1, dtype=dtype))
        if name != "float16":
            expected = np.arange(count, 0, -1).astype(name)
            np.testing.assert_array_equal(down, expected)


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (0, 3), (3, 0), (1, 1), (130, 300)])
def test_bands(shape):
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    for k in (-(10**30), -200, -3, -1, 0, 1, 2, 299, 10**30):
        near = max(min(k, 1000), -1000)
        for name in ("bool", "int8", "float16", "float32", "complex128"):
            got = ct.eye(*shape, k=k, dtype=getattr(ct, name))
            np.testing.assert_array_equal(np.asarray(got), np.eye(*shape, near, dtype=name))
        for ours, theirs in ((ct.tril, np.tril), (ct.triu, np.triu)):
            got = ours(ct.asarray(x), k=k)
            np.testing.assert_array_equal(np.asarray(got), theirs(x, near))
    traced = cn.jit(lambda x, k: ct.triu(x, k=k))(ct.asarray(x), ct.asarray(1))
    np.testing.assert_array_equal(np.asarray(traced), np.triu(x, 1))


def test_matrices():
    for k in (-(10**30), -(2**63), -3, -1, 0, 1, 5, 2**63 - 1, 10**30):
        near = min(max(k, -9), 9)  # NumPy's own numbers end at those of int64
        np.testing.assert_array_equal(np.asarray(ct.eye(3, 4, k=k)), np.eye(3, 4, near))
        x = np.arange(24.0).reshape(2, 3, 4)
        np.testing.assert_array_equal(np.asarray(ct.tril(ct.asarray(x), k=k)), np.tril(x, near))
        np.testing.assert_array_equal(np.asarray(ct.triu(ct.asarray(x), k=k)), np.triu(x, near))
    assert ct.eye(2, dtype=ct.bool).dtype == ct.bool
    for indexing in ("xy", "ij"):
        ours = ct.meshgrid(ct.arange(2), ct.arange(3), ct.arange(4), indexing=indexing)
        theirs = np.meshgrid(np.arange(2), np.arange(3), np.arange(4), indexing=indexing)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(np.asarray(a), b)


@pytest.mark.parametrize("k", [-4, -1, 0, 1, 2])
@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (3, 4), (4, 2), (0, 3)])
def test_diag(shape, k):
    for name in ("float32", "int8", "bool", "complex64"):
        x = (np.arange(math.prod(shape)) + 1).astype(name).reshape(shape)
        for view in (x, x[::-1]):
            got = ct.diag(ct.asarray(view), k=k)
            expected = np.diag(view, k)
            assert got.dtype.name == name
            np.testing.assert_array_equal(np.asarray(got), expected)
    x = ct.ones(shape)
    weights = ct.arange(1, 1 + ct.diag(x, k=k).size, dtype=ct.float32)

    def total(x):
        out = ct.diag(x, k=k)
        return ct.sum(out * ct.reshape(weights, out.shape))

    slope = cn.jit(cn.grad(total))(x)  # a linear function: its values at the unit vectors
    units = np.eye(x.size, dtype=np.float32).reshape(x.size, *shape)
    expected = np.asarray([float(total(ct.asarray(each))) for each in units]).reshape(shape)
    np.testing.assert_array_equal(np.asarray(slope), expected)
    rows = cn.vmap(lambda x: ct.diag(x, k=k))(ct.stack([x, 2 * x]))
    np.testing.assert_array_equal(np.asarray(rows[1]), 2 * np.diag(np.ones(shape), k))


def test_like_others():
    x = ct.ones((2, 3), dtype=ct.int16)
    for got, value in ((ct.zeros_like(x), 0), (ct.ones_like(x), 1), (ct.full_like(x, 7), 7)):
        assert got.dtype == ct.int16
        np.testing.assert_array_equal(np.asarray(got), np.full((2, 3), value))
    assert ct.empty_like(x, dtype=ct.float64).dtype == ct.float64
    assert ct.empty((0, 4)).shape == (0, 4)
    np.testing.assert_array_equal(np.asarray(ct.full(2, ct.asarray(3.5))), [3.5, 3.5])


def test_sequences_of_arrays():
    x = ct.asarray([1.0, 2.0])
    got = ct.asarray([[x[0], 5], [x[1], x[0]]])
    np.testing.assert_array_equal(np.asarray(got), [[1, 5], [2, 1]])
    slope = cn.grad(lambda v: ct.sum(ct.asarray([v[0] * v[1], v[1]])))(x)
    np.testing.assert_array_equal(np.asarray(slope), [2, 2])


def test_integers_beyond_64_bits():
    for values in ([2**70], [2**70, 1.5], [[-(2**70)], [1]], 2**64, [2**70, 1j]):
        for name in ("float64", "complex64") if 1j not in np.ravel(values) else ("complex128",):
            got = ct.asarray(values, dtype=getattr(ct, name))
            np.testing.assert_array_equal(np.asarray(got), np.array(values, dtype=name))
    assert ct.asarray([2**70, 0.5]).dtype == ct.float32
    for options in ({}, {"dtype": ct.int64}, {"dtype": ct.uint8}):
        with pytest.raises(OverflowError, match="asarray: -1180591620717411303424 is out of range"):
            ct.asarray([1, -(2**70)], **options)
    with pytest.raises(TypeError, match="asarray: expected numbers"):
        ct.asarray([2**70, "text"])


def test_objects_with_a_buffer():
    """Of the type that they have; Python's numbers take ours."""
    values = np.arange(6, dtype=np.int16)
    for copy, first in ((None, 9), (False, 9), (True, 0)):
        values[0] = 0
        got = ct.asarray(memoryview(values), copy=copy)
        values[0] = 9
        assert got.dtype == ct.int16
        assert np.asarray(got).tolist() == [first, 1, 2, 3, 4, 5]
    assert ct.asarray(array.array("d", [1, 2])).dtype == ct.float64
    assert ct.asarray(bytearray(b"ab")).dtype == ct.uint8
    assert np.asarray(ct.asarray(memoryview(values)[::-2])).tolist() == [5, 3, 1]
    assert ct.asarray(range(3)).dtype == ct.int64
    with pytest.raises(ValueError, match="copied"):
        ct.asarray([1.0], copy=False)
    with pytest.raises(ValueError, match="int16 as float32 is a copy"):
        ct.asarray(memoryview(values), dtype=ct.float32, copy=False)


def test_large_integers_of_python():
    """NumPy has lists of small ones and of some beyond int64 as floats."""
    values = [0, 2**64 - 2, 1, 2**63, 2**63 - 1, 2**53 + 1]
    got = np.asarray(ct.asarray([values, values[::-1]], dtype=ct.uint64))
    assert got.tolist() == [values, values[::-1]]
    assert np.asarray(ct.asarray([2**64 - 1], dtype=ct.uint64)).tolist() == [2**64 - 1]
    for bad, dtype in (([-1, 2**63], ct.uint64), ([0, 2**63], ct.int64), ([-1], ct.uint64), ([0, 2**64 - 2], ct.int8)):  # fmt: skip
        with pytest.raises(OverflowError):
            ct.asarray(bad, dtype=dtype)
    assert float(ct.asarray([0, 2**64 - 2], dtype=ct.float64)[1]) == 2.0**64


def test_arrays_that_dlpack_cannot_tell():
    for dtype in (">i2", ">u8", ">f4", ">f8", ">c16"):
        values = np.arange(-3 if dtype != ">u8" else 0, 5).astype(dtype)
        for each in (values, values[::-2], values.reshape(-1, 1)[:0]):
            got = ct.asarray(each)
            assert np.asarray(got).dtype == each.dtype.newbyteorder("=")
            np.testing.assert_array_equal(np.asarray(got), each)
        with pytest.raises(ValueError, match="is a copy"):
            ct.asarray(values, copy=False)
    half = pytest.importorskip("ml_dtypes").bfloat16
    assert ct.asarray(np.array([1.5, -2], half)).dtype == ct.bfloat16
    assert [float(each) for each in ct.asarray(np.array([1.5, -2], half))] == [1.5, -2.0]
    for values in (np.array(["a"]), np.array([None]), np.array([1], "M8[ns]"), np.longdouble([1])):
        with pytest.raises(
            TypeError, match="asarray: expected numbers of at most 64 bits, got an array of"
        ):
            ct.asarray(values)


def test_types():
    assert ct.isdtype(ct.int8, "signed integer")
    assert ct.isdtype(ct.uint8, ("real floating", "integral"))
    assert ct.isdtype(ct.bfloat16, "real floating")
    assert not ct.isdtype(ct.bool, "numeric")
    assert ct.isdtype(ct.float32, ct.float32)
    assert ct.can_cast(ct.float16, ct.float32)
    assert not ct.can_cast(ct.int64, ct.float64)
    for name in ("float16", "float32", "float64", "complex64"):
        ours, theirs = ct.finfo(getattr(ct, name)), np.finfo(name)
        for field in ("bits", "eps", "max", "min", "smallest_normal"):
            assert getattr(ours, field) == getattr(theirs, field), (name, field)
    assert ct.finfo(ct.bfloat16).eps == 2**-7
    for name in INTS:
        ours, theirs = ct.iinfo(getattr(ct, name)), np.iinfo(name)
        assert (ours.bits, ours.min, ours.max) == (theirs.bits, theirs.min, theirs.max)
    assert ct.result_type(ct.int8, 1) == ct.int8
    assert ct.result_type(ct.ones(1), ct.float64, 1.5, True) == ct.float64
    assert ct.result_type(ct.int8, 1.5) == ct.float32
    assert ct.result_type(ct.float64, 1j) == ct.complex128
    assert ct.result_type(1, True) == ct.int64


def test_what_the_namespace_tells():
    info = ct.asarray(1).__array_namespace__().__array_namespace_info__()
    assert info.default_device() == ct.ones(1).device
    assert info.devices() == ["cpu"]
    assert info.default_dtypes()["integral"] == ct.arange(2).dtype
    assert set(info.dtypes(kind="real floating")) == {"float32", "float64"}
    assert len(info.dtypes()) == 13
    assert info.capabilities()["boolean indexing"]
    assert ct.ones(1).to_device("cpu").shape == (1,)
    assert (ct.pi, ct.e, ct.newaxis) == (np.pi, np.e, None)
    for version in ("2021.12", "2022.12", "2023.12", "2024.12", None):
        assert ct.ones(1).__array_namespace__(api_version=version) is ct
    with pytest.raises(ValueError, match="expected one of 2021"):
        ct.ones(1).__array_namespace__(api_version="1999.1")
    assert operator.index(ct.asarray(3, dtype=ct.uint8)) == 3
    for value in (True, 1.0, 1j):
        with pytest.raises(TypeError):
            operator.index(ct.asarray(value))


def test_where_of_numbers():
    """They take the type that they have together; of the condition alone it is nonzero."""
    (places,) = ct.where(ct.asarray([0, 5, 6]))
    assert np.asarray(places).tolist() == [1, 2]
    condition = ct.asarray([True, False])
    for first, second, dtype in ((1, 2, ct.int64), (True, False, ct.bool), (1, 2.5, ct.float32),
                                 (True, 3, ct.int64), (2, 1j, ct.complex64)):  # fmt: skip
        got = ct.where(condition, first, second)
        assert got.dtype == dtype
        assert np.asarray(got).tolist() == [first, second]


def test_clip():
    x = np.array([[-3.0, 1.0], [np.nan, 9.0]], np.float32)
    a = ct.asarray(x)
    np.testing.assert_array_equal(np.asarray(ct.clip(a, -1, 2.5)), np.clip(x, -1, 2.5))
    np.testing.assert_array_equal(np.asarray(ct.clip(a, max=0)), np.clip(x, None, 0))
    np.testing.assert_array_equal(
        np.asarray(ct.clip(a, ct.asarray([0.0, 2.0]))), np.clip(x, [0, 2], None)
    )
    np.testing.assert_array_equal(np.asarray(ct.reciprocal(a)), 1 / x)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: ct.arange(1, 2, 0), cnengine.errors.ArgumentError, "step"),
    (lambda: ct.linspace(0, 1, -1), cnengine.errors.ArgumentError, "at least 0"),
    (lambda: ct.zeros(2, device="gpu:9"), cnengine.errors.UnsupportedError, "device"),
    (lambda: ct.eye(-1), cnengine.errors.ShapeError, "eye: expected extents"),
    (lambda: ct.tril(ct.ones(2)), cnengine.errors.ShapeError, "matrices"),
    (lambda: ct.diag(ct.ones(())), cnengine.errors.ShapeError, "diag: expected a vector"),
    (lambda: ct.diag(ct.ones(2), k=0.5), cnengine.errors.TypeError, "diag: .*whole number as k"),
    (lambda: ct.isdtype(ct.int8, "digital"), cnengine.errors.ArgumentError, "isdtype: expected"),
    (lambda: ct.finfo(ct.int8), cnengine.errors.TypeError, "finfo"),
    (lambda: ct.iinfo(ct.float32), cnengine.errors.TypeError, "iinfo"),
    (lambda: ct.meshgrid(ct.arange(2), indexing="no"), cnengine.errors.ArgumentError, "indexing"),
    (lambda: ct.clip(ct.asarray([1]), 0.5), cnengine.errors.TypeError, "clip"),
    (lambda: ct.astype(ct.asarray([1j]), ct.float32), cnengine.errors.TypeError, "imaginary"),
    (lambda: ct.asarray([ct.ones(2), ct.ones(3)]), cnengine.errors.ShapeError, "one shape"),
])  # fmt: skip
def test_wrong_use(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_lists_that_hold_themselves():
    endless = [1.0]
    endless.append(endless)
    with pytest.raises((RecursionError, ValueError)):
        ct.asarray(endless)


def test_arrays_deep_in_lists():
    class Row(list):
        pass

    got = ct.asarray([Row([(1.0, ct.asarray(2.0))]), Row([(3, 4)])])
    np.testing.assert_array_equal(np.asarray(got), [[[1, 2]], [[3, 4]]])
