"""First values: their means, deviations and bounds, over 100,000 draws."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError

SHAPE = (250, 400)


def draw(make, shape=SHAPE, dtype=ct.float32):
    return np.asarray(make(nn.next_key(), shape, dtype)).astype(np.float64)


@pytest.mark.parametrize(
    ("make", "std", "bound"),
    [
        (nn.init.uniform(-0.5, 0.5), 0.5 / 3**0.5, 0.5),
        (nn.init.normal(0.02), 0.02, None),
        (nn.init.truncated_normal(1.0), 0.87962566, 2.0),
        (nn.init.glorot_uniform(), (2 / 650) ** 0.5, (6 / 650) ** 0.5),
        (nn.init.glorot_normal(), (2 / 650) ** 0.5, None),
        (nn.init.he_uniform(), (2 / 400) ** 0.5, (6 / 400) ** 0.5),
        (nn.init.he_normal(), (2 / 400) ** 0.5, None),
        (nn.init.he_normal("fan_out"), (2 / 250) ** 0.5, None),
        (nn.init.lecun_uniform(), (1 / 400) ** 0.5, (3 / 400) ** 0.5),
        (nn.init.lecun_normal(), (1 / 400) ** 0.5, 2 / 0.87962566 / 20),
    ],
)
def test_distributions(make, std, bound):
    x = draw(make)
    assert x.mean() == pytest.approx(0, abs=0.02 * std)
    assert x.std() == pytest.approx(std, rel=0.02)
    if bound is not None:
        assert np.abs(x).max() <= bound * (1 + 1e-6)


def test_kernels_count_as_inputs():
    assert draw(nn.init.he_normal(), (64, 16, 5, 5)).std() == pytest.approx(
        (2 / 400) ** 0.5, rel=0.03
    )


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3)])
def test_orthogonal(shape):
    q = draw(nn.init.orthogonal(2.0), shape).reshape(shape[0], -1)
    small = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5)


def test_constants():
    assert (draw(nn.init.zeros) == 0).all()
    assert (draw(nn.init.ones) == 1).all()
    assert (draw(nn.init.constant(3.0)) == 3).all()
    np.testing.assert_array_equal(draw(nn.init.identity(2.0), (2, 3)), [[2, 0, 0], [0, 2, 0]])


def test_layers_take_them():
    layer = nn.Linear(3, 2, weight_init=nn.init.ones, bias_init=nn.init.zeros)
    np.testing.assert_array_equal(np.asarray(layer(ct.ones((1, 3)))), [[3.0, 3.0]])


def test_wrong_use():
    with pytest.raises(ArgumentError, match="variance_scaling: expected fan_in"):
        nn.init.variance_scaling(1.0, "other", "normal")
    with pytest.raises(ArgumentError, match="orthogonal: expected two axes"):
        nn.init.orthogonal()(nn.next_key(), (3,))
