"""Training as in Keras: what is learned, counted, weighed, watched, saved and gone on from."""

import gc
import weakref

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, NotFoundError, ShapeError, StateError


@pytest.fixture
def data(rng):
    x = rng.normal(size=(200, 3)).astype(np.float32)
    return x, (x @ np.array([1.0, -2.0, 0.5]) + 0.3 > 0).astype(np.int64)


def classifier(seed=0, **options):
    nn.manual_seed(seed)
    model = nn.Model(nn.Sequential(nn.Linear(3, 16), nn.relu, nn.Linear(16, 2)))
    return model.compile(nn.Adam(0.02), "cross_entropy", ["accuracy"], **options)


def test_it_learns(data):
    model = classifier()
    history = model.fit(*data, batch_size=32, epochs=15, verbose=0, validation_split=0.2)
    assert history.epoch == list(range(15))
    assert sorted(history.history) == [
        "accuracy",
        "learning_rate",
        "loss",
        "val_accuracy",
        "val_loss",
    ]
    assert history.history["learning_rate"] == [0.02] * 15
    assert history.history["val_accuracy"][-1] > 0.9
    assert history.history["loss"][-1] < history.history["loss"][0]
    found = model.evaluate(*data)
    assert found["accuracy"] > 0.9
    scores = np.asarray(model.predict(data[0]))
    assert (scores.argmax(1) == data[1]).mean() == pytest.approx(found["accuracy"])


def test_a_step_is_that_of_torch(torch, data):
    model = classifier()
    peer = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    values = {k: torch.tensor(np.asarray(v).copy()) for k, v in model.module.state_dict().items()}
    peer.load_state_dict(values)
    optimizer = torch.optim.Adam(peer.parameters(), lr=0.02)
    model.fit(*data, batch_size=50, epochs=5, verbose=0, shuffle=False)
    for _ in range(5):
        for at in range(0, 200, 50):
            optimizer.zero_grad()
            x, y = torch.tensor(data[0][at : at + 50]), torch.tensor(data[1][at : at + 50])
            torch.nn.functional.cross_entropy(peer(x), y).backward()
            optimizer.step()
    for name, value in model.module.state_dict().items():
        np.testing.assert_allclose(
            np.asarray(value), peer.state_dict()[name].numpy(), rtol=2e-4, atol=2e-5
        )


def test_seeds_repeat_and_jit_changes_nothing(data):
    losses = [
        classifier(jit=jit).fit(*data, epochs=2, verbose=0).history["loss"]
        for jit in (True, True, False)
    ]
    assert losses[0] == losses[1]
    np.testing.assert_allclose(losses[0], losses[2], rtol=1e-5)


def test_the_loss_is_the_mean_over_rows(data):
    model = classifier()
    whole = model.evaluate(*data, batch_size=200)["loss"]
    assert model.evaluate(*data, batch_size=30)["loss"] == pytest.approx(whole, rel=1e-5)


def test_weights_of_rows_and_classes(data):
    x, y = data
    model = classifier()
    weight = np.where(y == 1, 3.0, 0.5).astype(np.float32)
    each = np.asarray(nn.cross_entropy(model.predict(x), ct.asarray(y), reduction="none"))
    want = (each * weight).mean()
    assert model.evaluate(x, y, sample_weight=weight)["loss"] == pytest.approx(want, rel=1e-5)
    a, b = classifier(), classifier()
    a.fit(x, y, sample_weight=weight, epochs=1, verbose=0)
    b.fit(x, y, class_weight={0: 0.5, 1: 3.0}, epochs=1, verbose=0)
    for name, value in a.module.state_dict().items():
        np.testing.assert_allclose(
            np.asarray(value), np.asarray(b.module.state_dict()[name]), rtol=1e-6
        )


def test_targets_of_one_column(rng):
    x = rng.normal(size=(64, 4))  # float64, as NumPy makes it
    model = nn.Model(nn.Linear(4, 1)).compile(nn.SGD(0.1), "mse", ["mae", "rmse"])
    model.fit(x, x.sum(1), epochs=100, verbose=0)
    assert model.evaluate(x, x.sum(1))["mae"] < 0.05
    assert model.predict(x).dtype == ct.float32
    binary = nn.Model(nn.Linear(4, 1)).compile(
        "adam", "binary_cross_entropy_with_logits", ["accuracy", "auc"]
    )
    assert set(binary.fit(x, (x[:, 0] > 0), epochs=1, verbose=0).history) == {
        "loss",
        "accuracy",
        "auc",
        "learning_rate",
    }


