"""@platformatic/kafka from npm, which speaks the newest versions: groups of both protocols, admin."""

import cnengine.kafka
import kafkajs_client
import pytest
from kafkajs_client import run_script

why = kafkajs_client.missing("@platformatic/kafka", node=(20, 19, 4))
pytestmark = pytest.mark.skipif(why is not None, reason=str(why))
TIME_MS = 1_700_000_000_123


@pytest.fixture
def broker(store):
    """As the others', with the heartbeats of new groups in haste."""
    config = {"group.initial.rebalance.delay.ms": 0, "group.consumer.heartbeat.interval.ms": 100}
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker:
        yield broker


def run(scenario, broker, *arguments):
    return run_script(scenario, broker.bootstrap, *arguments, script="platformatic.mjs")


def values(messages, partition):
    found = sorted((m["offset"], m["value"]) for m in messages if m["partition"] == partition)
    return [value for _, value in found]


old = kafkajs_client.missing("@platformatic/kafka", node=(22, 15))
zstd = pytest.param("zstd", marks=pytest.mark.skipif(old is not None, reason=str(old)))


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", zstd])
def test_codecs(broker, store, codec):
    store.create_topic("t", partitions=3)
    result = run("codec", broker, codec)
    assert result["offsets"] == [[0, 0], [1, 0], [2, 0]]
    expected = {
        i: (f"k{i}", f"value {i} " * (i % 50), TIME_MS + i, {"a": f"{i}", "empty": ""}, i % 3)
        for i in range(200)
    }
    got = {
        int(m["headers"]["a"]): (m["key"], m["value"], m["timestamp"], m["headers"], m["partition"])
        for m in result["got"]
    }
    assert len(result["got"]) == 200
    assert got == expected


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_groups(broker, store, protocol):
    store.create_topic("t", partitions=4)
    assert run("group", broker, protocol) == {
        "shared": [0, 1, 2, 3],
        "listed": ["STABLE", protocol, "consumer"],
        "busy": ["NON_EMPTY_GROUP"],
        "committed": [20, 20, 20, 20],
        "left": [],
    }


def test_transactions(broker, store):
    store.create_topic("t", partitions=3)
    result = run("transactions", broker)
    for partition in range(3):
        assert values(result["committed"], partition) == ["one", "three"]
        assert values(result["all"], partition) == ["one", "two", "three"]


def test_topics(broker):
    assert run("topics", broker) == {
        "made": ["a", 3, 1, "compact"],
        "wrong": [
            ["TOPIC_ALREADY_EXISTS"], ["INVALID_REPLICATION_FACTOR"], ["INVALID_CONFIG"],
            ["INVALID_PARTITIONS"], ["UNKNOWN_TOPIC_OR_PARTITION"],
        ],
        "same": [True, 4],
        "values": ["1234", "604800000"],
        "refused": ["INVALID_CONFIG"],
        "offsets": [10, 0, 4, 3, -1],
        "low": 3,
        "beyond": ["OFFSET_OUT_OF_RANGE"],
        "logs": True,
        "left": False,
    }  # fmt: skip


def test_quotas(broker):
    assert run("quotas", broker) == [[[{"key": "producer_byte_rate", "value": 1024}]], []]


def test_offsets_of_a_group(broker, store):
    store.create_topic("t", partitions=2)
    assert run("offsets", broker) == {
        "set": [[0, 5], [1, 6]], "left": [[1, 6]], "none": ["GROUP_ID_NOT_FOUND"]}  # fmt: skip
