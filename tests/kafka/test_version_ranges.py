"""The versions that the broker says it has, against those that clients know of Kafka 4.2."""

import pytest
from cnengine import _core
from wire_client import Writer

UNSUPPORTED_VERSION = 35
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


def test_kafka_python_takes_it_for_4_2(broker):
    kafka = pytest.importorskip("kafka")
    consumer = kafka.KafkaConsumer(bootstrap_servers=broker.bootstrap)
    assert consumer.config["api_version"] == (4, 2)
    consumer.close()


def is_flexible(key, version):
    return any(api[0] == key and version >= api[4] for api in _core.kafka.message_apis())


def apis(client):
    return sorted(advertised(client).items())


def test_a_version_that_is_not_known_is_an_error_of_the_protocol(client):
    for key, (_, last) in apis(client):
        for version in (last + 1, 32767, -1, -32768):
            flexible = key != 18 and is_flexible(key, max(version, 0))
            # A body, or the tagged fields of a header.
            reader = client.call(key, version, b"\0", flexible=flexible)
            assert reader.int16() == UNSUPPORTED_VERSION, (key, version)


def test_an_api_that_is_not_known_is_an_error_of_the_protocol(client):
    known = {key for key, _ in apis(client)}
    for key in sorted({*range(-2, 100), 1000, 32767, -32768} - known):
        for version in (-1, 0, 1, 12):
            assert client.call(key, version, b"anything").int16() == UNSUPPORTED_VERSION


def test_bytes_behind_a_request_are_passed_over(client):
    """As Kafka does, which reads the fields and looks no further."""
    body = Writer(flexible=True).string("test").string("1").tags()
    plain = client.call(18, 3, body, flexible=True, header_tags=False)
    more = client.call(18, 3, body.raw(b"\0\1\2 more"), flexible=True, header_tags=False)
    assert more.data[4:] == plain.data[4:]
    metadata = Writer().int32(0)
    assert client.call(3, 1, metadata.raw(b"\xff" * 9)).count() == 1  # the broker
