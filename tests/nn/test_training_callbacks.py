"""Averaged weights within a training, and trainings that are cut off and go on."""

import contextlib
import os

import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import CorruptionError


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


def test_orders_of_a_dataset_go_on(data, tmp_path):
    def rows():
        return nn.Dataset.from_arrays(*data).shuffle(seed=3).batch(16)

    whole = regressor()
    whole.fit(rows(), epochs=4, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        regressor().fit(rows(), epochs=4, verbose=0,
                        callbacks=[nn.BackupAndRestore(tmp_path / "b"), Crash(2)])  # fmt: skip
    last = regressor()
    last.fit(rows(), epochs=4, verbose=0, callbacks=[nn.BackupAndRestore(tmp_path / "b")])
    np.testing.assert_array_equal(weights(last), weights(whole))


@pytest.mark.parametrize("at", range(12))
def test_a_save_that_is_cut_off_leaves_a_whole_training(data, tmp_path, monkeypatch, at):
    """Killed at each renaming, before it and after it: all is of the old training or of the new."""
    model, other = regressor(), regressor()
    model.fit(*data, epochs=1, verbose=0)
    model.save(tmp_path)
    old = weights(model)
    model.fit(*data, epochs=2, initial_epoch=1, verbose=0)
    calls, replace = [], os.replace

    def killed(source, target):
        calls.append(target)
        if at // 2 == len(calls) - 1 and at % 2 == 0:
            raise KeyboardInterrupt
        replace(source, target)
        if at // 2 == len(calls) - 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", killed)
        # What has been begun is not taken back, as in a process that is gone.
        patch.setattr("pathlib.Path.unlink", lambda self, missing_ok=False: None)
        with contextlib.suppress(KeyboardInterrupt):
            model.save(tmp_path)
    other.load(tmp_path)
    np.testing.assert_array_equal(weights(other), weights(model) if other.epoch == 2 else old)
    assert other.epoch == (1 if at < 5 else 2)
    model.save(tmp_path)
    assert {p.name for p in tmp_path.glob("*.safetensors")} == {"model.safetensors", "optimizer.safetensors"}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["[]", "null", "{", "1e999", "[" * 100_000, '{"format": 99, "epoch": 1}', '{"format": 1}',
     '{"format": 1, "epoch": -1}', '{"format": 1, "epoch": 1e999}', '{"format": 1, "epoch": "2"}',
     '{"format": 1, "epoch": true}', '{"format": 2, "epoch": 1}', "\xff",
     '{"format": 2, "epoch": 1, "mark": "a", "files": []}',
     '{"format": 2, "epoch": 1, "mark": "../a", "files": {"model": {}, "optimizer": {}}}'],
    ids=range(15),
)  # fmt: skip
def test_facts_that_are_none(data, tmp_path, text):
    regressor().save(tmp_path)
    model = regressor()
    model.fit(*data, epochs=1, verbose=0)
    before = weights(model)
    (tmp_path / "training.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CorruptionError, match=r"training\.json"):
        model.load(tmp_path)
    np.testing.assert_array_equal(weights(model), before)
    assert model.epoch == 1


def test_files_of_two_trainings(data, tmp_path):
    model = regressor()
    model.save(tmp_path / "a")
    model.fit(*data, epochs=1, verbose=0)
    model.save(tmp_path / "b")
    (tmp_path / "b" / "optimizer.safetensors").replace(tmp_path / "a" / "optimizer.safetensors")
    for name, words in (("a", "is not the file"), ("b", "is missing")):
        with pytest.raises(CorruptionError, match=words):
            regressor().load(tmp_path / name)
