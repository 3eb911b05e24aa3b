"""Objects of wrong types: every public function names itself and what it was given."""

import inspect

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
