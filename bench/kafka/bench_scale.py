"""Starts of a broker: with much in it, and after it was killed; seconds until it answers.

`--set` "start": 10,000 partitions with a record each and 100 groups that have committed; `quality`
is the memory of the process in MB (resident) with 1,000 idle connections besides. "recovery": 10 GB
in one partition, closed segments with good indexes, the broker killed (-9) while it takes records;
`quality` is how many segments there are. A bare start, of an empty log, is the second case.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bare
import servers

SETS = ("start", "recovery")
SET = "start"
ROUNDS = 3
WARM_UP = False
PARTITIONS, CONNECTIONS, GROUPS = 10_000, 1_000, 100
BYTES = 10_000_000_000


class Folder:
    """Is there as long as a case holds it."""

    def __init__(self):
        self.owner = tempfile.TemporaryDirectory()
        self.path = self.owner.name


class Process:
    """A broker on a folder; `seconds` is from its start to its first answer."""

    def __init__(self, folder):
        self.port = servers.free_port()
        command = [sys.executable, "-m", "cnengine", "broker", "--data", str(folder), "--listen",
                   f"127.0.0.1:{self.port}", "--fsync", "none", "--set",
                   "num.network.threads=1"]  # fmt: skip
        start = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            try:
                with bare.Connection(self.address) as connection:
                    connection.socket.sendall(bare._frame(18, 0, b""))
                    connection.answer()
                    break
            except OSError:
                assert self.process.poll() is None, "the broker ended"
                time.sleep(0.002)
        self.seconds = time.perf_counter() - start

    @property
    def address(self):
        return "127.0.0.1", self.port

    def memory_mb(self):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        [line] = [line for line in lines if line.startswith("VmRSS")]
        return int(line.split()[1]) / 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def fill_many(folder, scale):
    """The topics, a record in each partition, and groups with offsets."""
    from confluent_kafka import Consumer, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic

    topics = max(int(PARTITIONS * scale) // 100, 1)
    with Process(folder) as broker:
        servers_ = {"bootstrap.servers": f"127.0.0.1:{broker.port}"}
        admin = AdminClient(servers_)
        made = admin.create_topics([NewTopic(f"t{i}", 100, 1) for i in range(topics)])
        for one in made.values():
            one.result(60)
        producer = Producer({**servers_, "linger.ms": 100})
        for i in range(topics):
            for partition in range(100):
                producer.produce(f"t{i}", b"value", partition=partition)
        assert producer.flush(120) == 0
        for i in range(max(int(GROUPS * scale), 1)):
            consumer = Consumer({**servers_, "group.id": f"g{i}"})
            consumer.commit(offsets=[TopicPartition(f"t{i % topics}", p, 1) for p in range(100)],
                            asynchronous=False)  # fmt: skip
            consumer.close()


class Start:
    def __init__(self, folder, connections):
        self.folder, self.connections = folder, connections
        self.seconds = None

    def __call__(self):
        with Process(self.folder.path) as broker:
            self.seconds = broker.seconds
            idle = [bare.Connection(broker.address) for _ in range(self.connections)]
            for one in idle:
                one.socket.sendall(bare._frame(18, 0, b""))
            for one in idle:
                one.answer()
            memory = broker.memory_mb()
            for one in idle:
                one.socket.close()
        return memory


def fill_large(folder, size):
    frames = bare.produce_requests([os.urandom(1024)] * 4000)
    with Process(folder) as broker:
        bare.produce(broker, frames * max(size // sum(map(len, frames)), 1))


class Recovery:
    def __init__(self, folder):
        self.folder = folder
        self.seconds = None

    def __call__(self):
        with Process(self.folder.path) as broker:
            self.seconds = broker.seconds
            bare.produce(
                broker, bare.produce_requests([os.urandom(1024)] * 4000)
            )  # then it is killed again
        return float(len(list(Path(self.folder.path).rglob("*.log"))))


def cases(scale):
    folder, empty = Folder(), Folder()
    if SET == "start":
        fill_many(folder.path, scale)
        yield "cnengine", Start(folder, int(CONNECTIONS * scale))
    else:
        fill_large(folder.path, int(BYTES * scale))
        yield "cnengine", Recovery(folder)
    yield "cnengine-empty", Start(empty, 0)


def check(results):
    assert all(value > 0 for value in results.values()), results
