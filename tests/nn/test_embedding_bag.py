"""Bags of embeddings beside torch's: values and derivatives to 2e-6."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

torch = pytest.importorskip("torch", reason="torch is not installed")


def compare(ids, offsets=None, weights=None, **options):
    ours, peer = nn.EmbeddingBag(9, 5, **options), torch.nn.EmbeddingBag(9, 5, **options)
    with torch.no_grad():
        peer.weight.copy_(torch.tensor(np.array(ours.weight)))
    theirs = [None if x is None else torch.tensor(x) for x in (ids, offsets, weights)]
    if weights is not None:
        theirs[2].requires_grad_()
    want = peer(*theirs)
    rng = np.random.default_rng(1)
    scale = rng.normal(size=tuple(want.shape)).astype(np.float32)
    (want * torch.tensor(scale)).sum().backward()
    params, rest = nn.split(ours)
    places = None if offsets is None else ct.asarray(offsets)

    def run(params, factors):
        out = nn.merge(params, rest)(ct.asarray(ids), places, factors)
        return ct.sum(out * ct.asarray(scale)), out

    factors = None if weights is None else ct.asarray(weights)
    derive = ct.value_and_grad(run, 0 if weights is None else (0, 1), has_aux=True)
    for function in (derive, ct.jit(derive)):
        (_, out), slopes = function(params, factors)
        by_weight = slopes if weights is None else slopes[0]
        close = {"rtol": 2e-6, "atol": 2e-6}
        np.testing.assert_allclose(np.asarray(out), want.detach().numpy(), **close)
        np.testing.assert_allclose(
            np.asarray(by_weight["weight"]), peer.weight.grad.numpy(), **close
        )
        if weights is not None:
            np.testing.assert_allclose(np.asarray(slopes[1]), theirs[2].grad.numpy(), **close)


@pytest.mark.parametrize("padding_idx", [None, 2, -1])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags(rng, mode, padding_idx):
    options = {"mode": mode, "padding_idx": padding_idx}
    # No number twice in a bag: torch gives the derivative of a maximum to one of them.
    rows = np.stack([rng.permutation(9)[:4] for _ in range(3)])
    compare(rows, **options)
    compare(np.full((2, 1), 2), **options)
    ids = rng.permutation(9)
    compare(ids, np.array([0, 2, 2, 5]), **options)  # an empty bag
    compare(ids, np.array([0, 4, 9]), include_last_offset=True, **options)


def test_weights(rng, normal):
    ids = rng.integers(0, 9, 7)
    compare(ids, np.array([0, 3, 3]), normal(7), mode="sum")
    compare(rng.integers(0, 9, (3, 4)), None, normal(3, 4), mode="sum", padding_idx=1)


def test_misuse():
    bag = nn.EmbeddingBag(4, 2)
    with pytest.raises(ArgumentError, match="mode"):
        nn.EmbeddingBag(4, 2, mode="median")
    with pytest.raises(ArgumentError, match="with sums"):
        bag(ct.asarray([[1]]), None, ct.ones((1, 1)))
    with pytest.raises(ShapeError, match="without offsets"):
        bag(ct.asarray([1]))
    with pytest.raises(ShapeError, match="with offsets"):
        bag(ct.asarray([[1]]), ct.asarray([0]))
