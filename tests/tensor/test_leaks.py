"""Many steps of training keep no memory: values, tapes, graphs and their threads are let go of."""

import gc
import resource

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest


def resident():
    """Bytes of this process that are in memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def growth(step, rounds):
    """Bytes per round, after a warm-up."""
    for _ in range(rounds // 4):
        step()
    gc.collect()
    before = resident()
    for _ in range(rounds):
        step()
    gc.collect()
    return (resident() - before) / rounds


def loss(w, x):
    return ct.mean(ct.tanh(x @ w) ** 2)


X = ct.asarray(np.random.default_rng(0).normal(size=(32, 64)).astype(np.float32))
W = ct.asarray(np.random.default_rng(1).normal(size=(64, 64)).astype(np.float32))


@pytest.mark.parametrize("way", ["eager", "jit", "vmap", "retraced"])
def test_steps_keep_no_memory(way):
    step = {
        "eager": lambda: W - cn.grad(loss)(W, X),
        "jit": (lambda f: lambda: f(W, X))(cn.jit(lambda w, x: w - cn.grad(loss)(w, x))),
        "vmap": lambda: cn.vmap(cn.grad(loss), in_axes=(None, 0))(W, ct.reshape(X, (4, 8, 64))),
        "retraced": lambda: cn.jit(cn.grad(loss))(W, X),
    }[way]
    # One array of this size is 16 KiB: what is kept in every round would show.
    assert growth(step, 400) < 512


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_steps():
    step = cn.jit(lambda w, x: w - 0.01 * cn.grad(loss)(w, x))
    state = [W]

    def advance():
        state[0] = step(state[0], X)

    assert growth(advance, 100_000) < 8
