"""Modules as trees: what is a parameter, what is state, and what a step gives back."""

import inspect
import pickle

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, NotFoundError, ShapeError
from cnengine.tensor.peer_names import MODULE_NAMES


class Net(nn.Module):
    state_names = ("calls",)

    def __init__(self):
        self.name = "net"
        self.first = nn.Linear(3, 4)
        self.blocks = [nn.Sequential(nn.Linear(4, 4), nn.relu), nn.BatchNorm(4)]
        self.heads = {"b": nn.Linear(4, 1, bias=False), "a": nn.Linear(4, 2)}
        self.scale = ct.asarray(2.0)
        self.calls = ct.zeros((), dtype=ct.float32)

    def forward(self, x):
        self.calls = self.calls + 1.0
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return ct.sum(self.heads["a"](x)) * self.scale + ct.sum(self.heads["b"](x))


def test_names_and_roles():
    net = Net()
    assert list(net.parameters()) == [
        "first.weight", "first.bias", "blocks.0.0.weight", "blocks.0.0.bias", "blocks.1.weight",
        "blocks.1.bias", "heads.a.weight", "heads.a.bias", "heads.b.weight", "scale",
    ]  # fmt: skip
    assert list(net.state()) == [
        "blocks.1.running_mean", "blocks.1.running_var", "blocks.1.num_batches_tracked", "calls",
    ]  # fmt: skip
    assert net.num_parameters() == 16 + 20 + 8 + 10 + 4 + 1
    assert [name for name, _ in net.named_modules()] == [
        "", "first", "blocks.0", "blocks.0.0", "blocks.0.1", "blocks.1", "heads.a", "heads.b",
    ]  # fmt: skip


def test_leaves_have_the_order_of_the_tree():
    from cnengine.nn.module import named_leaves

    net = Net()
    leaves = ct.tree_leaves(net)
    named = named_leaves(net)
    assert len(leaves) == len(named)
    assert all(a is b.value for a, b in zip(leaves, named, strict=True))


def test_tree_keeps_structure():
    net = Net()
    leaves, structure = ct.tree_flatten(net)
    again = ct.tree_unflatten(structure, leaves)
    assert ct.tree_structure(again) == structure
    assert hash(ct.tree_structure(again)) == hash(structure)
    assert again.name == "net"
    assert again.first is not net.first
    again.eval()
    assert ct.tree_structure(again) != structure
    again.train()
    assert ct.tree_structure(again) == structure


def test_split_and_merge():
    net = Net()
    params, rest = nn.split(net)
    assert set(params) == set(net.parameters())
    again = nn.merge(params, rest)
    assert ct.tree_structure(again) == ct.tree_structure(net)
    assert again.state_dict().keys() == net.state_dict().keys()
    with pytest.raises(ArgumentError, match=r"merge: missing \['scale'\], unknown \['other'\]"):
        nn.merge(
            {**{k: v for k, v in params.items() if k != "scale"}, "other": params["scale"]}, rest
        )
    with pytest.raises(ShapeError, match="update: scale"):
        nn.update(net, {**params, "scale": ct.zeros((2,))})


def test_split_takes_trees_of_modules():
    models = {"generator": nn.Linear(1, 2), "critics": [nn.Linear(2, 1), nn.Linear(2, 1)]}
    params, rest = nn.split(models)
    assert "critics.1.weight" in params
    assert set(nn.merge(params, rest)) == set(models)


def test_an_array_at_two_places_is_refused():
    net = Net()
    net.heads["c"] = net.first
    with pytest.raises(ArgumentError, match=r"split: .* are one array"):
        nn.split(net)
    with pytest.raises(ArgumentError, match=r"load_state_dict: .* are one array"):
        net.load_state_dict(net.state_dict())


def test_value_and_grad_gives_the_changed_model():
    net = Net()
    x = ct.asarray(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))
    derive = nn.value_and_grad(lambda m, x: m(x))
    for function in (derive, ct.jit(derive)):
        (value, changed), grads = function(net, x)
        assert set(grads) == set(net.parameters())
        assert float(net.calls) == 0.0
        assert float(changed.calls) == 1.0
        assert float(net.blocks[1].num_batches_tracked) == 0
        assert int(changed.blocks[1].num_batches_tracked) == 1
        # The derivative by `scale` is what it is multiplied by.
        again = float(changed.scale * grads["scale"]) + float(
            ct.sum(grads["heads.b.weight"] * net.heads["b"].weight)
        )
        assert again == pytest.approx(float(value), rel=1e-5)


