"""Groups with real clients: rebalances of each kind, static members, offsets, admin."""

import asyncio
import shutil
import subprocess
import sys

import cnengine.kafka
import cnengine.log
import pytest

confluent = pytest.importorskip("confluent_kafka")
from confluent_kafka import TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient  # noqa: E402
from group_members import DEADLINE_S, KafkaPythonMember, Member, fill, share, until  # noqa: E402

ALL = {("t", p) for p in range(4)}


@pytest.mark.parametrize("strategy", ["range", "roundrobin", "cooperative-sticky"])
def test_rebalance(broker, store, strategy):
    store.create_topic("t", partitions=4)
    fill(broker, "t", 100)
    config = {"partition.assignment.strategy": strategy}
    one = Member(broker, **config)
    until(lambda: one.partitions == ALL, one)
    two = Member(broker, **config)
    until(lambda: share([one, two], ALL), one, two)
    # A cooperative member gave up what it had to, and kept the rest.
    assert len(one.lost) == (2 if strategy == "cooperative-sticky" else 4)
    until(lambda: len({*one.values, *two.values}) == 100, one, two)
    two.close()
    until(lambda: one.partitions == ALL, one)
    one.close()
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    group = admin.describe_consumer_groups(["g"])["g"].result()
    assert group.state == confluent.ConsumerGroupState.EMPTY
    assert group.members == []


def test_a_member_that_dies_is_replaced(broker, store):
    store.create_topic("t", partitions=4)
    one, two = Member(broker), Member(broker)
    until(lambda: share([one, two], ALL), one, two)
    # It does not leave, and is not heard of any more.
    code = (
        "import os, sys, confluent_kafka\n"
        "c = confluent_kafka.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'g', "
        "'session.timeout.ms': 6000, 'heartbeat.interval.ms': 300})\n"
        "c.subscribe(['t'])\n"
        "while not c.assignment(): c.poll(0.1)\n"
        "print('in', flush=True)\n"
        "while True: c.poll(0.1)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, broker.bootstrap],
                               stdout=subprocess.PIPE)  # fmt: skip
    until(lambda: len(one.partitions) + len(two.partitions) < 4 and one.partitions
          and two.partitions, one, two)  # fmt: skip
    assert process.stdout.readline() == b"in\n"
    process.kill()
    process.wait()
    until(lambda: share([one, two], ALL), one, two)
    one.close()
    two.close()


def test_static_members_come_back_without_a_rebalance(broker, store):
    store.create_topic("t", partitions=4)
    one = Member(broker, **{"group.instance.id": "one"})
    two = Member(broker, **{"group.instance.id": "two"})
    until(lambda: share([one, two], ALL), one, two)
    kept = two.partitions
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})

    def members():
        group = admin.describe_consumer_groups(["g"])["g"].result()
        return {m.group_instance_id: m.member_id for m in group.members}

    before = members()
    assert before.keys() == {"one", "two"}
    two.close()  # a static member does not leave
    one.lost.clear()
    two = Member(broker, **{"group.instance.id": "two"})
    until(lambda: two.partitions == kept, one, two)
    assert one.lost == []
    after = members()
    assert after["one"] == before["one"]
    assert after["two"] != before["two"]
    one.close()
    two.close()


def test_offsets_outlive_the_broker(tmp_path):
    with cnengine.log.open(tmp_path / "log", fsync="none") as store:
        store.create_topic("t", partitions=4)
        with cnengine.kafka.Broker(store, listen="127.0.0.1:0") as broker:
            consumer = confluent.Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g"})
            offsets = [TopicPartition("t", p, 10 + p, metadata=f"m{p}") for p in range(4)]
            consumer.commit(offsets=offsets, asynchronous=False)
            consumer.close()
            assert "__consumer_offsets" in store.topics()
    for _ in range(2):
        with (
            cnengine.log.open(tmp_path / "log", fsync="none") as store,
            cnengine.kafka.Broker(store, listen="127.0.0.1:0") as broker,
        ):
            consumer = confluent.Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g"})
            got = consumer.committed([TopicPartition("t", p) for p in range(5)], timeout=20)
            consumer.close()
            assert [p.offset for p in got] == [10, 11, 12, 13, confluent.OFFSET_INVALID]
            assert [p.metadata for p in got[:4]] == ["m0", "m1", "m2", "m3"]


@pytest.mark.parametrize("fsync", ["always", "interval"])
def test_each_record_once_over_commits(tmp_path, fsync):
    """Consumers of a group one after the other: what was committed is not read again."""
    with (
        cnengine.log.open(tmp_path / "log", fsync=fsync) as store,
        cnengine.kafka.Broker(store, listen="127.0.0.1:0",
                              config={"group.initial.rebalance.delay.ms": 0}) as broker,
    ):  # fmt: skip
        store.create_topic("t", partitions=2)
        fill(broker, "t", 60)
        values = []
        for _ in range(3):
            member = Member(broker, **{"enable.auto.commit": False})
            until(lambda member=member: len(member.messages) == 20, member)
            for partition in (0, 1):
                if own := [m for m in member.messages if m.partition() == partition]:
                    member.consumer.commit(own[-1], asynchronous=False)
            values += member.values
            member.close()
        assert len(values) == len(set(values)) == 60


