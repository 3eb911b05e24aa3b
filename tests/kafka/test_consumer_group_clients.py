"""Groups of the consumer protocol (KIP-848) with real clients: the broker assigns."""

import subprocess
import sys

import cnengine.kafka
import pytest

confluent = pytest.importorskip("confluent_kafka")
from confluent_kafka.admin import AdminClient  # noqa: E402
from group_members import Member, ModernMember, fill, share, until  # noqa: E402

ALL = {("t", p) for p in range(4)}


@pytest.fixture
def quick(store):
    """A broker whose members of KIP-848 are heard of often."""
    config = {"num.partitions": 4, "group.initial.rebalance.delay.ms": 0,
              "group.consumer.heartbeat.interval.ms": 200,
              "group.consumer.session.timeout.ms": 6000}  # fmt: skip
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker:
        yield broker


@pytest.mark.parametrize("assignor", [None, "range", "uniform"])
def test_the_broker_assigns(quick, store, assignor):
    store.create_topic("t", partitions=4)
    fill(quick, "t", 100)
    config = {} if assignor is None else {"group.remote.assignor": assignor}
    one = ModernMember(quick, **config)
    until(lambda: one.partitions == ALL, one)
    two, three = ModernMember(quick, **config), ModernMember(quick, **config)
    until(lambda: share([one, two, three], ALL), one, two, three)
    assert len(one.lost) in (2, 3)
    until(lambda: len({*one.values, *two.values, *three.values}) == 100, one, two, three)
    admin = AdminClient({"bootstrap.servers": quick.bootstrap})
    group = admin.describe_consumer_groups(["g"])["g"].result()
    assert group.type == confluent.ConsumerGroupType.CONSUMER
    assert group.state == confluent.ConsumerGroupState.STABLE
    assert group.partition_assignor == (assignor or "uniform")
    parts = [m.assignment.topic_partitions for m in group.members]
    assert {(p.topic, p.partition) for part in parts for p in part} == ALL
    two.close()
    until(lambda: share([one, three], ALL), one, three)
    # Topics grow under them.
    admin.create_partitions([confluent.admin.NewPartitions("t", 6)])["t"].result()
    more = ALL | {("t", 4), ("t", 5)}
    until(lambda: share([one, three], more), one, three)
    mine = one.consumer.assignment()[0]
    mine.offset = 7
    one.consumer.commit(offsets=[mine], asynchronous=False)
    assert one.consumer.committed([mine], timeout=20)[0].offset == 7
    one.close()
    three.close()
    assert admin.describe_consumer_groups(["g"])["g"].result().members == []


def test_the_broker_matches_expressions(quick, store):
    store.create_topic("orders-eu", partitions=1)
    store.create_topic("other", partitions=1)
    one = ModernMember(quick, topics=["^orders-.*"])
    until(lambda: one.partitions == {("orders-eu", 0)}, one)
    store.create_topic("orders-us", partitions=2)
    until(lambda: one.partitions == {("orders-eu", 0), ("orders-us", 0), ("orders-us", 1)}, one)
    one.close()


def test_static_members_of_the_new_protocol(quick, store):
    store.create_topic("t", partitions=4)
    one = ModernMember(quick, **{"group.instance.id": "one"})
    two = ModernMember(quick, **{"group.instance.id": "two"})
    until(lambda: share([one, two], ALL), one, two)
    kept = two.partitions
    two.close()
    one.lost.clear()
    two = ModernMember(quick, **{"group.instance.id": "two"})
    until(lambda: two.partitions == kept, one, two)
    assert one.lost == []
    one.close()
    two.close()


