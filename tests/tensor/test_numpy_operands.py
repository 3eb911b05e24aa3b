"""Numbers and arrays of NumPy beside ours: results are ours, whoever stands first."""

import operator

import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.lt,
             operator.ge, operator.eq, operator.ne]  # fmt: skip


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("number", [np.float32(2.5), np.float64(2.5), np.int64(2), np.uint8(2),
                                    np.float16(2.5), np.bool_(True)])  # fmt: skip
def test_numbers_count_as_those_of_python(op, number):
    a = np.asarray([1.0, 2.0, 3.0], dtype=np.float32)
    x = ct.asarray(a)
    for got, expected in ((op(x, number), op(a, number.item())),
                          (op(number, x), op(number.item(), a))):  # fmt: skip
        assert isinstance(got, ct.Array)
        assert str(np.asarray(got).dtype) == str(expected.dtype)
        np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-6)


@pytest.mark.parametrize("op", OPERATORS[:4])
def test_arrays(op):
    a, b = np.asarray([1.0, 2.0], dtype=np.float32), np.asarray([[3.0], [4.0]])
    x = ct.asarray(a)
    for got, expected in ((op(x, b), op(a, b)), (op(b, x), op(b, a))):
        assert isinstance(got, ct.Array)
        assert got.dtype == ct.float64
        np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-15)


def test_products_of_matrices():
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    for got in (ct.asarray(a) @ a.T, a @ ct.asarray(a.T)):
        assert isinstance(got, ct.Array)
        np.testing.assert_array_equal(np.asarray(got), a @ a.T)


def test_functions():
    x = ct.asarray([1.0, -2.0])
    assert ct.add(x, np.float32(1)).dtype == ct.float32
    np.testing.assert_array_equal(np.asarray(ct.where(x > 0, np.float32(5), x)), [5, -2])
    np.testing.assert_array_equal(np.asarray(ct.clip(x, np.int64(0), np.int64(1))), [1, 0])
    assert ct.zeros(np.int64(3)).shape == (3,)
    assert ct.sum(ct.ones((2, 3)), axis=np.int64(1)).shape == (2,)
    with pytest.raises(
        cnengine.errors.TypeError, match=r"add: expected arrays or Python's numbers, got"
    ):
        ct.add(x, "text")


def test_inside_transformations():
    scale = np.float32(3)

    def f(x):
        return ct.sum(scale * x * np.asarray([1.0, 2.0], dtype=np.float32))

    x = ct.asarray([1.0, 1.0])
    for grad in (ct.grad(f), ct.jit(ct.grad(f))):
        np.testing.assert_array_equal(np.asarray(grad(x)), [3.0, 6.0])


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
def test_whole_numbers_of_numpy_are_numbers(kind):
    two, three = kind(2), kind(3)
    x = ct.reshape(ct.arange(24), (4, 6))
    key = ct.random.key(kind(1))
    for got, expected in ((key, ct.random.key(1)),
                          (ct.roll(x, three), ct.roll(x, 3)),
                          (ct.roll(x, two, axis=kind(1)), ct.roll(x, 2, axis=1)),
                          (ct.split(x, two)[1], x[2:]),
                          (ct.moveaxis(x, kind(1), kind(0)), x.T),
                          (ct.histogram(x, two)[0], ct.histogram(x, 2)[0]),
                          (ct.random.randint(key, (9,), two, three), ct.full(9, 2)),
                          (ct.random.choice(key, three, (9,)), ct.random.choice(key, 3, (9,))),
                          (ct.random.choice(key, np.asarray([7, 7]), (2,)), ct.asarray([7, 7])),
                          (ct.jit(lambda x, n: x[:n], static_argnums=kind(1))(x, 2), x[:2]),
                          (ct.grad(lambda a, b: ct.sum(a * b), argnums=kind(1))(2.0, 1.0),
                           ct.asarray(2.0))):  # fmt: skip
        np.testing.assert_array_equal(np.asarray(got), np.asarray(expected))
    image = ct.ones((1, 2, 6, 6))
    assert nn.Conv2d(two, three, three, padding=kind(1))(image).shape == (1, 3, 6, 6)
    assert nn.MaxPool2d(two)(image).shape == nn.AdaptiveAvgPool2d(three)(image).shape
    assert nn.LayerNorm(kind(6))(image).shape == nn.ZeroPad2d(kind(0))(image).shape


@pytest.mark.parametrize("array", [np.asarray, ct.asarray])
def test_arrays_are_shapes_and_axes(array):
    assert ct.zeros(array([2, 3])).shape == ct.reshape(ct.zeros(6), array([2, 3])).shape == (2, 3)
    assert ct.zeros(array(4)).shape == (4,)
    assert float(ct.sum(ct.ones((2, 3)), axis=array([0, 1]))) == 6.0


def test_ranges_have_types_by_name():
    for dtype in ("float64", np.int8, np.dtype("uint64"), float):
        assert ct.arange(3, dtype=dtype).dtype == ct.linspace(0, 2, 3, dtype=dtype).dtype
        assert ct.arange(3, dtype=dtype).dtype == ct.DType(dtype)


def test_complex_numbers_do_not_go_into_others():
    for values in ([1, 1j], [2**64, 1j], ct.asarray([1j]), np.asarray([1j])):
        with pytest.raises(TypeError, match=r"^asarray: complex.* does not go into float32$"):
            ct.asarray(values, dtype=ct.float32)
