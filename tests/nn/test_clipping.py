"""Clipping beside torch.nn.utils; 1e-6."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError


@pytest.mark.parametrize("bound", [0.5, 100.0])
def test_global_norm(torch, normal, bound):
    arrays = [normal(3, 4), normal(5)]
    theirs = [torch.zeros(each.shape, requires_grad=True) for each in arrays]
    for each, value in zip(theirs, arrays, strict=True):
        each.grad = torch.tensor(value)
    want = torch.nn.utils.clip_grad_norm_(theirs, bound)
    got, norm = ct.jit(lambda t: nn.clip_by_global_norm(t, bound))(
        [ct.asarray(each) for each in arrays]
    )
    assert float(norm) == pytest.approx(float(want), rel=1e-6)
    for a, b in zip(got, theirs, strict=True):
        np.testing.assert_allclose(np.asarray(a), b.grad.numpy(), rtol=1e-6)


def test_each_norm(normal):
    a, b = normal(10) * 10, normal(10) * 0.01
    first, second = nn.clip_by_norm([ct.asarray(a), ct.asarray(b)], 1.0)
    np.testing.assert_allclose(np.asarray(first), a / np.linalg.norm(a), rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(second), b)


def test_values(normal):
    x = normal(100) * 3
    np.testing.assert_array_equal(
        np.asarray(nn.clip_by_value({"x": ct.asarray(x)}, 1.0)["x"]), np.clip(x, -1, 1)
    )


def test_norms_of_halves_are_wide():
    assert float(nn.global_norm([ct.full((4,), 300.0, dtype=ct.float16)])) == 600.0


def test_wrong_use():
    for function in (nn.clip_by_global_norm, nn.clip_by_norm, nn.clip_by_value):
        with pytest.raises(ArgumentError, match="expected a positive bound, got 0"):
            function([ct.ones(())], 0)
