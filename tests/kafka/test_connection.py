"""What a connection does with bytes that are no request, and with requests that are not known."""

import os
import signal
import struct
import time

import pytest
from wire_client import Client, Writer

API_VERSIONS, METADATA = 18, 3
UNSUPPORTED_VERSION = 35


def read_versions(r, version):
    """(error, {key: (first, last)}, tags) of an ApiVersions response."""
    error = r.int16()
    apis = {}
    for _ in range(r.count()):
        key, first, last = r.int16(), r.int16(), r.int16()
        r.tags()
        apis[key] = (first, last)
    if version >= 1:
        assert r.int32() == 0
    tags = r.tags()
    r.end()
    return error, apis, tags


def versions_body(version):
    w = Writer(version >= 3)
    return w.string("test").string("1.0").tags() if version >= 3 else w


@pytest.mark.parametrize("version", range(5))
def test_api_versions_of_every_version(client, version):
    flexible = version >= 3
    r = client.call(API_VERSIONS, version, versions_body(version), flexible=flexible,
                    header_tags=False)  # fmt: skip
    error, apis, tags = read_versions(r, version)
    assert error == 0
    assert apis[0] == (0, 13), "librdkafka compresses nothing without Produce 0"
    assert apis[1] == (4, 18)
    assert apis[3] == (0, 13)
    assert apis[18] == (0, 4)
    if flexible:
        group, transaction = b"\x0egroup.version", b"\x14transaction.version"
        end = b"\x00"
        assert tags[0] == b"\x03" + group + b"\0\0\0\x01" + end + transaction + b"\0\0\0\x02" + end
        assert tags[2] == (b"\x03" + group + b"\0\x01\0\x01" + end
                           + transaction + b"\0\x02\0\x02" + end)  # fmt: skip


def test_api_versions_of_the_future_are_answered_in_version_0(client):
    r = client.call(API_VERSIONS, 99, b"\x05what\x01\x00", flexible=True, header_tags=False)
    r.flexible = False
    error, apis, _ = read_versions(r, 0)
    assert error == UNSUPPORTED_VERSION
    assert apis[18] == (0, 4)
    r = client.call(API_VERSIONS, 0, b"")
    assert read_versions(r, 0)[0] == 0


@pytest.mark.parametrize(
    ("key", "version", "flexible"), [(7777, 0, False), (METADATA, 99, True), (1, 0, False)]
)
def test_unknown_requests_are_answered_with_the_protocols_error(client, key, version, flexible):
    client.send(key, version, b"", flexible=flexible)
    number, r = client.receive(flexible=flexible)
    assert number == 1
    assert r.int16() == UNSUPPORTED_VERSION
    r.tags()
    r.end()
    assert read_versions(client.call(API_VERSIONS, 0, b""), 0)[0] == 0


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack(">i", -1),
        struct.pack(">i", 0x7FFFFFFF),
        struct.pack(">i", 3) + b"abc",
        struct.pack(">ihhih", 10, 3, 0, 1, -2),  # a client id of negative length
        struct.pack(">ihhih", 10, 3, 0, 1, 100),  # one that is longer than the frame
        struct.pack(">ihhihi", 14, 3, 0, 1, -1, 0x7FFFFFFF),  # an array that is
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_end_the_connection(broker, frame):
    with Client(broker.address) as client:
        client.send_raw(frame)
        assert client.is_closed()
    with Client(broker.address) as client:  # and no other
        assert read_versions(client.call(API_VERSIONS, 0, b""), 0)[0] == 0


def test_a_frame_may_come_byte_by_byte(client):
    frame = struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1)
    for byte in frame + frame:
        client.send_raw(bytes([byte]))
    for _ in range(2):
        number, r = client.receive()
        assert number == 7
        assert read_versions(r, 0)[0] == 0


def test_many_requests_in_one_write(client):
    frame = struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1)
    client.send_raw(frame * 1000)
    for _ in range(1000):
        assert read_versions(client.receive()[1], 0)[0] == 0


def test_connections_that_are_cut_within_a_frame(broker):
    for size in range(1, 14):
        with Client(broker.address) as client:
            client.send_raw(struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1)[:size])
    with Client(broker.address) as client:
        assert read_versions(client.call(API_VERSIONS, 0, b""), 0)[0] == 0


def test_a_client_that_reads_nothing_holds_up_nobody(broker, client):
    """Its answers wait in its own socket; it is read no further, and others are served."""
    frame = struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1)
    with Client(broker.address) as greedy:
        greedy.socket.setblocking(False)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += greedy.socket.send(frame * 1000)
        except BlockingIOError:
            pass
        assert sent < 64 << 20, "it was read without end"
        assert read_versions(client.call(API_VERSIONS, 0, b""), 0)[0] == 0


def test_idle_connections_are_closed(store):
    import cnengine.kafka

    config = {"connections.max.idle.ms": 50}
    with (
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker,
        Client(broker.address) as client,
    ):
        assert client.is_closed()


def test_more_connections_than_allowed_are_refused(store):
    import cnengine.kafka

    config = {"max.connections": 2}
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker:
        kept = [Client(broker.address) for _ in range(2)]
        for client in kept:
            assert read_versions(client.call(API_VERSIONS, 0, b""), 0)[0] == 0
        with Client(broker.address) as third:
            assert third.is_closed()
        for client in kept:
            client.close()


def test_stopping_ends_connections_that_wait(store):
    import cnengine.kafka

    store.create_topic("t")
    fetch = Writer().int32(-1).int32(60_000).int32(1).int32(1 << 20).int8(0)
    fetch.count(1).string("t").count(1).int32(0).int64(0).int32(1 << 20)
    for _ in range(20):
        broker = cnengine.kafka.Broker(store, listen="127.0.0.1:0")
        with Client(broker.address) as client:
            client.send(1, 4, fetch)
            read_versions(Client(broker.address).call(API_VERSIONS, 0, b""), 0)
            broker.stop()
            assert client.is_closed()
        broker.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.parametrize("how", ["stop", "drop"])
def test_a_forked_child_has_no_part_in_the_broker(store, how):
    import cnengine.kafka

    broker = cnengine.kafka.Broker(store, listen="127.0.0.1:0")
    with Client(broker.address) as client:
        read_versions(client.call(API_VERSIONS, 0, b""), 0)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                if how == "stop":
                    broker.stop()
                    broker.stop()
                del broker
                code = 0
            finally:
                os._exit(code)
        assert exit_code(pid) == 0
        read_versions(client.call(API_VERSIONS, 0, b""), 0)
    with Client(broker.address) as client:
        read_versions(client.call(API_VERSIONS, 0, b""), 0)
    broker.stop()


def exit_code(pid, seconds=60):
    """Of a child, which is killed when it hangs."""
    deadline = time.monotonic() + seconds
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
