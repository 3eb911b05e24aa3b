"""Derivatives where formulas divide by 0: finite where torch's are, by both modes, and by jit.

Values and derivatives are torch's to 1e-12 in float64, unless a case says otherwise.
"""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn

torch = pytest.importorskip("torch", reason="torch is not installed")
T, F = torch, torch.nn.functional
INF = float("inf")
ROWS = np.array([[0.0, 0, 0, 0], [1, 1, 1, 1], [1, 0, -1, 0], [0, 2, 0, 0]])
POINTS = np.array([0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 20, -20, 100, 1e30, -1e30, INF, -INF])


def norms(power):
    return pytest.param(lambda x: ct.linalg.vector_norm(x, axis=-1, ord=power),
                        lambda x: T.linalg.vector_norm(x, ord=power, dim=-1), ROWS,
                        id=f"vector_norm-{power}")  # fmt: skip


def case(name, ours, theirs, *inputs):
    return pytest.param(ours, theirs, *inputs, id=name)


ONE = [
    *(norms(power) for power in (2, 1, 0, 3, 1.5, 0.5, INF, -INF, -1, -2)),
    case("matrix_norm", ct.linalg.matrix_norm, T.linalg.matrix_norm, np.zeros((2, 3, 3))),
    case("std", lambda x: ct.std(x, axis=-1), lambda x: x.std(-1, correction=0), ROWS),
    case("std-1", lambda x: ct.std(x, axis=-1, correction=1), lambda x: x.std(-1), ROWS),
    case("std-one", lambda x: ct.std(x, axis=-1), lambda x: x.std(-1, correction=0), ROWS[:, :1]),
    case("global_norm", lambda x: nn.global_norm([x]), T.linalg.vector_norm, np.zeros((3,))),
    case("clip_by_global_norm", lambda x: nn.clip_by_global_norm([x], 1.0)[0][0],
         lambda x: x * T.clamp(1 / (T.linalg.vector_norm(x) + 1e-6), max=1.0), np.zeros((3,))),
    case("clip", lambda x: ct.clip(x, -1, 1), lambda x: x.clamp(-1, 1), POINTS),
    case("clip-min", lambda x: ct.clip(x, 0.0), lambda x: x.clamp(min=0), POINTS),
    case("hard_swish", nn.hard_swish, F.hardswish, POINTS[:-1]),  # torch's of -inf is NaN
    case("log_sigmoid", nn.log_sigmoid, F.logsigmoid, POINTS),
    case("softplus", nn.softplus, F.softplus, POINTS),
    case("relu", nn.relu, F.relu, POINTS), case("abs", ct.abs, T.abs, POINTS),
    case("0^x", lambda x: 0.0**x, lambda x: 0.0**x, POINTS),
    *(case(f"x^{power}", lambda x, p=power: x**p, lambda x, p=power: x**p, POINTS[:-1])
      for power in (0, 1, 2, 3, 1.5, -1)),
    *(case(name, getattr(nn, name), lambda x, f=f: f(x, dim=-1), np.vstack([ROWS, [0, -INF, 1, 1]]))
      for name, f in (("softmax", F.softmax), ("log_softmax", F.log_softmax))),
    case("logsumexp", lambda x: ct.logsumexp(x, axis=-1), lambda x: x.logsumexp(-1),
         np.vstack([ROWS, [0, -INF, 1, 1], [-INF] * 4])),
    case("max", lambda x: ct.max(x, axis=-1), lambda x: x.amax(-1), ROWS),
    case("prod", lambda x: ct.prod(x, axis=-1), lambda x: x.prod(-1), ROWS),
]  # fmt: skip


def same(got, expected, rtol):
    np.testing.assert_allclose(np.asarray(got), expected.detach().numpy(), rtol=rtol, atol=1e-12)


def check(ours, theirs, *inputs, rtol=1e-12):
    given = [T.tensor(x, requires_grad=True) for x in inputs]
    expected = theirs(*given)
    slopes = T.autograd.grad(expected.sum(), given, allow_unused=True, materialize_grads=True)
    values = [ct.asarray(x) for x in inputs]
    got, pull = cn.vjp(ours, *values)
    same(got, expected, rtol)
    one = ct.ones(got.shape, dtype=got.dtype)
    pulled = cn.jit(lambda *x: cn.vjp(ours, *x)[1](one))(*values)
    for at, slope in enumerate(slopes):
        same(pull(one)[at], slope, rtol)
        same(pulled[at], slope, rtol)

        def part(x, at=at):
            return ours(*values[:at], x, *values[at + 1 :])

        change = cn.jvp(part, (values[at],), (ct.ones(values[at].shape, dtype=ct.float64),))[1]
        np.testing.assert_allclose(
            float(ct.sum(change)), float(slope.sum()), rtol=rtol * 10, atol=1e-12
        )


@pytest.mark.parametrize(("ours", "theirs", "x"), ONE)
def test_functions_of_one(ours, theirs, x):
    check(ours, theirs, x)