def test_datasets(data):
    batches = nn.Dataset.from_arrays(*data).shuffle(seed=0).batch(32).prefetch(2)
    model = classifier()
    history = model.fit(
        batches, epochs=3, verbose=0, validation_data=nn.Dataset.from_arrays(*data).batch(64)
    )
    assert len(history.history["val_loss"]) == 3
    endless = nn.Dataset.from_arrays(*data).batch(32).repeat()
    model.fit(endless, epochs=2, steps_per_epoch=4, verbose=0)
    assert model.predict(nn.Dataset.from_arrays(*data).batch(64)).shape == (200, 2)
    assert model.evaluate(batches)["loss"] > 0


def test_several_inputs(rng):
    class Sum(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(2, 1), nn.Linear(3, 1)

        def forward(self, x, z):
            return self.a(x) + self.b(z)

    x, z = rng.normal(size=(20, 2)), rng.normal(size=(20, 3))
    model = nn.Model(Sum()).compile("sgd", "mse")
    model.fit((x, z), x.sum(1), epochs=1, batch_size=7, verbose=0)
    assert model.predict((x, z), batch_size=6).shape == (20, 1)


def test_state_of_the_module_is_kept(data):
    nn.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm(8), nn.Dropout(0.3), nn.Linear(8, 2))
    model = nn.Model(module).compile("adam", "cross_entropy")
    model.fit(*data, batch_size=40, epochs=2, verbose=0)
    assert int(model.module[1].num_batches_tracked) == 10
    before = np.asarray(model.predict(data[0]))
    np.testing.assert_array_equal(before, np.asarray(model.predict(data[0])))  # no dropout
    assert int(model.module[1].num_batches_tracked) == 10
    assert model.module.training


def test_frozen_parameters_stay(data):
    model = classifier()
    model.module = model.module.freeze("0.*")
    model.compile("adam", "cross_entropy")
    before = np.asarray(model.module[0].weight)
    model.fit(*data, epochs=1, verbose=0)
    np.testing.assert_array_equal(np.asarray(model.module[0].weight), before)


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision(data, kind):
    model = classifier(mixed_precision=kind)
    history = model.fit(*data, epochs=10, verbose=0)
    assert history.history["accuracy"][-1] > 0.9
    assert model.module[0].weight.dtype == ct.float32
    assert model.predict(data[0]).dtype == ct.float32


def test_accumulated_batches(data):
    a, b = classifier(accumulate=4), classifier()
    a.fit(*data, batch_size=25, epochs=1, verbose=0, shuffle=False)
    b.fit(*data, batch_size=100, epochs=1, verbose=0, shuffle=False)
    for name, value in a.module.state_dict().items():
        np.testing.assert_allclose(
            np.asarray(value), np.asarray(b.module.state_dict()[name]), rtol=1e-4, atol=1e-5
        )


def test_train_on_batch_and_functions(data):
    model = nn.Model(nn.Linear(3, 2)).compile(
        nn.SGD(0.1), lambda p, y: nn.cross_entropy(p, y), [lambda t, p: p[:, 0]]
    )
    first = model.train_on_batch(*data)["loss"]
    assert model.train_on_batch(*data)["loss"] < first
    with pytest.raises(ArgumentError, match="weights expect a loss"):
        model.train_on_batch(*data, sample_weight=np.ones(200, np.float32))


def test_learning_rates(data):
    model = classifier()
    assert model.learning_rate == pytest.approx(0.02)
    model.learning_rate = 0.5
    assert model.learning_rate == 0.5
    scheduled = nn.Model(nn.Linear(3, 2)).compile(
        nn.SGD(nn.schedules.cosine(0.1, 100)), "cross_entropy"
    )
    with pytest.raises(StateError, match="follows a schedule"):
        scheduled.learning_rate = 0.1
    assert scheduled.learning_rate == pytest.approx(0.1)


