"""Wrong use inside transformations: what is said, and the line of the program where it was."""

import re

import cnengine.errors as ce
import cnengine.tensor as ct
import numpy as np
import pytest

X = ct.asarray([1.0, 2.0, 3.0])
ROWS = ct.ones((3, 2))


def branch(x):
    if x[0] > 0:  # the line that is told
        return x
    return -x


LINE = branch.__code__.co_firstlineno + 1
BRANCHES = {
    "jit": lambda: ct.jit(branch)(X),
    "vmap": lambda: ct.vmap(branch)(ROWS),
    "jit of grad of vmap": lambda: ct.jit(ct.grad(lambda x: ct.sum(ct.vmap(branch)(x))))(ROWS),
    "scan": lambda: ct.jit(lambda x: ct.scan(lambda s, r: (branch(s), r), x, x))(X),
    "cond": lambda: ct.jit(lambda x: ct.cond(x[0] > 0, branch, lambda v: v, x))(X),
    "jvp": lambda: ct.jit(lambda x: ct.jvp(branch, (x,), (x,)))(X),
    "checkpoint": lambda: ct.grad(lambda x: ct.sum(ct.checkpoint(branch)(x)))(X),
}


@pytest.mark.parametrize("way", sorted(BRANCHES))
def test_a_branch_names_its_line(way):
    says = rf"^bool: expected elements, got bool\[\] inside .*use cn\.cond.* called at {__file__}:"
    with pytest.raises(ce.TracedError, match=f"{says}{LINE}$"):
        BRANCHES[way]()


ELEMENTS = {
    "int": lambda x: int(x[0]), "float": lambda x: float(x[0]), "complex": lambda x: complex(x[0]),
    "index": lambda x: range(ct.astype(x[0], ct.int32)), "round": lambda x: round(x[0]),
    "bool": lambda x: x[0] and x[1], "nonzero": ct.nonzero, "unique": ct.unique_values,
    "__dlpack__": np.asarray,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ELEMENTS))
def test_elements_that_are_not_known(name):
    with pytest.raises(ce.TracedError, match=rf"^{name}: expected .* inside jit.* called at "):
        ct.jit(ELEMENTS[name])(X)
    with pytest.raises(ce.TracedError, match=r"^index: expected elements, got bool"):
        ct.jit(lambda x: x[x > 1])(X)


def test_writing_to_an_argument_changes_no_array_outside():
    def written(x):
        x[0] = 5.0
        x += 1
        return ct.sum(x)

    for way in (ct.jit, ct.grad, lambda f: ct.vmap(f, in_axes=0), ct.jacfwd):
        x = ct.asarray([[1.0, 2.0, 3.0]]) if way not in (ct.jit, ct.grad, ct.jacfwd) else +X
        way(written)(x)
        assert x.reshape(-1).tolist() == [1.0, 2.0, 3.0]


def test_donated_arrays_and_values_that_are_kept():
    double, x, kept = ct.jit(lambda x: x * 2, donate_argnums=0), ct.ones(4), []
    double(x)
    for use in (lambda: x + 1, lambda: double(x), lambda: np.asarray(x), lambda: x[0]):
        with pytest.raises(ce.StateError, match=r"donated as argument 0 of .* afterwards: float32"):
            use()
    with pytest.raises(ce.ArgumentError, match=r"jit: an array that is donated .* given twice"):
        ct.jit(lambda a, b: a + b, donate_argnums=0)(*[ct.ones(2)] * 2)
    ct.jit(lambda x: kept.append(x) or x)(X)
    ct.grad(lambda x: kept.append(x) or ct.sum(x))(X)
    for each, name in zip(kept, ("jit", "grad"), strict=True):
        with pytest.raises(ce.StateError, match=f"add: a value of a {name} that is over"):
            each + 1


def rule(forward, backward):
    f = ct.custom_vjp(lambda x: x)
    f.defvjp(forward, backward)
    return ct.grad(lambda x: ct.sum(f(x)))(X)


def jvp_rule(tangent):
    f = ct.custom_jvp(lambda x: x)
    f.defjvp(tangent)
    return ct.grad(lambda x: ct.sum(f(x)))(X)


def scan(f, xs=X, length=None):
    return ct.scan(f, X, xs, length)


