"""Transactions in every version of each API, in bytes by hand; what a partition then holds."""

import threading

import pytest
import transaction_wire as txn
from record_batches import batch
from transaction_wire import PRODUCE, read_produce
from wire_client import Client, Writer


@pytest.fixture
def topic(store):
    store.create_topic("a", partitions=2)
    return "a"


def begin(client, transactional_id="t", **kwargs):
    error, *producer = txn.init(client, 5, transactional_id, **kwargs)
    assert error == txn.NONE
    return tuple(producer)


@pytest.mark.parametrize("version", range(6))
def test_init_producer_id(client, version):
    error, first, epoch = txn.init(client, version, None)
    assert (error, epoch) == (txn.NONE, 0)
    assert txn.init(client, version, None)[1] == first + 1
    error, producer, epoch = txn.init(client, version, "t")
    assert (error, producer, epoch) == (txn.NONE, first + 2, 0)
    assert txn.init(client, version, "t") == (txn.NONE, producer, 1)
    assert txn.init(client, version, "")[0] == txn.INVALID_REQUEST
    assert txn.init(client, version, "t", timeout_ms=0) == (txn.INVALID_TIMEOUT, -1, -1)
    assert txn.init(client, version, "t", timeout_ms=900_001)[0] == txn.INVALID_TIMEOUT
    if version >= 3:
        assert txn.init(client, version, "t", producer=(producer, 1)) == (txn.NONE, producer, 2)
        # Again, as if the answer had been lost.
        assert txn.init(client, version, "t", producer=(producer, 1)) == (txn.NONE, producer, 2)
        fenced = txn.FENCED if version >= 4 else txn.INVALID_EPOCH
        assert txn.init(client, version, "t", producer=(producer, 0)) == (fenced, -1, -1)
        assert txn.init(client, version, "t", producer=(producer, -1))[0] == txn.INVALID_REQUEST


@pytest.mark.parametrize("version", range(4))
def test_add_partitions(client, topic, version):
    producer = begin(client)
    both = [("a", 0), ("a", 1)]
    assert txn.add(client, version, "t", producer, both) == dict.fromkeys(both, txn.NONE)
    assert txn.add(client, version, "t", producer, both[:1]) == {("a", 0): txn.NONE}
    fenced = txn.FENCED if version >= 2 else txn.INVALID_EPOCH
    assert txn.add(client, version, "t", (producer[0], 5), both) == dict.fromkeys(both, fenced)
    other = (producer[0] + 1, 0)
    assert txn.add(client, version, "t", other, both[:1]) == {("a", 0): txn.INVALID_MAPPING}
    assert txn.add(client, version, "nobody", producer, both[:1]) == {("a", 0): txn.INVALID_MAPPING}
    # All or nothing.
    wrong = [("a", 0), ("a", 9), ("b", 0)]
    assert list(txn.add(client, version, "t", producer, wrong).values()) == [
        txn.NOT_ATTEMPTED, txn.UNKNOWN_TOPIC, txn.UNKNOWN_TOPIC]  # fmt: skip
    (row,) = txn.describe(client, ["t"])
    assert row[2] == "Ongoing"
    assert row[7] == {"a": [0, 1]}


@pytest.mark.parametrize("version", [4, 5])
def test_add_partitions_batched(client, topic, version):
    one, two = begin(client, "one"), begin(client, "two")
    got = txn.add_batched(client, version, [
        ("one", one, False, [("a", 0)]),
        ("two", (two[0], 3), False, [("a", 0)]),
        ("one", one, True, [("a", 1)]),
        ("two", two, False, [("b", 0)]),
    ])  # fmt: skip
    assert got == [
        ("one", {("a", 0): txn.NONE}),
        ("two", {("a", 0): txn.FENCED}),
        ("one", {("a", 1): txn.ABORTABLE}),
        ("two", {("b", 0): txn.UNKNOWN_TOPIC}),
    ]
    assert txn.add_batched(client, version, [("one", one, True, [("a", 0)])]) == [
        ("one", {("a", 0): txn.NONE})
    ]
    assert txn.add_batched(client, version, []) == []


