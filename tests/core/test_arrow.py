"""Arrow in and out: every type, every producer, slices, no copies."""

import datetime as dt
import re

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from cnengine import _core, errors

N = 131

TYPES = [
    pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(),
    pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float32(), pa.float64(),
    pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.date32(),
    pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us", "UTC"),
    pa.timestamp("ns", "America/New_York"), pa.duration("us"),
    pa.list_(pa.int64()), pa.struct([("a", pa.int32()), ("b", pa.string())]),
    pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())])),
]  # fmt: skip


def values(kind: pa.DataType, i: int):
    if i % 7 == 3:
        return None
    if pa.types.is_list(kind):
        return [values(kind.value_type, j + 8) for j in range(i % 4)]
    if pa.types.is_struct(kind):
        return {f.name: values(f.type, i + 1) for f in kind}
    if pa.types.is_boolean(kind):
        return i % 3 == 0
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "é" * (i % 20) + str(i)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return bytes(range(i % 30))
    if pa.types.is_temporal(kind):
        return pa.scalar(i, pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
    return i % 100


def column(kind):
    return pa.array([values(kind, i) for i in range(N)], kind)


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("cut", [(0, N), (3, N - 3), (8, 17), (N, 0), (0, 0)])
def test_round_trip(kind, cut):
    start, length = cut
    table = pa.table({"x": column(kind)}).slice(start, length)
    got = pa.table(_core.core.table(table))
    got.validate(full=True)
    assert got.schema.field("x").type == kind
    assert got.to_pylist() == table.to_pylist()


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_batches_are_joined(kind):
    batches = pa.table({"x": column(kind)})
    parts = [batches.slice(0, 5), batches.slice(5, 60), batches.slice(65, 0), batches.slice(65)]
    got = pa.table(_core.core.concat([_core.core.table(p) for p in parts]))
    got.validate(full=True)
    assert got.to_pylist() == batches.to_pylist()


def test_no_copy():
    array = pa.array(np.arange(1000, dtype=np.float64))
    got = pa.table(_core.core.table(pa.table({"x": array})))
    assert got["x"].chunk(0).buffers()[1].address == array.buffers()[1].address


def test_memory_outlives_its_source():
    native = _core.core.table(pa.table({"x": np.arange(100_000)}))
    out = pa.table(native)
    del native
    assert out["x"][99_999].as_py() == 99_999


def test_producers():
    data = {"a": [1, 2, None], "b": ["x", None, "a longer text than twelve bytes"]}
    arrow = pa.table(data)
    for source in (
        pl.DataFrame(data),
        duckdb.connect().sql("select * from arrow"),
        arrow.to_batches()[0],
        arrow.to_pandas().convert_dtypes(),
    ):
        assert pa.table(_core.core.table(source)).to_pydict() == data, type(source)


def test_types_that_are_converted():
    day = dt.date(1969, 12, 30)
    table = pa.table(
        {
            "dictionary": pa.array(["u", None, "v", "u"]).dictionary_encode(),
            "date64": pa.array([day, None, day, day], pa.date64()),
            "half": pa.array(np.array([1.5, -0.0, 6e-8, np.inf], np.float16)),
            "null": pa.nulls(4),
            "large_list": pa.array([[1], [], None, [2, 3]], pa.large_list(pa.int32())),
            "view": pa.array(["a", None, "b" * 50, ""], pa.string_view()),
        }
    )
    got = pa.table(_core.core.table(table.slice(1)))
    assert got.to_pylist() == table.slice(1).to_pylist()
    assert got.schema.field("dictionary").type == pa.string()
    cat = pd.DataFrame({"c": pd.Categorical(["p", "q", "p"])})
    assert pa.table(_core.core.table(cat))["c"].to_pylist() == ["p", "q", "p"]


@pytest.mark.parametrize(("kind", "name"), [
    (pa.decimal128(3, 2), "decimal(3,2)"),
    (pa.decimal256(40, 2), "decimal(40,2)"),
    (pa.time32("s"), "time32[s]"),
    (pa.time32("ms"), "time32[ms]"),
    (pa.time64("us"), "time64[us]"),
    (pa.time64("ns"), "time64[ns]"),
    (pa.binary(4), "fixed_size_binary(4)"),
    (pa.list_(pa.int8(), 3), "fixed_size_list of 3"),
    (pa.list_view(pa.int8()), "list_view"),
    (pa.map_(pa.int8(), pa.int8()), "map"),
    (pa.month_day_nano_interval(), "interval"),
    (pa.run_end_encoded(pa.int32(), pa.int8()), "run_end_encoded"),
])  # fmt: skip
def test_unsupported_type_names_the_column(kind, name):
    table = pa.schema({"price": kind}).empty_table()
    expected = f'from_arrow: column "price" has the Arrow type {name}, which'
    with pytest.raises(errors.TypeError, match=re.escape(expected)):
        _core.core.table(table)


def test_only_an_index_with_a_name_is_a_column_of_a_pandas_frame():
    frame = pd.DataFrame({"x": [1, 2, 3]})
    assert _core.core.table(frame[frame.x > 1]).names == ["x"]
    assert _core.core.table(frame.set_index(pd.Index([4, 5, 9], name="id"))).names == ["x", "id"]
    meant = pd.DataFrame({"__index_level_0__": [1, 2]}, index=[3, 4])
    assert pa.table(_core.core.table(meant)).to_pydict() == {"__index_level_0__": [1, 2]}


@pytest.mark.parametrize("wrong", [3, None, "x", [1, 2], {"a": [1]}])
def test_not_a_table(wrong):
    with pytest.raises(TypeError, match="from_arrow: expected a table"):
        _core.core.table(wrong)
