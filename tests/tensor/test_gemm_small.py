"""Products of small matrices, in batches, against NumPy's in float64."""

import cnengine.tensor as ct
import numpy as np
import pytest

SHAPES = [(1, 1, 1), (2, 3, 4), (3, 3, 3), (4, 1, 5), (5, 7, 1), (1, 9, 6), (10, 10, 10), (7, 8, 17),
          (16, 16, 16), (32, 4, 32), (5, 31, 9), (33, 2, 2), (2, 33, 3), (3, 2, 33)]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_batches(shape, dtype):
    """However they lie; of k products the error is at most k + 1 units of their sizes."""
    rows, depth, columns = shape
    rng = np.random.default_rng(0)
    a = rng.normal(size=(6, rows, depth)).astype(dtype)
    b = rng.normal(size=(6, depth, columns)).astype(dtype)
    wide = np.float64 if dtype == "float32" else np.longdouble

    def check(x, y):
        got = np.asarray(ct.matmul(ct.asarray(x), ct.asarray(y)))
        exact = x.astype(wide) @ y.astype(wide)
        bound = (
            (depth + 1) * np.finfo(dtype).eps * (np.abs(x).astype(wide) @ np.abs(y).astype(wide))
        )
        assert got.shape == exact.shape
        assert np.all(np.abs(got - exact) <= bound)

    check(a, b)
    check(a[0], b[0])
    check(a, b[:1])
    check(a[::-1, ::-1], b[:, :, ::-1])
    turned = np.ascontiguousarray(a.transpose(0, 2, 1)).transpose(0, 2, 1)
    check(turned, np.asfortranarray(b))
    check(turned, np.ascontiguousarray(b.transpose(0, 2, 1)).transpose(0, 2, 1))
    check(np.repeat(a, 2, axis=2)[:, :, ::2], np.repeat(b, 3, axis=2)[:, :, ::3])


def test_what_is_not_finite():
    a = np.full((2, 3, 3), 1.0, np.float32)
    a[0, 0, 0], a[1, 2, 2] = np.inf, np.nan
    b = np.zeros((2, 3, 3), np.float32)
    np.testing.assert_array_equal(np.asarray(ct.asarray(a) @ ct.asarray(b)), a @ b)
