"""The leanest client of a Kafka broker: a bare socket, requests that are encoded beforehand and
answers that are counted, as clients.py has it for the other servers."""

import socket
import struct
import tempfile

import cnengine.log
import pyarrow as pa
from cnengine._core import log as native

RECORDS = 10_000  # of a request to produce
WINDOW = 5  # requests without an answer, as librdkafka has it
FETCH_BYTES = 8 << 20


def _string(text):
    return struct.pack(">h", len(text)) + text


def _frame(key, version, body):
    head = struct.pack(">hhi", key, version, 1) + _string(b"bare")
    return struct.pack(">i", len(head) + len(body)) + head + body


class Connection:
    def __init__(self, address):
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(FETCH_BYTES + (1 << 20))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def answer(self):
        """The next response, behind its correlation id; valid until the next one."""
        view = memoryview(self.buffer)
        self._fill(view[:4])
        (size,) = struct.unpack_from(">i", self.buffer)
        if size > len(self.buffer):
            self.buffer = bytearray(size)
            view = memoryview(self.buffer)
        self._fill(view[:size])
        return view[4:size]

    def _fill(self, view):
        while view:
            got = self.socket.recv_into(view)
            assert got, "the server closed the connection"
            view = view[got:]

    def create(self, topic=b"t"):
        """Asks for the topic (Metadata 4), which is made by that, until it has a leader."""
        while True:
            self.socket.sendall(_frame(3, 4, struct.pack(">i", 1) + _string(topic) + b"\1"))
            data = bytes(self.answer())
            if data[data.rindex(_string(topic)) - 2 :][:2] == b"\0\0":
                return


def produce_requests(values):
    """Frames of Produce 8, acks all, 10,000 records each; encoded by a log of this process."""
    frames = []
    with tempfile.TemporaryDirectory() as folder, cnengine.log.open(folder, fsync="none") as log:
        log.create_topic("t")
        for i in range(0, len(values), RECORDS):
            log.produce("t", pa.table({"value": pa.array(values[i : i + RECORDS], pa.binary())}))
        data = native.testing.raw_batches(log._store, "t", 0, 0, 1 << 40)
    at = 0
    while at < len(data):
        size = 12 + struct.unpack_from(">i", data, at + 8)[0]
        body = struct.pack(">hhii", -1, -1, 30_000, 1) + _string(b"t")
        body += struct.pack(">iiiq", 1, 0, size, 0) + data[at + 8 : at + size]
        frames.append(_frame(0, 8, body))
        at += size
    return frames


def produce(server, frames):
    with Connection(server.address) as connection:
        connection.create()
        waiting = 0
        for frame in frames:
            if waiting == WINDOW:
                _check_produced(connection.answer())
                waiting -= 1
            connection.socket.sendall(frame)
            waiting += 1
        for _ in range(waiting):
            _check_produced(connection.answer())


def _check_produced(answer):
    (error,) = struct.unpack_from(">h", answer, 4 + 3 + 4 + 4)
    assert error == 0, error


def fetch(server, count):
    """Reads a partition from its begin by Fetch 11, 8 MiB at a time; bytes of its batches, whose
    records are counted by their headers."""
    got = bytes_in = offset = 0
    with Connection(server.address) as connection:
        while got < count:
            body = struct.pack(">iiiibii", -1, 100, 1, FETCH_BYTES, 0, 0, -1)
            body += struct.pack(">i", 1) + _string(b"t")
            body += struct.pack(">iiiqqi", 1, 0, -1, offset, -1, FETCH_BYTES)
            body += struct.pack(">i", 0) + _string(b"")
            connection.socket.sendall(_frame(1, 11, body))
            answer = connection.answer()
            at = 4 + 2 + 4 + 4 + 3 + 4 + 4
            error, _high, _stable, _start, aborted = struct.unpack_from(">hqqqi", answer, at)
            assert error == 0, error
            at += 30 + 16 * max(aborted, 0) + 4
            (size,) = struct.unpack_from(">i", answer, at)
            at, end = at + 4, at + 4 + size
            bytes_in += size
            while at + 61 <= end:
                base, length = struct.unpack_from(">qi", answer, at)
                if at + 12 + length > end:
                    break
                (records,) = struct.unpack_from(">i", answer, at + 57)
                got += records
                offset = base + struct.unpack_from(">i", answer, at + 23)[0] + 1
                at += 12 + length
    return bytes_in
