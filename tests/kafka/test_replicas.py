"""Requests about replicas, of which there is one, on one broker, in one directory."""

import pytest
from wire_client import Writer

UNKNOWN_TOPIC_OR_PARTITION, INVALID_ASSIGNMENT, LOG_DIR_NOT_FOUND, NOTHING_IN_PROGRESS = (
    3, 39, 57, 85)  # fmt: skip


def reassign(client, version, topics):
    """AlterPartitionReassignments: {topic: {partition: replicas}} to {topic: {partition: code}}."""
    body = Writer(flexible=True).int32(1000)
    if version >= 1:
        body.pack("?", True)
    body.count(len(topics))
    for topic, partitions in topics.items():
        body.string(topic).count(len(partitions))
        for index, replicas in partitions.items():
            body.int32(index).count(-1 if replicas is None else len(replicas))
            for replica in replicas or ():
                body.int32(replica)
            body.tags()
        body.tags()
    reader = client.call(45, version, body.tags(), flexible=True)
    assert reader.int32() == 0
    if version >= 1:
        assert reader.unpack("?") is True
    assert (reader.int16(), reader.string()) == (0, None)
    found = {}
    for _ in range(reader.count()):
        topic = reader.string()
        found[topic] = {}
        for _ in range(reader.count()):
            index, code, why = reader.int32(), reader.int16(), reader.string()
            assert (why is None) == (code == 0)
            found[topic][index] = code
            reader.tags()
        reader.tags()
    reader.tags()
    reader.end()
    return found


@pytest.mark.parametrize("version", [0, 1])
def test_a_partition_may_only_be_where_it_is(client, store, version):
    store.create_topic("t", partitions=6)
    got = reassign(client, version, {
        "t": {0: [1], 1: [2], 2: [1, 2], 3: [], 4: None, 5: [1, 1], 6: [1]}, "u": {0: [1]},
    })  # fmt: skip
    bad = INVALID_ASSIGNMENT
    assert got == {
        "t": {0: 0, 1: bad, 2: bad, 3: bad, 4: NOTHING_IN_PROGRESS, 5: bad,
              6: UNKNOWN_TOPIC_OR_PARTITION},
        "u": {0: UNKNOWN_TOPIC_OR_PARTITION},
    }  # fmt: skip


@pytest.mark.parametrize("topics", [None, [("t", [0, 1])]])
def test_nothing_is_ever_moved(client, store, topics):
    store.create_topic("t", partitions=2)
    body = Writer(flexible=True).int32(1000).count(-1 if topics is None else len(topics))
    for topic, partitions in topics or ():
        body.string(topic).count(len(partitions))
        for index in partitions:
            body.int32(index)
        body.tags()
    reader = client.call(46, 0, body.tags(), flexible=True)
    assert (reader.int32(), reader.int16(), reader.string(), reader.count()) == (0, 0, None, 0)
    reader.tags()
    reader.end()


@pytest.mark.parametrize("version", [1, 2])
def test_the_one_directory(client, store, tmp_path, version):
    store.create_topic("t", partitions=1)
    flexible = version >= 2
    body = Writer(flexible=flexible).count(2)
    for path in (str(tmp_path / "log"), "/elsewhere"):
        body.string(path).count(1)
        body.string("t").count(2).int32(0).int32(1).tags()
        body.tags()
    reader = client.call(34, version, body.tags(), flexible=flexible)
    assert (reader.int32(), reader.count()) == (0, 2)
    for expected in ((0, UNKNOWN_TOPIC_OR_PARTITION), (LOG_DIR_NOT_FOUND,) * 2):
        assert (reader.string(), reader.count()) == ("t", 2)
        for index, code in enumerate(expected):
            assert (reader.int32(), reader.int16()) == (index, code)
            reader.tags()
        reader.tags()
    reader.tags()
    reader.end()
