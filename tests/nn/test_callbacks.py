"""Callbacks: when they stop, save, change the rate, and what they write."""

import csv
import io

import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError


class Stand:
    """A model that only counts what callbacks do to it."""

    def __init__(self):
        self.learning_rate, self.stop_training = 1.0, False
        self.saved, self.weights = [], 0

    def save(self, path):
        self.saved.append(path)

    def save_weights(self, path):
        self.saved.append(path)

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights

    def facts(self):
        return {"optimizer": "Adam"}


def drive(callback, values, name="val_loss"):
    """Epochs with these values of a metric, until it is stopped; gives the model and the rates."""
    model = Stand()
    callback.set_model(model, {"epochs": len(values), "steps": 1, "verbose": 2})
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_begin(epoch)
        rates.append(model.learning_rate)
        model.weights = epoch
        callback.on_epoch_end(epoch, {name: value, "loss": value})
        if model.stop_training:
            break
    callback.on_train_end({})
    return model, rates


@pytest.mark.parametrize(
    ("options", "values", "stops"),
    [
        ({"patience": 2}, [3, 2, 1, 1.5, 1.2, 0], 4),
        ({"patience": 1}, [1, 2, 0], 1),
        ({}, [1, 2, 0], 1),
        ({"patience": 2, "min_delta": 0.5}, [3, 2.8, 2.7, 2.6], 2),
        ({"patience": 1, "mode": "max"}, [1, 2, 3, 2], 3),
        ({"patience": 1, "start_from_epoch": 3}, [1, 2, 3, 4, 5, 6], 4),
        ({"patience": 2, "baseline": 0.5}, [1, 0.9, 0.8], 1),
        ({"patience": 3}, [3, 2, 1], None),
    ],
)
def test_early_stopping(options, values, stops):
    callback = nn.EarlyStopping(**options)
    model, _ = drive(callback, values)
    assert callback.stopped_epoch == stops
    assert model.stop_training == (stops is not None)


def test_best_weights_come_back():
    model, _ = drive(nn.EarlyStopping(patience=2, restore_best_weights=True), [3, 1, 2, 2, 2])
    assert model.weights == 1


def test_they_say_what_they_do(capsys):
    for callback, values, says in (
        (nn.EarlyStopping(patience=2, restore_best_weights=True, verbose=1), [3, 1, 2, 2],
         "EarlyStopping: epoch 4 is the last one, val_loss=2\n"
         "EarlyStopping: weights of epoch 2, val_loss=1\n"),
        (nn.EarlyStopping(patience=2), [3, 3, 3], ""),
        (nn.ReduceLROnPlateau(factor=0.5, patience=1, verbose=True), [1, 1],
         "ReduceLROnPlateau: epoch 2, the learning rate is 0.5\n"),
        (nn.ModelCheckpoint("m-{epoch}", verbose=1), [3], "ModelCheckpoint: epoch 1 is saved as m-1\n"),
        (nn.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1), [1],
         "LearningRateScheduler: epoch 1, the learning rate is 0.5\n"),
    ):  # fmt: skip
        drive(callback, values)
        assert capsys.readouterr().out == says


def test_accuracy_is_to_be_large():
    callback = nn.EarlyStopping("val_accuracy", patience=1)
    drive(callback, [0.5, 0.6, 0.7, 0.6], "val_accuracy")
    assert callback.stopped_epoch == 3


def test_checkpoints():
    model, _ = drive(nn.ModelCheckpoint("m-{epoch}-{val_loss:.1f}", save_best_only=True), [3, 4, 2])
    assert model.saved == ["m-1-3.0", "m-3-2.0"]
    model, _ = drive(nn.ModelCheckpoint("m-{epoch}", save_weights_only=True), [3, 4])
    assert model.saved == ["m-1", "m-2"]


def test_rates_by_epoch():
    _, rates = drive(nn.LearningRateScheduler(lambda epoch, rate: rate / 2), [1, 1, 1])
    assert rates == [0.5, 0.25, 0.125]


def test_rates_by_plateau():
    callback = nn.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.0)
    _, rates = drive(callback, [3, 2, 2, 2, 2, 2, 1])
    assert rates == [1, 1, 1, 1, 0.5, 0.5, 0.25]
    callback = nn.ReduceLROnPlateau(factor=0.1, patience=1, min_lr=0.05, cooldown=2)
    _, rates = drive(callback, [1] * 8)
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05])