def test_value_and_grad_with_aux():
    def loss(model, x):
        out = model(x)
        return ct.sum(out * out), {"out": out}

    (_, aux, _), grads = ct.jit(nn.value_and_grad(loss, has_aux=True))(
        nn.Linear(2, 1), ct.ones((3, 2))
    )
    assert aux["out"].shape == (3, 1)
    assert set(grads) == {"weight", "bias"}


def test_state_flows_out_of_jit_by_the_module():
    @ct.jit
    def step(model, x):
        return model(x), model

    model = nn.BatchNorm(3)
    x = ct.asarray(np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32))
    for _ in range(3):
        _, model = step(model, x)
    assert int(model.num_batches_tracked) == 3


def test_freeze_and_unfreeze():
    net = Net().freeze("first.*", "*.running_mean".replace("running_mean", "bias"))
    names = set(net.parameters())
    assert "first.weight" not in names
    assert "heads.a.bias" not in names
    assert "scale" in names
    assert net.num_parameters() == Net().num_parameters()
    assert net.num_parameters(trainable_only=True) < net.num_parameters()
    _, grads = nn.grad(lambda m, x: m(x))(net, ct.ones((4, 3)))
    assert set(grads) == names
    assert ct.tree_structure(net.unfreeze()) == ct.tree_structure(Net())
    with pytest.raises(NotFoundError, match="no parameter is named 'nothing'"):
        net.freeze("nothing")


def test_load_state_dict():
    a, b = Net(), Net()
    assert a.load_state_dict(b.state_dict()) is a
    np.testing.assert_array_equal(np.asarray(a.first.weight), np.asarray(b.first.weight))
    values = dict(b.state_dict())
    del values["scale"]
    values["more"] = ct.zeros(())
    with pytest.raises(NotFoundError, match=r"missing \['scale'\], unknown \['more'\]"):
        a.load_state_dict(values)
    a.load_state_dict(values, strict=False)
    values = {**b.state_dict(), "scale": ct.zeros((3,)), "first.bias": ct.ones((4,))}
    with pytest.raises(ShapeError, match=r"scale: expected \(\), got \(3,\)"):
        a.load_state_dict(values)
    assert float(ct.sum(a.first.bias)) != 4.0  # nothing was changed


def test_keys_need_not_be_in_files():
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    assert "1.key" in model.state()
    assert "1.key" not in model.state_dict()
    assert "1.key" in model.state_dict(volatile=True)
    model.load_state_dict(nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)).state_dict())


def test_astype_and_copy():
    net = Net()
    half = net.astype(ct.bfloat16)
    assert half.first.weight.dtype == ct.bfloat16
    assert half.blocks[1].num_batches_tracked.dtype == ct.int64
    assert net.first.weight.dtype == ct.float32
    other = net.copy()
    other.first.weight = other.first.weight + 1.0
    assert net.first.weight is not other.first.weight


def test_modules_within():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 1)))
    assert [name for name, _ in model.named_children()] == ["0", "1"]
    assert [type(each).__name__ for each in model.children()] == ["Linear", "Sequential"]
    seen = []
    assert model.apply(lambda module: seen.append(type(module).__name__)) is model
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Sequential"]


def test_to():
    model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5))
    for other in (model.to(ct.float64), model.to("float64", "cpu"), model.to(dtype=ct.float64)):
        assert other[0].weight.dtype == ct.float64
        assert other[1].key.dtype == model[1].key.dtype
    assert model[0].weight.dtype == ct.float32
    for other in (model.to("cpu"), model.to(device="cpu"), model.to()):
        assert other is not model
        assert other[0].weight.device == "cpu"
    with pytest.raises(TypeError, match="to: expected"):
        model.to(3)


def test_methods_of_torch_are_told():
    for name in MODULE_NAMES:
        assert not hasattr(nn.Linear(2, 3), name)
    with pytest.raises(
        AttributeError, match="'Linear' object has no attribute 'requires_grad_'; fre"
    ):
        nn.Linear(2, 3).requires_grad_(False)
    with pytest.raises(AttributeError, match=r"'Linear' object has no attribute 'x'$"):
        _ = nn.Linear(2, 3).x
    assert pickle.loads(pickle.dumps(nn.Linear(2, 3))).in_features == 2


def test_public_names_are_no_files():
    modules = {name for name in dir(nn) if inspect.ismodule(getattr(nn, name))}
    assert modules == {"functional", "init", "schedules"}


