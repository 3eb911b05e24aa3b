"""A broker that speaks TLS and its clients, for tests: an authority, identities, connections."""

import os
import ssl

import cnengine.kafka
import pytest
from certificates import Identity, client_context, write_certificates
from cnengine.errors import UnsupportedError
from wire_client import Client

API_VERSIONS = 18


class World:
    """An authority with a broker's and a client's identity, and another authority."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Identity("authority", authority=True)
        self.foreign = Identity("authority", authority=True)
        self.broker = Identity("broker", self.authority)
        self.broker_file = self.broker.write(folder, "broker")
        self.trust = write_certificates(folder / "trust.pem", self.authority)

    def client_file(self, name="client", issuer=None, **options):
        identity = Identity(name, issuer or self.authority, **options)
        return identity.write(self.folder, f"client{os.urandom(4).hex()}")


def start_broker(store, world, listen, config):
    """A broker with the world's identity where `config` names none; skips without OpenSSL."""
    if not any(name.startswith("ssl.keystore") for name in config):
        config = {**config, "ssl.keystore.location": world.broker_file}
    try:
        return cnengine.kafka.Broker(store, listen=listen, config=config)
    except UnsupportedError as error:
        if "without OpenSSL" not in str(error):
            raise
        pytest.skip("this build is without OpenSSL")


def connect(broker, world, identity=None, **options):
    client = Client(broker.address)
    context = options.pop("context", None) or client_context(world.authority, identity, **options)
    client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
    return client


def works(client):
    r = client.call(API_VERSIONS, 0, b"")
    assert r.int16() == 0
    return True


def is_refused(broker, world, identity=None, **options):
    """Whether a client gets no answer: the handshake fails, or with TLS 1.3 what comes after it."""
    try:
        with connect(broker, world, identity, **options) as client:
            client.send(API_VERSIONS, 0, b"")
            return client.socket.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True
