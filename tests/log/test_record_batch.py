"""Record batches byte for byte, against the Kafka protocol guide, and codecs."""

import gzip
import random
import struct
import tempfile

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native
from hypothesis import given, settings
from hypothesis import strategies as st

testing = native.testing
CODECS = [c for c in testing.codecs() if c != "none"]


# An independent encoder and decoder, written from https://kafka.apache.org/documentation/#recordbatch
# and #record.


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(n: int) -> bytes:
    n = (n << 1) ^ (n >> 63)
    n &= 2**64 - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def sized(data: bytes | None) -> bytes:
    return varint(-1) if data is None else varint(len(data)) + data


def record(time: int, offset: int, key, value, headers=()) -> bytes:
    body = b"\0" + varint(time) + varint(offset) + sized(key) + sized(value) + varint(len(headers))
    for name, content in headers:
        body += sized(name.encode()) + sized(content)
    return varint(len(body)) + body


def batch(
    records: bytes, count: int, *, base=0, attributes=0, first=0, last=0, delta=None, epoch=0
) -> bytes:
    rest = struct.pack(
        ">hiqqqhii", attributes, count - 1 if delta is None else delta, first, last, -1, -1, -1,
        count,
    ) + records  # fmt: skip
    return struct.pack(">qiibI", base, len(rest) + 9, epoch, 2, crc32c(rest)) + rest


@pytest.fixture
def log(tmp_path):
    with cnlog.open(tmp_path / "log", fsync="none") as opened:
        opened.create_topic("t")
        yield opened


def stored(log) -> bytes:
    return testing.raw_batches(log._store, "t", 0, 0, 1 << 30)


def append(log, data: bytes) -> int:
    return testing.append_raw(log._store, "t", 0, data)


HEADERS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))


def test_bytes_are_those_of_the_protocol(log):
    table = pa.table(
        {
            "k": ["key", None, ""],
            "at": [1_000, 1_500, 900],
            "value": [b"v" * 100, None, b""],
            "h": pa.array([[("n", b"x"), ("m", None)], [], []], HEADERS),
        }
    )
    log.produce("t", table, key="k", timestamp="at", headers="h")
    want = batch(
        record(0, 0, b"key", b"v" * 100, [("n", b"x"), ("m", None)])
        + record(500, 1, None, None)
        + record(-100, 2, b"", b""),
        3, first=1_000, last=1_500,
    )  # fmt: skip
    assert stored(log) == want
    log.produce("t", table.slice(2), key="k", timestamp="at")
    assert stored(log) == want + batch(record(0, 0, b"", b""), 1, base=3, first=900, last=900)


def test_one_batch_written_out_by_hand(log):
    log.produce("t", pa.table({"at": [0], "value": ["hi"]}), timestamp="at")
    data = stored(log)
    assert data[:17] == bytes(8) + (49 + 9).to_bytes(4, "big") + bytes(4) + b"\x02"
    assert data[21:61] == bytes(2 + 4 + 8 + 8) + b"\xff" * 14 + (1).to_bytes(4, "big")
    assert data[61:].hex() == "10 000000 01 04 6869 00".replace(" ", "")


def test_foreign_batches_are_read(log):
    plain = record(5, 0, b"k", b"v") + record(7, 2, None, b"w", [("h", b"")])
    append(log, batch(plain, 2, first=100, last=107, delta=3, epoch=9))
    append(log, batch(record(0, 0, b"", b""), 1, attributes=0x20))  # a control batch
    append(log, batch(record(1, 0, None, b"x"), 1, attributes=8, first=3, last=50))  # append time
    assert log.end_offset("t") == 6
    got = log.read("t")
    assert got["offset"].to_pylist() == [0, 2, 5]
    assert got["timestamp"].cast("int64").to_pylist() == [105, 107, 50]
    assert got["value"].to_pylist() == [b"v", b"w", b"x"]
    assert got["headers"].to_pylist() == [[], [{"key": "h", "value": b""}], []]
    assert log.read("t", offset=1)["offset"].to_pylist() == [2, 5]
    assert log.read("t", offset=3)["offset"].to_pylist() == [5]
    raw = stored(log)
    assert raw[12:16] == b"\0\0\0\x09"  # the epoch stays


good = record(0, 0, b"k", b"v")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (batch(good, 1)[:-1], "the batch is cut off"),
        (batch(good, 1)[:20], "the batch is cut off"),
        (batch(good, 1)[:16] + b"\x01" + batch(good, 1)[17:], "not a record batch"),
        (batch(good, 1)[:-1] + b"\x01", "the checksum does not match"),
        (batch(good, 1)[:8] + bytes(4) + batch(good, 1)[12:], "the batch length cannot be"),
        (batch(good, -1), "the offsets or counts"),
        (batch(good, 2, delta=0), "the offsets or counts"),
        (batch(good, 1, base=-1), "the offsets or counts"),
    ],
)
def test_what_is_no_batch_is_not_appended(log, data, text):
    log.produce("t", pa.table({"value": ["a"]}))
    with pytest.raises(errors.CorruptionError, match=f"produce: {text}"):
        append(log, batch(good, 1) + data)
    assert log.end_offset("t") == 1
    assert log.read("t").num_rows == 1


