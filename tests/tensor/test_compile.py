"""jit: the same numbers as without, whatever is fused; caching, static arguments, errors."""

import re
import subprocess
import sys

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

RNG = np.random.default_rng(0)


def both(f, *args, rtol=1e-6, atol=1e-6):
    """With and without jit."""
    plain, compiled = f(*args), cn.jit(f)(*args)
    for a, b in zip(ct.tree_leaves(plain), ct.tree_leaves(compiled), strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_allclose(
            np.asarray(b, dtype=np.float64), np.asarray(a, dtype=np.float64), rtol=rtol, atol=atol
        )
    return compiled


def array(*shape, dtype=np.float32):
    return ct.asarray(RNG.normal(size=shape).astype(dtype))


SHAPES = [(), (1,), (5,), (3, 7), (1024,), (2, 1024), (3, 1025), (5, 3000), (2, 3, 700), (1, 9, 1),
          (300_000,), (2, 300_000)]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_chains_are_equal_bit_for_bit(shape):
    def f(x, y):
        return ct.tanh(x * y + 0.5) / (ct.exp(-x) + 1.0), x - y

    both(f, array(*shape), array(*shape), rtol=0, atol=0)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s])
def test_softmax(shape):
    def f(x):
        shifted = x - ct.max(x, axis=-1, keepdims=True)
        e = ct.exp(shifted)
        return e / ct.sum(e, axis=-1, keepdims=True)

    out = both(f, array(*shape))
    np.testing.assert_allclose(np.asarray(ct.sum(out, axis=-1)), 1, rtol=1e-5)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s])
def test_norms_with_several_results(shape):
    def f(x, w):
        mean = ct.mean(x, axis=-1, keepdims=True)
        spread = ct.mean((x - mean) ** 2, axis=-1, keepdims=True)
        scale = ct.rsqrt(spread + 1e-5)
        return (x - mean) * scale * w, mean, scale, ct.squeeze(spread, axis=-1)

    both(f, array(*shape), array(shape[-1]), rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_reductions_of_all(shape):
    both(lambda x, y: (ct.sum(x * y), ct.max(ct.abs(x)), ct.mean(x) * y), array(*shape),
         array(*shape), rtol=1e-5)  # fmt: skip


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64", "int32", "uint8", "complex64"])
def test_other_types(name):
    dtype = getattr(ct, name)
    x = ct.astype(ct.asarray(RNG.uniform(1, 5, (3, 700))), ct.float32)
    x = ct.astype(x, dtype)

    def f(x):
        y = x * x + x
        return y - x, ct.sum(y, axis=1), y == x, ct.where(y == x, y, x)

    plain, compiled = f(x), cn.jit(f)(x)
    for a, b in zip(plain, compiled, strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def test_broadcasts_transposes_and_slices():
    def f(x, row, column):
        y = x + row
        z = ct.permute_dims(y * column, (1, 0))
        return z[1:, ::-1] * 2.0, ct.sum(z, axis=0), ct.broadcast_to(column, x.shape) + y

    both(f, array(33, 65), array(65), array(33, 1), rtol=1e-5)


def test_equal_extents_are_not_confused():
    def f(x):
        row = ct.sum(x, axis=1)
        return x + row, x + ct.expand_dims(row, axis=1), x + ct.sum(x, axis=0)

    both(f, array(5, 5), rtol=1e-6)


def test_a_loop_through_something_unfused():
    def f(x):
        a = x * 2.0
        b = ct.permute_dims(a, (1, 0))
        return a + ct.sum(b) + b

    both(f, array(4, 4), rtol=1e-6)


def test_constants_are_folded_and_equal_operations_merged():
    def f(x):
        two = ct.asarray(1.0) + ct.asarray(1.0)
        return ct.sin(x) * two + ct.sin(x)

    program = cn.jit(f)
    program(array(3))
    (compiled,) = program._cache.values()
    text = repr(compiled.program)
    assert [text.count(each) for each in ("sin[", "multiply[", "add[")] == [1, 1, 1]
    assert compiled.program.kernels == 1


def test_unused_work_is_left_out():
    program = cn.jit(lambda x: (ct.exp(x), x + 1.0)[1])
    program(array(3))
    (compiled,) = program._cache.values()
    assert "exp[" not in repr(compiled.program)
    assert "add[" in repr(compiled.program)


def test_products_are_made_as_they_are_read():
    """A derivative by W of x W^T lies as W does; the same sums, so the same bits."""

    def f(x, w):
        return cn.grad(lambda w: ct.sum(ct.matmul(x, ct.permute_dims(w, (1, 0))) ** 2.0))(w)

    for shapes in [((33, 70), (20, 70)), ((1, 5), (1, 5)), ((0, 5), (3, 5))]:
        x, w = (array(*shape) for shape in shapes)
        both(f, x, w, rtol=1e-5)
    program = cn.jit(f)
    program(array(33, 70), array(20, 70))
    (compiled,) = program._cache.values()
    assert repr(compiled.program).count("permute_dims[") == 2  # of w, and of the slopes

    def batched(a, b):
        c = ct.matmul(a, b)
        swapped = ct.permute_dims(c, (0, 2, 1))
        return ct.permute_dims(ct.matmul(a + 1.0, b), (0, 2, 1)), swapped, c

    both(batched, array(3, 4, 5), array(3, 5, 6), rtol=1e-6)
    both(batched, array(3, 4, 5), array(1, 5, 6), rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 7), (6, 1024), (4, 3, 1500), (1, 1, 5), (2, 1)])
