"""Groups of kafka-python and aiokafka: each of their strategies, static members, both mixed."""

import asyncio

import pytest
from group_members import DEADLINE_S, QUICK, KafkaPythonMember, Member, share, until

ALL = {("t", p) for p in range(4)}


def strategies(name, *classes):
    """Classes of assignors by name, as far as the client has them."""
    found = []
    for module, cls in classes:
        try:
            found.append(getattr(__import__(f"{name}.coordinator.assignors.{module}",
                                            fromlist=[cls]), cls))  # fmt: skip
        except (ImportError, AttributeError):
            pytest.skip(f"{name} has no {cls}")
    return found


class AiokafkaMember:
    """On a loop that all of them share: each goes on while another one is polled."""

    loop = None

    def __init__(self, broker, **config):
        aiokafka = pytest.importorskip("aiokafka")
        cls = AiokafkaMember
        if cls.loop is None:
            cls.loop = asyncio.new_event_loop()
        self.values = []

        async def start():
            consumer = aiokafka.AIOKafkaConsumer(
                "t", bootstrap_servers=broker.bootstrap, **QUICK, **config
            )
            # The first poll of others must not wait for this join.
            self.starting = asyncio.ensure_future(consumer.start())
            return consumer

        self.consumer = self.loop.run_until_complete(start())

    @property
    def partitions(self):
        if not self.starting.done():
            return set()
        return {(p.topic, p.partition) for p in self.consumer.assignment()}

    def poll(self, timeout):
        async def work():
            if not self.starting.done():
                return await asyncio.wait([self.starting], timeout=timeout)
            self.starting.result()
            got = await self.consumer.getmany(timeout_ms=int(timeout * 1000))
            self.values += [r.value for records in got.values() for r in records]
            return None

        self.loop.run_until_complete(asyncio.wait_for(work(), DEADLINE_S))

    def close(self):
        self.loop.run_until_complete(asyncio.wait_for(self.consumer.stop(), DEADLINE_S))


MEMBERS = {"kafka": KafkaPythonMember, "aiokafka": AiokafkaMember}
CASES = [
    ("kafka", "range", "RangePartitionAssignor"),
    ("kafka", "roundrobin", "RoundRobinPartitionAssignor"),
    ("kafka", "sticky.sticky_assignor", "StickyPartitionAssignor"),
    ("kafka", "cooperative_sticky", "CooperativeStickyAssignor"),
    ("aiokafka", "range", "RangePartitionAssignor"),
    ("aiokafka", "roundrobin", "RoundRobinPartitionAssignor"),
    ("aiokafka", "sticky.sticky_assignor", "StickyPartitionAssignor"),
]


def fill(broker, count, first=0):
    import confluent_kafka

    producer = confluent_kafka.Producer({"bootstrap.servers": broker.bootstrap})
    for i in range(first, first + count):
        producer.produce("t", b"%d" % i, partition=i % 4)
    assert producer.flush(20) == 0


@pytest.mark.parametrize(("name", "module", "cls"), CASES, ids=lambda each: each)
def test_rebalance(broker, store, name, module, cls):
    store.create_topic("t", partitions=4)
    fill(broker, 40)
    config = {"partition_assignment_strategy": strategies(name, (module, cls))}
    one = MEMBERS[name](broker, **config)
    until(lambda: one.partitions == ALL and len(set(one.values)) == 40, one)
    two = MEMBERS[name](broker, **config)
    until(lambda: share([one, two], ALL), one, two)
    fill(broker, 40, first=40)
    until(lambda: len({*one.values, *two.values}) == 80, one, two)
    two.close()
    until(lambda: one.partitions == ALL, one)
    one.close()


@pytest.mark.parametrize("name", MEMBERS)
def test_static_members_come_back_without_a_rebalance(broker, store, name):
    store.create_topic("t", partitions=4)
    one = MEMBERS[name](broker, group_instance_id="one")
    two = MEMBERS[name](broker, group_instance_id="two")
    until(lambda: share([one, two], ALL), one, two)
    kept, generation = two.partitions, generation_of(one)
    two.close()  # a static member does not leave
    two = MEMBERS[name](broker, group_instance_id="two")
    until(lambda: two.partitions == kept, one, two)
    assert generation_of(one) == generation
    assert one.partitions == ALL - kept
    one.close()
    two.close()


def generation_of(member):
    coordinator = member.consumer._coordinator
    generation = getattr(coordinator, "generation", None)
    if generation is None:
        generation = coordinator._generation
    return getattr(generation, "generation_id", generation)


def test_members_of_three_clients_in_one_group(broker, store):
    """They agree on the strategy that all of them have."""
    store.create_topic("t", partitions=6)
    everything = {("t", p) for p in range(6)}
    config = {name: {"partition_assignment_strategy": strategies(
        name, ("range", "RangePartitionAssignor"))} for name in MEMBERS}  # fmt: skip
    members = [
        Member(broker, **{"partition.assignment.strategy": "range"}),
        KafkaPythonMember(broker, **config["kafka"]),
        AiokafkaMember(broker, **config["aiokafka"]),
    ]
    until(lambda: share(members, everything), *members)
    assert [len(member.partitions) for member in members] == [2, 2, 2]
    for member in members:
        member.close()
