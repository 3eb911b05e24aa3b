"""Processor time of the broker for each GB that it serves, beside a bare sendfile server.

1 GB of records is read four times through one connection, 8 MiB a request. The peer is a process
that sends the same file by sendfile(2), an 8 MiB request at a time, and does nothing else. The time
of a case is the processor time of its server for one GB (1e9 bytes); `quality` is what the client
waited for it, in seconds."""

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bare
import servers

ROUNDS = 3
WARM_UP = False
RECORDS = 4000  # are sent again and again; 1 KiB each
BYTES = 1_000_000_000
TIMES = 4


def serve_file(path):
    """A bare server: 12 bytes ask for (offset, size), the answer is the file's bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener, Path(path).open("rb") as file:
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
        while request := connection.recv(12, socket.MSG_WAITALL):
            offset, left = struct.unpack(">qi", request)
            while left:
                sent = os.sendfile(connection.fileno(), file.fileno(), offset, left)
                offset, left = offset + sent, left - sent


def fill(server, size):
    """Returns how many records were written."""
    frames = bare.produce_requests([b"v" * 1024] * RECORDS)
    times = max(size // sum(map(len, frames)), 1)
    bare.produce(server, frames * times)
    return times * RECORDS


class Run:
    def __init__(self, size):
        self.size = size
        self.seconds = None

    def measure(self, server, read):
        read()  # the connection and the page cache are warm
        cpu, start, bytes_in = server.cpu_s(), time.perf_counter(), 0
        for _ in range(TIMES):
            bytes_in += read()
        self.seconds = max(server.cpu_s() - cpu, 0.01) / bytes_in * 1e9
        return (time.perf_counter() - start) / bytes_in * 1e9


class Broker(Run):
    def __call__(self):
        with servers.start("cnengine", "none") as server:
            count = fill(server, self.size)
            return self.measure(server, lambda: bare.fetch(server, count))


class Sendfile(Run):
    def __call__(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            path = Path(folder) / "bytes"
            with path.open("wb") as file:
                for _ in range(0, self.size, 1_000_000):
                    file.write(bytes(1_000_000))
            size = path.stat().st_size
            process = stack.enter_context(subprocess.Popen(
                [sys.executable, __file__, str(path)], stdout=subprocess.PIPE))  # fmt: skip
            stack.callback(process.kill)
            port = int(process.stdout.readline())
            server = servers.Server("sendfile", port, process.pid)
            buffer = memoryview(bytearray(bare.FETCH_BYTES))
            with socket.create_connection(server.address) as connection:

                def read():
                    for offset in range(0, size, len(buffer)):
                        left = buffer[: min(len(buffer), size - offset)]
                        connection.sendall(struct.pack(">qi", offset, len(left)))
                        while left:
                            left = left[connection.recv_into(left) :]
                    return size

                return self.measure(server, read)


def cases(scale):
    size = max(int(BYTES * scale), 1_000_000)
    yield "cnengine", Broker(size)
    yield "sendfile", Sendfile(size)


def check(results):
    assert all(value > 0 for value in results.values()), results


if __name__ == "__main__":
    serve_file(sys.argv[1])
