"""Fourier transforms against NumPy's (pocketfft, in float64)."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from test_derivative import check

# Powers, mixed radices, primes with and without a stage, lines long enough for a matrix.
LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 19, 30, 31, 49, 60, 64, 97, 121, 127,
           128, 169, 210, 243, 256, 257, 360, 500, 509, 625, 720, 1000, 1024, 1155, 2003, 2048, 2187,
           4096, 5000, 6561, 8192, 10007, 15625, 16384, 30030]  # fmt: skip
TYPES = {"complex64": "float32", "complex128": "float64"}


def sample(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    if dtype.startswith("complex"):
        x = x + 1j * rng.normal(size=shape)
    return x.astype(dtype)


def close(got, expected, dtype, n):
    """Errors of transforms grow with log(n): 2 eps log2(2 n) of the largest element."""
    got = np.asarray(got)
    assert got.dtype == dtype
    assert got.shape == expected.shape
    eps = np.finfo(dtype).eps
    limit = 2 * eps * np.log2(2 * n) * max(np.abs(expected).max(initial=0), 1e-30)
    assert np.abs(got - expected).max(initial=0) <= limit


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", LENGTHS)
def test_complex_of_any_length(n, dtype):
    x = sample((3, n), dtype)
    wide = x.astype(np.complex128)
    close(ct.fft.fft(ct.asarray(x)), np.fft.fft(wide), dtype, n)
    close(ct.fft.ifft(ct.asarray(x)), np.fft.ifft(wide), dtype, n)
    one = ct.fft.fft(ct.asarray(x[0]), norm="ortho")
    close(one, np.fft.fft(wide[0], norm="ortho"), dtype, n)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", LENGTHS)
def test_real_of_any_length(n, dtype):
    real = TYPES[dtype]
    x = sample((3, n), real)
    close(ct.fft.rfft(ct.asarray(x)), np.fft.rfft(x.astype(np.float64)), dtype, n)
    half = sample((3, n // 2 + 1), dtype)
    expected = np.fft.irfft(half.astype(np.complex128), n=n)
    close(ct.fft.irfft(ct.asarray(half), n=n), expected, real, n)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(5, 12, 7), (40, 30, 33), (2, 17, 20), (1, 1, 1), (64, 3, 128)])
def test_other_axes(shape, dtype):
    x = sample(shape, dtype)
    wide = x.astype(np.complex128)
    for axis in range(3):
        n = shape[axis]
        close(ct.fft.fft(ct.asarray(x), axis=axis), np.fft.fft(wide, axis=axis), dtype, n)
        turned = ct.permute_dims(ct.asarray(x), (2, 0, 1))
        expected = np.fft.ifft(wide.transpose(2, 0, 1), axis=axis)
        close(ct.fft.ifft(turned, axis=axis), expected, dtype, expected.shape[axis])
        close(ct.fft.rfft(ct.real(ct.asarray(x)), axis=axis), np.fft.rfft(wide.real, axis=axis),
              dtype, n)  # fmt: skip
        close(ct.fft.irfft(ct.asarray(x), n=n, axis=axis), np.fft.irfft(wide, n=n, axis=axis),
              TYPES[dtype], n)  # fmt: skip


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
def test_all_functions_of_the_standard(norm):
    x = sample((6, 10, 9), "complex128")
    a, ours = ct.asarray(x), ct.fft
    for name in ("fft", "ifft", "irfft", "hfft"):
        for n in (None, 5, 9, 16):
            got = getattr(ours, name)(a, n=n, norm=norm)
            expected = getattr(np.fft, name)(x, n=n, norm=norm)
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    for name in ("rfft", "ihfft"):
        for n in (None, 5, 16):
            got = getattr(ours, name)(ct.real(a), n=n, axis=1, norm=norm)
            expected = getattr(np.fft, name)(x.real, n=n, axis=1, norm=norm)
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    for name in ("fftn", "ifftn", "irfftn"):
        for arguments in ({}, {"axes": (0, 2)}, {"axes": (2, 1), "s": (8, 12)}):
            got = getattr(ours, name)(a, norm=norm, **arguments)
            expected = getattr(np.fft, name)(x, norm=norm, **arguments)
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    got, expected = ours.rfftn(ct.real(a), norm=norm), np.fft.rfftn(x.real, norm=norm)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    for name in ("fft2", "ifft2", "irfft2"):
        got, expected = getattr(ours, name)(a, norm=norm), getattr(np.fft, name)(x, norm=norm)
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_helpers():
    for n in (1, 2, 7, 8):
        np.testing.assert_allclose(ct.fft.fftfreq(n, d=0.5), np.fft.fftfreq(n, 0.5))
        np.testing.assert_allclose(ct.fft.rfftfreq(n), np.fft.rfftfreq(n))
    x = np.arange(35.0).reshape(5, 7)
    for axes in (None, 0, (1,), (0, 1)):
        got = ct.fft.fftshift(ct.asarray(x), axes=axes)
        np.testing.assert_array_equal(got, np.fft.fftshift(x, axes))
        np.testing.assert_array_equal(ct.fft.ifftshift(got, axes=axes), x)


def test_empty_batches_and_other_types():
    assert ct.fft.fft(ct.zeros((0, 8))).shape == (0, 8)
    assert ct.fft.rfft(ct.zeros((3, 0, 8))).shape == (3, 0, 5)
    assert ct.fft.fft(ct.asarray([1, 2, 3])).dtype == ct.complex64
    assert ct.fft.rfft(ct.zeros(4, dtype=ct.float16)).dtype == ct.complex64


@pytest.mark.parametrize("n", [6, 7])
def test_derivatives(n):
    """Through real numbers: sums of squares with weights."""
    rng = np.random.default_rng(0)
    w = ct.asarray(rng.normal(size=n))

    def spectrum(x):
        y = ct.fft.fft(ct.astype(x, ct.complex128) * 1j)
        return ct.real(y) * w + ct.imag(y)

    check(spectrum, rng.normal(size=n))
    check(lambda x: ct.real(ct.fft.ifft(ct.fft.rfft(x))), rng.normal(size=n))
    check(lambda x: ct.imag(ct.fft.rfft(x, norm="ortho")), rng.normal(size=n))

    def back(x):
        return ct.fft.irfft(ct.astype(x, ct.complex128) * (1 + 2j), n=2 * n - 1)

    check(back, rng.normal(size=n))
    check(lambda x: ct.fft.irfft(ct.astype(x, ct.complex128) * (1 + 2j)), rng.normal(size=n))


def test_batches():
    x = ct.asarray(sample((4, 5, 6), "complex64"))
    by_row = np.stack([np.asarray(ct.fft.fft(x[i], axis=0)) for i in range(4)])
    np.testing.assert_allclose(cn.vmap(lambda v: ct.fft.fft(v, axis=0))(x), by_row, atol=1e-6)
    np.testing.assert_allclose(cn.jit(lambda v: ct.fft.fft(v, axis=1))(x),
                               ct.fft.fft(x, axis=1), atol=1e-6)  # fmt: skip


def test_wrong_use():
    with pytest.raises(cnengine.errors.ArgumentError, match="fft: no axis 2"):
        ct.fft.fft(ct.zeros((2, 3)), axis=2)
    with pytest.raises(cnengine.errors.ShapeError, match="fft: expected a length of at least 1"):
        ct.fft.fft(ct.zeros(3), n=0)
    with pytest.raises(cnengine.errors.ArgumentError, match='expected "backward", "ortho"'):
        ct.fft.fft(ct.zeros(3), norm="both")
    with pytest.raises(cnengine.errors.TypeError, match="rfft: expected real numbers"):
        ct.fft.rfft(ct.zeros(3, dtype=ct.complex64))
    with pytest.raises(cnengine.errors.ShapeError, match="fftn: 1 lengths for 2 axes"):
        ct.fft.fftn(ct.zeros((2, 3)), s=(2,), axes=(0, 1))
