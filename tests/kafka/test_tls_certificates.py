"""Keys of a broker in each form, certificates of its clients, and the names in them."""

import ssl

import cnengine.kafka
import pytest
from certificates import DAY, Identity, write_certificates
from cnengine.errors import ArgumentError, IoError
from cryptography import x509
from tls_world import connect, is_refused, works
from wire_client import Writer

NAMES = x509.NameOID


def pem_settings(world, flat):
    chain, key = world.broker.chain_pem, world.broker.key_pem()
    if flat:
        chain, key = chain.replace("\n", " "), key.replace("\n", " ")
    return {"ssl.keystore.certificate.chain": chain, "ssl.keystore.key": key}


def pkcs12_settings(world):
    path = world.folder / "broker.p12"
    path.write_bytes(world.broker.pkcs12("sesame"))
    return {"ssl.keystore.location": str(path), "ssl.keystore.password": "sesame"}


def encrypted_settings(world):
    path = world.folder / "encrypted.pem"
    path.write_text(world.broker.key_pem("sesame") + world.broker.chain_pem)
    return {"ssl.keystore.location": str(path), "ssl.key.password": "sesame"}


@pytest.mark.parametrize("form", ["lines", "flat", "pkcs12", "encrypted"])
def test_keys_in_each_form(start_tls, world, form):
    settings = {
        "lines": lambda: pem_settings(world, False),
        "flat": lambda: pem_settings(world, True),
        "pkcs12": lambda: pkcs12_settings(world),
        "encrypted": lambda: encrypted_settings(world),
    }[form]()
    with connect(start_tls(**settings), world) as client:
        assert works(client)


def test_pem_in_a_file_of_settings(store, world, tmp_path):
    """As Kafka's own files have it: a backslash at the end of a line goes on in the next one."""
    lines = [f"{name}={value.strip()}".replace("\n", " \\\n")
             for name, value in pem_settings(world, False).items()]  # fmt: skip
    path = tmp_path / "server.properties"
    path.write_text("\n".join(["listeners=SSL://127.0.0.1:0", *lines, "num.partitions=7"]))
    with cnengine.kafka.Broker(store, config_file=path) as broker, connect(broker, world) as client:
        assert works(client)
        assert broker.settings()["num.partitions"] == "7"


def test_keys_that_cannot_be_used(start_tls, world, tmp_path):
    wrong = encrypted_settings(world) | {"ssl.key.password": "wrong"}
    other = tmp_path / "other.pem"
    other.write_text(Identity("other").key_pem() + world.broker.certificate_pem)
    text = tmp_path / "text"
    text.write_text("no certificate")
    for settings in (
        wrong,
        encrypted_settings(world) | {"ssl.key.password": ""},
        pkcs12_settings(world) | {"ssl.keystore.password": "wrong"},
        {"ssl.keystore.location": str(other)},
        {"ssl.keystore.location": str(text)},
        {"ssl.keystore.location": world.trust},
        {"ssl.keystore.key": world.broker.key_pem()},
        {"ssl.client.auth": "required"},
        {"ssl.client.auth": "perhaps"},
        {"ssl.client.auth": "required", "ssl.truststore.location": str(text)},
        {"ssl.cipher.suites": "TLS_OF_MY_OWN"},
        {"ssl.enabled.protocols": "SSLv3"},
    ):
        with pytest.raises(ArgumentError) as raised:
            start_tls(**settings)
        assert "PRIVATE KEY" not in str(raised.value)
    with pytest.raises(IoError):
        start_tls(ssl_keystore_location=str(tmp_path / "nowhere"))


def allow_describe(broker, principal):
    broker.acls.add(principal, "DESCRIBE", "CLUSTER", "kafka-cluster")


def may_describe(client):
    """Whether the peer of a connection has the rule of `allow_describe`."""
    flexible = Writer(True).raw(b"\0").tags()  # DescribeUserScramCredentials of all
    r = client.call(50, 0, flexible, flexible=True)
    r.int32()
    return r.int16() == 0


AUTHORIZER = {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}


@pytest.fixture
def mutual(start_tls, world):
    def make(auth="required", **config):
        return start_tls(ssl_client_auth=auth, ssl_truststore_location=world.trust,
                     **AUTHORIZER, **config)  # fmt: skip

    return make


