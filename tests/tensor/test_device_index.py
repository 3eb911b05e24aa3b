"""Indices, order and running results of arrays on CUDA devices: the CPU's bits, but for running sums and
products of floats, which are added in another order (2 units of float64, rounded)."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine.errors import ArgumentError
from device_cases import array, check, on_gpu, to_numpy


def integers(*values, dtype=ct.int64):
    return ct.asarray(np.array(values), dtype=dtype)


def test_rows_of_a_table(device):
    table = array(7, 3)
    places = integers([1, 6, 1], [0, -7, 6])
    check(lambda t, i: t[i], table, places)
    check(lambda t, i: ct.take(t, i[0], axis=1), array(3, 7), places)
    check(cn.grad(lambda t, i: ct.sum(ct.square(t[i]))), table, places)
    check(cn.jit(cn.grad(lambda t, i: ct.sum(t[i] * t[i]))), table, places)
    check(cn.vmap(lambda t, i: t[i], in_axes=(None, 0)), table, places)
    check(cn.vmap(lambda t, i: t[i]), array(2, 7, 3), places)
    check(cn.jit(cn.vmap(cn.grad(lambda t, i: ct.sum(t[i] ** 2)))), array(2, 7, 3), places)
    for name in ("bool", "complex128"):
        dtype = getattr(ct, name)
        x = table > 0 if name == "bool" else ct.astype(table * 9.0, dtype)
        check(lambda t, i: t.T[:, ::-1][1:, i[0, :2]], x, places)


def test_several_indices(device):
    x = array(4, 5, 3)
    i, j = integers(0, 3, -1), integers(4, -5, 2)
    check(lambda x, i, j: (x[i, :, j % 3], x[:, j, 1], x[i, j]), x, i, j)
    check(lambda x, i: ct.take_along_axis(x[:3, 0], i[None] % 3, axis=1), x, i)
    check(
        lambda x, i: (ct.take(x, i * 2, axis=0, mode="clip"), x.at(mode="skip")[i * 2].get()), x, i
    )
    check(lambda x: x[[0, 2]] + x[np.array([1, 3])], x)
    check(lambda x: x[x > 0.5], x)
    check(lambda x: ct.nonzero(x > 0.5), x)
    check(lambda x, i: (x[i[0]], x[:0][:, i], x[i[:0]]), x, i)


@pytest.mark.parametrize("op", ["set", "add", "multiply", "max", "min"])
def test_writing(device, op):
    x, y = array(6, 4), array(5, 4, seed=1)
    i = integers(3, 0, 3, -1, 3)
    put = lambda x, i, y: getattr(x.at[i], op)(y)  # noqa: E731
    check(put, x, i, y)
    if op in ("set", "max"):
        f = cn.grad(lambda x, y, i: ct.sum(ct.square(put(x, i, y))), argnums=(0, 1))
        check(cn.jit(f), x, y, i)
    if op == "add":
        check(cn.vmap(put), array(2, 6, 4), ct.stack([i, i[::-1]]), array(2, 5, 4))
        check(lambda x, y, i: x.at[:, i].add(y.T), array(4, 6), y, i)
        check(lambda x, i: x.at[i, i % 4].add(1.0), x, i)
        for name in ("float16", "complex64"):
            dtype = getattr(ct, name)
            check(put, ct.astype(x * 5.0, dtype), i, ct.astype(y * 5.0, dtype))
    if op == "set":
        check(lambda x, i: x.at[i].set(True), x > 0, i)
        check(lambda x, i, y: x.at(mode="skip")[i * 2].set(y), x, i, y)

        def written(x, i, y):
            z = x * 1.0
            z[i] = y
            z[[1, 2]] = 0.0
            return z

        check(written, x, i, y)


def test_indices_out_of_bounds(device):
    """Nothing waits for a check: the next copy to the CPU tells."""
    x = on_gpu(array(4, 3))
    for read in (lambda: x[on_gpu(integers(1, 4))], lambda: x.at[on_gpu(integers(-5))].add(1.0)):
        y = read()
        with pytest.raises(ArgumentError, match="an index of an operation on cuda:0 was out of"):
            y.to_device("cpu")
        assert np.all(to_numpy(y)[1:] == to_numpy(y)[1:])
    with pytest.raises(IndexError, match="gather: expected arrays on one device"):
        x[integers(1, 2)]


@pytest.mark.parametrize("name", ["float32", "uint8"])
def test_places_of_extremes(device, name):
    x = ct.astype(ct.abs(array(3, 70)) * 3.0, getattr(ct, name))
    if name == "float32":
        x = x.at[1, 5:9].set(float("nan"))
        check(lambda x: (ct.argmax(x, axis=0), ct.argmin(x), ct.argmax(x[:, :1], axis=1)), x)
        check(cn.vmap(cn.jit(lambda x: ct.argmax(x * 2.0))), x)
    check(lambda x: (ct.argmax(x, axis=1, keepdims=True), ct.argmin(x.T, axis=0)), x)


@pytest.mark.parametrize("name", ["float32", "bfloat16", "complex64"])
def test_order(device, name):
    x = ct.astype(ct.round(array(3, 70) * 3.0), getattr(ct, name))
    if name == "complex64":
        x = x + ct.astype(array(3, 70, seed=1), ct.complex64) * 1j
    if name == "float32":
        x = x.at[1, 5:9].set(float("nan")).at[0].multiply(-0.0)
    check(lambda x: (ct.sort(x, axis=1), ct.argsort(x, axis=1, descending=True)), x)
    if name == "float32":
        check(
            lambda x: (ct.sort(x, axis=0, descending=True), ct.sort(x[:, :1]), ct.sort(x[:, :0])), x
        )
        check(lambda x: ct.top_k(x, 4), x)
        check(lambda x: ct.top_k(x.T, 2, axis=0, largest=False), x)
        check(cn.grad(lambda x: ct.sum(ct.sort(x, axis=1) * array(70).to_device(x.device))), x[2:])
        check(cn.jit(cn.grad(lambda x: ct.sum(ct.top_k(x, 4)[0] ** 2))), x[2:])
        check(cn.vmap(lambda x: ct.sort(x)), x)


@pytest.mark.parametrize("op", ["sum", "prod", "max", "min", "logsumexp"])
def test_running(device, op):
    f = getattr(ct, f"cumulative_{op}")
    x = array(2, 300) * 0.5
    check(lambda x: f(x, axis=1), x, rtol=3e-7)
    check(lambda x: (f(x[:, ::-1], axis=1), f(x.T[:3], axis=0)), x, rtol=3e-7)
    if op in ("sum", "max"):
        check(cn.jit(cn.grad(lambda x: ct.sum(f(x, axis=1) ** 2))), x[:, :40], rtol=2e-6)
    if op == "sum":
        check(lambda x: f(ct.astype(x * 9.0, ct.int8), axis=1), x)
        check(cn.vmap(lambda x: f(x)), x, rtol=3e-7)
        check(lambda x: f(x[:, :0], axis=1), x)


def test_blocks_at_places_that_are_computed(device):
    x, y = array(5, 6), array(2, 6, seed=1)
    i = integers(3, dtype=ct.int32)[0]
    f = lambda x, i: ct.dynamic_slice(x, (i, i * 2), (2, 3))  # noqa: E731
    g = lambda x, y, i: ct.dynamic_update_slice(x, y, (i, 0))  # noqa: E731
    check(f, x, i)
    check(cn.jit(g), x, y, i)
    check(g, x, y, i * 9)
    check(cn.grad(lambda x, i: ct.sum(f(x, i) ** 2)), x, i)
    check(cn.vmap(f, in_axes=(None, 0)), x, integers(0, 2, 9))
    check(cn.jit(cn.vmap(g, in_axes=(0, 0, None))), array(3, 5, 6), array(3, 2, 6), i)


def test_loops(device):
    def run(x):
        return cn.while_loop(
            lambda s: s[0] < 5, lambda s: (s[0] + 1, s[1] * x), (ct.asarray(0), x)
        )[1]

    check(run, array(3))
    check(cn.jit(run), array(3))


def test_what_is_made(device):
    check(cn.jit(lambda x: ct.arange(5) * ct.triu(x)), array(5, 5))
    check(lambda x: ct.tril(x, k=-1), array(5, 5))


def test_functions_of_numpy(device):
    x = array(4, 5)
    check(lambda x: (ct.pad(x, ((1, 0), (0, 2)), "reflect"), ct.delete(x, 1, axis=0)), x)


NAN = float("nan")


@pytest.mark.parametrize("name", ["bool", "int8", "uint64", "bfloat16", "float32", "float64"])
def test_places_among_sorted(device, name):
    drawn = ct.sort(ct.round(ct.abs(array(2, 9)) * 3.0))
    if name[0] in "bf":
        drawn = drawn.at[:, 7:].set(NAN).at[1, 0].set(-0.0)
    x = drawn > 2.0 if name == "bool" else ct.astype(drawn, getattr(ct, name))
    y = x[:, ::-2]
    check(lambda x, y: (ct.searchsorted(x, y), ct.searchsorted(x, y, side="right")), x, y)
    if name == "float32":
        check(lambda x, y: ct.searchsorted(x[0], y), x, y)
        check(lambda x, y: (ct.searchsorted(x[0, :0], y), ct.searchsorted(x, y[:, :0])), x, y)
        check(lambda x: ct.searchsorted(x[1], 2.0), x)
        check(lambda x, y: ct.searchsorted(x[0, ::-1], y[0], sorter=ct.argsort(x[0, ::-1])), x, y)
        check(cn.jit(cn.vmap(ct.searchsorted)), x, y)
        check(cn.vmap(lambda x, y: ct.searchsorted(x, y * 2.0), in_axes=(None, 0)), x[0], y)
        check(lambda x, y: (ct.isin(x, y), ct.isin(x, y[:, :0], invert=True)), x, y)
        with pytest.raises(ArgumentError, match="search_sorted: expected arrays on one device"):
            ct.searchsorted(on_gpu(x), y)


@pytest.mark.parametrize("name", ["bool", "int8", "float16", "float32", "complex64"])
def test_different_elements(device, name):
    drawn = ct.round(array(5, 7) * 2.0)
    x = drawn > 1.0 if name == "bool" else ct.astype(drawn, getattr(ct, name))
    if name in ("float32", "complex64"):
        x = x.at[1, 1:4].set(NAN).at[2].multiply(-0.0)
    check(ct.unique_all, x)
    if name == "float32":
        check(lambda x: (ct.unique_inverse(x.T), ct.unique_counts(x[:1, :1])), x)
        check(lambda x: (ct.unique_all(x[:0]), ct.unique_values(x[0, 0])), x)
        check(cn.grad(lambda x: ct.sum(ct.unique_values(x) ** 2)), drawn)


@pytest.mark.parametrize("name", ["int32", "uint64", "int8"])
def test_writing_integers(device, name):
    """Whole numbers are put together in any order: none is sorted, but those that are narrow."""
    x = ct.astype(array(6, 4) * 1e9, ct.int64)
    x, y = (ct.astype(each, getattr(ct, name)) for each in (x, x[1:] * 3))
    i = integers(3, 0, 3, -1, 3)
    for op in ("add", "multiply", "max", "min") if name != "int8" else ("min",):
        put = lambda x, i, y, op=op: getattr(x.at[i], op)(y)  # noqa: E731
        check(put, x, i, y)
    if name == "int32":
        check(lambda x, i, y: x.at(mode="skip")[i * 2].add(y), x, i, y)
        check(lambda x, i, y: x.at[:, i % 4].max(y.mT), ct.astype(array(4, 4), x.dtype), i, y)


def test_writing_without_an_order(device):
    x, y, i = on_gpu((array(6, 4), array(5, 4), integers(3, 0, 3, -1, 3)))
    here = x > 0.5
    launches = []
    for write in (
        lambda: x.at[i].add(y), lambda: x.at[i].set(y), lambda: x.at[i[0]].add(y[0]),
        lambda: ct.astype(x, ct.int32).at[i].add(1),
    ):  # fmt: skip
        write()
        before = device.launches if device is not None else 0
        write()
        launches.append(device.launches - before if device is not None else 0)
    check(lambda x, here: (x.at[here].add(1.0), x.at[here].set(2.0)), array(6, 4), array(6, 4) > 0)
    check(cn.grad(lambda x: ct.sum(x[x > 0.5] ** 2)), array(6, 4))
    if device is not None:
        assert max(launches[2:]) < min(launches[:2])  # which find places, sort them, then write
    assert here.device == "cuda:0"
