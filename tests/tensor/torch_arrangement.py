"""Ours by the names of torch's table of operators: places, order, shapes, Fourier transforms."""

import cnengine.tensor as ct
from torch_adapters import Other, absent, listed, one_axis


def numbers(shape):
    return tuple(int(each) for each in shape)


def running(function):
    def call(x, dim, dtype=None):
        out = function(one_axis(x), axis=dim)
        return ct.reshape(out, x.shape)

    return call


def running_extreme(function):
    """Values alone: ours has no places."""
    return lambda x, dim: running(function)(x, dim)


def gathered(x, dim, index, sparse_grad=False):
    x, index_of = one_axis(x), one_axis(index)
    if 0 in index.shape:
        return ct.zeros(index.shape, dtype=x.dtype)
    for axis, (most, extent) in enumerate(zip(x.shape, index_of.shape, strict=True)):
        if axis != dim % x.ndim and extent != most:
            x = ct.take(x, ct.arange(extent), axis=axis)
    return ct.reshape(ct.take_along_axis(x, index_of, axis=dim), index.shape)


def along(x, index, dim=None):
    if dim is None:
        return ct.take_along_axis(ct.reshape(x, (-1,)), ct.reshape(index, (-1,)))
    x, index = broadcast_but(x, index, dim)
    return ct.take_along_axis(x, index, axis=dim)


def broadcast_but(x, y, axis):
    axis %= x.ndim
    shape = ct.broadcast_shapes(
        *[(*each[:axis], 1, *each[axis + 1 :]) for each in (x.shape, y.shape)]
    )
    return [ct.broadcast_to(each, (*shape[:axis], each.shape[axis], *shape[axis + 1:]))
            for each in (x, y)]  # fmt: skip


def scattered(op_of):
    def call(x, dim, index, source, reduce=None, **options):
        absent({key: value for key, value in options.items() if key != "include_self" or not value})
        if options.get("include_self") is False:
            raise Other("places that are overwritten before they are reduced")
        op = op_of(reduce)
        if 0 in index.shape:
            return x
        whole, places = one_axis(x), one_axis(index)
        if isinstance(source, ct.Array):
            source = one_axis(source)[tuple(slice(0, each) for each in places.shape)]
        sizes = [i for i in range(whole.ndim) if i != dim % whole.ndim]
        if any(whole.shape[i] != places.shape[i] for i in sizes):
            raise Other("indices for a part of the lines")
        out = ct.put_along_axis(whole, places, source, axis=dim, op=op)
        return ct.reshape(out, x.shape)

    return call


def selected(x, dim, index):
    out = ct.take(one_axis(x), one_axis(index), axis=dim)
    return ct.reshape(out, x.shape) if x.ndim == 0 else out


def ordered(x, dim=-1, descending=False, stable=False):
    if not stable and not ct.isdtype(x.dtype, "real floating"):
        raise Other("equal elements in any order")
    values, places = one_axis(x), ct.argsort(one_axis(x), axis=dim, descending=descending)
    values = ct.sort(values, axis=dim, descending=descending)
    return [ct.reshape(values, x.shape), ct.reshape(places, x.shape)]


def best(x, k, dim=-1, largest=True, sorted=True):  # noqa: A002
    if not ct.isdtype(x.dtype, "real floating"):
        raise Other("equal elements in any order")
    out = ct.top_k(one_axis(x), k, axis=dim, largest=largest)
    shape = out.values.shape if x.ndim else x.shape
    return [ct.reshape(each, shape) for each in out]


def searched(edges, x, *, out_int32=False, right=False, side=None, sorter=None):
    if edges.ndim != 1:
        raise Other("batches of edges")
    side = side or ("right" if right else "left")
    out = ct.searchsorted(edges, ct.reshape(x, (-1,)), side=side, sorter=sorter)
    return ct.astype(ct.reshape(out, x.shape), ct.int32 if out_int32 else ct.int64)


def cut(x, parts, dim=0):
    """split and chunk give pieces of a size, the last one smaller."""
    extent = x.shape[dim]
    if isinstance(parts, int):
        bounds = list(range(parts, extent, parts))
    else:
        bounds = [sum(parts[: i + 1]) for i in range(len(parts) - 1)]
    return ct.split(x, bounds, axis=dim)


