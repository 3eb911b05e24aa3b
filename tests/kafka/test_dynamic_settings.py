"""Settings of the broker and of groups that are changed while it runs (KIP-226, KIP-848)."""

import concurrent.futures
import threading

import cnengine.kafka
import pytest
from wire_client import Client, Writer

confluent = pytest.importorskip("confluent_kafka")
from confluent_kafka.admin import (  # noqa: E402
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

Code = confluent.KafkaError
TOPIC, BROKER, GROUP = ResourceType.TOPIC, ResourceType.BROKER, ResourceType.GROUP
OF_TOPIC, OF_BROKER, OF_ALL, STATIC, DEFAULT, OF_GROUP = 1, 2, 3, 4, 5, 8
SET, DELETE = AlterConfigOpType.SET, AlterConfigOpType.DELETE
APPEND, SUBTRACT = AlterConfigOpType.APPEND, AlterConfigOpType.SUBTRACT


@pytest.fixture
def admin(broker):
    return AdminClient({"bootstrap.servers": broker.bootstrap})


def only(futures):
    (future,) = futures.values()
    return future.result(20)


def settings(admin, kind, name):
    """name: (value, source)"""
    found = only(admin.describe_configs([ConfigResource(kind, name)]))
    return {each.name: (each.value, each.source) for each in found.values()}


def alter(admin, kind, name, *changes):
    entries = [ConfigEntry(n, v, incremental_operation=how) for n, v, how in changes]
    resource = ConfigResource(kind, name, incremental_configs=entries)
    only(admin.incremental_alter_configs([resource]))


def refused(admin, kind, name, *changes):
    with pytest.raises(confluent.KafkaException) as raised:
        alter(admin, kind, name, *changes)
    return raised.value.args[0].code()


def create(admin, name, **config):
    config = {each.replace("_", "."): value for each, value in config.items()}
    only(admin.create_topics([NewTopic(name, 1, 1, config=config)]))


def alter_by_wire(broker, resource, **values):
    """The error of IncrementalAlterConfigs (version 1) of a broker; None takes a setting back."""
    with Client(broker.address) as client:
        body = Writer(True).count(1).int8(4).string(resource).count(len(values))
        for name, value in values.items():
            body.string(name.replace("_", ".")).int8(value is None).string(value).tags()
        reader = client.call(44, 1, body.tags().int8(0).tags(), flexible=True)
    assert (reader.int32(), reader.count()) == (0, 1)
    return reader.int16()


def describe_all(broker):
    """name: (value, source) of what was changed for all brokers (DescribeConfigs, version 4)."""
    with Client(broker.address) as client:
        body = Writer(True).count(1).int8(4).string("").count(-1).tags().int8(0).int8(0).tags()
        reader = client.call(32, 4, body, flexible=True)
    assert (reader.int32(), reader.count(), reader.int16(), reader.string()) == (0, 1, 0, None)
    assert (reader.int8(), reader.string()) == (4, "")
    found = {}
    for _ in range(reader.count()):
        name, value, read_only, source = (
            reader.string(), reader.string(), reader.int8(), reader.int8())  # fmt: skip
        assert not read_only
        found[name] = (value, source)
        assert (reader.int8(), reader.count()) == (0, 0)
        reader.int8(), reader.string(), reader.tags()
    return found


def test_defaults_of_topics(admin, store, broker):
    create(admin, "t")
    create(admin, "own", retention_ms="5")
    assert alter_by_wire(broker, "", log_retention_ms="1000") == 0
    assert settings(admin, TOPIC, "t")["retention.ms"] == ("1000", OF_ALL)
    alter(admin, BROKER, "1", ("log.retention.ms", "2000", SET), ("message.max.bytes", "999", SET))
    assert settings(admin, TOPIC, "t")["retention.ms"] == ("2000", OF_BROKER)
    assert settings(admin, TOPIC, "t")["max.message.bytes"] == ("999", OF_BROKER)
    assert settings(admin, TOPIC, "own")["retention.ms"] == ("5", OF_TOPIC)
    assert store.topic_config("t")["retention.ms"] == "2000"
    assert settings(admin, BROKER, "1")["log.retention.ms"] == ("2000", OF_BROKER)
    assert describe_all(broker) == {"log.retention.ms": ("1000", OF_ALL)}
    alter(admin, BROKER, "1", ("log.retention.ms", None, DELETE))
    assert settings(admin, TOPIC, "t")["retention.ms"] == ("1000", OF_ALL)
    assert alter_by_wire(broker, "", log_retention_ms=None) == 0
    week = str(7 * 24 * 3600 * 1000)
    assert settings(admin, TOPIC, "t")["retention.ms"] == (week, DEFAULT)
    assert describe_all(broker) == {}


def synonyms(broker, topic, name):
    """(name, value, source) of where a topic's setting may come from (DescribeConfigs, version 4)."""
    with Client(broker.address) as client:
        body = Writer(True).count(1).int8(2).string(topic).count(1).string(name).tags()
        reader = client.call(32, 4, body.int8(1).int8(0).tags(), flexible=True)
    assert (reader.int32(), reader.count(), reader.int16(), reader.string()) == (0, 1, 0, None)
    assert (reader.int8(), reader.string(), reader.count(), reader.string()) == (2, topic, 1, name)
    reader.string(), reader.int8(), reader.int8(), reader.int8()
    found = []
    for _ in range(reader.count()):
        found.append((reader.string(), reader.string(), reader.int8()))
        reader.tags()
    return found


def test_synonyms(admin, broker):
    create(admin, "t", retention_ms="3")
    alter(admin, BROKER, "1", ("log.retention.ms", "2", SET))
    assert alter_by_wire(broker, "", log_retention_ms="1") == 0
    assert synonyms(broker, "t", "retention.ms") == [
        ("retention.ms", "3", OF_TOPIC),
        ("log.retention.ms", "2", OF_BROKER),
        ("log.retention.ms", "1", OF_ALL),
        ("log.retention.ms", str(7 * 24 * 3600 * 1000), DEFAULT),
    ]


def test_lists(admin):
    create(admin, "t")
    alter(admin, BROKER, "1", ("log.cleanup.policy", "compact", APPEND))
    both = settings(admin, TOPIC, "t")["cleanup.policy"][0]
    assert set(both.split(",")) == {"delete", "compact"}
    alter(admin, BROKER, "1", ("log.cleanup.policy", "delete", SUBTRACT))
    assert settings(admin, TOPIC, "t")["cleanup.policy"] == ("compact", OF_BROKER)
    assert refused(admin, BROKER, "1", ("log.retention.ms", "1", APPEND)) == Code.INVALID_REQUEST


def test_what_the_broker_has_nothing_for(admin):
    name = "sasl.kerberos.min.time.before.relogin"
    assert name not in settings(admin, BROKER, "1")
    alter(admin, BROKER, "1", (name, "58000", SET), ("background.threads", "9", SET))
    assert settings(admin, BROKER, "1")[name] == ("58000", OF_BROKER)
    with pytest.warns(DeprecationWarning, match="alter_configs"):
        only(admin.alter_configs([ConfigResource(BROKER, "1", {"num.io.threads": "3"})]))
    assert settings(admin, BROKER, "1")["num.io.threads"] == ("3", OF_BROKER)
    assert name not in settings(admin, BROKER, "1")  # what is not named is taken back


@pytest.mark.parametrize(
    ("broker_name", "name", "value"),
    [
        ("1", "node.id", "2"),
        ("1", "num.partitions", "2"),
        ("1", "log.retention.mss", "2"),
        ("1", "log.retention.ms", "soon"),
        ("1", "background.threads", "-1"),
        ("2", "log.retention.ms", "1"),
        ("one", "log.retention.ms", "1"),
    ],
)
def test_what_is_refused(broker, broker_name, name, value):
    values = {"log_retention_bytes": "77", name: value}
    assert alter_by_wire(broker, broker_name, **values) == Code.INVALID_REQUEST
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    assert "log.retention.bytes" not in settings(admin, BROKER, "1")  # all or nothing


def test_groups(admin):
    session, heartbeat = "consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"
    assert settings(admin, GROUP, "g") == {
        session: ("45000", DEFAULT),
        heartbeat: ("5000", DEFAULT),
    }
    alter(admin, GROUP, "g", (session, "50000", SET), (heartbeat, "6000", SET))
    assert settings(admin, GROUP, "g") == {
        session: ("50000", OF_GROUP),
        heartbeat: ("6000", OF_GROUP),
    }
    assert settings(admin, GROUP, "h")[session] == ("45000", DEFAULT)
    for name, value in ((session, "44999"), (session, "60001"), (heartbeat, "4999"),
                        (heartbeat, "soon"), ("retention.ms", "1")):  # fmt: skip
        assert refused(admin, GROUP, "g", (name, value, SET)) == Code.INVALID_CONFIG
    alter(admin, GROUP, "g", (session, None, DELETE))
    assert settings(admin, GROUP, "g")[session] == ("45000", DEFAULT)


def heartbeat_interval(broker, group):
    """What a new member of a group is told (ConsumerGroupHeartbeat, version 0)."""
    with Client(broker.address) as client:
        body = Writer(True).string(group).string("").int32(0).string(None).string(None)
        body.int32(60_000).count(1).string("t").string(None).count(0).tags()
        reader = client.call(68, 0, body, flexible=True)
        assert (reader.int32(), reader.int16(), reader.string()) == (0, 0, None)
        reader.string(), reader.int32()
        return reader.int32()


def test_they_count_and_survive(tmp_path):
    for first in (True, False):
        with cnengine.kafka.Broker(tmp_path / "log", listen="127.0.0.1:0") as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            if first:
                create(admin, "t")
                assert heartbeat_interval(broker, "g") == 5000
                alter(admin, GROUP, "g", ("consumer.heartbeat.interval.ms", "7000", SET))
                alter(admin, BROKER, "1", ("log.retention.ms", "1234567", SET))
            assert heartbeat_interval(broker, "g") == 7000
            assert heartbeat_interval(broker, "h") == 5000
            assert broker.log.topic_config("t")["retention.ms"] == "1234567"
            assert settings(admin, TOPIC, "t")["retention.ms"] == ("1234567", OF_BROKER)


def test_they_may_be_checked_alone(broker):
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    entry = ConfigEntry("log.retention.ms", "1", incremental_operation=SET)
    resource = ConfigResource(BROKER, "1", incremental_configs=[entry])
    only(admin.incremental_alter_configs([resource], validate_only=True))
    assert "log.retention.ms" not in settings(admin, BROKER, "1")


def test_changes_at_the_same_time_are_all_kept(broker):
    names = ["background_threads", "num_io_threads", "num_replica_fetchers", "log_cleaner_threads"]
    together = threading.Barrier(len(names))

    def change(name):
        together.wait(20)
        return [alter_by_wire(broker, "", **{name: str(value)}) for value in range(1, 11)]

    with concurrent.futures.ThreadPoolExecutor(len(names)) as threads:
        assert list(threads.map(change, names)) == [[0] * 10] * len(names)
    found = describe_all(broker)
    assert found == {name.replace("_", "."): ("10", OF_ALL) for name in names}


@pytest.mark.parametrize("bad", ["group", "value"])
def test_text_that_could_not_be_read_again_is_refused(tmp_path, bad):
    kind, resource, name, value = 4, b"", b"sasl.kerberos.kinit.cmd", b"\xff"
    if bad == "group":
        kind, resource, name, value = 32, b"g\xed\xa0\x80", b"consumer.session.timeout.ms", b"50000"
    for first in (True, False):
        with (
            cnengine.kafka.Broker(tmp_path / "log", listen="127.0.0.1:0") as broker,
            Client(broker.address) as client,
        ):
            if not first:
                continue
            body = Writer(True).count(1).int8(kind).bytes(resource).count(1)
            body.bytes(name).int8(0).bytes(value).tags().tags().int8(0).tags()
            reader = client.call(44, 1, body, flexible=True)
            assert (reader.int32(), reader.count(), reader.int16()) == (0, 1, 42)
