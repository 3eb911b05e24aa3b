"""Columns as arrays and back: the same bytes, or an error that says why not."""

import cnengine as cn
import cnengine.errors
import cnengine.tensor as ct
import numpy as np
import pyarrow as pa
import pytest

TYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
         "float32", "float64"]  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_numbers_share_their_bytes(name):
    column = pa.array(np.arange(1, 9).astype(name))[2:7]
    array = ct.from_column(column)
    assert array.dtype.name == name
    np.testing.assert_array_equal(np.asarray(array), column.to_numpy())
    place = column.buffers()[1].address + 2 * array.dtype.itemsize
    assert np.asarray(array).ctypes.data == place
    back = ct.to_column(array)
    assert back.equals(column)
    assert back.buffers()[1].address == place


def test_a_column_of_a_query():
    frame = cn.from_arrow(pa.table({"x": np.arange(10.0), "k": np.arange(10) % 3}))
    table = frame.filter(cn.col("k") == 1).collect()
    np.testing.assert_array_equal(np.asarray(ct.from_column(table["x"])), [1, 4, 7])
    again = cn.from_arrow(pa.table({"x": ct.to_column(ct.from_column(table["x"]) * 2.0)}))
    assert again.collect()["x"].to_pylist() == [2, 8, 14]


def test_chunks_bools_times_and_lists():
    chunks = pa.chunked_array([[1, 2], [3]])
    np.testing.assert_array_equal(np.asarray(ct.from_column(chunks)), [1, 2, 3])
    assert ct.from_column(pa.chunked_array([], pa.int32())).shape == (0,)
    flags = pa.array([True, False, True])
    assert ct.from_column(flags).dtype == ct.bool
    assert ct.to_column(ct.from_column(flags)).equals(flags)
    times = pa.array([1, 2], pa.timestamp("us"))
    np.testing.assert_array_equal(np.asarray(ct.from_column(times)), [1, 2])
    rows = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6.0)), 2)
    assert ct.from_column(rows).shape == (3, 2)
    assert ct.to_column(ct.from_column(rows)).equals(rows)


def test_the_capsule_interface():
    class Column:
        def __arrow_c_array__(self, requested_schema=None):
            return pa.array([1.0, 2.0]).__arrow_c_array__(requested_schema)

    np.testing.assert_array_equal(np.asarray(ct.from_column(Column())), [1, 2])


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: ct.from_column(pa.array([1, None])), cnengine.errors.ArgumentError, "nulls"),
    (lambda: ct.from_column(pa.array(["a"])), cnengine.errors.TypeError, "string"),
    (lambda: ct.from_column(3), cnengine.errors.TypeError, "int"),
    (lambda: ct.to_column(ct.zeros((1, 1, 1))), cnengine.errors.ArgumentError, "axis"),
    (lambda: ct.to_column(ct.zeros(2, dtype=ct.bfloat16)), cnengine.errors.TypeError, "bfloat16"),
    (lambda: ct.to_column(ct.zeros((2, 0))), cnengine.errors.ArgumentError, "elements"),
    (lambda: cn.jit(ct.to_column)(ct.ones(2)), cnengine.errors.TracedError, "jit"),
])  # fmt: skip
def test_wrong_use(call, error, text):
    with pytest.raises(error, match=text):
        call()