def test_slopes_compute_again_what_they_need(shape):
    """Forward values that backward passes do not read but make again: the numbers stay."""

    def norm(x):
        away = x - ct.mean(x, axis=-1, keepdims=True)
        return away * ct.rsqrt(ct.mean(away * away, axis=-1, keepdims=True) + 1e-3)

    def gelu(x):
        return x * (ct.tanh((x + x * x * x * 0.044715) * 0.8) + 1.0) * 0.5

    def loss(x, w, b):
        y = gelu(ct.matmul(norm(x) + b, w) + b) + x
        return ct.sum(gelu(ct.matmul(norm(y * b), w)) * norm(y)), y

    width = shape[-1]
    scale = np.float32(width**-0.5)
    args = array(*shape), array(width, width) * scale, array(width)
    both(cn.value_and_grad(loss, argnums=(0, 1, 2), has_aux=True), *args, rtol=2e-4, atol=2e-4)


def test_slopes_of_pieces_are_put_together():
    """x + 0 is x: the same numbers; sums that leave a gap, overlap or are read elsewhere stay."""

    def slopes(cuts):
        def loss(x):
            parts = [x[:, low:high] for low, high in cuts]
            return sum(ct.sum(ct.sin(each) * (at + 1.0)) for at, each in enumerate(parts))

        return lambda x: cn.grad(loss)(x * 2.0)

    for cuts, joined in [([(0, 3), (3, 4), (4, 9)], 1), ([(4, 9), (0, 4)], 1), ([(0, 4), (5, 9)], 0),
                         ([(0, 5), (4, 9)], 0), ([(0, 4), (4, 8)], 0), ([(0, 9), (0, 9)], 0)]:  # fmt: skip
        both(slopes(cuts), array(4, 9), rtol=0, atol=0)
        program = cn.jit(slopes(cuts))
        program(array(4, 9))
        (compiled,) = program._cache.values()
        assert repr(compiled.program).count("concat[") == joined, cuts

    def read_twice(x):
        low = ct.pad(x, [(0, 0), (0, 5)])
        return low + ct.pad(x[:, :5], [(0, 0), (9, 0)]), low

    both(read_twice, array(4, 9), rtol=0, atol=0)
    both(
        lambda x: ct.pad(x, [(0, 2)]) + ct.pad(x[:2], [(5, 0)], value=1.0), array(5), rtol=0, atol=0
    )


