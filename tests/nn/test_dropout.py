"""Dropout: how much is left out, what is left, and whose key it is."""

import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine.errors import ArgumentError


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_shares(p):
    out = np.asarray(nn.Dropout(p)(ct.ones((100_000,))))
    assert set(np.unique(out)) == {0.0, np.float32(1.0 / (1.0 - p))}
    assert (out == 0).mean() == pytest.approx(p, abs=0.01)


def test_every_call_differs_and_seeds_repeat():
    nn.manual_seed(5)
    a = nn.Dropout(0.5)
    first, second = np.asarray(a(ct.ones((100,)))), np.asarray(a(ct.ones((100,))))
    assert not np.array_equal(first, second)
    nn.manual_seed(5)
    np.testing.assert_array_equal(np.asarray(nn.Dropout(0.5)(ct.ones((100,)))), first)


def test_jitted_steps_have_the_same_draws():
    nn.manual_seed(1)
    eager, jitted = nn.Dropout(0.5), None
    nn.manual_seed(1)
    jitted = nn.Dropout(0.5)
    step = ct.jit(lambda m, x: (m(x), m))
    for _ in range(3):
        out, jitted = step(jitted, ct.ones((50,)))
        np.testing.assert_array_equal(np.asarray(eager(ct.ones((50,)))), np.asarray(out))


def test_nothing_is_left_out_unless_training():
    x = ct.ones((10,))
    assert nn.Dropout(0.5).eval()(x) is x
    assert nn.Dropout(0.0)(x) is x


def test_derivative_goes_through_what_is_left():
    module = nn.Dropout(0.5)
    copy = module.copy()
    slope = ct.grad(lambda x: ct.sum(copy(x)))(ct.ones((64,)))
    np.testing.assert_array_equal(np.asarray(slope), np.asarray(module(ct.ones((64,)))))


@pytest.mark.parametrize("p", [-0.1, 1.0, 2.0])
def test_probabilities_are_checked(p):
    with pytest.raises(ArgumentError, match="Dropout: expected 0 <= p < 1"):
        nn.Dropout(p)


def test_keys_that_are_constants_of_programs_are_told(recwarn):
    module, x = nn.Dropout(0.5), ct.ones((8,))
    with pytest.warns(RuntimeWarning, match="Dropout: a program that `jit` makes holds its key"):
        ct.jit(lambda x: module(x))(x)
    with pytest.warns(RuntimeWarning, match="next_key: a program that `jit` makes holds the key"):
        ct.jit(lambda x: x + ct.random.uniform(nn.next_key(), (8,)))(x)
    recwarn.clear()
    ct.jit(lambda module, x: (module(x), module))(nn.Dropout(0.5), x)
    ct.grad(lambda x: ct.sum(module(x)))(x)
    module.eval()
    ct.jit(lambda x: module(x))(x)
    nn.next_key()
    assert not recwarn.list
