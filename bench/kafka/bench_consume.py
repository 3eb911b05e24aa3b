"""Consume 1 M records through librdkafka, beside Redis Streams and NATS JetStream.

`--set` is the size of a record: "100" or "1024" (200,000 records). The records are in the server
before the time begins. `quality` of a case is the processor time of its server over that of its
client."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import clients
import servers
from bench_produce import make_values, own_cpu_s

SETS = ("100", "1024")
SET = "100"
ROUNDS = 3
WARM_UP = False


def OPS(scale):
    return int((1_000_000 if SET == "100" else 200_000) * scale)


class Run:
    """A case of which only the consumption is timed: the harness takes `seconds` for its own."""

    def __init__(self, name, client, values):
        self.name, self.client, self.values = name, client, values
        self.seconds = None

    def __call__(self):
        with servers.start(self.name, "none") as server:
            clients.PRODUCE[self.name](server, self.values)
            cpu, own, start = server.cpu_s(), own_cpu_s(), time.perf_counter()
            got = self.client(server, len(self.values))
            self.seconds = time.perf_counter() - start
            ratio = (server.cpu_s() - cpu) / max(own_cpu_s() - own, 1e-9)
        assert got >= sum(map(len, self.values))
        return float(ratio)


def cases(scale):
    values = make_values(OPS(scale), int(SET))
    for server in servers.KINDS:
        if servers.found(server, "none"):
            for name, client in clients.consumers(server):
                yield name, Run(server, client, values)


def check(results):
    assert all(value >= 0 for value in results.values()), results