@pytest.mark.parametrize("version", range(5))
def test_add_offsets(client, version):
    producer = begin(client)
    assert txn.add_offsets(client, version, "t", producer, "group") == txn.NONE
    fenced = txn.FENCED if version >= 2 else txn.INVALID_EPOCH
    assert txn.add_offsets(client, version, "t", (producer[0], 4), "group") == fenced
    assert txn.add_offsets(client, version, "u", producer, "group") == txn.INVALID_MAPPING
    (row,) = txn.describe(client, ["t"])
    # "group".hashCode() is 98629247, modulo 50 partitions.
    assert row[7] == {"__consumer_offsets": [47]}
    assert txn.end(client, 4, "t", producer, True) == txn.NONE


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize("version", range(6))
def test_end(client, topic, version, commit):
    producer = begin(client)
    assert txn.add(client, 3, "t", producer, [("a", 0)]) == {("a", 0): txn.NONE}
    assert txn.produce(client, 11, "a", [b"x", b"y"], producer, 0) == (txn.NONE, 0)
    assert txn.fetch(client, "a", 0, committed=True)[1:] == (2, 0, [], [])
    number, epoch = producer
    if version < 5:
        fenced = txn.FENCED if version >= 2 else txn.INVALID_EPOCH
        assert txn.end(client, version, "t", (number, 1), commit) == fenced
        assert txn.end(client, version, "t", (number + 1, 0), commit) == txn.INVALID_MAPPING
        assert txn.end(client, version, "t", producer, commit) == txn.NONE
        assert txn.end(client, version, "t", producer, commit) == txn.NONE
        assert txn.end(client, version, "t", producer, not commit) == txn.INVALID_TXN_STATE
    else:
        assert txn.end(client, version, "t", (number, 1), commit) == (txn.FENCED, -1, -1)
        assert txn.end(client, version, "t", producer, commit) == (txn.NONE, number, epoch + 1)
        assert txn.end(client, version, "t", producer, commit) == (txn.NONE, number, epoch + 1)
        assert txn.end(client, version, "t", producer, not commit) == (
            txn.INVALID_TXN_STATE, -1, -1)  # fmt: skip
    aborted = [] if commit else [(number, 0)]
    records = [(0, b"x"), (1, b"y"), (2, commit)]
    assert txn.fetch(client, "a", 0, committed=True) == (txn.NONE, 3, 3, aborted, records)
    assert txn.fetch(client, "a", 0, committed=False) == (txn.NONE, 3, 3, [], records)
    assert txn.read_committed(client, "a") == ([b"x", b"y"] if commit else [])


@pytest.mark.parametrize("version", range(3, 14))
def test_produce(client, store, topic, version):
    topic_id = bytes.fromhex(store._store.topic_id("a")) if version >= 13 else None
    send = lambda *args, **kw: txn.produce(client, version, "a", *args, topic_id=topic_id, **kw)  # noqa: E731
    producer = begin(client)
    if version < 12:
        # The client has to add the partition; the error says so as far as it can.
        error = txn.ABORTABLE if version >= 11 else txn.INVALID_TXN_STATE
        assert send([b"x"], producer, 0) == (error, -1)
        assert txn.add(client, 3, "t", producer, [("a", 0)]) == {("a", 0): txn.NONE}
    assert send([b"x"], producer, 0) == (txn.NONE, 0)
    assert send([b"y"], producer, 1) == (txn.NONE, 1)
    assert send([b"y"], producer, 1) == (txn.NONE, 1)
    assert send([b"z"], producer, 5) == (txn.OUT_OF_ORDER, -1)
    assert send([b"z"], producer, 2, transactional_id=None) == (txn.TXN_AUTHORIZATION, -1)
    assert send([b"z"], producer, 2, acks=1) == (txn.INVALID_ACKS, -1)
    (row,) = txn.describe(client, ["t"])
    assert row[7] == {"a": [0]}
    error, who, epoch = txn.end(client, 5, "t", producer, True)
    assert (error, who, epoch) == (txn.NONE, producer[0], producer[1] + 1)
    # The epoch of the transaction that is over is fenced.
    assert send([b"z"], producer, 2) == (txn.INVALID_EPOCH, -1)
    if version < 12:
        assert txn.add(client, 3, "t", (who, epoch), [("a", 0)]) == {("a", 0): txn.NONE}
    assert send([b"z"], (who, epoch), 0) == (txn.NONE, 3)
    assert txn.read_committed(client, "a") == [b"x", b"y"]


def test_produce_without_a_transaction(client, topic):
    producer = begin(client)
    assert txn.produce(client, 12, "a", [b"x"], producer, 0, transactional_id="u") == (
        txn.INVALID_MAPPING, -1)  # fmt: skip
    assert txn.produce(client, 12, "a", [b"x"], (producer[0] + 9, 0), 0) == (
        txn.INVALID_MAPPING,
        -1,
    )
    assert txn.produce(client, 12, "a", [b"x"], (producer[0], 9), 0) == (txn.INVALID_EPOCH, -1)
    assert txn.produce(client, 12, "a", [b"x"], producer, 0, partition=7) == (txn.UNKNOWN_TOPIC, -1)
    # A batch that is no part of one is not held back by an id.
    records = batch([b"plain"])
    body = txn.produce_body(12, "a", records, transactional_id="t")
    assert read_produce(client.call(PRODUCE, 12, body, flexible=True), 12) == (txn.NONE, 0)
    assert txn.describe(client, ["t"])[0][2] == "Empty"


