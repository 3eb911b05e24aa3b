"""Quotas of clients: requests in every version, and what goes over a quota rests."""

import time

import cnengine.kafka
import pytest
from record_batches import batch
from test_produce_fetch import fetch_body, produce_body, read_fetch
from wire_client import Client, Writer

PRODUCE, FETCH, METADATA, DESCRIBE, ALTER = 0, 1, 3, 48, 49
UNSUPPORTED_VERSION, INVALID_REQUEST, UNKNOWN_SERVER_ERROR = 35, 42, -1
EXACT, DEFAULT, SPECIFIED = 0, 1, 2
USER, CLIENT, IP = "user", "client-id", "ip"
BOTH = pytest.mark.parametrize("version", [0, 1])


def alter(client, entries, version=1, validate_only=False):
    """Of entries ({type: name}, {key: value or None}); the errors."""
    w = Writer(version >= 1).count(len(entries))
    for entity, values in entries:
        w.count(len(entity))
        for kind, name in entity if isinstance(entity, list) else entity.items():
            w.string(kind).string(name).tags()
        w.count(len(values))
        for key, value in values.items():
            w.string(key).pack("d", value or 0).int8(value is None).tags()
        w.tags()
    r = client.call(ALTER, version, w.int8(validate_only).tags(), flexible=version >= 1)
    assert r.int32() == 0
    errors = []
    for _ in range(r.count()):
        errors.append(r.int16())
        assert (r.string() is None) == (errors[-1] == 0)
        for _ in range(r.count()):
            r.string(), r.string(), r.tags()
        r.tags()
    r.tags()
    r.end()
    return errors


def describe(client, components=(), version=1, strict=False):
    """The error and {((type, name), ...): {key: value}} of components (type, match, name)."""
    w = Writer(version >= 1).count(len(components))
    for kind, match, name in components:
        w.string(kind).int8(match).string(name).tags()
    r = client.call(DESCRIBE, version, w.int8(strict).tags(), flexible=version >= 1)
    assert r.int32() == 0
    error = r.int16()
    assert (r.string() is None) == (error == 0)
    found = {}
    for _ in range(max(r.count(), 0)):
        entity = []
        for _ in range(r.count()):
            entity.append((r.string(), r.string()))
            r.tags()
        values = {}
        for _ in range(r.count()):
            key = r.string()
            values[key] = r.unpack("d")
            r.tags()
        found[tuple(sorted(entity))] = values
        r.tags()
    r.tags()
    r.end()
    return error, found


@BOTH
def test_they_are_set_and_taken_away(client, version):
    quotas = {"producer_byte_rate": 1024.0, "request_percentage": 12.5}
    entries = [({CLIENT: "c"}, quotas), ({USER: None, CLIENT: "c"}, {"consumer_byte_rate": 7.0})]
    assert alter(client, entries, version, validate_only=True) == [0, 0]
    assert describe(client, version=version) == (0, {})
    assert alter(client, entries, version) == [0, 0]
    both = ((CLIENT, "c"), (USER, None))
    assert describe(client, [(CLIENT, EXACT, "c")], version) == (
        0, {((CLIENT, "c"),): quotas, both: {"consumer_byte_rate": 7.0}})  # fmt: skip
    assert describe(client, [(CLIENT, EXACT, "c")], version, strict=True)[1].keys() == {
        ((CLIENT, "c"),)
    }
    for match in [(USER, DEFAULT, None), (USER, SPECIFIED, None)]:
        assert describe(client, [match], version)[1].keys() == {both}
    assert describe(client, [(USER, EXACT, "c")], version) == (0, {})
    change = {"producer_byte_rate": None, "request_percentage": 50.0, "consumer_byte_rate": None}
    assert alter(client, [({CLIENT: "c"}, change)], version) == [0]
    assert describe(client, strict=True)[1] == {}
    assert describe(client)[1][((CLIENT, "c"),)] == {"request_percentage": 50.0}
    gone = {"request_percentage": None, "consumer_byte_rate": None}
    assert alter(client, [(dict(both), gone), ({CLIENT: "c"}, gone)], version) == [0, 0]
    assert describe(client) == (0, {})


def test_they_are_told_in_the_order_of_kafka(client):
    """Which suites of clients compare lists with."""
    rates = {"producer_byte_rate": 1.0, "request_percentage": 2.0, "consumer_byte_rate": 3.0}
    assert alter(client, [([(USER, "u"), (CLIENT, "c")], rates), ({USER: "u"}, rates)]) == [0, 0]
    error, found = describe(client, [(USER, EXACT, "u")])
    assert error == 0
    order = ["consumer_byte_rate", "request_percentage", "producer_byte_rate"]
    assert [list(values) for values in found.values()] == [order, order]
    assert list(found) == [((USER, "u"),), ((CLIENT, "c"), (USER, "u"))]


