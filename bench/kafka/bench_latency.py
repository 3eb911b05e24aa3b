"""From produce to consume, 10,000 records of 100 bytes a second for 10 s, beside Redis Streams.

One process sends a record each 0.1 ms that holds the time, and sleeps in between; another one takes
them as they come and notes their ages. cnengine through librdkafka (linger.ms 0, fetch.wait.max.ms
100), Redis through bare sockets (XADD, XREAD BLOCK). The time of a case is the median age in
seconds, `quality` the 99th percentile in milliseconds. Both processes and the server share the
machine.
"""

import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import clients
import servers

ROUNDS = 2
WARM_UP = False
RATE = 10_000
SECONDS = 10


def send_cnengine(server, count):
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": f"127.0.0.1:{server.port}", "linger.ms": 0,
                         "acks": "all"})  # fmt: skip
    for value in paced(count):
        producer.produce("t", value)
        producer.poll(0)
    assert producer.flush(30) == 0


def send_redis(server, count):
    bare = clients.Bare(server)
    head = b"*5\r\n$4\r\nXADD\r\n$1\r\nt\r\n$1\r\n*\r\n$1\r\nv\r\n$100\r\n"
    for value in paced(count):
        bare.socket.sendall(head + value + b"\r\n")
    bare.take(count, b"$")


def paced(count):
    """Values of 100 bytes that begin with their time, one each 1 / RATE seconds."""
    start = time.monotonic_ns()
    for i in range(count):
        due = start + i * 1_000_000_000 // RATE
        while (now := time.monotonic_ns()) < due:
            time.sleep((due - now) / 1e9)
        yield struct.pack("<q", now).replace(b"\r", b"\x0e") + b"x" * 92


def ages_cnengine(server, count):
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": f"127.0.0.1:{server.port}", "group.id": "none",
                         "enable.auto.commit": False, "fetch.wait.max.ms": 100})  # fmt: skip
    consumer.assign([TopicPartition("t", 0, 0)])
    ages = []
    while len(ages) < count:
        message = consumer.poll(30)
        now = time.monotonic_ns()
        assert message is not None
        if message.error() is None:
            ages.append(now - struct.unpack_from("<q", message.value())[0])
    consumer.close()
    return ages


def ages_redis(server, count):
    bare = clients.Bare(server)
    ages, last = [], b"0-0"
    while len(ages) < count:
        bare.socket.sendall(
            b"*6\r\n$5\r\nXREAD\r\n$5\r\nBLOCK\r\n$5\r\n30000\r\n$7\r\nSTREAMS\r\n$1\r\nt\r\n"
            b"$%d\r\n%s\r\n" % (len(last), last)
        )
        data, rows = b"", None
        while True:
            data += bare.socket.recv(1 << 20)
            assert data[:1] == b"*", data
            if rows is None and data.count(b"\r\n") >= 5:
                rows = int(data.split(b"\r\n", 5)[4][1:])
            if rows is not None and data.count(b"$1\r\nv\r\n") == rows:
                lines = data.split(b"\r\n")
                if len(lines) == 6 + 8 * rows:
                    break
        now = time.monotonic_ns()
        ages += [now - struct.unpack_from("<q", value)[0] for value in lines[12:-1:8]]
        last = lines[-7]
    return ages


SEND = {"cnengine": send_cnengine, "redis": send_redis, "kafka": send_cnengine}
AGES = {"cnengine": ages_cnengine, "redis": ages_redis, "kafka": ages_cnengine}


class Run:
    def __init__(self, name, count):
        self.name, self.count = name, count
        self.seconds = None

    def __call__(self):
        with servers.start(self.name, "none") as server:
            clients.PRODUCE[self.name](server, [b"first" + bytes(95)] * 1)  # the topic is there
            command = [sys.executable, __file__, self.name, str(server.port), str(self.count)]
            with subprocess.Popen(command) as sender:
                ages = AGES[self.name](server, self.count + 1)[1:]
            assert sender.returncode == 0
        late = ages[len(ages) // 10 :]  # without the beginning of connections
        self.seconds = statistics.median(late) / 1e9
        return statistics.quantiles(late, n=100)[98] / 1e6


def cases(scale):
    count = max(int(RATE * SECONDS * scale), 100)
    for name in SEND:
        if servers.found(name, "none"):
            yield name, Run(name, count)


def check(results):
    assert all(value > 0 for value in results.values()), results


if __name__ == "__main__":
    SEND[sys.argv[1]](servers.Server(sys.argv[1], int(sys.argv[2]), 0), int(sys.argv[3]))
