"""JSON objects into typed columns, against Python's json and datetime, and against random bytes."""

import datetime as dt
import json
import math
import struct

import pyarrow as pa
import pytest
from cnengine import _core, errors
from hypothesis import given, settings
from hypothesis import strategies as st

SCHEMA = {"i": "int64", "u": "uint8", "f": "float64", "g": "float32", "b": "bool", "s": "utf8",
          "t": "timestamp[ms, UTC]", "d": "date", "x": "binary"}  # fmt: skip


def read(texts, schema=SCHEMA, **options):
    column = pa.table({"value": pa.array(texts, pa.binary())})
    table, bad, error = _core.stream.read_json(column, schema, **options)
    table = pa.table(table)
    table.validate(full=True)
    return table, bad, error


def one(text, kind):
    return read([text], {"x": kind})[0]["x"][0].as_py()


def fails(text, schema, match, **options):
    with pytest.raises(errors.CorruptionError, match=match):
        read([text], schema, **options)
    table, bad, error = read([b"{}", text], schema, skip_bad=True, **options)
    assert bad == [1]
    assert "record 1" in error
    assert all(column.null_count == 2 for column in table.columns)


records = st.fixed_dictionaries(
    {},
    optional={
        "i": st.none() | st.integers(-(2**63), 2**63 - 1),
        "u": st.none() | st.integers(0, 255),
        "f": st.none() | st.floats(allow_nan=False),
        "b": st.none() | st.booleans(),
        "s": st.none() | st.text(),
        "other": st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3),
            max_leaves=8,
        ),
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(records, max_size=6), st.booleans(), st.sampled_from([None, 1]))
def test_reads_what_python_writes(rows, ascii_only, indent):
    texts = [json.dumps(r, ensure_ascii=ascii_only, indent=indent).encode() for r in rows]
    names = ["i", "u", "f", "b", "s"]
    table, bad, error = read(texts, {name: SCHEMA[name] for name in names})
    assert (bad, error) == ([], "")
    assert table.to_pylist() == [{name: r.get(name) for name in names} for r in rows]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60) | st.text('{}[]":,\\/utfn01.-eE+ sifxNaI', max_size=40).map(str.encode)
)
def test_any_bytes_are_read_or_refused(text):
    """Where Python's parser takes an object of the schema, so do we; no bytes crash."""
    _, bad, _ = read([text], {"s": "utf8", "f": "float64"}, skip_bad=True)
    try:
        value = json.loads(text.decode("utf-8"), parse_float=float, parse_int=float)
        ok = isinstance(value, dict) and not any(0xD800 <= ord(c) < 0xE000 for c in repr(value))
        ok = ok and isinstance(value.get("s"), str | None)
        ok = ok and isinstance(value.get("f"), float | None)
    except (ValueError, RecursionError):
        ok = False
    if not text.startswith(b"\xef\xbb\xbf"):
        assert (bad == []) == ok


@settings(max_examples=200, deadline=None)
@given(st.text() | st.text('aé€😀\x00"\\', max_size=20), st.integers(0, 40), st.integers(0, 255))
def test_damaged_text(text, at, byte):
    data = bytearray(json.dumps({"s": text, "n": [{"a": 1}]}, ensure_ascii=False).encode())
    data[at % len(data)] = byte
    read([bytes(data)], {"s": "utf8"}, skip_bad=True)  # validates the UTF-8 of what it returns


def test_numbers():
    assert one(b'{"x": 1e3}', "int64") == 1000
    assert one(b'{"x": -1.0}', "int8") == -1
    for kind in ("uint8", "uint64", "int64"):
        assert one(b'{"x": -0}', kind) == 0
    assert one(b'{"x": 18446744073709551615}', "uint64") == 2**64 - 1
    assert one(b'{"x": 1e-400}', "float64") == 0
    assert math.isnan(one(b'{"x": NaN}', "float64"))
    assert one(b'{"x":-Infinity}', "float64") == -math.inf
    assert one(b'{"x":-Infinity}', "float32") == -math.inf
    # Halfway to the next number of 24 bits and a hair: rounded once, not by way of 53 bits.
    assert one(b'{"x":1.00000005960464477540}', "float32") == 1 + 2**-23
    assert one(b'{"x":1e-60}', "float32") == 0
    assert math.copysign(1, one(b'{"x":-0.0}', "float64")) == -1
    for value in [0.1, 5e-324, 1.7976931348623157e308, 123456789.123456789]:
        assert struct.pack("d", one(b'{"x":%r}' % value, "float64")) == struct.pack("d", value)


