import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cnengine.kafka
import cnengine.log
from wire_client import Client


@pytest.fixture
def store(tmp_path):
    with cnengine.log.open(tmp_path / "log", fsync="none") as log:
        yield log


@pytest.fixture
def broker(store):
    """A broker with settings that make tests quick; four partitions a topic."""
    config = {"num.partitions": 4, "group.initial.rebalance.delay.ms": 0}
    with cnengine.kafka.Broker(store, listen="127.0.0.1:0", config=config) as broker:
        yield broker


@pytest.fixture
def client(broker):
    with Client(broker.address) as client:
        yield client
