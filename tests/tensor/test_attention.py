"""Attention and its slopes against float64: sums of up to 70 products, 1e-5 of float32 and 1e-12
of float64; halves are rounded once."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

TOLERANCES = {"float32": 1e-5, "float64": 1e-12, "float16": 2e-3, "bfloat16": 2e-2}


def allowed_of(q, k, mask, causal):
    out = np.ones((*q.shape[:-1], k.shape[-2]), bool)
    if causal:
        out &= np.tril(np.ones(out.shape[-2:], bool), k.shape[-2] - q.shape[-2])
    return out if mask is None else out & mask


def reference(q, k, v, mask=None, causal=False, scale=None, cotangent=None):
    """The result and the slopes by q, k and v, in float64."""
    q, k, v = (np.asarray(each, np.float64) for each in (q, k, v))
    share = q.shape[-3] // k.shape[-3]
    k, v = (np.repeat(each, share, -3) for each in (k, v))
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    allowed = allowed_of(q, k, mask, causal)
    scores = np.where(allowed, np.einsum("...qd,...kd->...qk", q, k) * scale, -np.inf)
    top = scores.max(-1, keepdims=True, initial=-1e300)
    e = np.where(allowed, np.exp(scores - top), 0)
    total = e.sum(-1, keepdims=True)
    w = e / np.where(total > 0, total, 1)
    out = w @ v
    if cotangent is None:
        return out
    slope = np.einsum("...qe,...ke->...qk", cotangent, v)
    slope = w * (slope - (slope * w).sum(-1, keepdims=True)) * scale

    def grouped(x):
        return x.reshape(*x.shape[:-3], x.shape[-3] // share, share, *x.shape[-2:]).sum(-3)

    by_k = grouped(np.einsum("...qk,...qd->...kd", slope, q))
    return out, slope @ k, by_k, grouped(np.einsum("...qk,...qe->...ke", w, cotangent))


def made(rng, *shapes):
    return [rng.normal(size=shape) for shape in shapes]


CASES = [((1, 1, 1, 1), (1, 1, 1, 1), 1), ((2, 3, 5, 4), (2, 3, 7, 4), 6), ((2, 6, 130, 8), (2, 2, 33, 8), 8),
         ((1, 4, 20, 70), (1, 1, 300, 70), 3), ((3, 2, 5), (3, 2, 5), 5), ((2, 1, 2, 9, 4), (2, 1, 1, 9, 4), 4),
         ((1, 1, 3, 16), (1, 1, 5000, 16), 16)]  # fmt: skip


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", TOLERANCES)
@pytest.mark.parametrize(("first", "second", "width"), CASES)
def test_matches_the_formula(name, first, second, width, causal):
    rng = np.random.default_rng(0)
    dtype = getattr(ct, name)
    given = made(rng, first, second, (*second[:-1], width), (*first[:-1], width))
    q, k, v, cotangent = (ct.astype(ct.asarray(each), dtype) for each in given)
    exact = [np.asarray(ct.astype(each, ct.float64)) for each in (q, k, v, cotangent)]
    want = reference(*exact[:3], causal=causal, cotangent=exact[3])

    def run(q, k, v):
        out = ct.attention(q, k, v, is_causal=causal)
        return ct.sum(out * cotangent), out

    derive = cn.value_and_grad(run, argnums=(0, 1, 2), has_aux=True)
    for function in (derive, cn.jit(derive)):
        (_, out), slopes = function(q, k, v)
        for got, wanted in zip((out, *slopes), want, strict=True):
            assert got.dtype == dtype
            close = TOLERANCES[name]
            np.testing.assert_allclose(
                np.asarray(ct.astype(got, ct.float64)), wanted, rtol=close, atol=close * 4
            )


@pytest.mark.parametrize("shape", [(7, 9), (1, 9), (3, 7, 9), (2, 3, 7, 9), (2, 1, 7, 1), (7, 1)])
def test_masks(shape):
    rng = np.random.default_rng(1)
    q, k, v, cotangent = made(rng, (2, 3, 7, 4), (2, 3, 9, 4), (2, 3, 9, 5), (2, 3, 7, 5))
    mask = rng.random(shape) < 0.6
    mask[..., 0, :] = False  # a query without keys
    want = reference(q, k, v, mask, True, 0.3, cotangent)

    def run(q, k, v):
        out = ct.attention(q, k, v, mask=ct.asarray(mask), is_causal=True, scale=0.3)
        return ct.sum(out * ct.asarray(cotangent)), out

    arrays = [ct.asarray(each) for each in (q, k, v)]
    (_, out), slopes = cn.value_and_grad(run, argnums=(0, 1, 2), has_aux=True)(*arrays)
    for got, wanted in zip((out, *slopes), want, strict=True):
        np.testing.assert_allclose(np.asarray(got), wanted, rtol=1e-12, atol=1e-13)


def test_strides():
    rng = np.random.default_rng(2)
    (x,) = made(rng, (2, 12, 3, 8))
    moved = ct.permute_dims(ct.asarray(x), (0, 2, 1, 3))
    plain = x.transpose(0, 2, 1, 3)
    got = ct.attention(moved[..., ::-2], moved[:, :, ::-1, ::2], moved[:, :, :, 1:])
    want = reference(plain[..., ::-2], plain[:, :, ::-1, ::2], plain[:, :, :, 1:])
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-12)
    one = ct.broadcast_to(moved[:1, :1], (2, 3, 12, 8))
    want = reference(*[np.broadcast_to(plain[:1, :1], (2, 3, 12, 8))] * 3)
    np.testing.assert_allclose(np.asarray(ct.attention(one, one, one)), want, rtol=1e-12)


@pytest.mark.parametrize("shapes", [((0, 2, 3, 4), (0, 2, 5, 4)), ((2, 2, 0, 4), (2, 2, 5, 4)),
                                    ((2, 2, 3, 4), (2, 2, 0, 4)), ((2, 2, 3, 0), (2, 2, 5, 0))])  # fmt: skip
def test_without_elements(shapes):
    q, k = (ct.zeros(shape) for shape in shapes)
    f = cn.value_and_grad(lambda q: ct.sum(ct.attention(q, k, k)))
    value, slope = f(q)
    assert float(value) == 0
    assert not np.asarray(slope).any()


def test_batches():
    rng = np.random.default_rng(3)
    q, k, v = made(rng, (3, 2, 4, 5, 6), (3, 2, 2, 5, 6), (2, 2, 5, 6))
    mask = rng.random((3, 1, 5, 5)) < 0.8
    f = cn.vmap(lambda q, k, mask: ct.attention(q, k, ct.asarray(v), mask=mask, is_causal=True))
    got = f(ct.asarray(q), ct.asarray(k), ct.asarray(mask))
    for at in range(3):
        want = reference(q[at], k[at], v, mask[at][None], True)
        np.testing.assert_allclose(np.asarray(got[at]), want, rtol=1e-12, atol=1e-14)


def test_threads_make_no_difference():
    x = ct.asarray(np.random.default_rng(4).normal(size=(2, 4, 150, 16)).astype(np.float32))
    f = cn.value_and_grad(lambda x: ct.sum(ct.attention(x, x, x, is_causal=True) ** 2.0))
    before = cn.num_threads()
    found = []
    try:
        for threads in (1, 2, 5):
            cn.set_num_threads(threads)
            found.append([np.asarray(each) for each in f(x)])
    finally:
        cn.set_num_threads(before)
    for value, slope in found[1:]:
        np.testing.assert_array_equal(value, found[0][0])
        np.testing.assert_array_equal(slope, found[0][1])


X = ct.ones((1, 2, 3, 4))


@pytest.mark.parametrize(("call", "error"), [
    (lambda: ct.attention(X, X, ct.astype(X, ct.float64)), cnengine.errors.TypeError),
    (lambda: ct.attention(*[ct.ones((1, 2, 3, 4), dtype=ct.int32)] * 3), cnengine.errors.TypeError),
    (lambda: ct.attention(X, X[:, :, :2], X), cnengine.errors.ShapeError),
    (lambda: ct.attention(X, ct.ones((1, 3, 3, 4)), ct.ones((1, 3, 3, 4))), cnengine.errors.ShapeError),
    (lambda: ct.attention(X[0, 0], X[0, 0], X[0, 0]), cnengine.errors.ShapeError),
    (lambda: ct.attention(X, X, X, mask=ct.ones((2, 3), dtype=ct.bool)), cnengine.errors.ShapeError),
    (lambda: ct.attention(X, X, X, mask=ct.ones((3, 3))), cnengine.errors.ShapeError),
])  # fmt: skip
def test_errors(call, error):
    with pytest.raises(error, match="attention: expected"):
        call()
