"""Programs of `jit` on a CUDA device as graphs: on a real one, and on what the CPU plays (fake_cuda.cpp).

Results have to be those of the same program without graphs bit for bit.
"""

import gc
import threading

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine._core import tensor as core
from cnengine.nn.linear import linear
from device_cases import array, check, on_gpu, to_numpy


@pytest.fixture
def counted(device):
    if device is None:
        pytest.skip("what a driver is asked for is seen of the fake alone")
    device.reset()
    return device


def train(w, x, rate):
    def loss(w):
        return ct.mean(ct.square(ct.tanh(x @ w["a"] + w["b"])))

    value, slope = cn.value_and_grad(loss)(w)
    return ct.tree_map(lambda p, g: p - g * rate, w, slope), value


WEIGHTS = {"a": array(6, 4), "b": array(4)}
DATA = [array(5, 6, seed=i) for i in range(9)]


def plain(f, calls):
    """What `f` gives without graphs, each call with what `calls` makes of the result before."""
    before = core.set_cuda_graphs(False)
    try:
        return run(f, calls)
    finally:
        core.set_cuda_graphs(before)


def run(f, calls, count=9):
    out = None
    kept = []
    for i in range(count):
        out = f(*calls(i, out))
        kept.append(ct.tree_map(to_numpy, out))
    return kept


def same(got, expected):
    for g, e in zip(ct.tree_leaves(got), ct.tree_leaves(expected), strict=True):
        np.testing.assert_array_equal(g, e)


def steps(donated=False):
    """A new function, and the arguments of its calls: weights go round, data and rates change."""
    f = cn.jit(lambda w, x, rate: train(w, x, rate), donate_argnums=(0,) if donated else ())
    data = on_gpu(DATA)
    return f, lambda i, out: (on_gpu(WEIGHTS) if out is None else out[0], data[i], 0.1 * i)


@pytest.mark.parametrize("donated", [False, True])
def test_training(counted, donated):
    expected = plain(*steps(donated))
    f, calls = steps(donated)
    same(run(f, calls), expected)
    assert 0 < counted.recordings <= 4
    out = on_gpu(WEIGHTS), None
    seen = []
    for i in range(9):
        counted.reset()
        out = f(*calls(i, out))
        seen.append((counted.launches, counted.products, counted.graphs, counted.recordings))
    # One call of the driver instead of one for each kernel; weights are read and written in turns.
    assert seen[-2:] == [(0, 0, 1, 0)] * 2


def test_results_that_are_held(counted):
    expected = plain(*steps())
    f, calls = steps()
    kept = []
    for i in range(9):
        kept.append(f(*calls(i, kept[-1] if kept else None)))
    same(ct.tree_map(to_numpy, kept), expected)
    assert 0 < counted.graphs <= 4  # as many sets of memory as there are
    del kept[2:]
    counted.reset()
    for i in range(2, 9):
        kept = [f(*calls(i, kept[-1]))]
    same(ct.tree_map(to_numpy, kept[0]), expected[-1])
    assert counted.graphs >= 5


def chain(x, y):
    z = ct.sum(ct.sin(x @ y @ y), axis=-1, keepdims=True) @ y[:1]
    return z, x, ct.permute_dims(z, (1, 0)), z, ct.ones((2, 2)), x[:0]


def test_inputs_and_results_of_all_kinds(counted):
    sources = on_gpu([array(16, 20, seed=i) for i in range(9)])
    views = [
        lambda x: x[:8, :8], lambda x: ct.permute_dims(x[:8, 4:12], (1, 0)),
        lambda x: ct.broadcast_to(x[:1, :8], (8, 8)),
    ]  # fmt: skip
    for view in views:

        def calls(i, _, view=view):
            return view(sources[i]), sources[0][:8, 8:16]

        expected = plain(cn.jit(lambda x, y: chain(x, y)), calls)
        counted.reset()
        same(run(cn.jit(lambda x, y: chain(x, y)), calls), expected)
        assert counted.graphs >= 5
    # Always at the same place: nothing is copied, and nothing is asked for but the graph.
    f = cn.jit(lambda x, y: chain(x, y))
    for _ in range(4):
        out = f(sources[0][:8, :8], sources[0][:8, 8:16])
    counted.reset()
    out = f(sources[0][:8, :8], sources[0][:8, 8:16])
    assert (counted.launches, counted.graphs, counted.allocations) == (0, 1, 0)
    assert out[1].device == "cuda:0"
    # A place that changed so often stays for long: it is read where it is again.
    for i in range(42):
        out = f(sources[max(8 - i, 0)][:8, :8], sources[0][:8, 8:16])
    counted.reset()
    f(sources[0][:8, :8], sources[0][:8, 8:16])
    assert (counted.launches, counted.graphs) == (0, 1)


def test_what_the_host_reads_is_not_recorded(counted):
    def branches(x):
        y = ct.sin(x @ x) @ x
        return cn.cond(ct.sum(y) > 0, lambda y: ct.exp(y) @ y, lambda y: ct.cos(y) @ y, y)

    def calls(i, _):
        return (on_gpu(array(4, 4, seed=i)),)

    expected = plain(cn.jit(branches), calls)
    counted.reset()
    same(run(cn.jit(lambda x: branches(x)), calls), expected)
    assert counted.graphs == 0
    here = cn.jit(lambda x: (x @ x @ x @ x @ x).to_device("cpu") * 2.0)
    for i in range(4):
        x = array(4, 4, seed=i)
        got = here(on_gpu(x))
        assert got.device == "cpu"
        np.testing.assert_allclose(got, np.linalg.matrix_power(np.asarray(x), 5) * 2, rtol=1e-4)
    assert counted.graphs == 0


