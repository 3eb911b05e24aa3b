"""Arrow arrays whose lengths, offsets or indexes point outside: refused, never followed.

A right array is made first; then its memory is changed, or what its C structure says of itself.
"""

import ctypes
import struct

import numpy as np
import pyarrow as pa
import pytest
from cnengine import _core, errors
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = b"abcdefghijklmnopqrstuvwxyz"


def take(array):
    table = array if isinstance(array, Forged) else pa.record_batch([array], ["x"])
    return pa.table(_core.core.table(table))


def refused(array, why):
    with pytest.raises(errors.ArgumentError, match=f'column "x" is malformed: .*{why}'):
        take(array)


class CArray(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_int64)
        for name in ("length", "null_count", "offset", "n_buffers", "n_children", "buffers")
    ]


class Forged:
    """A table of one column `x`, changed after it was made: pyarrow would not make it so."""

    def __init__(self, array, then=None, **changes):
        self.array, self.then, self.changes = array, then, changes

    def __arrow_c_array__(self, requested_schema=None):
        schema, array = pa.record_batch([self.array], ["x"]).__arrow_c_array__()
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        top = get(array, b"arrow_array")
        children = ctypes.c_void_p.from_address(top + 6 * 8).value
        column = CArray.from_address(ctypes.c_void_p.from_address(children).value)
        for name, value in self.changes.items():
            setattr(column, name, value)
        if self.then is not None:
            self.then()
        return schema, array


def forged(array, why, **changes):
    with pytest.raises(errors.ArgumentError, match=f"is malformed: .*{why}"):
        _core.core.table(Forged(array, **changes))


def with_offsets(width, right, wrong, make):
    """What `make` builds of the right offsets, which are then overwritten."""
    memory = np.array(right, width)
    return Forged(make(pa.py_buffer(memory)), lambda: np.copyto(memory, wrong))


def text(kind, *ends, offset=0):
    width = "int64" if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind) else "int32"
    return with_offsets(width, [0] * len(ends), ends, lambda buffer: pa.Array.from_buffers(
        kind, len(ends) - 1 - offset, [None, buffer, pa.py_buffer(TEXT)], offset=offset,
    ))  # fmt: skip


@pytest.mark.parametrize("count", [1, -1])
def test_rows_that_are_null_as_a_whole(count):
    rows = pa.StructArray.from_arrays([pa.array([1, 2])], ["x"], mask=pa.array([False, True]))

    class Uncounted:
        def __arrow_c_array__(self, requested_schema=None):
            schema, array = rows.__arrow_c_array__()
            get = ctypes.pythonapi.PyCapsule_GetPointer
            get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
            CArray.from_address(get(array, b"arrow_array")).null_count = count
            return schema, array

    with pytest.raises(errors.ArgumentError, match="a row as a whole is null"):
        _core.core.table(Uncounted())


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_offsets_of_text(kind):
    assert (
        take(text(kind, 0, 3, 3, 9))["x"]
        .combine_chunks()
        .equals(pa.array(["abc", "", "defghi"]).cast(kind))
    )
    refused(text(kind, 0, 1_000_000, 3), "offsets fall")
    refused(text(kind, 0, -1_000_000, 3), "offsets fall")
    refused(text(kind, -4, 0, 3), "an offset is negative")
    refused(text(kind, 0, -7, 3, offset=1), "an offset is negative")
    # What lies before the slice is nobody's.
    assert take(text(kind, 99, 0, 3, offset=1)).num_rows == 1


@pytest.mark.parametrize("width", ["int32", "int64"])
def test_offsets_of_lists(width):
    kind = pa.list_ if width == "int32" else pa.large_list

    def lists(*ends, offset=0):
        return with_offsets(width, [0] * len(ends), ends, lambda buffer: pa.Array.from_buffers(
            kind(pa.int8()), len(ends) - 1 - offset, [None, buffer],
            children=[pa.array([1, 2, 3], pa.int8())], offset=offset,
        ))  # fmt: skip

    assert take(lists(0, 2, 3))["x"].to_pylist() == [[1, 2], [3]]
    assert take(lists(77, 2, 3, offset=1))["x"].to_pylist() == [[3]]
    refused(lists(0, 2, 4), "past the end of its items")
    refused(lists(0, 3, 1), "offsets fall")
    refused(lists(-1, 0, 1), "an offset is negative")


