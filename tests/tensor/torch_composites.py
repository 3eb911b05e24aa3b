"""Ours by the names of torch's table of operators: what is made of others, as NumPy names it."""

import cnengine.tensor as ct
from torch_adapters import Other, absent, axis_of, listed

SAME = [
    "angle", "deg2rad", "exp2", "fliplr", "flipud", "fmax", "fmin", "fmod", "gcd",
    "heaviside", "inner", "isneginf", "isposinf", "isreal", "kron", "lcm", "logaddexp2",
    "rad2deg", "rot90", "sinc",
]  # fmt: skip


def several(function):
    return lambda *arrays: function(*listed(arrays))


def stacked(function):
    return lambda *arrays: function(listed(arrays))


def without_nan(function):
    def call(x, dim=None, keepdim=False, **options):
        absent(options)
        return function(x, axis=axis_of(x, dim), keepdims=keepdim)

    return call


def nanquantile(x, q, dim=None, keepdim=False, interpolation="linear"):
    return ct.nanquantile(x, q, axis_of(x, dim), method=interpolation, keepdims=keepdim)


def trapezoid(y, x=None, dx=1.0, dim=-1):
    return ct.trapezoid(y, x, dx, dim)


def covariances(x, correction=1, fweights=None, aweights=None):
    if aweights is not None:
        raise Other("torch adds weights of float32 as such")
    return ct.cov(x, correction=correction, fweights=fweights)


def factors(a, pivot=True):
    if not pivot:
        raise Other("without pivots")
    return ct.linalg.lu(a)


def norm(x, ord=None, dim=None, keepdim=False, dtype=None):  # noqa: A002
    if dtype is not None or x.ndim == 0:
        raise Other("of a number, or of another type")
    return ct.linalg.norm(x, ord, dim, keepdim)


COMPOSITES = {name: getattr(ct, name) for name in SAME}
COMPOSITES |= {
    name: several(getattr(ct, name)) for name in ("atleast_1d", "atleast_2d", "atleast_3d")
}
COMPOSITES |= {
    name: stacked(getattr(ct, name)) for name in ("column_stack", "dstack", "hstack", "vstack")
}
COMPOSITES |= {name: getattr(ct, name) for name in ("dsplit", "hsplit", "vsplit")}
COMPOSITES |= {
    "corrcoef": ct.corrcoef, "cov": covariances,
    "diagflat": lambda x, offset=0: ct.diagflat(x, offset), "linalg.cond": ct.linalg.cond,
    "linalg.lu": factors, "linalg.multi_dot": ct.linalg.multi_dot, "linalg.norm": norm,
    "matrix_exp": ct.linalg.matrix_exp, "nanmean": without_nan(ct.nanmean),
    "nanquantile": nanquantile, "nansum": without_nan(ct.nansum), "trapezoid": trapezoid,
    "trapz": trapezoid, "unravel_index": ct.unravel_index,
}  # fmt: skip
