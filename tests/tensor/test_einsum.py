"""Sums of products by names of axes against NumPy's, in float64."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from test_derivative import check

CASES = [
    ("ij,jk->ik", (3, 4), (4, 5)), ("ij,jk", (3, 4), (4, 5)), ("ij,kj->ik", (3, 4), (5, 4)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("bqhd,bkhd->bhqk", (2, 3, 4, 5), (2, 6, 4, 5)),
    ("bhqk,bkhd->bqhd", (2, 4, 3, 6), (2, 6, 4, 5)), ("i,i", (5,), (5,)), ("i,j->ij", (3,), (4,)),
    ("i,j->ji", (3,), (4,)), ("ij,ij->ij", (3, 4), (3, 4)), ("ij,ij", (3, 4), (3, 4)), ("ij,i->i", (3, 4), (3,)),
    ("ij->ji", (3, 4)), ("ij->", (3, 4)), ("ij->j", (3, 4)), ("ba", (3, 4)), ("ii", (4, 4)), ("ii->i", (4, 4)),
    ("iij->ij", (3, 3, 2)), ("iji->ij", (3, 2, 3)), ("iii->i", (3, 3, 3)), ("ijij->", (2, 3, 2, 3)), ("jii,i->j", (2, 3, 3), (3,)),
    ("...ij,...jk->...ik", (2, 3, 4), (4, 5)), ("...ij,...jk->...ik", (7, 1, 3, 4), (2, 4, 5)),
    ("...ij,...jk", (7, 1, 3, 4), (2, 4, 5)), ("...i,i->...", (2, 3, 4), (4,)), ("i...,i...->...", (3, 2), (3, 2)),
    ("...->...", (2, 3)), ("...ii->...i", (2, 3, 3)), ("i...j->j...", (2, 3, 4, 5)), (",", (), ()), (",i->i", (), (3,)),
    ("ij,jk,kl->il", (3, 4), (4, 5), (5, 6)), ("ij,jk,kl,lm->im", (3, 40), (40, 5), (5, 60), (60, 2)),
    ("a,b,c->cab", (2,), (3,), (4,)), ("ij,ik,il->jkl", (5, 2), (5, 3), (5, 4)), ("ijk,jl,kl->il", (2, 3, 4), (3, 5), (4, 5)),
    ("ij,jk->ik", (0, 4), (4, 5)), ("ij,jk->ik", (3, 0), (0, 5)), ("ij,jk->ik", (3, 1), (4, 5)), ("ij,ij->i", (3, 1), (3, 4)),
    ("ij,ij->ij", (1, 4), (3, 4)), (" i j , j k -> k i ", (3, 4), (4, 5)), ("bn,anm,bm->ba", (2, 3), (5, 3, 4), (2, 4)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1:]}")
@pytest.mark.parametrize("dtype", ["float64", "complex128", "int16"])
def test_values(case, dtype):
    text, *shapes = case
    rng = np.random.default_rng(0)
    xs = [rng.integers(-3, 4, shape).astype(dtype) for shape in shapes]
    if dtype == "complex128":
        xs = [x + 1j * rng.integers(-3, 4, x.shape) for x in xs]
    expected = np.einsum(text, *xs)
    got = np.asarray(ct.einsum(text, *map(ct.asarray, xs)))
    np.testing.assert_array_equal(got, expected)  # small integers: exact
    assert got.dtype == dtype
    turned = [ct.asarray(np.array(x, order="F")) for x in xs]
    np.testing.assert_array_equal(ct.einsum(text, *turned), expected)
    jitted = cn.jit(lambda *each: ct.einsum(text, *each))(*map(ct.asarray, xs))
    np.testing.assert_array_equal(jitted, expected)


@pytest.mark.parametrize("case", [case for case in CASES if all(np.prod(s) for s in case[1:])],
                         ids=lambda case: f"{case[0]} {case[1:]}")  # fmt: skip
def test_derivatives(case):
    text, *shapes = case
    rng = np.random.default_rng(1)
    xs = [ct.asarray(rng.normal(size=shape)) for shape in shapes]
    for i, x in enumerate(xs):
        check(lambda v, i=i: ct.einsum(text, *xs[:i], v, *xs[i + 1 :]) * 1.0, np.asarray(x))


def test_the_order_of_products():
    """(a b) c costs 1e9 multiplications here, a (b c) 2e5."""
    a, b, c = ct.ones((1000, 1000)), ct.ones((1000, 100)), ct.ones(100)
    assert float(ct.einsum("ij,jk,k->i", a, b, c)[0]) == 100_000


def test_types_are_put_together():
    assert ct.einsum("i,i", ct.ones(2), ct.ones(2, dtype=ct.float64)).dtype == ct.float64
    assert ct.einsum("i,i", ct.ones(2, dtype=ct.bfloat16), ct.ones(2)).dtype == ct.float32


@pytest.mark.parametrize(("text", "shapes", "error", "message"), [
    ("ij", [(2, 2), (2, 2)], "ArgumentError", "is of 1 arrays, got 2"),
    ("ij", [(2,)], "ShapeError", "does not name the axes of the shape"),
    ("i1", [(2, 2)], "ArgumentError", "expected letters"),
    ("i->j", [(2,)], "ArgumentError", "needs each name of it once"),
    ("i->ii", [(2,)], "ArgumentError", "needs each name of it once"),
    ("i->i->i", [(2,)], "ArgumentError", "expected letters behind the arrow"),
    ("i......", [(2,)], "ArgumentError", "at most one"),
    ("ijk...", [(2,)], "ShapeError", "more names than an array has axes"),
    ("ij,jk", [(2, 3), (4, 5)], "ShapeError", "'j' of 'ij,jk' is 3 and 4"),
    ("...,...", [(2,), (3,)], "ShapeError", "is 2 and 3"), ("ii", [(2, 3)], "ShapeError", "is 2 and 3"),
])  # fmt: skip
def test_wrong_use(text, shapes, error, message):
    with pytest.raises(getattr(cnengine.errors, error), match="einsum: .*" + message):
        ct.einsum(text, *(ct.ones(shape) for shape in shapes))
    with pytest.raises(cnengine.errors.ArgumentError, match="at least one array"):
        ct.einsum("")
