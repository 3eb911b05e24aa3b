"""Linear layers beside torch's; float32 sums of at most 300 products: 2e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ShapeError


@pytest.mark.parametrize("shape", [(7, 5), (1, 5), (5,), (2, 3, 5), (0, 5)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(agree, torch, normal, shape, bias):
    agree(nn.Linear(5, 3, bias), torch.nn.Linear(5, 3, bias), normal(*shape))


def test_linear_of_large(agree, torch, normal):
    agree(nn.Linear(300, 130), torch.nn.Linear(300, 130), normal(65, 300), rtol=1e-4)


def test_bilinear(agree, torch, normal):
    agree(nn.Bilinear(4, 5, 3), torch.nn.Bilinear(4, 5, 3), normal(6, 4), normal(6, 5))


def test_first_values_are_those_of_torch():
    weight = np.asarray(nn.Linear(100, 200).weight)
    assert np.abs(weight).max() <= 0.1
    assert weight.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.02)


def test_shapes_are_checked():
    with pytest.raises(ShapeError, match=r"linear: expected a last extent of 3, got \(2, 4\)"):
        nn.Linear(3, 1)(ct.zeros((2, 4)))
