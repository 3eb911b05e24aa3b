"""Norms, conditions and products of several matrices, beside NumPy's."""

import itertools

import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from against_numpy import check, same

RNG = np.random.default_rng(5)
M, T = RNG.normal(size=(4, 4)), RNG.normal(size=(2, 3, 4))


@pytest.mark.parametrize("options", [
    {}, {"axis": 1}, {"axis": (0, 2)}, {"axis": (2, 0), "ord": 1}, {"axis": -1, "ord": 3},
    {"axis": 0, "ord": np.inf, "keepdims": True}, {"axis": (1, 2), "ord": "nuc", "keepdims": True},
    {"axis": (0, 1), "ord": -2}, {"axis": (-1, -2), "ord": "fro"}, {"axis": (1, 2), "ord": np.inf}],
    ids=str)  # fmt: skip
def test_norm(options):
    check(lambda x: ct.linalg.norm(x, **options), lambda x: np.linalg.norm(x, **options), T,
          rtol=1e-10)  # fmt: skip


@pytest.mark.parametrize("order", [None, 1, 2, -2, "fro", "nuc", np.inf, -np.inf, -1])
def test_whole_matrices(order):
    check(lambda x: ct.linalg.norm(x, order), lambda x: np.linalg.norm(x, order), M, rtol=1e-10)
    check(lambda x: ct.linalg.cond(x, order), lambda x: np.linalg.cond(x, order), M, rtol=1e-9)


def test_conditions():
    both = np.stack([M, np.ones((4, 4))])
    got = np.asarray(ct.linalg.cond(ct.asarray(both), 1))
    np.testing.assert_allclose(got, [np.linalg.cond(M, 1), np.inf], rtol=1e-9)
    same(ct.linalg.cond(ct.asarray(T)), np.linalg.cond(T), 1e-10)
    for order in (None, 2, -2):
        assert float(ct.linalg.cond(ct.zeros((2, 2)), order)) == np.inf


def test_multi_dot():
    sizes = (30, 2, 40, 3, 20)
    parts = [RNG.normal(size=pair) for pair in itertools.pairwise(sizes)]
    for some in (parts, parts[:2], [parts[0][0], *parts[1:]], [*parts[:-1], parts[-1][:, 0]],
                 [parts[0][0], parts[1][:, 0]]):  # fmt: skip
        check(
            lambda *x: ct.linalg.multi_dot(x), lambda *x: np.linalg.multi_dot(x), *some, rtol=1e-10
        )


def test_equations_of_several_axes():
    a = RNG.normal(size=(2, 3, 6))
    check(ct.linalg.tensorinv, np.linalg.tensorinv, a, rtol=1e-9)
    check(lambda x: ct.linalg.tensorinv(x, 1), lambda x: np.linalg.tensorinv(x, 1),
          np.moveaxis(a, 2, 0).copy(), rtol=1e-9)  # fmt: skip
    check(ct.linalg.tensorsolve, np.linalg.tensorsolve, a, RNG.normal(size=(2, 3)), rtol=1e-9)
    check(lambda x, y: ct.linalg.tensorsolve(x, y, (0,)),
          lambda x, y: np.linalg.tensorsolve(x, y, (0,)), np.moveaxis(a, 2, 0).copy(),
          RNG.normal(size=(2, 3)), rtol=1e-9)  # fmt: skip


WRONG = [
    (lambda: ct.linalg.tensorinv(T), "tensorinv: expected as many elements"),
    (lambda: ct.linalg.tensorsolve(T, T[0]), "tensorsolve: expected as many unknowns"),
    (lambda: ct.linalg.norm(ct.ones((2, 2, 2)), 1), "norm: expected one axis or two, got 3"),
    (lambda: ct.linalg.norm(ct.ones((2, 2)), 1, (0, 0)), "norm: expected different axes"),
    (lambda: ct.linalg.norm(ct.ones((2, 2)), axis=3), ".*norm: expected an axis|.* axis"),
    (lambda: ct.linalg.cond(ct.ones((2, 3)), 1), "cond: expected square matrices"),
    (lambda: ct.linalg.cond(ct.zeros((0, 0))), "cond: expected elements"),
    (lambda: ct.linalg.multi_dot([M]), "multi_dot: expected two arrays or more, got 1"),
    (lambda: ct.linalg.multi_dot([M, T[0]]), "multi_dot: expected matrices that can be multiplied"),
]  # fmt: skip


@pytest.mark.parametrize(("use", "says"), WRONG)
def test_wrong_use(use, says):
    with pytest.raises(cnengine.errors.Error, match=f"^{says}"):
        use()
