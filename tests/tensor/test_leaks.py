"""Many steps of training keep no memory: values, tapes, graphs and their threads are let go of."""

import gc
import resource
import weakref

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.tensor.keeping import held


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


# Functions that refer to themselves, through programs that native code holds: each gives something
# that nobody else holds, and that has been run and transformed.


def of_custom_vjp():
    @cn.custom_vjp
    def f(x):
        return ct.sin(x)

    jitted = cn.jit(lambda x: f(x) * 2.0)
    f.defvjp(lambda x: (f(x), (x,)), lambda kept, slope: (slope * jitted(kept[0]),))
    for run in (jitted, cn.grad(jitted), cn.jit(cn.grad(jitted)), cn.grad(cn.jit(cn.grad(f)))):
        run(ct.asarray(1.0))
    return f


def of_custom_jvp():
    @cn.custom_jvp
    def f(x):
        return ct.sin(x)

    jitted = cn.jit(lambda x: f(x) * 2.0)
    f.defjvp(lambda args, changes: (f(*args), changes[0] * jitted(args[0])))
    for run in (jitted, cn.grad(jitted), cn.jit(cn.hessian(jitted))):
        run(ct.asarray(1.0))
    cn.vmap(jitted)(ct.ones((3,)))
    return f


def of_pull():
    held = []
    f = cn.jit(lambda x: ct.sin(x) * len(held))
    held += [f, cn.vjp(f, ct.asarray(1.0)), ct.linearize(f, ct.asarray(1.0))]
    return f


def of_transformation(transform, x):
    held = []
    f = transform(lambda x: ct.sin(x) * len(held))
    held += [f, cn.jit(f), cn.jit(cn.grad(lambda x: ct.sum(f(x))))]
    held[1](x), held[2](x)
    return f


def of_body(loop):
    held = []

    def body(state, *row):
        held[:] = [body]
        return (ct.sin(state), state) if row else state * 0.0 + 2.0

    f = cn.jit(lambda x: loop(body, x))
    held += [f, cn.jit(cn.vmap(f))]
    f(ct.asarray(1.0)), held[-1](ct.ones((2,)))
    return body


SELF_REFERRING = {
    "custom_vjp": of_custom_vjp, "custom_jvp": of_custom_jvp, "vjp": of_pull,
    "jit": lambda: of_transformation(cn.jit, ct.asarray(1.0)),
    "grad": lambda: of_transformation(cn.grad, ct.asarray(1.0)),
    "vmap": lambda: of_transformation(cn.vmap, ct.ones((3,))),
    "checkpoint": lambda: of_transformation(cn.checkpoint, ct.ones((3,))),
    "scan": lambda: of_body(lambda body, x: cn.scan(body, x, ct.ones((3,)))[0]),
    "while_loop": lambda: of_body(lambda body, x: cn.while_loop(lambda s: s < 2.0, body, x)),
    "cond": lambda: of_body(lambda body, x: cn.cond(x > 0, body, lambda s: s, x)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SELF_REFERRING))
def test_what_refers_to_itself_is_collected(name):
    left = weakref.ref(SELF_REFERRING[name]())
    gc.collect()
    assert left() is None


@pytest.mark.parametrize("name", ["custom_vjp", "custom_jvp"])
def test_ten_thousand_rules_keep_no_memory(name):
    make = {"custom_vjp": cn.custom_vjp, "custom_jvp": cn.custom_jvp}[name]
    x = ct.asarray(1.0)

    def step():
        f = make(lambda x: x * 2.0)
        jitted = cn.jit(lambda x: f(x))
        if name == "custom_vjp":
            f.defvjp(lambda x: (x, x), lambda kept, slope: (slope * jitted(kept),))
        else:
            f.defjvp(lambda args, changes: (f(*args), changes[0] * jitted(args[0])))
        jitted(x)

    # A cycle that is kept is about 15 KB, with its program.
    assert growth(step, 10_000) < 300


def test_programs_keep_the_rules_of_functions_that_are_gone():
    def make():
        f = cn.custom_jvp(ct.sin)
        f.defjvp(lambda args, changes: (f(*args), changes[0]))
        jitted = cn.jit(lambda x: f(x))
        jitted(ct.asarray(1.0))
        return ct.make_graph(lambda x: f(x))(ct.asarray(1.0)), jitted

    graph, jitted = make()
    gc.collect()
    assert float(cn.grad(jitted)(ct.asarray(1.0))) == 1
    assert float(cn.grad(lambda x: graph.interpret([x])[0])(ct.asarray(1.0))) == 1


def test_a_rule_without_its_owner_says_so():
    class Owner:
        def rule(self, x):
            return x

    owner = Owner()
    rule = held(owner.rule)
    assert rule(3) == 3
    del owner
    with pytest.raises(cnengine.errors.StateError, match="whose function is gone"):
        rule(3)


def test_a_pull_keeps_the_rules_of_what_it_goes_back_over():
    def make():
        f = cn.custom_jvp(lambda x: x * x)
        f.defjvp(lambda args, changes: (f(*args), changes[0] * args[0]))

        def body(state, row):
            return f(state) + row, row

        pull = cn.vjp(cn.jit(lambda x: cn.scan(body, x, ct.ones((2,)))[0]), ct.asarray(1.0))[1]
        return pull, cn.jit(cn.grad(lambda c: pull(c)[0]))

    pull, second = make()
    gc.collect()
    assert float(pull(ct.asarray(1.0))[0]) == 2  # 2 * 1
    del pull
    gc.collect()
    assert float(second(ct.asarray(1.0))) == 2
