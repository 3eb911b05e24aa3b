"""Transactions by real clients: commit, abort, isolation, offsets, fencing."""

import pytest
from client_adapters import CONSUMERS, PRODUCERS

confluent = pytest.importorskip("confluent_kafka")


def by_partition(got):
    return {p: [m.value for m in got if m.partition == p] for p in (0, 1)}


@pytest.mark.parametrize("name", PRODUCERS)
def test_commit_and_abort(broker, store, name):
    store.create_topic("t", partitions=2)
    client = PRODUCERS[name]()
    producer = client.transactional(broker.bootstrap)
    for value, commit in ((b"one", True), (b"two", False), (b"three", True)):
        client.transaction(producer, "t", [(p, value) for p in (0, 1) for _ in range(3)], commit)
    client.close(producer)
    for reader, make in CONSUMERS.items():
        consume = make().consume
        committed = by_partition(consume(broker.bootstrap, "t", 2, 12))
        assert committed == {p: [b"one"] * 3 + [b"three"] * 3 for p in (0, 1)}, reader
        everything = by_partition(consume(broker.bootstrap, "t", 2, 18, "read_uncommitted"))
        assert everything == {p: [b"one"] * 3 + [b"two"] * 3 + [b"three"] * 3 for p in (0, 1)}
    # Each transaction has a marker behind it in each partition.
    assert [store.end_offset("t", p) for p in (0, 1)] == [12, 12]


@pytest.mark.parametrize("name", PRODUCERS)
def test_offsets_go_with_the_transaction(broker, store, name):
    store.create_topic("t", partitions=2)
    client = PRODUCERS[name]()
    producer = client.transactional(broker.bootstrap)
    consumer = confluent.Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g"})
    for offsets, commit, expected in (({0: 5, 1: 6}, True, [5, 6]), ({0: 9, 1: 9}, False, [5, 6]),
                                      ({1: 7}, True, [5, 7])):  # fmt: skip
        client.transaction(producer, "t", [(0, b"x")], commit, offsets)
        partitions = [confluent.TopicPartition("t", p) for p in (0, 1)]
        assert [p.offset for p in consumer.committed(partitions, 20)] == expected
    consumer.close()
    client.close(producer)


@pytest.mark.parametrize("name", PRODUCERS)
def test_a_second_producer_fences_the_first(broker, store, name):
    store.create_topic("t", partitions=2)
    client = PRODUCERS[name]()
    first = client.transactional(broker.bootstrap)
    client.transaction(first, "t", [(0, b"first")], commit=True)
    second = client.transactional(broker.bootstrap)
    with pytest.raises(Exception) as raised:  # noqa: PT011  each client has its own
        client.transaction(first, "t", [(0, b"fenced")], commit=True)
    assert client.is_fenced(raised.value), raised.value
    client.transaction(second, "t", [(0, b"second")], commit=True)
    client.close(second)
    got = client.consume(broker.bootstrap, "t", 2, 2)
    assert [m.value for m in got] == [b"first", b"second"]
