"""Losses beside torch's, with derivatives and all reductions; 2e-6 of values of about 1."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

REDUCTIONS = ["none", "sum", "mean"]


@pytest.fixture
def same(torch):
    """same(ours, theirs, x, *rest): values and derivatives by the first argument."""

    def compare(ours, theirs, x, *rest, rtol=2e-6, atol=2e-6):
        given = torch.tensor(x, requires_grad=True)
        want = theirs(torch.nn.functional, given, *(torch.tensor(each) for each in rest))
        want.sum().backward()
        others = [ct.asarray(each) for each in rest]

        def run(x):
            out = ours(x, *others)
            return ct.sum(out), out

        derive = ct.value_and_grad(run, has_aux=True)
        for function in (derive, ct.jit(derive)):
            (_, got), slope = function(ct.asarray(x))
            np.testing.assert_allclose(np.asarray(got), want.detach().numpy(), rtol=rtol, atol=atol)
            np.testing.assert_allclose(np.asarray(slope), given.grad.numpy(), rtol=rtol, atol=atol)

    return compare


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}, {"ignore_index": 2}, {"weight": True},
                                     {"weight": True, "label_smoothing": 0.2, "ignore_index": 1}], ids=str)  # fmt: skip
def test_cross_entropy_of_labels(same, normal, rng, torch, reduction, options):
    weight = rng.random(5).astype(np.float32) + 0.5
    kinds = [dict(options), dict(options)]
    if options.get("weight"):
        kinds = [
            {**options, "weight": ct.asarray(weight)},
            {**options, "weight": torch.tensor(weight)},
        ]
    labels = rng.integers(0, 5, 12)
    labels[0] = options.get("ignore_index", 0)
    same(
        lambda x, y: nn.cross_entropy(x, y, reduction=reduction, **kinds[0]),
        lambda f, x, y: f.cross_entropy(x, y, reduction=reduction, **kinds[1]),
        normal(12, 5) * 3,
        labels,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_of_places(same, normal, rng, reduction):
    labels = rng.integers(0, 4, (3, 5, 2))
    same(
        lambda x, y: nn.cross_entropy(x, y, reduction=reduction),
        lambda f, x, y: f.cross_entropy(x, y, reduction=reduction),
        normal(3, 4, 5, 2),
        labels,
    )
    x = normal(3, 5, 4)
    last = nn.cross_entropy(ct.asarray(x), ct.asarray(labels[..., 0]), axis=-1, reduction=reduction)
    first = nn.cross_entropy(
        ct.asarray(x.transpose(0, 2, 1)), ct.asarray(labels[..., 0]), reduction=reduction
    )
    np.testing.assert_allclose(np.asarray(last), np.asarray(first), rtol=1e-6)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_cross_entropy_of_probabilities(same, normal, rng, reduction, smoothing):
    target = rng.dirichlet(np.ones(4), 7).astype(np.float32)
    options = {"reduction": reduction, "label_smoothing": smoothing}
    same(
        lambda x, y: nn.cross_entropy(x, y, **options),
        lambda f, x, y: f.cross_entropy(x, y, **options),
        normal(7, 4),
        target,
    )


def test_cross_entropy_of_large_logits():
    x = ct.asarray([[1e4, -1e4], [-1e4, 1e4]])
    assert np.asarray(nn.cross_entropy(x, ct.asarray([0, 0]), reduction="none")).tolist() == [
        0.0,
        2e4,
    ]


def test_nll(same, normal, rng):
    same(
        lambda x, y: nn.nll_loss(x, y),
        lambda f, x, y: f.nll_loss(x, y),
        normal(6, 3),
        rng.integers(0, 3, 6),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary(same, normal, rng, reduction):
    truth = (rng.random((6, 3)) < 0.5).astype(np.float32)
    p = rng.random((6, 3)).astype(np.float32) * 0.98 + 0.01
    same(
        lambda x, y: nn.binary_cross_entropy(x, y, reduction=reduction),
        lambda f, x, y: f.binary_cross_entropy(x, y, reduction=reduction),
        p,
        truth,
        rtol=1e-5,
    )
    for weight in (None, rng.random(3).astype(np.float32) + 0.5):

        def theirs(f, x, y, weight=weight):
            import torch

            pos = None if weight is None else torch.tensor(weight)
            return f.binary_cross_entropy_with_logits(x, y, reduction=reduction, pos_weight=pos)

        pos = None if weight is None else ct.asarray(weight)
        same(lambda x, y, pos=pos: nn.binary_cross_entropy_with_logits(x, y, reduction=reduction, pos_weight=pos),
             theirs, normal(6, 3) * 20, truth)  # fmt: skip


def test_binary_at_the_ends(torch):
    p, t = np.array([0.0, 1.0, 0.0, 1.0], np.float32), np.array([0.0, 1.0, 1.0, 0.0], np.float32)
    want = torch.nn.functional.binary_cross_entropy(
        torch.tensor(p), torch.tensor(t), reduction="none"
    )
    got = nn.binary_cross_entropy(ct.asarray(p), ct.asarray(t), reduction="none")
    np.testing.assert_allclose(np.asarray(got), want.numpy())


def test_focal_without_focus_is_cross_entropy(normal, rng):
    x, t = ct.asarray(normal(9)), ct.asarray((rng.random(9) < 0.5).astype(np.float32))
    a = nn.focal_loss(x, t, alpha=None, gamma=0.0)
    assert float(a) == pytest.approx(float(nn.binary_cross_entropy_with_logits(x, t)), rel=1e-6)


@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_div(same, rng, reduction, log_target):
    target = rng.dirichlet(np.ones(4), 5).astype(np.float32)
    if not log_target:
        target[0, 0] = 0.0
    target = np.log(target) if log_target else target
    options = {"reduction": reduction, "log_target": log_target}
    x = np.log(rng.dirichlet(np.ones(4), 5)).astype(np.float32)
    same(
        lambda x, y: nn.kl_div(x, y, **options),
        lambda f, x, y: f.kl_div(x, y, **options),
        x,
        target,
    )


PAIRS = {
    "mse": (nn.mse_loss, lambda f, x, y, **o: f.mse_loss(x, y, **o)),
    "mae": (nn.mae_loss, lambda f, x, y, **o: f.l1_loss(x, y, **o)),
    "huber": (
        lambda x, y, **o: nn.huber_loss(x, y, delta=0.7, **o),
        lambda f, x, y, **o: f.huber_loss(x, y, delta=0.7, **o),
    ),
    "smooth_l1": (
        lambda x, y, **o: nn.smooth_l1_loss(x, y, beta=0.6, **o),
        lambda f, x, y, **o: f.smooth_l1_loss(x, y, beta=0.6, **o),
    ),
    "poisson": (nn.poisson_nll_loss, lambda f, x, y, **o: f.poisson_nll_loss(x, y, **o)),
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", PAIRS)
def test_regression(same, normal, name, reduction):
    ours, theirs = PAIRS[name]
    same(
        lambda x, y: ours(x, y, reduction=reduction),
        lambda f, x, y: theirs(f, x, y, reduction=reduction),
        normal(4, 5),
        np.abs(normal(4, 5)),
    )


def test_poisson_in_full(same, normal, rng):
    x, t = np.abs(normal(9)) + 0.1, rng.integers(0, 6, 9).astype(np.float32)
    options = {"log_input": False, "full": True}
    same(
        lambda x, y: nn.poisson_nll_loss(x, y, **options),
        lambda f, x, y: f.poisson_nll_loss(x, y, **options),
        x,
        t,
    )


def test_gaussian(same, normal, rng):
    var = rng.random(8).astype(np.float32)
    var[0] = 1e-9
    for full in (False, True):
        same(lambda v, x, y, full=full: nn.gaussian_nll_loss(x, y, v, full=full),
             lambda f, v, x, y, full=full: f.gaussian_nll_loss(x, y, v, full=full), var, normal(8), normal(8), rtol=1e-5)  # fmt: skip


def test_log_cosh(normal):
    x, y = normal(50).astype(np.float64), normal(50).astype(np.float64)
    got = nn.log_cosh_loss(ct.asarray(x), ct.asarray(y), reduction="none")
    np.testing.assert_allclose(np.asarray(got), np.log(np.cosh(x - y)), rtol=1e-12, atol=1e-15)
    assert float(nn.log_cosh_loss(ct.asarray([1000.0]), ct.asarray([0.0]))) == pytest.approx(
        1000 - np.log(2)
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_order_and_distance(same, normal, rng, reduction):
    sign = np.where(rng.random(6) < 0.5, 1.0, -1.0).astype(np.float32)
    o = {"reduction": reduction}
    same(
        lambda x, y: nn.hinge_embedding_loss(x, y, **o),
        lambda f, x, y: f.hinge_embedding_loss(x, y, **o),
        normal(6),
        sign,
    )
    same(
        lambda a, b, y: nn.margin_ranking_loss(a, b, y, margin=0.2, **o),
        lambda f, a, b, y: f.margin_ranking_loss(a, b, y, margin=0.2, **o),
        normal(6),
        normal(6),
        sign,
    )
    same(
        lambda a, b, y: nn.cosine_embedding_loss(a, b, y, margin=0.1, **o),
        lambda f, a, b, y: f.cosine_embedding_loss(a, b, y, margin=0.1, **o),
        normal(6, 3),
        normal(6, 3),
        sign,
    )
    for options in ({}, {"p": 3.0}, {"swap": True, "margin": 2.0}):
        same(lambda a, b, c, options=options: nn.triplet_margin_loss(a, b, c, **o, **options),
             lambda f, a, b, c, options=options: f.triplet_margin_loss(a, b, c, **o, **options), normal(6, 3), normal(6, 3), normal(6, 3), rtol=1e-5)  # fmt: skip
    same(
        lambda x, y: nn.hinge_loss(x, y, **o),
        lambda f, x, y: (
            getattr(f.relu(1 - y * x), reduction)() if reduction != "none" else f.relu(1 - y * x)
        ),
        normal(6),
        sign,
    )


def test_cosine_similarity(same, normal):
    same(
        lambda a, b: nn.cosine_similarity(a, b, axis=1),
        lambda f, a, b: f.cosine_similarity(a, b, dim=1),
        normal(4, 5, 2),
        normal(4, 5, 2),
    )


def test_weights_multiply(normal):
    x, y, w = (ct.asarray(normal(4)) for _ in range(3))
    assert float(nn.mse_loss(x, y, weight=w)) == pytest.approx(
        float(np.mean(np.asarray(w) * (np.asarray(x) - np.asarray(y)) ** 2)), rel=1e-5
    )


def test_wrong_use():
    x = ct.zeros((2, 3))
    with pytest.raises(
        ShapeError, match=r"mse_loss: expected a target of the shape \(2, 3\), got \(2,\)"
    ):
        nn.mse_loss(x, ct.zeros((2,)))
    with pytest.raises(ArgumentError, match='mae_loss: expected the reduction "mean"'):
        nn.mae_loss(x, x, reduction="other")
    with pytest.raises(
        ShapeError, match=r"cross_entropy: expected labels of the shape \(2,\), got \(3,\)"
    ):
        nn.cross_entropy(x, ct.asarray([0, 1, 2]))
    with pytest.raises(ArgumentError, match="a smoothing of 0 to 1"):
        nn.cross_entropy(x, ct.asarray([0, 1]), label_smoothing=2.0)
    with pytest.raises(ArgumentError, match="a positive delta"):
        nn.huber_loss(x, x, delta=0.0)


@pytest.mark.parametrize("name", ["bool", "int8", "uint8", "uint16", "uint32", "int64", "uint64"])
def test_classes_of_all_types(name):
    """Also more classes than the type has numbers: the labels are those of int64."""
    logits = ct.asarray(np.random.default_rng(0).normal(size=(4, 300)).astype(np.float32))
    labels = np.array([0, 1, 1, 0])
    for loss in (nn.cross_entropy, nn.nll_loss):
        want = float(loss(logits, ct.asarray(labels)))
        assert float(loss(logits, ct.asarray(labels.astype(name)))) == want
    with pytest.raises(TypeError, match="nll_loss: expected whole numbers of classes, got float32"):
        nn.nll_loss(logits, ct.ones((4,)))


@pytest.mark.parametrize("jit", [False, True])
def test_derivatives_of_binary_at_the_ends(torch, jit):
    """Finite at 0 and 1, as torch's; rtol 1e-6."""
    p = np.array([0, 1, 0, 1, 1e-20, 0.3, 0.5], np.float32)
    t = np.array([0, 1, 1, 0, 1, 1, 0.2], np.float32)
    peer = torch.tensor(p, requires_grad=True)
    torch.nn.functional.binary_cross_entropy(peer, torch.tensor(t), reduction="sum").backward()
    derive = ct.grad(lambda p: nn.binary_cross_entropy(p, ct.asarray(t), reduction="sum"))
    got = (ct.jit(derive) if jit else derive)(ct.asarray(p))
    np.testing.assert_allclose(np.asarray(got), peer.grad.numpy(), rtol=1e-6)
    by_target = ct.grad(lambda t: nn.binary_cross_entropy(ct.asarray(p), t, reduction="sum"))
    assert np.all(np.isfinite(np.asarray(by_target(ct.asarray(t)))))


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64"])
def test_derivatives_of_binary_at_the_ends_are_finite(name):
    p, t = (ct.asarray(each, dtype=getattr(ct, name)) for each in ([0.0, 1.0], [1.0, 0.0]))
    slopes = np.asarray(ct.grad(lambda p: nn.binary_cross_entropy(p, t, reduction="sum"))(p))
    assert np.all(np.isfinite(slopes.astype(np.float64)))
    assert slopes[0] < -1000 < 1000 < slopes[1]


def test_the_axis_of_classes_is_told():
    scores, labels = ct.zeros((2, 5, 7)), ct.zeros((2, 5), dtype=ct.int64)
    with pytest.raises(ShapeError, match=r"along axis 1 of \(2, 5, 7\): did you mean axis=-1\?"):
        nn.cross_entropy(scores, labels)
    with pytest.raises(ShapeError, match=r"along axis -1 of \(2, 5, 7\): did you mean axis=1\?"):
        nn.cross_entropy(scores, ct.zeros((2, 7), dtype=ct.int64), axis=-1)
    with pytest.raises(ShapeError, match=r"classes are along axis 1 of \(2, 5, 7\)$"):
        nn.cross_entropy(scores, ct.zeros((3,), dtype=ct.int64))