@pytest.mark.parametrize(
    ("records", "count", "text"),
    [
        (b"", 1, "too short for its records"),
        (good + b"\0", 1, "bytes are left"),
        (good, 2**31 - 1, "too short"),
        (b"\x80" * 9, 1, "a record is cut off"),
        (varint(200) + good[1:], 1, "a record is cut off"),
        (varint(-3) + good[1:], 1, "a record is cut off"),
        (varint(len(good)) + good[1:] + b"\0", 1, "longer than its parts"),
        (record(0, 1, b"", b"") + record(0, 1, b"", b""), 2, "not ascending"),
        (record(0, 5, b"k", b"v"), 1, "not ascending"),
        (varint(8) + b"\0\0\0" + varint(-2) + b"\0" * 4, 1, "a record is malformed"),
        (varint(8) + b"\0\0\0" + varint(99) + b"\0" * 4, 1, "a record is malformed"),
        (varint(7) + b"\0\0\0\0\0" + varint(1) + b"\x02", 1, "headers of a record"),
        (varint(8) + b"\0\0\0\0\0" + varint(1) + varint(-1) + b"\0", 1, "headers of a record"),
        (varint(9) + b"\0\0\0\0\0" + varint(1) + b"\x02\xff\0", 1, "headers of a record"),
    ],
)
def test_malformed_records_behind_a_right_checksum(log, records, count, text):
    append(log, batch(records, count))
    with pytest.raises(errors.CorruptionError, match=f"corrupt at byte 0: .*{text}"):
        log.read("t")


