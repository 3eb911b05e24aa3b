"""Averaged weights within a training, and trainings that are cut off and go on."""

import numpy as np
import pytest
from cnengine import nn


@pytest.fixture
def data(rng):
    x = rng.normal(size=(100, 3)).astype(np.float32)
    return x, x @ np.array([1.0, -2.0, 0.5], np.float32)


def regressor():
    nn.manual_seed(3)
    return nn.Model(nn.Linear(3, 1)).compile(nn.Adam(0.05), "mse")


def weights(model):
    return np.asarray(model.get_weights()[0]["weight"])


@pytest.mark.parametrize("warmup", [False, True])
def test_the_mean_is_that_of_the_steps(data, warmup):
    """Against the formula in float64: a = d a + (1 - d) p; rtol 1e-5."""
    steps = []
    model = regressor()
    first = weights(model).astype(np.float64)
    look = nn.LambdaCallback(on_train_batch_end=lambda at, logs: steps.append(weights(model)))
    validated = []
    see = nn.LambdaCallback(on_test_end=lambda logs: validated.append(logs["loss"]))
    model.fit(*data, epochs=3, callbacks=[nn.EMAWeights(0.9, warmup=warmup), look, see],
              validation_data=data, verbose=0)  # fmt: skip
    want = first
    for at, p in enumerate(steps):
        decay = min(0.9, (1 + at) / (10 + at)) if warmup else 0.9
        want = decay * want + (1 - decay) * p
    np.testing.assert_allclose(weights(model), want, rtol=1e-5)
    assert model.evaluate(*data)["loss"] == pytest.approx(validated[-1], rel=1e-6)


def test_steps_are_not_changed_by_the_mean(data):
    a, b = regressor(), regressor()
    a.fit(*data, epochs=2, verbose=0)
    seen = []
    keep = nn.LambdaCallback(on_train_batch_end=lambda at, logs: seen.append(weights(b)))
    b.fit(*data, epochs=2, callbacks=[nn.EMAWeights(), keep], validation_data=data, verbose=0)
    np.testing.assert_array_equal(seen[-1], weights(a))


class Crash(nn.Callback):
    """Ends a training in the midst of an epoch, as a lost machine does."""

    def __init__(self, epoch):
        self.epoch, self.now = epoch, 0

    def on_epoch_begin(self, epoch):
        self.now = epoch

    def on_train_batch_end(self, batch, logs):
        if self.now == self.epoch and batch == 1:
            raise KeyboardInterrupt


def test_a_training_goes_on_as_if_it_was_not_cut(data, tmp_path):
    whole = regressor()
    history = whole.fit(*data, epochs=6, verbose=0)
    for at in (0, 2, 4):
        with pytest.raises(KeyboardInterrupt):
            regressor().fit(*data, epochs=6, verbose=0,
                            callbacks=[nn.BackupAndRestore(tmp_path / "b"), Crash(at)])  # fmt: skip
    last = regressor()
    rest = last.fit(*data, epochs=6, verbose=0, callbacks=[nn.BackupAndRestore(tmp_path / "b")])
    assert rest.epoch == [4, 5]
    assert rest.history["loss"] == history.history["loss"][4:]
    np.testing.assert_array_equal(weights(last), weights(whole))
    assert list(tmp_path.iterdir()) == []


def test_a_crash_between_two_saves(data, tmp_path):
    backup = nn.BackupAndRestore(tmp_path / "b", delete=False)
    regressor().fit(*data, epochs=2, verbose=0, callbacks=[backup])
    (tmp_path / "b").rename(tmp_path / "b.next")
    history = regressor().fit(*data, epochs=3, verbose=0, callbacks=[backup])
    assert history.epoch == [2]
    (tmp_path / "b" / "training.json").unlink()
    history = regressor().fit(*data, epochs=1, verbose=0, callbacks=[backup])
    assert history.epoch == [0]
