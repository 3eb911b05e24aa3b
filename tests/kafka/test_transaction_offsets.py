"""Offsets that are committed within a transaction: every version of TxnOffsetCommit in bytes by
hand, what a group sees of them before and after, and copies by a real client."""

import json

import cnengine.kafka
import cnengine.log
import pytest
import test_groups as groups
import transaction_wire as txn
from wire_client import Client, Writer

TXN_COMMIT = 28
UNSTABLE, UNKNOWN_MEMBER, ILLEGAL_GENERATION, UNKNOWN_TOPIC = 88, 25, 22, 3
INVALID_GROUP = 24


@pytest.fixture
def topic(store):
    store.create_topic("a", partitions=2)
    return "a"


def begin(client, transactional_id="t"):
    """Takes the id over; what was open is aborted first, and the client tries again."""
    error = txn.CONCURRENT
    while error == txn.CONCURRENT:
        error, *producer = txn.init(client, 5, transactional_id)
    assert error == txn.NONE
    return tuple(producer)


def commit(client, version, producer, offsets, *, group="g", generation=-1, member="",
           topic="a", transactional_id="t"):  # fmt: skip
    """{partition: error} for {partition: (offset, metadata)}."""
    flexible = version >= 3
    w = Writer(flexible).string(transactional_id).string(group)
    w.int64(producer[0]).int16(producer[1])
    if flexible:
        w.int32(generation).string(member).string(None)
    w.count(1).string(topic).count(len(offsets))
    for partition, (offset, metadata) in offsets.items():
        w.int32(partition).int64(offset)
        if version >= 2:
            w.int32(7)
        w.string(metadata).tags()
    r = client.call(TXN_COMMIT, version, w.tags().tags(), flexible=flexible)
    assert (r.int32(), r.count(), r.string()) == (0, 1, topic)
    errors = {}
    for _ in range(r.count()):
        partition = r.int32()
        errors[partition] = r.int16()
        r.tags()
    r.tags()
    r.tags()
    r.end()
    return errors


def committed(client, partitions=(0,), group="g"):
    """{partition: (offset, leader epoch, metadata, error)} as a client asks that wants stable
    offsets."""
    error, topics = groups.fetch(client, 7, "a", partitions, group=group)
    assert error == 0
    return topics["a"]


def add_group(client, version, producer, group="g"):
    """Clients before version 5 name the group first (KIP-890)."""
    if version < 5:
        assert txn.add_offsets(client, 3, "t", producer, group) == txn.NONE


@pytest.mark.parametrize("end", [True, False])
@pytest.mark.parametrize("version", range(6))
def test_pending_until_the_end(client, topic, version, end):
    groups.commit(client, 7, topic, {0: (3, "before")})
    producer = begin(client)
    add_group(client, version, producer)
    errors = commit(client, version, producer, {0: (40, "within"), 1: (41, None)})
    assert errors == {0: 0, 1: 0}
    for partition in (0, 1):
        assert committed(client, [partition])[partition][::3] == (-1, UNSTABLE)
    # One that does not ask for stable offsets sees what was committed before.
    assert groups.fetch(client, 6, topic, [0])[1][topic][0] == (3, 7, "before", 0)
    error = txn.end(client, 5, "t", producer, end) if version == 5 else (
        txn.end(client, 4, "t", producer, end),)  # fmt: skip
    assert error[0] == txn.NONE
    epoch = 7 if version >= 2 else -1
    seen = committed(client, [0, 1])
    if end:
        assert seen == {0: (40, epoch, "within", 0), 1: (41, epoch, "", 0)}
    else:
        assert seen == {0: (3, 7, "before", 0), 1: (-1, -1, "", 0)}


@pytest.mark.parametrize("version", range(6))
def test_faults(client, topic, version):
    producer = begin(client)
    assert commit(client, version, producer, {0: (1, "")}, group="") == {0: INVALID_GROUP}
    if version < 5:  # the group is not part of the transaction
        error = txn.ABORTABLE if version == 4 else txn.INVALID_TXN_STATE
        assert commit(client, version, producer, {0: (1, "")}) == {0: error}
    add_group(client, version, producer)
    stale = (producer[0], producer[1] - 1)
    assert commit(client, version, stale, {0: (1, "")})[0] in (txn.INVALID_EPOCH, txn.FENCED)
    assert commit(client, version, producer, {0: (1, ""), 9: (1, "")}) == {0: 0, 9: UNKNOWN_TOPIC}
    if version >= 3:
        errors = commit(client, version, producer, {0: (1, "")}, generation=4, member="who")
        assert errors == {0: UNKNOWN_MEMBER}
    assert committed(client)[0][3] == UNSTABLE


