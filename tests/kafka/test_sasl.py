"""Logins by bytes written by hand: every version of both APIs, bare tokens, and what is refused."""

import hashlib
import os
import shutil
import struct
import subprocess
import time

import cnengine.kafka
import pytest
from login import (
    ILLEGAL_SASL_STATE,
    SASL_AUTHENTICATE,
    SASL_AUTHENTICATION_FAILED,
    SASL_HANDSHAKE,
    UNSUPPORTED_SASL_MECHANISM,
    ScramClient,
    authenticate,
    bare,
    handshake,
    login,
    plain_token,
    receive_token,
    send_token,
)
from wire_client import Client, Writer

API_VERSIONS, METADATA = 18, 3
MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'user_setting="of the settings";'
)


@pytest.fixture
def start(store):
    """Starts brokers that clients have to log in to; of users alice and b,o=b."""
    started = []

    def make(**config):
        config = {
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
            "connection.failed.authentication.delay.ms": 0,
            **{name.replace("_", "."): value for name, value in config.items()},
        }
        broker = cnengine.kafka.Broker(store, listen="SASL_PLAINTEXT://127.0.0.1:0", config=config)
        started.append(broker)
        for mechanism in MECHANISMS[1:]:
            broker.users.set("alice", "secret", mechanism=mechanism)
            broker.users.set("b,o=b", "päss word", mechanism=mechanism, iterations=5000)
        return broker

    yield make
    for broker in started:
        broker.stop()


@pytest.fixture
def broker(start):
    return start()


def metadata(client):
    """A request that only those are answered who are logged in; the number of topics."""
    r = client.call(METADATA, 1, Writer().int32(-1))
    assert r.count() == 1
    r.int32(), r.string(), r.int32(), r.string(), r.int32()
    topics = r.int32()
    if topics == 0:
        r.end()
    return topics


def scram_until_final(client, mechanism, user, password):
    scram = ScramClient(mechanism, user, password)
    error, _, token, _ = authenticate(client, scram.first)
    assert error == 0
    return scram.final(token)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("version", range(3))
@pytest.mark.parametrize("user", [("alice", "secret"), ("b,o=b", "päss word")])
def test_login_by_every_version(client, mechanism, version, user):
    assert login(client, mechanism, *user, version=version) == (0 if version else None)
    assert metadata(client) == 0


@pytest.mark.skipif(shutil.which("kcat") is None, reason="no kcat on this machine")
@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("password", ["secret", "Secret"])
def test_kcat_logs_in(broker, mechanism, password):
    settings = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": mechanism,
                "sasl.username": "alice", "sasl.password": password}  # fmt: skip
    command = ["kcat", "-b", broker.bootstrap, "-L", "-m", "20" if password == "secret" else "1"]
    for name, value in settings.items():
        command += ["-X", f"{name}={value}"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert (done.returncode == 0) == (password == "secret"), done.stderr


def test_users_of_the_settings(client):
    login(client, "PLAIN", "setting", "of the settings")
    assert metadata(client) == 0


def test_a_login_may_ask_for_versions_first(client):
    for _ in range(2):
        client.call(API_VERSIONS, 0, b"")
    login(client, "PLAIN", "alice", "secret")
    client.call(API_VERSIONS, 0, b"")
    assert metadata(client) == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_bare_tokens(client, mechanism):
    """After a handshake of version 0 tokens have no header, as in Kafka 0.10."""
    assert handshake(client, mechanism, version=0)[0] == 0
    if mechanism == "PLAIN":
        assert bare(client, plain_token("alice", "secret")) == b""
    else:
        scram = ScramClient(mechanism, "alice", "secret")
        scram.check(bare(client, scram.final(bare(client, scram.first))))
    assert metadata(client) == 0


def test_a_bare_token_may_be_short(client, broker):
    broker.users.set("a", "b")
    assert handshake(client, "PLAIN", version=0)[0] == 0
    assert bare(client, plain_token("a", "b")) == b""
    assert metadata(client) == 0


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"\0",
        plain_token("alice", "wrong"),
        plain_token("", ""),
        b"\0alice\0secret\0",
        b"x" * 9,
    ],
)
def test_a_bare_token_that_is_refused_ends_the_connection(client, token):
    assert handshake(client, "PLAIN", version=0)[0] == 0
    client.send_raw(struct.pack(">i", len(token)) + token)
    assert client.is_closed()


@pytest.mark.parametrize(
    "token",
    [
        plain_token("alice", "Secret"),
        plain_token("alice", ""),
        plain_token("", "secret"),
        plain_token("nobody", "secret"),
        plain_token("setting", "secret"),
        plain_token("alice", "secret", "bob"),
        b"alice\0secret",
        b"\0alice\0secret\0",
        b"\0alice\0secret\xff",
        b"",
    ],
)
@pytest.mark.parametrize("version", range(3))
def test_plain_tokens_that_are_refused(client, token, version):
    assert handshake(client, "PLAIN")[0] == 0
    error, message, answer, _ = authenticate(client, token, version)
    assert error == SASL_AUTHENTICATION_FAILED
    assert message
    assert answer == b""
    assert client.is_closed()