def test_text():
    text = repr(nn.Sequential(nn.Linear(1, 2), nn.Residual(nn.Linear(2, 2))))
    assert text == (
        "Sequential(\n  (0): Linear(in_features=1, out_features=2)\n  (1): Residual(\n"
        "    (module): Linear(in_features=2, out_features=2)\n  )\n)"
    )


def test_vmap_over_models():
    nn.manual_seed(0)
    models = [nn.Linear(3, 2) for _ in range(4)]
    stacked = ct.tree_map(lambda *rows: ct.stack(list(rows), axis=0), *models)
    out = ct.vmap(lambda m, x: m(x), in_axes=(0, None))(stacked, ct.ones((5, 3)))
    assert out.shape == (4, 5, 2)
    np.testing.assert_allclose(
        np.asarray(out[2]), np.asarray(models[2](ct.ones((5, 3)))), rtol=1e-6
    )


def test_forward_is_to_be_written():
    with pytest.raises(NotImplementedError, match="Module: expected a method `forward`"):
        nn.Module()(1)


def test_seeds():
    nn.manual_seed(3)
    a = nn.Linear(4, 4)
    b = nn.Linear(4, 4)
    nn.manual_seed(3)
    c = nn.Linear(4, 4)
    np.testing.assert_array_equal(np.asarray(a.weight), np.asarray(c.weight))
    assert not np.array_equal(np.asarray(a.weight), np.asarray(b.weight))


def test_loaded_arrays_are_copies(torch):
    """What is done to the source afterwards changes nothing here."""
    peer, values = torch.nn.Linear(2, 3), np.ones((3, 2), np.float32)
    ours = nn.Linear(2, 3).load_state_dict({k: v.detach() for k, v in peer.state_dict().items()})
    before = np.array(ours.weight)
    other = nn.Linear(2, 3).load_state_dict({"weight": ct.asarray(values)}, strict=False)
    with torch.no_grad():
        peer.weight += 1.0
    values += 1.0
    np.testing.assert_array_equal(np.asarray(ours.weight), before)
    np.testing.assert_array_equal(np.asarray(other.weight), np.ones((3, 2)))


class Scaled(nn.Module):
    def __init__(self, mean, persistent=True):
        self.register_buffer("mean", mean, persistent=persistent)
        self.weight = np.ones(3, np.float32)

    def forward(self, x):
        return (x - self.mean) * self.weight


def test_buffers_are_not_trained(rng):
    mean = np.array([1.0, 2.0, 3.0], np.float32)
    module = Scaled(mean)
    assert list(module.parameters()) == ["weight"]
    assert list(module.state()) == ["mean"]
    assert list(module.state_dict()) == ["mean", "weight"]
    assert list(Scaled(mean, False).state_dict()) == ["weight"]
    x = rng.normal(size=(20, 3)).astype(np.float32)
    model = nn.Model(module).compile("sgd", "mse")
    model.fit(x, np.zeros_like(x), epochs=2, verbose=0)
    np.testing.assert_array_equal(np.asarray(model.module.mean), mean)
    assert not np.array_equal(np.asarray(model.module.weight), np.ones(3))
    np.testing.assert_array_equal(np.asarray(module.weight), np.ones(3))  # a copy is trained
    copy = Scaled(np.zeros(3, np.float32)).load_state_dict(module.state_dict())
    np.testing.assert_array_equal(np.asarray(copy.mean), mean)
    assert copy.astype(ct.float16).weight.dtype == ct.float16
    mean[:] = 0
    module.mean = module.mean + 1.0
    assert list(module.state()) == ["mean"]
    np.testing.assert_array_equal(np.asarray(module.mean), [2.0, 3.0, 4.0])


def test_results_that_are_tuples_are_told_in_a_sequence():
    x = ct.ones((2, 3, 4))
    with pytest.raises(TypeError, match="LSTM gives a tuple of 2, which Linear does not take"):
        nn.Sequential(nn.LSTM(4, 5), nn.Linear(5, 1))(x)
    first = nn.Sequential(nn.LSTM(4, 5), lambda out: out[0], nn.Linear(5, 1))
    assert first(x).shape == (2, 3, 1)


def test_derivatives_of_modules_with_counts_point_to_ours():
    for module in (nn.BatchNorm(3), nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))):
        with pytest.raises(TypeError, match=r"cnengine\.nn\.value_and_grad"):
            ct.grad(lambda m: ct.sum(m(ct.ones((2, 3)))))(module)