def powers(x):
    return x @ x @ x @ x @ x


def test_a_recording_that_fails(counted):
    f = cn.jit(lambda x: powers(x))
    x = on_gpu(array(4, 4))
    expected = to_numpy(powers(x))
    for i in range(4):
        if i == 2:
            counted.library.fake_cublas_fail(13)
        np.testing.assert_array_equal(to_numpy(f(x)), expected)
    assert counted.graphs == 0


def test_small_programs_and_those_that_are_called_twice(counted):
    f, g = cn.jit(lambda x: x @ x @ x), cn.jit(lambda x: powers(x))
    x = on_gpu(array(4, 4))
    for _ in range(6):
        f(x)
    g(x), g(x)
    assert (counted.graphs, counted.recordings) == (0, 0)
    g(x)
    assert (counted.graphs, counted.recordings) == (1, 1)
    y = g(x.to_device("cpu").to_device("cuda:1"))
    assert y.device == "cuda:1"
    cn.jit(cn.vmap(lambda x: powers(x)))(ct.stack([x, x]))


def test_programs_within_programs(counted):
    def loop(x):
        return cn.scan(lambda c, _: (cn.checkpoint(powers)(c) * 0.1, c), x, None, length=3)

    def calls(i, _):
        return (on_gpu(array(4, 4, seed=i)),)

    expected = plain(cn.jit(lambda x: loop(x)), calls)
    counted.reset()
    same(run(cn.jit(lambda x: loop(x)), calls), expected)
    assert counted.graphs >= 5
    counted.reset()
    got = ct.tree_map(to_numpy, loop(on_gpu(array(4, 4))))  # its step is a program, too
    same(got, expected[0])


def test_threads(counted):
    f = cn.jit(lambda x: powers(x))
    inputs = on_gpu([array(4, 4, seed=i) for i in range(2)])
    expected = [to_numpy(powers(x)) for x in inputs]
    wrong = []

    def work(i):
        for _ in range(40):
            wrong.extend([i] * int((to_numpy(f(inputs[i])) != expected[i]).sum()))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
    assert counted.graphs > 0


def test_memory_goes_back(counted):
    def alive():
        gc.collect()
        ct.ones(1, device="cuda").to_device("cpu")  # what was given back is back by now
        return counted.library.fake_alive()

    x = on_gpu(array(4, 4))
    before = alive()
    f = cn.jit(lambda x: powers(x))
    for _ in range(5):
        y = f(x)
    del f
    assert before < alive()
    expected = to_numpy(powers(x))
    f = cn.jit(lambda x: powers(x))
    for _ in range(5):
        f(x)
    many = alive()
    assert ct.cuda.allow_graphs(False)
    f(x)
    ct.cuda.allow_graphs(True)
    assert alive() < many
    del f
    np.testing.assert_array_equal(to_numpy(y), expected)
    del y
    assert alive() <= before + 1


def test_a_bias_is_added_with_the_product(counted):
    layer = nn.Linear(6, 4, key=ct.random.key(0))
    parameters = on_gpu({"w": layer.weight, "b": layer.bias})

    def f(p, x):
        return linear(x, p["w"], p["b"])

    for shape in ((5, 6), (2, 5, 6)):
        x = array(*shape)
        g = cn.jit(lambda p, x: f(p, x))
        g(parameters, on_gpu(x))
        counted.reset()
        got = g(parameters, on_gpu(x))
        assert (counted.launches, counted.products) == (0, 1)
        np.testing.assert_allclose(to_numpy(got), layer(x), rtol=1e-6, atol=1e-6)
    on_cpu = {"w": layer.weight, "b": layer.bias}
    check(cn.jit(cn.grad(lambda p, x: ct.sum(f(p, x) ** 2))), on_cpu, array(5, 6), rtol=2e-6)
    # Narrow floats are rounded once, behind the bias.
    a, b, c = (ct.astype(each, ct.bfloat16) for each in (array(5, 6), array(6, 4), array(4) * 9))
    got = cn.jit(lambda a, b, c: a @ b + c)(*on_gpu((a, b, c)))
    x, y, z = (np.asarray(ct.astype(each, ct.float32)) for each in (a, b, c))
    rounded = to_numpy(ct.astype(ct.asarray(x @ y + z), ct.bfloat16))
    np.testing.assert_array_equal(to_numpy(got), rounded)
    # Where the product is read elsewhere, too, or what is added is no row: sums of their own.
    a, b, c = array(5, 6), array(6, 4), array(4)
    check(cn.jit(lambda a, b, c: ((a @ b) + c, (a @ b) * 1.0)), a, b, c, rtol=1e-6)
    check(cn.jit(lambda a, b, c: a @ b + c[:1]), a, b, c, rtol=1e-6)
    check(cn.jit(lambda a, b: a @ b + ct.ones(4)), a, b, rtol=1e-6)
