"""Element types: promotion, casts, half precision."""

import itertools

import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float16", "float32", "float64", "complex64", "complex128"]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), list(itertools.product(NAMES, NAMES)))
def test_promotion_is_the_standards(a, b):
    """As NumPy's where the standard has an entry, else as torch's."""
    kinds = {np.dtype(a).kind, np.dtype(b).kind}
    x, y = getattr(ct, a), getattr(ct, b)
    if kinds == {"i", "u"} and "uint64" in (a, b):
        with pytest.raises(cnengine.errors.TypeError):
            ct.result_type(x, y)
    elif len(kinds) == 1 or kinds in ({"i", "u"}, {"f", "c"}):
        assert ct.result_type(x, y).name == np.promote_types(a, b).name
    else:
        # Bools go into all, integers into floats and complex numbers.
        assert ct.result_type(x, y).name == (a if "biufc".index(np.dtype(a).kind)
                                             > "biufc".index(np.dtype(b).kind) else b)  # fmt: skip


@pytest.mark.parametrize(("a", "b"), list(itertools.product(NAMES, NAMES)))
def test_casts(a, b):
    x = np.array([0, 1, 2, 3.75, 100, -1, -3.75, 0.25], dtype=np.complex128)
    if np.dtype(a).kind in "bu" or np.dtype(b).kind == "u":
        x = np.abs(x)
    with np.errstate(all="ignore"):
        x = x.real.astype(a) if np.dtype(a).kind != "c" else x.astype(a)
        expected = x.astype(b) if np.dtype(b).kind in "cb" else x.real.astype(b)
    if np.dtype(a).kind == "c" and np.dtype(b).kind not in "cb":  # the standard forbids it
        with pytest.raises(cnengine.errors.TypeError, match="imaginary"):
            ct.astype(ct.asarray(x), getattr(ct, b))
        return
    got = np.asarray(ct.astype(ct.asarray(x), getattr(ct, b)))
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def test_every_half():
    x = np.arange(65536, dtype=np.uint16).view(np.float16)
    wide = np.asarray(ct.astype(ct.asarray(x), ct.float32))
    np.testing.assert_array_equal(wide, x.astype(np.float32))
    back = np.asarray(ct.astype(ct.asarray(wide), ct.float16))
    real = ~np.isnan(x)
    np.testing.assert_array_equal(back.view(np.uint16)[real], x.view(np.uint16)[real])
    assert np.isnan(back[~real]).all()


def test_rounding_to_half_precision():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 500_000, dtype=np.uint32)
    x = bits.view(np.float32)
    ties = (np.arange(0x38000000, 0x38800000, 0x1000, dtype=np.uint32)).view(np.float32)
    for values in (x, ties, np.array([65519.99, 65520.0, 6e-8, 3e-8, 2.9e-8], np.float32)):
        with np.errstate(over="ignore"):
            expected = values.astype(np.float16)
        got = np.asarray(ct.astype(ct.asarray(values), ct.float16))
        np.testing.assert_array_equal(got, expected)


def test_rounding_to_bfloat16():
    """Of the neighbours the nearer, by the definition."""
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 0x7F800000, 200_000, dtype=np.uint32)
    bits[:1000] = (bits[:1000] & 0xFFFF0000) | 0x8000  # ties
    x = bits.view(np.float32)
    got = np.asarray(ct.astype(ct.astype(ct.asarray(x), ct.bfloat16), ct.float32)).view(np.uint32)
    low = bits & 0xFFFF0000
    rest = bits - low
    up = (rest > 0x8000) | ((rest == 0x8000) & ((low >> 16) & 1 == 1))
    np.testing.assert_array_equal(got, low + np.where(up, 0x10000, 0).astype(np.uint32))
    nan = ct.astype(ct.asarray(np.array([np.nan], np.float32)), ct.bfloat16)
    assert np.isnan(np.asarray(nan)).all()


def test_out_of_range():
    x = ct.asarray([3e9, -3e9, float("nan"), float("inf"), -129.0, -128.9, 127.9])
    assert np.asarray(ct.astype(x, ct.int32)).tolist()[:4] == [0, 0, 0, 0]
    assert np.asarray(ct.astype(x, ct.int8)).tolist()[4:] == [0, -128, 127]
    big = ct.asarray(np.array([2.0**63, -(2.0**63), 2.0**64, -1.0]))
    assert np.asarray(ct.astype(big, ct.int64)).tolist() == [0, -(2**63), 0, -1]
    assert np.asarray(ct.astype(big, ct.uint64)).tolist() == [2**63, 0, 0, 0]


def test_types_are_values():
    assert ct.float32 == ct.zeros(1).dtype
    assert ct.float32 != ct.float64
    assert ct.float32 == "float32"
    assert ct.float32 != "float64"
    assert {ct.int8: 1}[ct.zeros(1, dtype=ct.int8).dtype] == 1
    assert (ct.complex64.itemsize, ct.bool.itemsize) == (8, 1)
    assert repr(ct.bfloat16) == "cnengine.tensor.bfloat16"
