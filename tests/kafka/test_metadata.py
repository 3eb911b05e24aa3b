"""Metadata, ListOffsets, OffsetForLeaderEpoch, CreateTopics and DeleteTopics in every version."""

import pyarrow as pa
import pytest
from wire_client import Writer

METADATA, LIST_OFFSETS, EPOCH_ENDS, CREATE, DELETE = 3, 2, 23, 19, 20
UNKNOWN_TOPIC, INVALID_TOPIC, EXISTS, UNKNOWN_ID = 3, 17, 36, 100


def topic_id(store, name):
    return bytes.fromhex(store._store.topic_id(name))


def metadata_body(version, names, *, ids=(), create=True):
    w = Writer(version >= 9)
    if names is None and not ids:
        w.count(0 if version == 0 else -1)
    else:
        w.count(len(names or ()) + len(ids))
    for name in names or ():
        if version >= 10:
            w.raw(bytes(16))
        w.string(name).tags()
    for one in ids:
        w.raw(one).string(None).tags()
    if version >= 4:
        w.int8(create)
    if 8 <= version <= 10:
        w.int8(0)
    if version >= 8:
        w.int8(0)
    return w.tags()


def read_metadata(r, version):
    """(brokers, cluster id, controller, {name or id: (error, id, internal, partitions)})."""
    if version >= 3:
        r.int32()
    brokers = []
    for _ in range(r.count()):
        brokers.append((r.int32(), r.string(), r.int32()))
        if version >= 1:
            assert r.string() is None
        r.tags()
    cluster = r.string() if version >= 2 else None
    controller = r.int32() if version >= 1 else None
    topics = {}
    for _ in range(r.count()):
        error, name = r.int16(), r.string()
        number = r.raw(16) if version >= 10 else None
        internal = r.int8() if version >= 1 else 0
        partitions = []
        for _ in range(r.count()):
            code, index, leader = r.int16(), r.int32(), r.int32()
            epoch = r.int32() if version >= 7 else 0
            replicas = [r.int32() for _ in range(r.count())]
            isr = [r.int32() for _ in range(r.count())]
            if version >= 5:
                assert r.count() == 0
            r.tags()
            assert (code, leader, epoch, replicas, isr) == (0, 1, 0, [1], [1])
            partitions.append(index)
        if version >= 8:
            r.int32()
        r.tags()
        topics[name or number] = (error, number, internal, partitions)
    if 8 <= version <= 10:
        r.int32()
    if version >= 13:
        assert r.int16() == 0
    r.tags()
    r.end()
    return brokers, cluster, controller, topics


@pytest.mark.parametrize("version", range(14))
def test_metadata_of_every_version(broker, client, store, version):
    store.create_topic("a", partitions=2)
    store.create_topic("b")
    flexible = version >= 9
    r = client.call(METADATA, version, metadata_body(version, None), flexible=flexible)
    brokers, cluster, controller, topics = read_metadata(r, version)
    assert brokers == [(1, *broker.address)]
    assert cluster == (broker.cluster_id if version >= 2 else None)
    assert controller == (1 if version >= 1 else None)
    assert {name: parts for name, (_, _, _, parts) in topics.items()} == {"a": [0, 1], "b": [0]}
    if version >= 10:
        assert topics["a"][1] == topic_id(store, "a")
    r = client.call(METADATA, version, metadata_body(version, ["b", "new", "no name"]),
                    flexible=flexible)  # fmt: skip
    _, _, _, topics = read_metadata(r, version)
    assert [topics[name][0] for name in ("b", "new", "no name")] == [0, 0, INVALID_TOPIC]
    assert topics["new"][3] == [0, 1, 2, 3]  # num.partitions of the fixture
    if version >= 4:
        body = metadata_body(version, ["newer"], create=False)
        r = client.call(METADATA, version, body, flexible=flexible)
        assert read_metadata(r, version)[3]["newer"][0] == UNKNOWN_TOPIC
    if version >= 12:
        wanted = [topic_id(store, "b"), b"\1" * 16]
        body = metadata_body(version, None, ids=wanted)
        r = client.call(METADATA, version, body, flexible=flexible)
        topics = read_metadata(r, version)[3]
        assert topics["b"][3] == [0]
        assert topics[wanted[1]][0] == UNKNOWN_ID


