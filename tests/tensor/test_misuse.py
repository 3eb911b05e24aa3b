"""Objects of wrong types: every public function names itself and what it was given."""

import inspect
import pickle

import cnengine.errors
import cnengine.tensor as ct
import pytest
from cnengine import nn

SPACES = {"tensor": ct, "linalg": ct.linalg, "fft": ct.fft, "random": ct.random, "nn": nn}
# Objects that are no arrays, by what the message calls them.
WRONG = {"str": "text", "NoneType": None, "dict": {"a": 1}, "object": object(), "bytes": b"x",
         "list": [1, "a"]}  # fmt: skip
# What is told functions, counts that Python itself converts, files, or the seed of all tests.
OTHERS = {"asarray", "from_dlpack", "bincount", "cond", "custom_jvp", "custom_vjp", "eval_shape", "fftfreq", "fori_loop", "grad",
          "hvp", "jvp", "linearize", "load_arrays", "load_weights", "manual_seed", "map", "next_key", "pad", "save_arrays", "save_weights", "repeat", "rfftfreq", "scan", "switch",
          "tree_flatten", "tree_leaves", "tree_map", "tree_structure", "tree_unflatten",
          "value_and_grad", "vjp", "while_loop"}  # fmt: skip


def public():
    for space, module in SPACES.items():
        for name in sorted(set(module.__all__) - OTHERS):
            if inspect.isfunction(getattr(module, name)):
                yield pytest.param(getattr(module, name), id=f"{space}.{name}")


def message_of(function, args):
    """What an error of ours says; others are not caught."""
    try:
        function(*args)
    except cnengine.errors.Error as error:
        return str(error)
    return None


@pytest.mark.parametrize("function", list(public()))
def test_the_function_is_named(function):
    needed = [each for each in inspect.signature(function).parameters.values()
              if each.default is each.empty and each.kind <= each.POSITIONAL_OR_KEYWORD]  # fmt: skip
    for wrong in WRONG.values():
        for at in range(len(needed)):
            args = [wrong if i == at else ct.ones((2, 2)) for i in range(len(needed))]
            told = message_of(function, args)
            assert told is None or ":" in told
            assert told is None or "incompatible function arguments" not in told


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_the_object_is_named(kind):
    name = kind.replace("NoneType", "None")
    told = f"^exp: expected arrays and numbers, got {name} as argument 1$"
    with pytest.raises(TypeError, match=told):
        ct.exp(WRONG[kind])
    with pytest.raises(TypeError, match=r"^subtract: expected arrays|^asarray: "):
        ct.subtract(ct.ones((2,)), WRONG[kind])


def test_numbers_of_arguments_are_told_by_python():
    with pytest.raises(TypeError, match="missing 1 required"):
        ct.exp()
    with pytest.raises(TypeError, match="unexpected keyword"):
        ct.sum(ct.ones((2,)), axes=0)
    assert str(inspect.signature(ct.concat)).startswith("(arrays")


def test_what_a_function_raises_passes():
    def fails(x):
        raise AttributeError("mine")

    for transformed in (ct.jit(fails), ct.grad(fails), ct.vmap(fails)):
        with pytest.raises(AttributeError, match="mine"):
            transformed(ct.ones((2,)))


def pair(*_):
    return ct.ones(2), ct.ones(2)


