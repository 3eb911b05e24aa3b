"""Steps of `Model` write weights and slots in place: nobody else sees it, and nothing is lost."""

import random
import signal
import threading

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError, Error
from cnengine.tensor.state_step import StateStep, own

OPTIMIZERS = {
    "sgd": lambda: nn.SGD(0.1, momentum=0.9),
    "adam": lambda: nn.Adam(0.01),
    "adamw": lambda: nn.AdamW(0.01, global_clip_norm=1.0),
    "rmsprop": lambda: nn.RMSprop(0.01),
    "adagrad": lambda: nn.Adagrad(0.01),
    "lion": lambda: nn.Lion(0.01),
}


def values(tree):
    return [np.array(each) for each in ct.tree_leaves(tree)]


def equal(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture
def data(rng):
    x = rng.normal(size=(64, 20)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int64)


def made(optimizer="adam", **options):
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm(40), nn.relu, nn.Dropout(0.1),
                        nn.Linear(40, 30), nn.relu, nn.Linear(30, 4))  # fmt: skip
    return nn.Model(net).compile(OPTIMIZERS[optimizer](), "cross_entropy", ["accuracy"], **options)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_steps_go_round_in_the_same_memory(optimizer, rng):
    """That of weights and slots, and of derivatives: blocks that are let go of are used again."""
    net = nn.Sequential(*(nn.Linear(256, 256) for _ in range(4)))
    model = nn.Model(net).compile(OPTIMIZERS[optimizer](), "mse")
    del net
    x = rng.normal(size=(4, 256)).astype(np.float32)
    seen, count = set(), 0
    for at in range(9):
        model.train_on_batch(x, x)
        large = [each for each in ct.tree_leaves(model._variables._trees) if each.size > 9999]
        seen |= {np.asarray(each).ctypes.data for each in large} if at > 1 else set()
        count = len(large)
    assert len(seen) <= count + 4


@pytest.mark.parametrize("jit", [True, False])
def test_what_was_given_and_given_out_stays(data, jit):
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm(40), nn.Linear(40, 4))
    first = values(net.state_dict())
    model = nn.Model(net).compile("adam", "cross_entropy", jit=jit)
    model.fit(*data, epochs=1, verbose=0)
    held = [model.module, model.get_weights(), model._variables.state()]
    seen = [values(held[0].state_dict()), values(held[1]), values(held[2])]
    model.fit(*data, epochs=2, verbose=0)
    assert equal(values(net.state_dict()), first)
    assert equal(values(held[0].state_dict()), seen[0])
    assert equal(values(held[1]), seen[1])
    assert equal(values(held[2]), seen[2])
    assert not equal(values(model.get_weights()), seen[1])
    model.set_weights(held[1])
    model.train_on_batch(*data)
    assert equal(values(held[1]), seen[1])


def trajectory(data, steps):
    """The variables after each step."""
    model = made()
    out = [values(model._variables._trees)]
    for _ in range(steps):
        model.train_on_batch(*data)
        out.append(values(model._variables._trees))
    return out


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
@pytest.mark.parametrize("jit", [True, False])
def test_an_interrupt_at_any_time_leaves_whole_steps(data, jit):
    """Bits are those of a training that was interrupted nowhere, after some number of its steps."""
    steps = trajectory(data, 40) if jit else []

    def interrupt(*_):
        raise KeyboardInterrupt

    rng = random.Random(0)
    old = signal.signal(signal.SIGALRM, interrupt)
    hits = 0
    try:
        for _ in range(60 if jit else 15):
            model = made(jit=jit)
            model.train_on_batch(*data)  # traces
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-4, 6e-3 if jit else 3e-2))
            try:
                try:
                    model.fit(*data, batch_size=64, epochs=39, shuffle=False, verbose=0)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                hits += 1
            found = values(model._variables._trees)
            if jit:
                at = int(model._variables.state()["step"])
                assert equal(found, steps[at])
            assert all(np.isfinite(each).all() for each in values(model.module.state_dict()))
            model.fit(*data, epochs=1, verbose=0)
    finally:
        signal.signal(signal.SIGALRM, old)
    assert hits > 5