@pytest.mark.parametrize("version", range(1, 12))
def test_list_offsets_of_every_version(client, store, version):
    store.create_topic("t")
    times = pa.array([1000, 3000, 2000], pa.timestamp("ms", "UTC"))
    for i in range(3):
        store.produce("t", pa.table({"value": [b"x"], "time": times[i : i + 1]}), timestamp="time")
    flexible = version >= 6

    def ask(timestamp, partition=0):
        w = Writer(flexible).int32(-1)
        if version >= 2:
            w.int8(0)
        w.count(1).string("t").count(1).int32(partition)
        if version >= 4:
            w.int32(-1)
        w.int64(timestamp).tags().tags()
        if version >= 10:
            w.int32(1000)
        r = client.call(LIST_OFFSETS, version, w.tags(), flexible=flexible)
        if version >= 2:
            r.int32()
        assert (r.count(), r.string(), r.count(), r.int32()) == (1, "t", 1, partition)
        error, time, offset = r.int16(), r.int64(), r.int64()
        if version >= 4:
            r.int32()
        for _ in range(3):
            r.tags()
        r.end()
        return error, time, offset

    assert ask(-1) == (0, -1, 3)
    assert ask(-2) == (0, -1, 0)
    assert ask(1000) == (0, 1000, 0)
    assert ask(1001) == (0, 3000, 1)
    assert ask(3001) == (0, -1, -1)
    assert ask(-1, partition=1)[0] == UNKNOWN_TOPIC
    if version >= 7:
        assert ask(-3) == (0, 3000, 1)
    if version >= 9:
        assert ask(-5) == (0, -1, -1)


@pytest.mark.parametrize("version", range(2, 5))
def test_ends_of_epochs(client, store, version):
    store.create_topic("t")
    store.produce("t", pa.table({"value": [b"x", b"y"]}))
    flexible = version >= 4
    for epoch, current, expected in [(0, 0, (0, 0, 2)), (0, -1, (0, 0, 2)), (5, 0, (0, -1, -1)),
                                     (0, 1, (75, -1, -1))]:  # fmt: skip
        w = Writer(flexible)
        if version >= 3:
            w.int32(-2)
        w.count(1).string("t").count(1).int32(0).int32(current).int32(epoch).tags().tags().tags()
        r = client.call(EPOCH_ENDS, version, w, flexible=flexible)
        assert (r.int32(), r.count(), r.string(), r.count()) == (0, 1, "t", 1)
        error, index = r.int16(), r.int32()
        assert index == 0
        assert (error, r.int32(), r.int64()) == expected
        for _ in range(3):
            r.tags()
        r.end()


@pytest.mark.parametrize("version", range(2, 8))
def test_create_topics_of_every_version(client, store, version):
    flexible = version >= 5

    def create(name, partitions=3, replicas=1, configs=(), only_check=False):
        w = Writer(flexible).count(1).string(name).int32(partitions).int16(replicas).count(0)
        w.count(len(configs))
        for key, value in configs:
            w.string(key).string(value).tags()
        w.tags().int32(1000).int8(only_check).tags()
        r = client.call(CREATE, version, w, flexible=flexible)
        r.int32()
        assert r.count() == 1
        assert r.string() == name
        number = r.raw(16) if version >= 7 else None
        error, why = r.int16(), r.string()
        settings = {}
        if version >= 5:
            counts = r.int32(), r.int16()
            for _ in range(max(r.count(), 0)):
                key, value, _, _, _ = r.string(), r.string(), r.int8(), r.int8(), r.int8()
                r.tags()
                settings[key] = value
            if not error:
                assert counts == (partitions if partitions > 0 else 4, 1)
        r.tags(), r.tags()
        r.end()
        assert bool(error) == bool(why)
        return error, number, settings

    error, number, settings = create("t", configs=[("retention.ms", "1234")])
    assert error == 0
    assert store._store.partitions("t") == 3
    if version >= 7:
        assert number == topic_id(store, "t")
    if version >= 5:
        assert settings["retention.ms"] == "1234"
        assert settings["cleanup.policy"] == "delete"
    assert create("t")[0] == EXISTS
    assert create("no name")[0] == INVALID_TOPIC
    assert create("u", replicas=3)[0] == 38
    assert create("u", partitions=0)[0] == 37
    assert create("u", configs=[("retention.mss", "1")])[0] == 40
    assert create("u", configs=[("retention.ms", "soon")])[0] == 40
    assert create("u", only_check=True)[0] == 0
    assert "u" not in store.topics()
    assert create("v", partitions=-1, replicas=-1)[0] == 0
    assert store._store.partitions("v") == 4


@pytest.mark.parametrize("version", range(1, 7))
def test_delete_topics_of_every_version(client, store, version):
    flexible = version >= 4

    def delete(name, number=bytes(16)):
        w = Writer(flexible).count(1)
        if version >= 6:
            w.string(name).raw(number).tags()
        else:
            w.string(name)
        w.int32(1000).tags()
        r = client.call(DELETE, version, w, flexible=flexible)
        r.int32()
        assert r.count() == 1
        found = r.string()
        if version >= 6:
            r.raw(16)
        error = r.int16()
        if version >= 5:
            r.string()
        r.tags(), r.tags()
        r.end()
        return found, error

    store.create_topic("t")
    assert delete("t") == ("t", 0)
    assert "t" not in store.topics()
    assert delete("t") == ("t", UNKNOWN_TOPIC)
    store.create_topic("t")  # a new one of the name
    if version >= 6:
        assert delete(None, topic_id(store, "t")) == ("t", 0)
        assert delete(None, b"\1" * 16)[1] == UNKNOWN_ID
