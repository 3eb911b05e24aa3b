"""What arrays of NumPy and torch do as objects: methods, conversions, copies, pickles."""

import copy
import math
import pickle
import re
from operator import attrgetter

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import errors, nn
from cnengine.tensor.peer_names import (
    ARRAY_NAMES,
    LINALG_NAMES,
    NN_NAMES,
    RANDOM_NAMES,
    TENSOR_NAMES,
)

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "std", "var", "max", "min", "argmax",
                                  "argmin", "argsort"])  # fmt: skip
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_reductions(name, axis):
    if name == "argsort" and axis is None:
        axis = -1
    got = getattr(ct.asarray(X), name)(axis)
    np.testing.assert_allclose(np.asarray(got), getattr(X, name)(axis), rtol=1e-5)


def test_shapes():
    x = ct.asarray(X)
    assert x.reshape(2, 6).shape == x.reshape((2, 6)).shape == (2, 6)
    assert x.transpose().shape == x.transpose(1, 0).shape == x.transpose((1, 0)).shape == (4, 3)
    assert x.reshape(1, 12, 1).squeeze().shape == x.flatten().shape == x.ravel().shape == (12,)
    assert (x.nbytes, x.itemsize) == (48, 4)
    np.testing.assert_array_equal(x.numpy(), X)
    assert x.tolist() == X.tolist()
    assert x.item(1, 2) == X[1, 2].item()
    assert ct.asarray([[5]]).item() == 5
    with pytest.raises(errors.ArgumentError, match="item: expected one element, got the shape"):
        x.item()
    assert x.astype("int32").dtype == x.astype(np.int32).dtype == ct.int32
    np.testing.assert_array_equal(np.asarray(x.clip(0, 1)), X.clip(0, 1))


def test_numbers_of_python():
    x = ct.asarray(2.5)
    assert f"{x:.3f}" == "2.500"
    assert f"{ct.asarray([1])}" == "Array([1], dtype=int64)"
    assert round(ct.asarray(2.567, dtype=ct.float64), 2) == 2.57
    for use in (list, len):
        with pytest.raises(errors.TypeError, match="expected"):
            use(x)
    assert [float(row[0]) for row in ct.asarray([[1.0], [2.0]])] == [1.0, 2.0]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "bfloat16", "complex64"])
def test_pickles_and_copies(dtype):
    x = ct.asarray([[0, 1], [2, 3]], dtype=dtype)
    for back in (pickle.loads(pickle.dumps(x)), copy.copy(x), copy.deepcopy({"x": x})["x"]):
        assert back.dtype == x.dtype
        assert bool(ct.all(back == x))
    assert pickle.loads(pickle.dumps(x.dtype)) == x.dtype
    other = copy.copy(x)
    other[0, 0] = True
    assert not bool(x[0, 0])


def test_types_by_name():
    for given in ("float64", np.float64, np.dtype("f8"), ct.float64):
        assert ct.zeros(2, dtype=given).dtype == ct.asarray([1], dtype=given).dtype == ct.float64
    assert ct.zeros(1, dtype=float).dtype == ct.float32
    assert ct.zeros(1, dtype=int).dtype == ct.int64
    with pytest.raises(TypeError):
        ct.zeros(1, dtype="text")


def test_functions_take_what_asarray_takes():
    assert float(ct.sqrt(4.0)) == 2
    np.testing.assert_allclose(np.asarray(ct.sin([1.0, 2.0])), np.sin([1, 2]), rtol=1e-6)
    np.testing.assert_array_equal(np.asarray(ct.concat([ct.ones(1), np.zeros(1, "f4")])), [1, 0])
    np.testing.assert_array_equal(np.asarray(ct.stack([1.0, 2.0])), [1, 2])
    assert ct.zeros_like(np.ones(3)).dtype == ct.float64
    chosen = ct.where(np.array([True, False]), ct.ones(2), ct.zeros(2))
    np.testing.assert_array_equal(np.asarray(chosen), [1, 0])
    with pytest.raises(errors.TypeError, match="asarray: expected numbers or an array, got list"):
        ct.asarray(["a"])


def test_mixed_types():
    i, f = ct.arange(3), ct.asarray([0.5, 1.5, 2.5])
    for got, expected in ((i / 2, [0, 0.5, 1]), (ct.sqrt(i * i), [0, 1, 2]), (f * (f > 1), [0, 1.5, 2.5]),
                          (i + f, [0.5, 2.5, 4.5])):  # fmt: skip
        assert got.dtype == ct.float32
        np.testing.assert_array_equal(np.asarray(got), expected)
    assert int(ct.sum(f > 1)) == 2
    assert ct.cumulative_sum(f > 1).tolist() == [0, 1, 2]
    with pytest.raises(errors.ArgumentError, match="pow: integers have no negative powers"):
        i**-1
    with pytest.raises(OverflowError, match="asarray: 300 is out of range for uint8"):
        ct.asarray([1, 300], dtype=ct.uint8)
    with pytest.raises(OverflowError, match="is out of range for int64"):
        ct.asarray([2**64 - 1], dtype=ct.int64)


def test_what_leaves_a_derivative_is_told():
    for f in (lambda x: math.sin(x), lambda x: float(x * x)):
        with pytest.raises(errors.ArgumentError, match="grad: expected an array that depends on"):
            cn.grad(f)(ct.asarray(1.0))
    assert float(cn.grad(lambda s: ct.sum(ct.linspace(0, s, 3)))(ct.asarray(2.0))) == 1.5


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "std", "var", "max", "min", "all", "any"])
def test_functions_of_numpy_call_methods(name):
    values = np.asarray([[1.0, 2.0], [3.0, 5.0]], dtype=np.float32)
    function = getattr(np, name)
    for options in ({}, {"axis": 0}, {"axis": 1, "keepdims": True}):
        got = function(ct.asarray(values), **options)
        assert isinstance(got, ct.Array)
        np.testing.assert_allclose(np.asarray(got), function(values, **options), rtol=1e-6)