def chunked(x, chunks, dim=0):
    return cut(x, max(-(-x.shape[dim] // chunks), 1), dim)


def cut_evenly(x, parts, dim=0):
    if isinstance(parts, ct.Array):
        parts = parts.tolist()
    if isinstance(parts, int):
        size, more = divmod(x.shape[dim], parts)
        parts = [i * size + min(i, more) for i in range(1, parts)]
    return ct.split(x, [min(max(0, each if each >= 0 else each + x.shape[dim]), x.shape[dim])
                        for each in parts], axis=dim)  # fmt: skip


def squeezed(x, dim=None):
    axes = range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    axes = [axis for axis in axes if x.ndim and x.shape[axis] == 1]
    return ct.squeeze(x, tuple(axes)) if axes else x


def swapped_axes(x, first, second):
    order = list(range(x.ndim))
    if order:
        order[first], order[second] = order[second], order[first]
    return ct.permute_dims(x, order)


def repeated(x, *sizes):
    return ct.tile(x, numbers(listed(sizes)))


def repeated_each(x, repeats=None, dim=None, output_size=None):
    x = one_axis(x)
    if isinstance(repeats, ct.Array) and repeats.shape == (1,):
        repeats = int(repeats[0])
    return ct.repeat(x, repeats, axis=dim)


def rolled(x, shifts, dims=None):
    shifts = tuple(shifts) if isinstance(shifts, (list, tuple)) else shifts
    dims = tuple(dims) if isinstance(dims, (list, tuple)) else dims
    return ct.roll(x, shifts, axis=dims if dims != () else None)


def expanded(x, *shape):
    shape = listed(shape)
    new = len(shape) - x.ndim
    return ct.broadcast_to(
        x, tuple(x.shape[i - new] if each == -1 else each for i, each in enumerate(shape))
    )


def differences(x, n=1, dim=-1, prepend=None, append=None):
    return ct.diff(x, n=n, axis=dim, prepend=prepend, append=append)


def counted(x, weights=None, minlength=0):
    length = max(minlength, int(ct.max(x)) + 1 if x.size else 0)
    return ct.bincount(x, weights=weights, length=length)


def histogram(x, bins, *, range=None, weight=None, density=False):  # noqa: A002
    if weight is not None or density or x.size == 0 or (not range and ct.min(x) == ct.max(x)):
        raise Other("weights, densities, nothing to count, an element between two bins")
    counts, edges = ct.histogram(ct.reshape(x, (-1,)), bins, range=tuple(range) if range else None)
    return [ct.astype(counts, x.dtype), edges]


def different(x, sorted=True, return_inverse=False, return_counts=False, dim=None):  # noqa: A002
    if dim is not None:
        raise Other("rows")
    out = ct.unique_all(x)
    return [out.values] + [out.inverse_indices] * return_inverse + [out.counts] * return_counts


def diagonal(x, offset=0, dim1=0, dim2=1):
    return ct.linalg.diagonal(ct.moveaxis(x, (dim1, dim2), (-2, -1)), offset=offset)


def flattened(x, start_dim=0, end_dim=-1):
    x = one_axis(x)
    end = end_dim % x.ndim
    return ct.reshape(x, (*x.shape[:start_dim], -1, *x.shape[end + 1 :]))


def places(x, as_tuple=False):
    if x.ndim == 0:
        raise Other("the standard has an error for numbers")
    return ct.nonzero(x) if as_tuple else ct.stack(ct.nonzero(x), axis=1)


def masked(x, mask):
    x, mask = ct.broadcast_arrays(x, mask)
    return x[mask] if x.ndim else ct.reshape(x, (1,))[ct.reshape(mask, (1,))]


def axes_taken(function):
    return lambda x, dim=None: function(
        x, axes=tuple(dim) if isinstance(dim, (list, tuple)) else dim
    )


def along_one(function):
    return lambda x, n=None, dim=-1, norm=None: function(x, n=n, axis=dim, norm=norm or "backward")


def along_several(function, most=None):
    def call(x, s=None, dim=None if most is None else (-2, -1), norm=None):
        dim = [dim] if isinstance(dim, int) else dim
        if dim is None and s is not None:
            dim = range(x.ndim - len(s), x.ndim)
        return function(x, s=s, axes=None if dim is None else tuple(dim), norm=norm or "backward")

    return call


ARRANGEMENT = {
    "permute": lambda x, *dims: ct.permute_dims(x, listed(dims)), "T": lambda x: ct.permute_dims(x, range(x.ndim)[::-1]),
    "H": lambda x: ct.conj(swapped_axes(x, -1, -2)), "mT": lambda x: x.mT, "t": lambda x: swapped_axes(x, 0, -1),
    "mH": lambda x: ct.conj(x.mT), "transpose": swapped_axes, "movedim": ct.moveaxis,
    "reshape": lambda x, *shape: ct.reshape(x, listed(shape)), "ravel": lambda x: ct.reshape(x, (-1,)),
    "view": lambda x, *shape: ct.reshape(x, listed(shape)), "flatten": flattened,
    "view_as": lambda x, y: ct.reshape(x, y.shape), "reshape_as": lambda x, y: ct.reshape(x, y.shape),
    "unflatten": lambda x, dim, sizes: ct.reshape(
        x, (*x.shape[: dim % x.ndim], *sizes, *x.shape[dim % x.ndim + 1 :])),
    "broadcast_to": ct.broadcast_to, "expand": expanded, "broadcast_tensors": ct.broadcast_arrays,
    "expand_as": lambda x, y: ct.broadcast_to(x, y.shape),
    "unsqueeze": lambda x, dim: ct.expand_dims(x, axis=dim), "squeeze": squeezed, "squeeze|multiple": squeezed,
    "flip": lambda x, dims: ct.flip(x, axis=dims if isinstance(dims, int) else tuple(dims)),
    "roll": rolled, "tile": repeated, "repeat": repeated, "repeat_interleave": repeated_each,
    "cat": lambda arrays, dim=0: ct.concat([x for x in arrays if x.shape != (0,)] or arrays, axis=dim),
    "stack": lambda arrays, dim=0: ct.stack(arrays, axis=dim), "unbind": lambda x, dim=0: list(ct.unstack(x, axis=dim)),
    "split": cut, "split|list_args": cut, "split_with_sizes": cut, "chunk": chunked, "tensor_split": cut_evenly,
    "narrow": lambda x, dim, start, length: ct.take(x, ct.arange(length) + start % max(x.shape[dim], 1), axis=dim),
    "select": lambda x, dim, index: ct.moveaxis(x, dim, 0)[index],
    "slice": lambda x, dim=0, start=None, end=None, step=1: ct.moveaxis(
        ct.moveaxis(x, dim, 0)[start:end:step], 0, dim),
    "__getitem__": lambda x, *key: x[key[0] if len(key) == 1 else key],
    "meshgrid|variadic_tensors": lambda *x, indexing="ij": ct.meshgrid(*x, indexing=indexing),
    "meshgrid|list_of_tensors": lambda x, indexing="ij": ct.meshgrid(*x, indexing=indexing),
    "tril": lambda x, k=0, diagonal=0: ct.tril(x, k=k or diagonal),
    "triu": lambda x, k=0, diagonal=0: ct.triu(x, k=k or diagonal), "diagonal": diagonal,
}  # fmt: skip
PLACES = {
    "gather": gathered, "take_along_dim": along, "index_select": selected, "masked_select": masked,
    "take": lambda x, index: ct.take(ct.reshape(x, (-1,)), index), "argwhere": places, "nonzero": places,
    "scatter": scattered({None: "set", "add": "add", "multiply": "multiply"}.get),
    "scatter_add": scattered(lambda _: "add"), "scatter_reduce|sum": scattered(lambda _: "add"),
    "scatter_reduce|prod": scattered(lambda _: "multiply"), "scatter_reduce|amin": scattered(lambda _: "min"),
    "scatter_reduce|amax": scattered(lambda _: "max"),
    "cumsum": running(ct.cumulative_sum), "cumprod": running(ct.cumulative_prod),
    "cummax": running_extreme(ct.cumulative_max), "cummin": running_extreme(ct.cumulative_min),
    "logcumsumexp": running(ct.cumulative_logsumexp), "diff": differences,
    "sort": ordered, "argsort": lambda *args, **options: ordered(*args, **options)[1], "topk": best,
    "msort": lambda x: ct.sort(x, axis=0), "searchsorted": searched, "bucketize": lambda x, edges, **options: searched(edges, x, **options),
    "unique": different, "isin": lambda x, y, *, assume_unique=False, invert=False: ct.isin(x, y, invert=invert),
    "bincount": counted, "histogram": histogram,
}  # fmt: skip
FOURIER = {f"fft.{name}": along_one(getattr(ct.fft, name))
           for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")}  # fmt: skip
FOURIER |= {f"fft.{name}n": along_several(getattr(ct.fft, f"{name}n"))
            for name in ("fft", "ifft", "rfft", "irfft")}  # fmt: skip
FOURIER |= {f"fft.{name}2": along_several(getattr(ct.fft, f"{name}n"), 2)
            for name in ("fft", "ifft", "rfft", "irfft")}  # fmt: skip
FOURIER |= {f"fft.{name}": axes_taken(getattr(ct.fft, name)) for name in ("fftshift", "ifftshift")}
