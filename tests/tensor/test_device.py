"""Arrays on CUDA devices: where there is a GPU on it, and on one that the CPU plays (fake_cuda.cpp).

Elements have to be those of the CPU bit for bit; sums and products of floats, which are added in another
order, within 2 units of float32 of the largest.
"""

import pickle

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn
from cnengine._core import tensor as core
from cnengine.errors import ArgumentError, DeviceError, UnsupportedError
from device_cases import array, check, on_gpu, to_numpy


def test_without_a_driver():
    if core.cuda_device_count() > 0:
        pytest.skip("there is a CUDA device")
    with pytest.raises(DeviceError, match="to_device: there is no"):
        ct.ones(2).to_device("cuda")
    with pytest.raises(DeviceError, match="full: there is no"):
        ct.ones(2, device="cuda:0")
    assert ct.__array_namespace_info__().devices() == ["cpu"]


VIEWS = {
    "rows": lambda x: x,
    "transposed": lambda x: ct.permute_dims(x, (1, 0)),
    "backwards": lambda x: x[::-2, ::-1],
    "part": lambda x: x[1:, 3:7],
    "broadcast": lambda x: ct.broadcast_to(x[:1], (4, 8)),
    "row": lambda x: x[2],
    "reshaped": lambda x: ct.reshape(ct.permute_dims(x, (1, 0)), (4, 16)),
    "new axis": lambda x: x[:, None, 1:2],
    "empty": lambda x: x[:0],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_there_and_back(device, view):
    x = array(8, 8)
    np.testing.assert_array_equal(to_numpy(view(on_gpu(x))), np.asarray(view(x)))
    np.testing.assert_array_equal(to_numpy(on_gpu(view(x))), np.asarray(view(x)))
    check(lambda x: view(x) * 2.0 - view(x), x)


@pytest.mark.parametrize(
    "name", ["bool", "int8", "uint64", "float16", "bfloat16", "float64", "complex64"]
)
def test_types(device, name):
    x = ct.astype(
        array(5, 7) > 0 if name == "bool" else ct.abs(array(5, 7)) * 50.0, getattr(ct, name)
    )
    check(lambda x: ct.where(x == x[::-1], x, x[:, ::-1]), x)
    if name not in ("bool", "complex64"):
        check(lambda x: ct.astype(x, ct.float32), x)
        check(lambda x: ct.maximum(x, 3) * x, x)


def test_what_an_array_tells(device):
    x = on_gpu(array(2, 3))
    assert x.device == "cuda:0"
    assert x.to_device("cuda:0").device == "cuda:0"
    assert (x + x).device == ct.zeros_like(x).device == x[0].device == "cuda:0"
    assert ct.ones(3, device="cuda").device == "cuda:0"
    assert ct.arange(3, device="cpu").device == "cpu"
    assert ct.asarray([1, 2], device="cuda:0").device == "cuda:0"
    assert ct.from_dlpack(np.ones(2), device="cuda").device == "cuda:0"
    assert "cuda:0" in ct.__array_namespace_info__().devices()
    assert repr(ct.full(2, 1.5, device="cuda")) == "Array([1.5, 1.5], dtype=float32, device=cuda:0)"
    one = ct.sum(x)
    assert float(one) == pytest.approx(float(ct.sum(x.to_device("cpu"))), rel=1e-6)
    assert bool(one == one)
    assert f"{x[0, 0]:.2f}" == f"{float(x[0, 0]):.2f}"
    assert [float(each) for each in x[0]] == x.to_device("cpu")[0].tolist()
    with pytest.raises(
        TypeError, match=r'NumPy cannot read an array on cuda:0; x.to_device\("cpu"\)'
    ):
        np.asarray(x)
    back = pickle.loads(pickle.dumps(x))
    np.testing.assert_array_equal(np.asarray(back), to_numpy(x))


def test_mixed_devices(device):
    x, y = on_gpu(array(2, 3)), array(3)
    with pytest.raises(ArgumentError, match=r"add: expected arrays on one device, got "
                       r"float32\[2, 3\] on cuda:0, float32\[3\] on cpu; to_device copies them"):  # fmt: skip
        x + y
    with pytest.raises(ArgumentError, match="where: expected arrays on one device"):
        ct.where(y > 0, x, x)
    with pytest.raises(ArgumentError, match="jit: expected arrays on one device"):
        cn.jit(lambda x, y: x * y + y)(x, y)
    if device is not None:
        other = array(2, 3).to_device("cuda:1")
        with pytest.raises(ArgumentError, match=r"multiply: .* on cuda:0, .* on cuda:1"):
            x * other
        np.testing.assert_array_equal(to_numpy(other.to_device("cuda:0") - x), np.zeros((2, 3)))
    # Numbers go with all.
    check(lambda x: x * 2 + ct.asarray(3.0) - np.float32(1), array(2, 3))
    check(lambda x: 1.0 / x + ct.broadcast_to(ct.asarray(1.0), (2, 3)), array(2, 3))


def test_what_there_is_not(device):
    x = on_gpu(array(4, 4))
    with pytest.raises(DeviceError, match="to_device: there is no device cuda:63"):
        x.to_device("cuda:63")
    for name in ("gpu", "cuda:", "cuda:-1", "cuda:1x", "CPU", ""):
        with pytest.raises(UnsupportedError, match="to_device: expected the device"):
            x.to_device(name)
    with pytest.raises(UnsupportedError, match="full: expected the device"):
        ct.zeros(3, device="tpu")


@pytest.mark.parametrize(
    ("name", "axes"),
    [("sum", [None, 0, 1, (0, 2)]), ("max", [None, 1]), ("prod", [0]), ("min", [-1]), ("any", [0]),
     ("all", [(0, 1)]), ("mean", [1])],
)  # fmt: skip
def test_reductions(device, name, axes):
    x = array(3, 5, 7)
    if name in ("any", "all"):
        x = x > 0.5
    elif name in ("sum", "mean"):
        x = ct.abs(x)  # what cancels out leaves the roundings of what was added
    rtol = 0 if name in ("max", "min", "any", "all") else 3e-7
    for axis in axes:
        for keepdims in (False, True):
            check(
                lambda x, a=axis, k=keepdims: getattr(ct, name)(x, axis=a, keepdims=k), x, rtol=rtol
            )


def test_reductions_of_little(device):
    check(lambda x: ct.sum(x, axis=1), array(3, 1))
    check(lambda x: ct.sum(x, axis=(0, 1)), ct.asarray([[5]], dtype=ct.int8))
    check(lambda x: (ct.sum(x, axis=0), ct.sum(x), x + 1.0, ct.prod(x)), ct.zeros((0, 4)))
    check(lambda x: ct.max(x), array(70001))


def softmax(x):
    e = ct.exp(x - ct.max(x, axis=-1, keepdims=True))
    return e / ct.sum(e, axis=-1, keepdims=True)


def layer_norm(x, weight, bias):
    centred = x - ct.mean(x, axis=-1, keepdims=True)
    var = ct.mean(centred * centred, axis=-1, keepdims=True)
    return centred / ct.sqrt(var + 1e-5) * weight + bias


@pytest.mark.parametrize("shape", [(5, 33), (1, 70000)])
def test_programs(device, shape):
    check(cn.jit(softmax), array(*shape), rtol=1e-6)
    check(cn.jit(layer_norm), array(*shape), array(shape[-1]), array(shape[-1], seed=1), rtol=1e-6)
    check(cn.jit(lambda x: ct.sum(x * x)), array(*shape), rtol=1e-6)


def test_programs_launch_what_they_fuse(device):
    if device is None:
        pytest.skip("what a driver is asked for is seen of the fake alone")
    f = cn.jit(softmax)
    x = on_gpu(array(64, 96))
    y = f(x)
    device.reset()
    for _ in range(3):
        y = f(x)
    assert (device.launches, device.compilations) == (3, 0)
    np.testing.assert_allclose(to_numpy(y).sum(-1), np.ones(64), rtol=1e-6)
    # Another alignment is another kernel.
    f(x[:, 1:])
    assert device.compilations == 0 or device.launches > 3
    del x, y
    ct.ones(1, device="cuda").to_device("cpu")  # what was given back is back by now
    assert device.library.fake_alive() < 200


def test_programs_with_constants(device):
    table = array(4, 3)

    @cn.jit
    def f(x):
        return x * table + ct.ones((4, 3)), ct.zeros(2), ct.astype(ct.arange(3), ct.float32) + x[0]

    check(f, array(4, 3))
    check(
        cn.jit(
            lambda x: (x.to_device("cpu") * 2.0).to_device("cuda") if x.device != "cpu" else x * 2.0
        ),
        array(3),
    )
    on = cn.jit(lambda x: x.to_device("cpu") * 2.0)(on_gpu(array(3)))
    assert on.device == "cpu"
    check(cn.jit(lambda x: ct.tril(x) + ct.triu(x, k=1)), array(4, 4))


def loss(w, x):
    hidden = ct.tanh(ct.sum(x[:, :, None] * w["a"][None], axis=1) + w["b"])
    return ct.mean(ct.square(hidden)) + ct.sum(ct.abs(w["b"]))


@pytest.mark.parametrize("name", ["float32", "int8"])
def test_products(device, name):
    """Sums of a row of products: in another order than the CPU's."""
    rtol = {"float32": 1e-6, "bfloat16": 1e-2, "int8": 0}[name]
    dtype = getattr(ct, name)
    a, b = ct.astype(array(5, 9) * 3.0, dtype), ct.astype(array(9, 4) * 3.0, dtype)
    check(ct.matmul, a, b, rtol=rtol)
    if name == "float32":
        check(lambda a, b: ct.matmul(ct.permute_dims(b, (1, 0)), a[::-1].T), a, b, rtol=rtol)
        check(lambda a, b: (a[0] @ b, a @ b[:, 1], a[0] @ a[1]), a, b, rtol=rtol)
        check(lambda a, b: ct.matmul(a[:, :1], b[:1]), a, b)
        check(ct.matmul, array(2, 1, 3, 6), array(4, 6, 5), rtol=rtol)
        check(lambda a, b: (a[:0] @ b, a[:, :0] @ b[:0]), a, b)
        check(cn.grad(lambda a, b: ct.sum(ct.tanh(a @ b))), a, b, rtol=rtol)
        check(cn.jit(cn.vmap(lambda a, b: ct.tanh(a @ b), in_axes=(0, None))), a, b, rtol=2e-6)
        with pytest.raises(ArgumentError, match="matmul: expected arrays on one device"):
            on_gpu(a) @ b


def test_derivatives(device):
    w = {"a": array(6, 4), "b": array(4)}
    x = array(5, 6)
    check(cn.grad(loss), w, x, rtol=1e-6)
    check(cn.jit(cn.value_and_grad(loss)), w, x, rtol=1e-6)
    check(cn.grad(lambda x, y: ct.sum(x + y)), array(3, 4), array(4))
    check(lambda x: cn.grad(lambda y: ct.sum(y[None] * 2.0))(x), array(3, 4))
    check(lambda x: cn.jvp(ct.sin, (x,), (ct.ones_like(x),)), array(9))
    check(
        cn.grad(lambda x: ct.sum((x * 2.0).to_device("cpu" if x.device == "cpu" else "cuda"))),
        array(3),
    )


def test_batches(device):
    check(cn.vmap(softmax), array(4, 9), rtol=1e-6)
    check(cn.jit(cn.vmap(cn.grad(lambda x: ct.sum(softmax(x) * x)))), array(4, 9), rtol=2e-6)


def test_control(device):
    check(lambda x: cn.cond(ct.sum(x) > 0, lambda x: x * 2.0, lambda x: -x, x), array(5))
    check(cn.jit(cn.checkpoint(softmax)), array(3, 4), rtol=1e-6)
    check(cn.grad(lambda x: ct.sum(cn.checkpoint(softmax)(x) * x)), array(3, 4), rtol=2e-6)


def test_parts_put_together(device):
    x, y = array(3, 4), array(2, 4, seed=1)
    check(lambda x, y: ct.concat([x, y[:, ::-1]]), x, y)
    check(lambda x: (ct.stack([x, x], axis=1), ct.concat([x, x[:0]])), x)
    check(lambda x: ct.concat([ct.astype(x, ct.complex128), ct.astype(x[:1], ct.complex128)]), x)
    check(cn.grad(lambda x: ct.sum(ct.square(x[1:, ::-2]))), x)
    check(cn.jit(cn.grad(lambda x: ct.sum(x[0] * x[2]))), x)
    check(lambda x, y: x.at[1:3].set(y), x, y)

    def written(x, y):
        z = x * 1.0
        z[1:, ::2] = y[:, :2]
        z[0] = 7.0
        return z, x

    check(written, x, y)


def test_scan(device):
    def step(state, row):
        state = state + row
        return state, state * 2.0

    check(lambda x: cn.scan(step, x[0], x), array(3, 4))


def test_loops_over_constants(device):
    """A program's constants of the CPU go where the rest of it is, and count there."""
    x, table = array(3), ct.asarray([[2, 0], [1, 1], [0, 1]])
    seen = on_gpu(x)
    pick = cn.jit(lambda y: cn.scan(lambda c, i: (c + ct.sum(seen[i]), i), y[0], table))
    total, rows = pick(seen)
    assert (total.device, rows.device) == ("cuda:0", "cuda:0")
    np.testing.assert_allclose(to_numpy(total), x[0] + np.sum(np.asarray(x)[table]), rtol=1e-6)
    count = cn.jit(lambda c: cn.scan(lambda c, i: (c + 1, seen[i] * c), c, table[:, 0]))
    for start in (0, ct.asarray(0)):
        last, rows = count(start)
        assert int(last) == 3
        np.testing.assert_array_equal(to_numpy(rows), np.asarray(x)[[2, 1, 0]] * np.arange(3))
    state = cn.jit(lambda y: cn.scan(lambda c, i: (c + seen[i], None), y, table[:, 0])[0])
    np.testing.assert_allclose(to_numpy(state(ct.asarray(1.0))), 1 + np.sum(np.asarray(x)), 1e-6)


def test_functions_of_several_operations(device):
    """Large arrays: such functions run as one program."""
    check(nn.functional.softmax, array(130, 130), rtol=1e-6)
    check(cn.grad(lambda x: ct.sum(nn.functional.softmax(x) ** 2)), array(130, 130), rtol=1e-6)


def test_dlpack(device):
    x = on_gpu(array(4, 6))
    assert x.__dlpack_device__() == (2, 0)
    same = ct.from_dlpack(x[1:, ::2])
    assert same.device == "cuda:0"
    np.testing.assert_array_equal(to_numpy(same), to_numpy(x)[1:, ::2])
    copied = np.from_dlpack(_Capsule(x.__dlpack__(dl_device=(1, 0))))
    np.testing.assert_array_equal(copied, to_numpy(x))
    for options in ({"dl_device": (1, 0), "copy": False}, {"dl_device": (2, 5)}):
        with pytest.raises(
            BufferError, match="__dlpack__: expected the device of the array, cuda:0"
        ):
            x.__dlpack__(**options)
    with pytest.raises((BufferError, RuntimeError, TypeError)):
        np.from_dlpack(x)
    with pytest.raises(ArgumentError, match="stream"):
        x.__dlpack__(stream=0)
    with pytest.raises(ValueError, match="from_dlpack: cuda:0 to cpu is a copy"):
        ct.from_dlpack(x, device="cpu", copy=False)
    if device is not None:
        device.reset()
        for stream in (None, 1, -1):
            x.__dlpack__(stream=stream)
        assert device.waits == 0
        x.__dlpack__(stream=2)
        x.__dlpack__(stream=0x7000)
        assert device.waits == 2


class _Capsule:
    def __init__(self, capsule):
        self.capsule = capsule

    def __dlpack__(self, **options):
        return self.capsule

    def __dlpack_device__(self):
        return (1, 0)


class Foreign:
    """Another library's array on a device."""

    def __init__(self, array):
        self.array = array

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def __dlpack__(self, *, stream=None, **options):
        self.stream = stream
        return self.array.__dlpack__()


def test_arrays_of_other_libraries(device):
    foreign = Foreign(on_gpu(array(3, 4)))
    x = ct.from_dlpack(foreign)
    assert foreign.stream == core.cuda_stream(0) > 2
    np.testing.assert_array_equal(to_numpy(x + 1.0), to_numpy(foreign.array) + np.float32(1))


def test_torch(device):
    torch = pytest.importorskip("torch")
    if device is not None or not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")
    x = torch.randn(4, 5, device="cuda")
    y = ct.from_dlpack(x)
    np.testing.assert_array_equal(to_numpy(y * 2.0), (x * 2).cpu().numpy())
    np.testing.assert_array_equal(torch.from_dlpack(y).cpu().numpy(), x.cpu().numpy())


def test_no_room(device):
    if device is None:
        pytest.skip("the fake's memory has a bound that is known")
    with pytest.raises(DeviceError, match=r"cuda: there is no room for \d+ bytes on cuda:0"):
        ct.broadcast_to(on_gpu(array(1, 1 << 14)), (1 << 15, 1 << 14)) + 1.0


def test_debug_nans(device):
    before = core.set_debug_nans(True)
    try:
        x = on_gpu(ct.asarray([1.0, -1.0]))
        with pytest.raises(FloatingPointError, match=r"sqrt: a NaN .*on cuda:0"):
            ct.sqrt(x)
        check(cn.jit(lambda x: x * array(3)), array(2, 3))
    finally:
        core.set_debug_nans(before)
