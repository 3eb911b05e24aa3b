"""Losses of classes against float64: rtol 2e-6 of float32, 1e-12 of float64, one rounding of halves."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest

TOLERANCES = {"float32": 2e-6, "float64": 1e-12, "float16": 1e-3, "bfloat16": 8e-3}


def reference(x, labels):
    """log sum exp minus the logit of the label, in float64; 0 where the label is no class."""
    x = np.asarray(x, np.float64)
    top = x.max(-1, keepdims=True, initial=-np.inf)
    sums = np.log(np.exp(x - top).sum(-1)) + top[..., 0]
    found = (labels >= 0) & (labels < x.shape[-1])
    at = np.where(found, labels, 0)[..., None]
    return np.where(found, sums - np.take_along_axis(x, at, -1)[..., 0], 0)


@pytest.mark.parametrize("name", TOLERANCES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 3, 1024), (2, 1025), (1500, 7), (3, 40_000)])
def test_matches_the_formula(name, shape):
    rng = np.random.default_rng(0)
    x = ct.astype(ct.asarray(rng.normal(size=shape) * 5), getattr(ct, name))
    labels = rng.integers(-1, shape[-1] + 1, shape[:-1])
    labels.flat[0] = shape[-1] - 1
    want = reference(np.asarray(ct.astype(x, ct.float64)), labels)
    for kind in (np.int64, np.int32):
        got = ct.softmax_cross_entropy(x, ct.asarray(labels.astype(kind)))
        assert got.dtype == x.dtype
        rtol = TOLERANCES[name]
        np.testing.assert_allclose(np.asarray(got, np.float64), want, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("shape", [(0, 4), (2, 0, 3)])
def test_without_rows(shape):
    out = ct.softmax_cross_entropy(ct.zeros(shape), ct.zeros(shape[:-1], dtype=ct.int32))
    assert out.shape == shape[:-1]


def test_labels_of_no_rows_in_any_order():
    x, none = ct.ones((0, 3, 4)), ct.zeros((3, 0), dtype=ct.int64)
    for labels in (
        none.mT,
        none[::-1].mT,
        ct.broadcast_to(ct.zeros((1, 3), dtype=ct.int8), (0, 3)),
    ):
        assert ct.softmax_cross_entropy(x, labels).shape == (0, 3)


def test_without_classes():
    out = ct.softmax_cross_entropy(ct.zeros((3, 0)), ct.zeros(3, dtype=ct.int32))
    assert np.asarray(out).tolist() == [0, 0, 0]


def test_large_logits_and_infinities():
    x = ct.asarray([[1e4, -1e4], [-np.inf, 0.0], [-np.inf, 0.0], [np.nan, 0.0]])
    got = np.asarray(ct.softmax_cross_entropy(x, ct.asarray([1, 1, 0, 1])))
    np.testing.assert_array_equal(got, [2e4, 0, np.inf, np.nan])


def test_strided_rows():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(6, 9, 4)).astype(np.float32)
    labels = rng.integers(0, 6, (9, 4))
    moved = ct.permute_dims(ct.asarray(x), (1, 2, 0))[::-1, ::2]
    got = ct.softmax_cross_entropy(moved, ct.asarray(labels)[::-1, ::2])
    want = reference(x.transpose(1, 2, 0), labels)[::-1, ::2]
    np.testing.assert_allclose(np.asarray(got), want, rtol=2e-6)


@pytest.mark.parametrize("classes", [5, 300])
def test_slopes(classes):
    """(softmax - one at the label) times the slope of the loss, 0 where the label is no class."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(4, classes))
    labels = np.array([0, classes, -7, 3])
    rows = rng.normal(size=4)
    e = np.exp(x - x.max(-1, keepdims=True))
    want = e / e.sum(-1, keepdims=True)
    want[[0, 3], [0, 3]] -= 1
    want *= np.where((labels >= 0) & (labels < classes), rows, 0)[:, None]

    def loss(x):
        losses = ct.softmax_cross_entropy(x, ct.asarray(labels.astype(np.int16)))
        return ct.sum(losses * ct.asarray(rows))

    for derive in (cn.grad(loss), cn.jit(cn.grad(loss))):
        np.testing.assert_allclose(np.asarray(derive(ct.asarray(x))), want, rtol=1e-9, atol=1e-15)


def test_batches():
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(3, 2, 5)), rng.integers(0, 5, (3, 2))
    want = reference(x, labels)
    f = ct.softmax_cross_entropy
    got = cn.vmap(f)(ct.asarray(x), ct.asarray(labels))
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-12)
    one = cn.vmap(lambda x: f(x, ct.asarray(labels[0])))(ct.asarray(x))
    np.testing.assert_allclose(np.asarray(one), reference(x, labels[:1].repeat(3, 0)), rtol=1e-12)


@pytest.mark.parametrize(("x", "labels", "error", "text"), [
    (ct.ones((2, 3)), ct.ones(2), cnengine.errors.TypeError, "floats and whole numbers"),
    (ct.ones((2, 3), dtype=ct.int32), ct.ones(2, dtype=ct.int32), cnengine.errors.TypeError, "floats"),
    (ct.ones((2, 3)), ct.ones(3, dtype=ct.int32), cnengine.errors.ShapeError, "a label for each row"),
    (ct.ones(()), ct.ones((), dtype=ct.int32), cnengine.errors.ShapeError, "a label for each row"),
])  # fmt: skip
def test_errors(x, labels, error, text):
    with pytest.raises(error, match=f"softmax_cross_entropy: .*{text}"):
        ct.softmax_cross_entropy(x, labels)
