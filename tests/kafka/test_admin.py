"""Admin requests, by the admin clients of confluent-kafka and kafka-python."""

import pyarrow as pa
import pytest

confluent = pytest.importorskip("confluent_kafka")
from confluent_kafka.admin import (  # noqa: E402
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    OffsetSpec,
    ResourceType,
)
from wire_client import Writer  # noqa: E402

Code = confluent.KafkaError


@pytest.fixture
def admin(broker):
    return AdminClient({"bootstrap.servers": broker.bootstrap})


def code_of(future):
    with pytest.raises(confluent.KafkaException) as raised:
        future.result(20)
    return raised.value.args[0].code()


def only(futures):
    (future,) = futures.values()
    return future


def settings(admin, kind, name):
    return only(admin.describe_configs([ConfigResource(kind, name)])).result(20)


def alter(admin, *entries):
    resource = ConfigResource(ResourceType.TOPIC, "t", incremental_configs=list(entries))
    return only(admin.incremental_alter_configs([resource]))


def entry(name, value, operation=AlterConfigOpType.SET):
    return ConfigEntry(name, value, incremental_operation=operation)


@pytest.mark.parametrize("names", [-1, 0])
def test_no_names_of_settings_are_all_of_them(client, store, names):
    store.create_topic("t", partitions=1)
    body = Writer().count(1).int8(2).string("t").count(names).int8(False)
    r = client.call(32, 1, body)
    assert (r.int32(), r.count(), r.int16(), r.string()) == (0, 1, 0, None)
    assert (r.int8(), r.string()) == (2, "t")
    assert r.count() > 20


def test_partitions_are_added(admin, store):
    store.create_topic("t", partitions=2)
    only(admin.create_partitions([NewPartitions("t", 5)])).result(20)
    assert len(admin.list_topics("t", timeout=20).topics["t"].partitions) == 5
    store.produce("t", pa.table({"key": [b"%d" % i for i in range(100)], "value": [b"x"] * 100}),
                  key="key")  # fmt: skip
    assert all(store.end_offset("t", p) > 0 for p in range(5))
    for count in (5, 1):
        future = only(admin.create_partitions([NewPartitions("t", count)]))
        assert code_of(future) == Code.INVALID_PARTITIONS
    assert code_of(only(admin.create_partitions([NewPartitions("u", 5)]))) == (
        Code.UNKNOWN_TOPIC_OR_PART
    )


def test_settings_of_topics(admin, store):
    store.create_topic("t")
    found = settings(admin, ResourceType.TOPIC, "t")
    assert found["cleanup.policy"].value == "delete"
    assert found["cleanup.policy"].source == ConfigSource.DEFAULT_CONFIG.value
    alter(admin, entry("retention.ms", "1234"),
          entry("cleanup.policy", "compact", AlterConfigOpType.APPEND)).result(20)  # fmt: skip
    found = settings(admin, ResourceType.TOPIC, "t")
    assert found["retention.ms"].value == "1234"
    assert found["retention.ms"].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    assert found["cleanup.policy"].value == "delete,compact"
    alter(admin, entry("cleanup.policy", "delete", AlterConfigOpType.SUBTRACT),
          entry("retention.ms", None, AlterConfigOpType.DELETE)).result(20)  # fmt: skip
    found = settings(admin, ResourceType.TOPIC, "t")
    assert found["cleanup.policy"].value == "compact"
    assert found["retention.ms"].source == ConfigSource.DEFAULT_CONFIG.value
    assert code_of(alter(admin, entry("retention.ms", "soon"))) == Code.INVALID_CONFIG
    assert code_of(alter(admin, entry("retention.mss", "1"))) == Code.INVALID_CONFIG
    # All or nothing.
    both = alter(admin, entry("max.message.bytes", "1000"), entry("retention.ms", "soon"))
    assert code_of(both) == Code.INVALID_CONFIG
    found = settings(admin, ResourceType.TOPIC, "t")
    assert found["max.message.bytes"].source == ConfigSource.DEFAULT_CONFIG.value


def test_settings_survive_a_restart(tmp_path):
    import cnengine.kafka

    for first in (True, False):
        with cnengine.kafka.Broker(tmp_path / "log", listen="127.0.0.1:0") as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            if first:
                broker.log.create_topic("t")
                cluster = broker.cluster_id
                alter(admin, entry("retention.ms", "1234")).result(20)
            assert settings(admin, ResourceType.TOPIC, "t")["retention.ms"].value == "1234"
            assert broker.cluster_id == cluster


def test_settings_of_the_broker(admin, broker):
    found = settings(admin, ResourceType.BROKER, "1")
    assert found["num.partitions"].value == "4"
    assert found["num.partitions"].source == ConfigSource.STATIC_BROKER_CONFIG.value
    assert found["num.partitions"].is_read_only
    assert {name: each.value or "" for name, each in found.items()} == broker.settings()
    secrets = {name for name, each in found.items() if each.is_sensitive}
    assert "ssl.keystore.key" in secrets
    assert {found[name].value for name in secrets} == {None}
    with pytest.raises(confluent.KafkaException):
        settings(admin, ResourceType.TOPIC, "nowhere")


def test_records_are_deleted(admin, store, broker):
    store.create_topic("t")
    for _ in range(5):
        store.produce("t", pa.table({"value": [b"x"] * 10}))
    at = confluent.TopicPartition("t", 0, 25)
    assert only(admin.delete_records([at])).result(20).low_watermark == 25
    consumer = confluent.Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "none"})
    assert consumer.get_watermark_offsets(confluent.TopicPartition("t", 0), 20) == (25, 50)
    consumer.close()
    far = confluent.TopicPartition("t", 0, 51)
    assert code_of(only(admin.delete_records([far]))) == Code.OFFSET_OUT_OF_RANGE
    end = confluent.TopicPartition("t", 0, confluent.OFFSET_END)
    assert only(admin.delete_records([end])).result(20).low_watermark == 50
    assert store.start_offset("t") == 50


def test_cluster_topics_and_offsets(admin, broker, store):
    cluster = admin.describe_cluster().result(20)
    assert cluster.cluster_id == broker.cluster_id
    assert [(node.id, node.host, node.port) for node in cluster.nodes] == [(1, *broker.address)]
    store.create_topic("t", partitions=3)
    topics = confluent.TopicCollection(["t"])
    described = only(admin.describe_topics(topics)).result(20)
    assert [p.id for p in described.partitions] == [0, 1, 2]
    store.produce("t", pa.table({"value": [b"x"]}))
    ends = {}
    for p in range(3):
        at = confluent.TopicPartition("t", p)
        ends[p] = only(admin.list_offsets({at: OffsetSpec.latest()})).result(20).offset
    assert ends == {p: store.end_offset("t", p) for p in range(3)}


def test_the_admin_of_kafka_python(broker, store):
    kafka = pytest.importorskip("kafka")
    store.create_topic("t", partitions=2)
    admin = kafka.KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        assert set(admin.list_topics()) == {"t"}
        assert admin.describe_cluster()["cluster_id"] == broker.cluster_id
    finally:
        admin.close()
