"""kafkajs 2.2.4 from npm: codecs, groups, idempotence, transactions, admin."""

import kafkajs_client
import pyarrow as pa
import pytest
from kafkajs_client import run_script

pytestmark = pytest.mark.skipif(
    kafkajs_client.missing() is not None, reason=str(kafkajs_client.missing())
)
TIME_MS = 1_700_000_000_123


def values(messages, partition=None):
    """In the order of offsets."""
    found = sorted((m["partition"], m["offset"], m["value"]) for m in messages)
    return [value for index, _, value in found if partition in (None, index)]


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_codecs(broker, store, codec):
    store.create_topic("t", partitions=3)
    result = run_script("codec", broker.bootstrap, codec)
    expected = {
        i: (f"k{i % 7}" if i % 5 else None, f"value {i} " * (i % 50), TIME_MS + i,
            {"a": f"{i}", "empty": ""})
        for i in range(200)
    }  # fmt: skip
    got = {int(m["headers"]["a"]): (m["key"], m["value"], m["timestamp"], m["headers"])
           for m in result["got"]}  # fmt: skip
    assert len(result["got"]) == 200
    assert got == expected
    assert all(part["errorCode"] == 0 for part in result["sent"])
    # The log itself reads the same, at the same offsets.
    where = {(m["partition"], m["offset"]): m["value"].encode() for m in result["got"]}
    rows = {}
    for partition in range(3):
        table = store.read("t", partition)
        rows |= {(partition, row["offset"]): row["value"] for row in table.to_pylist()}
    assert rows == where


def test_an_idempotent_producer(broker, store):
    store.create_topic("t", partitions=3)
    got = run_script("idempotent", broker.bootstrap)
    for partition in range(3):
        assert values(got, partition) == [str(i) for i in range(40) if i % 3 == partition]


def test_rebalance(broker, store):
    store.create_topic("t", partitions=4)
    numbers = [b"%d" % i for i in range(20)]
    store.produce("t", pa.table({"key": numbers, "value": numbers}), key="key")
    result = run_script("rebalance", broker.bootstrap)
    alone, shared, again = result["assigned"]
    assert sorted(alone["one"]) == sorted(again["one"]) == [0, 1, 2, 3]
    assert sorted(shared["one"] + shared["two"]) == [0, 1, 2, 3]
    assert {m["value"] for m in result["seen"]} == {str(i) for i in range(20)}


def test_transactions(broker, store):
    store.create_topic("t", partitions=3)
    result = run_script("transactions", broker.bootstrap)
    for partition in range(3):
        assert values(result["committed"], partition) == ["one", "three"]
        assert values(result["all"], partition) == ["one", "two", "three"]
        # Each transaction left a marker behind its record.
        assert store.end_offset("t", partition) == 6


def test_offsets_of_a_transaction(broker, store):
    store.create_topic("t", partitions=1)
    # The second was aborted.
    assert run_script("offsets", broker.bootstrap) == ["5", "5"]


def test_admin(broker, store):
    result = run_script("admin", broker.bootstrap)
    host, port = broker.address
    assert (result["created"], result["again"]) == (True, False)
    assert result["topics"] == ["a", "b"]
    partitions = sorted(result["metadata"]["partitions"], key=lambda p: p["partitionId"])
    assert [(p["partitionId"], p["leader"], p["replicas"], p["isr"]) for p in partitions] == [
        (index, 1, [1], [1]) for index in range(3)
    ]
    # AlterConfigs replaces all settings.
    assert result["configs"] == {"cleanup.policy": "delete", "retention.ms": "1234"}
    assert result["cluster"]["clusterId"] == broker.cluster_id
    assert result["cluster"]["controller"] == 1
    assert result["cluster"]["brokers"] == [{"nodeId": 1, "host": host, "port": port}]
    first = next(p for p in result["offsets"] if p["partition"] == 0)
    assert (first["offset"], first["high"], first["low"]) == ("10", "10", "0")
    assert next(p for p in result["at"] if p["partition"] == 0)["offset"] == "4"
    assert result["low"] == "3"
    assert result["groups"] == [{"groupId": "g", "protocolType": "consumer"}]
    assert (result["described"]["state"], result["described"]["members"]) == ("Empty", [])
    assert [p["offset"] for p in result["set"] if p["partition"] == 0] == ["6"]
    assert result["deleted"] == [{"groupId": "g", "errorCode": 0}]
    assert result["reassignments"]["topics"] == []
    assert [name for name in result["left"] if not name.startswith("__")] == []
