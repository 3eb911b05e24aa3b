"""Activations beside torch's functions, with derivatives; 1e-6 of values of about 1."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

X = np.concatenate([np.linspace(-30, 30, 61), [-3, -1, -0.0, 0.0, 1e-3, 3, 6, 88]]).astype(
    np.float32
)

CASES = {
    "celu": (lambda x: nn.celu(x, 0.7), lambda f, x: f.celu(x, 0.7)),
    "elu": (lambda x: nn.elu(x, 0.5), lambda f, x: f.elu(x, 0.5)),
    "gelu": (nn.gelu, lambda f, x: f.gelu(x)),
    "gelu_tanh": (lambda x: nn.gelu(x, "tanh"), lambda f, x: f.gelu(x, approximate="tanh")),
    "hard_sigmoid": (nn.hard_sigmoid, lambda f, x: f.hardsigmoid(x)),
    "hard_swish": (nn.hard_swish, lambda f, x: f.hardswish(x)),
    "hard_tanh": (nn.hard_tanh, lambda f, x: f.hardtanh(x)),
    "leaky_relu": (lambda x: nn.leaky_relu(x, 0.2), lambda f, x: f.leaky_relu(x, 0.2)),
    "log_sigmoid": (nn.log_sigmoid, lambda f, x: f.logsigmoid(x)),
    "mish": (nn.mish, lambda f, x: f.mish(x)),
    "relu": (nn.relu, lambda f, x: f.relu(x)),
    "relu6": (nn.relu6, lambda f, x: f.relu6(x)),
    "selu": (nn.selu, lambda f, x: f.selu(x)),
    "sigmoid": (nn.sigmoid, lambda f, x: f.sigmoid(x)),
    "silu": (nn.silu, lambda f, x: f.silu(x)),
    "softplus": (lambda x: nn.softplus(x, 2.0), lambda f, x: f.softplus(x, 2.0)),
    "softsign": (nn.softsign, lambda f, x: f.softsign(x)),
    "tanh": (nn.tanh, lambda f, x: f.tanh(x)),
    "tanhshrink": (nn.tanhshrink, lambda f, x: f.tanhshrink(x)),
    "threshold": (lambda x: nn.threshold(x, 0.5, 2.0), lambda f, x: f.threshold(x, 0.5, 2.0)),
    "softmax": (nn.softmax, lambda f, x: f.softmax(x, -1)),
    "softmin": (nn.softmin, lambda f, x: f.softmin(x, -1)),
    "log_softmax": (nn.log_softmax, lambda f, x: f.log_softmax(x, -1)),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(torch, name):
    ours, theirs = CASES[name]
    x = torch.tensor(X, requires_grad=True)
    want = theirs(torch.nn.functional, x)
    weights = np.cos(np.arange(X.size)).astype(np.float32)
    (want * torch.tensor(weights)).sum().backward()
    factor = ct.asarray(weights)

    def run(x):
        y = ours(x)
        return ct.sum(y * factor), y

    derive = ct.value_and_grad(run, has_aux=True)
    for function in (derive, ct.jit(derive)):
        (_, got), slope = function(ct.asarray(X))
        np.testing.assert_allclose(np.asarray(got), want.detach().numpy(), rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(np.asarray(slope), x.grad.numpy(), rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("name", ["relu", "softplus", "elu", "sigmoid", "log_softmax"])
def test_not_finite(torch, name):
    x = np.array([np.inf, -np.inf, np.nan, 0.0], np.float32)
    if name == "log_softmax":
        x = np.array([-np.inf, 0.0, 1.0], np.float32)
    ours, theirs = CASES[name]
    want = theirs(torch.nn.functional, torch.tensor(x)).numpy()
    np.testing.assert_allclose(np.asarray(ours(ct.asarray(x))), want, rtol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_along_axes(normal, axis):
    x = normal(3, 4, 5)
    e = np.exp(x.astype(np.float64) - x.max(axis, keepdims=True))
    want = e / e.sum(axis, keepdims=True)
    np.testing.assert_allclose(np.asarray(nn.softmax(ct.asarray(x), axis)), want, rtol=1e-6)
    np.testing.assert_allclose(
        np.asarray(nn.log_softmax(ct.asarray(x), axis)), np.log(want), rtol=2e-6
    )


def test_glu(torch, normal):
    x = normal(3, 6)
    want = torch.nn.functional.glu(torch.tensor(x)).numpy()
    np.testing.assert_allclose(np.asarray(nn.glu(ct.asarray(x))), want, rtol=1e-6)
    gate, value = x[:, :3].astype(np.float64), x[:, 3:]
    np.testing.assert_allclose(
        np.asarray(nn.swiglu(ct.asarray(x))), gate / (1 + np.exp(-gate)) * value, rtol=2e-6
    )
    with pytest.raises(ShapeError, match="glu: expected an even extent"):
        nn.glu(ct.zeros((2, 3)))


def test_prelu(agree, torch, normal):
    agree(nn.PReLU(), torch.nn.PReLU(), normal(4, 3))
    agree(nn.PReLU(3), torch.nn.PReLU(3), normal(2, 3, 4))


@pytest.mark.parametrize("dtype", [ct.float16, ct.bfloat16, ct.float32, ct.float64])
@pytest.mark.parametrize(
    "name", ["relu", "gelu", "gelu_tanh", "silu", "softmax", "softplus", "elu"]
)
def test_types_stay(name, dtype):
    assert CASES[name][0](ct.asarray([0.5, -0.5], dtype=dtype)).dtype == dtype


def test_layers_have_the_options():
    assert repr(nn.LeakyReLU(0.1)) == "LeakyReLU(negative_slope=0.1)"
    assert float(nn.GELU("tanh")(ct.asarray(1.0))) == float(nn.gelu(ct.asarray(1.0), "tanh"))
    assert float(nn.Softmax(axis=0)(ct.ones((2, 1)))[0, 0]) == 0.5
    with pytest.raises(ArgumentError, match="ReLU: expected at most"):
        nn.ReLU(3)
    with pytest.raises(ArgumentError, match="gelu: expected approximate"):
        nn.gelu(ct.ones(()), "other")


def test_gelu_up_to_the_end_of_the_range():
    x = ct.asarray([3e38, -3e38, 2e38])
    assert nn.gelu(x).tolist() == ct.where(x > 0.0, x, 0.0).tolist()
    narrow = ct.asarray([60000.0], dtype=ct.float16)
    assert nn.gelu(narrow).tolist() == nn.gelu(narrow, "tanh").tolist() == [60000.0]
