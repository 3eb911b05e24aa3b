"""Python functions that the native training calls, several evaluation sets, base margins, Ctrl-C."""

import os
import signal

import cnengine as cn
import numpy as np
import pytest
from cnengine._core import gbdt


def entry(wave, sets=1, **options):
    X, y = wave
    held = [(f"set{s}", X[s::3], {"y": y[s::3].copy()}) for s in range(sets)]
    return {
        "x": X[:3000], "y": {"y": y[:3000]}, "categorical": [], "sets": held,
        "options": {"n_estimators": 8, "num_leaves": 7, "objective": "binary", **options},
    }  # fmt: skip


def log_loss(y, p):
    return -np.mean(np.where(y == 1, np.log(p), np.log1p(-p)))


def test_metrics_of_several_sets(wave):
    booster, names, values, best, interrupted = gbdt.train(**entry(wave, 3))
    assert (names, best, interrupted) == (["binary_logloss"], 8, False)
    for s in range(3):
        for trees in (1, 8):
            p = booster.predict(wave[0][s::3], trees=trees)
            assert values[s][0][trees - 1] == pytest.approx(log_loss(wave[1][s::3], p), rel=1e-12)


def test_the_callback_sees_each_round_and_may_stop(wave):
    seen = []

    def callback(round_number, results):
        seen.append((round_number, results))
        return round_number < 4

    booster, _, values, best, _ = gbdt.train(**entry(wave, 2), callback=callback)
    assert [number for number, _ in seen] == [0, 1, 2, 3, 4]
    assert booster.num_trees == best == 5
    for number, results in seen:
        assert results == [
            (f"set{s}", "binary_logloss", values[s][0][number], False) for s in range(2)
        ]


def test_custom_metrics_get_predictions_and_stop_early(wave):
    X, y = wave
    labels = [y[0::3], y[1::3]]
    shapes = set()

    def error(number, p):
        shapes.add((number, p.shape))
        return "gini", 1 - float(np.mean((p > 0.5) != labels[number])), True

    args = entry(wave, 2, n_estimators=200, early_stopping_rounds=5, metrics=["none"])
    booster, names, values, best, _ = gbdt.train(**args, metrics=[error])
    assert names == ["gini"]
    assert shapes == {(0, (len(labels[0]),)), (1, (len(labels[1]),))}
    curve = values[0][0]
    assert best == int(np.argmax(curve)) + 1 == booster.num_trees
    assert len(curve) == best + 5 < 200
    p = booster.predict(X[0::3])
    assert max(curve) == pytest.approx(np.mean((p > 0.5) == labels[0]), abs=1e-15)
    both = gbdt.train(**entry(wave, 1), metrics=[error])
    assert both[1] == ["binary_logloss", "gini"]
    with pytest.raises(cn.errors.ArgumentError, match=r'a metric .* besides "none"'):
        gbdt.train(**entry(wave, 1, metrics=["none"]))
    with pytest.raises(cn.errors.TypeError, match="expected a metric to return a name"):
        gbdt.train(**entry(wave, 1), metrics=[lambda number, p: 1.0])


@pytest.mark.parametrize("where", ["callback", "metric"])
def test_exceptions_of_callables_come_through(wave, where):
    def fail(*_):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        gbdt.train(
            **entry(wave), **({"callback": fail} if where == "callback" else {"metrics": [fail]})
        )


@pytest.mark.parametrize("where", ["signal", "callback", "metric"])
def test_ctrl_c_gives_the_rounds_so_far(wave, where):
    calls = []

    def interrupt(first, _):
        calls.append(first)
        if len(calls) == 3:
            if where != "signal":
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)
        return True if where != "metric" else ("m", 0.0, False)

    extra = {"metrics": [interrupt]} if where == "metric" else {"callback": interrupt}
    # A process that was started in the background may ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        booster, _, _, best, interrupted = gbdt.train(**entry(wave, n_estimators=500), **extra)
    finally:
        signal.signal(signal.SIGINT, before)
    assert interrupted
    assert booster.num_trees == best == 3
    whole = gbdt.train(**entry(wave, n_estimators=3))[0]
    np.testing.assert_array_equal(booster.predict(wave[0]), whole.predict(wave[0]))


def test_base_margins_are_where_scores_begin(wave):
    X = wave[0]
    first = gbdt.train(**entry(wave, n_estimators=4))[0]
    margin = first.predict(X, raw_score=True)
    args = entry(wave, n_estimators=4)
    args["y"]["base_margin"] = margin[:3000].copy()
    rest = gbdt.train(**args)[0]
    assert rest.base_scores == [0.0]
    whole = gbdt.train(**entry(wave, n_estimators=8))[0]
    np.testing.assert_allclose(
        margin + rest.predict(X, raw_score=True), whole.predict(X, raw_score=True), atol=1e-9
    )


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ({"weight": np.ones(7)}, "as many weights as labels in the training set, got 7"),
        ({"base_margin": np.ones(7)}, "as many base margins as labels"),
        (
            {"base_margin": np.ones((2, 3000))},
            "base_margin of the training set with 1 numbers a row, got 2",
        ),
        ({"upper": np.ones(7)}, "as many upper bounds as labels"),
        ({"groups": [5, 7]}, "hold all 3000 rows, got 12"),
        ({"groups": [3000, 2**62, 2**62]}, "hold all 3000 rows"),
        ({"groups": [3000, 0]}, "groups of 1 or more, got 0"),
    ],
)
def test_lengths_that_differ_are_named(wave, labels, text):
    args = entry(wave)
    args["y"] |= labels
    with pytest.raises(ValueError, match=text):
        gbdt.train(**args)


def test_a_signal_between_rounds(wave):
    def handler(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        booster, _, _, _, interrupted = gbdt.train(**entry(wave, 0, n_estimators=10**8))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupted
    assert booster.num_trees > 0
