"""What is a write that was cut short, and what is damage: bytes of batches within values too."""

import struct
import time

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native

testing = native.testing


def some_batches(path, offset: int, count: int = 1) -> bytes:
    """Good batches of one record each whose offsets begin anywhere."""
    with cnlog.open(path) as log:
        log.create_topic("inner", exist_ok=True)
        out = b""
        for i in range(count):
            end = log.end_offset("inner")
            log.produce("inner", pa.table({"value": ["inner " * 3]}))
            out += (
                struct.pack(">q", offset + i)
                + testing.raw_batches(log._store, "inner", 0, end, 1)[8:]
            )
        return out


def fill(path, values: list) -> tuple:
    """A partition of one batch a value; its file, its bytes, and where the batches begin."""
    with cnlog.open(path) as log:
        log.create_topic("t")
        for value in values:
            log.produce("t", pa.table({"value": pa.array([value], pa.binary())}))
    (file,) = (path / "topics" / "t" / "0").glob("*.log")
    whole = file.read_bytes()
    starts = [0]
    while starts[-1] < len(whole):
        at = starts[-1]
        starts.append(at + 12 + int.from_bytes(whole[at + 8 : at + 12], "big"))
    return file, whole, starts


def open_with(file, data: bytes):
    for index in file.parent.glob("*index"):
        index.unlink()
    file.write_bytes(data)
    return cnlog.open(file.parents[3])


@pytest.mark.parametrize("offset", [0, 3, 10**6])
@pytest.mark.parametrize("count", [1, 3])
def test_batches_in_the_value_of_a_torn_batch_are_no_batches(tmp_path, offset, count):
    inner = some_batches(tmp_path / "other", offset, count)
    value = b"before " + inner + b" after"
    file, whole, starts = fill(tmp_path / "log", [b"a", b"b", value])
    inside = whole.index(inner)
    for size in range(starts[2] + 1, len(whole)):
        if offset == 3 and size in range(inside + len(inner) // count, inside + len(inner) + 1):
            continue  # see below
        with open_with(file, whole[:size]) as log:
            assert log.read("t")["value"].to_pylist() == [b"a", b"b"]
            assert [note["bytes_cut"] for note in log.recovery] == [size - starts[2]]


def test_a_tail_that_ends_with_the_next_batch_in_a_value_is_not_cut(tmp_path):
    """As it would be when the head's length was damaged: the side that loses nothing."""
    inner = some_batches(tmp_path / "other", 3)
    file, whole, _ = fill(tmp_path / "log", [b"a", b"b", inner + b" after"])
    end = whole.index(inner) + len(inner)
    with pytest.raises(errors.CorruptionError, match="repair=True"):
        open_with(file, whole[:end])
    with open_with(file, whole[: end + 1]) as log:
        assert log.end_offset("t") == 2


def test_a_bad_batch_with_batches_in_its_value_is_a_torn_one_where_it_is_the_last(tmp_path):
    """A power failure can leave the length of a file and not its bytes."""
    inner = some_batches(tmp_path / "other", 3)
    file, whole, starts = fill(tmp_path / "log", [b"a", b"b", inner + b"x" * 99, b"last"])
    bad = bytearray(whole)
    bad[starts[3] - 5] ^= 1
    with open_with(file, bytes(bad[: starts[3]])) as log:
        assert log.end_offset("t") == 2
    with pytest.raises(errors.CorruptionError, match=f"at byte {starts[2]}"):
        open_with(file, bytes(bad))
    # The one behind it is torn too: nothing good is cut.
    with open_with(file, bytes(bad[:-1])) as log:
        assert log.end_offset("t") == 2


LENGTHS = ["beyond", "into a later one", "shorter", "largest"]
CASES = [(at, also) for at in (1, 2, 3) for also in ("", "body")][:-1]  # as good as torn


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("at", "also"), CASES)
def test_a_damaged_length_does_not_hide_the_batches_behind(tmp_path, at, length, also):
    file, whole, starts = fill(tmp_path / "log", [bytes([97 + i]) * 200 for i in range(4)])
    right = starts[at + 1] - starts[at] - 12
    wrong = {"beyond": len(whole), "into a later one": right + 250, "shorter": right - 9,
             "largest": (1 << 30) - 12}[length]  # fmt: skip
    bad = bytearray(whole)
    bad[starts[at] + 8 : starts[at] + 12] = wrong.to_bytes(4, "big")
    bad[starts[at] + 100] ^= bool(also)
    with pytest.raises(errors.CorruptionError, match=f"at byte {starts[at]}"):
        open_with(file, bytes(bad))
    assert file.read_bytes() == bad
    # A torn batch behind the good ones changes nothing.
    if at < 2:
        with pytest.raises(errors.CorruptionError, match=f"at byte {starts[at]}"):
            open_with(file, bytes(bad[:-20]))


@pytest.mark.parametrize("change", [5, -1])
def test_the_damaged_offset_of_the_last_batch_is_damage(tmp_path, change):
    file, whole, starts = fill(tmp_path / "log", [b"a", b"b", b"c"])
    bad = bytearray(whole)
    bad[starts[2] + 7] += change
    with pytest.raises(errors.CorruptionError, match=f"at byte {starts[2]}: the base offset"):
        open_with(file, bytes(bad))


def test_a_tail_full_of_heads_is_read_in_time(tmp_path):
    """Each fifth byte begins what could be a batch of 2 MiB; to check each would take hours."""
    file, whole, _ = fill(tmp_path / "log", [b"a"])
    junk = bytes([0, 2, 0, 0, 32]) * (1 << 20)
    start = time.monotonic()
    with open_with(file, whole + junk) as log:
        assert log.recovery[0]["bytes_cut"] == len(junk)
    assert time.monotonic() - start < 60
