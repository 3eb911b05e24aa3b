"""Views: whole batches as they lie in the files, and where times are."""

import random
import tempfile
from pathlib import Path

import cnengine.log as cnlog
import pytest
from cnengine._core import log as native
from hypothesis import given, settings
from hypothesis import strategies as st
from log_batches import batch, decode

testing = native.testing


@pytest.fixture
def log(tmp_path):
    with cnlog.open(tmp_path / "log", fsync="none", clock=testing.ManualClock(0)) as opened:
        yield opened


def append(log, data: bytes) -> dict:
    outcome = testing.append_foreign(log._store, "t", 0, data)
    assert outcome["fault"] == "none"
    return outcome


def view(log, offset: int, max_bytes: int = 1 << 20) -> dict:
    return testing.view(log._store, "t", 0, offset, max_bytes)


MOST_SLICES = 64


def model(batches: list[tuple[int, bytes]], offset: int, max_bytes: int) -> bytes:
    """From the batch that holds the offset on; one batch, and more as long as they fit."""
    out = b""
    for next_offset, data in batches:
        if next_offset <= offset:
            continue
        if out and len(out) + len(data) > max_bytes:
            break
        out += data
    return out


@pytest.mark.parametrize("segment_bytes", [1024, 30_000, 1 << 20])
def test_every_offset_and_size(log, segment_bytes):
    log.create_topic("t", segment_bytes=segment_bytes)
    numbers = random.Random(3)
    offset, batches = 0, []
    for _ in range(300):
        count = numbers.randrange(1, 5)
        data = batch(*[b"v" * numbers.choice([1, 40, 700]) for _ in range(count)])
        append(log, data)
        offset += count
        batches.append((offset, data))
    whole, files = [], 0
    while len(whole) < len(batches):  # many small files are more than one view
        part = view(log, batches[len(whole) - 1][0] if whole else 0, 1 << 30)
        assert 0 < part["slices"] <= MOST_SLICES
        files += part["slices"]
        whole += decode(part["bytes"])
    assert files == len(list(Path(log.path).rglob("*.log")))
    stored = [(end, got["bytes"]) for (end, _), got in zip(batches, whole, strict=True)]
    for _ in range(600):
        start = numbers.randrange(offset)
        size = numbers.choice([1, 100, 1000, 5000, 40_000, 1 << 20])
        got = view(log, start, size)
        wanted = model(stored, start, size)
        if got["slices"] == MOST_SLICES:
            assert wanted.startswith(got["bytes"])
            decode(got["bytes"])  # whole batches
        else:
            assert got["bytes"] == wanted
        assert (got["start"], got["high_watermark"], got["last_stable"]) == (0, offset, offset)
    assert view(log, offset)["bytes"] == b""
    assert view(log, 0, 0)["bytes"] == b""


def test_out_of_range(log):
    log.create_topic("t")
    append(log, batch(b"a", b"b"))
    for offset in (-1, 3):
        got = view(log, offset)
        assert got["fault"] == "out_of_range"
        assert "expected 0 to 2" in got["why"]
        assert (got["start"], got["high_watermark"]) == (0, 2)


def test_damage_names_the_file_and_the_byte(log, tmp_path):
    log.create_topic("t")
    for _ in range(3):
        append(log, batch(b"a"))
    (file,) = (tmp_path / "log").rglob("*.log")
    data = bytearray(file.read_bytes())
    size = len(data) // 3
    data[size + 8] = 0x7F  # the length of the second
    file.write_bytes(data)
    got = view(log, 1)
    assert got["fault"] == "corrupt"
    assert f'"{file}" is corrupt at byte {size}' in got["why"]
    assert view(log, 2)["fault"] == "corrupt"


@settings(max_examples=60, deadline=None)
@given(
    times=st.lists(st.lists(st.integers(-1, 50), min_size=1, max_size=4), min_size=1, max_size=12),
    packed=st.booleans(),
)
def test_times_are_found(memory, times, packed):
    with (
        tempfile.TemporaryDirectory(dir=memory) as path,
        cnlog.open(path, fsync="none", clock=testing.ManualClock(0)) as log,
    ):
        config = {"compression.type": "lz4"} if packed else {}
        log.create_topic("t", segment_bytes=1024, config=config)
        flat = []
        for each in times:
            append(log, batch(*[b"v" * 90] * len(each), at=each))
            flat += each
        for at in range(-1, 52):
            want = next(((i, t) for i, t in enumerate(flat) if t >= at), None)
            assert testing.find_timestamp(log._store, "t", 0, at) == want
        largest = max(flat)
        assert testing.max_timestamp(log._store, "t", 0) == (flat.index(largest), largest)


def test_no_largest_time_in_an_empty_partition(log):
    log.create_topic("t")
    assert testing.max_timestamp(log._store, "t", 0) == (-1, -1)
    assert testing.find_timestamp(log._store, "t", 0, 0) is None


def test_slices_outlive_the_topic(log):
    log.create_topic("t")
    append(log, batch(b"a"))
    slices = testing.hold_view(log._store, "t", 0, 0)
    log.delete_topic("t")
    assert log.topics() == []
    assert decode(slices.read())[0]["records"] == [(0, 0, None, b"a")]
