"""Norms beside torch's, in training and not; variances of float32: 3e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

CLOSE = {"rtol": 3e-5, "atol": 3e-5}


@pytest.mark.parametrize(
    ("shape", "of"), [((4, 7), 7), ((2, 3, 5), (3, 5)), ((1, 1), 1), ((3, 300), 300)]
)
def test_layer_norm(agree, torch, normal, shape, of):
    peer = torch.nn.LayerNorm(of)
    with torch.no_grad():
        peer.weight.copy_(torch.tensor(normal(*peer.weight.shape)))
        peer.bias.copy_(torch.tensor(normal(*peer.bias.shape)))
    agree(nn.LayerNorm(of), peer, normal(*shape) * 3 + 1, **CLOSE)


def test_layer_norm_without_weights(agree, torch, normal):
    agree(
        nn.LayerNorm(5, elementwise_affine=False),
        torch.nn.LayerNorm(5, elementwise_affine=False),
        normal(3, 5),
        **CLOSE,
    )
    agree(nn.LayerNorm(5, bias=False), torch.nn.LayerNorm(5, bias=False), normal(3, 5), **CLOSE)


@pytest.mark.parametrize("eps", [None, 1e-6])
def test_rms_norm(agree, torch, normal, eps):
    agree(nn.RMSNorm(6, eps), torch.nn.RMSNorm(6, eps), normal(2, 4, 6), **CLOSE)


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_group_norm(agree, torch, normal, groups):
    agree(nn.GroupNorm(groups, 6), torch.nn.GroupNorm(groups, 6), normal(3, 6, 4, 5), **CLOSE)


def test_instance_norm(agree, torch, normal):
    agree(nn.InstanceNorm(3), torch.nn.InstanceNorm2d(3), normal(2, 3, 4, 4), **CLOSE)


@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_norm(agree, torch, normal, shape, momentum):
    peer = {2: torch.nn.BatchNorm1d, 3: torch.nn.BatchNorm1d, 4: torch.nn.BatchNorm2d}[len(shape)]
    # The peer runs once, ours eagerly and jitted from the same state: the statistics agree.
    agree(
        nn.BatchNorm(3, momentum=momentum),
        peer(3, momentum=momentum),
        normal(*shape) * 2 + 3,
        **CLOSE,
    )


def test_batch_norm_without_training(agree, torch, normal):
    peer = torch.nn.BatchNorm1d(3)
    peer(torch.tensor(normal(16, 3) * 2 + 1))
    agree(nn.BatchNorm1d(3).eval(), peer.eval(), normal(5, 3), **CLOSE)


def test_batch_norm_follows_over_steps(torch, normal):
    ours, peer = nn.BatchNorm(4), torch.nn.BatchNorm1d(4)
    for _ in range(10):
        x = normal(6, 4)
        ours(ct.asarray(x))
        peer(torch.tensor(x))
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        np.testing.assert_allclose(
            np.asarray(getattr(ours, name)), getattr(peer, name).numpy(), rtol=1e-5
        )


@pytest.mark.parametrize("dtype", [ct.float16, ct.bfloat16])
def test_statistics_of_halves_are_wide(dtype):
    # In float16 the squares would overflow.
    x = ct.asarray(np.array([[300.0, -300.0, 300.0, -300.0]], np.float32), dtype=dtype)
    for norm in (nn.LayerNorm(4), nn.RMSNorm(4), nn.GroupNorm(1, 4)):
        out = norm(x)
        assert out.dtype == dtype
        np.testing.assert_allclose(np.asarray(out), [[1, -1, 1, -1]], rtol=1e-2)


def test_shapes_are_checked():
    with pytest.raises(ShapeError, match=r"LayerNorm: expected \(..., \(4,\)\), got \(2, 3\)"):
        nn.LayerNorm(4)(ct.zeros((2, 3)))
    with pytest.raises(ShapeError, match="BatchNorm2d: expected"):
        nn.BatchNorm2d(3)(ct.zeros((2, 3)))
    with pytest.raises(ShapeError, match="expected 2 values a channel"):
        nn.BatchNorm(3)(ct.zeros((1, 3)))
    with pytest.raises(ArgumentError, match="GroupNorm: expected channels in equal groups"):
        nn.GroupNorm(4, 6)


@pytest.mark.parametrize("momentum", [1.0, None])
def test_large_statistics_are_forgotten(momentum):
    norm = nn.BatchNorm(1, momentum=1.0)
    norm.running_var, norm.running_mean = ct.asarray([1e9]), ct.asarray([1e9])
    norm.momentum = momentum
    norm(ct.asarray([[0.0], [0.02]]))
    np.testing.assert_allclose(np.asarray(norm.running_var), [0.0002], rtol=1e-5)
    np.testing.assert_allclose(np.asarray(norm.running_mean), [0.01], rtol=1e-5)
