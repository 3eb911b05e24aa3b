"""Records as tables: against records one by one, and JSON values against Python's own reader."""

import json
import math
import random
import tempfile

import cnengine.errors
import cnengine.log
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

SCHEMA = {"i": "int64", "u": "uint8", "f": "float64", "s": "utf8", "b": "bool"}


def produce(log, values, partition=0):
    with log.producer() as producer:
        for value in values:
            producer.send("t", value, partition=partition)


def read_all(consumer, rows, **options):
    tables = []
    while sum(table.num_rows for table in tables) < rows:
        table = consumer.poll_arrow(timeout=20, **options)
        assert table.num_rows
        tables.append(table)
    return pa.concat_tables(tables)


def test_parts_of_records(either, served):
    either.create_topic("t", partitions=2)
    with served[0].producer() as producer:
        for i in range(100):
            producer.send("t", b"v%d" % i, None if i % 3 else b"k", 1000 + i,
                          [("h", b"x")] if i % 2 else None, partition=i % 2)  # fmt: skip
    with either.consumer("t") as consumer, either.consumer("t") as other:
        table = read_all(consumer, 100)
        names = ["offset", "partition", "timestamp", "key", "value", "headers"]
        assert table.column_names == names
        records = []
        while len(records) < 100:
            records += other.poll(20)
        rows = {(row["partition"], row["offset"]): row for row in table.to_pylist()}
        assert len(rows) == 100
        for record in records:
            row = rows[record.partition, record.offset]
            assert round(row["timestamp"].timestamp() * 1000) == record.timestamp
            assert (row["key"], row["value"]) == (record.key, record.value)
            assert tuple((h["key"], h["value"]) for h in row["headers"]) == record.headers
        assert consumer.poll_arrow(timeout=0).num_rows == 0
        assert consumer.poll_arrow(timeout=0).schema == table.schema


def test_max_rows_and_columns(either, served):
    either.create_topic("t")
    produce(served[0], [b'{"i": %d}' % i for i in range(50)])
    with either.consumer("t") as consumer:
        got = read_all(consumer, 10, max_rows=10, columns={"offset": "at", "topic": "topic"})
        assert got.num_rows == 10
        assert got["at"].to_pylist() == list(range(10))
        assert set(got["topic"].to_pylist()) == {"t"}
        schema = pa.schema([("i", pa.int32()), ("missing", pa.string())])
        got = read_all(consumer, 40, schema=schema, columns="offset")
        assert got.schema.names == ["offset", "i", "missing"]
        assert got["i"].type == pa.int32()
        assert got["i"].to_pylist() == list(range(10, 50))
        assert got["missing"].null_count == 40
        for bad in (
            {"max_rows": 0},
            {"on_error": "skip"},
            {"columns": ["none"]},
            {"columns": ["offset", "offset"]},
            {"schema": {"offset": "int64"}, "columns": ["offset"]},
        ):
            with pytest.raises(cnengine.errors.ArgumentError):
                consumer.poll_arrow(timeout=0, **bad)
        with pytest.raises(cnengine.errors.TypeError):
            consumer.poll_arrow(timeout=0, schema=pa.schema([("l", pa.list_(pa.int8()))]))


def test_bad_values(either, served):
    either.create_topic("t")
    produce(served[0], [b'{"i": 1}', b'{"i": "x"}', None, b'{"i": 4}'])
    with either.consumer("t") as consumer:
        for _ in range(2):  # it stays before them
            with pytest.raises(cnengine.errors.CorruptionError, match='"t" partition 0 offset 1'):
                read_all(consumer, 4, schema={"i": "int64"})
            assert consumer.position("t", 0) == 0
        got = read_all(consumer, 4, schema={"i": "int64"}, on_error="null")
        assert got["i"].to_pylist() == [1, None, None, 4]
        assert got["offset"].to_pylist() == [0, 1, 2, 3]
        assert consumer.bad == 2
        assert 'topic "t" partition 0 offset 1' in consumer.last_error


# What Python's json reads, judged by the rules of core/json_reader.h.


def finite(text: str):
    """A number that no double holds is none, where Python has infinity."""
    return float(text) if math.isfinite(float(text)) else [text]


def expected(text: bytes):
    """A row of SCHEMA, or None for a value that is bad."""
    try:
        value = json.loads(text.decode("utf-8"), parse_float=finite)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    row = {}
    for name, kind in SCHEMA.items():
        x = value.get(name)
        number = isinstance(x, int | float) and not isinstance(x, bool)
        if x is None:
            row[name] = None
        elif kind in ("int64", "uint8"):
            low, high = (-(2**63), 2**63 - 1) if kind == "int64" else (0, 255)
            if not number or (isinstance(x, float) and (not math.isfinite(x) or x != int(x))):
                return None
            if not low <= int(x) <= high:
                return None
            row[name] = int(x)
        elif kind == "float64":
            if not number:
                return None
            row[name] = float(x)
        elif kind == "bool":
            if not isinstance(x, bool):
                return None
            row[name] = x
        else:
            if not isinstance(x, str):
                return None
            row[name] = x
    return row