def test_certificates_of_clients(mutual, world):
    broker = mutual()
    allow_describe(broker, "User:CN=client")
    with connect(broker, world, world.client_file()) as client:
        assert may_describe(client)
    with connect(broker, world, world.client_file("other")) as client:
        assert not may_describe(client)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("auth", ["required", "requested"])
@pytest.mark.parametrize("kind", ["none", "expired", "of tomorrow", "foreign", "of its own"])
def test_certificates_that_are_refused(mutual, world, version, auth, kind):
    broker = mutual(auth)
    identity = {
        "none": lambda: None,
        "expired": lambda: world.client_file(begin=-5, end=-1),
        "of tomorrow": lambda: world.client_file(begin=1, end=5),
        "foreign": lambda: world.client_file(issuer=world.foreign),
        "of its own": lambda: Identity("client").write(world.folder, "own"),
    }[kind]()
    if kind == "none" and auth == "requested":
        allow_describe(broker, "User:ANONYMOUS")
        with connect(broker, world, version=version) as client:
            assert may_describe(client)
    else:
        assert is_refused(broker, world, identity, version=version)
    with connect(broker, world, world.client_file(), version=version) as client:
        assert works(client)


def test_a_chain_of_authorities(mutual, world):
    between = Identity("between", world.authority, authority=True)
    broker = mutual()
    with connect(broker, world, world.client_file(issuer=between)) as client:
        assert works(client)


def test_trusting_one_certificate_alone(start_tls, world):
    """What is in the truststore is trusted, also when it is no authority."""
    identity = Identity("client", world.authority)
    trust = write_certificates(world.folder / "leaf.pem", identity)
    broker = start_tls(ssl_client_auth="required", ssl_truststore_location=trust)
    with connect(broker, world, identity.write(world.folder, "leaf-client")) as client:
        assert works(client)
    assert is_refused(broker, world, world.client_file())


def test_authorities_as_pem_in_the_settings(start_tls, world):
    broker = start_tls(ssl_client_auth="required",
                   ssl_truststore_certificates=world.authority.certificate_pem)  # fmt: skip
    with connect(broker, world, world.client_file()) as client:
        assert works(client)
    assert is_refused(broker, world)


@pytest.mark.parametrize(
    ("parts", "principal"),
    [
        ([(NAMES.COUNTRY_NAME, "DE"), (NAMES.STATE_OR_PROVINCE_NAME, "Bayern"),
          (NAMES.LOCALITY_NAME, "München"), (NAMES.ORGANIZATION_NAME, "Acme, Inc."),
          (NAMES.ORGANIZATIONAL_UNIT_NAME, "R+D"), (NAMES.COMMON_NAME, "ops")],
         "User:CN=ops,OU=R\\+D,O=Acme\\, Inc.,L=München,ST=Bayern,C=DE"),
        ([(NAMES.DOMAIN_COMPONENT, "org"), (NAMES.DOMAIN_COMPONENT, "acme"), (NAMES.USER_ID, "7")],
         "User:UID=7,DC=acme,DC=org"),
        ([(NAMES.COMMON_NAME, ' #a="b\\<c>; ')], 'User:CN=\\ \\#a\\=\\"b\\\\\\<c\\>\\;\\ '),
        ([(NAMES.EMAIL_ADDRESS, "a@b"), (NAMES.COMMON_NAME, "x")],
         "User:CN=x,1.2.840.113549.1.9.1=#1603614062"),
    ],
)  # fmt: skip
def test_names_are_written_as_java_writes_them(mutual, world, parts, principal):
    """RFC 2253 as X500Principal.getName has it."""
    broker = mutual()
    allow_describe(broker, principal)
    with connect(broker, world, world.client_file(parts)) as client:
        assert may_describe(client)


def test_names_become_users_by_rules(mutual, world):
    broker = mutual(ssl_principal_mapping_rules="RULE:^CN=(.*?),O=acme$/$1/U,DEFAULT")
    allow_describe(broker, "User:OPS")
    name = [(NAMES.ORGANIZATION_NAME, "acme"), (NAMES.COMMON_NAME, "ops")]
    with connect(broker, world, world.client_file(name)) as client:
        assert may_describe(client)


def test_certificates_that_end_soon_are_good_until_then(mutual, world):
    assert DAY.days == 1
    with connect(mutual(), world, world.client_file(begin=-5, end=1)) as client:
        assert works(client)
