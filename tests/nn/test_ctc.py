"""CTC beside torch's and beside a sum over all alignments; 2e-5."""

import itertools

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError


def log_probs(rng, *shape):
    x = rng.normal(size=shape)
    return (x - np.log(np.exp(x).sum(-1, keepdims=True))).astype(np.float32)


def by_alignments(logp, labels, blank):
    """The sum over all paths that collapse to the labels, in float64."""
    total = 0.0
    for path in itertools.product(range(logp.shape[1]), repeat=len(logp)):
        short = [key for key, _ in itertools.groupby(path) if key != blank]
        if short == list(labels):
            total += np.exp(sum(float(logp[t, c]) for t, c in enumerate(path)))
    return -np.log(total) if total else np.inf


@pytest.mark.parametrize("labels", [[1], [1, 2], [1, 1], [2, 1, 2], []])
def test_against_all_alignments(rng, labels):
    logp = log_probs(rng, 4, 1, 3)
    padded = np.array([labels + [0] * (3 - len(labels))])
    got = nn.ctc_loss(
        ct.asarray(logp),
        ct.asarray(padded),
        ct.asarray([4]),
        ct.asarray([len(labels)]),
        reduction="sum",
    )
    assert float(got) == pytest.approx(by_alignments(logp[:, 0], labels, 0), rel=2e-5)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("blank", [0, 3])
def test_against_torch(torch, rng, reduction, blank):
    logp = log_probs(rng, 9, 4, 5)
    labels = np.array([each for each in range(5) if each != blank])
    targets = labels[rng.integers(0, 4, (4, 3))]
    inputs, lengths = np.array([9, 8, 7, 9]), np.array([3, 1, 2, 3])
    given = torch.tensor(logp, requires_grad=True)
    want = torch.nn.functional.ctc_loss(
        given,
        torch.tensor(targets),
        torch.tensor(inputs),
        torch.tensor(lengths),
        blank=blank,
        reduction=reduction,
    )
    want.sum().backward()

    def run(x):
        out = nn.ctc_loss(
            x,
            ct.asarray(targets),
            ct.asarray(inputs),
            ct.asarray(lengths),
            blank=blank,
            reduction=reduction,
        )
        return ct.sum(out), out

    derive = ct.value_and_grad(run, has_aux=True)
    for function in (derive, ct.jit(derive)):
        (_, got), slope = function(ct.asarray(logp))
        np.testing.assert_allclose(np.asarray(got), want.detach().numpy(), rtol=2e-5)
        # torch's derivative is the one by logits before a log_softmax: it adds up to 0 over classes.
        slope = np.asarray(slope)
        projected = slope - np.exp(logp) * slope.sum(-1, keepdims=True)
        np.testing.assert_allclose(projected, given.grad.numpy(), rtol=2e-4, atol=2e-5)


def test_too_short():
    even = ct.log(ct.full((1, 1, 3), 1 / 3))
    args = (even, ct.asarray([[1, 2]]), ct.asarray([1]), ct.asarray([2]))
    assert float(nn.ctc_loss(*args)) == np.inf
    assert float(nn.ctc_loss(*args, zero_infinity=True)) == 0.0


def test_wrong_use():
    with pytest.raises(ShapeError, match=r"ctc_loss: expected \(time, batch, classes\)"):
        nn.ctc_loss(ct.zeros((2, 3)), ct.asarray([[1]]), ct.asarray([2]), ct.asarray([1]))
    with pytest.raises(ArgumentError, match="a blank among the classes"):
        nn.ctc_loss(
            ct.zeros((2, 1, 3)), ct.asarray([[1]]), ct.asarray([2]), ct.asarray([1]), blank=3
        )
