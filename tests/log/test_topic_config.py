"""What a topic was created with, and what else lies among the topics."""

import os
import subprocess
import sys
import textwrap

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native

testing = native.testing


def fill(path):
    with cnlog.open(path) as log:
        log.create_topic("t")
        log.produce("t", pa.table({"value": ["a", "b"]}))


@pytest.mark.parametrize(
    "text", ["", "junk", "cnengine topic 1\n", "cnengine topic 1\npartitions=0\n", "\0" * 80]
)
def test_a_damaged_description_names_the_file(tmp_path, text):
    fill(tmp_path)
    file = tmp_path / "topics" / "t" / "topic.config"
    file.write_text(text)
    with pytest.raises(errors.CorruptionError) as info:
        cnlog.open(tmp_path)
    assert str(file) in str(info.value)


def test_a_description_is_checked_by_its_sum(tmp_path):
    fill(tmp_path)
    file = tmp_path / "topics" / "t" / "topic.config"
    text = file.read_bytes()
    assert b"\nsegment.bytes=" in text
    for at in range(len(text)):
        file.write_bytes(text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :])
        with pytest.raises(errors.CorruptionError, match="description of a topic, or is damaged"):
            cnlog.open(tmp_path)
    file.write_bytes(text)
    cnlog.open(tmp_path).close()


def test_what_is_no_topic_is_left_alone(tmp_path):
    fill(tmp_path)
    stray = tmp_path / "topics" / ".DS_Store"
    stray.write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "topics" / "lost+found").mkdir()
    for read_only in (False, True):
        with cnlog.open(tmp_path, read_only=read_only) as log:
            assert log.topics() == ["t"]
    assert stray.exists()


@pytest.mark.skipif(
    "CNENGINE_SANITIZE" in os.environ, reason="the sanitizer itself needs descriptors"
)
def test_more_partitions_than_descriptors(tmp_path):
    child = subprocess.run([sys.executable, "-c", textwrap.dedent("""
        import resource, sys
        import cnengine.log, pyarrow as pa
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
        table = pa.table({"k": list(range(5000)), "value": ["v"] * 5000})
        for fsync in ("none", "interval", "always"):
            with cnengine.log.open(sys.argv[1], fsync=fsync, fsync_interval_ms=5) as log:
                log.create_topic("many", partitions=300, exist_ok=True)
                before = [log.end_offset("many", p) for p in range(300)]
                log.produce("many", table, key="k")
                log.flush()
                sizes = [log.read("many", p, before[p]).num_rows for p in range(300)]
                assert sum(sizes) == 5000 and min(sizes) > 0
    """), str(tmp_path)], capture_output=True, text=True)  # fmt: skip
    assert (child.returncode, child.stderr) == (0, "")
    with cnlog.open(tmp_path) as log:
        assert sum(log.end_offset("many", p) for p in range(300)) == 15_000


def test_new_directories_are_synced_in_their_parents(tmp_path):
    """The sync of each is an operation that can fail."""
    synced = set()
    for at in range(1, 16):
        testing.set_fault_plan("fail", at)
        try:
            cnlog.open(tmp_path / f"{at}" / "a", fsync="none").close()
        except errors.IoError as error:
            if str(error).startswith("sync: "):
                synced.add(str(error).split('"')[1].replace(f"{tmp_path}/{at}", "new"))
        finally:
            testing.set_fault_plan(None)
    assert synced == {str(tmp_path), "new", "new/a"}