def test_produce_of_two_producers_in_one_request(client, topic):
    one, two = begin(client, "one"), begin(client, "two")
    w = Writer(True).string("one").int16(-1).int32(1000).count(1).string("a").count(2)
    for index, producer in ((0, one), (1, two)):
        records = batch([b"x"], attributes=txn.TRANSACTIONAL, producer=(*producer, 0))
        w.int32(index).bytes(records).tags()
    r = client.call(PRODUCE, 12, w.tags().tags(), flexible=True)
    assert (r.count(), r.string(), r.count()) == (1, "a", 2)
    for index in (0, 1):
        assert (r.int32(), r.int16()) == (index, txn.INVALID_MAPPING)
        r.int64(), r.int64(), r.int64(), r.count(), r.string(), r.tags()


def test_pipelined_produces_keep_their_order(client, topic):
    """The first one has to wait for a record of the coordinator; the others do not overtake it."""
    producer = begin(client)
    for i in range(20):
        records = batch([b"%d" % i], attributes=txn.TRANSACTIONAL, producer=(*producer, i))
        client.send(PRODUCE, 12, txn.produce_body(12, "a", records), flexible=True)
    for i in range(20):
        _, r = client.receive(flexible=True)
        assert read_produce(r, 12) == (txn.NONE, i)
    assert txn.end(client, 5, "t", producer, True)[0] == txn.NONE
    assert txn.read_committed(client, "a") == [b"%d" % i for i in range(20)]


def test_last_stable_offset(client, topic):
    """What lies behind the first open transaction is not read, though it may be decided."""
    slow, quick = begin(client, "slow"), begin(client, "quick")
    assert txn.produce(client, 12, "a", [b"s"], slow, 0, transactional_id="slow") == (txn.NONE, 0)
    assert txn.produce(client, 12, "a", [b"q"], quick, 0, transactional_id="quick") == (txn.NONE, 1)
    assert txn.end(client, 5, "quick", quick, True)[0] == txn.NONE
    assert txn.fetch(client, "a", 0, committed=True)[1:] == (3, 0, [], [])
    assert txn.list_offsets(client, "a", -1, committed=True) == 0
    assert txn.list_offsets(client, "a", -1, committed=False) == 3
    assert txn.list_offsets(client, "a", 0, committed=True) == -1
    assert txn.end(client, 5, "slow", slow, False)[0] == txn.NONE
    _, high, stable, aborted, _ = txn.fetch(client, "a", 0, committed=True)
    assert (high, stable, aborted) == (4, 4, [(slow[0], 0)])
    assert txn.list_offsets(client, "a", -1, committed=True) == 4
    assert txn.read_committed(client, "a") == [b"q"]


def test_a_waiting_fetch_hears_of_the_commit(client, broker, topic):
    producer = begin(client)
    assert txn.produce(client, 12, "a", [b"x"], producer, 0) == (txn.NONE, 0)
    w = Writer().int32(-1).int32(20_000).int32(1).int32(1 << 20).int8(1).int32(0).int32(-1)
    w.count(1).string("a").count(1).int32(0).int32(-1).int64(0).int64(-1).int32(1 << 20)
    w.count(0).string("")
    got = []
    with Client(broker.address) as reader:
        reader.send(txn.FETCH, 11, w)
        waiter = threading.Thread(target=lambda: got.append(reader.receive()))
        waiter.start()
        assert txn.end(client, 5, "t", producer, True)[0] == txn.NONE
        waiter.join(15)
    assert len(got) == 1
    assert b"x" in bytes(got[0][1].data)