text_bytes = st.binary(max_size=50)
rows = st.lists(
    st.tuples(
        st.none() | text_bytes,
        st.none() | text_bytes,
        st.integers(-(2**63), 2**63 - 1) | st.integers(0, 1000),
        st.lists(st.tuples(st.text(max_size=5), st.none() | text_bytes), max_size=3),
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(rows=rows, codec=st.sampled_from(["none", *CODECS]), cut=st.integers(0, 40))
def test_any_rows_round_trip(memory, rows, codec, cut):
    table = pa.table(
        {
            "k": pa.array([r[0] for r in rows], pa.binary()),
            "value": pa.array([r[1] for r in rows], pa.large_binary()),
            "at": pa.array([r[2] for r in rows], pa.int64()),
            "h": pa.array([r[3] for r in rows], HEADERS),
        }
    )
    with (
        tempfile.TemporaryDirectory(dir=memory) as path,
        cnlog.open(path, fsync="none") as log,
    ):
        log.create_topic("t")
        log.produce("t", table, key="k", timestamp="at", headers="h", compression=codec)
        cut = min(cut, len(rows))
        got = log.read("t", offset=cut)
        got.validate(full=True)
        assert got["key"].to_pylist() == [r[0] for r in rows[cut:]]
        assert got["value"].to_pylist() == [r[1] for r in rows[cut:]]
        assert got["timestamp"].cast("int64").to_pylist() == [r[2] for r in rows[cut:]]
        assert got["headers"].to_pylist() == [
            [{"key": k, "value": v} for k, v in r[3]] for r in rows[cut:]
        ]
        if codec == "none" and rows:  # and the bytes are those of the independent encoder
            base = rows[0][2]
            wrap = [((r[2] - base + 2**63) % 2**64) - 2**63 for r in rows]
            body = b"".join(
                record(t, i, *r[:2], r[3]) for i, (t, r) in enumerate(zip(wrap, rows, strict=True))
            )
            assert stored(log) == batch(body, len(rows), first=base, last=max(r[2] for r in rows))


@pytest.mark.parametrize("codec", CODECS)
def test_compressed_batches_are_smaller_and_the_same(log, codec):
    table = pa.table({"value": [f"row {i} " + "abc" * 30 for i in range(5000)]})
    log.create_topic("plain")
    log.produce("plain", table)
    log.produce("t", table, compression=codec)
    want = log.read("plain", max_bytes=1 << 30)["value"]
    assert log.read("t", max_bytes=1 << 30)["value"].equals(want)
    assert len(stored(log)) * 3 < 5000 * 100
    assert stored(log)[22] & 7 == ["none", "gzip", "snappy", "lz4", "zstd"].index(codec)


def plain_payload(log) -> bytes:
    return stored(log)[61:]


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_read_and_are_read_by_others(log, codec):
    """pyarrow's codecs, and Python's gzip, know the same frames."""
    value = b"abc" * 30_000
    log.produce("t", pa.table({"at": [0], "value": [value]}), timestamp="at", compression=codec)
    want = record(0, 0, None, value)
    packed = plain_payload(log)
    if codec == "gzip":
        assert gzip.decompress(packed) == want
    elif codec == "snappy":
        assert packed[:16] == b"\x82SNAPPY\0" + b"\0\0\0\x01" * 2
        out, at = b"", 16
        while at < len(packed):
            size = int.from_bytes(packed[at : at + 4], "big")
            left = min(32768, len(want) - len(out))
            block = packed[at + 4 : at + 4 + size]
            out += pa.Codec("snappy").decompress(block, left, asbytes=True)
            at += 4 + size
        assert out == want
    else:
        got = pa.Codec(codec).decompress(packed, len(want), asbytes=True)
        assert got == want
    number = ["none", "gzip", "snappy", "lz4", "zstd"].index(codec)
    theirs = pa.Codec(codec).compress(want, asbytes=True)  # snappy: raw, without xerial's frame
    append(log, batch(theirs, 1, attributes=number))
    assert log.read("t", offset=1)["value"].to_pylist() == [value]


@pytest.mark.parametrize("codec", CODECS)
def test_damaged_compressed_bytes_are_an_error(log, codec, tmp_path):
    number = ["none", "gzip", "snappy", "lz4", "zstd"].index(codec)
    want = b"".join(record(0, i, None, bytes([i]) * 50) for i in range(50))
    numbers = random.Random(codec)
    log.produce("t", pa.table({"value": [bytes([i]) * 50 for i in range(50)]}), compression=codec)
    ours = plain_payload(log)
    theirs = pa.Codec(codec).compress(want, asbytes=True)
    bad = 0
    for i in range(120):
        data = bytearray(ours if i % 2 else theirs)
        if i % 3:
            data[numbers.randrange(len(data))] ^= 1 << numbers.randrange(8)
        else:
            del data[numbers.randrange(len(data)) :]
        name = f"d{i}"
        log.create_topic(name)
        testing.append_raw(log._store, name, 0, batch(bytes(data), 50, attributes=number))
        try:
            got = log.read(name)
        except errors.CorruptionError:
            bad += 1
        else:
            assert got.num_rows == 50  # a change that the format does not notice
    assert bad > 60


@pytest.mark.parametrize("codec", CODECS)
def test_a_compression_bomb_is_refused(log, codec):
    number = ["none", "gzip", "snappy", "lz4", "zstd"].index(codec)
    if codec in ("snappy", "lz4"):  # cannot shrink so far; a false length instead
        data = b"\xff\xff\xff\xff\x0f" + b"\0" * 20
    else:
        data = pa.Codec(codec).compress(bytes(1 << 20), asbytes=True)
    append(log, batch(data, 1, attributes=number))
    with pytest.raises(errors.CorruptionError, match="corrupt at byte 0"):
        log.read("t")


@pytest.mark.parametrize("number", [5, 6, 7])
def test_unknown_codec(log, number):
    append(log, batch(good, 1, attributes=number))
    with pytest.raises(errors.UnsupportedError, match="no unknown"):
        log.read("t")


def test_mutated_records_never_crash(log):
    """Bytes behind a right checksum may be anything: rows or an error, nothing else."""
    numbers = random.Random(5)
    base = b"".join(
        record(i, i, b"k" * (i % 3), b"v" * i, [("h", b"x")] * (i % 2)) for i in range(8)
    )
    outcomes = set()
    for i in range(1500):
        data = bytearray(base)
        for _ in range(numbers.choice([1, 2, 6])):
            data[numbers.randrange(len(data))] = numbers.choice([0, 1, 0x7F, 0x80, 0xFF, 0x42])
        offset = append(log, batch(bytes(data), 8))
        try:
            got = log.read("t", offset=offset, max_bytes=1)
            got.validate(full=True)
            outcomes.add("rows")
        except errors.CorruptionError:
            outcomes.add("error")
        assert offset == i * 8
    assert outcomes == {"rows", "error"}


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), count=st.integers(0, 9))
def test_random_records_never_crash(memory, data, count):
    path = memory / "random_records"
    with cnlog.open(path, fsync="none") as log:
        log.create_topic("t", exist_ok=True)
        offset = append(log, batch(data, count, delta=max(count - 1, 0)))
        try:
            log.read("t", offset=offset, max_bytes=1).validate(full=True)
        except errors.CorruptionError as error:
            message = str(error)
        else:
            message = ".log"
        assert ".log" in message
