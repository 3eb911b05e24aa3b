"""Members of groups that are real clients, and waiting for what they come to."""

import time

import pytest

confluent = pytest.importorskip("confluent_kafka")

DEADLINE_S = 40.0


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