@pytest.mark.parametrize(("text", "kind"), [
    (b"1.5", "int64"), (b"300", "uint8"), (b"-1", "uint64"), (b"9223372036854775808", "int64"),
    (b"1e30", "int64"), (b"true", "int64"), (b'"1"', "int64"), (b"NaN", "int64"),
    (b"1e999", "float64"), (b"1e39", "float32"), (b'"1.5"', "float64"), (b"1", "bool"), (b"1", "utf8"), (b"[]", "utf8"),
    (b"{}", "float64"), (b'"2013-02-29"', "date"), (b'"2013-1-1"', "date"), (b"2147483648", "date"),
    (b'"yesterday"', "timestamp[ms]"), (b'"2013-01-01T25:00"', "timestamp[ms]"),
    (b'"2013-01-01T00:00:00+24:00"', "timestamp[ms]"), (b'"9999-01-01"', "timestamp[ns]"),
    (b"1.5", "timestamp[ms]"), (b'"1s"', "duration[ms]"),
])  # fmt: skip
def test_wrong_type_names_the_field(text, kind):
    fails(b'{"x": %s}' % text, {"x": kind}, 'read_json: record 0: field "x": expected')


@pytest.mark.parametrize(("text", "reason"), [
    (b"", "expected an object"), (None, "got a null value"), (b"[1]", "expected an object"),
    (b'{"x": 1', "expected ',' or '}'"), (b'{"x" 1}', "expected ':'"), (b"{x: 1}", "a string"),
    (b'{"x": 1}}', "nothing after"), (b'{"x": 01}', "begins with 0"), (b'{"x": 1.}', "the point"),
    (b'{"x": 1e}', "the exponent"), (b'{"x": -}', "a number"), (b'{"y": tru}', "true, false"),
    (b'{"y": "\\q"}', "unknown escape"), (b'{"y": "\\u12g4"}', "hex digits"),
    (b'{"y": "\\ud800x"}', "surrogate"), (b'{"y": "\\udc00"}', "surrogate"),
    (b'{"y": "a\nb"}', "control character"), (b'{"y": "abc', "does not end"),
    (b'{"y": "\xff"}', "UTF-8"), (b'{"y": "\xed\xa0\x80"}', "UTF-8"),
    (b'{"y": "\xc0\x80"}', "UTF-8"),
    (b'{"y": [1 2]}', "',' or ']'"), (b'{"y": ?}', "a value"), (b'{"y": [', "ends early"),
    (b'{"y": ' + b"[" * 65 + b"]" * 65 + b"}", "too deep"), (b'{"y":' + b'{"a":' * 100, "too deep"),
])  # fmt: skip
def test_broken_text_says_why(text, reason):
    fails(text, {"x": "int64"}, reason)


def test_depth_limit_is_an_option():
    text = b'{"y": ' + b"[" * 65 + b"]" * 65 + b"}"
    assert read([text], {"x": "int64"}, max_depth=65)[1] == []


@pytest.mark.parametrize(("text", "when"), [
    ("2013-01-01", dt.datetime(2013, 1, 1)),
    ("2013-01-01T05:17Z", dt.datetime(2013, 1, 1, 5, 17)),
    ("2013-01-01 05:17:09.0019", dt.datetime(2013, 1, 1, 5, 17, 9, 1000)),
    ("1969-12-31T23:59:59.9999Z", dt.datetime(1969, 12, 31, 23, 59, 59, 999000)),
    ("2013-01-01T00:17:09+05:30", dt.datetime(2012, 12, 31, 18, 47, 9)),
    ("2013-01-01T00:17:09-0800", dt.datetime(2013, 1, 1, 8, 17, 9)),
    ("2012-02-29T00:00:00,5+01", dt.datetime(2012, 2, 28, 23, 0, 0, 500000)),
])  # fmt: skip
def test_iso_timestamps(text, when):
    assert one(json.dumps({"x": text}).encode(), "timestamp[ms, UTC]") == when.replace(
        tzinfo=dt.UTC
    )


@settings(max_examples=100, deadline=None)
@given(st.datetimes(timezones=st.timezones()))
def test_python_datetimes(when):
    if when.utcoffset().total_seconds() % 60:
        return  # zones of the 19th century have seconds, ISO 8601 has not
    text = json.dumps({"x": when.isoformat()}).encode()
    got = one(text, "timestamp[us, UTC]")
    assert got == when.astimezone(dt.UTC)
    day = json.dumps({"x": when.date().isoformat()}).encode()
    assert one(day, "date") == when.date()


def test_epochs_and_repeats():
    assert one(b'{"x": 1500}', "timestamp[ms, UTC]").microsecond == 500_000
    assert one(b'{"x": 1, "x": 2}', "int64") == 2
    assert one(b'{"x": "a", "x": null}', "utf8") is None
    assert one(b'{"x": "a\\u00e9\\n", "x": "b\\ud83d\\ude00"}', "utf8") == "b😀"
    assert one(b'{"\\u0078": 3}', "int64") == 3
    assert read([b"{}"], {})[0].num_rows == 1
    assert read([], SCHEMA)[0].num_rows == 0


def test_wrong_use():
    with pytest.raises(TypeError, match='column "x": expected a type without children'):
        read([], pa.schema([("x", pa.list_(pa.int64()))]))
    with pytest.raises(ValueError, match='names "x" twice'):
        read([], [("x", "int64"), ("x", "utf8")])
    with pytest.raises(TypeError, match="expected JSON in a utf8 or binary column, got int64"):
        _core.stream.read_json(pa.table({"v": [1]}), {"x": "int64"})
