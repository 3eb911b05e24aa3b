"""What the tables of torch's operators are written with."""

import cnengine.tensor as ct


class Other(Exception):
    """A sample that ours does not take, by design; says why."""


def absent(options):
    """Refuses options of torch that the standard has not."""
    given = {
        key: value for key, value in options.items() if value is not None and value is not False
    }
    if given:
        raise Other(str(given))


def axis_of(x, dim):
    """Torch takes axes of a number, and no axes for all of them."""
    if dim is None or x.ndim == 0 or dim == []:
        return None
    return tuple(dim) if isinstance(dim, (list, tuple)) else dim


def listed(arrays):
    """f(a, b) and f([a, b])."""
    return arrays[0] if len(arrays) == 1 and isinstance(arrays[0], (list, tuple)) else arrays


def one_axis(x):
    """A number as a vector, as torch has it where an axis is asked for."""
    return ct.reshape(x, (1,)) if x.ndim == 0 else x
