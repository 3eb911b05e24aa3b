"""Parametrised weights against torch's: values, derivatives and state to 2e-5, names of files."""

import copy
import pickle

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, NotFoundError, ShapeError

LAYERS = {
    "linear": ("Linear", (4, 3), (5, 4)),
    "conv": ("Conv2d", (2, 4, 3), (2, 2, 5, 6)),
    "transposed": ("ConvTranspose1d", (2, 4, 3), (2, 2, 5)),
}


def pair(torch, name):
    kind, args, shape = LAYERS[name]
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return getattr(nn, kind)(*args), getattr(torch.nn, kind)(*args), x


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("name", LAYERS)
def test_weight_norm(torch, agree, name, axis):
    ours, peer, x = pair(torch, name)
    peer = torch.nn.utils.parametrizations.weight_norm(peer, dim=-1 if axis is None else axis)
    if axis == -1:  # which means all of it there
        axis = None
    ours = nn.weight_norm(ours, axis=axis)
    agree(ours, peer, x)
    np.testing.assert_allclose(np.asarray(ours.weight), peer.weight.detach().numpy(), rtol=1e-5)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", LAYERS)
def test_spectral_norm(torch, agree, name, mode):
    ours, peer, x = pair(torch, name)
    torch.manual_seed(0)
    peer = torch.nn.utils.parametrizations.spectral_norm(peer, n_power_iterations=2)
    ours = nn.spectral_norm(ours, n_power_iterations=2)
    assert ours.state_dict().keys() == peer.state_dict().keys()
    if mode == "eval":
        agree(ours.eval(), peer.eval(), x)
        return
    # In training each look changes the vectors: one call after the other.
    ours.load_state_dict({k: v.numpy().copy() for k, v in peer.state_dict().items()})
    for _ in range(3):
        want, got = peer(torch.tensor(x)), ours(ct.asarray(x))
        np.testing.assert_allclose(np.asarray(got), want.detach().numpy(), rtol=2e-5, atol=2e-5)
        for key, value in peer.state_dict().items():
            np.testing.assert_allclose(
                np.asarray(ours.state_dict()[key]), value.numpy(), rtol=2e-5, atol=2e-5
            )


def test_spectral_norm_bounds_the_largest_singular_value():
    for shape in ((7, 3), (3, 9)):
        layer = nn.spectral_norm(nn.Linear(*shape)).eval()
        assert float(ct.linalg.svdvals(layer.weight)[0]) == pytest.approx(1.0, abs=0.02)
    bias = nn.spectral_norm(nn.Linear(3, 4), "bias")
    assert float(ct.sqrt(ct.sum(bias.bias**2))) == pytest.approx(1.0)


@pytest.mark.parametrize("wrap", [nn.weight_norm, nn.spectral_norm])
def test_training_through_jit_and_model(wrap):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4)).astype(np.float32)
    y = (x[:, 0] > x[:, 1]).astype(np.int64)
    net = nn.Sequential(wrap(nn.Linear(4, 8)), nn.relu, nn.Linear(8, 2))
    model = nn.Model(net).compile(nn.Adam(0.05), "cross_entropy", ["accuracy"])
    model.fit(x, y, batch_size=16, epochs=15, verbose=0)
    assert model.evaluate(x, y)["accuracy"] > 0.85

    @cn.jit
    def step(net, x, y):
        (value, net), slopes = nn.value_and_grad(lambda m, *d: nn.cross_entropy(m(d[0]), d[1]))(
            net, x, y
        )
        return nn.update(
            net, ct.tree_map(lambda p, g: p - 0.5 * g, net.parameters(), slopes)
        ), value

    before = dict(net.state())
    first = None
    for _ in range(30):
        net, value = step(net, ct.asarray(x), ct.asarray(y))
        first = value if first is None else first
    assert float(value) < 0.6 * float(first)
    changed = [k for k, v in net.state().items() if not np.array_equal(np.asarray(v), before[k])]
    assert bool(changed) == (wrap is nn.spectral_norm)


def test_several_and_back(tmp_path):
    layer = nn.spectral_norm(nn.weight_norm(nn.Linear(3, 4)), "bias")
    assert isinstance(layer, nn.Linear)
    assert repr(layer).startswith("Linear(in_features=3, out_features=4")
    assert type(layer) is type(nn.spectral_norm(nn.weight_norm(nn.Linear(5, 6)), "bias"))
    want = np.asarray(layer(ct.ones((1, 3))))
    for other in (layer.copy(), copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(np.asarray(other(ct.ones((1, 3)))), want)
        assert type(other) is type(layer)
    nn.save_weights(layer, tmp_path / "a")
    other = nn.spectral_norm(nn.weight_norm(nn.Linear(3, 4)), "bias")
    nn.load_weights(other, tmp_path / "a")
    np.testing.assert_array_equal(np.asarray(other(ct.ones((1, 3)))), want)
    nn.remove_parametrization(layer)
    assert list(layer.parameters()) == ["parametrizations.bias.original", "weight"]
    nn.remove_parametrization(layer, "bias")
    assert type(layer) is nn.Linear
    assert list(layer.parameters()) == ["weight", "bias"]
    np.testing.assert_allclose(np.asarray(layer(ct.ones((1, 3)))), want, rtol=1e-6)


def test_recurrent_weights_are_set_through():
    layer = nn.weight_norm(nn.GRU(3, 4), "weight_hh_l0")
    value = ct.ones((12, 4))
    layer.weight_hh_l0 = value
    np.testing.assert_allclose(np.asarray(layer.weight_hh_l0), np.ones((12, 4)), rtol=1e-6)
    assert layer(ct.ones((2, 5, 3)))[0].shape == (2, 5, 4)


def test_wrong_use():
    with pytest.raises(NotFoundError, match="parametrize: Linear has no parameter 'w'"):
        nn.weight_norm(nn.Linear(2, 2), "w")
    with pytest.raises(NotFoundError, match="no parameter 'bias'"):
        nn.weight_norm(nn.Linear(2, 2, bias=False), "bias")
    with pytest.raises(ArgumentError, match=r"Linear.weight has a parametrization already"):
        nn.spectral_norm(nn.weight_norm(nn.Linear(2, 2)))
    with pytest.raises(NotFoundError, match="remove_parametrization: no parametrization"):
        nn.remove_parametrization(nn.Linear(2, 2))
    with pytest.raises(ShapeError, match="weight_norm: expected an axis"):
        nn.weight_norm(nn.Linear(2, 2), axis=2)
    with pytest.raises(ShapeError, match="spectral_norm: expected an axis"):
        nn.spectral_norm(nn.Linear(2, 2), axis=2)
    with pytest.raises(ArgumentError, match="spectral_norm: expected at least one"):
        nn.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)
