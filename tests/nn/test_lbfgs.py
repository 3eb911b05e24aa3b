"""L-BFGS beside torch's, in float64: paths over Rosenbrock's valley and of a small net, to 1e-6."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError

torch = pytest.importorskip("torch", reason="torch is not installed")


def rosenbrock(x):
    return ((1 - x[:-1]) ** 2).sum() + (100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def ours_of(x):
    return ct.sum((1 - x[:-1]) ** 2) + ct.sum(100 * (x[1:] - x[:-1] ** 2) ** 2)


CASES = [
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 5, "history_size": 3},
    {"line_search_fn": "strong_wolfe", "learning_rate": 0.1, "max_iter": 7},
    {"learning_rate": 0.01, "max_iter": 10},
    {"learning_rate": 0.02, "max_iter": 4, "history_size": 2},
]


@pytest.mark.parametrize("options", CASES)
def test_it_goes_the_way_of_torch(options):
    begin = np.array([-1.2, 1.0, 0.4, 0.9])
    theirs = torch.tensor(begin, requires_grad=True)
    given = {("lr" if key == "learning_rate" else key): value for key, value in options.items()}
    peer, optimizer = torch.optim.LBFGS([theirs], **given), nn.LBFGS(**options)
    params = {"a": ct.asarray(begin[:1]), "b": ct.asarray(begin[1:])}
    state = optimizer.init(params)

    def closure():
        peer.zero_grad()
        loss = rosenbrock(theirs)
        loss.backward()
        return loss

    for _ in range(4):
        want = peer.step(closure)
        value, params, state = optimizer.step(
            lambda p: ours_of(ct.concat([p["a"], p["b"]])), state, params
        )
        np.testing.assert_allclose(float(value), float(want.detach()), rtol=1e-6, atol=1e-9)
        got = np.concatenate([np.asarray(params["a"]), np.asarray(params["b"])])
        np.testing.assert_allclose(got, theirs.detach().numpy(), rtol=1e-6, atol=1e-6)


def test_it_finds_the_least():
    optimizer, x = nn.LBFGS(max_iter=100, line_search_fn="strong_wolfe"), ct.asarray([-1.2, 1.0])
    _, x, _ = optimizer.step(ours_of, optimizer.init(x), x)
    np.testing.assert_allclose(np.asarray(x), 1.0, atol=1e-3)


def test_misuse():
    with pytest.raises(ArgumentError, match="strong_wolfe"):
        nn.LBFGS(line_search_fn="armijo")
    with pytest.raises(ArgumentError, match="max_iter"):
        nn.LBFGS(max_iter=0)