def test_options_of_numpys_reductions():
    values = np.asarray([1.0, 2.0, 4.0], dtype=np.float32)
    x = ct.asarray(values)
    assert float(np.std(x, ddof=1)) == pytest.approx(float(np.std(values, ddof=1)), rel=1e-6)
    assert np.mean(ct.arange(3), dtype="float64").dtype == ct.float64
    assert np.sum(x, dtype=np.float64).dtype == ct.float64
    with pytest.raises(errors.ArgumentError, match="never change"):
        np.sum(x, out=np.zeros(()))
    with pytest.raises(TypeError, match=r"Array\.flatten\(\) takes"):
        x.flatten(1)


def test_names_that_others_have_are_told():
    with pytest.raises(AttributeError, match="called concat here"):
        _ = ct.concatenate
    with pytest.raises(AttributeError, match=r"in cnengine\.nn"):
        _ = ct.relu
    assert not hasattr(ct, "no_such_name")
    with pytest.raises(AttributeError, match="called Linear here"):
        _ = nn.Dense
    for space, names in ((ct, TENSOR_NAMES), (ct.linalg, LINALG_NAMES), (nn, NN_NAMES),
                         (ct.random, RANDOM_NAMES)):  # fmt: skip
        for name, here in names.items():
            assert not hasattr(space, name), name
            where, words = (nn, name) if here.startswith("in ") else (space, here)
            for each in words.split(" or "):
                roots = {"x": ct.Array, "cnengine": cn}
                root, _, rest = each.partition(".")
                at, path = (roots[root], rest) if root in roots else (where, each)
                assert each == "x[mask]" or attrgetter(re.split(r"[(\[]", path)[0])(at), name


def test_methods_that_others_have_are_told():
    x = ct.ones((2, 2))
    for name, words in ARRAY_NAMES.items():
        assert not hasattr(x, name)
        assert name not in dir(x)
        with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
            getattr(x, name)
        for each in re.findall(r"\bx\.(\w+)", words):
            assert hasattr(x, each)
        for each in re.findall(r"cnengine\.((?:\w+\.)*\w+)", words):
            assert attrgetter(each)(cn)
    with pytest.raises(
        AttributeError, match=r"detach'; cnengine\.tensor\.stop_gradient\(x\) is it"
    ):
        x.detach()


def test_methods_of_numpy():
    x, values = ct.asarray(X), X
    for name, args in (("cumsum", ()), ("cumsum", (1,)), ("cumprod", (0,)), ("dot", (values.T,)),
                       ("repeat", (2,)), ("repeat", (2, 1)), ("round", ()), ("round", (1,)),
                       ("swapaxes", (0, 1)), ("take", ([3, -1],)), ("take", ([1], 1)),
                       ("conj", ()), ("copy", ())):  # fmt: skip
        got = getattr(x, name)(*args)
        np.testing.assert_allclose(np.asarray(got), getattr(values, name)(*args), rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(round(x, 1)), values.round(1))
    np.testing.assert_array_equal(np.asarray((x + 1j).imag), 1)
    np.testing.assert_array_equal(np.asarray(x.real), values)
    np.testing.assert_array_equal(np.asarray((x > 0).nonzero()[0]), (values > 0).nonzero()[0])


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: ct.sum(ct.ones(2), dim=0), "'dim'; it is called 'axis' here"),
        (lambda: ct.std(ct.ones(2), ddof=1), "'ddof'; it is called 'correction' here"),
        (lambda: ct.max(ct.ones(2), keepdim=True), "'keepdim'; it is called 'keepdims' here"),
        (lambda: nn.CSVLogger(filename="x"), "CSVLogger.* 'filename'; it is called 'path' here"),
        (lambda: nn.ModelCheckpoint(filepath="x"), "'filepath'; it is called 'path' here"),
    ],
)
def test_options_that_others_have_are_told(use, says):
    with pytest.raises(TypeError, match=says):
        use()


def test_squeeze_without_axes():
    x = ct.ones((1, 3, 1))
    assert ct.squeeze(x).shape == x.squeeze().shape == (3,)


def test_divmod():
    x = ct.asarray([5.0, -7.0])
    for got, expected in zip(divmod(x, 3) + divmod(20, x), divmod(np.asarray(x), 3)
                             + divmod(20, np.asarray(x)), strict=True):  # fmt: skip
        np.testing.assert_array_equal(np.asarray(got), expected)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="asks for it since 2.4")
@pytest.mark.parametrize("name", ["bool", "int8", "uint64", "float16", "float64", "complex64"])
def test_types_are_taken_by_numpy(name):
    assert np.dtype(getattr(ct, name)) == np.dtype(name)
    assert np.zeros(2, dtype=ct.asarray([1], dtype=name).dtype).dtype == np.dtype(name)


def test_types_are_compared_as_numpys():
    for kind in (ct.float32, ct.bool, ct.int64, ct.complex128):
        same = np.dtype(kind.name)
        assert all(kind == each for each in (kind.name, same, same.type))
        assert not any(kind == each for each in ("float16", np.float16, np.dtype("float16")))
    others = (None, float, 1, "x", np.floating, np.ndarray, np.dtype(">f4"), np.zeros(2), [])
    assert not any(ct.float32 == each for each in others)
    assert ct.bfloat16 != np.dtype("float32")
    assert ct.float32 in [np.float64, np.float32]
