"""Produce and Fetch in every version, in bytes by hand."""

import pytest
from record_batches import batch, values
from wire_client import Client, Writer

PRODUCE, FETCH = 0, 1
NONE, CORRUPT, UNKNOWN_TOPIC, OUT_OF_RANGE = 0, 2, 3, 1
INVALID_ACKS, UNKNOWN_TOPIC_ID, SESSION_NOT_FOUND, SESSION_EPOCH = 21, 100, 70, 71


def produce_body(version, topic, topic_id, records, *, partition=0, acks=-1):
    w = Writer(version >= 9).string(None).int16(acks).int32(10_000).count(1)
    w.raw(topic_id) if version >= 13 else w.string(topic)
    return w.count(1).int32(partition).bytes(records).tags().tags().tags()


def read_produce(r, version):
    """{(topic, partition): (error, base offset)} of a response that must end where it ends."""
    out = {}
    for _ in range(r.count()):
        topic = r.raw(16) if version >= 13 else r.string()
        for _ in range(r.count()):
            index, error, base, _append_time = r.int32(), r.int16(), r.int64(), r.int64()
            if version >= 5:
                r.int64()
            if version >= 8:
                assert r.count() == 0
                r.string()
            r.tags()
            out[topic, index] = (error, base)
        r.tags()
    assert r.int32() == 0
    r.tags()
    r.end()
    return out


def fetch_body(version, topic, topic_id, offset, *, partition=0, min_bytes=1, max_wait_ms=0,
               max_bytes=1 << 20, session=(0, -1), committed=0, forgotten=()):  # fmt: skip
    w = Writer(version >= 12)
    if version <= 14:
        w.int32(-1)
    w.int32(max_wait_ms).int32(min_bytes).int32(max_bytes).int8(committed)
    if version >= 7:
        w.int32(session[0]).int32(session[1])
    w.count(0 if offset is None else 1)
    if offset is not None:
        w.raw(topic_id) if version >= 13 else w.string(topic)
        w.count(1).int32(partition)
        if version >= 9:
            w.int32(-1)
        w.int64(offset)
        if version >= 12:
            w.int32(-1)
        if version >= 5:
            w.int64(-1)
        w.int32(max_bytes).tags().tags()
    if version >= 7:
        w.count(len(forgotten))
        for index in forgotten:
            w.raw(topic_id) if version >= 13 else w.string(topic)
            w.count(1).int32(index).tags()
    if version >= 11:
        w.string("")
    return w.tags()


def read_fetch(r, version):
    """(error, session id, {(topic, partition): (error, high watermark, bytes)})."""
    r.int32()
    error, session = (r.int16(), r.int32()) if version >= 7 else (0, 0)
    out = {}
    for _ in range(r.count()):
        topic = r.raw(16) if version >= 13 else r.string()
        for _ in range(r.count()):
            index, code, high = r.int32(), r.int16(), r.int64()
            r.int64()
            if version >= 5:
                r.int64()
            for _ in range(max(r.count(), 0)):
                r.int64(), r.int64(), r.tags()
            if version >= 11:
                r.int32()
            out[topic, index] = (code, high, r.bytes())
            r.tags()
        r.tags()
    r.tags()
    r.end()
    return error, session, out


def topic_id(store, name):
    return bytes.fromhex(store._store.topic_id(name))


@pytest.fixture
def topic(store):
    store.create_topic("t", partitions=2)
    return "t", topic_id(store, "t")


@pytest.mark.parametrize("version", range(3, 14))
def test_produce_of_every_version(client, store, topic, version):
    body = produce_body(version, *topic, batch([b"a", b"b"]))
    key = topic[1] if version >= 13 else "t"
    for base in (0, 2):
        r = client.call(PRODUCE, version, body, flexible=version >= 9)
        assert read_produce(r, version) == {(key, 0): (NONE, base)}
    assert store.read("t")["value"].to_pylist() == [b"a", b"b"] * 2


@pytest.mark.parametrize("version", range(4, 19))
def test_fetch_of_every_version(client, topic, version):
    sent = batch([b"a", b"b"], keys=[b"k", None], headers=[(b"h", b"1"), (b"n", None)])
    client.call(PRODUCE, 3, produce_body(3, *topic, sent))
    key = topic[1] if version >= 13 else "t"
    flexible = version >= 12
    for offset in (0, 1):  # whole batches, from inside one too
        r = client.call(FETCH, version, fetch_body(version, *topic, offset), flexible=flexible)
        _, _, found = read_fetch(r, version)
        assert found == {(key, 0): (NONE, 2, sent)}
    r = client.call(FETCH, version, fetch_body(version, *topic, 2), flexible=flexible)
    assert read_fetch(r, version)[2] == {(key, 0): (NONE, 2, b"")}
    r = client.call(FETCH, version, fetch_body(version, *topic, 3), flexible=flexible)
    assert read_fetch(r, version)[2][key, 0][0] == OUT_OF_RANGE