def test_save_and_go_on(data, tmp_path):
    whole, half = classifier(), classifier()
    whole.fit(*data, epochs=4, verbose=0, shuffle=False)
    half.fit(*data, epochs=2, verbose=0, shuffle=False)
    half.save(tmp_path / "training")
    other = classifier(seed=9).load(tmp_path / "training")
    assert other.epoch == 2
    other.fit(*data, epochs=4, initial_epoch=other.epoch, verbose=0, shuffle=False)
    for name, value in whole.module.state_dict().items():
        np.testing.assert_array_equal(
            np.asarray(value), np.asarray(other.module.state_dict()[name])
        )
    with pytest.raises(NotFoundError, match="load: no training"):
        other.load(tmp_path)
    wider = nn.Model(nn.Sequential(nn.Linear(3, 17), nn.relu, nn.Linear(17, 2))).compile(
        nn.Adam(), "mse"
    )
    with pytest.raises(ShapeError, match=r"0.weight: expected \(17, 3\), got \(16, 3\)"):
        wider.load(tmp_path / "training")
    sgd = nn.Model(nn.Sequential(nn.Linear(3, 16), nn.relu, nn.Linear(16, 2))).compile(
        nn.SGD(), "mse"
    )
    with pytest.raises(NotFoundError, match="optimizer: missing nothing, unknown"):
        sgd.load(tmp_path / "training")
    half.save_weights(tmp_path / "w.safetensors")
    classifier().load_weights(tmp_path / "w.safetensors")


def test_wrong_use(data):
    model = nn.Model(nn.Linear(3, 2))
    with pytest.raises(StateError, match="fit: expected a call of `compile`"):
        model.fit(*data)
    with pytest.raises(ArgumentError, match="loss: expected a function or one of"):
        model.compile("adam", "other")
    with pytest.raises(ArgumentError, match="optimizer: expected an optimiser or one of"):
        model.compile("other", "mse")
    with pytest.raises(ArgumentError, match="metrics: expected a metric, a function or one of"):
        model.compile("adam", "mse", ["other"])
    with pytest.raises(ArgumentError, match="mixed_precision: expected float16"):
        model.compile("adam", "mse", mixed_precision="int8")
    model.compile("adam", "cross_entropy")
    with pytest.raises(ArgumentError, match="fit: expected data, got no batch"):
        model.fit(nn.Dataset.from_items([]), verbose=0)
    with pytest.raises(ArgumentError, match="validation_split: expected a share"):
        model.fit(*data, validation_split=1.5, verbose=0)
    with pytest.raises(ArgumentError, match="expected no y and weights beside a dataset"):
        model.fit(nn.Dataset.from_arrays(*data).batch(2), data[1], verbose=0)


def test_prediction_needs_no_compile(data):
    model = nn.Model(nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)))
    want = np.asarray(model.module.copy().eval()(ct.asarray(data[0])))
    np.testing.assert_allclose(np.asarray(model.predict(data[0])), want, rtol=1e-6)
    model.compile("adam", "mse").fit(data[0], np.zeros((200, 4)), epochs=1, verbose=0)
    assert not np.allclose(np.asarray(model.predict(data[0])), want)


def test_rows_are_put_into_batches(data):
    rows = nn.Dataset.from_arrays(*data)
    a, b = classifier(), classifier()
    a.fit(rows, batch_size=50, verbose=0)
    b.fit(rows.batch(50), verbose=0)
    c = classifier()
    c.fit(*data, batch_size=50, shuffle=False, verbose=0)
    for other in (b, c):
        np.testing.assert_array_equal(
            np.asarray(a.module[0].weight), np.asarray(other.module[0].weight)
        )
    with pytest.raises(ArgumentError, match="expected arrays; of a dataset use `take` and `skip`"):
        a.fit(rows, validation_split=0.2)


def test_names_that_were_meant():
    model = nn.Model(nn.Linear(3, 2))
    for options, meant in (
        ({"loss": "sparse_categorical_crossentropy"}, "cross_entropy"),
        ({"loss": "cross_entopy"}, "cross_entropy"),
        ({"loss": "mse", "metrics": ["acc"]}, "accuracy"),
        ({"optimizer": "adamm"}, "adam"),
    ):
        with pytest.raises(ArgumentError, match=f"did you mean '{meant}'"):
            model.compile(**options)
    with pytest.raises(ArgumentError, match=r"names of their own, got \['mae'\] twice"):
        model.compile("adam", "mse", ["mae", "mae"])