@pytest.mark.parametrize("mechanism", MECHANISMS[1:])
@pytest.mark.parametrize("user", [("alice", "Secret"), ("nobody", "secret"), ("setting", "x")])
def test_a_wrong_password_and_a_user_that_is_not_there_look_the_same(client, mechanism, user):
    assert handshake(client, mechanism)[0] == 0
    error, message, answer, _ = authenticate(client, scram_until_final(client, mechanism, *user))
    assert (error, answer) == (SASL_AUTHENTICATION_FAILED, b"")
    assert message == (
        "Authentication failed during authentication due to invalid credentials "
        f"with SASL mechanism {mechanism}"
    )
    assert client.is_closed()


def test_a_proof_is_good_once(client, broker):
    """What one connection sent is of no use on another: the server's nonce is new."""
    assert handshake(client, "SCRAM-SHA-256")[0] == 0
    scram = ScramClient("SCRAM-SHA-256", "alice", "secret")
    final = scram.final(authenticate(client, scram.first)[2])
    assert authenticate(client, final)[0] == 0
    with Client(broker.address) as other:
        assert handshake(other, "SCRAM-SHA-256")[0] == 0
        assert authenticate(other, scram.first)[0] == 0
        assert authenticate(other, final)[0] == SASL_AUTHENTICATION_FAILED


@pytest.mark.parametrize("version", range(2))
def test_a_mechanism_that_is_not_there(client, version):
    error, mechanisms = handshake(client, "GSSAPI", version)
    assert error == UNSUPPORTED_SASL_MECHANISM
    assert mechanisms == MECHANISMS
    assert client.is_closed()


@pytest.mark.parametrize(
    ("key", "version", "body", "flexible"),
    [
        (METADATA, 1, Writer().int32(-1), False),
        (1, 4, b"\0" * 30, False),
        (0, 3, b"\0" * 30, False),
        (50, 0, b"\0\0", True),
        (7777, 0, b"", False),
    ],
)
@pytest.mark.parametrize("when", ["first", "after the handshake", "after a failed login"])
def test_nothing_is_answered_before_the_login(client, key, version, body, flexible, when):
    if when != "first":
        assert handshake(client, "PLAIN")[0] == 0
    if when == "after a failed login":
        send_token(client, plain_token("alice", "wrong"))
        client.send(key, version, body, flexible=flexible)
        assert receive_token(client)[0] == SASL_AUTHENTICATION_FAILED
    else:
        client.send(key, version, body, flexible=flexible)
    assert client.is_closed()


def test_steps_out_of_order(client, broker):
    assert authenticate(client, plain_token("alice", "secret"))[0] == ILLEGAL_SASL_STATE
    assert client.is_closed()
    with Client(broker.address) as other:
        assert handshake(other, "PLAIN")[0] == 0
        assert handshake(other, "SCRAM-SHA-256")[0] == ILLEGAL_SASL_STATE
        assert other.is_closed()
    with Client(broker.address) as other:
        login(other, "SCRAM-SHA-256", "alice", "secret")
        # A login that lasts is not renewed.
        assert handshake(other, "SCRAM-SHA-256")[0] == ILLEGAL_SASL_STATE
        assert authenticate(other, b"")[0] == ILLEGAL_SASL_STATE
        assert metadata(other) == 0


@pytest.mark.parametrize("listen", ["PLAINTEXT://127.0.0.1:0"])
def test_a_listener_without_logins(store, listen):
    with (
        cnengine.kafka.Broker(store, listen=listen) as broker,
        Client(broker.address) as client,
    ):
        assert handshake(client, "PLAIN") == (ILLEGAL_SASL_STATE, [])
        assert authenticate(client, plain_token("alice", "secret"))[0] == ILLEGAL_SASL_STATE
        assert metadata(client) == 0


def test_requests_before_the_login_are_small(start):
    broker = start(sasl_server_max_receive_size=1000)
    with Client(broker.address) as client:
        client.send_raw(struct.pack(">i", 1001))
        assert client.is_closed()
    with Client(broker.address) as client:
        login(client, "PLAIN", "alice", "secret")
        client.call(API_VERSIONS, 0, b"\0" * 2000)


@pytest.mark.parametrize("sent", [b"", b"\0\0", struct.pack(">ihh", 20, 18, 0), b"\0\0\0\x09"])
def test_who_does_not_log_in_in_time_is_cut_off(start, sent):
    broker = start(connections_setup_timeout_ms=100)
    with Client(broker.address) as kept, Client(broker.address) as client:
        login(kept, "SCRAM-SHA-512", "alice", "secret")
        client.send_raw(sent)
        assert client.is_closed()
        assert metadata(kept) == 0


