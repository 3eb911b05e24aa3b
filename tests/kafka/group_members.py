"""Members of groups that are real clients, and waiting for what they come to."""

import threading
import time

import pytest

confluent = pytest.importorskip("confluent_kafka")

DEADLINE_S = 40.0
QUICK = {"heartbeat_interval_ms": 200, "session_timeout_ms": 6000, "auto_offset_reset": "earliest",
         "group_id": "g", "metadata_max_age_ms": 1000}  # fmt: skip


def until(condition, *members, deadline_s=DEADLINE_S):
    """Polls the members until the condition holds."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        for member in members:
            member.poll(0.05)


class Member:
    """A confluent consumer of one group that notes what it lost and what it read."""

    SETTINGS = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300}  # noqa: RUF012

    def __init__(self, broker, topics=("t",), group="g", **config):
        self.lost = []
        self.messages = []
        self.consumer = confluent.Consumer(
            {"bootstrap.servers": broker.bootstrap, "group.id": group,
             "auto.offset.reset": "earliest", "topic.metadata.refresh.interval.ms": 500,
             **self.SETTINGS, **config}
        )  # fmt: skip
        self.consumer.subscribe(list(topics), on_revoke=lambda _, gone: self.lost.extend(gone))

    @property
    def partitions(self):
        return {(p.topic, p.partition) for p in self.consumer.assignment()}

    @property
    def values(self):
        return [m.value() for m in self.messages]

    def poll(self, timeout):
        message = self.consumer.poll(timeout)
        if message is not None and not message.error():
            self.messages.append(message)

    def close(self):
        self.consumer.close()


class ModernMember(Member):
    """The same by the protocol of KIP-848: the broker assigns and has the timeouts."""

    SETTINGS = {"group.protocol": "consumer"}  # noqa: RUF012


def share(members, everything):
    """Whether the members have everything between them, each something, nothing twice."""
    parts = [member.partitions for member in members]
    return (all(parts) and sum(len(part) for part in parts) == len(everything)
            and set().union(*parts) == everything)  # fmt: skip


def fill(broker, topic, count, first=0):
    producer = confluent.Producer({"bootstrap.servers": broker.bootstrap})
    for i in range(first, first + count):
        producer.produce(topic, b"%d" % i)
    assert producer.flush(20) == 0


class KafkaPythonMember:
    """Polls in a thread of its own: the client forgets a join that ends between two polls and
    joins anew, so members that take turns in one thread may keep each other rebalancing."""

    def __init__(self, broker, **config):
        kafka = pytest.importorskip("kafka")
        self.values = []
        self.partitions = set()
        self.consumer = kafka.KafkaConsumer(
            "t", bootstrap_servers=broker.bootstrap, **QUICK, **config
        )
        # A leader that does not know the partitions yet assigns none, and may never join again.
        assert self.consumer.partitions_for_topic("t")
        self.polled = threading.Event()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.is_set():
            for records in self.consumer.poll(500).values():
                self.values += [r.value for r in records]
            self.partitions = {(p.topic, p.partition) for p in self.consumer.assignment()}
            self.polled.set()

    def poll(self, timeout):
        self.polled.wait(timeout)
        self.polled.clear()

    def close(self):
        self.stopped.set()
        self.thread.join(DEADLINE_S)
        self.consumer.close()