def test_errors_say_in_which_layer(data):
    net = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.relu, nn.Linear(5, 2)))
    with pytest.raises(ShapeError, match="linear: expected a last extent of 5") as caught:
        nn.Model(net).predict(data[0])
    notes = caught.value.__notes__
    assert notes == ["in Linear(in_features=5, out_features=2)", "in Sequential", "in Sequential"]


def test_layers_take_arrays_of_numpy(data):
    layer = nn.Linear(3, 2)
    want = np.asarray(layer(ct.asarray(data[0])))
    np.testing.assert_array_equal(np.asarray(layer(data[0])), want)


def test_lists_of_arrays_are_inputs(rng):
    class Sum(nn.Module):
        def __init__(self):
            self.line = nn.Linear(2, 1)

        def forward(self, a, b):
            return self.line(a) + b

    a, b = rng.normal(size=(20, 2)), rng.normal(size=(20, 1))
    nn.manual_seed(0)
    model = nn.Model(Sum()).compile("sgd", "mse")
    first = model.evaluate((a, b), b)
    assert model.evaluate([a, b], b) == first
    history = model.fit([a, b], b, validation_data=[[a, b], b], verbose=0)
    assert set(history.history) == {"learning_rate", "loss", "val_loss"}
    line = nn.Model(nn.Linear(2, 1)).compile("sgd", "mse")
    line.fit([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0], verbose=0)  # rows of numbers are one array
    with pytest.raises(TypeError, match="Model: expected arrays of numbers, got list"):
        line.fit([[1.0, 2.0], [3.0]], [1.0, 2.0], verbose=0)


def test_keras_ways_of_calling(data, capsys):
    model = classifier()
    model.fit(*data, callbacks=nn.EarlyStopping("loss"), verbose=0)
    found = model.evaluate(*data, verbose=1)
    assert capsys.readouterr().out.startswith(f"loss={found['loss']:.4g} accuracy=")
    assert model.predict(data[0], verbose=0).shape == (200, 2)
    with pytest.raises(
        ArgumentError,
        match=r"ModelCheckpoint: expected epoch and \['accuracy', 'learning_rate', 'loss'\]",
    ):
        model.fit(*data, callbacks=[nn.ModelCheckpoint("m-{val_loss}")], verbose=0)
    pictures = nn.Model(nn.Conv2d(1, 2, 3)).compile("sgd", "mse")
    with pytest.raises(
        TypeError, match="Conv2d: expected floats, got uint8; cast, and divide by 255"
    ):
        pictures.predict(np.zeros((2, 1, 4, 4), np.uint8))


def few(rng, classes=3):
    return rng.normal(size=(40, 4)).astype(np.float32), rng.integers(0, classes, 40)


@pytest.mark.parametrize(
    "weights",
    [{}, {10**9: 1.0}, {-1: 1.0}, {0.5: 1.0}, {1.0: 2.0}, {True: 1.0}, {0: -1.0}, {0: np.nan},
     {0: "1"}, [1.0, 2.0], "balanced"],
    ids=str,
)  # fmt: skip
def test_weights_of_classes_that_are_none(rng, weights):
    model = nn.Model(nn.Linear(4, 3)).compile("sgd", "cross_entropy")
    for call in (model.fit, model.train_on_batch):
        with pytest.raises(ArgumentError, match="class_weight: expected weights"):
            call(*few(rng), class_weight=weights)


def test_labels_that_are_ignored_have_no_weight_of_a_class(rng):
    x, y = few(rng)
    y[::3] = -100
    weights = {0: 2.0, np.int64(1): 0.5}
    got = nn.Model(nn.Linear(4, 3)).compile("sgd", "cross_entropy")
    loss = got.train_on_batch(x, y, class_weight=weights)["loss"]
    assert np.isfinite(loss)


