"""What is said about arguments that cannot be: what was expected, and what came."""

import socket

import cnengine.kafka
import cnengine.log
import pytest
from cnengine.errors import ArgumentError, IoError


@pytest.mark.parametrize("listen", ["nonsense", "9092", "h:", "h:99999", "h:abc", "h:²", 9092])
def test_an_address_that_is_none(store, listen):
    with pytest.raises(ArgumentError, match="address to listen on as host:port") as raised:
        cnengine.kafka.Broker(store, listen=listen)
    assert repr(listen) in str(raised.value)


def test_metrics_at_an_address_that_is_none(store):
    with pytest.raises(ArgumentError, match="metrics: expected an address as host:port, got 9308"):
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", metrics_listen=9308)


def test_a_file_of_settings_that_cannot_be_read(store, tmp_path):
    with pytest.raises(IoError, match=r"cannot read settings of .*missing: No such file"):
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", config_file=tmp_path / "missing")
    (tmp_path / "binary").write_bytes(b"\nnum.partitions=\xff")
    with pytest.raises(ArgumentError, match="in UTF-8, got byte 16 of value 255 in line 2"):
        cnengine.kafka.Broker(store, listen="127.0.0.1:0", config_file=tmp_path / "binary")


@pytest.mark.parametrize(
    "line",
    [
        "num.partition=3",
        "num.partitions=three",
        "auto.create.topics.enable=yes",
        "sasl.enabled.mechanisms=GSSAPI",
        "listener.name.sasl_plaintext.connections.max.reauth.ms=soon",
        "listener.name.sasl_plaintext.sasl.enabled.mechanisms=GSSAPI",
        "log.cleanup.policy=never",
        "log.roll.ms=never",
        "logging.level=loud",
        "authorizer.class.name=org.example.Authorizer",
        "advertised.listeners=nowhere",
        "no equals sign",
    ],
)
def test_errors_of_a_file_of_settings_name_file_and_line(store, tmp_path, line):
    path = tmp_path / "server.properties"
    path.write_text(f"# ours\nnum.network.threads=1\n{line}\nlog.fsync=none\n")
    with pytest.raises(ArgumentError, match=f"line 3 of {path}"):
        cnengine.kafka.Broker(store, listen="SASL_PLAINTEXT://127.0.0.1:0", config_file=path)
    if "=" in line:  # what is given beside the file goes before it, and is not of it
        name, _, value = line.partition("=")
        with pytest.raises(ArgumentError) as raised:
            cnengine.kafka.Broker(store, listen="SASL_PLAINTEXT://127.0.0.1:0",
                                  config={name: value})  # fmt: skip
        assert "line" not in str(raised.value).replace("listener", "")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9092", "PLAINTEXT://h:9092", "kafkas://h"])
def test_an_address_of_another_scheme(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match=r'expected a path or "kafka://host:port", got'):
        cnengine.log.connect(address)
    assert not list(tmp_path.iterdir())


def test_an_address_that_is_taken(store):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for how in ({"listen": address}, {"listen": "127.0.0.1:0", "metrics_listen": address}):
            with pytest.raises(IoError, match=f"listen on {address}: .*take another port"):
                cnengine.kafka.Broker(store, **how)


def test_a_listener_of_tls_without_a_key(store):
    with pytest.raises(ArgumentError) as raised:
        cnengine.kafka.Broker(store, listen="SSL://127.0.0.1:0")
    assert str(raised.value) == (
        'broker: no private key for SSL: expected "ssl.keystore.location", or "ssl.keystore.key" '
        'and "ssl.keystore.certificate.chain", to hold a private key and its certificate'
    )
