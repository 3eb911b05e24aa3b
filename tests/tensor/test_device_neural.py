"""What networks are made of on CUDA devices, and their training.

Attention multiplies float32 in two parts (2^-21 of a product), losses take powers of 2 as the hardware has
them; elsewhere sums are added in another order. Three steps of training are within 1e-4 of the CPU's.
"""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from device_cases import array, check, to_numpy

LABELS = ct.asarray([1, 0, -1, 6, 4])


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float64"])
def test_losses(device, name):
    x = ct.astype(array(5, 7), getattr(ct, name))
    rtol = 1e-2 if name == "bfloat16" else 2e-6
    check(ct.softmax_cross_entropy, x, LABELS, rtol=rtol)
    if name == "float32":
        mean = cn.value_and_grad(lambda x, y: ct.mean(ct.softmax_cross_entropy(x, y)))
        check(cn.jit(mean), x, LABELS, rtol=rtol)
        check(mean, x, LABELS, rtol=rtol)
        check(ct.softmax_cross_entropy, array(2, 1030), LABELS[:2], rtol=rtol)
        check(ct.softmax_cross_entropy, x[:0], LABELS[:0])


def test_attention(device):
    q, k, v = array(2, 4, 5, 8), array(2, 2, 9, 8), array(2, 2, 9, 4)
    check(ct.attention, q, k, v, rtol=2e-5)
    mask = array(2, 1, 5, 9) > 0
    check(lambda q, k, v, m: ct.attention(q, k, v, mask=m), q, k, v, mask, rtol=2e-5)
    causal = lambda q, k, v: ct.attention(q, k, v, is_causal=True)  # noqa: E731
    check(cn.vmap(causal), *(ct.stack([x, x * 0.5]) for x in (q, k, v)), rtol=2e-5)
    slopes = cn.grad(lambda *a: ct.sum(ct.square(causal(*a))), argnums=(0, 1, 2))
    check(cn.jit(slopes), q, k, v, rtol=5e-5)
    wide = [ct.astype(x, ct.float64) for x in (q, k, v)]
    check(cn.jit(cn.grad(lambda *a: ct.sum(ct.square(causal(*a))))), *wide, rtol=1e-12)


@pytest.mark.parametrize(
    "options",
    [{"stride": 2, "padding": 1, "groups": 2}, {"dilation": 2, "padding": 2}],
    ids=["groups", "dilated"],
)
def test_convolutions(device, options):
    x, w = array(2, 4, 7, 6), array(6, 4 // options.get("groups", 1), 3, 2)
    f = lambda x, w: ct.conv(x, w, **options)  # noqa: E731
    slopes = cn.grad(lambda x, w: ct.sum(ct.square(f(x, w))), argnums=(0, 1))
    check(cn.jit(lambda x, w: (f(x, w), *slopes(x, w))), x, w, rtol=5e-6)
    if "dilation" in options:
        check(cn.vmap(f, in_axes=(0, None)), ct.stack([x, x * 2.0]), w, rtol=2e-6)


class Block(nn.Module):
    """A small language model: embedding, a block of attention, logits."""

    def __init__(self):
        self.embedding = nn.Embedding(11, 8)
        # A bias of keys has the derivative 0, of which AdamW makes steps of what rounding left.
        self.block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, norm_first=True, bias=False)
        self.head = nn.Linear(8, 11)

    def forward(self, tokens):
        return self.head(self.block(self.embedding(tokens), is_causal=True))


def perceptron():
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))


def trained(make, inputs, labels, where, steps=3):
    """Losses and the weights after some steps of AdamW."""
    nn.manual_seed(3)
    model = make()
    weights, rest = nn.split(model)
    optimizer = nn.AdamW(1e-2)
    state = optimizer.init(weights)
    weights, state, inputs, labels = ct.tree_map(
        lambda x: x.to_device(where), (weights, state, inputs, labels)
    )

    @cn.jit
    def step(weights, state, inputs, labels):
        def loss(weights):
            return ct.mean(ct.softmax_cross_entropy(nn.merge(weights, rest)(inputs), labels))

        value, slopes = cn.value_and_grad(loss)(weights)
        weights, state = optimizer.update(slopes, state, weights)
        return value, weights, state

    losses = []
    for _ in range(steps):
        value, weights, state = step(weights, state, inputs, labels)
        losses.append(float(value))
    return losses, weights


@pytest.mark.parametrize("kind", ["perceptron", "transformer"])
def test_training(device, kind):
    if kind == "perceptron":
        make, inputs, labels = perceptron, array(8, 6), ct.asarray(np.arange(8) % 3)
    else:
        make = Block
        inputs = ct.asarray(np.arange(12).reshape(2, 6) * 5 % 11)
        labels = ct.asarray(np.arange(12).reshape(2, 6) * 7 % 11)
    got, there = trained(make, inputs, labels, "cuda")
    expected, here = trained(make, inputs, labels, "cpu")
    assert expected[-1] < expected[0]
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    for g, e in zip(ct.tree_leaves(there), ct.tree_leaves(here), strict=True):
        assert g.device == "cuda:0"
        np.testing.assert_allclose(to_numpy(g), to_numpy(e), rtol=1e-4, atol=1e-4)