def test_iterators_and_their_passes(rng):
    x, y = few(rng)
    model = nn.Model(nn.Linear(4, 3)).compile("sgd", "cross_entropy")

    def batches():
        yield from ((x[at : at + 10], y[at : at + 10]) for at in range(0, 40, 10))

    with pytest.raises(ArgumentError, match="for 2 passes, got generator, which is used up"):
        model.fit(batches(), epochs=2, verbose=0)
    assert len(model.fit(batches(), epochs=1, verbose=0).epoch) == 1
    assert len(model.fit(batches(), epochs=2, steps_per_epoch=2, verbose=0).epoch) == 2
    with pytest.raises(RuntimeError, match="used up after one pass"):
        model.fit(nn.Dataset.from_items(batches()), epochs=2, verbose=0)
    with pytest.raises(ArgumentError, match="evaluate: expected data, got no batch"):
        model.fit(x, y, validation_data=batches(), epochs=2, verbose=0)


def test_batches_of_a_loader_of_torch(torch, rng):
    x, y = few(rng)
    data = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    loader = torch.utils.data.DataLoader(data, batch_size=8)
    nn.manual_seed(0)
    model = nn.Model(nn.Linear(4, 3)).compile("sgd", "cross_entropy", ["accuracy"])
    want = model.evaluate(x, y, batch_size=8)
    assert model.evaluate(loader) == want
    assert model.predict(loader).shape == (40, 3)
    model.fit(loader, epochs=2, validation_data=loader, verbose=0)


def test_callbacks_and_frequencies(rng):
    x, y = few(rng)
    model = nn.Model(nn.Linear(4, 3)).compile("sgd", "cross_entropy")
    seen = []
    model.fit(x, y, callbacks=nn.LambdaCallback(on_train_begin=lambda: seen.append(1)), verbose=0)
    model.fit(x, y, callbacks=None, verbose=0)
    assert seen == [1]
    with pytest.raises(ArgumentError, match="callbacks: expected callbacks, got 'x'"):
        model.fit(x, y, callbacks="x", verbose=0)
    with pytest.raises(ArgumentError, match="validation_freq: expected at least 1, got 0"):
        model.fit(x, y, validation_data=(x, y), validation_freq=0)


def test_what_objects_say(rng):
    model = nn.Model(nn.Linear(4, 3))
    assert repr(model) == "Model(Linear(in_features=4, out_features=3), epoch=0)"
    history = model.compile("sgd", "cross_entropy", ["accuracy"]).fit(*few(rng), verbose=0)
    for part in ("Linear(in_features=4", "SGD(", "loss='cross_entropy'", "['accuracy']", "epoch=1"):
        assert part in repr(model)
    assert repr(history).startswith("History(epochs=1, loss=")
    rows = nn.Dataset.from_arrays(np.zeros(10))
    assert repr(rows) == "Dataset(10 rows)"
    assert repr(rows.batch(4)) == "Dataset(3 elements)"
    assert repr(rows.batch(4).repeat()) == "Dataset(elements without end)"
    assert repr(nn.Precision(0.25)) == "Precision(name='precision', threshold=0.25)"
    assert repr(nn.MeanMetric(np.minimum)) == "MeanMetric(name='minimum')"
    stop = nn.EarlyStopping("loss", patience=3)
    assert "EarlyStopping(monitor='loss'" in repr(stop)
    assert "patience=3" in repr(stop)
    assert repr(nn.BackupAndRestore("b")) == "BackupAndRestore(path='b', delete=True)"
    assert repr(nn.EMA(0.5)) == "EMA(decay=0.5, debias=False, warmup=False)"


def test_models_and_datasets_that_refer_to_themselves_are_collected(data):
    def model():
        built = classifier()
        built.module.owner = lambda: built
        built.own = nn.LambdaCallback(on_epoch_end=lambda *_: built)
        built.fit(*data, epochs=1, verbose=0, callbacks=[built.own])
        built.evaluate(*data), built.predict(data[0])
        return built

    def dataset():
        held = []
        rows = nn.Dataset.from_arrays(data[0]).shuffle(seed=0).map(lambda x: x * len(held))
        out = rows.filter(lambda x: len(held) == 1).batch(8).cache().prefetch(2)
        held.append(out)
        next(iter(out))  # the thread is left amid a pass
        list(out)
        return out

    for make in (model, dataset):
        left = weakref.ref(make())
        gc.collect()
        assert left() is None, make
