"""The versions that the broker says it has, against those that clients know of Kafka 4.2."""

import pytest
from wire_client import Writer

# Kafka's APIs that this broker leaves out, by their numbers, with why.
LEFT_OUT = {
    38: "delegation tokens", 39: "delegation tokens", 40: "delegation tokens",
    41: "delegation tokens", 64: "brokers of Kafka's own",
    76: "share groups", 77: "share groups", 78: "share groups", 79: "share groups",
    80: "of a quorum of controllers", 81: "of a quorum of controllers",
    83: "share groups", 84: "share groups", 85: "share groups", 86: "share groups",
    87: "share groups", 88: "streams groups", 89: "streams groups", 90: "share groups",
    91: "share groups", 92: "share groups",
}  # fmt: skip


def advertised(client, version=3):
    body = Writer(flexible=True).string("test").string("1").tags()
    reader = client.call(18, version, body, flexible=True, header_tags=False)
    assert reader.int16() == 0
    found = {}
    for _ in range(reader.count()):
        key, first, last = reader.int16(), reader.int16(), reader.int16()
        found[key] = (first, last)
        reader.tags()
    return found


def kafka_4_2():
    module = pytest.importorskip("kafka.protocol.broker_version_data")
    data = module.BrokerVersionData((4, 2))
    return {int(key): tuple(versions) for key, versions in data.api_versions.items()}


@pytest.mark.parametrize("version", [3, 4])
def test_they_are_those_of_kafka(client, version):
    ours, kafka = advertised(client, version), kafka_4_2()
    for key, versions in ours.items():
        assert versions == kafka[key], f"of the API {key}"


def test_what_is_left_out_is_known(client):
    assert not LEFT_OUT.keys() & advertised(client).keys()


def test_confluent_kafka_and_kafka_python_take_it_for_4_2(broker):
    kafka = pytest.importorskip("kafka")
    consumer = kafka.KafkaConsumer(bootstrap_servers=broker.bootstrap)
    assert consumer.config["api_version"] == (4, 2)
    consumer.close()