def test_an_error_within_a_step_leaves_the_weights(rng):
    tokens = rng.integers(0, 50, (16, 5))
    labels = rng.integers(0, 3, 16)
    nn.manual_seed(0)
    net = nn.Sequential(
        nn.Embedding(50, 200), lambda x: ct.mean(x, axis=1), nn.BatchNorm(200), nn.Linear(200, 3)
    )
    model = nn.Model(net).compile("adam", "cross_entropy", ["accuracy"])
    model.fit(tokens, labels, epochs=2, verbose=0)
    before = values(model._variables._trees)
    with pytest.raises(Error, match="indices"):
        model.fit(np.full((16, 5), 50), labels, epochs=1, verbose=0)
    assert equal(values(model._variables._trees), before)
    model.fit(tokens, labels, epochs=2, verbose=0)


class Broken(nn.Callback):
    def on_train_batch_end(self, batch, logs):
        raise RuntimeError("a callback")


def test_errors_of_callbacks_and_data_leave_the_weights(data):
    steps = trajectory(data, 2)
    model = made()
    with pytest.raises(RuntimeError, match="a callback"):
        model.fit(*data, batch_size=64, shuffle=False, verbose=0, callbacks=[Broken()])
    assert equal(values(model._variables._trees), steps[1])

    def batches():
        yield data
        raise OSError("a disk")

    with pytest.raises(OSError, match="a disk"):
        model.fit(nn.Dataset.from_items(batches), epochs=2, verbose=0)
    assert equal(values(model._variables._trees), steps[2])
    with pytest.raises(ArgumentError):
        model.fit(*data, verbose=0, callbacks=[nn.EarlyStopping("nothing")])
    model.fit(*data, verbose=0)


def test_other_threads_predict_meanwhile(data):
    model = made()
    model.train_on_batch(*data)
    failed, stop = [], threading.Event()

    def look():
        try:
            while not stop.is_set():
                assert np.isfinite(np.asarray(model.predict(data[0]))).all()
                model.get_weights()
                model.module.state_dict()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    model.fit(*data, batch_size=8, epochs=15, verbose=0)
    stop.set()
    thread.join()
    assert not failed


def test_averaged_weights_are_written_in_place(data):
    ema = nn.EMAWeights(0.9)
    model = made()
    model.fit(*data, batch_size=8, verbose=0, callbacks=[ema], validation_data=data)
    kept = ema.state
    seen = values(kept)
    assert equal(values(model.get_weights()[0]), values(ema.ema.value(kept)))
    model.fit(*data, batch_size=8, verbose=0, callbacks=[ema])
    assert equal(values(kept), seen)


class Counting:
    """An optimiser whose state is built anew in each step."""

    def init(self, params):
        return []

    def update(self, grads, state, params):
        after = ct.tree_map(lambda p, g: p - g * 0.1, params, grads)
        return after, [*state, ct.asarray(1.0)][-2:]


@pytest.mark.parametrize("jit", [True, False])
def test_a_state_of_another_structure_is_returned(data, jit):
    model = made(jit=jit)
    model.compile(Counting(), "cross_entropy", jit=jit)
    model.fit(*data, batch_size=16, epochs=2, verbose=0)
    assert len(model._variables.state()) == 2


def test_a_step_that_fails_gives_back_what_it_took():
    table, scale = ct.ones((40, 50)) * 2, ct.ones((40, 50)) * 3

    def f(table, scale, index):
        scale = scale * 2 + 1  # consumed before the error
        row = ct.take(table, index, axis=0)
        return (table * 3 + row[0], scale), ct.sum(row)

    step = StateStep(f, donate=1, jit=True)
    state = own((table, scale))
    for _ in range(2):
        with pytest.raises(Error, match="indices"):
            step(state, ct.asarray([40]))
        assert [float(each[0, 0]) for each in state] == [2, 3]
    after, more = step(state, ct.asarray([0]))
    assert after is state
    assert float(more) == 100
    assert [float(each[0, 0]) for each in state] == [8, 7]
    assert [float(table[0, 0]), float(scale[0, 0])] == [2, 3]
