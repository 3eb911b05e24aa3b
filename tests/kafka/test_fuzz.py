"""The libFuzzer targets of tests/kafka/fuzz: a minute of them all, 10 million runs each when slow.

Built here, under build/fuzz, where there is a clang with libFuzzer. The seeds are what real clients
sent (tests/kafka/seeds, written by record_client_frames.py) and valid messages of kafka-python's
encoder. A finding is left in the folder of the test.
"""

import io
import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from cnengine import _core
from random_message import CLASSES, random_message

ROOT = Path(__file__).resolve().parents[2]
SEEDS = Path(__file__).resolve().parent / "seeds"
SECONDS = 14


@pytest.fixture(scope="module")
def targets():
    """The folder of the targets, built."""
    if "CNENGINE_SANITIZE" in os.environ:
        pytest.skip("a sanitizer is loaded into this process")
    names = ["clang++", *(f"clang++-{version}" for version in range(21, 13, -1))]
    clang = next(filter(None, map(shutil.which, names)), None)
    if clang is None:
        pytest.skip("there is no clang++ here")
    tried = subprocess.run(
        [clang, "-fsanitize=fuzzer,address", "-x", "c++", "-", "-o", os.devnull],
        input='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }',
        text=True, capture_output=True, check=False)  # fmt: skip
    if tried.returncode:
        pytest.skip(f"{clang} has no libFuzzer")
    build = ROOT / "build" / "fuzz"
    cmake, ninja = (
        shutil.which(tool, path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
        for tool in ("cmake", "ninja")
    )
    if not (cmake and ninja):
        pytest.skip("there are no cmake and ninja here")
    for command in ([cmake, "-S", ROOT / "tests/kafka/fuzz", "-B", build, "-G", "Ninja",
                     f"-DCMAKE_MAKE_PROGRAM={ninja}", f"-DCMAKE_CXX_COMPILER={clang}"],
                    [cmake, "--build", build]):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return build


def client_frames():
    """(client, whole recording, its frames) of each client."""
    for path in sorted(SEEDS.glob("*.frames")):
        data, frames, at = path.read_bytes(), [], 0
        while at < len(data):
            (size,) = struct.unpack_from(">i", data, at)
            frames.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        yield path.stem, data, frames


def message_seeds():
    """Three bytes that choose API, version and direction, and a body."""
    rng = random.Random(4)
    apis = _core.kafka.message_apis()
    for index, (_, name, first, last, _) in enumerate(apis):
        for request in (0, 1):
            cls = CLASSES.get(name + ("Request" if request else "Response"))
            for version in range(first, last + 1) if cls else ():
                body = bytes(random_message(rng, cls, version).encode(version=version))
                yield bytes([index, version - first, request]) + body
    places = {key: (index, first, last) for index, (key, _, first, last, _) in enumerate(apis)}
    for key, version, body in client_bodies():
        index, first, last = places[key]
        if first <= version <= last:
            yield bytes([index, version - first, 1]) + body


def client_bodies():
    """(key, version, body) of the frames."""
    flexible_from = {key: flexible for key, _, _, _, flexible in _core.kafka.message_apis()}
    for _, _, frames in client_frames():
        for frame in frames:
            key, version, _, client_id = struct.unpack_from(">hhih", frame)
            at = 10 + max(client_id, 0)
            if version >= flexible_from[key]:
                assert frame[at] == 0  # no tagged fields
                at += 1
            yield key, version, frame[at:]


def connection_seeds():
    """Two bytes for the order of things, and frames as they came."""
    for number, (_, data, frames) in enumerate(client_frames()):
        yield bytes([number, 0]) + data
        for frame in frames:
            yield bytes([number, 1]) + struct.pack(">i", len(frame)) + frame


def decoded(name):
    """The requests of that name that clients sent, decoded by kafka-python."""
    cls = CLASSES[name]
    for key, version, body in client_bodies():
        if key == cls.API_KEY:
            yield cls.decode(io.BytesIO(body), version=version)


def batch_seeds():
    """Two bytes of settings, and the records of a Produce request."""
    for request in decoded("ProduceRequest"):
        for topic in request.topic_data:
            for partition in topic.partition_data:
                records = bytes(partition.records)
                for fix, settings in ((0, 0), (2, 64), (3, 4), (18, 128)):
                    yield bytes([fix, settings]) + records


def stored_seeds():
    """A byte for what it is, and a key, a value, or what consumers send each other."""
    for request in decoded("JoinGroupRequest"):
        for protocol in request.protocols:
            yield b"\0" + bytes(protocol.metadata)
    for request in decoded("SyncGroupRequest"):
        for assignment in request.assignments:
            yield b"\1" + bytes(assignment.assignment)
    data, at = (SEEDS / "stored.records").read_bytes(), 0
    while at < len(data):
        kind, size = struct.unpack_from(">bi", data, at)
        yield bytes([kind]) + data[at + 5 : at + 5 + size]
        at += 5 + size


TARGETS = {
    "messages": message_seeds,
    "connection": connection_seeds,
    "batches": batch_seeds,
    "stored": stored_seeds,
}


def run_target(targets, folder, name, limit):
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(dict.fromkeys(TARGETS[name]())):
        (seeds / str(number)).write_bytes(seed)
    assert any(seeds.iterdir())
    # The peak of memory that libFuzzer compares is inherited from the process that forks it: a shell
    # between has none to pass on.
    done = subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", targets / f"fuzz_{name}", limit, "-seed=1",
         "-max_len=4096", "-malloc_limit_mb=16", "-rss_limit_mb=1024", "-timeout=10", seeds],
        cwd=folder, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr


@pytest.mark.timeout(900)  # the first time, they are built
@pytest.mark.parametrize("name", TARGETS)
def test_no_findings(targets, name, tmp_path):
    run_target(targets, tmp_path, name, f"-max_total_time={SECONDS}")


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("name", TARGETS)
def test_no_findings_in_ten_million_runs(targets, name, tmp_path):
    told = run_target(targets, tmp_path, name, "-runs=10000000")
    assert "Done 10000000 runs" in told
