"""Record batches of format version 2 written by hand, after the Kafka protocol guide."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from cnengine._core import stream as native_stream

crc32c = native_stream.testing.crc32c


def varint(value: int) -> bytes:
    """Zigzag, then seven bits a byte, lowest first."""
    left = (value << 1) ^ (value >> 63)
    out = bytearray()
    while left >= 0x80:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def unvarint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at


def sized(data: bytes | None) -> bytes:
    return varint(-1) if data is None else varint(len(data)) + data


def record(delta: int, key: bytes | None, value: bytes | None, time_delta=0, headers=()) -> bytes:
    body = b"\0" + varint(time_delta) + varint(delta) + sized(key) + sized(value)
    body += varint(len(headers)) + b"".join(sized(k) + sized(v) for k, v in headers)
    return varint(len(body)) + body


@dataclass
class Batch:
    """`records`: (offset delta, time, key, value) in order."""

    records: list[tuple[int, int, bytes | None, bytes | None]] = field(default_factory=list)
    base_offset: int = 0
    leader_epoch: int = -1
    magic: int = 2
    attributes: int = 0
    last_offset_delta: int | None = None
    base_timestamp: int | None = None
    max_timestamp: int | None = None
    producer_id: int = -1
    producer_epoch: int = -1
    base_sequence: int = -1
    count: int | None = None
    payload: bytes | None = None  # instead of the records
    crc: int | None = None

    def encode(self) -> bytes:
        times = [r[1] for r in self.records] or [0]
        base = times[0] if self.base_timestamp is None else self.base_timestamp
        payload = self.payload
        if payload is None:
            payload = b"".join(record(d, k, v, t - base) for d, t, k, v in self.records)
        last = self.records[-1][0] if self.records else 0
        tail = struct.pack(
            ">hiqqqhii",
            self.attributes,
            last if self.last_offset_delta is None else self.last_offset_delta,
            base,
            max(times) if self.max_timestamp is None else self.max_timestamp,
            self.producer_id,
            self.producer_epoch,
            self.base_sequence,
            len(self.records) if self.count is None else self.count,
        )
        tail += payload
        crc = crc32c(tail) if self.crc is None else self.crc
        middle = struct.pack(">ibI", self.leader_epoch, self.magic, crc)
        return struct.pack(">qi", self.base_offset, len(middle) + len(tail)) + middle + tail


def batch(*values: bytes | None, at: int = 0, keys=None, **fields) -> bytes:
    """One batch of these values, all of one time unless `at` is a list."""
    times = at if isinstance(at, list) else [at] * len(values)
    keys = keys or [None] * len(values)
    rows = [(i, times[i], keys[i], v) for i, v in enumerate(values)]
    return Batch(rows, **fields).encode()


def marker(producer_id: int, epoch: int, commit: bool, coordinator: int = 0, at: int = 0) -> bytes:
    """A control batch that ends a transaction."""
    key, value = struct.pack(">hh", 0, int(commit)), struct.pack(">hi", 0, coordinator)
    return batch(value, keys=[key], at=at, attributes=0x30, producer_id=producer_id,
                 producer_epoch=epoch)  # fmt: skip


def decode(data: bytes) -> list[dict]:
    """The batches in some bytes, headers checked, records decoded when they are not compressed."""
    out = []
    at = 0
    while at < len(data):
        base_offset, length = struct.unpack_from(">qi", data, at)
        whole = data[at : at + 12 + length]
        assert len(whole) == 12 + length, "a batch is cut off"
        epoch, magic, crc = struct.unpack_from(">ibI", whole, 12)
        assert magic == 2
        assert crc == crc32c(whole[21:])
        names = ("attributes", "last_offset_delta", "base_timestamp", "max_timestamp",
                 "producer_id", "producer_epoch", "base_sequence", "count")  # fmt: skip
        got = dict(zip(names, struct.unpack_from(">hiqqqhii", whole, 21), strict=True))
        got |= {"base_offset": base_offset, "leader_epoch": epoch, "bytes": whole, "records": []}
        if not got["attributes"] & 7:
            got["records"] = decode_records(got, whole[61:])
        out.append(got)
        at += len(whole)
    return out


def decode_records(header: dict, data: bytes) -> list[tuple]:
    """(offset, time, key, value) of each."""
    out = []
    at = 0

    def part(at: int) -> tuple[bytes | None, int]:
        size, at = unvarint(data, at)
        return (None, at) if size < 0 else (data[at : at + size], at + size)

    for _ in range(header["count"]):
        length, at = unvarint(data, at)
        end = at + length
        time, at = unvarint(data, at + 1)
        delta, at = unvarint(data, at)
        key, at = part(at)
        value, at = part(at)
        out.append((header["base_offset"] + delta, header["base_timestamp"] + time, key, value))
        at = end
    assert at == len(data)
    return out
