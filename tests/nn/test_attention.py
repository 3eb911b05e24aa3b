"""Attention beside torch's; sums of at most 32 products and a softmax: 3e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

CLOSE = {"rtol": 3e-5, "atol": 3e-5}


def both(**options):
    """The two modules' calls."""

    def ours(module, q, k=None, v=None):
        return module(q, k, v, **options)

    def theirs(module, q, k=None, v=None):
        import torch

        k = q if k is None else k
        v = k if v is None else v
        mask = options.get("mask")
        mask = None if mask is None else torch.tensor(np.asarray(mask))
        if mask is not None and mask.dtype == torch.bool:
            mask = ~mask  # torch's says what may not be attended to
        if options.get("is_causal"):
            mask = torch.triu(torch.ones(q.shape[1], k.shape[1], dtype=torch.bool), 1)
        return module(q, k, v, attn_mask=mask, need_weights=False)[0]

    return {"call": ours, "peer_call": theirs}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("heads", [1, 4])
def test_self_attention(agree, torch, normal, bias, heads):
    peer = torch.nn.MultiheadAttention(8, heads, bias=bias, batch_first=True)
    agree(nn.MultiHeadAttention(8, heads, bias=bias), peer, normal(2, 5, 8), **both(), **CLOSE)


def test_causal(agree, torch, normal):
    peer = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    agree(nn.MultiHeadAttention(8, 2), peer, normal(2, 5, 8), **both(is_causal=True), **CLOSE)
    agree(nn.MultiHeadAttention(8, 2, is_causal=True), peer, normal(2, 5, 8), call=both()["call"],
          peer_call=both(is_causal=True)["peer_call"], **CLOSE)  # fmt: skip


@pytest.mark.parametrize("kind", ["bool", "float"])
def test_masks(agree, torch, normal, rng, kind):
    peer = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    mask = rng.random((5, 5)) < 0.6 if kind == "bool" else normal(5, 5)
    if kind == "bool":
        mask |= np.eye(5, dtype=bool)
    agree(
        nn.MultiHeadAttention(8, 2), peer, normal(2, 5, 8), **both(mask=ct.asarray(mask)), **CLOSE
    )


def test_cross_attention(agree, torch, normal):
    peer = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    agree(nn.MultiHeadAttention(8, 2), peer, normal(2, 5, 8), normal(2, 7, 8), **both(), **CLOSE)
    peer = torch.nn.MultiheadAttention(8, 2, kdim=6, vdim=3, batch_first=True)
    agree(
        nn.MultiHeadAttention(8, 2, kdim=6, vdim=3),
        peer,
        normal(2, 5, 8),
        normal(2, 7, 6),
        normal(2, 7, 3),
        **both(),
        **CLOSE,
    )


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("causal", [True, False])
def test_grouped_queries(torch, normal, groups, causal):
    q, k, v = normal(2, 4, 5, 6), normal(2, groups, 5, 6), normal(2, groups, 5, 6)
    want = torch.nn.functional.scaled_dot_product_attention(
        *(torch.tensor(each) for each in (q, k, v)), is_causal=causal, enable_gqa=True
    ).numpy()
    got = nn.scaled_dot_product_attention(
        *(ct.asarray(each) for each in (q, k, v)), is_causal=causal
    )
    np.testing.assert_allclose(np.asarray(got), want, **CLOSE)


def test_mask_of_heads_with_groups(normal, rng):
    q, k, v = (ct.asarray(normal(2, 4, 5, 6)), *(ct.asarray(normal(2, 2, 5, 6)) for _ in range(2)))
    mask = ct.asarray(rng.random((2, 4, 5, 5)) < 0.7)
    got = nn.scaled_dot_product_attention(q, k, v, mask)
    for head in range(4):
        one = nn.scaled_dot_product_attention(
            q[:, head : head + 1], k[:, head // 2 : head // 2 + 1], v[:, head // 2 : head // 2 + 1],
            mask[:, head : head + 1],
        )  # fmt: skip
        np.testing.assert_allclose(np.asarray(got[:, head : head + 1]), np.asarray(one), **CLOSE)


def test_rows_without_keys_are_zero_and_have_derivatives(normal):
    q = ct.asarray(normal(1, 1, 3, 4))
    mask = ct.asarray(np.array([[True, True, False], [False] * 3, [True] * 3]))

    def total(q):
        out = nn.scaled_dot_product_attention(q, q, q, mask)
        return ct.sum(out * out), out

    (_, out), slope = ct.value_and_grad(total, has_aux=True)(q)
    assert not np.asarray(out)[0, 0, 1].any()
    assert np.isfinite(np.asarray(slope)).all()


def test_queries_at_the_end_see_what_was_before(normal):
    q, k = ct.asarray(normal(1, 2, 6, 4)), ct.asarray(normal(1, 2, 6, 4))
    whole = nn.scaled_dot_product_attention(q, k, k, is_causal=True)
    last = nn.scaled_dot_product_attention(q[:, :, 4:], k, k, is_causal=True)
    np.testing.assert_allclose(np.asarray(whole[:, :, 4:]), np.asarray(last), **CLOSE)


def test_rotation_against_complex_numbers(normal):
    """Su et al. 2021, equation 34: pairs are complex numbers times e^(i p / theta^(2 i / d))."""
    x = normal(2, 3, 7, 8).astype(np.float64)
    positions = np.array([0, 1, 2, 5, 9, 100, 1000])
    turn = np.exp(1j * positions[:, None] * 10_000.0 ** (-np.arange(0, 8, 2) / 8))
    for interleaved in (False, True):
        pairs = x[..., ::2] + 1j * x[..., 1::2] if interleaved else x[..., :4] + 1j * x[..., 4:]
        want = pairs * turn
        got = np.asarray(
            nn.rotate(
                ct.asarray(x.astype(np.float32)), ct.asarray(positions), interleaved=interleaved
            )
        )
        got = (
            got[..., ::2] + 1j * got[..., 1::2] if interleaved else got[..., :4] + 1j * got[..., 4:]
        )
        np.testing.assert_allclose(got, want, atol=2e-4)  # angles of 1000 in float32


def test_rotation_depends_on_distance_only(normal):
    q, k = ct.asarray(normal(1, 1, 4, 8)), ct.asarray(normal(1, 1, 4, 8))

    def scores(shift):
        at = ct.arange(4) + shift
        a, b = nn.rotate(q, at), nn.rotate(k, at)
        return np.asarray(ct.matmul(a, ct.permute_dims(b, (0, 1, 3, 2))))

    np.testing.assert_allclose(scores(0), scores(17), rtol=1e-4, atol=1e-4)


def test_dropout_of_weights():
    module = nn.MultiHeadAttention(8, 2, dropout=0.5)
    x = ct.ones((1, 4, 8))
    assert not np.array_equal(np.asarray(module(x)), np.asarray(module(x)))
    module.eval()
    np.testing.assert_array_equal(np.asarray(module(x)), np.asarray(module(x)))


def test_options_and_shapes_are_checked():
    with pytest.raises(ArgumentError, match="expected heads that divide 8"):
        nn.MultiHeadAttention(8, 3)
    with pytest.raises(ArgumentError, match="expected heads that divide 8"):
        nn.MultiHeadAttention(8, 4, num_kv_heads=3)
    with pytest.raises(ShapeError, match=r"expected \(batch, length, 8\)"):
        nn.MultiHeadAttention(8, 2)(ct.zeros((5, 8)))
    with pytest.raises(ShapeError, match="even number of features"):
        nn.rotate(ct.zeros((2, 3)))
