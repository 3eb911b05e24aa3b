"""The leanest client of each broker: what it can take, not what a Python library can give.

cnengine is spoken to through librdkafka, as its users do: by kcat, where the machine has it, which
is a program in C, and by confluent-kafka, whose Python objects cost more than all else; and through
a bare socket (bare.py) as the others. For Redis Streams (XADD, XREAD) and NATS
JetStream (publish with acknowledgement, pull) requests are encoded beforehand and written to a bare
socket, many at a time, and the answers counted: no client of theirs costs less.
"""

import json
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import bare

WINDOW = 4096  # requests without an answer


class Bare:
    """A socket whose answers are counted."""

    def __init__(self, server):
        self.socket = socket.create_connection(server.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ahead = 0  # answers read and not asked for yet
        self.tail = b""

    def pipelined(self, requests, mark, count):
        """Sends chunks of `count` requests each; `mark` occurs once in an answer."""
        waiting = []
        for request, answers in zip(requests, count, strict=True):
            self.socket.sendall(request)
            waiting.append(answers)
            while sum(waiting) > WINDOW:
                self.take(waiting.pop(0), mark)
        self.take(sum(waiting), mark)

    def take(self, answers, mark):
        while self.ahead < answers:
            data = self.socket.recv(1 << 20)
            assert data, "the server closed the connection"
            assert b"-ERR" not in data
            data = self.tail + data
            self.ahead += data.count(mark)
            self.tail = data[len(data) - len(mark) + 1 :]  # a mark may go on in the next part
        self.ahead -= answers

    def close(self):
        self.socket.close()


def chunks(values, size=512):
    return [values[i : i + size] for i in range(0, len(values), size)]


def produce_cnengine(server, values):
    from confluent_kafka import Producer

    producer = Producer({
        "bootstrap.servers": f"127.0.0.1:{server.port}", "acks": "all", "linger.ms": 5,
        "batch.num.messages": 100_000, "batch.size": 1_000_000,
        "queue.buffering.max.messages": 2_000_000, "queue.buffering.max.kbytes": 1 << 20,
    })  # fmt: skip
    for part in chunks(values, 50_000):
        queued = producer.produce_batch("t", [{"value": value} for value in part])
        assert queued == len(part)
    assert producer.flush(600) == 0
    return len(values)


KCAT = shutil.which("kcat")


class Kcat:
    """kcat writes lines of a file; the file is written before the time begins."""

    def __init__(self, values):
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "lines"
        self.file.write_bytes(b"\n".join(values) + b"\n")
        self.count = len(values)

    def __call__(self, server, _values):
        settings = ["acks=all", "linger.ms=5", "batch.num.messages=100000", "batch.size=1000000",
                    "queue.buffering.max.messages=2000000",
                    "queue.buffering.max.kbytes=1048576"]  # fmt: skip
        options = [part for setting in settings for part in ("-X", setting)]
        subprocess.run([KCAT, "-P", "-b", f"127.0.0.1:{server.port}", "-t", "t", "-p", "0",
                        *options, "-l", str(self.file)], check=True)  # fmt: skip
        return self.count


def consume_kcat(server, count):
    """Takes the records and writes nothing of them but their sizes."""
    settings = ["fetch.message.max.bytes=4194304", "queued.max.messages.kbytes=524288",
                "queued.min.messages=10000000"]  # fmt: skip
    options = [part for setting in settings for part in ("-X", setting)]
    done = subprocess.run([KCAT, "-C", "-b", f"127.0.0.1:{server.port}", "-t", "t", "-p", "0", "-o",
                           "beginning", "-c", str(count), "-q", "-f", "%S\n", *options],
                          check=True, capture_output=True)  # fmt: skip
    sizes = done.stdout.split()
    assert len(sizes) == count
    return sum(map(int, sizes)) if len(set(sizes)) > 1 else int(sizes[0]) * count


class BareProduce:
    def __init__(self, values):
        self.frames = bare.produce_requests(values)
        self.count = len(values)

    def __call__(self, server, _values):
        bare.produce(server, self.frames)
        return self.count


def produce_redis(server, values):
    head = b"*5\r\n$4\r\nXADD\r\n$1\r\nt\r\n$1\r\n*\r\n$1\r\nv\r\n"
    parts = chunks([head + b"$%d\r\n%s\r\n" % (len(v), v) for v in values])
    bare = Bare(server)
    bare.pipelined([b"".join(part) for part in parts], b"$", [len(part) for part in parts])
    bare.close()
    return len(values)


def nats_connect(server):
    bare = Bare(server)
    bare.socket.recv(1 << 16)  # INFO
    bare.socket.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n')
    bare.take(1, b"PONG")
    return bare


def nats_request(bare, subject, body):
    """One request of the JetStream API; the answer as an object."""
    bare.socket.sendall(b"SUB _A.1 9\r\nPUB %s _A.1 %d\r\n%s\r\n" % (subject, len(body), body))
    data = b""
    while not (data.startswith(b"MSG") and data.endswith(b"}\r\n")):
        data += bare.socket.recv(1 << 16)
    bare.socket.sendall(b"UNSUB 9\r\n")
    return json.loads(data.split(b"\r\n", 1)[1])


def produce_nats(server, values):
    bare = nats_connect(server)
    answer = nats_request(bare, b"$JS.API.STREAM.CREATE.t",
                          b'{"name":"t","subjects":["t"],"storage":"file"}')  # fmt: skip
    assert "error" not in answer, answer
    bare.socket.sendall(b"SUB _R 1\r\n")
    parts = chunks([b"PUB t _R %d\r\n%s\r\n" % (len(v), v) for v in values])
    bare.pipelined([b"".join(part) for part in parts], b'"seq":', [len(part) for part in parts])
    bare.close()
    return len(values)


PRODUCE = {"cnengine": produce_cnengine, "redis": produce_redis, "nats": produce_nats,
           "kafka": produce_cnengine}  # fmt: skip


def producers(name, values):
    """(case, client) of a server; the first one of cnengine is the one that is compared."""
    if name not in ("cnengine", "kafka"):
        return [(name, PRODUCE[name])]
    clients = [(f"{name}-bare", BareProduce(values)), (f"{name}-python", produce_cnengine)]
    if KCAT:
        return [(name, Kcat(values)), *clients]
    return [(name, produce_cnengine), clients[0]]


def consume_cnengine(server, count):
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({
        "bootstrap.servers": f"127.0.0.1:{server.port}", "group.id": "none",
        "enable.auto.commit": False, "fetch.message.max.bytes": 4 << 20,
        "queued.max.messages.kbytes": 1 << 19, "queued.min.messages": 10_000_000,
    })  # fmt: skip
    consumer.assign([TopicPartition("t", 0, 0)])
    got = bytes_in = 0
    while got < count:
        for message in consumer.consume(min(100_000, count - got), 60):
            assert message.error() is None, message.error()
            bytes_in += len(message.value())
            got += 1
    consumer.close()
    return bytes_in


def consume_redis(server, count):
    """XREAD of 10,000 entries at a time; answers are split, not decoded further."""
    bare = Bare(server)
    got, bytes_in, last = 0, 0, b"0-0"
    while got < count:
        bare.socket.sendall(
            b"*6\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$5\r\n10000\r\n$7\r\nSTREAMS\r\n$1\r\nt\r\n"
            b"$%d\r\n%s\r\n" % (len(last), last)
        )
        data, rows = b"", None
        while True:
            data += bare.socket.recv(1 << 22)
            assert not data.startswith(b"-"), data
            if rows is None and data.count(b"\r\n") >= 5:
                rows = int(data.split(b"\r\n", 5)[4][1:])
            if rows is not None and data.count(b"$1\r\nv\r\n") == rows and data.endswith(b"\r\n"):
                lines = data.split(b"\r\n")
                if len(lines) == 6 + 8 * rows:  # header, entries, the empty end
                    break
        entries = lines[5:-1]
        last = entries[-6]
        got += rows
        bytes_in += sum(map(len, entries[7::8]))
    bare.close()
    return bytes_in


def consume_nats(server, count):
    """A pull consumer without acknowledgements, 10,000 messages a request."""
    bare = nats_connect(server)
    answer = nats_request(bare, b"$JS.API.CONSUMER.CREATE.t.c",
                          b'{"stream_name":"t","config":{"name":"c","ack_policy":"none","deliver_policy":"all","max_waiting":512}}')  # fmt: skip # noqa: E501
    assert "error" not in answer, answer
    bare.socket.sendall(b"SUB _R 1\r\n")
    bytes_in = got = 0
    tail = b""
    while got < count:
        ask = min(10_000, count - got)
        body = b'{"batch":%d,"expires":60000000000}' % ask
        bare.socket.sendall(
            b"PUB $JS.API.CONSUMER.MSG.NEXT.t.c _R %d\r\n%s\r\n" % (len(body), body)
        )
        end = got + ask
        while got < end:
            data = tail + bare.socket.recv(1 << 22)
            whole = data.rfind(b"MSG t 1 ")
            tail, data = (data[whole:], data[:whole]) if whole > 0 else (data, b"")
            got += data.count(b"MSG t 1 ")
            bytes_in += len(data)
            if got == end - 1 and tail.endswith(b"\r\n") and tail.count(b"\r\n") >= 2:
                got, bytes_in, tail = end, bytes_in + len(tail), b""
    bare.close()
    return bytes_in


CONSUME = {"cnengine": consume_cnengine, "redis": consume_redis, "nats": consume_nats}


def consumers(name):
    """As `producers`."""
    if name not in ("cnengine", "kafka"):
        return [(name, CONSUME[name])]
    clients = [(f"{name}-bare", bare.fetch), (f"{name}-python", consume_cnengine)]
    if KCAT:
        return [(name, consume_kcat), *clients]
    return [(name, consume_cnengine), clients[0]]
