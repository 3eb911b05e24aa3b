"""The broker hurt in every way while clients write, read and copy; then its log is judged."""

import os
import random
from collections import Counter

import pytest

pytest.importorskip("confluent_kafka")
pytest.importorskip("kafka")
pytest.importorskip("aiokafka")

from broker_process import Brokers
from checker.nemesis import Nemesis
from checker.run import PARTITIONS, run

SECONDS = float(os.environ.get("CHECKER_SECONDS", 3600))
SEED = int(os.environ.get("CHECKER_SEED", 0))


@pytest.fixture(scope="module")
def brokers():
    with Brokers() as brokers:
        yield brokers


def judge(path, brokers, seed, seconds, fsync):
    history, _final, found = run(path / "log", brokers, seed=seed, seconds=seconds, fsync=fsync)
    history.save(path / "history.jsonl")
    counts = history.counts()
    faults = Counter(fault.kind for fault in history.faults)
    print(f"seed {seed} fsync={fsync}: {counts} {dict(faults)}")
    assert found == [], f"seed {seed}, {path}: {len(found)} findings: " + "\n".join(
        [str(one)[:1000] for one in found[:20]]
    )
    assert counts["Write ok"] > 100
    assert counts["Transaction ok"] > 5
    assert counts["records read"] > 100
    return history


@pytest.mark.parametrize("fsync", ["none", "always"])
def test_a_short_run(tmp_path, brokers, fsync):
    judge(tmp_path, brokers, SEED or 1, 5, fsync)


class Thief(Nemesis):
    """Its disk has forgotten the end of what was written when the broker starts the third time."""

    starts = 0

    def start(self):
        self.starts += 1
        if self.starts == 3:
            for partition in range(PARTITIONS):
                last = max(self.path.glob(f"topics/source/{partition}/*.log"))
                os.truncate(last, last.stat().st_size - 1)
        super().start()


def test_a_loss_is_found(tmp_path, brokers):
    _, _, found = run(tmp_path / "log", brokers, seed=1, seconds=1, fsync="none", kinds=["cut"],
                      nemesis=Thief)  # fmt: skip
    assert {text.split(":")[0] for text in found} == {"lost_writes", "stable_offsets"}


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_long_runs(tmp_path, brokers):
    """CHECKER_SECONDS of runs of a minute (an hour), with seeds from CHECKER_SEED (at random)."""
    seed, spent = SEED or random.SystemRandom().randrange(1, 10**9), 0
    while spent < SECONDS:
        path = tmp_path / str(seed)
        path.mkdir()
        length = min(60, SECONDS - spent)
        judge(path, brokers, seed, length, ["none", "always"][seed % 2])
        seed, spent = seed + 1, spent + length