ROWS = ct.ones((3, 2))
TOLD_FUNCTIONS = [
    (lambda: ct.grad(3), "grad: expected a function as f, got 3"),
    (lambda: ct.value_and_grad(None), "value_and_grad: expected a function as f, got None"),
    (lambda: ct.jit("f"), "jit: expected a function or None as f, got str 'f'"),
    (lambda: ct.vmap(ROWS), "vmap: expected a function as f, got an array of float32 of the shape"),
    (lambda: ct.jvp(1, (ROWS,), (ROWS,)), "jvp: expected a function as f, got 1"),
    (lambda: ct.jvp(ct.sin, 1.0, (ROWS,)), "jvp: expected a sequence as primals, got 1.0"),
    (lambda: ct.vjp(None, ROWS), "vjp: expected a function as f, got None"),
    (lambda: ct.hvp(ct.sum, ROWS, None), "hvp: expected a sequence as tangents, got None"),
    (lambda: ct.jacfwd("f"), "jacfwd: expected a function"),
    (lambda: ct.hessian(2), "hessian: expected a function"),
    (lambda: ct.linearize([], ROWS), "linearize: expected a function as f, got list"),
    (lambda: ct.cond(True, 1, 2), "cond: expected a function as true_fun, got 1"),
    (lambda: ct.cond(True, pair, None), "cond: expected a function as false_fun, got None"),
    (lambda: ct.while_loop(3, pair, ROWS), "while_loop: expected a function as cond_fun, got 3"),
    (lambda: ct.scan({}, ROWS, ROWS), "scan: expected a function as f, got dict"),
    (lambda: ct.scan(pair, ROWS, ROWS, "a"), "scan: expected a whole number or None as length"),
    (lambda: ct.switch(0, 3), "switch: expected a sequence of functions as branches, got 3"),
    (lambda: ct.map(3, ROWS), "map: expected a function as f, got 3"),
    (lambda: ct.checkpoint(3), "checkpoint: expected a function as f, got 3"),
    (lambda: ct.custom_vjp(3), "custom_vjp: expected a function as f, got 3"),
    (lambda: ct.custom_vjp(pair).defvjp(pair, 3), "defvjp: expected a function as backward, got 3"),
    (lambda: ct.custom_jvp("f"), "custom_jvp: expected a function as f, got str 'f'"),
    (lambda: ct.associative_scan(ct.add, ROWS, axis="a"), "associative_scan: .*number as axis"),
    (lambda: ct.tree_unflatten(3, []), "tree_unflatten: expected a Structure as structure, got 3"),
    (lambda: ct.ShapeDtypeStruct(3, ct.int32), "ShapeDtypeStruct: .*numbers as shape, got 3"),
    (lambda: ct.ShapeDtypeStruct((3,), "a"), "ShapeDtypeStruct: expected a type of elements as d"),
]  # fmt: skip
KEY = ct.random.key(0)
VALUES = [
    (lambda: ct.asarray([[1], [2, 3]]), ValueError, "asarray: expected rows of one length"),
    (
        lambda: ct.asarray([1], dtype=-1),
        TypeError,
        "asarray: .*type of elements.* as dtype, got -1",
    ),
    (lambda: ct.asarray([2**70]), OverflowError, "asarray: "),
    (lambda: ct.from_dlpack("a"), TypeError, "from_dlpack: "),
    (lambda: ct.ones(2**50), MemoryError, "ones: expected memory"),
    (lambda: ct.ones((2, -1)), ValueError, "ones|full"),
    (lambda: ct.arange(float("nan")), ValueError, "arange: "),
    (lambda: ct.pad(ROWS, "ab"), (TypeError, ValueError), "pad: expected .*widths"),
    (lambda: ct.split(ct.ones(3), "a"), TypeError, "split: "),
    (lambda: ct.tensordot(ROWS, ROWS, axes=[]), TypeError, "tensordot: .*axes"),
    (lambda: ct.sum(ROWS, axis="a"), TypeError, "sum: .*axis"),
    (lambda: ct.einsum("ij,jk", ROWS, ROWS), ValueError, "einsum: "),
    (lambda: ct.einsum(3, ROWS), TypeError, "einsum: expected a string as subscripts, got 3"),
    (lambda: ct.random.normal(3), TypeError, "normal: .*key"),
    (lambda: ct.random.normal(ROWS), TypeError, "normal: .*key"),
    (lambda: ct.random.key("a"), TypeError, "key: expected a whole number as seed, got str 'a'"),
    (lambda: ct.random.categorical(ct.random.key(0), ct.arange(3)), TypeError, "type of floats"),
    (lambda: ct.fft.fftfreq("a"), TypeError, "fftfreq: expected a whole number as n"),
    (
        lambda: ct.random.bernoulli(KEY, 2.0),
        ValueError,
        r"bernoulli: expected p in \[0, 1\], got 2",
    ),
    (lambda: ct.random.poisson(KEY, -1.0), ValueError, "poisson: expected lam in"),
    (lambda: ct.random.gamma(KEY, -1.0), ValueError, "gamma: expected a above 0, got -1.0"),
    (lambda: ct.random.randint(KEY, 2, 0.5, 3), TypeError, "randint: .*number as minval, got 0.5"),
    (lambda: ct.random.key(2**70), ValueError, "key: expected seed in"),
    (lambda: ct.one_hot(ct.arange(2), -1), ValueError, "one_hot: expected num_classes of at least"),
    (lambda: ct.quantile(ROWS, 1j), TypeError, "quantile: expected a number or an array as q"),
    (lambda: ct.quantile(ROWS, 2.0), ValueError, r"quantile: expected q in \[0, 1\], got 2.0"),
    (lambda: ct.repeat(ROWS, 1.5), TypeError, "repeat: .* as repeats, got 1.5"),
    (lambda: ct.bincount(ct.arange(2), None, -1), ValueError, "bincount: expected minlength of at"),
    (lambda: ct.histogram(ROWS, 2, range=(2, 1)), ValueError, r"histogram: .*got \(2, 1\)"),
    (
        lambda: ct.nan_to_num(ROWS, nan=1j),
        TypeError,
        "nan_to_num: expected a number as nan, got 1j",
    ),
    (lambda: ct.linalg.diagonal(ROWS, offset=1.5), TypeError, "diagonal: .* as offset, got 1.5"),
    (lambda: ct.result_type("abc"), TypeError, "result_type|dtype: "),
    (
        lambda: ROWS.astype("abc"),
        TypeError,
        "astype: expected a type of elements as dtype, got str",
    ),
    (lambda: ROWS.sum(axis=5), IndexError, "sum: expected an axis"),
    (lambda: ct.isclose(ROWS, ROWS, rtol="a"), TypeError, "isclose: expected a number as rtol"),
    (lambda: ct.fft.fftfreq(0), ValueError, "fftfreq: "),
]


@pytest.mark.parametrize(("use", "says"), TOLD_FUNCTIONS)
def test_what_is_told_functions(use, says):
    with pytest.raises(cnengine.errors.TypeError, match=says):
        use()


@pytest.mark.parametrize(("use", "kind", "says"), VALUES)
def test_values_that_do_not_fit(use, kind, says):
    with pytest.raises(kind, match=says) as caught:
        use()
    assert isinstance(caught.value, cnengine.errors.Error)


def test_functions_of_the_namespaces_are_pickled():
    for each in (ct.sum, ct.exp, ct.cond, ct.linalg.inv, nn.relu, nn.load_weights, nn.init.normal):
        assert pickle.loads(pickle.dumps(each)) is each
