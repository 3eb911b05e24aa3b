"""The log's tests sync thousands of times: in memory where the system has such a directory."""

import os
import sys
import tempfile
from pathlib import Path

import cnengine.kafka
import cnengine.log
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for log_batches.py


@pytest.fixture(scope="session")
def memory(tmp_path_factory):
    """A directory for temporary ones; also for property tests, which want no fixture per test."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path_factory.mktemp("log")
    with tempfile.TemporaryDirectory(dir=parent) as path:
        yield Path(path)


@pytest.fixture
def tmp_path(memory):
    with tempfile.TemporaryDirectory(dir=memory) as path:
        yield Path(path)


@pytest.fixture
def served(tmp_path):
    """A log that a broker of this process serves."""
    config = {"group.initial.rebalance.delay.ms": 0, "auto.create.topics.enable": False,
              "group.consumer.heartbeat.interval.ms": 200}  # fmt: skip
    with (
        cnengine.log.open(tmp_path / "log", fsync="none") as log,
        cnengine.kafka.Broker(log, listen="127.0.0.1:0", config=config) as broker,
    ):
        yield log, broker


@pytest.fixture(params=["embedded", "remote"])
def either(request, served):
    """The same log, in this process or through the socket: clients behave alike."""
    log, broker = served
    if request.param == "embedded":
        yield log
        return
    pytest.importorskip("confluent_kafka")
    with cnengine.log.connect(
        f"kafka://{broker.bootstrap}?topic.metadata.propagation.max.ms=500"
    ) as remote:
        yield remote