@pytest.mark.parametrize("version", [1, 2])
def test_write_txn_markers(client, topic, version):
    """As kafka-transactions.sh ends a transaction that hangs."""
    producer = begin(client)
    assert txn.produce(client, 12, "a", [b"x"], producer, 0) == (txn.NONE, 0)
    error, active = txn.describe_producers(client, "a")
    assert (error, active) == (txn.NONE, [(*producer, 0, -1, 0)])
    where = [("a", 0), ("a", 7), ("b", 0)]
    assert list(txn.write_markers(client, version, (producer[0], producer[1] + 1), False,
                                  where, coordinator_epoch=3).values()) == [
        txn.NONE, txn.UNKNOWN_TOPIC, txn.UNKNOWN_TOPIC]  # fmt: skip
    assert txn.fetch(client, "a", 0, committed=True)[2:] == (
        2, [(producer[0], 0)], [(0, b"x"), (1, False)])  # fmt: skip
    error, active = txn.describe_producers(client, "a")
    assert active == [(producer[0], producer[1] + 1, -1, 3, -1)]
    # An older epoch of the producer, and of the coordinator.
    assert txn.write_markers(client, version, producer, True, [("a", 0)], coordinator_epoch=3) == {
        ("a", 0): txn.INVALID_EPOCH
    }
    newer = (producer[0], producer[1] + 2)
    assert txn.write_markers(client, version, newer, True, [("a", 0)], coordinator_epoch=2) == {
        ("a", 0): txn.COORDINATOR_FENCED
    }
    # The coordinator's own end of it finds nothing to do there.
    assert txn.end(client, 5, "t", producer, False)[0] == txn.NONE


def test_describe_producers(client, topic):
    assert txn.describe_producers(client, "a") == (txn.NONE, [])
    assert txn.describe_producers(client, "a", 5)[0] == txn.UNKNOWN_TOPIC
    assert txn.describe_producers(client, "b")[0] == txn.UNKNOWN_TOPIC
    producer = begin(client)
    txn.produce(client, 12, "a", [b"x", b"y"], producer, 0)
    assert txn.describe_producers(client, "a")[1] == [(*producer, 1, -1, 0)]
    txn.end(client, 5, "t", producer, True)
    assert txn.describe_producers(client, "a")[1] == [(producer[0], 1, -1, 0, -1)]


def test_describe_transactions(client, store, topic):
    producer = begin(client, timeout_ms=12_345)
    assert txn.describe(client, ["t", "", "nobody"]) == [
        (txn.NONE, "t", "Empty", 12_345, -1, *producer, {}),
        (txn.INVALID_REQUEST, "", "", 0, 0, 0, 0, {}),
        (txn.ID_NOT_FOUND, "nobody", "", 0, 0, 0, 0, {}),
    ]
    txn.produce(client, 12, "a", [b"x"], producer, 0)
    ((*_, start, who, epoch, topics),) = txn.describe(client, ["t"])
    assert start > 0
    assert (who, epoch, topics) == (*producer, {"a": [0]})
    txn.end(client, 5, "t", producer, True)
    ((_, _, state, _, _, _, epoch, topics),) = txn.describe(client, ["t"])
    assert (state, epoch, topics) == ("CompleteCommit", 1, {})


@pytest.mark.parametrize("version", [0, 1, 2])
def test_list_transactions(client, topic, version):
    one, two = begin(client, "one"), begin(client, "two")
    txn.produce(client, 12, "a", [b"x"], two, 0, transactional_id="two")
    empty, ongoing = ("one", one[0], "Empty"), ("two", two[0], "Ongoing")
    ask = lambda **kw: txn.list_transactions(client, version, **kw)  # noqa: E731
    assert ask() == (txn.NONE, [], [empty, ongoing])
    assert ask(states=["Ongoing", "Odd"]) == (txn.NONE, ["Odd"], [ongoing])
    assert ask(producers=[one[0]]) == (txn.NONE, [], [empty])
    assert ask(states=["Empty"], producers=[two[0]]) == (txn.NONE, [], [])
    if version >= 1:
        assert ask(duration=0)[2][:1] == [empty]
        assert ask(duration=3_600_000)[2] == [empty]  # its start is -1, long ago


def test_the_topic_of_states_is_real(client, store, topic):
    assert "__transaction_state" not in store.topics()
    producer = begin(client)
    txn.produce(client, 12, "a", [b"x"], producer, 0)
    txn.end(client, 5, "t", producer, True)
    assert store.partitions("__transaction_state") == 50
    # "t".hashCode() is 116.
    table = store.read("__transaction_state", 116 % 50)
    assert set(table["key"].to_pylist()) == {b"\0\0\0\1t"}
    # Version 1, the producer id, behind it the epoch, the timeout and the state.
    states = [value[16] for value in table["value"].to_pylist()]
    assert states == [0, 1, 2, 4]
    # No client writes there.
    records = batch([b"x"], keys=[b"k"])
    body = txn.produce_body(8, "__transaction_state", records, transactional_id=None)
    assert read_produce(client.call(PRODUCE, 8, body), 8)[0] == 17
