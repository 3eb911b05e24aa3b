"""Bytes that are no message: refused, or decoded to one that stays itself; no crash, little memory."""

import os
import random
import subprocess
import sys

import pytest
from cnengine import _core
from cnengine.errors import CorruptionError
from random_message import CLASSES, random_message

recode = _core.kafka.recode
KINDS = [
    (key, name + kind, version)
    for key, name, first, last, _ in _core.kafka.message_apis()
    if name + "Request" in CLASSES
    for kind in ("Request", "Response")
    for version in range(first, last + 1)
]


def valid(rng, name, version):
    return bytes(random_message(rng, CLASSES[name], version).encode(version=version))


def outcome(key, name, version, body):
    """The message encoded again, or None where it was refused."""
    try:
        return recode(key, version, name.endswith("Request"), body)
    except CorruptionError:
        return None


def test_every_truncation_is_refused():
    rng = random.Random(1)
    cut = 0
    for key, name, version in KINDS:
        body = valid(rng, name, version)
        for size in range(len(body)):
            assert outcome(key, name, version, body[:size]) is None, (name, version, body, size)
            cut += 1
    assert cut > 10_000


HOSTILE = [bytes.fromhex(text) for text in (
    "00", "01", "ff", "80", "7fffffff", "80000000", "ffffffff", "fffffffe", "ffff", "7fff",
    "ffffffff0f", "ffffffff1f", "808080808001", "00000000", "ffffffffffffffff")]  # fmt: skip


def mutated(rng, body, other):
    """`body` with a few bytes changed, cut out, doubled, or taken from another message."""
    body = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(body) + 1)
        to = min(len(body), at + rng.randrange(9))
        match rng.randrange(6):
            case 0 if body:
                body[at - 1] ^= 1 << rng.randrange(8)
            case 1:
                evil = rng.choice(HOSTILE)
                body[at : at + len(evil)] = evil
            case 2:
                body[at:at] = rng.choice(HOSTILE)
            case 3:
                del body[at:to]
            case 4:
                body[at:at] = body[at:to]
            case 5:
                body[at:] = other[min(at, len(other)) :]
    return bytes(body)


def test_mutations_are_refused_or_stay_themselves():
    rng = random.Random(2)
    bodies = [(key, name, version, valid(rng, name, version)) for key, name, version in KINDS]
    refused = 0
    for _ in range(20_000):
        key, name, version, body = rng.choice(bodies)
        evil = mutated(rng, body, rng.choice(bodies)[3])
        got = outcome(key, name, version, evil)
        refused += got is None
        if got is not None:
            assert outcome(key, name, version, got) == got, (name, version, evil)
    assert 5_000 < refused < 19_000


# Counts of items at every place of a message, in front of 256 KiB that would do as items.
MEMORY = """
import random, resource
from test_hostile_messages import KINDS, outcome, valid

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def varint(n):
    return bytes([n & 127 | 128, n >> 7 & 127 | 128, n >> 14])

rng = random.Random(3)
size = 1 << 18
latest = {name: (key, name, version) for key, name, version in KINDS}
oldest = {name: (key, name, version) for key, name, version in reversed(KINDS)}
bodies = [(*row, valid(rng, row[1], row[2])[:60]) for row in (*latest.values(), *oldest.values())]
counts = [n.to_bytes(4, "big") for n in (2**31 - 1, size, size // 4, size // 32)]
counts += [varint(size // part + 1) for part in (1, 2, 4, 8, 16)]
padding = [bytes(size), bytes([1]) * size]
before = peak()
for key, name, version, body in bodies:
    for at in range(len(body)):
        for count in counts:
            outcome(key, name, version, body[:at] + count + padding[at % 2])
print(peak() - before)
"""


@pytest.mark.skipif("CNENGINE_SANITIZE" in os.environ, reason="sanitizers keep freed memory")
def test_little_memory():
    """14 MiB; it would be 70 if an array were bounded by one byte an item."""
    done = subprocess.run([sys.executable, "-c", MEMORY], cwd=os.path.dirname(__file__),
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 32 * 1024, "KiB"
