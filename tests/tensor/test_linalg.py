"""Linear algebra against NumPy's in float64, and derivatives against differences.

Errors relative to the largest element grow with the condition of the matrix, about 100 here, and
are at most 2,000 eps.
"""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pytest
from test_derivative import check

ln = ct.linalg
TYPES = ["float32", "float64", "complex64", "complex128"]
BATCHES = [(), (3,), (0,), (2, 1, 2)]
SHAPES = [(0, 0), (0, 3), (2, 0), (1, 1), (2, 2), (5, 3), (3, 5), (17, 17), (40, 33)]


def sample(shape, dtype="float64", seed=0):
    """Matrices whose singular values differ and are at least about 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    if dtype.startswith("complex"):
        x = x + 1j * rng.normal(size=shape)
    m, n = shape[-2:]
    return (x + 3 * max(m, n) ** 0.5 * np.eye(m, n)).astype(dtype)


def hermitian(shape, dtype="float64", seed=0):
    x = sample(shape, dtype, seed)
    return (x + np.swapaxes(x, -1, -2).conj()) / 2


def positive(shape, dtype="float64", seed=0):
    x = sample(shape, dtype, seed)
    return x @ np.swapaxes(x, -1, -2).conj()


def adjoint(x):
    return np.swapaxes(np.asarray(x), -1, -2).conj()


def wide(x):
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def close(got, expected, dtype, factor=2000):
    got = np.asarray(got)
    expected = np.asarray(expected)
    assert got.shape == expected.shape
    assert got.dtype == np.dtype(dtype)
    limit = factor * np.finfo(dtype).eps * max(np.abs(expected).max(initial=0), 1e-30)
    assert np.abs(got - expected).max(initial=0) <= limit


def real_of(dtype):
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def layouts(x):
    """The array itself, transposed in memory, and a slice of a larger one from behind."""
    yield ct.asarray(x)
    yield ct.matrix_transpose(ct.asarray(np.ascontiguousarray(np.swapaxes(x, -1, -2))))
    yield ct.flip(ct.asarray(np.repeat(x, 2, -1)), axis=-2)[..., ::-1, 1::2]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("n", [0, 1, 2, 5, 33])
def test_square_matrices(n, batch, dtype):
    x, real = sample((*batch, n, n), dtype), real_of(dtype)
    sides = sample((n, 4), dtype, 1)
    for a in layouts(x):
        close(ln.inv(a), np.linalg.inv(wide(x)), dtype)
        scale = 3 * max(n, 1) ** 0.5  # else those of float32 are too large
        close(ln.det(a / scale), np.linalg.det(wide(x) / scale), dtype)
        sign, log = ln.slogdet(a)
        close(sign, np.linalg.slogdet(wide(x))[0], dtype)
        close(log, np.linalg.slogdet(wide(x))[1], real)
        expected = np.linalg.solve(wide(x), np.broadcast_to(wide(sides), (*batch, n, 4)))
        close(ln.solve(a, ct.asarray(sides)), expected, dtype)
        close(ln.solve(a, ct.asarray(sides[:, 0])), expected[..., 0], dtype)
        lower = np.tril(wide(x))
        got = ln.solve_triangular(a, ct.asarray(sides))
        close(got, np.linalg.solve(lower, np.broadcast_to(sides, (*batch, n, 4))), dtype)
        got = ln.solve_triangular(a, ct.asarray(sides[:, 0]), upper=True, adjoint=True)
        upper = adjoint(np.triu(wide(x)))
        column = np.broadcast_to(sides[:, :1], (*batch, n, 1))
        close(got, np.linalg.solve(upper, column)[..., 0], dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("n", [0, 1, 2, 5, 33])
def test_hermitian_matrices(n, batch, dtype):
    x = positive((*batch, n, n), dtype)
    for a in layouts(x):
        close(ln.cholesky(a), np.linalg.cholesky(wide(x)), dtype)
        close(ln.cholesky(a, upper=True), adjoint(np.linalg.cholesky(wide(x))), dtype)
    x = hermitian((*batch, n, n), dtype)
    for a in layouts(x):
        values, vectors = ln.eigh(a)
        close(values, np.linalg.eigvalsh(wide(x)), real_of(dtype))
        close(ln.eigvalsh(a), np.linalg.eigvalsh(wide(x)), real_of(dtype))
        v = np.asarray(vectors)
        close((v * np.asarray(values)[..., None, :] @ adjoint(v)).astype(dtype), x, dtype)
        eye = np.broadcast_to(np.eye(n), v.shape)
        close((adjoint(v) @ v).astype(dtype), eye, dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("n", [0, 1, 2, 5, 33])
def test_eigenvalues_of_any_matrices(n, batch, dtype):
    x = sample((*batch, n, n), dtype)
    wide_type = "complex64" if real_of(dtype) == "float32" else "complex128"
    for a in layouts(x):
        values, vectors = (np.asarray(each) for each in ln.eig(a))
        assert values.shape == (*batch, n)
        close(x @ vectors, (vectors * values[..., None, :]).astype(wide_type), wide_type)
        close(np.linalg.norm(vectors, axis=-2), np.ones((*batch, n)), real_of(dtype))
        expected = np.sort_complex(np.linalg.eigvals(wide(x)))
        close(np.sum(values, -1), np.trace(wide(x), 0, -2, -1), wide_type)
        alone = np.asarray(ln.eigvals(a))
        assert alone.dtype == wide_type
        close(np.sort(np.abs(alone), -1), np.sort(np.abs(expected), -1), real_of(dtype))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("shape", SHAPES)
def test_matrices_of_any_shape(shape, batch, dtype):
    m, n = shape
    k = min(m, n)
    x = sample((*batch, m, n), dtype)
    for a in layouts(x):
        for is_full in (False, True):
            q, r = ln.qr(a, mode="complete" if is_full else "reduced")
            rows = m if is_full else k
            assert q.shape == (*batch, m, rows)
            assert r.shape == (*batch, rows, n)
            close((np.asarray(q) @ np.asarray(r)).astype(dtype), x, dtype)
            np.testing.assert_array_equal(np.tril(np.asarray(r), -1), 0)
            u, s, vh = (np.asarray(each) for each in ln.svd(a, full_matrices=is_full))
            assert u.shape == (*batch, m, rows)
            assert vh.shape == (*batch, n if is_full else k, n)
            close(s, np.linalg.svd(wide(x), compute_uv=False), real_of(dtype))
            close((u[..., :k] * s[..., None, :] @ vh[..., :k, :]).astype(dtype), x, dtype)
            for each in (np.asarray(q), u, adjoint(vh)):
                eye = np.broadcast_to(np.eye(each.shape[-1]), (*batch, *each.shape[-1:] * 2))
                close((adjoint(each) @ each).astype(dtype), eye, dtype)
        close(ln.svdvals(a), np.linalg.svd(wide(x), compute_uv=False), real_of(dtype))
        close(ln.pinv(a), np.linalg.pinv(wide(x)), dtype)
        np.testing.assert_array_equal(ln.matrix_rank(a), np.full(batch, k))
        for offset in range(-m - 1, n + 2):
            np.testing.assert_array_equal(
                ln.diagonal(a, offset=offset), np.diagonal(x, offset, -2, -1)
            )
            close(ln.trace(a, offset=offset), np.trace(wide(x), offset, -2, -1), dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(3, 4), (2, 5, 3), (1, 1), (4, 3, 3)])
def test_norms(shape, dtype):
    x, real = sample(shape, dtype), real_of(dtype)
    a = ct.asarray(x)
    for which in ("fro", "nuc", 1, 2, np.inf, -1, -2, -np.inf, None):
        for keepdims in (False, True):
            got = ln.matrix_norm(a, ord=which, keepdims=keepdims)
            expected = np.linalg.norm(wide(x), which, (-2, -1), keepdims)
            close(got, expected, real)
    for which in (2, 1, 0, np.inf, -np.inf, 3, 0.5, -1, 2.5):
        for axis in (None, 0, -1, (0, 1)):
            got = ln.vector_norm(a, ord=which, axis=axis, keepdims=True)
            close(got, np.linalg.vector_norm(wide(x), ord=which, axis=axis, keepdims=True), real)


def test_norms_of_other_types():
    assert ln.vector_norm(ct.asarray([3, 4])).dtype == ct.float32
    assert float(ln.vector_norm(ct.asarray([3, 4]))) == 5
    half = ln.vector_norm(ct.asarray([300.0, 400.0], dtype=ct.float16))
    assert half.dtype == ct.float16
    assert float(half) == 500
    assert float(ln.vector_norm(ct.zeros(0))) == 0
    np.testing.assert_array_equal(ln.vector_norm(ct.zeros((2, 0)), axis=1), [0, 0])
    for f in (ln.vector_norm, lambda x: ln.vector_norm(x, ord=3)):
        np.testing.assert_array_equal(cn.grad(f)(ct.zeros(3)), [0, 0, 0])


@pytest.mark.parametrize("dtype", [*TYPES, "int32"])
def test_products(dtype):
    rng = np.random.default_rng(0)

    def some(*shape):
        x = rng.integers(-5, 5, shape)
        return (x + 1j * rng.integers(-5, 5, shape) if "complex" in dtype else x).astype(dtype)

    for one, two, axis in (((3,), (3,), -1), ((2, 3), (3,), -1), ((4, 3, 2), (3, 1), -2)):
        x, y = some(*one), some(*two)
        moved = [np.moveaxis(each, axis, -1) for each in (x, y)]
        expected = np.moveaxis(np.cross(*moved), -1, axis)
        np.testing.assert_array_equal(ln.cross(ct.asarray(x), ct.asarray(y), axis=axis), expected)
    x, y = some(4), some(3)
    np.testing.assert_array_equal(ln.outer(ct.asarray(x), ct.asarray(y)), np.outer(x, y))
    x = some(2, 3, 3)
    for n in (0, 1, 2, 3, 5, 8):
        got = np.asarray(ln.matrix_power(ct.asarray(x), n))
        np.testing.assert_allclose(got, np.linalg.matrix_power(x, n), rtol=1e-5)
        assert got.dtype == dtype
    if dtype != "int32":
        x = sample((2, 3, 3), dtype)
        close(ln.matrix_power(ct.asarray(x), -3), np.linalg.matrix_power(wide(x), -3), dtype)


def test_ranks_and_inverses_of_less_rank():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 6, 3)) @ rng.normal(size=(2, 3, 5))
    np.testing.assert_array_equal(ln.matrix_rank(ct.asarray(x)), [3, 3])
    np.testing.assert_allclose(ln.pinv(ct.asarray(x)), np.linalg.pinv(x), rtol=1e-9)
    values = np.linalg.svd(x, compute_uv=False)
    cut = ct.asarray((values[:, 1] + values[:, 2]) / 2 / values[:, 0])
    np.testing.assert_array_equal(ln.matrix_rank(ct.asarray(x), rtol=cut), [2, 2])
    got = ln.pinv(ct.asarray(x), rtol=cut)
    expected = np.stack([np.linalg.pinv(x[i], rcond=np.asarray(cut)[i]) for i in range(2)])
    np.testing.assert_allclose(got, expected, rtol=1e-9)
    both = cn.vmap(lambda a, b: ln.pinv(a, rtol=b))(ct.asarray(x), cut)
    np.testing.assert_allclose(both, expected, rtol=1e-9)
    y = rng.normal(size=(6, 2))
    out = ln.lstsq(ct.asarray(x[0]), ct.asarray(y))
    expected, _, rank, values = np.linalg.lstsq(x[0], y)
    np.testing.assert_allclose(out.solution, expected, rtol=1e-9)
    np.testing.assert_allclose(out.residuals, ((x[0] @ expected - y) ** 2).sum(0), rtol=1e-9)
    np.testing.assert_allclose(out.singular_values, values, rtol=1e-9, atol=1e-12)
    assert int(out.rank) == rank


def complexed(f):
    """A function of complex matrices as one of real ones."""

    def call(x):
        out = f(ct.astype(x[..., 0], ct.complex128) + 1j * ct.astype(x[..., 1], ct.complex128))
        return ct.stack([ct.real(out), ct.imag(out)])

    return call


def both_sides(out):
    """What of singular vectors does not depend on phases."""
    u, s, vh = out
    return ct.matmul(u * (s**2)[..., None, :], vh)


def projector(x):
    """On the eigenvector of the largest eigenvalue, by vectors of the length 1."""
    values, vectors = ln.eig(x)
    at = ct.argmax(ct.real(values) + 1e-3 * ct.imag(values))
    v = ct.take(vectors, at, axis=-1)
    return v[..., :, None] * ct.conj(v)[..., None, :] * ct.take(values, at, axis=-1)


SQUARE = {
    "inv": ln.inv, "det": ln.det, "slogdet": lambda x: ln.slogdet(x).logabsdet,
    "solve": lambda x: ln.solve(x, (x * x)[..., :2]), "vector": lambda x: ln.solve(x, (x * x)[..., 0]),
    "power": lambda x: ln.matrix_power(x, 3), "root": lambda x: ln.matrix_power(x, -2),
    "triangular": lambda x: ln.solve_triangular(x, x[..., :2]),
    "upper": lambda x: ln.solve_triangular(x, x[..., 0], upper=True, adjoint=True),
    "unit": lambda x: ln.solve_triangular(x * 0.1, x, unit_diagonal=True), "trace": ln.trace,
    "diagonal": lambda x: ln.diagonal(x, offset=1), "svd": lambda x: both_sides(ln.svd(x)),
    "Q": lambda x: ln.qr(x).Q, "R": lambda x: ln.qr(x).R,
    "cholesky": lambda x: ln.cholesky(ct.matmul(x, ct.matrix_transpose(ct.conj(x)))),
    "eigh": lambda x: ct.matmul(v := ln.eigh(x + ct.matrix_transpose(ct.conj(x))).eigenvectors,
                                ct.arange(3.0, dtype=ct.float64)[:, None] * ct.matrix_transpose(ct.conj(v))),
    "eig": projector, "eigvals": lambda x: ct.linalg.trace(ct.exp(ln.eigvals(x))[..., None] * np.eye(3)),
    "eigvalsh": lambda x: ln.eigvalsh(x + ct.matrix_transpose(ct.conj(x))) + 0 * ct.real(x[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", SQUARE)
def test_derivatives_of_square_matrices(name):
    rng = np.random.default_rng(2)
    f = SQUARE[name]
    real = (lambda x: ct.real(f(x)) + ct.imag(f(x))) if name in ("eig", "eigvals") else f
    check(real, rng.normal(size=(3, 3)) + 2 * np.eye(3), rtol=1e-5, atol=1e-6)
    check(complexed(f) if name not in ("slogdet", "eigvalsh") else
          lambda x: f(ct.astype(x[..., 0], ct.complex128) + 1j * x[..., 1]),
          rng.normal(size=(3, 3, 2)) + 2 * np.eye(3)[..., None], rtol=1e-5, atol=1e-6)  # fmt: skip


ANY = {
    "pinv": ln.pinv, "svdvals": ln.svdvals, "nuclear": lambda x: ln.matrix_norm(x, ord="nuc"),
    "svd": lambda x: both_sides(ln.svd(x, full_matrices=False)),
    "values": lambda x: ln.svd(x, full_matrices=True).S, "Q": lambda x: ln.qr(x).Q,
    "R": lambda x: ln.qr(x).R, "QR": lambda x: ct.matmul(ln.qr(x).Q * 2.0, ln.qr(x).R),
    "spectral": lambda x: ln.matrix_norm(x, ord=2), "fro": ln.matrix_norm,
    "one": lambda x: ln.matrix_norm(x, ord=1), "p": lambda x: ln.vector_norm(x, ord=3, axis=1),
}  # fmt: skip


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 3), (2, 4, 3)])
@pytest.mark.parametrize("name", ANY)
def test_derivatives_of_any_shape(name, shape):
    f = ANY[name]
    rng = np.random.default_rng(3)
    x = rng.normal(size=shape)
    if name == "values" and shape[-1] != shape[-2]:
        weights = ct.asarray(rng.normal(size=(*shape[:-2], min(shape[-2:]))))
        full, thin = (cn.grad(lambda v, is_full=is_full: ct.sum(
            ln.svd(v, full_matrices=is_full).S * weights))(ct.asarray(x)) for is_full in (True, False))  # fmt: skip
        np.testing.assert_allclose(full, thin, rtol=1e-12)
        return
    check(f, x, rtol=1e-5, atol=1e-6)


def test_the_derivative_of_singular_determinants():
    """The cofactors, one by one."""
    rng = np.random.default_rng(0)
    for n, rank in ((3, 2), (3, 1), (4, 3), (1, 0)):
        x = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))
        expected = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, 0), j, 1))
                     for j in range(n)] for i in range(n)]  # fmt: skip
        np.testing.assert_allclose(cn.grad(ln.det)(ct.asarray(x)), expected, atol=1e-12)


RANKS = [np.zeros((1, 1)), np.zeros((2, 2)), np.zeros((4, 4)), np.outer([1, 2, 3.0], [1, 1, -2.0]),
         np.arange(9.0).reshape(3, 3), np.diag([2.0, -1, 3, 0, 0, 0]),
         np.arange(16.0).reshape(4, 4) % 7 - 3]  # fmt: skip


def with_ones_added(x, places):
    """det of x with 1 added at places; det is affine in every element."""
    y = x.copy()
    for place in places:
        y[place] += 1
    return np.linalg.det(y)


@pytest.mark.parametrize("x", RANKS, ids=lambda x: f"{len(x)}-rank-{np.linalg.matrix_rank(x)}")
def test_second_derivatives_of_determinants_of_every_rank(x):
    n = len(x)
    places = [(i, j) for i in range(n) for j in range(n)]
    expected = [[0 if p == q else with_ones_added(x, (p, q)) - with_ones_added(x, (p,))
                 - with_ones_added(x, (q,)) + np.linalg.det(x) for q in places]
                for p in places]  # fmt: skip
    expected = np.reshape(expected, (n,) * 4)
    a = ct.asarray(x)
    for second in (cn.hessian(ln.det), cn.jacrev(cn.grad(ln.det)), cn.jit(cn.hessian(ln.det))):
        np.testing.assert_allclose(np.asarray(second(a)), expected, atol=1e-12)
    single = cn.hessian(ln.det)(ct.astype(a, ct.float32))
    np.testing.assert_allclose(np.asarray(single), expected, atol=3e-5)
    both = cn.vmap(cn.hessian(ln.det))(ct.stack([a, a + ct.eye(n, dtype=a.dtype)]))
    np.testing.assert_allclose(np.asarray(both[0]), expected, atol=1e-12)


@pytest.mark.parametrize("x", RANKS[1:5], ids=lambda x: f"{len(x)}-rank-{np.linalg.matrix_rank(x)}")
def test_third_derivatives_of_determinants_of_few_rows(x):
    rng = np.random.default_rng(0)
    v = ct.asarray(rng.normal(size=x.shape))

    def along(f):
        return lambda a: cn.jvp(f, (a,), (v,))[1]

    at = np.asarray([float(ln.det(ct.asarray(x) + t * v)) for t in range(5)])
    third = 6 * np.polynomial.polynomial.polyfit(np.arange(5), at, 4)[3]  # det(x + t v), exactly
    got = float(along(along(along(ln.det)))(ct.asarray(x)))
    np.testing.assert_allclose(got, third, atol=1e-9)
    turned = cn.grad(lambda a: along(along(ln.det))(a))(ct.asarray(x))
    np.testing.assert_allclose(float(ct.sum(turned * v)), third, atol=1e-9)


def test_second_derivatives_of_complex_determinants():
    x = sample((3, 3), "complex128")
    x[2] = x[0] + 1j * x[1]  # singular
    v, w = sample((3, 3), "complex128", 1), sample((3, 3), "complex128", 2)

    def det(s, t):
        return np.linalg.det(x + s * v + t * w)

    def first(a):
        return cn.jvp(ln.det, (a,), (ct.asarray(v),))[1]

    got = complex(cn.jvp(first, (ct.asarray(x),), (ct.asarray(w),))[1])
    h = 1e-4
    expected = (det(h, h) - det(h, -h) - det(-h, h) + det(-h, -h)) / (4 * h * h)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    (pulled,) = cn.vjp(first, ct.asarray(x))[1](ct.asarray(1.0 + 0j))
    np.testing.assert_allclose(np.sum(np.conj(np.asarray(pulled)) * w), got, rtol=1e-10)


def test_second_derivatives():
    x = sample((3, 3))
    got = np.asarray(cn.hessian(ln.det)(ct.asarray(x)))
    inverse, det = np.linalg.inv(x), np.linalg.det(x)
    expected = det * (np.einsum("ji,lk->ijkl", inverse, inverse)
                      - np.einsum("jk,li->ijkl", inverse, inverse))  # fmt: skip
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)
    got = cn.hessian(lambda v: ln.slogdet(v).logabsdet)(ct.asarray(x))
    np.testing.assert_allclose(got, -np.einsum("jk,li->ijkl", inverse, inverse), atol=1e-10)
    for f in (ln.pinv, lambda v: ln.cholesky(v @ v.mT), lambda v: ln.qr(v).R, ln.svdvals):
        one, two = (np.asarray(make(make(f))(ct.asarray(x))) for make in (cn.jacfwd, cn.jacrev))
        np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-8)


def test_named_results_through_transformations():
    x = ct.asarray(sample((2, 3, 3)))
    out = cn.jit(ln.svd)(x)
    np.testing.assert_allclose(out.S, ln.svd(x).S)
    assert cn.vmap(ln.slogdet)(x).logabsdet.shape == (2,)
    np.testing.assert_allclose(cn.vmap(ln.matrix_rank)(x), [3, 3])
    sides = ct.asarray(sample((3, 2)))
    by_row = cn.vmap(ln.solve, in_axes=(0, None))(x, sides)
    np.testing.assert_allclose(by_row, ln.solve(x, sides), rtol=1e-12)
    by_side = cn.vmap(ln.solve, in_axes=(None, 1))(x[0], sides)
    np.testing.assert_allclose(by_side, ln.solve(x[0], sides).mT, rtol=1e-12)


def test_integers_and_halves_become_float32():
    assert ln.inv(ct.asarray([[2, 0], [0, 4]])).dtype == ct.float32
    assert ln.svdvals(ct.ones((2, 2), dtype=ct.float16)).dtype == ct.float32
    assert ln.solve(ct.eye(2), ct.ones(2, dtype=ct.float64)).dtype == ct.float64


E = cnengine.errors


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda x: ln.inv(x), E.ArgumentError, "inv: expected invertible matrices, but matrix 1 "),
    (lambda x: ln.solve(x, x), E.ArgumentError, "solve: expected invertible .* matrix 1 "),
    (lambda x: ln.cholesky(x), E.ArgumentError, "cholesky: expected positive definite .* matrix 1"),
])  # fmt: skip
def test_matrices_that_are_singular(call, error, text):
    x = ct.asarray(np.stack([np.eye(3), np.ones((3, 3))]))
    for f in (call, cn.jit(call), cn.vmap(call)):
        with pytest.raises(error, match=text):
            f(x)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", [1, 3, 60])
def test_what_is_not_finite(n, dtype, bad):
    x = 2 * np.eye(n, dtype=dtype)
    x[n - 1, 0] = bad
    a = ct.asarray(x)
    for f in (ln.cholesky, ln.eigh, ln.eigvalsh, ln.eig, ln.eigvals, ln.svd, ln.svdvals,
              ln.matrix_rank, ln.pinv):  # fmt: skip
        with pytest.raises(E.ArgumentError, match="expected finite numbers, but matrix 0"):
            f(a)
    assert not all(np.isfinite(np.asarray(each)).all() for each in ln.qr(a))
    assert not np.isfinite(np.asarray(ln.det(a)))


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: ln.inv(ct.ones((2, 3))), E.ShapeError, "inv: expected square"),
    (lambda: ln.det(ct.ones(3)), E.ShapeError, "det: expected at least two axes"),
    (lambda: ln.cholesky(ct.ones(3)), E.ShapeError, "cholesky: expected at least two axes"),
    (lambda: ln.eigh(ct.ones((2, 3))), E.ShapeError, "eigh: expected square"),
    (lambda: ln.solve(ct.eye(3), ct.ones((2, 2))), E.ShapeError, "solve: expected as many rows"),
    (lambda: ln.solve(ct.ones((2, 3, 3)), ct.ones((4, 3, 2))), E.ShapeError, "cannot be broadcast"),
    (lambda: ln.qr(ct.eye(2), mode="full"), E.ArgumentError, 'qr: expected the mode "reduced"'),
    (lambda: ln.cross(ct.ones(2), ct.ones(2)), E.ShapeError, "cross: expected an extent of 3"),
    (lambda: ln.cross(ct.ones(3), ct.ones((3, 3)), axis=0), E.ArgumentError, "a negative axis"),
    (lambda: ln.outer(ct.ones((2, 2)), ct.ones(2)), E.ShapeError, "outer: expected vectors"),
    (lambda: ln.matrix_power(ct.ones((2, 3)), 2), E.ShapeError, "matrix_power: expected square"),
    (lambda: ln.matrix_norm(ct.ones(2)), E.ShapeError, "matrix_norm: expected at least two axes"),
    (lambda: ln.matrix_norm(ct.eye(2), ord=3), E.ArgumentError, "matrix_norm: expected 1, 2, inf"),
    (lambda: ln.vector_norm(ct.ones(2), ord="fro"), E.ArgumentError, "vector_norm: expected a number"),
    (lambda: ln.diagonal(ct.ones(2)), E.ShapeError, "diagonal: expected at least two axes"),
    (lambda: cn.grad(lambda x: ct.sum(ln.qr(x, mode="complete").Q))(ct.ones((3, 2))),
     E.UnsupportedError, "qr: expected no more rows"),
    (lambda: cn.grad(lambda x: ct.sum(ln.svd(x).U))(ct.ones((3, 2))), E.UnsupportedError, "svd: derivatives of full"),
])  # fmt: skip
def test_wrong_use(call, error, text):
    with pytest.raises(error, match=text):
        call()