def test_what_cannot_be_is_refused(client):
    rate = {"producer_byte_rate": 10.0}
    wrong = [
        ({}, rate), ({"group": "g"}, rate), ({USER: ""}, rate), ({IP: "1.2.3.4", USER: "u"}, rate),
        ([(USER, "u"), (USER, "v")], rate), ({IP: "no address"}, {"connection_creation_rate": 1.0}),
        ({USER: "u"}, {"connection_creation_rate": 1.0}), ({IP: "1.2.3.4"}, rate),
        ({USER: "u"}, {"no_such": 1.0}), ({USER: "u"}, {"producer_byte_rate": 1.5}),
        ({USER: "u"}, {"producer_byte_rate": -1.0}), ({USER: "u"}, {"request_percentage": -1.0}),
        ({USER: "u"}, {"producer_byte_rate": float("nan")}),
        ({USER: "u"}, {"producer_byte_rate": 1e300}),
    ]  # fmt: skip
    good = [({IP: "::1"}, {"connection_creation_rate": 5.0})]
    assert alter(client, [*wrong, *good]) == [INVALID_REQUEST] * len(wrong) + [0]
    assert describe(client) == (0, {((IP, "::1"),): {"connection_creation_rate": 5.0}})
    for components, error in [
        ([("", EXACT, "a")], INVALID_REQUEST),
        ([("group", EXACT, "a")], UNSUPPORTED_VERSION),
        ([(USER, EXACT, None)], INVALID_REQUEST),
        ([(USER, DEFAULT, "a")], INVALID_REQUEST),
        ([(USER, SPECIFIED, "a")], INVALID_REQUEST),
        ([(USER, 3, None)], INVALID_REQUEST),
        ([(USER, EXACT, "a"), (USER, SPECIFIED, None)], INVALID_REQUEST),
        ([(USER, EXACT, "a"), (IP, SPECIFIED, None)], INVALID_REQUEST),
    ]:
        assert describe(client, components) == (error, {})


def test_a_restart_has_them(store):
    entry = ({USER: "u", CLIENT: None}, {"producer_byte_rate": 10.0})
    for expected in ({}, {((CLIENT, None), (USER, "u")): entry[1]}):
        with (
            cnengine.kafka.Broker(store, listen="127.0.0.1:0") as broker,
            Client(broker.address) as client,
        ):
            assert describe(client) == (0, expected)
            assert alter(client, [entry]) == [0]


def produce(client, records, acks=1):
    """The throttle time of a response of version 3, which is its last field."""
    body = produce_body(3, "t", None, records, acks=acks)
    if acks == 0:
        return client.send(PRODUCE, 3, body)
    r = client.call(PRODUCE, 3, body)
    return int.from_bytes(r.data[-4:], "big")


def milliseconds_to_an_answer(client, begin):
    """From a time until the connection has answered another request."""
    client.call(METADATA, 1, Writer().int32(0))
    return (time.monotonic() - begin) * 1000


# A quota of 1000 bytes a second lets 10,000 to 11,000 through at once, by where the second is.
OVER = batch([b"x" * 11_200])
SLACK_MS = 2  # the clocks are read in milliseconds


@pytest.mark.parametrize("acks", [0, 1, -1])
def test_a_producer_over_its_quota_rests(store, broker, client, acks):
    store.create_topic("t", partitions=1)
    assert alter(client, [({CLIENT: "test"}, {"producer_byte_rate": 1000.0})]) == [0]
    begin = time.monotonic()
    throttle_ms = produce(client, OVER, acks)
    waited_ms = milliseconds_to_an_answer(client, begin)
    assert store.end_offset("t", 0) == 1
    if acks != 0:
        assert 200 <= throttle_ms <= 1400
    assert waited_ms >= (throttle_ms if acks != 0 else 200) - SLACK_MS
    # Another client-id has no such quota, and this one none any more.
    with Client(broker.address) as other:
        number = other.send(METADATA, 1, Writer().int32(0), client_id="other")
        assert other.receive()[0] == number
    assert alter(client, [({CLIENT: "test"}, {"producer_byte_rate": None})]) == [0]
    assert produce(client, OVER) == 0


def test_a_consumer_over_its_quota_rests(store, client):
    store.create_topic("t", partitions=1)
    assert produce(client, OVER) == 0
    assert alter(client, [({USER: "ANONYMOUS"}, {"consumer_byte_rate": 1000.0})]) == [0]
    begin = time.monotonic()
    r = client.call(FETCH, 4, fetch_body(4, "t", None, 0))
    throttle_ms = int.from_bytes(r.data[4:8], "big")
    assert read_fetch(r, 4)[2]["t", 0][1] == 1
    assert 200 <= throttle_ms <= 1400
    assert milliseconds_to_an_answer(client, begin) >= throttle_ms - SLACK_MS
    # Producers are not meant.
    assert produce(client, OVER) == 0


def test_requests_that_have_come_wait_in_their_order(store, client):
    store.create_topic("t", partitions=1)
    assert alter(client, [({USER: None}, {"producer_byte_rate": 1000.0})]) == [0]
    begin = time.monotonic()
    numbers = [client.send(PRODUCE, 3, produce_body(3, "t", None, OVER))]
    numbers += [client.send(METADATA, 1, Writer().int32(0)) for _ in range(50)]
    assert [client.receive()[0] for _ in numbers] == numbers
    assert store.end_offset("t", 0) == 1
    assert time.monotonic() - begin < 20


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_closes_while_it_rests_is_let_go_of(store, broker, client):
    """The rest is of days here; a client that comes again and again would take all descriptors."""
    store.create_topic("t", partitions=1)
    assert alter(client, [({CLIENT: None}, {"producer_byte_rate": 1.0})]) == [0]
    for _ in range(20):
        with Client(broker.address) as other:
            assert produce(other, OVER) > 3_600_000
    until(lambda: "\ncnengine_broker_connections 1\n" in broker.metrics())


def test_what_came_before_the_end_is_kept(store, broker, client):
    """Without acknowledgements a producer closes when it has sent all."""
    store.create_topic("t", partitions=1)
    assert alter(client, [({CLIENT: "test"}, {"producer_byte_rate": 1000.0})]) == [0]
    with Client(broker.address) as other:
        for _ in range(2):
            other.send(PRODUCE, 3, produce_body(3, "t", None, OVER, acks=0))
    until(lambda: store.end_offset("t", 0) == 2)
    until(lambda: "\ncnengine_broker_connections 1\n" in broker.metrics())
