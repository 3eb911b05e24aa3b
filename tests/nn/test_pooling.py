"""Pools beside torch's, with ties, margins and windows that stand out; sums of 25: 1e-6."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

MAX = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
]
CLOSE = {"rtol": 1e-6, "atol": 1e-6}


@pytest.mark.parametrize("options", MAX, ids=str)
def test_max(agree, torch, normal, options):
    agree(nn.MaxPool1d(**options), torch.nn.MaxPool1d(**options), normal(2, 3, 10), **CLOSE)
    agree(nn.MaxPool2d(**options), torch.nn.MaxPool2d(**options), normal(2, 3, 7, 8), **CLOSE)


def test_the_first_of_equal_elements_has_the_derivative(agree, torch):
    x = np.zeros((1, 2, 6, 6), np.float32)
    agree(nn.MaxPool2d(3, 1), torch.nn.MaxPool2d(3, 1), x, **CLOSE)


@pytest.mark.parametrize("options", [*MAX, {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
                                     {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True, "count_include_pad": False}], ids=str)  # fmt: skip
def test_average(agree, torch, normal, options):
    agree(nn.AvgPool1d(**options), torch.nn.AvgPool1d(**options), normal(2, 3, 10), **CLOSE)
    agree(nn.AvgPool2d(**options), torch.nn.AvgPool2d(**options), normal(2, 3, 7, 8), **CLOSE)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_adaptive(agree, torch, normal, size):
    for name in ("AdaptiveAvgPool1d", "AdaptiveMaxPool1d"):
        agree(getattr(nn, name)(size), getattr(torch.nn, name)(size), normal(2, 3, 7), **CLOSE)
    for name in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d"):
        agree(
            getattr(nn, name)((size, 2)),
            getattr(torch.nn, name)((size, 2)),
            normal(2, 3, 7, 5),
            **CLOSE,
        )


def test_global(normal):
    x = normal(2, 3, 4, 5)
    np.testing.assert_allclose(
        np.asarray(nn.GlobalAvgPool2d()(ct.asarray(x))), x.mean((2, 3)), rtol=1e-5
    )
    np.testing.assert_array_equal(
        np.asarray(nn.GlobalMaxPool2d(keepdims=True)(ct.asarray(x))), x.max((2, 3), keepdims=True)
    )
    np.testing.assert_array_equal(np.asarray(nn.GlobalMaxPool1d()(ct.asarray(x[0]))), x[0].max(2))


def test_a_nan_stays():
    out = nn.MaxPool1d(2)(ct.asarray(np.array([[[np.nan, 1, 2, np.nan, 3, 4]]], np.float32)))
    np.testing.assert_array_equal(np.asarray(out), [[[np.nan, np.nan, 4]]])


def test_options_and_shapes_are_checked():
    with pytest.raises(ArgumentError, match="MaxPool2d: expected a padding of at most half"):
        nn.MaxPool2d(2, padding=2)
    with pytest.raises(ShapeError, match="the window 5 is larger"):
        nn.MaxPool1d(5)(ct.zeros((1, 1, 4)))
    with pytest.raises(ShapeError, match="MaxPool2d: expected"):
        nn.MaxPool2d(2)(ct.zeros((2, 2)))


@pytest.mark.parametrize(("shape", "size"), [((2, 3, 8), 4), ((2, 3, 7), 3), ((2, 8, 9), (4, 2))])
def test_equal_maxima_of_adaptive_pools_give_the_derivative_to_the_first(shape, size):
    rank = len(shape) - 2 if isinstance(size, int) else 2
    shape = shape if rank == 1 else (1, *shape)
    x = np.random.default_rng(0).integers(0, 3, shape).astype(np.float32)
    weights = np.arange(1.0, 1 + np.prod(shape)).astype(np.float32)
    torch = pytest.importorskip("torch")
    theirs = torch.tensor(x, requires_grad=True)
    out = getattr(torch.nn, f"AdaptiveMaxPool{rank}d")(size)(theirs)
    slopes = weights[: out.numel()].reshape(out.shape)
    out.backward(torch.tensor(slopes))
    pool = getattr(nn, f"AdaptiveMaxPool{rank}d")(size)
    got = ct.grad(lambda v: ct.sum(pool(v) * ct.asarray(slopes)))(ct.asarray(x))
    np.testing.assert_array_equal(np.asarray(pool(ct.asarray(x))), out.detach().numpy())
    np.testing.assert_array_equal(np.asarray(got), theirs.grad.numpy())
