"""Client settings from a file, in the names of librdkafka or those of Kafka's own tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cnengine.errors import ArgumentError

# Names of Kafka's Java clients, and librdkafka's for the same.
_SAME = {
    "sasl.mechanism": "sasl.mechanisms",
    "ssl.truststore.location": "ssl.ca.location",
    "ssl.keystore.location": "ssl.certificate.location",
    "ssl.truststore.certificates": "ssl.ca.pem",
    "ssl.keystore.certificate.chain": "ssl.certificate.pem",
    "ssl.keystore.key": "ssl.key.pem",
}
_PEM_ONLY = {"ssl.truststore.type", "ssl.keystore.type"}


def client_settings(path: Path) -> dict[str, str]:
    """The settings of a file of `name=value` lines; `#` and `!` begin comments.

    A `sasl.jaas.config` of PLAIN or SCRAM gives name and password. Stores of keys have to be PEM
    files: librdkafka reads no Java key stores. Raises ArgumentError.
    """
    given = {name: (value, place) for name, value, place in _lines(path)}
    out: dict[str, str] = {}
    for name, (value, place) in given.items():
        if name in _PEM_ONLY:
            if value.upper() != "PEM":
                raise ArgumentError(
                    f"--command-config: expected {name}=PEM in {place}, got {value!r}"
                )
        elif name == "sasl.jaas.config":
            out |= _login(value, place)
        elif name == "ssl.endpoint.identification.algorithm":
            out[name] = value.lower() or "none"
        else:
            out[_SAME.get(name, name)] = value
    location = out.get("ssl.certificate.location")
    if location and "ssl.key.location" not in out and "ssl.keystore.location" in given:
        out["ssl.key.location"] = location  # certificate and key in one PEM file
    return out


def place_of(path: Path, error: str) -> str:
    """Where the setting is that an error of librdkafka names; the file where it names none."""
    named = re.findall(r"[a-z]+(?:\.[a-z]+)+", error)
    places = {_SAME.get(name, name): place for name, _, place in _lines(path)}
    return next((places[name] for name in named if name in places), str(path))


def _lines(path: Path) -> Iterator[tuple[str, str, str]]:
    """(name, value, place) of each setting."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if not text or text[0] in "#!":
            continue
        place = f"line {number} of {path}"
        name, equals, value = text.partition("=")
        if not equals:
            raise ArgumentError(f"--command-config: expected name=value in {place}")
        yield name.strip(), value.strip(), place


def _login(text: str, place: str) -> dict[str, str]:
    """Name and password of a line such as `...ScramLoginModule required username="a" ...;`."""
    found = dict(re.findall(r'(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"', text))
    if not {"username", "password"} <= found.keys():
        raise ArgumentError(
            "--command-config: expected sasl.jaas.config to give a username and a password in "
            + place
        )
    plain = {name: re.sub(r"\\(.)", r"\1", value) for name, value in found.items()}
    return {"sasl.username": plain["username"], "sasl.password": plain["password"]}
