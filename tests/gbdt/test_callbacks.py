"""Callbacks, beside LightGBM's own."""

import io

import lightgbm
import numpy as np
import pytest
from cnengine import errors
from cnengine.gbdt import Dataset, callbacks, cv, train

RNG = np.random.default_rng(5)
X = RNG.standard_normal((1200, 5))
Y = (X[:, 0] + X[:, 1] * X[:, 2] + RNG.standard_normal(1200) > 0).astype(float)
PARAMS = {"objective": "binary", "metric": ["binary_logloss", "auc"], "num_leaves": 15}


def sets():
    return Dataset(X[:800], Y[:800]), Dataset(X[800:1000], Y[800:1000]), Dataset(X[1000:], Y[1000:])


@pytest.mark.parametrize("first_only", [False, True])
@pytest.mark.parametrize("min_delta", [0.0, 0.003, [0.01, 0.002]])
def test_early_stopping_stops_where_lightgbms_does(first_only, min_delta, capsys):
    """LightGBM's object judges the values of our training; ours must come to the same end."""
    data, one, two = sets()
    ends = []
    for early_stopping in (callbacks.early_stopping, lightgbm.early_stopping):
        stop = early_stopping(6, first_metric_only=first_only, verbose=True, min_delta=min_delta)
        model = train(PARAMS, data, 300, valid_sets=[one, two], callbacks=[stop])
        ends.append((model.num_rounds, model.evals_result))
    assert ends[0] == ends[1]
    assert ends[0][0] < 300
    assert f"[{ends[0][0]}]" in capsys.readouterr().out


def test_early_stopping_is_that_of_the_parameter():
    data, one, _ = sets()
    stop = callbacks.early_stopping(6, first_metric_only=True, verbose=False)
    by_callback = train(PARAMS, data, 300, valid_sets=[one], callbacks=[stop])
    by_name = train(PARAMS, data, 300, valid_sets=[one], early_stopping_rounds=6)
    assert by_callback.to_bytes() == by_name.to_bytes()
    assert by_callback.evals_result == by_name.evals_result
    assert by_callback.best_iteration == by_name.best_iteration == by_name.num_rounds


def test_the_best_round_is_kept_when_none_stops():
    data, one, _ = sets()
    stop = callbacks.early_stopping(100, verbose=False)
    model = train(PARAMS, data, 100, valid_sets=[one], callbacks=[stop])
    losses = model.evals_result["valid_0"]["binary_logloss"]
    assert len(losses) == 100
    assert model.num_rounds == int(np.argmin(losses)) + 1 < 100


def test_the_rows_trained_on_stop_nothing():
    data, one, _ = sets()
    # The loss of the training rows falls for ever, their best round is the last one.
    for sets_ in ([data, one], [one, data]):
        model = train(PARAMS, data, 300, valid_sets=sets_, early_stopping_rounds=5,
                      valid_names=["a", "b"])  # fmt: skip
        name = "b" if sets_[1] is one else "a"
        losses = model.evals_result[name]["binary_logloss"]
        assert model.num_rounds == int(np.argmin(losses)) + 1 == len(losses) - 5
    stop = callbacks.early_stopping(5, verbose=False)
    assert train(PARAMS, data, 30, valid_sets=[data], callbacks=[stop]).num_rounds == 30


def test_early_stopping_counts_the_rounds_of_the_model_before():
    data, one, _ = sets()
    start = train(PARAMS, data, 10)
    stop = callbacks.early_stopping(6, first_metric_only=True, verbose=False)
    model = train(PARAMS, data, 300, valid_sets=[one], init_model=start, callbacks=[stop])
    whole = train(PARAMS, data, 300, valid_sets=[one], callbacks=[stop])
    assert model.to_bytes() == whole.to_bytes()


def test_record_and_log_are_those_of_lightgbm(capsys):
    data, one, two = sets()
    out, seen = [], []
    for library in (callbacks, lightgbm):
        recorded = {"left over": {}}
        model = train(
            PARAMS, data, 7, valid_sets=[one, two],
            callbacks=[library.record_evaluation(recorded), library.log_evaluation(3)],
        )  # fmt: skip
        out.append(capsys.readouterr().out.replace("[LightGBM] [Info] ", ""))
        seen.append(recorded)
        assert recorded == model.evals_result
    assert seen[0] == {name: dict(by_metric) for name, by_metric in seen[1].items()}
    assert out[0] == out[1]
    assert out[0].count("\n") == 2


