"""Functions by torch's names against its own: values and derivatives by all floats to 2e-5."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError
from cnengine.nn import functional

torch = pytest.importorskip("torch", reason="torch is not installed")
theirs = torch.nn.functional


def a(*shape, seed=0, low=None):
    x = np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)
    return x if low is None else abs(x) + low


IMAGE = a(2, 4, 7, 6)
LINE, SOLID = a(2, 4, 9), a(1, 2, 5, 4, 6)
GRIDS = [a(2, 5, 3, 2), a(2, 5, 3, 2, seed=1) * 0.4]
PLACES = np.array([[1, 3, 0], [2, 2, 5]])
CASES = [
    ("adaptive_avg_pool1d", (LINE, 4), {}),
    ("adaptive_avg_pool2d", (IMAGE, (3, 4)), {}),
    ("adaptive_avg_pool3d", (SOLID, 2), {}),
    ("adaptive_max_pool1d", (LINE, 4), {}),
    ("adaptive_max_pool2d", (IMAGE, (3, 4)), {}),
    ("adaptive_max_pool3d", (SOLID, 2), {}),
    ("avg_pool1d", (LINE, 2), {"stride": 3}),
    ("avg_pool2d", (IMAGE, 3, 2, 1), {"count_include_pad": False}),
    ("avg_pool3d", (SOLID, 2), {}),
    ("max_pool1d", (LINE, 2), {"dilation": 3, "padding": 1}),
    ("max_pool2d", (IMAGE, (2, 3)), {"stride": 1, "dilation": (2, 1), "padding": 1}),
    ("max_pool2d", (IMAGE, 2), {"dilation": 2, "ceil_mode": True}),
    ("max_pool3d", (SOLID, 2), {"dilation": (1, 2, 2)}),
    ("lp_pool1d", (abs(LINE), 2.0, 3), {}),
    ("lp_pool2d", (abs(IMAGE), 3.0, 2), {}),
    ("channel_shuffle", (IMAGE, 2), {}),
    ("pixel_shuffle", (IMAGE, 2), {}),
    ("pixel_unshuffle", (a(1, 2, 4, 6), 2), {}),
    ("unfold", (IMAGE, 3), {"stride": 2}),
    ("fold", (a(2, 12, 15), (4, 6), 2), {}),
    ("local_response_norm", (IMAGE, 3), {}),
    ("conv1d", (LINE, a(6, 2, 3), a(6)), {"padding": "same", "groups": 2, "dilation": 2}),
    ("conv2d", (IMAGE, a(6, 4, 3, 2)), {"stride": 2, "padding": (1, 0)}),
    ("conv2d", (IMAGE[0], a(6, 4, 3, 2), a(6)), {"padding": "valid"}),
    ("conv3d", (SOLID, a(3, 2, 2, 2, 2), a(3)), {}),
    ("conv_transpose1d", (LINE, a(4, 3, 3), a(3)), {"stride": 2, "output_padding": 1}),
    ("conv_transpose2d", (IMAGE, a(4, 2, 3, 3)), {"groups": 2, "dilation": 2, "padding": 1}),
    ("conv_transpose3d", (SOLID, a(2, 3, 2, 2, 2), a(3)), {}),
    ("linear", (a(3, 5), a(4, 5), a(4)), {}),
    ("bilinear", (a(3, 5), a(3, 2), a(4, 5, 2), a(4)), {}),
    ("layer_norm", (IMAGE, (7, 6), a(7, 6), a(7, 6)), {}),
    ("rms_norm", (IMAGE, (6,), a(6)), {}),
    ("group_norm", (IMAGE, 2, a(4), a(4)), {}),
    ("batch_norm", (IMAGE, a(4), a(4, low=0.5), a(4), a(4)), {}),
    ("batch_norm", (IMAGE, None, None, a(4), a(4), True), {}),
    ("embedding", (PLACES, a(6, 3)), {}),
    *[("pad", (IMAGE, (1, 2, 3, 0)), {"mode": m}) for m in ("constant", "reflect", "replicate", "circular")],
    ("pad", (IMAGE, (1, -2, 0, 0, 2, 1), "constant", 3.0), {}),
    ("normalize", (IMAGE,), {"p": 3.0, "axis": 2}),
    ("pairwise_distance", (a(5, 3), a(5, 3, seed=1)), {"p": 1.0, "keepdims": True}),
    ("pdist", (a(6, 3),), {"p": 2.0}),
    ("cosine_similarity", (a(5, 3), a(5, 3, seed=1)), {"axis": 1}),
    *[("triplet_margin_with_distance_loss", (a(5, 3), a(5, 3, seed=1), a(5, 3, seed=2)), {"swap": s})
      for s in (False, True)],
    *[("grid_sample", (IMAGE, grid * 1.5), {"mode": mode, "padding_mode": outside, "align_corners": c})
      for grid in GRIDS for mode in ("bilinear", "nearest")
      for outside in ("zeros", "border", "reflection") for c in (False, True)],
    *[("grid_sample", (SOLID, a(1, 3, 2, 4, 3)), {"mode": mode, "align_corners": False})
      for mode in ("bilinear", "nearest")],
    *[("affine_grid", (a(2, 2, 3), (2, 3, 4, 5)), {"align_corners": c}) for c in (False, True)],
    *[("affine_grid", (a(2, 3, 4), (2, 3, 1, 4, 5)), {"align_corners": c}) for c in (False, True)],
    ("hardtanh", (LINE, -0.5, 0.7), {}),
    ("hardshrink", (LINE, 0.4), {}),
    ("softshrink", (LINE, 0.4), {}),
    ("hardsigmoid", (LINE,), {}),
    ("hardswish", (LINE,), {}),
    ("logsigmoid", (LINE,), {}),
    ("l1_loss", (LINE, LINE[::-1].copy()), {"reduction": "sum"}),
]  # fmt: skip
NAMES = {"axis": "dim", "keepdims": "keepdim"}


@pytest.mark.parametrize(
    "at", range(len(CASES)), ids=[f"{at}-{c[0]}" for at, c in enumerate(CASES)]
)
def test_as_torch(at):
    name, args, options = CASES[at]
    is_float = [isinstance(x, np.ndarray) and x.dtype == np.float32 for x in args]
    if name == "grid_sample":  # places of the nearest have no derivative
        is_float[1] = options["mode"] == "bilinear"
    if name == "batch_norm":  # statistics have none either
        is_float[1:3] = False, False
    given = [torch.tensor(x, requires_grad=f) if isinstance(x, np.ndarray) else x
             for x, f in zip(args, is_float, strict=True)]  # fmt: skip
    if name == "embedding":
        given[0] = torch.tensor(args[0])
    want = getattr(theirs, name)(*given, **{NAMES.get(k, k): v for k, v in options.items()})
    slopes = np.cos(np.arange(want.numel()) * 0.7).reshape(want.shape).astype(np.float32)
    want.backward(torch.tensor(slopes))

    def run(floats):
        left = iter(floats)
        values = [next(left) if f else (ct.asarray(x) if isinstance(x, np.ndarray) else x)
                  for x, f in zip(args, is_float, strict=True)]  # fmt: skip
        out = getattr(functional, name)(*values, **options)
        return ct.sum(out * ct.asarray(slopes)), out

    floats = [ct.asarray(x) for x, f in zip(args, is_float, strict=True) if f]
    (_, got), back = ct.value_and_grad(run, has_aux=True)(floats)
    np.testing.assert_allclose(np.asarray(got), want.detach().numpy(), rtol=2e-5, atol=2e-5)
    derived = [x for x, f in zip(given, is_float, strict=True) if f]
    for ours, other in zip(back, derived, strict=True):
        np.testing.assert_allclose(np.asarray(ours), other.grad.numpy(), rtol=1e-4, atol=5e-5)


def test_what_draws():
    key = ct.random.key(3)
    x = ct.asarray(a(200, 50))
    assert functional.dropout(x, 0.5, False, key=key) is x
    for draw in (functional.dropout, functional.alpha_dropout):
        out = np.asarray(draw(x, 0.25, key=key))
        kept = np.isclose(out, np.asarray(x) / 0.75) if draw is functional.dropout else None
        assert kept is None or abs(kept.mean() - 0.75) < 0.02
        np.testing.assert_array_equal(out, np.asarray(draw(x, 0.25, key=key)))
    logits = ct.asarray(np.log([[0.7, 0.2, 0.1]] * 20_000).astype(np.float32))
    shares = np.asarray(functional.gumbel_softmax(logits, hard=True, key=key)).mean(0)
    np.testing.assert_allclose(shares, [0.7, 0.2, 0.1], atol=0.02)
    soft = functional.gumbel_softmax(logits, 0.5, key=key)
    np.testing.assert_allclose(np.asarray(ct.sum(soft, axis=1)), 1.0, rtol=1e-5)


@pytest.mark.parametrize(
    "name", ["AlphaDropout", "FeatureAlphaDropout", "GaussianDropout", "GaussianNoise", "RReLU"]
)
def test_layers_that_draw(name):
    nn.manual_seed(0)
    torch.manual_seed(0)
    layer = getattr(nn, name)(*([0.3] if name != "RReLU" else []))
    x = ct.asarray(a(40, 50, 20))
    first, second = layer(x), layer(x)
    assert not np.array_equal(np.asarray(first), np.asarray(second))
    assert first.shape == x.shape
    assert list(layer.state()) == ["key"]
    same = getattr(torch.nn, name, None)
    want = np.asarray(x) if same is None else same(*([0.3] if name != "RReLU" else [])).eval()(
        torch.tensor(np.asarray(x))).numpy()  # fmt: skip
    np.testing.assert_allclose(np.asarray(layer.eval()(x)), want, rtol=1e-6)
    if name.endswith("AlphaDropout"):  # what is kept and what is dropped, as torch has them
        peer = same(0.3)(torch.tensor(np.asarray(x))).numpy()
        ours = np.asarray(first)
        # Whole channels of one draw: 2,000 of them have a deviation of 0.02.
        assert abs(ours.mean() - peer.mean()) < (0.1 if name.startswith("Feature") else 0.02)
        assert abs(ours.std() - peer.std()) < 0.05
        assert np.isclose(ours.min(axis=(0, 1)).max(), peer.min(axis=(0, 1)).max(), rtol=0.5)


def test_layers(agree):
    agree(nn.Unflatten(1, (2, -1)), torch.nn.Unflatten(1, (2, 2)), LINE)
    agree(nn.ChannelShuffle(2), torch.nn.ChannelShuffle(2), IMAGE)
    agree(nn.CosineSimilarity(), torch.nn.CosineSimilarity(), a(5, 3), a(5, 3, seed=1))
    agree(nn.PairwiseDistance(), torch.nn.PairwiseDistance(), a(5, 3), a(5, 3, seed=1))
    peer = torch.nn.Transformer(8, 2, 1, 1, 16, 0.0, batch_first=True)
    ours = nn.Transformer(8, 2, 1, 1, dim_feedforward=16, dropout=0.0)
    agree(ours, peer, a(2, 5, 8), a(2, 3, 8))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: functional.conv2d(ct.ones((2, 3)), ct.ones((1, 3, 2, 2))), ShapeError),
        (lambda: functional.conv2d(ct.ones((1, 3, 4, 4)), ct.ones((1, 3, 2, 2)), padding="x"), ArgumentError),
        (lambda: functional.pad(ct.ones(3), (1,)), ArgumentError),
        (lambda: functional.pad(ct.ones(3), (1, 1), "mirror"), ArgumentError),
        (lambda: functional.pad(ct.ones(3), (3, 0), "reflect"), ShapeError),
        (lambda: functional.pad(ct.ones(3), (-1, 0), "reflect"), ArgumentError),
        (lambda: functional.batch_norm(ct.ones((2, 3)), None, None), ArgumentError),
        (lambda: functional.dropout(ct.ones(2), 1.0, key=ct.random.key(0)), ArgumentError),
        (lambda: functional.gumbel_softmax(ct.ones(2), 0.0, key=ct.random.key(0)), ArgumentError),
        (lambda: functional.pdist(ct.ones(2)), ShapeError),
        (lambda: functional.grid_sample(ct.ones((1, 1, 2, 2)), ct.ones((1, 1, 1, 3))), ShapeError),
        (lambda: functional.grid_sample(ct.ones((1, 1, 2, 2)), ct.ones((1, 1, 1, 2)), "bicubic"), ArgumentError),
        (lambda: functional.grid_sample(ct.ones((1, 1, 2, 2)), ct.ones((1, 1, 1, 2)), "nearest", "x"), ArgumentError),
        (lambda: functional.affine_grid(ct.ones((1, 2, 2)), (1, 1, 2, 2)), ShapeError),
        (lambda: functional.layer_norm(ct.ones((2, 3)), (2,)), ShapeError),
        (lambda: nn.Unflatten(2, (1, 1))(ct.ones((2, 3))), ArgumentError),
        (lambda: nn.ChannelShuffle(2)(ct.ones((2, 3, 1))), ShapeError),
        (lambda: nn.RReLU(0.5, 0.1), ArgumentError),
        (lambda: nn.GaussianNoise(-1.0), ArgumentError),
        (lambda: nn.AlphaDropout(1.0), ArgumentError),
        (lambda: nn.CrossEntropyLoss(1, 2, 3, 4, 5, 6), ArgumentError),
        (lambda: nn.CrossEntropyLoss()(ct.ones((2, 3))), ArgumentError),
        (lambda: nn.HuberLoss(1.0, delta=2.0), ArgumentError),
    ],
)  # fmt: skip
def test_wrong_use(call, error):
    with pytest.raises(error):
        call()