def test_of_a_member(client, topic):
    """A generation that is over is fenced off (KIP-447)."""
    generation, member = groups.enter(client)
    groups.sync(client, 5, generation, member, b"")
    producer = begin(client)
    kwargs = {"generation": generation, "member": member}
    assert commit(client, 5, producer, {0: (5, "")}, **kwargs) == {0: 0}
    kwargs["generation"] -= 1
    assert commit(client, 5, producer, {0: (6, "")}, **kwargs) == {0: ILLEGAL_GENERATION}
    kwargs = {"generation": generation, "member": "nobody"}
    assert commit(client, 5, producer, {0: (6, "")}, **kwargs) == {0: UNKNOWN_MEMBER}
    assert txn.end(client, 5, "t", producer, True)[0] == txn.NONE
    assert committed(client)[0] == (5, 7, "", 0)


def test_a_new_producer_of_the_id_ends_what_is_pending(client, topic):
    producer = begin(client)
    assert commit(client, 5, producer, {0: (5, "")}) == {0: 0}
    assert committed(client)[0][3] == UNSTABLE
    begin(client)
    assert committed(client)[0] == (-1, -1, "", 0)


@pytest.mark.parametrize("end", [True, False, None])
def test_after_a_restart(tmp_path, end):
    """Pending offsets are pending again; those of an ended transaction are as it ended."""
    config = {"offsets.topic.num.partitions": 3, "transaction.state.log.num.partitions": 2}
    for start in range(2):
        with (
            cnengine.log.open(tmp_path / "log", fsync="none") as store,
            cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker,
            Client(broker.address) as client,
        ):
            if start == 0:
                store.create_topic("a", partitions=1)
                groups.commit(client, 7, "a", {0: (3, "")})
                producer = begin(client)
                assert commit(client, 5, producer, {0: (40, "")}) == {0: 0}
                if end is not None:
                    assert txn.end(client, 5, "t", producer, end)[0] == txn.NONE
                continue
            if end is None:
                assert committed(client)[0][3] == UNSTABLE
                assert txn.end(client, 5, "t", producer, True)[0] == txn.NONE
            assert committed(client)[0][0] == (3 if end is False else 40)


def test_copies_of_a_real_client(broker, store):
    """Reads, writes and commits as one, five records at a time; every third try is given up.
    Each record arrives once, in order (KIP-98, KIP-447)."""
    kafka = pytest.importorskip("confluent_kafka")
    store.create_topic("from", partitions=1)
    store.create_topic("to", partitions=1)
    server = {"bootstrap.servers": "{}:{}".format(*broker.address)}
    source = kafka.Producer(server)
    for number in range(50):
        source.produce("from", json.dumps(number))
    assert source.flush(20) == 0
    reads = {**server, "group.id": "copies", "auto.offset.reset": "earliest",
             "enable.auto.commit": False, "isolation.level": "read_committed"}  # fmt: skip
    writer = kafka.Producer({**server, "transactional.id": "copier"})
    writer.init_transactions(20)
    consumer = kafka.Consumer(reads)
    consumer.subscribe(["from"])
    tries = done = 0
    while done < 50:
        records = consumer.consume(5, timeout=20)
        assert records
        assert all(record.error() is None for record in records)
        writer.begin_transaction()
        for record in records:
            writer.produce("to", record.value())
        position = consumer.position(consumer.assignment())
        writer.send_offsets_to_transaction(position, consumer.consumer_group_metadata(), 20)
        tries += 1
        if tries % 3 == 0:
            writer.abort_transaction(20)
            consumer.seek(kafka.TopicPartition("from", 0, records[0].offset()))
            continue
        writer.commit_transaction(20)
        done = records[-1].offset() + 1
    [at] = consumer.committed([kafka.TopicPartition("from", 0)], 20)
    consumer.close()
    assert at.offset == 50
    assert tries > done // 5
    check = kafka.Consumer({**reads, "group.id": "check"})
    check.assign([kafka.TopicPartition("to", 0, 0)])
    seen = []
    while len(seen) < 50:
        seen += [json.loads(record.value()) for record in check.consume(50, timeout=1)]
    check.close()
    assert seen == list(range(50))
