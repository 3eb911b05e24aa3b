"""Real clients behind one face, for tests that hold for each of them.

A message is (partition, key, value, headers, timestamp); what was read has its offset too. What a
client says of a broker that refuses it is raised as it is.
"""

import asyncio
import json
import shutil
import subprocess
import time
from dataclasses import dataclass

import pytest
from client_access import OPEN

DEADLINE_S = 40


@dataclass(frozen=True, order=True)
class Read:
    """One message as a consumer gave it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int


class Confluent:
    """librdkafka, by confluent-kafka."""

    module = "confluent_kafka"

    def __init__(self, access=OPEN):
        self.lib = pytest.importorskip(self.module)
        self.access = access.for_librdkafka()

    def connect(self, bootstrap):
        failed = []
        client = self.lib.Consumer({"bootstrap.servers": bootstrap, "group.id": "none",
                                    "error_cb": failed.append, **self.access})  # fmt: skip
        end = time.monotonic() + DEADLINE_S
        while not failed and time.monotonic() < end:
            try:
                return client.list_topics(timeout=0.2)
            except self.lib.KafkaException:
                client.poll(0)
        raise self.lib.KafkaException(failed[0])

    def produce(self, bootstrap, topic, messages, codec="none"):
        failed = []
        producer = self.lib.Producer({"bootstrap.servers": bootstrap, "compression.type": codec,
                                      "linger.ms": 20, **self.access})  # fmt: skip
        for partition, key, value, headers, timestamp in messages:
            producer.produce(topic, value, key, partition, headers=headers, timestamp=timestamp,
                             on_delivery=lambda error, _: error and failed.append(error))  # fmt: skip
        assert producer.flush(DEADLINE_S) == 0
        if failed:
            raise self.lib.KafkaException(failed[0])

    def consume(self, bootstrap, topic, partitions, count, isolation="read_committed", group=None):
        consumer = self.lib.Consumer(
            {"bootstrap.servers": bootstrap, "group.id": group or "none",
             "enable.auto.commit": False, "isolation.level": isolation,
             "auto.offset.reset": "earliest", **self.access}
        )  # fmt: skip
        if group:
            consumer.subscribe([topic])
        else:
            consumer.assign([self.lib.TopicPartition(topic, p, 0) for p in range(partitions)])
        out = []
        while len(out) < count:
            message = consumer.poll(DEADLINE_S)
            assert message is not None
            if message.error():
                raise self.lib.KafkaException(message.error())
            out.append(Read(message.partition(), message.offset(), message.key(), message.value(),
                            tuple(message.headers() or ()), message.timestamp()[1]))  # fmt: skip
        if group:
            consumer.commit(asynchronous=False)
        consumer.close()
        return sorted(out)

    def transactional(self, bootstrap, transactional_id="x"):
        producer = self.lib.Producer(
            {"bootstrap.servers": bootstrap, "transactional.id": transactional_id}
        )
        producer.init_transactions(DEADLINE_S)
        return producer

    def transaction(self, producer, topic, messages, commit, offsets=None):
        """One transaction; `offsets` are {partition: offset} of the topic, of the group g."""
        producer.begin_transaction()
        for partition, value in messages:
            producer.produce(topic, value, partition=partition)
        if offsets is not None:
            group = self.lib.Consumer({"bootstrap.servers": "none", "group.id": "g"})
            producer.send_offsets_to_transaction(
                [self.lib.TopicPartition(topic, p, o) for p, o in offsets.items()],
                group.consumer_group_metadata(), DEADLINE_S)  # fmt: skip
            group.close()
        if commit:
            producer.commit_transaction(DEADLINE_S)
        else:
            producer.flush(DEADLINE_S)  # or they would not be sent at all
            producer.abort_transaction(DEADLINE_S)

    def close(self, producer):
        producer.flush(DEADLINE_S)

    def is_fenced(self, error):
        return isinstance(error, self.lib.KafkaException) and error.args[0].code() in (
            self.lib.KafkaError._FENCED,
            self.lib.KafkaError.PRODUCER_FENCED,
        )


def begin(lib, consumer, topic, partitions, group):
    """A consumer of kafka-python or aiokafka gets the partitions, or its share of them in a group."""
    if group:
        consumer.subscribe([topic])
    else:
        consumer.assign([lib.TopicPartition(topic, p) for p in range(partitions)])


class KafkaPython:
    """kafka-python."""

    module = "kafka"

    def __init__(self, access=OPEN):
        self.lib = pytest.importorskip(self.module)
        self.access = access.for_python()

    def connect(self, bootstrap):
        make, made = self.lib.KafkaConsumer.DEFAULT_CONFIG["kafka_client"], []

        def client(**config):
            made.append(make(**config))
            return made[0]

        try:
            self.lib.KafkaConsumer(bootstrap_servers=bootstrap, bootstrap_timeout_ms=1000,
                                   kafka_client=client, **self.access).close()  # fmt: skip
        finally:
            made[0].close()  # a consumer that fails to begin leaves a thread behind

    def produce(self, bootstrap, topic, messages, codec="none"):
        producer = self.lib.KafkaProducer(
            bootstrap_servers=bootstrap, compression_type=None if codec == "none" else codec,
            linger_ms=20, **self.access)  # fmt: skip
        futures = [
            producer.send(topic, value, key, headers, partition, timestamp)
            for partition, key, value, headers, timestamp in messages
        ]
        for future in futures:
            future.get(DEADLINE_S)
        producer.close()

    def consume(self, bootstrap, topic, partitions, count, isolation="read_committed", group=None):
        consumer = self.lib.KafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level=isolation,
            group_id=group, enable_auto_commit=False, **self.access)  # fmt: skip
        begin(self.lib, consumer, topic, partitions, group)
        out = []
        while len(out) < count:
            got = consumer.poll(DEADLINE_S * 1000)
            assert got
            out += [Read(m.partition, m.offset, m.key, m.value, tuple(m.headers), m.timestamp)
                    for records in got.values() for m in records]  # fmt: skip
        if group:
            consumer.commit()
        consumer.close()
        return sorted(out)

    def transactional(self, bootstrap, transactional_id="x"):
        producer = self.lib.KafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=transactional_id
        )
        producer.init_transactions()
        return producer

    def transaction(self, producer, topic, messages, commit, offsets=None):
        producer.begin_transaction()
        for partition, value in messages:
            producer.send(topic, value, partition=partition)
        if offsets is not None:
            producer.send_offsets_to_transaction(
                {self.lib.TopicPartition(topic, p): self.lib.OffsetAndMetadata(o, "", -1)
                 for p, o in offsets.items()}, "g")  # fmt: skip
        if commit:
            producer.commit_transaction()
        else:
            producer.flush()
            producer.abort_transaction()

    def close(self, producer):
        producer.close()

    def is_fenced(self, error):
        errors = self.lib.errors
        known = errors.ProducerFencedError | errors.InvalidProducerEpochError
        # Once it knows, another error names it.
        return isinstance(error, known) or "ProducerFencedError" in str(error)


class Aiokafka:
    """aiokafka; a loop of its own."""

    module = "aiokafka"

    def __init__(self, access=OPEN):
        self.lib = pytest.importorskip(self.module)
        self.access = access.for_python()
        self.loop = None

    def run(self, coroutine):
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, DEADLINE_S))

    def connect(self, bootstrap):
        async def work():
            client = self.lib.AIOKafkaConsumer(bootstrap_servers=bootstrap, **self.access)
            try:
                await client.start()
                await client.topics()
            finally:
                await client.stop()

        self.run(work())

    def produce(self, bootstrap, topic, messages, codec="none"):
        async def work():
            async with self.lib.AIOKafkaProducer(
                bootstrap_servers=bootstrap, linger_ms=20, **self.access,
                compression_type=None if codec == "none" else codec) as producer:  # fmt: skip
                sent = [
                    await producer.send(topic, value, key, partition, timestamp, headers)
                    for partition, key, value, headers, timestamp in messages
                ]
                await asyncio.gather(*sent)

        self.run(work())

    def consume(self, bootstrap, topic, partitions, count, isolation="read_committed", group=None):
        async def work():
            consumer = self.lib.AIOKafkaConsumer(
                bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level=isolation,
                group_id=group, enable_auto_commit=False, **self.access)  # fmt: skip
            begin(self.lib, consumer, topic, partitions, group)
            async with consumer:
                got = [await consumer.getone() for _ in range(count)]
                if group:
                    await consumer.commit()
            return sorted(
                Read(m.partition, m.offset, m.key, m.value, tuple(m.headers), m.timestamp)
                for m in got
            )

        return self.run(work())

    def transactional(self, bootstrap, transactional_id="x"):
        async def work():
            producer = self.lib.AIOKafkaProducer(
                bootstrap_servers=bootstrap, transactional_id=transactional_id
            )
            await producer.start()
            return producer

        return self.run(work())

    def transaction(self, producer, topic, messages, commit, offsets=None):
        async def work():
            await producer.begin_transaction()
            for partition, value in messages:
                await producer.send(topic, value, partition=partition)
            if offsets is not None:
                await producer.send_offsets_to_transaction(
                    {self.lib.TopicPartition(topic, p): o for p, o in offsets.items()}, "g"
                )
            if commit:
                await producer.commit_transaction()
            else:
                await producer.flush()
                await producer.abort_transaction()

        self.run(work())

    def close(self, producer):
        self.run(producer.stop())

    def is_fenced(self, error):
        return isinstance(error, self.lib.errors.ProducerFenced)


class Kcat:
    """kcat, which only reads here: what it writes has no times."""

    def __init__(self):
        if not shutil.which("kcat"):
            pytest.skip("there is no kcat here")

    def consume(self, bootstrap, topic, partitions, count, isolation="read_committed"):
        done = subprocess.run(
            ["kcat", "-b", bootstrap, "-C", "-t", topic, "-e", "-q", "-J",
             "-X", f"isolation.level={isolation}"],
            capture_output=True, text=True, timeout=DEADLINE_S, check=True)  # fmt: skip
        out = []
        for line in done.stdout.splitlines():
            m = json.loads(line)
            flat = m.get("headers", [])
            headers = tuple((k, v.encode()) for k, v in zip(flat[::2], flat[1::2], strict=True))
            key, value = (
                None if m[part] is None else m[part].encode() for part in ("key", "payload")
            )
            out.append(Read(m["partition"], m["offset"], key, value, headers, m["ts"]))
        return sorted(out)


PRODUCERS = {"confluent-kafka": Confluent, "kafka-python": KafkaPython, "aiokafka": Aiokafka}
CONSUMERS = {**PRODUCERS, "kcat": Kcat}
