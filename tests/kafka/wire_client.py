"""Bytes of the Kafka protocol by hand, for tests: independent of the engine's encoder.

Types as in https://kafka.apache.org/protocol#protocol_types; `Reader` and `Writer` know whether a
version is flexible (KIP-482).
"""

import socket
import struct


class Writer:
    """Grows `data`; methods are the protocol's types."""

    def __init__(self, flexible=False):
        self.data = bytearray()
        self.flexible = flexible

    def pack(self, form, *values):
        self.data += struct.pack(">" + form, *values)
        return self

    def int8(self, value):
        return self.pack("b", value)

    def int16(self, value):
        return self.pack("h", value)

    def int32(self, value):
        return self.pack("i", value)

    def int64(self, value):
        return self.pack("q", value)

    def raw(self, value):
        self.data += value
        return self

    def uvarint(self, value):
        while value >= 0x80:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)
        return self

    def string(self, value):
        value = None if value is None else value.encode()
        size = -1 if value is None else len(value)
        self.uvarint(size + 1) if self.flexible else self.int16(size)
        return self.raw(value or b"")

    def bytes(self, value):
        self.count(-1 if value is None else len(value))
        return self.raw(value or b"")

    def count(self, items):
        """The length of an array; -1 is null."""
        return self.uvarint(items + 1) if self.flexible else self.int32(items)

    def tags(self):
        """No tagged fields, in flexible versions."""
        return self.raw(b"\0") if self.flexible else self


class Reader:
    """Reads `data` from its begin; `end` asserts that all of it was read."""

    def __init__(self, data, flexible=False):
        self.data = data
        self.flexible = flexible
        self.at = 0

    def unpack(self, form):
        size = struct.calcsize(">" + form)
        assert self.at + size <= len(self.data), "the response ends early"
        (value,) = struct.unpack_from(">" + form, self.data, self.at)
        self.at += size
        return value

    def int8(self):
        return self.unpack("b")

    def int16(self):
        return self.unpack("h")

    def int32(self):
        return self.unpack("i")

    def int64(self):
        return self.unpack("q")

    def raw(self, size):
        assert self.at + size <= len(self.data), "the response ends early"
        self.at += size
        return bytes(self.data[self.at - size : self.at])

    def uvarint(self):
        value = shift = 0
        while True:
            (byte,) = self.raw(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def string(self):
        size = self.uvarint() - 1 if self.flexible else self.int16()
        return None if size < 0 else self.raw(size).decode()

    def bytes(self):
        size = self.count()
        return None if size < 0 else self.raw(size)

    def count(self):
        return self.uvarint() - 1 if self.flexible else self.int32()

    def tags(self):
        """The tagged fields as {tag: bytes}."""
        found = {}
        if self.flexible:
            for _ in range(self.uvarint()):
                tag = self.uvarint()
                found[tag] = self.raw(self.uvarint())
        return found

    def end(self):
        assert self.at == len(self.data), f"{len(self.data) - self.at} bytes are left"


class Client:
    """One connection; requests and responses as frames."""

    def __init__(self, address, timeout=20.0):
        self.socket = socket.create_connection(address, timeout=timeout)
        self.next_id = 1

    def send(self, key, version, body, *, flexible=False, client_id="test"):
        """Sends a request; `body` is the bytes behind its header. Returns the correlation id."""
        number, self.next_id = self.next_id, self.next_id + 1
        header = Writer().int16(key).int16(version).int32(number).string(client_id)
        if flexible:
            header.raw(b"\0")
        frame = bytes(header.data) + bytes(getattr(body, "data", body))
        self.send_raw(struct.pack(">i", len(frame)) + frame)
        return number

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive(self, *, flexible=False, header_tags=None):
        """The next response as (correlation id, Reader of the body)."""
        (size,) = struct.unpack(">i", self._exactly(4))
        reader = Reader(self._exactly(size), flexible)
        number = reader.int32()
        if header_tags if header_tags is not None else flexible:
            assert reader.raw(1) == b"\0"
        return number, reader

    def call(self, key, version, body, *, flexible=False, header_tags=None):
        number = self.send(key, version, body, flexible=flexible)
        got, reader = self.receive(flexible=flexible, header_tags=header_tags)
        assert got == number
        return reader

    def is_closed(self):
        """Whether the other end has closed; waits for it."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _exactly(self, size):
        out = b""
        while len(out) < size:
            part = self.socket.recv(size - len(out))
            assert part, "the broker closed the connection"
            out += part
        return out

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
