"""A function of ours beside one of NumPy's: as it is, under `jit` and `vmap`, and its derivative."""

import cnengine as cn
import cnengine.tensor as ct
import numpy as np

STEP = 1e-6


def parts(value):
    """The arrays of a result, which may be a tuple or list of them."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def same(got, expected, rtol=1e-11, atol=1e-12):
    got, expected = parts(got), parts(expected)
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert one.shape == other.shape
        if other.dtype.kind in "biu":
            np.testing.assert_array_equal(one, other)
        else:
            np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def check(ours, theirs, *arrays, derives=True, batches=True, rtol=1e-11):
    """Arrays are float64 or integers; derivatives are those by floats, in a random direction."""
    given = [ct.asarray(each) for each in arrays]
    expected = theirs(*arrays)
    same(ours(*given), expected, rtol)
    same(cn.jit(ours)(*given), expected, rtol)
    if batches and given:
        others = [each * 1.5 if each.dtype.kind == "f" else each for each in arrays]
        both = [ct.asarray(np.stack(pair)) for pair in zip(arrays, others, strict=True)]
        wanted = zip(parts(expected), parts(theirs(*others)), strict=True)
        got = cn.vmap(lambda *each: tuple(parts(ours(*each))))(*both)
        same(got, [np.stack([np.asarray(one) for one in pair]) for pair in wanted], rtol)
    if derives:
        derivative(ours, *arrays)


def derivative(ours, *arrays):
    """Of a sum of the results with weights, beside the difference of two values."""
    rng = np.random.default_rng(7)
    floats = [i for i, each in enumerate(arrays) if each.dtype.kind == "f"]
    given = [ct.asarray(each) for each in arrays]
    results = [each for each in parts(ours(*given)) if each.dtype.kind == "float"]
    if not floats or not results:
        return
    weights = [ct.asarray(rng.normal(size=each.shape)) for each in results]
    known = [ct.isfinite(each) for each in results]

    def total(*some):
        values = list(given)
        for i, each in zip(floats, some, strict=True):
            values[i] = each
        out = [each for each in parts(ours(*values)) if each.dtype.kind == "float"]
        return sum(ct.sum(ct.where(is_known, w * each, 0))
                   for is_known, w, each in zip(known, weights, out, strict=True))  # fmt: skip

    points = [given[i] for i in floats]
    ways = [ct.asarray(rng.normal(size=each.shape)) for each in points]
    up, down = (float(total(*[x + sign * STEP * way for x, way in zip(points, ways, strict=True)]))
                for sign in (1, -1))  # fmt: skip
    numbers = tuple(range(len(points)))
    for f in (cn.grad(total, argnums=numbers), cn.jit(cn.grad(total, argnums=numbers))):
        slope = sum(float(ct.sum(g * way)) for g, way in zip(f(*points), ways, strict=True))
        np.testing.assert_allclose(slope, (up - down) / (2 * STEP), rtol=2e-6, atol=1e-7)
    _, pushed = cn.jvp(total, tuple(points), tuple(ways))
    np.testing.assert_allclose(float(pushed), slope, rtol=1e-9, atol=1e-11)
