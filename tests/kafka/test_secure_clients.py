"""Real clients through TLS, logins and rules of access: what they write they read, or are refused."""

import re
from itertools import count
from types import SimpleNamespace

import cnengine.log
import pytest
from certificates import write_certificates
from client_access import Access
from client_adapters import PRODUCERS

PARTITIONS = 2
TIME_MS = 1_700_000_000_123
MESSAGES = [(i % PARTITIONS, b"k%d" % i, b"value %d" % i * (i + 1), [("h", b"%d" % i)], TIME_MS + i)
            for i in range(40)]  # fmt: skip
MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
LISTENERS = {"OPEN": "SSL", "MUTUAL": "SSL", "LOGIN": "SASL_SSL", "BARE": "SASL_PLAINTEXT"}


@pytest.fixture(scope="module")
def secure(world, tmp_path_factory):
    """A broker with a listener of each kind. Everyone may use topics but those of rules."""
    from tls_world import start_broker

    config = {
        "listener.security.protocol.map": ",".join(f"{n}:{p}" for n, p in LISTENERS.items()),
        "listener.name.mutual.ssl.client.auth": "required",
        "ssl.truststore.location": world.trust,
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "listener.name.bare.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512",
        "connection.failed.authentication.delay.ms": 0,
        "group.initial.rebalance.delay.ms": 0,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:alice;User:CN=client;User:ANONYMOUS",
    }
    listen = ",".join(f"{name}://127.0.0.1:0" for name in LISTENERS)
    with (
        cnengine.log.open(tmp_path_factory.mktemp("secure"), fsync="none") as log,
        start_broker(log, world, listen, config) as broker,
    ):
        for user in ("alice", "bob"):
            for mechanism in MECHANISMS[1:]:
                broker.users.set(user, f"{user}'s secret", mechanism=mechanism)
        yield SimpleNamespace(
            broker=broker, log=log, at=broker.listeners, names=map("t{}".format, count())
        )


@pytest.fixture
def topic(secure):
    """A new topic."""
    name = next(secure.names)
    secure.log.create_topic(name, partitions=PARTITIONS)
    return name


@pytest.fixture(params=PRODUCERS)
def client(request):
    """A client's adapter."""
    return PRODUCERS[request.param]


def login(world, mechanism, user="alice", password=None, protocol="SASL_SSL"):
    return Access(protocol, world.trust if protocol == "SASL_SSL" else None, None, mechanism, user,
                  password or f"{user}'s secret")  # fmt: skip


WAYS = {
    "TLS": ("OPEN", lambda world: Access("SSL", world.trust)),
    "mutual TLS": ("MUTUAL", lambda world: Access("SSL", world.trust, world.client_file())),
    "PLAIN over TLS": ("LOGIN", lambda world: login(world, "PLAIN")),
    "SCRAM-SHA-256 over TLS": ("LOGIN", lambda world: login(world, "SCRAM-SHA-256")),
    "SCRAM-SHA-512": (
        "BARE",
        lambda world: login(world, "SCRAM-SHA-512", protocol="SASL_PLAINTEXT"),
    ),
}


def expected(topic_messages=MESSAGES):
    return [
        (p, offset, key, value, tuple(headers), timestamp)
        for p in range(PARTITIONS)
        for offset, (_, key, value, headers, timestamp) in enumerate(
            m for m in topic_messages if m[0] == p
        )
    ]


def rows(read):
    return [(m.partition, m.offset, m.key, m.value, m.headers, m.timestamp) for m in read]


