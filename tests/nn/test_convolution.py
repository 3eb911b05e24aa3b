"""Convolutions beside torch's; sums of at most 100 products: 5e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

CLOSE = {"rtol": 5e-5, "atol": 5e-5}


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 4, "dilation": 2, "padding": "same"},
        {"kernel_size": 3, "padding": "valid", "bias": False},
        {"kernel_size": 2, "stride": 3, "padding": 2, "groups": 2},
    ],
    ids=str,
)
def test_conv1d(agree, torch, normal, options):
    agree(nn.Conv1d(4, 6, **options), torch.nn.Conv1d(4, 6, **options), normal(3, 4, 13), **CLOSE)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (0, 1)},
        {"kernel_size": 3, "dilation": (1, 2), "padding": "same"},
        {"kernel_size": 3, "groups": 4, "padding": 1},
        {"kernel_size": 2, "stride": 2, "bias": False},
    ],
    ids=str,
)
def test_conv2d(agree, torch, normal, options):
    agree(nn.Conv2d(4, 8, **options), torch.nn.Conv2d(4, 8, **options), normal(2, 4, 9, 8), **CLOSE)


def test_without_a_batch(agree, torch, normal):
    agree(nn.Conv2d(3, 2, 3), torch.nn.Conv2d(3, 2, 3), normal(3, 5, 5), **CLOSE)


def test_conv3d(agree, torch, normal):
    agree(nn.Conv3d(2, 3, 2), torch.nn.Conv3d(2, 3, 2), normal(1, 2, 4, 3, 5), **CLOSE)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": 4, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 3, "output_padding": 2, "dilation": 2},
        {"kernel_size": 2, "stride": 2, "groups": 2, "bias": False},
    ],
    ids=str,
)
def test_transposed(agree, torch, normal, options):
    agree(
        nn.ConvTranspose1d(4, 6, **options),
        torch.nn.ConvTranspose1d(4, 6, **options),
        normal(2, 4, 7),
        **CLOSE,
    )
    agree(
        nn.ConvTranspose2d(4, 6, **options),
        torch.nn.ConvTranspose2d(4, 6, **options),
        normal(2, 4, 5, 3),
        **CLOSE,
    )


def test_transposed_is_the_transpose(normal):
    """<conv x, y> = <x, conv_transpose y>, whatever the options."""
    options = {"stride": 2, "padding": 1, "dilation": 2, "bias": False}
    down, up = (
        nn.Conv2d(3, 5, 3, **options),
        nn.ConvTranspose2d(5, 3, 3, output_padding=1, **options),
    )
    up.weight = down.weight
    x = ct.asarray(normal(2, 3, 8, 8))
    y = down(x)
    z = ct.asarray(normal(*y.shape))
    assert float(ct.sum(y * z)) == pytest.approx(float(ct.sum(x * up(z))), rel=1e-4)


def test_first_values_are_those_of_torch():
    assert np.abs(np.asarray(nn.Conv2d(4, 50, 5).weight)).max() <= 0.1  # 1 / sqrt(4 * 25)


def test_options_and_shapes_are_checked():
    with pytest.raises(ArgumentError, match="Conv2d: expected channels in 3 equal groups"):
        nn.Conv2d(4, 6, 3, groups=3)
    with pytest.raises(ArgumentError, match='"same" with stride 1'):
        nn.Conv2d(4, 6, 3, stride=2, padding="same")
    with pytest.raises(ArgumentError, match="Conv2d: expected a number or 2 numbers"):
        nn.Conv2d(4, 6, (3, 3, 3))
    with pytest.raises(ArgumentError, match="output_padding below stride"):
        nn.ConvTranspose1d(1, 1, 3, output_padding=1)
    with pytest.raises(ShapeError, match=r"Conv1d: expected \(batch, 4, ...\)"):
        nn.Conv1d(4, 6, 3)(ct.zeros((2, 3, 9)))