def test_cv_hands_means_and_deviations(capsys):
    seen, theirs = {}, {}
    stop = callbacks.early_stopping(4, verbose=False)
    result = cv(
        PARAMS, Dataset(X, Y), 100, nfold=3,
        callbacks=[callbacks.record_evaluation(seen), lightgbm.record_evaluation(theirs),
                   callbacks.log_evaluation(5), stop],
    )  # fmt: skip
    assert {name: dict(by_metric) for name, by_metric in theirs.items()} == seen
    means = seen["valid"]["binary_logloss-mean"]
    kept = len(result["valid binary_logloss-mean"])
    assert kept < len(means) < 100
    assert means[:kept] == result["valid binary_logloss-mean"]
    assert seen["valid"]["auc-stdv"][:kept] == result["valid auc-stdv"]
    assert "valid's auc: " in capsys.readouterr().out
    by_lightgbm = cv(PARAMS, Dataset(X, Y), 100, nfold=3, callbacks=[lightgbm.early_stopping(4)])
    assert by_lightgbm == result
    with pytest.raises(errors.UnsupportedError, match="cv: folds are not saved"):
        cv({}, Dataset(X, Y), 2, callbacks=[callbacks.checkpoint("never")])


def test_a_schedule_is_as_trainings_one_after_the_other():
    data = sets()[0]
    rates = [0.3, 0.2, 0.05]
    whole = train(PARAMS, data, 3, callbacks=[callbacks.reset_parameter(learning_rate=rates)])
    model = None
    for rate in rates:
        model = train(PARAMS | {"learning_rate": rate}, data, 1, init_model=model)
    assert model.to_bytes() == whole.to_bytes()
    for same in (callbacks.reset_parameter(eta=lambda number: rates[number]),
                 callbacks.reset_parameter(shrinkage_rate=np.array(rates)),
                 lightgbm.reset_parameter(learning_rate=rates)):  # fmt: skip
        assert train(PARAMS, data, 3, callbacks=[same]).to_bytes() == whole.to_bytes()


def test_a_schedule_begins_after_the_model_that_is_there():
    data = sets()[0]
    model = start = train(PARAMS, data, 2)
    schedule = callbacks.reset_parameter(learning_rate=lambda number: 0.3 / (number + 1))
    whole = train(PARAMS, data, 3, init_model=start, callbacks=[schedule])
    for rate in (0.3, 0.3 / 2, 0.3 / 3):
        model = train(PARAMS | {"learning_rate": rate}, data, 1, init_model=model)
    assert whole.num_rounds == 5
    assert whole.to_bytes() == model.to_bytes()
    assert not np.allclose(whole.predict(X), train(PARAMS, data, 5).predict(X), atol=1e-3)


def test_order_and_what_ends_a_training():
    data = sets()[0]
    calls = []

    def late(env):
        calls.append(("late", env.iteration, env.begin_iteration, env.end_iteration))

    def early(env):
        calls.append("early")
        return env.iteration == 2

    late.order = 5
    model = train({"eta": 0.2}, data, 10, callbacks=[late, early])
    assert model.num_rounds == 3
    assert calls == ["early", ("late", 0, 0, 10), "early", ("late", 1, 0, 10),
                     "early", ("late", 2, 0, 10)]  # fmt: skip

    def raise_early(env):
        if env.iteration == 4:
            raise callbacks.EarlyStopException(1)

    assert train({}, data, 10, callbacks=[raise_early]).num_rounds == 2

    def numpy_stops(env):
        return np.float64(env.iteration) >= 3

    def numpy_raises(env):
        raise lightgbm.callback.EarlyStopException(np.int64(env.iteration), [])

    assert train({}, data, 10, callbacks=[numpy_stops]).num_rounds == 4
    assert train({}, data, 10, callbacks=[numpy_raises]).num_rounds == 1

    def fail(env):
        raise LookupError(f"mine, {env.params['learning_rate']}")

    with pytest.raises(LookupError, match=r"mine, 0\.2"):
        train({"eta": 0.2}, data, 10, callbacks=[fail])


