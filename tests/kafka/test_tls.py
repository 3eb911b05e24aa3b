"""TLS: versions, ciphers, listeners, large messages, and handshakes that are none."""

import os
import socket
import ssl
import struct
import warnings

import cnengine.kafka
import pytest
from certificates import client_context
from cnengine.errors import ArgumentError
from login import authenticate, handshake, login, plain_token
from record_batches import batch
from tls_world import API_VERSIONS, connect, is_refused, works
from wire_client import Client, Writer

PRODUCE, FETCH, METADATA = 0, 1, 3


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(start_tls, world, version):
    with connect(start_tls(), world, version=version) as client:
        assert (
            client.socket.version()
            == {
                ssl.TLSVersion.TLSv1_2: "TLSv1.2",
                ssl.TLSVersion.TLSv1_3: "TLSv1.3",
            }[version]
        )
        assert works(client)


def test_versions_that_are_not_enabled(start_tls, world):
    one = start_tls(ssl_enabled_protocols="TLSv1.3")
    assert is_refused(one, world, version=ssl.TLSVersion.TLSv1_2)
    assert not is_refused(one, world, version=ssl.TLSVersion.TLSv1_3)
    one.stop()
    two = start_tls(ssl_enabled_protocols="TLSv1.2")
    assert is_refused(two, world, version=ssl.TLSVersion.TLSv1_3)
    with connect(two, world) as client:
        assert client.socket.version() == "TLSv1.2"


def test_old_versions_are_not_spoken(start_tls, world):
    context = client_context(world.authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    assert is_refused(start_tls(), world, context=context)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("TLS_CHACHA20_POLY1305_SHA256,ECDHE-ECDSA-AES256-GCM-SHA384",
         "TLS_CHACHA20_POLY1305_SHA256"),
    ],
)  # fmt: skip
def test_ciphers(start_tls, world, names, expected):
    with connect(start_tls(ssl_cipher_suites=names), world) as client:
        assert client.socket.cipher()[0] == expected
        assert works(client)


def test_logins_over_tls(start_tls, world):
    broker = start_tls(listen="SASL_SSL://127.0.0.1:0", sasl_enabled_mechanisms="PLAIN,SCRAM-SHA-256",
                   ssl_client_auth="required")  # fmt: skip
    broker.users.set("alice", "secret", mechanism="SCRAM-SHA-256")
    for mechanism in ("PLAIN", "SCRAM-SHA-256"):
        with connect(broker, world) as client:
            login(client, mechanism, "alice", "secret")
            assert works(client)
    with connect(broker, world) as client:
        assert handshake(client, "PLAIN")[0] == 0
        assert authenticate(client, plain_token("alice", "wrong"))[0] == 58
        assert client.is_closed()


def test_certificates_and_logins_where_the_listener_says_so(start_tls, world):
    broker = start_tls(
        listen="SASL_SSL://127.0.0.1:0", ssl_truststore_location=world.trust,
        **{"listener.name.sasl_ssl.ssl.client.auth": "required"},
    )  # fmt: skip
    broker.users.set("alice", "secret")
    assert is_refused(broker, world)
    with connect(broker, world, world.client_file()) as client:
        login(client, "SCRAM-SHA-512", "alice", "secret")
        assert works(client)


def test_several_listeners(start_tls, world):
    broker = start_tls(
        listen="INSIDE://127.0.0.1:0,OUTSIDE://127.0.0.1:0,SSL://127.0.0.1:0",
        listener_security_protocol_map="INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL,SSL:SSL",
        ssl_truststore_location=world.trust,
        **{"listener.name.ssl.ssl.client.auth": "required"},
    )  # fmt: skip
    broker.users.set("alice", "secret")
    assert set(broker.listeners) == {"INSIDE", "OUTSIDE", "SSL"}
    ports = {name: int(text.rpartition(":")[2]) for name, text in broker.listeners.items()}
    context = client_context(world.authority)
    with Client(("127.0.0.1", ports["INSIDE"])) as client:
        assert works(client)
        r = client.call(METADATA, 1, Writer().int32(-1))
        r.count(), r.int32(), r.string()
        assert r.int32() == ports["INSIDE"], "clients are told of the listener that they came by"
    with Client(("127.0.0.1", ports["OUTSIDE"])) as client:
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
        login(client, "SCRAM-SHA-512", "alice", "secret")
        r = client.call(METADATA, 1, Writer().int32(-1))
        r.count(), r.int32(), r.string()
        assert r.int32() == ports["OUTSIDE"]
    context.load_cert_chain(world.client_file())
    with Client(("127.0.0.1", ports["SSL"])) as client:
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
        assert works(client)


