"""Record batches of format version 2 by hand, as the protocol guide gives them."""

import struct


def crc32c(data):
    """RFC 3720, bit by bit through a table."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _row(number):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    return number


_TABLE = [_row(number) for number in range(256)]


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _sized(value):
    return varint(-1) if value is None else varint(len(value)) + value


def batch(values, *, keys=None, timestamps=None, base_offset=0, attributes=0, producer=(-1, -1, -1),
          headers=(), magic=2):  # fmt: skip
    """One uncompressed batch; `producer` is (id, epoch, base sequence)."""
    keys = keys or [None] * len(values)
    timestamps = timestamps or [1_700_000_000_000] * len(values)
    records = b""
    for i, (key, value) in enumerate(zip(keys, values, strict=True)):
        body = b"\0" + varint(timestamps[i] - timestamps[0]) + varint(i)
        body += _sized(key) + _sized(value) + varint(len(headers))
        for name, content in headers:
            body += _sized(name) + _sized(content)
        records += varint(len(body)) + body
    checked = struct.pack(">hiqqqhii", attributes, len(values) - 1, timestamps[0], max(timestamps),
                          *producer, len(values)) + records  # fmt: skip
    head = struct.pack(">ib", 0, magic) + struct.pack(">I", crc32c(checked))
    return struct.pack(">qi", base_offset, len(head) + len(checked)) + head + checked


def values(data):
    """(offset, key, value) of the records of uncompressed batches."""
    at, out = 0, []
    while at < len(data):
        base, length = struct.unpack_from(">qi", data, at)
        end = at + 12 + length
        (count,) = struct.unpack_from(">i", data, at + 57)
        assert crc32c(data[at + 21 : end]) == struct.unpack_from(">I", data, at + 17)[0]
        at += 61
        for _ in range(count):
            size, at = _read_varint(data, at)
            stop, at = at + size, at + 1
            _, at = _read_varint(data, at)
            delta, at = _read_varint(data, at)
            key, at = _read_sized(data, at)
            value, at = _read_sized(data, at)
            out.append((base + delta, key, value))
            at = stop
        assert at == end
    return out


def _read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


def _read_sized(data, at):
    size, at = _read_varint(data, at)
    return (None, at) if size < 0 else (bytes(data[at : at + size]), at + size)