LABELS = np.array([0.0, 1.0])
PAIRS = {
    "pow": (ct.pow, T.pow, [0.0, -0.0, 1, -1, 2, 0.5], [0.0, 1, -1, 2, -2, 0.5]),
    "atan2": (ct.atan2, T.atan2, [0.0, -0.0, 1, -2], [0.0, -0.0, 1, -2]),
    "maximum": (ct.maximum, T.maximum, [0.0, 1], [0.0, 1]),
    "logaddexp": (ct.logaddexp, T.logaddexp, [INF, 0.0, 1, 1e200], [-INF, 0.0, 1, 1e200]),
    "binary_cross_entropy_with_logits": (nn.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits, [100.0, -1000.0, 0.0], LABELS),
    "multilabel_soft_margin_loss": (
        lambda x, y: nn.multilabel_soft_margin_loss(x[:, None], y[:, None]),
        lambda x, y: F.multilabel_soft_margin_loss(x[:, None], y[:, None]),
        [1000.0, -1000.0, 0.0], LABELS),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_functions_of_two(name):
    ours, theirs, first, second = PAIRS[name]
    grid = np.meshgrid(first, second, indexing="ij")
    check(ours, theirs, *(each.ravel().copy() for each in grid))


LOSSES = {
    "cosine_similarity": (nn.cosine_similarity, lambda a, b: F.cosine_similarity(a, b, dim=-1)),
    **{f"triplet-{p}": (lambda a, b, p=p: nn.triplet_margin_loss(a, b, b, eps=0.0, p=p),
                        lambda a, b, p=p: F.triplet_margin_loss(a, b, b, eps=0.0, p=p))
       for p in (1.0, 2.0, 3.0)},
    "triplet-swap": (lambda a, b: nn.triplet_margin_loss(a, b, b, swap=True),
                     lambda a, b: F.triplet_margin_loss(a, b, b, swap=True)),
    "margin_ranking_loss": (lambda a, b: nn.margin_ranking_loss(a, b, ct.ones_like(b)),
                            lambda a, b: F.margin_ranking_loss(a, b, T.ones_like(b))),
    "mae_loss": (nn.mae_loss, F.l1_loss), "huber_loss": (nn.huber_loss, F.huber_loss),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("other", ["zeros", "same"])
def test_losses_of_equal_rows_and_of_zeros(name, other):
    check(*LOSSES[name], ROWS, ROWS.copy() if other == "same" else np.zeros_like(ROWS))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_cosine_embedding_of_zeros(sign):
    def ours(a, b):
        return nn.cosine_embedding_loss(a, b, ct.full((4,), sign, dtype=ct.float64))

    def theirs(a, b):
        return F.cosine_embedding_loss(a, b, T.full((4,), sign))

    check(ours, theirs, np.zeros_like(ROWS), ROWS + 1, rtol=1e-8)  # torch adds 1e-12 to squares


def test_what_is_finite_where_torch_has_nan():
    for f in (ct.hypot, ct.atan2):
        slopes = cn.grad(lambda a, b, f=f: f(a, b), argnums=(0, 1))(*[ct.asarray(0.0)] * 2)
        assert [float(each) for each in slopes] == [0, 0]
    tiny = ct.asarray(1e-200, dtype=ct.float64)
    np.testing.assert_allclose(float(cn.grad(lambda y: ct.atan2(y, tiny))(tiny)), 5e199)
    least = ct.asarray(-INF)
    assert float(cn.grad(lambda x: ct.logaddexp(x, least))(least)) == 0.5
    assert np.isinf(float(cn.grad(ct.sqrt)(ct.asarray(0.0))))  # infinite, not undefined


@pytest.mark.parametrize("f", [ct.linalg.vector_norm, ct.std, lambda x: ct.hypot(x[0], x[1]),
                               lambda x: ct.atan2(x[0], x[1])])  # fmt: skip
def test_second_derivatives_are_finite_too(f):
    assert np.isfinite(np.asarray(cn.hessian(f)(ct.zeros((3,))))).all()


def test_nan_stays():
    x = ct.asarray([float("nan"), 1.0])
    for loss in (nn.hinge_loss, nn.margin_ranking_loss):
        extra = (x,) if loss is nn.margin_ranking_loss else ()
        got = loss(x, ct.ones((2,)), *extra, reduction="none")
        assert np.isnan(np.asarray(got)[0]), loss
    clipped = cn.jit(lambda x: ct.clip(x, 0.0, 1.0))(x)
    assert np.isnan(np.asarray(clipped)[0])


def test_derivatives_of_logarithms_of_singular_determinants():
    """They are infinite or NaN, as JAX's; those of the other matrices of a batch are right."""
    x = np.stack([np.eye(3) * 2, np.ones((3, 3)), np.zeros((3, 3))])
    sign = ct.linalg.slogdet(ct.asarray(x)).sign
    assert np.asarray(sign).tolist() == [1, 0, 0]
    assert not np.signbit(np.asarray(sign)).any()
    first = cn.grad(lambda a: ct.sum(ct.linalg.slogdet(a)[1]))(ct.asarray(x))
    second = cn.jit(cn.vmap(cn.hessian(lambda a: ct.linalg.slogdet(a)[1])))(ct.asarray(x))
    np.testing.assert_array_equal(np.asarray(first)[0], np.eye(3) / 2)
    np.testing.assert_allclose(np.asarray(second)[0, 1, 2, 2, 1], -0.25)
    for each in (first, second):
        assert np.isfinite(np.asarray(each)).reshape(3, -1).any(axis=1).tolist()[0]
        assert not np.isfinite(np.asarray(each)).reshape(3, -1).all(axis=1)[1:].any()
    # Beyond 5 rows so are third derivatives of determinants.
    wide = ct.asarray(np.diag([2.0, -1, 3, 0, 0, 0]))
    slope = cn.grad(lambda a: ct.sum(cn.grad(ct.linalg.det)(a) * wide))
    assert not np.isfinite(np.asarray(cn.grad(lambda a: ct.sum(slope(a)))(wide))).all()
