"""Numbers and arrays of NumPy beside ours: results are ours, whoever stands first."""

import operator

import cnengine.tensor as ct
import numpy as np
import pytest

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
    with pytest.raises(ct.array.TypeError, match=r"add: expected arrays or Python's numbers, got"):
        ct.add(x, "text")


def test_inside_transformations():
    scale = np.float32(3)

    def f(x):
        return ct.sum(scale * x * np.asarray([1.0, 2.0], dtype=np.float32))

    x = ct.asarray([1.0, 1.0])
    for grad in (ct.grad(f), ct.jit(ct.grad(f))):
        np.testing.assert_array_equal(np.asarray(grad(x)), [3.0, 6.0])
