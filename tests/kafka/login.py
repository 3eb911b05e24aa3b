"""Logins by hand (RFC 4616, RFC 5802), for tests: independent of the engine's code."""

import base64
import hashlib
import hmac
import os
import struct

from wire_client import Writer

SASL_HANDSHAKE, SASL_AUTHENTICATE = 17, 36
UNSUPPORTED_SASL_MECHANISM, ILLEGAL_SASL_STATE, SASL_AUTHENTICATION_FAILED = 33, 34, 58
HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}


def plain_token(user, password, authorize_as=""):
    return f"{authorize_as}\0{user}\0{password}".encode()


class ScramClient:
    """The client's side of one exchange: `first`, `final(server_first)`, `check(server_final)`."""

    def __init__(self, mechanism, user, password, *, salted=None):
        self.hash = HASHES[mechanism]
        self.password = password.encode()
        self.salted = salted
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        name = user.replace("=", "=3D").replace(",", "=2C")
        self.first_bare = f"n={name},r={self.nonce}"
        self.first = b"n,," + self.first_bare.encode()

    def digest(self, key, text):
        return hmac.new(key, text.encode(), self.hash).digest()

    def final(self, server_first):
        parts = dict(part.split("=", 1) for part in server_first.decode().split(","))
        assert parts["r"].startswith(self.nonce)
        assert len(parts["r"]) > len(self.nonce) + 20
        self.iterations = int(parts["i"])
        salt = base64.b64decode(parts["s"])
        self.salted = hashlib.pbkdf2_hmac(self.hash, self.password, salt, self.iterations)
        key = self.digest(self.salted, "Client Key")
        without = f"c=biws,r={parts['r']}"
        self.text = f"{self.first_bare},{server_first.decode()},{without}"
        signature = self.digest(hashlib.new(self.hash, key).digest(), self.text)
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        return f"{without},p={base64.b64encode(proof).decode()}".encode()

    def check(self, server_final):
        signature = self.digest(self.digest(self.salted, "Server Key"), self.text)
        assert server_final == b"v=" + base64.b64encode(signature)


def handshake(client, mechanism, version=1):
    """(error, mechanisms) of a SaslHandshake."""
    r = client.call(SASL_HANDSHAKE, version, Writer().string(mechanism))
    error, mechanisms = r.int16(), [r.string() for _ in range(r.count())]
    r.end()
    return error, mechanisms


def send_token(client, token, version=2):
    flexible = version >= 2
    body = Writer(flexible).bytes(token).tags()
    client.send(SASL_AUTHENTICATE, version, body, flexible=flexible)


def receive_token(client, version=2):
    """(error, message, token, lifetime) of a SaslAuthenticate response."""
    _, r = client.receive(flexible=version >= 2)
    error, message, token = r.int16(), r.string(), r.bytes()
    lifetime = r.int64() if version >= 1 else None
    r.tags()
    r.end()
    return error, message, token, lifetime


def authenticate(client, token, version=2):
    send_token(client, token, version)
    return receive_token(client, version)


def login(client, mechanism, user, password, version=2):
    """Logs in; returns the lifetime of the login. Asserts that each step is right."""
    error, mechanisms = handshake(client, mechanism)
    assert error == 0
    assert mechanism in mechanisms
    if mechanism == "PLAIN":
        error, message, token, lifetime = authenticate(client, plain_token(user, password), version)
        assert (error, message, token) == (0, None, b"")
        return lifetime
    scram = ScramClient(mechanism, user, password)
    error, message, token, lifetime = authenticate(client, scram.first, version)
    assert (error, message) == (0, None)
    error, message, token, lifetime = authenticate(client, scram.final(token), version)
    assert (error, message) == (0, None)
    scram.check(token)
    return lifetime


def bare(client, token):
    """A token without a header, and the answer to it."""
    client.send_raw(struct.pack(">i", len(token)) + token)
    (size,) = struct.unpack(">i", client._exactly(4))
    return client._exactly(size)