def decode(values):
    """Rows of SCHEMA, and how many values were bad."""
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm" if _has_shm() else None) as path,
        cnengine.log.open(path, fsync="none") as log,
    ):
        log.create_topic("t")
        produce(log, values)
        with log.consumer("t") as consumer:
            table = read_all(
                consumer, len(values), schema=SCHEMA, columns=["offset"], on_error="null"
            )
            assert table["offset"].to_pylist() == list(range(len(values)))
            return table.drop_columns("offset").to_pylist(), consumer.bad


def _has_shm():
    import os

    return os.access("/dev/shm", os.W_OK)


def same(a, b):
    return a == b or (isinstance(a, float) and isinstance(b, float) and a != a and b != b)


def check(texts):
    rows, bad = decode(texts)
    wanted = [expected(text) for text in texts]
    assert bad == sum(row is None for row in wanted)
    for text, got, want in zip(texts, rows, wanted, strict=True):
        want = want or dict.fromkeys(SCHEMA)
        assert all(same(got[name], want[name]) for name in SCHEMA), (text, got, want)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text
)
anything = st.recursive(
    scalars, lambda x: st.lists(x, max_size=3) | st.dictionaries(text, x, max_size=3), max_leaves=8
)
fitting = st.fixed_dictionaries(
    {},
    optional={
        "i": st.integers(-(2**63), 2**63 - 1),
        "u": st.integers(0, 255),
        "f": st.floats(allow_nan=False, allow_infinity=False),
        "s": text,
        "b": st.booleans(),
        "other": anything,
    },
)
loose = st.dictionaries(st.sampled_from([*SCHEMA, "other"]), anything, max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    objects=st.lists(fitting | loose | anything, min_size=1, max_size=20),
    ascii_=st.booleans(),
    indent=st.sampled_from([None, 0, 2]),
)
def test_json_reads_as_pythons_does(objects, ascii_, indent):
    check([json.dumps(o, ensure_ascii=ascii_, indent=indent).encode() for o in objects])


HOSTILE = [
    b"", b" ", b"{", b"}", b"{}", b"{}x", b"{,}", b'{"i"}', b'{"i":}', b'{"i":1,}', b'{"i":01}',
    b'{"i":+1}', b'{"i":1.}', b'{"i":.5}', b'{"i":1e}', b'{"i":-}', b'{"i":-0}', b"[]", b"null",
    b'"i"', b"1", b'{"s":"\\x"}', b'{"s":"\\u12"}', b'{"s":"\xff"}', b'{"s":"a\nb"}', b'{"s":"a',
    b'{"s":"\\ud83d\\ude00"}', b'{"i":9223372036854775807}', b'{"i":9223372036854775808}',
    b'{"i":-9223372036854775808}', b'{"i":1e3}', b'{"i":1.5}', b'{"u":256}', b'{"u":-1}',
    b'{"b":tru}', b'{"b":true}', b'{"f":1e-400}', b'{"f":12345678901234567890}', b'{"i":1 "u":2}',
    b'{"i":1,"i":2}', b'{"\\u0069":3}', b'\xef\xbb\xbf{}', b'{"other":' + b"[" * 50 + b"]" * 50 + b"}",
    b'{"other":"' + b"x" * 100_000 + b'"}', b"\x00", b'{"i":1}\x00', b"{'i':1}",
]  # fmt: skip


def test_hostile_values():
    check(HOSTILE)


def test_depth_has_a_limit():
    deep = b'{"other":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    rows, bad = decode([deep, b'{"i":1}'])
    assert bad == 1
    assert [row["i"] for row in rows] == [None, 1]


@pytest.mark.parametrize("seed", range(8))
def test_damaged_values(seed):
    """Objects with bytes changed, cut and doubled: never other rows than Python's, never a crash."""
    numbers = random.Random(seed)
    texts = []
    for _ in range(400):
        row = {"i": numbers.randrange(-1000, 1000), "u": 7, "f": numbers.random(), "s": "aé\\\"b",
               "b": True, "other": [1, {"x": None}]}  # fmt: skip
        data = bytearray(json.dumps(row, ensure_ascii=numbers.random() < 0.5).encode())
        for _ in range(numbers.randrange(4)):
            at = numbers.randrange(len(data))
            what = numbers.randrange(4)
            if what == 0:
                data[at] = numbers.choice(b'{}[]",:\\0-9eE.tfnu \x00\xff')
            elif what == 1:
                del data[at : at + numbers.randrange(1, 5)]
            elif what == 2:
                data[at:at] = data[at : at + 3]
            else:
                data[at] ^= 1 << numbers.randrange(8)
            if not data:
                break
        texts.append(bytes(data))
    check(texts)
