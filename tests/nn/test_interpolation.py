"""`interpolate` against torch's: values and derivatives to 3e-6 (float64 1e-12)."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError, TypeError  # noqa: A004

torch = pytest.importorskip("torch", reason="torch is not installed")

IMAGE = (2, 3, 5, 7)
CASES = [
    *[(shape, {"scale_factor": s, "mode": mode})
      for mode in ("nearest", "nearest-exact") for s in (1, 2, 2.3, 0.6, 0.34)
      for shape in ((2, 3, 7), IMAGE)],
    ((1, 2, 3, 4, 5), {"size": (2, 6, 7), "mode": "nearest-exact"}),
    *[(IMAGE, {"size": size, "mode": "area"}) for size in (1, 3, (8, 2), (5, 7))],
    ((2, 3, 7), {"scale_factor": 0.5, "mode": "area"}),
    ((1, 2, 3, 4, 5), {"size": (2, 2, 7), "mode": "area"}),
    *[((2, 3, 7), {"size": size, "mode": "linear", "align_corners": corners})
      for size in (1, 4, 13) for corners in (None, False, True)],
    *[((1, 2, 3, 4, 5), {"scale_factor": (2, 0.5, 1.3), "mode": "trilinear", "align_corners": c})
      for c in (False, True)],
    *[(IMAGE, {"mode": mode, "align_corners": corners, "antialias": antialias, **extents})
      for mode in ("bilinear", "bicubic") for corners in (False, True) for antialias in (False, True)
      for extents in ({"size": (2, 3)}, {"size": (11, 4)}, {"size": 1}, {"scale_factor": 0.3},
                      {"scale_factor": (2.2, 0.7)}, {"size": (5, 7)})],
    ((1, 1, 64, 50), {"size": (7, 9), "mode": "bilinear", "antialias": True}),
    ((1, 1, 64, 50), {"size": (7, 9), "mode": "bicubic", "antialias": True}),
    *[(IMAGE, {"scale_factor": 1.7, "mode": mode, "recompute_scale_factor": True})
      for mode in ("nearest", "bilinear", "bicubic")],
]  # fmt: skip


@pytest.mark.parametrize(("shape", "options"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_torch(shape, options, dtype):
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    theirs = torch.tensor(x, requires_grad=True)
    out = torch.nn.functional.interpolate(theirs, **options)
    slopes = np.random.default_rng(1).normal(size=out.shape).astype(dtype)
    out.backward(torch.tensor(slopes))

    def run(v):
        y = nn.interpolate(v, **options)
        return ct.sum(y * ct.asarray(slopes)), y

    (_, got), back = ct.value_and_grad(run, has_aux=True)(ct.asarray(x))
    near = {"rtol": 3e-6, "atol": 5e-6} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(np.asarray(got), out.detach().numpy(), **near)
    np.testing.assert_allclose(np.asarray(back), theirs.grad.numpy(), **near)


def test_layers():
    x = np.random.default_rng(0).normal(size=IMAGE).astype(np.float32)
    for name in ("UpsamplingNearest2d", "UpsamplingBilinear2d"):
        for options in ({"scale_factor": 2}, {"size": (3, 9)}):
            want = getattr(torch.nn, name)(**options)(torch.tensor(x)).numpy()
            got = ct.jit(getattr(nn, name)(**options).forward)(ct.asarray(x))
            np.testing.assert_allclose(np.asarray(got), want, rtol=2e-6, atol=2e-6)


def test_integers_and_half_precision():
    x = ct.asarray(np.arange(6, dtype=np.uint8).reshape(1, 1, 2, 3))
    assert np.asarray(nn.interpolate(x, scale_factor=2)).dtype == np.uint8
    half = ct.astype(x, ct.bfloat16)
    assert nn.interpolate(half, size=(4, 4), mode="bilinear").dtype == ct.bfloat16
    empty = ct.zeros((0, 3, 4, 4))
    assert nn.interpolate(empty, size=(2, 9), mode="bicubic", antialias=True).shape == (0, 3, 2, 9)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ArgumentError, "either size or scale_factor"),
        ({"size": 2, "scale_factor": 2}, ArgumentError, "either size or scale_factor"),
        ({"size": 2, "mode": "cubic"}, ArgumentError, "expected one of"),
        ({"size": 2, "align_corners": True}, ArgumentError, "no align_corners with 'nearest'"),
        ({"size": 2, "antialias": True}, ArgumentError, "no antialias with 'nearest'"),
        ({"size": 2, "mode": "linear"}, ShapeError, "1 axes of places for 'linear'"),
        ({"size": (2, 2, 2)}, ShapeError, "expected 2 extents or factors"),
        ({"size": (2, 0)}, ShapeError, "extents of at least 1"),
        ({"scale_factor": 0.01}, ShapeError, "extents of at least 1"),
        ({"size": (2, None)}, ArgumentError, "expected numbers as extents"),
    ],
)
def test_wrong_use(options, error, message):
    with pytest.raises(error, match=f"interpolate: .*{message}"):
        nn.interpolate(ct.ones(IMAGE), **options)


def test_integers_have_no_values_between():
    with pytest.raises(TypeError, match="interpolate: expected floats for 'bilinear', got int64"):
        nn.interpolate(ct.ones(IMAGE, dtype=ct.int64), size=3, mode="bilinear")
