"""Layers that change extents against torch's: values and derivatives to 2e-6."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, ShapeError

torch = pytest.importorskip("torch", reason="torch is not installed")

CASES = [
    ("PixelShuffle", (3,), {}, (2, 18, 3, 4)),
    ("PixelShuffle", (1,), {}, (2, 3, 3, 4)),
    ("PixelUnshuffle", (2,), {}, (2, 3, 6, 4)),
    ("PixelUnshuffle", (3,), {}, (4, 6, 9)),
    *[("Upsample", (), {"scale_factor": s, "mode": "nearest"}, (2, 3, 5, 7)) for s in (1, 2, 2.3, 0.6)],
    ("Upsample", ((4, 11),), {}, (2, 3, 5, 7)),
    ("Upsample", (9,), {}, (2, 3, 5)),
    ("Upsample", (3,), {}, (1, 2, 2, 3, 5)),
    *[
        ("Upsample", (size,), {"mode": mode, "align_corners": corners}, shape)
        for corners in (False, True)
        for mode, size, shape in (
            ("linear", 9, (2, 3, 5)),
            ("linear", 1, (2, 3, 5)),
            ("bilinear", (8, 3), (2, 3, 5, 7)),
            ("trilinear", (3, 4, 5), (1, 2, 2, 3, 5)),
            ("bicubic", (8, 3), (2, 3, 5, 7)),
            ("bicubic", (1, 12), (2, 3, 2, 1)),
        )
    ],
    ("Upsample", (), {"scale_factor": (1.5, 2.0), "mode": "bilinear"}, (2, 3, 5, 7)),
    ("Upsample", (), {"scale_factor": (1.5, 0.6), "mode": "bicubic"}, (2, 3, 5, 7)),
    ("Unfold", (3,), {}, (2, 3, 5, 7)),
    ("Unfold", ((2, 3),), {"padding": (1, 2), "stride": (2, 1), "dilation": (1, 2)}, (2, 3, 5, 7)),
    ("Fold", ((5, 7), 3), {}, (2, 27, 15)),
    ("Fold", ((5, 7), (2, 3)), {"padding": (1, 2), "stride": (2, 1)}, (2, 18, 27)),
]  # fmt: skip


@pytest.mark.parametrize("way", ["eager", "jit"])
@pytest.mark.parametrize(("name", "args", "options", "shape"), CASES)
def test_as_torch(name, args, options, shape, way):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    theirs = torch.tensor(x, requires_grad=True)
    out = getattr(torch.nn, name)(*args, **options)(theirs)
    slopes = np.random.default_rng(1).normal(size=out.shape).astype(np.float32)
    out.backward(torch.tensor(slopes))
    layer = getattr(nn, name)(*args, **options)
    run = cn.jit if way == "jit" else (lambda f: f)
    got = run(lambda v: layer(v))(ct.asarray(x))
    np.testing.assert_allclose(np.asarray(got), out.detach().numpy(), rtol=2e-6, atol=2e-6)
    back = run(ct.grad(lambda v: ct.sum(layer(v) * ct.asarray(slopes))))(ct.asarray(x))
    np.testing.assert_allclose(np.asarray(back), theirs.grad.numpy(), rtol=2e-6, atol=5e-6)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: nn.PixelShuffle(0), ArgumentError),
        (lambda: nn.PixelShuffle(2)(ct.ones((1, 3, 2, 2))), ShapeError),
        (lambda: nn.PixelUnshuffle(2)(ct.ones((1, 3, 3, 2))), ShapeError),
        (lambda: nn.Upsample(), ArgumentError),
        (lambda: nn.Upsample(2, 2), ArgumentError),
        (lambda: nn.Upsample(2, mode="cubic"), ArgumentError),
        (lambda: nn.Upsample(2, mode="bilinear")(ct.ones((1, 2, 3))), ShapeError),
        (lambda: nn.Upsample(2)(ct.ones((1, 2))), ShapeError),
        (lambda: nn.Upsample((2, 2))(ct.ones((1, 2, 3))), ShapeError),
        (lambda: nn.Upsample(scale_factor=0.1)(ct.ones((1, 2, 3))), ShapeError),
        (lambda: nn.Unfold(0), ArgumentError),
        (lambda: nn.Unfold(4)(ct.ones((1, 2, 3, 3))), ShapeError),
        (lambda: nn.Unfold(2)(ct.ones((2, 3, 3))), ShapeError),
        (lambda: nn.Fold(3, 2)(ct.ones((1, 8, 5))), ShapeError),
    ],
)
def test_wrong_use(call, error):
    with pytest.raises(error):
        call()
