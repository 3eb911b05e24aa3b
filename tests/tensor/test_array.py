"""Arrays from and to other libraries."""

import gc

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float16", "float32", "float64", "complex64", "complex128"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_numpy_shares_the_bytes(name):
    x = np.arange(24).reshape(2, 3, 4).astype(name)
    a = ct.asarray(x)
    assert (a.shape, a.ndim, a.size, a.dtype.name) == ((2, 3, 4), 3, 24, name)
    back = np.asarray(a)
    assert np.shares_memory(back, x)
    np.testing.assert_array_equal(back, x)
    np.testing.assert_array_equal(np.from_dlpack(a), x)


def test_views_share_too():
    x = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    for view in (x[::-1], x[:, ::2], x.T, x[1:2, ::-2, 3:0:-1], x[..., :0], x[0, 0, 0]):
        a = ct.asarray(np.asarray(view))
        back = np.asarray(a)
        np.testing.assert_array_equal(back, view)
        if view.size > 1:
            assert np.shares_memory(back, x)


def test_bytes_live_as_long_as_someone_has_them():
    a = ct.asarray(np.full(100_000, 7.0))
    gc.collect()
    view = a[::2]
    seen = np.asarray(view)
    del a, view
    gc.collect()
    assert seen.sum() == 350_000


def test_python_numbers():
    assert ct.asarray([1, 2]).dtype == ct.int64
    assert ct.asarray([1.5]).dtype == ct.float32
    assert ct.asarray([True]).dtype == ct.bool
    assert ct.asarray([1j]).dtype == ct.complex64
    assert ct.asarray(3).shape == ()
    assert ct.asarray([]).shape == (0,)
    assert ct.asarray([1, 2], dtype=ct.uint8).dtype == ct.uint8
    assert ct.asarray(np.float64(1.5)).dtype == ct.float64
    with pytest.raises(ValueError, match="are copied"):
        ct.asarray([1, 2], copy=False)


def test_copies():
    x = np.zeros(3)
    assert not np.shares_memory(np.asarray(ct.asarray(x, copy=True)), x)
    assert not np.shares_memory(np.asarray(ct.asarray(x), copy=True), x)
    assert not np.shares_memory(np.from_dlpack(ct.asarray(x), copy=True), x)
    with pytest.raises(ValueError, match="float64 as float32 is a copy"):
        ct.asarray(x, dtype=ct.float32, copy=False)
    a = ct.zeros(3)
    assert ct.astype(a, ct.float32, copy=False) is a


def test_scalars():
    assert float(ct.asarray(1.5)) == 1.5
    assert int(ct.asarray([[7]])) == 7
    assert complex(ct.asarray(1 + 2j)) == 1 + 2j
    assert bool(ct.asarray([0.0])) is False
    assert int(ct.asarray(np.array(2**64 - 1, np.uint64))) == 2**64 - 1
    assert [10, 20, 30][ct.asarray(1)] == 20
    for call in (float, bool, int):
        with pytest.raises(
            cnengine.errors.ShapeError, match=r": expected an array of one .* int64\[2\]"
        ):
            call(ct.asarray([1, 2]))
    with pytest.raises(TypeError):
        [1][ct.asarray(0.0)]


def test_what_cannot_be_taken():
    with pytest.raises(cnengine.errors.ShapeError, match="at most 16 axes, got 17"):
        ct.asarray(np.zeros([1] * 17))
    with pytest.raises(Exception, match=r"datetime|DLPack|dlpack|supported"):
        ct.asarray(np.array(["2020"], dtype="datetime64[s]"))
    with pytest.raises(TypeError):
        ct.from_dlpack([1, 2])
    with pytest.raises(cnengine.errors.ShapeError, match="larger than memory"):
        ct.zeros((2**40, 2**40))
    with pytest.raises(cnengine.errors.ShapeError, match="at least 0"):
        ct.zeros((-1,))


def test_it_names_its_namespace():
    assert ct.zeros(1).__array_namespace__() is ct
    assert repr(ct.asarray([[1, 2]])) == "Array([[1, 2]], dtype=int64)"


def test_what_is_contained():
    """As in NumPy: whether any element is equal, after broadcasting."""
    x = ct.asarray([[1, 2], [3, 4]])
    assert 3 in x
    assert 5 not in x
    assert 3.0 in x
    assert "text" not in x
    assert ct.asarray([1, 9]) in x
    assert ct.asarray([2, 1]) not in x
    assert 1 not in ct.zeros((0, 2))
    assert float("nan") not in ct.asarray([float("nan")])
    assert cn.grad(lambda v: ct.sum(v * v) if 2.0 in v else v[0])(ct.asarray([2.0])).tolist() == [4]
    with pytest.raises(cnengine.errors.TracedError, match="inside jit"):
        cn.jit(lambda v: 3 in v)(x)
