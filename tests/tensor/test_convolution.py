"""Convolutions against SciPy, their arguments and their derivatives."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
import scipy.signal
from test_derivative import check

F64 = {"dtype": ct.float64}


def rand(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_agrees_with_scipy():
    x, w = rand(2, 3, 9, 8), rand(4, 3, 3, 2, seed=1)
    got = np.asarray(ct.conv(ct.asarray(x), ct.asarray(w)))
    want = [[sum(scipy.signal.correlate2d(image[c], kernel[c], mode="valid") for c in range(3))
             for kernel in w] for image in x]  # fmt: skip
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("reach", [1, 2, 5])
@pytest.mark.parametrize("extent", [1, 6, 7])
def test_same_padding_keeps_places(extent, reach, stride):
    x, w = ct.ones((1, 1, extent)), ct.ones((1, 1, reach))
    assert ct.conv(x, w, stride=stride, padding="same").shape[2] == -(-extent // stride)


def test_paddings():
    x, w = ct.asarray(rand(1, 1, 5, 5)), ct.asarray(rand(1, 1, 3, 3, seed=1))
    wide = np.asarray(ct.conv(x, w, padding=2))
    for padding, cut in [(((2, 2), (2, 2)), np.s_[:, :]), ((2, 0), np.s_[:, 2:-2]),
                         (((0, 2), 1), np.s_[2:, 1:-1]), ("same", np.s_[1:-1, 1:-1]),
                         ("valid", np.s_[2:-2, 2:-2]), (((-1, 0), 0), np.s_[3:-2, 2:-2])]:  # fmt: skip
        got = np.asarray(ct.conv(x, w, padding=padding))
        np.testing.assert_allclose(got[0, 0], wide[0, 0][cut], rtol=1e-13, err_msg=str(padding))


def test_transposed_convolution_is_the_transpose():
    x, w = rand(2, 4, 5, 6), rand(4, 3, 3, 2, seed=1)
    options = {"stride": (2, 3), "padding": (1, 0), "groups": 2}
    y = ct.conv_transpose(ct.asarray(x), ct.asarray(w), output_padding=(1, 2), **options)
    assert y.shape == (2, 6, 10, 19)
    image = rand(*y.shape, seed=2)
    back = np.asarray(ct.conv(ct.asarray(image), ct.asarray(w), **options))
    np.testing.assert_allclose(np.sum(np.asarray(y) * image), np.sum(back * x), rtol=1e-12)
    with pytest.raises(cn.errors.ArgumentError, match="output_padding"):
        ct.conv_transpose(ct.asarray(x), ct.asarray(w), output_padding=3, **options)


CASES = [
    ((2, 3, 7), (4, 3, 3), {}),
    ((2, 4, 6, 5), (6, 2, 3, 2), {"stride": (2, 1), "padding": (1, 2), "groups": 2}),
    ((2, 2, 4, 3), (3, 2, 3, 3), {"input_dilation": (2, 3), "padding": 2}),
    ((1, 3, 6, 6), (3, 1, 3, 3), {"groups": 3, "padding": "same", "dilation": 2}),
    ((1, 2, 3, 4, 3), (2, 2, 2, 2, 2), {"stride": (1, 2, 1)}),
]


@pytest.mark.parametrize(("shape", "kernel", "options"), CASES)
def test_derivatives(shape, kernel, options):
    x, w = rand(*shape), rand(*kernel, seed=1)
    check(lambda v: ct.conv(v, ct.asarray(w), **options), x)
    check(lambda v: ct.conv(ct.asarray(x), v, **options), w)


@pytest.mark.parametrize(("shape", "kernel", "options"), CASES[:4])
def test_second_derivatives(shape, kernel, options):
    """Of the gradient by each input, which are the other two operations."""
    x, w = rand(*shape), rand(*kernel, seed=1)

    def energy(v, k):
        return ct.sum(ct.sin(ct.conv(v, k, **options)))

    check(lambda v: cn.grad(energy)(v, ct.asarray(w)), x, rtol=2e-5, atol=2e-6)
    check(lambda v: cn.grad(energy)(ct.asarray(x), v), w, rtol=2e-5, atol=2e-6)
    check(lambda v: cn.grad(energy, argnums=1)(v, ct.asarray(w)), x, rtol=2e-5, atol=2e-6)
    check(lambda v: cn.grad(energy, argnums=1)(ct.asarray(x), v), w, rtol=2e-5, atol=2e-6)


def test_batches_of_images_and_of_weights():
    x, w = ct.asarray(rand(5, 2, 4, 6)), ct.asarray(rand(5, 6, 2, 3, seed=1))
    options = {"groups": 2, "padding": 1}
    for axes in [(0, None), (None, 0), (0, 0)]:
        got = cn.vmap(lambda v, k: ct.conv(v, k, **options), in_axes=axes)(
            x if axes[0] == 0 else x[0], w if axes[1] == 0 else w[0]
        )
        want = [np.asarray(ct.conv(x[i if axes[0] == 0 else 0], w[i if axes[1] == 0 else 0],
                                   **options)) for i in range(5)]  # fmt: skip
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-12, atol=1e-13)


def test_errors():
    x, w = ct.ones((1, 2, 5)), ct.ones((3, 2, 3))
    with pytest.raises(cn.errors.ArgumentError, match="padding"):
        ct.conv(x, w, padding="full")
    with pytest.raises(cn.errors.ArgumentError, match="strides of 1 spatial axes"):
        ct.conv(x, w, stride=(1, 1))
    with pytest.raises(cn.errors.ShapeError, match="channels of 1 groups"):
        ct.conv(x, ct.ones((3, 3, 3)))
    with pytest.raises(cn.errors.ShapeError):
        ct.conv(ct.ones((5,)), w)
    with pytest.raises(cn.errors.TypeError):
        ct.conv(x, ct.ones((3, 2, 3), dtype=ct.float64))