def test_what_cannot_be_appended_is_told(client, topic):
    good = batch([b"a"])
    torn = good[:-1] + bytes([good[-1] ^ 1])
    assert read_produce(client.call(PRODUCE, 3, produce_body(3, *topic, torn)), 3) == {
        ("t", 0): (CORRUPT, -1)
    }
    body = produce_body(3, "nowhere", b"", good)
    assert read_produce(client.call(PRODUCE, 3, body), 3)["nowhere", 0][0] == UNKNOWN_TOPIC
    body = produce_body(3, *topic, good, partition=2)
    assert read_produce(client.call(PRODUCE, 3, body), 3)["t", 2][0] == UNKNOWN_TOPIC
    body = produce_body(3, *topic, good, acks=2)
    assert read_produce(client.call(PRODUCE, 3, body), 3)["t", 0][0] == INVALID_ACKS
    body = produce_body(13, "", bytes(15) + b"\1", good)
    r = client.call(PRODUCE, 13, body, flexible=True)
    assert read_produce(r, 13)[bytes(15) + b"\1", 0][0] == UNKNOWN_TOPIC_ID


def test_without_acks_there_is_no_response(client, store, topic):
    client.send(PRODUCE, 3, produce_body(3, *topic, batch([b"a"]), acks=0))
    r = client.call(PRODUCE, 3, produce_body(3, *topic, batch([b"b"])))
    assert read_produce(r, 3)["t", 0] == (NONE, 1)
    client.send(PRODUCE, 3, produce_body(3, "nowhere", b"", batch([b"a"]), acks=0))
    assert client.is_closed()


def test_requests_of_one_connection_are_answered_in_order(client, topic):
    waiting = client.send(FETCH, 4, fetch_body(4, *topic, 0, max_wait_ms=20_000))
    sent = [client.send(PRODUCE, 3, produce_body(3, *topic, batch([b"%d" % i]))) for i in range(50)]
    number, r = client.receive()
    assert number == waiting
    assert values(read_fetch(r, 4)[2]["t", 0][2])[0] == (0, None, b"0")
    for i, expected in enumerate(sent):
        number, r = client.receive()
        assert number == expected
        assert read_produce(r, 3)["t", 0] == (NONE, i)


def test_a_fetch_waits_for_enough_bytes(broker, client, topic):
    size = len(batch([b"a"]))
    body = fetch_body(4, *topic, 0, min_bytes=2 * size, max_wait_ms=60_000)
    client.send(FETCH, 4, body)
    with Client(broker.address) as other:
        for _ in range(2):
            other.call(PRODUCE, 3, produce_body(3, *topic, batch([b"a"])))
    _, r = client.receive()
    assert len(values(read_fetch(r, 4)[2]["t", 0][2])) == 2


def test_a_fetch_without_records_ends_with_its_time(client, topic):
    r = client.call(FETCH, 4, fetch_body(4, *topic, 0, max_wait_ms=30))
    assert read_fetch(r, 4)[2] == {("t", 0): (NONE, 0, b"")}


def test_records_that_the_log_itself_gets_wake_a_fetch(client, store, topic):
    import pyarrow as pa

    client.send(FETCH, 4, fetch_body(4, *topic, 0, max_wait_ms=60_000, partition=1))
    while not store.end_offset("t", 1):
        store.produce("t", pa.table({"value": [b"x"]}))
    _, r = client.receive()
    assert values(read_fetch(r, 4)[2]["t", 1][2])[0][2] == b"x"


def test_limits_of_bytes(client, topic):
    sent = batch([b"x" * 1000])
    for _ in range(10):
        client.call(PRODUCE, 3, produce_body(3, *topic, sent))
    for limit, expected in ((1, 1), (len(sent), 1), (3 * len(sent), 3), (1 << 20, 10)):
        r = client.call(FETCH, 4, fetch_body(4, *topic, 0, max_bytes=limit))
        assert len(values(read_fetch(r, 4)[2]["t", 0][2])) == expected


@pytest.mark.parametrize("version", [7, 12, 18])
def test_sessions_tell_only_what_is_new(client, topic, version):
    flexible = version >= 12
    key = topic[1] if version >= 13 else "t"

    def fetch(offset, session, **more):
        body = fetch_body(version, *topic, offset, session=session, **more)
        return read_fetch(client.call(FETCH, version, body, flexible=flexible), version)

    error, session, found = fetch(0, (0, 0))
    assert error == NONE
    assert session > 0
    assert found == {(key, 0): (NONE, 0, b"")}
    assert fetch(None, (session, 1)) == (NONE, session, {})  # nothing new
    client.call(PRODUCE, 3, produce_body(3, *topic, batch([b"a"])))
    _, _, found = fetch(None, (session, 2))
    assert found[key, 0][1] == 1
    assert values(found[key, 0][2]) == [(0, None, b"a")]
    _, _, found = fetch(1, (session, 3))  # goes on behind it
    assert found == {}
    assert fetch(None, (session, 3))[0] == SESSION_EPOCH
    assert fetch(None, (session + 1, 1))[0] == SESSION_NOT_FOUND
    client.call(PRODUCE, 3, produce_body(3, *topic, batch([b"b"])))
    assert fetch(None, (session, 4), forgotten=[0])[2] == {}
    error, second, found = fetch(0, (session, 0))  # a new one in its place
    assert second > 0
    assert len(values(found[key, 0][2])) == 2
    if second != session:
        assert fetch(None, (session, 5))[0] == SESSION_NOT_FOUND
    assert fetch(0, (second, -1))[1] == 0  # ends it
    assert fetch(None, (second, 1))[0] == SESSION_NOT_FOUND