@pytest.mark.parametrize("way", WAYS)
def test_records_there_and_back_in_a_group(secure, world, topic, client, way):
    listener, access = WAYS[way]
    made, bootstrap = client(access(world)), secure.at[listener]
    made.produce(bootstrap, topic, MESSAGES)
    group = f"g-{topic}"
    assert rows(made.consume(bootstrap, topic, PARTITIONS, 40, group=group)) == expected()
    # What the group has committed it does not get again.
    made.produce(bootstrap, topic, MESSAGES[:4])
    again = made.consume(bootstrap, topic, PARTITIONS, 4, group=group)
    assert [(m.offset, m.value) for m in again] == [
        (20 + i // PARTITIONS, MESSAGES[i][2]) for i in (0, 2, 1, 3)
    ]


def refusal(work, *arguments, **options):
    """The name of the error that it raises and what this says, alike for all clients."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each client has its own
        work(*arguments, **options)
    error = raised.value
    first = error.args[0] if error.args else ""
    return alike(f"{first.name()} {first.str()}" if hasattr(first, "name") else repr(error))


def alike(text):
    return text.replace("_", "").replace(" ", "").lower()


REFUSED = {
    "another authority": (
        "OPEN",
        lambda world: Access("SSL", write_certificates(world.folder / "foreign.pem", world.foreign)),
        "certificate",
    ),
    "no certificate": ("MUTUAL", lambda world: Access("SSL", world.trust), "certificate"),
    "a wrong password of PLAIN": ("LOGIN", lambda world: login(world, "PLAIN", password="wrong"),
                                  "authenticationfailed"),
    "a wrong password of SCRAM": (
        "LOGIN",
        lambda world: login(world, "SCRAM-SHA-512", password="wrong"),
        "authenticationfailed",
    ),
    "a mechanism that is off": (
        "BARE",
        lambda world: login(world, "PLAIN", protocol="SASL_PLAINTEXT"),
        "mechanism",
    ),
}  # fmt: skip


def failed_logins(secure):
    return int(re.search(r"^cnengine_broker_failed_logins_total (\d+)", secure.broker.metrics(),
                         re.MULTILINE)[1])  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_who_is_not_let_in_learns_why(secure, world, client, case, caplog):
    """By the error, or what Python's clients log before they raise that they cannot connect."""
    listener, access, reason = REFUSED[case]
    before = failed_logins(secure)
    said = refusal(client(access(world)).connect, secure.at[listener]) + alike(caplog.text)
    # Python's may drop what they have read once they see the end of a connection.
    dropped = {"kafka": "socketdisconnected", "aiokafka": "connectionat127.0.0.1"}
    assert reason in said or dropped.get(client.module, reason) in said
    if "password" in case:
        assert failed_logins(secure) > before


@pytest.fixture
def bob(secure, world, topic, client):
    """A client of one who may know of the topic, and no more; adds rules about him."""

    def allow(operation, kind="TOPIC", name=topic, **rule):
        secure.broker.acls.add("User:bob", operation, kind, name, **rule)

    allow("DESCRIBE")
    allow("WRITE", name="another")  # who may write somewhere may be an idempotent producer
    made = client(login(world, "SCRAM-SHA-256", "bob"))
    yield SimpleNamespace(produce=made.produce, consume=made.consume, allow=allow)
    secure.broker.acls.remove(principal="User:bob")


def test_rules_of_producers(secure, topic, bob):
    write = (bob.produce, secure.at["LOGIN"], topic, MESSAGES)
    assert "topicauthorizationfailed" in refusal(*write)
    bob.allow("WRITE")
    bob.produce(*write[1:])
    bob.allow("WRITE", host="127.0.0.1", permission="DENY")
    assert "topicauthorizationfailed" in refusal(*write)
    assert sum(secure.log.read(topic, p).num_rows for p in range(PARTITIONS)) == len(MESSAGES)


def test_rules_of_consumers(secure, world, topic, client, bob):
    client(login(world, "PLAIN")).produce(secure.at["LOGIN"], topic, MESSAGES)
    read = (bob.consume, secure.at["LOGIN"], topic, PARTITIONS, len(MESSAGES))
    bob.allow("READ")
    assert "groupauthorizationfailed" in refusal(*read, group="g-1")
    bob.allow("READ", "GROUP", "g-", pattern_type="PREFIXED")
    assert rows(bob.consume(*read[1:], group=f"g-{topic}")) == expected()
    bob.allow("READ", permission="DENY")
    assert "topicauthorizationfailed" in refusal(*read, group=f"g-2{topic}")