@pytest.mark.parametrize("begins", ["pad", "plain", "late"])
def test_long_sums_of_padded_arrays(begins):
    """One place each: all together are the array; with another one, or one too many, a sum."""

    def f(x, y):
        out = y if begins == "plain" else ct.pad(x[:1], [(0, 39)])
        for at in range(1, 40):
            out = ct.pad(x[at : at + 1], [(at, 39 - at)]) + out
        return out + ct.pad(x[:1], [(0, 39)]) if begins == "late" else out

    both(f, array(40), array(40), rtol=0, atol=0)
    program = cn.jit(f)
    program(array(40), array(40))
    (compiled,) = program._cache.values()
    assert repr(compiled.program).count("concat[") == (0 if begins == "plain" else 1)


def test_softmax_is_one_kernel():
    def f(x):
        e = ct.exp(x - ct.max(x, axis=-1, keepdims=True))
        return e / ct.sum(e, axis=-1, keepdims=True)

    program = cn.jit(f)
    program(array(8, 100))
    (compiled,) = program._cache.values()
    assert compiled.program.kernels == 1


def test_traced_once_for_each_kind_of_arguments():
    calls = []

    @cn.jit
    def f(tree, k=1.0):
        calls.append(1)
        return tree["a"] * k

    for _ in range(3):
        f({"a": array(3)})
    f({"a": array(4)})
    f({"a": array(4)}, k=3.0)
    f({"a": ct.ones(4, dtype=ct.float64)})
    assert len(calls) == 4


def test_static_arguments():
    @cn.jit
    def plain(x, n):
        return sum(x for _ in range(n))

    with pytest.raises(cnengine.errors.TracedError):
        plain(array(3), 2)
    static = cn.jit(lambda x, n, *, sign: ct.sum(x) * n * sign, static_argnums=1,
                    static_argnames="sign")  # fmt: skip
    assert float(static(ct.ones(3), 2, sign=-1)) == -6
    assert float(static(ct.ones(3), 3, sign=1)) == 9
    with pytest.raises(cnengine.errors.ArgumentError, match="hashed"):
        static(ct.ones(3), [2], sign=1)


def test_methods():
    class Model:
        def __init__(self):
            self.scale = 3.0

        @cn.jit
        def __call__(self, x):
            return x * self.scale

    with pytest.raises(cnengine.errors.TypeError, match="Model"):
        Model()(ct.ones(2))


def test_branches_on_values_are_an_error_that_says_what_to_do():
    @cn.jit
    def f(x):
        return x if x > 0 else -x

    with pytest.raises(cnengine.errors.TracedError, match=r"cn\.cond"):
        f(ct.asarray(1.0))


def test_nested_in_other_transformations():
    f = cn.jit(lambda x: ct.sum(ct.sin(x) * x))
    x = array(5)
    expected = np.asarray(cn.grad(lambda x: ct.sum(ct.sin(x) * x))(x))
    for program in (cn.grad(f), cn.jit(cn.grad(f)), cn.jit(cn.grad(cn.jit(f)))):
        np.testing.assert_allclose(np.asarray(program(x)), expected, rtol=1e-6)
    rows = array(3, 5)
    by_row = np.stack([np.asarray(cn.grad(f)(row)) for row in rows])
    for program in (cn.vmap(cn.grad(f)), cn.jit(cn.vmap(cn.grad(f))), cn.vmap(cn.jit(cn.grad(f)))):
        np.testing.assert_allclose(np.asarray(program(rows)), by_row, rtol=1e-6)


def test_values_of_outer_transformations_inside():
    slope = cn.grad(lambda t: cn.jit(lambda x: x * t)(ct.asarray(3.0)))(ct.asarray(2.0))
    assert float(slope) == 3


def test_the_graph_names_the_lines():
    def f(x):
        return ct.sin(x) + 1.0

    text = repr(cn.tensor.make_graph(f)(ct.ones(2)))
    assert "test_compile.py:" in text
    assert "sin[" in text


def test_debug_nans_names_operation_and_line():
    def f(x):
        return ct.log(x) * 2.0

    with cn.debug_nans():
        with pytest.raises(cnengine.errors.NumericError, match=r"float32\[2\]"):
            f(ct.asarray([1.0, -1.0]))
        with pytest.raises(cnengine.errors.NumericError, match=r"test_compile.py:\d+"):
            cn.jit(f)(ct.asarray([1.0, -1.0]))
    assert np.isnan(np.asarray(f(ct.asarray([1.0, -1.0])))[1])