def test_callbacks_before_a_round():
    data, one, _ = sets()
    calls = []

    def before(env):
        assert env.evaluation_result_list is None
        calls.append(("before", env.iteration))

    def after(env):
        assert len(env.evaluation_result_list) == 2
        calls.append(("after", env.iteration))
        return env.iteration == 6

    before.before_iteration = True
    start = train(PARAMS, data, 4)
    model = train(PARAMS, data, 9, valid_sets=[one], init_model=start, callbacks=[after, before])
    assert model.num_rounds == 7
    assert calls == [(when, number) for number in (4, 5, 6) for when in ("before", "after")]

    def stop_before(env):
        if env.iteration == 3:
            raise callbacks.EarlyStopException(1)

    stop_before.before_iteration = True
    assert train(PARAMS, data, 9, callbacks=[stop_before]).num_rounds == 2


def test_early_stopping_refuses_dart_at_once():
    data, one, _ = sets()
    rounds = []
    stop = callbacks.early_stopping(3, verbose=False)
    with pytest.raises(errors.UnsupportedError, match="parameter early_stopping_rounds"):
        train({"boosting": "dart"}, data, 50, valid_sets=[one],
              callbacks=[stop, lambda env: rounds.append(env.iteration)])  # fmt: skip
    assert rounds == [0]
    # The folds of cv keep no models by a callback, so there it may be.
    curve = cv({"boosting": "dart"}, Dataset(X, Y), 40, nfold=3, callbacks=[stop])
    assert 0 < len(curve["valid l2-mean"]) <= 40


@pytest.mark.parametrize("where", ["callback", "metric"])
def test_ctrl_c_ends_all_folds(where):
    calls = []

    def interrupt(*_):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return where == "metric" and ("m", 0.0, False)

    more = {"callbacks": [interrupt]} if where == "callback" else {"feval": interrupt}
    with pytest.warns(RuntimeWarning, match="interrupted"), pytest.raises(KeyboardInterrupt):
        cv(PARAMS, Dataset(X, Y), 50, nfold=3, **more)
    assert len(calls) < 20


def test_a_random_forest_keeps_the_mean_of_its_first_trees():
    data, one, _ = sets()
    params = {"objective": "binary", "boosting": "rf", "subsample": 0.6}

    def keep(env):
        if env.iteration == 5:
            raise callbacks.EarlyStopException(2)

    kept = train(params, data, 10, callbacks=[keep])
    np.testing.assert_allclose(
        kept.predict(one.raw), train(params, data, 3).predict(one.raw), rtol=1e-12
    )
    with pytest.raises(errors.UnsupportedError, match='boosting "dart"'):
        train({"boosting": "dart"}, data, 10, callbacks=[keep])


@pytest.mark.parametrize("end", ["early stopping", "native", "error", "cv"])
def test_the_bar_ends_its_line_however_training_ends(end):
    data, one, _ = sets()
    screen = io.StringIO()
    bar = callbacks.progress_bar(screen, shown=True)
    stop = callbacks.early_stopping(4, first_metric_only=True, verbose=False)
    if end == "cv":
        cv(PARAMS, Dataset(X, Y), 3, nfold=3, callbacks=[bar])
        last = "3/3 rounds"
    elif end == "error":
        with pytest.raises(ZeroDivisionError):
            train(PARAMS, data, 9, callbacks=[bar, lambda env: 1 / (4 - env.iteration)])
        last = "4/9 rounds"  # the callback without an order fails first
    else:
        more = {"early_stopping_rounds": 4} if end == "native" else {"callbacks": [bar, stop]}
        model = train(PARAMS, data, 300, valid_sets=[one], **({"callbacks": [bar]} | more))
        last = f"{model.num_rounds + 4}/300 rounds"
    text = screen.getvalue()
    assert text.endswith("\x1b[K\n")
    assert text.count("\n") == 1
    assert last in text.split("\r")[-1]


