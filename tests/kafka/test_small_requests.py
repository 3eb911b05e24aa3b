"""Small requests that could make a broker hold, or answer, far more than they are."""

import socket
import struct

import cnengine.kafka
import cnengine.log
import pytest
from record_batches import batch
from wire_client import Client, Writer


def create(client, topic, partitions):
    body = Writer().count(1).string(topic).int32(partitions).int16(1).count(0).count(0)
    return client.call(19, 2, body.int32(30_000).int8(0))


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def metadata(*topics, version=1):
    body = Writer().count(len(topics))
    for topic in topics:
        body.string(topic)
    return body if version < 4 else body.int8(1)


def abort(client):
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_answers_that_nobody_reads_hold_up_further_requests(broker):
    """Two thousand answers of 260 kB each would be half a gigabyte."""
    with Client(broker.address) as client:
        create(client, "wide", 10_000)
        before = resident_bytes()
        sent = [client.send(3, 1, metadata("wide")) for _ in range(2000)]
        with Client(broker.address) as other:  # and others are served
            assert other.call(3, 1, metadata("wide")).data
        assert resident_bytes() - before < 250 << 20
        for number in sent:
            assert client.receive()[0] == number


@pytest.mark.parametrize("size", [1, 127, 128, 129, 1000])
def test_pipelined_requests_are_all_answered_in_order(client, size):
    sent = [client.next_id + i for i in range(size)]
    frame = b"".join(struct.pack(">ihhih", 10, 18, 0, number, -1) for number in sent)
    client.send_raw(frame)
    assert [client.receive()[0] for _ in sent] == sent


def test_requests_that_wait_behind_one_that_takes_long(client):
    """A fetch of half a second, and more requests behind it than are begun at a time."""
    create(client, "empty", 1)
    body = Writer().int32(-1).int32(500).int32(1).int32(1 << 20).int8(0).count(1).string("empty")
    body.count(1).int32(0).int64(0).int32(1 << 20)
    sent = [client.send(1, 4, body)]
    sent += [client.send(18, 0, b"") for _ in range(500)]
    assert [client.receive()[0] for _ in sent] == sent


def test_fetches_of_connections_that_are_gone_are_forgotten(broker, client):
    create(client, "empty", 4)
    body = Writer().int32(-1).int32(2**31 - 1).int32(1 << 30).int32(1 << 30).int8(0)
    body.int32(0).int32(-1).count(1).string("empty").count(20_000)
    for i in range(20_000):
        body.int32(i % 4).int32(-1).int64(0).int64(-1).int32(1 << 20)
    body.count(0).string("")

    def fetch_and_go():
        with Client(broker.address) as waiting:
            waiting.send(1, 11, body)
            abort(waiting)

    for _ in range(20):
        fetch_and_go()
    before = resident_bytes()
    for _ in range(100):
        fetch_and_go()
    client.call(18, 0, b"")
    assert resident_bytes() - before < 100 << 20  # 380 MB were kept for 24 days


def test_a_topic_named_often_is_answered_once(client):
    create(client, "wide", 1000)
    reader = client.call(3, 1, metadata(*["wide"] * 5000))
    assert len(reader.data) < 60_000


def test_a_resource_described_often_is_answered_once(client):
    create(client, "one", 1)
    body = Writer().count(1000)
    for _ in range(1000):
        body.int8(2).string("one").count(-1)
    reader = client.call(32, 1, body.int8(0))
    assert len(reader.data) < 20_000


OWN = {"__consumer_offsets": 17, "__transaction_state": 17, "__cluster_metadata": 42}
"""And what a client is told that wants to make one: of the last one as Kafka's controllers do."""


@pytest.mark.parametrize("topic", OWN)
def test_clients_make_no_topics_of_the_brokers_own(client, store, topic):
    """With one partition, where the coordinator expects fifty, no group would work."""
    client.call(3, 4, metadata(topic, version=4))
    r = create(client, topic, 1)
    assert (r.int32(), r.count(), r.string(), r.int16()) == (0, 1, topic, OWN[topic])
    assert topic not in store.topics()


def test_a_broker_may_go_while_the_log_still_syncs_for_it(tmp_path):
    """What the log acknowledges later finds no broker."""
    body = Writer().string(None).int16(-1).int32(1000).count(1).string("t").count(1).int32(0)
    body.bytes(batch([b"x" * 1000]))
    with cnengine.log.open(tmp_path / "log", fsync="always") as log:
        log.create_topic("t", partitions=1)
        for _ in range(20):
            broker = cnengine.kafka.Broker(log, listen="127.0.0.1:0")
            with Client(broker.address) as client:
                for _ in range(20):
                    client.send(0, 3, body)
                client.receive()
                broker.stop()
                del broker
        assert log.end_offset("t") >= 20