def line_of(call):
    """The number of the line of this file that a NumericError names, and what it says."""
    with cn.debug_nans(), pytest.raises(cnengine.errors.NumericError) as raised:
        call()
    told = str(raised.value)
    found = re.search(r", called at .*test_compile\.py:(\d+)$", told)
    assert found, told
    return int(found[1]), told


def logarithm(x):
    return ct.log(x) * 2.0


def product(x):
    infinite = x + float("inf")
    return ct.sum(infinite * (x * 0.0 + 1.0))  # whose derivative has inf * 0


FIRST = logarithm.__code__.co_firstlineno
NAN_AT = ct.asarray([1.0, -1.0])


@pytest.mark.parametrize("transform", [
    lambda f: f, cn.jit, cn.vmap, lambda f: lambda x: cn.jvp(f, (x,), (x,)),
    lambda f: cn.grad(lambda x: ct.sum(f(x))), lambda f: cn.grad(lambda x: ct.sum(cn.jit(f)(x))),
    lambda f: cn.jit(cn.value_and_grad(lambda x: ct.sum(f(x)))), lambda f: cn.vmap(cn.jit(f)),
    lambda f: cn.checkpoint(f),
])  # fmt: skip
def test_debug_nans_names_the_line_of_the_program(transform):
    line, told = line_of(lambda: transform(logarithm)(NAN_AT))
    assert line == FIRST + 1
    assert told.startswith("log: a NaN in the result float32[")


@pytest.mark.parametrize("transform", [lambda f: f, cn.jit])
def test_debug_nans_names_the_line_of_a_derivative(transform):
    line, told = line_of(lambda: cn.grad(transform(product))(ct.asarray([1.0])))
    assert line == product.__code__.co_firstlineno + 2
    assert "in the derivative of multiply" in told


def test_lines_are_of_who_calls_whatever_the_folder(tmp_path):
    folder = tmp_path / "cnengine"
    folder.mkdir()
    (folder / "mine.py").write_text(
        "import cnengine as cn, cnengine.tensor as ct\ncn.debug_nans()\nct.sqrt(ct.asarray(-1.0))\n"
    )
    done = subprocess.run([sys.executable, folder / "mine.py"], capture_output=True, text=True)
    assert f"called at {folder}/mine.py:3" in done.stderr


def test_empty_arrays():
    both(lambda x: (ct.exp(x) + 1.0, ct.sum(x * 2.0, axis=1), ct.sum(x)), array(3, 0))
    both(lambda x: (ct.exp(x) + 1.0, ct.sum(x * 2.0, axis=1)), array(0, 3))


NAMES = ["exp", "sin", "neg", "sum", "max", "t", "row", "slice", "mul", "where", "half"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 9), st.integers(0, 9)), max_size=12),
    st.sampled_from([(4, 4), (3, 5), (1, 6), (6, 1), (2, 1500)]),
    st.integers(0, 99),
)
def test_random_programs_are_equal(steps, shape, seed):
    x = ct.asarray(np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32))

    def f(x):
        values = [x]
        for name, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            if name in ("exp", "sin"):
                out = getattr(ct, name)(a * 0.5)
            elif name == "neg":
                out = -a
            elif name in ("sum", "max"):
                out = getattr(ct, name)(a, axis=-1, keepdims=True) * 0.1 if a.ndim else a
            elif name == "t":
                out = ct.permute_dims(a, tuple(reversed(range(a.ndim))))
            elif name == "row":
                out = a[0] if a.ndim else a
            elif name == "slice":
                out = a[..., ::-1] if a.ndim else a
            elif name == "half":
                out = ct.astype(ct.astype(a, ct.bfloat16), ct.float32)
            else:
                try:
                    out = a * b if name == "mul" else ct.where(a > b, a, b)
                except cnengine.errors.ShapeError:
                    continue
            values.append(out)
        return values[-3:]

    both(f, x, rtol=1e-5, atol=1e-5)
