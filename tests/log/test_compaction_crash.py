"""Compaction that fails or is killed at any operation loses nothing, and brings nothing back."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap

import cnengine.errors as errors
import cnengine.log as cnlog
import pytest
from cnengine._core import log as native
from log_keys import COMPACT, HOUR, Model, compact

testing = native.testing


@pytest.fixture(autouse=True)
def no_faults():
    yield
    testing.set_fault_plan(None)


@pytest.fixture
def clock():
    return testing.ManualClock(HOUR)


@pytest.mark.parametrize("seed", range(3))
def test_any_history_against_a_model(tmp_path, clock, seed):
    model = Model(seed)
    for _ in range(8):
        with cnlog.open(tmp_path / "log", fsync="none", clock=clock) as log:
            log.create_topic("t", segment_bytes=1200, config=COMPACT, exist_ok=True)
            model.write(log, model.numbers.randrange(40))
            model.check(log)
            compact(log)
            model.check(log)
        if model.numbers.random() < 0.5:
            for index in (tmp_path / "log").rglob("*.index"):
                if model.numbers.random() < 0.5:
                    index.unlink()


def fill(path, clock) -> Model:
    model = Model(1)
    with cnlog.open(path, fsync="none", clock=clock) as log:
        log.create_topic("t", segment_bytes=1200, config=COMPACT)
        model.write(log, 20)
        log.alter_topic("t", {"segment.bytes": 2400})
        compact(log)
        model.write(log, 20)
    return model


@pytest.mark.parametrize("action", ["fail", "tear"])
def test_a_failure_at_every_operation(tmp_path, clock, action):
    at, failed = 0, True
    while failed:
        at += 1
        path = tmp_path / f"{at}"
        model = fill(path, clock)
        failed = False
        with cnlog.open(path, fsync="none", clock=clock) as log:
            testing.set_fault_plan(action, at)
            try:
                compact(log)
            except errors.IoError:
                failed = True
            testing.set_fault_plan(None)
            model.check(log)
            with cnlog.open(path, read_only=True) as reader:
                model.check(reader)
        with cnlog.open(path, read_only=True) as reader:
            model.check(reader)
        with cnlog.open(path, clock=clock) as log:
            model.check(log)
            model.write(log, 5)
            compact(log)
            model.check(log)
            assert not list(path.rglob("*.cleaned*")) + list(path.rglob("*.tmp"))
    assert at > 15


@pytest.mark.parametrize("action", ["kill", "killtear"])
def test_kill_at_every_operation(tmp_path, clock, action):
    """A child compacts and is killed at the n-th operation; then another opens it and is killed."""
    script = textwrap.dedent("""
        import sys
        import cnengine.log as cnlog
        from cnengine._core import log as native
        clock = native.testing.ManualClock(3_600_000)
        log = cnlog.open(sys.argv[1], fsync="none", clock=clock)
        native.testing.compact(log._store, "t", 0, True)
        log.close()
    """)
    for at in range(1, 40, 2):
        path = tmp_path / f"{at}"
        model = fill(path, clock)
        for again in (at, 1 + at % 5, 1 + at % 3):
            env = dict(os.environ, CNENGINE_FAULT=f"{action}:{again}")
            child = subprocess.run([sys.executable, "-c", script, str(path)], env=env,
                                   capture_output=True)  # fmt: skip
            assert child.returncode in (0, -signal.SIGKILL), child.stderr.decode()
            with cnlog.open(path, read_only=True) as reader:
                model.check(reader)
        with cnlog.open(path, clock=clock) as log:
            model.check(log)
            model.write(log, 5)
            compact(log)
            model.check(log)


def test_a_swap_whose_file_is_missing_is_damage(tmp_path, clock):
    """It is never taken for one that was done."""
    path = tmp_path / "log"
    model = fill(path, clock)
    for at in range(1, 60):
        testing.set_fault_plan("fail", at)
        log = cnlog.open(path, fsync="none", clock=clock)
        with contextlib.suppress(errors.IoError):
            compact(log)
        log.close()
        testing.set_fault_plan(None)
        if b"swap=" in next(path.rglob("partition.state")).read_bytes():
            break
        with cnlog.open(path, fsync="none", clock=clock) as log:
            model.write(log, 8)
    (cleaned,) = path.rglob("*.cleaned.log")
    data = cleaned.read_bytes()
    cleaned.unlink()
    with pytest.raises(errors.CorruptionError, match=r"cleaned\.log\" is missing"):
        cnlog.open(path)
    cleaned.write_bytes(data)
    with cnlog.open(path, clock=clock) as log:
        model.check(log)