def test_admin(broker, store):
    store.create_topic("t", partitions=4)
    store.create_topic("other", partitions=1)
    member = Member(broker)
    until(lambda: member.partitions == ALL, member)
    member.consumer.commit(offsets=[TopicPartition("t", 0, 3)], asynchronous=False)
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    listed = admin.list_consumer_groups().result()
    assert [(g.group_id, g.state, g.is_simple_consumer_group) for g in listed.valid] == [
        ("g", confluent.ConsumerGroupState.STABLE, False)
    ]
    group = admin.describe_consumer_groups(["g"], include_authorized_operations=True)["g"].result()
    assert group.partition_assignor == "range"
    assert [(m.client_id, m.host) for m in group.members] == [("rdkafka", "/127.0.0.1")]
    assert {(p.topic, p.partition) for p in group.members[0].assignment.topic_partitions} == ALL
    assert group.authorized_operations
    request = confluent.ConsumerGroupTopicPartitions("g", [TopicPartition("t", 0)])
    changed = confluent.ConsumerGroupTopicPartitions("g", [TopicPartition("t", 0, 1)])
    result = admin.alter_consumer_group_offsets([changed])["g"].result()
    assert result.topic_partitions[0].error.code() == confluent.KafkaError.UNKNOWN_MEMBER_ID
    with pytest.raises(confluent.KafkaException, match="NON_EMPTY_GROUP"):
        admin.delete_consumer_groups(["g"])["g"].result()
    member.close()
    admin.alter_consumer_group_offsets([changed])["g"].result()
    offsets = admin.list_consumer_group_offsets([request])["g"].result().topic_partitions
    assert [(p.partition, p.offset) for p in offsets] == [(0, 1)]
    admin.delete_consumer_groups(["g"])["g"].result()
    assert admin.list_consumer_groups().result().valid == []
    with pytest.raises(confluent.KafkaException, match="GROUP_ID_NOT_FOUND"):
        admin.delete_consumer_groups(["g"])["g"].result()


def test_kafka_python(broker, store):
    kafka = pytest.importorskip("kafka")
    store.create_topic("t", partitions=4)
    fill(broker, "t", 50)
    one = KafkaPythonMember(broker)
    until(lambda: len(set(one.values)) == 50, one)
    two = KafkaPythonMember(broker)
    until(lambda: len(one.partitions) == len(two.partitions) == 2, one, two)
    fill(broker, "t", 50, first=50)
    until(lambda: len({*one.values, *two.values}) == 100, one, two)
    two.close()
    until(lambda: len(one.partitions) == 4, one)
    one.close()
    assert sorted(map(int, {*one.values, *two.values})) == list(range(100))
    admin = kafka.KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    assert sum(each.offset for each in admin.list_group_offsets("g")["g"].values()) == 100
    admin.close()


def test_aiokafka(broker, store):
    aiokafka = pytest.importorskip("aiokafka")
    store.create_topic("t", partitions=4)
    fill(broker, "t", 40)

    async def run():
        def consumer():
            return aiokafka.AIOKafkaConsumer(
                "t", bootstrap_servers=broker.bootstrap, group_id="g",
                auto_offset_reset="earliest", heartbeat_interval_ms=300,
                session_timeout_ms=6000)  # fmt: skip

        one, two = consumer(), consumer()
        await one.start()
        values = []
        while len(values) < 40:
            for records in (await one.getmany(timeout_ms=200)).values():
                values += [r.value for r in records]
        await one.commit()
        await two.start()
        while not (len(one.assignment()) == len(two.assignment()) == 2):
            await asyncio.gather(one.getmany(timeout_ms=50), two.getmany(timeout_ms=50))
        offsets = [await one.committed(aiokafka.TopicPartition("t", p)) for p in range(4)]
        await two.stop()
        await one.stop()
        return values, offsets

    values, offsets = asyncio.run(asyncio.wait_for(run(), DEADLINE_S))
    assert sorted(map(int, values)) == list(range(40))
    assert sum(offsets) == 40


@pytest.mark.skipif(not shutil.which("kcat"), reason="there is no kcat here")
def test_kcat(broker, store):
    store.create_topic("t", partitions=2)
    fill(broker, "t", 30)
    out = subprocess.run(
        ["kcat", "-b", broker.bootstrap, "-G", "g", "-X", "auto.offset.reset=earliest", "-c", "30",
         "t"], capture_output=True, text=True, timeout=DEADLINE_S, check=True)  # fmt: skip
    assert sorted(map(int, out.stdout.split())) == list(range(30))