def test_a_member_that_is_killed_is_replaced(store):
    config = {"num.partitions": 4, "group.consumer.heartbeat.interval.ms": 100,
              "group.consumer.session.timeout.ms": 1500}  # fmt: skip
    store.create_topic("t", partitions=4)
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker:
        one = ModernMember(broker)
        until(lambda: one.partitions == ALL, one)
        code = (
            "import sys, confluent_kafka\n"
            "c = confluent_kafka.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'g', "
            "'group.protocol': 'consumer'})\n"
            "c.subscribe(['t'])\n"
            "while not c.assignment(): c.poll(0.1)\n"
            "print('in', flush=True)\n"
            "while True: c.poll(0.1)\n"
        )
        process = subprocess.Popen([sys.executable, "-c", code, broker.bootstrap],
                                   stdout=subprocess.PIPE)  # fmt: skip
        try:
            until(lambda: len(one.partitions) == 2, one)
            assert process.stdout.readline() == b"in\n"
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        until(lambda: one.partitions == ALL, one)
        one.close()


class Served:
    """`cnengine broker` in a process of its own, always at one address."""

    def __init__(self, folder, listen="127.0.0.1:0"):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cnengine.cli", "broker", "--data", str(folder), "--listen",
             listen, "--set", "group.consumer.heartbeat.interval.ms=200"],
            stdout=subprocess.PIPE, text=True)  # fmt: skip
        words = self.process.stdout.readline().split()
        assert words[:1] == ["broker"]
        self.bootstrap = words[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_a_group_goes_on_after_its_broker_was_killed(tmp_path):
    with Served(tmp_path) as broker:
        address = broker.bootstrap
        admin = AdminClient({"bootstrap.servers": address})
        admin.create_topics([confluent.admin.NewTopic("t", 4)])["t"].result()
        fill(broker, "t", 100)
        config = {"reconnect.backoff.max.ms": 200, "enable.auto.commit": False}
        one, two = ModernMember(broker, **config), ModernMember(broker, **config)
        until(lambda: share([one, two], ALL), one, two)
        until(lambda: len({*one.values, *two.values}) == 100, one, two)
        before = one.partitions, two.partitions
        ids = [m.member_id for m in admin.describe_consumer_groups(["g"])["g"].result().members]
        for member in (one, two):
            member.lost.clear()
            member.messages.clear()
            member.consumer.commit(asynchronous=False)
    with Served(tmp_path, listen=address) as broker:
        fill(broker, "t", 100, first=100)
        until(lambda: len({*one.values, *two.values}) >= 100, one, two)
        # The same members have the same partitions, and go on where they were.
        assert (one.partitions, two.partitions) == before
        assert one.lost == two.lost == []
        assert sorted(map(int, one.values + two.values)) == list(range(100, 200))
        admin = AdminClient({"bootstrap.servers": address})
        group = admin.describe_consumer_groups(["g"])["g"].result()
        assert [m.member_id for m in group.members] == ids
        three = ModernMember(broker, **config)
        until(lambda: share([one, two, three], ALL), one, two, three)
        for member in (one, two, three):
            member.close()


def test_a_classic_group_moves_over_while_it_works(quick, store):
    store.create_topic("t", partitions=4)
    fill(quick, "t", 100)
    admin = AdminClient({"bootstrap.servers": quick.bootstrap})

    def kind():
        return admin.describe_consumer_groups(["g"])["g"].result().type

    one = Member(quick, **{"partition.assignment.strategy": "range"})
    until(lambda: one.partitions == ALL, one)
    assert kind() == confluent.ConsumerGroupType.CLASSIC
    two = ModernMember(quick)
    until(lambda: share([one, two], ALL), one, two)
    assert kind() == confluent.ConsumerGroupType.CONSUMER
    until(lambda: len({*one.values, *two.values}) == 100, one, two)
    # The last of the old ones goes, and so the move is done.
    one.close()
    until(lambda: two.partitions == ALL, two)
    # And back.
    three = Member(quick, **{"partition.assignment.strategy": "range"})
    until(lambda: share([two, three], ALL), two, three)
    two.close()
    until(lambda: three.partitions == ALL, three)
    assert kind() == confluent.ConsumerGroupType.CLASSIC
    three.close()
