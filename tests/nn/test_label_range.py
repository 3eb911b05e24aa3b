"""Labels beyond what a loss takes are told of; labels in other shapes and types as in Keras."""

import functools

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, TypeError  # noqa: A004


@pytest.fixture
def x(rng):
    return rng.normal(size=(40, 4)).astype(np.float32)


def compiled(loss, outputs=3, **options):
    return nn.Model(nn.Linear(4, outputs)).compile("adam", loss, **options)


@pytest.mark.parametrize("loss", ["cross_entropy", nn.cross_entropy])
@pytest.mark.parametrize(("bad", "words"), [(3, "to 3$"), (-1, "from -1 "), (255, "to 255$")])
@pytest.mark.parametrize("jit", [True, False])
def test_classes_that_there_are_not(x, loss, bad, words, jit):
    labels = np.arange(40) % 3
    labels[7] = bad
    model = compiled(loss, jit=jit)
    said = r"cross_entropy: expected labels from 0 to 2, got labels .*"
    for call in (
        lambda: model.fit(x, labels, verbose=0),
        lambda: model.evaluate(x, labels),
        lambda: model.train_on_batch(x, labels),
        lambda: model.fit(x[8:], labels[8:], validation_data=(x, labels), verbose=0),
    ):
        with pytest.raises(ArgumentError, match=said + words):
            call()


def test_the_first_batch_ends_the_training(x):
    """Without waiting for the end of an epoch."""
    model = compiled("cross_entropy")
    seen = []
    watch = nn.LambdaCallback(on_train_batch_begin=seen.append)
    with pytest.raises(ArgumentError, match="expected labels"):
        model.fit(x, np.full(40, 9), batch_size=4, callbacks=[watch], verbose=0)
    assert seen == [0]


def test_ignored_labels_are_fine(x):
    labels = np.arange(40) % 3
    labels[3] = -100
    assert np.isfinite(compiled("cross_entropy").fit(x, labels, verbose=0).history["loss"][0])


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint32, np.int64, bool])
def test_all_types_of_labels(x, kind):
    labels = (np.arange(40) % 2).astype(kind)
    compiled("cross_entropy", metrics=["accuracy"]).fit(x, labels, verbose=0)
    compiled("binary_cross_entropy_with_logits", 1, metrics=["auc"]).fit(x, labels, verbose=0)


def test_sequences_of_labels(rng):
    net = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 5))
    model = nn.Model(net).compile("adam", "cross_entropy", ["accuracy"])
    x = rng.integers(0, 5, (8, 6))
    model.fit(x, x, verbose=0)
    with pytest.raises(ArgumentError, match="from 0 to 4, got labels from 0 to 5"):
        model.fit(x, np.where(x == 4, 5, x), verbose=0)


@pytest.mark.parametrize("bad", [2.0, -0.5])
def test_truth_is_between_0_and_1(x, bad):
    y = np.full(40, 0.5)
    model = compiled("binary_cross_entropy_with_logits", 1)
    model.fit(x, y, verbose=0)  # shares are fine
    y[3] = bad
    with pytest.raises(ArgumentError, match="binary_cross_entropy_with_logits: expected labels"):
        model.fit(x, y, verbose=0)


def test_a_column_of_labels_is_like_a_row(x):
    labels = np.arange(40) % 3
    model = compiled("cross_entropy", metrics=["accuracy"])
    assert model.evaluate(x, labels[:, None]) == model.evaluate(x, labels)


def test_labels_as_floats_are_told(x):
    labels = (np.arange(40) % 3).astype(np.float32)
    with pytest.raises(ArgumentError, match=r"labels as whole numbers, .* \(32, 3\); got float32"):
        compiled("cross_entropy").fit(x, labels, verbose=0)
    shares = np.eye(3)[np.arange(40) % 3]
    found = compiled("cross_entropy", metrics=["accuracy"]).fit(x, shares, verbose=0)
    assert found.history["loss"][0] > 0


def test_other_losses_take_all(x):
    compiled("mse", 1).fit(x, np.arange(40), verbose=0)
    compiled(lambda p, y: ct.mean(p**2), 1).fit(x, np.full(40, 99), verbose=0)


def test_no_numbers_are_told(x):
    with pytest.raises(TypeError, match="Model: expected arrays of numbers, got <U1"):
        compiled("mse").fit(np.full((40, 4), "a"), np.zeros(40), verbose=0)
    with pytest.raises(TypeError, match="Model: expected arrays of numbers"):
        compiled("mse").fit(x, np.array([None] * 40), verbose=0)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", nn.binary_cross_entropy])
def test_predictions_that_are_no_probabilities(x, loss):
    y = (x[:, 0] > 0).astype(np.float32)
    with pytest.raises(ArgumentError, match=r"predictions from 0 to 1, .*_with_logits"):
        compiled(loss, 1).fit(10 * x, y, verbose=0)
    net = nn.Sequential(nn.Linear(4, 1), nn.sigmoid)
    history = nn.Model(net).compile(nn.SGD(10.0), loss).fit(100 * x, y, epochs=3, verbose=0)
    assert np.all(np.isfinite(history.history["loss"]))


def test_an_axis_of_classes_that_can_be_two(rng):
    x, y = rng.normal(size=(8, 5, 5)).astype(np.float32), rng.integers(0, 5, (8, 5))
    net = nn.Lambda(lambda x: x)
    for loss in ("cross_entropy", nn.cross_entropy):
        with pytest.raises(ArgumentError, match="classes in the last axis by the loss's name"):
            nn.Model(net).compile("sgd", loss).evaluate(x, y)
    for axis in (1, -1):
        loss = functools.partial(nn.cross_entropy, axis=axis)
        got = nn.Model(net).compile("sgd", loss).evaluate(x, y)["loss"]
        assert got == pytest.approx(float(loss(ct.asarray(x), ct.asarray(y))), rel=1e-6)
        bad = np.where(y == 0, 7, y)
        with pytest.raises(ArgumentError, match="labels from 0 to 4, got labels from 1 to 7"):
            nn.Model(net).compile("sgd", loss).evaluate(x, bad)
    rows, labels = x[:, 0], y[:, 0]
    by_name = nn.Model(net).compile("sgd", "cross_entropy").evaluate(rows, labels)
    assert nn.Model(net).compile("sgd", nn.cross_entropy).evaluate(rows, labels) == by_name


@pytest.mark.parametrize("loss", ["mse", "cross_entropy", nn.mse_loss])
def test_what_a_loss_compares_is_asked_for(x, loss):
    with pytest.raises(ArgumentError, match="Model: expected y beside x"):
        compiled(loss).fit(x, verbose=0)
    pair = nn.Model(nn.Lambda(lambda x: (x, x))).compile("sgd", loss)
    with pytest.raises(ArgumentError, match=r"expected one array of predictions for .*gives tuple"):
        pair.evaluate(x, x)
    own = nn.Model(nn.Linear(4, 4)).compile("sgd", lambda p, y: ct.mean(p * p))
    assert own.fit(x, verbose=0).epoch == [0]