def test_unknown_metrics_are_told():
    with pytest.raises(
        ArgumentError, match=r"EarlyStopping: no metric 'val_loss' in \['loss', 'other'\]"
    ):
        drive(nn.EarlyStopping(), [1], "other")


def test_csv(tmp_path):
    path = tmp_path / "log.csv"
    drive(nn.CSVLogger(path), [3.0, 2.0])
    drive(nn.CSVLogger(path, append=True), [1.0])
    rows = list(csv.reader(path.open()))
    assert rows == [
        ["epoch", "loss", "val_loss"],
        ["0", "3.0", "3.0"],
        ["1", "2.0", "2.0"],
        ["0", "1.0", "1.0"],
    ]


def test_mlflow_files(tmp_path):
    logger = nn.MLflowLogger(tmp_path / "mlruns", experiment="e", run_name="r", params={"depth": 3})
    drive(logger, [3.0, 2.0])
    drive(logger, [1.0])
    (experiment,) = (tmp_path / "mlruns").iterdir()
    assert "name: 'e'" in (experiment / "meta.yaml").read_text()
    runs = [each for each in experiment.iterdir() if each.is_dir()]
    assert len(runs) == 2
    run = next(
        each for each in runs if len((each / "metrics" / "loss").read_text().splitlines()) == 2
    )
    assert [
        line.split()[1:] for line in (run / "metrics" / "val_loss").read_text().splitlines()
    ] == [["3.0", "0"], ["2.0", "1"]]
    assert (run / "params" / "depth").read_text() == "3"
    assert (run / "params" / "optimizer").read_text() == "Adam"
    assert (run / "tags" / "mlflow.runName").read_text() == "r"
    assert "status: 3" in (run / "meta.yaml").read_text()


def test_mlflow_reads_the_files(tmp_path):
    tracking = pytest.importorskip("mlflow.tracking", reason="mlflow is not installed")
    drive(nn.MLflowLogger(tmp_path / "mlruns", experiment="e"), [3.0, 2.0])
    client = tracking.MlflowClient((tmp_path / "mlruns").as_uri())
    (run,) = client.search_runs([client.get_experiment_by_name("e").experiment_id])
    assert run.data.metrics["loss"] == 2.0


def test_progress():
    stream = io.StringIO()
    drive(nn.ProgressBar(stream=stream), [3.0, 2.0])
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch 2/2 ")
    assert "loss=2" in lines[1]


def test_within_a_training(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 3)), rng.normal(size=64)
    seen = []
    model = nn.Model(nn.Linear(3, 1)).compile(nn.SGD(0.1), "mse")
    callbacks = [
        nn.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append((batch, logs["loss"]))
        ),
        nn.EarlyStopping("loss", patience=2, min_delta=1e-3, restore_best_weights=True),
        nn.ModelCheckpoint(str(tmp_path / "best"), "loss", save_best_only=True),
        nn.ReduceLROnPlateau("loss", patience=1),
    ]
    history = model.fit(x, y, epochs=50, batch_size=16, verbose=0, callbacks=callbacks)
    assert len(history.epoch) < 50
    assert [batch for batch, _ in seen[:5]] == [0, 1, 2, 3, 0]
    assert (tmp_path / "best" / "training.json").exists()


def test_a_loss_that_is_no_number_ends_the_training():
    x = np.ones((8, 1), np.float32)
    model = nn.Model(nn.Linear(1, 1)).compile(nn.SGD(1.0), lambda p, y: p[0, 0] * float("nan"))
    history = model.fit(x, x, epochs=5, verbose=0, callbacks=[nn.TerminateOnNaN()])
    assert history.epoch == [0]


def test_wrong_use(tmp_path):
    with pytest.raises(ArgumentError, match='EarlyStopping: expected "auto"'):
        nn.EarlyStopping(mode="other")
    with pytest.raises(ArgumentError, match="ReduceLROnPlateau: expected 0 < factor < 1"):
        nn.ReduceLROnPlateau(factor=1.0)
    with pytest.raises(ArgumentError, match="LambdaCallback: no method 'on_other'"):
        nn.LambdaCallback(on_other=print)
    with pytest.raises(ArgumentError, match="a name that a file may have"):
        drive(nn.MLflowLogger(tmp_path, params={"../x": 1}), [1.0])