def ask_until_closed(ask):
    """Asks until the broker has closed the connection; fails when it does not for long."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            ask()
        except (AssertionError, OSError):
            return
    pytest.fail("the connection stays open")


def test_asking_for_versions_is_no_login(start):
    broker = start(connections_setup_timeout_ms=150)
    with Client(broker.address) as client:
        ask_until_closed(lambda: client.call(API_VERSIONS, 0, b""))


def test_the_answer_to_a_failed_login_waits(start):
    broker = start(connection_failed_authentication_delay_ms=300)
    with Client(broker.address) as client:
        assert handshake(client, "PLAIN")[0] == 0
        begin = time.monotonic()
        assert authenticate(client, plain_token("alice", "wrong"))[0] == SASL_AUTHENTICATION_FAILED
        assert time.monotonic() - begin >= 0.29
        assert client.is_closed()
    assert "cnengine_broker_failed_logins_total 1\n" in broker.metrics()


def renewable(start, mechanism="SCRAM-SHA-256", limit=60_000):
    broker = start(connections_max_reauth_ms=limit)
    client = Client(broker.address)
    assert login(client, mechanism, "alice", "secret") == limit
    return broker, client


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_login_is_renewed(start, mechanism):
    _, client = renewable(start, mechanism)
    with client:
        assert login(client, mechanism, "alice", "secret") == 60_000
        assert metadata(client) == 0
        # Not twice in a second.
        assert handshake(client, mechanism)[0] == ILLEGAL_SASL_STATE
        assert metadata(client) == 0


def test_a_login_is_renewed_by_the_same_user_and_mechanism(start):
    broker, client = renewable(start)
    with client:
        assert handshake(client, "SCRAM-SHA-256")[0] == 0
        final = scram_until_final(client, "SCRAM-SHA-256", "b,o=b", "päss word")
        error, message, _, _ = authenticate(client, final)
        assert error == SASL_AUTHENTICATION_FAILED
        assert "another user" in message
        assert client.is_closed()
    with Client(broker.address) as client:
        login(client, "SCRAM-SHA-256", "alice", "secret")
        assert handshake(client, "SCRAM-SHA-512")[0] == 0
        scram = ScramClient("SCRAM-SHA-512", "alice", "secret")
        assert authenticate(client, scram.first)[0] == SASL_AUTHENTICATION_FAILED
        assert client.is_closed()


def test_requests_go_on_while_a_login_is_renewed(start):
    _, client = renewable(start)
    with client:
        assert handshake(client, "SCRAM-SHA-256")[0] == 0
        assert metadata(client) == 0
        final = scram_until_final(client, "SCRAM-SHA-256", "alice", "secret")
        assert metadata(client) == 0
        assert authenticate(client, final)[0] == 0
        assert metadata(client) == 0


def test_a_login_ends_with_its_time(start):
    _, client = renewable(start, limit=200)
    with client:
        ask_until_closed(lambda: metadata(client))


def test_passwords_that_are_changed(start, store):
    broker = start()
    with Client(broker.address) as client:
        login(client, "PLAIN", "alice", "secret")
    for mechanism in MECHANISMS[1:]:
        broker.users.set("alice", "other", mechanism=mechanism)
    with Client(broker.address) as client:
        assert handshake(client, "PLAIN")[0] == 0
        assert authenticate(client, plain_token("alice", "secret"))[0] == SASL_AUTHENTICATION_FAILED
    for mechanism in MECHANISMS:
        with Client(broker.address) as client:
            login(client, mechanism, "alice", "other")
    broker.users.remove("alice")
    with Client(broker.address) as client:
        assert handshake(client, "PLAIN")[0] == 0
        assert authenticate(client, plain_token("alice", "other"))[0] == SASL_AUTHENTICATION_FAILED
    broker.stop()
    assert cnengine.kafka.Users(store).list() == {
        "b,o=b": {"SCRAM-SHA-256": 5000, "SCRAM-SHA-512": 5000}
    }


def test_only_the_owner_reads_the_file_of_users(broker, store):
    assert os.stat(f"{store.path}/broker.users").st_mode & 0o777 == 0o600


def test_garbage_instead_of_a_login(broker):
    random = hashlib.sha512(b"garbage").digest() * 40
    for begin in range(60):
        with Client(broker.address) as client:
            client.send_raw(random[begin:])
    for key, version in ((SASL_HANDSHAKE, 0), (SASL_HANDSHAKE, 1), (SASL_AUTHENTICATE, 0)):
        with Client(broker.address) as client:
            client.send(key, version, b"\x7f\xff\xff\xff")
            assert client.is_closed()
    with Client(broker.address) as client:
        login(client, "SCRAM-SHA-256", "alice", "secret")
        assert metadata(client) == 0
