"""Who may open a log, in one process and in two; what a reader beside a writer sees."""

import subprocess
import sys
import textwrap

import cnengine.errors as errors
import cnengine.log as cnlog
import pyarrow as pa
import pytest
from cnengine._core import log as native


def produce(log, *values: str) -> None:
    log.produce("t", pa.table({"value": list(values)}))


def values(log) -> list[str]:
    return [v.decode() for v in log.read("t", offset=log.start_offset("t"), max_bytes=1 << 30)[
        "value"].to_pylist()]  # fmt: skip


def python(code: str, *args) -> subprocess.CompletedProcess:
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            textwrap.dedent(code),
            *map(str, args),
        ],
        capture_output=True,
        text=True,
    )


def test_second_writer_in_the_process(tmp_path):
    with cnlog.open(tmp_path):
        with pytest.raises(errors.LockedError) as info:
            cnlog.open(tmp_path)
        assert str(info.value) == (
            f'open: "{tmp_path}" is already open for writing in this process'
        )
        assert isinstance(info.value, OSError)
    cnlog.open(tmp_path).close()


def test_second_writer_in_another_process(tmp_path):
    opener = """
        import sys, cnengine.log, cnengine.errors
        try:
            cnengine.log.open(sys.argv[1])
        except cnengine.errors.LockedError as error:
            print(error)
    """
    import os

    with cnlog.open(tmp_path):
        assert python(opener, tmp_path).stdout == (
            f'open: "{tmp_path}" is already open for writing by process {os.getpid()}\n'
        )
    assert python(opener, tmp_path).stdout == ""


def test_a_killed_writer_leaves_no_lock(tmp_path):
    child = python(
        """
        import os, signal, sys, pyarrow as pa, cnengine.log
        log = cnengine.log.open(sys.argv[1])
        log.create_topic("t")
        log.produce("t", pa.table({"value": ["a"]}))
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        tmp_path,
    )
    assert child.returncode == -9
    with cnlog.open(tmp_path) as log:
        assert values(log) == ["a"]


def test_a_reader_follows_a_writer(tmp_path):
    with (
        cnlog.open(tmp_path, fsync="none") as writer,
        cnlog.open(tmp_path, read_only=True) as reader,
    ):
        assert reader.topics() == []
        writer.create_topic("t", segment_bytes=1024)
        assert reader.topics() == ["t"]
        assert reader.end_offset("t") == 0
        want = []
        for i in range(30):
            new = [f"{i}-{j}" * 30 for j in range(3)]
            produce(writer, *new)
            want += new
            assert reader.end_offset("t") == len(want)
            assert values(reader) == want
        assert reader.recovery == []
        with pytest.raises(errors.ArgumentError, match="out of range, expected 0 to 90"):
            reader.read("t", offset=91)


def test_a_reader_writes_nothing(tmp_path):
    with cnlog.open(tmp_path) as log:
        log.create_topic("t")
        produce(log, "a")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with cnlog.open(tmp_path, read_only=True) as log:
        with pytest.raises(errors.StateError, match="open for reading only"):
            produce(log, "b")
        with pytest.raises(errors.StateError, match="open for reading only"):
            log.create_topic("u")
        assert log.enforce_retention() == 0
        assert values(log) == ["a"]
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_a_reader_does_not_show_half_a_batch(tmp_path):
    with cnlog.open(tmp_path) as log:
        log.create_topic("t")
        produce(log, "a" * 100)
        produce(log, "b" * 100)
    file = next(tmp_path.rglob("*.log"))
    for index in tmp_path.rglob("*index"):
        index.unlink()  # there is none before the writer has synced
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with cnlog.open(tmp_path, read_only=True) as log:
        assert values(log) == ["a" * 100]
        file.write_bytes(whole)  # the writer goes on
        assert values(log) == ["a" * 100, "b" * 100]
    assert file.read_bytes() == whole


def test_a_reader_follows_retention(tmp_path):
    clock = native.testing.ManualClock(0)
    with cnlog.open(tmp_path, clock=clock, fsync="none") as writer:
        writer.create_topic("t", segment_bytes=1024, retention_ms=100)
        produce(writer, "old" * 300)
        with cnlog.open(tmp_path, read_only=True) as reader:
            assert reader.start_offset("t") == 0
            clock.set_ms(1000)
            produce(writer, "new" * 300)
            writer.enforce_retention()
            assert reader.start_offset("t") == 1
            assert values(reader) == ["new" * 300]


@pytest.mark.parametrize("fsync", ["interval", "none"])
def test_a_forked_child_has_no_part_in_the_log(tmp_path, fsync):
    """It ends by itself, changes no file and leaves the parent's lock alone."""
    child = python(
        """
        import os, sys, pyarrow as pa, cnengine.log, cnengine.errors
        log = cnengine.log.open(sys.argv[1], fsync=sys.argv[2], fsync_interval_ms=1)
        log.create_topic("t")
        log.produce("t", pa.table({"value": ["a"]}))
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            said = []
            for call in (
                lambda: log.produce("t", pa.table({"value": ["child"]})),
                lambda: log.read("t"),
                log.flush,
                log.topics,
            ):
                try:
                    call()
                except cnengine.errors.StateError as error:
                    said.append("before a fork; open it again" in str(error))
            log.close()
            try:
                cnengine.log.open(sys.argv[1])
            except cnengine.errors.LockedError:
                said.append(True)
            os.write(writer, repr(said).encode())
            sys.exit(0)
        os.close(writer)
        assert os.read(reader, 99) == b"[True, True, True, True, True]"
        assert os.waitpid(pid, 0)[1] == 0
        try:
            cnengine.log.open(sys.argv[1])
            raise SystemExit("the lock is gone")
        except cnengine.errors.LockedError:
            pass
        log.produce("t", pa.table({"value": ["b"]}))
        assert log.read("t").num_rows == 2
        # A child that lives on does not keep the log locked.
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(writer)
            os.read(reader, 1)
            os._exit(0)
        os.close(reader)
        log.close()
        cnengine.log.open(sys.argv[1]).close()
        os.close(writer)
        assert os.waitpid(pid, 0)[1] == 0
        """,
        tmp_path,
        fsync,
    )
    assert (child.returncode, child.stderr) == (0, "")
    with cnlog.open(tmp_path) as log:
        assert values(log) == ["a", "b"]