WRONG = [
    (lambda: ct.jit(lambda a: a)("a"), ce.TypeError, "jit: arguments .*not static.* got str 'a'"),
    (lambda: ct.jit(lambda a: "s")(X), ce.TypeError, "jit: results .* got str 's'"),
    (lambda: ct.jit(branch, static_argnums=5), ce.ArgumentError, "static_argnums below 1, got 5"),
    (lambda: ct.jit(branch, static_argnames="b"), ce.ArgumentError, r"names of \['x'\], got \['b"),
    (lambda: ct.jit(branch, donate_argnums="x"), ce.TypeError, "as donate_argnums, got str 'x'"),
    (lambda: ct.grad(ct.sum)("a"), ce.TypeError, "grad: argument 0: expected arrays .* got str"),
    (lambda: ct.grad(lambda x: "a")(X), ce.TypeError, "grad: the result: .* got str 'a'"),
    (lambda: ct.grad(ct.sin)(X), ce.ShapeError, r"grad: expected a function of one number, got"),
    (lambda: ct.grad(ct.sum, 3)(X), ce.ArgumentError, "grad: argnums has 3, but there are 1 arg"),
    (lambda: ct.vjp(ct.sin, X)[1](ROWS), ce.ShapeError, r"vjp: .* shape \(3,\), got \(3, 2\)"),
    (lambda: ct.jvp(ct.sin, (X,), (ROWS,)), ce.TypeError, r"jvp: .* float32\[3\], got float32\[3,"),
    (lambda: ct.jvp(ct.sin, (X,), (X, X)), ce.ArgumentError, r"jvp: expected tangents like \('\*',"),
    (lambda: ct.vmap(ct.add, in_axes=(0,))(X, X), ce.ArgumentError, "vmap: in_axes: .* not fit"),
    (lambda: ct.vmap(ct.sin, in_axes="a")(X), ce.ArgumentError, "vmap: expected an axis .* 'a'"),
    (lambda: ct.vmap(ct.add)(X, ct.ones(2)), ce.ShapeError, r"one number of examples, got \[2, 3"),
    (lambda: ct.vmap(ct.sin, in_axes=None)(X), ce.ShapeError, "examples, got no argument"),
    (lambda: ct.cond("a", ct.sin, ct.cos, X), ce.TypeError, "cond: the condition: .* got str 'a'"),
    (lambda: ct.jit(lambda x: ct.cond(x[0] > 0, lambda v: v, lambda v: v[:2], x))(X), ce.TypeError,
     r"cond: .* same types, got float32\[3\] and float32\[2\]"),
    (lambda: ct.while_loop(lambda v: v > 0, ct.sin, X), ce.ArgumentError, "while_loop: .*one bool"),
    (lambda: ct.jit(lambda x: ct.while_loop(lambda v: v > 0, ct.sin, x))(X), ce.TypeError,
     r"while_loop: expected one bool .* got bool\[3\]"),
    (lambda: ct.jit(lambda x: ct.while_loop(lambda v: v[0] < 3, lambda v: v[:2], x))(X),
     ce.TypeError, r"while_loop: expected a state of float32\[3\] .* got float32\[2\]"),
    (lambda: scan(lambda s, r: s), ce.TypeError, r"scan: expected f to give \(state, result\), got"),
    (lambda: scan(lambda s, r: (s, r, r)), ce.TypeError, "scan: expected f to give .* got tuple of"),
    (lambda: scan(lambda s, r: (s, r), X, 7), ce.ArgumentError, r"number of rows, got \[3, 7\]"),
    (lambda: scan(lambda s, r: (s, r), None), ce.ArgumentError, "got neither arrays nor a length"),
    (lambda: scan(lambda s, r: (s, r), 1.0), ce.ArgumentError, "got an array without axes"),
    (lambda: rule(lambda x: x, lambda r, g: (g,)), ce.TypeError, r"forward to give \(result, kept"),
    (lambda: rule(lambda x: (x, None), lambda r, g: g), ce.ArgumentError, "a tuple of 1 deriv.* got"),
    (lambda: rule(lambda x: (x, None), lambda r, g: ("a",)), ce.TypeError, "custom_vjp: .* str 'a'"),
    (lambda: rule(lambda x: (x, None), lambda r, g: (ROWS,)), ce.TypeError, r"inputs of float32\[3"),
    (lambda: jvp_rule(lambda x, t: x[0]), ce.TypeError, r"custom_jvp: .*\(result, its change\)"),
    (lambda: jvp_rule(lambda x, t: (x[0], ROWS)), ce.TypeError, "custom_jvp: expected changes of"),
    (lambda: ct.jit(ct.grad(lambda x: ct.sum(ct.vmap(lambda r: r + ct.ones(7))(x))))(ROWS),
     ce.ShapeError, re.escape("add: the shapes (3, 2) and (7,) cannot be broadcast")),
]  # fmt: skip


@pytest.mark.parametrize(("use", "kind", "says"), WRONG)
def test_wrong_use_of_transformations(use, kind, says):
    with pytest.raises(kind, match=says):
        use()
