"""Records what real clients send: the seeds of the fuzzers, in tests/kafka/seeds.

    python tests/kafka/record_client_frames.py

Runs each client against a broker behind a proxy that notes the request frames, as the file
CLIENT.frames: frames with their lengths, one after the other. Of each API and version it keeps the
first few that are not large. What the broker itself wrote meanwhile becomes stored.records: the kind
that fuzz_stored.cpp knows it by, its length and its bytes.
"""

from __future__ import annotations

import asyncio
import collections
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cnengine.kafka
import cnengine.log

SEEDS = Path(__file__).resolve().parent / "seeds"
MOST_BYTES, MOST_OF_ONE = 2048, 4
CODECS = ("gzip", "snappy", "lz4", "zstd")
HEADERS = [("a", b"1"), ("b", b"")]


class Proxy:
    """Passes connections on, and keeps the frames of the requests."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.target: tuple[str, int] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            broker = socket.create_connection(self.target)
            threading.Thread(target=self._pass, args=(client, broker, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(broker, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, to: socket.socket, requests: bool) -> None:
        pending = b""
        try:
            while data := source.recv(1 << 16):
                to.sendall(data)
                pending += data if requests else b""
                while len(pending) >= 4:
                    (size,) = struct.unpack_from(">i", pending)
                    if len(pending) < 4 + size:
                        break
                    self.frames.append(pending[4 : 4 + size])
                    pending = pending[4 + size :]
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self) -> None:
        self._listener.close()


def confluent_kafka(bootstrap: str) -> None:
    import confluent_kafka as ck
    from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

    base = {"bootstrap.servers": bootstrap}
    admin = AdminClient(base)
    for future in admin.create_topics([NewTopic("t", 2, 1), NewTopic("u", 1, 1)]).values():
        future.result()
    for codec in ("none", *CODECS):
        producer = ck.Producer({**base, "compression.type": codec, "linger.ms": 20})
        for i in range(8):
            producer.produce("t", b"value" * i, b"key", headers=HEADERS, partition=0)
        producer.flush()
    producer = ck.Producer({**base, "transactional.id": "x"})
    producer.init_transactions()
    group = ck.Consumer({**base, "group.id": "of a transaction"}).consumer_group_metadata()
    for end in (producer.commit_transaction, producer.abort_transaction):
        producer.begin_transaction()
        producer.produce("t", b"in a transaction")
        producer.send_offsets_to_transaction([ck.TopicPartition("t", 0, 1)], group)
        end()
    for config in ({}, {"partition.assignment.strategy": "cooperative-sticky"},
                   {"group.protocol": "consumer"}):  # fmt: skip
        group = f"g{len(str(config))}"
        consumer = ck.Consumer({**base, "group.id": group, "auto.offset.reset": "earliest",
                                "group.instance.id": "i", **config})  # fmt: skip
        consumer.subscribe(["t"])
        while consumer.poll(1) is None:
            pass
        consumer.commit(asynchronous=False)
        consumer.offsets_for_times([ck.TopicPartition("t", 0, 1)])
        consumer.close()
        admin.describe_consumer_groups([group])[group].result()
    admin.list_consumer_groups().result()
    admin.describe_cluster().result()
    next(iter(admin.describe_configs([ConfigResource("topic", "t")]).values())).result()
    next(iter(admin.create_partitions([NewPartitions("u", 2)]).values())).result()
    next(iter(admin.delete_records([ck.TopicPartition("t", 0, 1)]).values())).result()
    next(iter(admin.delete_topics(["u"]).values())).result()


def kafka_python(bootstrap: str) -> None:
    import kafka
    from kafka.admin import NewTopic

    admin = kafka.KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic("t", 2, 1), NewTopic("u", 1, 1)])
    for codec in (None, *CODECS):
        producer = kafka.KafkaProducer(bootstrap_servers=bootstrap, compression_type=codec)
        for i in range(8):
            producer.send("t", b"value" * i, b"key", headers=HEADERS, partition=0)
        producer.close()
    producer = kafka.KafkaProducer(bootstrap_servers=bootstrap, transactional_id="x")
    producer.init_transactions()
    for end in (producer.commit_transaction, producer.abort_transaction):
        producer.begin_transaction()
        producer.send("t", b"in a transaction")
        offsets = {kafka.TopicPartition("t", 0): kafka.OffsetAndMetadata(1, "", -1)}
        producer.send_offsets_to_transaction(offsets, "of a transaction")
        end()
    producer.close()
    consumer = kafka.KafkaConsumer("t", bootstrap_servers=bootstrap, group_id="g",
                                   auto_offset_reset="earliest")  # fmt: skip
    while not consumer.poll(1000):
        pass
    consumer.commit()
    consumer.offsets_for_times({kafka.TopicPartition("t", 0): 1})
    consumer.close()
    admin.list_group_offsets("g")
    admin.describe_groups(["g"])
    admin.list_groups()
    admin.describe_log_dirs()
    admin.describe_topics(["t"])
    admin.delete_groups(["g"])
    admin.delete_topics(["u"])
    admin.close()


def aiokafka(bootstrap: str) -> None:
    import aiokafka

    async def run() -> None:
        for codec in (None, *CODECS):
            async with aiokafka.AIOKafkaProducer(
                bootstrap_servers=bootstrap, compression_type=codec
            ) as producer:
                for i in range(8):
                    await producer.send("t", b"value" * i, b"key", headers=HEADERS)
        async with (
            aiokafka.AIOKafkaProducer(
                bootstrap_servers=bootstrap, transactional_id="x"
            ) as producer,
            producer.transaction(),
        ):
            await producer.send_and_wait("t", b"in a transaction")
        async with aiokafka.AIOKafkaConsumer(
            "t", bootstrap_servers=bootstrap, group_id="g", auto_offset_reset="earliest"
        ) as consumer:
            await consumer.getone()
            await consumer.commit()

    asyncio.run(run())


def kcat(bootstrap: str) -> None:
    command = ["kcat", "-b", bootstrap]
    for codec in CODECS:
        subprocess.run([*command, "-P", "-t", "t", "-K:", "-z", codec], input=b"k:one\nk:two\n",
                       check=True)  # fmt: skip
    for arguments in (["-C", "-t", "t", "-e", "-q"], ["-L"], ["-G", "g", "-c", "1", "t"]):
        subprocess.run([*command, "-X", "auto.offset.reset=earliest", *arguments], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip


def kafkajs(bootstrap: str) -> None:
    from kafkajs_client import run_script

    run_script("record", bootstrap)


CLIENTS: dict[str, Callable[[str], None]] = {
    "aiokafka": aiokafka,
    "confluent-kafka": confluent_kafka,
    "kafka-python": kafka_python,
    "kafkajs": kafkajs,
    "kcat": kcat,
}


# By the first number of a key of __consumer_offsets, what fuzz_stored.cpp calls its values.
VALUE_KINDS = {0: 3, 1: 3, 2: 4, 3: 5, 5: 6, 6: 7, 7: 8, 8: 9, 16: 10}


def stored(store: cnengine.log.Log) -> Iterator[tuple[int, bytes]]:
    """Kind and bytes of the keys and values of the broker's own topics."""
    for topic in {"__consumer_offsets", "__transaction_state"} & set(store.topics()):
        for partition in range(store.partitions(topic)):
            rows = store.read(topic, partition).select(["key", "value"]).to_pylist()
            for key, value in ((row["key"], row["value"]) for row in rows):
                of_groups = topic == "__consumer_offsets"
                yield 2 if of_groups else 11, key
                if value is not None:
                    yield VALUE_KINDS[int.from_bytes(key[:2])] if of_groups else 12, value


