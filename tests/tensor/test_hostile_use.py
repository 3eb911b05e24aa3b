"""Wrong use of the extension and odd objects: an error of ours, or what the objects say."""

import dataclasses

import cnengine as cn
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import errors, nn
from cnengine._core import tensor as native


def test_operations_count_their_arrays():
    with pytest.raises(errors.ArgumentError, match="add: expected 2 arrays, got 1"):
        native.unary("add", ct.ones(2))
    with pytest.raises(errors.ArgumentError, match="exp: expected 1 arrays, got 2"):
        native.binary("exp", ct.ones(2), ct.ones(2))


def test_bools_from_outside_are_0_or_1():
    bytes_ = np.array([0, 0, 0, 7, 0, 2, 0, 1], "u1").view(bool)
    for x in (ct.asarray(bytes_), ct.asarray(bytes_[::-1])[::-1]):
        assert ct.nonzero(x)[0].tolist() == [3, 5, 7]
        assert ct.arange(8)[x].tolist() == [3, 5, 7]
        assert int(ct.sum(ct.astype(x, ct.int64))) == 3
        assert (~x).tolist() == [True, True, True, False, True, False, True, False]


@pytest.mark.parametrize(("constants", "states", "length"), [
    (0, 3, 2), (1, 2, 2), (2, 1, 2), (3, 0, 2), (-1, 3, 2), (0, 2, -5)])  # fmt: skip
def test_scan_checks_what_it_is_told(constants, states, length):
    body = _body_of_two()
    with pytest.raises(errors.ArgumentError, match="scan: "):
        native.scan(body, constants, states, length, False, [ct.ones(1), ct.ones(1)])


def _body_of_two():
    from cnengine.tensor.compile import trace_graph
    from cnengine.tensor.tree import tree_flatten

    leaves, structure = tree_flatten(((ct.ones(1), ct.ones(1)), {}))
    graph = trace_graph(lambda a, b: a + b, structure, leaves, [False, False])[0]
    return native.body(graph, 0, [])


@pytest.mark.filterwarnings("ignore:nanobind")
def test_arrays_that_were_not_made():
    unmade = ct.Array.__new__(ct.Array)
    for use in (lambda: native.binary("add", unmade, 1.0), lambda: ct.ones(3)[unmade],
                lambda: ct.where(ct.ones(1) > 0, unmade, ct.ones(1))):  # fmt: skip
        with pytest.raises((TypeError, IndexError, RuntimeError)):
            use()


def test_trees_that_change_while_they_are_read():
    class Key(str):
        def __lt__(self, other):
            held.clear()
            return False

    held = {Key("a"): 1, Key("b"): 2}
    with pytest.raises(errors.ArgumentError, match="tree: a dict changed"):
        ct.tree_leaves(held)

    @dataclasses.dataclass
    class Wrong:
        a: int = 1

    for fields in ((), 5, ((), 5)):
        Wrong.__tree_fields__ = fields
        assert ct.tree_leaves(Wrong()) == [1]


class Table(nn.Module):
    def __init__(self):
        self.scale, self.shifts, self.w = {"a": 2.0}, [[3]], ct.ones(1)

    def __call__(self, x):
        return x * self.scale["a"] + self.shifts[0][0]


def test_programs_hold_no_later_changes():
    module, program = Table(), cn.jit(lambda m, x: m(x))
    assert float(program(module, ct.asarray(1.0))) == 5
    module.scale["a"], module.shifts[0][0] = 5.0, 7
    assert float(program(module, ct.asarray(1.0))) == 12
    by_static = cn.jit(lambda x, s: x * s[0], static_argnums=1)
    assert by_static(ct.arange(2), (2,)).dtype == ct.int64
    assert by_static(ct.arange(2), (2.0,)).dtype == ct.float32
    sign = cn.jit(lambda x, s: ct.copysign(x, s), static_argnums=1)
    assert float(sign(ct.asarray(1.0), 0.0)) == 1
    assert float(sign(ct.asarray(1.0), -0.0)) == -1


@pytest.mark.parametrize("dtype", [ct.float16, ct.bfloat16])
def test_means_of_halves(dtype):
    """Sums of which are beyond their range."""
    x = ct.ones(70_000, dtype=dtype)
    assert float(ct.mean(x)) == 1
    assert float(ct.var(x * 300)) == 0
    slope = cn.grad(lambda x: ct.astype(ct.mean(ct.astype(x, dtype)), ct.float32))(ct.ones(70_000))
    np.testing.assert_allclose(np.asarray(slope), 1 / 70_000, rtol=0.01)