def test_what_an_array_says_of_itself():
    numbers = pa.array([1, 2, 3], pa.int32())
    forged(numbers, "a field is shorter than the struct", length=-1)
    forged(numbers, "negative length", offset=-1)
    forged(numbers, "a length that no memory holds", length=2**62)
    forged(numbers, "a length that no memory holds", offset=2**62)
    forged(numbers, "no validity bitmap", null_count=3)
    forged(numbers, "too few buffers", n_buffers=1)
    forged(numbers, "too few buffers", buffers=0)
    forged(numbers, "a field is shorter than the struct", length=2)
    forged(pa.array(["a"]), "too few buffers", n_buffers=2)
    forged(pa.array(["a"], pa.string_view()), "too few buffers", n_buffers=2)
    forged(pa.array([[1]]), "children differ from the schema's", n_children=0)
    pairs = pa.array([{"a": 1}, {"a": 2}])
    forged(pairs, "a field is shorter than the struct", length=3)
    forged(pairs, "a field is shorter than the struct", offset=1)
    no_bytes = pa.array(["", "", ""])
    ends = np.array([0, 0, 0, 9], "int32")
    buffers = (ctypes.c_void_p * 3)(None, ends.ctypes.data, None)
    forged(no_bytes, "no bytes", buffers=ctypes.addressof(buffers))


def views(*raw, data=TEXT):
    buffers = [None, pa.py_buffer(b"".join(raw)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string_view(), len(raw), buffers)


def far(size, buffer, at):
    return struct.pack("<i4sii", size, TEXT[:4], buffer, at)


def test_views():
    assert take(views(far(26, 0, 0), far(13, 0, 13)))["x"].to_pylist() == [
        TEXT.decode(), TEXT[13:].decode()
    ]  # fmt: skip
    refused(views(far(-1, 0, 0)), "a view's size is negative")
    for buffer in (-1, 1, 2**31 - 1):
        refused(views(far(13, buffer, 0)), "a buffer that does not exist")
    for size, at in ((27, 0), (13, 14), (13, -1), (2**31 - 1, 2**31 - 1)):
        refused(views(far(size, 0, at)), "past the end of its buffer")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.binary(min_size=16, max_size=16), max_size=6),
    st.sampled_from([pa.string_view(), pa.binary_view()]),
)
def test_any_views_are_read_or_refused(raw, kind):
    buffers = [None, pa.py_buffer(b"".join(raw)), pa.py_buffer(TEXT)]
    array = pa.Array.from_buffers(kind, len(raw), buffers)
    try:
        got = pa.table(_core.core.table(pa.record_batch([array], ["x"])))
    except errors.ArgumentError:
        with pytest.raises((pa.ArrowInvalid, pa.ArrowIndexError)):
            array.validate(full=True)
    else:
        assert got["x"].cast(pa.binary()).to_pylist() == array.cast(pa.binary()).to_pylist()


def test_dictionary_codes():
    codes = pa.array([0, 5], pa.int8())
    array = pa.DictionaryArray.from_arrays(codes, pa.array(["a"]), safe=False)
    refused(array, "a dictionary code is out of range")


def test_dates_beyond_32_bits():
    ms = pa.array([2**62], pa.int64())
    array = pa.Array.from_buffers(pa.date64(), 1, ms.buffers())
    with pytest.raises(errors.ArgumentError, match=r'column "x": the date64 \d+ ms is out of'):
        take(array)


def test_nesting_has_a_limit():
    kind = pa.int8()
    for _ in range(62):
        kind = pa.list_(kind)
    assert take(pa.array([], kind)).num_rows == 0
    with pytest.raises(errors.TypeError, match="nested more than 62 levels deep"):
        take(pa.array([], pa.list_(kind)))
