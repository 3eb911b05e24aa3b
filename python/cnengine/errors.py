"""The exceptions that cnengine raises.

Each one derives from `Error` and from the built-in exception that the same mistake raises
elsewhere in Python, so ``except ValueError`` works as well as ``except cnengine.Error``. A message
starts with the function's name, says what was expected and what came.
"""


class Error(Exception):
    """Base of all exceptions of this package."""


class ArgumentError(Error, ValueError):
    """An argument has a value that the function does not take."""


class ShapeError(ArgumentError):
    """Lengths or shapes do not fit each other."""


class AxisError(ArgumentError, IndexError):
    """An array has no such axis."""


class RangeError(ArgumentError, OverflowError):
    """A number is beyond what its type can hold."""


class TypeError(Error, TypeError):  # noqa: A001
    """An argument or a column has a type that the function does not take."""


class NotFoundError(Error, KeyError):
    """There is no column, topic, view, feature or file of that name."""

    def __str__(self) -> str:  # KeyError would print the message in quotes
        return Error.__str__(self)


class StateError(Error, RuntimeError):
    """The call does not fit the state of the object: it is closed, or not fitted yet."""


class UnsupportedError(Error, NotImplementedError):
    """This build lacks what the call needs, such as a codec; the message names it."""


class DeviceError(Error, RuntimeError):
    """A GPU failed, or there is none."""


class IoError(Error, OSError):
    """The disk or the network failed."""


class LockedError(IoError):
    """Another process holds the directory open for writing."""


class CorruptionError(Error, ValueError):
    """Bytes on disk are not what was written: the message says which file and where."""


class TracedError(TypeError):
    """The elements of a value are asked for inside `jit` or `vmap`, where they are not known."""


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory for a result; the message names what makes it."""


class NumericError(Error, FloatingPointError):
    """A NaN where `debug_nans` allows none."""