def test_the_bar_shows_the_rounds():
    data, one, _ = sets()
    screen = io.StringIO()
    bar = callbacks.progress_bar(screen, shown=True)
    train(PARAMS, data, 5, valid_sets=[one], callbacks=[bar])
    train(PARAMS, data, 4, callbacks=[bar])
    lines = screen.getvalue().split("\n")
    assert len(lines) == 3
    assert "\r[######........................] 1/5 rounds" in lines[0]
    assert "[##############################] 5/5 rounds" in lines[0]
    assert "valid_0's auc: 0." in lines[0]
    assert lines[1].endswith("\x1b[K")
    assert lines[2] == ""
    silent = io.StringIO()
    train(PARAMS, data, 2, callbacks=[callbacks.progress_bar(silent)])
    assert silent.getvalue() == ""


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: callbacks.early_stopping(0), errors.ArgumentError, "stopping_rounds >= 1, got 0"),
        (lambda: callbacks.early_stopping(1.5), errors.TypeError, "an integer, got 1.5"),
        (lambda: callbacks.early_stopping(5, min_delta=-1), errors.ArgumentError, "min_delta >= 0"),
        (lambda: callbacks.record_evaluation([]), errors.TypeError, r"expected a dict, got \[\]"),
        (lambda: callbacks.log_evaluation(-1), errors.ArgumentError, "period >= 0, got -1"),
        (lambda: callbacks.reset_parameter(num_leaves=[3]), errors.UnsupportedError, "num_leaves"),
        (lambda: callbacks.reset_parameter(learning_rate=3), errors.TypeError, "list or function"),
        (lambda: callbacks.checkpoint("m", 0), errors.ArgumentError, "every >= 1, got 0"),
    ],
)
def test_what_a_callback_cannot_be(make, kind, text):
    with pytest.raises(kind, match=text):
        make()


@pytest.mark.parametrize(
    ("listed", "kind", "text"),
    [
        ([3], errors.TypeError, "train: expected callbacks to be callables, got 3"),
        (callbacks.log_evaluation(), errors.TypeError, "train: expected a list of callbacks, got"),
        ([lightgbm.reset_parameter(num_leaves=[3] * 9)], errors.UnsupportedError, "num_leaves"),
        ([lightgbm.reset_parameter(eta=[0.1])], errors.ShapeError, "expected 9 learning"),
        (
            [callbacks.reset_parameter(learning_rate=[0.1])],
            errors.ShapeError,
            "expected 9 learning",
        ),
        (
            [callbacks.reset_parameter(learning_rate=[0.1] * 9)] * 2,
            errors.ArgumentError,
            "one call",
        ),
        (
            [callbacks.reset_parameter(learning_rate=lambda number: 0.2 - 0.1 * number)],
            errors.ArgumentError,
            r"a learning rate above 0 for round 2, got 0\.0",
        ),
        (
            [callbacks.reset_parameter(learning_rate=["0.1"] * 9)],
            errors.ArgumentError,
            "for round 0, got '0.1'",
        ),
        ([callbacks.early_stopping(3)], errors.ArgumentError, "expected an evaluation set"),
        ([callbacks.checkpoint("a"), callbacks.checkpoint("b")], errors.ArgumentError, "one call"),
    ],
)
def test_callbacks_that_do_not_fit(listed, kind, text):
    with pytest.raises(kind, match=text):
        train({}, sets()[0], 9, callbacks=listed)


def test_deltas_are_as_many_as_metrics():
    data, one, _ = sets()
    stop = callbacks.early_stopping(3, min_delta=[0.1, 0.1, 0.1])
    with pytest.raises(errors.ArgumentError, match="one number or 2, one for each metric, got 3"):
        train(PARAMS, data, 5, valid_sets=[one], callbacks=[stop])


def test_a_callback_keeps_whole_rounds(wave):
    from cnengine._core import gbdt

    for answer in (0, -3, 2**40):
        with pytest.raises(errors.ArgumentError, match="to keep 1 round or more"):
            gbdt.train(*wave[:1], {"y": wave[1]}, [], [], {}, callback=lambda *_, a=answer: a)
