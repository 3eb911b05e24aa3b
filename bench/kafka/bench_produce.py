"""Produce 1 M records through librdkafka, acks=all, beside Redis Streams and NATS JetStream.

`--set` is the size of a record and the promise: "100-none", "100-always", "1024-none",
"1024-always"; what each server and client does for it is in servers.py and clients.py. Records of
1 KiB: 200,000. A call starts with an empty server, whose start is not timed. `quality` of a case is
the processor time of its server over that of its client.
"""

import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import clients
import servers

SETS = ("100-none", "100-always", "1024-none", "1024-always")
SET = "100-none"
ROUNDS = 3
WARM_UP = False


def rows(scale):
    return int((1_000_000 if SET.startswith("100-") else 200_000) * scale)


OPS = rows


def make_values(count, size):
    numbers = random.Random(1)
    block = numbers.randbytes(size * 1000).replace(b"\n", b".")
    return [block[size * (i % 1000) : size * (i % 1000) + size] for i in range(count)]


def own_cpu_s():
    """Processor seconds of this process and of clients that it ran and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Run:
    """A case of which only the produce is timed: the harness takes `seconds` for its own."""

    def __init__(self, name, client, values, fsync):
        self.name, self.client, self.values, self.fsync = name, client, values, fsync
        self.seconds = None

    def __call__(self):
        with servers.start(self.name, self.fsync) as server:
            cpu, own, start = server.cpu_s(), own_cpu_s(), time.perf_counter()
            count = self.client(server, self.values)
            self.seconds = time.perf_counter() - start
            ratio = (server.cpu_s() - cpu) / max(own_cpu_s() - own, 1e-9)
        assert count == len(self.values)
        return float(ratio)


def cases(scale):
    size, fsync = SET.split("-")
    values = make_values(rows(scale), int(size))
    for server in servers.KINDS:
        if servers.found(server, fsync):
            for name, client in clients.producers(server, values):
                yield name, Run(server, client, values, fsync)


def check(results):
    assert all(value >= 0 for value in results.values()), results
