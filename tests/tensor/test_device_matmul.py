"""Products of matrices on a CUDA device by cuBLASLt: on a real one, and on what the CPU plays (fake_cublas.cpp).

float16 and bfloat16 are added up in float32 and rounded once, as on the CPU: within one unit of theirs.
"""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine._core import tensor as core
from cnengine.errors import DeviceError, ShapeError
from device_cases import array, check, on_gpu, to_numpy

RTOL = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 1e-6, "float64": 1e-14, "complex64": 1e-6,
        "complex128": 1e-14}  # fmt: skip


def of(dtype, *shape, seed=0):
    if "complex" in dtype:
        return ct.astype(array(*shape, seed=seed), getattr(ct, dtype)) * (1 + 2j)
    return array(*shape, dtype=getattr(ct, dtype), seed=seed)


def transposed(x):
    return ct.permute_dims(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


@pytest.fixture
def counted(device):
    if device is None:
        pytest.skip("what the library is asked for is seen of the fake alone")
    device.reset()
    return device


@pytest.mark.parametrize("dtype", RTOL)
def test_types(device, dtype):
    a, b = of(dtype, 5, 8), of(dtype, 8, 3, seed=1)
    check(ct.matmul, a, b, rtol=RTOL[dtype])
    check(lambda a, b: transposed(b) @ transposed(a), a, b, rtol=RTOL[dtype])
    check(lambda a, b: ct.permute_dims(a @ b, (1, 0)) @ a, a, b, rtol=2 * RTOL[dtype])


# What is multiplied, the launches of copies, and the products.
CASES = {
    "rows": (lambda x: (x(6, 8), x(8, 4)), 0, 1),
    "columns": (lambda x: (transposed(x(8, 6)), transposed(x(4, 8))), 0, 1),
    "parts": (lambda x: (x(6, 11)[:, 1:9], transposed(x(4, 11)[:, 2:10])), 0, 1),
    "every second row": (lambda x: (x(12, 8)[::2], x(16, 4)[::2]), 0, 1),
    "every second column": (lambda x: (x(6, 16)[:, ::2], x(8, 4)), 1, 1),
    "backwards": (lambda x: (x(6, 8)[::-1], x(8, 4)[:, ::-1]), 2, 1),
    "one row, one column": (lambda x: (x(1, 8), x(8, 1)), 0, 1),
    "one product": (lambda x: (x(6, 1), x(1, 4)), 0, 1),
    "vectors": (lambda x: (x(8), x(8)), 0, 1),
    "a column of a matrix": (lambda x: (x(6, 8), x(8, 4)[:, 1]), 0, 1),
    "one matrix repeated": (lambda x: (x(3, 6, 8), x(8, 4)), 0, 1),
    "its transpose": (lambda x: (x(3, 6, 8), transposed(x(4, 8))), 0, 1),
    "rows of a batch across": (lambda x: (ct.permute_dims(x(6, 3, 8), (1, 0, 2)), x(8, 4)), 0, 1),
    "a matrix for each": (lambda x: (x(3, 6, 8), x(3, 8, 4)), 0, 1),
    "each of two for one": (lambda x: (x(6, 8), x(3, 8, 4)), 0, 1),
    "heads": (lambda x: (ct.permute_dims(x(2, 6, 3, 8), (0, 2, 1, 3)),
                         ct.permute_dims(x(2, 5, 3, 8), (0, 2, 3, 1))), 0, 2),
    "both repeated": (lambda x: (x(5, 1, 6, 8), x(3, 8, 4)), 0, 3),
    "many calls": (lambda x: (x(20, 1, 2, 3), x(1, 21, 3, 2)), 2, 1),
    "a repeated row": (lambda x: (ct.broadcast_to(x(1, 8), (6, 8)), x(8, 4)), 1, 1),
    "nothing": (lambda x: (x(0, 8), x(8, 4)), 0, 0),
    "no products": (lambda x: (x(6, 0), x(0, 4)), 0, 0),
    "no batch": (lambda x: (x(0, 6, 8), x(8, 4)), 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_layouts(counted, name):
    make, copies, products = CASES[name]

    def views(on):
        seeds = iter(range(9))
        return make(lambda *shape: on(array(*shape, seed=next(seeds))))

    a, b = views(on_gpu)
    counted.reset()
    got = a @ b
    assert (counted.launches, counted.products) == (copies, products)
    x, y = (np.asarray(each).astype(np.float64) for each in views(lambda x: x))
    np.testing.assert_allclose(
        to_numpy(got), x @ y, rtol=1e-6, atol=1e-6 * np.abs(x @ y).max(initial=0)
    )


def test_an_algorithm_is_chosen_once(counted):
    a, b = on_gpu((array(6, 8), array(8, 5)))
    for _ in range(3):
        a @ b
    assert (counted.products, counted.choices) == (3, 1)
    (a * 2.0) @ b  # another place
    assert (counted.products, counted.choices) == (4, 1)
    # Rows that begin elsewhere are less aligned, which takes another one.
    on_gpu(array(6, 9))[:, 1:] @ b
    assert (counted.products, counted.choices) == (5, 2)


def test_int8(counted):
    rng = np.random.default_rng(0)
    a, b = (ct.asarray(rng.integers(-128, 128, (16, 16)).astype(np.int8)) for _ in range(2))
    check(ct.matmul_int8, a, transposed(b))
    check(lambda a, b: ct.matmul_int8(a[:, 4:12], transposed(b[:, :8])), a, b)
    check(lambda a, b: transposed(a) @ b[:, :8], a, b)  # of which bytes are copied
    assert counted.products == 3
    check(ct.matmul_int8, a[:3, :5], b[:5, :3])  # what the library does not take
    assert counted.products == 3
    with pytest.raises(TypeError, match="matmul_int8: expected arrays of int8"):
        ct.matmul_int8(on_gpu(a), on_gpu(array(16, 16)))


def test_other_types_have_a_kernel(counted):
    check(
        ct.matmul,
        ct.asarray([[1, 2], [3, 4]], dtype=ct.int32),
        ct.asarray([[5], [6]], dtype=ct.int32),
    )
    assert counted.products == 0


def test_tf32(counted):
    a, b = array(4, 8), array(8, 4, seed=1)
    x, y = (np.asarray(each).astype(np.float64) for each in (a, b))
    errors = []
    for on in (False, True, False):
        assert not cn.tensor.cuda.allow_tf32(on)
        got = to_numpy(on_gpu(a) @ on_gpu(b))
        cn.tensor.cuda.allow_tf32(False)
        errors.append(np.abs(got - x @ y).max() / np.abs(x @ y).max())
    assert errors[0] == errors[2] < 1e-6 < 1e-5 < errors[1] < 1e-3


def test_derivatives(device):
    def loss(w, x):
        return ct.sum(ct.square(x @ w))

    check(cn.grad(loss, argnums=(0, 1)), array(8, 4), array(3, 5, 8), rtol=2e-6)
    check(lambda a, b: cn.jvp(ct.matmul, (a, b), (b.T, a.T)), array(5, 8), array(8, 5), rtol=2e-6)
    check(cn.vmap(ct.matmul, in_axes=(0, None)), array(3, 5, 8), array(8, 4), rtol=1e-6)
    check(cn.vmap(ct.matmul, in_axes=(2, 1)), array(5, 8, 3), array(8, 3, 4), rtol=1e-6)


def test_errors(counted):
    a, b = on_gpu((array(2, 3), array(3, 4)))
    with pytest.raises(ShapeError, match="matmul: expected as many columns as rows"):
        b @ a
    counted.library.fake_cublas_fail(13)
    with pytest.raises(DeviceError, match=r"matmul: cuBLASLt gives CUBLAS_STATUS_EXECUTION_FAILED \(13\) "
                       r"to multiply, for float32\[2, 3\] and float32\[3, 4\]"):  # fmt: skip
        a @ b
    counted.library.fake_cublas_fail(13)
    with pytest.raises(DeviceError, match=r"for 5 products of float64\[2, 3\] and float64\[3, 4\]"):
        ct.astype(on_gpu(array(5, 2, 3)), ct.float64) @ ct.astype(
            on_gpu(array(5, 3, 4)), ct.float64
        )
    np.testing.assert_allclose(to_numpy(a @ b), to_numpy(a) @ to_numpy(b), rtol=1e-5)
    # What the device turns out not to support is computed by a kernel.
    c = on_gpu(array(3, 5))
    counted.library.fake_cublas_fail(15)
    counted.reset()
    np.testing.assert_allclose(to_numpy(a @ c), to_numpy(a) @ to_numpy(c), rtol=1e-5)
    assert (counted.products, counted.launches) == (0, 1)


def test_without_the_library(counted):
    a, b = array(2, 3), array(3, 5)
    core.set_cublas_folders(["/nowhere"])
    try:
        if core.cublas_version():
            pytest.skip("the system has one")
        check(ct.matmul, a, b, rtol=1e-6)
        assert counted.products == 0
    finally:
        core.set_cublas_folders([str(counted.folder)])
    assert core.cublas_version() == "13.0.1"