def test_listeners_that_have_no_protocol(store):
    for config in (
        {"listener.security.protocol.map": "INSIDE:PLAIN"},
        {"listener.security.protocol.map": "OTHER:PLAINTEXT"},
        {"listener.security.protocol.map": "INSIDE"},
    ):
        with pytest.raises(ArgumentError):
            cnengine.kafka.Broker(store, listen="INSIDE://127.0.0.1:0", config=config)


def produce_body(records):
    body = Writer().string(None).int16(-1).int32(10_000).count(1).string("t")
    return body.count(1).int32(0).bytes(records)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_large_requests_and_files(start_tls, store, world, version):
    """Frames of many TLS records, and parts of files of sizes around one."""
    store.create_topic("t")
    sizes = [1, 16_000, 16_300, 16_400, 100_000, 900_000]
    batches = [batch([os.urandom(size)]) for size in sizes]
    with connect(start_tls(), world, version=version) as client:
        for records in batches:
            r = client.call(PRODUCE, 3, produce_body(records))
            r.count(), r.string(), r.count(), r.int32()
            assert r.int16() == 0
        # Pipelined: what OpenSSL has read in advance is no news to epoll.
        for offset in range(len(sizes)):
            fetch = Writer().int32(-1).int32(0).int32(1).int32(64 << 20).int8(0)
            fetch.count(1).string("t").count(1).int32(0).int64(offset).int32(1)
            client.send(FETCH, 4, fetch)
        for offset, records in enumerate(batches):
            _, r = client.receive()
            r.int32(), r.count(), r.string(), r.count(), r.int32()
            assert r.int16() == 0
            r.int64(), r.int64(), r.int32()
            got = r.bytes()
            assert got[:8] == struct.pack(">q", offset)
            assert got[16:] == records[16:]
            r.end()


def test_many_requests_in_one_write(start_tls, world):
    frame = struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1)
    with connect(start_tls(), world) as client:
        client.send_raw(frame * 5000)
        for _ in range(5000):
            assert client.receive()[0] == 7


def test_a_client_that_reads_nothing_holds_up_nobody(start_tls, world):
    broker = start_tls()
    frame = struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1)
    with connect(broker, world) as greedy, connect(broker, world) as client:
        greedy.socket.setblocking(False)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += greedy.socket.send(frame * 1000)
        except (ssl.SSLWantWriteError, BlockingIOError):
            pass
        assert sent < 64 << 20
        assert works(client)


def client_hello(world):
    """The first bytes of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context(world.authority).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("part", [0, 1, 5, 50, -1, None])
def test_half_a_handshake_is_cut_off(start_tls, world, part):
    broker = start_tls(connections_setup_timeout_ms=100)
    with socket.create_connection(broker.address, timeout=20) as peer:
        peer.sendall(client_hello(world)[:part])
        while peer.recv(4096):
            pass
    with connect(broker, world) as client:
        assert works(client)


def test_a_handshake_byte_by_byte_is_cut_off(start_tls, world):
    """A slow client has its time from the begin, however often it sends a byte."""
    broker = start_tls(connections_setup_timeout_ms=200)
    hello = b"\x16\x03\x01\x40\x00" + b"\x01\x00\x3f\xfc" + b"\0" * 16_000
    closed = False
    with socket.create_connection(broker.address, timeout=0.001) as peer:
        for byte in hello:
            try:
                peer.send(bytes([byte]))
                closed = peer.recv(4096) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                closed = True
            if closed:
                break
    assert closed


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">ihhih", 10, API_VERSIONS, 0, 7, -1),
        b"\x16\x03\x01\xff\xff" + b"\xff" * 100,
        b"\x16\x03\x03\x00\x00" * 100,
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\x80\x2e\x01\x00\x02" + b"\0" * 50,
        b"\0" * 1000,
    ],
)
def test_garbage_instead_of_a_handshake(start_tls, world, sent):
    broker = start_tls()
    with socket.create_connection(broker.address, timeout=20) as peer:
        peer.sendall(sent)
        try:
            while peer.recv(4096):  # maybe an alert
                pass
        except ConnectionResetError:
            pass
    with connect(broker, world) as client:
        assert works(client)


def test_garbage_within_a_connection(start_tls, world):
    broker = start_tls()
    with Client(broker.address) as client:
        plain = client.socket
        tls = client_context(world.authority).wrap_socket(
            plain.dup(), server_hostname="localhost")  # fmt: skip
        plain.sendall(b"\x17\x03\x03\x00\x20" + b"\0" * 32)
        try:
            while tls.recv(4096):
                pass
        except (ssl.SSLError, ConnectionError):
            pass
        tls.close()


def test_a_cut_connection_is_let_go(start_tls, world):
    broker = start_tls()
    for linger in (True, False):
        client = connect(broker, world)
        works(client)
        if linger:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    with connect(broker, world) as client:
        while "cnengine_broker_connections 1\n" not in broker.metrics():
            assert works(client)
