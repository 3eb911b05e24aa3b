"""kill -9 at any moment of ingest or streaming, then a second run: the same final features."""

import os
import pickle
import signal
import subprocess
import sys

import pytest
from cnengine import feature
from cnengine import log as logs
from cnengine.demo.data import load
from cnengine.demo.events import all_events
from cnengine.demo.features import refs
from cnengine.demo.ingest import ingest
from cnengine.demo.main import end_of, stream_history
from cnengine.demo.pipeline import history_matrix
from cnengine.demo.replay import different
from cnengine.demo.requests import request_table

# What the first run does; it prints how many changes of files it made.
WORKER = """
import pickle, sys
from pathlib import Path
from cnengine import _core, feature
from cnengine import log as logs
from cnengine.demo.ingest import ingest
from cnengine.demo.main import stream_history

folder = Path(sys.argv[1])
events, bounds = pickle.loads(Path(sys.argv[2]).read_bytes())
with logs.open(folder / "log", fsync="none") as log:
    ingest(log, events)
    print(_core.log.testing.fault_operations())
    with feature.open(folder / "features", fsync="none") as store:
        stream_history(log, store, folder / "checkpoint", bounds, checkpoint_days=1)
print(_core.log.testing.fault_operations())
"""
POINTS = 22


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Events, requests, bounds, and the file from which the first run reads them."""
    data = load(days=3)
    events, requests = all_events(data), request_table(data)
    bounds = end_of(events, requests)
    path = tmp_path_factory.mktemp("sample") / "events.pickle"
    path.write_bytes(pickle.dumps((events, bounds)))
    return events, requests, bounds, path


def first_run(folder, path, fault=None):
    environment = dict(os.environ)
    environment.pop("CNENGINE_FAULT", None)
    if fault:
        environment["CNENGINE_FAULT"] = fault
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", WORKER, str(folder), str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def second_run(folder, sample):
    """Go on from what is there; history and online features, and the numbers of the job."""
    events, requests, bounds, _ = sample
    with logs.open(folder / "log", fsync="none") as log:
        ingest(log, events)
        with feature.open(folder / "features", fsync="none") as store:
            metrics = stream_history(log, store, folder / "checkpoint", bounds)
            history = history_matrix(store, requests, events["weather"])
            entities = {n: requests[n].to_pylist() for n in ("carrier", "origin", "tailnum")}
            online = store.lookup_matrix(refs(), entities, at=bounds[1])
    return history, online, {name: metrics[name] for name in ("records", "late", "dropped")}


@pytest.fixture(scope="module")
def undisturbed(sample, tmp_path_factory):
    """The result without a kill, and the changes of files of ingest and of all."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = first_run(folder, sample[3])
    assert done.returncode == 0, done.stderr
    after_ingest, after_all = map(int, done.stdout.split())
    return second_run(folder, sample), after_ingest, after_all


@pytest.mark.parametrize("point", range(POINTS))
@pytest.mark.parametrize("action", ["kill", "killtear"])
def test_a_killed_run_ends_like_an_undisturbed_one(point, action, sample, undisturbed, tmp_path):
    want, after_ingest, after_all = undisturbed
    half = POINTS // 2  # half of the points in the ingest, half in the streaming
    if point < half:
        at = 1 + after_ingest * point // half
    else:
        at = after_ingest + 1 + (after_all - after_ingest) * (point - half) // (POINTS - half)
    at += action == "killtear"
    done = first_run(tmp_path, sample[3], f"{action}:{at}")
    assert done.returncode == -signal.SIGKILL, (at, after_all, done.stderr)
    got = second_run(tmp_path, sample)
    assert not different(got[0], want[0]).any()
    assert not different(got[1], want[1]).any()
    assert got[2] == want[2]


def test_killed_again_and_again(sample, undisturbed, tmp_path):
    """Each run is killed a little later than the one before it, until one comes to its end."""
    want, _, after_all = undisturbed
    kills = 0
    for at in range(after_all // 7, 20 * after_all, after_all // 7 + 3):
        done = first_run(tmp_path, sample[3], f"kill:{at}")
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        kills += 1
    assert kills >= 3
    got = second_run(tmp_path, sample)
    assert not different(got[0], want[0]).any()
    assert not different(got[1], want[1]).any()
    assert got[2] == want[2]