def record(client: Callable[[str], None], written: dict[tuple[int, int], bytes]) -> list[bytes]:
    """The frames worth keeping; adds one of each kind and size to what was `written`."""
    proxy = Proxy()
    host, port = proxy.address
    config = {"num.partitions": 2, "group.initial.rebalance.delay.ms": 0,
              "advertised.listeners": f"PLAINTEXT://{host}:{port}"}  # fmt: skip
    with (
        tempfile.TemporaryDirectory() as folder,
        cnengine.log.open(folder, fsync="none") as store,
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker,
    ):
        proxy.target = broker.address
        client(f"{host}:{port}")
        for kind, data in stored(store):
            written.setdefault((kind, len(data)), data)
    proxy.close()
    kept: dict[bytes, dict[int, bytes]] = collections.defaultdict(dict)
    for frame in proxy.frames:
        # One of each size: the others differ in numbers only.
        if len(frame) <= MOST_BYTES and len(kept[frame[:4]]) < MOST_OF_ONE:
            kept[frame[:4]].setdefault(len(frame), frame)
    return [frame for _, frames in sorted(kept.items()) for frame in frames.values()]


def main(names: list[str]) -> None:
    SEEDS.mkdir(exist_ok=True)
    written: dict[tuple[int, int], bytes] = {}
    for name in names or CLIENTS:
        if name == "kcat" and not shutil.which("kcat"):
            print("no kcat here")
            continue
        frames = record(CLIENTS[name], written)
        data = b"".join(struct.pack(">i", len(frame)) + frame for frame in frames)
        (SEEDS / f"{name}.frames").write_bytes(data)
        print(f"{name}: {len(frames)} frames, {len(data)} bytes")
    if written:
        parts = [struct.pack(">bi", kind, len(data)) + data
                 for (kind, _), data in sorted(written.items())]  # fmt: skip
        (SEEDS / "stored.records").write_bytes(b"".join(parts))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    main(sys.argv[1:])
